//! Dark or light: the person's choice, or the system's.

use crate::state::Studio;
use leptos::prelude::*;

/// Keeps the attribute that the style sheet looks at in step with the choice.
pub fn follow(studio: Studio) {
    Effect::new(move |_| {
        let theme = studio.theme.get();
        if let Some(root) = document().document_element() {
            let _ = match theme.as_str() {
                "dark" | "light" => root.set_attribute("data-theme", &theme),
                _ => root.remove_attribute("data-theme"),
            };
        }
    });
}

pub fn toggle(studio: Studio) {
    let light = match studio.theme.get_untracked().as_str() {
        "light" => true,
        "dark" => false,
        _ => system_is_light(),
    };
    studio.theme.set(if light { "dark" } else { "light" }.to_owned());
}

fn system_is_light() -> bool {
    window().match_media("(prefers-color-scheme: light)").ok().flatten().is_some_and(|query| query.matches())
}
