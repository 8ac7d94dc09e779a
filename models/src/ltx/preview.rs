//! The live preview of LTX-Video: what a linear map makes of the clip as the denoiser sees it, one pixel per latent position. The
//! map is fitted to what the loaded decoder makes of a few random latents, so that it is right for any checkpoint. **Never here:**
//! keeping the map; it takes the decoder, which is not in memory while a clip forms, so a caller keeps it.

use candle_core::{DType, Result, Tensor};

use super::{
    noise::Seeded,
    vae::{Vae, tiling::Tiling},
};
use crate::{noise::normal_in, preview::Factors};

/// Latent frames and side of each clip of the sample: small, because the decoder is slow, and large enough to have neighbours.
const LATENTS: (usize, usize) = (2, 4);
/// Such a clip in pixels, and its frames, for a codec with 32 × 32 pixels and 8 frames to a latent.
pub const SAMPLE: ((usize, usize), usize) = ((LATENTS.1 * 32, LATENTS.1 * 32), (LATENTS.0 - 1) * 8 + 1);
/// Positions of the sample for each value that is fitted.
const ENOUGH: usize = 3;
/// The stream of the sample's numbers, apart from those of any run.
const STREAM: u64 = 8;

/// Fits the map. Half of each latent is the same all over its clip, as neighbours in pictures are alike.
///
/// # Errors
/// When the decoder is not loaded, or the device fails.
pub fn factors(vae: &Vae, decode_timestep: f32) -> Result<Factors> {
    let mut whole = vae.clone();
    whole.tiling = Tiling::NONE;
    let (channels, time, side) = (vae.config().latent_channels, vae.config().temporal(), vae.config().spatial());
    let (times, edge) = LATENTS;
    let each = times * edge * edge;
    let clips = (ENOUGH * (channels + 1)).div_ceil(each);
    let (_, std) = whole.statistics()?;
    let device = std.device().clone();
    let (mut z, mut rgb) = (Vec::new(), Vec::new());
    for clip in 0..clips {
        let drawn = normal_in(clip as u64, STREAM, channels * (each + 1));
        let (shared, own) = drawn.split_at(channels);
        let shared = Tensor::from_slice(shared, (1, channels, 1, 1, 1), &device)?;
        let own = Tensor::from_slice(own, (1, channels, times, edge, edge), &device)?;
        let latents = (own.broadcast_add(&shared)? * std::f64::consts::FRAC_1_SQRT_2)?;
        let mut draws = Seeded { seed: clip as u64, device: &device };
        let frames = whole.decode(&whole.denormalise(&latents)?, &[decode_timestep], &mut draws)?;
        // Frames that a latent stands for, averaged, and the pixels of a position.
        let mut shown = vec![frames.narrow(2, 0, 1)?];
        for k in 1..times {
            shown.push(frames.narrow(2, 1 + (k - 1) * time, time)?.mean_keepdim(2)?);
        }
        let shown = Tensor::cat(&shown, 2)?.squeeze(0)?.transpose(0, 1)?.contiguous()?.avg_pool2d(side)?;
        rgb.extend(shown.permute((0, 2, 3, 1))?.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
        z.extend(latents.squeeze(0)?.permute((1, 2, 3, 0))?.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(Factors::fitted(&z, &rgb, channels))
}

/// One small picture per latent frame of `latents` `[1, c, t, h, w]`: width, height, and 8-bit sRGB.
///
/// # Errors
/// When the device fails.
pub fn paint(factors: &Factors, latents: &Tensor) -> Result<(usize, usize, Vec<Vec<u8>>)> {
    let (_, _, _, h, w) = latents.dims5()?;
    Ok((w, h, factors.paint(&latents.squeeze(0)?.transpose(0, 1)?)?))
}
