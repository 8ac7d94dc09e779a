//! Moving pixels between channels and places, as PyTorch's `pixel_shuffle` and `pixel_unshuffle` do it: rows of neighbouring channels
//! are woven into one row, or parted. The plain form asks for every value's place by itself, which takes ten times as long.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{floats, is_fast};

/// `[b, c·r², h, w]` → `[b, c, h·r, w·r]`.
///
/// # Errors
/// When the channels do not divide.
pub fn pixel_shuffle(x: &Tensor, r: usize) -> Result<Tensor> {
    let (b, c, h, w) = x.dims4()?;
    if r == 0 || c % (r * r) != 0 {
        candle_core::bail!("a pixel shuffle by {r} of {c} channels");
    }
    if is_fast(x) && (r == 2 || r == 4) && x.elem_count() > 0 {
        return x.contiguous()?.apply_op1_no_bwd(&Weave { r });
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

struct Weave {
    r: usize,
}

impl CustomOp1 for Weave {
    fn name(&self) -> &'static str {
        "pixel shuffle"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (b, c, h, w) = layout.shape().dims4()?;
        let x = floats(storage, layout, self.name())?;
        let mut out = vec![0.0f32; x.len()];
        // Channels that become one.
        let size = self.r * self.r * h * w;
        let weave = |(to, from): (&mut [f32], &[f32])| match self.r {
            2 => woven::<2>(from, (h, w), to),
            _ => woven::<4>(from, (h, w), to),
        };
        if x.len() < super::WORTH_SHARING {
            out.chunks_exact_mut(size).zip(x.chunks_exact(size)).for_each(weave);
        } else {
            out.par_chunks_exact_mut(size).zip(x.par_chunks_exact(size)).for_each(weave);
        }
        Ok((CpuStorage::F32(out), Shape::from((b, c / (self.r * self.r), h * self.r, w * self.r))))
    }
}

/// `from` `[R²][h][w]` → `to` `[h·R][w·R]`.
fn woven<const R: usize>(from: &[f32], (h, w): (usize, usize), to: &mut [f32]) {
    for (y, row) in to.chunks_exact_mut(w * R).enumerate() {
        let first = (y % R) * R;
        for j in 0..R {
            let source = &from[((first + j) * h + y / R) * w..][..w];
            for (group, value) in row.as_chunks_mut::<R>().0.iter_mut().zip(source) {
                group[j] = *value;
            }
        }
    }
}
