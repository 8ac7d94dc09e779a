//! `config.json` of the draft model, field by field as the training code writes it. Nothing about sizes is known to the
//! rest of the family but what stands here. `check` refuses what the network could not be built from.

use serde::Deserialize;

use super::DraftError;

/// The whole file.
#[derive(Debug, Clone, Deserialize)]
pub struct DraftConfig {
    pub version: u32,
    #[serde(default)]
    pub setting: String,
    pub fps: u32,
    pub vae: VaeConfig,
    pub text: TextConfig,
    pub denoiser: DenoiserConfig,
    pub sampling: SamplingConfig,
    /// Picture sizes (width, height) that were trained.
    #[serde(default = "default_sizes")]
    pub sizes: Vec<(usize, usize)>,
    /// Longest clip that was trained, in frames.
    #[serde(default = "default_frames")]
    pub max_frames: usize,
}

fn default_sizes() -> Vec<(usize, usize)> {
    vec![(128, 72), (72, 128), (96, 96)]
}

const fn default_frames() -> usize {
    49
}

/// Picture codec.
#[derive(Debug, Clone, Deserialize)]
pub struct VaeConfig {
    pub channels: usize,
    /// At 1/4, 1/8, 1/16 … of the picture's side.
    pub widths: Vec<usize>,
    pub encoder_blocks: Vec<usize>,
    /// Of the decoder, before the four frames part.
    pub shared_blocks: usize,
    pub decoder_blocks: Vec<usize>,
    pub patch: usize,
    pub head: usize,
    pub groups: usize,
    pub norm_eps: f64,
}

impl VaeConfig {
    /// Pixels per latent position, along one side.
    #[must_use]
    pub fn factor(&self) -> usize {
        self.patch << self.widths.len().saturating_sub(1)
    }
}

/// Text encoder.
#[derive(Debug, Clone, Deserialize)]
pub struct TextConfig {
    pub words: usize,
    pub width: usize,
    pub layers: usize,
    pub heads: usize,
    /// Tokens at most, the end token included.
    pub length: usize,
    pub norm_eps: f64,
}

/// Denoiser.
#[derive(Debug, Clone, Deserialize)]
pub struct DenoiserConfig {
    pub channels: usize,
    /// Values of a sound token.
    pub sound: usize,
    pub width: usize,
    pub depth: usize,
    pub heads: usize,
    pub text_width: usize,
    pub mlp: usize,
    pub rope_axes: [usize; 3],
    pub rope_theta: f64,
    pub time_features: usize,
    pub position_octaves: usize,
    pub norm_eps: f64,
}

/// The weights' own way of being sampled.
#[derive(Debug, Clone, Deserialize)]
pub struct SamplingConfig {
    pub steps: usize,
    pub shift: f64,
    pub guide_scale: f64,
}

/// Most of anything that a config may ask for; the real ones stay far below.
const MOST: usize = 16_384;

impl DraftConfig {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// [`DraftError::Files`] with the field that is wrong.
    pub fn parse(json: &[u8]) -> Result<Self, DraftError> {
        let config: Self = serde_json::from_slice(json).map_err(|e| DraftError::Files(format!("config.json: {e}")))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), DraftError> {
        let wrong = |what: &str| Err(DraftError::Files(format!("config.json: {what}")));
        if self.version != 1 {
            return wrong("a version this program does not know");
        }
        self.vae.check()?;
        self.text.check()?;
        self.denoiser.check()?;
        if self.denoiser.channels != self.vae.channels || self.denoiser.text_width != self.text.width {
            return wrong("the parts do not fit each other");
        }
        let s = &self.sampling;
        if self.fps == 0 || self.fps > 120 || s.steps == 0 || s.steps > 1000 {
            return wrong("fps or steps");
        }
        if !(s.shift > 0.0 && s.shift < 1e3 && s.guide_scale.is_finite()) {
            return wrong("shift or guide_scale");
        }
        if self.max_frames % 4 != 1 || self.max_frames > 481 || self.sizes.is_empty() || self.sizes.len() > 64 {
            return wrong("sizes or max_frames");
        }
        if self.sizes.iter().any(|(w, h)| !(1..=2048).contains(w) || !(1..=2048).contains(h)) {
            return wrong("sizes");
        }
        Ok(())
    }
}

fn within(values: &[usize], what: &str) -> Result<(), DraftError> {
    if values.iter().all(|v| (1..=MOST).contains(v)) {
        return Ok(());
    }
    Err(DraftError::Files(format!("config.json: a size in {what} is 0 or above {MOST}")))
}

impl VaeConfig {
    /// # Errors
    /// With what is wrong.
    pub fn check(&self) -> Result<(), DraftError> {
        within(&[self.channels, self.patch, self.head, self.groups, self.widths.len()], "vae")?;
        within(&self.widths, "vae.widths")?;
        let same = self.encoder_blocks.len() == self.widths.len() && self.decoder_blocks.len() == self.widths.len();
        let few = self.encoder_blocks.iter().chain(&self.decoder_blocks).all(|n| *n <= 64);
        if !same
            || !few
            || self.widths.len() > 8
            || self.shared_blocks > 64
            || self.patch > 64
            || self.widths.iter().any(|w| !w.is_multiple_of(self.groups))
        {
            return Err(DraftError::Files("config.json: vae blocks, widths and groups do not fit".to_owned()));
        }
        Ok(())
    }
}

impl TextConfig {
    /// # Errors
    /// With what is wrong.
    pub fn check(&self) -> Result<(), DraftError> {
        within(&[self.words, self.width, self.heads, self.length], "text")?;
        if !self.width.is_multiple_of(self.heads) || self.layers > 256 || self.words < 3 {
            return Err(DraftError::Files("config.json: text width, heads, layers or words".to_owned()));
        }
        Ok(())
    }
}

impl DenoiserConfig {
    /// # Errors
    /// With what is wrong.
    pub fn check(&self) -> Result<(), DraftError> {
        within(&[self.channels, self.sound, self.width, self.heads, self.text_width, self.mlp], "denoiser")?;
        within(&[self.time_features, self.position_octaves], "denoiser")?;
        let head = self.width / self.heads;
        let axes = self.rope_axes.iter().try_fold(0usize, |sum, a| sum.checked_add(*a));
        let even = self.rope_axes.iter().all(|a| a % 2 == 0);
        if !self.width.is_multiple_of(self.heads)
            || axes != Some(head)
            || !even
            || self.depth > 256
            || self.position_octaves > 32
        {
            return Err(DraftError::Files("config.json: denoiser width, heads, rope_axes or depth".to_owned()));
        }
        if self.rope_theta <= 1.0 || !self.rope_theta.is_finite() || !self.time_features.is_multiple_of(2) {
            return Err(DraftError::Files("config.json: denoiser rope_theta or time_features".to_owned()));
        }
        Ok(())
    }
}
