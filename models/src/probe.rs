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
    /// Which of `frames` are looked at one by one.
    looks: Vec<usize>,
    look_widths: Vec<usize>,
    /// Attributes read from single frames; the others need all of them.
    looked: Vec<String>,
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

/// Loaded probes, one head per attribute. One network sees all frames at once (where things are, how they move), the
/// other looks at single frames, wherever in them the subject may be.
#[derive(Debug)]
pub struct Probe {
    about: About,
    convs: Vec<Conv2d>,
    squeeze: Conv2d,
    hidden: Linear,
    heads: Vec<(String, Linear)>,
    looks: Vec<Conv2d>,
    look_heads: Vec<(String, Linear)>,
    device: Device,
}

impl Probe {
    /// From `probes.json` and `probes.safetensors`; every tensor is used.
    ///
    /// # Errors
    /// When a file is refused or they do not fit.
    pub fn load(about: &[u8], weights: &[u8], device: &Device) -> std::result::Result<Self, ProbeError> {
        let about: About = serde_json::from_slice(about).map_err(|e| ProbeError::About(e.to_string()))?;
        let sizes = about.widths.iter().chain(&about.look_widths).chain([&about.width, &about.height]);
        if !sizes.chain([&about.frames.len()]).all(|n| (1..=MOST).contains(n)) {
            return Err(ProbeError::About("a size is 0 or too large".to_owned()));
        }
        if about.frames.len() > 64 || ![&about.widths, &about.look_widths].iter().all(|w| (1..=8).contains(&w.len())) {
            return Err(ProbeError::About("too many frames or layers, or none".to_owned()));
        }
        let known = |looks: &[usize]| looks.iter().all(|n| *n < about.frames.len());
        if about.looks.is_empty() || !known(&about.looks) || about.frames.iter().any(|n| *n > MOST) {
            return Err(ProbeError::About("it looks at frames that it does not have".to_owned()));
        }
        let (vb, ledger) = weights::counted(weights::tensors(&[weights], DType::F32, device)?, DType::F32, device);
        let missing = |e: candle_core::Error| WeightsError::Missing(e.to_string());
        let probe = Self::build(about, &vb, device).map_err(missing)?;
        ledger.check_all_used()?;
        Ok(probe)
    }

    fn build(about: About, vb: &VarBuilder<'_>, device: &Device) -> Result<Self> {
        let convs = convs(3 * about.frames.len(), &about.widths, &vb.pp("convs"), |_| 2)?;
        let looks = convs_of_looks(&about, &vb.pp("looks"))?;
        let half = |n: usize| about.widths.iter().fold(n, |n, _| n.div_ceil(2));
        let (w, h) = (half(about.width), half(about.height));
        let channels = about.widths.last().copied().unwrap_or(1);
        let vb_squeeze = vb.pp("squeeze");
        let weight = vb_squeeze.get((SQUEEZED, channels, 1, 1), "weight")?;
        let squeeze = Conv2d::new(&weight, &vb_squeeze.get(SQUEEZED, "bias")?, 1, 0)?;
        let hidden = Linear::load(SQUEEZED * w * h, HIDDEN, Precision::F32, &vb.pp("hidden"))?;
        let look_width = about.look_widths.last().copied().unwrap_or(1);
        let (mut heads, mut look_heads) = (Vec::new(), Vec::new());
        for (name, values) in &about.classes {
            let looked = about.looked.contains(name);
            let (list, width, folder) =
                if looked { (&mut look_heads, look_width, "look_heads") } else { (&mut heads, HIDDEN, "heads") };
            let head = Linear::load(width, values.len(), Precision::F32, &vb.pp(folder).pp(name))?;
            list.push((name.clone(), head));
        }
        Ok(Self { convs, squeeze, hidden, heads, looks, look_heads, about, device: device.clone() })
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
        let mut all = run(&self.convs, x)?;
        all = self.squeeze.forward(&all)?.relu()?.flatten_from(1)?;
        all = self.hidden.forward(&all, None)?.relu()?;
        let looked = self.look_at(x)?;
        let of = |heads: &[(String, Linear)], x: &Tensor| -> Result<Vec<_>> {
            heads.iter().map(|(name, head)| Ok((name.clone(), head.forward(x, None)?))).collect()
        };
        Ok([of(&self.heads, &all)?, of(&self.look_heads, &looked)?].concat())
    }

    /// `[b, 3·frames, h, w]` → `[b, width]`: each channel's largest value in a frame, its mean over the frames looked at.
    fn look_at(&self, x: &Tensor) -> Result<Tensor> {
        let frames = self.about.looks.iter().map(|n| {
            let one = run(&self.looks, &x.narrow(1, 3 * n, 3)?.contiguous()?)?;
            one.flatten_from(2)?.max(2)
        });
        Tensor::stack(&frames.collect::<Result<Vec<_>>>()?, 0)?.mean(0)
    }
}

/// Convolutions with a ReLU after each.
fn run(layers: &[Conv2d], x: &Tensor) -> Result<Tensor> {
    layers.iter().try_fold(x.clone(), |x, layer| layer.forward(&x)?.relu())
}

/// A chain of convolutions, the first kernel 5 wide, the others 3; `stride` of each by its number.
fn convs(
    mut channels: usize,
    widths: &[usize],
    vb: &VarBuilder<'_>,
    stride: impl Fn(usize) -> usize,
) -> Result<Vec<Conv2d>> {
    let mut list = Vec::new();
    for (i, width) in widths.iter().enumerate() {
        let kernel = if i == 0 { 5 } else { 3 };
        let vb = vb.pp(i);
        let weight = vb.get((*width, channels, kernel, kernel), "weight")?;
        list.push(Conv2d::new(&weight, &vb.get(*width, "bias")?, stride(i), kernel / 2)?);
        channels = *width;
    }
    Ok(list)
}

/// The chain for single frames: its last convolution keeps the size.
fn convs_of_looks(about: &About, vb: &VarBuilder<'_>) -> Result<Vec<Conv2d>> {
    let last = about.look_widths.len() - 1;
    convs(3, &about.look_widths, vb, |i| if i == last { 1 } else { 2 })
}
