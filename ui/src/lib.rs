//! The window: views of the film and nothing else.
//!
//! `state` holds the signals, `bridge` is the only way out, `rooms` are arrangements of panes, `widgets` know nothing of films.
//! The page keeps a replica of the film and never changes it by itself: every edit is a command to the studio behind it.

pub mod actions;
pub mod board;
pub mod bridge;
#[cfg(feature = "fake-bridge")]
pub mod fake;
pub mod films;
pub mod habits;
pub mod keys;
pub mod lang;
pub mod replica;
pub mod rooms;
pub mod script;
pub mod state;
pub mod theme;
pub mod timeline;
pub mod transport;
pub mod view;
pub mod widgets;

use leptos::prelude::*;
use wasm_bindgen::prelude::*;

/// Called once by the page's script.
#[wasm_bindgen(start)]
pub fn open_window() {
    std::panic::set_hook(Box::new(|panic| web_sys::console::error_1(&panic.to_string().into())));
    let Some(root) = document().get_element_by_id("studio").and_then(|root| root.dyn_into().ok()) else { return };
    leptos::mount::mount_to(root, rooms::Window).forget();
}
