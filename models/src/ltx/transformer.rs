//! The denoiser: picture tokens, a prompt's states and one timestep per token in, velocities out. Mirrors
//! `LTXVideoTransformer3DModel`, key by key. What no step changes (rotations, keys and values of the text) is computed once
//! per clip, in [`Transformer::prepare`]. Equal timesteps share one row of modulation, so clean tokens cost nothing more.

use std::ops::ControlFlow;

use candle_core::{Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::{LtxError, config::TransformerConfig, lora::Lora, rope};
use crate::{
    kernels::{
        Activation, RowIndex, activate, attention, gated_add, layer_norm_modulate, rms_norm_modulate, rms_norm_rotate,
    },
    linear::{Linear, Precision},
};

/// Sines and cosines of a timestep.
const TIME_FEATURES: usize = 256;
/// Of the norms of queries and keys, which no config states.
const HEAD_EPS: f64 = 1e-5;
/// Of the last norm, which no config states.
const LAST_EPS: f64 = 1e-6;

/// The network.
#[derive(Debug, Clone)]
pub struct Transformer {
    c: TransformerConfig,
    tokens_in: Linear,
    time: TimeEmbedder,
    modulation: Linear,
    caption1: Linear,
    caption2: Linear,
    blocks: Vec<Block>,
    table_out: Tensor,
    tokens_out: Linear,
}

/// A timestep's embedding, as the denoiser and the codec's decoder share it.
#[derive(Debug, Clone)]
pub struct TimeEmbedder {
    first: Linear,
    second: Linear,
}

impl TimeEmbedder {
    /// Reads `timestep_embedder.linear_1` and `_2` at `vb`.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(width: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let vb = vb.pp("timestep_embedder");
        Ok(Self {
            first: Linear::load(TIME_FEATURES, width, Precision::F32, &vb.pp("linear_1"))?,
            second: Linear::load(width, width, Precision::F32, &vb.pp("linear_2"))?,
        })
    }

    /// `timesteps` → `[timesteps, width]`.
    ///
    /// # Errors
    /// When the device fails.
    pub fn forward(&self, timesteps: &[f32], device: &Device) -> Result<Tensor> {
        let half = TIME_FEATURES / 2;
        let mut features = Vec::with_capacity(timesteps.len() * TIME_FEATURES);
        for t in timesteps {
            let angles = (0..half).map(|k| t * (-(10_000f32.ln()) * k as f32 / half as f32).exp());
            let angles: Vec<f32> = angles.collect();
            features.extend(angles.iter().map(|a| a.cos()));
            features.extend(angles.iter().map(|a| a.sin()));
        }
        let features = Tensor::from_vec(features, (timesteps.len(), TIME_FEATURES), device)?;
        self.second.forward(&self.first.forward(&features, Some(Activation::Silu))?, None)
    }
}

#[derive(Debug, Clone)]
struct Attention {
    norm_q: Tensor,
    norm_k: Tensor,
    q: Linear,
    k: Linear,
    v: Linear,
    out: Linear,
}

#[derive(Debug, Clone)]
struct Block {
    table: Tensor,
    own: Attention,
    text: Attention,
    wide: Linear,
    narrow: Linear,
}

/// What stays the same over all steps of one clip.
#[derive(Debug, Clone)]
pub struct Prepared {
    rotation: Tensor,
    /// Keys and values of the text, per block: `[b, m, heads, head]`.
    text: Vec<(Tensor, Tensor)>,
    keep: Option<Tensor>,
}

/// Spatio-temporal guidance: in these blocks the batch entries from `from` on let their values through unmixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    pub blocks: Vec<usize>,
    pub from: usize,
}

/// Asked before each block; `Break` ends the evaluation there.
pub type OnBlock<'a> = &'a mut dyn FnMut(usize) -> ControlFlow<()>;

impl Transformer {
    /// Reads the network's tensors at `vb`.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(c: &TransformerConfig, precision: Precision, vb: &VarBuilder<'_>) -> Result<Self> {
        let d = c.width();
        let linear = |vb: &VarBuilder<'_>, name: &str, a: usize, b: usize| Linear::load(a, b, precision, &vb.pp(name));
        let time = vb.pp("time_embed");
        let caption = vb.pp("caption_projection");
        let blocks = vb.pp("transformer_blocks");
        Ok(Self {
            tokens_in: linear(vb, "proj_in", c.in_channels, d)?,
            time: TimeEmbedder::new(d, &time.pp("emb"))?,
            modulation: linear(&time, "linear", d, 6 * d)?,
            caption1: linear(&caption, "linear_1", c.caption_channels, d)?,
            caption2: linear(&caption, "linear_2", d, d)?,
            blocks: (0..c.num_layers).map(|i| Block::new(c, precision, &blocks.pp(i))).collect::<Result<_>>()?,
            table_out: vb.get((2, d), "scale_shift_table")?,
            tokens_out: linear(vb, "proj_out", d, c.out_channels)?,
            c: c.clone(),
        })
    }

    /// Keeps a LoRA beside the weights, by `strength`: slower than merged, and it can be taken for any precision.
    ///
    /// # Errors
    /// When it changes a layer that this network does not have, or in another shape.
    pub fn keep_beside(&mut self, lora: &Lora, strength: f64) -> std::result::Result<(), LtxError> {
        for (name, change) in lora.changes() {
            let layer = self
                .layer(name)
                .ok_or_else(|| LtxError::Files(format!("the LoRA was made for another model: it changes {name}")))?;
            layer.keep_beside(&change.down, &change.up, strength * change.scale)?;
        }
        Ok(())
    }

    /// A linear layer by the reference's name.
    fn layer(&mut self, name: &str) -> Option<&mut Linear> {
        match name {
            "proj_in" => return Some(&mut self.tokens_in),
            "proj_out" => return Some(&mut self.tokens_out),
            "time_embed.linear" => return Some(&mut self.modulation),
            "time_embed.emb.timestep_embedder.linear_1" => return Some(&mut self.time.first),
            "time_embed.emb.timestep_embedder.linear_2" => return Some(&mut self.time.second),
            "caption_projection.linear_1" => return Some(&mut self.caption1),
            "caption_projection.linear_2" => return Some(&mut self.caption2),
            _ => {}
        }
        let (number, inside) = name.strip_prefix("transformer_blocks.")?.split_once('.')?;
        let block = self.blocks.get_mut(number.parse::<usize>().ok()?)?;
        match inside {
            "ff.net.0.proj" => Some(&mut block.wide),
            "ff.net.2" => Some(&mut block.narrow),
            _ => {
                let (which, layer) = inside.split_once('.')?;
                let attention = match which {
                    "attn1" => &mut block.own,
                    "attn2" => &mut block.text,
                    _ => return None,
                };
                match layer {
                    "to_q" => Some(&mut attention.q),
                    "to_k" => Some(&mut attention.k),
                    "to_v" => Some(&mut attention.v),
                    "to_out.0" => Some(&mut attention.out),
                    _ => None,
                }
            }
        }
    }

    /// How many blocks an evaluation goes through.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// `coords` (seconds, y, x in pixels) of the tokens of one batch entry, or of all entries one after the other;
    /// `text` `[b, m, caption]`; `keep` `[b, m]` f32, 1 = a word.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn prepare(&self, coords: &[[f32; 3]], text: &Tensor, keep: Option<&Tensor>) -> Result<Prepared> {
        let (b, m, _) = text.dims3()?;
        let words = self.caption1.forward(text, Some(Activation::Gelu))?;
        let words = self.caption2.forward(&words, None)?;
        let heads = (b, m, self.c.num_attention_heads, self.c.attention_head_dim);
        let of = |block: &Block| {
            let k = block.text.k.forward(&words, None)?;
            let k = rms_norm_rotate(&k, &block.text.norm_k, HEAD_EPS, None)?.reshape(heads)?;
            Ok((k, block.text.v.forward(&words, None)?.reshape(heads)?))
        };
        Ok(Prepared {
            rotation: rope::rotation(coords, self.c.width(), text.device())?,
            text: self.blocks.iter().map(of).collect::<Result<_>>()?,
            keep: keep.cloned(),
        })
    }

    /// `tokens` `[b, n, in]`; `timesteps` 0 … 1000, one per batch entry or one per token of each → velocity `[b, n, out]`.
    /// None when `on_block` broke off.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn forward(
        &self,
        tokens: &Tensor,
        timesteps: &[f32],
        given: &Prepared,
        skip: Option<&Skip>,
        on_block: OnBlock<'_>,
    ) -> Result<Option<Tensor>> {
        let (b, n, _) = tokens.dims3()?;
        let (distinct, rows) = rows_of(timesteps, b, n)?;
        let rows = RowIndex::new(rows, tokens.device())?;
        let d = self.c.width();
        let time = self.time.forward(&distinct, tokens.device())?;
        let modulation = self.modulation.forward(&activate(&time, Activation::Silu)?, None)?;
        let modulation = modulation.reshape((distinct.len(), 6, d))?;
        let mut x = self.tokens_in.forward(tokens, None)?;
        for (i, (block, text)) in self.blocks.iter().zip(&given.text).enumerate() {
            if on_block(i).is_break() {
                return Ok(None);
            }
            let table = modulation.broadcast_add(&block.table)?;
            let unmixed = skip.filter(|s| s.blocks.contains(&i)).map_or(b, |s| s.from.min(b));
            x = self.step(block, &x, (&table, &rows), given, text, unmixed)?;
        }
        let table = time.unsqueeze(1)?.broadcast_add(&self.table_out)?;
        let x = layer_norm_modulate(&x, LAST_EPS, Some((&table, &rows, 0, 1)))?;
        self.tokens_out.forward(&x, None).map(Some)
    }

    /// One block. Parts of the table: shift, scale and gate of the attention, then of the feed-forward layers.
    fn step(
        &self,
        block: &Block,
        x: &Tensor,
        (table, rows): (&Tensor, &RowIndex),
        given: &Prepared,
        (text_k, text_v): &(Tensor, Tensor),
        unmixed: usize,
    ) -> Result<Tensor> {
        let (b, n, _) = x.dims3()?;
        let eps = self.c.norm_eps;
        let heads = (b, n, self.c.num_attention_heads, self.c.attention_head_dim);
        let y = rms_norm_modulate(x, eps, Some((table, rows, 0, 1)))?;
        let v = block.own.v.forward(&y, None)?;
        let mixed = if unmixed == 0 {
            v
        } else {
            let angles = Some(&given.rotation);
            let q = rms_norm_rotate(&block.own.q.forward(&y, None)?, &block.own.norm_q, HEAD_EPS, angles)?;
            let k = rms_norm_rotate(&block.own.k.forward(&y, None)?, &block.own.norm_k, HEAD_EPS, angles)?;
            let part = |t: &Tensor| t.reshape(heads)?.narrow(0, 0, unmixed);
            let mixed = attention(&part(&q)?, &part(&k)?, &part(&v)?, None)?;
            if unmixed == b { mixed } else { Tensor::cat(&[mixed, v.narrow(0, unmixed, b - unmixed)?], 0)? }
        };
        let x = gated_add(x, &block.own.out.forward(&mixed, None)?, Some((table, rows, 2)))?;
        let q = rms_norm_rotate(&block.text.q.forward(&x, None)?, &block.text.norm_q, HEAD_EPS, None)?;
        let words = attention(&q.reshape(heads)?, text_k, text_v, given.keep.as_ref())?;
        let x = gated_add(&x, &block.text.out.forward(&words, None)?, None)?;
        let y = rms_norm_modulate(&x, eps, Some((table, rows, 3, 4)))?;
        let y = block.narrow.forward(&block.wide.forward(&y, Some(Activation::Gelu))?, None)?;
        gated_add(&x, &y, Some((table, rows, 5)))
    }
}

/// The distinct timesteps, and which of them each token of each batch entry has.
fn rows_of(timesteps: &[f32], batch: usize, tokens: usize) -> Result<(Vec<f32>, Vec<u32>)> {
    let each = if timesteps.len() == batch * tokens { 1 } else { tokens };
    if timesteps.len() * each != batch * tokens {
        candle_core::bail!("{} timesteps for {batch} × {tokens} tokens", timesteps.len());
    }
    let mut distinct: Vec<f32> = Vec::new();
    let mut rows = Vec::with_capacity(batch * tokens);
    for t in timesteps {
        let row = distinct.iter().position(|d| d.to_bits() == t.to_bits()).unwrap_or_else(|| {
            distinct.push(*t);
            distinct.len() - 1
        });
        rows.resize(rows.len() + each, row as u32);
    }
    Ok((distinct, rows))
}

impl Attention {
    fn new(c: &TransformerConfig, from: usize, precision: Precision, vb: &VarBuilder<'_>) -> Result<Self> {
        let d = c.width();
        let linear = |name: &str, a: usize, bias: bool| {
            let vb = vb.pp(name);
            if bias { Linear::load(a, d, precision, &vb) } else { Linear::load_without_bias(a, d, precision, &vb) }
        };
        Ok(Self {
            norm_q: vb.pp("norm_q").get(d, "weight")?,
            norm_k: vb.pp("norm_k").get(d, "weight")?,
            q: linear("to_q", d, c.attention_bias)?,
            k: linear("to_k", from, c.attention_bias)?,
            v: linear("to_v", from, c.attention_bias)?,
            out: linear("to_out.0", d, c.attention_out_bias)?,
        })
    }
}

impl Block {
    fn new(c: &TransformerConfig, precision: Precision, vb: &VarBuilder<'_>) -> Result<Self> {
        let d = c.width();
        let dense = vb.pp("ff").pp("net");
        Ok(Self {
            table: vb.get((6, d), "scale_shift_table")?,
            own: Attention::new(c, d, precision, &vb.pp("attn1"))?,
            text: Attention::new(c, c.cross_attention_dim, precision, &vb.pp("attn2"))?,
            wide: Linear::load(d, 4 * d, precision, &dense.pp("0.proj"))?,
            narrow: Linear::load(4 * d, d, precision, &dense.pp("2"))?,
        })
    }
}
