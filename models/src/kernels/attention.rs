//! Scaled dot-product attention with an online softmax over blocks of keys: scores never exist as a whole.
//! Scores are held transposed, `[key][32 queries]`: the softmax then runs down the columns without any horizontal step,
//! and the result is already in the order in which the second product reads it. **Never here:** positions, projections.

use candle_core::{CpuStorage, CustomOp3, D, DType, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{
    Shared, floats, is_fast,
    micro::{COLS, ROWS, Tile, pack, tile},
    wide::{exp, wide},
};

/// Keys per block: 192 × 32 scores are 24 KiB and stay in the first-level cache.
const KEYS: usize = 16 * ROWS;
/// What a masked key adds to its score, as in the reference.
const MASKED: f32 = -1e9;

/// softmax(q kᵀ / √d + mask) v.
///
/// `q` `[b, n, heads, d]`, `k` and `v` `[b, m, heads, d]`, `keep` `[b, m]` f32 (1 = a key that may be seen, 0 = padding) →
/// `[b, n, heads·d]`.
///
/// # Errors
/// When the shapes do not fit, or the device fails.
pub fn attention(q: &Tensor, k: &Tensor, v: &Tensor, keep: Option<&Tensor>) -> Result<Tensor> {
    let (b, n, heads, d) = q.dims4()?;
    let m = k.dim(1)?;
    if k.dims() != [b, m, heads, d] || v.dims() != k.dims() || b * n * m * heads * d == 0 {
        candle_core::bail!("attention of {:?} over {:?} and {:?}", q.dims(), k.dims(), v.dims());
    }
    if let Some(keep) = keep
        && keep.dims() != [b, m]
    {
        candle_core::bail!("an attention mask {:?} for {b} × {m} keys", keep.dims());
    }
    if is_fast(q) && is_fast(k) && is_fast(v) {
        let keep = keep.map(|t| t.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()).transpose()?;
        return q.contiguous()?.apply_op3_no_bwd(&k.contiguous()?, &v.contiguous()?, &Op { keep });
    }
    plain(q, k, v, keep)
}

/// The same in plain candle, in blocks of queries so that the scores stay small.
pub(super) fn plain(q: &Tensor, k: &Tensor, v: &Tensor, keep: Option<&Tensor>) -> Result<Tensor> {
    const QUERIES: usize = 1024;
    let (b, n, heads, d) = q.dims4()?;
    let dtype = q.dtype();
    let k = k.permute((0, 2, 3, 1))?.contiguous()?;
    let v = v.transpose(1, 2)?.contiguous()?;
    let q = (q.transpose(1, 2)?.contiguous()? * (1.0 / (d as f64).sqrt()))?;
    let mask = match keep {
        Some(keep) => {
            let mask = keep.to_dtype(DType::F32)?.affine(f64::from(-MASKED), f64::from(MASKED))?;
            Some(mask.reshape((b, 1, 1, ()))?)
        }
        None => None,
    };
    let mut parts = Vec::new();
    for from in (0..n).step_by(QUERIES) {
        let scores = q.narrow(2, from, QUERIES.min(n - from))?.contiguous()?.matmul(&k)?.to_dtype(DType::F32)?;
        let scores = match &mask {
            Some(mask) => scores.broadcast_add(mask)?,
            None => scores,
        };
        parts.push(candle_nn::ops::softmax(&scores, D::Minus1)?.to_dtype(dtype)?.matmul(&v)?);
    }
    Tensor::cat(&parts, 2)?.transpose(1, 2)?.reshape((b, n, heads * d))
}

struct Op {
    keep: Option<Vec<f32>>,
}

/// Sizes that every part of the work needs.
#[derive(Clone, Copy)]
struct Sizes {
    n: usize,
    m: usize,
    heads: usize,
    d: usize,
}

impl Sizes {
    fn key_blocks(self) -> usize {
        self.m.div_ceil(ROWS)
    }
    fn value_blocks(self) -> usize {
        self.d.div_ceil(ROWS)
    }
    /// Floats of one head's packed keys.
    fn keys(self) -> usize {
        self.key_blocks() * self.d * ROWS
    }
    /// Floats of one head's packed values; rows past the last key are zeros.
    fn values(self) -> usize {
        self.value_blocks() * self.key_blocks() * ROWS * ROWS
    }
}

impl CustomOp3 for Op {
    fn name(&self) -> &'static str {
        "tiled attention"
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
        let (q, k, v) = (floats(s1, l1, self.name())?, floats(s2, l2, self.name())?, floats(s3, l3, self.name())?);
        let (b, n, heads, d) = l1.shape().dims4()?;
        let sizes = Sizes { n, m: l2.shape().dims4()?.1, heads, d };
        let mut packed = vec![0.0f32; b * heads * (sizes.keys() + sizes.values())];
        packed.par_chunks_mut(sizes.keys() + sizes.values()).enumerate().for_each(|(head, out)| {
            let (keys, values) = out.split_at_mut(sizes.keys());
            let from = (head / heads) * sizes.m * heads * d + (head % heads) * d;
            pack_keys(k.get(from..).unwrap_or_default(), sizes, keys);
            pack_values(v.get(from..).unwrap_or_default(), sizes, values);
        });
        let mut out = vec![0.0f32; b * n * heads * d];
        let shared = Shared::new(&mut out);
        let panels = n.div_ceil(COLS);
        let run = |task: usize| {
            let (head, panel) = (task / panels, task % panels);
            let both = packed.get(head * (sizes.keys() + sizes.values())..).unwrap_or_default();
            let Some((keys, values)) = both.split_at_checked(sizes.keys()) else { return };
            let from = (head / heads) * n * heads * d + (head % heads) * d;
            let keep = self.keep.as_ref().and_then(|m| m.get((head / heads) * sizes.m..(head / heads + 1) * sizes.m));
            let sums = attend(q.get(from..).unwrap_or_default(), panel * COLS, keys, values, keep, sizes);
            for r in 0..COLS.min(n - panel * COLS) {
                // SAFETY: this row of this head belongs to this task alone.
                let to = unsafe { shared.part(from + (panel * COLS + r) * heads * d, d) };
                for (to, column) in to.iter_mut().zip(sums.as_chunks::<COLS>().0) {
                    *to = column[r];
                }
            }
        };
        if b * heads * n * sizes.m * d < super::WORTH_SHARING * 16 {
            (0..b * heads * panels).for_each(run);
        } else {
            (0..b * heads * panels).into_par_iter().with_min_len(2).for_each(run);
        }
        Ok((CpuStorage::F32(out), Shape::from((b, n, heads * d))))
    }
}

fn pack_keys(k: &[f32], s: Sizes, out: &mut [f32]) {
    for (block, part) in out.chunks_mut(s.d * ROWS).enumerate() {
        pack::<ROWS>(k, (block * ROWS, s.m), s.d, s.heads * s.d, 1.0, part);
    }
}

fn pack_values(v: &[f32], s: Sizes, out: &mut [f32]) {
    for (block, part) in out.chunks_mut(s.key_blocks() * ROWS * ROWS).enumerate() {
        let width = ROWS.min(s.d - block * ROWS);
        for (key, row) in part.as_chunks_mut::<ROWS>().0.iter_mut().enumerate().take(s.m) {
            let from = key * s.heads * s.d + block * ROWS;
            if let Some(values) = v.get(from..from + width) {
                row[..width].copy_from_slice(values);
            }
        }
    }
}

/// One panel of 32 queries of one head; gives `[⌈d/12⌉·12][32]`.
fn attend(q: &[f32], first: usize, keys: &[f32], values: &[f32], keep: Option<&[f32]>, s: Sizes) -> Vec<f32> {
    let mut queries = vec![0.0f32; s.d * COLS];
    pack::<COLS>(q, (first, s.n), s.d, s.heads * s.d, 1.0 / (s.d as f32).sqrt(), &mut queries);
    let mut scores = [0.0f32; KEYS * COLS];
    let mut sums = vec![0.0f32; s.value_blocks() * ROWS * COLS];
    let (mut most, mut total, mut shrink) = ([f32::MIN; COLS], [0.0f32; COLS], [0.0f32; COLS]);
    for from in (0..s.m).step_by(KEYS) {
        let count = KEYS.min(s.m - from);
        let padded = count.div_ceil(ROWS) * ROWS;
        let (tiles, _) = scores[..padded * COLS].as_chunks_mut::<{ ROWS * COLS }>();
        for (i, out) in tiles.iter_mut().enumerate() {
            let block = from / ROWS + i;
            let rows = ROWS.min(s.m - block * ROWS);
            tile(
                keys.get(block * s.d * ROWS..(block + 1) * s.d * ROWS).unwrap_or_default(),
                &queries,
                (rows, COLS),
                out,
            );
        }
        if let Some(keep) = keep.and_then(|k| k.get(from..from + count)) {
            for (row, keep) in scores.as_chunks_mut::<COLS>().0.iter_mut().zip(keep) {
                let add = (1.0 - keep) * MASKED;
                row.iter_mut().for_each(|x| *x += add);
            }
        }
        scores[count * COLS..padded * COLS].fill(0.0);
        soften(&mut scores[..count * COLS], &mut most, &mut total, &mut shrink);
        let mut part: Tile = [0.0; ROWS * COLS];
        for (block, sum) in sums.as_chunks_mut::<{ ROWS * COLS }>().0.iter_mut().enumerate() {
            let at = (block * s.key_blocks() * ROWS + from) * ROWS;
            let rows = ROWS.min(s.d - block * ROWS);
            tile(
                values.get(at..at + padded * ROWS).unwrap_or_default(),
                &scores[..padded * COLS],
                (rows, COLS),
                &mut part,
            );
            add_shrunk(sum, &part, &shrink);
        }
    }
    total.iter_mut().for_each(|t| *t = 1.0 / *t);
    let zero: Tile = [0.0; ROWS * COLS];
    for sum in sums.as_chunks_mut::<{ ROWS * COLS }>().0 {
        add_shrunk(sum, &zero, &total);
    }
    sums
}

wide! {
    /// Turns a block of scores into weights relative to the greatest score so far; `shrink` is what older sums lose by it.
    fn soften(scores: &mut [f32], most: &mut [f32; COLS], total: &mut [f32; COLS], shrink: &mut [f32; COLS]) {
        let before = *most;
        let mut top = before;
        for row in scores.as_chunks::<COLS>().0 {
            for (top, x) in top.iter_mut().zip(row) {
                *top = if *x > *top { *x } else { *top };
            }
        }
        let mut sum = [0.0f32; COLS];
        for row in scores.as_chunks_mut::<COLS>().0 {
            for ((x, top), sum) in row.iter_mut().zip(&top).zip(&mut sum) {
                *x = exp(*x - top);
                *sum += *x;
            }
        }
        for i in 0..COLS {
            shrink[i] = exp(before[i] - top[i]);
            total[i] = total[i] * shrink[i] + sum[i];
        }
        *most = top;
    }
}

wide! {
    fn add_shrunk(sum: &mut Tile, part: &Tile, shrink: &[f32; COLS]) {
        for (sum, part) in sum.as_chunks_mut::<COLS>().0.iter_mut().zip(part.as_chunks::<COLS>().0) {
            for ((sum, part), shrink) in sum.iter_mut().zip(part).zip(shrink) {
                *sum = *sum * shrink + part;
            }
        }
    }
}
