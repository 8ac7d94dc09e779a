//! What several of the networks are made of: recurrent layers that read both ways, convolutions along time, and norms that a
//! style turns. A signal is `[1, channels, length]`, a row of states `[length, width]`.
//! **Never here:** which of them a network has, or in what order.

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;
use rayon::prelude::*;

use crate::{
    kernels::{Conv2d, PackedLinear},
    linear::{Linear, Precision},
};

/// What is added to a channel's variance.
const EPS: f64 = 1e-5;
/// How much of what is below zero the blocks let through.
pub(super) const LEAK: f32 = 0.2;

pub(super) fn linear(size_in: usize, size_out: usize, vb: &VarBuilder<'_>) -> Result<Linear> {
    Linear::load(size_in, size_out, Precision::F32, vb)
}

/// Does `work` to each channel of a signal.
pub(super) fn each_channel(x: &Tensor, work: impl Fn(usize, &mut [f32]) + Send + Sync) -> Result<Tensor> {
    let (batch, channels, length) = x.dims3()?;
    if batch != 1 || length == 0 {
        candle_core::bail!("a signal of the shape {:?}", x.dims());
    }
    let mut values = x.flatten_all()?.to_vec1::<f32>()?;
    values.par_chunks_mut(length).enumerate().for_each(|(channel, row)| work(channel, row));
    Tensor::from_vec(values, (1, channels, length), x.device())
}

pub(super) fn leak(row: &mut [f32], slope: f32) {
    row.iter_mut().filter(|x| **x < 0.0).for_each(|x| *x *= slope);
}

/// A recurrent layer that reads forwards and backwards.
#[derive(Debug, Clone)]
pub(super) struct Recurrent {
    ways: [Way; 2],
    hidden: usize,
}

#[derive(Debug, Clone)]
struct Way {
    input: PackedLinear,
    /// `[hidden, 4 · hidden]`: what each state adds to the gates.
    state: Vec<f32>,
}

impl Way {
    fn new(size_in: usize, hidden: usize, ending: &str, vb: &VarBuilder<'_>) -> Result<Self> {
        let get = |what: &str| vb.get(4 * hidden, &format!("{what}_l0{ending}"));
        let bias = (get("bias_ih")? + get("bias_hh")?)?;
        let weight = vb.get((4 * hidden, size_in), &format!("weight_ih_l0{ending}"))?;
        let state = vb.get((4 * hidden, hidden), &format!("weight_hh_l0{ending}"))?;
        let state = state.t()?.contiguous()?.flatten_all()?.to_vec1::<f32>()?;
        Ok(Self { input: PackedLinear::new(&weight, Some(&bias))?, state })
    }

    /// One state per row, in the order of the rows.
    fn read(&self, x: &Tensor, hidden: usize, backwards: bool) -> Result<Vec<f32>> {
        let rows = x.dim(0)?;
        let gates = self.input.forward(x, None)?.flatten_all()?.to_vec1::<f32>()?;
        let mut out = vec![0.0f32; rows * hidden];
        let (mut state, mut memory) = (vec![0.0f32; hidden], vec![0.0f32; hidden]);
        let mut now = vec![0.0f32; 4 * hidden];
        for step in 0..rows {
            let row = if backwards { rows - 1 - step } else { step };
            now.copy_from_slice(&gates[row * 4 * hidden..(row + 1) * 4 * hidden]);
            for (weights, state) in self.state.chunks_exact(4 * hidden).zip(&state) {
                for (gate, weight) in now.iter_mut().zip(weights) {
                    *gate += weight * state;
                }
            }
            for at in 0..hidden {
                let (input, forget) = (sigmoid(now[at]), sigmoid(now[hidden + at]));
                let (fresh, output) = (now[2 * hidden + at].tanh(), sigmoid(now[3 * hidden + at]));
                memory[at] = forget * memory[at] + input * fresh;
                state[at] = output * memory[at].tanh();
            }
            out[row * hidden..(row + 1) * hidden].copy_from_slice(&state);
        }
        Ok(out)
    }
}

pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

impl Recurrent {
    /// From `size_in` to twice `hidden`.
    pub(super) fn new(size_in: usize, hidden: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self { ways: [Way::new(size_in, hidden, "", vb)?, Way::new(size_in, hidden, "_reverse", vb)?], hidden })
    }

    /// `[length, in]` → `[length, 2 · hidden]`.
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let [forwards, backwards] = &self.ways;
        let (first, second) =
            rayon::join(|| forwards.read(x, self.hidden, false), || backwards.read(x, self.hidden, true));
        let side = |values: Vec<f32>| Tensor::from_vec(values, (x.dim(0)?, self.hidden), x.device());
        Tensor::cat(&[side(first?)?, side(second?)?], 1)
    }
}

/// A convolution along time.
#[derive(Debug, Clone)]
pub(super) struct Along {
    kind: Kind,
    padding: usize,
}

#[derive(Debug, Clone)]
enum Kind {
    /// One that keeps a signal's length, by the kernel for pictures of one row.
    Same {
        conv: Conv2d,
        kernel: usize,
        dilation: usize,
    },
    Strided {
        weight: Tensor,
        bias: Tensor,
        stride: usize,
    },
}

impl Along {
    /// One that keeps a signal's length; `kernel` is odd.
    pub(super) fn same(
        (size_in, size_out): (usize, usize),
        kernel: usize,
        dilation: usize,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let bias = vb.get(size_out, "bias")?;
        Self::of((size_in, size_out), (kernel, dilation), &bias, vb)
    }

    /// From one width to another, place by place, without a bias.
    fn bare(sizes: (usize, usize), vb: &VarBuilder<'_>) -> Result<Self> {
        Self::of(sizes, (1, 1), &Tensor::zeros(sizes.1, vb.dtype(), vb.device())?, vb)
    }

    fn of(
        (size_in, size_out): (usize, usize),
        (kernel, dilation): (usize, usize),
        bias: &Tensor,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let weight = vb.get((size_out, size_in, kernel), "weight")?.unsqueeze(2)?;
        let kind = Kind::Same { conv: Conv2d::new(&weight, bias, 1, 0)?, kernel, dilation };
        Ok(Self { kind, padding: (kernel - 1) * dilation / 2 })
    }

    /// One that takes steps of `stride`.
    pub(super) fn strided(
        (size_in, size_out): (usize, usize),
        kernel: usize,
        (padding, stride): (usize, usize),
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let weight = vb.get((size_out, size_in, kernel), "weight")?;
        let bias = vb.get(size_out, "bias")?.reshape((1, size_out, 1))?;
        Ok(Self { kind: Kind::Strided { weight, bias, stride }, padding })
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match &self.kind {
            Kind::Same { conv, kernel, dilation } => self.kept(conv, *kernel, *dilation, x),
            Kind::Strided { weight, bias, stride } => {
                x.conv1d(weight, self.padding, *stride, 1, 1)?.broadcast_add(bias)
            }
        }
    }

    /// Every `dilation`th place is a row of its own, which has no gaps.
    fn kept(&self, conv: &Conv2d, kernel: usize, dilation: usize, x: &Tensor) -> Result<Tensor> {
        let (_, channels, length) = x.dims3()?;
        let each = length.div_ceil(dilation) + kernel - 1;
        let after = each * dilation - length - self.padding;
        let padded = x.pad_with_zeros(2, self.padding, after)?;
        let rows = padded.reshape((channels, each, dilation))?.permute((2, 0, 1))?.contiguous()?;
        let y = conv.forward(&rows.unsqueeze(2)?)?.squeeze(2)?;
        let (_, out, each) = y.dims3()?;
        let y = y.permute((1, 2, 0))?.contiguous()?.reshape((1, out, each * dilation))?;
        if each * dilation == length { Ok(y) } else { y.narrow(2, 0, length)?.contiguous() }
    }
}

/// What happens to a value after its norm.
#[derive(Debug, Clone, Copy)]
pub(super) enum Then<'a> {
    /// What is below zero is let through in part.
    Leak,
    /// x + sin²(a x) / a, with an `a` for each channel.
    Snake(&'a [f32]),
}

/// Each channel brought to mean 0 and variance 1, then scaled and moved as the style says.
#[derive(Debug, Clone)]
pub(super) struct Styled {
    turn: Linear,
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Styled {
    pub(super) fn new(style: usize, channels: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let norm = vb.pp("norm");
        // The released file was trained without these two, and the reference then takes 1 and 0.
        let own = |name: &str, plain: f32| {
            if norm.contains_tensor(name) {
                norm.get(channels, name)?.to_vec1::<f32>()
            } else {
                Ok(vec![plain; channels])
            }
        };
        let (weight, bias) = (own("weight", 1.0)?, own("bias", 0.0)?);
        Ok(Self { turn: linear(style, 2 * channels, &vb.pp("fc"))?, weight, bias })
    }

    /// `x` a signal, `style` `[1, style]`.
    pub(super) fn forward(&self, x: &Tensor, style: &Tensor, then: Then<'_>) -> Result<Tensor> {
        let turn = self.turn.forward(style, None)?.flatten_all()?.to_vec1::<f32>()?;
        let channels = self.weight.len();
        if x.dim(1)? != channels {
            candle_core::bail!("a norm of {channels} channels was given {:?}", x.dims());
        }
        let (scale, shift) = turn.split_at(channels);
        each_channel(x, |channel, row| {
            let count = row.len() as f64;
            let mean = row.iter().map(|v| f64::from(*v)).sum::<f64>() / count;
            let variance = row.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / count;
            let (mean, factor) = (mean as f32, (1.0 / (variance + EPS).sqrt()) as f32);
            let (weight, bias) = (self.weight[channel], self.bias[channel]);
            let (scale, shift) = (1.0 + scale[channel], shift[channel]);
            for v in row.iter_mut() {
                *v = scale * ((*v - mean) * factor * weight + bias) + shift;
            }
            match then {
                Then::Leak => leak(row, LEAK),
                Then::Snake(alphas) => {
                    let alpha = alphas[channel];
                    row.iter_mut().for_each(|v| *v += (alpha * *v).sin().powi(2) / alpha);
                }
            }
        })
    }
}

/// Two styled convolutions beside a shortcut; one kind doubles the length.
#[derive(Debug, Clone)]
pub(super) struct Block {
    norms: [Styled; 2],
    convs: [Along; 2],
    shortcut: Option<Along>,
    doubling: Option<Doubling>,
}

impl Block {
    pub(super) fn new(
        (size_in, size_out): (usize, usize),
        style: usize,
        doubles: bool,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let norm = |name: &str, size: usize| Styled::new(style, size, &vb.pp(name));
        Ok(Self {
            norms: [norm("norm1", size_in)?, norm("norm2", size_out)?],
            convs: [
                Along::same((size_in, size_out), 3, 1, &vb.pp("conv1"))?,
                Along::same((size_out, size_out), 3, 1, &vb.pp("conv2"))?,
            ],
            shortcut: (size_in != size_out).then(|| Along::bare((size_in, size_out), &vb.pp("conv1x1"))).transpose()?,
            doubling: doubles.then(|| Doubling::new(size_in, &vb.pp("pool"))).transpose()?,
        })
    }

    pub(super) fn forward(&self, x: &Tensor, style: &Tensor) -> Result<Tensor> {
        let [first, second] = &self.norms;
        let [one, two] = &self.convs;
        let mut y = first.forward(x, style, Then::Leak)?;
        let mut short = x.clone();
        if let Some(doubling) = &self.doubling {
            y = doubling.forward(&y)?;
            let (batch, channels, length) = short.dims3()?;
            short = Tensor::stack(&[&short, &short], 3)?.reshape((batch, channels, 2 * length))?;
        }
        let y = two.forward(&second.forward(&one.forward(&y)?, style, Then::Leak)?)?;
        if let Some(shortcut) = &self.shortcut {
            short = shortcut.forward(&short)?;
        }
        (y + short)? * std::f64::consts::FRAC_1_SQRT_2
    }
}

/// A transposed convolution of three values and stride two, each channel by itself.
#[derive(Debug, Clone)]
struct Doubling {
    weight: Vec<[f32; 3]>,
    bias: Vec<f32>,
}

impl Doubling {
    fn new(channels: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let weight = vb.get((channels, 1, 3), "weight")?.flatten_all()?.to_vec1::<f32>()?;
        Ok(Self { weight: weight.as_chunks::<3>().0.to_vec(), bias: vb.get(channels, "bias")?.to_vec1::<f32>()? })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (batch, channels, length) = x.dims3()?;
        if batch != 1 || channels != self.bias.len() || length == 0 {
            candle_core::bail!("{} channels to double were given {:?}", self.bias.len(), x.dims());
        }
        let values = x.flatten_all()?.to_vec1::<f32>()?;
        let mut out = Vec::with_capacity(2 * values.len());
        for ((row, [before, here, after]), bias) in values.chunks_exact(length).zip(&self.weight).zip(&self.bias) {
            for (at, value) in row.iter().enumerate() {
                let next = row.get(at + 1).copied().unwrap_or(0.0);
                out.push(value * here + bias);
                out.push(value * after + next * before + bias);
            }
        }
        Tensor::from_vec(out, (1, channels, 2 * length), x.device())
    }
}
