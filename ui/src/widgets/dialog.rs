//! What opens over a room: a popover under its button, or a dialog in the middle. Escape and a click outside close both.
//!
//! A dialog keeps the focus inside and gives it back where it was; a popover only takes Escape.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

const FOCUSABLE: &str = "button:not([disabled]), input, select, textarea, [tabindex='0']";

fn focus_first(root: &web_sys::Element) {
    let find = |selector: &str| root.query_selector(selector).ok().flatten();
    let first = find("[data-first]").or_else(|| find(FOCUSABLE));
    // What has nothing to press yet takes the focus itself, so that its keys are heard.
    if let Some(first) = first.as_ref().unwrap_or(root).dyn_ref::<web_sys::HtmlElement>() {
        let _ = first.focus();
    }
}

/// The focus goes into what has just opened, and back to where it was when that closes.
fn hold_focus(node: NodeRef<html::Div>) {
    let before = document().active_element().and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    let before = StoredValue::new_local(before);
    on_cleanup(move || {
        before.with_value(|before| {
            if let Some(element) = before {
                let _ = element.focus();
            }
        });
    });
    Effect::new(move |_| {
        if let Some(node) = node.get() {
            request_animation_frame(move || focus_first(&node));
        }
    });
}

/// What can have the focus inside, and which of them has it.
fn focusable(node: NodeRef<html::Div>) -> Option<(web_sys::NodeList, Option<u32>)> {
    let all = node.get_untracked()?.query_selector_all(FOCUSABLE).ok()?;
    let here: Option<web_sys::Node> = document().active_element().map(Into::into);
    let at = (0..all.length()).find(|index| all.item(*index) == here);
    Some((all, at))
}

fn focus_on(all: &web_sys::NodeList, at: u32) {
    if let Some(element) = all.item(at).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
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
    hold_focus(node);
    let keep_inside = move |event: web_sys::KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Escape" => close.run(()),
            "Tab" => {
                let Some((all, at)) = focusable(node) else { return };
                let last = all.length().saturating_sub(1);
                let (edge, other) = if event.shift_key() { (0, last) } else { (last, 0) };
                if at == Some(edge) {
                    event.prevent_default();
                    focus_on(&all, other);
                }
            }
            _ => {}
        }
    };
    view! {
        <div class="veil" on:click=move |_| close.run(())>
            <div class=format!("dialog {class}") role="dialog" aria-modal="true" tabindex="-1" aria-label=label data-testid=testid node_ref=node
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
    hold_focus(node);
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
        <div class=format!("popover {class}") role="dialog" tabindex="-1" aria-label=label data-testid=testid node_ref=node
            on:click=|event| event.stop_propagation() on:keydown=keys>
            {children()}
        </div>
    }
}

fn move_focus(node: NodeRef<html::Div>, forward: bool) {
    let Some((all, at)) = focusable(node) else { return };
    let count = all.length().max(1);
    let next = match (at, forward) {
        (None, _) => 0,
        (Some(at), true) => (at + 1) % count,
        (Some(at), false) => (at + count - 1) % count,
    };
    focus_on(&all, next);
}
