//! The film's sound: every piece of the [`SoundPlan`] added up at 48 kHz in float, sample by sample.
//!
//! The monitor and the exporter pull from the same [`Mixer`], block by block, so what is heard is what is exported. A piece starts at the
//! sample its ticks name; there is no other clock.

use crate::library::Library;
use crate::limiter::{REACH, limit};
use kinora_document::Ticks;
use kinora_document::plan::{SoundPiece, SoundPlan};
use kinora_ports::{PortError, Sound};
use std::sync::Arc;

pub const CHANNELS: usize = 2;
const RATE: u32 = Sound::FILM_RATE;
/// −1 dB: two loud takes may overlap.
const CEILING: f32 = 0.891;
/// How far everything else steps back while somebody speaks: 9 dB.
const DUCK_DECIBELS: f32 = -9.0;
/// It steps back before the first word, and comes back slowly.
const DUCK_BEFORE: i64 = 150 * RATE as i64 / 1000;
const DUCK_AFTER: i64 = 400 * RATE as i64 / 1000;

#[derive(Debug)]
pub struct Mixer {
    pieces: Vec<Piece>,
    /// When somebody speaks, in samples: sorted, apart from each other.
    speech: Vec<(i64, i64)>,
    length: i64,
    gain: f32,
    ceiling: f32,
}

#[derive(Debug)]
struct Piece {
    sound: Arc<Sound>,
    /// In samples of the film.
    start: i64,
    end: i64,
    source_in: i64,
    speed: f64,
    gain: f32,
    fade_in: i64,
    fade_out: i64,
    is_speech: bool,
}

impl Mixer {
    /// Opens every sound that the plan names. A piece whose file cannot be read is left out and reported; the film still plays.
    pub fn new(plan: &SoundPlan, library: &mut Library) -> (Self, Vec<PortError>) {
        let mut problems = Vec::new();
        let mut pieces = Vec::with_capacity(plan.pieces.len());
        for piece in &plan.pieces {
            match library.sound(piece.blob) {
                Ok(Some(sound)) => pieces.push(Piece::new(piece, sound)),
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        (Self::of(pieces, plan.length.to_samples(RATE)), problems)
    }

    fn of(mut pieces: Vec<Piece>, length: i64) -> Self {
        pieces.sort_by_key(|piece| piece.start);
        let mut speech: Vec<(i64, i64)> = Vec::new();
        for piece in pieces.iter().filter(|piece| piece.is_speech) {
            match speech.last_mut() {
                // Not up and down between two lines.
                Some(last) if piece.start <= last.1 + DUCK_BEFORE + DUCK_AFTER => last.1 = last.1.max(piece.end),
                _ => speech.push((piece.start, piece.end)),
            }
        }
        Self { pieces, speech, length, gain: 1.0, ceiling: CEILING }
    }

    /// The same mix, louder or quieter as a whole, with peaks held below `ceiling`.
    pub fn with_level(self, gain: f32, ceiling: f32) -> Self {
        Self { gain, ceiling, ..self }
    }

    /// Length of the film in samples per channel.
    pub fn length(&self) -> i64 {
        self.length
    }

    /// Fills `out` (interleaved stereo) with the film from sample `from` on. Past the end there is silence.
    pub fn mix(&self, from: i64, out: &mut [f32]) {
        let mut around = vec![0.0; out.len() + 2 * REACH * CHANNELS];
        self.sum(from - REACH as i64, &mut around);
        limit(&around, self.ceiling, out);
    }

    /// Everything added up, without regard to peaks; silence before the film and after it.
    fn sum(&self, from: i64, out: &mut [f32]) {
        let frames = (out.len() / CHANNELS) as i64;
        let until = (from + frames).min(self.length);
        let beside = self.beside_speech(from, until);
        for piece in self.pieces.iter().take_while(|piece| piece.start < until) {
            piece.add(from, until, if piece.is_speech { &[] } else { &beside }, out);
        }
        if self.gain != 1.0 {
            out.iter_mut().for_each(|sample| *sample *= self.gain);
        }
    }

    /// Gain of everything that is not speech, sample by sample; empty while nobody speaks.
    fn beside_speech(&self, from: i64, until: i64) -> Vec<f32> {
        let near = |(start, end): &&(i64, i64)| *end + DUCK_AFTER > from && *start - DUCK_BEFORE < until;
        let spans: Vec<(i64, i64)> = self.speech.iter().filter(near).copied().collect();
        if spans.is_empty() {
            return Vec::new();
        }
        let depth = |at: i64| {
            let of_span = |(start, end): &(i64, i64)| {
                let coming = (at - (start - DUCK_BEFORE)) as f32 / DUCK_BEFORE as f32;
                let going = (end + DUCK_AFTER - at) as f32 / DUCK_AFTER as f32;
                coming.min(going).clamp(0.0, 1.0)
            };
            spans.iter().map(of_span).fold(0f32, f32::max)
        };
        (from..until).map(|at| 10f32.powf(DUCK_DECIBELS * depth(at) / 20.0)).collect()
    }
}

impl Piece {
    fn new(piece: &SoundPiece, sound: Arc<Sound>) -> Self {
        let start = piece.start.to_samples(RATE);
        Self {
            sound,
            start,
            end: (piece.start + piece.length).to_samples(RATE),
            source_in: piece.source_in.to_samples(RATE),
            speed: f64::from(piece.speed_permille) / 1000.0,
            gain: 10f32.powf(piece.gain_millibels as f32 / 2000.0),
            fade_in: piece.fade_in.to_samples(RATE),
            fade_out: piece.fade_out.to_samples(RATE),
            is_speech: piece.is_speech,
        }
    }

    /// `gains` is for the samples from `from` on; empty leaves them as they are.
    fn add(&self, from: i64, until: i64, gains: &[f32], out: &mut [f32]) {
        let channels = usize::from(self.sound.channels.max(1));
        for at in from.max(self.start)..until.min(self.end) {
            let offset = at - self.start;
            let (source, blend) = if self.speed == 1.0 {
                (self.source_in + offset, 0.0)
            } else {
                let place = offset as f64 * self.speed;
                (self.source_in + place.floor() as i64, place.fract() as f32)
            };
            let gain = self.gain * self.fade(at) * gains.get((at - from) as usize).copied().unwrap_or(1.0);
            let slot = (at - from) as usize * CHANNELS;
            for (channel, sample) in out.iter_mut().skip(slot).take(CHANNELS).enumerate() {
                let read = |frame: i64| -> f32 {
                    usize::try_from(frame)
                        .ok()
                        .and_then(|frame| self.sound.samples.get(frame * channels + channel.min(channels - 1)))
                        .copied()
                        .unwrap_or(0.0)
                };
                let value =
                    if blend == 0.0 { read(source) } else { read(source) * (1.0 - blend) + read(source + 1) * blend };
                *sample += gain * value;
            }
        }
    }

    /// Equal-power fade: sine in, cosine out.
    fn fade(&self, at: i64) -> f32 {
        let ramp = |done: i64, length: i64| {
            if done >= length { 1.0 } else { (done as f32 / length as f32 * std::f32::consts::FRAC_PI_2).sin() }
        };
        ramp(at - self.start, self.fade_in) * ramp(self.end - at, self.fade_out)
    }
}

/// Samples of the film that belong to the picture `frame`: its sound begins and ends with it, without drift at any rate.
pub fn samples_of_frame(start: Ticks, end: Ticks) -> std::ops::Range<i64> {
    start.to_samples(RATE)..end.to_samples(RATE)
}

#[cfg(test)]
mod tests;
