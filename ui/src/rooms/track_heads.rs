//! The names of the tracks at the left of the timeline, with mute, solo and lock.

use super::timeline::Bench;
use super::timeline_hands::scroll_lanes;
use crate::lang::{t, tf};
use crate::state::Studio;
use crate::timeline::model::{HEADER_WIDTH, RULER_HEIGHT};
use crate::widgets::Icon;
use kinora_document::{Command, Track, TrackId, TrackKind};
use leptos::prelude::*;

#[component]
pub fn TrackHeads(bench: Bench) -> impl IntoView {
    let studio = bench.studio;
    let lanes = Memo::new(move |_| bench.layout.with(|layout| layout.lanes().copied().collect::<Vec<_>>()));
    let down = Memo::new(move |_| bench.view.with(|view| view.down));
    let wheel = move |event: web_sys::WheelEvent| {
        event.prevent_default();
        scroll_lanes(bench, event.delta_y() as i32);
    };
    view! {
        <div class="track-heads" role="list" aria-label=t("tracks") on:wheel=wheel
            style:top=format!("{RULER_HEIGHT}px") style:width=format!("{}px", HEADER_WIDTH - 2)>
            <For each=move || lanes.get() key=|lane| (lane.track, lane.y) children=move |lane| {
                let top = move || format!("{}px", lane.y - RULER_HEIGHT - down.get());
                view! {
                    <div class=format!("track-head {}", slug(lane.kind)) role="listitem" style:top=top
                        style:height=format!("{}px", lane.height)>
                        <TrackHead studio track=lane.track/>
                    </div>
                }
            }/>
        </div>
    }
}

fn slug(kind: TrackKind) -> &'static str {
    match kind {
        TrackKind::Video => "video",
        TrackKind::Dialogue => "dialogue",
        TrackKind::Effects => "effects",
        TrackKind::Music => "music",
        TrackKind::Captions => "captions",
    }
}

#[component]
fn TrackHead(studio: Studio, track: TrackId) -> impl IntoView {
    let value = Memo::new(move |_| studio.film(|film| film.tracks.get(track).cloned()));
    let name = move || value.get().map(|track| track.name).unwrap_or_default();
    let renaming = RwSignal::new(false);
    let field = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
            field.select();
        }
    });
    let change = move |change: &dyn Fn(&mut Track)| {
        if let Some(mut track) = value.get_untracked() {
            change(&mut track);
            if value.get_untracked().as_ref() != Some(&track) {
                studio.edit(Command::SetTrack { track });
            }
        }
    };
    let switch = move |label: &'static str,
                       letter: &'static str,
                       id: &'static str,
                       read: fn(&Track) -> bool,
                       flip: fn(&mut Track)| {
        let on = move || value.with(|track| track.as_ref().is_some_and(read));
        view! {
            <button type="button" class="track-switch" data-testid=move || format!("track-{id}-{}", name())
                title=move || t(label) aria-label=move || tf("of-track", &[("what", &t(label)), ("track", &name())])
                aria-pressed=move || on().to_string() on:click=move |_| change(&|track| flip(track))>
                {if id == "lock" { view! { <Icon name=Signal::derive(move || if on() { "lock" } else { "lock-open" })/> }.into_any() }
                 else { letter.into_any() }}
            </button>
        }
    };
    let sounds = move || value.with(|track| track.as_ref().is_some_and(|track| track.kind != TrackKind::Captions));
    view! {
        {move || if renaming.get() {
            view! {
                <input type="text" class="input track-rename" prop:value=name node_ref=field aria-label=t("track-name")
                    on:blur=move |_| renaming.set(false)
                    on:keydown=move |event| {
                        event.stop_propagation();
                        match event.key().as_str() {
                            "Enter" => {
                                let typed = event_target_value(&event).trim().to_owned();
                                renaming.set(false);
                                if !typed.is_empty() {
                                    change(&|track| track.name.clone_from(&typed));
                                }
                            }
                            "Escape" => renaming.set(false),
                            _ => {}
                        }
                    }/>
            }.into_any()
        } else {
            view! { <span class="track-name" title=name on:dblclick=move |_| renaming.set(true)>{name}</span> }.into_any()
        }}
        <Show when=sounds>
            <button type="button" class="track-switch" data-testid=move || format!("track-sound-{}", name())
                title=t("track-sound") aria-label=move || tf("of-track", &[("what", &t("track-sound")), ("track", &name())])
                aria-pressed=move || (studio.cutting.track.get() == Some(track)).to_string()
                on:click=move |_| studio.cutting.track.update(|shown| *shown = (*shown != Some(track)).then_some(track))>
                <Icon name="sliders-horizontal"/>
            </button>
        </Show>
        {switch("mute-track", "M", "mute", |track| track.muted, |track| track.muted = !track.muted)}
        <Show when=sounds>{switch("solo-track", "S", "solo", |track| track.solo, |track| track.solo = !track.solo)}</Show>
        {switch("lock-track", "", "lock", |track| track.locked, |track| track.locked = !track.locked)}
    }
}
