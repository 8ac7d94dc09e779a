//! Normalisations fused with what always follows them: modulation by a timestep, SiLU, rotation of positions.
//! Tokens of one picture may have different timesteps (clean tokens have 0), so modulation is a small table and one row
//! number per token instead of a tensor as large as the picture. **Never here:** learned weights' names or sizes.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, CustomOp3, D, Device, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{WORTH_SHARING, activation, floats, is_fast, wide::wide};

/// Which row of a modulation table each token uses.
#[derive(Debug, Clone)]
pub struct RowIndex {
    rows: Arc<[u32]>,
    tensor: Tensor,
}

impl RowIndex {
    /// One row number per token, tokens of all batch entries in order.
    ///
    /// # Errors
    /// When the device fails.
    pub fn new(rows: Vec<u32>, device: &Device) -> Result<Self> {
        let tensor = Tensor::new(rows.as_slice(), device)?;
        Ok(Self { rows: rows.into(), tensor })
    }

    fn check(&self, tokens: usize, table: &Tensor, parts: usize, width: usize) -> Result<usize> {
        let (rows, have, d) = table.dims3()?;
        let highest = self.rows.iter().max().map_or(0, |r| *r as usize);
        if self.rows.len() != tokens || highest >= rows || parts >= have || d != width {
            candle_core::bail!("a modulation table {:?} for {tokens} tokens of {width} values", table.dims());
        }
        Ok(have)
    }
}

/// `(x − mean)/√(var + eps) · (1 + table[row][scale]) + table[row][shift]` over the last axis.
///
/// `x` `[b, n, d]`, `table` `[rows, parts, d]`; `shift` and `scale` are part numbers; without them only the norm.
///
/// # Errors
/// When the shapes do not fit, or the device fails.
pub fn layer_norm_modulate(
    x: &Tensor,
    eps: f64,
    modulation: Option<(&Tensor, &RowIndex, usize, usize)>,
) -> Result<Tensor> {
    modulated(x, eps, true, modulation)
}

/// The same by the root of the mean square: nothing is taken off first.
///
/// # Errors
/// When the shapes do not fit, or the device fails.
pub fn rms_norm_modulate(
    x: &Tensor,
    eps: f64,
    modulation: Option<(&Tensor, &RowIndex, usize, usize)>,
) -> Result<Tensor> {
    modulated(x, eps, false, modulation)
}

fn modulated(
    x: &Tensor,
    eps: f64,
    centred: bool,
    modulation: Option<(&Tensor, &RowIndex, usize, usize)>,
) -> Result<Tensor> {
    let (b, n, d) = x.dims3()?;
    let plain = if centred { plain_layer_norm } else { plain_rms_norm };
    if let Some((table, index, shift, scale)) = modulation {
        let parts = index.check(b * n, table, shift.max(scale), d)?;
        if is_fast(x) {
            let op = Norm { eps: eps as f32, centred, rows: index.rows.clone(), parts, shift, scale };
            return x.contiguous()?.apply_op2_no_bwd(&table.contiguous()?, &op);
        }
        let part = |p: usize| {
            table.narrow(1, p, 1)?.squeeze(1)?.contiguous()?.index_select(&index.tensor, 0)?.reshape((b, n, d))
        };
        let normed = plain(x, eps)?;
        return (normed * (part(scale)? + 1.0)?)? + part(shift)?;
    }
    if is_fast(x) {
        let none = Tensor::zeros((1, 1, d), x.dtype(), x.device())?;
        let op = Norm { eps: eps as f32, centred, rows: Arc::from([]), parts: 1, shift: 0, scale: 0 };
        return x.contiguous()?.apply_op2_no_bwd(&none, &op);
    }
    plain(x, eps)
}

/// Layer norm with learned weight and bias, `x` `[…, d]`.
///
/// # Errors
/// When the shapes do not fit, or the device fails.
pub fn layer_norm_affine(x: &Tensor, weight: &Tensor, bias: &Tensor, eps: f64) -> Result<Tensor> {
    plain_layer_norm(x, eps)?.broadcast_mul(weight)?.broadcast_add(bias)
}

fn plain_layer_norm(x: &Tensor, eps: f64) -> Result<Tensor> {
    let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
    let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
    centred.broadcast_div(&(variance + eps)?.sqrt()?)
}

fn plain_rms_norm(x: &Tensor, eps: f64) -> Result<Tensor> {
    x.broadcast_div(&(x.sqr()?.mean_keepdim(D::Minus1)? + eps)?.sqrt()?)
}

struct Norm {
    eps: f32,
    centred: bool,
    rows: Arc<[u32]>,
    parts: usize,
    shift: usize,
    scale: usize,
}

impl CustomOp2 for Norm {
    fn name(&self) -> &'static str {
        "layer norm and modulation"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, _, d) = l1.shape().dims3()?;
        let mut out = floats(s1, l1, self.name())?.to_vec();
        let table = floats(s2, l2, self.name())?;
        each_row(&mut out, d, |token, row| {
            let values = |part: usize| {
                let row = self.rows.get(token).map_or(0, |r| *r as usize);
                table.get((row * self.parts + part) * d..(row * self.parts + part + 1) * d).unwrap_or_default()
            };
            let (shift, scale) =
                if self.rows.is_empty() { (table, table) } else { (values(self.shift), values(self.scale)) };
            norm_row(row, shift, scale, self.eps, self.centred);
        });
        Ok((CpuStorage::F32(out), l1.shape().clone()))
    }
}

/// Runs over rows of `d` values, on several threads when there is enough of them.
pub(super) fn each_row(values: &mut [f32], d: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    let d = d.max(1);
    if values.len() < WORTH_SHARING {
        values.chunks_mut(d).enumerate().for_each(|(i, row)| work(i, row));
    } else {
        let rows = (WORTH_SHARING / 2).div_ceil(d);
        values.par_chunks_mut(rows * d).enumerate().for_each(|(part, chunk)| {
            chunk.chunks_mut(d).enumerate().for_each(|(i, row)| work(part * rows + i, row));
        });
    }
}

wide! {
    fn norm_row(row: &mut [f32], shift: &[f32], scale: &[f32], eps: f32, centred: bool) {
        let n = row.len() as f32;
        let mean = if centred { sum(row, |x| x) / n } else { 0.0 };
        let variance = sum(row, |x| (x - mean) * (x - mean)) / n;
        let inverse = 1.0 / (variance + eps).sqrt();
        for ((x, shift), scale) in row.iter_mut().zip(shift).zip(scale) {
            *x = (*x - mean) * inverse * (1.0 + scale) + shift;
        }
    }
}

/// A sum in sixteen strands, which the vectoriser may keep apart (it may not reorder one).
#[inline(always)]
pub(super) fn sum(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let (groups, rest) = values.as_chunks::<16>();
    let mut strands = [0.0f32; 16];
    for group in groups {
        for (strand, x) in strands.iter_mut().zip(group) {
            *strand += f(*x);
        }
    }
    strands.iter().sum::<f32>() + rest.iter().map(|x| f(*x)).sum::<f32>()
}

/// `x + table[row][gate] · y`; `x`, `y` `[b, n, d]`. Without a table, `x + y`.
///
/// # Errors
/// When the shapes do not fit, or the device fails.
pub fn gated_add(x: &Tensor, y: &Tensor, modulation: Option<(&Tensor, &RowIndex, usize)>) -> Result<Tensor> {
    let (b, n, d) = x.dims3()?;
    if y.dims() != x.dims() {
        candle_core::bail!("a gated sum of {:?} and {:?}", x.dims(), y.dims());
    }
    let Some((table, index, gate)) = modulation else { return x + y };
    let parts = index.check(b * n, table, gate, d)?;
    if is_fast(x) {
        let op = Gate { rows: index.rows.clone(), parts, gate };
        return x.contiguous()?.apply_op3_no_bwd(&y.contiguous()?, &table.contiguous()?, &op);
    }
    let gates =
        table.narrow(1, gate, 1)?.squeeze(1)?.contiguous()?.index_select(&index.tensor, 0)?.reshape((b, n, d))?;
    x + (gates * y)?
}

struct Gate {
    rows: Arc<[u32]>,
    parts: usize,
    gate: usize,
}

impl CustomOp3 for Gate {
    fn name(&self) -> &'static str {
        "gated sum"
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
        let (y, table) = (floats(s2, l2, self.name())?, floats(s3, l3, self.name())?);
        each_row(&mut out, d, |token, row| {
            let at = self.rows.get(token).map_or(0, |r| *r as usize) * self.parts + self.gate;
            let gate = table.get(at * d..(at + 1) * d).unwrap_or_default();
            for ((x, gate), y) in row.iter_mut().zip(gate).zip(y.get(token * d..).unwrap_or_default()) {
                *x += gate * y;
            }
        });
        Ok((CpuStorage::F32(out), l1.shape().clone()))
    }
}

/// RMS norm over each head with a learned weight, then, if `rotation` is given, the half-split rotation
/// `[x1 cos − x2 sin, x2 cos + x1 sin]`.
///
/// `x` `[b, n, heads, d]`, `weight` `[d]`, `rotation` `[n, d]`: d/2 cosines, then d/2 sines.
///
/// # Errors
/// When the shapes do not fit, or the device fails.
pub fn head_norm_rotate(x: &Tensor, weight: &Tensor, eps: f64, rotation: Option<&Tensor>) -> Result<Tensor> {
    let (b, n, heads, d) = x.dims4()?;
    if weight.dims() != [d] || d % 2 != 0 || rotation.is_some_and(|r| r.dims() != [n, d]) {
        candle_core::bail!("a head norm of {:?} with {:?}", x.dims(), rotation.map(Tensor::dims));
    }
    if is_fast(x) {
        let op = Heads { eps: eps as f32, rotated: rotation.is_some() };
        let rotation = rotation.unwrap_or(weight).contiguous()?;
        return x.contiguous()?.apply_op3_no_bwd(&weight.contiguous()?, &rotation, &op);
    }
    let mean = x.sqr()?.mean_keepdim(D::Minus1)?;
    let y = x.broadcast_div(&(mean + eps)?.sqrt()?)?.broadcast_mul(weight)?;
    let Some(rotation) = rotation else { return Ok(y) };
    let half = |t: &Tensor, i: usize| t.narrow(D::Minus1, i * d / 2, d / 2);
    let angles = |i| half(rotation, i)?.reshape((1, n, 1, d / 2))?.broadcast_as((b, n, heads, d / 2));
    let (cos, sin, y1, y2) = (angles(0)?, angles(1)?, half(&y, 0)?, half(&y, 1)?);
    Tensor::cat(&[((&y1 * &cos)? - (&y2 * &sin)?)?, ((&y2 * &cos)? + (&y1 * &sin)?)?], D::Minus1)
}

struct Heads {
    eps: f32,
    rotated: bool,
}

impl CustomOp3 for Heads {
    fn name(&self) -> &'static str {
        "head norm and rotation"
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
        let (_, n, heads, d) = l1.shape().dims4()?;
        let mut out = floats(s1, l1, self.name())?.to_vec();
        let (weight, rotation) = (floats(s2, l2, self.name())?, floats(s3, l3, self.name())?);
        each_row(&mut out, heads * d, |token, row| {
            let at = (token % n) * d;
            let angles = if self.rotated { rotation.get(at..at + d).unwrap_or_default() } else { &[] };
            norm_heads(row, weight, angles, self.eps);
        });
        Ok((CpuStorage::F32(out), l1.shape().clone()))
    }
}

wide! {
    fn norm_heads(row: &mut [f32], weight: &[f32], angles: &[f32], eps: f32) {
        let d = weight.len();
        for head in row.chunks_exact_mut(d) {
            let inverse = 1.0 / (sum(head, |x| x * x) / d as f32 + eps).sqrt();
            for (x, w) in head.iter_mut().zip(weight) {
                *x = *x * inverse * w;
            }
            if angles.is_empty() {
                continue;
            }
            let (low, high) = head.split_at_mut(d / 2);
            let (cos, sin) = angles.split_at(d / 2);
            for (((x1, x2), cos), sin) in low.iter_mut().zip(high).zip(cos).zip(sin) {
                (*x1, *x2) = (*x1 * cos - *x2 * sin, *x2 * cos + *x1 * sin);
            }
        }
    }
}

/// Group norm with learned weight and bias, then SiLU if `silu`; `x` `[b, c, h, w]`, `weight` and `bias` `[c]`.
///
/// # Errors
/// When the shapes do not fit, or the device fails.
pub fn group_norm(x: &Tensor, groups: usize, weight: &Tensor, bias: &Tensor, eps: f64, silu: bool) -> Result<Tensor> {
    let (b, c, h, w) = x.dims4()?;
    if groups == 0 || c % groups != 0 || weight.dims() != [c] || bias.dims() != [c] {
        candle_core::bail!("a group norm of {:?} in {groups} groups", x.dims());
    }
    if is_fast(x) {
        let op = Groups { groups, eps: eps as f32, silu };
        return x.contiguous()?.apply_op3_no_bwd(&weight.contiguous()?, &bias.contiguous()?, &op);
    }
    let y = plain_layer_norm(&x.reshape((b, groups, ()))?, eps)?.reshape((b, c, h, w))?;
    let y = y.broadcast_mul(&weight.reshape((1, c, 1, 1))?)?.broadcast_add(&bias.reshape((1, c, 1, 1))?)?;
    if silu { y.silu() } else { Ok(y) }
}

struct Groups {
    groups: usize,
    eps: f32,
    silu: bool,
}

impl CustomOp3 for Groups {
    fn name(&self) -> &'static str {
        "group norm"
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
        let (_, c, h, w) = l1.shape().dims4()?;
        let mut out = floats(s1, l1, self.name())?.to_vec();
        let (weight, bias) = (floats(s2, l2, self.name())?, floats(s3, l3, self.name())?);
        let (each, area) = (c / self.groups, (h * w).max(1));
        let work = |(i, group): (usize, &mut [f32])| {
            let from = (i % self.groups) * each;
            let of = |all: &[f32], channel: usize| all.get(from + channel).copied().unwrap_or(0.0);
            let (mean, inverse) = spread(group, self.eps);
            for (channel, plane) in group.chunks_mut(area).enumerate() {
                let scale = inverse * of(weight, channel);
                let shift = of(bias, channel) - mean * scale;
                plane.iter_mut().for_each(|x| *x = *x * scale + shift);
                if self.silu {
                    activation::in_place(plane, activation::Activation::Silu);
                }
            }
        };
        if out.len() < WORTH_SHARING {
            out.chunks_mut(each * area).enumerate().for_each(work);
        } else {
            out.par_chunks_mut(each * area).enumerate().for_each(work);
        }
        Ok((CpuStorage::F32(out), l1.shape().clone()))
    }
}

/// Mean and 1/√(variance + eps), summed in parts so that a large group loses no digits.
fn spread(values: &[f32], eps: f32) -> (f32, f32) {
    let n = values.len().max(1) as f64;
    let mean = (values.chunks(4096).map(|part| f64::from(sum(part, |x| x))).sum::<f64>() / n) as f32;
    let parts = values.chunks(4096).map(|part| f64::from(sum(part, |x| (x - mean) * (x - mean))));
    (mean, 1.0 / ((parts.sum::<f64>() / n) as f32 + eps).sqrt())
}
