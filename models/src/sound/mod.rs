//! The procedural synthesiser: plays control curves as 48 kHz stereo sound. What is heard starts exactly where the curve
//! says, so a thump meets its bounce by construction. Also an instrument by itself: [`play`] renders any one voice from
//! any control, for anyone who wants rain or a bell somewhere. **Never here:** samples from files, clocks, randomness
//! that is not drawn from the seed.

mod air;
mod dsp;
mod events;

use rayon::prelude::*;

use crate::curves::{Curve, Curves};
use dsp::Control;

/// Samples per second of everything rendered here.
pub const RATE: u32 = 48_000;
/// Above this the mix is bent softly, so that it never reaches ±1.
const KNEE: f32 = 0.7;
/// The ends of a clip are faded over this many samples (4 ms), so that cuts do not click.
const FADE: usize = 192;

/// A voice of the instrument: what each control curve that is heard sounds like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Voice {
    /// A thump at every onset.
    Impact,
    /// A step at every onset, left and right alternating a little.
    Footsteps,
    /// Filtered noise and single drops.
    Rain,
    /// A muffled hush.
    Snow,
    /// Gusts through a wandering band.
    Wind,
    /// Swells and bubbles.
    Water,
    /// A motor; its pitch follows the control.
    Engine,
    /// Many people talking at once, no words.
    Crowd,
    /// A bell at every onset.
    Bell,
    /// Chirped phrases.
    Birds,
    /// Crickets.
    Insects,
    /// A machine or an empty room.
    Hum,
    /// Air passed through; pitch and loudness follow the control.
    Whoosh,
    /// A short call at every onset.
    Call,
}

impl Voice {
    /// All voices.
    pub const ALL: [Self; 14] = [
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
    ];

    /// The control curve that plays it.
    #[must_use]
    pub const fn curve(self) -> Curve {
        match self {
            Self::Impact => Curve::Impact,
            Self::Footsteps => Curve::Footsteps,
            Self::Rain => Curve::Rain,
            Self::Snow => Curve::Snow,
            Self::Wind => Curve::Wind,
            Self::Water => Curve::Water,
            Self::Engine => Curve::Engine,
            Self::Crowd => Curve::Crowd,
            Self::Bell => Curve::Bell,
            Self::Birds => Curve::Birds,
            Self::Insects => Curve::Insects,
            Self::Hum => Curve::Hum,
            Self::Whoosh => Curve::Whoosh,
            Self::Call => Curve::Call,
        }
    }

    /// Whether it comes from the subject (and moves with it) rather than from all around.
    #[must_use]
    pub const fn is_subjects(self) -> bool {
        matches!(self, Self::Impact | Self::Footsteps | Self::Engine | Self::Bell | Self::Whoosh | Self::Call)
    }

    /// Loudness in the mix.
    const fn gain(self) -> f32 {
        match self {
            Self::Impact => 0.62,
            Self::Footsteps => 0.42,
            Self::Rain | Self::Water => 0.26,
            Self::Snow => 0.10,
            Self::Wind | Self::Crowd => 0.24,
            Self::Engine | Self::Call => 0.26,
            Self::Bell => 0.30,
            Self::Birds => 0.16,
            Self::Insects => 0.08,
            Self::Hum => 0.14,
            Self::Whoosh => 0.34,
        }
    }
}

/// One voice alone, mono, about −1 … 1: `control` holds values 0 … 1, `fps` of them a second.
/// The result lasts `control.len() / fps` seconds; the same seed gives the same sound.
#[must_use]
pub fn play(voice: Voice, control: &[f32], fps: u32, seed: u64) -> Vec<f32> {
    let control = Control::new(control, fps);
    let mut out = vec![0.0; control.samples()];
    if control.is_silent() {
        return out;
    }
    match voice {
        Voice::Impact => events::impact(&control, seed, &mut out),
        Voice::Footsteps => events::footsteps(&control, seed, &mut out),
        Voice::Bell => events::bell(&control, seed, &mut out),
        Voice::Call => events::call(&control, seed, &mut out),
        Voice::Birds => events::birds(&control, seed, &mut out),
        Voice::Rain => air::rain(&control, seed, &mut out),
        Voice::Snow => air::snow(&control, seed, &mut out),
        Voice::Wind => air::wind(&control, seed, &mut out),
        Voice::Water => air::water(&control, seed, &mut out),
        Voice::Engine => air::engine(&control, seed, &mut out),
        Voice::Crowd => air::crowd(&control, seed, &mut out),
        Voice::Insects => air::insects(&control, seed, &mut out),
        Voice::Hum => air::hum(&control, seed, &mut out),
        Voice::Whoosh => air::whoosh(&control, seed, &mut out),
    }
    out
}

/// All voices of a clip's curves, mixed, panned with the subject and limited: exactly `rows / fps` seconds of
/// `[left, right]`, never beyond ±1, never NaN.
#[must_use]
pub fn render(curves: &Curves, seed: u64) -> Vec<[f32; 2]> {
    let samples = Control::new(&vec![0.0; curves.rows.len()], curves.fps).samples();
    let mut out = vec![[0.0f32; 2]; samples];
    let column = |curve: Curve| curves.rows.iter().map(|row| row[curve as usize]).collect::<Vec<_>>();
    let (place, size) = (column(Curve::SubjectX), column(Curve::SubjectSize));
    let (place, size) = (Control::new(&place, curves.fps), Control::new(&size, curves.fps));
    // Two takes of each voice that surrounds, one of each that belongs to the subject; mixed in a fixed order.
    let takes: Vec<_> = Voice::ALL
        .into_par_iter()
        .filter_map(|voice| {
            let control = column(voice.curve());
            if Control::new(&control, curves.fps).is_silent() {
                return None;
            }
            let seed = seed.wrapping_mul(31).wrapping_add(voice as u64);
            let near = play(voice, &control, curves.fps, seed);
            let other = seed ^ 0x5bd1_e995_9d1b_58d3;
            let far = if voice.is_subjects() { Vec::new() } else { play(voice, &control, curves.fps, other) };
            Some((voice, near, far))
        })
        .collect();
    for (voice, near, far) in takes {
        if voice.is_subjects() {
            for (i, (out, x)) in out.iter_mut().zip(&near).enumerate() {
                // Equal power; a subject at the edge is still heard a little on the other side.
                let angle = (0.12 + 0.76 * place.at(i)) * std::f32::consts::FRAC_PI_2;
                let gain = voice.gain() * (0.75 + 0.35 * size.at(i)) * std::f32::consts::SQRT_2;
                out[0] += x * angle.cos() * gain;
                out[1] += x * angle.sin() * gain;
            }
        } else {
            // Two takes of the same voice make width; most of each goes to its own side.
            for ((out, a), b) in out.iter_mut().zip(&near).zip(&far) {
                out[0] += (0.85 * a + 0.35 * b) * voice.gain();
                out[1] += (0.35 * a + 0.85 * b) * voice.gain();
            }
        }
    }
    let last = samples.saturating_sub(1);
    for (i, pair) in out.iter_mut().enumerate() {
        // The start is faded over a quarter only: an impact in the first frame must still be struck.
        let edge = ((i + 1) as f32 / (FADE / 4) as f32).min((last - i) as f32 / FADE as f32).min(1.0);
        *pair = pair.map(|x| limit(x * edge));
    }
    out
}

/// Straight up to the knee, then bent towards 1.
fn limit(x: f32) -> f32 {
    if !x.is_finite() {
        return 0.0;
    }
    let over = x.abs() - KNEE;
    if over <= 0.0 { x } else { x.signum() * (KNEE + (0.99 - KNEE) * (over / (0.99 - KNEE)).tanh()) }
}

#[cfg(test)]
mod tests;
