//! Large clips in overlapping tiles, so that memory follows the tile and not the clip: in space, in time, or both. Where
//! two tiles overlap, one fades into the other; the order of fades is the reference's, so that tiled frames agree too.
//! **Never here:** what is done to a tile.

use candle_core::{Result, Tensor};

/// Sizes in the units that people see: pixels and frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiling {
    /// (size, stride) of a tile's sides in pixels; nothing is cut in space without.
    pub space: Option<(usize, usize)>,
    /// (size, stride) in frames.
    pub time: Option<(usize, usize)>,
}

impl Tiling {
    /// The clip whole.
    pub const NONE: Self = Self { space: None, time: None };
    /// As the reference cuts by default.
    pub const USUAL: Self = Self { space: Some((512, 448)), time: Some((16, 8)) };
}

/// A cut along one axis: what goes in, and what comes out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub size_in: usize,
    pub stride_in: usize,
    pub size_out: usize,
    pub stride_out: usize,
}

/// Applies `work` to tiles of `x` `[b, t, c, h, w]` in space.
pub(super) fn in_space(x: &Tensor, cut: Cut, work: &mut dyn FnMut(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    let (_, _, _, h, w) = x.dims5()?;
    if h <= cut.size_in && w <= cut.size_in {
        return work(x);
    }
    let overlap = cut.size_out - cut.stride_out;
    let mut above: Vec<Tensor> = Vec::new();
    let mut rows = Vec::new();
    for top in (0..h).step_by(cut.stride_in) {
        let height = cut.size_in.min(h - top);
        let mut row: Vec<Tensor> = Vec::new();
        let mut shown = Vec::new();
        for (column, left) in (0..w).step_by(cut.stride_in).enumerate() {
            let part = x.narrow(3, top, height)?.narrow(4, left, cut.size_in.min(w - left))?;
            let mut tile = work(&part.contiguous()?)?;
            if let Some(above) = above.get(column) {
                tile = fade(above, &tile, overlap, 3)?;
            }
            if let Some(before) = row.last() {
                tile = fade(before, &tile, overlap, 4)?;
            }
            let (_, _, _, th, tw) = tile.dims5()?;
            shown.push(tile.narrow(3, 0, cut.stride_out.min(th))?.narrow(4, 0, cut.stride_out.min(tw))?);
            row.push(tile);
        }
        rows.push(Tensor::cat(&shown, 4)?);
        above = row;
    }
    let whole = Tensor::cat(&rows, 3)?;
    let (_, _, _, th, tw) = whole.dims5()?;
    let out = |side: usize| side * cut.size_out / cut.size_in;
    whole.narrow(3, 0, out(h).min(th))?.narrow(4, 0, out(w).min(tw))
}

/// Applies `work` to tiles in time. Each takes one entry more than its size; what that entry adds is left out again
/// (`drop_first`: at the tile's start, otherwise at its end).
pub(super) fn in_time(
    x: &Tensor,
    cut: Cut,
    drop_first: bool,
    total: usize,
    work: &mut dyn FnMut(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let t = x.dim(1)?;
    if t <= cut.size_in {
        return work(x);
    }
    let overlap = cut.size_out - cut.stride_out;
    let mut before: Option<Tensor> = None;
    let mut shown = Vec::new();
    for from in (0..t).step_by(cut.stride_in) {
        let mut tile = work(&x.narrow(1, from, (cut.size_in + 1).min(t - from))?.contiguous()?)?;
        let length = tile.dim(1)?;
        let mut keep = cut.stride_out + 1;
        if let Some(before) = &before {
            tile = tile.narrow(1, usize::from(drop_first), length - 1)?;
            tile = fade(before, &tile, overlap, 1)?;
            keep = cut.stride_out;
        }
        shown.push(tile.narrow(1, 0, keep.min(tile.dim(1)?))?);
        before = Some(tile);
    }
    let whole = Tensor::cat(&shown, 1)?;
    whole.narrow(1, 0, total.min(whole.dim(1)?))
}

/// `b` with its first `extent` entries along `axis` faded over from the last ones of `a`.
fn fade(a: &Tensor, b: &Tensor, extent: usize, axis: usize) -> Result<Tensor> {
    let (la, lb) = (a.dim(axis)?, b.dim(axis)?);
    let extent = extent.min(la).min(lb);
    if extent == 0 {
        return Ok(b.clone());
    }
    let mut shape = vec![1; 5];
    if let Some(side) = shape.get_mut(axis) {
        *side = extent;
    }
    let ramp: Vec<f32> = (0..extent).map(|i| (i as f64 / extent as f64) as f32).collect();
    let rest: Vec<f32> = (0..extent).map(|i| (1.0 - i as f64 / extent as f64) as f32).collect();
    let row = |v: Vec<f32>| Tensor::from_vec(v, shape.as_slice(), b.device())?.to_dtype(b.dtype());
    let old = a.narrow(axis, la - extent, extent)?.broadcast_mul(&row(rest)?)?;
    let mixed = (old + b.narrow(axis, 0, extent)?.broadcast_mul(&row(ramp)?)?)?;
    if extent == lb { Ok(mixed) } else { Tensor::cat(&[mixed, b.narrow(axis, extent, lb - extent)?], axis) }
}
