//! Weights of a linear layer in the order in which the innermost loop reads them, and in the numbers they came in: 32-bit, halves
//! of either kind, or blocks of 8-bit numbers. A few hundred terms are widened just before they are used, so that memory and
//! the traffic to it follow the narrow form. Widening halves is exact. **Never here:** products.

use std::ops::Range;

use candle_core::{CpuStorage, DType, Layout, Result, Tensor, WithDType};
use half::{bf16, f16};
use rayon::prelude::*;

use super::{micro::COLS, values, wide::wide};

/// Terms of a product that are done at a time: 32 columns of them take 32 KiB and stay in the first-level cache.
pub(super) const TERMS: usize = 256;
/// Values of a row that share one scale in blocks.
pub(super) const BLOCK: usize = 32;
/// Bytes of 32 columns of one block of terms: a 16-bit scale for each column, then the numbers term by term.
const BLOCK_BYTES: usize = COLS * 2 + COLS * BLOCK;
/// Largest number of a block.
const MOST: f32 = 127.0;

const _: () = assert!(TERMS.is_multiple_of(BLOCK));

/// `[out, in]` as `[⌈out/32⌉, in, 32]`, padded with zeros; None where the kernel does not read such numbers.
pub(super) fn pack(weight: &Tensor) -> Result<Option<Tensor>> {
    if !weight.device().is_cpu() {
        return Ok(None);
    }
    match weight.dtype() {
        DType::F32 => panels::<f32>(weight).map(Some),
        DType::F16 => panels::<f16>(weight).map(Some),
        DType::BF16 => panels::<bf16>(weight).map(Some),
        _ => Ok(None),
    }
}

fn panels<T: WithDType + Default>(weight: &Tensor) -> Result<Tensor> {
    let (size_out, size_in) = weight.dims2()?;
    let rows = weight.contiguous()?.flatten_all()?.to_vec1::<T>()?;
    let mut out = vec![T::default(); size_out.div_ceil(COLS) * size_in * COLS];
    out.par_chunks_mut((size_in * COLS).max(1)).enumerate().for_each(|(panel, part)| {
        let here = rows.chunks(size_in.max(1)).skip(panel * COLS).take(COLS);
        for (column, row) in here.enumerate() {
            for (group, value) in part.as_chunks_mut::<COLS>().0.iter_mut().zip(row) {
                group[column] = *value;
            }
        }
    });
    Tensor::from_vec(out, (size_out.div_ceil(COLS), size_in, COLS), weight.device())
}

/// `[out, in]` in f32 on the CPU, `in` a multiple of [`BLOCK`], in blocks of 8-bit numbers as Q8_0 rounds them.
pub(super) fn pack_blocks(weight: &Tensor) -> Result<Tensor> {
    let (size_out, size_in) = weight.dims2()?;
    let rows = weight.contiguous()?.flatten_all()?.to_vec1::<f32>()?;
    let blocks = size_in / BLOCK;
    let mut out = vec![0u8; size_out.div_ceil(COLS) * blocks * BLOCK_BYTES];
    out.par_chunks_mut((blocks * BLOCK_BYTES).max(1)).enumerate().for_each(|(panel, part)| {
        let here = rows.chunks(size_in.max(1)).skip(panel * COLS).take(COLS);
        for (column, row) in here.enumerate() {
            for (place, block) in part.chunks_exact_mut(BLOCK_BYTES).zip(row.as_chunks::<BLOCK>().0) {
                let (scales, numbers) = place.split_at_mut(COLS * 2);
                let (scale, inverse) = scale_of(block);
                if let Some(to) = scales.as_chunks_mut::<2>().0.get_mut(column) {
                    *to = f16::from_f32(scale).to_le_bytes();
                }
                for (to, value) in numbers.as_chunks_mut::<COLS>().0.iter_mut().zip(block) {
                    to[column] = (value * inverse).round().clamp(-MOST, MOST) as i8 as u8;
                }
            }
        }
    });
    let count = out.len();
    Tensor::from_vec(out, count, weight.device())
}

/// Rows of whole blocks, rounded as Q8_0 rounds what enters a layer: blocks of 8-bit numbers are defined for products of two such.
pub(super) fn rounded(rows: &[f32]) -> Vec<f32> {
    let mut out = rows.to_vec();
    for block in out.as_chunks_mut::<BLOCK>().0 {
        let (scale, inverse) = scale_of(block);
        let scale = f16::from_f32(scale).to_f32();
        block.iter_mut().for_each(|value| *value = (*value * inverse).round() * scale);
    }
    out
}

/// The scale of a block, and its inverse.
fn scale_of(block: &[f32; BLOCK]) -> (f32, f32) {
    let scale = block.iter().fold(0.0f32, |most, v| most.max(v.abs())) / MOST;
    (scale, if scale == 0.0 { 0.0 } else { 1.0 / scale })
}

/// Packed weights as the kernel meets them.
#[derive(Clone, Copy)]
pub(super) enum Packed<'a> {
    Full(&'a [f32]),
    Half(&'a [f16]),
    Brain(&'a [bf16]),
    Blocks(&'a [u8]),
}

impl<'a> Packed<'a> {
    pub(super) fn of(storage: &'a CpuStorage, layout: &Layout, what: &str) -> Result<Self> {
        Ok(match storage {
            CpuStorage::F16(_) => Self::Half(values(storage, layout, what)?),
            CpuStorage::BF16(_) => Self::Brain(values(storage, layout, what)?),
            CpuStorage::U8(_) => Self::Blocks(values(storage, layout, what)?),
            _ => Self::Full(values(storage, layout, what)?),
        })
    }

    /// `terms` (from a multiple of [`TERMS`] on, [`TERMS`] of them or the last ones) of the 32 columns of `panel`, `[terms][32]`,
    /// in `room` where they have to be widened.
    pub(super) fn terms<'b>(
        &self,
        panel: usize,
        size_in: usize,
        terms: Range<usize>,
        room: &'b mut [f32],
    ) -> Option<&'b [f32]>
    where
        'a: 'b,
    {
        let at = (panel * size_in + terms.start) * COLS..(panel * size_in + terms.end) * COLS;
        let room = match self {
            Self::Full(all) => return all.get(at),
            _ => room.get_mut(..terms.len() * COLS)?,
        };
        match self {
            Self::Full(_) => {}
            Self::Half(all) => widen_half(all.get(at)?, room),
            Self::Brain(all) => widen_brain(all.get(at)?, room),
            Self::Blocks(all) => {
                let first = panel * size_in / BLOCK;
                let place = (first + terms.start / BLOCK) * BLOCK_BYTES..(first + terms.end / BLOCK) * BLOCK_BYTES;
                let parts = all.get(place)?.chunks_exact(BLOCK_BYTES);
                for (to, part) in room.chunks_exact_mut(BLOCK * COLS).zip(parts) {
                    let (bytes, numbers) = part.split_at(COLS * 2);
                    let mut scales = [0.0f32; COLS];
                    for (scale, bytes) in scales.iter_mut().zip(bytes.as_chunks::<2>().0) {
                        *scale = f16::from_le_bytes(*bytes).to_f32();
                    }
                    widen_block(&scales, numbers, to);
                }
            }
        }
        Some(room)
    }
}

wide! {
    fn widen_brain(from: &[bf16], to: &mut [f32]) {
        for (to, from) in to.iter_mut().zip(from) {
            *to = f32::from_bits(u32::from(from.to_bits()) << 16);
        }
    }
}

wide! {
    /// Finite numbers only, as loaders let no others in.
    fn widen_half(from: &[f16], to: &mut [f32]) {
        // What the exponents of the two formats count from differs by 112.
        const NORMAL: u32 = 112 << 23;
        const SMALL: u32 = 113 << 23;
        for (to, from) in to.iter_mut().zip(from) {
            let bits = u32::from(from.to_bits());
            let (sign, rest) = ((bits & 0x8000) << 16, (bits & 0x7fff) << 13);
            // Below the smallest normal number the fraction has no leading one: lend it one, and take it off again.
            let small = (f32::from_bits(rest.wrapping_add(SMALL)) - f32::from_bits(SMALL)).to_bits();
            let value = if rest < 1 << 23 { small } else { rest.wrapping_add(NORMAL) };
            *to = f32::from_bits(value | sign);
        }
    }
}

wide! {
    fn widen_block(scales: &[f32; COLS], numbers: &[u8], to: &mut [f32]) {
        for (to, from) in to.as_chunks_mut::<COLS>().0.iter_mut().zip(numbers.as_chunks::<COLS>().0) {
            for ((to, number), scale) in to.iter_mut().zip(from).zip(scales) {
                *to = f32::from(*number as i8) * scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finite_half_is_widened_exactly() {
        let halves: Vec<f16> = (0..=u16::MAX).map(f16::from_bits).filter(|h| h.is_finite()).collect();
        let mut ours = vec![0.0f32; halves.len()];
        widen_half(&halves, &mut ours);
        assert!(ours.iter().zip(&halves).all(|(a, b)| a.to_bits() == b.to_f32().to_bits()));
        let brains: Vec<bf16> = (0..=u16::MAX).map(bf16::from_bits).filter(|h| h.is_finite()).collect();
        let mut ours = vec![0.0f32; brains.len()];
        widen_brain(&brains, &mut ours);
        assert!(ours.iter().zip(&brains).all(|(a, b)| a.to_bits() == b.to_f32().to_bits()));
    }
}
