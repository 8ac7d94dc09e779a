//! The blocks both halves of the codec are made of: a residual pair of convolutions, optionally told the timestep and
//! given noise, and groups of those. Names of tensors are the reference's. **Never here:** the order of the groups.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::conv::{Conv3d, Edges};
use crate::{
    kernels::{PixelModulation, pixel_norm},
    ltx::{
        noise::{Draw, Draws},
        transformer::TimeEmbedder,
    },
};

/// Of the norms inside, which no config states.
pub(super) const PIXEL_EPS: f64 = 1e-8;

/// What residual blocks are built with.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub edges: Edges,
    pub noise: bool,
    pub timestep: bool,
    pub eps: f64,
}

/// What flows through the decoder beside the clip.
pub struct Beside<'a> {
    /// One timestep per batch entry, already scaled; empty where the decoder has none.
    pub timesteps: &'a [f32],
    pub draws: &'a mut dyn Draws,
    /// Layers of noise so far.
    pub layer: u32,
}

impl std::fmt::Debug for Beside<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Beside").field("layer", &self.layer).finish_non_exhaustive()
    }
}

/// Norm, SiLU, convolution, twice, added to the input.
#[derive(Debug, Clone)]
pub struct Residual {
    conv1: Conv3d,
    conv2: Conv3d,
    /// Norm (weight, bias) and convolution of the carried input, where the widths differ.
    shortcut: Option<(Tensor, Tensor, Conv3d)>,
    noise: Option<(Tensor, Tensor)>,
    /// `[4, c]`: shift and scale before each convolution.
    table: Option<Tensor>,
    eps: f64,
}

impl Residual {
    /// # Errors
    /// When a tensor is missing, or the widths do not fit.
    pub fn new(size_in: usize, size_out: usize, kind: Kind, vb: &VarBuilder<'_>) -> Result<Self> {
        let conv = |name: &str, a, b, k| Conv3d::new(a, b, k, 1, kind.edges, &vb.pp(name).pp("conv"));
        let shortcut = if size_in == size_out {
            None
        } else {
            if kind.timestep || kind.noise {
                candle_core::bail!("a block from {size_in} to {size_out} channels with a timestep or noise");
            }
            let norm = vb.pp("norm3");
            let (weight, bias) = (norm.get(size_in, "weight")?, norm.get(size_in, "bias")?);
            Some((weight, bias, conv("conv_shortcut", size_in, size_out, 1)?))
        };
        let scale = |name: &str| vb.get((size_in, 1, 1), name);
        Ok(Self {
            conv1: conv("conv1", size_in, size_out, 3)?,
            conv2: conv("conv2", size_out, size_out, 3)?,
            shortcut,
            noise: if kind.noise { Some((scale("per_channel_scale1")?, scale("per_channel_scale2")?)) } else { None },
            table: if kind.timestep { Some(vb.get((4, size_in), "scale_shift_table")?) } else { None },
            eps: kind.eps,
        })
    }

    /// `x` `[b, t, c, h, w]`; `time` `[b, 4, c]` where the block has a table.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn forward(&self, x: &Tensor, time: Option<&Tensor>, beside: &mut Beside<'_>) -> Result<Tensor> {
        let table = match (&self.table, time) {
            (Some(table), Some(time)) => Some(time.broadcast_add(table)?),
            (None, _) => None,
            (Some(_), None) => candle_core::bail!("this decoder wants a timestep"),
        };
        let y = self.conv1.forward(&norm(x, table.as_ref(), 0)?)?;
        let y = self.noisy(y, |n| &n.0, beside)?;
        let y = self.conv2.forward(&norm(&y, table.as_ref(), 2)?)?;
        let y = self.noisy(y, |n| &n.1, beside)?;
        match &self.shortcut {
            Some((weight, bias, conv)) => y + conv.forward(&channel_norm(x, weight, bias, self.eps)?)?,
            None => y + x,
        }
    }

    fn noisy(&self, y: Tensor, of: fn(&(Tensor, Tensor)) -> &Tensor, beside: &mut Beside<'_>) -> Result<Tensor> {
        let Some(noise) = &self.noise else { return Ok(y) };
        let (_, _, _, h, w) = y.dims5()?;
        let plane = beside.draws.draw(Draw::Layer(beside.layer), &[h, w])?;
        beside.layer += 1;
        y.broadcast_add(&of(noise).broadcast_mul(&plane)?)
    }
}

/// Over the channels of each pixel, then shift and scale of the table from part `first` on, then SiLU.
fn norm(x: &Tensor, table: Option<&Tensor>, first: usize) -> Result<Tensor> {
    let (b, t, c, h, w) = x.dims5()?;
    let flat = x.contiguous()?.reshape((b * t, c, h, w))?;
    let y = match table {
        Some(table) => {
            let part = |i: usize| table.narrow(1, i, 1)?.squeeze(1)?.contiguous();
            let (shift, scale) = (part(first)?, part(first + 1)?);
            pixel_norm(&flat, PIXEL_EPS, Some(PixelModulation { shift: &shift, scale: &scale }), true)?
        }
        None => pixel_norm(&flat, PIXEL_EPS, None, true)?,
    };
    y.reshape((b, t, c, h, w))
}

/// Layer norm over the channels of each pixel, with learned weight and bias.
fn channel_norm(x: &Tensor, weight: &Tensor, bias: &Tensor, eps: f64) -> Result<Tensor> {
    let c = x.dim(2)?;
    let centred = x.broadcast_sub(&x.mean_keepdim(2)?)?;
    let spread = (centred.sqr()?.mean_keepdim(2)? + eps)?.sqrt()?;
    let of = |t: &Tensor| t.reshape((1, 1, c, 1, 1));
    centred.broadcast_div(&spread)?.broadcast_mul(&of(weight)?)?.broadcast_add(&of(bias)?)
}

/// Residual blocks of one width, with the embedding of the timestep they share.
#[derive(Debug, Clone)]
pub struct Group {
    time: Option<TimeEmbedder>,
    blocks: Vec<Residual>,
    width: usize,
}

impl Group {
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(width: usize, count: usize, kind: Kind, vb: &VarBuilder<'_>) -> Result<Self> {
        let blocks = vb.pp("resnets");
        Ok(Self {
            time: if kind.timestep { Some(TimeEmbedder::new(4 * width, &vb.pp("time_embedder"))?) } else { None },
            blocks: (0..count).map(|i| Residual::new(width, width, kind, &blocks.pp(i))).collect::<Result<_>>()?,
            width,
        })
    }

    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn forward(&self, x: &Tensor, beside: &mut Beside<'_>) -> Result<Tensor> {
        let time = match &self.time {
            Some(time) => {
                let rows = time.forward(beside.timesteps, x.device())?;
                Some(rows.reshape((beside.timesteps.len(), 4, self.width))?)
            }
            None => None,
        };
        let mut x = x.clone();
        for block in &self.blocks {
            x = block.forward(&x, time.as_ref(), beside)?;
        }
        Ok(x)
    }
}
