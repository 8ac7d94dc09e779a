//! Linear layers of every family, in the ways in which weights are held: 32-bit, as the file has them, or blocks of 8-bit numbers.
//! Quantising happens here, at load, from checked f32 weights; a layer too narrow for a block stays in f32.

use candle_core::{Module, Result, Tensor, quantized};
use candle_nn::{Init, VarBuilder};

use crate::{
    kernels::{Activation, PackedLinear, activate},
    weights::AS_STORED,
};

/// How weights of linear layers are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Precision {
    /// 32-bit floats throughout.
    #[default]
    F32,
    /// Linear layers as the file holds them: halves stay halves, half of the memory for the same results; all else 32-bit.
    Kept,
    /// Linear layers in blocks of 8-bit numbers (Q8_0), a quarter of the memory; all else 32-bit.
    Q8,
}

/// Values that share one scale in Q8_0.
const BLOCK: usize = 32;

/// `y = activation(x Wᵀ + b)`, and what is kept beside it (see [`Linear::keep_beside`]).
#[derive(Debug, Clone)]
pub struct Linear {
    held: Held,
    beside: Vec<Beside>,
    size_in: usize,
    size_out: usize,
}

#[derive(Debug, Clone)]
enum Held {
    Full(PackedLinear),
    Blocks(quantized::QMatMul, Option<Tensor>),
}

/// `scale · up(down(x))` is added.
#[derive(Debug, Clone)]
struct Beside {
    down: PackedLinear,
    up: PackedLinear,
    scale: f64,
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
        let shape = (size_out, size_in);
        if precision == Precision::Kept {
            let weight = vb.get_with_hints_dtype(shape, "weight", Init::Const(0.0), AS_STORED)?;
            let held = Held::Full(PackedLinear::new(&weight, bias.as_ref())?);
            return Ok(Self { held, beside: Vec::new(), size_in, size_out });
        }
        let weight = vb.get(shape, "weight")?;
        let held = if precision == Precision::Q8 && size_in.is_multiple_of(BLOCK) {
            match PackedLinear::in_blocks(&weight, bias.as_ref())? {
                Some(layer) => Held::Full(layer),
                None => {
                    let blocks = quantized::QTensor::quantize(&weight, quantized::GgmlDType::Q8_0)?;
                    Held::Blocks(quantized::QMatMul::from_qtensor(blocks)?, bias)
                }
            }
        } else {
            Held::Full(PackedLinear::new(&weight, bias.as_ref())?)
        };
        Ok(Self { held, beside: Vec::new(), size_in, size_out })
    }

    /// Adds `scale · x downᵀ upᵀ` to what the layer gives from now on: `down` `[rank, in]`, `up` `[out, rank]`. The weights stay as
    /// they are, in whatever precision they are held.
    ///
    /// # Errors
    /// When the shapes do not fit.
    pub fn keep_beside(&mut self, down: &Tensor, up: &Tensor, scale: f64) -> Result<()> {
        let ((rank, size_in), (size_out, inner)) = (down.dims2()?, up.dims2()?);
        if (size_in, size_out) != (self.size_in, self.size_out) || rank != inner {
            candle_core::bail!(
                "{:?} and {:?} beside a layer from {} to {}",
                down.dims(),
                up.dims(),
                self.size_in,
                self.size_out
            );
        }
        self.beside.push(Beside { down: PackedLinear::new(down, None)?, up: PackedLinear::new(up, None)?, scale });
        Ok(())
    }

    /// `x` `[…, in]` → `[…, out]`.
    ///
    /// # Errors
    /// When the last axis does not fit, or the device fails.
    pub fn forward(&self, x: &Tensor, activation: Option<Activation>) -> Result<Tensor> {
        if !self.beside.is_empty() {
            let mut y = self.plain(x, None)?;
            for beside in &self.beside {
                y = (y + (beside.up.forward(&beside.down.forward(x, None)?, None)? * beside.scale)?)?;
            }
            return activation.map_or(Ok(y.clone()), |what| activate(&y, what));
        }
        self.plain(x, activation)
    }

    fn plain(&self, x: &Tensor, activation: Option<Activation>) -> Result<Tensor> {
        match &self.held {
            Held::Full(layer) => layer.forward(x, activation),
            Held::Blocks(blocks, bias) => {
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
