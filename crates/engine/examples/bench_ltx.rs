//! LTX-Video with random weights of the real shapes: whether every layout loads, seconds a step, memory, and the forecast of it, beside
//! the reference library on the same files. Each figure is of a process of its own, so that its peak is what the system counted.
//! Usage: bench_ltx PYTHON FOLDER-OF-ITS-SCRIPTS PLACE-FOR-CHECKPOINTS [2b|middle]; PYTHON needs diffusers, transformers and gguf.
//! The two sides take turns, as a machine that others use is not equally fast all the time. **Never here:** real weights.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use kinora_document::FrameSize;
use kinora_document::catalogue::Stage;
use kinora_engine::LocalEngine;
use kinora_ports::engine::Order;
use kinora_ports::{Engine, Flow};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Width, height and frames of the size that is timed, and its steps.
const TIMED: (u32, u32, u32) = (512, 320, 49);
const STEPS: u32 = 2;
/// How often the two sides take turns.
const TURNS: usize = 2;
/// Sizes whose forecast is compared with what was measured, besides the timed one.
const FORECAST: [(u32, u32, u32); 4] = [(512, 320, 9), (704, 480, 25), (768, 512, 33), (512, 512, 17)];
/// One token for each letter, in the vocabulary of random checkpoints.
const PROMPT: &str = "a red fox runs over snow.";
/// The tokens of it, with the space before and the end.
const WORDS: usize = 27;

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["render", models, places, width, height, frames, steps] => render(
            Path::new(models),
            Path::new(places),
            (width.parse()?, height.parse()?, frames.parse()?),
            steps.parse()?,
        ),
        [python, scripts, place] => compare(python, Path::new(scripts), Path::new(place), "2b"),
        [python, scripts, place, size] => compare(python, Path::new(scripts), Path::new(place), size),
        _ => Err("bench_ltx PYTHON SCRIPTS PLACE [2b|middle]".into()),
    }
}

/// Figures of one process, by name.
type Figures = BTreeMap<String, f64>;

fn compare(python: &str, scripts: &Path, place: &Path, size: &str) -> Outcome<()> {
    let (layouts, blocks): (&[&str], u32) =
        if size == "2b" { (&["folders", "single", "gguf"], 28) } else { (&["folders"], 8) };
    for layout in layouts {
        let made = place.join(format!("{size}-{layout}"));
        let model = made.join("models");
        if !model.join("random").is_dir() {
            let unfinished = made.join("unfinished");
            let mut maker = Command::new(python);
            maker
                .arg(scripts.join("make_checkpoint.py"))
                .args(["--layout", layout, "--size", size, "--out"])
                .arg(&unfinished);
            run(&mut maker)?;
            fs::create_dir_all(model.join("manifests"))?;
            fs::rename(&unfinished, model.join("random"))?;
        }
        fs::write(model.join("manifests/random.toml"), manifest(blocks))?;
        let places = made.join("places");
        if places.is_dir() {
            fs::remove_dir_all(&places)?;
        }
        let first = child(&model, &places, (512, 320, 9), 1)?;
        row(
            &format!("{layout}: every tensor used once, prompt read, 9 frames made"),
            figure(&first, "whole")?,
            "s",
            None,
        );
        forecast(&first, &format!("{layout} with its text encoder, 512×320×9"))?;
        if *layout == "folders" {
            timed(python, scripts, &model, &places)?;
            for size in FORECAST {
                let (width, height, frames) = size;
                forecast(&child(&model, &places, size, 1)?, &format!("{width}×{height}×{frames}"))?;
            }
        }
    }
    Ok(())
}

/// The timed size on both sides in turns; the best of each.
fn timed(python: &str, scripts: &Path, model: &Path, places: &Path) -> Outcome<()> {
    let (width, height, frames) = TIMED;
    let (mut ours, mut full, mut half) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        ours.push(child(model, places, TIMED, STEPS)?);
        for (dtype, kept) in [("float32", &mut full), ("bfloat16", &mut half)] {
            let mut theirs = Command::new(python);
            theirs.arg(scripts.join("bench_ltx_torch.py")).arg(model.join("random"));
            theirs.args([width, height, frames, STEPS].map(|n| n.to_string())).arg(WORDS.to_string()).arg(dtype);
            kept.push(run(&mut theirs)?);
        }
    }
    let least = |all: &[Figures], name: &str| -> Outcome<f64> {
        all.iter().map(|one| figure(one, name)).try_fold(f64::INFINITY, |least, one| Ok(least.min(one?)))
    };
    let what = format!("{width}×{height}×{frames}");
    for (name, unit, aim) in [
        ("seconds a step", "s", "≤ 1 × torch"),
        ("processor seconds a step", "s", "≤ 1 × torch"),
        ("peak MB while denoising", "MB", "≤ 0.8 × torch"),
        ("seconds to decode", "s", ""),
        ("processor seconds to decode", "s", ""),
        ("peak MB while decoding", "MB", ""),
    ] {
        let measured = least(&ours, name)?;
        row(&format!("{what}: {name}"), measured, unit, Some((aim, "diffusers in f32", least(&full, name)?)));
        row(&format!("{what}: {name}"), measured, unit, Some(("", "diffusers in bf16", least(&half, name)?)));
    }
    forecast(ours.first().ok_or("nothing was measured")?, &what)
}

fn forecast(of: &Figures, what: &str) -> Outcome<()> {
    let (forecast, measured) = (figure(of, "forecast MB")?, figure(of, "peak MB")?);
    row(&format!("{what}: forecast of the peak"), forecast, "MB", Some(("0.85 … 1.15", "measured", measured)));
    Ok(())
}

fn figure(of: &Figures, name: &str) -> Outcome<f64> {
    of.get(name).copied().ok_or_else(|| format!("a process did not say its {name}").into())
}

fn row(what: &str, value: f64, unit: &str, beside: Option<(&str, &str, f64)>) {
    let mut line = serde_json::json!({ "what": format!("ltx: {what}"), "value": value, "unit": unit });
    if let Some((aim, beside, reference)) = beside {
        line["aim"] = aim.into();
        line["beside"] = beside.into();
        line["reference"] = reference.into();
    }
    println!("{line}");
}

fn child(model: &Path, places: &Path, (width, height, frames): (u32, u32, u32), steps: u32) -> Outcome<Figures> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("render").arg(model).arg(places).args([width, height, frames, steps].map(|n| n.to_string()));
    run(&mut command)
}

/// Runs to the end and reads its lines `name: figure`.
fn run(command: &mut Command) -> Outcome<Figures> {
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    if !output.status.success() {
        return Err(format!("{} ended with {}", command.get_program().to_string_lossy(), output.status).into());
    }
    let pairs = text.lines().filter_map(|line| line.split_once(": "));
    Ok(pairs.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect())
}

fn manifest(blocks: u32) -> String {
    let sizes: Vec<String> =
        FORECAST.iter().chain([&TIMED]).map(|(width, height, _)| format!("[{width}, {height}]")).collect();
    format!(
        "name = \"random\"\ntitle = \"Random numbers\"\nlicence = \"none\"\nfps = 24\nframe_counts = [9, 17, 25, 33, 49]\n\
         sizes = [{}]\ntakes_keyframes = true\n[ltx]\nblocks = {blocks}\ndistilled = false\nsteps = 2\nguidance = 1.0\n\
         condition_noise = 0.15\ndecode_timestep = 0.05\ndecode_noise = 0.025\nwords = 256\n",
        sizes.join(", ")
    )
}

/// One shot, in this process alone.
fn render(models: &Path, places: &Path, (width, height, frames): (u32, u32, u32), steps: u32) -> Outcome<()> {
    let engine = LocalEngine::open(models)?.with_own(places);
    let order = Order {
        model: "random".to_owned(),
        prompt: PROMPT.to_owned(),
        negative: String::new(),
        seed: 7,
        size: FrameSize { width, height },
        frames,
        steps: Some(steps),
        guidance_permille: None,
        keyframes: Vec::new(),
        preceding: Vec::new(),
        references: Vec::new(),
        cameos: Vec::new(),
    };
    let began = memory("VmRSS:")?;
    let forecast = engine.estimate(&order)?.peak_bytes;
    let start = Instant::now();
    let now = || (start.elapsed().as_secs_f64(), processor_seconds());
    let (mut last, mut step, mut best, mut pictures) = (now(), 0, (f64::INFINITY, f64::INFINITY), 0);
    let (mut denoising, mut decoding, mut stage) = (0.0, now(), Stage::Loading);
    let made = engine.render(&order, None, &mut |progress| {
        if progress.stage != stage {
            println!("{:.1} s: {:?}", start.elapsed().as_secs_f64(), progress.stage);
        }
        pictures += u32::from(progress.forming.is_some());
        if progress.stage == Stage::Denoising {
            if progress.step > step && stage == Stage::Denoising {
                let (clock, busy) = now();
                best = (f64::min(best.0, clock - last.0), f64::min(best.1, busy - last.1));
            }
            if progress.step != step || stage != Stage::Denoising {
                (step, last) = (progress.step, now());
            }
        }
        if progress.stage == Stage::Decoding {
            if stage != Stage::Decoding {
                denoising = memory("VmHWM:").unwrap_or(0.0);
                // From here on the system counts the peak anew.
                let _ = fs::write("/proc/self/clear_refs", "5");
            }
            decoding = now();
        }
        stage = progress.stage;
        Flow::Continue
    })?;
    println!("whole: {:.3}", start.elapsed().as_secs_f64());
    let (clock, busy) = now();
    println!("seconds to decode: {:.3}", clock - decoding.0);
    println!("processor seconds to decode: {:.3}", busy - decoding.1);
    if made.frames.len() != frames as usize || pictures != steps {
        return Err(
            format!("{} frames and {pictures} previews instead of {frames} and {steps}", made.frames.len()).into()
        );
    }
    let after = memory("VmHWM:")?;
    println!("seconds a step: {:.3}", best.0);
    println!("processor seconds a step: {:.3}", best.1);
    println!("peak MB while denoising: {denoising:.1}");
    println!("peak MB while decoding: {after:.1}");
    println!("peak MB: {:.1}", denoising.max(after) - began);
    println!("forecast MB: {:.1}", forecast as f64 / 1e6);
    Ok(())
}

/// Processor time of all threads of this process, where the system tells; else 0. On a machine that others use, too, it says more than
/// the clock.
fn processor_seconds() -> f64 {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return 0.0 };
    let of = |path: PathBuf| {
        let text = fs::read_to_string(path.join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    threads.filter_map(|thread| of(thread.ok()?.path())).sum::<f64>() / 1e9
}

/// What the system counts for this process, in MB.
fn memory(which: &str) -> Outcome<f64> {
    let status = fs::read_to_string(PathBuf::from("/proc/self/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(which)).ok_or("the system does not count memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0 / 1e6)
}
