//! What engines offer, as plain data that the board, the queue and the screen can reason about.
//!
//! The engines themselves are behind a port; here are only their cards: what they can make, what it would cost, and what they
//! understood of a prompt.

use crate::film::FrameSize;
use crate::hash::BlobHash;
use crate::time::FrameRate;
use serde::{Deserialize, Serialize};

/// What can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Stable name: `draft`.
    pub name: String,
    /// For people: "Draft (bundled)".
    pub title: String,
    pub licence: String,
    /// Hash over all weight files.
    pub weights: BlobHash,
    pub weights_bytes: u64,
    pub rate: FrameRate,
    pub sizes: Vec<FrameSize>,
    /// Ascending.
    pub frame_counts: Vec<u32>,
    pub makes_sound: bool,
    /// Takes pictures as first, last or key frames.
    pub takes_keyframes: bool,
    pub takes_references: bool,
    /// None when it can run here now; otherwise why not and what to do.
    pub unavailable: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    pub peak_bytes: u64,
    pub millis: u64,
}

/// What the model makes of the words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptReading {
    /// Words replaced by the nearest known concept, or not understood: "dragon → lizard (draft model)".
    pub notes: Vec<WordNote>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordNote {
    /// As written in the prompt.
    pub word: String,
    /// What stands in for it; None when nothing does.
    pub used: Option<String>,
    /// For people.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Loading,
    ReadingPrompt,
    Denoising,
    Decoding,
    Sound,
}
