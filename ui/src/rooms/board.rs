//! The board: every shot as a card, by scene and in story order, beside the monitor and everything about the selected one.

use super::card::ShotCard;
use super::inspector::Inspector;
use super::monitor::Monitor;
use super::queue::GenerateStale;
use super::takes::Takes;
use crate::lang::{t, tn};
use crate::state::{Room, studio};
use crate::widgets::{Button, Icon, Split, clock};
use kinora_document::{SceneId, ShotId};
use leptos::prelude::*;

#[component]
pub fn Board() -> impl IntoView {
    let studio = studio();
    let shot = Memo::new(move |_| studio.shot.get().filter(|shot| studio.film(|film| film.shots.contains(*shot))));
    view! {
        <section class="pane cards-pane" aria-label=t("room-board")>
            <div class="pane-head">
                <h2>{t("room-board")}</h2>
                <span class="quiet figures">{move || board_length(studio)}</span>
                <span class="bar-space"></span>
                <GenerateStale/>
            </div>
            <Cards/>
        </section>
        <Split name="inspector-board" label=t("split-inspector") usual=320 least=280 most=420 after=true sizes=studio.panes/>
        <div class="board-side">
            <div class="board-centre">
                <Monitor/>
                {move || shot.get().map(|shot| view! { <Takes shot/> })}
            </div>
        </div>
        <Inspector/>
    }
}

fn board_length(studio: crate::state::Studio) -> String {
    let (shots, millis) =
        studio.film(|film| (film.shots.len(), film.shots.iter().map(|shot| shot.length.to_millis()).sum::<i64>()));
    format!("{} · {}", tn("shots-one", "shots-many", shots), clock(u64::try_from(millis / 1000).unwrap_or(0)))
}

/// The cards under their headings; also the strip beside the script.
#[component]
pub fn Cards() -> impl IntoView {
    let studio = studio();
    let scenes = Memo::new(move |_| {
        studio.cards.with(|cards| {
            let mut scenes: Vec<SceneId> = Vec::new();
            for card in cards {
                if scenes.last() != Some(&card.scene) {
                    scenes.push(card.scene);
                }
            }
            scenes
        })
    });
    // Keeps the selected card in sight when it was selected elsewhere.
    Effect::new(move |_| {
        let Some(shot) = studio.shot.get() else { return };
        request_animation_frame(move || {
            if let Ok(Some(card)) = document().query_selector(&format!("[data-shot='{shot}']")) {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                card.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
    });
    view! {
        <div class="pane-scroll cards" data-testid="cards">
            <Show when=move || scenes.with(Vec::is_empty)>
                <div class="empty-pane"><Icon name="clapperboard"/><p>{t("board-empty")}</p>
                    <Button label=t("do-room-write") icon="pencil-line" testid="board-to-write" on_press=move || studio.room.set(Room::Write)/>
                </div>
            </Show>
            <For each=move || scenes.get() key=|scene| *scene children=move |scene| view! { <SceneCards scene/> }/>
        </div>
    }
}

#[component]
fn SceneCards(scene: SceneId) -> impl IntoView {
    let studio = studio();
    let heading = Memo::new(move |_| {
        studio.film(|film| film.scenes.get(scene).map(|scene| scene.heading.clone())).unwrap_or_default()
    });
    let shots = Memo::new(move |_| {
        studio.cards.with(|cards| {
            cards.iter().filter(|card| card.scene == scene).map(|card| card.shot).collect::<Vec<ShotId>>()
        })
    });
    view! {
        <section class="scene" aria-label=move || heading.get()>
            <h3 class="scene-heading">{move || heading.get()}</h3>
            <div class="scene-cards">
                <For each=move || shots.get() key=|shot| *shot children=move |shot| view! { <ShotCard shot/> }/>
            </div>
        </section>
    }
}
