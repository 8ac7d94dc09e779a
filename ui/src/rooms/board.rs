//! The board: every shot as a card, by scene and in story order, beside the monitor and everything about the selected one.

use super::cards::Cards;
use super::inspector::Inspector;
use super::monitor::Monitor;
use super::queue::GenerateStale;
use super::selection::SelectionBar;
use super::takes::Takes;
use crate::lang::{t, tn};
use crate::state::studio;
use crate::widgets::{Split, clock};
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
            <SelectionBar/>
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
