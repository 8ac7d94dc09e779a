//! Numbers of a clip that may change while it plays: a row for each, with a diamond that puts or takes a key at the playhead.
//!
//! Where a curve moves the number, the row shows its value under the playhead, and changing it puts a key there; where none does, it is
//! one value for the whole clip. A key is never put outside its clip.

use super::clip_inspector::{Chosen, Name};
use crate::actions::Action;
use crate::lang::{t, tf, tn};
use crate::widgets::{ActionButton, Field, Icon, IconButton, Number, Scale};
use kinora_document::{Clip, Ease, Knob, Ticks};
use leptos::prelude::*;

/// What a row moves: the knob, how many of its units one shown unit is, and what it is where nobody set it.
#[derive(Clone, Debug, PartialEq)]
pub struct Moving {
    pub knob: Knob,
    pub per: f64,
    pub usual: f64,
}

/// The playhead, inside the clip.
fn within(clip: &Clip, at: Ticks, frame: Ticks) -> Ticks {
    clip.time_in_source(at.max(clip.start).min(clip.start + clip.length - frame))
}

fn value_at(clip: &Clip, moving: &Moving, at: impl FnOnce() -> Ticks, frame: Ticks) -> f64 {
    let raw = match clip.curve(&moving.knob) {
        Some(curve) => f64::from(curve.at(within(clip, at(), frame))),
        None => clip.still(&moving.knob).map_or(moving.usual * moving.per, f64::from),
    };
    raw / moving.per
}

fn write(clip: &mut Clip, moving: &Moving, value: f64, at: Ticks, frame: Ticks) {
    let raw = (value * moving.per) as f32;
    if clip.curve(&moving.knob).is_some() {
        clip.put_key(&moving.knob, within(clip, at, frame), raw, frame);
    } else {
        clip.set_still(&moving.knob, raw);
    }
}

/// Puts a key at the playhead, or takes the one that is there away.
fn toggle(clip: &mut Clip, moving: &Moving, at: Ticks, frame: Ticks) {
    let time = within(clip, at, frame);
    if clip.curve(&moving.knob).is_some_and(|curve| curve.key_near(time, frame).is_some()) {
        clip.remove_key(&moving.knob, time, frame);
    } else {
        let value = value_at(clip, moving, || at, frame) * moving.per;
        clip.put_key(&moving.knob, time, value as f32, frame);
    }
}

#[component]
pub fn KeyedNumber(
    chosen: Chosen,
    #[prop(into)] label: String,
    #[prop(into)] testid: String,
    scale: Scale,
    moving: Moving,
) -> impl IntoView {
    let studio = chosen.studio;
    let held = StoredValue::new(moving);
    let frame = move || studio.rate_untracked().frame_length();
    let curved = Memo::new(move |_| held.with_value(|moving| chosen.read(|clip| clip.curve(&moving.knob).is_some())));
    let value = Signal::derive(move || {
        held.with_value(|moving| {
            chosen.clip.with(|clip| {
                let clip = clip.as_ref();
                clip.map_or(moving.usual, |clip| value_at(clip, moving, || studio.playhead.get(), frame()))
            })
        })
    });
    let on_key = Memo::new(move |_| {
        curved.get()
            && held.with_value(|moving| {
                let at = studio.playhead.get();
                chosen.read(|clip| {
                    let time = within(clip, at, frame());
                    clip.curve(&moving.knob).is_some_and(|curve| curve.key_near(time, frame()).is_some())
                })
            })
    });
    let written = move |value: f64| {
        let (at, frame) = (studio.playhead.get_untracked(), frame());
        move |clip: &mut Clip| held.with_value(|moving| write(clip, moving, value, at, frame))
    };
    let press = move || {
        let (at, frame) = (studio.playhead.get_untracked(), frame());
        chosen.change(|clip| held.with_value(|moving| toggle(clip, moving, at, frame)));
    };
    let (name, id) = (label.clone(), format!("{testid}-key"));
    let tip = move || tf(if on_key.get() { "key-remove" } else { "key-put" }, &[("what", &name)]);
    let tip = StoredValue::new(tip);
    view! {
        <Field label=label.clone()>
            <Number label=label testid=testid scale value
                on_drag=move |value| chosen.drag(written(value)) on_change=move |value| chosen.change(written(value))
                on_cancel=move || chosen.cancel()/>
            <button type="button" class="key-button" class:curved=curved data-testid=id aria-pressed=move || on_key.get().to_string()
                title=move || tip.with_value(|tip| tip()) aria-label=move || tip.with_value(|tip| tip())
                on:click=move |_| press()><Icon name="diamond"/></button>
        </Field>
    }
}

/// How many keys the clip has, the way from one to the next, and how values go on from the keys at the playhead.
#[component]
pub fn KeysPart(chosen: Chosen) -> impl IntoView {
    let studio = chosen.studio;
    let count = Memo::new(move |_| chosen.read(|clip| clip.key_times().len()));
    let frame = move || studio.rate_untracked().frame_length();
    let here = Memo::new(move |_| {
        let at = studio.playhead.get();
        chosen.read(|clip| {
            let time = within(clip, at, frame());
            clip.curves.iter().find_map(|curve| curve.key_near(time, frame()).map(|key| key.ease))
        })
    });
    let ease = move |event: web_sys::Event| {
        let number = event_target_value(&event).parse::<usize>().unwrap_or(0);
        let wanted = EASES.get(number).map_or(Ease::Linear, |ease| ease.0);
        let (at, frame) = (studio.playhead.get_untracked(), frame());
        chosen.change(|clip| {
            let time = within(clip, at, frame);
            for curve in &mut clip.curves {
                let there = curve.key_near(time, frame).map(|key| key.at);
                curve.keys.iter_mut().filter(|key| Some(key.at) == there).for_each(|key| key.ease = wanted);
            }
        });
    };
    let clear = move || {
        let (at, frame) = (studio.playhead.get_untracked(), frame());
        chosen.change(|clip| {
            // What is seen now stays.
            let time = within(clip, at, frame);
            for curve in std::mem::take(&mut clip.curves) {
                clip.set_still(&curve.knob, curve.at(time));
            }
        });
    };
    view! {
        <Show when=move || { count.get() > 0 }>
            <div class="part-head" data-testid="key-frames"><h3>{move || tn("keys-one", "keys-many", count.get())}</h3>
                <ActionButton action=Action::PreviousKey icon="step-back"/>
                <ActionButton action=Action::NextKey icon="step-forward"/>
                <IconButton label=t("keys-clear") icon="trash-2" testid="keys-clear" on_press=clear/></div>
            <Field label=t("key-goes-on")>
                <select class="input" data-testid="key-ease" aria-label=t("key-goes-on") disabled=move || here.get().is_none() on:change=ease>
                    {EASES.iter().enumerate().map(|(at, (ease, name))| view! {
                        <option value=at.to_string() selected=move || here.get() == Some(*ease)>{name()}</option>
                    }).collect_view()}
                </select>
            </Field>
        </Show>
    }
}

const EASES: [(Ease, Name); 3] =
    [(Ease::Linear, || t("ease-linear")), (Ease::Smooth, || t("ease-smooth")), (Ease::Hold, || t("ease-hold"))];
