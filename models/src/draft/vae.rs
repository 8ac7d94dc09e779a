//! The picture codec: four frames at a time in 2-D convolutions, with a memory of one latent. Mirrors `Vae` in
//! `models/draft/training/vae.py`, key by key. Frames are f32 in −1 … 1; the decoder's output is not clamped here.

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;

use super::config::VaeConfig;
use crate::kernels::{Activation, Conv2d, activate, group_norm, pixel_shuffle, pixel_unshuffle};

/// Frames held by every latent but the first.
pub const FRAMES_PER_LATENT: usize = 4;

/// Encoder (where the weights have one) and decoder.
#[derive(Debug, Clone)]
pub struct Vae {
    encoder: Option<Encoder>,
    decoder: Decoder,
    mean: Tensor,
    std: Tensor,
}

impl Vae {
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(c: &VaeConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let encoder = vb.pp("encoder");
        let encoder = encoder.contains_tensor("conv_in.weight").then(|| Encoder::new(c, &encoder)).transpose()?;
        let decoder = Decoder::new(c, &vb.pp("decoder"))?;
        let mean = vb.get(c.channels, "latents_mean")?.reshape((1, c.channels, 1, 1))?;
        let std = vb.get(c.channels, "latents_std")?.reshape((1, c.channels, 1, 1))?;
        Ok(Self { encoder, decoder, mean, std })
    }

    /// `frames` `[4n+1, 3, H, W]`, sides multiples of the codec's factor → normalised latents `[n+1, C, h, w]`.
    ///
    /// # Errors
    /// When the count or the sides do not fit, or the weights have no encoder.
    pub fn encode(&self, frames: &Tensor) -> Result<Tensor> {
        let (count, _, h, w) = frames.dims4()?;
        let Some(encoder) = &self.encoder else { candle_core::bail!("these weights have no encoder") };
        if count % FRAMES_PER_LATENT != 1 {
            candle_core::bail!("{count} frames cannot be coded; 1, 5, 9 … can");
        }
        let latents = count / FRAMES_PER_LATENT + 1;
        let mut rows = vec![0u32; 5];
        for k in 1..latents as u32 {
            rows.extend((0..5).map(|i| 4 * k - 4 + i));
        }
        let rows = Tensor::new(rows, frames.device())?;
        let grouped = frames.contiguous()?.index_select(&rows, 0)?.reshape((latents, 15, h, w))?;
        encoder.forward(&grouped)?.broadcast_sub(&self.mean)?.broadcast_div(&self.std)
    }

    /// Latents `from..from + count` of normalised `latents` `[n+1, C, h, w]` → their frames `[4·count, 3, H, W]`
    /// (of latent 0 the last one only, so three fewer). Reads one latent before `from` and nothing else.
    ///
    /// # Errors
    /// When the range lies outside, or the device fails.
    pub fn decode(&self, latents: &Tensor, from: usize, count: usize) -> Result<Tensor> {
        let here = self.denormalise(&latents.narrow(0, from, count)?)?;
        let first = self.denormalise(&latents.narrow(0, from.saturating_sub(1), 1)?)?;
        let before = if count > 1 { Tensor::cat(&[&first, &here.narrow(0, 0, count - 1)?], 0)? } else { first };
        let frames = self.decoder.forward(&Tensor::cat(&[here, before], 1)?)?;
        if from == 0 { frames.narrow(0, 3, count * FRAMES_PER_LATENT - 3) } else { Ok(frames) }
    }

    fn denormalise(&self, z: &Tensor) -> Result<Tensor> {
        z.broadcast_mul(&self.std)?.broadcast_add(&self.mean)
    }
}

fn conv(c_in: usize, c_out: usize, stride: usize, vb: &VarBuilder<'_>) -> Result<Conv2d> {
    Conv2d::new(&vb.get((c_out, c_in, 3, 3), "weight")?, &vb.get(c_out, "bias")?, stride, 1)
}

#[derive(Debug, Clone)]
struct Norm {
    weight: Tensor,
    bias: Tensor,
    groups: usize,
    eps: f64,
}

impl Norm {
    fn new(channels: usize, c: &VaeConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            weight: vb.get(channels, "weight")?,
            bias: vb.get(channels, "bias")?,
            groups: c.groups,
            eps: c.norm_eps,
        })
    }

    /// Always followed by SiLU here.
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        group_norm(x, self.groups, &self.weight, &self.bias, self.eps, true)
    }
}

#[derive(Debug, Clone)]
struct ResBlock {
    norm1: Norm,
    conv1: Conv2d,
    norm2: Norm,
    conv2: Conv2d,
}

impl ResBlock {
    fn new(channels: usize, c: &VaeConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            norm1: Norm::new(channels, c, &vb.pp("norm1"))?,
            conv1: conv(channels, channels, 1, &vb.pp("conv1"))?,
            norm2: Norm::new(channels, c, &vb.pp("norm2"))?,
            conv2: conv(channels, channels, 1, &vb.pp("conv2"))?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let h = self.conv1.forward(&self.norm1.forward(x)?)?;
        x + self.conv2.forward(&self.norm2.forward(&h)?)?
    }
}

/// A run of blocks at one resolution, then an optional change of resolution.
#[derive(Debug, Clone)]
struct Stage {
    blocks: Vec<ResBlock>,
    down: Option<Conv2d>,
    up: Option<Conv2d>,
}

impl Stage {
    fn new(
        channels: usize,
        blocks: usize,
        down: Option<usize>,
        up: Option<usize>,
        c: &VaeConfig,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let here = vb.pp("blocks");
        let blocks = (0..blocks).map(|i| ResBlock::new(channels, c, &here.pp(i))).collect::<Result<_>>()?;
        let down = down.map(|to| conv(channels, to, 2, &vb.pp("down"))).transpose()?;
        let up = up.map(|to| conv(channels, 4 * to, 1, &vb.pp("up"))).transpose()?;
        Ok(Self { blocks, down, up })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut x = x.clone();
        for block in &self.blocks {
            x = block.forward(&x)?;
        }
        if let Some(down) = &self.down {
            x = down.forward(&x)?;
        }
        if let Some(up) = &self.up {
            x = pixel_shuffle(&up.forward(&x)?, 2)?;
        }
        Ok(x)
    }
}

#[derive(Debug, Clone)]
struct Encoder {
    patch: usize,
    conv_in: Conv2d,
    stages: Vec<Stage>,
    norm_out: Norm,
    conv_out: Conv2d,
}

impl Encoder {
    fn new(c: &VaeConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (first, last) = ends(&c.widths)?;
        let stages = vb.pp("stages");
        let stages = c.widths.iter().zip(&c.encoder_blocks).enumerate().map(|(i, (width, blocks))| {
            Stage::new(*width, *blocks, c.widths.get(i + 1).copied(), None, c, &stages.pp(i))
        });
        Ok(Self {
            patch: c.patch,
            conv_in: conv(15 * c.patch * c.patch, first, 1, &vb.pp("conv_in"))?,
            stages: stages.collect::<Result<_>>()?,
            norm_out: Norm::new(last, c, &vb.pp("norm_out"))?,
            conv_out: conv(last, c.channels, 1, &vb.pp("conv_out"))?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut x = self.conv_in.forward(&pixel_unshuffle(x, self.patch)?)?;
        for stage in &self.stages {
            x = stage.forward(&x)?;
        }
        self.conv_out.forward(&self.norm_out.forward(&x)?)
    }
}

/// What the four frames of a latent share is worked out once, at 1/16 of the side; then `split` gives each its own features, and
/// all that follows sees one frame as one item of the batch.
#[derive(Debug, Clone)]
struct Decoder {
    patch: usize,
    conv_in: Conv2d,
    shared: Vec<ResBlock>,
    split: Conv2d,
    stages: Vec<Stage>,
    norm_out: Norm,
    expand: Conv2d,
    smooth: Conv2d,
    conv_out: Conv2d,
}

impl Decoder {
    fn new(c: &VaeConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (last, first) = ends(&c.widths)?;
        let (stages, shared) = (vb.pp("stages"), vb.pp("shared"));
        let widths: Vec<usize> = c.widths.iter().rev().copied().collect();
        let stages = widths.iter().zip(c.decoder_blocks.iter().rev()).enumerate().map(|(i, (width, blocks))| {
            Stage::new(*width, *blocks, None, widths.get(i + 1).copied(), c, &stages.pp(i))
        });
        Ok(Self {
            patch: c.patch,
            conv_in: conv(2 * c.channels, first, 1, &vb.pp("conv_in"))?,
            shared: (0..c.shared_blocks).map(|i| ResBlock::new(first, c, &shared.pp(i))).collect::<Result<_>>()?,
            split: conv(first, FRAMES_PER_LATENT * first, 1, &vb.pp("split"))?,
            stages: stages.collect::<Result<_>>()?,
            norm_out: Norm::new(last, c, &vb.pp("norm_out"))?,
            expand: conv(last, c.head * c.patch * c.patch, 1, &vb.pp("expand"))?,
            smooth: conv(c.head, c.head, 1, &vb.pp("smooth"))?,
            conv_out: conv(c.head, 3, 1, &vb.pp("conv_out"))?,
        })
    }

    /// `z` `[n, 2C, h, w]`, each latent and the one before → frames `[4n, 3, H, W]`.
    fn forward(&self, z: &Tensor) -> Result<Tensor> {
        let mut x = self.conv_in.forward(z)?;
        for block in &self.shared {
            x = block.forward(&x)?;
        }
        x = self.split.forward(&x)?;
        let (n, c, h, w) = x.dims4()?;
        x = x.reshape((n * FRAMES_PER_LATENT, c / FRAMES_PER_LATENT, h, w))?;
        for stage in &self.stages {
            x = stage.forward(&x)?;
        }
        let x = pixel_shuffle(&self.expand.forward(&self.norm_out.forward(&x)?)?, self.patch)?;
        let x = self.smooth.forward(&activate(&x, Activation::Silu)?)?;
        self.conv_out.forward(&activate(&x, Activation::Silu)?)
    }
}

fn ends(widths: &[usize]) -> Result<(usize, usize)> {
    match (widths.first(), widths.last()) {
        (Some(first), Some(last)) => Ok((*first, *last)),
        _ => candle_core::bail!("a codec without widths"),
    }
}
