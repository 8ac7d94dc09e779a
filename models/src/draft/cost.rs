//! What an order will cost, from the config alone: operations by counting products, memory by counting what is alive at
//! the widest place of each stage. A test holds it to a measured peak; nothing here touches a tensor.

use super::{DraftError, DraftModel, Estimate, Order, Precision, order::Condition, vae::FRAMES_PER_LATENT};
use crate::sound;

impl DraftModel {
    /// What an order will cost, without touching the weights.
    ///
    /// # Errors
    /// [`DraftError::Refused`] when the order is not legal.
    pub fn estimate(&self, order: &Order) -> Result<Estimate, DraftError> {
        let grid = self.check(order)?;
        let references = order.conditions.iter().filter(|c| matches!(c, Condition::Reference(_))).count();
        let batch = if self.guidance(order).is_some() { 2 } else { 1 };
        let evaluations = self.steps(order) * batch;
        let tokens = (grid.times * (grid.h * grid.w + 1) + references * 16) as f64;

        let d = &self.config.denoiser;
        let width = d.width as f64;
        let products = tokens * width * width * (6.0 + 2.0 * d.mlp as f64);
        let attention = 2.0 * tokens * (tokens + self.config.text.length as f64) * width;
        let denoise = 2.0 * (products + attention) * d.depth as f64 * evaluations as f64;
        let (decode, widest) = self.decoder_cost(grid.h * grid.w);

        // Alive at once in a block: x, h, q, k, v and packed copies, or the wide half of the MLP twice.
        let alive = tokens * width * (8.0 + 2.0 * d.mlp as f64) * batch as f64;
        // The peak lies in loading: the file's f16, its f32 and the packed copy are there at the same time.
        let weight_bytes = self.weight_values as f64
            * match self.precision {
                Precision::F32 | Precision::Kept => 2.0 + 4.0 + 4.0,
                // The codec's convolutions stay in f32; linear layers take 34 bytes for 32 values.
                Precision::Q8 => 2.0 + 4.0 + 2.0,
            }
            // Kernels of 3 × 3 are kept turned, 16 values for 9.
            + self.kernel_values as f64 * 4.0 * 7.0 / 9.0;
        let pixels = (order.size.0 * order.size.1 * order.frames) as f64;
        let kept = pixels * 3.0 + order.frames as f64 / f64::from(self.fps()) * f64::from(sound::RATE) * 8.0 * 2.0;
        let peak = weight_bytes + kept + 4.0 * alive.max(widest);
        let flops = denoise + decode * grid.times as f64;
        Ok(Estimate { peak_bytes: peak as u64, flops, evaluations })
    }

    /// Operations to decode one latent, and the values alive at the widest place.
    fn decoder_cost(&self, positions: usize) -> (f64, f64) {
        let c = &self.config.vae;
        let conv = |a: usize, b: usize, places: f64| 18.0 * (a * b) as f64 * places;
        let mut places = positions as f64;
        let widths: Vec<usize> = c.widths.iter().rev().copied().collect();
        let first = widths.first().copied().unwrap_or(1);
        let mut flops = conv(2 * c.channels, first, places);
        flops += 2.0 * c.shared_blocks as f64 * conv(first, first, places);
        flops += conv(first, FRAMES_PER_LATENT * first, places);
        // From here on there are four frames.
        places *= FRAMES_PER_LATENT as f64;
        for (i, (width, blocks)) in widths.iter().zip(c.decoder_blocks.iter().rev()).enumerate() {
            flops += 2.0 * *blocks as f64 * conv(*width, *width, places);
            if let Some(next) = widths.get(i + 1) {
                flops += conv(*width, 4 * next, places);
                places *= 4.0;
            }
        }
        let area = (c.patch * c.patch) as f64;
        flops += conv(widths.last().copied().unwrap_or(1), c.head, places * area);
        flops += conv(c.head, c.head + 3, places * area);
        (flops, places * area * (3.0 * c.head as f64 + 6.0))
    }
}
