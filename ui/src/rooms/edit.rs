//! The cut: what there is on the left, the monitor, the selected shot, and the timeline under them.

use super::inspector::Inspector;
use super::monitor::Monitor;
use super::timeline::Timeline;
use crate::actions::{Action, perform, select_shot};
use crate::bridge::picture_address;
use crate::lang::t;
use crate::state::{Studio, Tool, new_gesture, studio};
use crate::widgets::{ActionButton, Button, Icon, Kind, Split};
use kinora_document::{ClipSource, Command, Media, MediaKind, Ticks, Title, TitleStyle, TrackKind};
use leptos::prelude::*;

#[component]
pub fn Edit() -> impl IntoView {
    let studio = studio();
    view! {
        <div class="edit-upper">
            <Bin/>
            <Split name="bin" label=t("split-bin") usual=240 least=180 most=420 sizes=studio.panes/>
            <Monitor/>
            <Split name="inspector-edit" label=t("split-inspector") usual=300 least=280 most=420 after=true sizes=studio.panes/>
            <Inspector/>
        </div>
        <Split name="timeline" label=t("split-timeline") usual=290 least=140 most=640 across=true after=true sizes=studio.panes/>
        <section class="timeline-pane" aria-label=t("timeline")>
            <div class="timeline-bar" role="toolbar" aria-label=t("timeline")>
                <ActionButton action=Action::ToolSelect icon="mouse-pointer-2" pressed=Signal::derive(move || studio.tool.get() == Tool::Select)/>
                <ActionButton action=Action::ToolBlade icon="scissors" pressed=Signal::derive(move || studio.tool.get() == Tool::Blade)/>
                <span class="bar-line"></span>
                <ActionButton action=Action::Snapping icon="magnet" pressed=studio.snapping/>
                <ActionButton action=Action::BladeHere icon="scissors-line-dashed"/>
                <ActionButton action=Action::Dissolve icon="blend" disabled=Signal::derive(move || studio.clips.with(Vec::is_empty))/>
                <ActionButton action=Action::Lift icon="square" disabled=Signal::derive(move || studio.clips.with(Vec::is_empty))/>
                <ActionButton action=Action::Extract icon="trash-2" disabled=Signal::derive(move || studio.clips.with(Vec::is_empty))/>
                <span class="bar-line"></span>
                <Button label=t("add-title") icon="type" kind=Kind::Quiet testid="add-title" on_press=move || add_title(studio)/>
                <span class="bar-space"></span>
                <ActionButton action=Action::ZoomOut icon="zoom-out"/>
                <ActionButton action=Action::ZoomFit icon="scan"/>
                <ActionButton action=Action::ZoomIn icon="zoom-in"/>
            </div>
            <Timeline/>
        </section>
    }
}

/// A title card over the picture at the playhead, on the top picture track.
fn add_title(studio: Studio) {
    let track = studio.film_untracked(|film| {
        film.tracks.iter().rfind(|track| track.kind == TrackKind::Captions).map(|track| track.id)
    });
    let track = track.or_else(|| {
        studio.film_untracked(|film| {
            film.tracks.iter().rfind(|track| track.kind == TrackKind::Video).map(|track| track.id)
        })
    });
    let Some(track) = track else { return };
    let title = Title { text: studio.film_untracked(|film| film.settings.title.clone()), style: TitleStyle::Card };
    let at = studio.playhead.get_untracked();
    studio.edit_within(
        Command::OverwriteClip {
            track,
            at,
            source: ClipSource::Title(title),
            source_in: Ticks::ZERO,
            length: Ticks::from_seconds(3),
        },
        Some(new_gesture()),
    );
}

/// Shots and imported files, to be put into the cut.
#[component]
fn Bin() -> impl IntoView {
    let studio = studio();
    let media = Memo::new(move |_| studio.film(|film| film.media.iter().cloned().collect::<Vec<_>>()));
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
            <div class="pane-scroll">
                <h3>{t("shots")}</h3>
                <For each=move || shots.get() key=|row| row.clone() children=move |(shot, number, prompt)| view! {
                    <button type="button" class="bin-item" class:selected=move || studio.shot.get() == Some(shot) data-testid=format!("bin-shot-{}", number.replace('.', "-"))
                        on:click=move |_| select_shot(studio, shot) on:dblclick=move |_| insert(studio, ClipSource::Shot(shot))>
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
            on:dblclick=move |_| insert(studio, ClipSource::Media(id))>
            {match thumbnail {
                Some(picture) => view! { <img class="bin-picture" src=picture_address(picture) alt=""/> }.into_any(),
                None => view! { <Icon name=icon/> }.into_any(),
            }}
            <span class="bin-name">{name}</span>
        </button>
    }
}

/// Inserts a source at the playhead, on the first track that takes it.
fn insert(studio: Studio, source: ClipSource) {
    let at = studio.playhead.get_untracked();
    let found = studio.film_untracked(|film| {
        let (kind, length) = match &source {
            ClipSource::Shot(shot) => (TrackKind::Video, film.shots.get(*shot)?.length),
            ClipSource::Media(media) => {
                let media = film.media.get(*media)?;
                let kind = if media.kind == MediaKind::Sound { TrackKind::Music } else { TrackKind::Video };
                let length = if media.kind == MediaKind::Picture { Ticks::from_seconds(3) } else { media.length };
                (kind, length)
            }
            _ => return None,
        };
        let track = film.tracks.iter().find(|track| track.kind == kind && !track.locked)?;
        Some((track.id, length))
    });
    if let Some((track, length)) = found {
        studio.edit(Command::InsertClip { track, at, source, source_in: Ticks::ZERO, length });
    }
}
