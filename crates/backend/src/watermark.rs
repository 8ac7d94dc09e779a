//! Reading the invisible mark of a file: some frames from all over it are decoded and looked through together.
//!
//! It asks the decoder and the watermark through their ports, and whoever verifies a file asks here. What a mark means is said elsewhere;
//! a file without pictures has none and is no trouble.

use crate::problem::Trouble;
use kinora_ports::{Decoder, MarkFound, Watermark};
use std::path::Path;

/// Frames looked at: thirty-two from all over a film carry enough of the mark, and take a second or two to decode.
const FRAMES: u32 = 32;

/// None when the file shows no picture that could carry a mark.
pub fn find_watermark(
    decoder: &dyn Decoder,
    watermark: &dyn Watermark,
    path: &Path,
) -> Result<Option<MarkFound>, Trouble> {
    let mut movie = decoder.open(path)?;
    let frames = movie.info().frames;
    let Some(size) = movie.info().size.filter(|_| frames > 0) else { return Ok(None) };
    let Some(mut seeker) = watermark.seeker(size.width, size.height) else { return Ok(None) };
    let looked_at = frames.min(FRAMES);
    for number in 0..looked_at {
        // In order, as decoders like it, and away from the very ends, which are often black.
        let frame = (u64::from(number) * 2 + 1) * u64::from(frames) / (u64::from(looked_at) * 2);
        seeker.add(&movie.frame(frame as u32)?);
    }
    Ok(Some(seeker.find()))
}
