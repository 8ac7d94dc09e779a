//! From a take's size to the film's: separable resampling in whole numbers, the same bytes on every machine.
//!
//! Enlarging is a smooth kernel, held between the darkest and the brightest of the source's neighbours (so nothing rings), and
//! steepened about the middle of the two by `edge` (so an edge stays an edge when each pixel grows to fifteen: flat and graded
//! areas lie in that middle and stay as they are), wherever a neighbourhood has but two colours ([`two_coloured`]). Reducing is Lanczos over the whole area of a target pixel.
//! Never floating point in the pixels: weights are rounded to 15 bits once, on the processor, for shader and twin alike.

mod across;
mod straight;
mod table;
mod twin;

pub use straight::two_coloured;
pub use table::Table;
pub use twin::{scale, scale_into};

use crate::{Shader, shader};
use std::ops::Range;

pub const ACROSS: Shader = shader!(up "scale_across", "across.wgsl");
pub const DOWN: Shader = shader!(up "scale_down", "down.wgsl");

/// Sources larger than this on a side are to be refused; keeps sums within 32 bits.
pub const MAX_SIDE: usize = 16_384;

/// How one picture becomes another size.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    pub across: Table,
    pub down: Table,
    /// Enlarging in both directions: held within the neighbours and steepened.
    pub held: bool,
    /// Steepening about the middle: 4096 is none, at most 32767 (eight times).
    pub edge: i16,
}

impl Scaling {
    /// Sizes of nothing become 1. `edge` 1 keeps edges as soft as the kernel makes them.
    pub fn new(from: (usize, usize), to: (usize, usize), edge: f32) -> Self {
        Self::part(from, to, (0..to.0.max(1), 0..to.1.max(1)), edge)
    }

    /// Whether edges are made steeper.
    pub fn steepens(&self) -> bool {
        self.held && self.edge > 4096
    }

    /// Only the columns and rows of `window` are made, as if the whole had been made and cut.
    pub fn part(from: (usize, usize), to: (usize, usize), window: (Range<usize>, Range<usize>), edge: f32) -> Self {
        let (from, to) = ((from.0.max(1), from.1.max(1)), (to.0.max(1), to.1.max(1)));
        let held = to.0 >= from.0 && to.1 >= from.1;
        let smooth = held && edge > 1.0;
        let edge = if edge.is_finite() { edge.clamp(1.0, 7.99) } else { 1.0 };
        Self {
            across: Table::new(from.0, to.0, window.0, smooth),
            down: Table::new(from.1, to.1, window.1, smooth),
            held,
            edge: (edge * 4096.0).round() as i16,
        }
    }

    /// With the steepening that suits the enlargement.
    pub fn fitting(from: (usize, usize), to: (usize, usize)) -> Self {
        Self::new(from, to, fitting_edge(from, to))
    }

    pub fn fitting_part(from: (usize, usize), to: (usize, usize), window: (Range<usize>, Range<usize>)) -> Self {
        Self::part(from, to, window, fitting_edge(from, to))
    }
}

/// Photographs enlarged less than twice stay as they are; the draft model's cut-out art, enlarged ten or fifteen times, gets edges
/// of about four pixels.
pub fn fitting_edge(from: (usize, usize), to: (usize, usize)) -> f32 {
    let factor = (to.0 as f32 / from.0.max(1) as f32).min(to.1 as f32 / from.1.max(1) as f32);
    (factor / 3.0).clamp(1.0, 4.0)
}
