//! Whose likeness a member of the cast has, chosen among the cameos on this machine, and what the film is for.
//!
//! The subject's own words stand beside the choice: no program can hold a film against them, whoever casts the cameo can.

use super::cameo_terms::purpose_name;
use crate::lang::{t, tf};
use crate::state::studio;
use crate::widgets::Field;
use kinora_api::{CameoView, ConsentState};
use kinora_document::{CameoUse, CastMember, Purpose};
use leptos::prelude::*;

#[component]
pub fn Likeness(value: Memo<Option<CastMember>>, on_keep: Callback<Option<CameoUse>>) -> impl IntoView {
    let studio = studio();
    studio.renew_cameos();
    let all = Memo::new(move |_| studio.cameos.with(|a| a.as_ref().map(|a| a.cameos.clone()).unwrap_or_default()));
    let using = Memo::new(move |_| value.get().and_then(|member| member.cameo));
    let holds = |view: &CameoView| view.consents.first().is_some_and(|newest| newest.state == ConsentState::Holds);
    let chosen = Memo::new(move |_| {
        let cameo = using.get().map(|using| using.cameo);
        all.with(|all| all.iter().find(|view| Some(view.id) == cameo).cloned())
    });
    let choose = move |at: Option<usize>| {
        let view = at.and_then(|at| all.with_untracked(|all| all.get(at).cloned()));
        let purpose = using.get_untracked().map_or(Purpose::Story, |using| using.purpose);
        let newest = view.and_then(|view| view.consents.first().map(|newest| (view.id, newest.consent)));
        on_keep.run(newest.map(|(cameo, consent)| CameoUse { cameo, consent, purpose }));
    };
    let restrictions = move || {
        chosen.with(|view| {
            view.as_ref()
                .and_then(|view| view.consents.first())
                .map(|c| c.terms.restrictions.clone())
                .unwrap_or_default()
        })
    };
    view! {
        <Field label=t("likeness")>
            <select class="input" data-testid="member-cameo" aria-label=t("likeness")
                on:change=move |event| choose(event_target_value(&event).parse().ok())>
                <option value="" selected=move || using.get().is_none()>{t("likeness-none")}</option>
                {move || all.get().into_iter().enumerate().filter(|(_, view)| holds(view) || using.get().is_some_and(|used| used.cameo == view.id)).map(|(at, view)| {
                    let id = view.id;
                    view! { <option value=at.to_string() selected=move || using.get().is_some_and(|used| used.cameo == id)>{view.name}</option> }
                }).collect_view()}
                <Show when=move || using.get().is_some() && chosen.with(Option::is_none)><option value="" selected=true disabled=true>{t("likeness-elsewhere")}</option></Show>
            </select>
        </Field>
        <Show when=move || using.get().is_some()>
            <Field label=t("terms-what")>
                <select class="input" data-testid="member-purpose" aria-label=t("terms-what") on:change=move |event| {
                    let purpose = Purpose::ALL.get(event_target_value(&event).parse::<usize>().unwrap_or(0)).copied().unwrap_or(Purpose::Story);
                    on_keep.run(using.get_untracked().map(|using| CameoUse { purpose, ..using }));
                }>
                    {Purpose::ALL.into_iter().enumerate().map(|(at, one)| view! {
                        <option value=at.to_string() selected=move || using.get().is_some_and(|used| used.purpose == one)>{purpose_name(one)}</option>
                    }).collect_view()}
                </select>
            </Field>
            <Show when=move || !restrictions().is_empty()>
                <p class="member-cost" data-testid="member-restrictions">{move || tf("likeness-asks", &[("words", &restrictions())])}</p>
            </Show>
        </Show>
    }
}
