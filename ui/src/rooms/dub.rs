//! Dubbing a line: the film plays up to it, you speak, and one of your takes takes the line's place.
//!
//! Space and Enter press the one button that has the focus, start and stop; Escape calls a recording off, and closes what is at rest. The page
//! holds no sound: it asks how far it is and shows it. Closing lets go of the microphone.

use super::dub_parts::{Microphone, Takes, doing_words, level_percent};
use super::enrol_camera::hint_words;
use super::monitor::{draw, next_frame};
use super::watching::watch;
use crate::bridge::{Wanted, ask};
use crate::lang::{t, tf};
use crate::state::{Overlay, Studio, studio};
use crate::transport;
use crate::widgets::{Button, Dialog, Icon, Kind, ProblemNote};
use kinora_api::*;
use kinora_document::{Clip, ClipId, ClipSource, Film, Ticks, TrackKind};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use std::rc::Rc;

/// A spoken line, or a recording on the dialogue track.
pub fn can_be_dubbed(film: &Film, clip: &Clip) -> bool {
    let dialogue = film.tracks.get(clip.track).is_some_and(|track| track.kind == TrackKind::Dialogue);
    match clip.source {
        ClipSource::Line { .. } => true,
        ClipSource::Media(media) => dialogue || film.media.get(media).is_some_and(|media| media.dubs.is_some()),
        _ => false,
    }
}

/// The selected line, or what lies between in and out.
pub fn place_of(film: &Film, chosen: &[ClipId], range: Option<(Ticks, Ticks)>) -> Option<DubPlace> {
    let clip = chosen.iter().filter_map(|id| film.clips.get(*id)).find(|clip| can_be_dubbed(film, clip));
    match clip {
        Some(clip) => Some(DubPlace::Clip(clip.id)),
        None => range.map(|(from, until)| DubPlace::Range { from, until }),
    }
}

/// Opens the dialog, or says what to choose first.
pub fn begin(studio: Studio) {
    let chosen = studio.clips.get_untracked();
    let place = studio.film_untracked(|film| place_of(film, &chosen, studio.cutting.range(film.length())));
    match place {
        Some(place) => {
            transport::stop(studio);
            studio.overlay.set(Overlay::Dub(place));
        }
        None => studio.say(t("dub-choose")),
    }
}

/// Shows what plays while it plays, and the line's first picture otherwise.
fn project(
    studio: Studio,
    canvas: NodeRef<html::Canvas>,
    alive: Rc<Cell<bool>>,
    plays: Memo<bool>,
    from: Memo<Option<Ticks>>,
) {
    spawn_local(async move {
        let mut still = None;
        while alive.get() {
            let live = plays.try_get_untracked() == Some(true);
            let from = from.try_get_untracked().flatten();
            let wanted = if live { Some(Wanted::Live(None)) } else { from.map(Wanted::At) };
            if let (Some(canvas), Some(wanted)) = (canvas.try_get_untracked().flatten(), wanted)
                && still != Some(wanted)
            {
                let drawn = draw(studio, &canvas, wanted).await.is_some();
                still = (drawn && !live).then_some(wanted);
            }
            next_frame().await;
        }
    });
}

#[component]
pub fn Dub(place: DubPlace) -> impl IntoView {
    let studio = studio();
    let (view, chosen) = (RwSignal::new(None::<DubView>), RwSignal::new(0u32));
    let wish = RwSignal::new(OpenDub { place, microphone: None });
    let alive = Rc::new(Cell::new(true));
    let shut = move || studio.overlay.set(Overlay::None);
    let open = move |request: OpenDub, on_refused: Callback<()>| {
        wish.set(request.clone());
        let refused = move |problem| {
            studio.complain(problem);
            on_refused.run(());
        };
        studio.request_or::<AskOpenDub>(request, move |opened| drop(view.try_set(Some(opened))), refused);
    };
    // What cannot be dubbed says why in the status bar.
    open(wish.get_untracked(), Callback::new(move |()| shut()));
    watch::<AskDub>(alive.clone(), view);
    let read = move |read: fn(&DubView) -> Option<String>| view.with(|view| view.as_ref().and_then(read));
    let doing = Memo::new(move |_| view.with(|view| view.as_ref().map_or(DubDoing::Ready, |view| view.doing)));
    let plays = Memo::new(move |_| doing.get() != DubDoing::Ready);
    let from = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.from)));
    let canvas = NodeRef::<html::Canvas>::new();
    project(studio, canvas, alive.clone(), plays, from);
    let alive = StoredValue::new_local(alive);
    on_cleanup(move || {
        alive.with_value(|alive| alive.set(false));
        if let Some(from) = from.get_untracked() {
            studio.playhead.set(from);
        }
        spawn_local(async { drop(ask::<AskCloseDub>(()).await) });
    });
    let takes = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.takes.clone()).unwrap_or_default()));
    // The newest take is the one that is meant, until somebody chooses.
    Effect::new(move |_| chosen.set(takes.with(|takes| takes.last().map_or(0, |take| take.number))));
    let stop = move |keep: bool| studio.request::<AskStopDub>(keep, |()| ());
    let main = move || match doing.get_untracked() {
        DubDoing::Ready => studio.request::<AskRecordDub>((), |()| ()),
        DubDoing::Counting { .. } => stop(false),
        DubDoing::Recording { .. } | DubDoing::Listening { .. } => stop(true),
    };
    let close = Callback::new(move |()| match doing.get_untracked() {
        DubDoing::Counting { .. } | DubDoing::Recording { .. } => stop(false),
        DubDoing::Ready | DubDoing::Listening { .. } => shut(),
    });
    let listen = Callback::new(move |take: u32| {
        if doing.get_untracked() == (DubDoing::Listening { take }) {
            stop(true);
        } else {
            studio.request::<AskListenDub>(take, |()| ());
        }
    });
    let accept = move || {
        studio.request::<AskAcceptDub>(chosen.get_untracked(), move |clip| {
            studio.clips.set(vec![clip]);
            studio.say(t("dub-used"));
            shut();
        });
    };
    let busy = Memo::new(move |_| matches!(doing.get(), DubDoing::Counting { .. } | DubDoing::Recording { .. }));
    let problem = Memo::new(move |_| view.with(|view| view.as_ref().and_then(|view| view.problem.clone())));
    let hints = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.hints.clone()).unwrap_or_default()));
    let without = Memo::new(move |_| read(|view| view.without.clone()));
    let level = Memo::new(move |_| view.with(|view| level_percent(view.as_ref())));
    let words = Memo::new(move |_| doing_words(doing.get()));
    let slug = move || match doing.get() {
        DubDoing::Ready => "ready",
        DubDoing::Counting { .. } => "counting",
        DubDoing::Recording { .. } => "recording",
        DubDoing::Listening { .. } => "listening",
    };
    let beat = Memo::new(move |_| match doing.get() {
        DubDoing::Counting { millis_left } => Some(super::dub_parts::beat(millis_left)),
        _ => None,
    });
    let done = Memo::new(move |_| match doing.get() {
        DubDoing::Recording { millis, line_millis } => (millis * 100 / line_millis.max(1)).min(100),
        _ => 0,
    });
    view! {
        <Dialog label=t("dub-title") testid="dub" class="wide dub" close>
            <div class="dialog-head"><h2>{t("dub-title")}</h2>
                <Button label=t("close") icon="x" kind=Kind::Quiet testid="dub-close" on_press=move || close.run(())/></div>
            <p class="quiet dub-whole">{t("dub-honest")}</p>
            <div class="dub-stage">
                <div class="viewfinder-picture" data-doing=slug>
                    <canvas node_ref=canvas class="picture" data-testid="dub-picture" role="img" aria-label=t("dub-picture")></canvas>
                    {move || beat.get().map(|beat| view! { <span class="dub-beat figures" aria-hidden="true">{beat}</span> })}
                </div>
                <div class="dub-bar" aria-hidden="true"><i style:width=move || format!("{}%", done.get())></i></div>
                <p class="dub-line" data-testid="dub-line">
                    <span class="dub-who">{move || read(|view| Some(view.character.clone()))}</span>
                    {move || read(|view| Some(view.text.clone()))}
                </p>
            </div>
            <div class="dub-side">
                <button type="button" class="button dub-main" class:primary=move || takes.with(Vec::is_empty) class:recording=move || busy.get()
                    data-first="" data-testid="dub-main" on:click=move |event| { event.stop_propagation(); main(); }>
                    <Icon name=Signal::derive(move || if plays.get() { "square" } else { "record" })/>
                    <span>{move || t(if plays.get() { "dub-stop" } else { "dub-record" })}</span>
                </button>
                <p class="dub-doing" role="status" data-testid="dub-doing" data-doing=slug>{move || words.get()}</p>
                <div class="level" role="meter" aria-label=t("enrol-level") aria-valuemin="0" aria-valuemax="100" aria-valuenow=move || level.get().to_string() data-testid="dub-level">
                    <i style:width=move || format!("{}%", level.get())></i></div>
                <Microphone wish on_change=Callback::new(move |request| open(request, Callback::new(|()| ())))/>
                <ul class="plain" data-testid="dub-hints">
                    {move || without.get().map(|why| view! { <li class="state stale" data-testid="dub-without"><Icon name="triangle-alert"/>{why}</li> })}
                    {move || hints.get().into_iter().map(|hint| view! { <li class="state stale"><Icon name="triangle-alert"/>{hint_words(hint)}</li> }).collect_view()}
                </ul>
                {move || problem.get().map(|problem| view! { <ProblemNote problem=Signal::derive(move || problem.clone())/> })}
                <Takes takes chosen doing on_listen=listen/>
                <p class="quiet dub-note"><Icon name="info"/><span>{t("dub-headphones")}</span></p>
            </div>
            <div class="form-buttons dub-whole">
                <Button label=Signal::derive(move || if chosen.get() == 0 { t("dub-use-none").to_owned() } else { tf("dub-use", &[("n", &chosen.get())]) })
                    icon="check" kind=Kind::Primary testid="dub-use" disabled=Signal::derive(move || chosen.get() == 0 || busy.get()) on_press=accept/>
            </div>
        </Dialog>
    }
}
