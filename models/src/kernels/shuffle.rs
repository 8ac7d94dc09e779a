//! Moving pixels between channels and places, as PyTorch's `pixel_shuffle` and `pixel_unshuffle` do it.

use candle_core::{Result, Tensor};

/// `[b, c·r², h, w]` → `[b, c, h·r, w·r]`.
///
/// # Errors
/// When the channels do not divide.
pub fn pixel_shuffle(x: &Tensor, r: usize) -> Result<Tensor> {
    let (b, c, h, w) = x.dims4()?;
    if r == 0 || c % (r * r) != 0 {
        candle_core::bail!("a pixel shuffle by {r} of {c} channels");
    }
    let c = c / (r * r);
    x.reshape(&[b, c, r, r, h, w])?.permute(vec![0, 1, 4, 2, 5, 3])?.contiguous()?.reshape((b, c, h * r, w * r))
}

/// `[b, c, h·r, w·r]` → `[b, c·r², h, w]`.
///
/// # Errors
/// When the sides do not divide.
pub fn pixel_unshuffle(x: &Tensor, r: usize) -> Result<Tensor> {
    let (b, c, h, w) = x.dims4()?;
    if r == 0 || h % r != 0 || w % r != 0 {
        candle_core::bail!("a pixel unshuffle by {r} of {h} × {w}");
    }
    let (h, w) = (h / r, w / r);
    x.reshape(&[b, c, h, r, w, r])?.permute(vec![0, 1, 3, 5, 2, 4])?.contiguous()?.reshape((b, c * r * r, h, w))
}
