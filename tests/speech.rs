//! The films speak: lines where they belong, people who can be told apart, nothing spoken twice.

mod support;

use kinora_backend::ExportOrder;
use kinora_document::{ClipSource, Command, Speeches, TrackKind};
use kinora_ports::media::Container;
use kinora_ports::{Decoder, Flow, Sound};
use std::path::Path;
use support::{Home, text};

const SAID: &str = "Title: Said\n\nINT. ROOM - DAY\n\n[[shot: wide | static | 3s | seed 7]]\n\nA white robot stands in a room.\n\n\
PIM\nIs it winter yet?\n\nCAT (O.S.)\nAsk the sky.\n\n[[shot: close | static | 2s | seed 8]]\n\nA red ball lies on the floor.\n\n\
PIM (V.O.)\nThe sky is asleep.\n";

fn sound(path: &Path) -> Sound {
    let mut movie = kinora_media::GstDecoder::new().open(path).expect("it opens");
    movie.sound().expect("the sound decodes").expect("there is sound")
}

/// Left channel.
fn heard(sound: &Sound) -> Vec<f32> {
    sound.samples.chunks(usize::from(sound.channels)).filter_map(|frame| frame.first().copied()).collect()
}

/// The middle of the pitches of voiced stretches, in hertz, by autocorrelation at a sixth of the rate.
fn pitch(samples: &[f32]) -> f32 {
    let low: Vec<f32> = samples.chunks(6).map(|chunk| chunk.iter().sum::<f32>() / chunk.len() as f32).collect();
    let window = 400;
    let mut found: Vec<f32> = Vec::new();
    for frame in low.windows(window).step_by(160) {
        let at = |lag: usize| frame.iter().zip(&frame[lag..]).map(|(a, b)| a * b).sum::<f32>() / (window - lag) as f32;
        let best = (20..100).max_by(|a, b| at(*a).total_cmp(&at(*b))).unwrap_or(20);
        let first = (20..=best).find(|lag| at(*lag) > at(best) * 0.9 && at(*lag) >= at(*lag + 1)).unwrap_or(best);
        if at(0) > 1e-4 && at(best) > at(0) * 0.6 {
            found.push(8_000.0 / first as f32);
        }
    }
    found.sort_by(f32::total_cmp);
    found.get(found.len() / 2).copied().unwrap_or(0.0)
}

#[test]
fn each_line_is_heard_within_a_frame_of_its_place_and_people_can_be_told_apart() {
    let home = Home::new();
    let (script, project, out) = (home.write("said.fountain", SAID), home.path("said.kinora"), home.path("said.mp4"));
    let report =
        home.json(&["film", text(&script), "-o", text(&out), "--size", "192x108", "--project", text(&project)]);
    assert_eq!((report["spoken"].as_u64(), report["warnings"].to_string()), (Some(3), "[]".to_owned()));
    let studio = home.studio();
    let (store, opened) = kinora_store::ProjectFolder::open(&project).expect("the project opens");
    let film = studio.open("said", std::sync::Arc::new(store), &opened).expect("the film opens");
    // Words alone: what the takes sound like would hide where a word begins.
    for track in film.session.film().tracks.iter().filter(|track| track.kind == TrackKind::Video) {
        let track = kinora_document::Track { muted: true, ..track.clone() };
        film.session.edit(&Command::SetTrack { track }, None).expect("it is muted");
    }
    let words = home.path("words.mp4");
    let order = ExportOrder {
        container: Container::Mp4,
        size: None,
        rate: None,
        loudness: None,
        voices: true,
        tell_prompts: false,
    };
    film.export(order, &words, &mut |_, _| Flow::Continue).expect("it exports");
    let samples = heard(&sound(&words));
    let document = film.session.film();
    let speeches = Speeches::of(&document);
    let frame = document.settings.rate.frame_length().to_samples(Sound::FILM_RATE);
    let mut people: Vec<(String, f32)> = Vec::new();
    for clip in document.clips.iter() {
        let ClipSource::Line { shot, line } = clip.source else { continue };
        let start = clip.start.to_samples(Sound::FILM_RATE);
        let quiet = (start - 4 * frame).max(0);
        let onset = (quiet..).find(|at| samples[*at as usize].abs() > 0.004).expect("it is heard");
        assert!((onset - start).abs() <= frame, "a line at sample {start} is heard at {onset}");
        let said = speeches.get(shot, line).expect("it is said");
        let length = said.length.to_samples(Sound::FILM_RATE).min(samples.len() as i64 - start);
        let name = &document.shots.get(shot).expect("a shot").dialogue[line as usize].character;
        people.push((name.clone(), pitch(&samples[start as usize..(start + length) as usize])));
    }
    let of = |name: &str| people.iter().filter(|(who, _)| who == name).map(|(_, pitch)| *pitch).collect::<Vec<_>>();
    let (pim, cat) = (of("PIM"), of("CAT"));
    assert_eq!((pim.len(), cat.len()), (2, 1));
    assert!((pim[0] / pim[1] - 1.0).abs() < 0.1, "PIM is the same in both shots: {people:?}");
    let apart = (pim[0] / cat[0]).max(cat[0] / pim[0]);
    assert!(apart > 1.1, "PIM and CAT differ: {people:?}");
}

#[test]
fn one_changed_line_is_one_line_spoken_and_the_same_film_is_the_same_bytes() {
    let home = Home::new();
    let script = home.write("said.fountain", SAID);
    let make = |name: &str, more: &[&str]| {
        let out = home.path(name);
        let all = ["film", text(&script), "-o", text(&out), "--size", "192x108"];
        home.json(&[&all[..], more].concat())["spoken"].as_u64()
    };
    let wav = |name: &str| {
        let entries = std::fs::read_dir(home.path(name)).expect("a folder").flatten();
        let wav = entries.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|kind| kind == "wav"));
        std::fs::read(wav.expect("its sound")).expect("readable")
    };
    assert_eq!(make("one.frames", &[]), Some(3));
    assert_eq!(make("two.frames", &[]), Some(0));
    let elsewhere = home.path("elsewhere.kinora");
    assert_eq!(make("three.frames", &["--project", text(&elsewhere)]), Some(3));
    assert!(wav("one.frames") == wav("two.frames"), "the same project");
    assert!(wav("one.frames") == wav("three.frames"), "a project made anew");
    std::fs::write(&script, SAID.replace("Ask the sky.", "Ask the sea.")).expect("writing");
    assert_eq!(make("four.frames", &[]), Some(1));
    std::fs::write(&script, SAID).expect("writing");
    assert_eq!(make("five.frames", &[]), Some(0), "what was spoken before is still there");
    assert_eq!(make("six.frames", &["--no-voices"]), Some(0));
    assert!(wav("one.frames") != wav("six.frames"), "without voices nobody is heard");
}

#[test]
fn a_missing_voice_is_a_sentence_and_the_film_can_be_made_without() {
    let home = Home::new();
    let script = home.write("said.fountain", SAID);
    let out = home.path("said.mp4");
    let mut command = home.kinora();
    command.env("KINORA_VOICES", home.path("nowhere"));
    let run = command.args(["film", text(&script), "-o", text(&out), "--size", "192x108"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(1), "{said}");
    assert!(said.contains("is missing") && said.contains("--no-voices"), "{said}");
    home.json(&["film", text(&script), "-o", text(&out), "--size", "192x108", "--no-voices"]);
    assert!(out.exists());
}

#[test]
fn the_board_says_which_shot_is_too_short_for_its_words() {
    let home = Home::new();
    let long = SAID.replace("The sky is asleep.", "The sky is asleep, and nobody knows when it will wake up again.");
    let script = home.write("said.fountain", long);
    let board = home.json(&["board", text(&script)]);
    assert_eq!(board[0]["overrun"], serde_json::Value::Null);
    let overrun = &board[1]["overrun"];
    assert!(overrun["millis"].as_i64().is_some_and(|millis| (300..4_000).contains(&millis)), "{overrun}");
    assert_eq!(overrun["measured"], true);
    assert_eq!(overrun["remedies"][0]["command"]["command"], "set_shot");
}

#[test]
fn lines_that_nobody_can_say_are_told_and_the_film_is_made() {
    let home = Home::new();
    let hostile = format!("映画は楽しい\n\nCAT\n{}\n\nPIM\n🙂\u{202e}🙂", "<speed level=\"9\"> & ".repeat(40));
    let script = home.write("said.fountain", SAID.replace("Is it winter yet?", &hostile));
    let out = home.path("said.mp4");
    let report = home.json(&["film", text(&script), "-o", text(&out), "--size", "192x108"]);
    assert!(report["warnings"].to_string().contains("映画は楽しい"), "{report}");
    assert!(out.exists());
}
