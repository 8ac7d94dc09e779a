//! The definition of scaling: across first, then down, in 16-bit numbers of 1/32 code value.
//!
//! Rows of the result are independent; [`scale`] spreads them over the processor's cores. Going across is in `across.rs`.

use super::across::{Bound, bounds, kernel_across, pairs_across};
use super::{Scaling, two_coloured};
use crate::Picture;
use crate::wide::{Lanes, Sixteen, each, sixteen, wide, wide_lanes};
use rayon::prelude::*;

/// 1/32 code value.
pub(super) const FRACTION: i16 = 32;
/// Scales all planes.
pub fn scale(picture: &Picture, scaling: &Scaling) -> Option<Picture> {
    scale_into([const { Vec::new() }; 4], picture, scaling)
}

/// The same, into the memory of a picture that is no longer needed: fresh memory takes about a quarter as long again.
pub fn scale_into(mut planes: [Vec<u8>; 4], picture: &Picture, scaling: &Scaling) -> Option<Picture> {
    if scaling.across.source != picture.width() || scaling.down.source != picture.height() {
        return None;
    }
    let (width, height) = (scaling.across.target(), scaling.down.target());
    if width == 0 || height == 0 {
        return None;
    }
    let halves: Vec<Across> =
        picture.planes().iter().map(|plane| Across::new(plane, picture.width(), scaling)).collect();
    let allowed = scaling.steepens().then(|| pairs_across(&two_coloured(picture), picture.width(), &scaling.across));
    for (index, plane) in planes.iter_mut().enumerate() {
        plane.resize(if index < halves.len() { width * height } else { 0 }, 0);
    }
    // All channels of a row together: what they share is made once.
    let mut rows: Vec<Vec<&mut [u8]>> = (0..height).map(|_| Vec::with_capacity(halves.len())).collect();
    for plane in planes.iter_mut().take(halves.len()) {
        for (channels, row) in rows.iter_mut().zip(plane.chunks_mut(width)) {
            channels.push(row);
        }
    }
    let scratch = || Scratch { edge: vec![scaling.edge; width], sums: vec![0; width], exact: vec![0; width] };
    rows.into_par_iter().enumerate().for_each_init(scratch, |scratch, (y, channels)| {
        if let Some((allowed, &(start, weights))) = allowed.as_ref().zip(scaling.down.pairs.get(y)) {
            let rows = [line(allowed, width, start), line(allowed, width, start.saturating_add(1))];
            steepness(rows, weights, scaling.edge, &mut scratch.edge);
        }
        for (half, out) in halves.iter().zip(channels) {
            half.row(scaling, y, scratch, out);
        }
    });
    Picture::from_planes(width, height, planes)
}

/// Rows that a task uses again and again.
struct Scratch {
    /// How steep each pixel is made; the same for all channels.
    edge: Vec<i16>,
    sums: Vec<i16>,
    exact: Vec<i32>,
}

/// One plane, scaled across and not yet down.
struct Across {
    width: usize,
    base: Vec<i16>,
    /// Least and greatest of the neighbours; empty when not held.
    low: Vec<i16>,
    high: Vec<i16>,
}

impl Across {
    fn new(plane: &[u8], source_width: usize, scaling: &Scaling) -> Self {
        let table = &scaling.across;
        let bound = |bound| match scaling.held {
            true => pairs_across(&bounds(plane, source_width, bound), source_width, table),
            false => Vec::new(),
        };
        Self {
            width: table.target(),
            base: kernel_across(plane, source_width, table),
            low: bound(Bound::Least),
            high: bound(Bound::Greatest),
        }
    }

    /// Row `y` of the target.
    fn row(&self, scaling: &Scaling, y: usize, scratch: &mut Scratch, out: &mut [u8]) {
        let table = &scaling.down;
        let Some((&start, weights)) = table.starts.get(y).zip(table.weights.chunks(table.taps).nth(y)) else { return };
        let Scratch { edge, sums, exact } = scratch;
        let row = |tap: usize| line(&self.base, self.width, start.saturating_add(tap as i32));
        match *weights {
            [a, b, c, d] => weigh_four([row(0), row(1), row(2), row(3)], [a, b, c, d], sums),
            [a, b, c, d, e, f] => {
                weigh_four([row(0), row(1), row(2), row(3)], [a, b, c, d], sums);
                weigh_two(row(4), row(5), [e, f], sums);
            }
            _ => {
                exact.fill(0x4000);
                for (tap, &weight) in weights.iter().enumerate() {
                    add_exact(row(tap), weight, exact);
                }
                for (sum, exact) in sums.iter_mut().zip(exact) {
                    *sum = (*exact >> 15) as i16;
                }
            }
        }
        match table.pairs.get(y) {
            Some(&(start, weights)) if scaling.held => {
                let pair = |rows| [line(rows, self.width, start), line(rows, self.width, start.saturating_add(1))];
                hold(sums, pair(&self.low), pair(&self.high), weights, edge, out);
            }
            _ => round(sums, out),
        }
    }
}

/// Row `row`, or the nearest one there is.
fn line(rows: &[i16], width: usize, row: i32) -> &[i16] {
    let last = (rows.len() / width.max(1)).saturating_sub(1);
    let row = (row.max(0) as usize).min(last);
    rows.get(row * width..(row + 1) * width).unwrap_or(&[])
}

wide_lanes! {
    /// Each product rounded by itself.
    fn weigh_four<L>(rows: [&[i16]; 4], weights: [i16; 4], sums: &mut [i16]) {
        let weights = weights.map(|weight| [weight; 16]);
        for (at, out) in (0..).step_by(16).zip(sums.chunks_mut(16)) {
            let [a, b, c, d] = rows;
            let upper = between::<L>([a, b], [weights[0], weights[1]], at);
            let sum = add(upper, between::<L>([c, d], [weights[2], weights[3]], at));
            put(sum, out);
        }
    }
}

wide_lanes! {
    /// Adds to what is there.
    fn weigh_two<L>(a: &[i16], b: &[i16], weights: [i16; 2], sums: &mut [i16]) {
        let weights = weights.map(|weight| [weight; 16]);
        for (at, out) in (0..).step_by(16).zip(sums.chunks_mut(16)) {
            let sum = between::<L>([a, b], weights, at);
            put(add(sixteen(out, 0), sum), out);
        }
    }
}

// Functions, not closures, and always inlined: only so are they compiled for the processor that was asked for.

/// Sixteen numbers between two rows.
#[inline(always)]
fn between<L: Lanes>(rows: [&[i16]; 2], weights: [Sixteen; 2], at: usize) -> Sixteen {
    add(L::times(sixteen(rows[0], at), weights[0]), L::times(sixteen(rows[1], at), weights[1]))
}

#[inline(always)]
fn within(x: Sixteen, low: Sixteen, high: Sixteen) -> Sixteen {
    each(each(x, low, Ord::max), high, Ord::min)
}

#[inline(always)]
fn add(a: Sixteen, b: Sixteen) -> Sixteen {
    each(a, b, i16::wrapping_add)
}

#[inline(always)]
fn put<T: Copy>(lanes: [T; 16], out: &mut [T]) {
    match out.first_chunk_mut::<16>() {
        Some(out) => *out = lanes,
        None => out.iter_mut().zip(lanes).for_each(|(out, lane)| *out = lane),
    }
}

wide! {
    fn add_exact(row: &[i16], weight: i16, sums: &mut [i32]) {
        for (sum, x) in sums.iter_mut().zip(row) {
            *sum += i32::from(*x) * i32::from(weight);
        }
    }
}

wide_lanes! {
    /// From what is allowed (255 · 32), between two rows, to how steep (4096 is not at all).
    fn steepness<L>(rows: [&[i16]; 2], weights: [i16; 2], edge: i16, out: &mut [i16]) {
        let weights = weights.map(|weight| [weight; 16]);
        let more = [edge.wrapping_sub(4096); 16];
        for (at, out) in (0..).step_by(16).zip(out.chunks_mut(16)) {
            let allowed = between::<L>(rows, weights, at);
            put(add(L::times(more, allowed.map(|x| x.wrapping_shl(2))), [4096; 16]), out);
        }
    }
}

wide_lanes! {
    /// Between the bounds, which lie between two rows each, and as steep about their middle as allowed.
    fn hold<L>(base: &[i16], low: [&[i16]; 2], high: [&[i16]; 2], weights: [i16; 2], edge: &[i16], out: &mut [u8]) {
        let weights = weights.map(|weight| [weight; 16]);
        for (at, out) in (0..).step_by(16).zip(out.chunks_mut(16)) {
            let (low, high) = (between::<L>(low, weights, at), between::<L>(high, weights, at));
            let middle = each(low, high, |low, high| low.wrapping_add(high) >> 1);
            let from_middle = each(within(sixteen(base, at), low, high), middle, i16::wrapping_sub);
            let steep = L::times(from_middle.map(|x| x.wrapping_shl(3)), sixteen(edge, at));
            let steep = within(add(middle, steep), low, high);
            put(steep.map(|x| (x.wrapping_add(FRACTION / 2) >> 5).clamp(0, 255) as u8), out);
        }
    }
}

wide! {
    fn round(base: &[i16], out: &mut [u8]) {
        for (out, base) in out.iter_mut().zip(base) {
            *out = (base.wrapping_add(FRACTION / 2) >> 5).clamp(0, 255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(width: usize, height: usize, value: u8) -> Picture {
        Picture::from_straight_rgba(width, height, &[value, value, value, 255].repeat(width * height)).expect("fits")
    }

    #[test]
    fn a_flat_picture_stays_exactly_flat() {
        for (from, to) in
            [((16, 9), (160, 90)), ((128, 72), (64, 36)), ((1, 1), (33, 7)), ((200, 100), (3, 2)), ((40, 40), (80, 20))]
        {
            for value in [0, 1, 17, 128, 254, 255] {
                let scaled = scale(&flat(from.0, from.1, value), &Scaling::fitting(from, to)).expect("scales");
                assert!(
                    scaled.planes().iter().all(|plane| plane.iter().all(|&x| x == value)),
                    "{from:?} to {to:?}, {value}"
                );
            }
        }
    }

    #[test]
    fn a_gradient_is_not_sharpened_and_an_edge_does_not_ring() {
        let ramp: Vec<u8> = (0..32 * 18).flat_map(|i| [(i % 32 * 8) as u8, 0, 0, 255]).collect();
        let picture = Picture::from_straight_rgba(32, 18, &ramp).expect("fits");
        let scaled = scale(&picture, &Scaling::new((32, 18), (320, 180), 4.0)).expect("scales");
        for (x, &value) in scaled.row(0, 90).iter().enumerate().skip(20).take(280) {
            let want = (x as f32 + 0.5) / 10.0 * 8.0 - 4.0;
            assert!((f32::from(value) - want).abs() <= 1.01, "at {x}: {value} is not {want}");
        }
        let step: Vec<u8> = (0..32 * 18).flat_map(|i| [if i % 32 < 16 { 40 } else { 200 }, 0, 0, 255]).collect();
        let picture = Picture::from_straight_rgba(32, 18, &step).expect("fits");
        for edge in [1.0, 4.0] {
            let scaled = scale(&picture, &Scaling::new((32, 18), (320, 180), edge)).expect("scales");
            assert!(scaled.row(0, 9).iter().all(|value| (40..=200).contains(value)), "edge {edge} rings");
            assert!(scaled.row(0, 9).is_sorted());
        }
    }
}
