//! Which source pixels make a target pixel along one side, and how much of each.
//!
//! Made once per pair of sizes, in double precision, then rounded so that the weights sum to one exactly. The device reads the very
//! same numbers from a texture ([`Table::texture`]).

use std::ops::Range;

/// Weights are in 1/32768.
pub const ONE: i32 = 32_767;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Table {
    pub source: usize,
    /// Source pixels per target pixel.
    pub taps: usize,
    /// First source pixel of each target pixel; may lie outside, where the edge pixel repeats.
    pub starts: Vec<i32>,
    /// `taps` for each target pixel.
    pub weights: Vec<i16>,
    /// First of the two nearest source pixels, and the weights of both: for the bounds.
    pub pairs: Vec<(i32, [i16; 2])>,
}

/// Up to this many taps are rounded one by one (which fills registers twice as full), more are summed exactly.
pub const ROUNDED_TAPS: usize = 6;

impl Table {
    /// For target pixels `window` of `target`; `smooth` takes a kernel without overshoot for what is steepened afterwards.
    pub fn new(source: usize, target: usize, window: Range<usize>, smooth: bool) -> Self {
        let ratio = source as f64 / target as f64;
        let stretch = ratio.max(1.0);
        let (kernel, radius): (fn(f64) -> f64, f64) = if smooth { (mitchell, 2.0) } else { (lanczos3, 3.0) };
        let taps = if source == target { 1 } else { (2.0 * radius * stretch).ceil() as usize };
        let mut table =
            Self { source, taps, starts: Vec::new(), weights: Vec::new(), pairs: Vec::with_capacity(window.len()) };
        for i in window {
            let centre = (i as f64 + 0.5) * ratio;
            let start = if taps == 1 { i as f64 } else { (centre - 0.5 * taps as f64 + 0.5).floor() };
            let of = |tap: usize| if taps == 1 { 1.0 } else { kernel((start + tap as f64 + 0.5 - centre) / stretch) };
            let sum: f64 = (0..taps).map(of).sum();
            table.starts.push(start as i32);
            table.weights.extend(rounded((0..taps).map(|tap| of(tap) / sum)));
            let left = (centre - 0.5).floor();
            let right = centre - 0.5 - left;
            let second = (right * f64::from(ONE)).round() as i16;
            table.pairs.push((left as i32, [(ONE - i32::from(second)) as i16, second]));
        }
        table
    }

    /// Target pixels that are made.
    pub fn target(&self) -> usize {
        self.starts.len()
    }

    /// The table as a texture of one number a texel, `target` wide: start, the taps, the pair's start and its two weights.
    /// Returns its height and the numbers, row by row.
    pub fn texture(&self) -> (usize, Vec<f32>) {
        let mut texels: Vec<f32> = self.starts.iter().map(|&start| start as f32).collect();
        for tap in 0..self.taps {
            texels.extend(self.weights.iter().skip(tap).step_by(self.taps).map(|&weight| f32::from(weight)));
        }
        texels.extend(self.pairs.iter().map(|&(start, _)| start as f32));
        texels.extend(self.pairs.iter().map(|&(_, [first, _])| f32::from(first)));
        texels.extend(self.pairs.iter().map(|&(_, [_, second])| f32::from(second)));
        (self.taps + 4, texels)
    }
}

/// Rounds so that the sum is [`ONE`]: the remainder goes to the largest.
fn rounded(weights: impl Iterator<Item = f64>) -> Vec<i16> {
    let mut rounded: Vec<i32> = weights.map(|weight| (weight * f64::from(ONE)).round() as i32).collect();
    let rest = ONE - rounded.iter().sum::<i32>();
    if let Some(largest) = rounded.iter_mut().max_by_key(|weight| **weight) {
        *largest += rest;
    }
    rounded.into_iter().map(|weight| weight.clamp(-ONE, ONE) as i16).collect()
}

fn lanczos3(x: f64) -> f64 {
    let x = x.abs();
    if x < 1e-9 {
        1.0
    } else if x < 3.0 {
        let p = std::f64::consts::PI * x;
        3.0 * p.sin() * (p / 3.0).sin() / (p * p)
    } else {
        0.0
    }
}

/// The cubic of Mitchell and Netravali: smooth curves from coarse pixels, hardly any overshoot.
fn mitchell(x: f64) -> f64 {
    let x = x.abs();
    let (b, c) = (1.0 / 3.0, 1.0 / 3.0);
    if x < 1.0 {
        ((12.0 - 9.0 * b - 6.0 * c) * x * x * x + (-18.0 + 12.0 * b + 6.0 * c) * x * x + 6.0 - 2.0 * b) / 6.0
    } else if x < 2.0 {
        ((-b - 6.0 * c) * x * x * x + (6.0 * b + 30.0 * c) * x * x + (-12.0 * b - 48.0 * c) * x + 8.0 * b + 24.0 * c)
            / 6.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_a_part_of_the_whole() {
        let (whole, part) = (Table::new(72, 500, 0..500, true), Table::new(72, 500, 100..140, true));
        assert_eq!(part.target(), 40);
        assert_eq!(part.starts, whole.starts[100..140]);
        assert_eq!(part.weights, whole.weights[100 * whole.taps..140 * whole.taps]);
        assert_eq!(part.pairs, whole.pairs[100..140]);
    }

    #[test]
    fn weights_sum_to_one_for_every_target_pixel() {
        for (source, target) in
            [(128, 1920), (72, 1080), (1280, 1920), (1920, 1280), (1920, 64), (5, 5), (1, 7), (7, 1)]
        {
            for smooth in [false, true] {
                let table = Table::new(source, target, 0..target, smooth);
                assert_eq!(table.target(), target);
                for weights in table.weights.chunks(table.taps) {
                    assert_eq!(
                        weights.iter().map(|&weight| i32::from(weight)).sum::<i32>(),
                        ONE,
                        "{source} to {target}"
                    );
                }
            }
        }
    }
}
