//! Which key does what: one table, shown by the shortcut sheet and the palette, and open to a person's own choice.
//!
//! A key is written as in the sheet: `Ctrl+Shift+Z`. On macOS, Command counts as Ctrl. Keys without Ctrl never reach an action while
//! someone types.

use crate::actions::Action;
use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    static OWN: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
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
    (Action::Undo, "Ctrl+Z"),
    (Action::Redo, "Ctrl+Shift+Z Ctrl+Y"),
    (Action::History, "Ctrl+Shift+H"),
    (Action::GenerateShot, "Ctrl+Enter"),
    (Action::GenerateStale, "Ctrl+Shift+Enter"),
    (Action::CancelGeneration, "Ctrl+."),
    (Action::Queue, "Ctrl+J"),
    (Action::Palette, "Ctrl+K"),
    (Action::Shortcuts, "?"),
    (Action::NewFilm, "Ctrl+N"),
    (Action::OpenFilm, "Ctrl+O"),
    (Action::ImportScript, "Ctrl+I"),
    (Action::ImportMedia, "Ctrl+Shift+I"),
    (Action::ExportMp4, "Ctrl+E"),
    (Action::RoomWrite, "Ctrl+1"),
    (Action::RoomBoard, "Ctrl+2"),
    (Action::RoomEdit, "Ctrl+3"),
    (Action::RoomCast, "Ctrl+4"),
    (Action::RoomDeliver, "Ctrl+5"),
    (Action::ToolSelect, "V"),
    (Action::ToolBlade, "B"),
    (Action::BladeHere, "Ctrl+B"),
    (Action::Snapping, "S"),
    (Action::Dissolve, "Ctrl+D"),
    (Action::Lift, "Delete Backspace"),
    (Action::Extract, "Shift+Delete Shift+Backspace"),
    (Action::ZoomIn, "+ ="),
    (Action::ZoomOut, "-"),
    (Action::ZoomFit, "Shift+Z"),
    (Action::NextShot, "Ctrl+ArrowDown"),
    (Action::PreviousShot, "Ctrl+ArrowUp"),
    (Action::Theme, ""),
    (Action::Settings, "Ctrl+,"),
    (Action::ReducedPicture, ""),
];

/// Every action, in the order of the sheet.
pub fn actions() -> impl Iterator<Item = Action> {
    TABLE.iter().map(|(action, _)| *action)
}

/// The keys of an action, as they are now.
pub fn keys_of(action: Action) -> String {
    let own = OWN.with(|own| own.borrow().get(action.slug()).cloned());
    own.unwrap_or_else(|| TABLE.iter().find(|(a, _)| *a == action).map_or("", |(_, keys)| *keys).to_owned())
}

/// The first key of an action, for a tooltip: "Ctrl+Z", "←".
pub fn shown_key(action: Action) -> String {
    keys_of(action)
        .split(' ')
        .next()
        .unwrap_or_default()
        .replace("Arrow", "")
        .replace("Left", "←")
        .replace("Right", "→")
        .replace("Up", "↑")
        .replace("Down", "↓")
}

/// "Undo (Ctrl+Z)".
pub fn with_key(action: Action) -> String {
    let key = shown_key(action);
    if key.is_empty() { action.name().to_owned() } else { format!("{} ({key})", action.name()) }
}

/// The action of a pressed key, written as in the table.
pub fn action_of(pressed: &str) -> Option<Action> {
    actions().find(|action| keys_of(*action).split(' ').any(|key| key == pressed))
}

pub fn own() -> BTreeMap<String, String> {
    OWN.with(|own| own.borrow().clone())
}
pub fn set_own(keys: BTreeMap<String, String>) {
    OWN.with(|own| *own.borrow_mut() = keys);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let mut seen = BTreeMap::new();
        for (action, keys) in TABLE {
            for key in keys.split(' ').filter(|key| !key.is_empty()) {
                assert_eq!(seen.insert(key, action), None, "{key} is taken twice");
            }
        }
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
    fn a_person_can_choose_other_keys() {
        set_own(BTreeMap::from([("tool-blade".to_owned(), "C".to_owned())]));
        assert_eq!(action_of("C"), Some(Action::ToolBlade));
        assert_eq!(action_of("B"), None);
        set_own(BTreeMap::new());
    }
}
