//! LoRA: what somebody taught a denoiser beside its weights, as two thin matrices a layer (Hu et al. 2021, arXiv:2106.09685):
//! W' = W + strength · (alpha / rank) · B A. Either merged into the weights as they are handed out, which costs a step nothing, or
//! kept beside them ([`Transformer::keep_beside`](super::transformer::Transformer::keep_beside)). **Never here:** reading files.

use std::collections::{BTreeMap, BTreeSet};

use candle_core::{DType, Tensor};

use super::{
    LtxError,
    names::{Tensors, transformer_name},
};
use crate::weights::WeightsError;

/// Prefixes of the reference library, of the original program and its kin, and of the training library.
const PREFIXES: [&str; 4] = ["transformer.", "diffusion_model.", "model.diffusion_model.", "base_model.model."];
/// Before names whose points became underscores.
const FLAT: &str = "lora_unet_";
/// The layers of a block, as such names spell them.
const FLAT_LAYERS: [(&str, &str); 10] = [
    ("attn1_to_q", "attn1.to_q"),
    ("attn1_to_k", "attn1.to_k"),
    ("attn1_to_v", "attn1.to_v"),
    ("attn1_to_out_0", "attn1.to_out.0"),
    ("attn2_to_q", "attn2.to_q"),
    ("attn2_to_k", "attn2.to_k"),
    ("attn2_to_v", "attn2.to_v"),
    ("attn2_to_out_0", "attn2.to_out.0"),
    ("ff_net_0_proj", "ff.net.0.proj"),
    ("ff_net_2", "ff.net.2"),
];
const DOWN: [&str; 3] = [".lora_A.weight", ".lora_A.default.weight", ".lora_down.weight"];
const UP: [&str; 3] = [".lora_B.weight", ".lora_B.default.weight", ".lora_up.weight"];
const ALPHA: &str = ".alpha";

/// The change of one layer.
#[derive(Debug, Clone)]
pub struct Change {
    /// `[rank, in]`
    pub down: Tensor,
    /// `[out, rank]`
    pub up: Tensor,
    /// alpha / rank; 1 where a file states no alpha.
    pub scale: f64,
}

/// What one file changes, by layer under the reference's names.
#[derive(Debug, Clone, Default)]
pub struct Lora {
    changes: BTreeMap<String, Change>,
}

#[derive(Default)]
struct Halves {
    down: Option<Tensor>,
    up: Option<Tensor>,
    alpha: Option<f64>,
}

impl Lora {
    /// Sorts the tensors of one file, of any of the layouts above.
    ///
    /// # Errors
    /// When a tensor is no part of a LoRA, a half is missing, or two halves do not fit.
    pub fn sort(tensors: Tensors) -> Result<Self, LtxError> {
        let mut halves: BTreeMap<String, Halves> = BTreeMap::new();
        let mut strangers = BTreeSet::new();
        for (name, tensor) in tensors {
            let ending = |list: &[&str]| list.iter().find_map(|ending| name.strip_suffix(ending)).map(str::to_owned);
            if let Some(layer) = ending(&DOWN) {
                halves.entry(layer_name(&layer)).or_default().down = Some(tensor.to_dtype(DType::F32)?);
            } else if let Some(layer) = ending(&UP) {
                halves.entry(layer_name(&layer)).or_default().up = Some(tensor.to_dtype(DType::F32)?);
            } else if let Some(layer) = ending(&[ALPHA]).filter(|_| tensor.elem_count() == 1) {
                let alpha = tensor.to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>()?;
                halves.entry(layer_name(&layer)).or_default().alpha = alpha.first().copied();
            } else {
                strangers.insert(name);
            }
        }
        if !strangers.is_empty() {
            return Err(WeightsError::Unused(listed(&strangers)).into());
        }
        let mut changes = BTreeMap::new();
        for (layer, half) in halves {
            let (Some(down), Some(up)) = (half.down, half.up) else {
                return Err(WeightsError::Missing(format!("one half of the change of {layer}")).into());
            };
            let (rank, out) = (down.dims().first().copied().unwrap_or(0), up.dims());
            if down.rank() != 2 || out.len() != 2 || out.get(1) != Some(&rank) || rank == 0 {
                let what = format!("the halves {:?} and {out:?} of the change of {layer} do not fit", down.dims());
                return Err(WeightsError::Malformed(what).into());
            }
            let scale = half.alpha.map_or(1.0, |alpha| alpha / rank as f64);
            changes.insert(layer, Change { down, up, scale });
        }
        if changes.is_empty() {
            return Err(WeightsError::Missing("any change of a layer: it is no LoRA".to_owned()).into());
        }
        Ok(Self { changes })
    }

    /// Layers and their changes.
    pub fn changes(&self) -> impl Iterator<Item = (&str, &Change)> {
        self.changes.iter().map(|(layer, change)| (layer.as_str(), change))
    }

    /// Refuses a LoRA of another model: each layer that it changes must be one of `held`, in its shape.
    ///
    /// # Errors
    /// With the names of the layers that do not fit.
    pub fn check_fits(&self, held: &Tensors) -> Result<(), LtxError> {
        let fits = |(layer, change): &(&String, &Change)| {
            let shape = held.get(&format!("{layer}.weight")).map(Tensor::dims);
            shape
                == Some(&[
                    change.up.dims().first().copied().unwrap_or(0),
                    change.down.dims().get(1).copied().unwrap_or(0),
                ])
        };
        let others: BTreeSet<String> =
            self.changes.iter().filter(|pair| !fits(pair)).map(|(layer, _)| layer.clone()).collect();
        if others.is_empty() {
            return Ok(());
        }
        let what = format!("the LoRA was made for another model: it changes {}", listed(&others));
        Err(LtxError::Files(what))
    }

    /// The tensor called `name`, changed by `strength` where this LoRA changes it; such a tensor comes back in f32.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn merged(&self, name: &str, weight: Tensor, strength: f64) -> candle_core::Result<Tensor> {
        match name.strip_suffix(".weight").and_then(|layer| self.changes.get(layer)) {
            Some(change) => {
                let product = change.up.to_device(weight.device())?.matmul(&change.down.to_device(weight.device())?)?;
                weight.to_dtype(DType::F32)? + (product * (strength * change.scale))?
            }
            None => Ok(weight),
        }
    }
}

/// The first few of `names`.
fn listed(names: &BTreeSet<String>) -> String {
    let first: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
    match names.len() - first.len() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// A layer under the reference's name.
fn layer_name(name: &str) -> String {
    if let Some(flat) = name.strip_prefix(FLAT)
        && let Some(rest) = flat.strip_prefix("transformer_blocks_")
        && let Some((number, layer)) = rest.split_once('_')
        && let Some((_, dotted)) = FLAT_LAYERS.iter().find(|(spelt, _)| *spelt == layer)
    {
        return format!("transformer_blocks.{number}.{dotted}");
    }
    let mut bare = name;
    // A training library's own prefix may stand before another.
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| bare.strip_prefix(prefix)) {
        bare = rest;
    }
    transformer_name(bare)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn halves(down: &str, up: &str) -> Tensors {
        let make = |shape: (usize, usize)| Tensor::ones(shape, DType::F32, &Device::Cpu).unwrap();
        Tensors::from([(down.to_owned(), make((2, 6))), (up.to_owned(), make((4, 2)))])
    }

    #[test]
    fn one_layer_has_one_name_in_every_layout() {
        for name in [
            "transformer.transformer_blocks.3.attn1.to_out.0",
            "diffusion_model.transformer_blocks.3.attn1.to_out.0",
            "base_model.model.transformer.transformer_blocks.3.attn1.to_out.0",
            "lora_unet_transformer_blocks_3_attn1_to_out_0",
            "transformer_blocks.3.attn1.to_out.0",
        ] {
            assert_eq!(layer_name(name), "transformer_blocks.3.attn1.to_out.0", "{name}");
        }
        assert_eq!(layer_name("diffusion_model.patchify_proj"), "proj_in");
    }

    #[test]
    fn alpha_over_rank_scales_the_change() {
        let mut tensors = halves("a.lora_down.weight", "a.lora_up.weight");
        tensors.insert("a.alpha".to_owned(), Tensor::new(8f32, &Device::Cpu).unwrap());
        let lora = Lora::sort(tensors).unwrap();
        let zero = Tensor::zeros((4, 6), DType::F32, &Device::Cpu).unwrap();
        let merged = lora.merged("a.weight", zero.clone(), 0.5).unwrap().to_vec2::<f32>().unwrap();
        // rank 2: two ones a place, times 8 / 2, times the strength.
        assert_eq!(merged, vec![vec![4.0; 6]; 4]);
        let other = lora.merged("b.weight", zero.clone(), 1.0).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(other, vec![vec![0.0; 6]; 4]);
        assert!(lora.check_fits(&Tensors::from([("a.weight".to_owned(), zero.clone())])).is_ok());
        let refused = lora.check_fits(&Tensors::from([("b.weight".to_owned(), zero)])).unwrap_err().to_string();
        assert!(refused.contains("another model") && refused.contains('a'), "{refused}");
    }

    #[test]
    fn what_is_no_lora_or_half_of_one_is_refused_by_name() {
        let mut tensors = halves("a.lora_A.weight", "a.lora_B.weight");
        let up = tensors.remove("a.lora_B.weight").unwrap();
        assert!(Lora::sort(tensors.clone()).unwrap_err().to_string().contains("one half of the change of a"));
        tensors.insert("a.lora_B.weight".to_owned(), up.t().unwrap().contiguous().unwrap());
        assert!(Lora::sort(tensors.clone()).unwrap_err().to_string().contains("do not fit"));
        tensors.insert("b.weight".to_owned(), up);
        assert!(Lora::sort(tensors).unwrap_err().to_string().contains("b.weight"));
        assert!(Lora::sort(Tensors::new()).unwrap_err().to_string().contains("no LoRA"));
    }
}
