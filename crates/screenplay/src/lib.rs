//! Screenplays: Fountain 1.1 (and Final Draft XML) to a tree, to shot drafts, and back to text.
//!
//! The script is where a film begins, and people type it live, so parsing never fails: it returns a tree and
//! diagnostics. Our own data lives in Fountain notes (`SHOTS.md`), so a file stays valid Fountain everywhere.
//!
//! This crate must never read a file, a clock or a random number, and must never measure time in floats.

pub mod breakdown;
pub mod decode;
pub mod diagnostics;
pub mod dialogue;
pub mod emphasis;
pub mod fdx;
pub mod heading;
pub mod outline;
pub mod reconcile;
pub mod shot_note;
pub mod studio_note;
pub mod tree;

mod blocks;
mod breakdown_scene;
mod comments;
mod fdx_paragraph;
mod lines;
mod mentions;
mod parser;
mod printer;
mod shot_words;
mod title_page;

pub use breakdown::{Breakdown, SceneDraft, ShotDraft, TransitionCue, TransitionKind, breakdown};
pub use decode::{NotText, decode};
pub use diagnostics::{Code, Diagnostic, Severity};
pub use dialogue::DialogueLine;
pub use heading::{Heading, Setting};
pub use outline::{Estimate, OutlineItem, estimate, outline};
pub use parser::{Parsed, parse};
pub use printer::print;
pub use reconcile::{DraftKey, Reconciliation, reconcile};
pub use shot_note::{ShotLength, ShotNote};
pub use shot_words::{CameraAngle, CameraMove, ShotSize};
pub use studio_note::StudioNote;
pub use tree::{Element, ElementKind, Insert, InsertKind, ListedElement, Screenplay, Span, TitleEntry};

/// The longest script we take: about 1,400 pages. Anything longer is not a script, and editors slow down on it.
pub const MAX_SCRIPT_BYTES: usize = 2 * 1024 * 1024;
