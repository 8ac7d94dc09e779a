//! The film's sound: every piece of the [`SoundPlan`] added up at 48 kHz in float, sample by sample.
//!
//! The monitor and the exporter pull from the same [`Mixer`], block by block, so what is heard is what is exported. A piece starts at the
//! sample its ticks name; there is no other clock.

use crate::library::Library;
use kinora_document::Ticks;
use kinora_document::plan::{SoundPiece, SoundPlan};
use kinora_ports::{PortError, Sound};
use std::sync::Arc;

pub const CHANNELS: usize = 2;
const RATE: u32 = Sound::FILM_RATE;
/// Above this the sum is bent softly towards 1.0 instead of being cut off: two loud takes may overlap.
const KNEE: f32 = 0.9;

#[derive(Debug)]
pub struct Mixer {
    pieces: Vec<Piece>,
    length: i64,
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
        pieces.sort_by_key(|piece| piece.start);
        (Self { pieces, length: plan.length.to_samples(RATE) }, problems)
    }

    /// Length of the film in samples per channel.
    pub fn length(&self) -> i64 {
        self.length
    }

    /// Fills `out` (interleaved stereo) with the film from sample `from` on. Past the end there is silence.
    pub fn mix(&self, from: i64, out: &mut [f32]) {
        out.fill(0.0);
        let frames = (out.len() / CHANNELS) as i64;
        let until = (from + frames).min(self.length);
        for piece in self.pieces.iter().take_while(|piece| piece.start < until) {
            piece.add(from, until, out);
        }
        for sample in out {
            *sample = soft_limit(*sample);
        }
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
        }
    }

    fn add(&self, from: i64, until: i64, out: &mut [f32]) {
        let channels = usize::from(self.sound.channels.max(1));
        for at in from.max(self.start)..until.min(self.end) {
            let offset = at - self.start;
            let (source, blend) = if self.speed == 1.0 {
                (self.source_in + offset, 0.0)
            } else {
                let place = offset as f64 * self.speed;
                (self.source_in + place.floor() as i64, place.fract() as f32)
            };
            let gain = self.gain * self.fade(at);
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

fn soft_limit(sample: f32) -> f32 {
    let size = sample.abs();
    if size <= KNEE {
        return sample;
    }
    let room = 1.0 - KNEE;
    sample.signum() * (KNEE + room * (1.0 - (-(size - KNEE) / room).exp()))
}

/// Samples of the film that belong to the picture `frame`: its sound begins and ends with it, without drift at any rate.
pub fn samples_of_frame(start: Ticks, end: Ticks) -> std::ops::Range<i64> {
    start.to_samples(RATE)..end.to_samples(RATE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(start: i64, length: i64, sound: Vec<f32>) -> Piece {
        Piece {
            sound: Arc::new(Sound { sample_rate: RATE, channels: 1, samples: sound }),
            start,
            end: start + length,
            source_in: 0,
            speed: 1.0,
            gain: 1.0,
            fade_in: 0,
            fade_out: 0,
        }
    }

    #[test]
    fn a_click_lies_on_its_own_sample_whatever_the_block_size() {
        let mixer = Mixer { pieces: vec![piece(1000, 10, vec![0.0, 0.5, 0.0])], length: 4000 };
        for block in [1usize, 7, 480, 4000] {
            let mut whole = Vec::new();
            let mut buffer = vec![0.0; block * CHANNELS];
            let mut at = 0;
            while at < 4000 {
                mixer.mix(at, &mut buffer);
                whole.extend_from_slice(&buffer);
                at += block as i64;
            }
            let clicks: Vec<usize> = (0..4000).filter(|i| whole.get(i * 2).is_some_and(|s| *s != 0.0)).collect();
            assert_eq!(clicks, [1001]);
        }
    }

    /// The loudest sample of the whole film.
    fn peak(mixer: &Mixer) -> f32 {
        let mut block = vec![0.0; 4096 * CHANNELS];
        let mut peak = 0f32;
        let mut at = 0;
        while at < mixer.length() {
            mixer.mix(at, &mut block);
            peak = block.iter().fold(peak, |peak, sample| peak.max(sample.abs()));
            at += 4096;
        }
        peak
    }

    #[test]
    fn two_loud_sounds_together_stay_below_full_scale() {
        let mixer = Mixer { pieces: vec![piece(0, 100, vec![0.9; 100]), piece(0, 100, vec![0.9; 100])], length: 100 };
        assert!(peak(&mixer) < 1.0);
        let quiet = Mixer { pieces: vec![piece(0, 100, vec![0.4; 100]), piece(0, 100, vec![0.4; 100])], length: 100 };
        assert!((peak(&quiet) - 0.8).abs() < 1e-6, "below the knee the sum is exact");
    }
}
