//! The terms of a consent as a form: what may be made, for whom, until when, and what the subject does not want.
//!
//! Nothing is ticked in the subject's name but the least: stories, only on this machine.

use crate::lang::t;
use crate::widgets::Field;
use kinora_document::{Audience, NamedPerson, Purpose, Terms};
use leptos::prelude::*;
use std::collections::BTreeSet;

pub fn purpose_name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Story => t("purpose-story"),
        Purpose::Teaching => t("purpose-teaching"),
        Purpose::Advertising => t("purpose-advertising"),
        Purpose::Campaign => t("purpose-campaign"),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    OnlyMe,
    People,
    Anyone,
}

/// What is being filled in.
#[derive(Clone, Copy)]
pub struct TermsDraft {
    pub purposes: RwSignal<BTreeSet<Purpose>>,
    pub restrictions: RwSignal<String>,
    pub audience: RwSignal<For>,
    pub person: RwSignal<String>,
    pub key: RwSignal<String>,
    /// As the field of a date gives it: "2027-12-31", or empty.
    pub until: RwSignal<String>,
}

impl TermsDraft {
    pub fn new() -> Self {
        Self {
            purposes: RwSignal::new(BTreeSet::from([Purpose::Story])),
            restrictions: RwSignal::new(String::new()),
            audience: RwSignal::new(For::OnlyMe),
            person: RwSignal::new(String::new()),
            key: RwSignal::new(String::new()),
            until: RwSignal::new(String::new()),
        }
    }

    /// None while something is missing; the form says what.
    pub fn terms(&self) -> Option<Terms> {
        let audience = match self.audience.get() {
            For::OnlyMe => Audience::OnlyMe,
            For::Anyone => Audience::Anyone,
            For::People => {
                let (name, key) = (self.person.get().trim().to_owned(), self.key.get().trim().parse().ok()?);
                Audience::People(vec![NamedPerson { name, key }])
            }
        };
        let terms = Terms {
            purposes: self.purposes.get(),
            restrictions: self.restrictions.get().trim().to_owned(),
            audience,
            until_millis: end_of_day(&self.until.get()),
        };
        terms.fit().then_some(terms)
    }
}

/// The moment after the last of that day, here; None for no day.
fn end_of_day(text: &str) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    let midnight = js_sys::Date::parse(&format!("{text}T23:59:59.999"));
    midnight.is_finite().then_some(midnight as i64 + 1)
}

#[component]
pub fn TermsFields(draft: TermsDraft) -> impl IntoView {
    let audiences = [
        (For::OnlyMe, "only-me", t("audience-only-me")),
        (For::People, "people", t("audience-people")),
        (For::Anyone, "anyone", t("audience-anyone")),
    ];
    view! {
        <fieldset class="terms"><legend>{t("terms-what")}</legend>
            {Purpose::ALL.into_iter().map(|purpose| view! {
                <label class="check"><input type="checkbox" data-testid=format!("purpose-{}", purpose.name())
                    prop:checked=move || draft.purposes.with(|chosen| chosen.contains(&purpose))
                    on:change=move |event| { let on = event_target_checked(&event); draft.purposes.update(|chosen| {
                        if on { chosen.insert(purpose); } else { chosen.remove(&purpose); }
                    }); }/><span>{purpose_name(purpose)}</span></label>
            }).collect_view()}
        </fieldset>
        <label class="member-words"><span class="field-label">{t("terms-restrictions")}</span>
            <textarea class="input" rows="2" data-testid="terms-restrictions" placeholder=t("terms-restrictions-hint") maxlength="4000"
                prop:value=move || draft.restrictions.get() on:input=move |event| draft.restrictions.set(event_target_value(&event))></textarea></label>
        <fieldset class="terms"><legend>{t("terms-who")}</legend>
            {audiences.into_iter().map(|(audience, slug, words)| view! {
                <label class="check"><input type="radio" name="audience" data-testid=format!("audience-{slug}")
                    prop:checked=move || draft.audience.get() == audience on:change=move |_| draft.audience.set(audience)/><span>{words}</span></label>
            }).collect_view()}
        </fieldset>
        <Show when=move || draft.audience.get() == For::People>
            <Field label=t("person-name")><input type="text" class="input" data-testid="person-name" aria-label=t("person-name") maxlength="120"
                prop:value=move || draft.person.get() on:input=move |event| draft.person.set(event_target_value(&event))/></Field>
            <Field label=t("person-key")><input type="text" class="input figures" data-testid="person-key" aria-label=t("person-key") maxlength="64"
                placeholder=t("person-key-hint") prop:value=move || draft.key.get() on:input=move |event| draft.key.set(event_target_value(&event))/></Field>
        </Show>
        <Field label=t("terms-until")><input type="date" class="input" data-testid="terms-until" aria-label=t("terms-until")
            prop:value=move || draft.until.get() on:input=move |event| draft.until.set(event_target_value(&event))/></Field>
        <p class="quiet">{t("terms-until-hint")}</p>
    }
}
