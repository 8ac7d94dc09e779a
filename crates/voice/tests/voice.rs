//! What a film may rely on when its characters speak.

use kinora_ports::fakes::voice_contract;
use kinora_ports::{PortError, Utterance, Voice};
use kinora_voice::PicoVoice;
use support::{pitch, utterance};

mod support;

#[test]
fn pico_is_a_voice() {
    let home = tempfile::tempdir().expect("a folder");
    assert_eq!(voice_contract(&PicoVoice::new(home.path())), Ok(()));
}

#[test]
fn people_differ_in_pitch_as_asked_and_keep_it_from_line_to_line() {
    let home = tempfile::tempdir().expect("a folder");
    let voice = PicoVoice::new(home.path());
    let mut before = 0.0;
    for (hertz, timbre) in [(104, 830), (132, 880), (167, 940), (211, 1000), (267, 1090)] {
        let said = |text: &str| {
            let wish = Utterance { pitch_hertz: hertz, timbre_permille: timbre, ..utterance(text) };
            pitch(&voice.speak(&wish).expect("it speaks").sound)
        };
        let (one, other) = (said("The book says that it is winter."), said("Nobody knows where the lamp has gone."));
        for found in [one, other] {
            assert!((found / hertz as f32 - 1.0).abs() < 0.12, "asked for {hertz} Hz, heard {found}");
        }
        assert!((one / other - 1.0).abs() < 0.1, "{one} and {other} Hz are not one person");
        assert!(one > before * 1.1, "{one} Hz is no other person than {before} Hz");
        before = one;
    }
}

#[test]
fn every_language_of_the_catalogue_speaks() {
    let home = tempfile::tempdir().expect("a folder");
    let voice = PicoVoice::new(home.path());
    for info in voice.catalogue() {
        let spoken = voice.speak(&Utterance { language: info.language, ..utterance("Una casa, ein Haus.") });
        let spoken = spoken.unwrap_or_else(|error| panic!("{}: {error}", info.name));
        assert_eq!(spoken.voice, info.name);
        assert!(spoken.sound.samples.len() > 24_000, "{}", info.name);
    }
}

#[test]
fn a_word_is_where_it_is_heard() {
    let home = tempfile::tempdir().expect("a folder");
    let voice = PicoVoice::new(home.path());
    // A pause is heard between the sentences; the word after it must begin where the sound does.
    let spoken = voice.speak(&utterance("Stop. Winter is here.")).expect("it speaks");
    let silent: Vec<bool> = spoken.sound.samples.chunks(480).map(|c| c.iter().all(|s| s.abs() < 0.002)).collect();
    let pause = silent.windows(15).position(|run| run.iter().all(|silent| *silent)).expect("a pause");
    let resumed = pause + silent[pause..].iter().position(|silent| !silent).expect("speech after it");
    let start = spoken.words[1].start.to_millis();
    assert!((start - resumed as i64 * 10).abs() <= 40, "“Winter” begins at {start} ms, sound at {resumed}0 ms");
    assert!(spoken.words[0].end.to_millis() <= pause as i64 * 10 + 40);
}

#[test]
fn hostile_lines_are_spoken_or_refused_and_never_crash() {
    let home = tempfile::tempdir().expect("a folder");
    let voice = PicoVoice::new(home.path());
    let long = "word ".repeat(20_000);
    let endless = "x".repeat(15_000);
    let commands = "<genfile file=\"x.wav\"> </speed></pitch> <play file=\"../../x\"/> &amp; \u{0} end".to_owned();
    let marks = ".,;:!?'\"()[]{}".repeat(300) + "a";
    let controls: String = (1u8..32).map(char::from).chain("hello".chars()).collect();
    let accents = "Ünïcödé naïve façade Ærøskøbing 1234567890123456789 3.14 50% A.B.C. ".repeat(5);
    for text in [&long, &endless, &commands, &marks, &controls, &accents] {
        match voice.speak(&utterance(text)) {
            Ok(spoken) => assert_eq!(spoken.words.len(), text.split_whitespace().count()),
            Err(PortError::Refused(refusal)) => assert!(!refusal.remedy.is_empty()),
            Err(other) => panic!("{other:?} for {text:.40}"),
        }
    }
    assert_eq!(std::fs::read_dir(home.path()).expect("readable").count(), 2, "nothing but two voice files is written");
    for text in ["", "映画は楽しい", "\u{202e}\u{200b}", "🙂"] {
        assert!(matches!(voice.speak(&utterance(text)), Err(PortError::Refused(_))), "{text:?}");
    }
}

#[test]
fn a_missing_or_damaged_voice_file_is_a_sentence_that_names_it() {
    let home = tempfile::tempdir().expect("a folder");
    let said = |voice: &PicoVoice| voice.speak(&utterance("Hello.")).expect_err("it cannot speak").to_string();
    let missing = said(&PicoVoice::with_files(home.path()));
    assert!(missing.contains("en-US_ta.bin is missing") && missing.contains("--no-voices"), "{missing}");
    std::fs::write(home.path().join("en-US_ta.bin"), b"not a voice").expect("writable");
    std::fs::write(home.path().join("en-US_lh0_sg.bin"), b"").expect("writable");
    let damaged = said(&PicoVoice::with_files(home.path()));
    assert!(damaged.contains("en-US_ta.bin") && damaged.contains("damaged"), "{damaged}");
    // Our own folder mends itself.
    assert!(PicoVoice::new(home.path()).speak(&utterance("Hello.")).is_ok());
    let file = home.path().join("file");
    std::fs::write(&file, b"").expect("writable");
    let blocked = said(&PicoVoice::new(&file.join("below")));
    assert!(blocked.contains("could not be unpacked"), "{blocked}");
}
