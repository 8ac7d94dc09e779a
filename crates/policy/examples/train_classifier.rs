//! Fits the classifier on `training/corpus.tsv` and writes `packs/classifier.bin`: `cargo run -p kinora-policy --release
//! --example train_classifier` in the crate's folder. One logistic regression a category, by plain gradient steps.
//! It must never see the evaluation set, and uses no chance: the same corpus gives the same bytes.

use std::process::ExitCode;

use kinora_policy::classifier::{BUCKETS, Classifier, LEARNED, features, weight_of_one};
use kinora_policy::sentences;

/// Every sixth template is kept apart with all its sentences, to choose thresholds on: words that were never fitted.
const KEPT_APART: u32 = 6;
/// Of the benign sentences kept apart, so many in a thousand may lie above a threshold. They are the hardest that we could write.
const ABOVE_PERMILLE: usize = 4;
const ROUNDS: u32 = 30;
const STEP: f32 = 2.0;
/// Pulls weights that are seldom needed back to zero.
const DECAY: f32 = 1e-5;
/// Never lower than this, in log-odds: the classifier is the second net, and a wrong guess costs a person's trust.
const LEAST_THRESHOLD: f32 = 0.5;

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
    let corpus = std::fs::read_to_string(folder.join("training/corpus.tsv"))?;
    let samples: Vec<Sample> = corpus
        .lines()
        .filter_map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [label, _, template, text] => Some((label, template.parse().unwrap_or(0), text)),
            _ => None,
        })
        .flat_map(|(label, template, text)| {
            let sample = move |one: String| Sample { label: label.to_owned(), template, buckets: features(&one) };
            sentences(text).into_iter().map(sample)
        })
        .collect();
    let (kept, fitted): (Vec<_>, Vec<_>) = samples.iter().partition(|sample| sample.template % KEPT_APART == 0);
    let mut columns = Vec::new();
    for category in LEARNED {
        let name = category.name();
        let (weights, bias) = fit(name, fitted.iter().copied());
        let score = |sample: &Sample| bias + dot(&weights, &sample.buckets);
        let of = |label: &str| -> Vec<f32> {
            kept.iter().filter(|sample| sample.label == label).map(|sample| score(sample)).collect()
        };
        let mut benign = of("benign");
        benign.sort_by(|one, other| other.total_cmp(one));
        let highest = benign.get(benign.len() * ABOVE_PERMILLE / 1000).copied().unwrap_or(f32::INFINITY);
        let threshold = highest.max(LEAST_THRESHOLD);
        let own = of(name);
        let found = own.iter().filter(|score| **score > threshold).count();
        println!("{name:18} threshold {threshold:.2}, found {found} of {} kept apart", own.len());
        columns.push((weights, bias, threshold));
    }
    std::fs::write(folder.join("packs/classifier.bin"), Classifier::write(&columns))
}

fn dot(weights: &[f32], buckets: &[u32]) -> f32 {
    let sum: f32 = buckets.iter().map(|bucket| weights[*bucket as usize]).sum();
    sum * weight_of_one(buckets.len())
}

/// Samples are taken in a fixed stride through the corpus, so that no round sees one label after the other.
fn fit<'a>(name: &str, samples: impl Iterator<Item = &'a Sample>) -> (Vec<f32>, f32) {
    let samples: Vec<&Sample> = samples.collect();
    let own = samples.iter().filter(|sample| sample.label == name).count();
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
            let wanted = if sample.label == name { 1.0 } else { 0.0 };
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
