//! The codec's first half: frames → the mean and spread of latents. Mirrors `LTXVideoEncoder3d` in both of its forms: the one
//! of 0.9.0 that strides, and the one of 0.9.5 that folds.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::{
    blocks::{Beside, Group, Kind, PIXEL_EPS, Residual},
    conv::{Conv3d, Edges},
    fold::{FoldDown, patches},
};
use crate::{
    kernels::pixel_norm,
    ltx::{config::VaeConfig, noise::Draws},
};

#[derive(Debug, Clone)]
enum Down {
    Stride(Conv3d),
    Fold(FoldDown),
}

#[derive(Debug, Clone)]
struct Level {
    group: Group,
    down: Option<Down>,
    widen: Option<Residual>,
}

/// The encoder.
#[derive(Debug, Clone)]
pub struct Encoder {
    first: Conv3d,
    levels: Vec<Level>,
    middle: Group,
    last: Conv3d,
    patch: usize,
}

impl Encoder {
    /// Reads the encoder's tensors at `vb`.
    ///
    /// # Errors
    /// When a tensor is missing, or the widths do not fit.
    pub fn new(c: &VaeConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let edges = if c.encoder_causal { Edges::Causal } else { Edges::Repeat };
        let kind = Kind { edges, noise: false, timestep: false, eps: c.resnet_norm_eps };
        let widths = &c.block_out_channels;
        let at = |i: usize| widths.get(i).or(widths.last()).copied().unwrap_or(1);
        let mut width = at(0);
        let first =
            Conv3d::new(c.in_channels * c.patch_size * c.patch_size, width, 3, 1, edges, &vb.pp("conv_in.conv"))?;
        let mut levels = Vec::new();
        for (i, name) in c.down_block_types.iter().enumerate() {
            let vb = vb.pp("down_blocks").pp(i);
            let scaled = c.spatio_temporal_scaling.get(i).copied().unwrap_or(false);
            let next = at(i + 1);
            let stride = || Conv3d::new(width, width, 3, 2, edges, &vb.pp("downsamplers.0.conv")).map(Down::Stride);
            let fold = |f| FoldDown::new(width, next, f, edges, &vb.pp("downsamplers.0")).map(Down::Fold);
            let folds = name == "LTXVideo095DownBlock3D";
            if !folds && name != "LTXVideoDownBlock3D" {
                candle_core::bail!("a block {name}, which this program does not have");
            }
            let down = match c.downsample_type.get(i).map(String::as_str) {
                _ if !scaled => None,
                _ if !folds => Some(stride()?),
                Some("spatial") => Some(fold([1, 2, 2])?),
                Some("temporal") => Some(fold([2, 1, 1])?),
                Some("spatiotemporal") => Some(fold([2, 2, 2])?),
                _ => Some(stride()?),
            };
            let widen = if !folds && next != width {
                Some(Residual::new(width, next, kind, &vb.pp("conv_out"))?)
            } else {
                None
            };
            let group = Group::new(width, c.layers_per_block.get(i).copied().unwrap_or(0), kind, &vb)?;
            levels.push(Level { group, down, widen });
            width = next;
        }
        let count = c.layers_per_block.last().copied().unwrap_or(0);
        Ok(Self {
            first,
            levels,
            middle: Group::new(width, count, kind, &vb.pp("mid_block"))?,
            last: Conv3d::new(width, c.latent_channels + 1, 3, 1, edges, &vb.pp("conv_out.conv"))?,
            patch: c.patch_size,
        })
    }

    /// Frames `[b, t, 3, h, w]`, −1 … 1 → `[b, t', latents + 1, h', w']`: means, and last the logarithm of the variance.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn forward(&self, frames: &Tensor) -> Result<Tensor> {
        let mut none = Nothing;
        let mut beside = Beside { timesteps: &[], draws: &mut none, layer: 0 };
        let mut x = self.first.forward(&patches(frames, self.patch)?)?;
        for level in &self.levels {
            x = level.group.forward(&x, &mut beside)?;
            x = match &level.down {
                Some(Down::Stride(conv)) => conv.forward(&x)?,
                Some(Down::Fold(fold)) => fold.forward(&x)?,
                None => x,
            };
            if let Some(widen) = &level.widen {
                x = widen.forward(&x, None, &mut beside)?;
            }
        }
        x = self.middle.forward(&x, &mut beside)?;
        let (b, t, c, h, w) = x.dims5()?;
        let x = pixel_norm(&x.contiguous()?.reshape((b * t, c, h, w))?, PIXEL_EPS, None, true)?;
        self.last.forward(&x.reshape((b, t, c, h, w))?)
    }
}

/// The encoder draws nothing.
struct Nothing;

impl Draws for Nothing {
    fn draw(&mut self, what: crate::ltx::noise::Draw, _: &[usize]) -> Result<Tensor> {
        candle_core::bail!("the encoder draws no noise, and was asked for {what:?}")
    }
}
