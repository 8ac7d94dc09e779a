//! Whole runs of the LTX-Video family, and its weights in the layouts people have, as fixtures state them. Every layout is
//! loaded through the same door as the engine's: each tensor is taken once, and none is left.

use std::ops::ControlFlow;

use candle_core::{DType, Tensor};
use candle_nn::VarBuilder;
use serde::Deserialize;

use super::{Outputs, ParityError, Replay, named, parsed, sparse, values};
use crate::{
    gguf,
    linear::Precision,
    ltx::{
        LtxError,
        config::{TextConfig, TransformerConfig, VaeConfig},
        lora::Lora,
        names::{Parts, Tensors},
        parts,
        run::{Canvas, Given, Plan, Prompt, finish, walk},
        scheduler::{SchedulerConfig, Spread},
        text::TextEncoder,
        transformer::Transformer,
        vae::{Halves, Vae},
    },
    parity::Named,
};

fn layout(e: &LtxError) -> ParityError {
    ParityError::Layout(e.to_string())
}

#[derive(Deserialize)]
struct Config {
    text_encoder: TextConfig,
    transformer: TransformerConfig,
    vae: VaeConfig,
    scheduler: SchedulerConfig,
    case: Case,
}

#[derive(Deserialize)]
struct Case {
    plain: bool,
    steps: usize,
    timesteps: Option<Vec<f32>>,
    guidance: f64,
    rescale: f64,
    height: usize,
    width: usize,
    frames: usize,
    rate: f64,
    conditions: Vec<(usize, usize, f32)>,
    condition_noise: f64,
    decode_timestep: f32,
    decode_noise: f64,
}

pub(super) fn pipeline(config: &[u8], vb: &VarBuilder<'_>, inputs: &Named) -> Result<Outputs, ParityError> {
    let c: Config = parsed(config)?;
    let case = &c.case;
    let encoder = TextEncoder::new(&c.text_encoder, Precision::F32, &vb.pp("text_encoder"))?;
    let net = Transformer::new(&c.transformer, Precision::F32, &vb.pp("transformer"))?;
    let halves = Halves { encoder: !case.conditions.is_empty(), decoder: true };
    let vae = Vae::new(&c.vae, halves, &vb.pp("vae"))?;
    let read = |prefix: &str| {
        let keep = inputs.get(&format!("{prefix}mask"))?.clone();
        let ids = inputs.get(&format!("{prefix}ids"))?.to_dtype(DType::U32)?;
        Ok::<_, ParityError>(Prompt { states: encoder.forward(&ids, Some(&keep))?, keep })
    };
    let prompt = read("")?;
    let negative = if case.guidance > 1.0 { Some(read("negative_")?) } else { None };
    let (time, side) = (c.vae.temporal(), c.vae.spatial());
    let tokens = (case.frames / time + 1) * (case.height / side) * (case.width / side);
    let spread = match (&case.timesteps, case.plain) {
        (Some(timesteps), _) => Spread::Fixed(timesteps.clone()),
        (None, true) => Spread::ByTokens(tokens),
        (None, false) => Spread::Quadratic,
    };
    let plan = Plan {
        size: (case.width, case.height),
        frames: case.frames,
        rate: case.rate,
        schedule: c.scheduler.schedule(&spread, case.steps),
        guidance: case.guidance,
        rescale: case.rescale,
        perturbation: None,
        condition_noise: case.condition_noise,
        decode_timestep: case.decode_timestep,
        decode_noise: case.decode_noise,
        causal_positions: !case.plain,
    };
    let mut given = Vec::new();
    for (i, (at, _, strength)) in case.conditions.iter().enumerate() {
        let frames = inputs.get(&format!("picture_{i}"))?.clone();
        given.push(Given { frames, at: *at, strength: *strength });
    }
    let mut draws = Replay::of(inputs);
    let mut canvas = Canvas::new(&plan, &vae, &given, &mut draws)?;
    let mut go_on = |_: crate::ltx::run::Way<'_>| ControlFlow::Continue(());
    walk(&plan, &net, &mut canvas, (&prompt, negative.as_ref()), &mut draws, 0, &mut go_on)?;
    let frames = finish(&plan, &vae, &canvas, &mut draws)?;
    Ok(named(vec![("tokens", canvas.tokens), ("frames", sparse(&frames)?)]))
}

fn evaluated(net: &Transformer, inputs: &Named) -> Result<Tensor, ParityError> {
    let coords = values(&inputs.get("coords")?.transpose(1, 2)?.contiguous()?)?;
    let given = net.prepare(coords.as_chunks::<3>().0, inputs.get("text")?, None)?;
    let mut go_on = |_| ControlFlow::Continue(());
    let velocity = net.forward(inputs.get("tokens")?, &[700.0], &given, None, &mut go_on)?;
    velocity.ok_or_else(|| ParityError::Unknown("a stopped evaluation".to_owned()))
}

#[derive(Deserialize)]
struct SingleFile {
    transformer: TransformerConfig,
    vae: VaeConfig,
}

pub(super) fn single_file(config: &[u8], tensors: Tensors, inputs: &Named) -> Result<Outputs, ParityError> {
    let c: SingleFile = parsed(config)?;
    // Fixtures hold halves: as halves the layers must give the same.
    let halves = |(name, t): (String, Tensor)| Ok::<_, candle_core::Error>((name, t.to_dtype(DType::F16)?));
    let tensors = tensors.into_iter().map(halves).collect::<Result<Tensors, _>>()?;
    let held = Parts::sort(tensors).map_err(|e| layout(&e))?;
    if held.vae_config().timestep_conditioning != c.vae.timestep_conditioning {
        return Err(ParityError::Layout("the codec's generation is not the one of its names".to_owned()));
    }
    let device = inputs.get("tokens")?.device().clone();
    let net = parts::transformer(&c.transformer, held.transformer, Precision::Kept, &device).map_err(|e| layout(&e))?;
    let vae = parts::vae(&c.vae, held.vae, Halves::BOTH, &device).map_err(|e| layout(&e))?;
    let mean = vae.encode(inputs.get("frames")?)?.mean;
    let timestep = values(inputs.get("timestep")?)?;
    let decoded = vae.decode(inputs.get("latents")?, &timestep, &mut Replay::of(inputs))?;
    Ok(named(vec![("velocity", evaluated(&net, inputs)?), ("mean", mean), ("decoded", sparse(&decoded)?)]))
}

fn gguf_parts(mut tensors: Tensors) -> Result<Parts, ParityError> {
    let bytes = tensors.remove("gguf").ok_or_else(|| ParityError::Layout("there is no tensor gguf".to_owned()))?;
    let bytes = bytes.to_dtype(DType::U8)?.flatten_all()?.to_vec1::<u8>()?;
    Parts::sort(gguf::tensors(&bytes, DType::F32, &candle_core::Device::Cpu)?).map_err(|e| layout(&e))
}

pub(super) fn gguf_transformer(config: &[u8], tensors: Tensors, inputs: &Named) -> Result<Outputs, ParityError> {
    let held = gguf_parts(tensors)?;
    let device = inputs.get("tokens")?.device().clone();
    let net =
        parts::transformer(&parsed(config)?, held.transformer, Precision::F32, &device).map_err(|e| layout(&e))?;
    Ok(named(vec![("velocity", evaluated(&net, inputs)?)]))
}

pub(super) fn gguf_text(config: &[u8], tensors: Tensors, inputs: &Named) -> Result<Outputs, ParityError> {
    let held = gguf_parts(tensors)?;
    let ids = inputs.get("ids")?.to_dtype(DType::U32)?;
    let encoder = parts::text(&parsed(config)?, held.text, Precision::F32, ids.device()).map_err(|e| layout(&e))?;
    Ok(named(vec![("states", encoder.forward(&ids, None)?)]))
}

/// What keeps a LoRA's tensors apart from the weights in a fixture.
const LORA: &str = "lora:";

#[derive(Deserialize)]
struct LoraCase {
    strength: f64,
}

/// Once merged into the weights, once kept beside them.
pub(super) fn lora(config: &[u8], tensors: Tensors, inputs: &Named) -> Result<Outputs, ParityError> {
    let (changes, plain): (Tensors, Tensors) = tensors.into_iter().partition(|(name, _)| name.starts_with(LORA));
    let (c, case): (TransformerConfig, LoraCase) = (parsed(config)?, super::case_of(config)?);
    let changes = changes.into_iter().map(|(name, t)| (name.trim_start_matches(LORA).to_owned(), t)).collect();
    let lora = Lora::sort(changes).map_err(|e| layout(&e))?;
    let device = inputs.get("tokens")?.device().clone();
    let mut beside = parts::transformer(&c, plain.clone(), Precision::F32, &device).map_err(|e| layout(&e))?;
    beside.keep_beside(&lora, case.strength).map_err(|e| layout(&e))?;
    let loras = vec![(lora, case.strength)];
    let merged = parts::merged_transformer(&c, plain, loras, Precision::Kept, &device).map_err(|e| layout(&e))?;
    Ok(named(vec![("velocity", evaluated(&beside, inputs)?), ("merged", evaluated(&merged, inputs)?)]))
}
