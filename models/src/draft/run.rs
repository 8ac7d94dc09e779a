//! One generation from order to clip: text, noise, the walk down the flow, decoding latent by latent, sound.
//! The only place where the family's parts meet. State between steps is one value, so that it can stop and resume anywhere.

use std::ops::ControlFlow;

use candle_core::{Device, Tensor};

use super::{
    Clip, Condition, DraftError, DraftModel, OnProgress, Order, Preview, Progress, StepInfo,
    given::Given,
    pictures, scheduler,
    text::TextStates,
    vae::FRAMES_PER_LATENT,
    words::{END, PAD},
};
use crate::{
    checkpoint::Checkpoint,
    conditioning::{CleanLatent, Place, TokenPlan},
    curves::{CURVES, Curves},
    noise, sound,
};

/// Most reference pictures in one order; more were never trained.
pub(super) const MAX_REFERENCES: usize = 2;
/// Side of a reference picture as the network sees it, in pixels.
const REFERENCE_SIDE: usize = 64;
/// Time coordinate of the first reference; the next ones go down from it.
const REFERENCE_TIME: f32 = -2.0;
/// Most evaluations that may be ordered.
const MAX_STEPS: usize = 200;

/// An order's sizes in latent positions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    pub times: usize,
    pub h: usize,
    pub w: usize,
}

impl DraftModel {
    /// The order's grid, if the order is legal.
    pub(super) fn check(&self, order: &Order) -> Result<Grid, DraftError> {
        let refuse = |text: String| Err(DraftError::Refused(text));
        let (width, height) = order.size;
        if !self.legal_sizes().contains(&order.size) {
            let sizes: Vec<String> = self.legal_sizes().iter().map(|(w, h)| format!("{w}×{h}")).collect();
            return refuse(format!("The draft model does not make {width}×{height}; it makes {}.", sizes.join(", ")));
        }
        if !self.frames.contains(&order.frames) {
            let most = self.frames.last().copied().unwrap_or(1);
            return refuse(format!("The draft model makes 5, 9, 13 … {most} frames, not {}.", order.frames));
        }
        if order.steps.is_some_and(|s| !(1..=MAX_STEPS).contains(&s)) {
            return refuse(format!("The number of steps lies between 1 and {MAX_STEPS}."));
        }
        if order.guide_scale.is_some_and(|g| !(0.0..=100.0).contains(&g)) {
            return refuse("The strength of guidance lies between 0 and 100.".to_owned());
        }
        let times = order.frames / FRAMES_PER_LATENT + 1;
        let of = |f: fn(&Condition) -> bool| order.conditions.iter().filter(|c| f(c)).count();
        if of(|c| matches!(c, Condition::Opening(_))) > 1 || of(|c| matches!(c, Condition::Ending(_))) > 1 {
            return refuse("A clip has one opening and one ending at most.".to_owned());
        }
        if of(|c| matches!(c, Condition::Reference(_))) > MAX_REFERENCES {
            return refuse(format!("The draft model looks at {MAX_REFERENCES} reference pictures at most."));
        }
        for condition in &order.conditions {
            if let Condition::Opening(frames) = condition
                && (frames.len() % FRAMES_PER_LATENT != 1 || frames.len() >= order.frames)
            {
                return refuse(format!(
                    "An opening has 1, 5, 9 … frames and fewer than the clip, not {}.",
                    frames.len()
                ));
            }
        }
        let factor = self.config.vae.factor();
        Ok(Grid { times, h: height.div_ceil(factor), w: width.div_ceil(factor) })
    }

    pub(super) fn steps(&self, order: &Order) -> usize {
        order.steps.unwrap_or(self.config.sampling.steps).min(MAX_STEPS)
    }

    /// The strength of guidance, if there is any.
    pub(super) fn guidance(&self, order: &Order) -> Option<f64> {
        Some(order.guide_scale.map_or(self.config.sampling.guide_scale, f64::from)).filter(|g| *g > 1.0)
    }

    /// Makes a clip.
    ///
    /// # Errors
    /// [`DraftError::Refused`] when the order is not legal, [`DraftError::Stopped`] when the callback broke off.
    pub fn generate(&self, order: &Order, on_progress: OnProgress<'_>) -> Result<Clip, DraftError> {
        let grid = self.check(order)?;
        let report = self.prepare(&order.prompt);
        let guidance = self.guidance(order);
        let text = self.read(&report.tokens, guidance.is_some())?;
        let plan = self.plan(order, grid)?;
        let (video, sound) = self.walk(order, grid, &plan, &text, guidance, on_progress)?;
        let curves = self.curves(&sound, order.frames)?;
        let frames = self.decode(order, grid, &plan, &video, &sound, on_progress)?;
        let (width, height) = order.size;
        let rendered = sound::render(&curves, order.seed);
        Ok(Clip { width, height, fps: self.fps(), frames, curves, sound: rendered, report })
    }

    /// States of the prompt, and below them those of the empty prompt if `guided`.
    fn read(&self, tokens: &[u32], guided: bool) -> Result<TextStates, DraftError> {
        let length = tokens.len();
        let mut ids = tokens.to_vec();
        let mut keep = vec![1.0f32; length];
        if guided {
            ids.push(END);
            ids.resize(2 * length, PAD);
            keep.push(1.0);
            keep.resize(2 * length, 0.0);
        }
        let batch = if guided { 2 } else { 1 };
        let ids = Tensor::from_vec(ids, (batch, length), &self.device)?;
        Ok(self.text.forward(&ids, &Tensor::from_vec(keep, (batch, length), &self.device)?)?)
    }

    /// Everything known of the clip, as clean tokens.
    fn plan(&self, order: &Order, grid: Grid) -> Result<TokenPlan, DraftError> {
        let factor = self.config.vae.factor();
        let mut known = Vec::new();
        let mut time = REFERENCE_TIME;
        for condition in &order.conditions {
            let (list, size) = match condition {
                Condition::Opening(frames) => (frames.as_slice(), order.size),
                Condition::Ending(picture) => (std::slice::from_ref(picture), order.size),
                Condition::Reference(picture) => (std::slice::from_ref(picture), (REFERENCE_SIDE, REFERENCE_SIDE)),
            };
            let frames = list.iter().map(|p| pictures::to_tensor(p, size, factor, &self.device));
            let latents = self.vae.encode(&Tensor::stack(&frames.collect::<Result<Vec<_>, _>>()?, 0)?)?;
            for i in 0..latents.dim(0)? {
                let place = match condition {
                    Condition::Opening(_) => Place::Frame(i),
                    Condition::Ending(_) => Place::Frame(grid.times - 1),
                    Condition::Reference(_) => Place::Outside(time),
                };
                known.push(CleanLatent { place, latent: latents.get(i)? });
            }
            if matches!(condition, Condition::Reference(_)) {
                time -= 1.0;
            }
        }
        let size = (grid.times, grid.h, grid.w);
        Ok(TokenPlan::new(size, self.config.vae.channels, &known, &self.device)?)
    }

    /// Noise, or the state of a checkpoint: (step, picture tokens, sound tokens).
    fn start(&self, order: &Order, grid: Grid, plan: &TokenPlan) -> Result<(usize, Tensor, Tensor), DraftError> {
        let (tokens, channels) = (plan.coords.len(), self.config.vae.channels);
        let shapes = [[1, tokens, channels], [1, grid.times, self.config.denoiser.sound]];
        if let Some(state) = &order.resume {
            let steps = self.steps(order);
            let array = |name: &str, shape: &[usize; 3]| match state.array(name) {
                Some((s, values)) if s == shape && values.iter().all(|v| v.is_finite()) => {
                    Some(Tensor::from_slice(values, shape, &self.device))
                }
                _ => None,
            };
            let fits = state.order == self.fingerprint(order) && state.steps == steps && state.step <= steps;
            let (Some(video), Some(sound), true) = (array("video", &shapes[0]), array("sound", &shapes[1]), fits)
            else {
                return Err(DraftError::Refused("The saved state belongs to another order.".to_owned()));
            };
            return Ok((state.step, video?, sound?));
        }
        // Noise for the clip's own tokens only: reference tokens do not shift it.
        let mut video = noise::normal(order.seed, noise::Stream::Video, plan.clip * channels);
        video.resize(tokens * channels, 0.0);
        let video = plan.hold(&Tensor::from_vec(video, &shapes[0], &self.device)?)?;
        Ok((0, video, noise::tensor(order.seed, noise::Stream::Sound, &shapes[1], &self.device)?))
    }

    fn walk(
        &self,
        order: &Order,
        grid: Grid,
        plan: &TokenPlan,
        text: &TextStates,
        guidance: Option<f64>,
        on_progress: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
    ) -> Result<(Tensor, Tensor), DraftError> {
        let (coords, grids) = with_sound(plan, grid);
        let mut clean = plan.clean.clone();
        if guidance.is_some() {
            clean.extend_from_within(..);
        }
        let given = self.denoiser.prepare(&coords, &grids, text, &clean, grid.times)?;
        let (first, mut video, mut sound) = self.start(order, grid, plan)?;
        let steps = self.steps(order);
        let times = scheduler::timesteps(steps, self.config.sampling.shift);
        let mut estimate = None;
        for (step, pair) in times.windows(2).enumerate().skip(first) {
            let info =
                StepInfo { step, steps, model: self, order, video: &video, sound: &sound, estimate: estimate.as_ref() };
            if on_progress(Progress::Step(info)).is_break() {
                return Err(self.stopped(order, step, &video, &sound)?);
            }
            let [now, then] = pair else { continue };
            let (v, u) = match guidance {
                Some(scale) => {
                    let both = |t: &Tensor| Tensor::cat(&[t, t], 0);
                    let (v, u) = self.denoiser.forward(&both(&video)?, &both(&sound)?, &[*now as f32; 2], &given)?;
                    (scheduler::guide(&v, scale)?, scheduler::guide(&u, scale)?)
                }
                None => self.denoiser.forward(&video, &sound, &[*now as f32], &given)?,
            };
            estimate = Some(plan.hold(&scheduler::estimate(&video, &v, *now)?)?);
            video = plan.hold(&scheduler::step(&video, &v, *now, *then)?)?;
            sound = scheduler::step(&sound, &u, *now, *then)?;
        }
        let info =
            StepInfo { step: steps, steps, model: self, order, video: &video, sound: &sound, estimate: Some(&video) };
        if on_progress(Progress::Step(info)).is_break() {
            return Err(self.stopped(order, steps, &video, &sound)?);
        }
        Ok((video, sound))
    }

    /// Decodes latent by latent, telling of each; `video` are the picture tokens.
    fn decode(
        &self,
        order: &Order,
        grid: Grid,
        plan: &TokenPlan,
        video: &Tensor,
        sound: &Tensor,
        on_progress: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Vec<Vec<u8>>, DraftError> {
        let latents = self.latents(video, grid, plan.clip)?;
        let mut given = Given::of(order, self.config.vae.factor(), &self.device)?;
        if given.ends() {
            given.expect(&self.vae.decode(&latents, grid.times - 1, 1)?)?;
        }
        let mut frames: Vec<Vec<u8>> = Vec::with_capacity(order.frames);
        for k in 0..grid.times {
            let decoded = given.restore(frames.len(), &self.vae.decode(&latents, k, 1)?)?;
            let new = pictures::to_frames(&decoded, order.size)?;
            let first = frames.len();
            let told = Progress::Frames { first, total: order.frames, rgb: &new.concat() };
            frames.extend(new);
            if on_progress(told).is_break() {
                return Err(self.stopped(order, self.steps(order), video, sound)?);
            }
        }
        Ok(frames)
    }

    /// Picture tokens `[1, tokens, C]` → latents `[times, C, h, w]` of the clip.
    fn latents(&self, video: &Tensor, grid: Grid, clip: usize) -> Result<Tensor, DraftError> {
        let tokens = video.narrow(1, 0, clip)?.reshape((grid.times, grid.h, grid.w, ()))?;
        Ok(tokens.permute((0, 3, 1, 2))?.contiguous()?)
    }

    /// Sound tokens `[1, times, 4·K]` in −1 … 1 → one row a frame in 0 … 1; of latent 0 the last of four counts.
    fn curves(&self, sound: &Tensor, frames: usize) -> Result<Curves, DraftError> {
        let values: Vec<f32> = ((sound + 1.0)? / 2.0)?.flatten_all()?.to_vec1()?;
        let rows = values.get((FRAMES_PER_LATENT - 1) * CURVES..).unwrap_or_default();
        let mut curves = Curves::from_raw(self.fps(), rows);
        curves.rows.truncate(frames);
        Ok(curves)
    }

    /// A small picture per latent frame of an estimate `[1, tokens, C]`; `grid` comes from the order.
    pub(super) fn preview(&self, order: &Order, estimate: &Tensor) -> Result<Preview, DraftError> {
        let grid = self.check(order)?;
        let latents = self.latents(estimate, grid, grid.times * grid.h * grid.w)?;
        Ok((grid.w, grid.h, self.preview_factors()?.paint(&latents)?))
    }

    pub(super) fn checkpoint(
        &self,
        order: &Order,
        step: usize,
        video: &Tensor,
        sound: &Tensor,
    ) -> Result<Checkpoint, DraftError> {
        let array = |name: &str, t: &Tensor| -> Result<_, DraftError> {
            Ok((name.to_owned(), t.dims().to_vec(), t.flatten_all()?.to_device(&Device::Cpu)?.to_vec1::<f32>()?))
        };
        let arrays = vec![array("sound", sound)?, array("video", video)?];
        Ok(Checkpoint { step, steps: self.steps(order), order: self.fingerprint(order), arrays })
    }

    fn stopped(&self, order: &Order, step: usize, video: &Tensor, sound: &Tensor) -> Result<DraftError, DraftError> {
        Ok(DraftError::Stopped(Some(Box::new(self.checkpoint(order, step, video, sound)?))))
    }

    /// The order as text, without its state to resume from; pictures by a hash of their bytes (FNV-1a).
    fn fingerprint(&self, order: &Order) -> String {
        let hash = |seed: u64, bytes: &[u8]| {
            bytes.iter().fold(seed, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
        };
        let picture = |h: u64, p: &super::Picture| {
            hash(hash(h, &[p.width.to_le_bytes(), p.height.to_le_bytes()].concat()), &p.rgb)
        };
        let mut text = format!(
            "draft {} {:?} {:?} {} {} {} {:?}",
            self.config.setting,
            self.precision,
            order.size,
            order.frames,
            order.seed,
            self.steps(order),
            self.guidance(order)
        );
        for condition in &order.conditions {
            const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
            text += &match condition {
                Condition::Opening(frames) => format!(" opening {:016x}", frames.iter().fold(BASIS, picture)),
                Condition::Ending(p) => format!(" ending {:016x}", picture(BASIS, p)),
                Condition::Reference(p) => format!(" reference {:016x}", picture(BASIS, p)),
            };
        }
        text + ": " + &order.prompt
    }
}

/// Coordinates and grids of all tokens: pictures, then one sound token per latent frame.
fn with_sound(plan: &TokenPlan, grid: Grid) -> (Vec<[f32; 3]>, Vec<[f32; 2]>) {
    let (mut coords, mut grids) = (plan.coords.clone(), plan.grids.clone());
    coords.extend((0..grid.times).map(|t| [t as f32, -1.0, -1.0]));
    grids.resize(coords.len(), [grid.h as f32, grid.w as f32]);
    (coords, grids)
}
