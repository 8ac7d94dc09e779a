//! The MP4 and QuickTime file format, as far as films and takes need it: a writer and a reader.
//!
//! Why our own: an export must have `moov` first, exact durations, edit lists that put picture and sound at zero, colour tags in the
//! container, and the same bytes for the same film; no muxer at hand promises all five. It knows nothing of codecs or of GStreamer.
//! The reader must never trust a number it finds: every table is bounded by the bytes that are really there.

pub mod pieces;
pub mod read;
pub mod sps;
pub mod tables;
pub mod write;

pub use read::{BoxedMovie, BoxedTrack, TrackKind};
pub use tables::{AudioFormat, SampleTable, Tables, VideoFormat};
pub use write::MovieWriter;
