//! The film's sound: every piece of the [`SoundPlan`] added up at 48 kHz in float, sample by sample.
//!
//! The monitor and the exporter pull from the same [`Mixer`], block by block, so what is heard is what is exported. A piece starts at the
//! sample its ticks name; there is no other clock. Clips are added up to tracks, a track gets its tone, dynamics, volume and place, and
//! tracks are added up under one limiter. Whatever the blocks, and wherever one begins, the samples are the same.

mod piece;
mod resample;
mod room;
mod strip;
mod window;

use crate::library::Library;
use crate::limiter::{REACH, limit};
use kinora_document::Ticks;
use kinora_document::plan::{SoundPlan, SoundSource, SoundTrack};
use kinora_ports::{PortError, Sound};
use piece::{Piece, Source};
use room::Room;
use std::sync::{Mutex, PoisonError};
use strip::Strip;
use window::Window;

pub const CHANNELS: usize = 2;
const RATE: u32 = Sound::FILM_RATE;
/// −1 dB: two loud takes may overlap.
const CEILING: f32 = 0.891;

#[derive(Debug)]
pub struct Mixer {
    tracks: Vec<Track>,
    /// When somebody speaks, and how far the rest steps back.
    room: Room,
    length: i64,
    gain: f32,
    ceiling: f32,
    running: Mutex<Running>,
}

/// What is kept from one block to the next. It decides how long a block takes, never how it sounds.
#[derive(Debug, Default)]
struct Running {
    /// The tracks added up, before the last limiter.
    sum: Window,
    /// For tracks that have one.
    strips: Vec<Option<Strip>>,
}

#[derive(Debug)]
struct Track {
    /// By start.
    pieces: Vec<Piece>,
    /// The longest piece.
    longest: i64,
    is_speech: bool,
    /// Volume of the left and the right side.
    gains: [f32; CHANNELS],
    limiter: Option<f32>,
}

impl Mixer {
    /// Opens every sound that the plan names. A piece whose file cannot be read is left out and reported; the film still plays.
    pub fn new(plan: &SoundPlan, library: &mut Library) -> (Self, Vec<PortError>) {
        let mut problems = Vec::new();
        let mut tracks: Vec<Vec<Piece>> = plan.tracks.iter().map(|_| Vec::new()).collect();
        for piece in &plan.pieces {
            let Some(track) = tracks.get_mut(piece.track) else { continue };
            let opened = match piece.source {
                SoundSource::File(blob) => {
                    let sound = if piece.mix.denoise { library.clean_sound(blob) } else { library.sound(blob) };
                    sound.map(|sound| sound.map(Source::of))
                }
                SoundSource::Ambience(ambience) => library.ambience(&ambience).map(|played| played.map(Source::played)),
            };
            match opened {
                Ok(Some(source)) => track.push(Piece::new(piece, source)),
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        (Self::of(plan.tracks.iter().zip(tracks).collect(), plan.length.to_samples(RATE)), problems)
    }

    fn of(tracks: Vec<(&SoundTrack, Vec<Piece>)>, length: i64) -> Self {
        let strips = tracks.iter().map(|(track, _)| Strip::new(&track.mix)).collect();
        let tracks: Vec<Track> = tracks.into_iter().map(|(track, pieces)| Track::new(track, pieces)).collect();
        let room = Room::of(&tracks);
        let running = Mutex::new(Running { sum: Window::default(), strips });
        Self { tracks, room, length, gain: 1.0, ceiling: CEILING, running }
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
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let Running { sum, strips } = &mut *running;
        let first = from - REACH as i64;
        let frames = out.len() / CHANNELS + 2 * REACH;
        if first < sum.start || first > sum.end() {
            sum.begin(first);
        }
        sum.forget_before(first);
        let (at, missing) = (sum.end(), usize::try_from(first + frames as i64 - sum.end()).unwrap_or(0));
        self.sum(at, strips, sum.grow(missing));
        let around = sum.known(first, frames);
        if self.gain == 1.0 {
            limit(around, self.ceiling, out);
        } else {
            let around: Vec<f32> = around.iter().map(|sample| sample * self.gain).collect();
            limit(&around, self.ceiling, out);
        }
    }

    /// Adds everything up, without regard to peaks, into a silent buffer; silence before the film and after it.
    fn sum(&self, from: i64, strips: &mut [Option<Strip>], out: &mut [f32]) {
        let frames = (out.len() / CHANNELS) as i64;
        let until = (from + frames).min(self.length);
        let Some(out) = usize::try_from(until - from).ok().and_then(|frames| out.get_mut(..frames * CHANNELS)) else {
            return;
        };
        let beside = self.room.gains(from, until);
        let mut bus = Vec::new();
        for (track, strip) in self.tracks.iter().zip(strips) {
            if strip.is_none() && !track.sounds_in(from - REACH as i64, until + REACH as i64) {
                continue;
            }
            bus.clear();
            bus.resize(out.len(), 0.0);
            track.read(from, strip.as_mut(), &mut bus);
            let [left, right] = track.gains;
            let frames = out.as_chunks_mut::<CHANNELS>().0.iter_mut().zip(bus.as_chunks::<CHANNELS>().0);
            if track.is_speech || beside.is_empty() {
                for (slot, frame) in frames {
                    slot[0] += left * frame[0];
                    slot[1] += right * frame[1];
                }
            } else {
                for ((slot, frame), back) in frames.zip(&beside) {
                    slot[0] += left * back * frame[0];
                    slot[1] += right * back * frame[1];
                }
            }
        }
    }
}

impl Track {
    fn new(track: &SoundTrack, mut pieces: Vec<Piece>) -> Self {
        pieces.sort_by_key(|piece| piece.start);
        let gain = amplitude(track.gain_millibels);
        Self {
            longest: pieces.iter().map(|piece| piece.end - piece.start).max().unwrap_or(0),
            pieces,
            is_speech: track.is_speech,
            gains: sides(track.mix.pan_permille).map(|side| side * gain),
            limiter: track.mix.limiter_millibels.map(amplitude),
        }
    }

    fn between(&self, from: i64, until: i64) -> impl Iterator<Item = &Piece> {
        let first = self.pieces.partition_point(|piece| piece.start <= from - self.longest);
        let rest = self.pieces.get(first..).unwrap_or_default();
        rest.iter().take_while(move |piece| piece.start < until).filter(move |piece| piece.end > from)
    }

    /// Sum of squares between two samples, with every volume: how much of it there is.
    fn energy(&self, from: i64, until: i64) -> f64 {
        let [left, right] = self.gains.map(f64::from);
        let power = (left * left + right * right) / 2.0;
        self.between(from, until).map(|piece| piece.energy(from, until) * power).sum()
    }

    fn sounds_in(&self, from: i64, until: i64) -> bool {
        self.between(from, until).next().is_some()
    }

    /// The track before its volume, from `from` on, into a silent buffer.
    fn read(&self, from: i64, strip: Option<&mut Strip>, out: &mut [f32]) {
        let Some(ceiling) = self.limiter else { return self.shaped(from, strip, out) };
        let mut around = vec![0.0; out.len() + 2 * REACH * CHANNELS];
        self.shaped(from - REACH as i64, strip, &mut around);
        limit(&around, ceiling, out);
    }

    fn shaped(&self, from: i64, strip: Option<&mut Strip>, out: &mut [f32]) {
        let raw = |at: i64, out: &mut [f32]| {
            let until = at + (out.len() / CHANNELS) as i64;
            self.between(at, until).for_each(|piece| piece.add(at, until, out));
        };
        match strip {
            Some(strip) => strip.read(from, out, &raw),
            None => raw(from, out),
        }
    }
}

fn amplitude(millibels: i32) -> f32 {
    if millibels == 0 { 1.0 } else { 10f32.powf(millibels as f32 / 2000.0) }
}

/// Gains of the left and the right side, equally loud at every place; in the middle exactly one each.
fn sides(pan_permille: i32) -> [f32; CHANNELS] {
    if pan_permille == 0 {
        return [1.0, 1.0];
    }
    let angle = (pan_permille as f32 / 1000.0 + 1.0) * std::f32::consts::FRAC_PI_4;
    [angle.cos(), angle.sin()].map(|side| (side * std::f32::consts::SQRT_2).max(0.0))
}

/// Samples of the film that belong to the picture `frame`: its sound begins and ends with it, without drift at any rate.
pub fn samples_of_frame(start: Ticks, end: Ticks) -> std::ops::Range<i64> {
    start.to_samples(RATE)..end.to_samples(RATE)
}

#[cfg(test)]
mod graph_tests;
#[cfg(test)]
mod tests;
