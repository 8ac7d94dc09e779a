//! The encoder that reads a whole line of phonemes at once: ALBERT, one layer used again and again. Mirrors the reference's
//! `CustomAlbert`, key by key, and gives its last states. **Never here:** padding: a line is read alone.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::{config::PlbertConfig, parts::linear};
use crate::{
    kernels::{Activation, attention, layer_norm_affine},
    linear::Linear,
};

/// What is added to a state's variance.
const EPS: f64 = 1e-12;
/// Kinds of token that the reference knows; all of a line are of the first.
const KINDS: usize = 2;

/// The encoder.
#[derive(Debug, Clone)]
pub struct Plbert {
    words: Tensor,
    positions: Tensor,
    kind: Tensor,
    norm: Norm,
    widen: Linear,
    layer: Layer,
    times: usize,
    heads: usize,
}

#[derive(Debug, Clone)]
struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Norm {
    fn new(width: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self { weight: vb.get(width, "weight")?, bias: vb.get(width, "bias")? })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        layer_norm_affine(x, &self.weight, &self.bias, EPS)
    }
}

#[derive(Debug, Clone)]
struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    dense: Linear,
    attention_norm: Norm,
    wide: Linear,
    narrow: Linear,
    norm: Norm,
}

impl Plbert {
    /// Reads the encoder's tensors at `vb`.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(c: &PlbertConfig, signs: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let (embeddings, encoder) = (vb.pp("embeddings"), vb.pp("encoder"));
        let (narrow, d) = (c.embedding_size, c.hidden_size);
        let layer = encoder.pp("albert_layer_groups").pp(0).pp("albert_layers").pp(0);
        let inside = layer.pp("attention");
        Ok(Self {
            words: embeddings.pp("word_embeddings").get((signs, narrow), "weight")?,
            positions: embeddings.pp("position_embeddings").get((c.max_position_embeddings, narrow), "weight")?,
            kind: embeddings.pp("token_type_embeddings").get((KINDS, narrow), "weight")?.narrow(0, 0, 1)?,
            norm: Norm::new(narrow, &embeddings.pp("LayerNorm"))?,
            widen: linear(narrow, d, &encoder.pp("embedding_hidden_mapping_in"))?,
            layer: Layer {
                query: linear(d, d, &inside.pp("query"))?,
                key: linear(d, d, &inside.pp("key"))?,
                value: linear(d, d, &inside.pp("value"))?,
                dense: linear(d, d, &inside.pp("dense"))?,
                attention_norm: Norm::new(d, &inside.pp("LayerNorm"))?,
                wide: linear(d, c.intermediate_size, &layer.pp("ffn"))?,
                narrow: linear(c.intermediate_size, d, &layer.pp("ffn_output"))?,
                norm: Norm::new(d, &layer.pp("full_layer_layer_norm"))?,
            },
            times: c.num_hidden_layers,
            heads: c.num_attention_heads,
        })
    }

    /// `ids` `[n]` u32 → states `[n, hidden]`.
    ///
    /// # Errors
    /// When an id is not in the alphabet, the line is longer than the positions, or the device fails.
    pub fn forward(&self, ids: &Tensor) -> Result<Tensor> {
        let n = ids.dim(0)?;
        let x = self.words.index_select(ids, 0)?.broadcast_add(&self.kind)?;
        let x = self.norm.forward(&(x + self.positions.narrow(0, 0, n)?)?)?;
        let mut x = self.widen.forward(&x, None)?.unsqueeze(0)?;
        let (layer, d) = (&self.layer, x.dim(2)?);
        for _ in 0..self.times {
            let split = |part: &Linear| part.forward(&x, None)?.reshape((1, n, self.heads, d / self.heads));
            let seen = attention(&split(&layer.query)?, &split(&layer.key)?, &split(&layer.value)?, None)?;
            let y = layer.attention_norm.forward(&(&x + layer.dense.forward(&seen, None)?)?)?;
            let wide = layer.wide.forward(&y, Some(Activation::Gelu))?;
            x = layer.norm.forward(&(layer.narrow.forward(&wide, None)? + y)?)?;
        }
        x.squeeze(0)
    }
}
