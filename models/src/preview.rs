//! The live preview of every family: a linear map from a latent position to one pixel, good enough to see a shot take shape.
//! It is fitted to what a decoder itself makes of random latents, so any weights bring their own. **Never here:** decoders,
//! or what latents to fit to.

use candle_core::{Result, Tensor};

/// Ridge that keeps the fit sound when channels nearly repeat each other.
const RIDGE: f64 = 1e-3;

/// `rgb = latent · weight + bias`, values in −1 … 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Factors {
    /// One row of three per channel, then the bias.
    rows: Vec<[f64; 3]>,
}

impl Factors {
    /// The best map in the sense of least squares; rows of `z` have `channels` values, rows of `rgb` three.
    #[must_use]
    pub fn fitted(z: &[f32], rgb: &[f32], channels: usize) -> Self {
        Self { rows: least_squares(z, rgb, channels) }
    }

    /// The map as numbers, row by row, to be kept.
    #[must_use]
    pub fn values(&self) -> Vec<f32> {
        self.rows.iter().flatten().map(|v| *v as f32).collect()
    }

    /// Back from [`Factors::values`]; None when they are not those of a map.
    #[must_use]
    pub fn from_values(values: &[f32]) -> Option<Self> {
        let (rows, rest) = values.as_chunks::<3>();
        let sound = rest.is_empty() && rows.len() > 1 && values.iter().all(|v| v.is_finite());
        sound.then(|| Self { rows: rows.iter().map(|row| row.map(f64::from)).collect() })
    }

    /// `latents` `[times, C, h, w]` → one small picture of 8-bit sRGB per latent frame.
    ///
    /// # Errors
    /// When the map is one of another number of channels, or the device fails.
    pub fn paint(&self, latents: &Tensor) -> Result<Vec<Vec<u8>>> {
        let (times, channels, h, w) = latents.dims4()?;
        if self.rows.len() != channels + 1 {
            candle_core::bail!("a map to colours from {} channels, not {channels}", self.rows.len().saturating_sub(1));
        }
        let values = latents.permute((0, 2, 3, 1))?.reshape((times, h * w * channels))?.to_vec2::<f32>()?;
        let paint = |frame: &Vec<f32>| {
            frame
                .chunks_exact(channels)
                .flat_map(|z| self.pixel(z).map(|v| ((v + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8))
                .collect()
        };
        Ok(values.iter().map(paint).collect())
    }

    fn pixel(&self, z: &[f32]) -> [f64; 3] {
        let mut sum = self.rows.last().copied().unwrap_or_default();
        for (row, z) in self.rows.iter().zip(z) {
            for (sum, f) in sum.iter_mut().zip(row) {
                *sum += f * f64::from(*z);
            }
        }
        sum
    }
}

/// Solves the normal equations by elimination; rows of `z` have `channels` values, rows of `rgb` three.
fn least_squares(z: &[f32], rgb: &[f32], channels: usize) -> Vec<[f64; 3]> {
    let n = channels + 1;
    // [n][n + 3]: the matrix and, beside it, the three right-hand sides.
    let mut m = vec![vec![0.0f64; n + 3]; n];
    for (z, rgb) in z.chunks_exact(channels).zip(rgb.chunks_exact(3)) {
        let row: Vec<f64> = z.iter().map(|v| f64::from(*v)).chain([1.0]).collect();
        for (line, a) in m.iter_mut().zip(&row) {
            let other = row.iter().copied().chain(rgb.iter().map(|v| f64::from(*v)));
            line.iter_mut().zip(other).for_each(|(sum, b)| *sum += a * b);
        }
    }
    for (i, line) in m.iter_mut().enumerate() {
        line[i] += RIDGE * (1 + z.len() / n) as f64;
    }
    // Symmetric and positive by the ridge: no pivoting needed.
    for i in 0..n {
        let pivot = m[i].clone();
        for line in m.iter_mut().skip(i + 1) {
            let f = line[i] / pivot[i];
            line.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= f * p);
        }
    }
    let mut rows = vec![[0.0f64; 3]; n];
    for i in (0..n).rev() {
        for c in 0..3 {
            let known: f64 = (i + 1..n).map(|j| m[i][j] * rows[j][c]).sum();
            rows[i][c] = (m[i][n + c] - known) / m[i][i];
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::Factors;

    #[test]
    fn a_linear_map_is_found_again() {
        let z: Vec<f32> = (0..300).map(|i| ((i * 7919) % 101) as f32 / 50.0 - 1.0).collect();
        let map = |z: &[f32]| [0.5 * z[0] - z[1] + 0.1, z[2], 0.3 - z[0]];
        let rgb: Vec<f32> = z.chunks(3).flat_map(map).collect();
        let rows = Factors::fitted(&z, &rgb, 3).rows;
        for (row, expected) in rows.iter().zip([[0.5, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.1, 0.0, 0.3]]) {
            for (a, b) in row.iter().zip(expected) {
                assert!((a - b).abs() < 2e-2, "{rows:?}");
            }
        }
    }
}
