//! Convolution over time and space without a 3-D convolution: the frames that one output frame sees are stacked along the
//! channels, and one 2-D convolution does the rest. Clips lie as `[b, t, c, h, w]`, so that frames are pictures.
//! **Never here:** norms, or what a block is.

use candle_core::{Module, Result, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::{kernels::Conv2d, weights::AS_STORED};

/// Most values of stacked frames at a time (64 MiB): longer clips are done in parts, so that the stack stays small beside the clip.
pub const STACKED: usize = 16 << 20;

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
        // Frames by number; where nothing stands, zeros are one more.
        let ended = match self.edges {
            Edges::Zeros => Some(Tensor::cat(&[x, &Tensor::zeros((b, 1, c, h, w), x.dtype(), x.device())?], 1)?),
            _ => None,
        };
        let source = ended.as_ref().unwrap_or(x);
        let number = |place: usize| match place.checked_sub(before) {
            Some(frame) if frame < t => frame as u32,
            _ if self.edges == Edges::Zeros => t as u32,
            Some(_) => (t - 1) as u32,
            None => 0,
        };
        let frames = (t + before + after - self.kernel) / self.stride + 1;
        let each = (STACKED / (b * self.kernel * c * h * w).max(1)).clamp(1, frames);
        let mut whole: Option<Tensor> = None;
        for from in (0..frames).step_by(each) {
            let count = each.min(frames - from);
            let seen = (from..from + count).flat_map(|f| (0..self.kernel).map(move |tap| f * self.stride + tap));
            let seen: Vec<u32> = seen.map(number).collect();
            let stacked = match self.kernel {
                1 if self.stride == 1 => x.narrow(1, from, count)?.contiguous()?,
                _ => source.contiguous()?.index_select(&Tensor::new(seen.as_slice(), x.device())?, 1)?,
            };
            let y = self.conv.forward(&stacked.reshape((b * count, self.kernel * c, h, w))?)?;
            let (_, out, oh, ow) = y.dims4()?;
            let y = y.reshape((b, count, out, oh, ow))?;
            if count == frames {
                return Ok(y);
            }
            let held = match whole.take() {
                Some(held) => held,
                None => Tensor::zeros((b, frames, out, oh, ow), y.dtype(), y.device())?,
            };
            held.slice_set(&y, 1, from)?;
            whole = Some(held);
        }
        match whole {
            Some(whole) => Ok(whole),
            None => candle_core::bail!("a convolution over no frames"),
        }
    }
}
