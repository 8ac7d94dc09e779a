//! The Cameo room: whose likeness is on this machine, adding one, and the consents it may be used under.
//!
//! Recordings lie sealed in a vault and are never shown here without being asked for. A cameo whose record cannot be read stands in the list
//! with its problem; nothing is left out and nothing is said of a recording that was not checked.

use super::cameo_consents::Consents;
use super::cameo_form::AddForm;
use super::cameo_secret::{Locked, Undecided};
use super::enrol::Enrol;
use crate::lang::{t, tn};
use crate::state::studio;
use crate::widgets::{Button, Icon, Kind, Split};
use kinora_api::{AskPlaceCameo, CameoView, ConsentState, CutOut, PlaceCameo, SecretState};
use kinora_document::{CameoId, CameoKind};
use leptos::prelude::*;

pub fn kind_name(kind: CameoKind) -> &'static str {
    match kind {
        CameoKind::Person => t("cameo-person"),
        CameoKind::Pet => t("cameo-pet"),
        CameoKind::Toy => t("cameo-toy"),
        CameoKind::Drawing => t("cameo-drawing"),
    }
}

/// A shape beside the word, and never colour alone.
pub fn state_of(view: &CameoView) -> (&'static str, &'static str, &'static str) {
    if view.problem.is_some() {
        return ("failed", "circle-x", t("consent-damaged"));
    }
    match view.consents.first().map(|consent| consent.state) {
        Some(ConsentState::Holds) => ("ready", "circle-check", t("consent-holds")),
        Some(ConsentState::Expired) => ("stale", "clock", t("consent-expired")),
        Some(ConsentState::Revoked { .. }) => ("failed", "circle-x", t("consent-revoked")),
        Some(ConsentState::Replaced) | None => ("stale", "circle-dashed", t("consent-none")),
    }
}

#[component]
pub fn Cameo() -> impl IntoView {
    let studio = studio();
    studio.renew_cameos();
    // None is the form for a new one.
    let chosen = RwSignal::new(None::<CameoId>);
    let recording = RwSignal::new(false);
    let added = Callback::new(move |id| {
        recording.set(false);
        chosen.set(Some(id));
    });
    // Whoever looks at another one has left the camera.
    Effect::new(move |_| {
        if chosen.get().is_some() {
            recording.set(false);
        }
    });
    let keeping = Memo::new(move |_| studio.cameos.with(|answer| answer.as_ref().map(|answer| answer.keeping)));
    let cameo = Memo::new(move |_| {
        studio.cameos.with(|answer| {
            let all = answer.as_ref().map(|answer| answer.cameos.as_slice()).unwrap_or_default();
            all.iter().find(|view| Some(view.id) == chosen.get()).cloned()
        })
    });
    view! {
        <Members chosen/>
        <Split name="cameos" label=t("split-cameos") usual=280 least=220 most=420 sizes=studio.panes/>
        <section class="pane cameo-pane" aria-label=t("cameo-enrolment")>
            {move || match keeping.get() {
                None => view! { <div class="waiting" aria-busy="true"></div> }.into_any(),
                Some(SecretState::Undecided) => view! { <Undecided/> }.into_any(),
                Some(SecretState::Locked) => view! { <Locked/> }.into_any(),
                Some(SecretState::Ready) => match chosen.get() {
                    None if recording.get() => view! { <Enrol on_added=added on_close=Callback::new(move |()| recording.set(false))/> }.into_any(),
                    None => view! { <AddForm on_added=added on_record=Callback::new(move |()| recording.set(true))/> }.into_any(),
                    Some(_) => view! { <Recorded cameo/> }.into_any(),
                },
            }}
        </section>
        <Split name="consents" label=t("split-consents") usual=360 least=280 most=520 after=true sizes=studio.panes/>
        <Consents cameo on_gone=Callback::new(move |()| chosen.set(None))/>
    }
}

#[component]
fn Members(chosen: RwSignal<Option<CameoId>>) -> impl IntoView {
    let studio = studio();
    let all =
        Memo::new(move |_| studio.cameos.with(|answer| answer.as_ref().map(|a| a.cameos.clone()).unwrap_or_default()));
    let key = move || {
        let key = studio.cameos.with(|answer| answer.as_ref().and_then(|answer| answer.key));
        key.map(|key| key.to_string()).unwrap_or_default()
    };
    view! {
        <nav class="pane cameos-pane" aria-label=t("room-cameo")>
            <div class="pane-head"><h2>{t("room-cameo")}</h2><span class="bar-space"></span>
                <Button label=t("add-cameo") icon="plus" kind=Kind::Quiet testid="cameo-new" on_press=move || chosen.set(None)/></div>
            <div class="pane-scroll" data-testid="cameos">
                <Show when=move || all.with(Vec::is_empty)>
                    <div class="empty-pane"><Icon name="user"/><p>{t("cameos-empty")}</p></div>
                </Show>
                // A row that says the same stays the same button: one that is replaced while it is pressed is never pressed.
                <For each=move || all.get() key=|view| (view.id, view.name.clone(), state_of(view)) let:view>
                    <MemberRow view chosen/>
                </For>
            </div>
            <Show when=move || !key().is_empty()>
                <div class="cameo-key">
                    <p class="quiet">{t("cameo-key")}</p>
                    <code data-testid="cameo-key">{key}</code>
                </div>
            </Show>
        </nav>
    }
}

#[component]
fn MemberRow(view: CameoView, chosen: RwSignal<Option<CameoId>>) -> impl IntoView {
    let (class, icon, words) = state_of(&view);
    let id = view.id;
    let name = if view.name.is_empty() { t("cameo-unreadable").to_owned() } else { view.name.clone() };
    view! {
        <button type="button" class="member-item" data-testid=format!("cameo-{}", slug(&view.name))
            aria-current=move || (chosen.get() == Some(id)).then_some("true") on:click=move |_| chosen.set(Some(id))>
            <span class="member-name">{name}</span>
            <span class=format!("state {class}")><Icon name=icon/>{words}</span>
        </button>
    }
}

/// What there is of a cameo: recordings, pictures, and everything made with it.
#[component]
fn Recorded(cameo: Memo<Option<CameoView>>) -> impl IntoView {
    let name = move || cameo.with(|view| view.as_ref().map(|view| view.name.clone()).unwrap_or_default());
    let kind = move || cameo.with(|view| view.as_ref().map_or("", |view| kind_name(view.kind)));
    let recordings = move || cameo.with(|view| view.as_ref().map(|view| view.recordings.clone()).unwrap_or_default());
    let pictures = move || cameo.with(|view| view.as_ref().map_or(0, |view| view.pictures));
    let used = move || cameo.with(|view| view.as_ref().map(|view| view.used.clone()).unwrap_or_default());
    let studio = studio();
    let green = RwSignal::new(true);
    let usable = move || {
        let holds = |view: &CameoView| view.consents.first().is_some_and(|newest| newest.state == ConsentState::Holds);
        cameo.with(|view| view.as_ref().is_some_and(holds)) && studio.local.with(Option::is_some)
    };
    let place = move |recording: usize| {
        let Some((id, purpose)) = cameo.with_untracked(|view| {
            let view = view.as_ref()?;
            Some((view.id, *view.consents.first()?.terms.purposes.first()?))
        }) else {
            return;
        };
        let cut_out = if green.get_untracked() { CutOut::ChromaKey } else { CutOut::Whole };
        let at = studio.playhead.get_untracked();
        studio.request::<AskPlaceCameo>(PlaceCameo { cameo: id, recording, purpose, at, cut_out }, move |_| {
            studio.say(t("cameo-was-placed"));
            studio.renew_cameos();
        });
    };
    view! {
        <div class="pane-head"><h2 data-testid="cameo-title">{name}</h2><span class="quiet">{kind}</span></div>
        <div class="pane-scroll cameo-about">
            <h3>{t("cameo-recordings")}</h3>
            <ul class="plain">
                {move || recordings().into_iter().enumerate().map(|(at, recording)| view! {
                    <li><Icon name="lock"/><span>{recording.name}</span><span class="quiet figures">{crate::widgets::size_of(recording.bytes)}</span>
                        <span class="bar-space"></span>
                        <Button label=t("cameo-place") icon="clapperboard" kind=Kind::Quiet testid=format!("cameo-place-{at}") disabled=Signal::derive(move || !usable())
                            on_press=move || place(at)/></li>
                }).collect_view()}
            </ul>
            <label class="check"><input type="checkbox" data-testid="cameo-green" prop:checked=move || green.get()
                on:change=move |event| green.set(event_target_checked(&event))/><span>{t("cameo-green")}</span></label>
            <p class="quiet">{move || tn("cameo-pictures-one", "cameo-pictures-many", pictures() as usize)}</p>
            <p class="quiet">{t("cameo-sealed")}</p>
            <h3>{t("cameo-made")}</h3>
            {move || if used().is_empty() {
                view! { <p class="quiet" data-testid="cameo-unused">{t("cameo-unused")}</p> }.into_any()
            } else {
                view! {
                    <ul class="plain" data-testid="cameo-used">
                        {used().into_iter().map(|made| view! {
                            <li><Icon name="clapperboard"/><span>{format!("{}, {}", made.film, made.shot)}</span><span class="quiet figures">{day(made.at_millis)}</span></li>
                        }).collect_view()}
                    </ul>
                }.into_any()
            }}
        </div>
    }
}

/// As the language of the window writes a day.
pub fn day(millis: i64) -> String {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(millis as f64));
    let language = document().document_element().and_then(|root| root.get_attribute("lang")).unwrap_or_default();
    let language = if language.is_empty() { "en".to_owned() } else { language };
    String::from(date.to_locale_date_string(&language, &wasm_bindgen::JsValue::UNDEFINED))
}

/// For tests to find a row by.
pub fn slug(name: &str) -> String {
    name.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}
