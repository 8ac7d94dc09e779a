//! The cut: what there is on the left, the monitor, the selected shot, and the timeline under them.

use super::clip_inspector::{ClipInspector, Name};
use super::clip_sound::AddAmbience;
use super::inspector::Inspector;
use super::monitor::Monitor;
use super::timeline::Timeline;
use super::track_inspector::TrackInspector;
use crate::actions::{Action, perform, select_shot};
use crate::bridge::picture_address;
use crate::lang::{t, tn};
use crate::state::{Studio, Tool, studio};
use crate::widgets::{ActionButton, Button, Icon, Kind, Split};
use kinora_document::{ClipSource, Command, Media, MediaKind, TrackKind};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

#[component]
pub fn Edit() -> impl IntoView {
    let studio = studio();
    let none = Signal::derive(move || studio.clips.with(Vec::is_empty));
    let selection = Memo::new(move |_| match studio.clips.with(Vec::len) {
        0 => String::new(),
        n => tn("selected-one", "selected-many", n),
    });
    view! {
        <div class="edit-upper">
            <Bin/>
            <Split name="bin" label=t("split-bin") usual=240 least=180 most=420 sizes=studio.panes/>
            <Monitor/>
            <Split name="inspector-edit" label=t("split-inspector") usual=300 least=280 most=420 after=true sizes=studio.panes/>
            <Selected/>
        </div>
        <Split name="timeline" label=t("split-timeline") usual=290 least=140 most=640 across=true after=true sizes=studio.panes/>
        <section class="timeline-pane" aria-label=t("timeline")>
            <div class="timeline-bar" role="toolbar" aria-label=t("timeline")>
                {TOOLS.iter().map(|(tool, action, icon)| view! {
                    <ActionButton action=*action icon=*icon pressed=Signal::derive(move || studio.tool.get() == *tool)/>
                }).collect_view()}
                <span class="bar-line"></span>
                <ActionButton action=Action::Snapping icon="magnet" pressed=studio.snapping/>
                <ActionButton action=Action::Linked icon="link" pressed=studio.cutting.linked/>
                <span class="bar-line"></span>
                <ActionButton action=Action::BladeHere icon="scissors-line-dashed"/>
                <ActionButton action=Action::Dissolve icon="blend"/>
                <ActionButton action=Action::Lift icon="lift" disabled=none/>
                <ActionButton action=Action::Extract icon="trash-2" disabled=none/>
                <ActionButton action=Action::FillGap icon="sparkles"/>
                <ActionButton action=Action::AddMarker icon="flag"/>
                <span class="bar-line"></span>
                <Button label=t("add-title") icon="type" kind=Kind::Quiet testid="add-title" tip=crate::keys::shown_key(Action::AddTitle)
                    on_press=move || perform(studio, Action::AddTitle)/>
                <AddTrack/>
                <AddAmbience/>
                <span class="bar-space"></span>
                <span class="quiet figures" data-testid="selection-words">{move || selection.get()}</span>
                <ActionButton action=Action::ZoomOut icon="zoom-out"/>
                <ActionButton action=Action::ZoomFit icon="fit"/>
                <ActionButton action=Action::ZoomIn icon="zoom-in"/>
            </div>
            <Timeline/>
        </section>
    }
}

const TOOLS: [(Tool, Action, &str); 6] = [
    (Tool::Select, Action::ToolSelect, "mouse-pointer-2"),
    (Tool::Blade, Action::ToolBlade, "scissors"),
    (Tool::Ripple, Action::ToolRipple, "ripple"),
    (Tool::Roll, Action::ToolRoll, "roll"),
    (Tool::Slip, Action::ToolSlip, "slip"),
    (Tool::Slide, Action::ToolSlide, "slide"),
];

/// One more track, of the kind that is chosen.
#[component]
fn AddTrack() -> impl IntoView {
    let studio = studio();
    let kinds: [(TrackKind, &str, Name); 5] = [
        (TrackKind::Video, "video", || t("track-video")),
        (TrackKind::Dialogue, "dialogue", || t("track-dialogue")),
        (TrackKind::Effects, "effects", || t("track-effects")),
        (TrackKind::Music, "music", || t("track-music")),
        (TrackKind::Captions, "captions", || t("track-captions")),
    ];
    let add = move |event: web_sys::Event| {
        let chosen = event_target_value(&event);
        let Some((kind, _, name)) = kinds.iter().find(|(_, slug, _)| *slug == chosen) else { return };
        let count = studio.film_untracked(|film| film.tracks.iter().filter(|track| track.kind == *kind).count());
        studio.edit(Command::AddTrack { kind: *kind, name: format!("{} {}", name(), count + 1) });
        if let Some(select) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok()) {
            select.set_value("");
        }
    };
    view! {
        <select class="input add-track" data-testid="add-track" aria-label=t("add-track") on:change=add>
            <option value="">{t("add-track")}</option>
            {kinds.iter().map(|(_, slug, name)| view! { <option value=*slug>{name()}</option> }).collect_view()}
        </select>
    }
}

/// The selected clip when there is one, or the shot that it shows.
#[component]
fn Selected() -> impl IntoView {
    let studio = studio();
    let shot_wanted = RwSignal::new(false);
    let has_clip = Memo::new(move |_| {
        studio.clips.with(|clips| clips.first().is_some_and(|clip| studio.film(|film| film.clips.contains(*clip))))
    });
    let of_shot = Memo::new(move |_| {
        studio.clips.with(|clips| {
            let clip = clips.first()?;
            studio.film(|film| match film.clips.get(*clip)?.source {
                ClipSource::Shot(shot) => Some(shot),
                _ => None,
            })
        })
    });
    // A track stays shown until a clip is selected, or the track is gone.
    let track = Memo::new(move |_| {
        let shown = studio.cutting.track.get()?;
        studio.film(|film| film.tracks.contains(shown)).then_some(shown)
    });
    Effect::new(move |before: Option<Vec<kinora_document::ClipId>>| {
        let now = studio.clips.get();
        if before.is_some_and(|before| before != now && !now.is_empty()) {
            studio.cutting.track.set(None);
        }
        now
    });
    let show_clip = Memo::new(move |_| has_clip.get() && !(shot_wanted.get() && of_shot.get().is_some()));
    let tab = move |name: &'static str, id: &'static str, wanted: bool| {
        view! {
            <button type="button" class="tab" role="tab" data-testid=id aria-selected=move || (show_clip.get() != wanted).to_string()
                on:click=move |_| shot_wanted.set(wanted)>{name}</button>
        }
    };
    view! {
        <div class="selected-pane">
            <Show when=move || of_shot.get().is_some()>
                <div class="tabs" role="tablist" aria-label=t("inspector")>{tab(t("tab-clip"), "tab-clip", false)}{tab(t("tab-shot"), "tab-shot", true)}</div>
            </Show>
            {move || if let Some(track) = track.get() {
                view! { <aside class="pane inspector" aria-label=t("inspector")><TrackInspector track/></aside> }.into_any()
            } else if show_clip.get() {
                view! { <aside class="pane inspector" aria-label=t("inspector")><ClipInspector/></aside> }.into_any()
            } else {
                view! { <Inspector/> }.into_any()
            }}
        </div>
    }
}

/// Shots and imported files, to be put into the cut.
#[component]
fn Bin() -> impl IntoView {
    let studio = studio();
    let media = Memo::new(move |_| {
        studio.film(|film| film.media.iter().filter(|media| media.speech.is_none()).cloned().collect::<Vec<_>>())
    });
    let shots = Memo::new(move |_| {
        studio.cards.with(|cards| {
            cards.iter().map(|card| (card.shot, card.number.clone(), card.prompt.text.clone())).collect::<Vec<_>>()
        })
    });
    view! {
        <section class="pane bin" aria-label=t("bin")>
            <div class="pane-head">
                <h2>{t("bin")}</h2><span class="bar-space"></span>
                <Button label=t("import") icon="plus" kind=Kind::Quiet testid="import-media" tip=crate::keys::shown_key(Action::ImportMedia)
                    on_press=move || perform(studio, Action::ImportMedia)/>
            </div>
            <div class="bin-bar" role="toolbar" aria-label=t("bin")>
                <Button label=t("do-insert") kind=Kind::Quiet testid="insert" tip=crate::keys::shown_key(Action::Insert) on_press=move || perform(studio, Action::Insert)/>
                <Button label=t("do-overwrite") kind=Kind::Quiet testid="overwrite" tip=crate::keys::shown_key(Action::Overwrite) on_press=move || perform(studio, Action::Overwrite)/>
            </div>
            <div class="pane-scroll">
                <h3>{t("shots")}</h3>
                <For each=move || shots.get() key=|row| row.clone() children=move |(shot, number, prompt)| view! {
                    <button type="button" class="bin-item" class:selected=move || studio.shot.get() == Some(shot) data-testid=format!("bin-shot-{}", number.replace('.', "-"))
                        on:click=move |_| { studio.cutting.source.set(Some(ClipSource::Shot(shot))); select_shot(studio, shot); } on:dblclick=move |_| insert(studio, ClipSource::Shot(shot))>
                        <span class="card-number figures">{number.clone()}</span><span class="bin-name">{prompt.clone()}</span>
                    </button>
                }/>
                <h3>{t("files")}</h3>
                <Show when=move || media.with(Vec::is_empty)><p class="quiet pane-note">{t("files-empty")}</p></Show>
                {move || media.get().into_iter().map(|file| media_row(studio, file)).collect_view()}
            </div>
        </section>
    }
}

fn media_row(studio: Studio, file: Media) -> impl IntoView {
    let Media { id, name, kind, thumbnail, .. } = file;
    let icon = match kind {
        MediaKind::Movie => "film",
        MediaKind::Picture => "image",
        MediaKind::Sound => "music",
    };
    view! {
        <button type="button" class="bin-item" data-testid=format!("bin-media-{id}") title=t("bin-tip")
            class:selected=move || studio.cutting.source.get() == Some(ClipSource::Media(id))
            on:click=move |_| studio.cutting.source.set(Some(ClipSource::Media(id)))
            on:dblclick=move |_| insert(studio, ClipSource::Media(id))>
            {match thumbnail {
                Some(picture) => view! { <img class="bin-picture" src=picture_address(picture) alt=""/> }.into_any(),
                None => view! { <Icon name=icon/> }.into_any(),
            }}
            <span class="bin-name">{name}</span>
        </button>
    }
}

/// Inserts a source at the playhead, or between in and out.
fn insert(studio: Studio, source: ClipSource) {
    studio.cutting.source.set(Some(source));
    perform(studio, Action::Insert);
}
