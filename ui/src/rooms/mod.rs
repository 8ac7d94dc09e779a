//! The rooms of the window, and the frame around them: title bar above, status bar below, and what opens over both.

mod board;
mod cameo;
mod cameo_cast;
mod cameo_consents;
mod cameo_form;
mod cameo_secret;
mod cameo_terms;
mod card;
mod cards;
mod cast;
mod cast_member;
mod cast_voice;
mod clip_effects;
mod clip_inspector;
mod clip_list;
mod clip_sound;
mod deliver;
mod deliver_marks;
mod deliver_presets;
mod desk;
pub mod dub;
mod dub_parts;
#[cfg(test)]
mod dub_tests;
mod edit;
mod engine_card;
mod enrol;
mod enrol_camera;
mod enrol_steps;
mod film_menu;
mod find_bar;
mod history;
mod house;
mod inspector;
mod judged;
mod key_frames;
mod keyboard;
pub mod marker;
mod meters;
mod monitor;
mod new_film;
mod note_form;
mod overrun;
mod palette;
mod queue;
mod script_pane;
mod selection;
mod settings;
mod shortcuts;
mod start;
mod status_bar;
mod takes;
mod timeline;
mod timeline_hands;
mod title_bar;
mod tour;
mod track_heads;
mod track_inspector;
mod verify;
mod watching;
mod write;

use crate::actions::perform;
use crate::state::{Overlay, Room, Studio};
use crate::{keys, theme, view};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

#[component]
pub fn Window() -> impl IntoView {
    let studio = Studio::new();
    provide_context(studio);
    theme::follow(studio);
    view::keep(studio);
    studio.start();
    let handle = window_event_listener(leptos::ev::keydown, move |event| press(studio, &event));
    on_cleanup(move || handle.remove());
    // In another language everything is said anew.
    let language = Memo::new(move |_| studio.manners.with(|manners| manners.language.clone()));
    move || {
        language.track();
        view! { <Frame/> }
    }
}

#[component]
fn Frame() -> impl IntoView {
    let studio = crate::state::studio();
    let open = Memo::new(move |_| studio.is_open());
    view! {
        <div class="window" class:start=move || !open.get()>
            <title_bar::TitleBar/>
            <main class=move || format!("room room-{}", if open.get() { studio.room.get().slug() } else { "start" })>
                {move || match (studio.settled.get(), open.get()) {
                    (false, _) => view! { <div class="waiting" aria-busy="true"></div> }.into_any(),
                    (true, false) => view! { <start::Start/> }.into_any(),
                    (true, true) => match studio.room.get() {
                        Room::Write => view! { <write::Write/> }.into_any(),
                        Room::Board => view! { <board::Board/> }.into_any(),
                        Room::Edit => view! { <edit::Edit/> }.into_any(),
                        Room::Cast => view! { <cast::Cast/> }.into_any(),
                        Room::Cameo => view! { <cameo::Cameo/> }.into_any(),
                        Room::Deliver => view! { <deliver::Deliver/> }.into_any(),
                    },
                }}
            </main>
            <tour::Tour/>
            <status_bar::StatusBar/>
            {move || match studio.overlay.get() {
                Overlay::Palette => view! { <palette::Palette/> }.into_any(),
                Overlay::Shortcuts => view! { <shortcuts::Shortcuts/> }.into_any(),
                Overlay::Keyboard => view! { <keyboard::Keyboard/> }.into_any(),
                Overlay::Marker => view! { <marker::MarkerWords/> }.into_any(),
                Overlay::NewFilm => view! { <new_film::NewFilm/> }.into_any(),
                Overlay::Verify => view! { <verify::Verify/> }.into_any(),
                Overlay::Settings => view! { <settings::Settings/> }.into_any(),
                Overlay::Dub(place) => view! { <dub::Dub place/> }.into_any(),
                _ => ().into_any(),
            }}
        </div>
    }
}

/// Keys that are typed into something stay there, unless they are held with Ctrl and mean an action.
fn press(studio: Studio, event: &web_sys::KeyboardEvent) {
    if event.default_prevented() {
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let tag = target.as_ref().map(|target| target.tag_name().to_uppercase()).unwrap_or_default();
    let typing = match tag.as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => target
            .as_ref()
            .is_some_and(|t| t.get_attribute("type").is_none_or(|kind| kind != "checkbox" && kind != "range")),
        _ => false,
    };
    let control = event.ctrl_key() || event.meta_key();
    let written = keys::written(&event.key(), control, event.shift_key(), event.alt_key());
    // Space and Enter press the button that has the focus.
    if tag == "BUTTON" && matches!(written.as_str(), "Space" | "Enter") && !is_quiet_target(target.as_ref()) {
        return;
    }
    if typing
        && (!control
            || matches!(
                written.as_str(),
                "Ctrl+Z"
                    | "Ctrl+Shift+Z"
                    | "Ctrl+Y"
                    | "Ctrl+B"
                    | "Ctrl+ArrowUp"
                    | "Ctrl+ArrowDown"
                    | "Ctrl+C"
                    | "Ctrl+X"
                    | "Ctrl+V"
                    | "Ctrl+Shift+V"
                    | "Ctrl+A"
                    | "Ctrl+Shift+A"
            ))
    {
        if written == "Escape"
            && let Some(element) = target.and_then(|t| t.dyn_into::<web_sys::HtmlElement>().ok())
        {
            let _ = element.blur();
        }
        return;
    }
    if written == "Escape" {
        studio.overlay.set(Overlay::None);
        studio.cutting.full_screen.set(false);
        return;
    }
    if let Some(action) = keys::action_of(&written) {
        event.prevent_default();
        perform(studio, action);
    }
}

/// A button that was pressed with the pointer does not keep Space from playing.
fn is_quiet_target(target: Option<&web_sys::Element>) -> bool {
    target.is_some_and(|target| !target.matches(":focus-visible").unwrap_or(true))
}
