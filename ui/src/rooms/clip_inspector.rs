//! Everything about the selected clip that a person may set: its place on the frame, its sound, its speed, its words.
//!
//! Numbers are dragged or typed; while one is dragged the monitor follows, and the whole drag is one step to undo. What is changed here is
//! changed on every selected clip of the same kind of track.

use super::clip_effects::{Effects, TransitionPart};
use super::clip_sound::{AmbiencePart, SoundPart};
use super::dub_parts::DubPart;
use super::key_frames::{KeyedNumber, KeysPart, Moving};
use crate::lang::{t, tf};
use crate::state::{Studio, studio};
use crate::timeline::clip_paint::clip_name;
use crate::timeline::hands::source_length;
use crate::timeline::settings::{Live, commands_between};
use crate::timeline::tiles::sound_of;
use crate::transport::timecode;
use crate::widgets::{Field, IconButton, Number, Scale};
use kinora_document::*;
use leptos::prelude::*;

const PERCENT: Scale = Scale::new(0.0, 100.0, 0.5, 0.0).unit("%").digits(1);

/// What the parts of the inspector work on.
#[derive(Clone, Copy)]
pub struct Chosen {
    pub studio: Studio,
    pub clip: Memo<Option<Clip>>,
    live: Live,
}

impl Chosen {
    /// The commands that change every selected clip on a track of the same kind.
    fn planned(self, change: impl Fn(&mut Clip)) -> Vec<Command> {
        let chosen = self.studio.clips.get_untracked();
        self.studio.film_untracked(|film| {
            let kind = |clip: &Clip| film.tracks.get(clip.track).map(|track| track.kind);
            let Some(first) = self.clip.get_untracked() else { return Vec::new() };
            let alike = chosen.iter().filter_map(|id| film.clips.get(*id)).filter(|clip| kind(clip) == kind(&first));
            alike
                .flat_map(|before| {
                    let mut after = before.clone();
                    change(&mut after);
                    commands_between(before, &after)
                })
                .collect()
        })
    }
    pub fn drag(self, change: impl Fn(&mut Clip)) {
        self.live.drag(self.planned(change));
    }
    pub fn change(self, change: impl Fn(&mut Clip)) {
        self.live.finish(self.planned(change));
    }
    pub fn cancel(self) {
        self.live.cancel();
    }
    pub fn read<T: Default>(self, read: impl FnOnce(&Clip) -> T) -> T {
        self.clip.with(|clip| clip.as_ref().map(read).unwrap_or_default())
    }
}

/// A row with one number of the clip.
pub fn number(
    chosen: Chosen,
    label: &'static str,
    testid: &'static str,
    scale: Scale,
    read: fn(&Clip) -> f64,
    write: fn(&mut Clip, f64),
) -> impl IntoView + use<> {
    view! {
        <Field label=label>
            <Number label=label testid=testid scale value=Signal::derive(move || chosen.read(read))
                on_drag=move |value| chosen.drag(|clip| write(clip, value))
                on_change=move |value| chosen.change(|clip| write(clip, value)) on_cancel=move || chosen.cancel()/>
        </Field>
    }
}

#[component]
pub fn ClipInspector() -> impl IntoView {
    let studio = studio();
    let clip = Memo::new(move |_| {
        let first = studio.clips.with(|clips| clips.first().copied())?;
        studio.film(|film| film.clips.get(first).cloned())
    });
    let chosen = Chosen { studio, clip, live: Live::new(studio) };
    let kind = Memo::new(move |_| {
        let track = clip.with(|clip| clip.as_ref().map(|clip| clip.track));
        studio.film(|film| film.tracks.get(track?).map(|track| track.kind))
    });
    let seen = Memo::new(move |_| matches!(kind.get(), Some(TrackKind::Video | TrackKind::Captions)));
    let is_title = Memo::new(move |_| chosen.read(|clip| matches!(clip.source, ClipSource::Title(_))));
    let has_time = Memo::new(move |_| {
        clip.with(|clip| {
            studio.film(|film| clip.as_ref().is_some_and(|clip| source_length(film, &clip.source).is_some()))
        })
    });
    let heard = Memo::new(move |_| {
        clip.with(|clip| {
            studio.film(|film| {
                clip.as_ref().is_some_and(|clip| {
                    let spoken_or_played = matches!(clip.source, ClipSource::Line { .. } | ClipSource::Ambience(_));
                    spoken_or_played || sound_of(film, &clip.source).is_some()
                })
            })
        })
    });
    let numbers = Memo::new(move |_| studio.story(board::numbers));
    let name = Memo::new(move |_| {
        clip.with(|clip| {
            let clip = clip.as_ref()?;
            numbers.with(|numbers| studio.film(|film| Some(clip_name(film, &clip.source, numbers))))
        })
    });
    let more = Memo::new(move |_| studio.clips.with(|clips| clips.len().saturating_sub(1)));
    view! {
        <div class="pane-scroll" data-testid="clip-inspector">
            <p class="inspector-heading">{move || name.get()}</p>
            <p class="quiet figures field-note">{move || place_words(chosen)}</p>
            <Show when=move || { more.get() > 0 }><p class="quiet field-note">{move || crate::lang::tn("and-one-more", "and-more", more.get())}</p></Show>
            <DubPart chosen/>
            <Show when=move || is_title.get()><TitlePart chosen/></Show>
            <Show when=move || seen.get()><KeysPart chosen/><PlacementPart chosen/></Show>
            <Show when=move || chosen.read(|clip| matches!(clip.source, ClipSource::Ambience(_)))><AmbiencePart chosen/></Show>
            <Show when=move || has_time.get()>
                <h3>{t("speed")}</h3>
                <SpeedPart chosen/>
            </Show>
            <Show when=move || heard.get() || is_title.get()><SoundPart chosen heard/></Show>
            <Show when=move || seen.get()><TransitionPart chosen/><Effects chosen/></Show>
        </div>
    }
}

fn place_words(chosen: Chosen) -> String {
    let rate = chosen.studio.rate();
    chosen.read(|clip| {
        let end = clip.start + clip.length;
        let words = [timecode(clip.start, rate), timecode(end, rate), timecode(clip.length, rate)];
        tf("clip-place", &[("from", &words[0]), ("until", &words[1]), ("length", &words[2])])
    })
}

/// A heading with a button that brings the usual values back.
#[component]
pub fn Part(title: &'static str, testid: &'static str, on_reset: impl Fn() + Copy + 'static) -> impl IntoView {
    view! {
        <div class="part-head"><h3>{title}</h3>
            <IconButton label=tf("reset-what", &[("what", &title)]) icon="rotate-ccw" testid=testid on_press=on_reset/></div>
    }
}

/// A row with one number that may have keys.
fn moving(
    chosen: Chosen,
    label: &'static str,
    testid: &'static str,
    scale: Scale,
    knob: Knob,
    per: f64,
) -> impl IntoView {
    view! { <KeyedNumber chosen label testid scale moving=Moving { knob, per, usual: scale.usual }/> }
}

#[component]
fn PlacementPart(chosen: Chosen) -> impl IntoView {
    let shift = Scale::new(-1000.0, 1000.0, 0.2, 0.0).unit("%").digits(1);
    let scale = Scale::new(0.1, 2000.0, 0.5, 100.0).unit("%").digits(1);
    let turn = Scale::new(-3600.0, 3600.0, 0.5, 0.0).unit("°").digits(1);
    let reset = move || {
        chosen.change(|clip| {
            clip.placement = Placement::default();
            clip.curves.retain(|curve| matches!(curve.knob, Knob::Effect { .. }));
        });
    };
    view! {
        <Part title=t("transform") testid="reset-transform" on_reset=reset/>
        {moving(chosen, t("position-x"), "clip-x", shift, Knob::X, 10.0)}
        {moving(chosen, t("position-y"), "clip-y", shift, Knob::Y, 10.0)}
        {moving(chosen, t("scale"), "clip-scale", scale, Knob::Scale, 10.0)}
        {moving(chosen, t("rotation"), "clip-rotation", turn, Knob::Rotation, 1000.0)}
        {moving(chosen, t("opacity"), "clip-opacity", Scale { usual: 100.0, ..PERCENT }, Knob::Opacity, 10.0)}
        <Field label=t("fit")>
            <select class="input" data-testid="clip-fit" aria-label=t("fit")
                on:change=move |event| { let cover = event_target_value(&event) == "cover"; chosen.change(|c| c.placement.fit = if cover { Fit::Cover } else { Fit::Contain }); }>
                <option value="contain" selected=move || chosen.read(|c| c.placement.fit == Fit::Contain)>{t("fit-contain")}</option>
                <option value="cover" selected=move || chosen.read(|c| c.placement.fit == Fit::Cover)>{t("fit-cover")}</option>
            </select>
        </Field>
        <Field label=t("blend")>
            <select class="input" data-testid="clip-blend" aria-label=t("blend")
                on:change=move |event| { let at = event_target_value(&event).parse::<usize>().unwrap_or(0); chosen.change(|c| c.placement.blend = BLENDS.get(at).map_or(Blend::Normal, |blend| blend.0)); }>
                {BLENDS.iter().enumerate().map(|(at, (blend, name))| view! {
                    <option value=at.to_string() selected=move || chosen.read(|c| c.placement.blend == *blend)>{name()}</option>
                }).collect_view()}
            </select>
        </Field>
        <details class="fold">
            <summary>{t("crop")}</summary>
            {number(chosen, t("crop-left"), "clip-crop-left", PERCENT, |c| f64::from(c.placement.crop_permille[0]) / 10.0, |c, to| crop(c, 0, to))}
            {number(chosen, t("crop-top"), "clip-crop-top", PERCENT, |c| f64::from(c.placement.crop_permille[1]) / 10.0, |c, to| crop(c, 1, to))}
            {number(chosen, t("crop-right"), "clip-crop-right", PERCENT, |c| f64::from(c.placement.crop_permille[2]) / 10.0, |c, to| crop(c, 2, to))}
            {number(chosen, t("crop-bottom"), "clip-crop-bottom", PERCENT, |c| f64::from(c.placement.crop_permille[3]) / 10.0, |c, to| crop(c, 3, to))}
        </details>
    }
}

/// What the window calls something, in the language it speaks.
pub type Name = fn() -> &'static str;

const BLENDS: [(Blend, Name); 4] = [
    (Blend::Normal, || t("blend-normal")),
    (Blend::Multiply, || t("blend-multiply")),
    (Blend::Screen, || t("blend-screen")),
    (Blend::Add, || t("blend-add")),
];

/// Something of the picture is always left: the side opposite holds its own.
fn crop(clip: &mut Clip, side: usize, percent: f64) {
    let sides = &mut clip.placement.crop_permille;
    let opposite = sides.get((side + 2) % 4).copied().unwrap_or(0);
    if let Some(side) = sides.get_mut(side) {
        *side = ((percent * 10.0).round() as u32).min(999_u32.saturating_sub(opposite));
    }
}

/// Set once at the end of a drag: each change rounds the length to whole frames, and a hundred of them would add up.
#[component]
fn SpeedPart(chosen: Chosen) -> impl IntoView {
    let scale = Scale::new(10.0, 2000.0, 1.0, 100.0).unit("%").digits(1);
    let change = move |percent: f64| chosen.change(|clip| clip.speed_permille = (percent * 10.0).round() as u32);
    view! {
        <Field label=t("speed")>
            <Number label=t("speed") testid="clip-speed" scale on_drag=|_| () on_change=change on_cancel=|| ()
                value=Signal::derive(move || chosen.read(|clip| f64::from(clip.speed_permille) / 10.0))/>
        </Field>
    }
}

/// A fade as long as there is room for beside the other.
pub fn faded(clip: &Clip, seconds: f64, other: Ticks) -> Ticks {
    Ticks::from_millis((seconds * 1000.0).round() as i64).min(clip.length - other).max(Ticks::ZERO)
}

#[component]
fn TitlePart(chosen: Chosen) -> impl IntoView {
    let title = Memo::new(move |_| {
        chosen.clip.with(|clip| match clip.as_ref().map(|clip| &clip.source) {
            Some(ClipSource::Title(title)) => Some(title.clone()),
            _ => None,
        })
    });
    let text = move || title.get().map(|title| title.text).unwrap_or_default();
    let set = move |change: &dyn Fn(&mut Title)| {
        chosen.change(|clip| {
            if let ClipSource::Title(title) = &mut clip.source {
                change(title);
            }
        });
    };
    view! {
        <h3>{t("add-title")}</h3>
        <textarea class="input" rows="3" data-testid="clip-title" aria-label=t("title-words") prop:value=text
            on:change=move |event| { let typed = event_target_value(&event); set(&|title| title.text.clone_from(&typed)); }></textarea>
        <Field label=t("title-style")>
            <select class="input" data-testid="clip-title-style" aria-label=t("title-style")
                on:change=move |event| {
                    let at = event_target_value(&event).parse::<usize>().unwrap_or(0);
                    if let Some((style, _)) = STYLES.get(at) { set(&|title| title.style = *style); }
                }>
                {STYLES.iter().enumerate().map(|(at, (style, name))| view! {
                    <option value=at.to_string() selected=move || title.get().is_some_and(|title| title.style == *style)>{name()}</option>
                }).collect_view()}
            </select>
        </Field>
    }
}

const STYLES: [(TitleStyle, Name); 6] = [
    (TitleStyle::Card, || t("title-card")),
    (TitleStyle::Lower, || t("title-lower")),
    (TitleStyle::Caption, || t("title-caption")),
    (TitleStyle::Social, || t("title-social")),
    (TitleStyle::Karaoke, || t("title-karaoke")),
    (TitleStyle::Credits, || t("title-credits")),
];
