//! The last thing before the ear: no peak, not even one between two samples, is louder than the ceiling.
//!
//! The gain at a sample is the mean, over a few milliseconds around it, of the least gain that anything near it needs; so it is low
//! enough where a peak is and moves softly elsewhere. It looks ahead and keeps no state: the same film gives the same
//! samples whatever the size of the blocks, and what is below the ceiling is not touched.

use crate::mixer::CHANNELS;
use std::collections::VecDeque;

/// Frames on each side over which the gain moves: 3 ms.
const GLIDE: usize = 144;
/// Frames on each side that a peak between samples is computed from.
const TAPS: usize = 6;
/// Frames before and after a block that must be known to limit it.
pub const REACH: usize = 2 * GLIDE + TAPS;
/// Points between two samples at which the wave is looked at, as BS.1770 does.
const BETWEEN: usize = 3;
/// No wave goes further above its samples than this with the kernel below.
const OVERSHOOT: f32 = 2.0;

/// `around` is interleaved stereo with [`REACH`] frames more than `out` at both ends.
pub fn limit(around: &[f32], ceiling: f32, out: &mut [f32]) {
    let inner = around.get(REACH * CHANNELS..).unwrap_or_default();
    out.iter_mut().zip(inner).for_each(|(sample, value)| *sample = *value);
    let loudest = around.iter().fold(0f32, |peak, sample| peak.max(sample.abs()));
    if loudest * OVERSHOOT <= ceiling {
        return;
    }
    let kernels = kernels();
    let frames = around.len() / CHANNELS;
    // What each frame needs; the outermost ones are only looked at from inside.
    let needed: Vec<f32> = (0..frames)
        .map(|frame| {
            let peak = peak(around, frame, &kernels);
            if peak > ceiling { ceiling / peak } else { 1.0 }
        })
        .collect();
    if needed.iter().all(|gain| *gain == 1.0) {
        return;
    }
    let least = least_near(&needed);
    for (at, frame) in out.chunks_mut(CHANNELS).enumerate() {
        let middle = at + REACH;
        let near = least.get(middle - GLIDE..(middle + GLIDE + 1).min(frames)).unwrap_or_default();
        if near.iter().all(|gain| *gain == 1.0) {
            continue;
        }
        // Summed in the same order for every block, so that blocks of any size agree to the last bit.
        let gain = near.iter().sum::<f32>() / near.len() as f32;
        frame.iter_mut().for_each(|sample| *sample *= gain);
    }
}

/// For each frame the least gain within [`GLIDE`] of it.
fn least_near(needed: &[f32]) -> Vec<f32> {
    let at = |frame: usize| needed.get(frame).copied().unwrap_or(1.0);
    let mut least = vec![1.0; needed.len()];
    // Frames still in reach, each needing less than all after it.
    let mut low: VecDeque<usize> = VecDeque::new();
    for ahead in 0..needed.len() + GLIDE {
        if ahead < needed.len() {
            while low.back().is_some_and(|last| at(*last) >= at(ahead)) {
                low.pop_back();
            }
            low.push_back(ahead);
        }
        let Some(frame) = ahead.checked_sub(GLIDE) else { continue };
        while low.front().is_some_and(|first| first + GLIDE < frame) {
            low.pop_front();
        }
        if let (Some(slot), Some(first)) = (least.get_mut(frame), low.front()) {
            *slot = at(*first);
        }
    }
    least
}

/// The loudest the wave gets from a frame to the next.
fn peak(around: &[f32], frame: usize, kernels: &[[f32; 2 * TAPS]; BETWEEN]) -> f32 {
    let mut peak = 0f32;
    for channel in 0..CHANNELS {
        let sample = |at: usize| around.get(at * CHANNELS + channel).copied().unwrap_or(0.0);
        peak = peak.max(sample(frame).abs());
        let Some(first) = (frame + 1).checked_sub(TAPS) else { continue };
        for kernel in kernels {
            let value: f32 = kernel.iter().enumerate().map(|(tap, weight)| weight * sample(first + tap)).sum();
            peak = peak.max(value.abs());
        }
    }
    peak
}

/// Windowed sincs for a quarter, a half and three quarters of the way to the next sample.
fn kernels() -> [[f32; 2 * TAPS]; BETWEEN] {
    std::array::from_fn(|point| {
        let place = (point + 1) as f32 / (BETWEEN + 1) as f32;
        std::array::from_fn(|tap| {
            let x = place - (tap as f32 - (TAPS as f32 - 1.0));
            let window = 0.5 + 0.5 * (std::f32::consts::PI * x / TAPS as f32).cos();
            let turn = std::f32::consts::PI * x;
            if turn.abs() < 1e-6 { 1.0 } else { turn.sin() / turn * window }
        })
    })
}
