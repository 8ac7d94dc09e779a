//! Random weights with the names and shapes that the networks of a config ask for: what tests run on where no trained weights are
//! wanted. They make noise, never pictures, and are never shipped.

use candle_core::{DType, Device, Tensor};

use super::{
    LtxError,
    config::{TextConfig, TransformerConfig, VaeConfig},
    names::{Parts, Tensors},
    text::TextEncoder,
    transformer::Transformer,
    vae::{Halves, Vae},
};
use crate::{
    draft::random::{Made, asked_for},
    linear::Precision,
};

/// The tensors of every part, as `dtype`.
///
/// # Errors
/// When a config is refused.
pub fn random_parts(
    text: &TextConfig,
    transformer: &TransformerConfig,
    vae: &VaeConfig,
    dtype: DType,
    seed: u64,
) -> Result<Parts, LtxError> {
    text.check()?;
    transformer.check()?;
    vae.check()?;
    let tensors = |made: Made| {
        let tensor = |(name, (shape, bytes)): (String, (Vec<usize>, Vec<u8>))| {
            let tensor = Tensor::from_raw_buffer(&bytes, DType::F32, &shape, &Device::Cpu)?.to_dtype(dtype)?;
            Ok::<_, candle_core::Error>((name, tensor))
        };
        made.into_iter().map(tensor).collect::<Result<Tensors, _>>()
    };
    Ok(Parts {
        text: tensors(asked_for(seed, |vb| TextEncoder::new(text, Precision::F32, vb).map(drop))?)?,
        transformer: tensors(asked_for(seed, |vb| Transformer::new(transformer, Precision::F32, vb).map(drop))?)?,
        vae: tensors(asked_for(seed, |vb| Vae::new(vae, Halves::BOTH, vb).map(drop))?)?,
        upsampler: Tensors::new(),
    })
}
