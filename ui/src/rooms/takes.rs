//! The takes of the selected shot, side by side: click one and the film shows it.

use super::card::{Shown, seconds, shown_state};
use crate::actions::generate;
use crate::bridge::{forming_address, picture_address};
use crate::lang::{t, tf};
use crate::state::studio;
use crate::widgets::{Button, Dialog, Icon, IconButton, Kind};
use kinora_document::{Command, Shot, ShotId, Take, TakeId};
use leptos::prelude::*;

#[component]
pub fn Takes(shot: ShotId) -> impl IntoView {
    let studio = studio();
    let takes = Memo::new(move |_| {
        studio.film(|film| film.takes.iter().filter(|take| take.shot == shot).map(|take| take.id).collect::<Vec<_>>())
    });
    let state = shown_state(studio, shot);
    let comparing = RwSignal::new(false);
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
                <Show when=move || takes.with(|takes| takes.len() > 1)>
                    <Button label=t("compare") icon="columns-2" kind=Kind::Quiet testid="compare-takes" on_press=move || comparing.set(true)/>
                </Show>
                <Button label=t("variations") icon="dices" kind=Kind::Quiet testid="variations" tip=t("variations-tip")
                    on_press=move || generate(studio, vec![shot], 4, true)/>
            </div>
            <div class="take-row" role=move || (!takes.with(Vec::is_empty) || forming.get().is_some()).then_some("list")>
                <For each=move || takes.get() key=|take| *take children=move |take| view! { <TakeTile shot take takes/> }/>
                {move || forming.get().map(|(job, version)| view! {
                    <div class="take forming" role="listitem"><img src=forming_address(job, version) alt=""/><span class="take-name">{t("forming")}</span></div>
                })}
            </div>
            <Show when=move || takes.with(Vec::is_empty) && forming.get().is_none()>
                <p class="quiet no-takes">{t("no-takes")}</p>
            </Show>
            <Show when=move || comparing.get()>
                <Compare shot takes close=Callback::new(move |()| comparing.set(false))/>
            </Show>
        </section>
    }
}

#[component]
fn TakeTile(shot: ShotId, take: TakeId, takes: Memo<Vec<TakeId>>) -> impl IntoView {
    let studio = studio();
    let take_value =
        Memo::new(move |_| studio.local.with(|l| l.as_ref().and_then(|l| l.film.takes.get(take).cloned())));
    let number = Memo::new(move |_| takes.with(|takes| takes.iter().position(|t| *t == take).unwrap_or(0) + 1));
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

/// Two takes side by side, what made them, and where they differ. Arrow keys step through the takes of the side that has the focus.
#[component]
fn Compare(shot: ShotId, takes: Memo<Vec<TakeId>>, close: Callback<()>) -> impl IntoView {
    let studio = studio();
    let chosen = Memo::new(move |_| studio.film(|film| film.shots.get(shot).and_then(|shot| shot.chosen_take)));
    let first = chosen.get_untracked().or(takes.get_untracked().first().copied());
    let other = takes.with_untracked(|takes| takes.iter().rev().find(|take| Some(**take) != first).copied());
    let sides = [RwSignal::new(first), RwSignal::new(other)];
    let take_of = move |side: RwSignal<Option<TakeId>>| {
        side.get().and_then(|take| studio.local.with(|l| l.as_ref().and_then(|l| l.film.takes.get(take).cloned())))
    };
    let [left, right] = sides;
    view! {
        <Dialog label=t("compare-takes") testid="compare" class="wide compare" close>
            <div class="dialog-head"><h2>{t("compare-takes")}</h2>
                <IconButton label=t("close") icon="x" testid="compare-close" on_press=move || close.run(())/></div>
            <div class="compare-sides">
                {[("left", left, right), ("right", right, left)].into_iter().map(|(name, side, other)| view! {
                    <section class="compare-side" class:chosen=move || side.get() == chosen.get()>
                        <select class="input" data-testid=format!("compare-{name}") aria-label=t(if name == "left" { "take-left" } else { "take-right" })
                            on:change=move |event| {
                                let at: usize = event_target_value(&event).parse().unwrap_or(0);
                                side.set(takes.with_untracked(|takes| takes.get(at).copied()));
                            }>
                            {move || takes.get().into_iter().enumerate().map(|(at, take)| view! {
                                <option value=at.to_string() selected=side.get() == Some(take)>{tf("take-n", &[("n", &(at + 1))])}</option>
                            }).collect_view()}
                        </select>
                        <div class="compare-picture">
                            {move || match take_of(side).and_then(|take| take.thumbnail) {
                                Some(picture) => view! { <img src=picture_address(picture) alt=""/> }.into_any(),
                                None => view! { <span class="no-picture"><Icon name="film"/></span> }.into_any(),
                            }}
                        </div>
                        <dl class="compare-facts">
                            {move || {
                                let (this, that) = (take_of(side), take_of(other));
                                facts(this.as_ref()).into_iter().zip(facts(that.as_ref())).map(|((label, value), (_, against))| {
                                    let differs = value != against;
                                    view! { <dt class="quiet">{label}</dt><dd class:differs=differs>{value}</dd> }
                                }).collect_view()
                            }}
                        </dl>
                        <div class="form-buttons">
                            <Button label=t("lock-this-seed") icon="lock" kind=Kind::Quiet testid=format!("lock-seed-{name}")
                                on_press=move || {
                                    let seed = untrack(|| take_of(side)).map(|take| take.seed);
                                    let shot = studio.film_untracked(|film| film.shots.get(shot).cloned());
                                    if let (Some(seed), Some(shot)) = (seed, shot) {
                                        studio.edit(Command::SetShot { shot: Box::new(Shot { seed: Some(seed), ..shot }) });
                                    }
                                }/>
                            <Button label=Signal::derive(move || t(if side.get() == chosen.get() { "take-is-chosen" } else { "choose-take" }).to_owned())
                                icon="check" testid=format!("choose-{name}") disabled=Signal::derive(move || side.get() == chosen.get())
                                on_press=move || if let Some(take) = side.get_untracked() { studio.edit(Command::ChooseTake { shot, take }) }/>
                        </div>
                    </section>
                }).collect_view()}
            </div>
        </Dialog>
    }
}

/// What made a take, row by row; rows of two takes stand beside each other.
fn facts(take: Option<&Take>) -> Vec<(&'static str, String)> {
    let of = |read: &dyn Fn(&Take) -> String| take.map(read).unwrap_or_default();
    vec![
        (t("seed"), of(&|take| take.seed.to_string())),
        (t("engine"), of(&|take| take.engine.clone())),
        (t("picture-size"), of(&|take| format!("{} × {}", take.size.width, take.size.height))),
        (t("length"), of(&|take| seconds(take.rate.frame_start(i64::from(take.frames))))),
        (t("prompt"), of(&|take| take.prompt.clone())),
    ]
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
