//! One clip's sound in the mix: where it lies, how loud it is at each sample, and adding it up.
//!
//! What is added at a sample depends on that sample's place alone, so blocks of any size agree to the last bit. It never decodes and
//! keeps no state.

use super::resample::Between;
use super::{CHANNELS, RATE, amplitude};
use kinora_document::Ticks;
use kinora_document::plan::{SoundPiece, unscaled};
use kinora_ports::Sound;
use kinora_ports::instrument::Played;
use std::ops::Range;
use std::sync::Arc;

/// Volume keys are followed at multiples of this many samples and in a straight line between: 0.7 ms.
const STRIDE: i64 = 32;

/// Where samples come from.
#[derive(Debug)]
pub(super) struct Source {
    sound: Arc<Sound>,
    /// Goes on from its end with its beginning.
    repeats: bool,
}

impl Source {
    pub fn of(sound: Arc<Sound>) -> Self {
        Self { sound, repeats: false }
    }

    pub fn played(played: Played) -> Self {
        Self { sound: played.sound, repeats: played.repeats }
    }
}

#[derive(Debug)]
pub(super) struct Piece {
    pub source: Source,
    /// In samples of the film.
    pub start: i64,
    pub end: i64,
    pub source_in: i64,
    pub speed: f64,
    /// Left and right.
    pub gains: [f32; CHANNELS],
    /// Sample of the film and decibels, in order.
    pub keys: Vec<(i64, f32)>,
    pub fade_in: i64,
    pub fade_out: i64,
}

impl Piece {
    pub fn new(piece: &SoundPiece, source: Source) -> Self {
        let start = piece.start.to_samples(RATE);
        let gain = amplitude(piece.gain_millibels);
        let key = |at: Ticks| (piece.start + unscaled(at - piece.source_in, piece.speed_permille)).to_samples(RATE);
        let keys = piece.mix.volume.iter().map(|set| (key(set.at), set.gain_millibels as f32 / 100.0));
        Self {
            source,
            start,
            end: (piece.start + piece.length).to_samples(RATE),
            source_in: piece.source_in.to_samples(RATE),
            speed: f64::from(piece.speed_permille) / 1000.0,
            gains: super::sides(piece.mix.pan_permille).map(|side| side * gain),
            keys: keys.collect(),
            fade_in: piece.fade_in.to_samples(RATE),
            fade_out: piece.fade_out.to_samples(RATE),
        }
    }

    /// Adds samples `from … until` to `out`, which begins at `from`.
    pub fn add(&self, from: i64, until: i64, out: &mut [f32]) {
        let (first, last) = (from.max(self.start), until.min(self.end));
        // Where nothing but the gain acts: most of almost every clip.
        let plain = if self.speed == 1.0 && self.keys.is_empty() {
            let begins = (self.start + self.fade_in).clamp(first, last.max(first));
            begins..(self.end - self.fade_out).clamp(begins, last.max(begins))
        } else {
            last..last
        };
        self.add_shaped(first..plain.start, from, out);
        self.add_plain(plain.clone(), from, out);
        self.add_shaped(plain.end..last, from, out);
    }

    /// Sum of squares of both sides between two samples of the film, without fades.
    pub fn energy(&self, from: i64, until: i64) -> f64 {
        /// Every so many frames are looked at.
        const STRIDE: usize = 7;
        let mut sum = 0f64;
        for at in (from.max(self.start)..until.min(self.end)).step_by(STRIDE) {
            let place = self.source_in + ((at - self.start) as f64 * self.speed) as i64;
            let both = self.value(place);
            let volume = if self.keys.is_empty() { 1.0 } else { 10f32.powf(self.decibels(at) / 20.0) };
            sum +=
                both.iter().zip(self.gains).map(|(value, gain)| f64::from(value * gain * volume).powi(2)).sum::<f64>();
        }
        sum * STRIDE as f64
    }

    fn add_plain(&self, range: Range<i64>, from: i64, out: &mut [f32]) {
        let sound = self.source.sound.as_ref();
        let mut at = range.start;
        while at < range.end {
            let Some(source) = self.frame(self.source_in + at - self.start) else {
                // Before the source begins; there is nothing after it ends.
                at = at.max(self.start - self.source_in).max(at + 1);
                if self.source_in + at - self.start >= sound.frames() as i64 {
                    return;
                }
                continue;
            };
            let count = (range.end - at).min(sound.frames() as i64 - source as i64);
            let slots = usize::try_from(at - from).ok().and_then(|skip| out.get_mut(skip * CHANNELS..));
            add_run(sound, source, self.gains, slots.unwrap_or_default(), usize::try_from(count).unwrap_or(0));
            at += count.max(1);
        }
    }

    /// The frame of the source, where there is one.
    fn frame(&self, place: i64) -> Option<usize> {
        let count = self.source.sound.frames() as i64;
        let place = if self.source.repeats && count > 0 { place.rem_euclid(count) } else { place };
        usize::try_from(place).ok().filter(|place| (*place as i64) < count)
    }

    fn add_shaped(&self, range: Range<i64>, from: i64, out: &mut [f32]) {
        let between = Between::at_speed(self.speed);
        let mut steps = Steps::default();
        for at in range {
            let Some(slot) = usize::try_from(at - from).ok().and_then(|slot| out.get_mut(slot * CHANNELS..)) else {
                continue;
            };
            let offset = at - self.start;
            let value = if self.speed == 1.0 {
                self.value(self.source_in + offset)
            } else {
                let mut sum = [0f32; CHANNELS];
                between.around(self.source_in as f64 + offset as f64 * self.speed, |frame, weight| {
                    let value = self.value(frame);
                    sum.iter_mut().zip(value).for_each(|(sum, value)| *sum += weight * value);
                });
                sum
            };
            let gain = self.fade(at) * self.keyed(at, &mut steps);
            for ((sample, side), value) in slot.iter_mut().zip(self.gains).zip(value) {
                *sample += side * gain * value;
            }
        }
    }

    /// Both sides of a frame of the source; silence where it has none.
    fn value(&self, place: i64) -> [f32; CHANNELS] {
        let sound = self.source.sound.as_ref();
        let channels = usize::from(sound.channels.max(1));
        let Some(frame) = self.frame(place) else { return [0.0; CHANNELS] };
        let read = |channel: usize| sound.samples.get(frame * channels + channel).copied().unwrap_or(0.0);
        let left = read(0);
        [left, if channels > 1 { read(1) } else { left }]
    }

    /// Equal-power fade: sine in, cosine out.
    fn fade(&self, at: i64) -> f32 {
        let ramp = |done: i64, length: i64| {
            if done >= length { 1.0 } else { (done as f32 / length as f32 * std::f32::consts::FRAC_PI_2).sin() }
        };
        ramp(at - self.start, self.fade_in) * ramp(self.end - at, self.fade_out)
    }

    /// Gain of the volume keys.
    fn keyed(&self, at: i64, steps: &mut Steps) -> f32 {
        if self.keys.is_empty() {
            return 1.0;
        }
        let step = at.div_euclid(STRIDE);
        if steps.step != Some(step) {
            let gain = |step: i64| 10f32.powf(self.decibels(step * STRIDE) / 20.0);
            *steps = Steps { step: Some(step), from: gain(step), to: gain(step + 1) };
        }
        steps.from + (steps.to - steps.from) * (at.rem_euclid(STRIDE) as f32 / STRIDE as f32)
    }

    fn decibels(&self, at: i64) -> f32 {
        let next = self.keys.partition_point(|(place, _)| *place <= at);
        let before = next.checked_sub(1).and_then(|place| self.keys.get(place));
        match (before, self.keys.get(next)) {
            (Some((from, low)), Some((to, high))) => low + (high - low) * ((at - from) as f32 / (to - from) as f32),
            (Some((_, only)), None) | (None, Some((_, only))) => *only,
            (None, None) => 0.0,
        }
    }
}

/// Adds `count` frames from `source` on.
fn add_run(sound: &Sound, source: usize, [left, right]: [f32; CHANNELS], slots: &mut [f32], count: usize) {
    let channels = usize::from(sound.channels.max(1));
    let slots = slots.as_chunks_mut::<CHANNELS>().0.iter_mut().take(count);
    let samples = sound.samples.get(source * channels..).unwrap_or_default();
    if channels == CHANNELS {
        for (slot, frame) in slots.zip(samples.as_chunks::<CHANNELS>().0) {
            slot[0] += left * frame[0];
            slot[1] += right * frame[1];
        }
    } else {
        for (slot, frame) in slots.zip(samples.chunks_exact(channels)) {
            let one = frame.first().copied().unwrap_or(0.0);
            slot[0] += left * one;
            slot[1] += right * frame.get(1).copied().unwrap_or(one);
        }
    }
}

/// The volume at both ends of one stride.
#[derive(Default)]
struct Steps {
    step: Option<i64>,
    from: f32,
    to: f32,
}
