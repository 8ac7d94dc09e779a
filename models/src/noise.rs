//! The noise a generation starts from: drawn on the CPU from the order's seed and then moved, so that the same seed starts
//! the same picture on every device. ChaCha20 keyed by the seed, one stream per purpose, Box–Muller in f64, rounded to f32.

use candle_core::{Device, Result, Tensor};
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore, SeedableRng},
};

/// Independent streams of one seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Picture latents.
    Video = 1,
    /// Sound tokens.
    Sound = 2,
}

/// `count` values from the standard normal distribution.
#[must_use]
pub fn normal(seed: u64, stream: Stream, count: usize) -> Vec<f32> {
    normal_in(seed, stream as u64, count)
}

/// The same in any stream, for families that draw more than once in a run.
#[must_use]
pub fn normal_in(seed: u64, stream: u64, count: usize) -> Vec<f32> {
    let mut bits = ChaCha20Rng::seed_from_u64(seed);
    bits.set_stream(stream);
    // (0, 1]: a logarithm of 0 cannot happen.
    let mut uniform = move || (f64::from(bits.next_u32()) + 1.0) / 4_294_967_296.0;
    let mut values = Vec::with_capacity(count + 1);
    while values.len() < count {
        let radius = (-2.0 * uniform().ln()).sqrt();
        let angle = std::f64::consts::TAU * uniform();
        values.push((radius * angle.cos()) as f32);
        values.push((radius * angle.sin()) as f32);
    }
    values.truncate(count);
    values
}

/// The same as a tensor on `device`.
///
/// # Errors
/// When the device fails.
pub fn tensor(seed: u64, stream: Stream, shape: &[usize], device: &Device) -> Result<Tensor> {
    Tensor::from_vec(normal(seed, stream, shape.iter().product()), shape, device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_draws_the_same_noise() {
        assert_eq!(normal(7, Stream::Video, 1000), normal(7, Stream::Video, 1000));
        assert_eq!(normal(7, Stream::Video, 3), normal(7, Stream::Video, 1000)[..3]);
        assert_ne!(normal(7, Stream::Video, 9), normal(8, Stream::Video, 9));
        assert_ne!(normal(7, Stream::Video, 9), normal(7, Stream::Sound, 9));
    }

    #[test]
    fn noise_has_mean_0_and_variance_1() {
        let values = normal(1, Stream::Video, 100_000);
        let mean = values.iter().sum::<f32>() / 1e5;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 1e5;
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }
}
