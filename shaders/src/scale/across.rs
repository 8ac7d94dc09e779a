//! The first half of scaling: rows of a plane become wider or narrower.
//!
//! Sixteen rows go across at a time, turned on their side, so that every step works on neighbouring numbers; the bounds that a
//! result is held within are made here as well.

use super::table::{ROUNDED_TAPS, Table};
use super::twin::FRACTION;
use crate::wide::{each, wide, wide_lanes};
use rayon::prelude::*;

/// Rows that go across together.
const LANES: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    Least,
    Greatest,
}

/// Of each pixel and its eight neighbours.
pub(super) fn bounds(plane: &[u8], width: usize, bound: Bound) -> Vec<u8> {
    let width = width.max(1);
    let last = (plane.len() / width).saturating_sub(1);
    let row = |y: usize| plane.get(y.min(last) * width..(y.min(last) + 1) * width).unwrap_or(&[]);
    let mut all = vec![0; plane.len()];
    all.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
        // One more on each side, where the edge repeats.
        let mut column = vec![0; width + 2];
        if let Some(middle) = column.get_mut(1..=width) {
            of_three(row(y.saturating_sub(1)), row(y), row(y + 1), bound, middle);
        }
        if let (Some(&first), Some(&end)) = (column.get(1), column.get(width)) {
            if let Some(slot) = column.first_mut() {
                *slot = first;
            }
            if let Some(slot) = column.last_mut() {
                *slot = end;
            }
        }
        if let (Some(left), Some(middle), Some(right)) = (column.get(..width), column.get(1..=width), column.get(2..)) {
            of_three(left, middle, right, bound, out);
        }
    });
    all
}

wide! {
    fn of_three(a: &[u8], b: &[u8], c: &[u8], bound: Bound, out: &mut [u8]) {
        let rows = out.iter_mut().zip(a).zip(b).zip(c);
        match bound {
            Bound::Least => rows.for_each(|(((out, a), b), c)| *out = *a.min(b).min(c)),
            Bound::Greatest => rows.for_each(|(((out, a), b), c)| *out = *a.max(b).max(c)),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Taps {
    Kernel,
    Pair,
}

/// One pixel of [`LANES`] rows.
type Column = [i16; LANES];

/// Scales rows across with the table's kernel.
pub(super) fn kernel_across(plane: &[u8], source_width: usize, table: &Table) -> Vec<i16> {
    all_across(plane, source_width, table, Taps::Kernel)
}

/// Scales rows across with the two nearest pixels.
pub(super) fn pairs_across(plane: &[u8], source_width: usize, table: &Table) -> Vec<i16> {
    all_across(plane, source_width, table, Taps::Pair)
}

fn all_across(plane: &[u8], source_width: usize, table: &Table, taps: Taps) -> Vec<i16> {
    let width = table.target();
    let mut across = vec![0; width * (plane.len() / source_width.max(1))];
    let blocks = across.par_chunks_mut(width * LANES).zip(plane.par_chunks(source_width * LANES));
    blocks.for_each(|(out, rows)| block_across(rows, source_width, out, width, table, taps));
    across
}

/// Up to [`LANES`] rows: turned on their side, weighted, turned back.
fn block_across(rows: &[u8], source_width: usize, out: &mut [i16], width: usize, table: &Table, taps: Taps) {
    let source_width = source_width.max(1);
    // Beyond each end the edge repeats, as far as any target pixel reaches.
    let (starts, reach) = match taps {
        Taps::Kernel => (table.starts.first().zip(table.starts.last()).map(|(a, b)| (*a, *b)), table.taps),
        Taps::Pair => (table.pairs.first().zip(table.pairs.last()).map(|(a, b)| (a.0, b.0)), 2),
    };
    let Some((first, last)) = starts else { return };
    let before = usize::try_from(-i64::from(first)).unwrap_or(0);
    let after = usize::try_from(i64::from(last) + reach as i64 - source_width as i64).unwrap_or(0);
    let mut columns: Vec<Column> = vec![[0; LANES]; before + source_width + after];
    if let Some(middle) = columns.get_mut(before..before + source_width) {
        turn_in(rows, source_width, middle);
    }
    let edges = columns.get(before).copied().zip(columns.get(before + source_width - 1).copied());
    if let Some((left, right)) = edges {
        columns.iter_mut().take(before).for_each(|column| *column = left);
        columns.iter_mut().skip(before + source_width).for_each(|column| *column = right);
    }
    let mut turned: Vec<Column> = vec![[0; LANES]; width];
    match taps {
        Taps::Kernel if table.taps <= ROUNDED_TAPS => rounded_columns(&columns, before as i32, table, &mut turned),
        Taps::Kernel => exact_columns(&columns, before as i32, table, &mut turned),
        Taps::Pair => pair_columns(&columns, before as i32, table, &mut turned),
    }
    turn_out(&turned, out, width);
}

wide! {
    fn turn_in(rows: &[u8], width: usize, columns: &mut [Column]) {
        for (lane, row) in rows.chunks(width).enumerate().take(LANES) {
            for (column, x) in columns.iter_mut().zip(row) {
                column[lane % LANES] = i16::from(*x) * FRACTION;
            }
        }
    }
}

wide! {
    fn turn_out(columns: &[Column], out: &mut [i16], width: usize) {
        // Sixteen columns at a time, so that what is read stays at hand while it is written.
        for (block, columns) in columns.chunks(LANES).enumerate() {
            for (lane, row) in out.chunks_mut(width.max(1)).enumerate().take(LANES) {
                let row = row.iter_mut().skip(block * LANES);
                for (x, column) in row.zip(columns) {
                    *x = column[lane % LANES];
                }
            }
        }
    }
}

/// `taps` columns from `start`, which is counted from the picture's first.
#[inline(always)]
fn reached(columns: &[Column], before: i32, start: i32, taps: usize) -> &[Column] {
    let start = (start + before).max(0) as usize;
    columns.get(start..start + taps).unwrap_or(&[])
}

wide_lanes! {
    fn rounded_columns<L>(columns: &[Column], before: i32, table: &Table, out: &mut [Column]) {
        for ((out, start), weights) in out.iter_mut().zip(&table.starts).zip(table.weights.chunks_exact(table.taps)) {
            let mut sums = [0_i16; LANES];
            for (column, weight) in reached(columns, before, *start, table.taps).iter().zip(weights) {
                sums = each(sums, L::times(*column, [*weight; LANES]), i16::wrapping_add);
            }
            *out = sums;
        }
    }
}

wide! {
    fn exact_columns(columns: &[Column], before: i32, table: &Table, out: &mut [Column]) {
        for ((out, start), weights) in out.iter_mut().zip(&table.starts).zip(table.weights.chunks_exact(table.taps)) {
            let mut sums = [0x4000_i32; LANES];
            for (column, weight) in reached(columns, before, *start, table.taps).iter().zip(weights) {
                for (sum, x) in sums.iter_mut().zip(column) {
                    *sum += i32::from(*x) * i32::from(*weight);
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = (sum >> 15) as i16;
            }
        }
    }
}

wide_lanes! {
    fn pair_columns<L>(columns: &[Column], before: i32, table: &Table, out: &mut [Column]) {
        for (out, (start, [first, second])) in out.iter_mut().zip(&table.pairs) {
            if let [a, b] = reached(columns, before, *start, 2) {
                *out = each(L::times(*a, [*first; LANES]), L::times(*b, [*second; LANES]), i16::wrapping_add);
            }
        }
    }
}
