//! Film and sound files, cameras, microphones and the loudspeaker: GStreamer behind the `Encoder`, `Decoder`, `Capture` and
//! `RecordingCodec` ports, cpal behind `Speaker` and the microphones.
//!
//! The backend sees only the ports; what codecs there are, how they fail and how slow they are stays in here. This crate never decides
//! what a film looks or sounds like: it gets finished pictures and a finished mix.

mod capture;
pub mod decode;
pub mod encode;
mod gst;
pub mod isobmff;
mod part;
mod peaks;
mod picture;
pub mod png_file;
pub mod probe;
pub mod recording;
mod speaker;
mod trouble;

pub use capture::GstCapture;
pub use decode::GstDecoder;
pub use encode::{GstEncoder, contact_sheet};
pub use peaks::peaks;
pub use picture::thumbnail;
pub use recording::{FileKeep, GstRecordingCodec};
pub use speaker::CpalSpeaker;
