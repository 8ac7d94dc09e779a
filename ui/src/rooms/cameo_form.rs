//! Adding a cameo: what it is, the files it is seen in, and the consent it may be used under.
//!
//! The form says before anything is done what will not be checked. It never consents for somebody else: their recording needs their file.

use super::cameo::kind_name;
use super::cameo_terms::{TermsDraft, TermsFields};
use crate::lang::t;
use crate::state::studio;
use crate::widgets::{Button, Field, Icon, IconButton, Kind};
use kinora_api::*;
use kinora_document::{Audience, CameoId, CameoKind, Purpose, Terms};
use leptos::prelude::*;
use std::collections::BTreeSet;

const KINDS: [CameoKind; 4] = [CameoKind::Person, CameoKind::Pet, CameoKind::Toy, CameoKind::Drawing];

#[component]
pub fn AddForm(on_added: Callback<CameoId>, on_record: Callback<()>) -> impl IntoView {
    let studio = studio();
    let kind = RwSignal::new(CameoKind::Person);
    let (name, given_by) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let files = RwSignal::new(Vec::<PathGrant>::new());
    let consent_file = RwSignal::new(None::<PathGrant>);
    let (mine, attestation) = (RwSignal::new(false), RwSignal::new(String::new()));
    let busy = RwSignal::new(false);
    let draft = TermsDraft::new();
    let is_person = move || kind.get() == CameoKind::Person;
    let somebody_else = Signal::derive(move || consent_file.with(Option::is_some));
    let complete = move || {
        let said = somebody_else.get()
            || (!name.with(|name| name.trim().is_empty())
                && draft.terms().is_some()
                && if is_person() { mine.get() } else { !given_by.with(|by| by.trim().is_empty()) });
        said && !files.with(Vec::is_empty) && !busy.get()
    };
    let pick = move || {
        studio.request::<AskPickPath>(PathPurpose::CameoRecording, move |grant| {
            files.update(|files| files.extend(grant));
        });
    };
    let pick_consent = move || {
        studio.request::<AskPickPath>(PathPurpose::ConsentFile, move |grant| consent_file.set(grant));
    };
    let add = move || {
        let by = if is_person() { name.get_untracked() } else { given_by.get_untracked() };
        let terms = draft.terms().unwrap_or_else(least);
        let said = attestation.get_untracked();
        let request = AddCameo {
            kind: kind.get_untracked(),
            name: name.get_untracked(),
            given_by: by,
            terms,
            attestation: (!said.trim().is_empty()).then_some(said),
            files: files.with_untracked(|files| files.iter().map(|file| file.grant).collect()),
            consent_file: consent_file.with_untracked(|file| file.as_ref().map(|file| file.grant)),
        };
        busy.set(true);
        leptos::task::spawn_local(async move {
            match crate::bridge::ask::<AskAddCameo>(request).await {
                Ok(id) => {
                    studio.renew_cameos();
                    studio.say(t("cameo-added"));
                    on_added.run(id);
                }
                Err(problem) => studio.complain(problem),
            }
            busy.set(false);
        });
    };
    view! {
        <div class="pane-head"><h2>{t("add-cameo")}</h2><span class="bar-space"></span>
            <Button label=t("enrol-yourself") icon="user" testid="cameo-record" on_press=move || on_record.run(())/></div>
        <div class="pane-scroll member-form cameo-form" data-testid="cameo-form">
            <Field label=t("cameo-kind")>
                <select class="input" data-testid="cameo-kind" aria-label=t("cameo-kind")
                    on:change=move |event| kind.set(KINDS.get(event_target_value(&event).parse::<usize>().unwrap_or(0)).copied().unwrap_or(CameoKind::Person))>
                    {KINDS.into_iter().enumerate().map(|(at, one)| view! { <option value=at.to_string() selected=move || kind.get() == one>{kind_name(one)}</option> }).collect_view()}
                </select>
            </Field>
            <div class="references-head"><h3>{t("cameo-files")}</h3><span class="bar-space"></span>
                <Button label=t("cameo-add-file") icon="plus" kind=Kind::Quiet testid="cameo-add-file" on_press=pick/></div>
            <ul class="plain" data-testid="cameo-files">
                {move || files.get().into_iter().map(|file| view! {
                    <li><Icon name="film"/><span>{file.name}</span><span class="bar-space"></span>
                        <IconButton label=t("cameo-remove-file") icon="x" testid=format!("cameo-file-{}", file.grant)
                            on_press=move || files.update(|files| files.retain(|other| other.grant != file.grant))/></li>
                }).collect_view()}
            </ul>
            <p class="quiet">{t("cameo-files-hint")}</p>
            <Show when=move || !somebody_else.get()>
                <Field label=t("name")><input type="text" class="input" data-testid="cameo-name" aria-label=t("name") maxlength="120"
                    prop:value=move || name.get() on:input=move |event| name.set(event_target_value(&event))/></Field>
                <Show when=move || !is_person()>
                    <Field label=t("cameo-by")><input type="text" class="input" data-testid="cameo-by" aria-label=t("cameo-by") maxlength="120"
                        prop:value=move || given_by.get() on:input=move |event| given_by.set(event_target_value(&event))/></Field>
                </Show>
                <TermsFields draft/>
                <Show when=is_person>
                    <label class="check"><input type="checkbox" data-testid="cameo-mine" prop:checked=move || mine.get()
                        on:change=move |event| mine.set(event_target_checked(&event))/><span>{t("cameo-mine")}</span></label>
                    <label class="member-words"><span class="field-label">{t("cameo-attest")}</span>
                        <textarea class="input" rows="2" data-testid="cameo-attest" placeholder=t("cameo-attest-hint") maxlength="2000"
                            prop:value=move || attestation.get() on:input=move |event| attestation.set(event_target_value(&event))></textarea></label>
                </Show>
            </Show>
            <div class="references-head"><span>{move || match consent_file.get() {
                    Some(file) => file.name,
                    None => t("cameo-somebody-else").to_owned(),
                }}</span><span class="bar-space"></span>
                <Button label=t("cameo-their-consent") icon="file-text" kind=Kind::Quiet testid="cameo-their-consent" on_press=pick_consent/></div>
            <p class="warning-words"><Icon name="info"/><span>{t("cameo-not-checked")}</span></p>
            <div class="form-buttons"><span class="bar-space"></span>
                <Button label=t("cameo-consent") icon="check" kind=Kind::Primary testid="cameo-consent" disabled=Signal::derive(move || !complete()) on_press=add/></div>
        </div>
    }
}

/// Sent along when a signed file says what counts.
fn least() -> Terms {
    Terms {
        purposes: BTreeSet::from([Purpose::Story]),
        restrictions: String::new(),
        audience: Audience::OnlyMe,
        until_millis: None,
    }
}
