//! The script beside the board: scenes on the left, the text in the middle, the shots it makes on the right.

use super::cards::Cards;
use super::desk::Desk;
use super::queue::GenerateStale;
use super::script_pane::ScriptPane;
use crate::lang::{t, tf, tn};
use crate::script::line_at;
use crate::state::{Studio, studio};
use crate::widgets::Split;
use leptos::prelude::*;

#[component]
pub fn Write() -> impl IntoView {
    let studio = studio();
    let desk = Desk::new(studio);
    view! {
        <Scenes desk/>
        <Split name="scenes" label=t("split-scenes") usual=220 least=160 most=360 sizes=studio.panes/>
        <ScriptPane desk/>
        <Split name="strip" label=t("split-strip") usual=360 least=280 most=520 after=true sizes=studio.panes/>
        <section class="pane strip-pane" aria-label=t("room-board")>
            <div class="pane-head">
                <h2>{t("shots")}</h2>
                <span class="quiet figures">{move || shot_count(studio)}</span>
                <span class="bar-space"></span>
                <GenerateStale/>
            </div>
            <Cards strip=true/>
        </section>
    }
}

/// Sections and scenes; the one with the caret is marked.
#[component]
fn Scenes(desk: Desk) -> impl IntoView {
    let seen = desk.seen;
    let scenes = Memo::new(move |_| seen.with(|seen| seen.scenes.clone()));
    let here = Memo::new(move |_| {
        let line = desk.text.with(|text| line_at(text, desk.caret.get()));
        scenes.with(|scenes| scenes.iter().rposition(|scene| scene.line <= line))
    });
    view! {
        <nav class="pane scenes-pane" aria-label=t("scenes")>
            <div class="pane-head"><h2>{t("scenes")}</h2><span class="quiet figures">{move || scenes.with(|scenes| {
                scenes.iter().filter(|scene| !scene.section).count()
            })}</span></div>
            <div class="pane-scroll" data-testid="scenes">
                {move || scenes.get().into_iter().enumerate().map(|(index, scene)| {
                    let name = scene.text.clone();
                    view! {
                    <button type="button" class="scene-item" class:section=scene.section data-testid=format!("scene-{index}") title=name
                        aria-current=move || (here.get() == Some(index)).then_some("true")
                        on:click=move |_| desk.go(scene.line)>
                        {scene.number.map(|number| view! { <span class="quiet figures">{number}</span> })}
                        <span class="scene-name">{scene.text}</span><span class="quiet figures">{tf("page-n", &[("n", &scene.page)])}</span>
                    </button>
                }}).collect_view()}
                <Show when=move || scenes.with(Vec::is_empty)><p class="quiet pane-note">{t("scenes-empty")}</p></Show>
            </div>
        </nav>
    }
}

fn shot_count(studio: Studio) -> String {
    tn("shots-one", "shots-many", studio.film(|film| film.shots.len()))
}
