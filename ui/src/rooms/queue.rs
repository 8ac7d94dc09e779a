//! What runs, waits and failed, with everything one can do about it.

use crate::actions::generate;
use crate::lang::{t, tf, tn};
use crate::state::{Overlay, studio};
use crate::widgets::{Button, Icon, IconButton, Kind, Popover, Ring, time_left};
use kinora_api::*;
use kinora_document::catalogue::Stage;
use leptos::prelude::*;

pub fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Loading => t("stage-loading"),
        Stage::ReadingPrompt => t("stage-reading"),
        Stage::Denoising => t("stage-denoising"),
        Stage::Decoding => t("stage-decoding"),
        Stage::Sound => t("stage-sound"),
    }
}

#[component]
pub fn QueuePopover() -> impl IntoView {
    let studio = studio();
    let close = Callback::new(move |()| studio.overlay.set(Overlay::None));
    let paused = Memo::new(move |_| studio.queue.with(|queue| queue.paused));
    let numbers =
        Memo::new(move |_| studio.queue.with(|queue| queue.jobs.iter().map(|job| job.number).collect::<Vec<_>>()));
    let failed = Memo::new(move |_| {
        let failed = |job: &&Job| matches!(job.state, JobState::Failed(_));
        studio.queue.with(|queue| queue.jobs.iter().filter(failed).map(|job| job.number).collect::<Vec<_>>())
    });
    view! {
        <Popover label=t("do-queue") testid="queue-popover" class="menu queue" close>
            <div class="dialog-head">
                <h3>{t("do-queue")}</h3>
                <span class="quiet figures">{move || time_left(studio.queue.with(|queue| queue.millis_left))}</span>
                {move || {
                    let now = paused.get();
                    view! {
                        <Button label=t(if now { "resume" } else { "pause" }) icon=if now { "play" } else { "pause" } kind=Kind::Quiet
                            testid="queue-pause" on_press={move || studio.request::<AskPauseQueue>(!now, |()| ())}/>
                    }
                }}
            </div>
            <Show when=move || !failed.with(Vec::is_empty)>
                <div class="queue-failed">
                    <span class="state failed"><Icon name="circle-x"/>{move || tn("failed-one", "failed-many", failed.with(Vec::len))}</span>
                    <span class="bar-space"></span>
                    <Button label=t("retry") icon="rotate-ccw" kind=Kind::Quiet testid="queue-retry-failed" on_press=move || {
                        failed.get_untracked().into_iter().for_each(|job| studio.request::<AskRetryJob>(job, |()| ()));
                    }/>
                    <Button label=t("clear-failed") icon="x" kind=Kind::Quiet testid="queue-clear-failed" on_press=move || {
                        failed.get_untracked().into_iter().for_each(|job| studio.request::<AskCancelJob>(job, |()| ()));
                    }/>
                </div>
            </Show>
            <Show when=move || numbers.with(Vec::is_empty)><p class="quiet menu-foot">{t("queue-words")}</p></Show>
            <ul class="scroll-list jobs">
                <For each=move || numbers.get() key=|number| *number children=move |number| view! { <JobRow number/> }/>
            </ul>
        </Popover>
    }
}

#[component]
fn JobRow(number: JobNumber) -> impl IntoView {
    let studio = studio();
    let job =
        Memo::new(move |_| studio.queue.with(|queue| queue.jobs.iter().find(|job| job.number == number).cloned()));
    let name = move || {
        let shot = job.get().map(|job| job.shot);
        let card = studio.cards.with(|cards| {
            cards
                .iter()
                .find(|card| Some(card.shot) == shot)
                .map(|card| (card.number.clone(), card.prompt.text.clone()))
        });
        card.map_or(String::new(), |(n, prompt)| tf("palette-shot", &[("n", &n), ("prompt", &prompt)]))
    };
    // A waiting job goes before the one before it, or behind the one after it.
    let shift = move |by: i32| {
        let before = studio.queue.with_untracked(|queue| {
            let waiting: Vec<_> =
                queue.jobs.iter().filter(|job| job.state == JobState::Waiting).map(|job| job.number).collect();
            let at = waiting.iter().position(|other| *other == number)?;
            let to = if by < 0 { at.checked_sub(1)? } else { at + 2 };
            Some(waiting.get(to).copied())
        });
        if let Some(before) = before {
            studio.request::<AskMoveJob>(MoveJob { job: number, before }, |()| ());
        }
    };
    let state = move || job.get().map(|job| job.state);
    let cancel = move || studio.request::<AskCancelJob>(number, |()| ());
    view! {
        <li class="job" data-testid=format!("job-{number}")>
            {move || match state() {
                Some(JobState::Running { permille, .. }) => view! { <span class="state generating"><Ring permille=Signal::stored(permille)/></span> }.into_any(),
                Some(JobState::Failed(_)) => view! { <span class="state failed"><Icon name="circle-x"/></span> }.into_any(),
                _ => view! { <span class="state quiet"><Icon name="hourglass"/></span> }.into_any(),
            }}
            <div class="job-words">
                <span class="job-name">{name}</span>
                <span class="quiet figures">{move || match state() {
                    Some(JobState::Running { stage, step, steps, millis_left, .. }) => {
                        let left = time_left(millis_left);
                        let dot = if left.is_empty() { "" } else { " · " };
                        format!("{} {step}/{steps}{dot}{left}", stage_name(stage))
                    }
                    Some(JobState::Failed(problem)) => format!("{} {}", problem.what, problem.remedy),
                    _ => t("waiting").to_owned(),
                }}</span>
            </div>
            <div class="job-buttons">
                {move || match state() {
                    Some(JobState::Waiting) => view! {
                        <IconButton label=t("earlier") icon="arrow-up" testid=format!("job-{number}-up") on_press=move || shift(-1)/>
                        <IconButton label=t("later") icon="arrow-down" testid=format!("job-{number}-down") on_press=move || shift(1)/>
                        <IconButton label=t("cancel") icon="x" testid=format!("job-{number}-cancel") on_press=cancel/>
                    }.into_any(),
                    Some(JobState::Failed(_)) => view! {
                        <IconButton label=t("retry") icon="rotate-ccw" testid=format!("job-{number}-retry")
                            on_press={move || studio.request::<AskRetryJob>(number, |()| ())}/>
                        <IconButton label=t("dismiss") icon="x" testid=format!("job-{number}-cancel") on_press=cancel/>
                    }.into_any(),
                    _ => view! { <IconButton label=t("cancel") icon="x" testid=format!("job-{number}-cancel") on_press=cancel/> }.into_any(),
                }}
            </div>
        </li>
    }
}

/// The primary button of the board: everything that is empty or stale.
#[component]
pub fn GenerateStale() -> impl IntoView {
    use kinora_document::board::CardState;
    let studio = studio();
    // What is already queued is not counted again.
    let wanted = Memo::new(move |_| {
        let busy: Vec<_> = studio.queue.with(|queue| {
            queue.jobs.iter().filter(|job| !matches!(job.state, JobState::Failed(_))).map(|job| job.shot).collect()
        });
        studio.cards.with(|cards| {
            let open: Vec<_> =
                cards.iter().filter(|card| card.state != CardState::Ready && !busy.contains(&card.shot)).collect();
            (open.len(), open.iter().any(|card| card.state != CardState::Empty))
        })
    });
    view! {
        <Button kind=Kind::Primary icon="sparkles" testid="generate-stale" tip=crate::keys::shown_key(crate::actions::Action::GenerateStale)
            label=Signal::derive(move || match wanted.get() {
                (0, _) => t("all-ready").to_owned(),
                (n, true) => tn("generate-stale-one", "generate-stale-many", n),
                (n, false) => tn("generate-empty-one", "generate-empty-many", n),
            })
            disabled=Signal::derive(move || wanted.get().0 == 0)
            on_press=move || generate(studio, Vec::new(), 1, false)/>
    }
}
