//! One set of names for every layout that people have: the reference's folders, the original single files, and GGUF files.
//! Tensors are sorted into the parts they belong to under the reference's names; what belongs nowhere is an error with its
//! name. **Never here:** reading files, or building networks.

use std::collections::{BTreeSet, HashMap};

use candle_core::Tensor;

use super::{
    LtxError,
    config::{TransformerConfig, VaeConfig},
};
use crate::weights::WeightsError;

/// Tensors by name.
pub type Tensors = HashMap<String, Tensor>;

/// What a file or folder held.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    pub text: Tensors,
    pub transformer: Tensors,
    pub vae: Tensors,
    pub upsampler: Tensors,
}

const TRANSFORMER: [&str; 8] = [
    "transformer_blocks.",
    "patchify_proj.",
    "proj_in.",
    "adaln_single.",
    "time_embed.",
    "caption_projection.",
    "proj_out.",
    "scale_shift_table",
];
const TEXT: [&str; 7] = [
    "encoder.block.",
    "encoder.final_layer_norm.",
    "encoder.embed_tokens.",
    "shared.",
    "enc.blk.",
    "enc.",
    "token_embd.",
];
const VAE: [&str; 5] = ["encoder.", "decoder.", "per_channel_statistics.", "latents_mean", "latents_std"];
const UPSAMPLER: [&str; 6] =
    ["initial_conv.", "initial_norm.", "res_blocks.", "upsampler.", "post_upsample_res_blocks.", "final_conv."];
/// Prefixes under which single files keep their parts.
const PREFIXES: [&str; 4] = ["model.diffusion_model.", "diffusion_model.", "transformer.", "text_encoder."];

impl Parts {
    /// Sorts `tensors` of one file or of all shards together.
    ///
    /// # Errors
    /// [`WeightsError::Unused`] with names that belong to no part.
    pub fn sort(tensors: Tensors) -> Result<Self, LtxError> {
        let codec = CodecNames::of(&tensors);
        let mut parts = Self::default();
        let mut strangers = BTreeSet::new();
        for (name, tensor) in tensors {
            let bare = PREFIXES.iter().find_map(|p| name.strip_prefix(p)).unwrap_or(&name);
            let kept = match Part::of(&name) {
                Some(Part::Vae) => {
                    let inside = name.strip_prefix("vae.").unwrap_or(bare);
                    codec.rename(inside).map(|new| parts.vae.insert(new, tensor))
                }
                Some(Part::Transformer) => Some(parts.transformer.insert(transformer_name(bare), tensor)),
                Some(Part::Text) => text_name(bare).map(|new| parts.text.insert(new, tensor)),
                Some(Part::Upsampler) => Some(parts.upsampler.insert(bare.to_owned(), tensor)),
                None => {
                    strangers.insert(name.clone());
                    None
                }
            };
            if kept.is_some_and(|before| before.is_some()) {
                return Err(WeightsError::Malformed(format!("{name} is there twice under two names")).into());
            }
        }
        if strangers.is_empty() {
            return Ok(parts);
        }
        let first: Vec<&str> = strangers.iter().take(5).map(String::as_str).collect();
        let more = strangers.len() - first.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Err(WeightsError::Unused(format!("{}{more}", first.join(", "))).into())
    }

    /// The denoiser's sizes, from its tensors; every released one has 32 heads.
    ///
    /// # Errors
    /// When tensors that tell them are not there.
    pub fn transformer_config(&self) -> Result<TransformerConfig, LtxError> {
        let shape = |name: &str| self.transformer.get(name).map(|t| t.dims().to_vec());
        let lacks = |name: &str| LtxError::Weights(WeightsError::Missing(name.to_owned()));
        let entry = shape("proj_in.weight").ok_or_else(|| lacks("proj_in.weight"))?;
        let caption = shape("caption_projection.linear_1.weight");
        let caption = caption.ok_or_else(|| lacks("caption_projection.linear_1.weight"))?;
        let exit = shape("proj_out.weight").ok_or_else(|| lacks("proj_out.weight"))?;
        let (&[width, size_in], &[_, words], &[size_out, _]) = (entry.as_slice(), caption.as_slice(), exit.as_slice())
        else {
            return Err(LtxError::Config("the transformer: its first layers are not matrices".to_owned()));
        };
        let heads = TransformerConfig::default().num_attention_heads;
        let numbers = self.transformer.keys().filter_map(|k| number_after(k, "transformer_blocks."));
        Ok(TransformerConfig {
            in_channels: size_in,
            out_channels: size_out,
            num_attention_heads: heads,
            attention_head_dim: width / heads,
            cross_attention_dim: width,
            num_layers: numbers.max().map_or(0, |n| n + 1),
            caption_channels: words,
            ..TransformerConfig::default()
        })
    }

    /// The generation of the codec, from the names of its tensors.
    #[must_use]
    pub fn vae_config(&self) -> VaeConfig {
        let has = |name: &str| self.vae.contains_key(name);
        if has("encoder.down_blocks.0.downsamplers.0.conv.conv.weight") {
            VaeConfig::folding()
        } else if has("decoder.timestep_scale_multiplier") {
            VaeConfig::conditioned()
        } else {
            VaeConfig::default()
        }
    }
}

/// The part a tensor belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Text,
    Transformer,
    Vae,
    Upsampler,
}

impl Part {
    /// By name alone, in any layout; None for a stranger.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let bare = PREFIXES.iter().find_map(|p| name.strip_prefix(p)).unwrap_or(name);
        let begins = |list: &[&str]| list.iter().any(|p| bare.starts_with(p));
        match () {
            () if name.starts_with("vae.") => Some(Self::Vae),
            () if begins(&TRANSFORMER) => Some(Self::Transformer),
            () if begins(&TEXT) => Some(Self::Text),
            () if begins(&VAE) => Some(Self::Vae),
            () if begins(&UPSAMPLER) => Some(Self::Upsampler),
            () => None,
        }
    }
}

/// The number that follows `prefix`.
fn number_after(name: &str, prefix: &str) -> Option<usize> {
    name.strip_prefix(prefix)?.split('.').next()?.parse().ok()
}

/// A name of the denoiser's, as the reference has it.
pub(super) fn transformer_name(name: &str) -> String {
    const CHANGED: [(&str, &str); 4] =
        [("patchify_proj", "proj_in"), ("adaln_single", "time_embed"), ("q_norm", "norm_q"), ("k_norm", "norm_k")];
    name.split('.')
        .map(|word| CHANGED.iter().find(|(old, _)| *old == word).map_or(word, |(_, new)| new))
        .collect::<Vec<_>>()
        .join(".")
}

/// None for the copy of the words that some files keep.
fn text_name(name: &str) -> Option<String> {
    const INSIDE: [(&str, &str); 10] = [
        ("attn_q", "layer.0.SelfAttention.q"),
        ("attn_k", "layer.0.SelfAttention.k"),
        ("attn_v", "layer.0.SelfAttention.v"),
        ("attn_o", "layer.0.SelfAttention.o"),
        ("attn_rel_b", "layer.0.SelfAttention.relative_attention_bias"),
        ("attn_norm", "layer.0.layer_norm"),
        ("ffn_norm", "layer.1.layer_norm"),
        ("ffn_gate", "layer.1.DenseReluDense.wi_0"),
        ("ffn_up", "layer.1.DenseReluDense.wi_1"),
        ("ffn_down", "layer.1.DenseReluDense.wo"),
    ];
    if name == "encoder.embed_tokens.weight" {
        return None;
    }
    if let Some(rest) = name.strip_prefix("enc.blk.") {
        let mut words = rest.split('.');
        let (number, layer) = (words.next()?, words.next()?);
        let layer = INSIDE.iter().find(|(old, _)| *old == layer).map_or(layer, |(_, new)| new);
        return Some(format!("encoder.block.{number}.{layer}.weight"));
    }
    Some(match name {
        "enc.output_norm.weight" => "encoder.final_layer_norm.weight".to_owned(),
        "token_embd.weight" => "shared.weight".to_owned(),
        other => other.to_owned(),
    })
}

/// How a codec numbers its blocks: the reference's way, or one of the original ones.
#[derive(Debug, Clone, Copy)]
struct CodecNames {
    original: bool,
    /// The encoder of 0.9.5 and later.
    folding: bool,
    /// The decoder of 0.9.1 and later.
    conditioned: bool,
    /// The encoder's last block, which is the middle one.
    middle: usize,
}

impl CodecNames {
    fn of(tensors: &Tensors) -> Self {
        let bare = |k: &String| k.strip_prefix("vae.").unwrap_or(k).to_owned();
        let names: BTreeSet<String> = tensors.keys().map(bare).collect();
        let numbers = names.iter().filter_map(|k| number_after(k, "encoder.down_blocks."));
        Self {
            original: names.iter().any(|k| k.contains(".res_blocks.") && !k.starts_with("post_")),
            folding: names.contains("encoder.down_blocks.1.conv.conv.weight"),
            conditioned: names.contains("decoder.up_blocks.1.conv.conv.weight"),
            middle: numbers.max().unwrap_or(0),
        }
    }

    /// None for statistics that no network uses.
    fn rename(self, name: &str) -> Option<String> {
        match name.strip_prefix("per_channel_statistics.") {
            Some("mean-of-means") => return Some("latents_mean".to_owned()),
            Some("std-of-means") => return Some("latents_std".to_owned()),
            Some(_) => return None,
            None => {}
        }
        if !self.original {
            return Some(name.to_owned());
        }
        let new = self.block(name).unwrap_or_else(|| name.to_owned());
        let new = new.replace(".res_blocks.", ".resnets.").replace("norm3.norm.", "norm3.");
        let new = new.replace("conv_shortcut.", "conv_shortcut.conv.").replace("conv.conv.conv.", "conv.conv.");
        Some(new.replace("last_time_embedder", "time_embedder").replace("last_scale_shift_table", "scale_shift_table"))
    }

    /// The place of a numbered block in the reference's numbering.
    fn block(self, name: &str) -> Option<String> {
        const ENCODER: [&str; 10] = [
            "down_blocks.0",
            "down_blocks.0.downsamplers.0",
            "down_blocks.0.conv_out",
            "down_blocks.1",
            "down_blocks.1.downsamplers.0",
            "down_blocks.1.conv_out",
            "down_blocks.2",
            "down_blocks.2.downsamplers.0",
            "down_blocks.3",
            "mid_block",
        ];
        const DECODER: [&str; 10] = [
            "mid_block",
            "up_blocks.0",
            "up_blocks.1.upsamplers.0",
            "up_blocks.1",
            "up_blocks.2.conv_in",
            "up_blocks.2.upsamplers.0",
            "up_blocks.2",
            "up_blocks.3.conv_in",
            "up_blocks.3.upsamplers.0",
            "up_blocks.3",
        ];
        let (half, rest) = if let Some(rest) = name.strip_prefix("encoder.down_blocks.") {
            ("encoder", rest)
        } else {
            ("decoder", name.strip_prefix("decoder.up_blocks.")?)
        };
        let (number, inside) = rest.split_once('.')?;
        let number: usize = number.parse().ok()?;
        let place = match (half, self.folding, self.conditioned) {
            ("encoder", true, _) if number == self.middle => "mid_block".to_owned(),
            ("encoder", true, _) if number % 2 == 1 => format!("down_blocks.{}.downsamplers.0", number / 2),
            ("encoder", true, _) => format!("down_blocks.{}", number / 2),
            ("encoder", false, _) => (*ENCODER.get(number)?).to_owned(),
            (_, _, true) if number == 0 => "mid_block".to_owned(),
            (_, _, true) if number % 2 == 1 => format!("up_blocks.{}.upsamplers.0", number / 2),
            (_, _, true) => format!("up_blocks.{}", number / 2 - 1),
            (_, _, false) => (*DECODER.get(number)?).to_owned(),
        };
        Some(format!("{half}.{place}.{inside}"))
    }
}
