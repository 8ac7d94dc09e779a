//! A ring that fills: progress in the space of an icon.

use leptos::prelude::*;

/// Length of the ring's line, in its own units.
const ROUND: u32 = 50;

#[component]
pub fn Ring(#[prop(into)] permille: Signal<u32>) -> impl IntoView {
    let filled = move || format!("{} {ROUND}", permille.get().min(1000) * ROUND / 1000);
    view! {
        <svg class="ring" viewBox="0 0 20 20" role="progressbar" aria-label=crate::lang::t("progress") aria-valuemin="0" aria-valuemax="100"
            aria-valuenow=move || (permille.get() / 10).to_string()>
            <circle class="ring-back" cx="10" cy="10" r="7.957"></circle>
            <circle class="ring-front" cx="10" cy="10" r="7.957" stroke-dasharray=filled></circle>
        </svg>
    }
}
