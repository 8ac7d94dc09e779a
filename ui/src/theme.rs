//! How the window looks and speaks, whatever film is open: theme, contrast, size of the text, motion, language.
//!
//! Kept by the studio with the person's other habits; the page's own store has a copy for the first picture. What cannot be kept is the
//! usual: dark, and the system's language. The style sheet only ever looks at attributes of the root, which [`follow`] sets.

use crate::lang;
use crate::state::Studio;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

const STORE: &str = "kinora-manners";
/// Percent; the largest still fits the panes at 1280 pixels.
pub const TEXT_SIZES: [u16; 5] = [90, 100, 115, 130, 150];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manners {
    /// "dark", "light" or "system".
    pub theme: String,
    pub high_contrast: bool,
    /// Percent of the usual size of text.
    pub text: u16,
    /// True: nothing moves. The system's wish for less motion counts either way.
    pub still: bool,
    /// A code of [`lang::LANGUAGES`]; empty is the system's.
    pub language: String,
    /// The three steps were seen, or sent away.
    pub toured: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            theme: "dark".to_owned(),
            high_contrast: false,
            text: 100,
            still: false,
            language: String::new(),
            toured: false,
        }
    }
}

impl Manners {
    /// The code of the language that is spoken.
    fn spoken(&self) -> &str {
        if self.language.is_empty() { lang::of_system() } else { &self.language }
    }
}

fn store() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn kept() -> Manners {
    let text = store().and_then(|store| store.get_item(STORE).ok().flatten());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Reads what was kept, keeps what changes, and keeps the attributes that the style sheet looks at in step.
pub fn follow(studio: Studio) {
    let before = kept();
    lang::speak(before.spoken());
    studio.manners.set(before);
    Effect::new(move |_| {
        let manners = studio.manners.get();
        if let (Some(store), Ok(text)) = (store(), serde_json::to_string(&manners)) {
            let _ = store.set_item(STORE, &text);
        }
        crate::habits::keep(studio);
        let Some(root) = document().document_element() else { return };
        let text = TEXT_SIZES.iter().copied().min_by_key(|size| size.abs_diff(manners.text)).unwrap_or(100);
        let attributes = [
            ("data-theme", manners.theme.clone()),
            ("data-contrast", if manners.high_contrast { "high" } else { "usual" }.to_owned()),
            ("data-motion", if manners.still { "none" } else { "usual" }.to_owned()),
            ("data-text", text.to_string()),
            ("lang", manners.spoken().to_owned()),
            ("dir", lang::direction().to_owned()),
        ];
        for (name, value) in attributes {
            let _ = root.set_attribute(name, &value);
        }
    });
}

/// The manners that the studio kept.
pub fn adopt(studio: Studio, manners: Manners) {
    lang::speak(manners.spoken());
    studio.manners.set(manners);
}

/// From now on the window speaks another language; everything in it is drawn again.
pub fn speak(studio: Studio, code: String) {
    studio.manners.update(|manners| manners.language = code);
    studio.manners.with_untracked(|manners| lang::speak(manners.spoken()));
}

pub fn toggle(studio: Studio) {
    let light = match studio.manners.with_untracked(|manners| manners.theme.clone()).as_str() {
        "light" => true,
        "system" => system_is_light(),
        _ => false,
    };
    studio.manners.update(|manners| manners.theme = if light { "dark" } else { "light" }.to_owned());
}

fn system_is_light() -> bool {
    window().match_media("(prefers-color-scheme: light)").ok().flatten().is_some_and(|query| query.matches())
}
