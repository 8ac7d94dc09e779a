//! The doors to the outside world, as traits.
//!
//! What others' code can kill or fake (disks, drivers, codecs, weights, clocks) is reached through a trait here. Each has a fake and a
//! contract test that every adapter passes. No concrete technology is named in this crate: no GStreamer, wgpu, candle or sled.
//! All calls block; the backend decides on which thread.

pub mod blobs;
pub mod capture;
pub mod compositor;
pub mod disk;
pub mod engine;
pub mod faces;
pub mod fakes;
pub mod instrument;
pub mod media;
pub mod picture_check;
pub mod provenance;
pub mod recording;
pub mod speaker;
pub mod store;
pub mod system;
pub mod vault;
pub mod voice;
pub mod watermark;

mod fault;
mod pixels;

pub use blobs::Blobs;
pub use capture::{Capture, Capturing};
pub use compositor::Compositor;
pub use disk::Disk;
pub use engine::Engine;
pub use faces::FaceFinder;
pub use fault::{Fault, Flow, PortError};
pub use instrument::Instrument;
pub use kinora_consent::ConsentedCameo;
pub use kinora_document::Refusal;
pub use media::{Decoder, Encoder, Encoding, Movie};
pub use picture_check::{NoPictureChecker, PictureChecker};
pub use pixels::{Pixels, Sound, VideoFrame};
pub use provenance::Provenance;
pub use recording::{Keep, Recording, RecordingCodec};
pub use speaker::{Playing, Speaker};
pub use store::ProjectStore;
pub use system::{Clock, Entropy};
pub use vault::{KeyKeeper, Vault};
pub use voice::{Utterance, Voice};
pub use watermark::{FilmMark, FrameMarker, MarkFound, MarkSeeker, Watermark};
