//! Film and sound files, and the loudspeaker: GStreamer behind the `Encoder` and `Decoder` ports, cpal behind `Speaker`.
//!
//! The backend sees only the ports; what codecs there are, how they fail and how slow they are stays in here. This crate never decides
//! what a film looks or sounds like: it gets finished pictures and a finished mix.

pub mod decode;
pub mod encode;
mod gst;
pub mod isobmff;
mod part;
mod peaks;
mod picture;
pub mod png_file;
pub mod probe;
mod speaker;
mod trouble;

pub use decode::GstDecoder;
pub use encode::{GstEncoder, contact_sheet};
pub use peaks::peaks;
pub use picture::thumbnail;
pub use speaker::CpalSpeaker;
