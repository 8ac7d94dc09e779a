//! The innermost loop of every product here: 12 rows × 32 columns of accumulators held in registers.
//! Operands come packed (`[k][12]` and `[k][32]`, padded with zeros), so the loop reads both in order and never asks about
//! shapes. One loop serves linear layers, convolutions and attention; **never here:** packing policy or threads.

/// Rows of a tile.
pub(super) const ROWS: usize = 12;
/// Columns of a tile.
pub(super) const COLS: usize = 32;
/// A tile, row by row.
pub(super) type Tile = [f32; ROWS * COLS];

/// `out[r][c] = Σ_k a[k][r] · b[k][c]` for the first `rows` rows; the shorter operand gives the number of terms.
/// Rows are computed four, columns sixteen at a time, so a last block costs what it holds; what lies beyond is left alone.
pub(super) fn tile(a: &[f32], b: &[f32], size: (usize, usize), out: &mut Tile) {
    sized::<false>(a, b, size, out);
}

/// The same, added to what `out` holds: a sum over parts of the terms is the sum over all of them, to the last bit.
pub(super) fn tile_on(a: &[f32], b: &[f32], size: (usize, usize), out: &mut Tile) {
    sized::<true>(a, b, size, out);
}

#[inline(always)]
fn sized<const ON: bool>(a: &[f32], b: &[f32], (rows, columns): (usize, usize), out: &mut Tile) {
    match (rows.div_ceil(4), columns > COLS / 2) {
        (0, _) => {}
        (1, true) => product::<4, 2, ON>(a, b, out),
        (2, true) => product::<8, 2, ON>(a, b, out),
        (_, true) => product::<ROWS, 2, ON>(a, b, out),
        (1, false) => product::<4, 1, ON>(a, b, out),
        (2, false) => product::<8, 1, ON>(a, b, out),
        (_, false) => product::<ROWS, 1, ON>(a, b, out),
    }
}

/// `R` rows, `W` times sixteen columns.
#[inline(always)]
fn product<const R: usize, const W: usize, const ON: bool>(a: &[f32], b: &[f32], out: &mut Tile) {
    #[cfg(target_arch = "x86_64")]
    {
        if super::wide::has_v4() {
            // SAFETY: the processor has AVX-512; asked in the line above.
            return unsafe { product_v4::<R, W, ON>(a, b, out) };
        }
        if super::wide::has_v3() {
            // SAFETY: the processor has AVX2 and FMA; asked in the line above.
            return unsafe { product_v3::<R, W, ON>(a, b, out) };
        }
    }
    if !ON {
        out[..R * COLS].fill(0.0);
    }
    for (a, b) in a.as_chunks::<ROWS>().0.iter().zip(b.as_chunks::<COLS>().0) {
        for (row, a) in out[..R * COLS].as_chunks_mut::<COLS>().0.iter_mut().zip(a) {
            for (sum, b) in row.iter_mut().zip(b) {
                *sum += a * b;
            }
        }
    }
}

// Written out in intrinsics because the accumulators must stay in registers, which the vectoriser does not promise.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn product_v4<const R: usize, const W: usize, const ON: bool>(a: &[f32], b: &[f32], out: &mut Tile) {
    use std::arch::x86_64::{_mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps};
    let mut sums = [[_mm512_setzero_ps(); W]; R];
    if ON {
        for (sum, row) in sums.iter_mut().zip(out.as_chunks::<COLS>().0) {
            // SAFETY: `row` is 32 floats long and `w` is 0 or 1.
            *sum = std::array::from_fn(|w| unsafe { _mm512_loadu_ps(row.as_ptr().add(16 * w)) });
        }
    }
    for (a, b) in a.as_chunks::<ROWS>().0.iter().zip(b.as_chunks::<COLS>().0) {
        // SAFETY: `b` is 32 floats long and `w` is 0 or 1.
        let b: [_; W] = std::array::from_fn(|w| unsafe { _mm512_loadu_ps(b.as_ptr().add(16 * w)) });
        for (sum, a) in sums.iter_mut().zip(a) {
            let a = _mm512_set1_ps(*a);
            for (sum, b) in sum.iter_mut().zip(b) {
                *sum = _mm512_fmadd_ps(a, b, *sum);
            }
        }
    }
    for (sum, row) in sums.iter().zip(out.as_chunks_mut::<COLS>().0) {
        for (w, sum) in sum.iter().enumerate() {
            // SAFETY: `row` is 32 floats long and `w` is 0 or 1.
            unsafe { _mm512_storeu_ps(row.as_mut_ptr().add(16 * w), *sum) };
        }
    }
}

// Sixteen registers hold 4 rows × 16 columns with room to spare, so the tile is made in parts.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn product_v3<const R: usize, const W: usize, const ON: bool>(a: &[f32], b: &[f32], out: &mut Tile) {
    use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps};
    const PART: usize = 4;
    for part in 0..R / PART * W {
        let (top, left) = ((part / W) * PART, (part % W) * 16);
        let mut sums = [[_mm256_setzero_ps(); 2]; PART];
        if ON {
            for (sum, row) in sums.iter_mut().zip(&out.as_chunks::<COLS>().0[top..top + PART]) {
                // SAFETY: `row` is 32 floats long and `left` is 0 or 16.
                *sum = std::array::from_fn(|w| unsafe { _mm256_loadu_ps(row.as_ptr().add(left + 8 * w)) });
            }
        }
        for (a, b) in a.as_chunks::<ROWS>().0.iter().zip(b.as_chunks::<COLS>().0) {
            // SAFETY: `b` is 32 floats long and `left` is 0 or 16.
            let (b0, b1) =
                unsafe { (_mm256_loadu_ps(b.as_ptr().add(left)), _mm256_loadu_ps(b.as_ptr().add(left + 8))) };
            for (sum, a) in sums.iter_mut().zip(&a[top..top + PART]) {
                let a = _mm256_set1_ps(*a);
                sum[0] = _mm256_fmadd_ps(a, b0, sum[0]);
                sum[1] = _mm256_fmadd_ps(a, b1, sum[1]);
            }
        }
        for (sum, row) in sums.iter().zip(&mut out.as_chunks_mut::<COLS>().0[top..top + PART]) {
            // SAFETY: `row` is 32 floats long and `left` is 0 or 16.
            unsafe {
                _mm256_storeu_ps(row.as_mut_ptr().add(left), sum[0]);
                _mm256_storeu_ps(row.as_mut_ptr().add(left + 8), sum[1]);
            }
        }
    }
}

/// Packs rows `from..from + WIDTH` of a row-major matrix into `[k][WIDTH]`; rows past the end become zeros.
/// `stride` is the distance from row to row; `scale` multiplies every value.
pub(super) fn pack<const WIDTH: usize>(
    rows: &[f32],
    (from, count): (usize, usize),
    k: usize,
    stride: usize,
    scale: f32,
    out: &mut [f32],
) {
    for r in 0..WIDTH {
        let here = if from + r < count { rows.get((from + r) * stride..(from + r) * stride + k) } else { None };
        match here {
            Some(values) => {
                for (group, value) in out.as_chunks_mut::<WIDTH>().0.iter_mut().zip(values) {
                    group[r] = value * scale;
                }
            }
            None => {
                for group in out.as_chunks_mut::<WIDTH>().0.iter_mut().take(k) {
                    group[r] = 0.0;
                }
            }
        }
    }
}
