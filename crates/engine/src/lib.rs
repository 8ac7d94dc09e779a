//! Local generation behind the `Engine` port.
//!
//! The tensor code is in `kinora-models`; here is what surrounds it: finding and verifying weight files, one model in memory at a time, orders
//! translated, progress with time left, checkpoints. The network that checks pictures is run here, too. Nothing here knows of projects, queues
//! or windows.

mod catalogue;
mod draft;
mod family;
mod instrument;
mod local;
mod ltx;
mod manifest;
mod own;
mod pace;
pub mod picture_check;

pub use catalogue::PutOn;
pub use instrument::Synthesiser;
pub use local::LocalEngine;
pub use manifest::{Download, LtxSettings, Manifest, ManifestError, VerifiedWeights};
pub use picture_check::OpenNsfwChecker;
