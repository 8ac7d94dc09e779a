//! What a person should know while the camera looks at them: too dark, too bright, too loud, too noisy, nothing heard.
//!
//! Judged over the last second, and said only when it lasts: a lamp switched on must not flash a warning. Nothing here changes what
//! is recorded.

use kinora_ports::VideoFrame;
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hint {
    TooDark,
    TooBright,
    /// The microphone is overdriven.
    Clipping,
    /// The quietest moments are loud.
    Noisy,
    /// The microphone gives silence only.
    NothingHeard,
}

/// Luma of a lit face is about 60 to 200; below this mean there is little to see.
const DARK: u32 = 48;
const BRIGHT: u32 = 205;
/// Of all pixels that are looked at, this share may be at the end of the scale.
const BURNT_PERMILLE: u32 = 250;
/// −0.1 dB: nothing but an overdriven microphone stays there.
const CLIPPED: f32 = 0.989;
/// Samples of a second that may be clipped: a pop, not an hour of them.
const CLIPPED_SAMPLES: u32 = 24;
/// −45 dB in the quietest tenth of a second: a fan, a street.
const NOISE: f32 = 0.0056;
/// −90 dB: less than any real microphone's own noise.
const SILENCE: f32 = 0.00003;
/// Pixels between two that are looked at.
const STEP: usize = 97;
const TENTH: u32 = 4_800;
const TENTHS_JUDGED: usize = 20;

/// Loudness of the last tenth of a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Level {
    pub peak: f32,
    pub mean: f32,
}

#[derive(Debug, Default)]
pub struct Judge {
    light: Option<Hint>,
    /// The hint that the last pictures would give, and how many of them.
    turning: (Option<Hint>, u32),
    tenths: std::collections::VecDeque<(f32, f32, u32)>,
    sum: f64,
    peak: f32,
    clipped: u32,
    count: u32,
}

/// Pictures that must agree before a hint appears or goes: half a second.
const AGREE: u32 = 15;

impl Judge {
    pub fn picture(&mut self, frame: &VideoFrame) {
        let luma = frame.i420.get(..frame.width as usize * frame.height as usize).unwrap_or_default();
        let (mut sum, mut burnt, mut count) = (0u32, 0u32, 0u32);
        for &value in luma.iter().step_by(STEP) {
            sum += u32::from(value);
            burnt += u32::from(value >= 233);
            count += 1;
        }
        let count = count.max(1);
        let seen = if sum / count < DARK {
            Some(Hint::TooDark)
        } else if sum / count > BRIGHT || burnt * 1000 / count > BURNT_PERMILLE {
            Some(Hint::TooBright)
        } else {
            None
        };
        self.turning = if self.turning.0 == seen { (seen, self.turning.1 + 1) } else { (seen, 1) };
        if self.turning.1 >= AGREE {
            self.light = seen;
        }
    }

    pub fn sound(&mut self, samples: &[f32], channels: usize) {
        for frame in samples.chunks(channels.max(1)) {
            let loud = frame.iter().fold(0f32, |most, sample| most.max(sample.abs()));
            self.peak = self.peak.max(loud);
            self.sum += f64::from(loud) * f64::from(loud);
            self.clipped += u32::from(loud >= CLIPPED);
            self.count += 1;
            if self.count == TENTH {
                let mean = (self.sum / f64::from(TENTH)).sqrt() as f32;
                self.tenths.push_back((mean, self.peak, self.clipped));
                if self.tenths.len() > TENTHS_JUDGED {
                    self.tenths.pop_front();
                }
                (self.sum, self.peak, self.clipped, self.count) = (0.0, 0.0, 0, 0);
            }
        }
    }

    pub fn level(&self) -> Level {
        self.tenths.back().map_or(Level::default(), |&(mean, peak, _)| Level { peak, mean })
    }

    pub fn hints(&self) -> Vec<Hint> {
        let mut hints: Vec<Hint> = self.light.into_iter().collect();
        if self.tenths.len() >= TENTHS_JUDGED {
            let quietest = self.tenths.iter().map(|tenth| tenth.0).fold(f32::MAX, f32::min);
            let loudest = self.tenths.iter().map(|tenth| tenth.1).fold(0.0, f32::max);
            if self.tenths.iter().map(|tenth| tenth.2).sum::<u32>() > CLIPPED_SAMPLES {
                hints.push(Hint::Clipping);
            }
            if quietest > NOISE {
                hints.push(Hint::Noisy);
            }
            if loudest < SILENCE {
                hints.push(Hint::NothingHeard);
            }
        }
        hints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures(luma: u8) -> Judge {
        let mut judge = Judge::default();
        let frame = VideoFrame { width: 320, height: 180, i420: vec![luma; VideoFrame::bytes(320, 180)] };
        (0..AGREE).for_each(|_| judge.picture(&frame));
        judge
    }

    fn sounds(of: impl Fn(usize) -> f32) -> Judge {
        let mut judge = Judge::default();
        let samples: Vec<f32> = (0..96_000).map(of).collect();
        samples.chunks(441).for_each(|block| judge.sound(block, 1));
        judge
    }

    #[test]
    fn light_and_sound_are_judged_by_what_is_there() {
        assert_eq!(pictures(30).hints(), [Hint::TooDark]);
        assert_eq!(pictures(120).hints(), []);
        assert_eq!(pictures(235).hints(), [Hint::TooBright]);
        assert_eq!(sounds(|_| 0.0).hints(), [Hint::NothingHeard]);
        assert_eq!(sounds(|at| if at % 2 == 0 { 0.02 } else { -0.02 }).hints(), [Hint::Noisy]);
        // Speech: loud for a while, then a pause.
        assert_eq!(sounds(|at| if at % 48_000 < 30_000 { 0.3 } else { 0.001 }).hints(), []);
        assert_eq!(sounds(|at| if at % 48_000 < 30_000 { 1.0 } else { 0.001 }).hints(), [Hint::Clipping]);
    }

    #[test]
    fn one_dark_picture_is_no_hint() {
        let mut judge = pictures(120);
        judge.picture(&VideoFrame { width: 64, height: 36, i420: vec![16; VideoFrame::bytes(64, 36)] });
        assert_eq!(judge.hints(), []);
    }
}
