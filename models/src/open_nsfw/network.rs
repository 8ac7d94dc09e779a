//! The network: a stem, sixteen blocks in four stages, the mean of what is left, two numbers. Names are those of the file.
//! **Never here:** another shape than the released one; a tensor that is missing, left over or not a number is refused by name.

use std::collections::HashMap;

use candle_core::{DType, Device, Module, Result as Made, Tensor};
use candle_nn::VarBuilder;

use super::{OpenNsfwError, SIDE};
use crate::{
    kernels::Conv2d,
    onnx,
    weights::{WeightsError, handed_out},
};

/// Taken off blue, green and red: the means of the pictures it learned from.
const MEANS: [f32; 3] = [104.0, 117.0, 123.0];
/// Channels that the stem gives.
const STEM: usize = 64;
/// Blocks, inner width and outer width of each stage.
const STAGES: [(usize, usize, usize); 4] = [(3, 32, 128), (4, 64, 256), (6, 128, 512), (3, 256, 1024)];
/// The converter numbered what is wider than one pixel, in the order of the graph: the stem, then the middle of each block.
const WIDE: [u32; 17] = [440, 450, 452, 462, 476, 478, 488, 498, 512, 514, 524, 534, 544, 554, 568, 570, 580];

/// The network with its weights.
#[derive(Debug, Clone)]
pub struct OpenNsfw {
    stem: Conv2d,
    blocks: Vec<Block>,
    /// `[1024, 2]` and `[1, 2]`: clean, and not.
    last: (Tensor, Tensor),
}

#[derive(Debug, Clone)]
struct Block {
    /// The first block of a stage changes size and width beside itself, too.
    beside: Option<Conv2d>,
    narrowing: Conv2d,
    middle: Conv2d,
    widening: Conv2d,
}

impl OpenNsfw {
    /// From the bytes of `open-nsfw.onnx`. Every tensor is used once.
    ///
    /// # Errors
    /// When the file is damaged, or lacks a tensor, or holds one that the network does not have.
    pub fn read(file: &[u8]) -> Result<Self, OpenNsfwError> {
        let found = onnx::weights(file).ok_or_else(|| WeightsError::Malformed("not a whole ONNX file".to_owned()))?;
        let mut tensors = HashMap::with_capacity(found.len());
        for (name, weight) in found {
            if !weight.values.iter().all(|value| value.is_finite()) {
                return Err(WeightsError::NotANumber(name).into());
            }
            tensors.insert(name, Tensor::from_vec(weight.values, weight.shape, &Device::Cpu)?);
        }
        let (vb, ledger) = handed_out(tensors, DType::F32, &Device::Cpu);
        let built = Self::build(&vb);
        // What is missing says more than the error it led to.
        ledger.check_none_missing()?;
        let network = built?;
        ledger.check_all_used()?;
        Ok(network)
    }

    fn build(vb: &VarBuilder<'_>) -> Made<Self> {
        let mut wide = WIDE.iter().map(|number| format!("Conv__{number}_"));
        let mut next = || wide.next().unwrap_or_default();
        let stem = convolution(vb, &next(), (3, STEM, 7), 2)?;
        let mut blocks = Vec::with_capacity(WIDE.len() - 1);
        let mut coming = STEM;
        for (stage, (count, inner, outer)) in STAGES.into_iter().enumerate() {
            for block in 0..count {
                let name = |part: &str| format!("conv_stage{stage}_block{block}_{part}/BiasAdd_");
                // The first stage comes after the pooling, which has halved the picture already.
                let stride = if block == 0 && stage > 0 { 2 } else { 1 };
                let beside = if block == 0 {
                    Some(convolution(vb, &name("proj_shortcut"), (coming, outer, 1), stride)?)
                } else {
                    None
                };
                blocks.push(Block {
                    beside,
                    narrowing: convolution(vb, &name("branch2a"), (coming, inner, 1), stride)?,
                    middle: convolution(vb, &next(), (inner, inner, 3), 1)?,
                    widening: convolution(vb, &name("branch2c"), (inner, outer, 1), 1)?,
                });
                coming = outer;
            }
        }
        let weight = vb.get((coming, 2), "fc_nsfw/MatMul/ReadVariableOp:0")?;
        let bias = vb.get(2, "fc_nsfw/BiasAdd/ReadVariableOp:0")?.reshape((1, 2))?;
        Ok(Self { stem, blocks, last: (weight, bias) })
    }

    /// What is left of the picture before the last layer: 1024 numbers. `rgb` has `SIDE · SIDE · 3` bytes.
    ///
    /// # Errors
    /// When the picture has another size.
    pub fn features(&self, rgb: &[u8]) -> Result<Tensor, OpenNsfwError> {
        let (pixels, rest) = rgb.as_chunks::<3>();
        if pixels.len() != SIDE * SIDE || !rest.is_empty() {
            return Err(OpenNsfwError::Picture(rgb.len()));
        }
        let mut planes = Vec::with_capacity(rgb.len());
        for (channel, mean) in [2, 1, 0].into_iter().zip(MEANS) {
            planes.extend(pixels.iter().map(|pixel| f32::from(pixel[channel]) - mean));
        }
        let picture = Tensor::from_vec(planes, (1, 3, SIDE, SIDE), &Device::Cpu)?;
        let seen = self.stem.forward(&picture)?.relu()?;
        // Nothing is below zero here, so that zeros beyond the edge are never the largest.
        let framed = seen.pad_with_zeros(2, 0, 1)?.pad_with_zeros(3, 0, 1)?;
        let mut seen = framed.max_pool2d_with_stride(3, 2)?;
        for block in &self.blocks {
            seen = block.forward(&seen)?;
        }
        Ok(seen.flatten_from(2)?.mean(2)?)
    }

    /// The two numbers before they are weighed against each other: clean, and not.
    ///
    /// # Errors
    /// When the picture has another size.
    pub fn logits(&self, rgb: &[u8]) -> Result<[f32; 2], OpenNsfwError> {
        let (weight, bias) = &self.last;
        let two = (self.features(rgb)?.matmul(weight)? + bias)?.flatten_all()?.to_vec1::<f32>()?;
        match two.as_slice() {
            [clean, not] => Ok([*clean, *not]),
            _ => Err(candle_core::Error::Msg(format!("{} numbers instead of two", two.len())).into()),
        }
    }

    /// How sure the network is, 0 … 1.
    ///
    /// # Errors
    /// When the picture has another size.
    pub fn score(&self, rgb: &[u8]) -> Result<f32, OpenNsfwError> {
        let [clean, not] = self.logits(rgb)?;
        Ok(1.0 / (1.0 + (clean - not).exp()))
    }
}

impl Block {
    fn forward(&self, x: &Tensor) -> Made<Tensor> {
        let inner = self.narrowing.forward(x)?.relu()?;
        let inner = self.middle.forward(&inner)?.relu()?;
        let inner = self.widening.forward(&inner)?;
        match &self.beside {
            Some(beside) => inner + beside.forward(x)?,
            None => inner + x,
        }?
        .relu()
    }
}

/// A convolution over `side`² pixels whose picture keeps its size but for the stride.
fn convolution(
    vb: &VarBuilder<'_>,
    name: &str,
    (coming, going, side): (usize, usize, usize),
    stride: usize,
) -> Made<Conv2d> {
    let weight = vb.get((going, coming, side, side), &format!("{name}weights_fused_bn"))?;
    let bias = vb.get(going, &format!("{name}bias_fused_bn"))?;
    Conv2d::new(&weight, &bias, stride, side / 2)
}
