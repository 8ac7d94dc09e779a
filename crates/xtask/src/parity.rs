//! `cargo xtask parity` and `probe`: the models against reference tensors, and against what prompts asked for.
//! It exists so that both run on any folder or list a person brings, not only on the committed ones.
//! It must never decide tolerances or scores: the models' own programs do, and their exit codes count here.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::trouble::Trouble;
use crate::{build, process, say, workspace};

const FIXTURES: &str = "models/tests/fixtures";
/// The bundled weights; their probe classifiers lie in `probes/` below.
const MODEL: &str = "models/draft";

/// Compares each folder of reference tensors; without any, all the committed ones.
pub fn parity(rest: &[String]) -> Result<(), Trouble> {
    let given = if rest.is_empty() {
        vec![workspace::root()?.join(FIXTURES)]
    } else {
        rest.iter().map(PathBuf::from).collect()
    };
    let mut folders = Vec::new();
    for folder in given {
        folders.extend(fixtures_in(&folder)?);
    }
    perform("parity", "Comparing our models with reference tensors", "a minute", &folders)
}

/// Scores the prompts of a JSON-lines file.
pub fn probe(rest: &[String]) -> Result<(), Trouble> {
    match rest {
        [file] if Path::new(file).is_file() => {
            let model = workspace::root()?.join(MODEL);
            let arguments = [model.clone(), model.join("probes"), PathBuf::from(file)];
            perform("probe_draft", "Generating and scoring prompts", "5 seconds a prompt on two cores", &arguments)
        }
        [file] => Err(Trouble::request(format!(
            "Cannot find {file}: give a file with one prompt and its attributes a line, as JSON."
        ))),
        _ => Err(Trouble::request("`probe` takes one file of prompts: cargo xtask probe FILE.jsonl")),
    }
}

fn perform(example: &str, what: &str, usually: &str, arguments: &[PathBuf]) -> Result<(), Trouble> {
    let started = Instant::now();
    say::step(what, usually);
    let program = build::example(example, false)?;
    process::run(Command::new(program).args(arguments))?;
    say::done(example, started.elapsed());
    Ok(())
}

/// The folder itself if it is a fixture, and every one below it that is.
fn fixtures_in(top: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut found = Vec::new();
    let mut waiting = vec![top.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        let entries = std::fs::read_dir(&folder)
            .map_err(|error| Trouble::request(format!("Cannot read {}: {error}.", workspace::short(&folder))))?;
        waiting.extend(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()));
        if folder.join("fixture.json").is_file() {
            found.push(folder);
        }
    }
    found.sort();
    if found.is_empty() {
        let name = workspace::short(top);
        return Err(Trouble::request(format!(
            "{name} holds no reference tensors (models/tests/README.md says how they are laid out)."
        )));
    }
    Ok(found)
}
