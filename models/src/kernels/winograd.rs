//! Convolution of kernel 3 × 3, stride 1 and padding 1 in tiles of 2 × 2 pixels: 16 products for a tile where the direct form takes
//! 36. Tile and kernel are turned into sums whose products, place by place, are added over the channels; the outcome is turned back.
//! Each output picture may see several source pictures, none of which is copied. **Never here:** when this form pays.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape};
use rayon::prelude::*;

use super::{
    Scratch, Shared, floats,
    micro::{COLS, ROWS, tile, tile_on},
    turn::{Input, Output, PLACES, Run, SIDE, runs, turn, turn_back},
};

/// Up to this many terms all places are done at once: turned tiles of a panel take 2 KiB a term.
const FEW_TERMS: usize = 256;
/// With more, one row of places at a time, and at most this many terms: a place's part of a panel and the weights that meet it then come
/// from the second-level cache, and sums are fetched and stored once in so many steps.
const PART_TERMS: usize = 384;
/// Floats of turned tiles a task holds at once (1 MiB): they shall stay in the second-level cache.
const TURNED: usize = 256 << 10;

/// The operation over pictures `[n, channels, h, w]` and turned weights `[16][⌈out/12⌉][taps · channels][12]`.
pub(super) struct Op<'a> {
    pub bias: Vec<f32>,
    /// Source pictures that an output picture sees.
    pub taps: usize,
    /// Their numbers, output picture by output picture; zeros where there is none.
    pub seen: &'a [Option<usize>],
}

impl CustomOp2 for Op<'_> {
    fn name(&self) -> &'static str {
        "conv2d in tiles"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        let (pictures, channels, h, w) = l1.shape().dims4()?;
        let x = floats(s1, l1, self.name())?;
        let weight = floats(s2, l2, self.name())?;
        let (out, taps, k) = (self.bias.len(), self.taps, self.taps * channels);
        let blocks = out.div_ceil(ROWS);
        let is_outside = |seen: &Option<usize>| seen.is_some_and(|number| number >= pictures);
        if k * h * w == 0 || weight.len() != PLACES * blocks * k * ROWS || self.seen.iter().any(is_outside) {
            candle_core::bail!("{}: {taps} of {pictures} pictures with {channels} channels do not fit", self.name());
        }
        let batch = self.seen.len() / taps;
        let mut result = vec![0.0f32; batch * out * h * w];
        let (tall, wide) = (h.div_ceil(2), w.div_ceil(2));
        let tiles = batch * tall * wide;
        let panels = tiles.div_ceil(COLS);
        let threads = rayon::current_num_threads();
        // How terms are parted depends on their number alone, so that sums do not depend on threads.
        let rows = if k <= FEW_TERMS { SIDE } else { 1 };
        let places = rows * SIDE;
        let each = if rows == SIDE { k } else { k.div_ceil(k.div_ceil(PART_TERMS)) };
        let group = (TURNED / (places * each * COLS)).clamp(1, panels.div_ceil(threads * 2).max(1));
        let groups = panels.div_ceil(group);
        // Few pictures have fewer groups than there are threads: share out the outputs as well.
        let splits = threads.div_ceil(groups.max(1)).min(blocks);
        let input = Input { x, channels, h, w, taps, seen: self.seen };
        let shared = Shared::new(&mut result);
        let output = Output { shared: &shared, bias: &self.bias, h, w };
        let run = |task: usize| {
            let (first, split) = ((task / splits) * group, task % splits);
            let mine = blocks * split / splits..blocks * (split + 1) / splits;
            let panels: Vec<(usize, Vec<Run>)> = (first..panels.min(first + group))
                .map(|p| (p * COLS, tiles.min((p + 1) * COLS)))
                .map(|(from, until)| (until - from, runs(from..until, tall, wide)))
                .collect();
            // Sums wait for the next terms where there are any.
            let waiting = if each < k { mine.len() } else { 1 };
            let line = each * COLS;
            let turned = panels.len() * places * line;
            let mut kept = Scratch::take(turned + panels.len() * waiting * places * ROWS * COLS);
            let (turned, sums) = kept.values().split_at_mut(turned);
            let sums = sums.as_chunks_mut::<{ ROWS * COLS }>().0;
            for (row, from) in (0..SIDE).step_by(rows).flat_map(|row| (0..k).step_by(each).map(move |from| (row, from)))
            {
                let terms = from..k.min(from + each);
                for ((_, runs), turned) in panels.iter().zip(turned.chunks_exact_mut(places * line)) {
                    turn(&input, runs, terms.clone(), row..row + rows, line, turned);
                }
                for block in mine.clone() {
                    let wait = if waiting > 1 { block - mine.start } else { 0 };
                    let height = ROWS.min(out - block * ROWS);
                    for place in 0..places {
                        let at = (((row * SIDE + place) * blocks + block) * k + from) * ROWS;
                        let Some(a) = weight.get(at..at + terms.len() * ROWS) else { return };
                        for (p, (width, _)) in panels.iter().enumerate() {
                            let b = &turned[(p * places + place) * line..][..terms.len() * COLS];
                            let sum = &mut sums[(p * waiting + wait) * places + place];
                            if from == 0 {
                                tile(a, b, (height, *width), sum);
                            } else {
                                tile_on(a, b, (height, *width), sum);
                            }
                        }
                    }
                    if terms.end == k {
                        for (p, (_, runs)) in panels.iter().enumerate() {
                            let sums = &sums[(p * waiting + wait) * places..][..places];
                            turn_back(sums, runs, row, (block * ROWS, height), &output);
                        }
                    }
                }
            }
        };
        if tiles * PLACES * k * out < super::WORTH_SHARING * 16 {
            (0..groups * splits).for_each(run);
        } else {
            (0..groups * splits).into_par_iter().for_each(run);
        }
        Ok((CpuStorage::F32(result), Shape::from((batch, out, h, w))))
    }
}
