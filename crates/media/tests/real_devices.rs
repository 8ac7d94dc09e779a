//! Recorded through the real paths: a PipeWire camera and a PulseAudio microphone that play a flash and a click each second.
//!
//! The test starts itself twice on a stage of its own: as the provider of both, and as the recorder. `KINORA_SECONDS` makes the recording
//! longer than the few seconds that a test may take.
#![cfg_attr(not(target_os = "linux"), allow(unused, reason = "the stage is Linux's"))]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and prints what it measured")]

mod common;

use common::recorder::{find, offsets, record, recorder, wait, wish};
use common::stage::{Actor, Stage, as_text, play, provide};
use kinora_backend::RecorderState;
use kinora_media::recording::rescue;
use kinora_media::{FileKeep, GstCapture};
use kinora_ports::Capture;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

const SECONDS: u64 = 8;
const PATIENCE: Duration = Duration::from_secs(30);

/// The recorder's side, on the stage.
fn child(task: &str, path: &Path, millis: u64) {
    let capture = GstCapture::new();
    let until = Instant::now() + PATIENCE;
    let devices = loop {
        let devices = capture.devices().unwrap();
        if !devices.cameras.is_empty() || Instant::now() > until {
            break devices;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    println!("{} cameras, {} microphones: {devices:?}", devices.cameras.len(), devices.microphones.len());
    let recorder = recorder(capture);
    let watching = recorder.open(&wish(1280, 720)).unwrap();
    println!("{watching:?}");
    let keep = FileKeep::create(path).unwrap();
    if task == "record" {
        let recorded = record(&recorder, keep, millis, PATIENCE + Duration::from_millis(millis));
        println!("frames {} dropped {} samples {}", recorded.frames, recorded.dropped, recorded.samples);
    } else {
        recorder.record(Box::new(keep), Duration::ZERO).unwrap();
        wait(&recorder, PATIENCE, |state| match state {
            RecorderState::Recording { millis, .. } if *millis > 1_500 => Some(()),
            RecorderState::Ended { cut_short, .. } => panic!("{cut_short:?}"),
            _ => None,
        });
        println!("unplug");
        let problem = wait(&recorder, PATIENCE, |state| match state {
            RecorderState::Ended { cut_short, .. } => Some(cut_short.clone().unwrap()),
            _ => None,
        });
        println!("ended {} {}", problem.what, problem.remedy);
    }
    recorder.close();
}

/// Lines of the recorder up to the one that begins so.
fn until(lines: &mut impl Iterator<Item = std::io::Result<String>>, word: &str) -> String {
    let mut heard = Vec::new();
    for line in lines {
        let line = line.unwrap();
        println!("  {line}");
        if line.starts_with(word) {
            return line;
        }
        heard.push(line);
    }
    panic!("the recorder never said “{word}”: {heard:#?}");
}

fn lines(actor: &mut Actor) -> impl Iterator<Item = std::io::Result<String>> + use<> {
    BufReader::new(actor.0.stdout.take().unwrap()).lines()
}

fn provider(stage: &Stage) -> Actor {
    let mut provider = play(stage, &["--provide"]);
    until(&mut lines(&mut provider), "playing");
    provider
}

fn picture_and_sound_are_recorded_in_step_and_no_frame_is_lost() {
    let stage = Stage::set();
    let _provider = provider(&stage);
    let seconds: u64 = std::env::var("KINORA_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    let path = stage.home().join("recording.mp4");
    let mut recorder = play(&stage, &["--child", "record", as_text(&path), &(seconds * 1000).to_string()]);
    let said = until(&mut lines(&mut recorder), "frames");
    assert!(recorder.0.wait().unwrap().success());
    let rescued = rescue(&path).unwrap();
    let found = find(&path);
    let offsets = offsets(&found);
    let most = offsets.iter().map(|offset| offset.abs()).fold(0.0, f64::max);
    let drift = offsets.last().unwrap() - offsets.first().unwrap();
    let due = rescued.length.to_seconds_for_display() * 30.0;
    println!(
        "{said}; in the file {} frames of {due:.1} due, {} flashes, {} clicks; offset at most {:.1} ms, drift {:.1} ms: {:.1?} ms",
        found.frames,
        found.flashes.len(),
        found.clicks.len(),
        most * 1e3,
        drift * 1e3,
        offsets.iter().map(|offset| offset * 1e3).collect::<Vec<_>>()
    );
    assert!(said.contains("dropped 0"), "{said}");
    assert_eq!(found.frames as u64, rescued.frames);
    assert!((found.frames as f64 - due).abs() <= 2.0, "{} frames, {due:.1} were due", found.frames);
    assert!(offsets.len() as u64 >= seconds - 2, "{found:?}");
    assert!(most <= 1.0 / 30.0, "{offsets:?}");
    assert!(drift.abs() <= 0.020, "{offsets:?}");
}

fn what_is_pulled_out_is_noticed_in_two_seconds_and_the_recording_plays() {
    for device in ["camera", "microphone"] {
        let mut stage = Stage::set();
        let provider = provider(&stage);
        let path = stage.home().join("recording.mp4");
        let mut recorder = play(&stage, &["--child", "unplug", as_text(&path), "0"]);
        let mut lines = lines(&mut recorder);
        until(&mut lines, "unplug");
        if device == "camera" {
            drop(provider);
        } else {
            stage.end_sound();
        }
        let pulled = Instant::now();
        let said = until(&mut lines, "ended");
        let noticed = pulled.elapsed();
        println!("{device}: noticed, closed and said after {noticed:?}: {said}");
        assert!(noticed <= Duration::from_secs(2), "{device}: {noticed:?}");
        assert!(said.contains(device) && said.contains("is kept") && said.contains("Plug it in"), "{said}");
        let rescued = rescue(&path).unwrap();
        assert!(rescued.frames > 30 && rescued.length.to_seconds_for_display() > 1.4, "{rescued:?}");
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
    match words.as_slice() {
        ["--provide"] => return provide(),
        ["--child", task, path, millis] => return child(task, Path::new(path), millis.parse().unwrap()),
        _ => {}
    }
    let promise = |name: &str, check: fn()| {
        libtest_mimic::Trial::test(name, move || {
            check();
            Ok(())
        })
    };
    let promises = if cfg!(target_os = "linux") {
        vec![
            promise(
                "picture_and_sound_are_recorded_in_step_and_no_frame_is_lost",
                picture_and_sound_are_recorded_in_step_and_no_frame_is_lost,
            ),
            promise(
                "what_is_pulled_out_is_noticed_in_two_seconds_and_the_recording_plays",
                what_is_pulled_out_is_noticed_in_two_seconds_and_the_recording_plays,
            ),
        ]
    } else {
        Vec::new()
    };
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), promises).exit();
}
