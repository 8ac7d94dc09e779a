//! Convolution over time and space without a 3-D convolution: a 2-D one over pictures that each see several frames, as if those
//! were stacked along the channels. Clips lie as `[b, t, c, h, w]`, so that frames are pictures.
//! **Never here:** norms, or what a block is.

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::{kernels::Conv2d, weights::AS_STORED};

/// What stands before the first frame and after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edges {
    /// The first frame again, all before it: nothing sees the future.
    Causal,
    /// The first and the last frame again.
    Repeat,
    /// Zeros.
    Zeros,
}

/// A convolution of kernel `k³` with bias.
#[derive(Debug, Clone)]
pub struct Conv3d {
    conv: Conv2d,
    kernel: usize,
    stride: usize,
    edges: Edges,
}

impl Conv3d {
    /// Reads `weight` `[out, in, k, k, k]` and `bias` at `vb`.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(
        size_in: usize,
        size_out: usize,
        kernel: usize,
        stride: usize,
        edges: Edges,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let shape = (size_out, size_in, kernel, kernel, kernel);
        let weight = vb.get_with_hints_dtype(shape, "weight", Init::Const(0.0), AS_STORED)?;
        let conv = Conv2d::stacked(&weight, &vb.get(size_out, "bias")?, stride, kernel / 2)?;
        Ok(Self { conv, kernel, stride, edges })
    }

    /// `x` `[b, t, c, h, w]` → `[b, t', c', h', w']`.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (b, t, c, h, w) = x.dims5()?;
        let (before, after) = match self.edges {
            Edges::Causal => (self.kernel - 1, 0),
            Edges::Repeat | Edges::Zeros => (self.kernel / 2, self.kernel / 2),
        };
        if t == 0 {
            candle_core::bail!("a convolution over no frames");
        }
        let place = |clip: usize, place: usize| match place.checked_sub(before) {
            Some(frame) if frame < t => Some(clip * t + frame),
            _ if self.edges == Edges::Zeros => None,
            Some(_) => Some(clip * t + t - 1),
            None => Some(clip * t),
        };
        let frames = (t + before + after - self.kernel) / self.stride + 1;
        let seen: Vec<Option<usize>> = (0..b * frames)
            .flat_map(|i| (0..self.kernel).map(move |tap| (i / frames, i % frames * self.stride + tap)))
            .map(|(clip, number)| place(clip, number))
            .collect();
        let pictures = x.contiguous()?.reshape((b * t, c, h, w))?;
        let y = self.conv.forward_seen(&pictures, self.kernel, &seen)?;
        let (_, out, oh, ow) = y.dims4()?;
        y.reshape((b, frames, out, oh, ow))
    }
}
