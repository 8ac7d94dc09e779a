//! What each phoneme sounds like among its neighbours: convolutions, then a recurrent layer. Mirrors the reference's
//! `TextEncoder`, key by key. **Never here:** how long a phoneme lasts: that is the prosody's.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::{
    config::KokoroConfig,
    parts::{Along, LEAK, Recurrent, each_channel, leak},
};
use crate::kernels::layer_norm_affine;

/// What is added to a state's variance.
const EPS: f64 = 1e-5;

/// The encoder.
#[derive(Debug, Clone)]
pub struct TextEncoder {
    words: Tensor,
    steps: Vec<Step>,
    reader: Recurrent,
}

#[derive(Debug, Clone)]
struct Step {
    conv: Along,
    gamma: Tensor,
    beta: Tensor,
}

impl TextEncoder {
    /// Reads the encoder's tensors at `vb`.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(c: &KokoroConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let d = c.hidden_dim;
        let step = |i: usize| {
            let (conv, norm) = (vb.pp("cnn").pp(i).pp(0), vb.pp("cnn").pp(i).pp(1));
            Ok(Step {
                conv: Along::same((d, d), c.text_encoder_kernel_size, 1, &conv)?,
                gamma: norm.get(d, "gamma")?,
                beta: norm.get(d, "beta")?,
            })
        };
        Ok(Self {
            words: vb.pp("embedding").get((c.n_token, d), "weight")?,
            steps: (0..c.n_layer).map(step).collect::<Result<_>>()?,
            reader: Recurrent::new(d, d / 2, &vb.pp("lstm"))?,
        })
    }

    /// `ids` `[n]` u32 → states `[n, hidden]`.
    ///
    /// # Errors
    /// When an id is not in the alphabet, or the device fails.
    pub fn forward(&self, ids: &Tensor) -> Result<Tensor> {
        let mut x = self.words.index_select(ids, 0)?;
        for step in &self.steps {
            let signal = step.conv.forward(&x.t()?.contiguous()?.unsqueeze(0)?)?;
            let rows = signal.squeeze(0)?.t()?.contiguous()?;
            let rows = layer_norm_affine(&rows, &step.gamma, &step.beta, EPS)?;
            x = each_channel(&rows.unsqueeze(0)?, |_, row| leak(row, LEAK))?.squeeze(0)?;
        }
        self.reader.forward(&x)
    }
}
