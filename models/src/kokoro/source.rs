//! What the voice's folds do: a hum with its overtones where there is pitch, a hiss where there is none. Follows the reference's
//! `SineGen` step by step in 32 bits, since its phases run to thousands of turns. The random phases that it draws are not drawn
//! here: they are added to one sample that its own resampling never reads. **Never here:** a filter; the network has them.

use rayon::prelude::*;

/// The tone and its overtones.
pub const HARMONICS: usize = 9;
/// Samples in a second.
pub const RATE: usize = 24_000;
/// Above this many hertz there is pitch.
const VOICED: f32 = 10.0;
const HUM: f32 = 0.1;
/// Spread of the noise under the hum.
const UNDER: f32 = 0.003;
/// Samples that one task makes at a time.
const SHARE: usize = 2048;

/// How the tones are mixed, and how many samples one place of the pitch curve becomes.
#[derive(Debug, Clone)]
pub struct Source {
    pub weights: Vec<f32>,
    pub bias: f32,
    pub scale: usize,
}

impl Source {
    /// Samples from a pitch curve in hertz, with [`HARMONICS`] random values for each sample.
    #[must_use]
    pub fn sound(&self, pitch: &[f32], noise: &[f32]) -> Vec<f32> {
        let turns: Vec<Vec<f32>> = (1..=HARMONICS).map(|tone| self.turns(pitch, tone as f32)).collect();
        let mut sound = vec![0.0f32; pitch.len() * self.scale];
        let noise = noise.par_chunks(SHARE * HARMONICS);
        sound.par_chunks_mut(SHARE).zip(noise).enumerate().for_each(|(part, (samples, noise))| {
            for (i, (sample, noise)) in samples.iter_mut().zip(noise.chunks_exact(HARMONICS)).enumerate() {
                let at = part * SHARE + i;
                let voiced = pitch.get(at / self.scale).is_some_and(|hertz| *hertz > VOICED);
                let spread = if voiced { UNDER } else { HUM / 3.0 };
                let place = Place::of(at, self.scale, pitch.len());
                let mut sum = 0.0;
                for ((turns, noise), weight) in turns.iter().zip(noise).zip(&self.weights) {
                    let hum = if voiced { place.between(turns).sin() * HUM } else { 0.0 };
                    sum += (hum + spread * noise) * weight;
                }
                *sample = (sum + self.bias).tanh();
            }
        });
        sound
    }

    /// The angle of one tone at each place of the curve, as if each were a sample's step times the samples between.
    fn turns(&self, pitch: &[f32], tone: f32) -> Vec<f32> {
        let mut sum = 0.0f64;
        let step = |hertz: &f32| {
            let step = (hertz * tone / RATE as f32) % 1.0;
            sum += f64::from(if step < 0.0 { step + 1.0 } else { step });
            sum as f32 * 2.0 * std::f32::consts::PI * self.scale as f32
        };
        pitch.iter().map(step).collect()
    }
}

/// Where a sample lies between two places of the curve.
struct Place {
    before: usize,
    after: usize,
    share: f32,
}

impl Place {
    fn of(sample: usize, scale: usize, places: usize) -> Self {
        let at = ((1.0 / scale as f64) as f32 * (sample as f32 + 0.5) - 0.5).max(0.0);
        let last = places.saturating_sub(1);
        let before = (at as usize).min(last);
        Self { before, after: (before + 1).min(last), share: (at - before as f32).clamp(0.0, 1.0) }
    }

    fn between(&self, values: &[f32]) -> f32 {
        let value = |at: usize| values.get(at).copied().unwrap_or_default();
        (1.0 - self.share) * value(self.before) + self.share * value(self.after)
    }
}
