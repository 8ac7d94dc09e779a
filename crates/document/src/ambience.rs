//! Sound that the studio plays itself: rain, wind, steps, a bell, as long as a clip is.
//!
//! An [`Ambience`] is everything that decides how it sounds, so the same clip is the same sound; what plays it is an instrument behind a
//! port. It never says how loud it is in the film: volume, fades and keys belong to the clip.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmbienceVoice {
    Rain,
    Wind,
    Water,
    Snow,
    Crowd,
    Engine,
    Birds,
    Insects,
    Hum,
    Whoosh,
    Footsteps,
    Impact,
    Bell,
    Call,
}

impl AmbienceVoice {
    /// In the order of a menu: what lasts, then what is struck.
    pub const ALL: [Self; 14] = [
        Self::Rain,
        Self::Wind,
        Self::Water,
        Self::Snow,
        Self::Crowd,
        Self::Engine,
        Self::Birds,
        Self::Insects,
        Self::Hum,
        Self::Whoosh,
        Self::Footsteps,
        Self::Impact,
        Self::Bell,
        Self::Call,
    ];

    /// Made of single strokes: it has a pace.
    pub const fn is_struck(self) -> bool {
        matches!(self, Self::Footsteps | Self::Impact | Self::Bell | Self::Call)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ambience {
    pub voice: AmbienceVoice,
    /// From a drizzle to a downpour: 0 … 1000.
    pub strength_permille: u32,
    /// From stroke to stroke; 0 strikes once. Only of what is struck.
    pub pace_millis: u32,
    /// Another number is another rain.
    pub seed: u32,
}

/// Faster strokes are a buzz.
pub const PACE_MILLIS_LOWEST: u32 = 120;
/// One stroke a minute; slower ones are clips of their own.
pub const PACE_MILLIS_HIGHEST: u32 = 60_000;

impl Ambience {
    /// A good beginning.
    pub const fn new(voice: AmbienceVoice) -> Self {
        let pace_millis = match voice {
            AmbienceVoice::Footsteps => 550,
            AmbienceVoice::Bell => 3_000,
            _ => 0,
        };
        Self { voice, strength_permille: 600, pace_millis, seed: 1 }
    }

    pub fn is_legal(&self) -> bool {
        self.strength_permille <= 1_000
            && (self.pace_millis == 0 || (PACE_MILLIS_LOWEST..=PACE_MILLIS_HIGHEST).contains(&self.pace_millis))
    }
}
