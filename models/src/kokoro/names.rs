//! Tensors under the names that the networks ask for. The released file keeps a prefix of its training, and convolutions as a
//! direction and a length (two spellings of that are in use); here they become plain weights, each made once.
//! **Never here:** shapes: those are asked for by the networks, and what is missing or left is refused by name there.

use std::collections::HashMap;

use candle_core::{Device, Result, Tensor};

use super::KokoroError;
use crate::weights::WeightsError;

/// Tensors by name.
pub type Tensors = HashMap<String, Tensor>;

/// The model's parts, as the released file's table names them.
const PARTS: [&str; 5] = ["bert", "bert_encoder", "predictor", "text_encoder", "decoder"];
/// What training left between a part and its tensors.
const TRAINED: &str = "module.";
/// Tensors of the released file that speaking has no use for, on purpose and by name: the text encoder's summary of a line, and
/// the numbers 0, 1, 2 …
const LEFT_OUT: [&str; 4] =
    ["bert.pooler.weight", "bert.pooler.bias", "bert.embeddings.position_ids", "bert.embeddings.token_type_ids"];
/// A convolution's length and direction, in both spellings.
const SPLIT: [(&str, &str); 2] =
    [("weight_g", "weight_v"), ("parametrizations.weight.original0", "parametrizations.weight.original1")];

/// Names as the networks ask for them, and whole convolutions.
///
/// # Errors
/// When two tensors have one name, or half of a convolution is missing.
pub fn arranged(tensors: Tensors) -> std::result::Result<Tensors, KokoroError> {
    let mut all = HashMap::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let name = plain(&name);
        if LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        if all.insert(name.clone(), tensor).is_some() {
            return Err(WeightsError::Malformed(format!("{name} is there twice")).into());
        }
    }
    folded(all)
}

fn plain(name: &str) -> String {
    let part = name.split_once('.').filter(|(part, _)| PARTS.contains(part));
    match part.and_then(|(part, rest)| Some((part, rest.strip_prefix(TRAINED)?))) {
        Some((part, rest)) => format!("{part}.{rest}"),
        None => name.to_owned(),
    }
}

fn folded(mut all: Tensors) -> std::result::Result<Tensors, KokoroError> {
    for (length, direction) in SPLIT {
        let ends = |name: &str, ending: &str| name.strip_suffix(ending).filter(|s| s.ends_with('.')).map(str::to_owned);
        let stems: Vec<String> = all.keys().filter_map(|name| ends(name, direction)).collect();
        for stem in stems {
            let missing = |what: &str| WeightsError::Missing(format!("{stem}{what}"));
            let v = all.remove(&format!("{stem}{direction}")).ok_or_else(|| missing(direction))?;
            let g = all.remove(&format!("{stem}{length}")).ok_or_else(|| missing(length))?;
            if all.insert(format!("{stem}weight"), whole(&g, &v)?).is_some() {
                return Err(WeightsError::Malformed(format!("{stem}weight is there twice")).into());
            }
        }
        if let Some(stem) = all.keys().find_map(|name| ends(name, length)) {
            return Err(WeightsError::Missing(format!("{stem}{direction}")).into());
        }
    }
    Ok(all)
}

/// `g · v / |v|`, where each entry of the first axis has a length of its own.
fn whole(g: &Tensor, v: &Tensor) -> Result<Tensor> {
    let rows = v.dim(0)?;
    if g.elem_count() != rows {
        candle_core::bail!("{} lengths for {rows} directions", g.elem_count());
    }
    let lengths = g.flatten_all()?.to_dtype(candle_core::DType::F32)?.to_vec1::<f32>()?;
    let mut values = v.flatten_all()?.to_dtype(candle_core::DType::F32)?.to_vec1::<f32>()?;
    let each = values.len() / rows.max(1);
    if each > 0 {
        for (row, length) in values.chunks_mut(each).zip(lengths) {
            let norm = row.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt() as f32;
            let factor = length / norm;
            row.iter_mut().for_each(|x| *x *= factor);
        }
    }
    Tensor::from_vec(values, v.shape(), &Device::Cpu)
}
