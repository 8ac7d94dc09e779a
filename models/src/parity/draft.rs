//! The draft family's stages, as its fixtures name them. Knows how a fixture's tensors reach each class, nothing else.

use candle_core::{DType, Tensor};
use candle_nn::VarBuilder;

use super::{Named, ParityError};
use crate::{
    conditioning,
    draft::{
        config::{DenoiserConfig, DraftConfig, TextConfig, VaeConfig},
        scheduler,
        text::{TextEncoder, TextStates},
        transformer::Denoiser,
        vae::Vae,
    },
    linear::Precision,
};

type Outputs = Vec<(&'static str, Tensor)>;

pub(super) fn run(class: &str, config: &[u8], vb: &VarBuilder<'_>, inputs: &Named) -> Result<Outputs, ParityError> {
    match class {
        "vae_encoder" => {
            let vae = Vae::new(&checked::<VaeConfig>(config, VaeConfig::check)?, vb)?;
            Ok(vec![("latents", vae.encode(inputs.get("frames")?)?)])
        }
        "vae_decoder" => {
            let vae = Vae::new(&checked::<VaeConfig>(config, VaeConfig::check)?, vb)?;
            Ok(vec![("frames", decode_one_by_one(&vae, inputs.get("latents")?)?)])
        }
        "text_encoder" => text_encoder(config, Precision::F32, vb, inputs),
        "text_encoder_eight" => text_encoder(config, Precision::Q8, vb, inputs),
        "denoiser" => denoiser(config, Precision::F32, vb, inputs),
        "denoiser_eight" => denoiser(config, Precision::Q8, vb, inputs),
        "pipeline" => pipeline(config, vb, inputs),
        other => Err(ParityError::Unknown(format!("the draft class {other}"))),
    }
}

fn checked<T: serde::de::DeserializeOwned>(
    json: &[u8],
    check: impl Fn(&T) -> Result<(), crate::draft::DraftError>,
) -> Result<T, ParityError> {
    let config: T = serde_json::from_slice(json).map_err(|e| ParityError::Layout(format!("config.json: {e}")))?;
    check(&config).map_err(|e| ParityError::Layout(e.to_string()))?;
    Ok(config)
}

/// As the studio decodes: one latent after the other.
fn decode_one_by_one(vae: &Vae, latents: &Tensor) -> candle_core::Result<Tensor> {
    let frames = (0..latents.dim(0)?).map(|k| vae.decode(latents, k, 1)).collect::<Result<Vec<_>, _>>()?;
    Tensor::cat(&frames, 0)
}

fn rows<const N: usize>(t: &Tensor) -> Result<Vec<[f32; N]>, ParityError> {
    let values = t.flatten_all()?.to_vec1::<f32>()?;
    Ok(values.as_chunks::<N>().0.to_vec())
}

fn marks(inputs: &Named) -> Result<Vec<bool>, ParityError> {
    let values = inputs.find("clean").map(|t| t.flatten_all()?.to_vec1::<f32>()).transpose()?;
    Ok(values.unwrap_or_default().iter().map(|v| *v > 0.0).collect())
}

fn text_encoder(
    config: &[u8],
    precision: Precision,
    vb: &VarBuilder<'_>,
    inputs: &Named,
) -> Result<Outputs, ParityError> {
    let encoder = TextEncoder::new(&checked(config, TextConfig::check)?, precision, vb)?;
    let out = encoder.forward(inputs.get("ids")?, inputs.get("mask")?)?;
    Ok(vec![("states", out.states), ("pooled", out.pooled)])
}

fn denoiser(config: &[u8], precision: Precision, vb: &VarBuilder<'_>, inputs: &Named) -> Result<Outputs, ParityError> {
    let net = Denoiser::new(&checked(config, DenoiserConfig::check)?, precision, vb)?;
    let text = TextStates {
        states: inputs.get("text")?.clone(),
        keep: inputs.get("text_mask")?.clone(),
        pooled: inputs.get("pooled")?.clone(),
    };
    let (video, sound) = (inputs.get("video")?, inputs.get("sound")?);
    let (coords, grids) = (rows(inputs.get("coords")?)?, rows(inputs.get("grids")?)?);
    let given = net.prepare(&coords, &grids, &text, &marks(inputs)?, sound.dim(1)?)?;
    let timestep = inputs.get("timestep")?.to_vec1::<f32>()?;
    let (video, sound) = net.forward(video, sound, &timestep, &given)?;
    Ok(vec![("video", video), ("sound", sound)])
}

fn pipeline(config: &[u8], vb: &VarBuilder<'_>, inputs: &Named) -> Result<Outputs, ParityError> {
    let c = DraftConfig::parse(config).map_err(|e| ParityError::Layout(e.to_string()))?;
    let encoder = TextEncoder::new(&c.text, Precision::F32, &vb.pp("text"))?;
    let net = Denoiser::new(&c.denoiser, Precision::F32, &vb.pp("denoiser"))?;
    let vae = Vae::new(&c.vae, &vb.pp("vae"))?;
    let guided = c.sampling.guide_scale != 1.0;
    let (mut ids, mut mask) = (inputs.get("ids")?.to_dtype(DType::U32)?, inputs.get("mask")?.clone());
    let mut clean = marks(inputs)?;
    let marked = clean.clone();
    if guided {
        let length = ids.dim(1)?;
        let only_end = |v: u32| (0..length).map(|i| if i == 0 { v } else { 0 }).collect::<Vec<_>>();
        ids = Tensor::cat(&[&ids, &Tensor::from_vec(only_end(2), (1, length), ids.device())?], 0)?;
        let empty = Tensor::from_vec(only_end(1), (1, length), mask.device())?.to_dtype(DType::F32)?;
        mask = Tensor::cat(&[&mask, &empty], 0)?;
        clean.extend_from_within(..);
    }
    let text = encoder.forward(&ids, &mask)?;
    let (mut x, mut s) = (inputs.get("noise_video")?.clone(), inputs.get("noise_sound")?.clone());
    let (coords, grids) = (rows(inputs.get("coords")?)?, rows(inputs.get("grids")?)?);
    let given = net.prepare(&coords, &grids, &text, &clean, s.dim(1)?)?;
    let hold = |x: Tensor| match inputs.find("given") {
        Some(given) => conditioning::hold(&x, given, &marked),
        None => Ok(x),
    };
    x = hold(x)?;
    let times = scheduler::timesteps(c.sampling.steps, c.sampling.shift);
    for pair in times.windows(2) {
        let [now, then] = pair else { continue };
        let (v, u) = if guided {
            let both = |t: &Tensor| Tensor::cat(&[t, t], 0);
            let (v, u) = net.forward(&both(&x)?, &both(&s)?, &[*now as f32; 2], &given)?;
            (scheduler::guide(&v, c.sampling.guide_scale)?, scheduler::guide(&u, c.sampling.guide_scale)?)
        } else {
            net.forward(&x, &s, &[*now as f32], &given)?
        };
        x = hold(scheduler::step(&x, &v, *now, *then)?)?;
        s = scheduler::step(&s, &u, *now, *then)?;
    }
    // The clip's tokens come first; the sound has one token per latent frame.
    let times = s.dim(1)?;
    let (h, w) = grids.first().map_or((0, 0), |g: &[f32; 2]| (g[0] as usize, g[1] as usize));
    let latents = x.narrow(1, 0, times * h * w)?.reshape((times, h, w, c.vae.channels))?.permute((0, 3, 1, 2))?;
    let latents = latents.contiguous()?;
    let frames = decode_one_by_one(&vae, &latents)?;
    Ok(vec![("video", x), ("sound", s), ("latents", latents), ("frames", frames)])
}
