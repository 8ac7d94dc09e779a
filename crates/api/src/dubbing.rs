//! Dubbing: a person speaks a line while the film plays, as often as they like, and puts one of the takes into the film.
//!
//! Plain data. Times are the film's. No answer holds a sample: a take is known by its number until it is part of the film.

use super::{EnrolmentHint, Problem};
use kinora_document::{ClipId, Ticks};
use serde::{Deserialize, Serialize};

/// What is spoken anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DubPlace {
    /// A spoken line, or what was dubbed in its place before.
    Clip(ClipId),
    /// Whatever is said on the dialogue track between two times.
    Range { from: Ticks, until: Ticks },
}

/// Asking again for the same place changes the microphone and keeps the takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDub {
    pub place: DubPlace,
    /// None takes what the system would.
    pub microphone: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DubView {
    /// Where recording begins, and where the line ends.
    pub from: Ticks,
    pub until: Ticks,
    /// Who says what; empty where the script says nothing.
    pub character: String,
    pub text: String,
    /// Name of the microphone that is open.
    pub microphone: Option<String>,
    /// Why there is none, as a sentence.
    pub without: Option<String>,
    pub doing: DubDoing,
    /// How loud the last tenth of a second was at its loudest, in hundredths of a decibel below full scale.
    pub level_millibels: i32,
    pub hints: Vec<EnrolmentHint>,
    /// Oldest first.
    pub takes: Vec<DubTake>,
    /// A microphone that was lost, or a recording of nothing.
    pub problem: Option<Problem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DubDoing {
    Ready,
    /// The film plays; recording has not begun.
    Counting {
        millis_left: u64,
    },
    /// `line_millis` is how long the line is.
    Recording {
        millis: u64,
        line_millis: u64,
    },
    /// Number of the take that is heard in the film.
    Listening {
        take: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DubTake {
    /// Counted from 1; never given twice.
    pub number: u32,
    pub length: Ticks,
    /// The loudest sample, in hundredths of a decibel below full scale.
    pub peak_millibels: i32,
    /// The microphone went before the line was over.
    pub cut_short: bool,
}
