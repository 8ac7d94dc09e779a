//! The text encoder: a word embedding, learned positions, two transformer layers. Mirrors `TextEncoder` in
//! `models/draft/training/text.py`. **Never here:** how a sentence becomes numbers; that is `words.rs`.

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;

use super::config::TextConfig;
use crate::{
    kernels::{Activation, attention, layer_norm_affine},
    linear::{Linear, Precision},
};

/// What the denoiser is told of a prompt.
#[derive(Debug, Clone)]
pub struct TextStates {
    /// `[b, length, width]`.
    pub states: Tensor,
    /// `[b, length]`, f32: 1 = a word, 0 = padding.
    pub keep: Tensor,
    /// `[b, width]`, the mean of the states of words.
    pub pooled: Tensor,
}

/// The encoder.
#[derive(Debug, Clone)]
pub struct TextEncoder {
    embed: Tensor,
    positions: Tensor,
    blocks: Vec<Block>,
    norm_out: Norm,
    heads: usize,
}

impl TextEncoder {
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(c: &TextConfig, precision: Precision, vb: &VarBuilder<'_>) -> Result<Self> {
        let blocks = vb.pp("blocks");
        Ok(Self {
            embed: vb.get((c.words, c.width), "embed.weight")?,
            positions: vb.get((c.length, c.width), "positions")?,
            blocks: (0..c.layers).map(|i| Block::new(c, precision, &blocks.pp(i))).collect::<Result<_>>()?,
            norm_out: Norm::new(c, &vb.pp("norm_out"))?,
            heads: c.heads,
        })
    }

    /// `ids` `[b, length]` u32, `keep` `[b, length]` f32.
    ///
    /// # Errors
    /// When an id lies outside the vocabulary, the text is too long, or the device fails.
    pub fn forward(&self, ids: &Tensor, keep: &Tensor) -> Result<TextStates> {
        let (b, length) = ids.dims2()?;
        let flat = ids.flatten_all()?.to_dtype(DType::U32)?;
        let words = self.embed.index_select(&flat, 0)?.reshape((b, length, ()))?;
        let mut x = words.broadcast_add(&self.positions.narrow(0, 0, length)?)?;
        for block in &self.blocks {
            x = block.forward(&x, keep, self.heads)?;
        }
        let states = self.norm_out.forward(&x)?;
        let weight = keep.unsqueeze(2)?;
        let count = keep.sum_keepdim(1)?.maximum(1f64)?;
        let pooled = states.broadcast_mul(&weight)?.sum(1)?.broadcast_div(&count)?;
        Ok(TextStates { states, keep: keep.clone(), pooled })
    }
}

#[derive(Debug, Clone)]
struct Norm {
    weight: Tensor,
    bias: Tensor,
    eps: f64,
}

impl Norm {
    fn new(c: &TextConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self { weight: vb.get(c.width, "weight")?, bias: vb.get(c.width, "bias")?, eps: c.norm_eps })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        layer_norm_affine(x, &self.weight, &self.bias, self.eps)
    }
}

#[derive(Debug, Clone)]
struct Block {
    norm1: Norm,
    q: Linear,
    k: Linear,
    v: Linear,
    o: Linear,
    norm2: Norm,
    fc1: Linear,
    fc2: Linear,
}

impl Block {
    fn new(c: &TextConfig, precision: Precision, vb: &VarBuilder<'_>) -> Result<Self> {
        let linear = |name: &str, a: usize, b: usize| Linear::load(a, b, precision, &vb.pp(name));
        Ok(Self {
            norm1: Norm::new(c, &vb.pp("norm1"))?,
            q: linear("q", c.width, c.width)?,
            k: linear("k", c.width, c.width)?,
            v: linear("v", c.width, c.width)?,
            o: linear("o", c.width, c.width)?,
            norm2: Norm::new(c, &vb.pp("norm2"))?,
            fc1: linear("fc1", c.width, 4 * c.width)?,
            fc2: linear("fc2", 4 * c.width, c.width)?,
        })
    }

    fn forward(&self, x: &Tensor, keep: &Tensor, heads: usize) -> Result<Tensor> {
        let (b, n, d) = x.dims3()?;
        let h = self.norm1.forward(x)?;
        let split = |layer: &Linear| layer.forward(&h, None)?.reshape((b, n, heads, d / heads));
        let h = attention(&split(&self.q)?, &split(&self.k)?, &split(&self.v)?, Some(keep))?;
        let x = (x + self.o.forward(&h, None)?)?;
        let h = self.fc1.forward(&self.norm2.forward(&x)?, Some(Activation::Gelu))?;
        &x + self.fc2.forward(&h, None)?
    }
}
