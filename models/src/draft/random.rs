//! A checkpoint of random weights with the real names and shapes of any config: what tests, benches and the engine's own
//! tests run on where no trained weights are wanted. It makes noise, never pictures, and is never shipped.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use candle_core::{DType, Device, Shape, Tensor};
use candle_nn::{Init, VarBuilder, var_builder::SimpleBackend};
use safetensors::{Dtype, tensor::TensorView};

use super::{DraftError, Precision, config::DraftConfig, text::TextEncoder, transformer::Denoiser, vae::Vae};
use crate::noise::{Stream, normal};

/// The bytes of one safetensors file that [`super::DraftModel::load`] accepts with this `config.json`.
///
/// # Errors
/// When the config is refused.
pub fn random_checkpoint(config: &[u8], seed: u64) -> Result<Vec<u8>, DraftError> {
    let c = DraftConfig::parse(config)?;
    let made = asked_for(seed, |vb| {
        Vae::new(&c.vae, &vb.pp("vae"))?;
        TextEncoder::new(&c.text, Precision::F32, &vb.pp("text"))?;
        Denoiser::new(&c.denoiser, Precision::F32, &vb.pp("denoiser")).map(drop)
    })?;
    let mut views = Vec::with_capacity(made.len());
    for (name, (shape, bytes)) in &made {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(|e| DraftError::Files(e.to_string()))?;
        views.push((name.clone(), view));
    }
    safetensors::serialize(views, None::<HashMap<String, String>>).map_err(|e| DraftError::Files(e.to_string()))
}

/// Shapes and bytes of f32 values, by name.
pub(crate) type Made = BTreeMap<String, (Vec<usize>, Vec<u8>)>;

/// Random values for every tensor that `build` asks for.
pub(crate) fn asked_for(
    seed: u64,
    build: impl FnOnce(&VarBuilder<'_>) -> candle_core::Result<()>,
) -> candle_core::Result<Made> {
    let made = Arc::new(Mutex::new(Made::new()));
    let maker = Maker { seed, made: made.clone() };
    build(&VarBuilder::from_backend(Box::new(maker), DType::F32, Device::Cpu))?;
    let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut *made))
}

struct Maker {
    seed: u64,
    made: Arc<Mutex<Made>>,
}

impl SimpleBackend for Maker {
    fn get(&self, shape: Shape, name: &str, _: Init, _: DType, device: &Device) -> candle_core::Result<Tensor> {
        let seed = name.bytes().fold(self.seed, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)));
        let mut values = normal(seed, Stream::Video, shape.elem_count());
        let fan = shape.dims().iter().skip(1).product::<usize>().max(1) as f32;
        let (scale, shift) = match shape.rank() {
            1 if name.ends_with("latents_std") || (name.contains("norm") && name.ends_with("weight")) => (0.05, 1.0),
            1 => (0.05, 0.0),
            _ => (fan.sqrt().recip(), 0.0),
        };
        values.iter_mut().for_each(|v| *v = *v * scale + shift);
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert(name.to_owned(), (shape.dims().to_vec(), bytes));
        Tensor::from_vec(values, shape, device)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> candle_core::Result<Tensor> {
        candle_core::bail!("the shape of {name} is not known")
    }

    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}
