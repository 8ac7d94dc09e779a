//! How a line goes: how long each phoneme lasts, and pitch and loudness along it, as a style says. Mirrors the reference's
//! `ProsodyPredictor`, key by key. **Never here:** what a phoneme sounds like.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::{
    config::KokoroConfig,
    parts::{Along, Block, Recurrent, linear, sigmoid},
};
use crate::{kernels::layer_norm_affine, linear::Linear};

/// What is added to a state's variance.
const EPS: f64 = 1e-5;

/// The predictor.
#[derive(Debug, Clone)]
pub struct Prosody {
    readers: Vec<(Recurrent, Linear)>,
    last: Recurrent,
    lengths: Linear,
    shared: Recurrent,
    pitch: Curve,
    energy: Curve,
}

#[derive(Debug, Clone)]
struct Curve {
    blocks: Vec<Block>,
    out: Along,
}

impl Curve {
    fn new(c: &KokoroConfig, name: &str, vb: &VarBuilder<'_>) -> Result<Self> {
        let (d, half) = (c.hidden_dim, c.hidden_dim / 2);
        let block = |i: usize, sizes, doubles| Block::new(sizes, c.style_dim, doubles, &vb.pp(name).pp(i));
        Ok(Self {
            blocks: vec![block(0, (d, d), false)?, block(1, (d, half), true)?, block(2, (half, half), false)?],
            out: Along::same((half, 1), 1, 1, &vb.pp(format!("{name}_proj")))?,
        })
    }

    fn forward(&self, x: &Tensor, style: &Tensor) -> Result<Tensor> {
        let x = self.blocks.iter().try_fold(x.clone(), |x, block| block.forward(&x, style))?;
        self.out.forward(&x)?.flatten_all()
    }
}

/// How a line's phonemes go, before it is known how long each lasts.
#[derive(Debug, Clone)]
pub struct Pace {
    /// `[n, hidden + style]`.
    pub states: Tensor,
    /// The length of each phoneme in frames, not yet rounded.
    pub spans: Vec<f32>,
}

impl Prosody {
    /// Reads the predictor's tensors at `vb`.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(c: &KokoroConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (d, wide) = (c.hidden_dim, c.hidden_dim + c.style_dim);
        let layers = vb.pp("text_encoder").pp("lstms");
        let reader = |i: usize| {
            let turn = linear(c.style_dim, 2 * d, &layers.pp(2 * i + 1).pp("fc"))?;
            Ok((Recurrent::new(wide, d / 2, &layers.pp(2 * i))?, turn))
        };
        Ok(Self {
            readers: (0..c.n_layer).map(reader).collect::<Result<_>>()?,
            last: Recurrent::new(wide, d / 2, &vb.pp("lstm"))?,
            lengths: linear(d, c.max_dur, &vb.pp("duration_proj").pp("linear_layer"))?,
            shared: Recurrent::new(wide, d / 2, &vb.pp("shared"))?,
            pitch: Curve::new(c, "F0", vb)?,
            energy: Curve::new(c, "N", vb)?,
        })
    }

    /// `x` `[n, hidden]`, `style` `[1, style]`; at twice the `speed` each phoneme lasts half as long.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn pace(&self, x: &Tensor, style: &Tensor, speed: f32) -> Result<Pace> {
        let (n, d) = x.dims2()?;
        let styles = style.broadcast_as((n, style.dim(1)?))?.contiguous()?;
        let beside = |x: &Tensor| Tensor::cat(&[x, &styles], 1);
        let mut x = beside(x)?;
        for (reader, turn) in &self.readers {
            let turn = turn.forward(style, None)?.flatten_all()?;
            let (scale, shift) = ((turn.narrow(0, 0, d)? + 1.0)?, turn.narrow(0, d, d)?);
            x = beside(&layer_norm_affine(&reader.forward(&x)?, &scale, &shift, EPS)?)?;
        }
        let logits = self.lengths.forward(&self.last.forward(&x)?, None)?.to_vec2::<f32>()?;
        let spans = logits.iter().map(|row| row.iter().map(|v| sigmoid(*v)).sum::<f32>() / speed).collect();
        Ok(Pace { states: x, spans })
    }

    /// `x` `[frames, hidden + style]` → pitch in hertz and loudness, two places to a frame each.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn curves(&self, x: &Tensor, style: &Tensor) -> Result<(Tensor, Tensor)> {
        let signal = self.shared.forward(x)?.t()?.contiguous()?.unsqueeze(0)?;
        Ok((self.pitch.forward(&signal, style)?, self.energy.forward(&signal, style)?))
    }
}
