//! Sound control curves: what is heard in a clip, as sixteen numbers between 0 and 1 for every video frame.
//! The denoiser predicts them with the picture, the synthesiser plays them and the particle painter reads two of them,
//! so what is heard meets what is seen by construction. This file knows neither tensors nor samples.

use serde::{Deserialize, Serialize};

/// Number of curves.
pub const CURVES: usize = 16;

/// The curves in the order in which the network holds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Curve {
    /// Onset pulse: 1 at the frame of contact, then falling by half each frame.
    Impact,
    Footsteps,
    Rain,
    Snow,
    Wind,
    Water,
    Engine,
    Crowd,
    Bell,
    Birds,
    Insects,
    Hum,
    Whoosh,
    Call,
    /// Where the subject is: 0 left … 1 right. Pans the voices that belong to it.
    SubjectX,
    /// How much of the picture's height the subject takes.
    SubjectSize,
}

impl Curve {
    /// All curves in storage order.
    pub const ALL: [Self; CURVES] = [
        Self::Impact,
        Self::Footsteps,
        Self::Rain,
        Self::Snow,
        Self::Wind,
        Self::Water,
        Self::Engine,
        Self::Crowd,
        Self::Bell,
        Self::Birds,
        Self::Insects,
        Self::Hum,
        Self::Whoosh,
        Self::Call,
        Self::SubjectX,
        Self::SubjectSize,
    ];

    /// The curve's name in `config.json` and in fixtures.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Impact => "impact",
            Self::Footsteps => "footsteps",
            Self::Rain => "rain",
            Self::Snow => "snow",
            Self::Wind => "wind",
            Self::Water => "water",
            Self::Engine => "engine",
            Self::Crowd => "crowd",
            Self::Bell => "bell",
            Self::Birds => "birds",
            Self::Insects => "insects",
            Self::Hum => "hum",
            Self::Whoosh => "whoosh",
            Self::Call => "call",
            Self::SubjectX => "subject_x",
            Self::SubjectSize => "subject_size",
        }
    }
}

/// Curve values of one clip, one row per video frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// Frames per second of the rows.
    pub fps: u32,
    /// One row per frame, each value 0 … 1, in the order of [`Curve::ALL`].
    pub rows: Vec<[f32; CURVES]>,
}

impl Curves {
    /// `frames` rows of silence with the subject in the middle.
    #[must_use]
    pub fn silent(fps: u32, frames: usize) -> Self {
        let mut row = [0.0; CURVES];
        row[Curve::SubjectX as usize] = 0.5;
        Self { fps: fps.max(1), rows: vec![row; frames] }
    }

    /// Rows from raw network output: non-finite values become 0, everything is clamped to 0 … 1.
    /// A short last row is dropped.
    #[must_use]
    pub fn from_raw(fps: u32, values: &[f32]) -> Self {
        let rows = values
            .chunks_exact(CURVES)
            .map(|row| std::array::from_fn(|i| row.get(i).filter(|v| v.is_finite()).map_or(0.0, |v| v.clamp(0.0, 1.0))))
            .collect();
        Self { fps: fps.max(1), rows }
    }

    /// Length in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.rows.len() as f64 / f64::from(self.fps.max(1))
    }

    /// Value at `frame`; beyond the end the last row holds, an empty clip is silent.
    #[must_use]
    pub fn at(&self, curve: Curve, frame: usize) -> f32 {
        self.rows.get(frame).or(self.rows.last()).map_or(0.0, |row| row[curve as usize])
    }

    /// Value at `seconds`, linear between frames.
    #[must_use]
    pub fn smooth(&self, curve: Curve, seconds: f64) -> f32 {
        let place = (seconds * f64::from(self.fps)).max(0.0);
        let frame = place as usize;
        let part = (place - frame as f64) as f32;
        let (a, b) = (self.at(curve, frame), self.at(curve, frame + 1));
        a + (b - a) * part
    }

    /// Sets one value; a frame outside the clip is ignored.
    pub fn set(&mut self, curve: Curve, frame: usize, value: f32) {
        if let Some(row) = self.rows.get_mut(frame) {
            row[curve as usize] = if value.is_finite() { value.clamp(0.0, 1.0) } else { 0.0 };
        }
    }
}
