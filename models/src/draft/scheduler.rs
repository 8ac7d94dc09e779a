//! The path from noise to picture: rectified flow, x_t = (1 − t) x₀ + t ε, walked in straight Euler steps.
//! Mirrors `timesteps` and `sample` in `models/draft/training/sampling.py`. Holds no tensors between steps.

use candle_core::{Result, Tensor};

/// `steps + 1` times from 1 to 0: u = 1 − i/steps, t = shift·u / (1 + (shift − 1)·u).
#[must_use]
pub fn timesteps(steps: usize, shift: f64) -> Vec<f64> {
    let u = (0..=steps).map(|i| 1.0 - i as f64 / steps.max(1) as f64);
    u.map(|u| shift * u / (1.0 + (shift - 1.0) * u)).collect()
}

/// One Euler step from time `now` to `then` along velocity `v`.
///
/// # Errors
/// When the device fails.
pub fn step(x: &Tensor, v: &Tensor, now: f64, then: f64) -> Result<Tensor> {
    x + (v * (then - now))?
}

/// What the clean picture would be if the path were straight from here: x − t·v.
///
/// # Errors
/// When the device fails.
pub fn estimate(x: &Tensor, v: &Tensor, now: f64) -> Result<Tensor> {
    x - (v * now)?
}

/// Guidance away from the empty prompt, over a batch of (prompt, empty).
///
/// # Errors
/// When the batch is not two, or the device fails.
pub fn guide(v: &Tensor, scale: f64) -> Result<Tensor> {
    let (prompt, empty) = (v.narrow(0, 0, 1)?, v.narrow(0, 1, 1)?);
    &empty + ((prompt - &empty)? * scale)?
}

#[cfg(test)]
mod tests {
    use super::timesteps;

    #[test]
    fn times_run_from_one_to_zero_and_shift_bends_them() {
        assert_eq!(timesteps(4, 1.0), [1.0, 0.75, 0.5, 0.25, 0.0]);
        let bent = timesteps(4, 3.0);
        assert!((bent[2] - 0.75).abs() < 1e-12 && bent[0] == 1.0 && bent[4] == 0.0);
    }
}
