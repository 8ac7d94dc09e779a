//! Effects and the transition of the selected clip, with a knob for each parameter they declare.

use super::clip_inspector::Chosen;
use super::key_frames::{KeyedNumber, Moving};
use crate::lang::{t, tf};
use crate::timeline::hands::usual_transition;
use crate::widgets::{Field, IconButton, Number, Scale};
use kinora_api::{Declared, DeclaredParameter};
use kinora_document::{Clip, Effect, MediaKind, Ticks};
use leptos::prelude::*;
use std::collections::BTreeMap;

type Parameters = BTreeMap<String, f32>;
/// Where in a clip the parameters lie; None when what had them is gone.
type Find = fn(&mut Clip, usize) -> Option<&mut Parameters>;

/// Digits and steps for a parameter's range, so that a drag across the pane goes through most of it.
fn scale_of(parameter: &DeclaredParameter) -> Scale {
    let (min, max) = (f64::from(parameter.min), f64::from(parameter.max));
    let wide = (max - min).abs();
    let (step, digits) = match wide {
        wide if wide <= 4.0 => (0.01, 2),
        wide if wide <= 40.0 => (0.1, 1),
        _ => (1.0, 0),
    };
    let unit = match parameter.unit.as_str() {
        "°" => "°",
        "%" => "%",
        "px" => "px",
        "K" => "K",
        _ => "",
    };
    Scale::new(min, max, step, f64::from(parameter.default)).digits(digits).unit(unit)
}

fn set(find: Find, at: usize, name: &str, value: f64) -> impl Fn(&mut Clip) + use<'_> {
    move |clip| {
        if let Some(parameters) = find(clip, at) {
            parameters.insert(name.to_owned(), value as f32);
        }
    }
}

#[component]
fn Knob(
    chosen: Chosen,
    find: Find,
    at: usize,
    parameter: DeclaredParameter,
    testid: String,
    /// The place of the effect whose knob it is, for its key frames; a transition has none.
    #[prop(optional_no_strip)]
    of_effect: Option<u32>,
) -> impl IntoView {
    let DeclaredParameter { name, label, default, choices, .. } = parameter.clone();
    let name = StoredValue::new(name);
    let value = Signal::derive(move || {
        let own = chosen.clip.with(|clip| {
            let mut clip = clip.clone()?;
            name.with_value(|name| find(&mut clip, at)?.get(name).copied())
        });
        f64::from(own.unwrap_or(default))
    });
    let change = move |to: f64| name.with_value(|name| chosen.change(set(find, at, name, to)));
    let drag = move |to: f64| name.with_value(|name| chosen.drag(set(find, at, name, to)));
    if let (true, Some(effect)) = (choices.is_empty(), of_effect) {
        let knob = kinora_document::Knob::Effect { at: effect, name: parameter.name.clone() };
        let moving = Moving { knob, per: 1.0, usual: f64::from(default) };
        return view! { <KeyedNumber chosen label testid scale=scale_of(&parameter) moving/> }.into_any();
    }
    if choices.is_empty() {
        let scale = scale_of(&parameter);
        return view! {
            <Field label=label.clone()><Number label=label testid=testid scale value on_drag=drag on_change=change on_cancel=move || chosen.cancel()/></Field>
        }
        .into_any();
    }
    view! {
        <Field label=label.clone()>
            <select class="input" data-testid=testid aria-label=label
                on:change=move |event| change(event_target_value(&event).parse().unwrap_or(f64::from(default)))>
                {choices.into_iter().map(|(choice, name)| view! {
                    <option value=choice.to_string() selected=move || (value.get() - f64::from(choice)).abs() < 0.5>{name}</option>
                }).collect_view()}
            </select>
        </Field>
    }
    .into_any()
}

/// The picture that an effect compares with, of those that are in the film.
#[component]
fn Plate(chosen: Chosen, at: usize) -> impl IntoView {
    let now = Memo::new(move |_| chosen.read(|clip| clip.effects.get(at).and_then(|effect| effect.plate)));
    let pictures = Memo::new(move |_| {
        chosen.studio.film(|film| {
            let seen = film.media.iter().filter(|media| media.kind != MediaKind::Sound && media.speech.is_none());
            seen.map(|media| (media.blob, media.name.clone())).collect::<Vec<_>>()
        })
    });
    let choose = move |event: web_sys::Event| {
        let wanted = event_target_value(&event);
        let plate = pictures
            .with_untracked(|pictures| pictures.iter().map(|(blob, _)| *blob).find(|blob| blob.to_string() == wanted));
        chosen.change(|clip| {
            if let Some(effect) = clip.effects.get_mut(at) {
                effect.plate = plate;
            }
        });
    };
    view! {
        <Field label=t("plate")>
            <select class="input" data-testid=format!("effect-{at}-plate") aria-label=t("plate") on:change=choose>
                <option value="" selected=move || now.get().is_none()>{t("plate-none")}</option>
                {move || pictures.get().into_iter().map(|(blob, name)| view! {
                    <option value=blob.to_string() selected=move || now.get() == Some(blob)>{name}</option>
                }).collect_view()}
            </select>
        </Field>
    }
}

fn declared(list: &[Declared], kind: &str) -> Option<Declared> {
    list.iter().find(|declared| declared.kind == kind).cloned()
}

#[component]
pub fn Effects(chosen: Chosen) -> impl IntoView {
    let known = chosen.studio.cutting.effects;
    // Kinds in order: the knobs are made anew only when these change.
    let kinds = Memo::new(move |_| {
        chosen.read(|clip| clip.effects.iter().map(|effect| effect.kind.clone()).collect::<Vec<_>>())
    });
    let add = move |event: web_sys::Event| {
        let kind = event_target_value(&event);
        if !kind.is_empty() {
            chosen.change(|clip| {
                clip.effects.push(Effect { kind: kind.clone(), parameters: Parameters::new(), plate: None });
            });
        }
    };
    view! {
        <h3>{t("effects")}</h3>
        {move || kinds.get().into_iter().enumerate().map(|(at, kind)| {
            let declared = known.with(|known| declared(&known.effects, &kind));
            let label = declared.as_ref().map_or_else(|| kind.clone(), |declared| declared.label.clone());
            let help = declared.as_ref().map(|declared| declared.help.clone());
            let plate = declared.as_ref().is_some_and(|declared| declared.plate);
            let parameters = declared.map(|declared| declared.parameters).unwrap_or_default();
            let remove = move || chosen.change(|clip| clip.remove_effect(at));
            let earlier = move || chosen.change(|clip| if at > 0 { clip.swap_effects(at - 1, at) });
            view! {
                <div class="effect" data-testid=format!("effect-{kind}")>
                    <div class="part-head" title=help><h4>{label.clone()}</h4>
                        <Show when=move || { at > 0 }><IconButton label=t("earlier") icon="arrow-up" testid=format!("effect-{at}-up") on_press=earlier/></Show>
                        <IconButton label=tf("remove-what", &[("what", &label)]) icon="x" testid=format!("effect-{at}-remove") on_press=remove/></div>
                    {plate.then(|| view! { <Plate chosen at/> })}
                    {parameters.into_iter().map(|parameter| {
                        let testid = format!("effect-{at}-{}", parameter.name);
                        view! { <Knob chosen find=|clip, at| clip.effects.get_mut(at).map(|effect| &mut effect.parameters) at parameter testid of_effect=u32::try_from(at).ok()/> }
                    }).collect_view()}
                </div>
            }
        }).collect_view()}
        <select class="input" data-testid="add-effect" aria-label=t("add-effect") prop:value="" on:change=add>
            <option value="">{t("add-effect")}</option>
            {move || known.get().effects.into_iter().map(|effect| view! { <option value=effect.kind title=effect.help>{effect.label}</option> }).collect_view()}
        </select>
    }
}

/// How the clip comes in over the one before it.
#[component]
pub fn TransitionPart(chosen: Chosen) -> impl IntoView {
    let studio = chosen.studio;
    let known = studio.cutting.effects;
    let kind = Memo::new(move |_| {
        chosen.read(|clip| clip.transition.as_ref().map(|transition| transition.kind.clone()).unwrap_or_default())
    });
    let choose = move |event: web_sys::Event| {
        let kind = event_target_value(&event);
        chosen.change(|clip| {
            let usual = usual_transition(clip, &kind);
            clip.transition = match &clip.transition {
                _ if kind.is_empty() => None,
                Some(there) => Some(kinora_document::Transition { length: there.length, ..usual }),
                None => Some(usual),
            };
        });
    };
    let frames = Signal::derive(move || {
        let rate = studio.rate();
        chosen.read(|clip| clip.transition.as_ref().map_or(0, |t| rate.nearest_frame(t.length))) as f64
    });
    let length = move |to: f64| {
        let rate = studio.rate_untracked();
        move |clip: &mut Clip| {
            let most = clip.length;
            if let Some(transition) = &mut clip.transition {
                transition.length = rate.frame_start(to as i64).min(most).max(rate.frame_length().max(Ticks(1)));
            }
        }
    };
    let most = move || {
        let rate = studio.rate();
        chosen.clip.with(|clip| clip.as_ref().map_or(1.0, |clip| rate.nearest_frame(clip.length) as f64)).max(1.0)
    };
    view! {
        <h3>{t("transition")}</h3>
        <Field label=t("transition-kind")>
            <select class="input" data-testid="clip-transition" aria-label=t("transition-kind") on:change=choose>
                <option value="" selected=move || kind.get().is_empty()>{t("no-transition")}</option>
                {move || known.get().transitions.into_iter().filter(|declared| declared.kind != "cut").map(|declared| {
                    let own = declared.kind.clone();
                    view! { <option value=declared.kind title=declared.help selected=move || kind.get() == own>{declared.label}</option> }
                }).collect_view()}
            </select>
        </Field>
        {move || (!kind.get().is_empty()).then(|| {
            let scale = Scale::new(1.0, most(), 0.25, 12.0);
            let parameters = known.with(|known| declared(&known.transitions, &kind.get())).map(|d| d.parameters).unwrap_or_default();
            view! {
                <Field label=t("transition-frames")>
                    <Number label=t("transition-frames") testid="clip-transition-frames" scale value=frames
                        on_drag=move |to| chosen.drag(length(to)) on_change=move |to| chosen.change(length(to)) on_cancel=move || chosen.cancel()/>
                </Field>
                {parameters.into_iter().map(|parameter| {
                    let testid = format!("transition-{}", parameter.name);
                    view! { <Knob chosen find=|clip, _| clip.transition.as_mut().map(|transition| &mut transition.parameters) at=0 parameter testid/> }
                }).collect_view()}
            }
        })}
    }
}
