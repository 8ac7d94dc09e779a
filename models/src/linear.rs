//! Linear layers of every family, in the two ways in which weights are held: 32-bit, or blocks of 8-bit numbers.
//! Quantising happens here, at load, from checked f32 weights; a layer too narrow for a block stays in f32.

use candle_core::{Module, Result, Tensor, quantized};
use candle_nn::VarBuilder;

use crate::kernels::{Activation, PackedLinear, activate};

/// How weights of linear layers are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Precision {
    /// 32-bit floats throughout.
    #[default]
    F32,
    /// Linear layers in blocks of 8-bit numbers (Q8_0), a quarter of the memory; all else 32-bit.
    Q8,
}

/// Values that share one scale in Q8_0.
const BLOCK: usize = 32;

/// `y = activation(x Wᵀ + b)`.
#[derive(Debug, Clone)]
pub enum Linear {
    Full(PackedLinear),
    Blocks(quantized::QMatMul, Option<Tensor>),
}

impl Linear {
    /// Reads `weight` `[out, in]` and `bias` `[out]` at `vb`.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn load(size_in: usize, size_out: usize, precision: Precision, vb: &VarBuilder<'_>) -> Result<Self> {
        let bias = vb.get(size_out, "bias")?;
        Self::held(size_in, size_out, precision, Some(bias), vb)
    }

    /// Reads `weight` alone; such a layer adds nothing.
    ///
    /// # Errors
    /// When the tensor is missing or has another shape.
    pub fn load_without_bias(
        size_in: usize,
        size_out: usize,
        precision: Precision,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        Self::held(size_in, size_out, precision, None, vb)
    }

    fn held(
        size_in: usize,
        size_out: usize,
        precision: Precision,
        bias: Option<Tensor>,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let weight = vb.get((size_out, size_in), "weight")?;
        if precision == Precision::Q8 && size_in.is_multiple_of(BLOCK) {
            let blocks = quantized::QTensor::quantize(&weight, quantized::GgmlDType::Q8_0)?;
            return Ok(Self::Blocks(quantized::QMatMul::from_qtensor(blocks)?, bias));
        }
        Ok(Self::Full(PackedLinear::new(&weight, bias.as_ref())?))
    }

    /// `x` `[…, in]` → `[…, out]`.
    ///
    /// # Errors
    /// When the last axis does not fit, or the device fails.
    pub fn forward(&self, x: &Tensor, activation: Option<Activation>) -> Result<Tensor> {
        match self {
            Self::Full(layer) => layer.forward(x, activation),
            Self::Blocks(blocks, bias) => {
                let y = blocks.forward(&x.contiguous()?)?;
                let y = match bias {
                    Some(bias) => y.broadcast_add(bias)?,
                    None => y,
                };
                activation.map_or(Ok(y.clone()), |what| activate(&y, what))
            }
        }
    }
}
