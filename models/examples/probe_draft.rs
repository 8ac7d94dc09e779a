//! Scores prompts with the committed probe classifiers: each line of a JSON-lines file has a `prompt` and the attributes
//! expected of it; a clip is made for each, and the table says how often the probes see what was asked for.
//! Usage: probe_draft MODEL_FOLDER PROBES_FOLDER PROMPTS.jsonl [SEED]
#![allow(clippy::print_stdout)]

use std::{collections::BTreeMap, fs, io::Write, ops::ControlFlow, path::Path};

use candle_core::Device;
use kinora_models::{
    draft::{DraftFiles, DraftModel, Order, Precision},
    probe::Probe,
};

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
    Ok(())
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
