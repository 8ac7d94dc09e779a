//! The released `config.json`, field by field, and what of it this code can build. The reference has two widths in its source
//! alone; here they are fields that take its values when the file does not name them.
//! **Never here:** anything about how a line is spoken.

use std::collections::HashMap;

use serde::Deserialize;

use super::KokoroError;

/// Most of any width, depth or count that a config may ask for; the released one stays far below.
const MOST: usize = 8192;
/// Most layers of one kind.
const MOST_LAYERS: usize = 64;
/// Most places that one phoneme's frame becomes on its way to samples: the released model has 300.
const MOST_SCALE: usize = 4096;
/// Most signs in the alphabet of phonemes.
const MOST_SIGNS: usize = 65_536;

/// The whole model.
#[derive(Debug, Clone, Deserialize)]
pub struct KokoroConfig {
    /// Rows of the embeddings: phonemes, and the sign for silence (0).
    pub n_token: usize,
    pub hidden_dim: usize,
    /// Width of one half of a style.
    pub style_dim: usize,
    pub n_layer: usize,
    /// Longest phoneme, in frames.
    pub max_dur: usize,
    pub text_encoder_kernel_size: usize,
    pub plbert: PlbertConfig,
    pub istftnet: IstftnetConfig,
    /// The number of each sign.
    #[serde(default)]
    pub vocab: HashMap<String, u32>,
    #[serde(default = "decoder_width")]
    pub decoder_width: usize,
    #[serde(default = "decoder_residual")]
    pub decoder_residual: usize,
}

fn decoder_width() -> usize {
    1024
}

fn decoder_residual() -> usize {
    64
}

/// The encoder that reads a whole line at once.
#[derive(Debug, Clone, Deserialize)]
pub struct PlbertConfig {
    pub hidden_size: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    pub max_position_embeddings: usize,
    pub num_hidden_layers: usize,
    #[serde(default = "embedding_size")]
    pub embedding_size: usize,
}

fn embedding_size() -> usize {
    128
}

/// What paints the wave.
#[derive(Debug, Clone, Deserialize)]
pub struct IstftnetConfig {
    pub upsample_kernel_sizes: Vec<usize>,
    pub upsample_rates: Vec<usize>,
    pub gen_istft_hop_size: usize,
    pub gen_istft_n_fft: usize,
    pub resblock_dilation_sizes: Vec<Vec<usize>>,
    pub resblock_kernel_sizes: Vec<usize>,
    pub upsample_initial_channel: usize,
}

impl IstftnetConfig {
    /// Samples that one place of the pitch curve becomes.
    #[must_use]
    pub fn scale(&self) -> usize {
        self.upsample_rates.iter().product::<usize>() * self.gen_istft_hop_size
    }
}

fn within(values: &[usize], most: usize, what: &str) -> Result<(), KokoroError> {
    if values.iter().all(|v| (1..=most).contains(v)) {
        return Ok(());
    }
    Err(KokoroError::Config(format!("{what} is 0 or above {most}")))
}

fn holds(condition: bool, what: &str) -> Result<(), KokoroError> {
    if condition { Ok(()) } else { Err(KokoroError::Config(what.to_owned())) }
}

impl KokoroConfig {
    /// # Errors
    /// When the JSON is not a config of this model, or asks for what cannot be built.
    pub fn parse(json: &[u8]) -> Result<Self, KokoroError> {
        let config: Self =
            serde_json::from_slice(json).map_err(|e| KokoroError::Config(format!("config.json: {e}")))?;
        config.check()?;
        Ok(config)
    }

    /// # Errors
    /// With what cannot be built.
    pub fn check(&self) -> Result<(), KokoroError> {
        let (bert, wave) = (&self.plbert, &self.istftnet);
        within(&[self.n_token], MOST_SIGNS, "the number of phonemes")?;
        within(&[self.hidden_dim, self.style_dim, self.max_dur, self.text_encoder_kernel_size], MOST, "a width")?;
        within(&[self.decoder_width, self.decoder_residual, wave.upsample_initial_channel], MOST, "a width")?;
        within(&[bert.hidden_size, bert.num_attention_heads, bert.intermediate_size], MOST, "a width")?;
        within(&[bert.embedding_size, bert.max_position_embeddings], MOST, "a width")?;
        within(&[self.n_layer, bert.num_hidden_layers], MOST_LAYERS, "the number of layers")?;
        holds(self.hidden_dim.is_multiple_of(2), "its states have no two halves")?;
        holds(bert.hidden_size.is_multiple_of(bert.num_attention_heads), "its heads do not share its width evenly")?;
        holds(!self.text_encoder_kernel_size.is_multiple_of(2), "a text kernel of even length")?;
        holds(self.vocab.len() <= MOST_SIGNS, "its alphabet is longer than any real one")?;
        holds(
            self.vocab.values().all(|id| (*id as usize) < self.n_token),
            "its alphabet has a number beyond its table",
        )?;
        wave.check()
    }
}

impl IstftnetConfig {
    fn check(&self) -> Result<(), KokoroError> {
        let stages = self.upsample_rates.len();
        within(&[stages, self.resblock_kernel_sizes.len()], 8, "the number of stages")?;
        holds(self.upsample_kernel_sizes.len() == stages, "its stages and their kernels differ in number")?;
        holds(self.resblock_dilation_sizes.len() == self.resblock_kernel_sizes.len(), "its blocks differ in number")?;
        within(&self.upsample_rates, 64, "a step of the wave")?;
        within(&self.upsample_kernel_sizes, 256, "a kernel of the wave")?;
        within(&self.resblock_kernel_sizes, 64, "a kernel of the wave")?;
        within(&[self.gen_istft_hop_size, self.gen_istft_n_fft], 1024, "a window")?;
        let pairs = self.upsample_rates.iter().zip(&self.upsample_kernel_sizes);
        let even = pairs.into_iter().all(|(rate, kernel)| kernel >= rate && (kernel - rate).is_multiple_of(2));
        holds(even, "a kernel of the wave does not suit its step")?;
        holds(self.resblock_kernel_sizes.iter().all(|k| !k.is_multiple_of(2)), "a block's kernel of even length")?;
        for dilations in &self.resblock_dilation_sizes {
            holds(dilations.len() == 3, "a block without three parts")?;
            within(dilations, 64, "a block's reach")?;
        }
        holds(self.gen_istft_n_fft.is_multiple_of(2), "a window of odd length")?;
        holds(2 * self.gen_istft_hop_size <= self.gen_istft_n_fft, "windows that do not overlap by half")?;
        holds(
            self.upsample_initial_channel.is_multiple_of(1 << stages),
            "its channels cannot be halved at each stage",
        )?;
        let scale = self.upsample_rates.iter().try_fold(self.gen_istft_hop_size, |all, rate| all.checked_mul(*rate));
        // Below 3 the reference's own resampling would meet the phases that it draws at random.
        holds(scale.is_some_and(|s| (3..=MOST_SCALE).contains(&s)), "its steps do not make a wave of its frames")
    }
}
