//! A problem, where it happened: what and why, what to do, the button that does it, and the details folded away.

use super::{Button, Kind};
use crate::lang::t;
use kinora_api::Problem;
use leptos::prelude::*;

#[component]
pub fn ProblemNote(
    #[prop(into)] problem: Signal<Problem>,
    /// Label of the button that mends it, and what it does.
    #[prop(optional, into)]
    remedy: Option<(String, Callback<()>)>,
) -> impl IntoView {
    let detail = move || problem.with(|p| p.detail.clone());
    view! {
        <div class="problem" role="alert" data-testid="problem">
            <p><strong>{move || problem.with(|p| p.what.clone())}</strong>" "{move || problem.with(|p| p.remedy.clone())}</p>
            {remedy.map(|(label, act)| view! {
                <Button label kind=Kind::Plain icon="rotate-ccw" testid="problem-remedy" on_press=move || act.run(())/>
            })}
            <Show when=move || !detail().is_empty()>
                <details><summary>{t("details")}</summary><pre>{detail}</pre></details>
            </Show>
        </div>
    }
}
