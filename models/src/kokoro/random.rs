//! Random weights with the names and shapes that a config's networks ask for: what tests speak with where no trained voice is
//! wanted. They make noise, never speech, and are never shipped.

use std::collections::HashMap;

use safetensors::{Dtype, tensor::TensorView};

use super::{KokoroConfig, KokoroError, run::Kokoro};
use crate::{
    draft::random::{Made, asked_for},
    noise::normal_in,
    weights::WeightsError,
};

/// Lines of a table of styles, as many as the released ones have.
const LENGTHS: usize = 510;

/// A model and a voice, as safetensors files.
///
/// # Errors
/// When the config is refused.
pub fn random_files(config: &KokoroConfig, seed: u64) -> Result<(Vec<u8>, Vec<u8>), KokoroError> {
    config.check()?;
    let model = asked_for(seed, |vb| Kokoro::new(config.clone(), vb).map(drop))?;
    let width = 2 * config.style_dim;
    let styles = normal_in(seed, 2, LENGTHS * width).iter().flat_map(|v| v.to_le_bytes()).collect();
    let voice = Made::from([("voice".to_owned(), (vec![LENGTHS, 1, width], styles))]);
    Ok((file(&model)?, file(&voice)?))
}

fn file(made: &Made) -> Result<Vec<u8>, KokoroError> {
    let bad = |e: safetensors::SafeTensorError| WeightsError::Malformed(e.to_string());
    let mut views = Vec::with_capacity(made.len());
    for (name, (shape, bytes)) in made {
        views.push((name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(bad)?));
    }
    Ok(safetensors::serialize(views, None::<HashMap<String, String>>).map_err(bad)?)
}
