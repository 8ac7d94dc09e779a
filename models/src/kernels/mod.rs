//! The kernels room: the few operations that decide how long a shot takes on a CPU, as candle custom operations.
//! Each has a parallel, vectorised path for f32 on the CPU, and the same thing in plain candle for everything else; the
//! plain form is also its test. Results do not depend on the number of threads. **Never here:** anything about a family.

mod activation;
mod attention;
mod conv;
mod linear;
mod micro;
mod norm;
mod packed;
mod root;
mod shuffle;
mod turn;
mod wide;
mod winograd;

pub use activation::{Activation, activate};
pub use attention::attention;
pub use conv::Conv2d;
pub use linear::PackedLinear;
pub use norm::{
    RowIndex, gated_add, group_norm, head_norm_rotate, layer_norm_affine, layer_norm_modulate, rms_norm_modulate,
};
pub use root::{PixelModulation, pixel_norm, rms_norm_rotate};
pub use shuffle::{pixel_shuffle, pixel_unshuffle};

use candle_core::{CpuStorage, DType, Layout, Result, Tensor, WithDType};

/// Work below this many elementary steps runs on the calling thread: waking the others would cost more.
const WORTH_SHARING: usize = 1 << 15;

/// Whether the fast path applies.
fn is_fast(x: &Tensor) -> bool {
    x.device().is_cpu() && x.dtype() == DType::F32
}

/// The values behind a contiguous f32 operand.
fn floats<'a>(storage: &'a CpuStorage, layout: &Layout, what: &str) -> Result<&'a [f32]> {
    values(storage, layout, what)
}

/// The values behind a contiguous operand.
fn values<'a, T: WithDType>(storage: &'a CpuStorage, layout: &Layout, what: &str) -> Result<&'a [T]> {
    let Some((from, to)) = layout.contiguous_offsets() else { candle_core::bail!("{what}: operand is not contiguous") };
    match storage.as_slice::<T>()?.get(from..to) {
        Some(values) => Ok(values),
        None => candle_core::bail!("{what}: operand is shorter than its shape"),
    }
}

/// An output written by several threads, each at places of its own.
struct Shared<'a> {
    start: *mut f32,
    len: usize,
    owner: std::marker::PhantomData<&'a mut [f32]>,
}

// SAFETY: writes are bounds-checked, and every kernel gives each place to exactly one task.
unsafe impl Sync for Shared<'_> {}

impl<'a> Shared<'a> {
    fn new(values: &'a mut [f32]) -> Self {
        Self { start: values.as_mut_ptr(), len: values.len(), owner: std::marker::PhantomData }
    }

    /// The part `at..at + len`.
    ///
    /// # Safety
    /// No other task may hold any place of it while the slice lives.
    #[allow(clippy::mut_from_ref)]
    unsafe fn part(&self, at: usize, len: usize) -> &mut [f32] {
        assert!(at <= self.len && len <= self.len - at, "a kernel wrote outside its output");
        // SAFETY: in bounds by the assertion above; alone by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(at), len) }
    }
}

/// Working memory of a thread, kept from call to call: fresh pages from the system cost as much as a small kernel.
/// What it holds at first is left over from earlier; whoever takes it writes before reading.
struct Scratch(Vec<f32>, usize);

thread_local! {
    static KEPT: std::cell::Cell<Vec<f32>> = const { std::cell::Cell::new(Vec::new()) };
}

impl Scratch {
    /// Most floats that a thread keeps between calls (16 MiB).
    const KEEP: usize = 4 << 20;

    fn take(len: usize) -> Self {
        // While it is taken another taker on this thread finds an empty one, and makes its own.
        let mut values = KEPT.take();
        if values.len() < len {
            values.resize(len, 0.0);
        }
        Self(values, len)
    }

    fn values(&mut self) -> &mut [f32] {
        &mut self.0[..self.1]
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let mine = std::mem::take(&mut self.0);
        let other = KEPT.take();
        let larger = if mine.len() > other.len() { mine } else { other };
        if larger.len() <= Self::KEEP {
            KEPT.set(larger);
        }
    }
}

#[cfg(test)]
mod tests;
