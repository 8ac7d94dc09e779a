//! Where the cards of the board lie, and where a dragged one would land: plain sums, tested without a browser.

mod layout;
pub mod moves;

pub use layout::{CARD_GAP, Gap, Layout, Measures, Place};
