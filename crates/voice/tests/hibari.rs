//! What a film may rely on when its characters speak with the neural voice, and when it is not there.
//!
//! They need the files that `cargo xtask setup` fetches, and fail without them.

use kinora_document::Ticks;
use kinora_ports::fakes::voice_contract;
use kinora_ports::{PortError, Sound, Utterance, Voice};
use kinora_voice::{HibariVoice, Voices, kept_by_setup};
use std::path::PathBuf;
use support::{pitch, utterance};

mod support;

const FOLDER: &str = "hibari-0.2.1";

fn files() -> PathBuf {
    let folder = kept_by_setup().expect("a cache folder").join(FOLDER);
    assert!(folder.join("hibari.onnx").is_file(), "{} holds no voice: cargo xtask setup fetches it", folder.display());
    folder
}

fn neural() -> HibariVoice {
    HibariVoice::new(&files())
}

/// A folder of voices with a copy of the neural one.
fn copied() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    let to = home.path().join(FOLDER);
    std::fs::create_dir(&to).expect("writable");
    for file in std::fs::read_dir(files()).expect("readable").flatten() {
        std::fs::copy(file.path(), to.join(file.file_name())).expect("writable");
    }
    home
}

#[test]
fn hibari_is_a_voice_and_so_are_all_voices_together() {
    assert_eq!(voice_contract(&neural()), Ok(()));
    let home = tempfile::tempdir().expect("a folder");
    let all = Voices::new(home.path(), &[kept_by_setup().expect("a cache folder")]);
    assert_eq!(voice_contract(&all), Ok(()));
}

#[test]
fn people_differ_in_pitch_as_asked_and_keep_it_from_line_to_line() {
    let voice = neural();
    let mut before = 0.0;
    for (hertz, timbre) in [(104, 830), (132, 880), (167, 940), (211, 1000), (267, 1090)] {
        let said = |text: &str| {
            let wish = Utterance { pitch_hertz: hertz, timbre_permille: timbre, ..utterance(text) };
            pitch(&voice.speak(&wish).expect("it speaks").sound)
        };
        let heard = [
            said("The book says that it is winter."),
            said("Nobody knows where the lamp has gone."),
            said("Is it winter yet?"),
            said("The sky is asleep."),
        ];
        for found in heard {
            assert!((found / hertz as f32 - 1.0).abs() < 0.2, "asked for {hertz} Hz, heard {heard:?}");
        }
        let mean = heard.iter().sum::<f32>() / 4.0;
        assert!((mean / hertz as f32 - 1.0).abs() < 0.06, "asked for {hertz} Hz, heard {mean} in the mean");
        assert!(mean > before * 1.1, "{mean} Hz is no other person than {before} Hz");
        before = mean;
    }
}

#[test]
fn a_larger_body_is_heard_at_the_same_pitch_and_pace() {
    let voice = neural();
    let text = "Nobody knows where the lamp has gone. Ask the sky, and wait until it answers you.";
    let said =
        |timbre_permille| voice.speak(&Utterance { timbre_permille, ..utterance(text) }).expect("it speaks").sound;
    let (large, small) = (said(850), said(1150));
    assert!((pitch(&large) / pitch(&small) - 1.0).abs() < 0.1, "{} and {} Hz", pitch(&large), pitch(&small));
    let pace = large.samples.len() as f32 / small.samples.len() as f32;
    assert!((pace - 1.0).abs() < 0.08, "{pace}");
    assert!(brightness(&small) > brightness(&large) * 1.05, "{} and {} Hz", brightness(&small), brightness(&large));
}

/// The mean square frequency of the louder half of a sound below 4 kHz, where the formants of vowels are: the power of its slope over
/// its own, in hertz.
fn brightness(sound: &Sound) -> f64 {
    let low: Vec<f32> = sound.samples.chunks(6).map(|chunk| chunk.iter().sum::<f32>() / chunk.len() as f32).collect();
    let power = |values: &mut dyn Iterator<Item = f32>| values.map(|value| f64::from(value * value)).sum::<f64>();
    let mut frames: Vec<&[f32]> = low.chunks(200).collect();
    frames.sort_by(|a, b| power(&mut b.iter().copied()).total_cmp(&power(&mut a.iter().copied())));
    frames.truncate(frames.len() / 2);
    let steps: f64 = frames.iter().map(|frame| power(&mut frame.windows(2).map(|pair| pair[1] - pair[0]))).sum();
    let whole: f64 = frames.iter().map(|frame| power(&mut frame.iter().copied())).sum();
    (steps / whole).sqrt() * 8_000.0 / std::f64::consts::TAU
}

#[test]
fn each_word_is_where_it_is_heard() {
    let spoken = neural().speak(&utterance("Stop. Winter is 10 km away, and … it waits!")).expect("it speaks");
    let length = Ticks::from_samples(spoken.sound.samples.len() as i64, Sound::FILM_RATE);
    assert_eq!(spoken.words.len(), 10);
    assert!(spoken.words.iter().all(|word| word.start <= word.end && word.end <= length));
    assert!(spoken.words.windows(2).all(|pair| pair[0].end <= pair[1].start), "{:?}", spoken.words);
    let heard: Vec<usize> = (0..10).filter(|at| spoken.words[*at].start < spoken.words[*at].end).collect();
    assert_eq!(heard, [0, 1, 2, 3, 4, 5, 6, 8, 9], "all but the mark");
    let silent: Vec<bool> = spoken.sound.samples.chunks(480).map(|c| c.iter().all(|s| s.abs() < 0.002)).collect();
    let pause = silent.windows(15).position(|run| run.iter().all(|silent| *silent)).expect("a pause");
    let resumed = pause + silent[pause..].iter().position(|silent| !silent).expect("speech after it");
    let start = spoken.words[1].start.to_millis();
    assert!((start - resumed as i64 * 10).abs() <= 40, "“Winter” begins at {start} ms, sound at {resumed}0 ms");
    assert!(spoken.words[0].end.to_millis() <= pause as i64 * 10 + 60);
}

#[test]
fn hostile_lines_are_spoken_or_refused_and_never_crash() {
    let voice = neural();
    let long = "word ".repeat(20_000);
    let endless = "x".repeat(15_000);
    let compound = format!("{} {}", "a-".repeat(19), "'".repeat(40));
    let marks = ".,;:!?'\"()[]{}$£%#+-/".repeat(100) + "a";
    let controls: String = (1u8..32).map(char::from).chain("hello".chars()).collect();
    let numbers = "1/0 0/0 $ $. £-5 12:99 99:99 1,2,3 1.2.3 -.5 +-1 #a 007 10^9 5'9 1e9 №7 ½ ²".to_owned();
    let accents = "Ünïcödé naïve façade Ærøskøbing 1234567890123456789 3.14 50% A.B.C. ʀ ﬁ ŉ İ ẞ".to_owned();
    let words = "antidisestablishmentarianism ".repeat(40);
    for text in [&long, &endless, &compound, &marks, &controls, &numbers, &accents, &words] {
        match voice.speak(&utterance(text)) {
            Ok(spoken) => assert_eq!(spoken.words.len(), text.split_whitespace().count()),
            Err(PortError::Refused(refusal)) => assert!(!refusal.remedy.is_empty()),
            Err(other) => panic!("{other:?} for {text:.40}"),
        }
    }
    for text in ["", "映画は楽しい", "\u{202e}\u{200b}", "🙂"] {
        assert!(matches!(voice.speak(&utterance(text)), Err(PortError::Refused(_))), "{text:?}");
    }
}

#[test]
fn english_is_spoken_by_the_neural_voice_and_every_other_language_by_pico() {
    let home = tempfile::tempdir().expect("a folder");
    let all = Voices::new(home.path(), &[kept_by_setup().expect("a cache folder")]);
    assert_eq!(all.remark(), None);
    let names: Vec<String> = all.catalogue().into_iter().map(|info| info.name).collect();
    assert_eq!(names[..2], ["hibari/en-US", "pico/en-US"]);
    let voice = |language: &str| {
        let wish = Utterance { language: language.to_owned(), ..utterance("Una casa, ein Haus.") };
        all.speak(&wish).expect("it speaks").voice
    };
    assert_eq!(["en-US", "en-GB", "de-DE"].map(voice), ["hibari/en-US", "pico/en-GB", "pico/de-DE"]);
}

#[test]
fn without_the_neural_voice_pico_speaks_and_a_sentence_says_so() {
    let home = tempfile::tempdir().expect("a folder");
    let all = Voices::new(home.path(), &[home.path().join("nowhere")]);
    assert_eq!(all.speak(&utterance("Hello.")).expect("it speaks").voice, "pico/en-US");
    assert!(all.catalogue().iter().all(|info| info.name.starts_with("pico/")));
    let remark = all.remark().expect("a sentence");
    assert!(remark.contains("spoken by Pico") && remark.contains("hibari.onnx is missing"), "{remark}");
    assert!(remark.contains("cargo xtask setup"), "{remark}");
}

#[test]
fn a_damaged_file_of_the_neural_voice_is_refused_by_name_until_it_is_mended() {
    let home = copied();
    let all = Voices::new(home.path(), &[]);
    for name in ["hibari.onnx", "oov.onnx", "tagger.json.gz", "lexicon_us_gold.json.gz", "vocab.json"] {
        let file = home.path().join(FOLDER).join(name);
        let whole = std::fs::read(&file).expect("readable");
        let mut torn = whole.clone();
        torn[whole.len() / 2] ^= 1;
        for damage in [&torn[..], &whole[..whole.len() / 2], b"not a voice"] {
            std::fs::write(&file, damage).expect("writable");
            let said = all.speak(&utterance("Hello.")).expect_err("it cannot speak").to_string();
            assert!(said.contains(name) && said.contains("damaged") && said.contains("--no-voices"), "{said}");
        }
        std::fs::write(&file, &whole).expect("writable");
    }
    assert_eq!(all.speak(&utterance("Hello.")).expect("it speaks").voice, "hibari/en-US");
}
