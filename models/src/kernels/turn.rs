//! Turning tiles of 4 × 4 pixels into sums and sums back into pixels, for convolutions in tiles (`winograd`): only additions, 32 tiles side
//! by side. Splitting a row into even and odd columns is written out for AVX-512; elsewhere the compiler's vectoriser has it.
//! **Never here:** products, or which thread does what.

use std::ops::Range;

use super::{
    Shared,
    micro::{COLS, ROWS, Tile},
    wide::wide,
};

/// Places of a turned tile, and of one of its rows.
pub(super) const PLACES: usize = 16;
pub(super) const SIDE: usize = 4;
/// Tiles that are turned at once.
const STEP: usize = 16;
/// Rows of sums that are made before they are split, so that what was stored is not fetched at once: some terms together.
const LINES: usize = 16;
/// Floats of a turned row before it is split: two for each tile and each end of a run, and what reading in sixteens reaches over.
const LINE: usize = 160;
/// Stands for rows outside of the picture.
const ZEROS: [f32; 2 * COLS + 2] = [0.0; 2 * COLS + 2];
/// Row i of a turned tile is `tile[a] + sign · tile[b]`.
const TURN: [(usize, usize, f32); SIDE] = [(0, 2, -1.0), (1, 2, 1.0), (2, 1, -1.0), (1, 3, -1.0)];
/// What row i adds to the upper and to the lower row of pixels.
const BACK: [[f32; 2]; SIDE] = [[1.0, 0.0], [1.0, 1.0], [1.0, -1.0], [0.0, -1.0]];
/// Channels by which reading is announced: planes lie too far from each other for the processor to guess the next.
#[cfg(target_arch = "x86_64")]
const AHEAD: usize = 8;

/// Neighbouring tiles of one tile row, within a panel of 32.
pub(super) struct Run {
    pub picture: usize,
    pub top: usize,
    pub left: usize,
    pub count: usize,
    /// Column of the panel where they begin.
    pub place: usize,
    /// The same in a turned row, where every run has one tile more.
    pub lane: usize,
}

impl Run {
    /// The columns of a picture of width `w` that its tiles cover: the first, their number, and the place of the first in a turned row.
    #[inline(always)]
    fn columns(&self, w: usize) -> (usize, usize, usize) {
        let from = (2 * self.left).saturating_sub(1);
        let count = w.min(2 * (self.left + self.count) + 1) - from;
        (from, count, 2 * self.lane + (from + 1 - 2 * self.left))
    }
}

/// What is read: pictures, and which of them each output picture sees.
pub(super) struct Input<'a> {
    pub x: &'a [f32],
    pub channels: usize,
    pub h: usize,
    pub w: usize,
    pub taps: usize,
    pub seen: &'a [Option<usize>],
}

/// What is written.
pub(super) struct Output<'a> {
    pub shared: &'a Shared<'a>,
    pub bias: &'a [f32],
    pub h: usize,
    pub w: usize,
}

/// The runs of the tiles `tiles`, counted through all pictures.
pub(super) fn runs(tiles: Range<usize>, tall: usize, wide: usize) -> Vec<Run> {
    let mut runs = Vec::with_capacity(COLS);
    let mut at = tiles.start;
    while at < tiles.end {
        let (line, left) = (at / wide, at % wide);
        let count = (wide - left).min(tiles.end - at);
        let place = at - tiles.start;
        runs.push(Run { picture: line / tall, top: line % tall, left, count, place, lane: place + runs.len() });
        at += count;
    }
    runs
}

/// Turns the kernels of one block of outputs, `rows` `[outputs, k, 9]`, into their place in `packed` `[16][blocks][k][12]`.
pub(super) fn pack(rows: &[f32], (block, blocks): (usize, usize), k: usize, packed: &mut [f32]) {
    let all = packed.chunks_exact_mut(blocks * k * ROWS);
    let mut places: Vec<&mut [f32]> = all.filter_map(|all| all.chunks_exact_mut(k * ROWS).nth(block)).collect();
    for term in 0..k {
        let mut turned = [[0.0f32; ROWS]; PLACES];
        for (r, row) in rows.chunks_exact(k * 9).enumerate().take(ROWS) {
            if let Some(kernel) = row[term * 9..].first_chunk::<9>() {
                for (to, value) in turned.iter_mut().zip(turn_kernel(kernel)) {
                    to[r] = value;
                }
            }
        }
        for (place, values) in places.iter_mut().zip(&turned) {
            place[term * ROWS..(term + 1) * ROWS].copy_from_slice(values);
        }
    }
}

/// By halves of sums of its rows, and then of its columns.
fn turn_kernel(kernel: &[f32; 9]) -> [f32; PLACES] {
    let three = |a: f32, b: f32, c: f32| [a, ((a + c) + b) * 0.5, ((a + c) - b) * 0.5, c];
    let columns: [[f32; SIDE]; 3] = std::array::from_fn(|c| three(kernel[c], kernel[3 + c], kernel[6 + c]));
    let mut turned = [0.0; PLACES];
    for (i, row) in turned.as_chunks_mut::<SIDE>().0.iter_mut().enumerate() {
        *row = three(columns[0][i], columns[1][i], columns[2][i]);
    }
    turned
}

wide! {
    /// Turns the tiles of a panel into rows `rows` of their places, `[place][term][32]`, `size` floats from place to place.
    pub(super) fn turn(
        input: &Input<'_>,
        runs: &[Run],
        terms: Range<usize>,
        rows: Range<usize>,
        size: usize,
        turned: &mut [f32],
    ) {
        let height = rows.len();
        // What lies beyond the left and right edges is never written.
        let mut lines = [[0.0f32; LINE]; LINES];
        let mut first = terms.start;
        while first < terms.end {
            // As many terms as there are lines for, of one tap.
            let (tap, channel) = (first / input.channels, first % input.channels);
            let count = (LINES / height).min(terms.end - first).min(input.channels - channel);
            for run in runs {
                down::<V4>(input, run, (tap, channel), rows.start, lines[..count * height].chunks_exact_mut(height));
            }
            for (i, turned) in turned.chunks_exact_mut(SIDE * size).enumerate() {
                let lines = lines[..count * height].iter().skip(i).step_by(height);
                along::<V4>(&lines, runs, turned, size, (first - terms.start) * COLS);
            }
            first += count;
        }
    }
}

/// Sums of the rows of a run's tiles, one below the other, still as columns of the picture: some channels, each into as many lines
/// as there are rows from `first` on.
#[inline(always)]
fn down<'a, const V4: bool>(
    input: &Input<'_>,
    run: &Run,
    (tap, channel): (usize, usize),
    first: usize,
    lines: impl Iterator<Item = &'a mut [[f32; LINE]]>,
) {
    let (h, w) = (input.h, input.w);
    let (from, count, at) = run.columns(w);
    let source = input.seen.get(run.picture * input.taps + tap).copied().flatten();
    let start = source.map_or(input.x.len(), |source| (source * input.channels + channel) * h * w);
    let planes = input.x.get(start..).unwrap_or(&[]).chunks_exact(h * w).chain(std::iter::repeat(&[][..]));
    // Where each of the four rows begins in its plane; nowhere for those outside.
    let starts: [usize; SIDE] = std::array::from_fn(|r| match (2 * run.top + r).checked_sub(1) {
        Some(y) if y < h => y * w + from,
        _ => h * w,
    });
    for (lines, plane) in lines.zip(planes) {
        let row = |r: usize| plane.get(starts[r]..starts[r] + count).unwrap_or(&ZEROS[..count]);
        #[cfg(target_arch = "x86_64")]
        if let (true, [l0, l1, l2, l3]) = (V4, &mut *lines) {
            let to =
                [&mut l0[at..at + count], &mut l1[at..at + count], &mut l2[at..at + count], &mut l3[at..at + count]];
            // SAFETY: only code for processors with AVX-512 is compiled with `V4`.
            unsafe { add_all_v4([row(0), row(1), row(2), row(3)], to, AHEAD * h * w) };
            continue;
        }
        for (line, (a, b, sign)) in lines.iter_mut().zip(TURN.into_iter().skip(first)) {
            let to = &mut line[at..at + count];
            #[cfg(target_arch = "x86_64")]
            if V4 {
                // SAFETY: only code for processors with AVX-512 is compiled with `V4`.
                unsafe { add_rows_v4(row(a), row(b), sign, to, AHEAD * h * w) };
                continue;
            }
            to.iter_mut().zip(row(a).iter().zip(row(b))).for_each(|(to, (a, b))| *to = a + sign * b);
        }
    }
}

/// `to = a + sign · b`, and word to the memory that the same places `ahead` further on come soon.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f")]
fn add_rows_v4(a: &[f32], b: &[f32], sign: f32, to: &mut [f32], ahead: usize) {
    use std::arch::x86_64::{
        _MM_HINT_T0, _mm_prefetch, _mm512_fmadd_ps, _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps, _mm512_set1_ps,
    };
    let count = a.len().min(b.len()).min(to.len());
    let sign = _mm512_set1_ps(sign);
    for at in (0..count).step_by(STEP) {
        let mask = first_v4(count - at);
        // SAFETY: the mask keeps reads and writes within `count`; announcing reads nothing, so any address will do.
        unsafe {
            let (a, b) = (a.as_ptr().add(at), b.as_ptr().add(at));
            _mm_prefetch::<_MM_HINT_T0>(a.wrapping_add(ahead).cast());
            _mm_prefetch::<_MM_HINT_T0>(b.wrapping_add(ahead).cast());
            let sum = _mm512_fmadd_ps(sign, _mm512_maskz_loadu_ps(mask, b), _mm512_maskz_loadu_ps(mask, a));
            _mm512_mask_storeu_ps(to.as_mut_ptr().add(at), mask, sum);
        }
    }
}

/// All four sums of four rows, as `TURN` has them.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f")]
fn add_all_v4(rows: [&[f32]; SIDE], mut to: [&mut [f32]; SIDE], ahead: usize) {
    use std::arch::x86_64::{
        _MM_HINT_T0, _mm_prefetch, _mm512_add_ps, _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps, _mm512_sub_ps,
    };
    let count = rows.iter().map(|row| row.len()).chain(to.iter().map(|to| to.len())).min().unwrap_or(0);
    for at in (0..count).step_by(STEP) {
        let mask = first_v4(count - at);
        // SAFETY: the mask keeps reads and writes within `count`; announcing reads nothing, so any address will do.
        unsafe {
            let [d0, d1, d2, d3] = rows.map(|row| {
                let start = row.as_ptr().add(at);
                _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(ahead).cast());
                _mm512_maskz_loadu_ps(mask, start)
            });
            let sums = [_mm512_sub_ps(d0, d2), _mm512_add_ps(d1, d2), _mm512_sub_ps(d2, d1), _mm512_sub_ps(d1, d3)];
            for (to, sum) in to.iter_mut().zip(sums) {
                _mm512_mask_storeu_ps(to.as_mut_ptr().add(at), mask, sum);
            }
        }
    }
}

/// A mask of the first `count` of sixteen.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn first_v4(count: usize) -> u16 {
    if count < STEP { (1 << count) - 1 } else { u16::MAX }
}

/// The four places of each tile of a panel, from one row of columns a term.
#[inline(always)]
fn along<'a, const V4: bool>(
    lines: &(impl Iterator<Item = &'a [f32; LINE]> + Clone),
    runs: &[Run],
    turned: &mut [f32],
    size: usize,
    first: usize,
) {
    let mut places = turned.chunks_exact_mut(size);
    let (Some(p0), Some(p1), Some(p2), Some(p3)) = (places.next(), places.next(), places.next(), places.next()) else {
        return;
    };
    for run in runs {
        for step in (0..run.count).step_by(STEP) {
            let count = STEP.min(run.count - step);
            let (from, mut at) = (2 * (run.lane + step), first + run.place + step);
            for line in lines.clone() {
                let Some(columns) = line[from..].first_chunk::<{ 2 * STEP + 2 }>() else { return };
                let here = at..at + count;
                let places = [&mut p0[here.clone()], &mut p1[here.clone()], &mut p2[here.clone()], &mut p3[here]];
                at += COLS;
                #[cfg(target_arch = "x86_64")]
                if V4 {
                    // SAFETY: only code for processors with AVX-512 is compiled with `V4`.
                    unsafe { split_v4(columns, places) };
                    continue;
                }
                let [p0, p1, p2, p3] = places;
                for (t, (((p0, p1), p2), p3)) in p0.iter_mut().zip(p1).zip(p2).zip(p3).enumerate() {
                    let (a, b, c, d) = (columns[2 * t], columns[2 * t + 1], columns[2 * t + 2], columns[2 * t + 3]);
                    (*p0, *p1, *p2, *p3) = (a - c, b + c, c - b, b - d);
                }
            }
        }
    }
}

/// As many tiles as the places take, at most sixteen.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f")]
fn split_v4(columns: &[f32; 2 * STEP + 2], places: [&mut [f32]; SIDE]) {
    use std::arch::x86_64::{
        _mm512_add_ps, _mm512_loadu_ps, _mm512_mask_storeu_ps, _mm512_permutex2var_ps, _mm512_setr_epi32, _mm512_sub_ps,
    };
    let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    let start = columns.as_ptr();
    // SAFETY: 34 floats are there.
    let (low, high, low2, high2) = unsafe {
        (
            _mm512_loadu_ps(start),
            _mm512_loadu_ps(start.add(STEP)),
            _mm512_loadu_ps(start.add(2)),
            _mm512_loadu_ps(start.add(STEP + 2)),
        )
    };
    let (a, b) = (_mm512_permutex2var_ps(low, even, high), _mm512_permutex2var_ps(low, odd, high));
    let (c, d) = (_mm512_permutex2var_ps(low2, even, high2), _mm512_permutex2var_ps(low2, odd, high2));
    let sums = [_mm512_sub_ps(a, c), _mm512_add_ps(b, c), _mm512_sub_ps(c, b), _mm512_sub_ps(b, d)];
    for (place, sum) in places.into_iter().zip(sums) {
        // SAFETY: the mask keeps writes within the place.
        unsafe { _mm512_mask_storeu_ps(place.as_mut_ptr(), first_v4(place.len()), sum) };
    }
}

wide! {
    /// Turns the sums of one block of outputs back into pixels: those of rows `row..` of the places, written with the bias by row 0,
    /// added by the others. The block begins at `channel` and has `height` outputs.
    ///
    /// No other task may write these tiles of these channels.
    pub(super) fn turn_back(
        sums: &[Tile],
        runs: &[Run],
        row: usize,
        block: (usize, usize),
        to: &Output<'_>,
    ) {
        let (channel, height) = block;
        let mut lines = [[[0.0f32; 2 * COLS]; 2]; ROWS];
        for (r, [upper, lower]) in lines.iter_mut().enumerate().take(height) {
            for half in 0..COLS / STEP {
                let at = r * COLS + half * STEP;
                let (Some(upper), Some(lower)) = (
                    upper[2 * half * STEP..].first_chunk_mut::<{ 2 * STEP }>(),
                    lower[2 * half * STEP..].first_chunk_mut::<{ 2 * STEP }>(),
                ) else {
                    return;
                };
                #[cfg(target_arch = "x86_64")]
                if V4 {
                    // SAFETY: only code for processors with AVX-512 is compiled with `V4`.
                    unsafe { join_v4(sums, at, row, upper, lower) };
                    continue;
                }
                join(sums, at, row, upper, lower);
            }
        }
        let (h, w) = (to.h, to.w);
        for (r, lines) in lines.iter().enumerate().take(height) {
            let Some(bias) = to.bias.get(channel + r).copied() else { return };
            for run in runs {
                let plane = (run.picture * to.bias.len() + channel + r) * h * w;
                let pixels = (2 * run.count).min(w - 2 * run.left);
                for (line, y) in lines.iter().zip(2 * run.top..h) {
                    // SAFETY: every tile belongs to one task's panels, every channel to one split.
                    let to = unsafe { to.shared.part(plane + y * w + 2 * run.left, pixels) };
                    let from = &line[2 * run.place..][..pixels];
                    #[cfg(target_arch = "x86_64")]
                    if V4 {
                        // SAFETY: only code for processors with AVX-512 is compiled with `V4`.
                        unsafe { put_v4(from, (row == 0).then_some(bias), to) };
                        continue;
                    }
                    match row {
                        0 => to.iter_mut().zip(from).for_each(|(to, x)| *to = bias + x),
                        _ => to.iter_mut().zip(from).for_each(|(to, x)| *to += x),
                    }
                }
            }
        }
    }
}

/// Sixteen tiles of one output, from place `at` of each tile of sums.
#[inline(always)]
fn join(sums: &[Tile], at: usize, row: usize, upper: &mut [f32; 2 * STEP], lower: &mut [f32; 2 * STEP]) {
    let mut pixels = [[0.0f32; STEP]; 4];
    for (sums, [up, low]) in sums.as_chunks::<SIDE>().0.iter().zip(BACK.into_iter().skip(row)) {
        let [m0, m1, m2, m3] = [&sums[0][at..], &sums[1][at..], &sums[2][at..], &sums[3][at..]];
        for t in 0..STEP {
            let (left, right) = (m0[t] + m1[t] + m2[t], m1[t] - m2[t] - m3[t]);
            pixels[0][t] += up * left;
            pixels[1][t] += up * right;
            pixels[2][t] += low * left;
            pixels[3][t] += low * right;
        }
    }
    for t in 0..STEP {
        (upper[2 * t], upper[2 * t + 1]) = (pixels[0][t], pixels[1][t]);
        (lower[2 * t], lower[2 * t + 1]) = (pixels[2][t], pixels[3][t]);
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f")]
fn join_v4(sums: &[Tile], at: usize, row: usize, upper: &mut [f32; 2 * STEP], lower: &mut [f32; 2 * STEP]) {
    use std::arch::x86_64::{
        _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_permutex2var_ps, _mm512_set1_ps, _mm512_setr_epi32,
        _mm512_setzero_ps, _mm512_storeu_ps, _mm512_sub_ps,
    };
    assert!(at + STEP <= ROWS * COLS, "sixteen tiles end within a tile of sums");
    let low_half = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    let high_half = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    let mut pixels = [_mm512_setzero_ps(); 4];
    for (sums, [up, low]) in sums.as_chunks::<SIDE>().0.iter().zip(BACK.into_iter().skip(row)) {
        // SAFETY: in bounds by the assertion above.
        let m: [_; SIDE] = std::array::from_fn(|i| unsafe { _mm512_loadu_ps(sums[i].as_ptr().add(at)) });
        let left = _mm512_add_ps(_mm512_add_ps(m[0], m[1]), m[2]);
        let right = _mm512_sub_ps(_mm512_sub_ps(m[1], m[2]), m[3]);
        let (up, low) = (_mm512_set1_ps(up), _mm512_set1_ps(low));
        pixels[0] = _mm512_fmadd_ps(up, left, pixels[0]);
        pixels[1] = _mm512_fmadd_ps(up, right, pixels[1]);
        pixels[2] = _mm512_fmadd_ps(low, left, pixels[2]);
        pixels[3] = _mm512_fmadd_ps(low, right, pixels[3]);
    }
    // SAFETY: each line has 32 floats.
    unsafe {
        _mm512_storeu_ps(upper.as_mut_ptr(), _mm512_permutex2var_ps(pixels[0], low_half, pixels[1]));
        _mm512_storeu_ps(upper.as_mut_ptr().add(STEP), _mm512_permutex2var_ps(pixels[0], high_half, pixels[1]));
        _mm512_storeu_ps(lower.as_mut_ptr(), _mm512_permutex2var_ps(pixels[2], low_half, pixels[3]));
        _mm512_storeu_ps(lower.as_mut_ptr().add(STEP), _mm512_permutex2var_ps(pixels[2], high_half, pixels[3]));
    }
}

/// `from` and a bias, or added to what is there.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f")]
fn put_v4(from: &[f32], bias: Option<f32>, to: &mut [f32]) {
    use std::arch::x86_64::{_mm512_add_ps, _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps, _mm512_set1_ps};
    let count = from.len().min(to.len());
    for at in (0..count).step_by(STEP) {
        let mask = first_v4(count - at);
        // SAFETY: the mask keeps reads and writes within `count`.
        unsafe {
            let base = match bias {
                Some(bias) => _mm512_set1_ps(bias),
                None => _mm512_maskz_loadu_ps(mask, to.as_ptr().add(at)),
            };
            let sum = _mm512_add_ps(base, _mm512_maskz_loadu_ps(mask, from.as_ptr().add(at)));
            _mm512_mask_storeu_ps(to.as_mut_ptr().add(at), mask, sum);
        }
    }
}
