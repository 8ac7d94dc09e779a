//! The Kokoro family's stages, as its fixtures name them. Knows how a fixture's tensors reach each class, nothing else. Weights go
//! through the same door as the studio's: each tensor is taken once, and none is left.

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use serde::{Deserialize, de::DeserializeOwned};

use super::{Named, ParityError};
use crate::{
    kokoro::{
        Kokoro, KokoroError, Noise,
        config::KokoroConfig,
        convert,
        decoder::Decoder,
        names::{Tensors, arranged},
        plbert::Plbert,
        prosody::Prosody,
        run::{spread, whole},
        text::TextEncoder,
        voices::Voice,
    },
    weights,
};

type Outputs = Vec<(&'static str, Tensor)>;

pub(super) fn run(class: &str, config: &[u8], tensors: Tensors, inputs: &Named) -> Result<Outputs, ParityError> {
    let c = KokoroConfig::parse(config).map_err(layout)?;
    match class {
        "plbert" => {
            let net = built(tensors, |vb| Plbert::new(&c.plbert, c.n_token, &vb.pp("bert")))?;
            Ok(vec![("states", net.forward(&ids(inputs)?)?)])
        }
        "text_encoder" => {
            let net = built(tensors, |vb| TextEncoder::new(&c, &vb.pp("text_encoder")))?;
            Ok(vec![("states", net.forward(&ids(inputs)?)?)])
        }
        "prosody" => prosody(&c, config, tensors, inputs),
        "decoder" => {
            let net = built(tensors, |vb| Decoder::new(&c, &vb.pp("decoder")))?;
            let get = |name: &str| inputs.get(name);
            let wave =
                net.forward(get("text")?, get("pitch")?, get("energy")?, get("style")?, &values(get("noise_000")?)?)?;
            Ok(vec![("wave", row(&wave)?)])
        }
        "pipeline" => {
            let (sounds, goes) = halves(inputs.get("style")?)?;
            spoken(&Kokoro::from_tensors(c, tensors).map_err(layout)?, config, (&sounds, &goes), inputs)
        }
        "release" => {
            let model = convert::released_model(&c, &bytes(&tensors, "model")?).map_err(layout)?;
            let voice = convert::released_voice(&bytes(&tensors, "voice")?, c.style_dim).map_err(layout)?;
            let voice = Voice::parse(&voice, c.style_dim).map_err(layout)?;
            let model = Kokoro::load(c, &model).map_err(layout)?;
            let (sounds, goes) = voice.style(inputs.get("ids")?.elem_count() - 2).map_err(layout)?;
            spoken(&model, config, (&sounds, &goes), inputs)
        }
        other => Err(ParityError::Unknown(format!("the kokoro class {other}"))),
    }
}

fn layout(e: KokoroError) -> ParityError {
    match e {
        KokoroError::Weights(e) => e.into(),
        KokoroError::Tensor(e) => e.into(),
        other => ParityError::Layout(other.to_string()),
    }
}

fn built<T>(tensors: Tensors, build: impl FnOnce(&VarBuilder<'_>) -> candle_core::Result<T>) -> Result<T, ParityError> {
    let (vb, ledger) = weights::handed_out(arranged(tensors).map_err(layout)?, DType::F32, &Device::Cpu);
    let network = build(&vb);
    ledger.check_none_missing()?;
    let network = network?;
    ledger.check_all_used()?;
    Ok(network)
}

#[derive(Deserialize)]
struct WithCase {
    case: Case,
}

#[derive(Deserialize)]
struct Case {
    speed: f32,
}

fn parsed<T: DeserializeOwned>(json: &[u8]) -> Result<T, ParityError> {
    serde_json::from_slice(json).map_err(|e| ParityError::Layout(format!("config.json: {e}")))
}

fn values(t: &Tensor) -> Result<Vec<f32>, ParityError> {
    Ok(t.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?)
}

fn row(values: &[f32]) -> Result<Tensor, ParityError> {
    Ok(Tensor::new(values, &Device::Cpu)?)
}

fn lengths(frames: &[usize]) -> Result<Tensor, ParityError> {
    row(&frames.iter().map(|n| *n as f32).collect::<Vec<_>>())
}

fn ids(inputs: &Named) -> Result<Tensor, ParityError> {
    Ok(inputs.get("ids")?.to_dtype(DType::U32)?.flatten_all()?)
}

fn bytes(tensors: &Tensors, name: &str) -> Result<Vec<u8>, ParityError> {
    let held = tensors.get(name).ok_or_else(|| ParityError::Layout(format!("there is no tensor {name}")))?;
    Ok(held.to_dtype(DType::U8)?.flatten_all()?.to_vec1::<u8>()?)
}

fn halves(style: &Tensor) -> Result<(Tensor, Tensor), ParityError> {
    let half = style.dim(1)? / 2;
    Ok((style.narrow(1, 0, half)?.contiguous()?, style.narrow(1, half, half)?.contiguous()?))
}

fn prosody(c: &KokoroConfig, config: &[u8], tensors: Tensors, inputs: &Named) -> Result<Outputs, ParityError> {
    let net = built(tensors, |vb| Prosody::new(c, &vb.pp("predictor")))?;
    let speed = parsed::<WithCase>(config)?.case.speed;
    let style = inputs.get("style")?;
    let pace = net.pace(inputs.get("states")?, style, speed)?;
    let frames = whole(&pace.spans);
    let (pitch, energy) = net.curves(&pace.states.index_select(&spread(&frames)?, 0)?, style)?;
    Ok(vec![("spans", row(&pace.spans)?), ("frames", lengths(&frames)?), ("pitch", pitch), ("energy", energy)])
}

fn spoken(
    model: &Kokoro,
    config: &[u8],
    (sounds, goes): (&Tensor, &Tensor),
    inputs: &Named,
) -> Result<Outputs, ParityError> {
    let ids = ids(inputs)?.to_vec1::<u32>()?;
    let plan = model.plan(&ids, goes, parsed::<WithCase>(config)?.case.speed).map_err(layout)?;
    let noise = values(inputs.get("noise_000")?)?;
    let wave = model.paint(&plan, sounds, Noise::Given(&noise)).map_err(layout)?;
    let (pitch, energy) = (row(&plan.pitch)?, row(&plan.energy)?);
    Ok(vec![("frames", lengths(&plan.frames)?), ("pitch", pitch), ("energy", energy), ("wave", row(&wave)?)])
}
