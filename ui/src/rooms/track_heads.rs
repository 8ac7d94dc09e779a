//! The names of the tracks at the left of the timeline, with mute, solo and lock.

use super::timeline::Bench;
use super::timeline_hands::scroll_lanes;
use crate::lang::{t, tf};
use crate::state::Studio;
use crate::timeline::model::{HEADER_WIDTH, Layout, RULER_HEIGHT};
use crate::widgets::Icon;
use kinora_document::{Command, Track, TrackId, TrackKind};
use leptos::prelude::*;

#[component]
pub fn TrackHeads(bench: Bench) -> impl IntoView {
    let studio = bench.studio;
    // From the tracks alone: the layout of thousands of clips is made when it is painted.
    let lanes = Memo::new(move |_| studio.timeline(Layout::lanes_of));
    let down = Memo::new(move |_| bench.view.with(|view| view.down));
    let wheel = move |event: web_sys::WheelEvent| {
        event.prevent_default();
        scroll_lanes(bench, event.delta_y() as i32);
    };
    // Tab goes to a head out of sight, and the browser brings it in its own way: the lanes are what goes along.
    let node = NodeRef::<leptos::html::Div>::new();
    let brought = move |_: web_sys::Event| {
        let Some(node) = node.get_untracked() else { return };
        let by = node.scroll_top();
        if by != 0 {
            node.set_scroll_top(0);
            scroll_lanes(bench, by);
        }
    };
    view! {
        <div class="track-heads" role="list" aria-label=t("tracks") node_ref=node on:wheel=wheel on:scroll=brought
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
    // Whoever renamed by keys goes on from the name.
    let (head, by_keys) = (NodeRef::<leptos::html::Button>::new(), StoredValue::new(false));
    Effect::new(move |_| {
        if let Some(head) = head.get()
            && by_keys.get_value()
        {
            by_keys.set_value(false);
            let _ = head.focus();
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
                    data-testid="track-rename" on:blur=move |_| renaming.set(false)
                    on:keydown=move |event| {
                        event.stop_propagation();
                        by_keys.set_value(matches!(event.key().as_str(), "Enter" | "Escape"));
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
            // A double click or, without a mouse, the key that presses a button.
            view! {
                <button type="button" class="track-name" title=name node_ref=head data-testid=move || format!("track-name-{}", name())
                    aria-label=move || tf("of-track", &[("what", &t("track-name")), ("track", &name())])
                    on:click=move |event| if event.detail() == 0 { renaming.set(true) } on:dblclick=move |_| renaming.set(true)>{name}</button>
            }.into_any()
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
