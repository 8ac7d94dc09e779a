//! The denoiser: predicts v = noise − x₀ for picture and sound tokens. Mirrors `Denoiser` in
//! `models/draft/training/denoiser.py`, key by key. What does not change from step to step (positions, rotations, keys and
//! values of the text) is computed once per clip, in [`Denoiser::prepare`].

use candle_core::{Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::{config::DenoiserConfig, text::TextStates};
use crate::{
    kernels::{Activation, RowIndex, attention, gated_add, head_norm_rotate, layer_norm_modulate},
    linear::{Linear, Precision},
};

/// The network.
#[derive(Debug, Clone)]
pub struct Denoiser {
    c: DenoiserConfig,
    video_in: Linear,
    sound_in: Linear,
    position1: Linear,
    position2: Linear,
    time1: Linear,
    time2: Linear,
    pooled: Linear,
    modulation: Linear,
    blocks: Vec<Block>,
    table_out: Tensor,
    video_out: Linear,
    sound_out: Linear,
}

/// What stays the same over all steps of one clip.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// `[1, tokens, d]`.
    place: Tensor,
    /// `[tokens, head]`: cosines, then sines.
    rotation: Tensor,
    /// Keys and values of the text, per block.
    text: Vec<(Tensor, Tensor)>,
    keep: Tensor,
    /// `[b, d]`.
    pooled: Tensor,
    rows: RowIndex,
    any_clean: bool,
}

impl Denoiser {
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(c: &DenoiserConfig, precision: Precision, vb: &VarBuilder<'_>) -> Result<Self> {
        let d = c.width;
        let linear = |name: &str, a: usize, b: usize| Linear::load(a, b, precision, &vb.pp(name));
        let blocks = vb.pp("blocks");
        Ok(Self {
            video_in: linear("video_in", c.channels, d)?,
            sound_in: linear("sound_in", c.sound, d)?,
            position1: linear("position1", 5 * 2 * c.position_octaves, d)?,
            position2: linear("position2", d, d)?,
            time1: linear("time1", c.time_features, d)?,
            time2: linear("time2", d, d)?,
            pooled: linear("pooled", c.text_width, d)?,
            modulation: linear("modulation", d, 6 * d)?,
            blocks: (0..c.depth).map(|i| Block::new(c, precision, &blocks.pp(i))).collect::<Result<_>>()?,
            table_out: vb.get((2, d), "table_out")?.unsqueeze(0)?,
            video_out: linear("video_out", d, c.channels)?,
            sound_out: linear("sound_out", d, c.sound)?,
            c: c.clone(),
        })
    }

    /// `coords` (t, y, x) and `grids` (h, w) of all tokens, sound last; `clean` per batch entry and picture token.
    ///
    /// # Errors
    /// When the lengths do not fit, or the device fails.
    pub fn prepare(
        &self,
        coords: &[[f32; 3]],
        grids: &[[f32; 2]],
        text: &TextStates,
        clean: &[bool],
        sound_tokens: usize,
    ) -> Result<Prepared> {
        let device = text.states.device();
        let batch = text.states.dim(0)?;
        let tokens = coords.len();
        if grids.len() != tokens || sound_tokens > tokens {
            candle_core::bail!("{} grids and {sound_tokens} sound tokens for {tokens} tokens", grids.len());
        }
        let pictures = tokens - sound_tokens;
        if !clean.is_empty() && clean.len() != batch * pictures {
            candle_core::bail!("{} clean marks for {batch} × {pictures} tokens", clean.len());
        }
        let features = position_features(coords, grids, self.c.position_octaves, device)?;
        let place = self.position2.forward(&self.position1.forward(&features, Some(Activation::Silu))?, None)?;
        let any_clean = clean.contains(&true);
        // Rows 0 … b−1 of a modulation table belong to the step's timestep, rows b … 2b−1 to timestep 0.
        let mut rows = Vec::with_capacity(batch * tokens);
        for b in 0..batch {
            let marks = clean.get(b * pictures..(b + 1) * pictures).unwrap_or_default();
            rows.extend((0..tokens).map(|i| (if marks.get(i) == Some(&true) { batch + b } else { b }) as u32));
        }
        Ok(Prepared {
            place: place.unsqueeze(0)?,
            rotation: rotations(coords, &self.c, device)?,
            text: self.blocks.iter().map(|block| block.text(&text.states)).collect::<Result<_>>()?,
            keep: text.keep.clone(),
            pooled: self.pooled.forward(&text.pooled, None)?,
            rows: RowIndex::new(rows, device)?,
            any_clean,
        })
    }

    /// `video` `[b, n, C]`, `sound` `[b, s, 4·K]`, `timestep` per batch entry (0 … 1) → the velocities of both.
    ///
    /// # Errors
    /// When the shapes do not fit what was prepared, or the device fails.
    pub fn forward(
        &self,
        video: &Tensor,
        sound: &Tensor,
        timestep: &[f32],
        given: &Prepared,
    ) -> Result<(Tensor, Tensor)> {
        let (n, s) = (video.dim(1)?, sound.dim(1)?);
        let x = Tensor::cat(&[self.video_in.forward(video, None)?, self.sound_in.forward(sound, None)?], 1)?;
        let mut x = x.broadcast_add(&given.place)?;
        let (mut e, mut m) = self.conditioning(timestep, &given.pooled)?;
        if given.any_clean {
            let (e0, m0) = self.conditioning(&vec![0.0; timestep.len()], &given.pooled)?;
            e = Tensor::cat(&[e, e0], 0)?;
            m = Tensor::cat(&[m, m0], 0)?;
        }
        for (block, text) in self.blocks.iter().zip(&given.text) {
            x = block.forward(&x, &m, given, text)?;
        }
        let table = e.unsqueeze(1)?.broadcast_add(&self.table_out)?;
        let h = layer_norm_modulate(&x, self.c.norm_eps, Some((&table, &given.rows, 0, 1)))?;
        let video = self.video_out.forward(&h.narrow(1, 0, n)?, None)?;
        Ok((video, self.sound_out.forward(&h.narrow(1, n, s)?, None)?))
    }

    /// The embedding `[b, d]` and the shared modulation `[b, 6, d]`.
    fn conditioning(&self, timestep: &[f32], pooled: &Tensor) -> Result<(Tensor, Tensor)> {
        let features = time_features(timestep, self.c.time_features, pooled.device())?;
        let e = self.time2.forward(&self.time1.forward(&features, Some(Activation::Silu))?, None)?;
        let e = (e + pooled)?;
        let m = self.modulation.forward(&e.silu()?, None)?.reshape((timestep.len(), 6, self.c.width))?;
        Ok((e, m))
    }
}

/// Modulated self-attention, text cross-attention, modulated MLP.
#[derive(Debug, Clone)]
struct Block {
    heads: usize,
    eps: f64,
    table: Tensor,
    q: Linear,
    k: Linear,
    v: Linear,
    o: Linear,
    q_norm: Tensor,
    k_norm: Tensor,
    text_q: Linear,
    text_k: Linear,
    text_v: Linear,
    text_o: Linear,
    text_q_norm: Tensor,
    text_k_norm: Tensor,
    fc1: Linear,
    fc2: Linear,
}

impl Block {
    fn new(c: &DenoiserConfig, precision: Precision, vb: &VarBuilder<'_>) -> Result<Self> {
        let d = c.width;
        let linear = |name: &str, a: usize, b: usize| Linear::load(a, b, precision, &vb.pp(name));
        let norm = |name: &str| vb.pp(name).get(d / c.heads, "weight");
        Ok(Self {
            heads: c.heads,
            eps: c.norm_eps,
            table: vb.get((6, d), "table")?.unsqueeze(0)?,
            q: linear("q", d, d)?,
            k: linear("k", d, d)?,
            v: linear("v", d, d)?,
            o: linear("o", d, d)?,
            q_norm: norm("q_norm")?,
            k_norm: norm("k_norm")?,
            text_q: linear("text_q", d, d)?,
            text_k: linear("text_k", c.text_width, d)?,
            text_v: linear("text_v", c.text_width, d)?,
            text_o: linear("text_o", d, d)?,
            text_q_norm: norm("text_q_norm")?,
            text_k_norm: norm("text_k_norm")?,
            fc1: linear("fc1", d, c.mlp * d)?,
            fc2: linear("fc2", c.mlp * d, d)?,
        })
    }

    fn split(&self, layer: &Linear, x: &Tensor) -> Result<Tensor> {
        let y = layer.forward(x, None)?;
        let (b, n, d) = y.dims3()?;
        y.reshape((b, n, self.heads, d / self.heads))
    }

    fn text(&self, states: &Tensor) -> Result<(Tensor, Tensor)> {
        let k = head_norm_rotate(&self.split(&self.text_k, states)?, &self.text_k_norm, self.eps, None)?;
        Ok((k, self.split(&self.text_v, states)?))
    }

    fn forward(&self, x: &Tensor, m: &Tensor, given: &Prepared, text: &(Tensor, Tensor)) -> Result<Tensor> {
        let table = m.broadcast_add(&self.table)?;
        let rows = &given.rows;
        let h = layer_norm_modulate(x, self.eps, Some((&table, rows, 0, 1)))?;
        let turn = |layer, norm| head_norm_rotate(&self.split(layer, &h)?, norm, self.eps, Some(&given.rotation));
        let (q, k) = (turn(&self.q, &self.q_norm)?, turn(&self.k, &self.k_norm)?);
        let h = self.o.forward(&attention(&q, &k, &self.split(&self.v, &h)?, None)?, None)?;
        let x = gated_add(x, &h, Some((&table, rows, 2)))?;

        let h = layer_norm_modulate(&x, self.eps, None)?;
        let q = head_norm_rotate(&self.split(&self.text_q, &h)?, &self.text_q_norm, self.eps, None)?;
        let h = self.text_o.forward(&attention(&q, &text.0, &text.1, Some(&given.keep))?, None)?;
        let x = gated_add(&x, &h, None)?;

        let h = layer_norm_modulate(&x, self.eps, Some((&table, rows, 3, 4)))?;
        let h = self.fc2.forward(&self.fc1.forward(&h, Some(Activation::Gelu))?, None)?;
        gated_add(&x, &h, Some((&table, rows, 5)))
    }
}

/// Cosines first, then sines, of 1000 t at frequencies 10000^(−i/half).
fn time_features(timestep: &[f32], size: usize, device: &Device) -> Result<Tensor> {
    let half = size / 2;
    let mut values = Vec::with_capacity(timestep.len() * size);
    for t in timestep {
        let angle = |i: usize| t * 1000.0 * (-(10000f32.ln()) * i as f32 / half as f32).exp();
        values.extend((0..half).map(|i| angle(i).cos()));
        values.extend((0..half).map(|i| angle(i).sin()));
    }
    Tensor::from_vec(values, (timestep.len(), size), device)
}

/// sin(π 2^j a) for each octave j, then the cosines, of a = (t/16, (y+½)/h, (x+½)/w, h/8, w/8): `[tokens, 10·octaves]`.
fn position_features(coords: &[[f32; 3]], grids: &[[f32; 2]], octaves: usize, device: &Device) -> Result<Tensor> {
    let mut values = Vec::with_capacity(coords.len() * octaves * 10);
    for ([t, y, x], [h, w]) in coords.iter().zip(grids) {
        let a = [t / 16.0, (y + 0.5) / h, (x + 0.5) / w, h / 8.0, w / 8.0];
        let angles = |j: usize| a.map(|a| a * (std::f64::consts::PI * 2f64.powi(j as i32)) as f32);
        values.extend((0..octaves).flat_map(|j| angles(j).map(f32::sin)));
        values.extend((0..octaves).flat_map(|j| angles(j).map(f32::cos)));
    }
    Tensor::from_vec(values, (coords.len(), octaves * 10), device)
}

/// Cosines, then sines, axis by axis, frequency theta^(−2i/axis): `[tokens, head]`.
fn rotations(coords: &[[f32; 3]], c: &DenoiserConfig, device: &Device) -> Result<Tensor> {
    let mut frequencies = Vec::new();
    for (axis, size) in c.rope_axes.iter().enumerate() {
        let frequency = |i: usize| (c.rope_theta as f32).powf(-((2 * i) as f32) / *size as f32);
        frequencies.extend((0..size / 2).map(|i| (axis, frequency(i))));
    }
    let mut values = Vec::with_capacity(coords.len() * frequencies.len() * 2);
    for place in coords {
        let angles = frequencies.iter().map(|(axis, f)| place.get(*axis).copied().unwrap_or(0.0) * f);
        values.extend(angles.clone().map(f32::cos));
        values.extend(angles.map(f32::sin));
    }
    Tensor::from_vec(values, (coords.len(), frequencies.len() * 2), device)
}
