//! Moving pixels into channels and back, in time and space: patches at both ends of the codec, and the steps between
//! resolutions, with what is carried past the convolution there. Clips lie as `[b, t, c, h, w]`.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::conv::{Conv3d, Edges};

/// How often time, height and width are folded.
pub type Fold = [usize; 3];

/// `[b, t·p, c, h·q, w·r]` → `[b, t, c·p·q·r, h, w]`, channels outermost.
///
/// # Errors
/// When the sides are not multiples, or the device fails.
pub fn fold(x: &Tensor, [p, q, r]: Fold) -> Result<Tensor> {
    let (b, t, c, h, w) = x.dims5()?;
    if !t.is_multiple_of(p) || !h.is_multiple_of(q) || !w.is_multiple_of(r) {
        candle_core::bail!("a clip of {t} × {h} × {w} cannot be folded by {p} × {q} × {r}");
    }
    let x = x.reshape(vec![b, t / p, p, c, h / q, q, w / r, r])?;
    x.permute(vec![0, 1, 3, 2, 5, 7, 4, 6])?.contiguous()?.reshape((b, t / p, c * p * q * r, h / q, w / r))
}

/// The way back.
///
/// # Errors
/// When the channels are not a multiple, or the device fails.
pub fn unfold(x: &Tensor, [p, q, r]: Fold) -> Result<Tensor> {
    let (b, t, c, h, w) = x.dims5()?;
    if !c.is_multiple_of(p * q * r) {
        candle_core::bail!("{c} channels cannot be unfolded by {p} × {q} × {r}");
    }
    let c = c / (p * q * r);
    let x = x.reshape(vec![b, t, c, p, q, r, h, w])?;
    x.permute(vec![0, 1, 3, 2, 6, 4, 7, 5])?.contiguous()?.reshape((b, t * p, c, h * q, w * r))
}

/// Pictures into patches: columns of a patch are the slower axis, as the released weights want it.
///
/// # Errors
/// When the sides are not multiples, or the device fails.
pub fn patches(x: &Tensor, size: usize) -> Result<Tensor> {
    let (b, t, c, h, w) = x.dims5()?;
    if !h.is_multiple_of(size) || !w.is_multiple_of(size) {
        candle_core::bail!("pictures of {w} × {h} have no whole patches of {size}");
    }
    let x = x.reshape(vec![b, t, c, h / size, size, w / size, size])?;
    x.permute(vec![0, 1, 2, 6, 4, 3, 5])?.contiguous()?.reshape((b, t, c * size * size, h / size, w / size))
}

/// Patches into pictures.
///
/// # Errors
/// When the channels are not a multiple, or the device fails.
pub fn pictures(x: &Tensor, size: usize) -> Result<Tensor> {
    let (b, t, c, h, w) = x.dims5()?;
    let c = c / (size * size);
    let x = x.reshape(vec![b, t, c, size, size, h, w])?;
    x.permute(vec![0, 1, 2, 5, 4, 6, 3])?.contiguous()?.reshape((b, t, c, h * size, w * size))
}

/// A step down that folds, with the folded input's mean added.
#[derive(Debug, Clone)]
pub struct FoldDown {
    conv: Conv3d,
    fold: Fold,
    group: usize,
}

impl FoldDown {
    /// # Errors
    /// When a tensor is missing, or the widths do not fit.
    pub fn new(size_in: usize, size_out: usize, fold: Fold, edges: Edges, vb: &VarBuilder<'_>) -> Result<Self> {
        let count = fold.iter().product::<usize>();
        if !(size_in * count).is_multiple_of(size_out) || !size_out.is_multiple_of(count) {
            candle_core::bail!("a step from {size_in} to {size_out} channels that folds by {fold:?}");
        }
        let conv = Conv3d::new(size_in, size_out / count, 3, 1, edges, &vb.pp("conv").pp("conv"))?;
        Ok(Self { conv, fold, group: size_in * count / size_out })
    }

    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let again = self.fold[0] - 1;
        let x = if again > 0 { Tensor::cat(&[&x.narrow(1, 0, again)?, x], 1)? } else { x.clone() };
        let carried = fold(&x, self.fold)?;
        let (b, t, c, h, w) = carried.dims5()?;
        let carried = carried.reshape(vec![b, t, c / self.group, self.group, h, w])?.mean(3)?;
        fold(&self.conv.forward(&x)?, self.fold)? + carried
    }
}

/// A step up that unfolds by 2 × 2 × 2 and drops the first frame; `residual` adds the unfolded input.
#[derive(Debug, Clone)]
pub struct FoldUp {
    conv: Conv3d,
    /// How often the carried channels are repeated; none are carried without.
    repeats: Option<usize>,
}

impl FoldUp {
    /// # Errors
    /// When a tensor is missing, or the widths do not fit.
    pub fn new(size_in: usize, factor: usize, residual: bool, edges: Edges, vb: &VarBuilder<'_>) -> Result<Self> {
        if !(size_in * 8).is_multiple_of(factor) || (residual && (!size_in.is_multiple_of(8) || 8 % factor != 0)) {
            candle_core::bail!("a step up of {size_in} channels by a factor of {factor}");
        }
        let conv = Conv3d::new(size_in, size_in * 8 / factor, 3, 1, edges, &vb.pp("conv").pp("conv"))?;
        Ok(Self { conv, repeats: residual.then_some(8 / factor) })
    }

    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let up = |x: &Tensor| {
            let y = unfold(x, [2, 2, 2])?;
            y.narrow(1, 1, y.dim(1)? - 1)
        };
        let y = up(&self.conv.forward(x)?)?;
        match self.repeats {
            Some(repeats) => y + Tensor::cat(&vec![up(x)?; repeats], 2)?,
            None => Ok(y),
        }
    }
}
