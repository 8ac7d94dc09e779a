//! The film as a value.
//!
//! Everything a person makes in Kinora (script, board, cast, takes, timeline) is one [`Film`]. It changes only by applying a
//! [`Patch`], and every patch yields its inverse, so undo is never written by hand. This crate is pure: no I/O, no clock, no
//! randomness (ids are minted outside), no threads, and no floating-point time. It builds for wasm32, since the screen keeps a replica.

pub mod ambience;
pub mod board;
mod breaths;
pub mod cameo;
pub mod cast;
pub mod casting;
pub mod catalogue;
pub mod check;
pub mod command;
pub mod curve;
pub mod film;
pub mod hash;
pub mod history;
pub mod id;
pub mod limits;
pub mod migrate;
pub mod mix;
pub mod patch;
pub mod plan;
pub mod prompt;
pub mod recipe;
pub mod refusal;
pub mod script;
mod script_parts;
pub mod sign;
pub mod speech;
mod starts;
pub mod table;
pub mod time;

pub use ambience::{Ambience, AmbienceVoice};
pub use cameo::{Audience, CameoKind, CameoUse, NamedPerson, PersonKey, Purpose, Terms};
pub use check::{Violation, check};
pub use command::{Command, new_film};
pub use curve::{Curve, Ease, Key, Knob};
pub use film::*;
pub use hash::BlobHash;
pub use history::{History, Role};
pub use id::*;
pub use mix::{BandKind, ClipMix, Compressor, EqBand, TrackMix, VolumeKey};
pub use patch::{Address, Entity, Kind, Op, Patch, PatchError};
pub use plan::Planner;
pub use refusal::Refusal;
pub use script::ReadScripts;
pub use sign::{Corner, Sign};
pub use speech::{Speech, Speeches, SpokenWord, Utterance};
pub use table::Table;
pub use time::{FrameRate, Span, Ticks};

/// The screen reads scripts while they are typed.
pub use kinora_screenplay as screenplay;
