//! The invisible mark in exported frames: written before encoding, and found again in any file that shows them.
//!
//! A [`FrameMarker`] is made once for an export and marks each new picture; a [`MarkSeeker`] gathers frames of a file and answers once.
//! The same film gives the same mark, so that exporting twice gives the same pictures.

use crate::{Pixels, VideoFrame};
use serde::{Deserialize, Serialize};

pub trait Watermark: Send + Sync {
    /// For frames of this size, saying this film; None when they are too small to carry a mark.
    fn marker(&self, film: FilmMark, width: u32, height: u32) -> Option<Box<dyn FrameMarker>>;
    /// For frames of this size; None when they are too small to have carried a mark.
    fn seeker(&self, width: u32, height: u32) -> Option<Box<dyn MarkSeeker>>;
}

pub trait FrameMarker: Send {
    /// The same frame, marked. The same frame gives the same bytes, and no luma moves by more than two levels; colour stays.
    fn marked(&self, frame: &VideoFrame) -> VideoFrame;
}

pub trait MarkSeeker: Send {
    /// A picture of the seeker's size; others are left out.
    fn add(&mut self, pixels: &Pixels);
    fn find(&self) -> MarkFound;
}

/// Which film a mark names: a number that follows from what the film shows. Marks keep its lower 44 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilmMark(pub u64);

impl FilmMark {
    pub const BITS: u32 = 44;

    /// What a mark can hold of it.
    pub const fn kept(self) -> u64 {
        self.0 & ((1 << Self::BITS) - 1)
    }
}

impl std::fmt::Display for FilmMark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:011x}", self.kept())
    }
}

/// What the frames of a file say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkFound {
    pub is_there: bool,
    /// The film as [`FilmMark`] writes it; None when the mark is there and too faint to be read, or is not there.
    pub film: Option<String>,
    /// Signal against chance, the same unit for every file: above [`Self::needed`] it is no accident.
    pub strength: f32,
    pub needed: f32,
    /// Of `coded_bits`, how many arrived turned over and were corrected.
    pub turned_bits: u32,
    pub coded_bits: u32,
    /// How many frames were looked at.
    pub frames: u32,
}
