//! The consents of a cameo in plain words, and what its subject may do: take them back, give new ones, have everything, delete everything.
//!
//! Taking back is one press and asks nothing; destroying asks once, in place, and says what it is worth.

use super::cameo::{day, state_of};
use super::cameo_terms::{TermsDraft, TermsFields, purpose_name};
use crate::lang::{t, tf, tn};
use crate::state::{Studio, studio};
use crate::widgets::{Button, Icon, Kind, ProblemNote};
use kinora_api::*;
use kinora_document::{Audience, CameoId};
use leptos::prelude::*;

/// What was pressed and waits for a second press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sure {
    Purge,
    Delete,
}

#[component]
pub fn Consents(cameo: Memo<Option<CameoView>>, on_gone: Callback<()>) -> impl IntoView {
    let studio = studio();
    let renewing = RwSignal::new(false);
    let sure = RwSignal::new(None::<Sure>);
    // Another cameo, not news of this one: an answer that comes late must not take back what was just pressed.
    let shown = Memo::new(move |_| cameo.with(|view| view.as_ref().map(|view| view.id)));
    Effect::new(move |_| {
        shown.track();
        renewing.set(false);
        sure.set(None);
    });
    let id = move || cameo.with_untracked(|view| view.as_ref().map(|view| view.id));
    let holds = move || {
        cameo.with(|view| {
            view.as_ref().and_then(|view| view.consents.first()).is_some_and(|c| c.state == ConsentState::Holds)
        })
    };
    let own =
        move || cameo.with(|view| view.as_ref().and_then(|view| view.consents.first()).is_some_and(|c| !c.from_file));
    let marked = Memo::new(move |_| {
        let id = cameo.with(|view| view.as_ref().map(|view| view.id));
        studio.film(|film| {
            let of =
                |take: &&kinora_document::Take| take.withdrawn && take.cameos.iter().any(|used| Some(used.cameo) == id);
            let recordings =
                film.media.iter().filter(|media| media.withdrawn && media.cameo.map(|used| used.cameo) == id);
            film.takes.iter().filter(of).count() + recordings.count()
        })
    });
    view! {
        <section class="pane consents-pane" aria-label=t("consents")>
            <div class="pane-head"><h2>{t("consents")}</h2></div>
            <div class="pane-scroll" data-testid="consents">
                {move || match cameo.get() {
                    None => view! { <div class="empty-pane"><Icon name="file-text"/><p>{t("consents-empty")}</p></div> }.into_any(),
                    Some(view) => view! {
                        {view.problem.clone().map(|problem| view! { <ProblemNote problem=Signal::derive(move || problem.clone())/> })}
                        {said(&view)}
                    }.into_any(),
                }}
                <Show when=move || renewing.get()><Renew id=Signal::derive(id) on_done=Callback::new(move |()| renewing.set(false))/></Show>
            </div>
            <Show when=move || cameo.with(Option::is_some)>
                <div class="consent-actions">
                    <Show when=move || { marked.get() > 0 }>
                        <p class="state stale" data-testid="cameo-marked"><Icon name="triangle-alert"/>{move || tn("takes-marked-one", "takes-marked-many", marked.get())}</p>
                        <Asked sure what=Sure::Purge words=t("purge-sure") label=t("purge-takes") testid="cameo-purge"
                            on_sure=Callback::new(move |()| if let Some(id) = id() {
                                studio.request::<AskPurgeCameo>(id, move |count| { studio.say(tn("purged-one", "purged-many", count)); studio.renew_cameos(); });
                            })/>
                    </Show>
                    <Show when=holds>
                        <Button label=t("consent-revoke") icon="x" kind=Kind::Primary testid="cameo-revoke" on_press=move || if let Some(id) = id() {
                            studio.request::<AskRevokeCameo>(id, move |done| {
                                studio.say(tf("consent-was-revoked", &[("jobs", &done.jobs), ("takes", &done.takes)]));
                                studio.renew_cameos();
                            });
                        }/>
                    </Show>
                    <Show when=own>
                        <Button label=t("consent-renew") icon="pencil-line" testid="cameo-renew" on_press=move || renewing.update(|on| *on = !*on)/>
                        <Show when=holds>
                            <Button label=t("consent-save") icon="file-down" testid="cameo-save-consent" on_press=move || save(studio, id(), PathPurpose::SaveConsent)/>
                        </Show>
                    </Show>
                    <Button label=t("cameo-export") icon="download" testid="cameo-export" on_press=move || save(studio, id(), PathPurpose::ExportCameo)/>
                    <Asked sure what=Sure::Delete words=t("delete-sure") label=t("cameo-delete") testid="cameo-delete"
                        on_sure=Callback::new(move |()| if let Some(id) = id() {
                            studio.request::<AskDeleteCameo>(id, move |said| { studio.say(said.join(" ")); studio.renew_cameos(); on_gone.run(()); });
                        })/>
                </div>
            </Show>
        </section>
    }
}

/// A button that asks once, in its own place.
#[component]
fn Asked(
    sure: RwSignal<Option<Sure>>,
    what: Sure,
    #[prop(into)] words: String,
    #[prop(into)] label: String,
    testid: &'static str,
    on_sure: Callback<()>,
) -> impl IntoView {
    let (first, second) = (label.clone(), label);
    view! {
        {move || if sure.get() == Some(what) {
            let (words, label) = (words.clone(), second.clone());
            view! {
                <div class="sure" role="alert" data-testid=format!("{testid}-asks")><p>{words}</p>
                    <div class="form-buttons">
                        <Button label=t("cancel") kind=Kind::Quiet testid=format!("{testid}-no") on_press=move || sure.set(None)/>
                        <Button label=label kind=Kind::Primary icon="trash-2" testid=format!("{testid}-yes") on_press=move || { sure.set(None); on_sure.run(()); }/>
                    </div>
                </div>
            }.into_any()
        } else {
            let label = format!("{first}…");
            view! { <Button label=label icon="trash-2" kind=Kind::Quiet testid=testid on_press=move || sure.set(Some(what))/> }.into_any()
        }}
    }
}

fn save(studio: Studio, cameo: Option<CameoId>, purpose: PathPurpose) {
    let Some(cameo) = cameo else { return };
    studio.request::<AskPickPath>(purpose, move |grant| {
        let Some(grant) = grant else { return };
        let (request, name) = (SaveCameo { cameo, grant: grant.grant }, grant.name);
        let done = move || studio.say(tf("saved-as", &[("name", &name)]));
        if purpose == PathPurpose::SaveConsent {
            studio.request::<AskExportConsent>(request, move |()| done());
        } else {
            studio.request::<AskExportCameo>(request, move |_| done());
        }
    });
}

/// Every consent, newest first: who, what, for whom, until when, and what was not checked.
fn said(view: &CameoView) -> impl IntoView + use<> {
    let newest = state_of(view);
    let given_by = view.given_by.clone();
    let rows = view.consents.iter().enumerate().map(|(at, consent)| {
        let (class, icon, words) = if at == 0 { newest } else { ("quiet", "history", older(consent.state)) };
        let purposes: Vec<&str> = consent.terms.purposes.iter().map(|purpose| purpose_name(*purpose)).collect();
        let audience = match &consent.terms.audience {
            Audience::OnlyMe => t("audience-only-me").to_owned(),
            Audience::Anyone => t("audience-anyone").to_owned(),
            Audience::People(people) => {
                let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
                tf("audience-named", &[("names", &names.join(", "))])
            }
        };
        let until = match consent.terms.until_millis {
            Some(until) => tf("until-day", &[("day", &day(until - 1))]),
            None => t("until-revoked").to_owned(),
        };
        let given = tf("consent-given", &[("name", &given_by), ("day", &day(consent.at_millis))]);
        let restrictions = consent.terms.restrictions.clone();
        let (verified, unchecked) = (consent.verified.clone(), consent.not_verified.clone());
        view! {
            <article class="consent" data-testid=format!("consent-{at}")>
                <p class=format!("state {class}")><Icon name=icon/>{words}</p>
                <p>{given}</p>
                <p>{purposes.join(", ")}</p>
                <p>{audience}</p>
                <p>{until}</p>
                {(!restrictions.is_empty()).then(|| view! { <blockquote>{restrictions}</blockquote> })}
                {consent.from_file.then(|| view! { <p class="quiet">{t("consent-from-file")}</p> })}
                <details><summary>{t("consent-checked")}</summary>
                    <ul>{verified.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul>
                    <p>{t("consent-not-checked")}</p>
                    <ul>{unchecked.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul>
                </details>
            </article>
        }
    });
    rows.collect_view()
}

fn older(state: ConsentState) -> &'static str {
    match state {
        ConsentState::Revoked { .. } => t("consent-revoked"),
        ConsentState::Expired => t("consent-expired"),
        ConsentState::Holds | ConsentState::Replaced => t("consent-replaced"),
    }
}

/// New terms in place of the ones on record.
#[component]
fn Renew(id: Signal<Option<CameoId>>, on_done: Callback<()>) -> impl IntoView {
    let studio = studio();
    let draft = TermsDraft::new();
    let give = move || {
        let (Some(cameo), Some(terms)) = (id.get_untracked(), draft.terms()) else { return };
        studio.request::<AskRenewConsent>(RenewConsent { cameo, terms, attestation: None }, move |()| {
            studio.renew_cameos();
            on_done.run(());
        });
    };
    view! {
        <div class="renew" data-testid="renew-form"><h3>{t("consent-renew")}</h3>
            <TermsFields draft/>
            <div class="form-buttons"><Button label=t("cancel") kind=Kind::Quiet testid="renew-cancel" on_press=move || on_done.run(())/>
                <Button label=t("cameo-consent") icon="check" kind=Kind::Primary testid="renew-give" disabled=Signal::derive(move || draft.terms().is_none()) on_press=give/></div>
        </div>
    }
}
