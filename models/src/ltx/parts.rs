//! Networks from sorted tensors: each tensor is handed to its network once and freed as it is packed; what is missing or left
//! over is refused by name. A half of the codec that is not wanted is left out on purpose, not by oversight.

use candle_core::{DType, Device, Tensor};

use super::{
    LtxError,
    config::{TextConfig, TransformerConfig, UpsamplerConfig, VaeConfig},
    lora::Lora,
    names::Tensors,
    text::TextEncoder,
    transformer::Transformer,
    upsampler::Upsampler,
    vae::{Halves, Vae},
};
use crate::{
    linear::Precision,
    weights::{self, Ledger},
};
use candle_nn::VarBuilder;

/// The text encoder.
///
/// # Errors
/// When the config cannot be built, or tensors are missing or left.
pub fn text(c: &TextConfig, held: Tensors, precision: Precision, device: &Device) -> Result<TextEncoder, LtxError> {
    c.check()?;
    // The words once more, as some files keep them.
    let held = held.into_iter().filter(|(name, _)| name != "encoder.embed_tokens.weight").collect();
    built(held, device, |vb| TextEncoder::new(c, precision, vb))
}

/// The denoiser.
///
/// # Errors
/// When the config cannot be built, or tensors are missing or left.
pub fn transformer(
    c: &TransformerConfig,
    held: Tensors,
    precision: Precision,
    device: &Device,
) -> Result<Transformer, LtxError> {
    merged_transformer(c, held, Vec::new(), precision, device)
}

/// The denoiser with LoRAs merged into its weights, each by its strength, one tensor after the other as it is packed.
///
/// # Errors
/// When the config cannot be built, tensors are missing or left, or a LoRA was made for another model.
pub fn merged_transformer(
    c: &TransformerConfig,
    held: Tensors,
    loras: Vec<(Lora, f64)>,
    precision: Precision,
    device: &Device,
) -> Result<Transformer, LtxError> {
    c.check()?;
    for (lora, _) in &loras {
        lora.check_fits(&held)?;
    }
    let change = move |name: &str, tensor: Tensor| {
        loras.iter().try_fold(tensor, |tensor, (lora, strength)| lora.merged(name, tensor, *strength))
    };
    let (vb, ledger) = weights::handed_out_changed(held, DType::F32, device, Box::new(change));
    checked(Transformer::new(c, precision, &vb), &ledger)
}

/// The codec, or a half of it.
///
/// # Errors
/// When the config cannot be built, or tensors are missing or left.
pub fn vae(c: &VaeConfig, held: Tensors, halves: Halves, device: &Device) -> Result<Vae, LtxError> {
    c.check()?;
    if !held.contains_key("latents_mean") || !held.contains_key("latents_std") {
        return Err(weights::WeightsError::Missing("latents_mean and latents_std".to_owned()).into());
    }
    let wanted = |name: &str| {
        (halves.encoder || !name.starts_with("encoder.")) && (halves.decoder || !name.starts_with("decoder."))
    };
    let held = held.into_iter().filter(|(name, _)| wanted(name)).collect();
    built(held, device, |vb| Vae::new(c, halves, vb))
}

/// The latent upsampler.
///
/// # Errors
/// When the config cannot be built, or tensors are missing or left.
pub fn upsampler(c: &UpsamplerConfig, held: Tensors, device: &Device) -> Result<Upsampler, LtxError> {
    c.check()?;
    built(held, device, |vb| Upsampler::new(c, vb))
}

fn built<T>(
    held: Tensors,
    device: &Device,
    build: impl FnOnce(&VarBuilder<'_>) -> candle_core::Result<T>,
) -> Result<T, LtxError> {
    let (vb, ledger) = weights::handed_out(held, DType::F32, device);
    checked(build(&vb), &ledger)
}

fn checked<T>(network: candle_core::Result<T>, ledger: &Ledger) -> Result<T, LtxError> {
    ledger.check_none_missing()?;
    let network = network?;
    ledger.check_all_used()?;
    Ok(network)
}
