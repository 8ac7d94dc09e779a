//! The draft model as an engine: orders in, clips out.
//!
//! Translates between the port's words and `kinora_models::draft`, and finishes the clip: where its curves hold rain or snow, the picture is
//! enlarged smoothly first and the drops and flakes are painted at that size, so that they stay fine in the film.

use crate::family::Family;
use crate::manifest::VerifiedWeights;
use crate::pace::Pace;
use candle_core::Device;
use image::imageops::{FilterType, resize};
use kinora_document::catalogue::{Estimate, Model, PromptReading, Stage, WordNote};
use kinora_models::checkpoint::Checkpoint;
use kinora_models::curves::{Curve, Curves};
use kinora_models::draft::{
    Clip, Condition, DraftError, DraftFiles, DraftModel, Order as DraftOrder, Picture, Precision, Progress as Step,
    WordReason,
};
use kinora_models::particles;
use kinora_ports::engine::{Order, Progress, Rendered};
use kinora_ports::{Fault, Flow, Pixels, PortError, Refusal, Sound};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Share of the whole that denoising takes; decoding and sound take the rest.
const DENOISING_PERMILLE: u32 = 850;
/// A checkpoint after every so many steps: a kill costs no more than these.
const CHECKPOINT_STEPS: usize = 2;
/// Multiply-adds per second that two ordinary cores reach on this network; only the first forecast uses it.
const FORECAST_FLOPS_PER_MILLI: f64 = 60e6;
/// With weather in the picture the clip is enlarged by this before the particles are painted.
const WEATHER_SCALE: u32 = 5;
/// Below this a rain or snow curve is noise.
const WEATHER_FLOOR: f32 = 0.35;

#[derive(Debug)]
pub struct Draft {
    model: DraftModel,
}

impl Draft {
    pub fn load(card: &Model, weights: &VerifiedWeights) -> Result<Self, PortError> {
        let file = |name: &str| {
            weights.file(name).ok_or_else(|| {
                Fault::new(
                    format!("The model {} has no file {name}.", card.title),
                    "Install Kinora again.",
                    "the manifest does not list it",
                )
            })
        };
        let shards = weights.files_ending(".safetensors");
        let files = DraftFiles {
            config: file("config.json")?,
            words: file("words.json")?,
            lexicon: file("lexicon.json")?,
            weights: &shards,
        };
        let model = DraftModel::load(&files, Precision::F32, &device()).map_err(problem)?;
        Ok(Self { model })
    }
}

impl Family for Draft {
    fn read_prompt(&self, prompt: &str) -> PromptReading {
        reading(&self.model.prepare(&seen(prompt)))
    }

    fn estimate(&self, order: &Order) -> Result<Estimate, Refusal> {
        let estimate =
            self.model.estimate(&translate(order, None, self.model.max_references())).map_err(
                |error| match problem(error) {
                    PortError::Refused(refusal) => refusal,
                    other => Refusal::new("engine.order", other.to_string(), "Change the shot and try again."),
                },
            )?;
        Ok(Estimate { peak_bytes: estimate.peak_bytes, millis: (estimate.flops / FORECAST_FLOPS_PER_MILLI) as u64 })
    }

    fn render(
        &self,
        order: &Order,
        resume: Option<&[u8]>,
        estimate: Estimate,
        watch: &mut dyn FnMut(Progress) -> Flow,
    ) -> Result<Rendered, PortError> {
        let order_here =
            translate(order, resume.and_then(|bytes| Checkpoint::from_bytes(bytes).ok()), self.model.max_references());
        let pace = Pace::new(estimate.millis);
        let mut tell = |stage, step: u32, steps: u32, permille: u32, forming, checkpoint| {
            let millis_left = Some(pace.millis_left(permille));
            match watch(Progress { stage, step, steps, permille, millis_left, forming, checkpoint }) {
                Flow::Continue => ControlFlow::Continue(()),
                Flow::Cancel => ControlFlow::Break(()),
            }
        };
        let clip = self.model.generate(&order_here, &mut |progress| match progress {
            Step::Step(info) => {
                let forming = info.preview().ok().flatten().and_then(|(width, height, frames)| {
                    let middle = frames.get(frames.len() / 2)?;
                    Pixels::from_rgb(width as u32, height as u32, middle).map(Arc::new)
                });
                let due = info.step > 0 && info.step < info.steps && info.step % CHECKPOINT_STEPS == 0;
                let checkpoint =
                    if due { info.checkpoint().ok().and_then(|c| c.to_bytes().ok()).map(Arc::new) } else { None };
                let permille = info.step as u32 * DENOISING_PERMILLE / (info.steps as u32).max(1);
                tell(Stage::Denoising, info.step as u32, info.steps as u32, permille, forming, checkpoint)
            }
            Step::Frames { first, total, rgb } => {
                let size = order.size;
                let forming = rgb
                    .get(..size.width as usize * size.height as usize * 3)
                    .and_then(|rgb| Pixels::from_rgb(size.width, size.height, rgb).map(Arc::new));
                let left = 1000 - DENOISING_PERMILLE;
                let permille = DENOISING_PERMILLE + (first as u32 * left / (total as u32).max(1)).min(left - 1);
                tell(Stage::Decoding, first as u32, total as u32, permille, forming, None)
            }
        });
        let clip = clip.map_err(problem)?;
        Ok(finish(clip, order.seed))
    }
}

fn device() -> Device {
    #[cfg(feature = "cuda")]
    if let Ok(device) = Device::new_cuda(0) {
        return device;
    }
    #[cfg(feature = "metal")]
    if let Ok(device) = Device::new_metal(0) {
        return device;
    }
    Device::Cpu
}

/// Of the pictures of subjects it looks at the first `looked_at`.
fn translate(order: &Order, resume: Option<Checkpoint>, looked_at: usize) -> DraftOrder {
    let mut conditions = Vec::new();
    let last = order.frames.saturating_sub(1);
    if order.preceding.is_empty() {
        conditions
            .extend(order.keyframes.iter().find(|(at, _)| *at == 0).map(|(_, p)| Condition::Opening(vec![picture(p)])));
    } else {
        conditions.push(Condition::Opening(order.preceding.iter().map(|pixels| picture(pixels)).collect()));
    }
    conditions.extend(
        order.keyframes.iter().find(|(at, _)| *at == last && last > 0).map(|(_, p)| Condition::Ending(picture(p))),
    );
    conditions.extend(order.subjects().take(looked_at).map(|pixels| Condition::Reference(picture(pixels))));
    DraftOrder {
        prompt: seen(&order.prompt),
        size: (order.size.width as usize, order.size.height as usize),
        frames: order.frames as usize,
        seed: order.seed,
        steps: order.steps.map(|steps| steps as usize),
        guide_scale: order.guidance_permille.map(|permille| permille as f32 / 1000.0),
        conditions,
        resume,
    }
}

/// The prompt without its spoken sentences and its style: this model has no voice and one style only, and would take "soft evening light"
/// for a time of day.
pub(crate) fn seen(prompt: &str) -> String {
    let pictured = without_speech(prompt);
    match pictured.split_once(STYLE) {
        Some((before, style)) => {
            let after = style.split_once('.').map_or("", |(_, after)| after);
            format!("{}{after}", before.trim_end()).trim().to_owned()
        }
        None => pictured.trim().to_owned(),
    }
}

/// How a composed prompt begins the sentence of its style.
const STYLE: &str = "The style is ";

fn without_speech(prompt: &str) -> String {
    let mut kept = String::with_capacity(prompt.len());
    let mut rest = prompt;
    while let Some(open) = rest.find('“') {
        let (before, quoted) = rest.split_at(open);
        // "The child says: “…”": the sentence that leads to the words goes with them.
        let lead = before.rfind(['.', '!', '?']).map_or(0, |stop| stop + 1);
        kept.push_str(before.get(..lead).unwrap_or_default());
        rest = quoted.find('”').and_then(|close| quoted.get(close + '”'.len_utf8()..)).unwrap_or_default();
    }
    kept.push_str(rest);
    kept
}

fn picture(pixels: &Pixels) -> Picture {
    let rgb = pixels.rgba.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
    Picture { width: pixels.width as usize, height: pixels.height as usize, rgb }
}

fn finish(clip: Clip, seed: u64) -> Rendered {
    let (width, height) = (clip.width as u32, clip.height as u32);
    let weather = has_weather(&clip.curves);
    let frames = clip.frames.into_iter().enumerate().filter_map(|(index, rgb)| {
        if !weather {
            return Pixels::from_rgb(width, height, &rgb);
        }
        let small = image::RgbImage::from_raw(width, height, rgb)?;
        let mut large = resize(&small, width * WEATHER_SCALE, height * WEATHER_SCALE, FilterType::CatmullRom);
        let (w, h) = large.dimensions();
        let seconds = index as f64 / f64::from(clip.fps.max(1));
        particles::paint(&mut large, w as usize, h as usize, seconds, &clip.curves, seed);
        Pixels::from_rgb(w, h, &large)
    });
    let frames = frames.collect();
    let samples = clip.sound.into_iter().flatten().collect();
    Rendered {
        rate: kinora_document::FrameRate { frames: clip.fps, seconds: 1 },
        frames,
        sound: Some(Sound { sample_rate: Sound::FILM_RATE, channels: 2, samples }),
        reading: reading(&clip.report),
    }
}

fn has_weather(curves: &Curves) -> bool {
    (0..curves.rows.len())
        .any(|frame| curves.at(Curve::Rain, frame) > WEATHER_FLOOR || curves.at(Curve::Snow, frame) > WEATHER_FLOOR)
}

fn reading(report: &kinora_models::draft::PromptReport) -> PromptReading {
    // An ending that was folded changes nothing, and nobody expects a picture of "the".
    let telling =
        |note: &&kinora_models::draft::WordNote| !matches!(note.reason, WordReason::Folded | WordReason::Ignored);
    let notes = report.notes.iter().filter(telling).map(|note| WordNote {
        word: note.word.clone(),
        used: Some(note.used.clone()).filter(|used| !used.is_empty()),
        text: note.to_string(),
    });
    PromptReading { notes: notes.collect() }
}

fn problem(error: DraftError) -> PortError {
    match error {
        DraftError::Refused(what) => Refusal::new("engine.order", what, "Change the shot and try again.").into(),
        DraftError::Stopped(_) => PortError::Cancelled,
        other => Fault::new(
            "The draft model stopped with an error; the shot has no new take.",
            "Try again; if it happens again, restart Kinora.",
            other,
        )
        .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::seen;

    #[test]
    fn spoken_words_are_not_drawn() {
        assert_eq!(seen("A ball falls. A voice says: “A dragon! Run.” It bounces."), "A ball falls. It bounces.");
        assert_eq!(seen("A ball falls. The child says: “You're"), "A ball falls.");
        assert_eq!(seen("“Hello.”"), "");
        assert_eq!(seen("No words here."), "No words here.");
    }

    #[test]
    fn a_style_is_not_taken_for_a_time_of_day() {
        assert_eq!(seen("A ball falls. The style is soft evening light. Wide shot."), "A ball falls. Wide shot.");
        assert_eq!(seen("A ball falls. The style is soft evening light"), "A ball falls.");
        assert_eq!(seen("The style is bold colours."), "");
    }
}
