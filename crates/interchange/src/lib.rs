//! Films as other programs read them: pure text to and from the document.
//!
//! One file per format. Nothing here opens a file, asks a clock or touches a network; what a format cannot say is left out and never
//! invented. Sub-titles go out and in; pages for printing go out.

mod captions;
mod captions_read;
mod pdf;

pub use captions::{Cue, clips, cues, to_srt, to_vtt};
pub use captions_read::{CaptionError, MAX_CAPTION_BYTES, ReadCaptions, read_captions, without_overlaps};
pub use pdf::{Page, pdf};
