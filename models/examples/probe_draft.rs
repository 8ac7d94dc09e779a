//! Scores prompts with the committed probe classifiers: each line of a JSON-lines file has a `prompt` and the attributes
//! expected of it; a clip is made for each, and the table says how often the probes see what was asked for. The first clips are also
//! extended from their last frames, and below the table stands how far the picture leaps at the joint.
//! Usage: probe_draft MODEL_FOLDER PROBES_FOLDER PROMPTS.jsonl [SEED]
#![allow(clippy::print_stdout)]

use std::{collections::BTreeMap, fs, io::Write, ops::ControlFlow, path::Path};

use candle_core::Device;
use kinora_models::{
    draft::{Clip, Condition, DraftFiles, DraftModel, Order, Picture, Precision},
    probe::Probe,
};

/// Clips that are extended.
const EXTENDED: usize = 24;
/// Frames that an extension goes on from.
const GIVEN: usize = 9;
/// Frames of a second.
const SECOND: usize = 12;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [model, probes, prompts, rest @ ..] = given.as_slice() else {
        return Err("usage: probe_draft MODEL_FOLDER PROBES_FOLDER PROMPTS.jsonl [SEED]".into());
    };
    let first_seed: u64 = rest.first().map_or(Ok(2024), |s| s.parse())?;
    let model = load(Path::new(model))?;
    let read = |name: &str| fs::read(Path::new(probes).join(name));
    let probe = Probe::load(&read("probes.json")?, &read("probes.safetensors")?, &Device::Cpu)?;
    let (mut leaps, mut steps): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut scores: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let prompts = fs::read_to_string(prompts)?;
    let lines: Vec<&str> = prompts.lines().filter(|l| !l.trim().is_empty()).collect();
    for (i, line) in lines.iter().enumerate() {
        let line: BTreeMap<String, serde_json::Value> = serde_json::from_str(line)?;
        let text = |key: &str| line.get(key).and_then(|v| v.as_str());
        let order = Order {
            prompt: text("prompt").ok_or("a line without a prompt")?.to_owned(),
            size: (128, 72),
            frames: 49,
            seed: first_seed + i as u64,
            steps: None,
            guide_scale: None,
            conditions: Vec::new(),
            resume: None,
        };
        let clip = model.generate(&order, &mut |_| ControlFlow::Continue(()))?;
        if i < EXTENDED {
            let (joint, most) = leap(&model, &order, &clip)?;
            leaps.push(joint);
            steps.push(most);
        }
        let seen = probe.look((clip.width, clip.height), &clip.frames)?;
        for (attribute, value) in &seen {
            // Attributes may stand beside the prompt or in a map called "expected".
            let nested = line.get("expected").and_then(|v| v.get(attribute)).and_then(|v| v.as_str());
            if let Some(expected) = text(attribute).or(nested) {
                let score = scores.entry(attribute.clone()).or_default();
                score.0 += usize::from(expected == value);
                score.1 += 1;
            }
        }
        print!("\r{} of {}", i + 1, lines.len());
        std::io::stdout().flush()?;
    }
    println!("\n{:<12} {:>8} {:>8} {:>8}", "attribute", "prompts", "right", "chance");
    for (attribute, (right, all)) in scores {
        let chance = 1.0 / probe.classes().get(&attribute).map_or(1, Vec::len).max(1) as f64;
        println!("{attribute:<12} {all:>8} {:>8.3} {chance:>8.3}", right as f64 / all.max(1) as f64);
    }
    leaps.sort_by(f64::total_cmp);
    if let (Some(median), Some(worst)) = (leaps.get(leaps.len() / 2), leaps.last()) {
        let count = leaps.len();
        println!(
            "change at the joint of an extension over the median change after it: {median:.2} (median of {count}), worst {worst:.2}"
        );
        steps.sort_by(f64::total_cmp);
        println!("largest change in the second after it: {:.2} (median)", steps[steps.len() / 2]);
    }
    Ok(())
}

/// Extends a clip from its last frames: the change at the joint, and the largest in the second after it, over the median change of
/// the new frames.
fn leap(model: &DraftModel, order: &Order, clip: &Clip) -> Outcome<(f64, f64)> {
    let last = clip.frames.get(clip.frames.len() - GIVEN..).ok_or("a clip without frames")?;
    let picture = |rgb: &Vec<u8>| Picture { width: clip.width, height: clip.height, rgb: rgb.clone() };
    let opening = Condition::Opening(last.iter().map(picture).collect());
    let order = Order { conditions: vec![opening], seed: order.seed + 1_000_000, ..order.clone() };
    let more = model.generate(&order, &mut |_| ControlFlow::Continue(()))?;
    let change = |pair: &[Vec<u8>]| match pair {
        [a, b] => a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64,
        _ => 0.0,
    };
    let changes: Vec<f64> = more.frames.windows(2).map(change).collect();
    let (joint, mut after) = (changes[GIVEN - 1], changes[GIVEN..].to_vec());
    let most = after.iter().take(SECOND).copied().fold(0.0, f64::max);
    after.sort_by(f64::total_cmp);
    let median = after[after.len() / 2].max(1e-6);
    Ok((joint / median, most / median))
}

fn load(folder: &Path) -> Outcome<DraftModel> {
    let mut shards = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "safetensors") {
            shards.push(fs::read(path)?);
        }
    }
    let shards: Vec<&[u8]> = shards.iter().map(Vec::as_slice).collect();
    let read = |name: &str| fs::read(folder.join(name));
    let (config, words, lexicon) = (read("config.json")?, read("words.json")?, read("lexicon.json")?);
    let files = DraftFiles { config: &config, words: &words, lexicon: &lexicon, weights: &shards };
    Ok(DraftModel::load(&files, Precision::F32, &Device::Cpu)?)
}
