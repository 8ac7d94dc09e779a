//! The draft model: a small text → video and sound model of our own, so that a fresh machine makes moving pictures from
//! words in seconds. The network is stated in `models/draft/FORM.md`; this folder runs it.
//!
//! The way of a shot, for the engine that calls it:
//! 1. [`DraftModel::load`] once, from bytes (it checks them; hashing them is the caller's).
//! 2. [`DraftModel::prepare`] while a person types: tokens, and notes such as "dragon → lizard (draft model)".
//! 3. [`DraftModel::estimate`] before a start.
//! 4. [`DraftModel::generate`] with a callback. It is told of every step ([`Progress::Step`], with a small live preview
//!    and a checkpoint on request) and of frames as they are decoded ([`Progress::Frames`], 1 then 4 at a time).
//!    `ControlFlow::Break` ends it within one step, with [`DraftError::Stopped`] and the state to resume from.
//! 5. The clip's sound is already rendered; rain and snow are painted by [`crate::particles`] at the size of showing.
//!
//! `DraftModel` is `Send + Sync`; one generation at a time keeps memory as estimated.
//! **Never here:** files, clocks, queues, or words of advice about quality.

pub mod config;
mod cost;
mod given;
mod order;
mod pictures;
mod preview;
pub(crate) mod random;
mod retell;
mod run;
pub mod scheduler;
pub mod text;
pub mod transformer;
pub mod vae;
pub mod words;

use std::sync::OnceLock;

use candle_core::{DType, Device};

pub use crate::linear::Precision;
pub use order::{Clip, Condition, DraftError, Estimate, OnProgress, Order, Picture, Preview, Progress, StepInfo};
pub use random::random_checkpoint;
pub use words::{PromptReport, WordNote, WordReason};

use crate::weights;
use config::DraftConfig;

/// The files of the model, as bytes.
#[derive(Debug, Clone, Copy)]
pub struct DraftFiles<'a> {
    /// `config.json`.
    pub config: &'a [u8],
    /// `words.json`, the vocabulary.
    pub words: &'a [u8],
    /// `lexicon.json`, nearest words and words without a picture.
    pub lexicon: &'a [u8],
    /// Every safetensors shard, in any order. Names start with `vae.`, `text.` or `denoiser.`.
    pub weights: &'a [&'a [u8]],
}

/// A loaded draft model.
#[derive(Debug)]
pub struct DraftModel {
    config: DraftConfig,
    words: words::Words,
    text: text::TextEncoder,
    denoiser: transformer::Denoiser,
    vae: vae::Vae,
    precision: Precision,
    /// Values of all weights, for the forecast.
    weight_values: u64,
    /// Those in kernels of the picture codec.
    kernel_values: u64,
    frames: Vec<usize>,
    device: Device,
    preview: OnceLock<crate::preview::Factors>,
}

impl DraftModel {
    /// Checks the files and builds the network; every tensor is used, none is missing.
    ///
    /// # Errors
    /// [`DraftError::Files`] or [`DraftError::Weights`] with what is wrong.
    pub fn load(files: &DraftFiles<'_>, precision: Precision, device: &Device) -> Result<Self, DraftError> {
        let config = DraftConfig::parse(files.config)?;
        let words = words::Words::parse(files.words, files.lexicon, config.text.words, config.text.length)?;
        let tensors = weights::tensors(files.weights, DType::F32, device)?;
        let weight_values = tensors.values().map(|t| t.elem_count() as u64).sum();
        let kernels = tensors.iter().filter(|(name, t)| name.starts_with("vae.") && t.dims().ends_with(&[3, 3]));
        let kernel_values = kernels.map(|(_, t)| t.elem_count() as u64).sum();
        let (vb, ledger) = weights::counted(tensors, DType::F32, device);
        let missing = |e: candle_core::Error| weights::WeightsError::Missing(e.to_string());
        let model = Self {
            text: text::TextEncoder::new(&config.text, precision, &vb.pp("text")).map_err(missing)?,
            denoiser: transformer::Denoiser::new(&config.denoiser, precision, &vb.pp("denoiser")).map_err(missing)?,
            vae: vae::Vae::new(&config.vae, &vb.pp("vae")).map_err(missing)?,
            frames: (1..=config.max_frames / 4).map(|n| 4 * n + 1).collect(),
            config,
            words,
            precision,
            weight_values,
            kernel_values,
            device: device.clone(),
            preview: OnceLock::new(),
        };
        ledger.check_all_used()?;
        Ok(model)
    }

    /// Frames per second of every clip.
    #[must_use]
    pub fn fps(&self) -> u32 {
        self.config.fps
    }

    /// Frame counts that can be ordered, ascending (5, 9, … 49).
    #[must_use]
    pub fn legal_frames(&self) -> &[usize] {
        &self.frames
    }

    /// Picture sizes that can be ordered, `(width, height)` in pixels.
    #[must_use]
    pub fn legal_sizes(&self) -> &[(usize, usize)] {
        &self.config.sizes
    }

    /// Most [`Condition::Reference`] pictures in one order.
    #[must_use]
    pub fn max_references(&self) -> usize {
        run::MAX_REFERENCES
    }

    /// Evaluations that an order without a wish of its own gets.
    #[must_use]
    pub fn default_steps(&self) -> usize {
        self.config.sampling.steps
    }

    /// What the model makes of a prompt. Never fails; what cannot be used is in the notes.
    #[must_use]
    pub fn prepare(&self, prompt: &str) -> PromptReport {
        self.words.read(prompt)
    }
}
