//! Reading the invisible mark of a file: some frames from all over it are decoded and looked through together.
//!
//! It asks the decoder and the watermark through their ports, and whoever verifies a file asks here. What a mark means is said elsewhere;
//! a file without pictures has none and is no trouble. However long a film is, no more than [`FRAMES`] are decoded.

use crate::problem::Trouble;
use kinora_ports::{Decoder, MarkFound, Watermark};
use std::path::Path;

/// Frames looked at: thirty-two from all over a film carry enough of the mark, and take a second or two to decode.
const FRAMES: u32 = 32;
/// 8K: the sums over larger pictures would take more memory than a look at a file is worth.
const LARGEST_PIXELS: u64 = 7680 * 4320;

/// None when the file shows no picture that could carry a mark.
pub fn find_watermark(
    decoder: &dyn Decoder,
    watermark: &dyn Watermark,
    path: &Path,
) -> Result<Option<MarkFound>, Trouble> {
    let mut movie = decoder.open(path)?;
    let frames = movie.info().frames;
    let Some(size) = movie.info().size.filter(|_| frames > 0) else { return Ok(None) };
    if u64::from(size.width) * u64::from(size.height) > LARGEST_PIXELS {
        return Err(Trouble::refuse(
            "verify.too_large",
            format!("Its pictures of {}×{} are too large to be looked through.", size.width, size.height),
            "Scale it down with another program: the mark survives that.",
        ));
    }
    let Some(mut seeker) = watermark.seeker(size.width, size.height) else { return Ok(None) };
    let looked_at = frames.min(FRAMES);
    for number in 0..looked_at {
        // In order, as decoders like it, and away from the very ends, which are often black.
        let frame = (u64::from(number) * 2 + 1) * u64::from(frames) / (u64::from(looked_at) * 2);
        seeker.add(&movie.frame(frame as u32)?);
    }
    Ok(Some(seeker.find()))
}
