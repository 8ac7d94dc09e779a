//! Fits the classifier on the corpus in `training/` and writes `packs/classifier.bin`: `cargo run -p kinora-policy --release
//! --example train_classifier` in the crate's folder. One logistic regression a category and one for all that is harmful, by plain
//! gradient steps; what is written for a category is the sum of both, since a sentence that is half of this and half of that is harmful.
//! It must never see the evaluation set, and uses no chance: the same corpus gives the same bytes.

use std::process::ExitCode;

use kinora_policy::classifier::{BUCKETS, Classifier, LEARNED, features, weight_of_one};
use kinora_policy::{Category, sentences};

#[path = "../training/corpus.rs"]
mod corpus;

/// Every sixth template is kept apart with all its sentences, to choose thresholds on: words that were never fitted.
const KEPT_APART: u32 = 6;
/// Of the benign sentences kept apart, so many in a thousand may lie above the threshold in any category. They are the hardest that we
/// could write: of ordinary ones, fewer do.
const ABOVE_PERMILLE: usize = 20;
const ROUNDS: u32 = 60;
const STEP: f32 = 0.5;
/// Pulls weights that are seldom needed back to zero.
const DECAY: f32 = 1e-4;
/// The column of all that is not benign.
const HARMFUL: &str = "harmful";

struct Sample {
    label: String,
    template: u32,
    buckets: Vec<u32>,
}

#[expect(clippy::print_stderr, reason = "a program for a terminal")]
fn main() -> ExitCode {
    match train() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "a program for a terminal")]
fn train() -> Result<(), std::io::Error> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let samples: Vec<Sample> = corpus::read(&folder.join("training"))?
        .into_iter()
        .flat_map(|corpus::Line { label, template, text }| {
            let sample = move |one: String| Sample { label: label.clone(), template, buckets: features(&one) };
            sentences(&text).into_iter().map(sample)
        })
        .collect();
    let (kept, fitted): (Vec<_>, Vec<_>) = samples.iter().partition(|sample| sample.template % KEPT_APART == 0);
    let heads = heads(&fitted);
    let score = |(weights, bias): &(Vec<f32>, f32), sample: &Sample| bias + dot(weights, &sample.buckets);
    let highest = |sample: &Sample| heads.iter().map(|head| score(head, sample)).fold(f32::NEG_INFINITY, f32::max);
    let mut benign: Vec<f32> = kept.iter().filter(|sample| sample.label == "benign").map(|one| highest(one)).collect();
    benign.sort_by(|one, other| other.total_cmp(one));
    let threshold = benign.get(benign.len() * ABOVE_PERMILLE / 1000).copied().unwrap_or(f32::INFINITY);
    for category in LEARNED {
        let own: Vec<f32> = kept.iter().filter(|one| one.label == category.name()).map(|one| highest(one)).collect();
        let found = own.iter().filter(|score| **score > threshold).count();
        println!("{:18} threshold {threshold:.2}, found {found} of {} kept apart", category.name(), own.len());
    }
    // The threshold is chosen; now the model may learn from what was kept apart, too.
    let columns: Vec<_> = self::heads(&samples.iter().collect::<Vec<_>>())
        .into_iter()
        .map(|(weights, bias)| (weights, bias, threshold))
        .collect();
    std::fs::write(folder.join("packs/classifier.bin"), Classifier::write(&columns))
}

/// Weights and bias for each category.
fn heads(samples: &[&Sample]) -> Vec<(Vec<f32>, f32)> {
    let fit = |name: &str| fit(name, samples.iter().copied());
    let (all, all_bias) = fit(HARMFUL);
    let head = |category: Category| {
        let (weights, bias) = fit(category.name());
        (weights.iter().zip(&all).map(|(one, other)| one + other).collect(), bias + all_bias)
    };
    LEARNED.into_iter().map(head).collect()
}

fn dot(weights: &[f32], buckets: &[u32]) -> f32 {
    let sum: f32 = buckets.iter().map(|bucket| weights[*bucket as usize]).sum();
    sum * weight_of_one(buckets.len())
}

/// Samples are taken in a fixed stride through the corpus, so that no round sees one label after the other.
fn fit<'a>(name: &str, samples: impl Iterator<Item = &'a Sample>) -> (Vec<f32>, f32) {
    let samples: Vec<&Sample> = samples.collect();
    let is_own = |sample: &Sample| sample.label == name || name == HARMFUL && sample.label != "benign";
    let own = samples.iter().filter(|sample| is_own(sample)).count();
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let rarity = ((samples.len() - own) as f32 / own.max(1) as f32).sqrt();
    let stride = (samples.len() * 5 / 8..).find(|stride| coprime(*stride, samples.len())).unwrap_or(1);
    let (mut weights, mut bias) = (vec![0f32; BUCKETS], 0f32);
    for round in 0..ROUNDS {
        #[expect(clippy::cast_precision_loss, reason = "tens")]
        let step = STEP / (1.0 + round as f32 * 0.3);
        let mut at = round as usize % samples.len();
        for _ in 0..samples.len() {
            let sample = samples[at];
            at = (at + stride) % samples.len();
            let wanted = if is_own(sample) { 1.0 } else { 0.0 };
            let got = 1.0 / (1.0 + (-bias - dot(&weights, &sample.buckets)).exp());
            let weight = if wanted > 0.5 { rarity } else { 1.0 };
            let push = step * weight * (wanted - got) * weight_of_one(sample.buckets.len());
            for bucket in &sample.buckets {
                let held = &mut weights[*bucket as usize];
                *held += push - step * DECAY * *held;
            }
            bias += 0.05 * step * weight * (wanted - got);
        }
    }
    (weights, bias)
}

fn coprime(mut one: usize, mut other: usize) -> bool {
    while other > 0 {
        (one, other) = (other, one % other);
    }
    one == 1
}
