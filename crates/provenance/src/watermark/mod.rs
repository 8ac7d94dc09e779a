//! An invisible mark in the picture itself: 64 bits that say "made with Kinora" and which film it was.
//!
//! It exists because a signature is lost at the first upload, and this is not: it is added to the luma of every frame, at most two
//! levels of 255 a pixel, and is found again after recompression, scaling and cropping. Pure arithmetic, no input or output.
//! It must never be taken for a secret or a proof: who reads this code can take the mark out again, or forge it.

mod carrier;
mod code;
mod embed;
mod find;
mod port;
mod spectrum;

pub use embed::Marker;
pub use find::{Found, Seeker};
pub use port::LumaMark;

/// The most that a luma value is changed by. Two levels keep every frame above 42.1 dB, whatever it shows.
pub const LARGEST_CHANGE: u8 = 2;
/// Bits of a film's id inside a mark; the others are a version and a checksum.
pub const ID_BITS: u32 = 44;
/// In each mark, before the id. Another layout has another number and is not taken for this one.
const VERSION: u64 = 1;
/// Less than this is a thumbnail, with too few pixels for 64 bits. Pixels, the shorter side.
pub const SMALLEST_SIDE: u32 = 96;

/// What a mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Payload(u64);

impl Payload {
    /// Of a film, or of whatever else the id was taken from; bits beyond [`ID_BITS`] are dropped.
    #[must_use]
    pub const fn of(id: u64) -> Self {
        Self(id & ((1 << ID_BITS) - 1))
    }

    #[must_use]
    pub const fn id(self) -> u64 {
        self.0
    }

    /// Version, id, checksum: the 64 bits that are written.
    fn bits(self) -> u64 {
        let head = (VERSION << ID_BITS) | self.0;
        (head << 16) | u64::from(code::checksum(head))
    }

    /// None when the checksum does not fit or the version is another.
    fn read(bits: u64) -> Option<Self> {
        let head = bits >> 16;
        let whole = u64::from(code::checksum(head)) == bits & 0xffff && head >> ID_BITS == VERSION;
        whole.then_some(Self(head & ((1 << ID_BITS) - 1)))
    }
}

impl std::fmt::Display for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:011x}", self.0)
    }
}
