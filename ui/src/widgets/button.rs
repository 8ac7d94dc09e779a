//! Buttons and icons. Every button has a name for people and one for tests; an icon alone always has a tooltip with its key.

use crate::actions::{Action, perform};
use crate::state::studio;
use leptos::prelude::*;

#[component]
pub fn Icon(#[prop(into)] name: Signal<&'static str>) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false"><use href=move || format!("#i-{}", name.get())></use></svg>
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// The one of a pane.
    Primary,
    #[default]
    Plain,
    Quiet,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Plain => "button",
            Self::Quiet => "button quiet",
        }
    }
}

/// A button with words, and perhaps an icon before them.
#[component]
pub fn Button(
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] icon: Option<&'static str>,
    #[prop(optional)] kind: Kind,
    #[prop(into)] testid: String,
    #[prop(optional, into)] tip: Signal<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    on_press: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button type="button" class=kind.class() data-testid=testid title=move || tip.get() disabled=move || disabled.get()
            on:click=move |event| { event.stop_propagation(); on_press(); }>
            {icon.map(|name| view! { <Icon name/> })}
            <span>{move || label.get()}</span>
        </button>
    }
}

/// A button that is only an icon.
#[component]
pub fn IconButton(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] icon: Signal<&'static str>,
    #[prop(into)] testid: String,
    /// For switches: whether it is on.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    #[prop(optional, into)] disabled: Signal<bool>,
    on_press: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button type="button" class="icon-button" data-testid=testid
            title=move || label.get() aria-label=move || label.get()
            aria-pressed=move || pressed.map(|on| if on.get() { "true" } else { "false" })
            disabled=move || disabled.get()
            on:click=move |event| { event.stop_propagation(); on_press(); }>
            <Icon name=icon/>
        </button>
    }
}

/// The button of an action: its name and key are the tooltip.
#[component]
pub fn ActionButton(
    action: Action,
    #[prop(into)] icon: Signal<&'static str>,
    #[prop(optional, into)] pressed: Option<Signal<bool>>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Said instead of the action's name: "Undo move clip".
    #[prop(optional, into)]
    label: Option<Signal<String>>,
) -> impl IntoView {
    let studio = studio();
    let name = Signal::derive(move || {
        // Other keys, another tooltip.
        studio.cutting.keys.track();
        match label {
            Some(label) if !label.get().is_empty() => {
                let key = crate::keys::shown_key(action);
                if key.is_empty() { label.get() } else { format!("{} ({key})", label.get()) }
            }
            _ => crate::keys::with_key(action),
        }
    });
    view! {
        <button type="button" class="icon-button" data-testid=action.slug()
            title=move || name.get() aria-label=move || name.get()
            aria-pressed=move || pressed.map(|on| if on.get() { "true" } else { "false" })
            disabled=move || disabled.get()
            on:click=move |event| { event.stop_propagation(); perform(studio, action); }>
            <Icon name=icon/>
        </button>
    }
}
