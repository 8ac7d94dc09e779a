//! The films speak: lines where they belong, people who can be told apart, nothing spoken twice.

mod support;

use kinora_backend::{ExportOrder, OpenFilm};
use kinora_document::{ClipSource, Command, FrameRate, FrameSize, Speeches, TrackKind, new_film};
use kinora_ports::media::Container;
use kinora_ports::{Decoder, Flow, Sound};
use std::collections::BTreeMap;
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

/// The median of the pitches of voiced stretches, in hertz, by normalised correlation at a sixth of the rate; None where too little of
/// it is voiced. Loudness does not matter, and a period counts only where no shorter one does nearly as well.
fn pitch(samples: &[f32]) -> Option<f32> {
    const WINDOW: usize = 480;
    const LEAST: usize = 18;
    const MOST: usize = 128;
    let low: Vec<f32> = samples.chunks(6).map(|chunk| chunk.iter().sum::<f32>() / chunk.len() as f32).collect();
    let power = |part: &[f32]| part.iter().map(|sample| sample * sample).sum::<f32>();
    let loudest = low.windows(WINDOW).step_by(80).map(power).fold(0f32, f32::max);
    let mut found: Vec<f32> = Vec::new();
    for frame in low.windows(WINDOW).step_by(80).filter(|frame| power(frame) > loudest * 0.1) {
        let likeness = |lag: usize| {
            let (early, late) = (&frame[..WINDOW - lag], &frame[lag..]);
            let product: f32 = early.iter().zip(late).map(|(a, b)| a * b).sum();
            product / (power(early) * power(late)).sqrt().max(1e-9)
        };
        let like: Vec<f32> = (LEAST - 1..=MOST).map(likeness).collect();
        let tops: Vec<usize> =
            (1..like.len() - 1).filter(|at| like[*at] >= like[at - 1] && like[*at] > like[at + 1]).collect();
        let best = tops.iter().map(|at| like[*at]).fold(0f32, f32::max);
        if best > 0.7 {
            found.extend(tops.iter().find(|at| like[**at] > best * 0.9).map(|at| 8_000.0 / (at + LEAST - 1) as f32));
        }
    }
    found.sort_by(f32::total_cmp);
    (found.len() >= 5).then(|| found[found.len() / 2])
}

/// One line of a film as it is heard.
#[derive(Debug)]
struct Heard {
    who: String,
    /// Samples between where it belongs and where it begins.
    off: i64,
    /// Where nobody else speaks; None where that is too little.
    pitch: Option<f32>,
}

/// Exports words alone and listens to every line. What the takes sound like would hide where a word begins.
fn lines_of(film: &OpenFilm, out: &Path) -> Vec<Heard> {
    for track in film.session.film().tracks.iter().filter(|track| track.kind == TrackKind::Video) {
        let track = kinora_document::Track { muted: true, ..track.clone() };
        film.session.edit(&Command::SetTrack { track }, None).expect("it is muted");
    }
    let order = ExportOrder { size: Some(SMALL), ..ExportOrder::new(Container::Mp4) };
    film.export(order, out, &mut |_, _| Flow::Continue).expect("it exports");
    let samples = heard(&sound(out));
    let document = film.session.film();
    let speeches = Speeches::of(&document);
    let frame = document.settings.rate.frame_length().to_samples(Sound::FILM_RATE);
    let clips: Vec<_> = document
        .clips
        .iter()
        .filter_map(|clip| {
            let ClipSource::Line { shot, line } = clip.source else { return None };
            let start = clip.start.to_samples(Sound::FILM_RATE);
            let said = speeches.get(shot, line).expect("it is said");
            let length = said.length.to_samples(Sound::FILM_RATE).min(samples.len() as i64 - start);
            Some((shot, line, start..start + length))
        })
        .collect();
    let mut lines = Vec::new();
    for (shot, line, place) in &clips {
        let start = place.start;
        let quiet = (start - 4 * frame).max(0);
        let onset = (quiet..).find(|at| samples[*at as usize].abs() > 0.004).expect("it is heard");
        let who = document.shots.get(*shot).expect("a shot").dialogue[*line as usize].character.clone();
        // A line that is longer than its shot is heard together with the next one.
        let others = |at: i64| {
            clips.iter().filter(|other| (other.0, other.1) != (*shot, *line) && other.2.contains(&at)).count()
        };
        let alone: Vec<f32> = place.clone().filter(|at| others(*at) == 0).map(|at| samples[at as usize]).collect();
        lines.push(Heard { who, off: onset - start, pitch: pitch(&alone) });
    }
    for line in &lines {
        assert!(line.off.abs() <= frame, "a line is {} samples off: {lines:?}", line.off);
    }
    lines
}

const SMALL: FrameSize = FrameSize { width: 64, height: 64 };

/// Every person's pitches agree within a tenth, and the middles of any two differ by more than a twentieth.
fn people_can_be_told_apart(lines: &[Heard]) {
    let mut people: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
    for line in lines {
        people.entry(&line.who).or_default().extend(line.pitch);
    }
    let measured: usize = people.values().map(Vec::len).sum();
    assert!(measured * 4 >= lines.len() * 3, "three lines of four can be measured: {lines:?}");
    let middles: Vec<(&str, f32)> = people
        .iter_mut()
        .filter(|(_, pitches)| !pitches.is_empty())
        .map(|(who, pitches)| {
            pitches.sort_by(f32::total_cmp);
            let middle = pitches[pitches.len() / 2];
            assert!(pitches.iter().all(|pitch| (pitch / middle - 1.0).abs() < 0.1), "{who} is the same: {pitches:?}");
            (*who, middle)
        })
        .collect();
    for (at, (who, one)) in middles.iter().enumerate() {
        for (whom, other) in &middles[at + 1..] {
            assert!((one / other).max(other / one) > 1.05, "{who} and {whom} differ: {middles:?}");
        }
    }
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
    let lines = lines_of(&film, &home.path("words.mp4"));
    let of = |name: &str| lines.iter().filter(|line| line.who == name).count();
    assert_eq!((of("PIM"), of("CAT")), (2, 1));
    people_can_be_told_apart(&lines);
}

/// Spoken only: no takes are made, so this is a matter of seconds.
#[test]
fn the_sample_films_speak_every_line_in_its_place_and_in_its_own_voice() {
    let home = Home::new();
    let studio = home.studio();
    for name in ["last-train-to-the-moon", "snow-for-pim", "the-lighthouse-ball"] {
        let text =
            std::fs::read_to_string(support::root().join(format!("examples/{name}.fountain"))).expect("a sample");
        let mut next = 0u128;
        let beginning = new_film(name, FrameSize { width: 1280, height: 720 }, FrameRate::FPS_24, &mut || {
            next += 1;
            next
        });
        let root = home.path(&format!("{name}.kinora"));
        drop(kinora_store::ProjectFolder::create(&root, &beginning).expect("a project"));
        let (store, opened) = kinora_store::ProjectFolder::open(&root).expect("the project opens");
        let film = studio.open(name, std::sync::Arc::new(store), &opened).expect("the film opens");
        film.session.edit(&Command::SetScript { text }, None).expect("a script");
        let spoken = film.speak(&mut |_, _| Flow::Continue).expect("it speaks");
        assert!(spoken.warnings.is_empty() && spoken.spoken > 3, "{spoken:?}");
        let lines = lines_of(&film, &home.path("words.mp4"));
        assert_eq!(lines.len(), spoken.spoken + spoken.kept, "{name}: every line is on the timeline");
        people_can_be_told_apart(&lines);
    }
}

/// Of a WAV file: its signature tells when it was made, its samples do not.
fn samples_of(wav: &[u8]) -> Vec<u8> {
    let at = wav.windows(4).position(|name| name == b"data").expect("samples");
    let length = u32::from_le_bytes(wav[at + 4..at + 8].try_into().expect("a length")) as usize;
    wav[at + 8..at + 8 + length].to_vec()
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
        samples_of(&std::fs::read(wav.expect("its sound")).expect("readable"))
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
