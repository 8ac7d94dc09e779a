//! Phonemes in time, pitch and loudness → what the wave is painted from. Mirrors the reference's `Decoder`, key by key; its last
//! part is in `generator`. **Never here:** how the line goes: that is planned before.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::{
    config::KokoroConfig,
    generator::Generator,
    parts::{Along, Block},
};

/// Blocks that see the phonemes and curves again; the last doubles the length.
const BLOCKS: usize = 4;

/// The decoder.
#[derive(Debug, Clone)]
pub struct Decoder {
    encode: Block,
    blocks: Vec<Block>,
    pitch: Along,
    energy: Along,
    residual: Along,
    generator: Generator,
}

impl Decoder {
    /// Reads the decoder's tensors at `vb`.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(c: &KokoroConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (d, wide, beside) = (c.hidden_dim, c.decoder_width, c.decoder_residual);
        let block = |i: usize| {
            let last = i + 1 == BLOCKS;
            let out = if last { c.istftnet.upsample_initial_channel } else { wide };
            Block::new((wide + 2 + beside, out), c.style_dim, last, &vb.pp("decode").pp(i))
        };
        let halved = |name: &str| Along::strided((1, 1), 3, (1, 2), &vb.pp(name));
        Ok(Self {
            encode: Block::new((d + 2, wide), c.style_dim, false, &vb.pp("encode"))?,
            blocks: (0..BLOCKS).map(block).collect::<Result<_>>()?,
            pitch: halved("F0_conv")?,
            energy: halved("N_conv")?,
            residual: Along::same((d, beside), 1, 1, &vb.pp("asr_res").pp(0))?,
            generator: Generator::new(c, &vb.pp("generator"))?,
        })
    }

    /// Random values that `frames` frames need.
    #[must_use]
    pub fn noise(&self, frames: usize) -> usize {
        self.generator.noise(2 * frames)
    }

    /// `text` `[frames, hidden]`, `pitch` and `energy` `[2 · frames]`, `style` `[1, style]`, and [`Self::noise`] values from the
    /// standard normal distribution → samples.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn forward(
        &self,
        text: &Tensor,
        pitch: &Tensor,
        energy: &Tensor,
        style: &Tensor,
        noise: &[f32],
    ) -> Result<Vec<f32>> {
        let frames = text.dim(0)?;
        if pitch.dims() != [2 * frames] || energy.dims() != [2 * frames] {
            candle_core::bail!("{frames} frames with curves {:?} and {:?}", pitch.dims(), energy.dims());
        }
        let text = text.t()?.contiguous()?.unsqueeze(0)?;
        let signal = |curve: &Tensor, conv: &Along| conv.forward(&curve.reshape((1, 1, 2 * frames))?);
        let (low, loud) = (signal(pitch, &self.pitch)?, signal(energy, &self.energy)?);
        let mut x = self.encode.forward(&Tensor::cat(&[&text, &low, &loud], 1)?, style)?;
        let beside = self.residual.forward(&text)?;
        for block in &self.blocks {
            x = block.forward(&Tensor::cat(&[&x, &beside, &low, &loud], 1)?, style)?;
        }
        self.generator.forward(&x, style, &pitch.to_vec1::<f32>()?, noise)
    }
}
