//! Kokoro-82M: phonemes and a person's style → speech at 24 kHz, with how long each phoneme takes. The networks mirror the
//! reference's classes, tensor by tensor; what it draws at random comes from a seed here.
//! **Never here:** files, clocks, how words become phonemes, or another rate than the model's own.

mod archive;
pub mod config;
pub mod convert;
pub mod decoder;
pub mod fourier;
pub mod generator;
pub mod names;
pub mod parts;
mod pickle;
pub mod plbert;
pub mod prosody;
pub mod random;
pub mod run;
pub mod source;
pub mod text;
pub mod voices;

pub use config::KokoroConfig;
pub use run::{Kokoro, Noise, Plan};

/// Why nothing was said.
#[derive(Debug, thiserror::Error)]
pub enum KokoroError {
    /// What was asked for cannot be said as it stands; a sentence for a person.
    #[error("{0}")]
    Refused(String),
    /// A config asks for what this program cannot build.
    #[error("this voice cannot be built here: {0}")]
    Config(String),
    /// The weights' container is damaged or dangerous, or lacks something.
    #[error(transparent)]
    Weights(#[from] crate::weights::WeightsError),
    /// The tensor library failed.
    #[error("the voice failed: {0}")]
    Tensor(#[from] candle_core::Error),
}
