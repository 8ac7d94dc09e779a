//! What opens over a room: a popover under its button, or a dialog in the middle. Escape and a click outside close both.
//!
//! A dialog keeps the focus inside and gives it back where it was; a popover only takes Escape.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

const FOCUSABLE: &str = "button:not([disabled]), input, select, textarea, [tabindex='0']";

fn focus_first(root: &web_sys::Element) {
    if let Ok(Some(first)) = root.query_selector(&format!("[data-first], {FOCUSABLE}"))
        && let Some(first) = first.dyn_ref::<web_sys::HtmlElement>()
    {
        let _ = first.focus();
    }
}

/// Where the focus was when something opened; given back when it closes.
fn remember_focus() {
    let before = document().active_element().and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    let before = StoredValue::new_local(before);
    on_cleanup(move || {
        before.with_value(|before| {
            if let Some(element) = before {
                let _ = element.focus();
            }
        });
    });
}

#[component]
pub fn Dialog(
    #[prop(into)] label: String,
    #[prop(into)] testid: String,
    #[prop(optional, into)] class: &'static str,
    #[prop(into)] close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    remember_focus();
    Effect::new(move |_| {
        if let Some(node) = node.get() {
            request_animation_frame(move || focus_first(&node));
        }
    });
    let keep_inside = move |event: web_sys::KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Escape" => close.run(()),
            "Tab" => {
                let Some(node) = node.get_untracked() else { return };
                let Ok(all) = node.query_selector_all(FOCUSABLE) else { return };
                let (first, last) = (all.item(0), all.item(all.length().saturating_sub(1)));
                let here: Option<web_sys::Node> = document().active_element().map(Into::into);
                let (edge, other) = if event.shift_key() { (first, last) } else { (last, first) };
                if here == edge
                    && let Some(other) = other.and_then(|other| other.dyn_into::<web_sys::HtmlElement>().ok())
                {
                    event.prevent_default();
                    let _ = other.focus();
                }
            }
            _ => {}
        }
    };
    view! {
        <div class="veil" on:click=move |_| close.run(())>
            <div class=format!("dialog {class}") role="dialog" aria-modal="true" aria-label=label data-testid=testid node_ref=node
                on:click=|event| event.stop_propagation() on:keydown=keep_inside>
                {children()}
            </div>
        </div>
    }
}

#[component]
pub fn Popover(
    #[prop(into)] label: String,
    #[prop(into)] testid: String,
    #[prop(optional, into)] class: &'static str,
    #[prop(into)] close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    remember_focus();
    Effect::new(move |_| {
        if let Some(node) = node.get() {
            request_animation_frame(move || focus_first(&node));
        }
    });
    let keys = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            close.run(());
        } else if matches!(event.key().as_str(), "ArrowDown" | "ArrowUp") {
            event.stop_propagation();
            event.prevent_default();
            move_focus(node, event.key() == "ArrowDown");
        }
    };
    view! {
        <div class="outside" on:click=move |event| { event.stop_propagation(); close.run(()); }></div>
        <div class=format!("popover {class}") role="dialog" aria-label=label data-testid=testid node_ref=node
            on:click=|event| event.stop_propagation() on:keydown=keys>
            {children()}
        </div>
    }
}

fn move_focus(node: NodeRef<html::Div>, forward: bool) {
    let Some(node) = node.get_untracked() else { return };
    let Ok(all) = node.query_selector_all(FOCUSABLE) else { return };
    let here: Option<web_sys::Node> = document().active_element().map(Into::into);
    let at = (0..all.length()).find(|index| all.item(*index) == here);
    let next = match (at, forward) {
        (None, _) => 0,
        (Some(at), true) => (at + 1) % all.length().max(1),
        (Some(at), false) => (at + all.length().max(1) - 1) % all.length().max(1),
    };
    if let Some(next) = all.item(next).and_then(|next| next.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = next.focus();
    }
}
