//! Where each token stands, as angles: (seconds, y, x) in units of 20 "frames" and 2048 pixels, each turned by frequencies
//! from 1 to 10,000. The reference computes them in f32 and the largest angles exceed 10⁴, so the order of roundings here
//! is the reference's. **Never here:** which coordinates a token has.

use candle_core::{Device, Result, Tensor};

/// What one axis is divided by: time, height, width.
const BASE: [f32; 3] = [20.0, 2048.0, 2048.0];
const THETA: f64 = 10_000.0;

/// Rotation table `[rows, width]` (half cosines, half sines, one per pair of values) for tokens at `coords`.
///
/// # Errors
/// When the device fails.
pub fn rotation(coords: &[[f32; 3]], width: usize, device: &Device) -> Result<Tensor> {
    let frequencies = frequencies(width / 6);
    let mut values = Vec::with_capacity(coords.len() * width);
    // What three axes cannot share out stands still, at the front.
    let still = (width - frequencies.len() * 6) / 2;
    for place in coords {
        let mut angles = Vec::with_capacity(width / 2);
        angles.resize(still, 0.0f32);
        let place: [f32; 3] = std::array::from_fn(|axis| place[axis] / BASE[axis] * 2.0 - 1.0);
        for frequency in &frequencies {
            angles.extend(place.map(|x| frequency * x));
        }
        values.extend(angles.iter().map(|a| a.cos()));
        values.extend(angles.iter().map(|a| a.sin()));
    }
    Tensor::from_vec(values, (coords.len(), width), device)
}

fn frequencies(count: usize) -> Vec<f32> {
    // The step is rounded to f32, what is made of it only once: so the reference's machine code does it.
    let step = f64::from(1.0 / (count.max(2) - 1) as f32);
    (0..count)
        .map(|i| {
            // Evenly from 0 to 1, counted from the nearer end.
            let exponent = if i < count / 2 { step * i as f64 } else { 1.0 - step * (count - 1 - i) as f64 };
            let exponent = if count == 1 { 0.0 } else { exponent as f32 };
            THETA.powf(f64::from(exponent)) as f32 * std::f32::consts::PI / 2.0
        })
        .collect()
}
