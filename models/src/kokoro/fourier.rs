//! Short Fourier transforms there and back, with a Hann window, mirrored at the edges: magnitudes and phases of a source, samples
//! from the network's. Windows are twenty samples long, so a table of sines is all it takes. **Never here:** other windows.

use rayon::prelude::*;

/// Logarithms of magnitudes end here: a broken number must not become one without end.
const MOST_LOG: f64 = 20.0;

/// Sines and cosines of one window's length, and the window.
#[derive(Debug, Clone)]
pub struct Fourier {
    /// Cosine and sine of each step around the circle.
    circle: Vec<(f64, f64)>,
    window: Vec<f64>,
    hop: usize,
}

impl Fourier {
    /// `length` is even and at least twice `hop`.
    #[must_use]
    pub fn new(length: usize, hop: usize) -> Self {
        let angle = |i: usize| std::f64::consts::TAU * i as f64 / length as f64;
        let circle = (0..length).map(|i| (angle(i).cos(), angle(i).sin())).collect();
        // In 32 bits, as the reference keeps it.
        let window = (0..length).map(|i| f64::from((0.5 - 0.5 * angle(i).cos()) as f32)).collect();
        Self { circle, window, hop }
    }

    fn bins(&self) -> usize {
        self.window.len() / 2 + 1
    }

    fn turn(&self, bin: usize, at: usize) -> (f64, f64) {
        self.circle.get(bin * at % self.circle.len().max(1)).copied().unwrap_or_default()
    }

    /// Magnitudes, then phases, `[2 · bins, frames]`, and the number of frames.
    #[must_use]
    pub fn spectrum(&self, sound: &[f32]) -> (Vec<f32>, usize) {
        let (length, bins, frames) = (self.window.len(), self.bins(), sound.len() / self.hop + 1);
        let half = length / 2;
        let mirrored = |at: usize| {
            let last = sound.len().saturating_sub(1);
            // `at` counts from half a window before the beginning.
            let at = at.abs_diff(half);
            let at = if at > last { (2 * last).saturating_sub(at) } else { at };
            f64::from(sound.get(at).copied().unwrap_or_default())
        };
        let frame = |frame: usize| {
            let values: Vec<f64> = self
                .window
                .iter()
                .enumerate()
                .map(|(i, w)| f64::from((w * mirrored(frame * self.hop + i)) as f32))
                .collect();
            let bin = |bin: usize| {
                let (mut re, mut im) = (0.0, 0.0);
                for (at, value) in values.iter().enumerate() {
                    let (cos, sin) = self.turn(bin, at);
                    re += value * cos;
                    im -= value * sin;
                }
                // Lowest and highest have no phase of their own. A window about the first sample or the last is mirrored and has
                // none anywhere: what is left of one is rounding, whose sign would turn a phase about.
                let middle = frame * self.hop;
                if middle == 0 || middle + 1 == sound.len() || bin == 0 || 2 * bin == length {
                    im = 0.0;
                }
                (re.hypot(im) as f32, (im as f32).atan2(re as f32))
            };
            (0..bins).map(bin).collect::<Vec<_>>()
        };
        let all: Vec<Vec<(f32, f32)>> = (0..frames).into_par_iter().map(frame).collect();
        let mut out = Vec::with_capacity(2 * bins * frames);
        for bin in 0..bins {
            out.extend(all.iter().filter_map(|frame| frame.get(bin)).map(|(magnitude, _)| *magnitude));
        }
        for bin in 0..bins {
            out.extend(all.iter().filter_map(|frame| frame.get(bin)).map(|(_, phase)| *phase));
        }
        (out, frames)
    }

    /// Samples from the network's last values, `[2 · bins, frames]`: logarithms of magnitudes, then what becomes a phase by a sine.
    #[must_use]
    pub fn sound(&self, values: &[f32], frames: usize) -> Vec<f32> {
        let (length, bins, half) = (self.window.len(), self.bins(), self.window.len() / 2);
        let value = |row: usize, frame: usize| f64::from(values.get(row * frames + frame).copied().unwrap_or_default());
        let frame = |frame: usize| {
            let turned: Vec<(f64, f64)> = (0..bins)
                .map(|bin| {
                    let (magnitude, phase) = (value(bin, frame).min(MOST_LOG).exp(), value(bins + bin, frame).sin());
                    (magnitude * phase.cos(), magnitude * phase.sin())
                })
                .collect();
            let sample = |at: usize| {
                let mut sum = 0.0;
                for (bin, (re, im)) in turned.iter().enumerate() {
                    let (cos, sin) = self.turn(bin, at);
                    sum += if bin == 0 || bin == half { re * cos } else { 2.0 * (re * cos - im * sin) };
                }
                sum / length as f64
            };
            self.window.iter().enumerate().map(|(at, w)| w * sample(at)).collect::<Vec<_>>()
        };
        let all: Vec<Vec<f64>> = (0..frames).into_par_iter().map(frame).collect();
        let mut sums = vec![(0.0f64, 0.0f64); length + self.hop * frames.saturating_sub(1)];
        for (i, frame) in all.iter().enumerate() {
            let place = sums.get_mut(i * self.hop..).unwrap_or_default();
            for ((sum, value), window) in place.iter_mut().zip(frame).zip(&self.window) {
                sum.0 += value;
                sum.1 += window * window;
            }
        }
        let kept = self.hop * frames.saturating_sub(1);
        sums.iter().skip(half).take(kept).map(|(sum, weight)| (sum / weight) as f32).collect()
    }
}
