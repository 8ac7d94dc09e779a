//! A linear layer whose weights are packed once, at load, into the order in which the innermost loop reads them.
//! Bias and activation are applied while a tile is still in the first-level cache.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{
    Activation, Shared, activation, floats, is_fast,
    micro::{COLS, ROWS, Tile, pack, tile},
};

/// `y = activation(x Wᵀ + b)`.
#[derive(Debug, Clone)]
pub struct PackedLinear {
    /// On the CPU in f32: `[⌈out/32⌉, in, 32]`, padded with zeros. Elsewhere: `[out, in]`.
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
        let packed = is_fast(weight);
        let weight = if packed {
            let rows = weight.contiguous()?.flatten_all()?.to_vec1::<f32>()?;
            let panels = size_out.div_ceil(COLS);
            let mut out = vec![0.0; panels * size_in * COLS];
            for (panel, part) in out.chunks_mut((size_in * COLS).max(1)).enumerate() {
                pack::<COLS>(&rows, (panel * COLS, size_out), size_in, size_in, 1.0, part);
            }
            Tensor::from_vec(out, (panels, size_in, COLS), weight.device())?
        } else {
            weight.clone()
        };
        Ok(Self { weight, bias: bias.cloned(), size_in, size_out, packed })
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
        let y = flat.matmul(&self.weight.t()?)?;
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
        let weight = floats(s2, l2, self.name())?;
        let n = self.size_out;
        let mut out = vec![0.0f32; m * n];
        if k == 0 || m == 0 || n == 0 {
            candle_core::bail!("a linear layer without values");
        }
        let blocks = m.div_ceil(ROWS);
        let panels = n.div_ceil(COLS);
        // Rows per task: enough to use a panel several times, few enough to keep every thread busy.
        let per_task = blocks.div_ceil(rayon::current_num_threads() * 4).clamp(1, 8);
        let tasks = blocks.div_ceil(per_task);
        // Few rows and a wide layer (the timestep's): share the columns out instead.
        let splits = if tasks == 1 { rayon::current_num_threads().min(panels) } else { 1 };
        let shared = Shared::new(&mut out);
        let run = |task: usize| {
            let (first, split) = ((task / splits) * per_task, task % splits);
            let count = per_task.min(blocks - first);
            let mut rows = vec![0.0f32; count * k * ROWS];
            for (b, part) in rows.chunks_mut(k * ROWS).enumerate() {
                pack::<ROWS>(x, ((first + b) * ROWS, m), k, k, 1.0, part);
            }
            let mut sums: Tile = [0.0; ROWS * COLS];
            for panel in panels * split / splits..panels * (split + 1) / splits {
                let Some(columns) = weight.get(panel * k * COLS..(panel + 1) * k * COLS) else { return };
                let width = COLS.min(n - panel * COLS);
                for (b, a) in rows.chunks(k * ROWS).enumerate() {
                    let top = (first + b) * ROWS;
                    tile(a, columns, (ROWS.min(m - top), width), &mut sums);
                    self.finish(&mut sums, panel * COLS);
                    for (r, row) in sums.as_chunks::<COLS>().0.iter().enumerate().take(m - top) {
                        // SAFETY: rows `top…` belong to this task's block, columns of `panel` to its split.
                        let to = unsafe { shared.part((top + r) * n + panel * COLS, width) };
                        to.copy_from_slice(&row[..width]);
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
