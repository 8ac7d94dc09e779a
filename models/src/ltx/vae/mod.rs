//! The picture codec: frames ⇄ latents, 32 × 32 pixels and 8 frames to one latent position. Mirrors
//! `AutoencoderKLLTXVideo` in its three generations. Outside of this folder clips lie as `[b, c, t, h, w]`, as the reference
//! has them. **Never here:** how latents become tokens.

mod blocks;
pub mod conv;
mod decoder;
mod encoder;
mod fold;
pub mod tiling;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::{
    config::VaeConfig,
    noise::{Draw, Draws},
};
use decoder::Decoder;
use encoder::Encoder;
pub(super) use fold::unfold;
use tiling::{Cut, Tiling, in_space, in_time};

/// The codec; a half that is not needed need not be loaded.
#[derive(Debug, Clone)]
pub struct Vae {
    c: VaeConfig,
    encoder: Option<Encoder>,
    decoder: Option<Decoder>,
    statistics: Option<(Tensor, Tensor)>,
    pub tiling: Tiling,
}

/// What the encoder says of latents: their mean, and the logarithm of a variance that all channels share.
#[derive(Debug, Clone)]
pub struct Posterior {
    /// `[b, c, t, h, w]`.
    pub mean: Tensor,
    /// `[b, 1, t, h, w]`.
    pub logvar: Tensor,
}

impl Posterior {
    /// One sample; `noise` has the mean's shape.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn sample(&self, noise: &Tensor) -> Result<Tensor> {
        let spread = (self.logvar.clamp(-30.0, 20.0)? * 0.5)?.exp()?;
        &self.mean + noise.broadcast_mul(&spread)?
    }
}

/// Which halves to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Halves {
    pub encoder: bool,
    pub decoder: bool,
}

impl Halves {
    pub const BOTH: Self = Self { encoder: true, decoder: true };
}

impl Vae {
    /// Reads the codec's tensors at `vb`.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(c: &VaeConfig, halves: Halves, vb: &VarBuilder<'_>) -> Result<Self> {
        let statistics = if vb.contains_tensor("latents_mean") {
            let row = |name: &str| vb.get(c.latent_channels, name)?.reshape((1, c.latent_channels, 1, 1, 1));
            Some((row("latents_mean")?, row("latents_std")?))
        } else {
            None
        };
        Ok(Self {
            encoder: if halves.encoder { Some(Encoder::new(c, &vb.pp("encoder"))?) } else { None },
            decoder: if halves.decoder { Some(Decoder::new(c, &vb.pp("decoder"))?) } else { None },
            statistics,
            tiling: Tiling::NONE,
            c: c.clone(),
        })
    }

    /// The config it was built from.
    #[must_use]
    pub fn config(&self) -> &VaeConfig {
        &self.c
    }

    /// Frames `[b, 3, 8n+1, h, w]`, −1 … 1 → raw latents.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn encode(&self, frames: &Tensor) -> Result<Posterior> {
        let Some(encoder) = &self.encoder else { candle_core::bail!("the encoder is not loaded") };
        let frames = frames.transpose(1, 2)?.contiguous()?;
        let (space, time) = (self.cut(false), self.time_cut(false));
        let total = (frames.dim(1)? - 1) / self.c.temporal() + 1;
        let mut work = |x: &Tensor| match space {
            Some(cut) => in_space(x, cut, &mut |x| encoder.forward(x)),
            None => encoder.forward(x),
        };
        let all = match time {
            Some(cut) => in_time(&frames, cut, true, total, &mut work)?,
            None => work(&frames)?,
        };
        let all = all.transpose(1, 2)?.contiguous()?;
        let channels = self.c.latent_channels;
        Ok(Posterior { mean: all.narrow(1, 0, channels)?, logvar: all.narrow(1, channels, 1)? })
    }

    /// Raw latents `[b, c, t, h, w]` → frames `[b, 3, 8(t−1)+1, 32h, 32w]`, not clamped. `timestep` 0 … 1 per batch entry
    /// where [`Vae::wants_timestep`].
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn decode(&self, latents: &Tensor, timestep: &[f32], draws: &mut dyn Draws) -> Result<Tensor> {
        let Some(decoder) = &self.decoder else { candle_core::bail!("the decoder is not loaded") };
        let latents = latents.transpose(1, 2)?.contiguous()?;
        let (space, time) = (self.cut(true), self.time_cut(true));
        let total = (latents.dim(1)? - 1) * self.c.temporal() + 1;
        let mut layer = 0;
        let mut one = |x: &Tensor| decoder.forward(x, timestep, draws, &mut layer);
        let mut work = |x: &Tensor| match space {
            Some(cut) => in_space(x, cut, &mut one),
            None => one(x),
        };
        let all = match time {
            Some(cut) => in_time(&latents, cut, false, total, &mut work)?,
            None => work(&latents)?,
        };
        all.transpose(1, 2)?.contiguous()
    }

    /// Whether the decoder is told how noisy its latents are.
    #[must_use]
    pub fn wants_timestep(&self) -> bool {
        self.decoder.as_ref().is_some_and(Decoder::is_timed)
    }

    fn cut(&self, decode: bool) -> Option<Cut> {
        let (size, stride) = self.tiling.space?;
        Some(turned(size, stride, self.c.spatial(), decode))
    }

    fn time_cut(&self, decode: bool) -> Option<Cut> {
        let (size, stride) = self.tiling.time?;
        Some(turned(size, stride, self.c.temporal(), decode))
    }

    /// Raw latents as the denoiser sees them.
    ///
    /// # Errors
    /// When the statistics are not there, or the device fails.
    pub fn normalise(&self, latents: &Tensor) -> Result<Tensor> {
        let (mean, std) = self.statistics()?;
        latents.broadcast_sub(mean)?.broadcast_div(std)
    }

    /// The way back.
    ///
    /// # Errors
    /// When the statistics are not there, or the device fails.
    pub fn denormalise(&self, latents: &Tensor) -> Result<Tensor> {
        let (mean, std) = self.statistics()?;
        latents.broadcast_mul(std)?.broadcast_add(mean)
    }

    pub(super) fn statistics(&self) -> Result<&(Tensor, Tensor)> {
        match &self.statistics {
            Some(statistics) => Ok(statistics),
            None => candle_core::bail!("the weights lack the statistics of the latents"),
        }
    }

    /// Normalised latents of `frames`, one sample for the `number`th given picture.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn look_at(&self, frames: &Tensor, number: u32, draws: &mut dyn Draws) -> Result<Tensor> {
        let posterior = self.encode(frames)?;
        let noise = draws.draw(Draw::Picture(number), posterior.mean.dims())?;
        self.normalise(&posterior.sample(&noise)?)
    }
}

fn turned(size: usize, stride: usize, ratio: usize, decode: bool) -> Cut {
    let (small, step) = ((size / ratio).max(1), (stride / ratio).max(1));
    if decode {
        Cut { size_in: small, stride_in: step, size_out: size, stride_out: stride }
    } else {
        Cut { size_in: size, stride_in: stride, size_out: small, stride_out: step }
    }
}
