//! What the ear hears now, as figures: peak, mean level and loudness of the last moments of playback.
//!
//! The sound thread writes, the monitor reads; both hold the lock for microseconds. It measures the mix on its way out and changes
//! nothing of it.

use crate::mixer::CHANNELS;
use ebur128::{EbuR128, Mode};
use kinora_ports::Sound;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// The mean level is that of the last 300 ms, counted in stretches of 10 ms.
const STRETCH: usize = Sound::FILM_RATE as usize / 100;
const STRETCHES: usize = 30;
/// Below this there is nothing to show, in hundredths of a decibel.
const NOTHING: i32 = -9_600;

/// In hundredths of a decibel below full scale; loudness in hundredths of LUFS, None in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// The highest sample since the last look, left and right.
    pub peak: [i32; CHANNELS],
    /// Mean level of 300 ms; a full-scale sine is 0.
    pub mean: [i32; CHANNELS],
    /// Momentary loudness of EBU R 128: 400 ms.
    pub loudness: Option<i32>,
}

pub(crate) struct Meter(Mutex<Heard>);

struct Heard {
    peak: [f32; CHANNELS],
    stretches: VecDeque<[f32; CHANNELS]>,
    /// Sums of squares of a stretch that is not full yet, and its frames.
    open: ([f32; CHANNELS], usize),
    loudness: Option<EbuR128>,
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meter").finish_non_exhaustive()
    }
}

impl Meter {
    pub fn new() -> Self {
        Self(Mutex::new(Heard {
            peak: [0.0; CHANNELS],
            stretches: VecDeque::with_capacity(STRETCHES),
            open: ([0.0; CHANNELS], 0),
            loudness: EbuR128::new(CHANNELS as u32, Sound::FILM_RATE, Mode::M).ok(),
        }))
    }

    pub fn hear(&self, stereo: &[f32]) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for frame in stereo.as_chunks::<CHANNELS>().0 {
            for (side, sample) in frame.iter().enumerate() {
                heard.peak[side] = heard.peak[side].max(sample.abs());
                heard.open.0[side] += sample * sample;
            }
            heard.open.1 += 1;
            if heard.open.1 == STRETCH {
                let (full, _) = std::mem::take(&mut heard.open);
                if heard.stretches.len() == STRETCHES {
                    heard.stretches.pop_front();
                }
                heard.stretches.push_back(full);
            }
        }
        if let Some(meter) = &mut heard.loudness {
            // It counts frames only; what it cannot count it leaves out.
            let _ = meter.add_frames_f32(stereo);
        }
    }

    pub fn look(&self) -> Levels {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let peak = std::mem::take(&mut heard.peak).map(|peak| hundredths(20.0 * peak.log10()));
        let frames = (heard.stretches.len() * STRETCH).max(1) as f32;
        let mean = std::array::from_fn(|side| {
            let squares: f32 = heard.stretches.iter().filter_map(|stretch| stretch.get(side)).sum();
            hundredths(10.0 * (2.0 * squares / frames).log10())
        });
        let loudness = heard.loudness.as_ref().and_then(|meter| meter.loudness_momentary().ok());
        let loudness = loudness.map(|lufs| hundredths(lufs as f32)).filter(|lufs| *lufs > -7_000);
        Levels { peak, mean, loudness }
    }
}

fn hundredths(decibels: f32) -> i32 {
    if decibels.is_finite() { ((decibels * 100.0).round() as i32).max(NOTHING) } else { NOTHING }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_is_shown_as_loud_as_it_is_and_a_peak_is_shown_once() {
        let meter = Meter::new();
        let sine: Vec<f32> = (0..48_000)
            .flat_map(|at| [0.5 * (at as f32 * 0.130_9).sin(), 0.05 * (at as f32 * 0.130_9).sin()])
            .collect();
        sine.chunks(998).for_each(|block| meter.hear(block));
        let levels = meter.look();
        for (shown, is) in
            [(levels.peak[0], -602), (levels.peak[1], -2602), (levels.mean[0], -602), (levels.mean[1], -2602)]
        {
            assert!((shown - is).abs() <= 5, "{levels:?}");
        }
        // One side of a sine at 1 kHz: −3.01 − 0.69 + 0.69 dB below its level, both sides together.
        assert!(levels.loudness.is_some_and(|lufs| (lufs + 900).abs() < 30), "{levels:?}");
        assert_eq!(meter.look().peak, [NOTHING; 2]);
    }

    #[test]
    fn silence_shows_nothing() {
        let meter = Meter::new();
        meter.hear(&[0.0; 96_000]);
        assert_eq!(meter.look(), Levels { peak: [NOTHING; 2], mean: [NOTHING; 2], loudness: None });
    }
}
