//! The arithmetic of a small network on one core: rows of numbers, weights packed for the processor's vector registers.
//!
//! Rows are moments, columns are channels. Products are never fused into sums, so that wide and narrow registers give the same bits. It
//! must only be given shapes that fit: they come from files whose hash is pinned.

use kinora_models::onnx::Weight;
use std::collections::HashMap;

/// Columns of one packed panel, and rows that share its loads: what sixteen vector registers hold.
const PANEL: usize = 16;
const BLOCK: usize = 4;
/// 1.5 · 2²³.
const NO_FRACTION: f32 = 12_582_912.0;
/// Epsilon of every layer norm in both models.
const EPSILON: f32 = 1e-5;

/// `rows` × `columns`, row after row.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    pub rows: usize,
    pub columns: usize,
    pub values: Vec<f32>,
}

impl Matrix {
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: vec![0.0; rows * columns] }
    }
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }
    pub fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.values[row * self.columns..(row + 1) * self.columns]
    }
    pub fn add(&mut self, other: &Self) {
        self.values.iter_mut().zip(&other.values).for_each(|(value, more)| *value += more);
    }
    /// The rows that `of` names, in its order.
    pub fn gathered(&self, of: &[usize]) -> Self {
        let values = of.iter().flat_map(|row| self.row(*row)).copied().collect();
        Self { rows: of.len(), columns: self.columns, values }
    }
}

/// Weights by name, taken out one after another; a missing one is remembered by name.
#[derive(Debug)]
pub struct Weights {
    found: HashMap<String, Weight>,
    pub missing: Option<String>,
}

impl Weights {
    pub fn new(found: HashMap<String, Weight>) -> Self {
        Self { found, missing: None }
    }
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Vec<f32> {
        match self.found.remove(name) {
            Some(weight) if weight.shape == shape => weight.values,
            _ => {
                self.missing.get_or_insert_with(|| name.to_owned());
                vec![0.0; shape.iter().product()]
            }
        }
    }
}

/// `x · w + b`. With a scale the weights are whole numbers and each input is rounded to 256 steps first, as the model was trained.
#[derive(Debug)]
pub struct Linear {
    inputs: usize,
    outputs: usize,
    panels: Vec<[f32; PANEL]>,
    bias: Vec<f32>,
    scale: Option<f32>,
}

impl Linear {
    /// `weights`: `inputs` × `outputs`.
    pub fn new(weights: &[f32], bias: Vec<f32>, scale: Option<f32>) -> Self {
        let outputs = bias.len();
        let inputs = weights.len() / outputs.max(1);
        let mut panels = vec![[0.0; PANEL]; outputs.div_ceil(PANEL) * inputs];
        for (row, line) in weights.chunks(outputs.max(1)).enumerate() {
            for (column, value) in line.iter().enumerate() {
                panels[column / PANEL * inputs + row][column % PANEL] = *value;
            }
        }
        Self { inputs, outputs, panels, bias, scale }
    }

    pub fn apply(&self, x: &Matrix) -> Matrix {
        let Some(scale) = self.scale else { return self.product(x, 1.0) };
        // ONNX's DynamicQuantizeLinear: the range always holds zero, and zero is one of the steps.
        let low = x.values.iter().copied().fold(0f32, f32::min);
        let high = x.values.iter().copied().fold(0f32, f32::max);
        let step = (high - low) / 255.0;
        if step <= 0.0 {
            return self.product(&Matrix::zeros(x.rows, x.columns), 1.0);
        }
        let zero = (-low / step).round_ties_even().clamp(0.0, 255.0);
        // Adding this number leaves no room for a fraction: rounding to even without a call.
        let whole = |value: &f32| (value / step + NO_FRACTION - NO_FRACTION + zero).clamp(0.0, 255.0) - zero;
        let rounded = Matrix { values: x.values.iter().map(whole).collect(), ..*x };
        self.product(&rounded, step * scale)
    }

    fn product(&self, x: &Matrix, scale: f32) -> Matrix {
        debug_assert_eq!(x.columns, self.inputs);
        let mut made = Matrix::zeros(x.rows, self.outputs);
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor was just asked.
            unsafe { self.product_wide(x, scale, &mut made) };
            return made;
        }
        self.product_into(x, scale, &mut made);
        made
    }

    /// The same sums in the same order, eight at a time.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn product_wide(&self, x: &Matrix, scale: f32, made: &mut Matrix) {
        self.product_into(x, scale, made);
    }

    #[inline(always)]
    fn product_into(&self, x: &Matrix, scale: f32, made: &mut Matrix) {
        let (inputs, outputs) = (self.inputs, self.outputs);
        for first in (0..x.rows).step_by(BLOCK) {
            let rows: [usize; BLOCK] = std::array::from_fn(|by| (first + by).min(x.rows - 1));
            let lines = rows.map(|row| &x.values[row * inputs..(row + 1) * inputs]);
            for (panel, weights) in self.panels.chunks(inputs).enumerate() {
                let sums = block(weights, lines);
                let from = panel * PANEL;
                let until = (from + PANEL).min(outputs);
                for (row, sum) in rows.iter().zip(&sums) {
                    let line = &mut made.values[row * outputs + from..row * outputs + until];
                    for ((cell, sum), bias) in line.iter_mut().zip(sum).zip(&self.bias[from..until]) {
                        *cell = sum * scale + bias;
                    }
                }
            }
        }
    }
}

/// Four rows times one panel. Each row's sums are values of their own, so that they stay in registers.
#[inline(always)]
fn block(weights: &[[f32; PANEL]], lines: [&[f32]; BLOCK]) -> [[f32; PANEL]; BLOCK] {
    let [mut a, mut b, mut c, mut d] = [[0f32; PANEL]; BLOCK];
    let [one, two, three, four] = lines;
    for ((((weight, one), two), three), four) in weights.iter().zip(one).zip(two).zip(three).zip(four) {
        for at in 0..PANEL {
            a[at] += one * weight[at];
            b[at] += two * weight[at];
            c[at] += three * weight[at];
            d[at] += four * weight[at];
        }
    }
    [a, b, c, d]
}

#[derive(Debug)]
pub struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Norm {
    pub fn take(weights: &mut Weights, name: &str, size: usize) -> Self {
        Self {
            weight: weights.take(&format!("{name}.weight"), &[size]),
            bias: weights.take(&format!("{name}.bias"), &[size]),
        }
    }
    pub fn apply(&self, x: &Matrix) -> Matrix {
        let mut made = x.clone();
        for row in 0..x.rows {
            let line = made.row_mut(row);
            let count = line.len() as f32;
            let mean = line.iter().sum::<f32>() / count;
            let spread = line.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>() / count;
            let factor = 1.0 / (spread + EPSILON).sqrt();
            for ((value, weight), bias) in line.iter_mut().zip(&self.weight).zip(&self.bias) {
                *value = (*value - mean) * factor * weight + bias;
            }
        }
        made
    }
}

/// A convolution along time that mixes all channels: each moment's surroundings as one long row, then a product.
#[derive(Debug)]
pub struct Convolution {
    width: usize,
    linear: Linear,
}

impl Convolution {
    /// Weights lie as outputs × inputs × width, width odd.
    pub fn take(weights: &mut Weights, name: &str, [outputs, inputs, width]: [usize; 3]) -> Self {
        let stored = weights.take(&format!("{name}.weight"), &[outputs, inputs, width]);
        let bias = weights.take(&format!("{name}.bias"), &[outputs]);
        let mut turned = vec![0.0; stored.len()];
        for output in 0..outputs {
            for input in 0..inputs {
                for at in 0..width {
                    turned[(at * inputs + input) * outputs + output] = stored[(output * inputs + input) * width + at];
                }
            }
        }
        Self { width, linear: Linear::new(&turned, bias, None) }
    }

    pub fn apply(&self, x: &Matrix) -> Matrix {
        let mut around = Matrix::zeros(x.rows, x.columns * self.width);
        for row in 0..x.rows {
            for at in 0..self.width {
                let Some(from) = (row + at).checked_sub(self.width / 2).filter(|from| *from < x.rows) else { continue };
                let place = at * x.columns;
                around.row_mut(row)[place..place + x.columns].copy_from_slice(x.row(from));
            }
        }
        self.linear.apply(&around)
    }
}

/// A convolution of each channel with its own few numbers.
#[derive(Debug)]
pub struct Depthwise {
    /// `width` rows of one number a channel.
    taps: Vec<Vec<f32>>,
    /// Moments between two taps.
    step: usize,
    bias: Vec<f32>,
}

impl Depthwise {
    pub fn take(weights: &mut Weights, name: &str, [channels, width, step]: [usize; 3]) -> Self {
        let stored = weights.take(&format!("{name}.weight"), &[channels, 1, width]);
        let taps = (0..width).map(|at| stored.iter().skip(at).step_by(width).copied().collect()).collect();
        Self { taps, step, bias: weights.take(&format!("{name}.bias"), &[channels]) }
    }

    pub fn apply(&self, x: &Matrix) -> Matrix {
        let mut made = Matrix::zeros(x.rows, x.columns);
        for row in 0..x.rows {
            let line = made.row_mut(row);
            line.copy_from_slice(&self.bias);
            for (at, taps) in self.taps.iter().enumerate() {
                let place = (row + at * self.step).checked_sub(self.taps.len() / 2 * self.step);
                let Some(from) = place.filter(|from| *from < x.rows) else { continue };
                for ((cell, value), tap) in line.iter_mut().zip(x.row(from)).zip(taps) {
                    *cell += value * tap;
                }
            }
        }
        made
    }
}

/// The Gaussian error linear unit, by the error function itself.
pub fn gelu(x: &mut Matrix) {
    for value in &mut x.values {
        *value *= 0.5 * (1.0 + erf(*value * std::f32::consts::FRAC_1_SQRT_2));
    }
}

/// Abramowitz and Stegun 7.1.26: within 1.5e-7 everywhere.
fn erf(x: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let polynomial = ((((1.061_405_4 * t - 1.453_152) * t + 1.421_413_8) * t - 0.284_496_72) * t + 0.254_829_6) * t;
    (1.0 - polynomial * (-x * x).exp()).copysign(x)
}

/// Attention of every moment to every moment, in `heads` parts; `joined` holds queries, keys and values side by side.
pub fn attention(joined: &Matrix, heads: usize) -> Matrix {
    let (rows, size) = (joined.rows, joined.columns / 3);
    let width = size / heads.max(1);
    let mut made = Matrix::zeros(rows, size);
    let factor = (width as f32).sqrt();
    for head in 0..heads {
        let part = |row: usize, kind: usize| {
            let from = kind * size + head * width;
            &joined.row(row)[from..from + width]
        };
        for row in 0..rows {
            let query = part(row, 0);
            let product = |other: usize| query.iter().zip(part(other, 1)).map(|(a, b)| a * b).sum::<f32>() / factor;
            let mut shares: Vec<f32> = (0..rows).map(product).collect();
            let most = shares.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            shares.iter_mut().for_each(|share| *share = (*share - most).exp());
            let sum: f32 = shares.iter().sum();
            let line = &mut made.row_mut(row)[head * width..(head + 1) * width];
            for (other, share) in shares.iter().enumerate() {
                for (cell, value) in line.iter_mut().zip(part(other, 2)) {
                    *cell += share / sum * value;
                }
            }
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_product_is_the_product() {
        let (rows, inputs, outputs) = (7, 5, 19);
        let number = |at: usize| ((at * 37 + 11) % 23) as f32 / 7.0 - 1.5;
        let x = Matrix { rows, columns: inputs, values: (0..rows * inputs).map(number).collect() };
        let weights: Vec<f32> = (0..inputs * outputs).map(|at| number(at + 5)).collect();
        let made = Linear::new(&weights, vec![0.5; outputs], None).apply(&x);
        for row in 0..rows {
            for column in 0..outputs {
                let wanted: f32 = (0..inputs).map(|k| x.row(row)[k] * weights[k * outputs + column]).sum::<f32>() + 0.5;
                assert!((made.row(row)[column] - wanted).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn the_error_function_is_that_of_the_tables() {
        for (x, wanted) in [(0.0, 0.0), (0.5, 0.520_499_9), (1.0, 0.842_700_8), (-2.0, -0.995_322_3)] {
            assert!((erf(x) - wanted).abs() < 3e-7, "{x}");
        }
    }
}
