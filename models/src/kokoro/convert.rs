//! Kokoro's files as released → safetensors, when a person asks for it: the one door through which a pickle comes in, since its reader
//! is private to this folder. What comes out is loaded once as it will be when it speaks, so that only Kokoro's own tensors pass.
//! **Never here:** files and folders; anything that is read while a film is made.

use std::collections::HashMap;

use safetensors::SafeTensorError;

use super::{
    KokoroConfig, KokoroError,
    names::Tensors,
    pickle,
    run::Kokoro,
    voices::{self, Voice},
};
use crate::weights::WeightsError;

/// What a person's table is called; in the released file it has no name.
const TABLE: &str = "voice";

/// The released model: its tensors under their own names, numbers of 16 bits as 32.
///
/// # Errors
/// When the bytes are damaged, ask for more than tensors, or are not the model that `config` describes.
pub fn released_model(config: &KokoroConfig, bytes: &[u8]) -> Result<Vec<u8>, KokoroError> {
    let written = written(&pickle::tensors(bytes)?)?;
    Kokoro::load(config.clone(), &written)?;
    Ok(written)
}

/// A person's voice as released; `half` is the width of half a style.
///
/// # Errors
/// When the bytes are damaged, too many, ask for more than tensors, or are another table.
pub fn released_voice(bytes: &[u8], half: usize) -> Result<Vec<u8>, KokoroError> {
    voices::fits(bytes)?;
    let mut tensors = pickle::tensors(bytes)?.into_values();
    let (Some(table), None) = (tensors.next(), tensors.next()) else { return Err(voices::not_alone()) };
    let written = written(&HashMap::from([(TABLE.to_owned(), table)]))?;
    Voice::parse(&written, half)?;
    Ok(written)
}

fn written(tensors: &Tensors) -> Result<Vec<u8>, WeightsError> {
    let bad = |e: SafeTensorError| WeightsError::Malformed(e.to_string());
    safetensors::serialize(tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)), None).map_err(bad)
}
