//! Fits the classifier on the corpus in `training/` and writes `packs/classifier.bin`: `cargo run -p kinora-policy --release
//! --example train_classifier` in the crate's folder. One logistic regression a category and one for all that is harmful, by plain
//! gradient steps; what is written for a category is the sum of both, since a sentence that is half of this and half of that is harmful.
//! With names of files behind it (`-- english-a german`) it writes nothing: it fits without those and prints what it finds in them.
//! It must never see the evaluation set, and uses no chance: the same corpus gives the same bytes.

use std::collections::BTreeMap;
use std::process::ExitCode;

use kinora_policy::children::named_in;
use kinora_policy::classifier::{BUCKETS, Classifier, LEARNED, features, weight_of_one};
use kinora_policy::sentences;

#[path = "../training/corpus.rs"]
mod corpus;

/// The templates in so many parts: each is kept apart once, with all its sentences, while the others are fitted. Thresholds are chosen on
/// what models say of words they never saw; one part alone would leave them to chance.
const PARTS: u32 = 6;
/// Of the benign sentences kept apart, so many in a thousand may lie above the threshold in any category. They are the hardest that we
/// could write: of ordinary ones, fewer do.
const ABOVE_PERMILLE: usize = 19;
/// Of those that name a child, so many in a thousand may lie above the threshold that a sexual sentence has beside one: few, as five
/// took "The camera zooms out" in a film about a boy for harm.
const ABOVE_BESIDE_A_CHILD_PERMILLE: usize = 1;
/// More rounds learn the corpus by heart: of files kept apart, 12 find more than 60 did.
const ROUNDS: u32 = 12;
const STEP: f32 = 0.5;
/// Pulls weights back to zero, so that a sentence is told by many of its pieces and not by one.
const DECAY: f32 = 6e-3;
/// The column of all that is not benign, behind those of the categories.
const HARMFUL: usize = LEARNED.len();
/// One stands idle: eight numbers go through the processor at once.
const COLUMNS: usize = 8;

struct Sample {
    /// The place of its category among the learned; nothing for a benign one.
    category: Option<usize>,
    file: String,
    template: u32,
    names_a_child: bool,
    buckets: Vec<u32>,
}

struct Fitted {
    weights: Vec<[f32; COLUMNS]>,
    bias: [f32; COLUMNS],
}

#[expect(clippy::print_stderr, reason = "a program for a terminal")]
fn main() -> ExitCode {
    let done = samples().and_then(|samples| match std::env::args().skip(1).collect::<Vec<_>>() {
        files if files.is_empty() => write(&samples),
        files => {
            try_without(&samples, &files);
            Ok(())
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn folder() -> &'static std::path::Path {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn samples() -> Result<Vec<Sample>, std::io::Error> {
    let mut out = Vec::new();
    for corpus::Line { file, label, template, text } in corpus::read(&folder().join("training"))? {
        let category = LEARNED.iter().position(|category| category.name() == label);
        let parts = sentences(&text);
        let names_a_child = parts.iter().any(|one| named_in(one));
        out.extend(parts.into_iter().map(|one| {
            let buckets = features(&one);
            Sample { category, file: file.clone(), template, names_a_child, buckets }
        }));
    }
    Ok(out)
}

#[expect(clippy::print_stdout, reason = "a program for a terminal")]
fn write(samples: &[Sample]) -> Result<(), std::io::Error> {
    let mut kept: Vec<(&Sample, f32, f32)> = Vec::with_capacity(samples.len());
    for part in 0..PARTS {
        let (apart, fitted): (Vec<_>, Vec<_>) = samples.iter().partition(|sample| sample.template % PARTS == part);
        let model = fit(&fitted);
        kept.extend(apart.into_iter().map(|one| (one, highest(&model, one), scores(&model, one)[0])));
    }
    let benign = || kept.iter().filter(|(sample, ..)| sample.category.is_none());
    let threshold = above(benign().map(|(_, highest, _)| *highest), ABOVE_PERMILLE);
    let near = || benign().filter(|(sample, ..)| sample.names_a_child);
    let beside = above(near().map(|(.., sexual)| *sexual), ABOVE_BESIDE_A_CHILD_PERMILLE).min(threshold);
    println!("threshold {threshold:.2}; beside a child {beside:.2}, of {} sentences that name one", near().count());
    for (at, category) in LEARNED.iter().enumerate() {
        let own = || kept.iter().filter(|(one, ..)| one.category == Some(at));
        let found = own().filter(|(_, score, _)| *score > threshold).count();
        println!("{:18} found {found} of {} kept apart", category.name(), own().count());
    }
    // The threshold is chosen; now the model may learn from all of it.
    let model = fit(&samples.iter().collect::<Vec<_>>());
    let column = |at: usize| {
        let weights = model.weights.iter().map(|row| row[at] + row[HARMFUL]).collect();
        (weights, model.bias[at] + model.bias[HARMFUL], threshold)
    };
    let columns: Vec<_> = (0..LEARNED.len()).map(column).collect();
    std::fs::write(folder().join("packs/classifier.bin"), Classifier::write(&columns, beside))
}

/// What a stranger's prompts would meet: of each file, the share of harmful lines found where 1 or 2 in 100 of its own benign lines are.
#[expect(clippy::print_stdout, reason = "a program for a terminal")]
fn try_without(samples: &[Sample], files: &[String]) {
    let model = fit(&samples.iter().filter(|sample| !files.contains(&sample.file)).collect::<Vec<_>>());
    for file in files {
        let mut lines: BTreeMap<(Option<usize>, u32), f32> = BTreeMap::new();
        for sample in samples.iter().filter(|sample| sample.file == *file) {
            let held = lines.entry((sample.category, sample.template)).or_insert(f32::NEG_INFINITY);
            *held = held.max(highest(&model, sample));
        }
        let of =
            |wanted: Option<usize>| lines.iter().filter(move |((one, _), _)| *one == wanted).map(|(_, score)| *score);
        for permille in [10, 20] {
            let threshold = above(of(None), permille);
            let found = |at: usize| {
                let (hits, all) = (of(Some(at)).filter(|score| *score > threshold).count(), of(Some(at)).count());
                (all > 0).then(|| format!("{} {hits}/{all}", LEARNED[at].name()))
            };
            let found: Vec<String> = (0..LEARNED.len()).filter_map(found).collect();
            println!("{file}, {permille} of 1000 benign: {}", found.join(", "));
        }
    }
}

/// The score that so many in a thousand lie above.
fn above(scores: impl Iterator<Item = f32>, permille: usize) -> f32 {
    let mut scores: Vec<f32> = scores.collect();
    scores.sort_by(|one, other| other.total_cmp(one));
    scores.get(scores.len() * permille / 1000).copied().unwrap_or(f32::INFINITY)
}

/// Each category's score, that of all harmful ones in it.
fn scores(model: &Fitted, sample: &Sample) -> [f32; LEARNED.len()] {
    let sums = sums(model, &sample.buckets);
    std::array::from_fn(|at| sums[at] + sums[HARMFUL])
}

fn highest(model: &Fitted, sample: &Sample) -> f32 {
    scores(model, sample).into_iter().fold(f32::NEG_INFINITY, f32::max)
}

fn sums(model: &Fitted, buckets: &[u32]) -> [f32; COLUMNS] {
    let mut sums = [0f32; COLUMNS];
    for bucket in buckets {
        let row = &model.weights[*bucket as usize];
        sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += weight);
    }
    let length = weight_of_one(buckets.len());
    std::array::from_fn(|at| sums[at] * length + model.bias[at])
}

/// All columns at once. Samples are taken in a fixed stride through the corpus, so that no round sees one label after the other.
fn fit(samples: &[&Sample]) -> Fitted {
    let is_own = |sample: &Sample, column: usize| match column {
        HARMFUL => sample.category.is_some(),
        _ => sample.category == Some(column),
    };
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let rarity: [f32; COLUMNS] = std::array::from_fn(|column| {
        let own = samples.iter().filter(|sample| is_own(sample, column)).count();
        ((samples.len() - own) as f32 / own.max(1) as f32).sqrt()
    });
    let stride = (samples.len() * 5 / 8..).find(|stride| coprime(*stride, samples.len())).unwrap_or(1);
    let mut model = Fitted { weights: vec![[0f32; COLUMNS]; BUCKETS], bias: [0f32; COLUMNS] };
    for round in 0..ROUNDS {
        #[expect(clippy::cast_precision_loss, reason = "tens")]
        let step = STEP / (1.0 + round as f32 * 0.3);
        let mut at = round as usize % samples.len();
        for _ in 0..samples.len() {
            let sample = samples[at];
            at = (at + stride) % samples.len();
            let got = sums(&model, &sample.buckets);
            let mut push = [0f32; COLUMNS];
            for column in 0..=HARMFUL {
                let own = is_own(sample, column);
                let (wanted, weight) = if own { (1.0, rarity[column]) } else { (0.0, 1.0) };
                push[column] = step * weight * (wanted - 1.0 / (1.0 + (-got[column]).exp()));
                model.bias[column] += 0.05 * push[column];
                push[column] *= weight_of_one(sample.buckets.len());
            }
            for bucket in &sample.buckets {
                let row = &mut model.weights[*bucket as usize];
                row.iter_mut().zip(push).for_each(|(held, push)| *held += push - step * DECAY * *held);
            }
        }
    }
    model
}

fn coprime(mut one: usize, mut other: usize) -> bool {
    while other > 0 {
        (one, other) = (other, one % other);
    }
    one == 1
}
