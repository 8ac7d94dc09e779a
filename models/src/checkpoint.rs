//! The state of a sampler between two steps, as a value and as bytes, so that a generation survives a kill.
//! Bytes are a safetensors file with a fixed set of names; whatever else is found in one is refused.

use std::collections::HashMap;

use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use crate::weights::{self, WeightsError};

/// Sampler state after `step` of `steps`.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Steps finished.
    pub step: usize,
    /// Steps altogether.
    pub steps: usize,
    /// What was ordered, as the family spells it; a resume with another order is refused.
    pub order: String,
    /// Named arrays (shape, values in row-major order).
    pub arrays: Vec<(String, Vec<usize>, Vec<f32>)>,
}

impl Checkpoint {
    /// Largest serialised state that is read back, in bytes.
    pub const MAX_BYTES: usize = 256 << 20;

    /// As a safetensors file.
    ///
    /// # Errors
    /// When an array's shape and length disagree.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WeightsError> {
        let raw: Vec<Vec<u8>> =
            self.arrays.iter().map(|(_, _, v)| v.iter().flat_map(|x| x.to_le_bytes()).collect()).collect();
        let mut views = Vec::with_capacity(raw.len());
        for ((name, shape, _), bytes) in self.arrays.iter().zip(&raw) {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes)
                .map_err(|e| WeightsError::Malformed(format!("{name}: {e}")))?;
            views.push((name.clone(), view));
        }
        let notes = HashMap::from([
            ("kinora".to_owned(), "checkpoint 1".to_owned()),
            ("step".to_owned(), self.step.to_string()),
            ("steps".to_owned(), self.steps.to_string()),
            ("order".to_owned(), self.order.clone()),
        ]);
        safetensors::serialize(views, Some(notes)).map_err(|e| WeightsError::Malformed(e.to_string()))
    }

    /// Back from [`Checkpoint::to_bytes`].
    ///
    /// # Errors
    /// When the bytes are damaged, too large or something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WeightsError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(WeightsError::Malformed("a checkpoint of more than 256 MiB".to_owned()));
        }
        weights::check(bytes)?;
        let bad = |what: &str| WeightsError::Malformed(format!("not a checkpoint: {what}"));
        let (_, head) = SafeTensors::read_metadata(bytes).map_err(|e| WeightsError::Malformed(e.to_string()))?;
        let notes = head.metadata().as_ref().ok_or_else(|| bad("no notes"))?;
        let note = |key: &str| notes.get(key).ok_or_else(|| bad(key));
        if note("kinora")? != "checkpoint 1" {
            return Err(bad("another version"));
        }
        let number = |key: &str| note(key)?.parse::<usize>().map_err(|_| bad(key));
        let (step, steps, order) = (number("step")?, number("steps")?, note("order")?.clone());
        let file = SafeTensors::deserialize(bytes).map_err(|e| WeightsError::Malformed(e.to_string()))?;
        let mut arrays = Vec::new();
        for (name, view) in file.tensors() {
            if view.dtype() != Dtype::F32 {
                return Err(bad("an array that is not f32"));
            }
            let values = view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
            arrays.push((name, view.shape().to_vec(), values));
        }
        arrays.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Self { step, steps, order, arrays })
    }

    /// Shape and values of the array called `name`.
    #[must_use]
    pub fn array(&self, name: &str) -> Option<(&[usize], &[f32])> {
        self.arrays.iter().find(|(n, _, _)| n == name).map(|(_, shape, values)| (shape.as_slice(), values.as_slice()))
    }
}
