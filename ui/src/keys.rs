//! Which key does what: one table, shown by the shortcut sheet and the palette, and open to a person's own choice.
//!
//! A key is written as in the sheet: `Ctrl+Shift+Z`. On macOS, Command counts as Ctrl. Keys without Ctrl never reach an action while
//! someone types. On top of the table lie the keys of a preset, and on top of those a person's own; whichever lies higher takes a key
//! away from what is below, so that no key ever means two things.

mod presets;

use crate::actions::Action;
use crate::state::Studio;
use leptos::prelude::Update;
pub use presets::{PRESETS, Preset};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What a person chose: a preset by its slug, and keys by the slugs of actions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chosen {
    pub preset: String,
    pub own: BTreeMap<String, String>,
}

thread_local! {
    static CHOSEN: RefCell<Chosen> = RefCell::new(Chosen::default());
    static KEYS: RefCell<BTreeMap<&'static str, String>> = RefCell::new(keys_with(&Chosen::default()));
}

/// Action and usual keys, separated by spaces.
const TABLE: &[(Action, &str)] = &[
    (Action::PlayOrStop, "Space"),
    (Action::PlayBackward, "J"),
    (Action::Stop, "K"),
    (Action::PlayForward, "L"),
    (Action::FrameBack, "ArrowLeft"),
    (Action::FrameForward, "ArrowRight"),
    (Action::SecondBack, "Shift+ArrowLeft"),
    (Action::SecondForward, "Shift+ArrowRight"),
    (Action::PreviousCut, "ArrowUp"),
    (Action::NextCut, "ArrowDown"),
    (Action::ToStart, "Home"),
    (Action::ToEnd, "End"),
    (Action::Repeat, "Ctrl+L"),
    (Action::MarkIn, "I"),
    (Action::MarkOut, "O"),
    (Action::ToIn, "Shift+I"),
    (Action::ToOut, "Shift+O"),
    (Action::MarkClip, "X"),
    (Action::ClearMarks, "Alt+X"),
    (Action::AddMarker, "M"),
    (Action::NextMarker, "Shift+M"),
    (Action::PreviousMarker, "Ctrl+Shift+M"),
    (Action::RemoveMarker, "Ctrl+Alt+M"),
    (Action::ToolSelect, "V"),
    (Action::ToolBlade, "B"),
    (Action::ToolRipple, "R"),
    (Action::ToolRoll, "N"),
    (Action::ToolSlip, "Y"),
    (Action::ToolSlide, "U"),
    (Action::Snapping, "S"),
    (Action::Linked, "Ctrl+Shift+L"),
    (Action::SelectHere, "D"),
    (Action::SelectAll, "Ctrl+A"),
    (Action::SelectNone, "Ctrl+Shift+A"),
    (Action::BladeHere, "Ctrl+B"),
    (Action::TrimHead, "Q"),
    (Action::TrimTail, "W"),
    (Action::NudgeLeft, "Alt+ArrowLeft"),
    (Action::NudgeRight, "Alt+ArrowRight"),
    (Action::NudgeFarLeft, "Alt+Shift+ArrowLeft"),
    (Action::NudgeFarRight, "Alt+Shift+ArrowRight"),
    (Action::Insert, ","),
    (Action::Overwrite, "."),
    (Action::Lift, "Delete Backspace"),
    (Action::Extract, "Shift+Delete Shift+Backspace"),
    (Action::LiftRange, ";"),
    (Action::ExtractRange, "'"),
    (Action::CloseGap, "Alt+Delete Alt+Backspace"),
    (Action::FillGap, "G"),
    (Action::PreviousKey, "["),
    (Action::NextKey, "]"),
    (Action::CopyClips, "Ctrl+C"),
    (Action::CutClips, "Ctrl+X"),
    (Action::PasteClips, "Ctrl+V"),
    (Action::PasteInsert, "Ctrl+Shift+V"),
    (Action::Dissolve, "Ctrl+D"),
    (Action::DetachSound, "Ctrl+Shift+D"),
    (Action::DubLine, "Shift+D"),
    (Action::AddTitle, "Ctrl+T"),
    (Action::ZoomIn, "+ ="),
    (Action::ZoomOut, "-"),
    (Action::ZoomFit, "Shift+Z"),
    (Action::SafeAreas, "Shift+G"),
    (Action::ReducedPicture, "Shift+R"),
    (Action::FullScreen, "F"),
    (Action::GenerateShot, "Ctrl+Enter"),
    (Action::GenerateStale, "Ctrl+Shift+Enter"),
    (Action::CancelGeneration, "Ctrl+."),
    (Action::Queue, "Ctrl+J"),
    (Action::NextShot, "Ctrl+ArrowDown"),
    (Action::PreviousShot, "Ctrl+ArrowUp"),
    (Action::Undo, "Ctrl+Z"),
    (Action::Redo, "Ctrl+Shift+Z Ctrl+Y"),
    (Action::History, "Ctrl+Shift+H"),
    (Action::NewFilm, "Ctrl+N"),
    (Action::OpenFilm, "Ctrl+O"),
    (Action::ImportScript, "Ctrl+I"),
    (Action::ImportMedia, "Ctrl+Shift+I"),
    (Action::ExportMp4, "Ctrl+E"),
    (Action::ExportBoard, "Ctrl+P"),
    (Action::VerifyFile, "Ctrl+Shift+O"),
    (Action::RoomWrite, "Ctrl+1"),
    (Action::RoomBoard, "Ctrl+2"),
    (Action::RoomEdit, "Ctrl+3"),
    (Action::RoomCast, "Ctrl+4"),
    (Action::RoomCameo, "Ctrl+5"),
    (Action::RoomDeliver, "Ctrl+6"),
    (Action::Palette, "Ctrl+K"),
    (Action::Shortcuts, "?"),
    (Action::Keyboard, "Ctrl+Alt+K"),
    (Action::Settings, "Ctrl+,"),
    (Action::Theme, ""),
];

/// Sections of the sheet: the name of each, and the action it begins with in the table.
pub const SECTIONS: &[(&str, Action)] = &[
    ("keys-playing", Action::PlayOrStop),
    ("keys-marks", Action::MarkIn),
    ("keys-tools", Action::ToolSelect),
    ("keys-cutting", Action::BladeHere),
    ("keys-looking", Action::ZoomIn),
    ("keys-making", Action::GenerateShot),
    ("keys-film", Action::Undo),
    ("keys-window", Action::RoomWrite),
];

/// Every action, in the order of the sheet.
pub fn actions() -> impl Iterator<Item = Action> {
    TABLE.iter().map(|(action, _)| *action)
}

/// The keys of every action under a choice.
fn keys_with(chosen: &Chosen) -> BTreeMap<&'static str, String> {
    let mut keys: BTreeMap<&'static str, String> =
        TABLE.iter().map(|(action, keys)| (action.slug(), (*keys).to_owned())).collect();
    let preset = PRESETS.iter().find(|preset| preset.slug == chosen.preset);
    for (action, wanted) in preset.map(|preset| preset.keys).unwrap_or_default() {
        assign(&mut keys, action.slug(), wanted);
    }
    for (slug, wanted) in &chosen.own {
        if let Some((action, _)) = TABLE.iter().find(|(action, _)| action.slug() == slug) {
            assign(&mut keys, action.slug(), wanted);
        }
    }
    keys
}

/// Gives an action its keys, and takes them from whatever had them.
fn assign(keys: &mut BTreeMap<&'static str, String>, slug: &'static str, wanted: &str) {
    let taken: Vec<&str> = wanted.split(' ').filter(|key| !key.is_empty()).collect();
    for (_, theirs) in keys.iter_mut().filter(|(other, _)| **other != slug) {
        let left: Vec<&str> = theirs.split(' ').filter(|key| !taken.contains(key)).collect();
        *theirs = left.join(" ");
    }
    keys.insert(slug, taken.join(" "));
}

/// The keys of an action, as they are now.
pub fn keys_of(action: Action) -> String {
    KEYS.with(|keys| keys.borrow().get(action.slug()).cloned().unwrap_or_default())
}

/// The first key of an action, for a tooltip: "Ctrl+Z", "←".
pub fn shown_key(action: Action) -> String {
    pretty(keys_of(action).split(' ').next().unwrap_or_default())
}

/// A key as a person reads it.
pub fn pretty(key: &str) -> String {
    let arrows = [("ArrowLeft", "←"), ("ArrowRight", "→"), ("ArrowUp", "↑"), ("ArrowDown", "↓")];
    arrows.into_iter().fold(key.to_owned(), |key, (name, arrow)| key.replace(name, arrow))
}

/// "Undo (Ctrl+Z)".
pub fn with_key(action: Action) -> String {
    let key = shown_key(action);
    if key.is_empty() { action.name().to_owned() } else { format!("{} ({key})", action.name()) }
}

/// The action of a pressed key, written as in the table.
pub fn action_of(pressed: &str) -> Option<Action> {
    KEYS.with(|keys| {
        let keys = keys.borrow();
        let slug = keys.iter().find(|(_, keys)| keys.split(' ').any(|key| key == pressed)).map(|(slug, _)| *slug)?;
        actions().find(|action| action.slug() == slug)
    })
}

pub fn chosen() -> Chosen {
    CHOSEN.with(|chosen| chosen.borrow().clone())
}

pub fn choose(chosen: Chosen) {
    KEYS.with(|keys| *keys.borrow_mut() = keys_with(&chosen));
    CHOSEN.with(|held| *held.borrow_mut() = chosen);
}

/// Chooses, tells everything that shows keys, and keeps the choice for every film.
pub fn choose_and_keep(studio: Studio, chosen: Chosen) {
    choose(chosen);
    studio.cutting.keys.update(|n| *n += 1);
    crate::habits::keep(studio);
}

/// How a key with its modifiers is written in the table.
pub fn written(key: &str, control: bool, shift: bool, alt: bool) -> String {
    let name = match key {
        " " => "Space".to_owned(),
        one if one.chars().count() == 1 => one.to_uppercase(),
        other => other.to_owned(),
    };
    // A sign that Shift makes (`?`, `+`) already says so.
    let made_by_shift = name.chars().count() == 1 && name.chars().all(|c| !c.is_alphanumeric());
    let mut text = String::new();
    if control {
        text.push_str("Ctrl+");
    }
    if alt {
        text.push_str("Alt+");
    }
    if shift && !made_by_shift {
        text.push_str("Shift+");
    }
    text + &name
}

/// True for a key that is only held with another.
pub fn is_modifier(key: &str) -> bool {
    matches!(key, "Control" | "Shift" | "Alt" | "Meta" | "AltGraph" | "CapsLock" | "Fn" | "Dead")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_key_means_two_things_in_any_preset() {
        for preset in PRESETS {
            let chosen = Chosen { preset: preset.slug.to_owned(), own: BTreeMap::new() };
            let mut seen = BTreeMap::new();
            for (slug, keys) in keys_with(&chosen) {
                for key in keys.split(' ').filter(|key| !key.is_empty()) {
                    assert_eq!(seen.insert(key.to_owned(), slug), None, "{}: {key} is taken twice", preset.slug);
                }
            }
            let declared: Vec<&str> = preset.keys.iter().flat_map(|(_, keys)| keys.split(' ')).collect();
            let once: BTreeSet<&&str> = declared.iter().collect();
            assert_eq!(once.len(), declared.len(), "{} declares a key twice", preset.slug);
        }
    }

    #[test]
    fn every_preset_plays_cuts_and_undoes() {
        use Action::*;
        for preset in PRESETS {
            let keys = keys_with(&Chosen { preset: preset.slug.to_owned(), own: BTreeMap::new() });
            for action in [PlayOrStop, BladeHere, ToolSelect, ToolBlade, MarkIn, MarkOut, Undo, Redo, Palette, Extract]
            {
                assert_ne!(keys.get(action.slug()).map(String::as_str), Some(""), "{}: {action:?}", preset.slug);
            }
        }
    }

    #[test]
    fn every_section_of_the_sheet_begins_in_the_table_in_order() {
        let at = |action: Action| actions().position(|other| other == action).expect("in the table");
        assert!(SECTIONS.windows(2).all(|pair| at(pair[0].1) < at(pair[1].1)));
        assert_eq!(at(SECTIONS[0].1), 0);
    }

    #[test]
    fn a_pressed_key_is_written_as_in_the_sheet() {
        assert_eq!(written("z", true, true, false), "Ctrl+Shift+Z");
        assert_eq!(written(" ", false, false, false), "Space");
        assert_eq!(written("?", false, true, false), "?");
        assert_eq!(action_of("Shift+ArrowLeft"), Some(Action::SecondBack));
        assert_eq!(action_of("Ctrl+Alt+Q"), None);
    }

    #[test]
    fn a_key_that_a_person_chooses_is_taken_from_what_had_it() {
        choose(Chosen { preset: String::new(), own: BTreeMap::from([("tool-blade".to_owned(), "C V".to_owned())]) });
        assert_eq!(action_of("C"), Some(Action::ToolBlade));
        assert_eq!(action_of("V"), Some(Action::ToolBlade));
        assert_eq!(action_of("B"), None);
        assert_eq!(keys_of(Action::ToolSelect), "");
        choose(Chosen { preset: "premiere".to_owned(), own: BTreeMap::new() });
        assert_eq!(action_of("Ctrl+K"), Some(Action::BladeHere));
        choose(Chosen::default());
        assert_eq!(action_of("Ctrl+K"), Some(Action::Palette));
    }
}
