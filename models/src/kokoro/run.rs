//! A line of phonemes → samples, in two halves, so that a plan can be turned before it is painted: pitch, pace. The same plan,
//! style and seed give the same samples. **Never here:** files; how a voice is chosen; silence around a line.

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

use super::{
    KokoroError,
    config::KokoroConfig,
    decoder::Decoder,
    names::{self, Tensors},
    parts::linear,
    plbert::Plbert,
    prosody::Prosody,
    text::TextEncoder,
};
use crate::{linear::Linear, noise::normal_in, weights};

pub use super::source::RATE;

/// Longest line that is spoken at once, in frames of 25 ms: two minutes, four times what the longest line should take.
const MOST_FRAMES: usize = 4800;
/// The stream of a seed that the hiss comes from.
const HISS: u64 = 1;
/// Paces that make sense, as a factor.
const SPEEDS: std::ops::RangeInclusive<f32> = 0.1..=10.0;

/// The model.
#[derive(Debug, Clone)]
pub struct Kokoro {
    config: KokoroConfig,
    plbert: Plbert,
    between: Linear,
    prosody: Prosody,
    text: TextEncoder,
    decoder: Decoder,
}

/// How a line goes.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Frames that each phoneme lasts; a frame is [`Kokoro::frame`] samples.
    pub frames: Vec<usize>,
    /// Hertz, two places to a frame.
    pub pitch: Vec<f32>,
    /// Loudness, two places to a frame.
    pub energy: Vec<f32>,
    /// `[frames, hidden]`: what is heard in each frame.
    text: Tensor,
}

/// Where the hiss comes from.
#[derive(Debug, Clone, Copy)]
pub enum Noise<'a> {
    /// Drawn from a seed.
    Seed(u64),
    /// Drawn elsewhere, as many values as [`Kokoro::noise`] says.
    Given(&'a [f32]),
}

impl Kokoro {
    /// From the bytes of a safetensors file.
    ///
    /// # Errors
    /// When the config cannot be built, the file is damaged or another kind of file, or tensors are missing or left.
    pub fn load(config: KokoroConfig, bytes: &[u8]) -> Result<Self, KokoroError> {
        Self::from_tensors(config, weights::tensors(&[bytes], DType::F32, &Device::Cpu)?)
    }

    /// From named tensors: each is taken once, and none may be left.
    ///
    /// # Errors
    /// When the config cannot be built, or tensors are missing or left.
    pub fn from_tensors(config: KokoroConfig, tensors: Tensors) -> Result<Self, KokoroError> {
        config.check()?;
        let (vb, ledger) = weights::handed_out(names::arranged(tensors)?, DType::F32, &Device::Cpu);
        let network = Self::new(config, &vb);
        ledger.check_none_missing()?;
        let network = network?;
        ledger.check_all_used()?;
        Ok(network)
    }

    pub(super) fn new(config: KokoroConfig, vb: &VarBuilder<'_>) -> candle_core::Result<Self> {
        Ok(Self {
            plbert: Plbert::new(&config.plbert, config.n_token, &vb.pp("bert"))?,
            between: linear(config.plbert.hidden_size, config.hidden_dim, &vb.pp("bert_encoder"))?,
            prosody: Prosody::new(&config, &vb.pp("predictor"))?,
            text: TextEncoder::new(&config, &vb.pp("text_encoder"))?,
            decoder: Decoder::new(&config, &vb.pp("decoder"))?,
            config,
        })
    }

    /// What it was built from.
    #[must_use]
    pub fn config(&self) -> &KokoroConfig {
        &self.config
    }

    /// Most phonemes in one line, without the silence around them.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.config.plbert.max_position_embeddings.saturating_sub(2)
    }

    /// Samples of one frame.
    #[must_use]
    pub fn frame(&self) -> usize {
        2 * self.config.istftnet.scale()
    }

    /// Random values that painting `plan` takes.
    #[must_use]
    pub fn noise(&self, plan: &Plan) -> usize {
        self.decoder.noise(plan.frames.iter().sum())
    }

    /// How a line goes: `ids` with the sign for silence around them, `style` the half for it (`[1, style]`).
    ///
    /// # Errors
    /// When the line is empty or too long, or has what is not in the alphabet.
    pub fn plan(&self, ids: &[u32], style: &Tensor, speed: f32) -> Result<Plan, KokoroError> {
        let refused = |what: String| Err(KokoroError::Refused(what));
        if ids.len() < 3 || ids.len() > self.longest() + 2 {
            return refused(format!(
                "a line has 1 to {} phonemes, not {}",
                self.longest(),
                ids.len().saturating_sub(2)
            ));
        }
        if let Some(beyond) = ids.iter().find(|id| **id as usize >= self.config.n_token) {
            return refused(format!("the voice knows {} phonemes, not number {beyond}", self.config.n_token));
        }
        if !SPEEDS.contains(&speed) {
            return refused(format!("nobody speaks {speed} times as fast"));
        }
        let ids = Tensor::new(ids, &Device::Cpu)?;
        let states = self.between.forward(&self.plbert.forward(&ids)?, None)?;
        let pace = self.prosody.pace(&states, style, speed)?;
        let frames = whole(&pace.spans);
        let total = frames.iter().fold(0usize, |sum, n| sum.saturating_add(*n));
        if total > MOST_FRAMES {
            return refused(format!("the line would last longer than {} seconds", MOST_FRAMES / 40));
        }
        let spread = spread(&frames)?;
        let (pitch, energy) = self.prosody.curves(&pace.states.index_select(&spread, 0)?, style)?;
        let text = self.text.forward(&ids)?.index_select(&spread, 0)?;
        Ok(Plan { frames, pitch: pitch.to_vec1::<f32>()?, energy: energy.to_vec1::<f32>()?, text })
    }

    /// The line at [`RATE`]; `style` the half for how it sounds (`[1, style]`).
    ///
    /// # Errors
    /// When the plan was changed in length, there are not as many random values as needed, or the tensor library fails.
    pub fn paint(&self, plan: &Plan, style: &Tensor, noise: Noise<'_>) -> Result<Vec<f32>, KokoroError> {
        let curve = |values: &[f32]| Tensor::from_vec(values.to_vec(), values.len(), &Device::Cpu);
        let drawn = match noise {
            Noise::Seed(seed) => normal_in(seed, HISS, self.noise(plan)),
            Noise::Given(values) => values.to_vec(),
        };
        Ok(self.decoder.forward(&plan.text, &curve(&plan.pitch)?, &curve(&plan.energy)?, style, &drawn)?)
    }
}

/// Every phoneme lasts a frame at least; halves go to the even number, as in the reference.
#[must_use]
pub fn whole(spans: &[f32]) -> Vec<usize> {
    spans.iter().map(|span| span.round_ties_even().max(1.0) as usize).collect()
}

/// The phoneme of each frame.
///
/// # Errors
/// When the tensor library fails.
pub fn spread(frames: &[usize]) -> candle_core::Result<Tensor> {
    let of: Vec<u32> = frames.iter().enumerate().flat_map(|(i, n)| std::iter::repeat_n(i as u32, *n)).collect();
    Tensor::new(of.as_slice(), &Device::Cpu)
}
