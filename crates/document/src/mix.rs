//! What is done to sound on its way into the mix: of a track its place, tone and dynamics, of a clip its place and its volume over time.
//!
//! Whole numbers, so that a film sounds the same on every machine; what each does to samples is the mixer's work. The usual values do
//! nothing at all, and are not written into films.

use crate::limits;
use crate::time::Ticks;
use serde::{Deserialize, Serialize};

/// How a whole track is heard, besides its volume: tone first, then dynamics, then its place between left and right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrackMix {
    /// −1000 is left, 1000 right; equally loud everywhere.
    pub pan_permille: i32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub equaliser: Vec<EqBand>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compressor: Option<Compressor>,
    /// Nothing on the track is louder than this; None leaves it alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limiter_millibels: Option<i32>,
}

/// One part of the tone of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EqBand {
    pub kind: BandKind,
    /// Where it begins, or its middle.
    pub hertz: u32,
    /// Cuts have none.
    pub gain_millibels: i32,
    /// 707 is as flat as can be; higher is narrower.
    pub quality_permille: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BandKind {
    /// Nothing below: rumble, wind.
    LowCut,
    LowShelf,
    Bell,
    HighShelf,
    /// Nothing above: hiss.
    HighCut,
}

impl BandKind {
    pub const ALL: [Self; 5] = [Self::LowCut, Self::LowShelf, Self::Bell, Self::HighShelf, Self::HighCut];

    /// A band of this kind that is a good beginning; shelves and bells do nothing yet.
    pub const fn usual(self) -> EqBand {
        let (hertz, quality_permille) = match self {
            Self::LowCut => (80, 707),
            Self::LowShelf => (150, 707),
            Self::Bell => (2_500, 1_000),
            Self::HighShelf => (8_000, 707),
            Self::HighCut => (16_000, 707),
        };
        EqBand { kind: self, hertz, gain_millibels: 0, quality_permille }
    }
}

/// Makes loud parts quieter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compressor {
    /// What is louder than this is made quieter.
    pub threshold_millibels: i32,
    /// 4000: four decibels more become one.
    pub ratio_permille: u32,
    /// Time to take 12 dB away …
    pub attack_millis: u32,
    /// … and to give them back.
    pub release_millis: u32,
    /// Added afterwards.
    pub makeup_millibels: i32,
}

impl Default for Compressor {
    /// Evens out speech.
    fn default() -> Self {
        Self {
            threshold_millibels: -2_000,
            ratio_permille: 3_000,
            attack_millis: 10,
            release_millis: 200,
            makeup_millibels: 300,
        }
    }
}

/// How one clip is heard, besides its volume and fades.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClipMix {
    /// −1000 is left, 1000 right; equally loud everywhere.
    pub pan_permille: i32,
    /// By time, each time once. Between two keys the volume moves evenly in decibels, outside them it stands still.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volume: Vec<VolumeKey>,
    /// A recording without its noise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub denoise: bool,
}

/// The volume at one moment of a clip's source: it stays with what is heard when the clip is cut, trimmed or moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeKey {
    pub at: Ticks,
    /// Added to the clip's own.
    pub gain_millibels: i32,
}

impl TrackMix {
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Every number within its limits.
    pub fn is_legal(&self) -> bool {
        let band = |band: &EqBand| {
            (limits::EQ_HERTZ_LOWEST..=limits::EQ_HERTZ_HIGHEST).contains(&band.hertz)
                && band.gain_millibels.abs() <= limits::EQ_MILLIBELS
                && (limits::EQ_QUALITY_LOWEST..=limits::EQ_QUALITY_HIGHEST).contains(&band.quality_permille)
        };
        let limit = |millibels: i32| (limits::THRESHOLD_MILLIBELS..=0).contains(&millibels);
        let compressor = |of: &Compressor| {
            limit(of.threshold_millibels)
                && (1_000..=limits::RATIO_PERMILLE).contains(&of.ratio_permille)
                && of.attack_millis <= limits::ATTACK_MILLIS
                && (limits::RELEASE_MILLIS_LOWEST..=limits::RELEASE_MILLIS_HIGHEST).contains(&of.release_millis)
                && (0..=limits::EQ_MILLIBELS).contains(&of.makeup_millibels)
        };
        legal_pan(self.pan_permille)
            && self.equaliser.len() <= limits::EQ_BANDS
            && self.equaliser.iter().all(band)
            && self.compressor.iter().all(compressor)
            && self.limiter_millibels.is_none_or(limit)
    }
}

impl ClipMix {
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Every number within its limits, keys in order.
    pub fn is_legal(&self) -> bool {
        let ordered = self.volume.windows(2).all(|pair| matches!(pair, [left, right] if left.at < right.at));
        let key = |key: &VolumeKey| {
            crate::check::legal_gain(key.gain_millibels) && (0..=limits::FILM_TICKS).contains(&key.at.0)
        };
        legal_pan(self.pan_permille)
            && self.volume.len() <= limits::VOLUME_KEYS
            && ordered
            && self.volume.iter().all(key)
    }

    /// The volume at a time of the source, in hundredths of a decibel.
    pub fn volume_at(&self, at: Ticks) -> i32 {
        let next = self.volume.partition_point(|key| key.at <= at);
        let before = next.checked_sub(1).and_then(|place| self.volume.get(place));
        match (before, self.volume.get(next)) {
            (Some(left), Some(right)) => {
                let (passed, whole) = (i128::from((at - left.at).0), i128::from((right.at - left.at).0.max(1)));
                let change = i128::from(right.gain_millibels - left.gain_millibels) * passed / whole;
                left.gain_millibels + i32::try_from(change).unwrap_or(0)
            }
            (Some(only), None) | (None, Some(only)) => only.gain_millibels,
            (None, None) => 0,
        }
    }

    /// Sets the volume at a time of the source; a key that is within `near` of it is the one that is set.
    pub fn set_volume(&mut self, at: Ticks, gain_millibels: i32, near: Ticks) {
        let close = |key: &&mut VolumeKey| (key.at - at).0.abs() <= near.0;
        if let Some(key) = self.volume.iter_mut().find(close) {
            key.gain_millibels = gain_millibels;
        } else {
            let place = self.volume.partition_point(|key| key.at < at);
            self.volume.insert(place, VolumeKey { at, gain_millibels });
        }
    }
}

fn legal_pan(permille: i32) -> bool {
    (-1_000..=1_000).contains(&permille)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volume_moves_evenly_between_keys_and_stands_still_outside() {
        let mut mix = ClipMix::default();
        assert_eq!(mix.volume_at(Ticks::from_seconds(3)), 0);
        let second = Ticks::from_seconds;
        mix.set_volume(second(4), -1_200, Ticks(10));
        mix.set_volume(second(2), 0, Ticks(10));
        mix.set_volume(second(4) + Ticks(3), -600, Ticks(10));
        assert_eq!(mix.volume.len(), 2);
        let heard: Vec<i32> = (1..=5).map(|at| mix.volume_at(second(at))).collect();
        assert_eq!(heard, [0, 0, -300, -600, -600]);
        assert!(mix.is_legal());
    }

    #[test]
    fn what_is_out_of_range_is_not_legal() {
        let band = |hertz, quality_permille| TrackMix {
            equaliser: vec![EqBand { hertz, quality_permille, ..BandKind::Bell.usual() }],
            ..TrackMix::default()
        };
        assert!(TrackMix::default().is_legal() && band(1_000, 1_000).is_legal());
        assert!(!band(1, 1_000).is_legal() && !band(1_000, 9_000).is_legal());
        assert!(!TrackMix { pan_permille: 1_001, ..TrackMix::default() }.is_legal());
        assert!(!TrackMix { limiter_millibels: Some(100), ..TrackMix::default() }.is_legal());
        let key = |seconds| VolumeKey { at: Ticks::from_seconds(seconds), gain_millibels: 0 };
        assert!(!ClipMix { volume: vec![key(2), key(1)], ..ClipMix::default() }.is_legal());
    }

    #[test]
    fn the_usual_is_not_written() {
        assert_eq!(
            serde_json::to_string(&BandKind::ALL.map(|kind| kind.usual().gain_millibels)).ok().as_deref(),
            Some("[0,0,0,0,0]")
        );
        assert!(TrackMix::default().is_usual() && ClipMix::default().is_usual());
    }
}
