//! The latent upsampler: raw latents to twice the size (in space, in time or both), for a second, finer pass. Mirrors
//! `LTXLatentUpsamplerModel`; with it, the two filters that keep colours and contrast of the small latents.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::{
    config::UpsamplerConfig,
    vae::{
        conv::{Conv3d, Edges},
        unfold,
    },
};
use crate::kernels::{Activation, Conv2d, activate};
use candle_core::Module;

/// Groups of every norm here.
const GROUPS: usize = 32;
const EPS: f64 = 1e-5;

#[derive(Debug, Clone)]
enum Conv {
    Flat(Conv2d),
    Deep(Conv3d),
}

#[derive(Debug, Clone)]
struct Norm {
    weight: Tensor,
    bias: Tensor,
}

#[derive(Debug, Clone)]
struct Residual {
    conv1: Conv,
    norm1: Norm,
    conv2: Conv,
    norm2: Norm,
}

/// The network.
#[derive(Debug, Clone)]
pub struct Upsampler {
    c: UpsamplerConfig,
    first: Conv,
    norm: Norm,
    before: Vec<Residual>,
    wider: Conv,
    after: Vec<Residual>,
    last: Conv,
}

impl Conv {
    fn new(a: usize, b: usize, deep: bool, vb: &VarBuilder<'_>) -> Result<Self> {
        if deep {
            return Conv3d::new(a, b, 3, 1, Edges::Zeros, vb).map(Self::Deep);
        }
        Conv2d::new(&vb.get((b, a, 3, 3), "weight")?, &vb.get(b, "bias")?, 1, 1).map(Self::Flat)
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Deep(conv) => conv.forward(x),
            Self::Flat(conv) => {
                let (b, t, c, h, w) = x.dims5()?;
                let y = conv.forward(&x.contiguous()?.reshape((b * t, c, h, w))?)?;
                let (_, out, oh, ow) = y.dims4()?;
                y.reshape((b, t, out, oh, ow))
            }
        }
    }
}

impl Norm {
    fn new(width: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self { weight: vb.get(width, "weight")?, bias: vb.get(width, "bias")? })
    }

    /// Over the group's channels and pixels, and over all frames together if `deep`.
    fn forward(&self, x: &Tensor, deep: bool) -> Result<Tensor> {
        let (b, t, c, h, w) = x.dims5()?;
        let (clips, frames) = if deep { (b, t) } else { (b * t, 1) };
        let flat = x.contiguous()?.reshape((clips, frames, GROUPS, c / GROUPS * h * w))?;
        let count = (frames * (c / GROUPS) * h * w) as f64;
        let mean = (flat.sum_keepdim((1, 3))? / count)?;
        let centred = flat.broadcast_sub(&mean)?;
        let spread = ((centred.sqr()?.sum_keepdim((1, 3))? / count)? + EPS)?.sqrt()?;
        let y = centred.broadcast_div(&spread)?.reshape((b, t, c, h, w))?;
        let of = |t: &Tensor| t.reshape((1, 1, c, 1, 1));
        y.broadcast_mul(&of(&self.weight)?)?.broadcast_add(&of(&self.bias)?)
    }
}

impl Residual {
    fn new(width: usize, deep: bool, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            conv1: Conv::new(width, width, deep, &vb.pp("conv1"))?,
            norm1: Norm::new(width, &vb.pp("norm1"))?,
            conv2: Conv::new(width, width, deep, &vb.pp("conv2"))?,
            norm2: Norm::new(width, &vb.pp("norm2"))?,
        })
    }

    fn forward(&self, x: &Tensor, deep: bool) -> Result<Tensor> {
        let y = activate(&self.norm1.forward(&self.conv1.forward(x)?, deep)?, Activation::Silu)?;
        let y = self.norm2.forward(&self.conv2.forward(&y)?, deep)?;
        activate(&(y + x)?, Activation::Silu)
    }
}

impl Upsampler {
    /// Reads the network's tensors at `vb`.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(c: &UpsamplerConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (deep, width) = (c.dims == 3, c.mid_channels);
        let stage = |name: &str| {
            let vb = vb.pp(name);
            (0..c.num_blocks_per_stage).map(|i| Residual::new(width, deep, &vb.pp(i))).collect::<Result<Vec<_>>>()
        };
        let factor = if c.spatial_upsample { 4 } else { 1 } * if c.temporal_upsample { 2 } else { 1 };
        Ok(Self {
            first: Conv::new(c.in_channels, width, deep, &vb.pp("initial_conv"))?,
            norm: Norm::new(width, &vb.pp("initial_norm"))?,
            before: stage("res_blocks")?,
            wider: Conv::new(width, factor * width, c.temporal_upsample, &vb.pp("upsampler.0"))?,
            after: stage("post_upsample_res_blocks")?,
            last: Conv::new(width, c.in_channels, deep, &vb.pp("final_conv"))?,
            c: c.clone(),
        })
    }

    /// Raw latents `[b, c, t, h, w]` → the same with the doubled axes (a doubled time has 2t − 1 entries).
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn forward(&self, latents: &Tensor) -> Result<Tensor> {
        let deep = self.c.dims == 3;
        let x = self.first.forward(&latents.transpose(1, 2)?.contiguous()?)?;
        let mut x = activate(&self.norm.forward(&x, deep)?, Activation::Silu)?;
        for block in &self.before {
            x = block.forward(&x, deep)?;
        }
        let side = if self.c.spatial_upsample { 2 } else { 1 };
        let time = if self.c.temporal_upsample { 2 } else { 1 };
        x = unfold(&self.wider.forward(&x)?, [time, side, side])?;
        if time == 2 {
            x = x.narrow(1, 1, x.dim(1)? - 1)?;
        }
        for block in &self.after {
            x = block.forward(&x, deep)?;
        }
        self.last.forward(&x)?.transpose(1, 2)?.contiguous()
    }
}

/// `latents` `[b, c, t, h, w]` moved by `factor` towards mean and spread that each channel has in `reference`.
///
/// # Errors
/// When the shapes do not fit, or the device fails.
pub fn match_statistics(latents: &Tensor, reference: &Tensor, factor: f64) -> Result<Tensor> {
    let of = |x: &Tensor| {
        let (b, c, t, h, w) = x.dims5()?;
        let flat = x.contiguous()?.reshape((b, c, t * h * w))?;
        let mean = flat.mean_keepdim(2)?;
        let squares = flat.broadcast_sub(&mean)?.sqr()?.sum_keepdim(2)?;
        let spread = (squares / (t * h * w).saturating_sub(1).max(1) as f64)?.sqrt()?;
        Ok::<_, candle_core::Error>((mean.reshape((b, c, 1, 1, 1))?, spread.reshape((b, c, 1, 1, 1))?))
    };
    let ((mean, spread), (to_mean, to_spread)) = (of(latents)?, of(reference)?);
    let moved = latents.broadcast_sub(&mean)?.broadcast_div(&spread)?;
    let moved = moved.broadcast_mul(&to_spread)?.broadcast_add(&to_mean)?;
    latents + ((moved - latents)? * factor)?
}

/// Large values drawn in by `compression` 0 … 1.
///
/// # Errors
/// When the device fails.
pub fn tone_map(latents: &Tensor, compression: f64) -> Result<Tensor> {
    let strength = compression * 0.75;
    let steep = ((latents.abs()? - 1.0)? * (4.0 * strength))?;
    let share = candle_nn::ops::sigmoid(&steep)?;
    latents * share.affine(-0.8 * strength, 1.0)?
}
