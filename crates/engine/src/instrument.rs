//! The synthesiser of the draft model as an instrument: one voice by itself, for as long as a clip lasts.
//!
//! A short piece is played and its end laid over its beginning, so that it goes round without a seam. It never sees a film.

use kinora_document::{Ambience, AmbienceVoice};
use kinora_models::curves::{Curve, Curves};
use kinora_models::sound::{RATE, render};
use kinora_ports::instrument::{Instrument, Played};
use kinora_ports::{PortError, Refusal, Sound};
use std::sync::Arc;

/// Control values a second: strokes are placed to 10 ms.
const CONTROLS: u32 = 100;
/// One round of what lasts: long enough not to be noticed again.
const ROUND_SECONDS: usize = 24;
/// Rounds of what is struck have at least this many seconds, and whole strokes.
const STRUCK_SECONDS: usize = 12;
/// Laid over the beginning: also the longest that a stroke rings.
const OVER_SECONDS: usize = 2;
/// The faintest that still sounds (the synthesiser takes less for silence).
const FAINTEST: f32 = 0.25;

#[derive(Clone, Copy, Debug, Default)]
pub struct Synthesiser;

impl Instrument for Synthesiser {
    fn play(&self, ambience: &Ambience) -> Result<Played, PortError> {
        if !ambience.is_legal() {
            let what = "A setting of this ambience is out of range.";
            return Err(Refusal::new("ambience.range", what, "Choose its strength and pace anew.").into());
        }
        let pace = ambience.pace_millis as usize / (1000 / CONTROLS as usize);
        let struck = ambience.voice.is_struck();
        let round = match (struck, pace) {
            (true, 0) => 0,
            (true, pace) => pace * (STRUCK_SECONDS * CONTROLS as usize).div_ceil(pace),
            (false, _) => ROUND_SECONDS * CONTROLS as usize,
        };
        let mut curves = Curves::silent(CONTROLS, round + OVER_SECONDS * CONTROLS as usize);
        let strength = FAINTEST + (1.0 - FAINTEST) * ambience.strength_permille as f32 / 1000.0;
        let curve = curve(ambience.voice);
        for row in 0..curves.rows.len() {
            let sounds = !struck || row == 0 || (pace > 0 && row < round && row % pace == 0);
            if sounds {
                curves.set(curve, row, strength);
            }
        }
        let played = render(&curves, u64::from(ambience.seed));
        let frames = round * RATE as usize / CONTROLS as usize;
        let samples = if frames == 0 { played.concat() } else { round_of(&played, frames, struck).concat() };
        let sound = Arc::new(Sound { sample_rate: RATE, channels: 2, samples });
        Ok(Played { sound, repeats: frames > 0 })
    }
}

/// The first `frames`, with what comes after them laid over the beginning: strokes ring on, what lasts is cross-faded.
fn round_of(played: &[[f32; 2]], frames: usize, struck: bool) -> Vec<[f32; 2]> {
    let (round, over) = played.split_at(frames.min(played.len()));
    let mut round = round.to_vec();
    let length = over.len().max(1) as f32;
    for (at, (frame, after)) in round.iter_mut().zip(over).enumerate() {
        let (coming, going) =
            if struck { (1.0, 1.0) } else { (at as f32 / length * std::f32::consts::FRAC_PI_2).sin_cos() };
        *frame = [0, 1].map(|side| coming * frame[side] + going * after[side]);
    }
    round
}

fn curve(voice: AmbienceVoice) -> Curve {
    match voice {
        AmbienceVoice::Rain => Curve::Rain,
        AmbienceVoice::Wind => Curve::Wind,
        AmbienceVoice::Water => Curve::Water,
        AmbienceVoice::Snow => Curve::Snow,
        AmbienceVoice::Crowd => Curve::Crowd,
        AmbienceVoice::Engine => Curve::Engine,
        AmbienceVoice::Birds => Curve::Birds,
        AmbienceVoice::Insects => Curve::Insects,
        AmbienceVoice::Hum => Curve::Hum,
        AmbienceVoice::Whoosh => Curve::Whoosh,
        AmbienceVoice::Footsteps => Curve::Footsteps,
        AmbienceVoice::Impact => Curve::Impact,
        AmbienceVoice::Bell => Curve::Bell,
        AmbienceVoice::Call => Curve::Call,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(ambience: Ambience) -> Played {
        Synthesiser.play(&ambience).expect("it plays")
    }

    #[test]
    fn every_voice_sounds_and_the_same_ambience_is_the_same_samples() {
        for voice in AmbienceVoice::ALL {
            let ambience = Ambience::new(voice);
            let played = play(ambience);
            let peak = played.sound.samples.iter().fold(0f32, |peak, sample| peak.max(sample.abs()));
            assert!((0.01..1.0).contains(&peak), "{voice:?} peaks at {peak}");
            assert!(played.sound.frames() <= 60 * RATE as usize, "{voice:?}");
            assert_eq!(played.repeats, !voice.is_struck() || ambience.pace_millis > 0, "{voice:?}");
            assert!(played == play(ambience), "{voice:?}");
        }
        let rain = Ambience::new(AmbienceVoice::Rain);
        assert!(play(rain) != play(Ambience { seed: 2, ..rain }));
    }

    /// Loudness of a stretch of frames.
    fn level(sound: &Sound, from: usize, frames: usize) -> f32 {
        let count = sound.frames();
        let of = |frame: usize| sound.samples.get(frame % count * 2).copied().unwrap_or(0.0);
        ((from..from + frames).map(|frame| of(frame).powi(2)).sum::<f32>() / frames as f32).sqrt()
    }

    #[test]
    fn rain_goes_round_without_a_seam() {
        let played = play(Ambience::new(AmbienceVoice::Rain));
        let count = played.sound.frames();
        let usual = level(&played.sound, count / 2, 48_000);
        for from in [count - 4_800, count - 2_400, count] {
            let there = level(&played.sound, from, 4_800);
            assert!((0.6..1.6).contains(&(there / usual)), "{there} where it goes round, {usual} elsewhere");
        }
    }

    #[test]
    fn steps_come_at_their_pace_also_where_it_goes_round() {
        let played = play(Ambience { pace_millis: 500, ..Ambience::new(AmbienceVoice::Footsteps) });
        let pace = RATE as usize / 2;
        assert_eq!(played.sound.frames() % pace, 0);
        for step in 0..2 * played.sound.frames() / pace {
            let (struck, between) =
                (level(&played.sound, step * pace, 2_400), level(&played.sound, step * pace + 19_000, 2_400));
            assert!(struck > 5.0 * between, "step {step}: {struck} against {between}");
        }
    }

    #[test]
    fn a_stroke_without_a_pace_is_heard_once_and_what_is_out_of_range_is_refused() {
        let bell = play(Ambience { pace_millis: 0, ..Ambience::new(AmbienceVoice::Bell) });
        assert!(!bell.repeats && level(&bell.sound, 0, 4_800) > 0.01);
        assert!(Synthesiser.play(&Ambience { pace_millis: 1, ..Ambience::new(AmbienceVoice::Bell) }).is_err());
    }
}
