//! The codec's second half: latents → frames. Mirrors `LTXVideoDecoder3d`; from 0.9.1 on it is also told how noisy the
//! latents still are, and takes the last step of denoising itself.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::{
    blocks::{Beside, Group, Kind, PIXEL_EPS, Residual},
    conv::{Conv3d, Edges},
    fold::{FoldUp, pictures},
};
use crate::{
    kernels::{PixelModulation, pixel_norm},
    ltx::{config::VaeConfig, noise::Draws, transformer::TimeEmbedder},
};

#[derive(Debug, Clone)]
struct Level {
    narrow: Option<Residual>,
    up: Option<FoldUp>,
    group: Group,
}

#[derive(Debug, Clone)]
struct Timed {
    multiplier: f32,
    embedder: TimeEmbedder,
    /// `[2, c]`.
    table: Tensor,
}

/// The decoder.
#[derive(Debug, Clone)]
pub struct Decoder {
    first: Conv3d,
    middle: Group,
    levels: Vec<Level>,
    timed: Option<Timed>,
    last: Conv3d,
    patch: usize,
}

impl Decoder {
    /// Reads the decoder's tensors at `vb`.
    ///
    /// # Errors
    /// When a tensor is missing, or the widths do not fit.
    pub fn new(c: &VaeConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let edges = if c.decoder_causal { Edges::Causal } else { Edges::Repeat };
        let count = c.decoder_block_out_channels.len();
        // The config lists everything as the encoder meets it: the decoder goes the other way.
        let back = |values: &[usize], i: usize| values.len().checked_sub(i + 1).and_then(|at| values.get(at)).copied();
        let marked = |values: &[bool], i: usize| {
            values.len().checked_sub(i + 1).and_then(|at| values.get(at)).copied().unwrap_or(false)
        };
        let kind = |i: usize| Kind {
            edges,
            noise: marked(&c.decoder_inject_noise, i),
            timestep: c.timestep_conditioning,
            eps: c.resnet_norm_eps,
        };
        let layers = |i: usize| back(&c.decoder_layers_per_block, i).unwrap_or(0);
        let mut width = back(&c.decoder_block_out_channels, 0).unwrap_or(1);
        let first = Conv3d::new(c.latent_channels, width, 3, 1, edges, &vb.pp("conv_in.conv"))?;
        let middle = Group::new(width, layers(0), kind(0), &vb.pp("mid_block"))?;
        let mut levels = Vec::new();
        for i in 0..count {
            let vb = vb.pp("up_blocks").pp(i);
            let factor = back(&c.upsample_factor, i).unwrap_or(1).max(1);
            let (before, after) = (width / factor, back(&c.decoder_block_out_channels, i).unwrap_or(1) / factor);
            let kind = kind(i + 1);
            let narrow =
                if before == after { None } else { Some(Residual::new(before, after, kind, &vb.pp("conv_in"))?) };
            let up = if marked(&c.decoder_spatio_temporal_scaling, i) {
                let residual = marked(&c.upsample_residual, i);
                Some(FoldUp::new(after * factor, factor, residual, edges, &vb.pp("upsamplers.0"))?)
            } else {
                None
            };
            levels.push(Level { narrow, up, group: Group::new(after, layers(i + 1), kind, &vb)? });
            width = after;
        }
        let timed = if c.timestep_conditioning {
            let multiplier = vb.get((), "timestep_scale_multiplier")?.to_scalar::<f32>()?;
            let embedder = TimeEmbedder::new(2 * width, &vb.pp("time_embedder"))?;
            Some(Timed { multiplier, embedder, table: vb.get((2, width), "scale_shift_table")? })
        } else {
            None
        };
        let out = c.out_channels * c.patch_size * c.patch_size;
        let last = Conv3d::new(width, out, 3, 1, edges, &vb.pp("conv_out.conv"))?;
        Ok(Self { first, middle, levels, timed, last, patch: c.patch_size })
    }

    /// Whether a timestep is wanted.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        self.timed.is_some()
    }

    /// Latents `[b, t, c, h, w]` (not normalised), one timestep per batch entry where wanted → frames `[b, t', 3, h', w']`.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn forward(
        &self,
        latents: &Tensor,
        timesteps: &[f32],
        draws: &mut dyn Draws,
        layer: &mut u32,
    ) -> Result<Tensor> {
        let batch = latents.dim(0)?;
        let scaled: Vec<f32> = match &self.timed {
            Some(timed) if timesteps.len() == batch => timesteps.iter().map(|t| t * timed.multiplier).collect(),
            Some(_) => candle_core::bail!("this decoder wants one timestep per clip"),
            None => Vec::new(),
        };
        let mut beside = Beside { timesteps: &scaled, draws, layer: *layer };
        let mut x = self.middle.forward(&self.first.forward(latents)?, &mut beside)?;
        for level in &self.levels {
            if let Some(narrow) = &level.narrow {
                x = narrow.forward(&x, None, &mut beside)?;
            }
            if let Some(up) = &level.up {
                x = up.forward(&x)?;
            }
            x = level.group.forward(&x, &mut beside)?;
        }
        *layer = beside.layer;
        let (b, t, c, h, w) = x.dims5()?;
        let flat = x.contiguous()?.reshape((b * t, c, h, w))?;
        let flat = match &self.timed {
            Some(timed) => {
                let rows = timed.embedder.forward(&scaled, x.device())?.reshape((b, 2, c))?;
                let table = rows.broadcast_add(&timed.table)?;
                let part = |i: usize| table.narrow(1, i, 1)?.squeeze(1)?.contiguous();
                let (shift, scale) = (part(0)?, part(1)?);
                pixel_norm(&flat, PIXEL_EPS, Some(PixelModulation { shift: &shift, scale: &scale }), true)?
            }
            None => pixel_norm(&flat, PIXEL_EPS, None, true)?,
        };
        pictures(&self.last.forward(&flat.reshape((b, t, c, h, w))?)?, self.patch)
    }
}
