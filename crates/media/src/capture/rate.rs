//! Sound of any rate at the film's: straight through when it is the device's, else through rubato's Fourier resampler.
//!
//! A device hands over blocks of any length, the resampler takes 10 ms at a time: what is left waits for the next block. Each result says
//! how long before its block it began, so that stamps stay true. Nothing here waits or knows of devices.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};
use std::time::Duration;

pub const RATE: u32 = 48_000;
/// The resampler's steps in a second.
const STEPS: u32 = 100;

pub struct Rate {
    from: u32,
    channels: usize,
    /// None where the rates are equal.
    resampler: Option<Fft<f32>>,
    waiting: Vec<f32>,
    /// Frames of the device before this block, and of the film so far.
    heard: u64,
    given: u64,
    /// Silence at its beginning that is the resampler's own.
    delay: usize,
}

impl Rate {
    /// From blocks at `from` a second, of `channels`; nothing where the resampler cannot do that.
    pub fn new(from: u32, channels: usize) -> Option<Self> {
        let resampler = match from {
            RATE => None,
            _ => {
                let step = (from / STEPS).max(1) as usize;
                Some(Fft::new(from as usize, RATE as usize, step, channels, FixedSync::Input).ok()?)
            }
        };
        let delay = resampler.as_ref().map_or(0, Resampler::output_delay);
        Some(Self { from, channels, resampler, waiting: Vec::new(), heard: 0, given: 0, delay })
    }

    /// What of `samples`, interleaved, and of earlier ones is ready, and how long before the first of `samples` it begins.
    pub fn next(&mut self, samples: Vec<f32>) -> (Vec<f32>, Duration) {
        let Some(resampler) = &mut self.resampler else { return (samples, Duration::ZERO) };
        let begins = self.given as f64 / f64::from(RATE);
        let early = Duration::from_secs_f64((self.heard as f64 / f64::from(self.from) - begins).max(0.0));
        self.heard += (samples.len() / self.channels) as u64;
        self.waiting.extend(samples);
        let mut out = Vec::new();
        let mut used = 0;
        loop {
            let (takes, gives) = (resampler.input_frames_next(), resampler.output_frames_next());
            let Some(part) = self.waiting.get(used..used + takes * self.channels) else { break };
            let at = out.len();
            out.resize(at + gives * self.channels, 0.0);
            let Ok(input) = InterleavedSlice::new(part, self.channels, takes) else { break };
            let Ok(mut output) = InterleavedSlice::new_mut(&mut out[at..], self.channels, gives) else { break };
            if resampler.process_into_buffer(&input, &mut output, None).is_err() {
                break;
            }
            used += takes * self.channels;
        }
        self.waiting.drain(..used);
        let silent = self.delay.min(out.len() / self.channels);
        out.drain(..silent * self.channels);
        self.delay -= silent;
        self.given += (out.len() / self.channels) as u64;
        (out, early)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: [u32; 6] = [8_000, 16_000, 32_000, 44_100, 96_000, 192_000];

    /// Two seconds in blocks of odd lengths; with each result the second at which it begins.
    fn resampled(rate: u32, of: impl Fn(u32) -> f32) -> Vec<(f64, Vec<f32>)> {
        let mut bend = Rate::new(rate, 2).expect("a rate");
        let mut at = 0u32;
        let mut results = Vec::new();
        for length in [441u32, 1, 997, 64, 480, 2048].into_iter().cycle() {
            if at >= rate * 2 {
                return results;
            }
            let block = (at..at + length).flat_map(|at| [of(at), 0.0]).collect();
            let (samples, early) = bend.next(block);
            let begins = f64::from(at) / f64::from(rate) - early.as_secs_f64();
            results.push((begins, samples.chunks_exact(2).map(|frame| frame[0]).collect()));
            at += length;
        }
        results
    }

    #[test]
    fn sound_at_another_rate_keeps_its_pitch_and_its_loudness() {
        for rate in RATES {
            let tone = |at: u32| (f64::from(at) / f64::from(rate) * 440.0 * std::f64::consts::TAU).sin() as f32 * 0.5;
            let out: Vec<f32> = resampled(rate, tone).into_iter().flat_map(|(_, samples)| samples).collect();
            assert!((out.len() as i64 - 96_000).abs() < 4_800, "{rate}: {}", out.len());
            let wanted = |at: usize| (at as f64 / 48_000.0 * 440.0 * std::f64::consts::TAU).sin() as f32 * 0.5;
            let worst = (9_600..86_400).map(|at| (out[at] - wanted(at)).abs()).fold(0.0, f32::max);
            // Half a sample of this tone: the resampler's delay may be an odd number of halves.
            assert!(worst < 0.016, "{rate}: {worst}");
        }
    }

    #[test]
    fn what_the_films_rate_cannot_hold_is_not_heard_as_something_else() {
        let tone = |at: u32| (f64::from(at) / 96_000.0 * 30_000.0 * std::f64::consts::TAU).sin() as f32 * 0.5;
        let out: Vec<f32> = resampled(96_000, tone).into_iter().flat_map(|(_, samples)| samples).collect();
        let loudest = out[4_800..91_200].iter().fold(0f32, |most, sample| most.max(sample.abs()));
        assert!(loudest < 0.001, "{loudest}");
    }

    #[test]
    fn a_click_is_where_the_stamps_say_to_a_sample() {
        for rate in RATES.into_iter().chain([RATE]) {
            let click = |at: u32| if at == rate { 1.0 } else { 0.0 };
            let (at, _) = resampled(rate, click)
                .iter()
                .flat_map(|(begins, samples)| {
                    samples.iter().enumerate().map(move |(at, sample)| (begins + at as f64 / 48_000.0, sample.abs()))
                })
                .fold((0.0, 0.0), |most, here| if here.1 > most.1 { here } else { most });
            let sample = 1.0 / f64::from(rate.min(RATE));
            assert!((at - 1.0).abs() < sample * 1.01, "{rate}: {at}");
        }
    }
}
