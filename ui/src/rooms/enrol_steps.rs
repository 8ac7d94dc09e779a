//! The steps of an enrolment: what is asked for, large while it is recorded, and what was found in each, with its reason.
//!
//! Any step can be repeated; one in which something was not found can stay as it is, and the record then says so. The words here never say
//! more than the check did.

use crate::lang::{t, tf};
use crate::state::studio;
use crate::widgets::{Button, Field, Icon, Kind};
use kinora_api::*;
use leptos::prelude::*;

const COUNTDOWNS: [u32; 4] = [0, 3, 5, 10];
const USUAL_COUNTDOWN: u32 = 3;

pub fn asked(asks: &StepAsks) -> String {
    match asks {
        StepAsks::Look => t("enrol-look").to_owned(),
        StepAsks::TurnLeft => t("enrol-left").to_owned(),
        StepAsks::TurnRight => t("enrol-right").to_owned(),
        StepAsks::Say(digits) => {
            let spaced: Vec<String> = digits.chars().map(String::from).collect();
            tf("enrol-say", &[("digits", &spaced.join(" "))])
        }
    }
}

/// For tests and style sheets.
fn slug(asks: &StepAsks) -> &'static str {
    match asks {
        StepAsks::Look => "look",
        StepAsks::TurnLeft => "left",
        StepAsks::TurnRight => "right",
        StepAsks::Say(_) => "say",
    }
}

pub fn finding_words(finding: Finding) -> &'static str {
    match finding {
        Finding::Face => t("found-face"),
        Finding::NoFace => t("found-no-face"),
        Finding::SeveralFaces => t("found-several-faces"),
        Finding::Turned => t("found-turned"),
        Finding::NotTurned => t("found-not-turned"),
        Finding::Speech => t("found-speech"),
        Finding::NoSpeech => t("found-no-speech"),
        Finding::LevelGood => t("found-level-good"),
        Finding::TooQuiet => t("found-too-quiet"),
        Finding::TooLoud => t("found-too-loud"),
        Finding::Sharp => t("found-sharp"),
        Finding::Blurred => t("found-blurred"),
        Finding::Lit => t("found-lit"),
        Finding::TooDark => t("found-too-dark"),
        Finding::TooBright => t("found-too-bright"),
        Finding::NoPictures => t("found-no-pictures"),
        Finding::NoSound => t("found-no-sound"),
    }
}

#[component]
pub fn Steps(view: RwSignal<Option<EnrolmentView>>) -> impl IntoView {
    let studio = studio();
    let countdown = RwSignal::new(USUAL_COUNTDOWN);
    let steps = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.steps.clone()).unwrap_or_default()));
    let doing = Memo::new(move |_| view.with(|view| view.as_ref().map_or(EnrolmentDoing::Watching, |view| view.doing)));
    let busy = Memo::new(move |_| doing.get() != EnrolmentDoing::Watching);
    let record = move |step: usize| {
        studio.request::<AskRecordStep>(RecordStep { step, countdown_seconds: countdown.get_untracked() }, |()| ());
    };
    let row = move |(at, step): (usize, StepView)| {
        let doubtful = step.findings.iter().any(|finding| !finding.holds());
        let (class, icon) = match (step.recorded, doubtful) {
            (false, _) => ("quiet", "circle-dashed"),
            (true, false) => ("ready", "circle-check"),
            (true, true) => ("stale", "triangle-alert"),
        };
        let (label, kind) =
            if step.recorded { (t("enrol-repeat"), Kind::Quiet) } else { (t("enrol-record"), Kind::Plain) };
        let findings = step.findings.clone();
        view! {
            <li class="enrol-step" data-testid=format!("enrol-step-{at}") data-asks=slug(&step.asks) data-recorded=step.recorded.then_some("yes")
                data-attempts=step.attempts.to_string()>
                <span class=format!("state {class}")><Icon name=icon/></span>
                <div class="enrol-words"><p>{asked(&step.asks)}</p>
                    <ul class="plain">{findings.into_iter().map(|finding| {
                        let (class, icon) = if finding.holds() { ("ready", "check") } else { ("stale", "triangle-alert") };
                        view! { <li class=format!("state {class}")><Icon name=icon/><span>{finding_words(finding)}</span></li> }
                    }).collect_view()}</ul></div>
                <Button label=label kind=kind testid=format!("enrol-record-{at}") disabled=Signal::derive(move || busy.get()) on_press=move || record(at)/>
            </li>
        }
    };
    view! {
        <Prompt steps doing/>
        <ol class="plain enrol-steps">
            {move || steps.get().into_iter().enumerate().map(row).collect_view()}
        </ol>
        <Field label=t("enrol-countdown")>
            <select class="input" data-testid="enrol-countdown" aria-label=t("enrol-countdown")
                on:change=move |event| countdown.set(event_target_value(&event).parse().unwrap_or(USUAL_COUNTDOWN))>
                {COUNTDOWNS.into_iter().map(|seconds| view! {
                    <option value=seconds.to_string() selected=move || countdown.get() == seconds>{tf("enrol-seconds", &[("n", &seconds)])}</option>
                }).collect_view()}
            </select>
        </Field>
    }
}

/// What to do now, and how far it is.
#[component]
fn Prompt(steps: Memo<Vec<StepView>>, doing: Memo<EnrolmentDoing>) -> impl IntoView {
    let step = Memo::new(move |_| match doing.get() {
        EnrolmentDoing::Watching => None,
        EnrolmentDoing::Counting { step, .. }
        | EnrolmentDoing::Recording { step, .. }
        | EnrolmentDoing::Checking { step } => steps.with(|steps| steps.get(step).cloned()),
    });
    let words =
        move || step.with(|step| step.as_ref().map_or_else(|| t("enrol-ready").to_owned(), |step| asked(&step.asks)));
    let whole = move || step.with(|step| step.as_ref().map_or(0, |step| step.millis));
    let far = move || match doing.get() {
        EnrolmentDoing::Watching => String::new(),
        EnrolmentDoing::Counting { millis_left, .. } => tf("enrol-counting", &[("n", &millis_left.div_ceil(1000))]),
        EnrolmentDoing::Recording { millis, .. } => {
            tf("enrol-recording", &[("n", &whole().saturating_sub(millis).div_ceil(1000))])
        }
        EnrolmentDoing::Checking { .. } => t("enrol-checking").to_owned(),
    };
    let slug_now = move || match doing.get() {
        EnrolmentDoing::Watching => "watching",
        EnrolmentDoing::Counting { .. } => "counting",
        EnrolmentDoing::Recording { .. } => "recording",
        EnrolmentDoing::Checking { .. } => "checking",
    };
    view! {
        <div class="enrol-prompt" role="status" data-testid="enrol-prompt" data-doing=slug_now
            data-asks=move || step.with(|step| step.as_ref().map(|step| slug(&step.asks)))>
            <p class="enrol-large">{words}</p>
            <p class="quiet figures">{far}</p>
        </div>
    }
}
