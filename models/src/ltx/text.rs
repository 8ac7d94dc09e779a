//! T5-v1.1's encoder: prompt tokens in, one state per token out. Mirrors `T5EncoderModel`, key by key (`encoder.block.…`).
//! Its attention has no scale and adds a learned bias by distance, which the first block holds for all of them.
//! **Never here:** words (that is the tokenizer's), or how many of them fit.

use candle_core::{D, DType, Result, Tensor};
use candle_nn::VarBuilder;

use super::config::TextConfig;
use crate::{
    kernels::{Activation, rms_norm_rotate},
    linear::{Linear, Precision},
};

/// What a key that may not be seen adds to its score.
const MASKED: f64 = -1e9;

/// The encoder.
#[derive(Debug, Clone)]
pub struct TextEncoder {
    c: TextConfig,
    words: Tensor,
    distances: Tensor,
    blocks: Vec<Block>,
    norm: Tensor,
}

#[derive(Debug, Clone)]
struct Block {
    attention_norm: Tensor,
    q: Linear,
    k: Linear,
    v: Linear,
    o: Linear,
    dense_norm: Tensor,
    gate: Linear,
    wide: Linear,
    narrow: Linear,
}

impl TextEncoder {
    /// Reads the encoder's tensors at `vb`.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(c: &TextConfig, precision: Precision, vb: &VarBuilder<'_>) -> Result<Self> {
        let (d, inner) = (c.d_model, c.num_heads * c.d_kv);
        let encoder = vb.pp("encoder");
        let mut distances = None;
        let mut blocks = Vec::with_capacity(c.num_layers);
        for i in 0..c.num_layers {
            let layers = encoder.pp("block").pp(i).pp("layer");
            let (attention, dense) = (layers.pp(0).pp("SelfAttention"), layers.pp(1).pp("DenseReluDense"));
            let linear = |vb: &VarBuilder<'_>, name: &str, a: usize, b: usize| {
                Linear::load_without_bias(a, b, precision, &vb.pp(name))
            };
            if i == 0 {
                let shape = (c.relative_attention_num_buckets, c.num_heads);
                distances = Some(attention.pp("relative_attention_bias").get(shape, "weight")?);
            }
            blocks.push(Block {
                attention_norm: layers.pp(0).pp("layer_norm").get(d, "weight")?,
                q: linear(&attention, "q", d, inner)?,
                k: linear(&attention, "k", d, inner)?,
                v: linear(&attention, "v", d, inner)?,
                o: linear(&attention, "o", inner, d)?,
                dense_norm: layers.pp(1).pp("layer_norm").get(d, "weight")?,
                gate: linear(&dense, "wi_0", d, c.d_ff)?,
                wide: linear(&dense, "wi_1", d, c.d_ff)?,
                narrow: linear(&dense, "wo", c.d_ff, d)?,
            });
        }
        let Some(distances) = distances else { candle_core::bail!("a text encoder without layers") };
        Ok(Self {
            words: vb.pp("shared").get((c.vocab_size, d), "weight")?,
            distances,
            blocks,
            norm: encoder.pp("final_layer_norm").get(d, "weight")?,
            c: c.clone(),
        })
    }

    /// `ids` `[b, n]` u32, `keep` `[b, n]` f32 (1 = a token, 0 = padding; none: all are tokens) → states `[b, n, d_model]`.
    ///
    /// # Errors
    /// When an id is not in the vocabulary, the shapes do not fit, or the device fails.
    pub fn forward(&self, ids: &Tensor, keep: Option<&Tensor>) -> Result<Tensor> {
        let (b, n) = ids.dims2()?;
        let eps = self.c.layer_norm_epsilon;
        let mut x = self.words.index_select(&ids.flatten_all()?, 0)?.reshape((b, n, self.c.d_model))?;
        let mut bias = self.bias(n)?;
        if let Some(keep) = keep {
            let hidden = keep.to_dtype(DType::F32)?.affine(-MASKED, MASKED)?.reshape((b, 1, 1, n))?;
            bias = bias.broadcast_add(&hidden.to_dtype(bias.dtype())?)?;
        }
        for block in &self.blocks {
            let y = rms_norm_rotate(&x, &block.attention_norm, eps, None)?;
            x = (x + self.attend(block, &y, &bias)?)?;
            let y = rms_norm_rotate(&x, &block.dense_norm, eps, None)?;
            let gate = block.gate.forward(&y, Some(Activation::Gelu))?;
            x = (x + block.narrow.forward(&(gate * block.wide.forward(&y, None)?)?, None)?)?;
        }
        rms_norm_rotate(&x, &self.norm, eps, None)
    }

    fn attend(&self, block: &Block, x: &Tensor, bias: &Tensor) -> Result<Tensor> {
        let (b, n, _) = x.dims3()?;
        let heads = |layer: &Linear| {
            layer.forward(x, None)?.reshape((b, n, self.c.num_heads, self.c.d_kv))?.transpose(1, 2)?.contiguous()
        };
        let (q, k, v) = (heads(&block.q)?, heads(&block.k)?, heads(&block.v)?);
        let scores = q.matmul(&k.transpose(2, 3)?.contiguous()?)?.broadcast_add(bias)?;
        let weights = candle_nn::ops::softmax(&scores, D::Minus1)?;
        let y = weights.matmul(&v)?.transpose(1, 2)?.reshape((b, n, self.c.num_heads * self.c.d_kv))?;
        block.o.forward(&y, None)
    }

    /// `[1, heads, n, n]`: what the distance from query to key adds to a score.
    fn bias(&self, n: usize) -> Result<Tensor> {
        let mut buckets = Vec::with_capacity(n * n);
        for query in 0..n {
            buckets.extend((0..n).map(|key| self.bucket(key as i64 - query as i64)));
        }
        let buckets = Tensor::from_vec(buckets, n * n, self.distances.device())?;
        let bias = self.distances.index_select(&buckets, 0)?.reshape((n, n, self.c.num_heads))?;
        bias.permute((2, 0, 1))?.contiguous()?.unsqueeze(0)
    }

    /// Near distances have a bucket each; further ones share it logarithmically; the two directions are apart.
    fn bucket(&self, distance: i64) -> u32 {
        let half = (self.c.relative_attention_num_buckets / 2) as i64;
        let exact = half / 2;
        let base = if distance > 0 { half } else { 0 };
        let far = distance.abs();
        let within = if far < exact {
            far
        } else {
            // In f32, as the reference: a bucket's edge must not move.
            let share = (far as f32 / exact as f32).ln()
                / ((self.c.relative_attention_max_distance as f64 / exact as f64).ln() as f32);
            (exact + (share * (half - exact) as f32) as i64).min(half - 1)
        };
        (base + within) as u32
    }
}
