//! The pattern that carries the mark: a tile of cells, half of them always the same, half of them saying the payload.
//!
//! Each cell makes its patch of picture a little lighter or darker. The tile is repeated over the frame, so a part of it is enough;
//! the constant half tells where a tile begins and how large a cell has become. Signs come from a fixed generator: the same for ever,
//! because a changed tile would make all older films unreadable.

use super::Payload;
use super::code::{CODED_BITS, encode};

/// Cells on each side of a tile; a power of two, for the Fourier transform that looks for it.
pub(crate) const SIDE: usize = 64;
pub(crate) const CELLS: usize = SIDE * SIDE;
/// Cells along the shorter side of a frame: eight pixels a cell at 1080, so that a halved picture still has four.
const CELLS_ACROSS: u32 = 135;
/// Below this, halving a picture would leave nothing of a cell. Pixels.
const SMALLEST_CELL: u32 = 4;
/// Said once, kept for ever.
const SEED: u64 = 0x6b69_6e6f_7261_0001;

/// Pixels on each side of a cell in a frame of this size, as it is marked.
pub(crate) fn cell_of(width: u32, height: u32) -> u32 {
    ((width.min(height) + CELLS_ACROSS / 2) / CELLS_ACROSS).max(SMALLEST_CELL)
}

/// What a cell is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Always this sign.
    Sync,
    /// The sign, turned over when this coded bit is not set.
    Bit(u16),
}

#[derive(Clone, Debug)]
pub(crate) struct Carrier {
    /// Row by row: role, and −1 or 1.
    pub(crate) cells: Vec<(Role, i8)>,
}

impl Carrier {
    pub(crate) fn new() -> Self {
        let mut state = SEED;
        let mut random = move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        };
        // Shuffled, so that the cells of a bit lie far apart.
        let mut order: Vec<usize> = (0..CELLS).collect();
        for at in (1..CELLS).rev() {
            order.swap(at, (random() % (at as u64 + 1)) as usize);
        }
        let mut cells = vec![(Role::Sync, 1); CELLS];
        for (rank, cell) in order.into_iter().enumerate() {
            let role = if rank % 2 == 0 { Role::Sync } else { Role::Bit((rank / 2 % CODED_BITS) as u16) };
            let sign = if random() & 1 == 0 { -1 } else { 1 };
            if let Some(slot) = cells.get_mut(cell) {
                *slot = (role, sign);
            }
        }
        Self { cells }
    }

    /// The tile that says this payload: −1 or 1 for each cell.
    pub(crate) fn tile(&self, payload: Payload) -> Vec<i8> {
        let coded = encode(payload.bits());
        let sign = |&(role, sign): &(Role, i8)| match role {
            Role::Sync => sign,
            Role::Bit(bit) if coded.get(bit as usize) == Some(&false) => -sign,
            Role::Bit(_) => sign,
        };
        self.cells.iter().map(sign).collect()
    }
}
