//! A value between two small buttons, and a row with a label for a form.

use super::Icon;
use leptos::prelude::*;

/// A labelled row of a form.
#[component]
pub fn Field(#[prop(into)] label: String, children: Children) -> impl IntoView {
    view! { <div class="field"><span class="field-label">{label}</span><div class="field-value">{children()}</div></div> }
}

/// Less and more around a value that only takes certain steps; the caller knows which.
#[component]
pub fn Stepper(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] testid: String,
    #[prop(into)] can_less: Signal<bool>,
    #[prop(into)] can_more: Signal<bool>,
    on_step: impl Fn(i32) + Copy + 'static,
) -> impl IntoView {
    use crate::lang::tf;
    let keys = move |event: web_sys::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowUp" | "ArrowRight" => 1,
            "ArrowDown" | "ArrowLeft" => -1,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        on_step(by);
    };
    let (less, more) = (tf("step-less", &[("what", &label)]), tf("step-more", &[("what", &label)]));
    let (less_id, more_id) = (format!("{testid}-less"), format!("{testid}-more"));
    view! {
        <div class="stepper" role="group" aria-label=label on:keydown=keys>
            <button type="button" class="icon-button" title=less.clone() aria-label=less data-testid=less_id
                disabled=move || !can_less.get() on:click=move |_| on_step(-1)><Icon name="minus"/></button>
            <output data-testid=testid>{move || value.get()}</output>
            <button type="button" class="icon-button" title=more.clone() aria-label=more data-testid=more_id
                disabled=move || !can_more.get() on:click=move |_| on_step(1)><Icon name="plus"/></button>
        </div>
    }
}
