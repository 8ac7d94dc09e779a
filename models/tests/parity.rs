//! Every committed fixture agrees with the reference implementation. A folder without fixtures fails: nothing is skipped.

use std::{
    fs,
    path::{Path, PathBuf},
};

use kinora_models::parity::{Fixture, Row, run, table};

/// Cases of each family that must be there; a case lost by accident is a failure.
const EXPECTED: [(&str, usize); 3] = [("draft", 22), ("kokoro", 19), ("ltx", 41)];

fn rows_of(case: &Path) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let read = |name: &str| fs::read(case.join(name)).map_err(|e| format!("{}/{name}: {e}", case.display()));
    let (about, config) = (read("fixture.json")?, read("config.json")?);
    let (weights, inputs, outputs) =
        (read("weights.safetensors")?, read("inputs.safetensors")?, read("outputs.safetensors")?);
    let fixture = Fixture { about: &about, config: &config, weights: &weights, inputs: &inputs, outputs: &outputs };
    Ok(run(&fixture, &candle_core::Device::Cpu)?)
}

#[test]
fn every_fixture_agrees_with_the_reference() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut all = Vec::new();
    for (family, count) in EXPECTED {
        let mut cases: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(root.join(family))? {
            cases.push(entry?.path());
        }
        cases.sort();
        assert!(cases.len() >= count, "{family} has {} fixtures of {count}", cases.len());
        for case in &cases {
            let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for mut row in rows_of(case)? {
                row.stage = format!("{name} {}", row.stage.rsplit(' ').next().unwrap_or_default());
                all.push(row);
            }
        }
    }
    let text = table(&all);
    assert!(all.iter().all(Row::agrees), "\n{text}");
    #[allow(clippy::print_stdout)]
    {
        println!("{text}");
    }
    Ok(())
}
