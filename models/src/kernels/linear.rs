//! A linear layer whose weights are packed once, at load, into the order in which the innermost loop reads them.
//! Bias and activation are applied while a tile is still in the first-level cache.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{
    Activation, Scratch, Shared, activation, floats, is_fast,
    micro::{COLS, ROWS, Tile, pack, tile, tile_on},
    packed::{self, BLOCK, Packed, TERMS},
};

/// `y = activation(x Wᵀ + b)`.
#[derive(Debug, Clone)]
pub struct PackedLinear {
    /// Packed on the CPU, in the numbers it came in. Elsewhere: `[out, in]`.
    weight: Tensor,
    bias: Option<Tensor>,
    size_in: usize,
    size_out: usize,
    packed: bool,
}

impl PackedLinear {
    /// From `weight` `[out, in]` and `bias` `[out]`.
    ///
    /// # Errors
    /// When the shapes do not fit.
    pub fn new(weight: &Tensor, bias: Option<&Tensor>) -> Result<Self> {
        let (size_out, size_in) = weight.dims2()?;
        if let Some(bias) = bias
            && bias.dims() != [size_out]
        {
            candle_core::bail!("a bias of shape {:?} for {size_out} outputs", bias.dims());
        }
        let packed = packed::pack(weight)?;
        Ok(Self {
            packed: packed.is_some(),
            weight: packed.unwrap_or_else(|| weight.clone()),
            bias: bias.cloned(),
            size_in,
            size_out,
        })
    }

    /// The same with the weight in blocks of 8-bit numbers, a quarter of the memory; None where that cannot be: off the CPU, or
    /// when a row is not whole blocks.
    ///
    /// # Errors
    /// When the shapes do not fit.
    pub fn in_blocks(weight: &Tensor, bias: Option<&Tensor>) -> Result<Option<Self>> {
        let (size_out, size_in) = weight.dims2()?;
        if !is_fast(weight) || !size_in.is_multiple_of(BLOCK) || bias.is_some_and(|b| b.dims() != [size_out]) {
            return Ok(None);
        }
        let weight = packed::pack_blocks(weight)?;
        Ok(Some(Self { weight, bias: bias.cloned(), size_in, size_out, packed: true }))
    }

    /// `x` `[…, in]` → `[…, out]`.
    ///
    /// # Errors
    /// When the last axis is not `in`, or the device fails.
    pub fn forward(&self, x: &Tensor, activation: Option<Activation>) -> Result<Tensor> {
        let mut shape = x.dims().to_vec();
        match shape.last_mut() {
            Some(last) if *last == self.size_in => *last = self.size_out,
            _ => candle_core::bail!("a linear layer for {} values was given {:?}", self.size_in, x.dims()),
        }
        let flat = x.contiguous()?.reshape(((), self.size_in))?;
        if self.packed && is_fast(x) {
            let bias = match &self.bias {
                Some(bias) => bias.flatten_all()?.to_vec1::<f32>()?,
                None => Vec::new(),
            };
            let op = Op { bias, size_out: self.size_out, activation };
            return flat.apply_op2_no_bwd(&self.weight, &op)?.reshape(shape);
        }
        if self.packed {
            candle_core::bail!("a layer packed for the CPU was given {:?} values of {:?}", x.dtype(), x.device());
        }
        let y = flat.matmul(&self.weight.to_dtype(x.dtype())?.t()?)?;
        let y = match &self.bias {
            Some(bias) => y.broadcast_add(bias)?,
            None => y,
        };
        let y = match activation {
            Some(what) => activation::activate(&y, what)?,
            None => y,
        };
        y.reshape(shape)
    }
}

/// As much as both hold; a whole row of a tile without a call.
fn copy(from: &[f32], to: &mut [f32]) {
    match (from.first_chunk::<COLS>(), to.first_chunk_mut::<COLS>()) {
        (Some(from), Some(to)) => *to = *from,
        _ => to.iter_mut().zip(from).for_each(|(to, from)| *to = *from),
    }
}

struct Op {
    bias: Vec<f32>,
    size_out: usize,
    activation: Option<Activation>,
}

impl CustomOp2 for Op {
    fn name(&self) -> &'static str {
        "packed linear"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        let (m, k) = l1.shape().dims2()?;
        let x = floats(s1, l1, self.name())?;
        let weight = Packed::of(s2, l2, self.name())?;
        let rounded = if matches!(weight, Packed::Blocks(_)) { packed::rounded(x) } else { Vec::new() };
        let x = if rounded.is_empty() { x } else { &rounded };
        let n = self.size_out;
        let mut out = vec![0.0f32; m * n];
        if k == 0 || m == 0 || n == 0 {
            candle_core::bail!("a linear layer without values");
        }
        let blocks = m.div_ceil(ROWS);
        let panels = n.div_ceil(COLS);
        // Rows per task: enough to use a panel several times, since large weights come from memory anew for each task; few enough to
        // keep every thread busy and the sums in the second-level cache.
        let per_task = blocks.div_ceil(rayon::current_num_threads() * 4).clamp(1, 16);
        let tasks = blocks.div_ceil(per_task);
        // Few rows and a wide layer (the timestep's): share the columns out instead.
        let splits = if tasks == 1 { rayon::current_num_threads().min(panels) } else { 1 };
        let shared = Shared::new(&mut out);
        let run = |task: usize| {
            let (first, split) = ((task / splits) * per_task, task % splits);
            let count = per_task.min(blocks - first);
            let terms = TERMS.min(k);
            let mut kept = Scratch::take((count * ROWS + COLS) * terms);
            let (rows, room) = kept.values().split_at_mut(count * ROWS * terms);
            let mut sums: Tile = [0.0; ROWS * COLS];
            for from in (0..k).step_by(terms) {
                let here = terms.min(k - from);
                for (b, part) in rows.chunks_mut(here * ROWS).take(count).enumerate() {
                    pack::<ROWS>(x.get(from..).unwrap_or_default(), ((first + b) * ROWS, m), here, k, 1.0, part);
                }
                for panel in panels * split / splits..panels * (split + 1) / splits {
                    let Some(columns) = weight.terms(panel, k, from..from + here, room) else { return };
                    let width = COLS.min(n - panel * COLS);
                    for (b, a) in rows.chunks(here * ROWS).take(count).enumerate() {
                        let top = (first + b) * ROWS;
                        let size = (ROWS.min(m - top), width);
                        // SAFETY: rows `top…` belong to this task's block, columns of `panel` to its split.
                        let place = |r: usize| unsafe { shared.part((top + r) * n + panel * COLS, width) };
                        if from == 0 {
                            tile(a, columns, size, &mut sums);
                        } else {
                            for (r, row) in sums.as_chunks_mut::<COLS>().0.iter_mut().enumerate().take(size.0) {
                                copy(place(r), row);
                            }
                            tile_on(a, columns, size, &mut sums);
                        }
                        if from + here == k {
                            self.finish(&mut sums, panel * COLS);
                        }
                        for (r, row) in sums.as_chunks::<COLS>().0.iter().enumerate().take(size.0) {
                            copy(row, place(r));
                        }
                    }
                }
            }
        };
        if m * n * k < super::WORTH_SHARING * 16 {
            (0..tasks * splits).for_each(run);
        } else {
            (0..tasks * splits).into_par_iter().for_each(run);
        }
        Ok((CpuStorage::F32(out), Shape::from((m, n))))
    }
}

impl Op {
    fn finish(&self, sums: &mut Tile, first: usize) {
        if let Some(bias) = self.bias.get(first..) {
            for row in sums.as_chunks_mut::<COLS>().0 {
                for (value, bias) in row.iter_mut().zip(bias) {
                    *value += bias;
                }
            }
        }
        if let Some(what) = self.activation {
            activation::in_place(sums, what);
        }
    }
}
