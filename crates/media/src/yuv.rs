//! RGBA to planar 4:2:0, BT.709, limited range: the picture as every H.264 and VP9 player expects it.
//!
//! Chroma is sited as H.264 defaults to (level with the left luma column, between the rows), filtered 1-2-1 across and averaged down,
//! and rounded once. It is our own because it decides the film's colours: a generic converter guesses siting and rounds twice.
//! Whole-number arithmetic only, so every machine makes the same bytes.

use rayon::prelude::*;

/// Fraction bits of the matrix.
const SHIFT: i32 = 14;
const fn scaled(value: f64) -> i32 {
    let scaled = value * (1 << SHIFT) as f64;
    (if scaled < 0.0 { scaled - 0.5 } else { scaled + 0.5 }) as i32
}
const KR: f64 = 0.2126;
const KB: f64 = 0.0722;
const LUMA: f64 = 219.0 / 255.0;
const CHROMA: f64 = 224.0 / 255.0;

const YR: i32 = scaled(KR * LUMA);
const YB: i32 = scaled(KB * LUMA);
/// The rest, so that white is exactly 235.
const YG: i32 = scaled(LUMA) - YR - YB;
const UR: i32 = scaled(-KR / (1.0 - KB) / 2.0 * CHROMA);
const UB: i32 = scaled(CHROMA / 2.0);
/// The rest, so that grey has no colour at all.
const UG: i32 = -UR - UB;
const VR: i32 = scaled(CHROMA / 2.0);
const VB: i32 = scaled(-KB / (1.0 - KR) / 2.0 * CHROMA);
const VG: i32 = -VR - VB;

/// Planes one after the other without padding: Y, then U, then V. Width and height are even.
pub fn bytes(width: u32, height: u32) -> usize {
    width as usize * height as usize * 3 / 2
}

/// Fills `planes` (of [`bytes`] bytes) from `rgba`; anything that does not fit together is left as it was.
pub fn from_rgba(width: u32, height: u32, rgba: &[u8], planes: &mut [u8]) {
    let (w, h) = (width as usize, height as usize);
    if w == 0
        || !w.is_multiple_of(2)
        || !h.is_multiple_of(2)
        || rgba.len() != w * h * 4
        || planes.len() != bytes(width, height)
    {
        return;
    }
    let (luma, chroma) = planes.split_at_mut(w * h);
    let (u, v) = chroma.split_at_mut(w * h / 4);
    // Bands of sixteen rows: small enough to spread, large enough not to notice.
    const BAND: usize = 16;
    luma.par_chunks_mut(w * BAND)
        .zip(u.par_chunks_mut(w / 2 * BAND / 2))
        .zip(v.par_chunks_mut(w / 2 * BAND / 2))
        .zip(rgba.par_chunks(w * 4 * BAND))
        .for_each_init(
            || vec![0u64; w],
            |sums, (((luma, u), v), rgba)| {
                let rows = luma.chunks_exact_mut(w * 2).zip(u.chunks_exact_mut(w / 2)).zip(v.chunks_exact_mut(w / 2));
                for (((luma, u), v), rgba) in rows.zip(rgba.chunks_exact(w * 8)) {
                    row_pair(rgba, luma, u, v, sums);
                }
            },
        );
}

/// Two rows of luma and the row of chroma between them.
fn row_pair(rgba: &[u8], luma: &mut [u8], u: &mut [u8], v: &mut [u8], sums: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor was just asked whether it has AVX2.
        return unsafe { row_pair_avx2(rgba, luma, u, v, sums) };
    }
    row_pair_plain(rgba, luma, u, v, sums);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn row_pair_avx2(rgba: &[u8], luma: &mut [u8], u: &mut [u8], v: &mut [u8], sums: &mut [u64]) {
    row_pair_plain(rgba, luma, u, v, sums);
}

#[inline(always)]
fn row_pair_plain(rgba: &[u8], luma: &mut [u8], u: &mut [u8], v: &mut [u8], sums: &mut [u64]) {
    let (above, below) = rgba.split_at(rgba.len() / 2);
    let (above, below) = (above.as_chunks::<4>().0, below.as_chunks::<4>().0);
    let (luma_above, luma_below) = luma.split_at_mut(luma.len() / 2);
    for (row, luma) in [(above, luma_above), (below, luma_below)] {
        for (&pixel, y) in row.iter().zip(luma) {
            // Taken apart by shifts, not by bytes: that is what vectorises.
            let pixel = u32::from_le_bytes(pixel);
            let (r, g, b) = ((pixel & 255) as i32, (pixel >> 8 & 255) as i32, (pixel >> 16 & 255) as i32);
            *y = ((YR * r + YG * g + YB * b + (16 << SHIFT) + (1 << (SHIFT - 1))) >> SHIFT) as u8;
        }
    }
    // Each sum holds red, blue and green 16 bits apart; eight times 255 stays below them.
    let spread = |pixel: [u8; 4]| {
        let pixel = u64::from(u32::from_le_bytes(pixel));
        pixel & 0x00ff_00ff | (pixel & 0xff00) << 24
    };
    for ((&above, &below), sum) in above.iter().zip(below).zip(sums.iter_mut()) {
        *sum = spread(above) + spread(below);
    }
    // Weights sum to eight: three more bits to shift away.
    const HALF: i32 = 1 << (SHIFT + 2);
    const OFFSET: i32 = 128 << (SHIFT + 3);
    let pairs = sums.as_chunks::<2>().0;
    // Left of the picture lies its first column again.
    let lefts = sums.iter().take(1).copied().chain(pairs.iter().map(|pair| pair[1]));
    for ((&[middle, right], left), (u, v)) in pairs.iter().zip(lefts).zip(u.iter_mut().zip(v)) {
        let mixed = left + 2 * middle + right;
        let (r, b, g) = ((mixed & 0xffff) as i32, (mixed >> 16 & 0xffff) as i32, (mixed >> 32) as i32);
        *u = ((UR * r + UG * g + UB * b + OFFSET + HALF) >> (SHIFT + 3)) as u8;
        *v = ((VR * r + VG * g + VB * b + OFFSET + HALF) >> (SHIFT + 3)) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, in floating point and one pixel at a time.
    fn reference(w: usize, h: usize, rgba: &[u8]) -> Vec<f64> {
        let at = |x: i64, y: usize, c: usize| f64::from(rgba[(y * w + x.clamp(0, w as i64 - 1) as usize) * 4 + c]);
        let grey = |r: f64, g: f64, b: f64| KR * r + (1.0 - KR - KB) * g + KB * b;
        let mut out = Vec::new();
        for y in 0..h {
            for x in 0..w as i64 {
                out.push(16.0 + LUMA * grey(at(x, y, 0), at(x, y, 1), at(x, y, 2)));
            }
        }
        for plane in 0..2 {
            for y in (0..h).step_by(2) {
                for x in (0..w as i64).step_by(2) {
                    let mix = |c| {
                        [(-1, 1.0), (0, 2.0), (1, 1.0)]
                            .iter()
                            .map(|&(d, k)| k * (at(x + d, y, c) + at(x + d, y + 1, c)))
                            .sum::<f64>()
                            / 8.0
                    };
                    let (r, g, b) = (mix(0), mix(1), mix(2));
                    let luma = grey(r, g, b);
                    let difference =
                        if plane == 0 { (b - luma) / (2.0 * (1.0 - KB)) } else { (r - luma) / (2.0 * (1.0 - KR)) };
                    out.push(128.0 + CHROMA * difference);
                }
            }
        }
        out
    }

    #[test]
    fn colours_are_within_one_rounding_of_the_definition() {
        let (w, h) = (70, 36);
        let mut seed = 7u32;
        let rgba: Vec<u8> = (0..w * h * 4)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        let mut planes = vec![0; bytes(w as u32, h as u32)];
        from_rgba(w as u32, h as u32, &rgba, &mut planes);
        let worst =
            reference(w, h, &rgba).iter().zip(&planes).map(|(a, &b)| (a - f64::from(b)).abs()).fold(0.0, f64::max);
        assert!(worst < 0.52, "largest difference {worst}");
    }

    #[test]
    fn black_white_and_grey_are_exact_and_have_no_colour() {
        for (value, luma) in [(0u8, 16u8), (255, 235), (128, 126)] {
            let mut planes = vec![0; bytes(32, 32)];
            from_rgba(32, 32, &[value, value, value, 255].repeat(32 * 32), &mut planes);
            assert!(planes[..1024].iter().all(|&y| y == luma), "{value} → {}", planes[0]);
            assert!(planes[1024..].iter().all(|&c| c == 128));
        }
    }
}
