//! Fits the classifier on the corpus in `training/` and writes `packs/classifier.bin`: `cargo run -p kinora-policy --release
//! --example train_classifier` in the crate's folder. One logistic regression a category and one for all that is harmful, by plain
//! gradient steps; what is written for a category is the sum of both, since a sentence that is half of this and half of that is harmful.
//! With names of files behind it (`-- english-a german`) it writes nothing: it fits without those and prints what it finds in them.
//! It must never see the evaluation set, and uses no chance: the same corpus gives the same bytes.

use std::collections::BTreeMap;
use std::process::ExitCode;

use kinora_policy::Category;
use kinora_policy::children::named_in;
use kinora_policy::classes::Classes;
use kinora_policy::classifier::{Classifier, LEARNED, Thresholds, features, weight_of_one};
use kinora_policy::{plain_passages, plain_sentences};

#[path = "../training/corpus.rs"]
mod corpus;

/// The templates in so many parts: each is kept apart once, with all its sentences, while the others are fitted. Thresholds are chosen on
/// what models say of words they never saw; one part alone would leave them to chance.
const PARTS: u32 = 6;
/// A feature that fewer passages have is left out: it would be learned by heart.
const FEWEST_PASSAGES: u32 = 3;
/// Of the benign passages kept apart, so many in a thousand may lie above the threshold in any category. They are the hardest that we
/// could write: of ordinary ones, fewer do.
const ABOVE_PERMILLE: usize = 30;
/// Of the benign sentences looked at alone, so many in a thousand may: few, as every sentence of a passage has this chance beside it.
const ABOVE_ALONE_PERMILLE: usize = 12;
/// Of those that name a child, so many in a thousand may lie above the threshold that a sexual passage has beside one: few, as five
/// took "The camera zooms out" in a film about a boy for harm.
const SEXUAL_BESIDE_A_CHILD_PERMILLE: usize = 1;
/// … and above that of minors, the worst category, which few harmless passages resemble.
const MINORS_BESIDE_A_CHILD_PERMILLE: usize = 4;
const ROUNDS: u32 = 20;
const STEP: f32 = 0.2;
/// The model is the mean of what it was after each of the later rounds: after any one of them it leans to the lines read last.
const MEAN_FROM: u32 = 8;
/// Pulls weights back to zero, so that a sentence is told by many of its pieces and not by one.
const DECAY: f32 = 6e-3;
/// The column of all that is not benign, behind those of the categories.
const HARMFUL: usize = LEARNED.len();
/// One stands idle: eight numbers go through the processor at once.
const COLUMNS: usize = 8;

struct Corpus {
    passages: Vec<Sample>,
    /// Of benign lines with several.
    sentences: Vec<Sample>,
    /// The buckets of the features that are kept; samples hold places in this list.
    known: Vec<u32>,
    classes: Classes,
}

struct Sample {
    /// The place of its category among the learned; nothing for a benign one.
    category: Option<usize>,
    file: String,
    template: u32,
    names_a_child: bool,
    features: Vec<u32>,
}

struct Fitted {
    weights: Vec<[f32; COLUMNS]>,
    bias: [f32; COLUMNS],
}

#[expect(clippy::print_stderr, reason = "a program for a terminal")]
fn main() -> ExitCode {
    let done = corpus().and_then(|corpus| match std::env::args().skip(1).collect::<Vec<_>>() {
        files if files.is_empty() => write(&corpus),
        files => {
            try_without(&corpus, &files);
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

fn classes() -> Result<Classes, std::io::Error> {
    let files = std::fs::read_dir(folder().join("training/classes"))?;
    let mut files: Vec<_> = files.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    files.sort();
    let lists: Vec<String> = files.iter().map(std::fs::read_to_string).collect::<Result<_, _>>()?;
    Ok(Classes::of_lists(&lists))
}

fn corpus() -> Result<Corpus, Box<dyn std::error::Error>> {
    let classes = classes()?;
    let (mut passages, mut sentences) = (Vec::new(), Vec::new());
    for corpus::Line { file, label, template, text } in corpus::read(&folder().join("training"))? {
        let category = LEARNED.iter().position(|category| category.name() == label);
        let parts = plain_sentences(&text);
        let names_a_child = parts.iter().any(|one| named_in(one));
        let sample = |words: &String| {
            let features = features(words, &classes);
            Sample { category, file: file.clone(), template, names_a_child, features }
        };
        passages.extend(plain_passages(&text).iter().map(sample));
        if category.is_none() && parts.len() > 1 {
            sentences.extend(parts.iter().map(sample));
        }
    }
    let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
    passages.iter().flat_map(|sample| &sample.features).for_each(|bucket| *counts.entry(*bucket).or_default() += 1);
    let known: Vec<u32> =
        counts.into_iter().filter(|(_, count)| *count >= FEWEST_PASSAGES).map(|(bucket, _)| bucket).collect();
    for sample in passages.iter_mut().chain(&mut sentences) {
        let place = |bucket: &u32| known.binary_search(bucket).ok().and_then(|place| u32::try_from(place).ok());
        sample.features = sample.features.iter().filter_map(place).collect();
    }
    Ok(Corpus { passages, sentences, known, classes })
}

#[expect(clippy::print_stdout, reason = "a program for a terminal")]
fn write(corpus: &Corpus) -> Result<(), Box<dyn std::error::Error>> {
    let mut kept: Vec<(&Sample, [f32; LEARNED.len()])> = Vec::with_capacity(corpus.passages.len());
    let mut alone: Vec<f32> = Vec::with_capacity(corpus.sentences.len());
    for part in 0..PARTS {
        let is_apart = |sample: &&Sample| sample.template % PARTS == part;
        let (apart, fitted): (Vec<_>, Vec<_>) = corpus.passages.iter().partition(is_apart);
        let model = fit(corpus, &fitted);
        kept.extend(apart.into_iter().map(|one| (one, scores(&model, one))));
        alone.extend(corpus.sentences.iter().filter(is_apart).map(|one| highest(&scores(&model, one))));
    }
    let benign = || kept.iter().filter(|(sample, _)| sample.category.is_none());
    let passage = above(benign().map(|(_, scores)| highest(scores)), ABOVE_PERMILLE);
    let more_alone = above(alone.into_iter(), ABOVE_ALONE_PERMILLE).max(passage) - passage;
    let near = || benign().filter(|(sample, _)| sample.names_a_child);
    let of_near = |wanted: Category, permille: usize| {
        let at = LEARNED.iter().position(|category| *category == wanted).unwrap_or_default();
        above(near().map(|(_, scores)| scores[at]), permille).min(passage)
    };
    let thresholds = Thresholds {
        passage,
        more_alone,
        sexual_beside_a_child: of_near(Category::Sexual, SEXUAL_BESIDE_A_CHILD_PERMILLE),
        minors_beside_a_child: of_near(Category::Minors, MINORS_BESIDE_A_CHILD_PERMILLE),
    };
    println!("{} features, {} benign passages that name a child; {thresholds:.2?}", corpus.known.len(), near().count());
    for (at, category) in LEARNED.iter().enumerate() {
        let own = || kept.iter().filter(|(one, _)| one.category == Some(at));
        let found = own().filter(|(_, scores)| highest(scores) > passage).count();
        println!("{:18} found {found} of {} kept apart", category.name(), own().count());
    }
    // The thresholds are chosen; now the model may learn from all of it.
    let model = fit(corpus, &corpus.passages.iter().collect::<Vec<_>>());
    let row = |weights: &[f32; COLUMNS]| std::array::from_fn(|at| weights[at] + weights[HARMFUL]);
    let weights = corpus.known.iter().copied().zip(model.weights.iter().map(row)).collect();
    let biases = std::array::from_fn(|at| model.bias[at] + model.bias[HARMFUL]);
    std::fs::write(
        folder().join("packs/classifier.bin"),
        Classifier::write(thresholds, biases, &corpus.classes, &weights),
    )?;
    Ok(())
}

/// What a stranger's prompts would meet: of each file, the share of harmful lines found where 1 or 2 in 100 of its own benign lines are.
#[expect(clippy::print_stdout, reason = "a program for a terminal")]
fn try_without(corpus: &Corpus, files: &[String]) {
    let samples = &corpus.passages;
    let model = fit(corpus, &samples.iter().filter(|sample| !files.contains(&sample.file)).collect::<Vec<_>>());
    for file in files {
        let mut lines: BTreeMap<(Option<usize>, u32), f32> = BTreeMap::new();
        for sample in samples.iter().filter(|sample| sample.file == *file) {
            let held = lines.entry((sample.category, sample.template)).or_insert(f32::NEG_INFINITY);
            *held = held.max(highest(&scores(&model, sample)));
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
    let sums = sums(model, &sample.features);
    std::array::from_fn(|at| sums[at] + sums[HARMFUL])
}

fn highest(scores: &[f32; LEARNED.len()]) -> f32 {
    scores.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

fn sums(model: &Fitted, features: &[u32]) -> [f32; COLUMNS] {
    let mut sums = [0f32; COLUMNS];
    for feature in features {
        let row = &model.weights[*feature as usize];
        sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += weight);
    }
    let length = weight_of_one(features.len());
    std::array::from_fn(|at| sums[at] * length + model.bias[at])
}

/// All columns at once. Samples are taken in a stride through the corpus, another one each round, so that none sees one label after the other.
fn fit(corpus: &Corpus, samples: &[&Sample]) -> Fitted {
    let is_own = |sample: &Sample, column: usize| match column {
        HARMFUL => sample.category.is_some(),
        _ => sample.category == Some(column),
    };
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let rarity: [f32; COLUMNS] = std::array::from_fn(|column| {
        let own = samples.iter().filter(|sample| is_own(sample, column)).count();
        ((samples.len() - own) as f32 / own.max(1) as f32).sqrt()
    });
    let mut model = Fitted { weights: vec![[0f32; COLUMNS]; corpus.known.len()], bias: [0f32; COLUMNS] };
    let mut mean = Fitted { weights: model.weights.clone(), bias: model.bias };
    for round in 0..ROUNDS {
        let about = samples.len() * (50 + 2 * round as usize) / 100;
        let stride = (about.max(1)..).find(|stride| coprime(*stride, samples.len())).unwrap_or(1);
        #[expect(clippy::cast_precision_loss, reason = "tens")]
        let step = STEP / (1.0 + round as f32 * 0.3);
        let mut at = round as usize % samples.len();
        for _ in 0..samples.len() {
            let sample = samples[at];
            at = (at + stride) % samples.len();
            let got = sums(&model, &sample.features);
            let mut push = [0f32; COLUMNS];
            for column in 0..=HARMFUL {
                let own = is_own(sample, column);
                let (wanted, weight) = if own { (1.0, rarity[column]) } else { (0.0, 1.0) };
                push[column] = step * weight * (wanted - 1.0 / (1.0 + (-got[column]).exp()));
                model.bias[column] += 0.05 * push[column];
                push[column] *= weight_of_one(sample.features.len());
            }
            for feature in &sample.features {
                let row = &mut model.weights[*feature as usize];
                row.iter_mut().zip(push).for_each(|(held, push)| *held += push - step * DECAY * *held);
            }
        }
        if round >= MEAN_FROM {
            #[expect(clippy::cast_precision_loss, reason = "tens")]
            let share = 1.0 / (ROUNDS - MEAN_FROM) as f32;
            let rows = mean.weights.iter_mut().zip(&model.weights).chain([(&mut mean.bias, &model.bias)]);
            rows.for_each(|(mean, row)| mean.iter_mut().zip(row).for_each(|(mean, held)| *mean += held * share));
        }
    }
    mean
}

fn coprime(mut one: usize, mut other: usize) -> bool {
    while other > 0 {
        (one, other) = (other, one % other);
    }
    one == 1
}
