//! From painted spectra to sound: S = H·P + N·Z + R, and the inverse short-time Fourier transform of S.
//!
//! P is the spectrum of a train of pulses at the pitch, H what the throat does to it, N the colour of breath, Z complex Gaussian noise
//! of unit variance in each part, R what the model draws with a phase of its own. Frames of 1200 samples, 300 apart, Hann window, 24 kHz.
//! It must never draw noise from anywhere but the source it is given, or a line would sound different twice.

use super::fourier::{Complex, Fourier, times};
use super::network::{BINS, Painting};

/// Samples a second.
pub const RATE: f32 = 24_000.0;
/// Samples from frame to frame: 12.5 ms.
pub const HOP: usize = 300;
const WINDOW: usize = 1200;
/// Frames that overlap at each sample.
const OVERLAP: usize = WINDOW / HOP;
/// Below this many hertz a frame is not voiced.
const LEAST_HERTZ: f32 = 40.0;
/// Harmonics end here, in hertz: below half the rate, so that none folds back.
const MOST_HERTZ: f32 = 11_000.0;
/// Logarithms of magnitudes end here: a broken number must not become a bang.
const MOST_LOG: f32 = 7.0;

/// The sound of a sentence; `noise` gives normally distributed numbers.
pub fn sound(pitch: &[f32], painting: &Painting, mut noise: impl FnMut() -> f32) -> Vec<f32> {
    let frames = pitch.len();
    let plan = Fourier::new(WINDOW);
    let window: Vec<f32> =
        (0..WINDOW).map(|at| 0.5 - 0.5 * (std::f32::consts::TAU * at as f32 / WINDOW as f32).cos()).collect();
    let train = pulses(pitch);
    // As if mirrored at both ends, half a window on each side.
    let mirrored = |at: isize| {
        let last = train.len() as isize - 1;
        let at = if at < 0 { -at } else { at };
        let at = if at > last { 2 * last - at } else { at };
        usize::try_from(at).ok().and_then(|at| train.get(at)).copied().unwrap_or(0.0)
    };
    // A cosine of amplitude one is to have magnitude one.
    let level = 1.0 / HOP as f32;
    let mut added = vec![0f32; (frames + OVERLAP) * HOP];
    let mut weight = vec![0f32; added.len()];
    let (mut given, mut made) = (vec![(0f32, 0f32); WINDOW], vec![(0f32, 0f32); WINDOW]);
    // Two real frames go through one complex transform.
    for first in (0..frames).step_by(2) {
        let second = (first + 1).min(frames - 1);
        let start = |frame: usize| (frame * HOP) as isize - (WINDOW / 2) as isize;
        for (at, (slot, window)) in given.iter_mut().zip(&window).enumerate() {
            let sample = |frame: usize| mirrored(start(frame) + at as isize) * window * level;
            *slot = (sample(first), sample(second));
        }
        plan.transform(&given, &mut made);
        for bin in 0..BINS {
            let (one, other) = (made[bin], made[(WINDOW - bin) % WINDOW]);
            let pulses = [
                ((one.0 + other.0) / 2.0, (one.1 - other.1) / 2.0),
                ((one.1 + other.1) / 2.0, (other.0 - one.0) / 2.0),
            ];
            let (a, b) = (
                mixed(painting, first, bin, pulses[0], &mut noise),
                mixed(painting, second, bin, pulses[1], &mut noise),
            );
            // Real and imaginary parts exchanged, which makes the transform its inverse; the mirror bin is the conjugate.
            if bin == 0 || bin == BINS - 1 {
                given[bin] = (b.0, a.0);
            } else {
                given[bin] = (a.1 + b.0, a.0 - b.1);
                given[WINDOW - bin] = (b.0 - a.1, a.0 + b.1);
            }
        }
        plan.transform(&given, &mut made);
        for (frame, which) in [(first, 0), (second, 1)].into_iter().take(1 + usize::from(second > first)) {
            let place = frame * HOP;
            for (at, (value, window)) in made.iter().zip(&window).enumerate() {
                let value = if which == 0 { value.1 } else { value.0 };
                added[place + at] += value / WINDOW as f32 * window;
                weight[place + at] += window * window;
            }
        }
    }
    let heard = added.iter().zip(&weight).skip(WINDOW / 2).take(frames * HOP);
    heard.map(|(value, weight)| value / weight.max(1e-11)).collect()
}

/// One bin of S.
fn mixed(painting: &Painting, frame: usize, bin: usize, pulses: Complex, noise: &mut impl FnMut() -> f32) -> Complex {
    let at = frame * BINS + bin;
    let size = |log: f32| log.min(MOST_LOG).exp();
    let turned = |size: f32, angle: f32| {
        let (sine, cosine) = angle.sin_cos();
        (size * cosine, size * sine)
    };
    let voice = turned(size(painting.harmonic.values[at]), std::f32::consts::PI * painting.phase.values[at].tanh());
    let (voice, breath) = (times(pulses, voice), size(painting.noise.values[at]));
    let free = turned(size(painting.free.values[at]), painting.free_phase.values[at]);
    (voice.0 + breath * noise() + free.0, voice.1 + breath * noise() + free.1)
}

/// Every harmonic of the pitch up to [`MOST_HERTZ`] as a cosine of amplitude one, in closed form:
/// cos t + … + cos Ht = sin((H + ½)t) / 2 sin(t/2) − ½.
fn pulses(pitch: &[f32]) -> Vec<f32> {
    let mut made = Vec::with_capacity(pitch.len() * HOP);
    let mut phase = 0f64;
    let of = |frame: isize| {
        let last = pitch.len().saturating_sub(1);
        pitch.get(usize::try_from(frame).unwrap_or(0).min(last)).copied().unwrap_or(0.0)
    };
    for frame in 0..pitch.len() as isize {
        for at in 0..HOP {
            // A frame's pitch holds in its middle; between middles it is a line.
            let place = (at as f32 + 0.5) / HOP as f32 - 0.5;
            let (before, share) = if place < 0.0 { (frame - 1, place + 1.0) } else { (frame, place) };
            let hertz = of(before) * (1.0 - share) + of(before + 1) * share;
            let audible = hertz.max(LEAST_HERTZ);
            phase = (phase + f64::from(audible) / f64::from(RATE)).fract();
            if hertz <= LEAST_HERTZ {
                made.push(0.0);
                continue;
            }
            let angle = (phase * std::f64::consts::TAU) as f32;
            let count = (MOST_HERTZ / audible).floor() + 0.5;
            let below = 2.0 * (angle * 0.5).sin();
            // Where the quotient is nought by nought, its limit.
            let sum = if below.abs() <= 2e-3 { count } else { (count * angle).sin() / below };
            made.push(sum - 0.5);
        }
    }
    made
}

/// Normally distributed numbers from a seed, by xorshift and Box and Muller: the same on every machine for the same seed.
#[derive(Debug)]
pub struct Noise {
    state: u64,
    kept: Option<f32>,
}

impl Noise {
    pub fn new(seed: u64) -> Self {
        Self { state: seed | 1, kept: None }
    }
    fn share(&mut self) -> f32 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        // 24 bits, never nought.
        ((self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40) as f32 + 0.5) / 16_777_216.0
    }
    pub fn next(&mut self) -> f32 {
        if let Some(kept) = self.kept.take() {
            return kept;
        }
        let size = (-2.0 * self.share().ln()).sqrt();
        let (sine, cosine) = (std::f32::consts::TAU * self.share()).sin_cos();
        self.kept = Some(size * sine);
        size * cosine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_normal_and_the_same_for_the_same_seed() {
        let draw = |seed| {
            let mut noise = Noise::new(seed);
            (0..20_000).map(|_| noise.next()).collect::<Vec<f32>>()
        };
        let values = draw(7);
        let mean = values.iter().sum::<f32>() / 20_000.0;
        let spread = values.iter().map(|value| value * value).sum::<f32>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (spread - 1.0).abs() < 0.04, "{mean} {spread}");
        assert!(values == draw(7) && values != draw(9));
    }

    #[test]
    fn a_pulse_train_has_the_pitch_that_it_is_given() {
        let train = pulses(&[200.0; 20]);
        let peaks =
            train.windows(3).filter(|three| three[1] > 20.0 && three[1] >= three[0] && three[1] > three[2]).count();
        // A quarter of a second.
        assert!((49..=51).contains(&peaks), "{peaks}");
        assert!(pulses(&[30.0; 4]).iter().all(|sample| *sample == 0.0));
    }
}
