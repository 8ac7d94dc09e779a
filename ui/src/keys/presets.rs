//! Keys as other editors have them: what differs from our own table, for hands that know them already.
//!
//! Only what each of these programs does under that key in its own default layout. An action that a preset does not name keeps our key,
//! unless the preset needs that key for something else.

use crate::actions::Action;

#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Kept in the person's settings.
    pub slug: &'static str,
    /// A product's name: not translated.
    pub name: &'static str,
    pub keys: &'static [(Action, &'static str)],
}

pub const PRESETS: &[Preset] = &[
    Preset { slug: "", name: "Kinora", keys: &[] },
    Preset { slug: "premiere", name: "Premiere Pro", keys: PREMIERE },
    Preset { slug: "resolve", name: "DaVinci Resolve", keys: RESOLVE },
    Preset { slug: "final-cut", name: "Final Cut Pro", keys: FINAL_CUT },
];

const PREMIERE: &[(Action, &str)] = &[
    (Action::ToolBlade, "C"),
    (Action::ToolRipple, "B"),
    (Action::BladeHere, "Ctrl+K"),
    (Action::Palette, "Ctrl+Shift+P"),
    (Action::ExportMp4, "Ctrl+M"),
    (Action::ImportMedia, "Ctrl+I"),
    (Action::ImportScript, "Ctrl+Shift+I"),
    (Action::Linked, "Ctrl+Shift+L"),
    (Action::ZoomFit, "\\"),
    (Action::FullScreen, "Ctrl+`"),
    (Action::Keyboard, "Ctrl+Alt+K"),
];

const RESOLVE: &[(Action, &str)] = &[
    (Action::ToolSelect, "A"),
    (Action::ToolBlade, "B"),
    (Action::ToolRipple, "T"),
    (Action::ToolRoll, "Alt+T"),
    (Action::Snapping, "N"),
    (Action::BladeHere, "Ctrl+B Ctrl+\\"),
    (Action::TrimHead, "{"),
    (Action::TrimTail, "}"),
    (Action::Insert, "F9"),
    (Action::Overwrite, "F10"),
    (Action::NudgeLeft, ","),
    (Action::NudgeRight, "."),
    (Action::NudgeFarLeft, "<"),
    (Action::NudgeFarRight, ">"),
    (Action::Lift, "Backspace"),
    (Action::Extract, "Delete Shift+Backspace"),
    (Action::Dissolve, "Ctrl+T"),
    (Action::AddTitle, "Ctrl+Shift+T"),
    (Action::Repeat, "Ctrl+/"),
    (Action::NextMarker, "Shift+ArrowDown"),
    (Action::PreviousMarker, "Shift+ArrowUp"),
    (Action::Linked, "Ctrl+Shift+L"),
    (Action::SelectHere, "Shift+V"),
    (Action::ZoomIn, "Ctrl+= Ctrl++"),
    (Action::ZoomOut, "Ctrl+-"),
    (Action::FullScreen, "Ctrl+F"),
];

const FINAL_CUT: &[(Action, &str)] = &[
    (Action::ToolSelect, "A"),
    (Action::ToolBlade, "B"),
    (Action::ToolRipple, "T"),
    (Action::Snapping, "N"),
    (Action::ToolRoll, "Alt+T"),
    (Action::BladeHere, "Ctrl+B"),
    (Action::TrimHead, "Alt+["),
    (Action::TrimTail, "Alt+]"),
    (Action::Insert, "W"),
    (Action::Overwrite, "D"),
    (Action::NudgeLeft, ","),
    (Action::NudgeRight, "."),
    (Action::NudgeFarLeft, "<"),
    (Action::NudgeFarRight, ">"),
    (Action::Lift, "Shift+Delete Shift+Backspace"),
    (Action::Extract, "Delete Backspace"),
    (Action::Dissolve, "Ctrl+T"),
    (Action::AddTitle, "Ctrl+Alt+T"),
    (Action::SelectHere, "C"),
    (Action::NextMarker, "Ctrl+'"),
    (Action::PreviousMarker, "Ctrl+;"),
    (Action::Repeat, "Ctrl+L"),
    (Action::DetachSound, "Ctrl+Shift+S"),
    (Action::ZoomIn, "Ctrl+= Ctrl++"),
    (Action::ZoomOut, "Ctrl+-"),
    (Action::FullScreen, "Ctrl+Shift+F"),
];
