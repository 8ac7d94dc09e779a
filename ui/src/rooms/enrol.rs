//! Recording yourself: the camera, one step after the other, what was found in each, and your consent at the end.
//!
//! The page asks how far it is and shows it; it holds no picture longer than it shows it. Leaving the room lets go of the camera, and what
//! was recorded without a consent is destroyed.

use super::cameo_terms::{TermsDraft, TermsFields};
use super::enrol_camera::Viewfinder;
use super::enrol_steps::Steps;
use super::watching::watch;
use crate::bridge::ask;
use crate::lang::t;
use crate::state::{Studio, studio};
use crate::widgets::{Button, Field, Icon, Kind, ProblemNote};
use kinora_api::*;
use kinora_document::CameoId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use std::rc::Rc;

fn open(studio: Studio, request: OpenCamera, view: RwSignal<Option<EnrolmentView>>, on_refused: Callback<()>) {
    let refused = move |problem| {
        studio.complain(problem);
        // The room may have been left meanwhile.
        if view.try_with_untracked(Option::is_none) == Some(true) {
            on_refused.run(());
        }
    };
    studio.request_or::<AskOpenCamera>(request, move |opened| view.set(Some(opened)), refused);
}

#[component]
pub fn Enrol(on_added: Callback<CameoId>, on_close: Callback<()>) -> impl IntoView {
    let studio = studio();
    let view = RwSignal::new(None::<EnrolmentView>);
    let wish = RwSignal::new(OpenCamera::default());
    let alive = Rc::new(Cell::new(true));
    open(studio, OpenCamera::default(), view, on_close);
    watch::<AskEnrolment>(alive.clone(), view);
    let alive = StoredValue::new_local(alive);
    on_cleanup(move || {
        alive.with_value(|alive| alive.set(false));
        spawn_local(async { drop(ask::<AskCloseCamera>(()).await) });
    });
    let change = Callback::new(move |request: OpenCamera| {
        wish.set(request.clone());
        open(studio, request, view, Callback::new(|()| ()));
    });
    let problem = Memo::new(move |_| view.with(|view| view.as_ref().and_then(|view| view.problem.clone())));
    view! {
        <div class="pane-head"><h2>{t("enrol-yourself")}</h2><span class="bar-space"></span>
            <Button label=t("enrol-stop") icon="x" kind=Kind::Quiet testid="enrol-stop" on_press=move || on_close.run(())/></div>
        <div class="pane-scroll enrol" data-testid="enrol">
            <p class="quiet enrol-wide">{t("enrol-honest")}</p>
            <Viewfinder view wish on_change=change/>
            <div class="enrol-side">
                {move || problem.get().map(|problem| view! { <ProblemNote problem=Signal::derive(move || problem.clone())/> })}
                <Steps view/>
                <Consent view on_added/>
            </div>
        </div>
    }
}

/// Shown once every step is recorded.
#[component]
fn Consent(view: RwSignal<Option<EnrolmentView>>, on_added: Callback<CameoId>) -> impl IntoView {
    let studio = studio();
    let complete = Memo::new(move |_| view.with(|view| view.as_ref().is_some_and(|view| view.complete)));
    let doubts = Memo::new(move |_| {
        view.with(|view| {
            let steps = view.as_ref().map(|view| view.steps.as_slice()).unwrap_or_default();
            steps.iter().flat_map(|step| &step.findings).any(|finding| !finding.holds())
        })
    });
    let (name, attestation) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (mine, busy) = (RwSignal::new(false), RwSignal::new(false));
    let draft = TermsDraft::new();
    let ready =
        move || mine.get() && !busy.get() && !name.with(|name| name.trim().is_empty()) && draft.terms().is_some();
    let finish = move || {
        let Some(terms) = draft.terms() else { return };
        let said = attestation.get_untracked();
        let attestation = (!said.trim().is_empty()).then_some(said);
        busy.set(true);
        spawn_local(async move {
            match ask::<AskFinishEnrolment>(FinishEnrolment { name: name.get_untracked(), terms, attestation }).await {
                Ok(cameo) => {
                    studio.renew_cameos();
                    studio.say(t("cameo-added"));
                    on_added.run(cameo);
                }
                Err(problem) => {
                    studio.complain(problem);
                    busy.set(false);
                }
            }
        });
    };
    view! {
        <Show when=move || complete.get()>
            <div class="member-form cameo-form" data-testid="enrol-consent">
                <Show when=move || doubts.get()>
                    <p class="warning-words" data-testid="enrol-doubts"><Icon name="triangle-alert"/><span>{t("enrol-doubts")}</span></p>
                </Show>
                <Field label=t("name")><input type="text" class="input" data-testid="enrol-name" aria-label=t("name") maxlength="120"
                    prop:value=move || name.get() on:input=move |event| name.set(event_target_value(&event))/></Field>
                <TermsFields draft/>
                <label class="check"><input type="checkbox" data-testid="enrol-mine" prop:checked=move || mine.get()
                    on:change=move |event| mine.set(event_target_checked(&event))/><span>{t("cameo-mine")}</span></label>
                <label class="member-words"><span class="field-label">{t("cameo-attest")}</span>
                    <textarea class="input" rows="2" data-testid="enrol-attest" placeholder=t("cameo-attest-hint") maxlength="2000"
                        prop:value=move || attestation.get() on:input=move |event| attestation.set(event_target_value(&event))></textarea></label>
                <p class="warning-words"><Icon name="info"/><span>{t("cameo-not-checked")}</span></p>
                <div class="form-buttons"><span class="bar-space"></span>
                    <Button label=t("cameo-consent") icon="check" kind=Kind::Primary testid="enrol-finish" disabled=Signal::derive(move || !ready()) on_press=finish/></div>
            </div>
        </Show>
    }
}
