//! Convolution over time and space without a 3-D convolution: the frames that one output frame sees are stacked along the
//! channels, and one 2-D convolution does the rest. Clips lie as `[b, t, c, h, w]`, so that frames are pictures.
//! **Never here:** norms, or what a block is.

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;

use crate::kernels::Conv2d;

/// Most values of stacked frames at a time (512 MiB): longer clips are done in parts.
const STACKED: usize = 128 << 20;

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
        let weight = vb.get((size_out, size_in, kernel, kernel, kernel), "weight")?;
        let stacked = weight.transpose(1, 2)?.contiguous()?.reshape((size_out, kernel * size_in, kernel, kernel))?;
        let conv = Conv2d::new(&stacked, &vb.get(size_out, "bias")?, stride, kernel / 2)?;
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
        let edge = |at: usize, count: usize| match self.edges {
            Edges::Zeros => Tensor::zeros((b, count, c, h, w), x.dtype(), x.device()),
            _ => x.narrow(1, at, 1)?.broadcast_as((b, count, c, h, w))?.contiguous(),
        };
        let mut parts = Vec::new();
        if before > 0 {
            parts.push(edge(0, before)?);
        }
        parts.push(x.clone());
        if after > 0 {
            parts.push(edge(t - 1, after)?);
        }
        let framed = if parts.len() > 1 { Tensor::cat(&parts, 1)? } else { x.clone() };
        let frames = (t + before + after - self.kernel) / self.stride + 1;
        let each = (STACKED / (b * self.kernel * c * h * w).max(1)).clamp(1, frames);
        let mut done = Vec::new();
        for from in (0..frames).step_by(each) {
            let count = each.min(frames - from);
            let taps = (0..self.kernel).map(|tap| self.taken(&framed, from * self.stride + tap, count));
            let stacked = match self.kernel {
                1 => self.taken(&framed, from * self.stride, count)?,
                _ => Tensor::cat(&taps.collect::<Result<Vec<_>>>()?, 2)?,
            };
            let y = self.conv.forward(&stacked.contiguous()?.reshape((b * count, self.kernel * c, h, w))?)?;
            let (_, out, oh, ow) = y.dims4()?;
            done.push(y.reshape((b, count, out, oh, ow))?);
        }
        if let [only] = done.as_slice() { Ok(only.clone()) } else { Tensor::cat(&done, 1) }
    }

    /// `count` frames from `from` on, a stride apart.
    fn taken(&self, framed: &Tensor, from: usize, count: usize) -> Result<Tensor> {
        if self.stride == 1 {
            return framed.narrow(1, from, count);
        }
        let at: Vec<u32> = (0..count).map(|i| (from + i * self.stride) as u32).collect();
        framed.index_select(&Tensor::new(at.as_slice(), framed.device())?, 1)
    }
}
