//! LTX-Video as an engine: orders in, clips out, from files that the person brought. One part of the model is in memory at a
//! time: the text encoder reads the prompt and goes, the denoiser works and goes, the codec decodes.

mod cost;
mod memory;
mod pictures;
mod prompts;
mod weights;

use crate::catalogue::Entry;
use crate::family::Family;
use crate::manifest::LtxSettings;
use crate::own::Own;
use crate::pace::Pace;
use candle_core::{Device, Tensor};
use cost::Work;
use kinora_document::Refusal;
use kinora_document::catalogue::{Estimate, PromptReading, Stage, WordNote};
use kinora_models::checkpoint::Checkpoint;
use kinora_models::ltx::LtxError;
use kinora_models::ltx::noise::Seeded;
use kinora_models::ltx::preview;
use kinora_models::ltx::run::{Canvas, Given, Perturbation, Plan, Prompt, Way, finish, walk};
use kinora_models::ltx::scheduler::Spread;
use kinora_models::ltx::vae::tiling::Tiling;
use kinora_models::ltx::vae::{Halves, Vae};
use kinora_models::ltx::words::{END, PAD, Words};
use kinora_models::preview::Factors;
use kinora_ports::engine::{Order, Progress, Rendered};
use kinora_ports::{Fault, Flow, Pixels, PortError};
use memory::give_back;
use prompts::Kept;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use weights::Weights;
pub use weights::read_lora;

/// Shares of the whole, in thousandths: loading and reading the prompt, then denoising, then decoding.
const DENOISING_FROM: u32 = 50;
const DENOISING_TO: u32 = 900;
/// A checkpoint after every so many steps.
const CHECKPOINT_STEPS: usize = 2;
/// Floating-point operations per millisecond that two ordinary cores reach; only the first forecast uses it.
const FORECAST_FLOPS_PER_MILLI: f64 = 80e6;
/// Values of the decoder's widest layer above which it works in tiles.
const TILED_FROM: u64 = 400 << 20;
/// What guidance leads away from where the film says nothing of its own.
const USUAL_NEGATIVE: &str = "worst quality, inconsistent motion, blurry, jittery, distorted";
/// Most steps that may be ordered.
const MAX_STEPS: u32 = 200;

#[derive(Debug)]
pub struct Ltx {
    title: String,
    settings: LtxSettings,
    rate: u32,
    weights: Weights,
    words: Words,
    /// States of the prompts read last, and of more on disk: the same words are not read twice.
    read: Mutex<Option<(String, Prompt, Prompt)>>,
    /// The map from latents to colours of the live preview.
    colours: OnceLock<Factors>,
    kept: Kept,
}

impl Ltx {
    /// Reads configs and the vocabulary; weights are read when they are needed.
    pub fn open(entry: &Entry, settings: &LtxSettings, own: &Own) -> Result<Self, PortError> {
        let manifest = &entry.manifest;
        let weights = Weights::open(own, entry.loras.clone()).map_err(|e| problem(&manifest.title, e))?;
        let words = weights.words().map_err(|e| problem(&manifest.title, e))?;
        Ok(Self {
            title: manifest.title.clone(),
            settings: settings.clone(),
            rate: manifest.fps,
            weights,
            words,
            read: Mutex::new(None),
            colours: OnceLock::new(),
            kept: Kept(entry.kept.clone()),
        })
    }

    fn plan(&self, order: &Order) -> Result<Plan, Refusal> {
        let s = &self.settings;
        let wrong = |what: String| Refusal::new("engine.order", what, "Change the shot and try again.");
        let steps = order.steps.unwrap_or(s.steps);
        if !(1..=MAX_STEPS).contains(&steps) {
            return Err(wrong(format!("The number of steps lies between 1 and {MAX_STEPS}.")));
        }
        if order.subjects().next().is_some() {
            return Err(wrong(format!("{} looks at key frames, not at pictures of a subject.", self.title)));
        }
        let spread = if s.levels.is_empty() {
            Spread::Quadratic
        } else {
            if steps as usize != s.levels.len() {
                return Err(wrong(format!("{} was taught to work in {} steps.", self.title, s.levels.len())));
            }
            Spread::Fixed(s.levels.iter().map(|l| l * 1000.0).collect())
        };
        let guidance = order.guidance_permille.map_or(s.guidance, |permille| f64::from(permille) / 1000.0);
        let perturbation =
            (s.perturbation > 0.0).then(|| Perturbation { scale: s.perturbation, blocks: s.perturbed_blocks.clone() });
        Ok(Plan {
            size: (order.size.width as usize, order.size.height as usize),
            frames: order.frames as usize,
            rate: f64::from(self.rate),
            schedule: self.weights.schedule(&spread, steps as usize),
            guidance,
            rescale: s.rescale,
            perturbation,
            condition_noise: s.condition_noise,
            decode_timestep: s.decode_timestep,
            decode_noise: s.decode_noise,
            causal_positions: true,
        })
    }

    /// What guidance leads away from.
    fn negative(order: &Order) -> &str {
        if order.negative.trim().is_empty() { USUAL_NEGATIVE } else { &order.negative }
    }

    /// Names the states of an order's words, of this encoder.
    fn prompt_key(&self, order: &Order, guided: bool) -> String {
        let (encoder, negative) = (self.weights.text_fingerprint(), Self::negative(order));
        let key = format!("{encoder}\u{0}{guided}\u{0}{}\u{0}{}\u{0}{negative}", self.settings.words, order.prompt);
        blake3::hash(key.as_bytes()).to_hex().to_string()
    }

    /// States of the prompt and of what guidance leads away from, from memory or from the text encoder.
    fn prompts(&self, order: &Order, guided: bool) -> Result<(Prompt, Prompt), LtxError> {
        let negative = Self::negative(order);
        let key = self.prompt_key(order, guided);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((held, prompt, negative)) = read.as_ref().filter(|(held, _, _)| *held == key) {
            let _ = held;
            return Ok((prompt.clone(), negative.clone()));
        }
        if let Some((prompt, negative)) = self.kept.find(&key) {
            *read = Some((key, prompt.clone(), negative.clone()));
            return Ok((prompt, negative));
        }
        let encoder = self.weights.text()?;
        let mut ids = vec![self.words.read(&crate::draft::seen(&order.prompt), self.settings.words).ids];
        if guided {
            ids.push(self.words.read(negative, self.settings.words).ids);
        }
        // Both have one length, because they are denoised together.
        let length = ids.iter().map(Vec::len).max().unwrap_or(1);
        let mut states = Vec::new();
        for mut row in ids {
            let kept = row.len();
            row.resize(length, PAD);
            let keep: Vec<f32> = (0..length).map(|i| if i < kept { 1.0 } else { 0.0 }).collect();
            let keep = Tensor::from_vec(keep, (1, length), &Device::Cpu)?;
            let ids = Tensor::from_vec(row, (1, length), &Device::Cpu)?;
            states.push(Prompt { states: encoder.forward(&ids, Some(&keep))?, keep });
        }
        let negative = states.pop();
        let prompt = states.pop().or_else(|| negative.clone());
        let (Some(prompt), Some(negative)) = (prompt, negative) else {
            return Err(LtxError::Refused("The prompt could not be read.".to_owned()));
        };
        self.kept.keep(&key, &prompt, &negative);
        *read = Some((key, prompt.clone(), negative.clone()));
        Ok((prompt, negative))
    }

    fn given(&self, order: &Order) -> Result<Vec<Given>, LtxError> {
        let (width, height) = (order.size.width, order.size.height);
        let mut given = Vec::new();
        if !order.preceding.is_empty() {
            // Whole latents of the end of what precedes.
            let count = (order.preceding.len() - 1) / 8 * 8 + 1;
            let last = &order.preceding[order.preceding.len() - count..];
            given.push(Given { frames: pictures::clip(last, width, height)?, at: 0, strength: 1.0 });
        }
        for (at, picture) in &order.keyframes {
            if *at == 0 && !order.preceding.is_empty() {
                continue;
            }
            let frames = pictures::clip(std::slice::from_ref(picture), width, height)?;
            given.push(Given { frames, at: *at as usize, strength: 1.0 });
        }
        Ok(given)
    }

    fn work(
        &self,
        order: &Order,
        plan: &Plan,
        resume: Option<&[u8]>,
        tell: &mut dyn FnMut(Told) -> ControlFlow<()>,
    ) -> Result<Option<Tensor>, LtxError> {
        let stopped = |flow: ControlFlow<()>| flow.is_break();
        if stopped(tell(Told::Stage(Stage::ReadingPrompt, 5))) {
            return Ok(None);
        }
        let guided = plan.guidance > 1.0;
        let (prompt, negative) = self.prompts(order, guided)?;
        give_back();
        if stopped(tell(Told::Stage(Stage::Loading, 25))) {
            return Ok(None);
        }
        let mut draws = Seeded { seed: order.seed, device: &Device::Cpu };
        let given = self.given(order)?;
        let colours = self.colours_key(plan);
        let unknown = self.colours.get().is_none() && !self.find_colours(&colours);
        let vae = self.weights.vae(Halves { encoder: !given.is_empty(), decoder: unknown })?;
        let mut canvas = Canvas::new(plan, &vae, &given, &mut draws)?;
        if unknown {
            self.fit_colours(&colours, &vae, plan);
        }
        drop(vae);
        give_back();
        let fingerprint = fingerprint(order, plan);
        let mut first = 0;
        if let Some(state) = resume.and_then(|bytes| Checkpoint::from_bytes(bytes).ok())
            && state.order == fingerprint
            && state.step < plan.schedule.timesteps.len()
            && let Some((shape, values)) = state.array("tokens")
            && shape == canvas.tokens.dims()
            && values.iter().all(|v| v.is_finite())
        {
            canvas.tokens = Tensor::from_slice(values, shape, &Device::Cpu)?;
            first = state.step;
        }
        if stopped(tell(Told::Stage(Stage::Loading, DENOISING_FROM - 5))) {
            return Ok(None);
        }
        let net = self.weights.transformer(self.settings.eight_bit)?;
        let prompts = (&prompt, guided.then_some(&negative));
        let mut on_way = |way: Way<'_>| match way {
            Way::Step { step, steps, tokens, clean } => {
                let due = step > first && step < steps && step % CHECKPOINT_STEPS == 0;
                let state = || {
                    let values = tokens.flatten_all()?.to_vec1::<f32>()?;
                    let arrays = vec![("tokens".to_owned(), tokens.dims().to_vec(), values)];
                    Ok::<_, candle_core::Error>(Checkpoint { step, steps, order: fingerprint.clone(), arrays })
                };
                let checkpoint = if due { state().ok().and_then(|s| s.to_bytes().ok()) } else { None };
                let forming = clean.and_then(|clean| self.forming(clean)).map(Arc::new);
                tell(Told::Step { step, steps, share: 0.0, forming, checkpoint })
            }
            Way::Block { step, steps, block, blocks } => {
                let share = block as f64 / blocks.max(1) as f64;
                tell(Told::Step { step, steps, share, forming: None, checkpoint: None })
            }
        };
        if !walk(plan, &net, &mut canvas, prompts, &mut draws, first, &mut on_way)? {
            return Ok(None);
        }
        drop(net);
        give_back();
        if stopped(tell(Told::Stage(Stage::Decoding, DENOISING_TO))) {
            return Ok(None);
        }
        let mut vae = self.weights.vae(Halves { encoder: false, decoder: true })?;
        if self.weights.widest(plan) > TILED_FROM {
            vae.tiling = Tiling { time: None, ..Tiling::USUAL };
        }
        if stopped(tell(Told::Stage(Stage::Decoding, DENOISING_TO + 5))) {
            return Ok(None);
        }
        Ok(Some(finish(plan, &vae, &canvas, &mut draws)?))
    }

    /// Names the map to colours of this codec.
    fn colours_key(&self, plan: &Plan) -> String {
        let key = format!("colours 1\u{0}{}\u{0}{}", self.weights.vae_fingerprint(), plan.decode_timestep);
        blake3::hash(key.as_bytes()).to_hex().to_string()
    }

    /// Whether the map was kept.
    fn find_colours(&self, key: &str) -> bool {
        self.kept.find_colours(key).is_some_and(|factors| self.colours.set(factors).is_ok())
    }

    /// A shot is made without a preview if there cannot be one.
    fn fit_colours(&self, key: &str, vae: &Vae, plan: &Plan) {
        if let Ok(factors) = preview::factors(vae, plan.decode_timestep) {
            self.kept.keep_colours(key, &factors);
            let _ = self.colours.set(factors);
        }
    }

    /// The middle of the clip as the denoiser sees it now, one pixel for each latent position.
    fn forming(&self, clean: &Tensor) -> Option<Pixels> {
        let (width, height, frames) = preview::paint(self.colours.get()?, clean).ok()?;
        Pixels::from_rgb(width as u32, height as u32, frames.get(frames.len() / 2)?)
    }
}

/// What the work says on its way.
enum Told {
    Stage(Stage, u32),
    Step { step: usize, steps: usize, share: f64, forming: Option<Arc<Pixels>>, checkpoint: Option<Vec<u8>> },
}

/// Everything that decides the picture, as one line.
fn fingerprint(order: &Order, plan: &Plan) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{plan:?}\u{0}{}\u{0}{}\u{0}{}", order.seed, order.prompt, order.negative).as_bytes());
    for (at, picture) in order.keyframes.iter().map(|(at, p)| (*at, p)).chain(order.preceding.iter().map(|p| (0, p))) {
        hasher.update(&at.to_le_bytes());
        hasher.update(&picture.rgba);
    }
    hasher.finalize().to_hex().to_string()
}

impl Family for Ltx {
    fn read_prompt(&self, prompt: &str) -> PromptReading {
        let tokens = self.words.read(&crate::draft::seen(prompt), self.settings.words);
        debug_assert_eq!(tokens.ids.last(), Some(&END));
        let notes = (tokens.cut > 0).then(|| WordNote {
            word: tokens.lost.clone(),
            used: None,
            text: format!("The prompt is too long for this model; left out: “{}”", tokens.lost),
        });
        PromptReading { notes: notes.into_iter().collect() }
    }

    fn estimate(&self, order: &Order) -> Result<Estimate, Refusal> {
        let plan = self.plan(order)?;
        let batch = 1 + u64::from(plan.guidance > 1.0) + u64::from(plan.perturbation.is_some());
        let steps = plan.schedule.timesteps.len() as u64;
        let guided = plan.guidance > 1.0;
        let key = self.prompt_key(order, guided);
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(|(k, _, _)| *k == key);
        let tokens = |words: &str| self.words.read(words, self.settings.words).ids.len() as u64;
        let words = tokens(&crate::draft::seen(&order.prompt));
        let words = if guided { words.max(tokens(Self::negative(order))) } else { words };
        let unread = !read && !self.kept.has(&key);
        let unfitted = self.colours.get().is_none() && !self.kept.has_colours(&self.colours_key(&plan));
        let work = Work { plan: &plan, batch, words, unread, unfitted, eight_bit: self.settings.eight_bit };
        let cost = self.weights.cost(&work, TILED_FROM);
        let millis = (cost.flops_a_step * steps as f64 + cost.flops_once) / FORECAST_FLOPS_PER_MILLI;
        Ok(Estimate { peak_bytes: cost.peak_bytes, millis: millis as u64 })
    }

    fn render(
        &self,
        order: &Order,
        resume: Option<&[u8]>,
        estimate: Estimate,
        watch: &mut dyn FnMut(Progress) -> Flow,
    ) -> Result<Rendered, PortError> {
        let plan = self.plan(order)?;
        let pace = Pace::new(estimate.millis);
        let mut tell = |told: Told| {
            let (stage, step, steps, permille, forming, checkpoint) = match told {
                Told::Stage(stage, permille) => (stage, 0, 0, permille, None, None),
                Told::Step { step, steps, share, forming, checkpoint } => {
                    let done = (step as f64 + share) / steps.max(1) as f64;
                    let permille = DENOISING_FROM + (done * f64::from(DENOISING_TO - DENOISING_FROM)) as u32;
                    (Stage::Denoising, step as u32, steps as u32, permille, forming, checkpoint)
                }
            };
            let millis_left = Some(pace.millis_left(permille));
            let checkpoint = checkpoint.map(Arc::new);
            match watch(Progress { stage, step, steps, permille, millis_left, forming, checkpoint }) {
                Flow::Continue => ControlFlow::Continue(()),
                Flow::Cancel => ControlFlow::Break(()),
            }
        };
        let frames = self.work(order, &plan, resume, &mut tell).map_err(|e| problem(&self.title, e))?;
        let Some(frames) = frames else { return Err(PortError::Cancelled) };
        let frames = pictures::frames(&frames).map_err(|e| problem(&self.title, e.into()))?;
        Ok(Rendered {
            rate: kinora_document::FrameRate { frames: self.rate, seconds: 1 },
            frames,
            sound: None,
            reading: self.read_prompt(&order.prompt),
        })
    }
}

fn problem(title: &str, error: LtxError) -> PortError {
    let remedy = "Check the folder's files against the model's page, or choose another engine meanwhile.";
    match error {
        LtxError::Refused(what) => Refusal::new("engine.order", what, "Change the shot and try again.").into(),
        LtxError::Tensor(detail) => Fault::new(
            format!("{title} stopped with an error; the shot has no new take."),
            "Try again with a smaller picture or a shorter shot.",
            detail,
        )
        .into(),
        other => Fault::new(format!("{title} cannot be used: {other}."), remedy, "see above").into(),
    }
}
