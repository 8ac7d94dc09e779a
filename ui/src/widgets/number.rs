//! A number that is dragged sideways, typed after a double click, or stepped with the arrows. One drag is one change to take back.
//!
//! It knows nothing of films: while it is dragged it calls `on_drag` for each value, and when the hand lets go `on_change` once with the
//! last; Escape calls `on_cancel` and leaves what was there.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// How a number is shown and how far it goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub min: f64,
    pub max: f64,
    /// One arrow key, and one pixel of a drag.
    pub step: f64,
    /// Digits after the point.
    pub digits: usize,
    pub unit: &'static str,
    /// What the delete key brings back.
    pub usual: f64,
}

impl Scale {
    pub const fn new(min: f64, max: f64, step: f64, usual: f64) -> Self {
        Self { min, max, step, digits: 0, unit: "", usual }
    }
    pub const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }
    pub const fn digits(mut self, digits: usize) -> Self {
        self.digits = digits;
        self
    }
    /// Within the ends, and on the digits that are shown.
    pub fn legal(&self, value: f64) -> f64 {
        let fine = 10f64.powi(i32::try_from(self.digits).unwrap_or(0));
        let rounded = (value * fine).round() / fine;
        rounded.clamp(self.min, self.max)
    }
    pub fn shown(&self, value: f64) -> String {
        let text = format!("{:.*}", self.digits, value);
        if self.unit.is_empty() { text } else { format!("{text} {}", self.unit) }
    }
    /// A typed number, with or without its unit, and with a comma where people write one.
    pub fn read(&self, typed: &str) -> Option<f64> {
        let plain = typed.trim().trim_end_matches(self.unit).trim().replace(',', ".").replace('−', "-");
        plain.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| self.legal(value))
    }
}

/// A drag under way: where it began, the value then, and whether it has moved at all.
#[derive(Clone, Copy, Debug, Default)]
struct Pull {
    x: i32,
    before: f64,
    moved: bool,
}

/// Pixels before a press is a drag and not a click.
const SLACK: i32 = 3;

#[component]
pub fn Number(
    #[prop(into)] label: String,
    #[prop(into)] testid: String,
    scale: Scale,
    #[prop(into)] value: Signal<f64>,
    on_drag: impl Fn(f64) + Copy + Send + Sync + 'static,
    on_change: impl Fn(f64) + Copy + Send + Sync + 'static,
    on_cancel: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let typing = RwSignal::new(false);
    // What the field begins with: the value, or the digit that began the typing.
    let begun = RwSignal::new(None::<String>);
    let pulled = StoredValue::new(None::<Pull>);
    // While dragged, what the hand says; the film follows a moment later.
    let ahead = RwSignal::new(None::<f64>);
    let shown = move || scale.shown(ahead.get().unwrap_or_else(|| value.get()));
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
            match begun.get_untracked() {
                None => field.select(),
                // Typing goes on behind the digit.
                Some(typed) => {
                    let end = u32::try_from(typed.len()).unwrap_or(0);
                    let _ = field.set_selection_range(end, end);
                }
            }
        }
    });
    let type_it = move |typed: &str| {
        typing.set(false);
        if let Some(typed) = scale.read(typed)
            && typed != value.get_untracked()
        {
            on_change(typed);
        }
    };
    let step = move |by: f64| on_change(scale.legal(value.get_untracked() + by * scale.step));
    let press = move |event: web_sys::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let Some(target) = event.current_target().and_then(|t| t.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = target.set_pointer_capture(event.pointer_id());
            let _ = target.focus();
        }
        pulled.set_value(Some(Pull { x: event.client_x(), before: value.get_untracked(), moved: false }));
    };
    let pull = move |event: web_sys::PointerEvent| {
        let Some(mut held) = pulled.get_value() else { return };
        let by = event.client_x() - held.x;
        if !held.moved && by.abs() < SLACK {
            return;
        }
        held.moved = true;
        pulled.set_value(Some(held));
        let fine = if event.shift_key() { 0.1 } else { 1.0 };
        let next = scale.legal(held.before + f64::from(by) * scale.step * fine);
        if ahead.get_untracked() != Some(next) {
            ahead.set(Some(next));
            on_drag(next);
        }
    };
    let let_go = move |_: web_sys::PointerEvent| {
        let Some(held) = pulled.get_value() else { return };
        pulled.set_value(None);
        match ahead.get_untracked() {
            Some(last) if held.moved => on_change(last),
            _ => {}
        }
        ahead.set(None);
    };
    let give_up = move || {
        if pulled.get_value().is_some_and(|held| held.moved) {
            on_cancel();
        }
        pulled.set_value(None);
        ahead.set(None);
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let far = if event.shift_key() { 10.0 } else { 1.0 };
        match event.key().as_str() {
            "ArrowUp" | "ArrowRight" => step(far),
            "ArrowDown" | "ArrowLeft" => step(-far),
            "Enter" => {
                begun.set(None);
                typing.set(true);
            }
            digit if !event.ctrl_key() && (digit == "-" || digit.parse::<u8>().is_ok()) => {
                begun.set(Some(digit.to_owned()));
                typing.set(true);
            }
            "Delete" | "Backspace" => on_change(scale.usual),
            "Escape" if pulled.get_value().is_some() => give_up(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let typing_keys = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.stop_propagation();
            type_it(&event_target_value(&event));
        }
        "Escape" => {
            event.stop_propagation();
            typing.set(false);
        }
        _ => {}
    };
    let (name, name_of_field) = (label.clone(), label);
    let (id, id_of_field) = (testid.clone(), testid);
    view! {
        {move || if typing.get() {
            view! {
                <input type="text" inputmode="decimal" class="input number-field figures" node_ref=field data-testid=id_of_field.clone()
                    aria-label=name_of_field.clone() prop:value=move || begun.get_untracked().unwrap_or_else(|| format!("{:.*}", scale.digits, value.get_untracked()))
                    on:keydown=typing_keys on:blur=move |event| if typing.get_untracked() { type_it(&event_target_value(&event)) }/>
            }.into_any()
        } else {
            view! {
                <span class="number figures" tabindex="0" role="spinbutton" data-testid=id.clone() aria-label=name.clone()
                    aria-valuenow=move || value.get().to_string() aria-valuetext=shown
                    aria-valuemin=scale.min.to_string() aria-valuemax=scale.max.to_string()
                    on:pointerdown=press on:pointermove=pull on:pointerup=let_go on:pointercancel=move |_| give_up()
                    on:dblclick=move |_| { begun.set(None); typing.set(true); } on:keydown=keys>{shown}</span>
            }.into_any()
        }}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_number_is_read_with_its_unit_and_with_a_comma() {
        let percent = Scale::new(0.0, 100.0, 1.0, 100.0).unit("%").digits(1);
        assert_eq!(percent.read("42,5 %"), Some(42.5));
        assert_eq!(percent.read(" 400"), Some(100.0));
        assert_eq!(percent.read("−3"), Some(0.0));
        assert_eq!(percent.read("much"), None);
        assert_eq!(percent.read("inf"), None);
        assert_eq!(percent.shown(12.34), "12.3 %");
    }
}
