//! GELU (tanh form) and SiLU, in one pass over memory. The exponential is a polynomial, so the loop vectorises;
//! error against the exact functions stays below 1e-6 relative to the value's magnitude (see tests).

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{floats, is_fast, wide::exp, wide::wide};

/// What to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// x · ½(1 + tanh(√(2/π)(x + 0.044715 x³))).
    Gelu,
    /// x · σ(x).
    Silu,
}

/// Applies the function to every value; any shape.
///
/// # Errors
/// When the device fails.
pub fn activate(x: &Tensor, what: Activation) -> Result<Tensor> {
    if is_fast(x) {
        return x.contiguous()?.apply_op1_no_bwd(&Op(what));
    }
    match what {
        Activation::Gelu => x.gelu(),
        Activation::Silu => x.silu(),
    }
}

struct Op(Activation);

impl CustomOp1 for Op {
    fn name(&self) -> &'static str {
        "activate"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut out = floats(storage, layout, self.name())?.to_vec();
        if out.len() < super::WORTH_SHARING {
            in_place(&mut out, self.0);
        } else {
            out.par_chunks_mut(super::WORTH_SHARING / 2).for_each(|part| in_place(part, self.0));
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

/// The same on a slice, for kernels that finish with an activation.
pub(super) fn in_place(values: &mut [f32], what: Activation) {
    match what {
        Activation::Gelu => gelu(values),
        Activation::Silu => silu(values),
    }
}

wide! {
    fn gelu(values: &mut [f32]) {
        // ½(1 + tanh u) = 1 / (1 + e^(−2u))
        const A: f32 = -2.0 * 0.797_884_6;
        for x in values.iter_mut() {
            let v = *x;
            *x = v / (1.0 + exp(A * (v + 0.044_715 * v * v * v)));
        }
    }
}

wide! {
    fn silu(values: &mut [f32]) {
        for x in values.iter_mut() {
            *x /= 1.0 + exp(-*x);
        }
    }
}
