//! Probe classifiers: small networks, trained on the renderer's own clips, that say what a clip shows. They measure the
//! draft model and nothing else. Mirrors `Probe` in `models/draft/training/probes.py`. **Never here:** prompts, or
//! anything that could teach a model.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Module, Result, Tensor};
use candle_nn::VarBuilder;
use serde::Deserialize;

use crate::{
    kernels::Conv2d,
    linear::{Linear, Precision},
    weights::{self, WeightsError},
};

/// `probes.json`.
#[derive(Debug, Clone, Deserialize)]
struct About {
    /// Numbers of the frames that are looked at.
    frames: Vec<usize>,
    width: usize,
    height: usize,
    widths: Vec<usize>,
    classes: BTreeMap<String, Vec<String>>,
}

/// Channels between the convolutions and the hidden layer.
const SQUEEZED: usize = 32;
/// Width of the hidden layer.
const HIDDEN: usize = 256;
/// Most of anything `probes.json` may ask for.
const MOST: usize = 4096;

/// Why probes could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// `probes.json` is malformed.
    #[error("the probes' description was refused: {0}")]
    About(String),
    /// The weights were refused.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The clip has the wrong size or too few frames.
    #[error("a probe looks at clips of {width} × {height} pixels and {frames} frames or more")]
    Clip { width: usize, height: usize, frames: usize },
    /// The device failed.
    #[error("the probe failed: {0}")]
    Tensor(#[from] candle_core::Error),
}

/// Loaded probes, one head per attribute.
#[derive(Debug)]
pub struct Probe {
    about: About,
    convs: Vec<Conv2d>,
    squeeze: Conv2d,
    hidden: Linear,
    heads: Vec<(String, Linear)>,
    device: Device,
}

impl Probe {
    /// From `probes.json` and `probes.safetensors`; every tensor is used.
    ///
    /// # Errors
    /// When a file is refused or they do not fit.
    pub fn load(about: &[u8], weights: &[u8], device: &Device) -> std::result::Result<Self, ProbeError> {
        let about: About = serde_json::from_slice(about).map_err(|e| ProbeError::About(e.to_string()))?;
        let sizes = about.widths.iter().chain([&about.width, &about.height]);
        let small = sizes.chain(about.frames.iter()).all(|n| *n <= MOST) && about.widths.iter().all(|n| *n > 0);
        if !small
            || about.frames.is_empty()
            || about.frames.len() > 64
            || about.widths.is_empty()
            || about.widths.len() > 8
        {
            return Err(ProbeError::About("a size is 0 or too large".to_owned()));
        }
        let (vb, ledger) = weights::counted(weights::tensors(&[weights], DType::F32, device)?, DType::F32, device);
        let missing = |e: candle_core::Error| WeightsError::Missing(e.to_string());
        let probe = Self::build(about, &vb, device).map_err(missing)?;
        ledger.check_all_used()?;
        Ok(probe)
    }

    fn build(about: About, vb: &VarBuilder<'_>, device: &Device) -> Result<Self> {
        let (mut channels, mut w, mut h) = (3 * about.frames.len(), about.width, about.height);
        let mut convs = Vec::new();
        for (i, width) in about.widths.iter().enumerate() {
            let kernel = if i == 0 { 5 } else { 3 };
            let vb = vb.pp("convs").pp(i);
            let weight = vb.get((*width, channels, kernel, kernel), "weight")?;
            convs.push(Conv2d::new(&weight, &vb.get(*width, "bias")?, 2, kernel / 2)?);
            (channels, w, h) = (*width, w.div_ceil(2), h.div_ceil(2));
        }
        let vb_squeeze = vb.pp("squeeze");
        let weight = vb_squeeze.get((SQUEEZED, channels, 1, 1), "weight")?;
        let squeeze = Conv2d::new(&weight, &vb_squeeze.get(SQUEEZED, "bias")?, 1, 0)?;
        let hidden = Linear::load(SQUEEZED * w * h, HIDDEN, Precision::F32, &vb.pp("hidden"))?;
        let heads = about.classes.iter().map(|(name, values)| {
            let head = Linear::load(HIDDEN, values.len(), Precision::F32, &vb.pp("heads").pp(name))?;
            Ok((name.clone(), head))
        });
        Ok(Self { heads: heads.collect::<Result<_>>()?, convs, squeeze, hidden, about, device: device.clone() })
    }

    /// Attributes and their possible values.
    #[must_use]
    pub fn classes(&self) -> &BTreeMap<String, Vec<String>> {
        &self.about.classes
    }

    /// What the probes see in a clip of 8-bit sRGB frames: attribute → value.
    ///
    /// # Errors
    /// [`ProbeError::Clip`] when the clip does not have the probes' size.
    pub fn look(
        &self,
        (width, height): (usize, usize),
        frames: &[Vec<u8>],
    ) -> std::result::Result<BTreeMap<String, String>, ProbeError> {
        let last = self.about.frames.iter().max().map_or(0, |n| n + 1);
        let refuse = || ProbeError::Clip { width: self.about.width, height: self.about.height, frames: last };
        if (width, height) != (self.about.width, self.about.height) {
            return Err(refuse());
        }
        let mut values = Vec::with_capacity(self.about.frames.len() * width * height * 3);
        for number in &self.about.frames {
            let frame = frames.get(*number).filter(|f| f.len() == width * height * 3).ok_or_else(refuse)?;
            for channel in 0..3 {
                values.extend(frame.iter().skip(channel).step_by(3).map(|v| f32::from(*v) / 127.5 - 1.0));
            }
        }
        let x = Tensor::from_vec(values, (1, self.about.frames.len() * 3, height, width), &self.device)?;
        let mut seen = BTreeMap::new();
        for (name, logits) in self.logits(&x)? {
            let best = logits.flatten_all()?.argmax(0)?.to_scalar::<u32>()? as usize;
            let value = self.about.classes.get(&name).and_then(|v| v.get(best)).cloned().unwrap_or_default();
            seen.insert(name, value);
        }
        Ok(seen)
    }

    /// `x` `[b, 3·frames, h, w]` in −1 … 1 → logits `[b, values]` per attribute.
    ///
    /// # Errors
    /// When the shape does not fit, or the device fails.
    pub fn logits(&self, x: &Tensor) -> Result<Vec<(String, Tensor)>> {
        let mut x = x.clone();
        for conv in &self.convs {
            x = conv.forward(&x)?.relu()?;
        }
        let x = self.squeeze.forward(&x)?.relu()?.flatten_from(1)?;
        let x = self.hidden.forward(&x, None)?.relu()?;
        self.heads.iter().map(|(name, head)| Ok((name.clone(), head.forward(&x, None)?))).collect()
    }
}
