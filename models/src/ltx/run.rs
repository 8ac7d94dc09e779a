//! One run from a prompt's states and given pictures to frames, as a walk in three parts that a caller may spread over
//! memory: [`Canvas::new`] needs the codec's encoder, [`walk`] the denoiser, [`finish`] the decoder. Mirrors
//! `LTXConditionPipeline` draw by draw. Given pictures are tokens with a noise level and coordinates of their own: those of
//! the first frame replace the clip's, later ones stand beside it. **Never here:** loading, words, or seeds.

use std::ops::ControlFlow;

use candle_core::{D, Result, Tensor};

use super::{
    noise::{Draw, Draws},
    scheduler::Schedule,
    transformer::{Skip, Transformer},
    vae::Vae,
};

/// Latent frames of a later clip that stand beside the film; what is beyond replaces the film's own.
const BESIDE: usize = 2;
/// A token is held entirely from this strength on.
const WHOLE: f32 = 1.0 - 1e-6;

/// A clip (or one picture) that the film must keep to.
#[derive(Debug, Clone)]
pub struct Given {
    /// `[1, 3, 8n+1, h, w]`, −1 … 1.
    pub frames: Tensor,
    /// Where its first frame stands in the film.
    pub at: usize,
    /// 0 … 1.
    pub strength: f32,
}

/// Guidance away from what the network makes when some of its blocks do not look around.
#[derive(Debug, Clone, PartialEq)]
pub struct Perturbation {
    pub scale: f64,
    pub blocks: Vec<usize>,
}

/// Everything about a run that is not weights, words or pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Width and height in pixels, multiples of the codec's 32.
    pub size: (usize, usize),
    /// 8n+1.
    pub frames: usize,
    /// Frames per second the film will be shown at.
    pub rate: f64,
    pub schedule: Schedule,
    /// 1 = none, and half the work.
    pub guidance: f64,
    /// How far guided velocities get back the spread of plain ones, 0 … 1.
    pub rescale: f64,
    pub perturbation: Option<Perturbation>,
    /// Noise on held pictures at each step, which keeps them from freezing the motion.
    pub condition_noise: f64,
    /// What the decoder is told of the noise left.
    pub decode_timestep: f32,
    /// The noise it gets.
    pub decode_noise: f64,
    /// The first latent frame stands for one frame, as all but the first releases want it.
    pub causal_positions: bool,
}

/// Latents as tokens, with what each of them is.
#[derive(Debug, Clone)]
pub struct Canvas {
    /// `[1, n, c]`; tokens beside the film first.
    pub tokens: Tensor,
    /// As they were at the start.
    start: Tensor,
    /// How firmly each token is given; empty when nothing is.
    strength: Vec<f32>,
    coords: Vec<[f32; 3]>,
    /// Tokens beside the film.
    beside: usize,
    /// Latent frames, rows and columns of the film.
    grid: [usize; 3],
}

/// States of a prompt, `[1, m, d]`, and which of them are words, `[1, m]`.
#[derive(Debug, Clone)]
pub struct Prompt {
    pub states: Tensor,
    pub keep: Tensor,
}

impl Canvas {
    /// Noise, with the given clips in their places.
    ///
    /// # Errors
    /// When a clip does not fit the film, or the device fails.
    pub fn new(plan: &Plan, vae: &Vae, given: &[Given], draws: &mut dyn Draws) -> Result<Self> {
        let (time, side) = (vae.config().temporal(), vae.config().spatial());
        let (width, height) = plan.size;
        if plan.frames % time != 1 || !width.is_multiple_of(side) || !height.is_multiple_of(side) {
            candle_core::bail!("{} frames of {width} × {height} are not whole latents", plan.frames);
        }
        let grid = [plan.frames / time + 1, height / side, width / side];
        let [t, h, w] = grid;
        let mut latents = draws.draw(Draw::Start, &[1, vae.config().latent_channels, t, h, w])?;
        let mut held = vec![0.0f32; t];
        let (mut beside, mut coords, mut strength) = (Vec::new(), Vec::new(), Vec::new());
        let ratios = (time, side, plan);
        for (number, clip) in given.iter().enumerate() {
            let mut clean = vae.look_at(&clip.frames, number as u32, draws)?;
            let count = clean.dim(2)?;
            let single = clip.frames.dim(2)? == 1;
            let own = match clip.at {
                0 => Some((0, 0, count)),
                _ if single => None,
                at if count < BESIDE => candle_core::bail!("the clip at frame {at} has fewer than {} frames", time + 1),
                at => Some((at / time + BESIDE, BESIDE, count - BESIDE)),
            };
            if let Some((at, from, count)) = own.filter(|(_, _, count)| *count > 0) {
                if at + count > t {
                    candle_core::bail!("the clip at frame {} is longer than the film", clip.at);
                }
                latents = put(&latents, &clean.narrow(2, from, count)?, at, clip.strength)?;
                held.iter_mut().skip(at).take(count).for_each(|s| *s = clip.strength);
            }
            if clip.at > 0 {
                clean = clean.narrow(2, 0, count.min(BESIDE))?.contiguous()?;
                let noise = draws.draw(Draw::Weaken(number as u32), clean.dims())?;
                let weak = blend(&noise, &clean, clip.strength)?;
                let frames = weak.dim(2)?;
                coords.extend(places([frames, h, w], clip.at, ratios));
                strength.resize(coords.len(), clip.strength);
                beside.push(as_tokens(&weak)?);
            }
        }
        let count = coords.len();
        coords.extend(places(grid, 0, ratios));
        if given.is_empty() {
            strength = Vec::new();
        } else {
            strength.extend(held.iter().flat_map(|s| std::iter::repeat_n(*s, h * w)));
        }
        beside.push(as_tokens(&latents)?);
        let tokens = Tensor::cat(&beside, 1)?;
        Ok(Self { start: tokens.clone(), tokens, strength, coords, beside: count, grid })
    }

    /// Tokens of the film and beside it.
    #[must_use]
    pub fn count(&self) -> usize {
        self.coords.len()
    }

    /// What each token is told before a step at `t` 1000 … 0: given ones stay at their own level.
    fn timesteps(&self, t: f32) -> Vec<f32> {
        if self.strength.is_empty() {
            return vec![t];
        }
        self.strength.iter().map(|s| t.min((1.0 - s) * 1000.0)).collect()
    }

    /// `a` where `choose`, `b` elsewhere, token by token.
    fn choose(&self, a: &Tensor, b: &Tensor, choose: impl Fn(f32) -> bool) -> Result<Tensor> {
        let mask: Vec<u8> = self.strength.iter().map(|s| u8::from(choose(*s))).collect();
        let mask = Tensor::from_vec(mask, (1, self.strength.len(), 1), a.device())?;
        mask.broadcast_as(a.shape())?.where_cond(a, b)
    }

    /// Normalised latents of the film, `[1, c, t, h, w]`.
    ///
    /// # Errors
    /// When the device fails.
    pub fn latents(&self) -> Result<Tensor> {
        self.film(&self.tokens)
    }

    /// The film's part of `tokens`, as latents.
    fn film(&self, tokens: &Tensor) -> Result<Tensor> {
        let [t, h, w] = self.grid;
        let film = tokens.narrow(1, self.beside, t * h * w)?;
        film.reshape((1, t, h, w, ()))?.permute((0, 4, 1, 2, 3))?.contiguous()
    }
}

/// (seconds, y, x) of each token of a clip that begins at frame `at`.
fn places([t, h, w]: [usize; 3], at: usize, (time, side, plan): (usize, usize, &Plan)) -> Vec<[f32; 3]> {
    let seconds = |frame: usize| {
        if plan.causal_positions {
            let first = (frame * time + 1).saturating_sub(time) + at;
            first as f32 * (1.0 / plan.rate) as f32
        } else {
            frame as f32 * (time as f64 / plan.rate) as f32 + at as f32 * (1.0 / plan.rate) as f32
        }
    };
    let each = |i: usize| [seconds(i / (h * w)), (i / w % h * side) as f32, (i % w * side) as f32];
    (0..t * h * w).map(each).collect()
}

fn as_tokens(latents: &Tensor) -> Result<Tensor> {
    let (b, c, t, h, w) = latents.dims5()?;
    latents.permute((0, 2, 3, 4, 1))?.contiguous()?.reshape((b, t * h * w, c))
}

/// From `a` to `b` by `share`.
fn blend(a: &Tensor, b: &Tensor, share: f32) -> Result<Tensor> {
    (a * f64::from(1.0 - share))? + (b * f64::from(share))?
}

/// `latents` with `clean` blended in from latent frame `at` on.
fn put(latents: &Tensor, clean: &Tensor, at: usize, share: f32) -> Result<Tensor> {
    let (t, count) = (latents.dim(2)?, clean.dim(2)?);
    let mut parts = Vec::new();
    if at > 0 {
        parts.push(latents.narrow(2, 0, at)?);
    }
    parts.push(blend(&latents.narrow(2, at, count)?, clean, share)?);
    if at + count < t {
        parts.push(latents.narrow(2, at + count, t - at - count)?);
    }
    Tensor::cat(&parts, 2)
}

/// Where a walk is.
#[derive(Debug)]
pub enum Way<'a> {
    /// `step` of `steps` are done; the tokens as they are now, and the film's latents as the network expects them in the end,
    /// `[1, c, t, h, w]`, once it was asked.
    Step { step: usize, steps: usize, tokens: &'a Tensor, clean: Option<&'a Tensor> },
    /// Block `block` of `blocks` of the step after `step` is about to begin.
    Block { step: usize, steps: usize, block: usize, blocks: usize },
}

/// Denoises `canvas` from step `first` on. False when `on_way` broke off: the canvas then holds the last whole step.
///
/// # Errors
/// When the shapes do not fit, or the device fails.
pub fn walk(
    plan: &Plan,
    net: &Transformer,
    canvas: &mut Canvas,
    (prompt, negative): (&Prompt, Option<&Prompt>),
    draws: &mut dyn Draws,
    first: usize,
    on_way: &mut dyn FnMut(Way<'_>) -> ControlFlow<()>,
) -> Result<bool> {
    let steps = plan.schedule.timesteps.len();
    let mut prompts: Vec<&Prompt> = negative.into_iter().collect();
    prompts.push(prompt);
    let skip = plan.perturbation.as_ref().map(|p| Skip { blocks: p.blocks.clone(), from: prompts.len() });
    if skip.is_some() {
        prompts.push(prompt);
    }
    let all = |of: fn(&Prompt) -> &Tensor| Tensor::cat(&prompts.iter().map(|p| of(p)).collect::<Vec<_>>(), 0);
    let given = net.prepare(&canvas.coords, &all(|p| &p.states)?, Some(&all(|p| &p.keep)?))?;
    let batch = prompts.len();
    let mut clean = None;
    for (step, t) in plan.schedule.timesteps.iter().enumerate().skip(first) {
        if on_way(Way::Step { step, steps, tokens: &canvas.tokens, clean: clean.as_ref() }).is_break() {
            return Ok(false);
        }
        let mut tokens = canvas.tokens.clone();
        if plan.condition_noise > 0.0 && !canvas.strength.is_empty() {
            let noise = draws.draw(Draw::Step(step as u32), tokens.dims())?;
            let share = plan.condition_noise * f64::from(t / 1000.0).powi(2);
            let noisy = (&canvas.start + (noise * share)?)?;
            tokens = canvas.choose(&noisy, &tokens, |s| s > WHOLE)?;
        }
        let own = canvas.timesteps(*t);
        let input = Tensor::cat(&vec![&tokens; batch], 0)?;
        let blocks = net.blocks();
        let mut on_block = |block| on_way(Way::Block { step, steps, block, blocks });
        let Some(velocity) = net.forward(&input, &own.repeat(batch), &given, skip.as_ref(), &mut on_block)? else {
            return Ok(false);
        };
        let velocity = guided(plan, &velocity, negative.is_some())?;
        clean = Some(canvas.film(&expected(&tokens, &velocity, &own)?)?);
        let stepped = plan.schedule.step(&tokens, &velocity, &own)?;
        canvas.tokens = if canvas.strength.is_empty() {
            stepped
        } else {
            canvas.choose(&stepped, &tokens, |s| t / 1000.0 - 1e-6 < 1.0 - s)?
        };
    }
    let _ = on_way(Way::Step { step: steps, steps, tokens: &canvas.tokens, clean: Some(&canvas.latents()?) });
    Ok(true)
}

/// Where a straight way from `tokens` at their levels of noise would end.
fn expected(tokens: &Tensor, velocity: &Tensor, timesteps: &[f32]) -> Result<Tensor> {
    let levels: Vec<f32> = timesteps.iter().map(|t| t / 1000.0).collect();
    let levels = Tensor::from_slice(&levels, (1, levels.len(), 1), tokens.device())?;
    tokens - velocity.broadcast_mul(&levels)?
}

/// One velocity of those for (nothing,) the prompt (and the prompt with blocks that do not look around).
fn guided(plan: &Plan, all: &Tensor, has_negative: bool) -> Result<Tensor> {
    let plain = all.narrow(0, usize::from(has_negative), 1)?;
    let mut out = plain.clone();
    if has_negative {
        let negative = all.narrow(0, 0, 1)?;
        out = (&negative + ((&plain - &negative)? * plan.guidance)?)?;
    }
    if let Some(p) = &plan.perturbation {
        let blind = all.narrow(0, all.dim(0)? - 1, 1)?;
        out = (out + ((&plain - blind)? * p.scale)?)?;
    }
    if plan.rescale > 0.0 && (has_negative || plan.perturbation.is_some()) {
        let share = spread(&plain)?.broadcast_div(&spread(&out)?)?;
        out = out.broadcast_mul(&share.affine(plan.rescale, 1.0 - plan.rescale)?)?;
    }
    Ok(out)
}

/// The standard deviation of all values, `[1, 1, 1]`.
fn spread(x: &Tensor) -> Result<Tensor> {
    let flat = x.contiguous()?.reshape((1, 1, x.elem_count()))?;
    let squares = flat.broadcast_sub(&flat.mean_keepdim(D::Minus1)?)?.sqr()?.sum_keepdim(D::Minus1)?;
    (squares / (x.elem_count().saturating_sub(1)).max(1) as f64)?.sqrt()
}

/// Frames of the film, `[1, 3, frames, h, w]`, 0 … 1.
///
/// # Errors
/// When the shapes do not fit, or the device fails.
pub fn finish(plan: &Plan, vae: &Vae, canvas: &Canvas, draws: &mut dyn Draws) -> Result<Tensor> {
    let mut latents = vae.denormalise(&canvas.latents()?)?;
    let timestep = [plan.decode_timestep];
    if vae.wants_timestep() {
        let noise = draws.draw(Draw::Decode, latents.dims())?;
        latents = blend(&latents, &noise, plan.decode_noise as f32)?;
    }
    vae.decode(&latents, &timestep, draws)?.affine(0.5, 0.5)?.clamp(0.0, 1.0)
}
