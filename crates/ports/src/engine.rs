//! What turns a shot into a take: a local model or a remote one.
//!
//! An engine is told everything in the [`Order`] and keeps no state between renders, so the same order gives the same picture.

use crate::{ConsentedCameo, Flow, Pixels, PortError, Sound};
use kinora_document::{FrameRate, FrameSize, Refusal};
use std::sync::Arc;

pub use kinora_document::catalogue::{Estimate, Model, PromptReading, Stage, WordNote};

/// One shot to be rendered. Its fields, with the model's hash, are everything that decides the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Name from the catalogue.
    pub model: String,
    pub prompt: String,
    pub negative: String,
    pub seed: u64,
    /// One of the model's sizes.
    pub size: FrameSize,
    /// One of the model's legal frame counts.
    pub frames: u32,
    /// None takes the model's default.
    pub steps: Option<u32>,
    pub guidance_permille: Option<u32>,
    /// Pictures that the clip must contain, at given frames (0 is the first, `frames − 1` the last).
    pub keyframes: Vec<(u32, Arc<Pixels>)>,
    /// The clip goes on from these (oldest first): extension with picture context.
    pub preceding: Vec<Arc<Pixels>>,
    /// Pictures of the subject.
    pub references: Vec<Arc<Pixels>>,
    /// Likenesses of people, pets, toys and drawings, each with the proof that it may be used.
    pub cameos: Vec<Cameo>,
}

/// A likeness in an order. Its pictures come with the consent or not at all:
///
/// ```compile_fail,E0063
/// use kinora_ports::engine::Cameo;
///
/// let without_consent = Cameo { pictures: Vec::new() };
/// ```
///
/// and a consent cannot be made up here:
///
/// ```compile_fail,E0451
/// use kinora_document::CameoUse;
/// use kinora_ports::{ConsentedCameo, engine::Cameo};
///
/// fn forge(using: CameoUse) -> Cameo {
///     let consented = ConsentedCameo { using, name: String::new(), until_millis: None };
///     Cameo { consented, pictures: Vec::new() }
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Cameo {
    pub consented: ConsentedCameo,
    /// The best pictures of it, best first; from the vault, in memory only.
    pub pictures: Vec<Arc<Pixels>>,
}

impl Order {
    /// Every picture of a subject, those that say most first: the best of each cameo, what the cast has, then the other pictures.
    pub fn subjects(&self) -> impl Iterator<Item = &Arc<Pixels>> {
        let best = self.cameos.iter().filter_map(|cameo| cameo.pictures.first());
        let others = self.cameos.iter().flat_map(|cameo| cameo.pictures.iter().skip(1));
        best.chain(&self.references).chain(others)
    }
}

#[derive(Clone, Debug)]
pub struct Progress {
    pub stage: Stage,
    /// Steps done of `steps` within the stage.
    pub step: u32,
    pub steps: u32,
    /// 0 … 1000 over the whole render.
    pub permille: u32,
    /// From the estimate and what has passed; None while it cannot be known.
    pub millis_left: Option<u64>,
    /// The clip as it forms: one of its pictures, small and rough.
    pub forming: Option<Arc<Pixels>>,
    /// State from which `render` can go on after a crash; opaque.
    pub checkpoint: Option<Arc<Vec<u8>>>,
}

#[derive(Clone, Debug)]
pub struct Rendered {
    pub rate: FrameRate,
    /// All of one size.
    pub frames: Vec<Pixels>,
    pub sound: Option<Sound>,
    pub reading: PromptReading,
}

pub trait Engine: Send + Sync {
    fn catalogue(&self) -> Vec<Model>;
    fn read_prompt(&self, model: &str, prompt: &str) -> Result<PromptReading, PortError>;
    /// Peak memory and time, before anything is started.
    fn estimate(&self, order: &Order) -> Result<Estimate, Refusal>;
    /// `watch` is called at least once per step; answering [`Flow::Cancel`] ends the render within one step with
    /// [`PortError::Cancelled`]. `resume` is a checkpoint of the very same order; one that does not fit is ignored.
    fn render(
        &self,
        order: &Order,
        resume: Option<&[u8]>,
        watch: &mut dyn FnMut(Progress) -> Flow,
    ) -> Result<Rendered, PortError>;
}
