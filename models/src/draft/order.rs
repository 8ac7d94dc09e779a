//! What a caller hands to the draft model and what it gets back: orders, pictures, steps, clips, forecasts, errors.
//! Plain values without tensors, so that the engine can keep, compare and store them. Nothing here computes.

use std::ops::ControlFlow;

use candle_core::Tensor;

use super::{DraftModel, words::PromptReport};
use crate::{checkpoint::Checkpoint, curves::Curves};

/// A picture: 8-bit sRGB, rows from the top, three bytes a pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels, 1 … [`Picture::MAX_SIDE`].
    pub width: usize,
    /// Height in pixels, 1 … [`Picture::MAX_SIDE`].
    pub height: usize,
    /// `width * height * 3` bytes.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// Longest side accepted; the model works at ≈ 128 pixels, so more would only cost memory.
    pub const MAX_SIDE: usize = 8192;
}

/// What a clip must keep to, besides its prompt. All of it enters the network as clean tokens.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The first frames of the clip, `4m+1` of them: one is a first frame, five or more continue a motion.
    /// To extend a take, give its last `4m+1` frames; the new clip begins with them and the caller cuts them off.
    Opening(Vec<Picture>),
    /// The clip's final frame.
    Ending(Picture),
    /// A picture of the subject; up to [`super::DraftModel::max_references`] of them.
    Reference(Picture),
}

/// One clip to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Full sentences in English.
    pub prompt: String,
    /// Picture size in pixels, one of [`super::DraftModel::legal_sizes`].
    pub size: (usize, usize),
    /// Number of frames, one of [`super::DraftModel::legal_frames`].
    pub frames: usize,
    /// Same seed, same order, same precision: the same bytes, on every run.
    pub seed: u64,
    /// Network evaluations along the path; `None` takes the weights' own number.
    pub steps: Option<usize>,
    /// Strength of guidance; `None` takes the weights' own, 1 or less means none (and half the work).
    pub guide_scale: Option<f32>,
    /// Pictures to keep to.
    pub conditions: Vec<Condition>,
    /// Continue from here instead of from noise. Must come from an equal order.
    pub resume: Option<Checkpoint>,
}

/// What happens while a clip is made. Return `ControlFlow::Break(())` to stop; a step is the longest wait.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A step of the sampler has ended (or, for `step == 0`, the first is about to begin).
    Step(StepInfo<'a>),
    /// Frames have been decoded, in order: 1 for the first latent, 4 for each later one.
    Frames {
        /// Number of the first of them.
        first: usize,
        /// Frames of the clip altogether.
        total: usize,
        /// `n * width * height * 3` bytes, 8-bit sRGB.
        rgb: &'a [u8],
    },
}

/// A caller's view of a running generation.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress<'_>) -> ControlFlow<()>;

/// A clip as the network sees it on the way, very small and cheap: `(width, height, frames)`, one pixel per latent position,
/// one frame of 8-bit sRGB per latent frame, through a linear latent → RGB map.
pub type Preview = (usize, usize, Vec<Vec<u8>>);

/// State after a step; pictures and checkpoints are made only when asked for.
pub struct StepInfo<'a> {
    /// Steps finished.
    pub step: usize,
    /// Steps altogether.
    pub steps: usize,
    pub(super) model: &'a DraftModel,
    pub(super) order: &'a Order,
    pub(super) video: &'a Tensor,
    pub(super) sound: &'a Tensor,
    pub(super) estimate: Option<&'a Tensor>,
}

impl std::fmt::Debug for StepInfo<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StepInfo").field("step", &self.step).field("steps", &self.steps).finish_non_exhaustive()
    }
}

impl StepInfo<'_> {
    /// The clip as the network sees it now. `None` before the first step.
    ///
    /// # Errors
    /// When the device fails.
    pub fn preview(&self) -> Result<Option<Preview>, DraftError> {
        self.estimate.map(|x| self.model.preview(self.order, x)).transpose()
    }

    /// The state as a value that [`Order::resume`] takes.
    ///
    /// # Errors
    /// When the device fails.
    pub fn checkpoint(&self) -> Result<Checkpoint, DraftError> {
        self.model.checkpoint(self.order, self.step, self.video, self.sound)
    }
}

/// A finished clip.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// Picture width in pixels.
    pub width: usize,
    /// Picture height in pixels.
    pub height: usize,
    /// Frames per second (12).
    pub fps: u32,
    /// One `width * height * 3` buffer of 8-bit sRGB per frame. Rain and snow are not in it: see [`crate::particles`].
    pub frames: Vec<Vec<u8>>,
    /// What is heard and where the subject is, frame by frame.
    pub curves: Curves,
    /// 48 kHz stereo, −1 … 1, exactly `frames / fps` seconds.
    pub sound: Vec<[f32; 2]>,
    /// What the model understood of the prompt.
    pub report: PromptReport,
}

/// What an order will cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Peak memory beyond the process's own, weights included, in bytes.
    pub peak_bytes: u64,
    /// Floating-point operations of the whole order (multiply and add counted as two).
    pub flops: f64,
    /// Network evaluations, guidance counted.
    pub evaluations: usize,
}

/// Why a clip was not made.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The order cannot be fulfilled as it stands; a sentence for a person.
    #[error("{0}")]
    Refused(String),
    /// The files are not a draft model this program can trust.
    #[error("the draft model's files were refused: {0}")]
    Files(String),
    /// The weights' container is damaged or dangerous.
    #[error(transparent)]
    Weights(#[from] crate::weights::WeightsError),
    /// The caller stopped it. The state as it was after the last whole step, when there was one.
    #[error("stopped")]
    Stopped(Option<Box<Checkpoint>>),
    /// The tensor library or the device failed.
    #[error("the draft model failed: {0}")]
    Tensor(#[from] candle_core::Error),
}
