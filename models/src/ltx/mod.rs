//! LTX-Video: a prompt and pictures → a clip. The networks mirror the reference library's classes, tensor by tensor.
//! **Never here:** files, clocks, queues, or words of advice about quality.

pub mod config;
pub mod lora;
pub mod names;
pub mod noise;
pub mod parts;
pub mod preview;
pub mod random;
pub mod rope;
pub mod run;
pub mod scheduler;
pub mod text;
pub mod transformer;
pub mod upsampler;
pub mod vae;
pub mod words;

/// Why a clip was not made.
#[derive(Debug, thiserror::Error)]
pub enum LtxError {
    /// The order cannot be fulfilled as it stands; a sentence for a person.
    #[error("{0}")]
    Refused(String),
    /// A config asks for what this program cannot build.
    #[error("this model cannot be built here: {0}")]
    Config(String),
    /// The files are not what they should be.
    #[error("the model's files were refused: {0}")]
    Files(String),
    /// The weights' container is damaged or dangerous, or lacks something.
    #[error(transparent)]
    Weights(#[from] crate::weights::WeightsError),
    /// The tensor library or the device failed.
    #[error("the model failed: {0}")]
    Tensor(#[from] candle_core::Error),
}
