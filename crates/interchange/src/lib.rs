//! Films as other programs read them: pure text to and from the document.
//!
//! One file per format. Nothing here opens a file, asks a clock or touches a network; what a format cannot say is left out and never
//! invented. Sub-titles are the first two formats.

mod captions;

pub use captions::{Cue, cues, to_srt, to_vtt};
