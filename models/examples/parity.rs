//! Compares our models with reference tensors: each folder named is one fixture, laid out as `models/tests/README.md` says.
//! It exists for folders that a person brings; the committed ones are a test as well. Usage: parity FOLDER…
//! It must never pass a folder it could not read or compare: any such folder makes the exit code 1.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{fs, path::Path, process::ExitCode};

use kinora_models::parity::{Fixture, Row, run, table};

fn rows_of(case: &Path) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let read = |name: &str| fs::read(case.join(name)).map_err(|error| format!("{name}: {error}"));
    let (about, config) = (read("fixture.json")?, read("config.json")?);
    let (weights, inputs, outputs) =
        (read("weights.safetensors")?, read("inputs.safetensors")?, read("outputs.safetensors")?);
    let fixture = Fixture { about: &about, config: &config, weights: &weights, inputs: &inputs, outputs: &outputs };
    Ok(run(&fixture, &candle_core::Device::Cpu)?)
}

fn main() -> ExitCode {
    let (mut rows, mut failed) = (Vec::new(), false);
    for folder in std::env::args_os().skip(1) {
        let case = Path::new(&folder);
        match rows_of(case) {
            Ok(compared) => {
                // The case's name first: a class has several, which its stage does not tell apart.
                let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
                rows.extend(compared.into_iter().map(|row| {
                    let output = row.stage.rsplit(' ').next().unwrap_or_default();
                    Row { stage: format!("{name} {output}"), ..row }
                }));
            }
            Err(error) => {
                eprintln!("{} cannot be compared: {error}", case.display());
                failed = true;
            }
        }
    }
    println!("{}", table(&rows));
    let differing = rows.iter().filter(|row| !row.agrees()).count();
    println!("{} outputs compared, {differing} differ", rows.len());
    if failed || differing > 0 || rows.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
