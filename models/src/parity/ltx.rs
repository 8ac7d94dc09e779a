//! The LTX-Video family's stages, as its fixtures name them. Knows how a fixture's tensors reach each class, nothing else.

mod runs;

use std::{collections::VecDeque, ops::ControlFlow};

use candle_core::{DType, Tensor};
use candle_nn::VarBuilder;
use serde::{Deserialize, de::DeserializeOwned};

use super::{Named, ParityError};
use crate::{
    linear::Precision,
    ltx::{
        LtxError,
        config::{TextConfig, TransformerConfig, UpsamplerConfig, VaeConfig},
        names::Tensors,
        noise::{Draw, Draws},
        scheduler::{SchedulerConfig, Spread},
        text::TextEncoder,
        transformer::{Skip, Transformer},
        upsampler::{Upsampler, match_statistics, tone_map},
        vae::{Halves, Vae, tiling::Tiling},
        words::Words,
    },
};

type Outputs = Vec<(String, Tensor)>;

pub(super) fn run(
    class: &str,
    config: &[u8],
    tensors: Tensors,
    vb: &VarBuilder<'_>,
    inputs: &Named,
) -> Result<Outputs, ParityError> {
    match class {
        "text_encoder" => text_encoder(config, vb, inputs),
        "transformer" => transformer(config, vb, inputs),
        "vae_encoder" => vae_encoder(config, vb, inputs),
        "vae_decoder" => vae_decoder(config, vb, inputs),
        "scheduler" => scheduler(config, inputs),
        "upsampler" => upsampler(config, vb, inputs),
        "tokenizer" => tokenizer(vb, inputs),
        "pipeline" => runs::pipeline(config, vb, inputs),
        "single_file" => runs::single_file(config, tensors, inputs),
        "gguf_transformer" => runs::gguf_transformer(config, tensors, inputs),
        "lora" => runs::lora(config, tensors, inputs),
        "gguf_text" => runs::gguf_text(config, tensors, inputs),
        other => Err(ParityError::Unknown(format!("the ltx class {other}"))),
    }
}

fn parsed<T: DeserializeOwned>(json: &[u8]) -> Result<T, ParityError> {
    serde_json::from_slice(json).map_err(|e| ParityError::Layout(format!("config.json: {e}")))
}

fn checked<T: DeserializeOwned>(json: &[u8], check: fn(&T) -> Result<(), LtxError>) -> Result<T, ParityError> {
    let config: T = parsed(json)?;
    check(&config).map_err(|e| ParityError::Layout(e.to_string()))?;
    Ok(config)
}

/// How a case was run, beside the class's own config.
#[derive(Deserialize)]
struct WithCase<T> {
    case: T,
}

fn case_of<T: DeserializeOwned>(json: &[u8]) -> Result<T, ParityError> {
    parsed::<WithCase<T>>(json).map(|c| c.case)
}

fn values(t: &Tensor) -> Result<Vec<f32>, ParityError> {
    Ok(t.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?)
}

fn named(outputs: Vec<(&str, Tensor)>) -> Outputs {
    outputs.into_iter().map(|(name, t)| (name.to_owned(), t)).collect()
}

/// What the other program drew, in its order.
struct Replay(VecDeque<Tensor>);

impl Replay {
    fn of(inputs: &Named) -> Self {
        Self((0..).map_while(|i| inputs.find(&format!("noise_{i:03}")).cloned()).collect())
    }
}

impl Draws for Replay {
    fn draw(&mut self, what: Draw, shape: &[usize]) -> candle_core::Result<Tensor> {
        match self.0.pop_front() {
            Some(drawn) if drawn.dims() == shape => Ok(drawn),
            Some(drawn) => candle_core::bail!("{what:?}: {:?} was drawn, {shape:?} is wanted", drawn.dims()),
            None => candle_core::bail!("{what:?}: the reference drew nothing more"),
        }
    }
}

fn text_encoder(config: &[u8], vb: &VarBuilder<'_>, inputs: &Named) -> Result<Outputs, ParityError> {
    let encoder = TextEncoder::new(&checked(config, TextConfig::check)?, Precision::F32, vb)?;
    let ids = inputs.get("ids")?.to_dtype(DType::U32)?;
    Ok(named(vec![("states", encoder.forward(&ids, inputs.find("mask"))?)]))
}

#[derive(Deserialize)]
struct TransformerCase {
    grid: [usize; 3],
    rate: f64,
    skip: Vec<usize>,
}

fn transformer(config: &[u8], vb: &VarBuilder<'_>, inputs: &Named) -> Result<Outputs, ParityError> {
    let net = Transformer::new(&checked(config, TransformerConfig::check)?, Precision::F32, vb)?;
    let case: TransformerCase = case_of(config)?;
    let coords: Vec<[f32; 3]> = match inputs.find("coords") {
        Some(coords) => values(&coords.transpose(1, 2)?.contiguous()?)?.as_chunks::<3>().0.to_vec(),
        None => plain_coords(case.grid, case.rate),
    };
    let given = net.prepare(&coords, inputs.get("text")?, inputs.find("text_mask"))?;
    let skip = Skip { blocks: case.skip, from: 0 };
    let timesteps = values(inputs.get("timestep")?)?;
    let mut go_on = |_| ControlFlow::Continue(());
    let out = net.forward(inputs.get("tokens")?, &timesteps, &given, Some(&skip), &mut go_on)?;
    let out = out.ok_or_else(|| ParityError::Unknown("a stopped evaluation".to_owned()))?;
    Ok(named(vec![("velocity", out)]))
}

/// Coordinates as the older pipeline makes them from the grid alone.
fn plain_coords([t, h, w]: [usize; 3], rate: f64) -> Vec<[f32; 3]> {
    let each = |i: usize| {
        let (frame, y, x) = (i / (h * w), i / w % h, i % w);
        [frame as f32 * (8.0 / rate) as f32, y as f32 * 32.0, x as f32 * 32.0]
    };
    (0..t * h * w).map(each).collect()
}

#[derive(Deserialize)]
struct TilingCase {
    tile: Option<(usize, usize)>,
    frames_tile: Option<(usize, usize)>,
}

fn vae_of(config: &[u8], halves: Halves, vb: &VarBuilder<'_>) -> Result<Vae, ParityError> {
    let mut vae = Vae::new(&checked(config, VaeConfig::check)?, halves, vb)?;
    let case: TilingCase = case_of(config)?;
    vae.tiling = Tiling { space: case.tile, time: case.frames_tile };
    Ok(vae)
}

fn vae_encoder(config: &[u8], vb: &VarBuilder<'_>, inputs: &Named) -> Result<Outputs, ParityError> {
    let vae = vae_of(config, Halves { encoder: true, decoder: false }, vb)?;
    let posterior = vae.encode(inputs.get("frames")?)?;
    Ok(named(vec![("mean", posterior.mean), ("logvar", posterior.logvar)]))
}

fn vae_decoder(config: &[u8], vb: &VarBuilder<'_>, inputs: &Named) -> Result<Outputs, ParityError> {
    let vae = vae_of(config, Halves { encoder: false, decoder: true }, vb)?;
    let timestep = inputs.find("timestep").map(values).transpose()?.unwrap_or_default();
    let frames = vae.decode(inputs.get("latents")?, &timestep, &mut Replay::of(inputs))?;
    Ok(named(vec![("frames", sparse(&frames)?)]))
}

/// Every third row and column.
fn sparse(frames: &Tensor) -> candle_core::Result<Tensor> {
    let every_third = |axis: usize| {
        let at: Vec<u32> = (0..frames.dim(axis)? as u32).step_by(3).collect();
        Tensor::new(at.as_slice(), frames.device())
    };
    frames.index_select(&every_third(3)?, 3)?.index_select(&every_third(4)?, 4)
}

#[derive(Deserialize)]
struct ScheduleCase {
    kind: String,
    steps: usize,
    tokens: usize,
    values: Vec<f32>,
}

fn scheduler(config: &[u8], inputs: &Named) -> Result<Outputs, ParityError> {
    let c = checked(config, SchedulerConfig::check)?;
    let case: ScheduleCase = case_of(config)?;
    let spread = match case.kind.as_str() {
        "shifted" => Spread::ByTokens(case.tokens),
        "quadratic" => Spread::Quadratic,
        _ => Spread::Fixed(case.values),
    };
    let schedule = c.schedule(&spread, case.steps);
    let stepped =
        schedule.step(inputs.get("sample")?, inputs.get("velocity")?, &values(inputs.get("token_timesteps")?)?)?;
    let device = stepped.device().clone();
    let row = |v: &[f32]| Tensor::new(v, &device);
    let (timesteps, sigmas) = (row(&schedule.timesteps)?, row(&schedule.sigmas)?);
    Ok(named(vec![("timesteps", timesteps), ("sigmas", sigmas), ("stepped", stepped)]))
}

#[derive(Deserialize)]
struct FilterCase {
    factor: f64,
    compression: f64,
}

fn upsampler(config: &[u8], vb: &VarBuilder<'_>, inputs: &Named) -> Result<Outputs, ParityError> {
    let net = Upsampler::new(&checked(config, UpsamplerConfig::check)?, vb)?;
    let case: FilterCase = case_of(config)?;
    let latents = inputs.get("latents")?;
    let upsampled = net.forward(latents)?;
    let adain = match_statistics(&upsampled, latents, case.factor)?;
    let toned = tone_map(&upsampled, case.compression)?;
    Ok(named(vec![("upsampled", upsampled), ("adain", adain), ("toned", toned)]))
}

fn tokenizer(vb: &VarBuilder<'_>, inputs: &Named) -> Result<Outputs, ParityError> {
    let bytes = |t: &Tensor| t.to_dtype(DType::U8)?.flatten_all()?.to_vec1::<u8>();
    let spiece = vb.get_unchecked_dtype("spiece", DType::U8)?;
    let words = Words::parse(&bytes(&spiece)?).map_err(|e| ParityError::Layout(e.to_string()))?;
    let mut outputs = Vec::new();
    for i in 0.. {
        let Some(text) = inputs.find(&format!("text_{i}")) else { break };
        let text = String::from_utf8_lossy(&bytes(text)?).trim_matches('\0').to_owned();
        outputs.push((format!("ids_{i}"), Tensor::new(words.read(&text, 512).ids.as_slice(), vb.device())?));
    }
    Ok(outputs)
}
