//! Exact time.
//!
//! [`Ticks`] counts 1/705,600,000 s, in which one frame at 24, 25, 30, 50, 60, 23.976 and 29.97 fps and one sample at
//! 44.1, 48 and 96 kHz are all whole numbers. Time is never a float here: a film cut on Tuesday must mean the same on Wednesday.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// A point in time or a length, in units of 1/705,600,000 s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticks(pub i64);

impl Ticks {
    pub const PER_SECOND: i64 = 705_600_000;
    pub const ZERO: Self = Self(0);

    /// Whole milliseconds are exact: a millisecond is 705,600 ticks.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(Self::PER_SECOND / 1000))
    }
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(Self::PER_SECOND))
    }
    /// Exact for every sample rate that divides [`Self::PER_SECOND`]; others round down.
    pub const fn from_samples(samples: i64, sample_rate: u32) -> Self {
        Self((samples as i128 * Self::PER_SECOND as i128 / sample_rate as i128) as i64)
    }
    /// Samples that have begun before this time (rounds down).
    pub const fn to_samples(self, sample_rate: u32) -> i64 {
        (self.0 as i128 * sample_rate as i128).div_euclid(Self::PER_SECOND as i128) as i64
    }
    pub const fn to_millis(self) -> i64 {
        self.0.div_euclid(Self::PER_SECOND / 1000)
    }
    /// For display and for plotting only; never stored and never computed with.
    pub fn to_seconds_for_display(self) -> f64 {
        self.0 as f64 / Self::PER_SECOND as f64
    }
    pub fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
    pub fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }
}

impl Add for Ticks {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
impl Sub for Ticks {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}
impl Neg for Ticks {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}
impl AddAssign for Ticks {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
impl SubAssign for Ticks {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

/// Frames per second as an exact ratio: 24/1, 30000/1001, …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "StoredRate")]
pub struct FrameRate {
    pub frames: u32,
    pub seconds: u32,
}

/// What is read from outside before it is a rate: neither number may be 0.
#[derive(Deserialize)]
struct StoredRate {
    frames: u32,
    seconds: u32,
}

impl TryFrom<StoredRate> for FrameRate {
    type Error = &'static str;
    fn try_from(stored: StoredRate) -> Result<Self, Self::Error> {
        let fits = |number: u32| (1..=1_000_000).contains(&number);
        if fits(stored.frames) && fits(stored.seconds) {
            Ok(Self { frames: stored.frames, seconds: stored.seconds })
        } else {
            Err("a frame rate is a ratio of two whole numbers from 1 to 1,000,000")
        }
    }
}

impl FrameRate {
    pub const FPS_12: Self = Self { frames: 12, seconds: 1 };
    pub const FPS_23_976: Self = Self { frames: 24000, seconds: 1001 };
    pub const FPS_24: Self = Self { frames: 24, seconds: 1 };
    pub const FPS_25: Self = Self { frames: 25, seconds: 1 };
    pub const FPS_29_97: Self = Self { frames: 30000, seconds: 1001 };
    pub const FPS_30: Self = Self { frames: 30, seconds: 1 };
    pub const FPS_60: Self = Self { frames: 60, seconds: 1 };
    /// The rates a film may have.
    pub const FILM_RATES: [Self; 6] =
        [Self::FPS_23_976, Self::FPS_24, Self::FPS_25, Self::FPS_29_97, Self::FPS_30, Self::FPS_60];

    /// `"24"`, `"23.976"`, `"29.97"`, `"30000/1001"`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "23.976" | "23.98" => Some(Self::FPS_23_976),
            "29.97" => Some(Self::FPS_29_97),
            other => {
                let (frames, seconds) = other.split_once('/').unwrap_or((other, "1"));
                let rate = Self { frames: frames.trim().parse().ok()?, seconds: seconds.trim().parse().ok()? };
                (rate.frames > 0 && rate.seconds > 0 && rate.frames <= 1_000_000 && rate.seconds <= 1_000_000)
                    .then_some(rate)
            }
        }
    }
    /// The time at which frame `index` begins (exact for all rates in [`Self::FILM_RATES`]).
    pub const fn frame_start(self, index: i64) -> Ticks {
        let per_frame = Ticks::PER_SECOND as i128 * self.seconds as i128;
        // Rounded up, so that the frame shown at its own start is itself also where a rate does not divide a tick.
        Ticks(-((-(index as i128 * per_frame)).div_euclid(self.frames as i128)) as i64)
    }
    /// The frame shown at `time` (rounds down).
    pub const fn frame_at(self, time: Ticks) -> i64 {
        (time.0 as i128 * self.frames as i128).div_euclid(Ticks::PER_SECOND as i128 * self.seconds as i128) as i64
    }
    /// The nearest frame boundary.
    pub const fn nearest_frame(self, time: Ticks) -> i64 {
        let per_frame = Ticks::PER_SECOND as i128 * self.seconds as i128;
        ((time.0 as i128 * self.frames as i128 * 2 + per_frame).div_euclid(per_frame * 2)) as i64
    }
    pub const fn frame_length(self) -> Ticks {
        self.frame_start(1)
    }
    pub fn snap(self, time: Ticks) -> Ticks {
        self.frame_start(self.nearest_frame(time))
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::FPS_23_976 => f.write_str("23.976"),
            Self::FPS_29_97 => f.write_str("29.97"),
            Self { frames, seconds: 1 } => write!(f, "{frames}"),
            Self { frames, seconds } => write!(f, "{frames}/{seconds}"),
        }
    }
}

/// A half-open stretch of time: `start` is inside, `end` is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    pub start: Ticks,
    pub length: Ticks,
}

impl Span {
    pub const fn new(start: Ticks, length: Ticks) -> Self {
        Self { start, length }
    }
    pub fn end(self) -> Ticks {
        self.start + self.length
    }
    pub fn contains(self, time: Ticks) -> bool {
        time >= self.start && time < self.end()
    }
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end() && other.start < self.end()
    }
}
