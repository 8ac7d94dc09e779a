//! Screenplay in, film out: the samples become films, and only what changed is made again.

mod support;

use kinora_document::{FrameRate, FrameSize};
use kinora_ports::{Decoder, Movie};
use std::path::Path;
use support::{Home, TWO_SHOTS, root, text};

fn open(path: &Path) -> Box<dyn Movie> {
    kinora_media::GstDecoder::new().open(path).expect("the film opens")
}

/// The shots' lengths together, in frames of the film.
fn frames_of_board(board: &serde_json::Value) -> i64 {
    board.as_array().expect("rows").iter().map(|row| row["film_frames"].as_i64().expect("a length")).sum()
}

#[test]
fn every_sample_becomes_a_film_exactly_as_long_as_its_board() {
    let home = Home::new();
    let mut samples: Vec<_> = std::fs::read_dir(root().join("examples"))
        .expect("examples/ is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "fountain"))
        .collect();
    samples.sort();
    assert_eq!(samples.len(), 3);
    for sample in samples {
        let film = home.path("film.mp4");
        let board = home.json(&["board", text(&sample)]);
        let report = home.json(&["film", text(&sample), "-o", text(&film), "--size", "320x180"]);
        let rows = board.as_array().map_or(0, Vec::len) as u64;
        assert_eq!(report["shots"].as_u64(), Some(rows), "{}", sample.display());
        assert_eq!(report["warnings"], serde_json::json!([]));
        let verified = home.json(&["verify", text(&film)]);
        assert_eq!(verified["report"]["verdict"], "whole", "{}", sample.display());
        assert_eq!(verified["report"]["source"], "generated", "{}", sample.display());
        assert_eq!(verified["report"]["claim"]["takes"].as_array().map(Vec::len), Some(rows as usize));
        let mut movie = open(&film);
        let info = movie.info().clone();
        assert_eq!((info.size, info.rate), (Some(FrameSize { width: 320, height: 180 }), Some(FrameRate::FPS_24)));
        assert!(info.codecs.contains("H.264") && info.codecs.contains("AAC"), "{}", info.codecs);
        let frames = frames_of_board(&board);
        assert_eq!(report["frames"].as_i64(), Some(frames), "{}: frames of the board", sample.display());
        assert_eq!(i64::from(info.frames), frames, "{}: frames in the file", sample.display());
        // What is heard may last to the end of its last packet; the film as a whole may not be off by a frame.
        let off = (info.length - FrameRate::FPS_24.frame_start(frames)).0.abs();
        assert!(off < FrameRate::FPS_24.frame_length().0, "{}: {off} ticks off", sample.display());
        let sound = movie.sound().expect("the sound decodes").expect("there is sound");
        assert!(sound.samples.iter().any(|sample| sample.abs() > 0.005), "{} is silent", sample.display());
        let picture = movie.frame(info.frames / 2).expect("a picture decodes");
        let (low, high) = picture.rgba.iter().fold((255, 0), |(low, high), value| (low.min(*value), high.max(*value)));
        assert!(high - low > 40, "{} shows nothing", sample.display());
    }
}

#[test]
fn a_film_can_have_each_rate_and_shape() {
    let home = Home::new();
    let script = home.write("two.fountain", TWO_SHOTS);
    let project = home.path("two.kinora");
    for (rate, frames, seconds) in
        [("23.976", 24000, 1001), ("24", 24, 1), ("25", 25, 1), ("29.97", 30000, 1001), ("30", 30, 1), ("60", 60, 1)]
    {
        let film = home.path(&format!("{rate}.mp4"));
        let arguments =
            ["film", text(&script), "-o", text(&film), "--size", "192x108", "--fps", rate, "--project", text(&project)];
        let report = home.json(&arguments);
        let board = home.json(&["board", text(&script), "--fps", rate]);
        let info = open(&film).info().clone();
        assert_eq!(info.rate, Some(FrameRate { frames, seconds }), "{rate}");
        assert_eq!(report["frames"].as_i64(), Some(frames_of_board(&board)), "{rate}: as long as the board");
        assert_eq!(i64::from(info.frames), frames_of_board(&board), "{rate}");
    }
    for (size, width, height) in [("vertical", 1080, 1920), ("square", 1080, 1080), ("portrait", 1080, 1350)] {
        let film = home.path(&format!("{size}.mp4"));
        home.json(&["film", text(&script), "-o", text(&film), "--size", size, "--fps", "24"]);
        assert_eq!(open(&film).info().size, Some(FrameSize { width, height }));
    }
}

#[test]
fn changing_one_line_makes_one_take_and_the_same_film_is_the_same_pictures() {
    let home = Home::new();
    let script = home.write("two.fountain", TWO_SHOTS);
    let project = home.path("My “Film” – Über, 映画.kinora");
    let film = |name: &str| home.path(name);
    let make = |name: &str| {
        let out = film(name);
        let arguments = ["film", text(&script), "-o", text(&out), "--size", "320x180", "--project", text(&project)];
        home.json(&arguments)
    };
    let first = make("one.mp4");
    assert_eq!((first["generated"].as_u64(), first["reused"].as_u64()), (Some(2), Some(0)));
    let again = make("two.mp4");
    assert_eq!((again["generated"].as_u64(), again["reused"].as_u64()), (Some(0), Some(2)));
    let (mut one, mut two) = (open(&film("one.mp4")), open(&film("two.mp4")));
    assert_eq!(one.info().frames, two.info().frames);
    for frame in 0..one.info().frames {
        assert_eq!(one.frame(frame).expect("decodes"), two.frame(frame).expect("decodes"), "frame {frame}");
    }
    std::fs::write(&script, TWO_SHOTS.replace("blue car", "yellow car")).expect("writing");
    let changed = make("three.mp4");
    assert_eq!((changed["generated"].as_u64(), changed["reused"].as_u64()), (Some(1), Some(1)));
    std::fs::write(&script, TWO_SHOTS).expect("writing");
    let back = make("four.mp4");
    assert_eq!(back["generated"].as_u64(), Some(0), "the first take is still there");
}

#[test]
fn every_kind_of_export_can_be_read_again() {
    let home = Home::new();
    let script = home.write("two.fountain", TWO_SHOTS);
    let project = home.small_film();
    for name in ["film.webm", "sheet.png"] {
        let out = home.path(name);
        home.json(&["film", text(&script), "-o", text(&out), "--project", text(&project)]);
        assert!(open(&out).frame(0).is_ok(), "{name}");
    }
    let frames = home.path("pictures.frames");
    let report = home.json(&["film", text(&script), "-o", text(&frames), "--project", text(&project)]);
    let names: Vec<String> = std::fs::read_dir(&frames)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let pictures = names.iter().filter(|name| name.ends_with(".png")).count();
    assert_eq!(Some(pictures as i64), report["frames"].as_i64());
    assert!(names.iter().any(|name| name.ends_with(".wav")));
}

#[test]
fn a_single_sentence_becomes_a_clip_and_unknown_words_are_told() {
    let home = Home::new();
    let clip = home.path("shot.mp4");
    let prompt = "A green dragon crosses a beach at sunset.";
    let report = home.json(&["shot", prompt, "-o", text(&clip), "--seconds", "1", "--seed", "3", "--size", "320x180"]);
    assert_eq!(report["prompt"], prompt);
    let notes = report["notes"].to_string();
    assert!(notes.contains("dragon"), "the stand-in for “dragon” is named: {notes}");
    assert_eq!(open(&clip).info().frames, 24);
}

#[test]
fn without_a_screen_nothing_is_said_of_screens() {
    let home = Home::new();
    let clip = home.path("shot.mp4");
    let mut command = home.kinora();
    command.args(["shot", "A red ball.", "-o", text(&clip), "--seconds", "1", "--size", "192x108", "--json"]);
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"] {
        command.env_remove(name);
    }
    let output = command.output().expect("runs");
    assert!(output.status.success(), "{}", support::said(&output));
    assert!(!support::said(&output).contains("XDG_RUNTIME_DIR"), "{}", support::said(&output));
}
