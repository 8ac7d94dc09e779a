//! Writing the mark: a few levels up or down in each cell, less where the picture is smooth and the eye would see it.
//!
//! The pattern stands still over the whole film, so what repeats stays a repetition for the encoder. It must stay cheap, as every frame
//! of every export goes through here, and it must never change a value by more than [`LARGEST_CHANGE`](super::LARGEST_CHANGE).

use super::carrier::{Carrier, SIDE, cell_of};
use super::{LARGEST_CHANGE, Payload, SMALLEST_SIDE};

/// Mean difference between neighbours, in eighths of a level, from which two levels more or less are hidden by the picture.
const BUSY_EIGHTHS: u32 = 10;
/// Limited range of video: outside it, players cut off.
const DARKEST: u8 = 16;
const BRIGHTEST: u8 = 235;

/// Ready to mark frames of one size with one payload.
#[derive(Clone, Debug)]
pub struct Marker {
    width: usize,
    height: usize,
    cell: usize,
    tile: Vec<i8>,
}

impl Marker {
    /// None for pictures too small to carry a mark.
    #[must_use]
    pub fn new(payload: Payload, width: u32, height: u32) -> Option<Self> {
        let large_enough = width.min(height) >= SMALLEST_SIDE;
        large_enough.then(|| Self {
            width: width as usize,
            height: height as usize,
            cell: cell_of(width, height) as usize,
            tile: Carrier::new().tile(payload),
        })
    }

    /// Marks a plane of luma in limited range (16…235), rows of the marker's width without padding. Another size is left alone.
    pub fn mark(&self, luma: &mut [u8]) {
        if luma.len() != self.width * self.height {
            return;
        }
        let mut unrest = vec![0u16; self.width];
        let (mut lighter, mut darker) = (vec![0u8; self.width], vec![0u8; self.width]);
        for (row, band) in luma.chunks_mut(self.width * self.cell).enumerate() {
            let Some(signs) = self.tile.chunks_exact(SIDE).nth(row % SIDE) else { continue };
            self.changes(band, signs, &mut unrest, (&mut lighter, &mut darker));
            for line in band.chunks_exact_mut(self.width) {
                for (value, (up, down)) in line.iter_mut().zip(lighter.iter().zip(&darker)) {
                    *value = value.saturating_add(*up).saturating_sub(*down).clamp(DARKEST, BRIGHTEST);
                }
            }
        }
    }

    /// What to add to each column of a band of cells, and what to take away.
    fn changes(&self, band: &[u8], signs: &[i8], unrest: &mut [u16], (lighter, darker): (&mut [u8], &mut [u8])) {
        unrest.fill(0);
        for line in band.chunks_exact(self.width) {
            for (sum, (here, next)) in unrest.iter_mut().zip(line.iter().zip(line.iter().skip(1))) {
                *sum = sum.saturating_add(u16::from(here.abs_diff(*next)));
            }
        }
        let lines = (band.len() / self.width) as u32;
        let cells = lighter.chunks_mut(self.cell).zip(darker.chunks_mut(self.cell)).zip(unrest.chunks(self.cell));
        for (((lighter, darker), unrest), sign) in cells.zip(signs.iter().cycle()) {
            let sum: u32 = unrest.iter().map(|value| u32::from(*value)).sum();
            let busy = sum * 8 >= BUSY_EIGHTHS * lines * unrest.len() as u32;
            let strength = if busy { LARGEST_CHANGE } else { 1 };
            lighter.fill(if *sign > 0 { strength } else { 0 });
            darker.fill(if *sign < 0 { strength } else { 0 });
        }
    }
}
