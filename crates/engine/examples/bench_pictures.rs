//! What the check of pictures takes for one, and what it has against the pictures it is given.
//! `cargo run -p kinora-engine --example bench_pictures -- docs docs/rooms`: files, or folders of PNG and JPEG files.
//!
//! Without arguments a drawn pictures are looked at, for the time alone. It prints nothing that it did not measure.
#![allow(clippy::print_stdout, reason = "it is a report")]

use kinora_engine::OpenNsfwChecker;
use kinora_engine::picture_check::{REFUSED_FROM, kept_by_setup};
use kinora_ports::Pixels;
use std::path::{Path, PathBuf};
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;
/// Looks at each drawn picture.
const LOOKS: usize = 20;
const SIZES: [(u32, u32); 3] = [(128, 72), (640, 360), (1920, 1080)];

fn main() -> Result<(), Failure> {
    let kept: Vec<PathBuf> = kept_by_setup().into_iter().collect();
    let checker =
        OpenNsfwChecker::find(&kept).ok_or("the check of pictures is not here: cargo xtask setup fetches it")?;
    for (width, height) in SIZES {
        let picture = drawn(width, height).ok_or("a picture without all of its bytes")?;
        let mut times: Vec<f64> = Vec::with_capacity(LOOKS);
        for _ in 0..LOOKS {
            let begun = Instant::now();
            checker.score(&picture)?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        let rounded = |millis: Option<&f64>| (millis.copied().unwrap_or_default() * 10.0).round() / 10.0;
        if (width, height) == SIZES[0] {
            figure("the first picture of all, with reading the file", rounded(times.first()));
        }
        times.sort_by(f64::total_cmp);
        figure(&format!("a picture of {width}×{height}, the quickest of {LOOKS}"), rounded(times.first()));
        figure(&format!("a picture of {width}×{height}, the middle of {LOOKS}"), rounded(times.get(LOOKS / 2)));
    }
    let mut scores = Vec::new();
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        for file in files(&path)? {
            let rgba = image::open(&file)?.into_rgba8();
            let (width, height) = rgba.dimensions();
            let pixels = Pixels::from_rgba(width, height, rgba.into_raw()).ok_or("too few pixels")?;
            scores.push((checker.score(&pixels)?, file));
        }
    }
    scores.sort_by(|a, b| b.0.total_cmp(&a.0));
    if let Some((highest, file)) = scores.first() {
        let refused = scores.iter().filter(|(score, _)| *score >= REFUSED_FROM).count();
        println!(
            "{refused} of {} pictures refused; the highest score is {highest:.3}, of {}",
            scores.len(),
            file.display()
        );
    }
    Ok(())
}

fn figure(what: &str, value: f64) {
    println!("{}", serde_json::json!({ "what": what, "value": value, "unit": "ms" }));
}

fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let file = entry?.path();
        if file.extension().is_some_and(|ending| ending == "png" || ending == "jpg") {
            found.push(file);
        }
    }
    found.sort();
    Ok(found)
}

fn drawn(width: u32, height: u32) -> Option<Pixels> {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let rgb: Vec<u8> = places.flat_map(|(x, y)| [(x / 3) as u8, (y / 2) as u8, (x ^ y) as u8]).collect();
    Pixels::from_rgb(width, height, &rgb)
}
