//! RGB → Y′CbCr as H.264 wants it: BT.709, limited range (16…235, 16…240), 4:2:0 with chroma sited left.
//!
//! Left is where decoders take chroma to be when a stream does not say; a sample is the mean of two rows and of ¼ ½ ¼ across.
//! Whole numbers: 15-bit coefficients that sum exactly, so that grey has no colour and white is 235.

use crate::wide::{times, wide};
use rayon::prelude::*;

/// How the planes lie in memory, without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// Y, then Cb, then Cr.
    I420 = 0,
    /// Y, then Cb and Cr interleaved.
    Nv12 = 1,
}

/// Bytes of a frame of video.
pub fn video_length(width: usize, height: usize) -> usize {
    width * height + 2 * width.div_ceil(2) * height.div_ceil(2)
}

const LUMA: [i16; 3] = [5983, 20127, 2032];
const BLUE: [i16; 3] = [-3298, -11094, 14392];
const RED: [i16; 3] = [14392, -13072, -1320];

/// Converts planes of `width · height` bytes. Planes of another length give black.
pub fn video(planes: [&[u8]; 3], width: usize, height: usize, layout: Layout) -> Vec<u8> {
    let mut bytes = vec![0; video_length(width, height)];
    let pixels = width * height;
    if pixels == 0 || planes.iter().any(|plane| plane.len() != pixels) {
        let (luma, chroma) = bytes.split_at_mut(pixels);
        luma.fill(16);
        chroma.fill(128);
        return bytes;
    }
    let columns = width.div_ceil(2);
    let (luma, chroma) = bytes.split_at_mut(pixels);
    let rows = |y: usize| planes.map(|plane| plane.get(y * width..(y + 1) * width).unwrap_or(&[]));
    let pair = |y: usize| [rows(2 * y), rows((2 * y + 1).min(height - 1))];
    let luma = luma.par_chunks_mut(2 * width).enumerate();
    match layout {
        Layout::I420 => {
            let (blue, red) = chroma.split_at_mut(columns * height.div_ceil(2));
            luma.zip(blue.par_chunks_mut(columns).zip(red.par_chunks_mut(columns))).for_each_init(
                Chroma::default,
                |sums, ((y, luma), (blue, red))| {
                    video_rows(pair(y), sums, luma, blue, red);
                },
            );
        }
        Layout::Nv12 => luma.zip(chroma.par_chunks_mut(2 * columns)).for_each(|((y, luma), chroma)| {
            let (mut blue, mut red) = (vec![0; columns], vec![0; columns]);
            video_rows(pair(y), &mut Chroma::default(), luma, &mut blue, &mut red);
            for (pair, (blue, red)) in chroma.as_chunks_mut::<2>().0.iter_mut().zip(blue.into_iter().zip(red)) {
                *pair = [blue, red];
            }
        }),
    }
    bytes
}

/// What a pair of rows is worked out in, kept for the next pair.
#[derive(Debug, Default)]
pub struct Chroma {
    sums: [Vec<i16>; 3],
    /// Of one channel: both rows together, with the edges repeated.
    both: Vec<i16>,
}

/// Two rows of colour as two rows of luma (one, where `luma` has room for one: an odd frame's last, given twice) and one of chroma.
pub fn video_rows(
    [upper, lower]: [[&[u8]; 3]; 2],
    chroma: &mut Chroma,
    luma: &mut [u8],
    blue: &mut [u8],
    red: &mut [u8],
) {
    for ([r, g, b], luma) in [upper, lower].into_iter().zip(luma.chunks_mut(upper[0].len().max(1))) {
        luma_row(r, g, b, luma);
    }
    let Chroma { sums, both } = chroma;
    for ((upper, lower), sums) in upper.into_iter().zip(lower).zip(sums.iter_mut()) {
        sums.resize(blue.len(), 0);
        both.resize(2 * blue.len() + 2, 0);
        around(upper, lower, both, sums);
    }
    let [r, g, b] = sums;
    mix(r, g, b, BLUE, blue);
    mix(r, g, b, RED, red);
}

wide! {
    fn luma_row(red: &[u8], green: &[u8], blue: &[u8], out: &mut [u8]) {
        for (((out, red), green), blue) in out.iter_mut().zip(red).zip(green).zip(blue) {
            let sum = times(i16::from(*red) << 7, LUMA[0])
                .wrapping_add(times(i16::from(*green) << 7, LUMA[1]))
                .wrapping_add(times(i16::from(*blue) << 7, LUMA[2]));
            *out = (16 + (sum.wrapping_add(64) >> 7)) as u8;
        }
    }
}

wide! {
    /// Eight times the mean about each even column of two rows.
    fn around(upper: &[u8], lower: &[u8], both: &mut [i16], sums: &mut [i16]) {
        let width = upper.len().min(lower.len());
        // Column x is at x + 1.
        for ((both, upper), lower) in both.iter_mut().skip(1).zip(upper).zip(lower) {
            *both = i16::from(*upper) + i16::from(*lower);
        }
        if let (Some(first), Some(last)) = (both.get(1).copied(), both.get(width).copied()) {
            if let Some(slot) = both.first_mut() {
                *slot = first;
            }
            for slot in both.iter_mut().skip(width + 1) {
                *slot = last;
            }
        }
        let pairs = both.as_chunks::<2>().0;
        for ((sum, pair), next) in sums.iter_mut().zip(pairs).zip(pairs.iter().skip(1)) {
            *sum = pair[0] + 2 * pair[1] + next[0];
        }
    }
}

wide! {
    fn mix(red: &[i16], green: &[i16], blue: &[i16], by: [i16; 3], out: &mut [u8]) {
        for (((out, red), green), blue) in out.iter_mut().zip(red).zip(green).zip(blue) {
            let sum = times(*red << 4, by[0])
                .wrapping_add(times(*green << 4, by[1]))
                .wrapping_add(times(*blue << 4, by[2]));
            *out = (128 + (sum.wrapping_add(64) >> 7)) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(r: u8, g: u8, b: u8) -> [u8; 3] {
        let (width, height) = (6, 4);
        let plane = |value: u8| vec![value; width * height];
        let bytes = video([&plane(r), &plane(g), &plane(b)], width, height, Layout::I420);
        assert!(bytes[..24].iter().all(|&y| y == bytes[0]));
        [bytes[0], bytes[24], bytes[24 + 6]]
    }

    #[test]
    fn the_corners_of_the_cube_are_where_bt709_puts_them() {
        for (rgb, yuv) in [
            ((0, 0, 0), [16, 128, 128]),
            ((255, 255, 255), [235, 128, 128]),
            ((255, 0, 0), [63, 102, 240]),
            ((0, 255, 0), [173, 42, 26]),
            ((0, 0, 255), [32, 240, 118]),
            ((128, 128, 128), [126, 128, 128]),
        ] {
            assert_eq!(flat(rgb.0, rgb.1, rgb.2), yuv, "{rgb:?}");
        }
    }

    #[test]
    fn every_colour_is_within_one_of_the_formula() {
        for i in 0..4096_u32 {
            let [r, g, b] = [i % 16 * 17, i / 16 % 16 * 17, i / 256 * 17].map(|x| x as u8);
            let [rf, gf, bf] = [r, g, b].map(|x| f64::from(x) / 255.0);
            let y = 0.2126 * rf + 0.7152 * gf + 0.0722 * bf;
            let want = [16.0 + 219.0 * y, 128.0 + 224.0 * (bf - y) / 1.8556, 128.0 + 224.0 * (rf - y) / 1.5748];
            for (got, want) in flat(r, g, b).into_iter().zip(want) {
                assert!((f64::from(got) - want).abs() < 0.6, "{r} {g} {b}: {got} is not {want}");
            }
        }
    }

    #[test]
    fn odd_sizes_and_both_layouts_hold_the_same_samples() {
        for (width, height) in [(1, 1), (3, 5), (7, 2), (8, 8)] {
            let plane: Vec<u8> = (0..width * height).map(|i| (i * 37 % 256) as u8).collect();
            let i420 = video([&plane, &plane, &plane], width, height, Layout::I420);
            let nv12 = video([&plane, &plane, &plane], width, height, Layout::Nv12);
            assert_eq!(i420.len(), video_length(width, height));
            assert_eq!(i420.len(), nv12.len());
            let chroma = (i420.len() - width * height) / 2;
            let (blue, red) = i420[width * height..].split_at(chroma);
            let woven: Vec<u8> = blue.iter().zip(red).flat_map(|(&b, &r)| [b, r]).collect();
            assert_eq!(woven, nv12[width * height..]);
        }
    }
}
