//! The rules of this house, in the settings: for whom films are made, the PIN that guards it, rights-holders' lists, decisions.
//!
//! What the rules themselves are is the studio's; here a person sees and changes what may be changed. A typed PIN is sent and forgotten.

use crate::lang::{t, tf, tn};
use crate::state::studio;
use crate::widgets::{Button, Field, Icon, Kind, ProblemNote};
use kinora_api::*;
use leptos::prelude::*;

fn profile_name(profile: HouseProfile) -> &'static str {
    match profile {
        HouseProfile::Standard => t("profile-standard"),
        HouseProfile::Family => t("profile-family"),
        HouseProfile::Classroom => t("profile-classroom"),
    }
}

fn profile_words(profile: HouseProfile) -> &'static str {
    match profile {
        HouseProfile::Standard => t("profile-standard-words"),
        HouseProfile::Family => t("profile-family-words"),
        HouseProfile::Classroom => t("profile-classroom-words"),
    }
}

#[component]
pub fn House() -> impl IntoView {
    let studio = studio();
    let rules = RwSignal::new(None::<PolicyView>);
    let trouble = RwSignal::new(None::<Problem>);
    let (pin, new_pin) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let chosen = RwSignal::new(HouseProfile::default());
    let took = move |view: PolicyView| {
        chosen.set(view.profile);
        rules.set(Some(view));
        trouble.set(None);
        pin.set(String::new());
        new_pin.set(String::new());
    };
    // The rules come a moment after the form is there: what somebody chose or typed by then stays.
    let touched = StoredValue::new(false);
    studio.request::<AskPolicy>((), move |view| {
        if touched.try_get_value() == Some(false) {
            chosen.set(view.profile);
        }
        rules.set(Some(view));
    });
    let has_pin = Memo::new(move |_| rules.with(|rules| rules.as_ref().is_some_and(|rules| rules.has_pin)));
    let send = move |change: SetPolicy| {
        let pin = Some(pin.get_untracked()).filter(|pin| !pin.is_empty());
        studio.request_or::<AskSetPolicy>(SetPolicy { pin, ..change }, took, move |problem| trouble.set(Some(problem)));
    };
    let import = move || {
        studio.request::<AskPickPath>(PathPurpose::ImportList, move |grant| {
            if let Some(grant) = grant {
                studio.request_or::<AskImportList>(grant.grant, took, move |problem| trouble.set(Some(problem)));
            }
        });
    };
    view! {
        <section class="house" aria-label=t("house")>
            <h3>{t("house")}</h3>
            <Field label=t("profile")>
                <select class="input" data-testid="profile" aria-label=t("profile")
                    on:change=move |event| {
                        let name = event_target_value(&event);
                        if let Some(profile) = HouseProfile::ALL.into_iter().find(|profile| profile.name() == name) {
                            touched.set_value(true);
                            chosen.set(profile);
                        }
                    }>
                    {HouseProfile::ALL.into_iter().map(|profile| view! {
                        <option value=profile.name() selected=move || chosen.get() == profile>{profile_name(profile)}</option>
                    }).collect_view()}
                </select>
            </Field>
            <p class="quiet">{move || profile_words(chosen.get())}</p>
            <Show when=move || has_pin.get()>
                <Field label=t("pin")>
                    <input type="password" inputmode="numeric" autocomplete="off" class="input" data-testid="pin" aria-label=t("pin")
                        prop:value=move || pin.get() on:input=move |event| pin.set(event_target_value(&event))/>
                </Field>
            </Show>
            <Field label=t("new-pin")>
                <input type="password" inputmode="numeric" autocomplete="off" class="input" data-testid="new-pin" aria-label=t("new-pin")
                    placeholder=t("new-pin-hint") prop:value=move || new_pin.get() on:input=move |event| new_pin.set(event_target_value(&event))/>
            </Field>
            <div class="form-buttons">
                <Show when=move || has_pin.get()>
                    <Button label=t("remove-pin") kind=Kind::Quiet testid="remove-pin"
                        on_press=move || send(SetPolicy { new_pin: Some(String::new()), ..SetPolicy::default() })/>
                </Show>
                <span class="bar-space"></span>
                <Button label=t("apply-rules") kind=Kind::Plain testid="apply-rules" on_press=move || {
                    let typed = new_pin.get_untracked();
                    send(SetPolicy { profile: Some(chosen.get_untracked()), new_pin: (!typed.is_empty()).then_some(typed), ..SetPolicy::default() });
                }/>
            </div>
            {move || trouble.get().map(|problem| view! { <ProblemNote problem=Signal::stored(problem)/> })}
            <h4>{t("opt-out-lists")}</h4>
            <ul class="plain-list" data-testid="lists">
                {move || rules.get().map(|rules| rules.lists).unwrap_or_default().into_iter().map(|list| {
                    let name = list.name.clone();
                    view! {
                        <li>
                            <span>{format!("{} {} · {}", list.name, list.version, list.holder)}</span>
                            <Button label=t("remove-list") kind=Kind::Quiet testid=format!("remove-list-{name}")
                                on_press=move || send(SetPolicy { remove_list: Some(name.clone()), ..SetPolicy::default() })/>
                        </li>
                    }
                }).collect_view()}
            </ul>
            <div class="form-buttons">
                <span class="quiet">{t("opt-out-words")}</span>
                <span class="bar-space"></span>
                <Button label=t("import-list") icon="folder-open" kind=Kind::Plain testid="import-list" on_press=import/>
            </div>
            {move || rules.get().map(|rules| rules.problems).unwrap_or_default().into_iter().map(|problem| view! {
                <p class="warning"><Icon name="triangle-alert"/>{problem}</p>
            }).collect_view()}
            <h4>{t("decisions")}</h4>
            <label class="check">
                <input type="checkbox" data-testid="keeps-words" prop:checked=move || rules.with(|rules| rules.as_ref().is_some_and(|rules| rules.keeps_words))
                    on:change=move |event| send(SetPolicy { keeps_words: Some(event_target_checked(&event)), ..SetPolicy::default() })/>
                <span>{t("keep-words")}</span>
            </label>
            <p class="quiet" data-testid="decisions">{move || rules.get().map(|rules| {
                let refused = rules.decisions.iter().filter(|decision| decision.refused).count();
                let newest = rules.decisions.first().map(|decision| decision.rules.join(", ")).unwrap_or_default();
                match rules.decisions.len() {
                    0 => t("no-decisions").to_owned(),
                    all => format!("{} {}", tn("refused-one", "refused-many", refused), tf("warned-many", &[("n", &(all - refused)), ("rules", &newest)])),
                }
            })}</p>
            <p class="quiet">{move || rules.get().map(|rules| rules.picture_checks)}</p>
        </section>
    }
}
