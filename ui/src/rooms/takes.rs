//! The takes of the selected shot, side by side: click one and the film shows it.

use super::card::{Shown, seconds, shown_state};
use crate::actions::generate;
use crate::bridge::{forming_address, picture_address};
use crate::lang::{t, tf};
use crate::state::studio;
use crate::widgets::{Button, Icon, IconButton, Kind};
use kinora_document::{Command, ShotId, Take, TakeId};
use leptos::prelude::*;

#[component]
pub fn Takes(shot: ShotId) -> impl IntoView {
    let studio = studio();
    let takes = Memo::new(move |_| {
        studio.film(|film| film.takes.iter().filter(|take| take.shot == shot).map(|take| take.id).collect::<Vec<_>>())
    });
    let state = shown_state(studio, shot);
    let forming = Memo::new(move |_| match state.get() {
        Shown::Rendering { job, .. } => {
            Some((job, studio.forming.with(|forming| forming.get(&job).copied().unwrap_or(0))))
        }
        _ => None,
    });
    view! {
        <section class="takes" aria-label=t("takes")>
            <div class="pane-head">
                <h2>{t("takes")}</h2>
                <span class="bar-space"></span>
                <Button label=t("variations") icon="dices" kind=Kind::Quiet testid="variations" tip=t("variations-tip")
                    on_press=move || generate(studio, vec![shot], 4, true)/>
            </div>
            <div class="take-row" role="list">
                <For each=move || takes.get() key=|take| *take children=move |take| view! { <TakeTile shot take/> }/>
                {move || forming.get().map(|(job, version)| view! {
                    <div class="take forming" role="listitem"><img src=forming_address(job, version) alt=""/><span class="take-name">{t("forming")}</span></div>
                })}
                <Show when=move || takes.with(Vec::is_empty) && forming.get().is_none()>
                    <p class="quiet">{t("no-takes")}</p>
                </Show>
            </div>
        </section>
    }
}

#[component]
fn TakeTile(shot: ShotId, take: TakeId) -> impl IntoView {
    let studio = studio();
    let take_value =
        Memo::new(move |_| studio.local.with(|l| l.as_ref().and_then(|l| l.film.takes.get(take).cloned())));
    let number = Memo::new(move |_| {
        studio.film(|film| film.takes.iter().filter(|t| t.shot == shot).position(|t| t.id == take).unwrap_or(0) + 1)
    });
    let chosen =
        Memo::new(move |_| studio.film(|film| film.shots.get(shot).and_then(|shot| shot.chosen_take)) == Some(take));
    let tip = move || take_value.get().map(|take| describe(&take)).unwrap_or_default();
    view! {
        <div class="take" class:chosen=move || chosen.get() role="listitem">
            <button type="button" class="take-picture" data-testid=format!("take-{take}") aria-pressed=move || chosen.get().to_string()
                title=tip aria-label=move || tf("take-n", &[("n", &number.get())])
                on:click=move |_| studio.edit(Command::ChooseTake { shot, take })>
                {move || match take_value.get().and_then(|take| take.thumbnail) {
                    Some(picture) => view! { <img src=picture_address(picture) alt="" draggable="false"/> }.into_any(),
                    None => view! { <span class="no-picture"><Icon name="film"/></span> }.into_any(),
                }}
            </button>
            <span class="take-name figures">
                <Show when=move || chosen.get()><Icon name="check"/></Show>
                {move || tf("take-n", &[("n", &number.get())])}
                <span class="bar-space"></span>
                <IconButton label=t("remove-take") icon="trash-2" testid=format!("remove-take-{take}")
                    on_press=move || studio.edit(Command::RemoveTake { take })/>
            </span>
        </div>
    }
}

fn describe(take: &Take) -> String {
    let length = seconds(take.rate.frame_start(i64::from(take.frames)));
    let mut text = format!(
        "{} · {} × {} · {length} · {} {}",
        take.engine,
        take.size.width,
        take.size.height,
        t("seed"),
        take.seed
    );
    text.push('\n');
    text.push_str(&take.prompt);
    for note in &take.notes {
        text.push('\n');
        text.push_str(note);
    }
    text
}
