//! Norms by the root of the mean square, fused with what follows them: rotation of neighbouring pairs on tokens, and on
//! pictures (where the channels of one pixel are normed) a scale, a shift and SiLU. **Never here:** sizes of a family.

use candle_core::{CpuStorage, CustomOp1, CustomOp3, D, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{
    WORTH_SHARING, activation, floats, is_fast,
    norm::{each_row, sum},
    wide::wide,
};

/// `x / √(mean x² + eps) · weight` over the last axis, then each pair (2i, 2i+1) turned by its angle.
///
/// `x` `[b, n, d]`, `weight` `[d]`, `rotation` `[rows, d]`: d/2 cosines, then d/2 sines; token `t` of all takes row
/// `t mod rows`, so that batch entries with the same positions share them.
///
/// # Errors
/// When the shapes do not fit, or the device fails.
pub fn rms_norm_rotate(x: &Tensor, weight: &Tensor, eps: f64, rotation: Option<&Tensor>) -> Result<Tensor> {
    let (b, n, d) = x.dims3()?;
    let rows = rotation.map_or(Ok(1), |r| r.dim(0))?;
    let fits = rotation.is_none_or(|r| r.dims() == [rows, d] && rows > 0 && (b * n).is_multiple_of(rows));
    if weight.dims() != [d] || !fits || !d.is_multiple_of(2) {
        candle_core::bail!("a rotated norm of {:?}", x.dims());
    }
    if is_fast(x) {
        let table = rotation.unwrap_or(weight).contiguous()?;
        let op = Rotated { eps: eps as f32, rows, rotated: rotation.is_some() };
        return x.contiguous()?.apply_op3_no_bwd(&weight.contiguous()?, &table, &op);
    }
    let y = x.broadcast_div(&(x.sqr()?.mean_keepdim(D::Minus1)? + eps)?.sqrt()?)?.broadcast_mul(weight)?;
    let Some(rotation) = rotation else { return Ok(y) };
    let pairs = y.reshape((b * n / rows, rows, d / 2, 2))?;
    let (even, odd) = (pairs.narrow(3, 0, 1)?.squeeze(3)?, pairs.narrow(3, 1, 1)?.squeeze(3)?);
    let part = |from| rotation.narrow(1, from, d / 2)?.reshape((1, rows, d / 2));
    let (cos, sin) = (part(0)?, part(d / 2)?);
    let first = (even.broadcast_mul(&cos)? - odd.broadcast_mul(&sin)?)?;
    let second = (odd.broadcast_mul(&cos)? + even.broadcast_mul(&sin)?)?;
    Tensor::stack(&[first, second], 3)?.reshape((b, n, d))
}

struct Rotated {
    eps: f32,
    rows: usize,
    rotated: bool,
}

impl CustomOp3 for Rotated {
    fn name(&self) -> &'static str {
        "norm and rotation of pairs"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        s3: &CpuStorage,
        l3: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, _, d) = l1.shape().dims3()?;
        let mut out = floats(s1, l1, self.name())?.to_vec();
        let (weight, table) = (floats(s2, l2, self.name())?, floats(s3, l3, self.name())?);
        each_row(&mut out, d, |token, row| {
            let at = (token % self.rows) * d;
            let angles = if self.rotated { table.get(at..at + d).unwrap_or_default() } else { &[] };
            norm_pairs(row, weight, angles, self.eps);
        });
        Ok((CpuStorage::F32(out), l1.shape().clone()))
    }
}

wide! {
    fn norm_pairs(row: &mut [f32], weight: &[f32], angles: &[f32], eps: f32) {
        let inverse = 1.0 / (sum(row, |x| x * x) / row.len() as f32 + eps).sqrt();
        for (x, w) in row.iter_mut().zip(weight) {
            *x = *x * inverse * w;
        }
        let (cos, sin) = angles.split_at(angles.len() / 2);
        for ((pair, cos), sin) in row.as_chunks_mut::<2>().0.iter_mut().zip(cos).zip(sin) {
            let [a, b] = *pair;
            *pair = [a * cos - b * sin, b * cos + a * sin];
        }
    }
}

/// `· (1 + scale) + shift` with one row of values per batch entry.
#[derive(Debug, Clone, Copy)]
pub struct PixelModulation<'a> {
    /// `[b, c]`.
    pub shift: &'a Tensor,
    /// `[b, c]`.
    pub scale: &'a Tensor,
}

/// Each pixel's channels over the root of their mean square, modulated, then SiLU if `silu`. `x` `[b·t, c, h, w]`.
///
/// # Errors
/// When the shapes do not fit, or the device fails.
pub fn pixel_norm(x: &Tensor, eps: f64, modulation: Option<PixelModulation<'_>>, silu: bool) -> Result<Tensor> {
    let (frames, c, h, w) = x.dims4()?;
    let batch = modulation.map_or(Ok(1), |m| m.shift.dim(0))?;
    let fits = modulation.is_none_or(|m| m.shift.dims() == [batch, c] && m.scale.dims() == [batch, c]);
    if !fits || batch == 0 || !frames.is_multiple_of(batch) || c * h * w == 0 {
        candle_core::bail!("a norm over the channels of {:?}", x.dims());
    }
    if is_fast(x) {
        let values = |t: Option<&Tensor>| t.map_or(Ok(Vec::new()), |t| t.flatten_all()?.to_vec1::<f32>());
        let (shift, scale) = (values(modulation.map(|m| m.shift))?, values(modulation.map(|m| m.scale))?);
        let op = Pixels { eps: eps as f32, shift, scale, each: frames / batch, silu };
        return x.contiguous()?.apply_op1_no_bwd(&op);
    }
    let mut y = x.broadcast_div(&(x.sqr()?.mean_keepdim(1)? + eps)?.sqrt()?)?;
    if let Some(m) = modulation {
        let rows = |t: &Tensor| {
            t.unsqueeze(1)?.broadcast_as((batch, frames / batch, c))?.contiguous()?.reshape((frames, c, 1, 1))
        };
        y = y.broadcast_mul(&(rows(m.scale)? + 1.0)?)?.broadcast_add(&rows(m.shift)?)?;
    }
    if silu { y.silu() } else { Ok(y) }
}

struct Pixels {
    eps: f32,
    shift: Vec<f32>,
    scale: Vec<f32>,
    /// Frames that share a row of the modulation.
    each: usize,
    silu: bool,
}

impl CustomOp1 for Pixels {
    fn name(&self) -> &'static str {
        "norm of pixels"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, c, h, w) = layout.shape().dims4()?;
        let mut out = floats(storage, layout, self.name())?.to_vec();
        let area = h * w;
        let work = |(frame, picture): (usize, &mut [f32])| {
            let mut inverse = vec![0.0f32; area];
            for plane in picture.chunks_exact(area) {
                add_squares(&mut inverse, plane);
            }
            inverse.iter_mut().for_each(|x| *x = 1.0 / (*x / c as f32 + self.eps).sqrt());
            for (channel, plane) in picture.chunks_exact_mut(area).enumerate() {
                let at = (frame / self.each.max(1)) * c + channel;
                let of = |all: &[f32]| all.get(at).copied().unwrap_or(0.0);
                scale_plane(plane, &inverse, 1.0 + of(&self.scale), of(&self.shift));
                if self.silu {
                    activation::in_place(plane, activation::Activation::Silu);
                }
            }
        };
        if out.len() < WORTH_SHARING {
            out.chunks_mut(c * area).enumerate().for_each(work);
        } else {
            out.par_chunks_mut(c * area).enumerate().for_each(work);
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

wide! {
    fn add_squares(sums: &mut [f32], plane: &[f32]) {
        for (sum, x) in sums.iter_mut().zip(plane) {
            *sum += x * x;
        }
    }
}

wide! {
    fn scale_plane(plane: &mut [f32], inverse: &[f32], scale: f32, shift: f32) {
        for (x, inverse) in plane.iter_mut().zip(inverse) {
            *x = *x * inverse * scale + shift;
        }
    }
}
