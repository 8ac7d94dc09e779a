//! The few parts every voice is made of: a control line, onsets, seeded randomness, filters, decays.
//! All state lives in small values; nothing allocates per sample.

use super::RATE;

/// A control curve on the sample clock.
pub(super) struct Control<'a> {
    values: &'a [f32],
    fps: u32,
}

/// The start of a sound: the sample at which the frame begins, and how strong it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Onset {
    pub sample: usize,
    pub strength: f32,
}

/// Below this a control is silence (the network is never exactly 0).
const FLOOR: f32 = 0.04;
/// An onset is a rise of this much from one frame to the next …
const RISE: f32 = 0.18;
/// … to at least this.
const LEAST: f32 = 0.22;

impl<'a> Control<'a> {
    pub(super) fn new(values: &'a [f32], fps: u32) -> Self {
        Self { values, fps: fps.max(1) }
    }

    pub(super) fn samples(&self) -> usize {
        self.sample_of(self.values.len())
    }

    fn sample_of(&self, frame: usize) -> usize {
        (frame as u64 * u64::from(RATE) / u64::from(self.fps)) as usize
    }

    fn value(&self, frame: usize) -> f32 {
        let value = self.values.get(frame).or(self.values.last()).copied().unwrap_or(0.0);
        if value.is_finite() && value > FLOOR { value.min(1.0) } else { 0.0 }
    }

    pub(super) fn is_silent(&self) -> bool {
        (0..self.values.len()).all(|i| self.value(i) == 0.0)
    }

    /// Value at a sample, linear between frames.
    pub(super) fn at(&self, sample: usize) -> f32 {
        let place = sample as f32 * self.fps as f32 / RATE as f32;
        let frame = place as usize;
        let (a, b) = (self.value(frame), self.value(frame + 1));
        a + (b - a) * (place - frame as f32)
    }

    /// Frames at which the control jumps up, at the sample where each begins.
    pub(super) fn onsets(&self) -> Vec<Onset> {
        let mut found: Vec<(usize, f32)> = Vec::new();
        for frame in 0..self.values.len() {
            let (now, before) = (self.value(frame), if frame == 0 { 0.0 } else { self.value(frame - 1) });
            if now < LEAST || now - before < RISE {
                continue;
            }
            match found.last_mut() {
                // Still rising: one event that the network spread over two frames; it is where most of the rise is.
                Some((last, strength)) if frame - *last == 1 => {
                    if now - before > *strength {
                        *last = frame;
                    }
                    *strength = strength.max(now);
                }
                _ => found.push((frame, now)),
            }
        }
        found.into_iter().map(|(frame, strength)| Onset { sample: self.sample_of(frame), strength }).collect()
    }
}

/// Seeded randomness (SplitMix64).
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 … 1.
    pub(super) fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// −1 … 1: white noise, one sample.
    pub(super) fn noise(&mut self) -> f32 {
        self.unit() * 2.0 - 1.0
    }

    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }
}

/// A resonant filter with two poles (state variable, trapezoidal): low, band and high pass at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    a: f32,
    b: f32,
}

impl Filter {
    /// One sample at `hertz` with quality `q`; gives (low, band, high), band normalised to 1 at its middle.
    pub(super) fn step(&mut self, x: f32, hertz: f32, q: f32) -> (f32, f32, f32) {
        // tan x as a fraction of polynomials: within 0.1 % up to 14 kHz, and no call per sample.
        let x1 = std::f32::consts::PI * (hertz / RATE as f32).clamp(1e-5, 0.3);
        let g = x1 * (15.0 - x1 * x1) / (15.0 - 6.0 * x1 * x1);
        let k = 1.0 / q.max(0.1);
        let h = (x - (g + k) * self.a - self.b) / (1.0 + g * (g + k));
        let band = g * h + self.a;
        let low = g * band + self.b;
        self.a = g * h + band;
        self.b = g * band + low;
        (low, band * k, h)
    }
}

/// A slow random line through 0 … 1, a new target every `seconds`, smooth between.
#[derive(Debug, Clone)]
pub(super) struct Wander {
    from: f32,
    to: f32,
    at: f32,
    step: f32,
}

impl Wander {
    pub(super) fn new(seconds: f32, dice: &mut Dice) -> Self {
        Self { from: dice.unit(), to: dice.unit(), at: dice.unit(), step: 1.0 / (seconds * RATE as f32) }
    }

    pub(super) fn step(&mut self, dice: &mut Dice) -> f32 {
        self.at += self.step;
        if self.at >= 1.0 {
            self.at -= 1.0;
            self.from = self.to;
            self.to = dice.unit();
        }
        let s = self.at * self.at * (3.0 - 2.0 * self.at);
        self.from + (self.to - self.from) * s
    }
}

/// Seconds since the beginning of `n` samples.
pub(super) fn seconds(n: usize) -> f32 {
    n as f32 / RATE as f32
}

/// e^(−t/length) with a rise over `attack` seconds: the shape of anything struck.
pub(super) fn strike(t: f32, attack: f32, length: f32) -> f32 {
    (t / attack).min(1.0) * (-t / length).exp()
}

/// A sine whose phase is kept in turns, so that it does not lose digits.
#[derive(Debug, Clone, Default)]
pub(super) struct Sine(f32);

impl Sine {
    pub(super) fn step(&mut self, hertz: f32) -> f32 {
        self.0 = (self.0 + hertz / RATE as f32).fract();
        (self.0 * std::f32::consts::TAU).sin()
    }

    /// Where in its turn the sine is, 0 … 1.
    pub(super) fn phase(&self) -> f32 {
        self.0
    }
}
