//! A bar between two panes: drag it, or focus it and use the arrows; a double click or Enter brings the usual size back.
//!
//! The size lives in a custom property on the room, so that dragging moves pixels and nothing else.

use leptos::prelude::*;
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;

const STEP: i32 = 16;

#[component]
pub fn Split(
    /// Name of the pane, and of the custom property `--NAME`.
    name: &'static str,
    #[prop(into)] label: String,
    usual: i32,
    least: i32,
    most: i32,
    /// True for a bar between a pane above and one below.
    #[prop(optional)]
    across: bool,
    /// True when the sized pane lies after the bar.
    #[prop(optional)]
    after: bool,
    sizes: RwSignal<BTreeMap<String, i32>>,
) -> impl IntoView {
    let size = move || sizes.with(|sizes| sizes.get(name).copied()).unwrap_or(usual).clamp(least, most);
    let set = move |to: i32| {
        sizes.update(|sizes| {
            sizes.insert(name.to_owned(), to.clamp(least, most));
        });
    };
    Effect::new(move |_| {
        let value = format!("{}px", size());
        if let Some(root) = document().document_element().and_then(|root| root.dyn_into::<web_sys::HtmlElement>().ok())
        {
            let _ = root.style().set_property(&format!("--{name}"), &value);
        }
    });
    let from = StoredValue::new(None::<(i32, i32)>);
    let place = move |event: &web_sys::PointerEvent| if across { event.client_y() } else { event.client_x() };
    // Where one writes from right to left, the panes lie the other way round.
    let sign = move || if after == (across || !from_right_to_left()) { -1 } else { 1 };
    view! {
        <div class="split" class:across=across role="separator" tabindex="0" aria-label=label data-testid=format!("split-{name}")
            aria-orientation=if across { "horizontal" } else { "vertical" }
            aria-valuenow=move || size().to_string() aria-valuemin=least.to_string() aria-valuemax=most.to_string()
            on:pointerdown=move |event| {
                event.prevent_default();
                if let Some(target) = event.current_target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) {
                    let _ = target.set_pointer_capture(event.pointer_id());
                }
                from.set_value(Some((place(&event), untrack(size))));
            }
            on:pointermove=move |event| {
                if let Some((start, before)) = from.get_value() {
                    set(before + sign() * (place(&event) - start));
                }
            }
            on:pointerup=move |_| from.set_value(None)
            on:pointercancel=move |_| from.set_value(None)
            on:dblclick=move |_| set(usual)
            on:keydown=move |event| {
                let to = match event.key().as_str() {
                    "ArrowLeft" | "ArrowUp" => untrack(size) - sign() * STEP,
                    "ArrowRight" | "ArrowDown" => untrack(size) + sign() * STEP,
                    "Enter" => usual,
                    _ => return,
                };
                event.prevent_default();
                event.stop_propagation();
                set(to);
            }></div>
    }
}

fn from_right_to_left() -> bool {
    document().document_element().and_then(|root| root.get_attribute("dir")).is_some_and(|dir| dir == "rtl")
}
