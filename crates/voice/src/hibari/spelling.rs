//! Words that no dictionary has: a small transformer that reads letters and writes phonemes.
//!
//! Each letter may become up to four phonemes; repeats fold together and blanks go, as in connectionist temporal classification. It is
//! one of the two networks of hibari and shares its arithmetic.

use super::tensor::{Linear, Matrix, Norm, Weights, attention, gelu};
use kinora_models::onnx::Weight;
use std::collections::HashMap;

const SIZE: usize = 128;
const INNER: usize = 384;
const LAYERS: usize = 4;
const HEADS: usize = 4;
/// Phonemes a letter may become.
const SLOTS: usize = 4;
/// What the exporter called the matrices of each layer (attention, out, inner, outer) and of the last product.
const NAMES: [[u32; 4]; LAYERS] =
    [[490, 498, 499, 500], [501, 509, 510, 511], [512, 520, 521, 522], [523, 531, 532, 533]];
const HEAD: u32 = 534;

#[derive(serde::Deserialize)]
struct Alphabet {
    #[serde(rename = "in")]
    letters: Vec<char>,
    #[serde(rename = "out")]
    phonemes: Vec<char>,
    maxlen: usize,
}

#[derive(Debug)]
pub struct Spelling {
    letters: HashMap<char, usize>,
    phonemes: Vec<char>,
    longest: usize,
    table: Matrix,
    places: Matrix,
    layers: Vec<Layer>,
    norm: Norm,
    head: Linear,
}

#[derive(Debug)]
struct Layer {
    before: Norm,
    joined: Linear,
    out: Linear,
    between: Norm,
    inner: Linear,
    outer: Linear,
}

impl Spelling {
    /// Answers what is missing or unreadable.
    pub fn new(found: HashMap<String, Weight>, alphabet: &[u8]) -> Result<Self, String> {
        let alphabet: Alphabet = serde_json::from_slice(alphabet).map_err(|error| error.to_string())?;
        let mut weights = Weights::new(found);
        let w = &mut weights;
        let linear = |w: &mut Weights, name: u32, bias: &str, inputs: usize, outputs: usize| {
            let matrix = w.take(&format!("onnx::MatMul_{name}"), &[inputs, outputs]);
            Linear::new(&matrix, w.take(bias, &[outputs]), None)
        };
        let layer = |(at, [joined, out, inner, outer]): (usize, &[u32; 4])| {
            let name = format!("m.layers.{at}");
            Layer {
                before: Norm::take(w, &format!("{name}.norm1"), SIZE),
                joined: linear(w, *joined, &format!("{name}.self_attn.in_proj_bias"), SIZE, SIZE * 3),
                out: linear(w, *out, &format!("{name}.self_attn.out_proj.bias"), SIZE, SIZE),
                between: Norm::take(w, &format!("{name}.norm2"), SIZE),
                inner: linear(w, *inner, &format!("{name}.linear1.bias"), SIZE, INNER),
                outer: linear(w, *outer, &format!("{name}.linear2.bias"), INNER, SIZE),
            }
        };
        let layers = NAMES.iter().enumerate().map(layer).collect();
        let letters = alphabet.letters.len() + 1;
        let answers = (alphabet.phonemes.len() + 1) * SLOTS;
        let spelling = Self {
            table: Matrix { rows: letters, columns: SIZE, values: w.take("m.emb.weight", &[letters, SIZE]) },
            places: Matrix { rows: alphabet.maxlen, columns: SIZE, values: w.take("m.pos", &[alphabet.maxlen, SIZE]) },
            layers,
            norm: Norm::take(w, "m.norm", SIZE),
            head: linear(w, HEAD, "m.head.bias", SIZE, answers),
            letters: alphabet.letters.into_iter().zip(1..).collect(),
            phonemes: alphabet.phonemes,
            longest: alphabet.maxlen,
        };
        match weights.missing {
            Some(name) => Err(name),
            None => Ok(spelling),
        }
    }

    /// Phonemes of a word; none when no letter of it is known.
    pub fn read(&self, word: &str) -> String {
        let letters: Vec<usize> =
            word.chars().filter_map(|letter| self.letters.get(&letter)).copied().take(self.longest).collect();
        if letters.is_empty() {
            return String::new();
        }
        let mut x = self.table.gathered(&letters);
        x.values.iter_mut().zip(&self.places.values).for_each(|(value, place)| *value += place);
        for layer in &self.layers {
            x.add(&layer.out.apply(&attention(&layer.joined.apply(&layer.before.apply(&x)), HEADS)));
            let mut inner = layer.inner.apply(&layer.between.apply(&x));
            gelu(&mut inner);
            x.add(&layer.outer.apply(&inner));
        }
        let answers = self.head.apply(&self.norm.apply(&x));
        let mut before = 0;
        let mut said = String::new();
        for scores in answers.values.chunks(self.phonemes.len() + 1) {
            // The first of equals.
            let best = scores
                .iter()
                .enumerate()
                .fold((0, f32::NEG_INFINITY), |best, (at, score)| if *score > best.1 { (at, *score) } else { best });
            if best.0 != before && best.0 != 0 {
                said.extend(self.phonemes.get(best.0 - 1));
            }
            before = best.0;
        }
        said
    }
}
