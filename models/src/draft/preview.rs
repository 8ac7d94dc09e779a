//! The draft model's live preview: the linear map from latents to pixels is fitted, once, to what its decoder makes of random
//! latents. **Never here:** the fit itself, which all families share.

use candle_core::Tensor;

use super::{DraftError, DraftModel};
use crate::{
    noise::{Stream, tensor},
    preview::Factors,
};

/// Latent frames and side of the sample that the map is fitted to.
const SAMPLE: (usize, usize) = (17, 6);

impl DraftModel {
    pub(super) fn preview_factors(&self) -> Result<&Factors, DraftError> {
        if let Some(factors) = self.preview.get() {
            return Ok(factors);
        }
        let (times, side) = SAMPLE;
        let channels = self.config.vae.channels;
        let latents = tensor(0, Stream::Video, &[times, channels, side, side], &self.device)?;
        let frames = self.vae.decode(&latents, 0, times)?;
        // The last frame of each latent, averaged over the pixels of a position.
        let factor = self.config.vae.factor();
        let last: Vec<u32> = (0..times as u32).map(|k| 4 * k).collect();
        let last = frames.index_select(&Tensor::new(last, &self.device)?, 0)?.avg_pool2d(factor)?;
        let rgb = last.permute((0, 2, 3, 1))?.flatten_all()?.to_vec1::<f32>()?;
        let z = latents.permute((0, 2, 3, 1))?.flatten_all()?.to_vec1::<f32>()?;
        let factors = Factors::fitted(&z, &rgb, channels);
        Ok(self.preview.get_or_init(|| factors))
    }
}
