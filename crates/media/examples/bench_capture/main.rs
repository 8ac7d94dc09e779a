//! A camera and a microphone of the system, recorded as the app records: how far flash and click are apart, how much that drifts, and
//! whether a frame is lost.
//!
//! The devices are PipeWire's and PulseAudio's own, virtual ones. What leaves them is stamped there, flash by flash and click by click, so
//! that what they do to each other is measured apart and said; no figure is corrected in silence. It starts its own daemons in a folder
//! of its own and touches nobody's session. `bench_capture [SECONDS]`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench fails by panicking and prints what it measured")]

mod stage;
mod stand_in;

#[allow(dead_code, reason = "the bench uses its own part")]
#[path = "../../tests/common/recorder.rs"]
mod recorder;

use kinora_media::{FileKeep, GstCapture};
use stage::Stage;
use std::path::Path;
use std::time::{Duration, Instant};

const WIDTH: usize = 1280;
const HEIGHT: usize = 720;
const RATE: u64 = 30;
const SECONDS: u64 = 120;
/// Until daemons and devices are there.
const WAKE_UP: Duration = Duration::from_secs(20);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).skip(1).collect();
    match words.as_slice() {
        ["--play"] => stand_in::play(),
        ["--record", seconds, folder] => record(seconds.parse().unwrap(), Path::new(folder)),
        rest => measure(rest.first().map_or(SECONDS, |seconds| seconds.parse().unwrap())),
    }
}

/// The app's side, in a process that sees only the devices of the stage. Says how long it recorded and what was dropped.
fn record(seconds: u64, folder: &Path) {
    let recorder = recorder::recorder(GstCapture::new());
    let begun = Instant::now();
    loop {
        let devices = recorder.devices().unwrap();
        if !devices.cameras.is_empty() && !devices.microphones.is_empty() {
            break;
        }
        assert!(begun.elapsed() < WAKE_UP, "there is no camera or no microphone: {devices:?}");
        std::thread::sleep(Duration::from_millis(200));
    }
    let watching = recorder.open(&recorder::wish(WIDTH as u32, HEIGHT as u32)).unwrap();
    assert!(watching.camera.is_there() && watching.microphone.is_there(), "{watching:?}");
    let path = folder.join("recording.mp4");
    let keep = FileKeep::create(&path).unwrap();
    let recorded = recorder::record(&recorder, keep, seconds * 1000, Duration::from_secs(seconds + 60));
    recorder.close();
    kinora_media::recording::rescue(&path).unwrap();
    println!("{} {}", recorded.length.to_seconds_for_display(), recorded.dropped);
}

/// What is in the file: each picture's number and second, and the seconds of the clicks.
struct Film {
    pictures: Vec<(u64, f64)>,
    clicks: Vec<f64>,
}

fn read(path: &Path) -> Film {
    let mut pictures = Vec::new();
    recorder::pull(path, "videoconvert ! video/x-raw,format=GRAY8", |luma, second| {
        pictures.push((stand_in::number(luma), second));
    });
    Film { pictures, clicks: recorder::find(path).clicks }
}

/// Second by second: by how much the click comes after the flash, in the file and where the devices gave them out.
fn apart(film: &Film, stage: &Stage) -> Vec<(f64, f64)> {
    let left = stage.left();
    let each = film.pictures.iter().filter(|(number, _)| number.is_multiple_of(RATE) && *number > 0);
    each.filter_map(|(number, flash)| {
        let second = number / RATE;
        let nearest = film.clicks.iter().min_by(|a, b| (*a - flash).abs().total_cmp(&(*b - flash).abs()))?;
        let shown = left.flashes.iter().find(|(of, _)| *of == second)?.1;
        let heard = left.clicks.iter().min_by(|a, b| (*a - shown).abs().total_cmp(&(*b - shown).abs()))?;
        ((nearest - flash).abs() < 0.5).then_some((nearest - flash, heard - shown))
    })
    .collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The ends against each other, each of some seconds, so that one late frame is no drift.
fn drift(values: &[f64]) -> f64 {
    let few = (values.len() / 4).max(1);
    mean(&values[values.len().saturating_sub(few)..]) - mean(&values[..few.min(values.len())])
}

fn furthest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, |most: f64, value| if value.abs() > most.abs() { value } else { most })
}

fn measure(seconds: u64) {
    let stage = Stage::open();
    let (said, ended) = stage.record(seconds);
    let words: Vec<f64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [length, dropped] = words[..] else { panic!("the recording failed ({ended}): {said}") };
    let film = read(&stage.file());
    let both = apart(&film, &stage);
    let file: Vec<f64> = both.iter().map(|(file, _)| file * 1e3).collect();
    let devices: Vec<f64> = both.iter().map(|(_, devices)| devices * 1e3).collect();
    let ours: Vec<f64> = file.iter().zip(&devices).map(|(file, devices)| file - devices).collect();
    let (first, last) = (film.pictures[0].0, film.pictures[film.pictures.len() - 1].0);
    let shown = (last - first + 1) as f64;
    let mut kept: Vec<u64> = film.pictures.iter().map(|(number, _)| *number).collect();
    kept.sort_unstable();
    kept.dedup();
    let missing: Vec<u64> = kept.windows(2).flat_map(|pair| pair[0] + 1..pair[1]).collect();
    let left = stage.left();
    let skipped = missing.iter().filter(|number| !left.pictures.contains(number)).count();
    let row = |what: &str, value: f64, unit: &str, aim: &str| {
        println!("{{\"what\":\"{what}\",\"value\":{value:.2},\"unit\":\"{unit}\",\"aim\":\"{aim}\"}}");
    };
    row("recorded", length, "s", "");
    row("flashes with their click", both.len() as f64, "", &format!("{}", seconds.saturating_sub(1)));
    row("click after flash as the devices give them out, mean", mean(&devices), "ms", "");
    row("the same, furthest", furthest(&devices), "ms", "");
    row("click after flash in the file, mean", mean(&file), "ms", "");
    row("the same, furthest", furthest(&file), "ms", "33.3 either way: one frame");
    row("what the recording adds to the devices, mean", mean(&ours), "ms", "");
    row("the same, furthest", furthest(&ours), "ms", "33.3 either way: one frame");
    row("drift from beginning to end, as the devices give them out", drift(&devices), "ms", "");
    row("drift in the file", drift(&file), "ms", "20 in 2 minutes");
    row("pictures that the camera showed, first to last in the file", shown, "", "");
    row("pictures in the file", film.pictures.len() as f64, "", &format!("{shown:.0}"));
    row("pictures missing", missing.len() as f64, "", "0");
    row("of these, pictures that the stand-in never gave out", skipped as f64, "", "");
    row("pictures that the app dropped", dropped, "", "0");
    assert!(ended.success(), "the recording was made, and its program then ended badly: {ended}");
}
