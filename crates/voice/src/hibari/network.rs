//! The acoustic model of hibari: phoneme numbers in, five spectra and a pitch curve out.
//!
//! Two halves read the text with a small transformer each: one plans how long each phoneme lasts and how the pitch goes, the other
//! paints the spectrum of each frame. Between them the pitch can be moved, and the spectra follow. Weights keep their names in the file,
//! so that code and file read side by side.

use super::tensor::{Convolution, Depthwise, Linear, Matrix, Norm, Weights, attention, gelu};
use kinora_models::onnx::Weight;
use std::collections::HashMap;

/// Numbers in the table of phonemes.
const PHONEMES: usize = 178;
/// Channels of the two readers and of the painter.
const PLAN: usize = 192;
const TEXT: usize = 128;
const PAINT: usize = 256;
const PAINT_INNER: usize = 768;
/// Both readers apply one transformer layer again and again; this many times.
const PLAN_ROUNDS: usize = 6;
const TEXT_ROUNDS: usize = 4;
const HEADS: usize = 2;
/// Moments between the taps of each block that plans pitch: further and further, so that a whole phrase is seen.
const PROSODY_STEPS: [usize; 6] = [1, 2, 4, 8, 1, 2];
/// Bins of a spectrum: half of 1200 and one.
pub const BINS: usize = 601;
/// A phoneme lasts whole units of 25 ms; each is two frames of 12.5 ms.
pub const FRAMES_A_UNIT: usize = 2;
/// The shortest phoneme, in units.
const LEAST_UNITS: f32 = 1.0;
/// The longest, in units: no phoneme lasts five seconds, a broken number would.
const MOST_UNITS: f32 = 200.0;
/// Halvings of the range of speeds: after these it is known to a thousandth.
const SPEED_ROUNDS: usize = 11;

/// Everything a sentence needs to become sound; matrices have one row a frame and [`BINS`] columns.
#[derive(Debug)]
pub struct Painting {
    /// Logarithm of the harmonics' magnitude, and their phase before the hyperbolic tangent, in half turns.
    pub harmonic: Matrix,
    pub phase: Matrix,
    /// Logarithm of the noise's magnitude.
    pub noise: Matrix,
    /// Logarithm of the magnitude of what has a phase of its own, and that phase in radians.
    pub free: Matrix,
    pub free_phase: Matrix,
}

/// How a sentence is to go, before it has a sound.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Hertz, one a frame; at most 40 where nothing is voiced.
    pub pitch: Vec<f32>,
    /// Loudness as the model learned it, one a frame.
    pub energy: Vec<f32>,
    /// How many frames each phoneme number lasts.
    pub frames: Vec<usize>,
    /// Which phoneme number is heard in each unit.
    heard: Vec<usize>,
}

#[derive(Debug)]
pub struct Network {
    plan: Reader,
    text: Reader,
    duration_inner: Convolution,
    duration: Convolution,
    prosody_in: Convolution,
    prosody: Vec<Block>,
    prosody_out: Convolution,
    paint_in: Convolution,
    paint: Vec<Block>,
    paint_norm: Norm,
    head: Linear,
}

impl Network {
    /// Answers the name of the first weight that is not there.
    pub fn new(found: HashMap<String, Weight>) -> Result<Self, String> {
        let mut weights = Weights::new(found);
        let w = &mut weights;
        let network = Self {
            text: Reader::take(w, "m.text", TEXT, TEXT_ROUNDS, &TEXT_NAMES),
            plan: Reader::take(w, "pn.text", PLAN, PLAN_ROUNDS, &PLAN_NAMES),
            duration_inner: Convolution::take(w, "pn.dur.0", [PLAN, PLAN, 3]),
            duration: Convolution::take(w, "pn.dur.2", [1, PLAN, 1]),
            prosody_in: Convolution::take(w, "pn.pro_in", [PLAN, PLAN, 1]),
            prosody: PROSODY_STEPS
                .iter()
                .enumerate()
                .map(|(at, step)| {
                    Block::take(w, &format!("pn.pro.{at}"), &format!("/pro.{at}"), [PLAN, PLAN * 2, 7, *step])
                })
                .collect(),
            prosody_out: Convolution::take(w, "pn.pro_out", [4, PLAN, 1]),
            paint_in: Convolution::take(w, "m.dec_in", [PAINT, TEXT + 2, 7]),
            paint: (0..8)
                .map(|at| Block::take(w, &format!("m.dec.{at}"), &format!("/dec.{at}"), [PAINT, PAINT_INNER, 7, 1]))
                .collect(),
            paint_norm: Norm::take(w, "m.dec_norm", PAINT),
            head: rounded(w, "/head/Transpose_output_0", "m.head.bias", PAINT, 5 * BINS),
        };
        match weights.missing {
            Some(name) => Err(name),
            None => Ok(network),
        }
    }

    /// How long each phoneme lasts and how the pitch goes. `speed` divides durations.
    pub fn plan(&self, phonemes: &[usize], speed: f32) -> Plan {
        let plan = self.plan.apply(phonemes);
        let mut duration = self.duration_inner.apply(&plan);
        gelu(&mut duration);
        let lengths: Vec<f32> = self.duration.apply(&duration).values.iter().map(|log| log.exp() - 1.0).collect();
        let units = units(&lengths, speed);
        let heard =
            units.iter().enumerate().flat_map(|(at, count)| std::iter::repeat_n(at, *count)).collect::<Vec<usize>>();
        let mut prosody = self.prosody_in.apply(&plan.gathered(&heard));
        for block in &self.prosody {
            block.apply(&mut prosody);
        }
        let prosody = self.prosody_out.apply(&prosody);
        let halves =
            |from: usize| prosody.values.chunks(4).flat_map(move |row| row[from..from + FRAMES_A_UNIT].to_vec());
        Plan {
            pitch: halves(0).map(|value| value * 100.0).collect(),
            energy: halves(FRAMES_A_UNIT).collect(),
            frames: units.iter().map(|count| count * FRAMES_A_UNIT).collect(),
            heard,
        }
    }

    /// The spectra of a plan, whose pitch may have been moved: they follow it.
    pub fn paint(&self, phonemes: &[usize], plan: &Plan) -> Painting {
        let text = self.text.apply(phonemes);
        let mut input = Matrix::zeros(plan.pitch.len(), TEXT + 2);
        for (frame, line) in input.values.chunks_mut(TEXT + 2).enumerate() {
            line[..TEXT].copy_from_slice(text.row(plan.heard[frame / FRAMES_A_UNIT]));
            line[TEXT] = (1.0 + plan.pitch[frame].max(0.0)).ln() / 5.0;
            line[TEXT + 1] = plan.energy[frame];
        }
        let mut painted = self.paint_in.apply(&input);
        for block in &self.paint {
            block.apply(&mut painted);
        }
        let spectra = self.head.apply(&self.paint_norm.apply(&painted));
        let part = |which: usize| {
            let values = spectra.values.chunks(5 * BINS).flat_map(|line| &line[which * BINS..(which + 1) * BINS]);
            Matrix { rows: spectra.rows, columns: BINS, values: values.copied().collect() }
        };
        Painting { harmonic: part(0), phase: part(1), noise: part(2), free: part(3), free_phase: part(4) }
    }
}

/// Whole units for lengths in units. Each is rounded by itself, which at another speed would move the sum by a tenth; so the speed is
/// moved until the sum is right.
fn units(lengths: &[f32], speed: f32) -> Vec<usize> {
    let whole = |speed: f32| -> Vec<usize> {
        let unit = |length: &f32| (length / speed).round_ties_even().clamp(LEAST_UNITS, MOST_UNITS) as usize;
        lengths.iter().map(unit).collect()
    };
    if speed == 1.0 {
        return whole(speed);
    }
    let sum = |speed: f32| whole(speed).iter().sum::<usize>() as f32;
    let wanted = sum(1.0) / speed;
    // The sum only falls as the speed grows.
    let (mut slow, mut fast) = (speed * 0.5, speed * 2.0);
    for _ in 0..SPEED_ROUNDS {
        let middle = (slow + fast) / 2.0;
        if sum(middle) > wanted { slow = middle } else { fast = middle }
    }
    whole(fast)
}

/// Names that the exporter gave the four matrices of a transformer layer.
struct Names {
    attention: &'static str,
    out: &'static str,
    inner: &'static str,
    outer: &'static str,
}
const TEXT_NAMES: Names = Names {
    attention: "/Transpose_2",
    out: "/out_proj/Transpose",
    inner: "/linear1/Transpose",
    outer: "/linear2/Transpose",
};
const PLAN_NAMES: Names = Names {
    attention: "/Transpose_25",
    out: "/out_proj_4/Transpose",
    inner: "/linear1_4/Transpose",
    outer: "/linear2_4/Transpose",
};

fn rounded(w: &mut Weights, matrix: &str, bias: &str, inputs: usize, outputs: usize) -> Linear {
    let values = w.take(&format!("{matrix}_quantized"), &[inputs, outputs]);
    let scale = w.take(&format!("{matrix}_scale"), &[]);
    Linear::new(&values, w.take(bias, &[outputs]), scale.first().copied().or(Some(0.0)))
}

/// Phoneme numbers to a row each that knows its neighbours: two convolution blocks, then one transformer layer several times.
#[derive(Debug)]
struct Reader {
    table: Matrix,
    blocks: Vec<Block>,
    rounds: usize,
    before: Norm,
    joined: Linear,
    out: Linear,
    between: Norm,
    inner: Linear,
    outer: Linear,
    after: Norm,
}

impl Reader {
    fn take(w: &mut Weights, name: &str, size: usize, rounds: usize, names: &Names) -> Self {
        let layer = |w: &mut Weights, matrix: &str, bias: &str, inputs, outputs| {
            rounded(w, &format!("{matrix}_output_0"), &format!("{name}.attn.{bias}"), inputs, outputs)
        };
        let block = |w: &mut Weights, at| {
            Block::take(w, &format!("{name}.convs.{at}"), &format!("/convs.{at}"), [size, size * 2, 5, 1])
        };
        Self {
            table: Matrix {
                rows: PHONEMES,
                columns: size,
                values: w.take(&format!("{name}.emb.weight"), &[PHONEMES, size]),
            },
            blocks: vec![block(w, 0), block(w, 1)],
            rounds,
            before: Norm::take(w, &format!("{name}.attn.norm1"), size),
            joined: layer(w, names.attention, "self_attn.in_proj_bias", size, size * 3),
            out: layer(w, names.out, "self_attn.out_proj.bias", size, size),
            between: Norm::take(w, &format!("{name}.attn.norm2"), size),
            inner: layer(w, names.inner, "linear1.bias", size, size * 2),
            outer: layer(w, names.outer, "linear2.bias", size * 2, size),
            after: Norm::take(w, &format!("{name}.norm"), size),
        }
    }

    fn apply(&self, phonemes: &[usize]) -> Matrix {
        let mut x = self.table.gathered(phonemes);
        for block in &self.blocks {
            block.apply(&mut x);
        }
        for _ in 0..self.rounds {
            x.add(&self.out.apply(&attention(&self.joined.apply(&self.before.apply(&x)), HEADS)));
            let mut inner = self.inner.apply(&self.between.apply(&x));
            gelu(&mut inner);
            x.add(&self.outer.apply(&inner));
        }
        self.after.apply(&x)
    }
}

/// ConvNeXt: each channel along time, then all channels at each moment, added to what was there.
#[derive(Debug)]
struct Block {
    along: Depthwise,
    norm: Norm,
    inner: Linear,
    outer: Linear,
    gamma: Vec<f32>,
}

impl Block {
    fn take(w: &mut Weights, name: &str, node: &str, [size, inner, width, step]: [usize; 4]) -> Self {
        // The exporter numbered the second of two nodes of one name.
        let second = if name.starts_with("pn.text") { "_1" } else { "" };
        let matrix = |which: &str| format!("{node}/{which}{second}/Transpose_output_0");
        Self {
            along: Depthwise::take(w, &format!("{name}.dw"), [size, width, step]),
            norm: Norm::take(w, &format!("{name}.norm"), size),
            inner: rounded(w, &matrix("pw1"), &format!("{name}.pw1.bias"), size, inner),
            outer: rounded(w, &matrix("pw2"), &format!("{name}.pw2.bias"), inner, size),
            gamma: w.take(&format!("{name}.gamma"), &[size]),
        }
    }

    fn apply(&self, x: &mut Matrix) {
        let mut inner = self.inner.apply(&self.norm.apply(&self.along.apply(x)));
        gelu(&mut inner);
        let outer = self.outer.apply(&inner);
        for (line, more) in x.values.chunks_mut(self.gamma.len()).zip(outer.values.chunks(self.gamma.len())) {
            for ((value, more), gamma) in line.iter_mut().zip(more).zip(&self.gamma) {
                *value += more * gamma;
            }
        }
    }
}
