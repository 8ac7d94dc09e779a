//! What one frame of the film is made of.
//!
//! A [`FramePlan`] is data: layers from the bottom up, each with its source, its place and its effects. The monitor, the exporter and
//! the tests execute the same plan, which is why preview equals export. Making a plan is pure; executing it is the compositor's work.

mod karaoke;
mod planner;
mod sound;
mod source;

pub use planner::Planner;
pub use sound::sound_plan;
pub(crate) use source::scaled;
pub use source::unscaled;

use crate::ambience::Ambience;
use crate::film::{Effect, FrameSize, Placement, Title};
use crate::hash::BlobHash;
use crate::mix::{ClipMix, TrackMix};
use crate::sign::Corner;
use crate::time::{FrameRate, Ticks};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FramePlan {
    pub size: FrameSize,
    /// Index of the film's frame; also the seed of effects that change with time (grain).
    pub frame: i64,
    /// Bottom first, over black.
    pub layers: Vec<Layer>,
}

/// A picture on its way to the frame: alone, or two mixed by a transition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    Picture(Picture),
    Mix {
        kind: String,
        /// 0 shows `from` alone, 1000 `to` alone.
        progress_permille: u32,
        parameters: BTreeMap<String, f32>,
        /// None is a transparent picture: a fade from or to nothing.
        from: Option<Picture>,
        to: Option<Picture>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    pub source: PictureSource,
    pub placement: Placement,
    /// In the order in which they are applied.
    pub effects: Vec<Effect>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureSource {
    /// Frame `frame` of a movie, or the only frame of a still picture.
    Movie {
        blob: BlobHash,
        frame: u32,
    },
    Title(Title),
    /// A caption of which one word is lit, counted from 0; none before the first is heard.
    Karaoke {
        text: String,
        word: Option<u32>,
    },
    Colour([u8; 3]),
    /// A shot without a take, or a file that is gone: a card that says so.
    Slate {
        heading: String,
        text: String,
    },
    /// The small words in a corner that say how the film was made.
    Sign {
        corner: Corner,
        /// Height of the letters, in thousandths of the frame's shorter side.
        size_permille: u32,
    },
}

/// What is heard: every piece of sound of the film, on one clock.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SoundPlan {
    pub length: Ticks,
    /// Tracks that are heard.
    pub tracks: Vec<SoundTrack>,
    /// In order of start.
    pub pieces: Vec<SoundPiece>,
}

/// What is done to everything on a track once it is added up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SoundTrack {
    /// Spoken words: the rest steps back while they are heard.
    pub is_speech: bool,
    /// 0 is unchanged, −600 is half as loud.
    pub gain_millibels: i32,
    pub mix: TrackMix,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoundSource {
    /// The sound of a file.
    File(BlobHash),
    /// Played by the studio.
    Ambience(Ambience),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SoundPiece {
    /// Index into the plan's tracks.
    pub track: usize,
    pub source: SoundSource,
    /// On the film's clock.
    pub start: Ticks,
    pub length: Ticks,
    /// In the source.
    pub source_in: Ticks,
    pub speed_permille: u32,
    /// The clip's own; 0 is unchanged, −600 is half as loud.
    pub gain_millibels: i32,
    pub mix: ClipMix,
    /// Equal-power fades.
    pub fade_in: Ticks,
    pub fade_out: Ticks,
}

/// The film as a sequence of frames: its rate and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reel {
    pub size: FrameSize,
    pub rate: FrameRate,
    pub frames: i64,
}

/// Reel of the whole film: every frame up to the end of its last clip.
pub fn reel(film: &crate::Film) -> Reel {
    let (rate, length) = (film.settings.rate, film.length());
    let frames = if length > Ticks::ZERO { rate.frame_at(length - Ticks(1)) + 1 } else { 0 };
    Reel { size: film.settings.size, rate, frames }
}

/// One frame of the film. To ask for many, keep a [`Planner`].
pub fn frame_at(film: &crate::Film, frame: i64) -> FramePlan {
    Planner::new(film).frame_at(frame)
}
