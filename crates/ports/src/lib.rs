//! The doors to the outside world, as traits.
//!
//! What others' code can kill or fake (disks, drivers, codecs, weights, clocks) is reached through a trait here. Each has a fake and a
//! contract test that every adapter passes. No concrete technology is named in this crate: no GStreamer, wgpu, candle or sled.
//! All calls block; the backend decides on which thread.

pub mod blobs;
pub mod compositor;
pub mod disk;
pub mod engine;
pub mod fakes;
pub mod media;
pub mod speaker;
pub mod store;
pub mod system;
pub mod vault;
pub mod voice;

mod fault;
mod pixels;

pub use blobs::Blobs;
pub use compositor::Compositor;
pub use disk::Disk;
pub use engine::Engine;
pub use fault::{Fault, Flow, PortError};
pub use kinora_consent::ConsentedCameo;
pub use kinora_document::Refusal;
pub use media::{Decoder, Encoder, Encoding, Movie};
pub use pixels::{Pixels, Sound, VideoFrame};
pub use speaker::{Playing, Speaker};
pub use store::ProjectStore;
pub use system::{Clock, Entropy};
pub use vault::{KeyKeeper, Vault};
pub use voice::{Utterance, Voice};
