//! What plays rain and bells: the sound of an [`Ambience`].
//!
//! It keeps no state: the same ambience is the same samples on every machine, so nothing of it is stored.

use crate::{PortError, Sound};
use std::sync::Arc;

pub use kinora_document::Ambience;

/// What an instrument played.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    /// Stereo at the film's rate.
    pub sound: Arc<Sound>,
    /// Goes on from its end with its beginning, without a seam; otherwise it is over.
    pub repeats: bool,
}

pub trait Instrument: Send + Sync {
    /// At most a minute, whatever the length of the clip.
    fn play(&self, ambience: &Ambience) -> Result<Played, PortError>;
}
