//! `cargo xtask bench`: figures on this machine, beside what we aim at and what others reach.
//! It exists so that a claim about speed is a command. A bench is an example called `bench_…` in any package; it prints
//! one JSON object a line, `{"what", "value", "unit"}` and where known `"aim"` (text), `"beside"` (whom it is compared
//! with) and `"reference"` (their figure, same unit); or lines `name seconds processor-seconds` and `peak MB name number`.
//! Others are passed on.
//! It must never print a figure that was not measured in this run.

use std::process::Command;
use std::time::Instant;

use serde::Deserialize;

use crate::display::Screen;
use crate::trouble::Trouble;
use crate::{build, process, python, say, ui, workspace};

struct Bench {
    name: &'static str,
    /// The example to build and run.
    example: &'static str,
    what: &'static str,
    usually: &'static str,
    /// Files it is given, from the top of the repository.
    files: &'static [&'static str],
    /// A script of the training folder that prints the same names, measured by torch in the same run. It is given the first of the files.
    torch: Option<&'static str>,
    /// It drives the window: it gets the program before the files, with its page, and a screen of its own.
    window: bool,
    /// It compares itself with the reference library: it gets a Python that has it, the folder of the scripts, and a place for gigabytes.
    /// Such a bench runs only when it is named.
    reference: bool,
}

/// One line adds a bench.
const BENCHES: &[Bench] = &[
    Bench {
        name: "screenplay",
        example: "bench_screenplay",
        what: "parse a script of 2 MiB",
        usually: "5 s",
        files: &[],
        torch: None,
        window: false,
        reference: false,
    },
    Bench {
        name: "edit",
        example: "bench_edit",
        what: "an edit until it is acknowledged, p50 and p95, in a film of 1,000 shots",
        usually: "a minute",
        files: &[],
        torch: None,
        window: false,
        reference: false,
    },
    Bench {
        name: "open",
        example: "bench_open",
        what: "open a film of 1,000 shots",
        usually: "20 s",
        files: &[],
        torch: None,
        window: false,
        reference: false,
    },
    Bench {
        name: "export",
        example: "bench_export",
        what: "a whole export at 1080p beside a bare GStreamer pipeline",
        usually: "2 minutes",
        files: &[],
        torch: None,
        window: false,
        reference: false,
    },
    Bench {
        name: "mix",
        example: "bench_mix",
        what: "32 tracks of sound for half an hour",
        usually: "a minute",
        files: &[],
        torch: None,
        window: false,
        reference: false,
    },
    Bench {
        name: "playback",
        example: "bench_playback",
        what: "whether playback of 32 tracks runs dry while takes are made",
        usually: "20 s",
        files: &[],
        torch: None,
        window: false,
        reference: false,
    },
    Bench {
        name: "voice",
        example: "bench_voice",
        what: "both voices: seconds of speech for each second of one processor",
        usually: "10 s",
        files: &[],
        torch: None,
        window: false,
        reference: false,
    },
    Bench {
        name: "pictures",
        example: "bench_pictures",
        what: "the check of one picture; how many of our own are refused",
        usually: "10 s",
        files: &["docs", "docs/rooms"],
        torch: None,
        window: false,
        reference: false,
    },
    Bench {
        name: "draft",
        example: "bench_draft",
        what: "a draft shot: seconds by stage, peak memory, torch",
        usually: "2 minutes",
        files: &[
            "models/draft/config.json",
            "models/draft/denoiser-00001-of-00002.safetensors",
            "models/draft/denoiser-00002-of-00002.safetensors",
            "models/draft/text.safetensors",
            "models/draft/vae.safetensors",
        ],
        torch: Some("bench_torch.py"),
        window: false,
        reference: false,
    },
    Bench {
        name: "window",
        example: "bench_window",
        what: "a film of 1,000 shots and 5,000 clips in the real window: opening, timeline, edits, scrubbing, playing, memory",
        usually: "3 minutes",
        files: &[],
        torch: None,
        window: true,
        reference: false,
    },
    Bench {
        name: "ltx",
        example: "bench_ltx",
        what: "LTX-Video with random weights of the real shapes in every layout: seconds a step, memory and its forecast, beside the reference",
        usually: "40 minutes; 45 GB of disk and 16 GB of memory",
        files: &[],
        torch: None,
        window: false,
        reference: true,
    },
    Bench {
        name: "watermark",
        example: "bench_watermark",
        what: "what an invisible mark survives, and what it costs a frame",
        usually: "10 minutes",
        files: &[],
        torch: None,
        window: false,
        reference: false,
    },
    Bench {
        name: "capture",
        example: "bench_capture",
        what: "a virtual camera and microphone of the system, recorded in step at 720p for two minutes",
        usually: "3 minutes",
        files: &[],
        torch: None,
        window: false,
        reference: false,
    },
    Bench {
        name: "policy",
        example: "bench_policy",
        what: "what the policy refuses and lets through, with intervals, and the time a prompt takes",
        usually: "5 s",
        files: &[],
        torch: None,
        window: false,
        reference: false,
    },
];

/// Benches that are told how long to go on, by `--seconds`.
const TIMED: [&str; 2] = ["export", "playback"];

#[derive(Deserialize)]
struct Row {
    what: String,
    value: f64,
    unit: String,
    #[serde(default)]
    aim: Option<String>,
    #[serde(default)]
    beside: Option<String>,
    #[serde(default)]
    reference: Option<f64>,
}

pub fn task(rest: &[String]) -> Result<(), Trouble> {
    let release = rest.iter().any(|word| word == "--release");
    let mut names: Vec<&str> = rest.iter().map(String::as_str).filter(|word| *word != "--release").collect();
    let seconds = seconds(&mut names)?;
    if names == ["--list"] {
        for bench in BENCHES {
            say::line(&format!("{:<12}{}", bench.name, bench.what));
        }
        return Ok(());
    }
    if let Some(unknown) = names.iter().find(|name| !BENCHES.iter().any(|bench| bench.name == **name)) {
        return Err(Trouble::request(format!(
            "There is no bench \"{unknown}\": `cargo xtask bench --list` names them."
        )));
    }
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    let wanted = |bench: &&Bench| if names.is_empty() { !bench.reference } else { names.contains(&bench.name) };
    for bench in BENCHES.iter().filter(wanted) {
        let started = Instant::now();
        say::step(&format!("{}: {}", bench.name, bench.what), &format!("{}, and the build before it", bench.usually));
        match measure(bench, release, seconds, &mut rows) {
            Ok(()) => say::done(bench.name, started.elapsed()),
            Err(trouble) => {
                say::trouble(&trouble);
                failed.push(bench.name);
            }
        }
    }
    let how = if release {
        "release build"
    } else {
        "development build, as `cargo xtask run` makes it; --release for the other"
    };
    say::line(&format!("\nMeasured on this machine, {how}:\n"));
    say::line(&table(&rows));
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Trouble::failed(format!("Not measured: {}. The reasons are above.", failed.join(", "))))
    }
}

/// Takes `--seconds N` out of the words; the benches that are left must be ones that know what to do with it.
fn seconds(names: &mut Vec<&str>) -> Result<Option<u32>, Trouble> {
    let Some(at) = names.iter().position(|word| *word == "--seconds") else { return Ok(None) };
    names.remove(at);
    let number = if at < names.len() { names.remove(at).parse::<u32>().ok() } else { None };
    let wanted = number.filter(|seconds| *seconds > 0);
    if wanted.is_none() || names.is_empty() || names.iter().any(|name| !TIMED.contains(name)) {
        let known = TIMED.join(", ");
        return Err(Trouble::request(format!("--seconds is a whole number for one of these: {known}.")));
    }
    Ok(wanted)
}

fn measure(bench: &Bench, release: bool, seconds: Option<u32>, rows: &mut Vec<Row>) -> Result<(), Trouble> {
    let program = build::example(bench.example, release)?;
    let mut measured = Vec::new();
    let root = workspace::root()?;
    let mut files: Vec<_> = bench.files.iter().map(|file| root.join(file)).collect();
    let mut command = Command::new(program);
    command.current_dir(&root);
    // Held until the program has ended.
    let screen = if bench.window { Some(Screen::open()?) } else { None };
    if let Some(screen) = &screen {
        ui::build(false)?;
        files.insert(0, build::app(release)?);
        command.env("DISPLAY", &screen.name);
    }
    if bench.reference {
        let place = workspace::cache()?.join("bench").join(bench.name);
        command.arg(python::with_reference()?).arg(root.join(python::SCRIPTS)).arg(place);
    }
    command.args(seconds.map(|seconds| seconds.to_string()));
    process::run_and_read(command.args(&files), |line| measured.extend(row(line)))?;
    drop(screen);
    if measured.is_empty() {
        say::note("its figures are the lines above: it prints none for the table");
    }
    if let Some(script) = bench.torch {
        say::step(&format!("{}: the same in torch", bench.name), "2 minutes");
        let folder = root.join(python::TRAINING);
        let mut torch = Vec::new();
        let mut half = Command::new(python::ready()?);
        half.current_dir(folder).arg(script).args(files.first());
        process::run_and_read(&mut half, |line| torch.extend(row(line)))?;
        for row in &mut measured {
            if let Some(theirs) = torch.iter().find(|theirs| theirs.what == row.what) {
                row.beside = Some("torch".to_owned());
                row.reference = Some(theirs.value);
            }
            row.what = format!("{}: {}", bench.name, row.what);
        }
    }
    rows.append(&mut measured);
    Ok(())
}

/// A figure on a line of its own: JSON, or words and then seconds and processor seconds, or words with "peak MB" and then a number.
fn row(line: &str) -> Option<Row> {
    if let Ok(row) = serde_json::from_str(line) {
        return Some(row);
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let plain = |what: String, value, unit: &str| Row {
        what,
        value,
        unit: unit.to_owned(),
        aim: None,
        beside: None,
        reference: None,
    };
    if let [name @ .., value] = &words[..]
        && let Some(at) = name.windows(2).position(|pair| pair == ["peak", "MB"])
    {
        let name: Vec<&str> =
            name.iter().enumerate().filter(|(place, _)| *place != at + 1).map(|(_, word)| *word).collect();
        return Some(plain(name.join(" "), value.parse().ok()?, "MB"));
    }
    let [name @ .., seconds, busy] = &words[..] else { return None };
    let (value, _) = (seconds.parse().ok()?, busy.parse::<f64>().ok()?);
    (!name.is_empty()).then(|| plain(name.join(" "), value, "s"))
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from("| What | Measured | Aim | Beside | Ratio |\n|---|---:|---|---|---:|");
    for row in rows {
        let beside = match (&row.beside, row.reference) {
            (Some(whom), Some(figure)) => format!("{whom}: {} {}", short(figure), row.unit),
            (Some(whom), None) => whom.clone(),
            _ => String::new(),
        };
        let ratio = row.reference.filter(|figure| *figure != 0.0).map(|figure| format!("{:.2}", row.value / figure));
        text.push_str(&format!(
            "\n| {} | {} {} | {} | {beside} | {} |",
            row.what,
            short(row.value),
            row.unit,
            row.aim.as_deref().unwrap_or(""),
            ratio.unwrap_or_default()
        ));
    }
    text
}

/// Four figures at the most: what a measurement on a shared machine is worth.
fn short(figure: f64) -> String {
    let places = (3.0 - figure.abs().max(f64::MIN_POSITIVE).log10().floor()).clamp(0.0, 7.0) as usize;
    format!("{figure:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_a_reference_shows_the_ratio() {
        let line =
            r#"{"what":"export","value":45.0,"unit":"fps","aim":"≥ 0.9","beside":"bare GStreamer","reference":50.0}"#;
        let row: Row = serde_json::from_str(line).expect("a row");
        assert!(table(&[row]).ends_with("| export | 45.00 fps | ≥ 0.9 | bare GStreamer: 50.00 fps | 0.90 |"));
    }

    #[test]
    fn a_line_of_seconds_is_a_figure_and_prose_is_not() {
        let row = row("whole shot f32               12.50000 24.10000").expect("a figure");
        assert_eq!((row.what.as_str(), row.value), ("whole shot f32", 12.5));
        let memory = super::row("process peak MB f32          412").expect("a figure");
        assert_eq!((memory.what.as_str(), memory.value, memory.unit.as_str()), ("process peak f32", 412.0, "MB"));
        assert!(super::row("best of three: ours is fast").is_none());
        assert!(super::row("1.0 2.0").is_none());
    }

    #[test]
    fn seconds_are_for_benches_that_take_them() {
        let read = |words: &[&'static str]| {
            let mut words = words.to_vec();
            seconds(&mut words).map(|seconds| (seconds, words)).ok()
        };
        assert_eq!(read(&["mix"]), Some((None, vec!["mix"])));
        assert_eq!(read(&["playback", "--seconds", "600"]), Some((Some(600), vec!["playback"])));
        for wrong in [
            &["mix", "--seconds", "5"][..],
            &["playback", "--seconds"],
            &["--seconds", "5"],
            &["playback", "--seconds", "0"],
        ] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn every_bench_has_a_name_of_its_own() {
        for (place, bench) in BENCHES.iter().enumerate() {
            assert!(BENCHES[..place].iter().all(|other| other.name != bench.name && other.example != bench.example));
        }
    }
}
