//! What a film may rely on when somebody has put Kokoro's files into a folder of voices, or only some of them.
//!
//! The voice is a tiny random one, so it says nothing that a person would understand; that the networks are right is proved beside
//! the reference (models/tests). They need the files that `cargo xtask setup` fetches, since hibari reads for Kokoro.

use kinora_models::kokoro::{KokoroConfig, random::random_files};
use kinora_ports::fakes::voice_contract;
use kinora_ports::{PortError, Utterance, Voice};
use kinora_voice::{Voices, convert_kokoro, kept_by_setup};
use std::fs::File;
use std::path::{Path, PathBuf};
use support::utterance;

#[path = "../../../models/tests/pickles/mod.rs"]
mod pickles;
#[allow(dead_code, reason = "the tests of each voice use their part")]
mod support;

const READER: &str = "hibari-0.2.1";
const FOLDER: &str = "kokoro-82m";
const PEOPLE: [&str; 5] = ["af_ada", "af_bea", "am_ben", "bf_cleo", "zm_dan"];
const MODEL: &str = "kokoro-v1_0.safetensors";
/// What is made of released files, in order: of the people those who speak American English.
const MADE: [&str; 4] = [MODEL, "voices/af_ada.safetensors", "voices/af_bea.safetensors", "voices/am_ben.safetensors"];

fn reader() -> PathBuf {
    let folder = kept_by_setup().expect("a cache folder").join(READER);
    assert!(folder.join("vocab.json").is_file(), "{} holds no voice: cargo xtask setup fetches it", folder.display());
    folder
}

/// A folder of voices with hibari and a whole, tiny Kokoro.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    let (reading, speaking) = (home.path().join(READER), home.path().join(FOLDER));
    std::fs::create_dir(&reading).expect("writable");
    for file in std::fs::read_dir(reader()).expect("readable").flatten() {
        std::fs::copy(file.path(), reading.join(file.file_name())).expect("writable");
    }
    std::fs::create_dir_all(speaking.join("voices")).expect("writable");
    // Kokoro's own numbers of phonemes are hibari's.
    let numbers = std::fs::read_to_string(reading.join("vocab.json")).expect("readable");
    let config = format!(
        r#"{{"n_token": 178, "hidden_dim": 16, "style_dim": 8, "n_layer": 1, "max_dur": 12, "text_encoder_kernel_size": 5,
            "decoder_width": 16, "decoder_residual": 4, "vocab": {numbers},
            "plbert": {{"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 512,
                        "num_hidden_layers": 1, "embedding_size": 8}},
            "istftnet": {{"upsample_kernel_sizes": [20, 12], "upsample_rates": [10, 6], "gen_istft_hop_size": 5,
                          "gen_istft_n_fft": 20, "resblock_dilation_sizes": [[1, 3, 5]], "resblock_kernel_sizes": [3],
                          "upsample_initial_channel": 8}}}}"#
    );
    let parsed = KokoroConfig::parse(config.as_bytes()).expect("a config");
    let write = |name: &str, bytes: &[u8]| std::fs::write(speaking.join(name), bytes).expect("writable");
    write("config.json", config.as_bytes());
    for (seed, person) in PEOPLE.iter().enumerate() {
        let (model, voice) = random_files(&parsed, seed as u64).expect("random files");
        write(&format!("voices/{person}.safetensors"), &voice);
        if seed == 0 {
            write(MODEL, &model);
        }
    }
    home
}

fn all(home: &tempfile::TempDir) -> Voices {
    Voices::new(home.path(), &[])
}

fn folder(home: &tempfile::TempDir) -> PathBuf {
    home.path().join(FOLDER)
}

/// The released file that a safetensors file is made of.
fn origin(file: &str) -> String {
    let name = file.strip_suffix(".safetensors").expect("a safetensors file");
    format!("{name}.{}", if file == MODEL { "pth" } else { "pt" })
}

/// The same as [`home`], as Kokoro is released: pickles alone.
fn released() -> tempfile::TempDir {
    let home = home();
    let voices = PEOPLE.iter().map(|person| format!("voices/{person}.safetensors"));
    for file in voices.chain([MODEL.to_owned()]) {
        let path = folder(&home).join(&file);
        let pickle = pickles::released(&std::fs::read(&path).expect("readable"));
        std::fs::write(folder(&home).join(origin(&file)), pickle).expect("writable");
        std::fs::remove_file(path).expect("writable");
    }
    home
}

/// Names of all files in the folder and below.
fn files(folder: &Path) -> Vec<String> {
    let below = |folder: &Path| std::fs::read_dir(folder).expect("readable").flatten().map(|entry| entry.path());
    let all = below(folder).chain(below(&folder.join("voices"))).filter(|path| path.is_file());
    let mut names: Vec<String> =
        all.map(|path| path.strip_prefix(folder).expect("below").display().to_string()).collect();
    names.sort();
    names
}

#[test]
fn american_english_is_spoken_by_kokoros_people_once_its_files_are_there() {
    let home = home();
    let voices = all(&home);
    let names: Vec<String> = voices.catalogue().into_iter().map(|info| info.name).collect();
    assert_eq!(names[..5], ["kokoro/af_ada", "kokoro/af_bea", "kokoro/am_ben", "hibari/en-US", "pico/en-US"]);
    assert!(voices.catalogue().iter().all(|info| info.licence == "Apache-2.0"));
    let mut engines: Vec<String> = voices.catalogue().into_iter().map(|info| info.engine).collect();
    engines.dedup();
    assert_eq!(engines, ["Kokoro-82M", "Hibari", "Pico"]);
    assert_eq!(voices.remark(), None);
    assert_eq!(voice_contract(&voices), Ok(()));
    let german = Utterance { language: "de-DE".to_owned(), ..utterance("Ein Haus.") };
    assert_eq!(voices.speak(&german).expect("it speaks").voice, "pico/de-DE");
}

#[test]
fn a_person_keeps_one_voice_which_suits_their_pitch_and_number() {
    let home = home();
    let voices = all(&home);
    let voice = |speaker, pitch_hertz, text: &str| {
        voices.speak(&Utterance { speaker, pitch_hertz, ..utterance(text) }).expect("it speaks").voice
    };
    for text in ["Hello.", "Nobody knows where the lamp has gone."] {
        assert_eq!(voice(0, 210, text), "kokoro/af_ada");
        assert_eq!(voice(1, 210, text), "kokoro/af_bea");
        assert_eq!(voice(2, 210, text), "kokoro/af_ada");
        assert_eq!(voice(7, 110, text), "kokoro/am_ben");
    }
}

#[test]
fn half_of_kokoro_is_no_voice_and_a_sentence_says_what_is_missing() {
    for (gone, named) in [("config.json", "config.json"), (MODEL, MODEL), ("voices", "af_heart.safetensors")] {
        let home = home();
        let path = folder(&home).join(gone);
        let taken = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        taken.expect("writable");
        let voices = all(&home);
        assert_eq!(voices.speak(&utterance("Hello.")).expect("it speaks").voice, "hibari/en-US");
        assert!(voices.catalogue().iter().all(|info| !info.name.starts_with("kokoro/")));
        let remark = voices.remark().expect("a sentence");
        assert!(remark.contains(named) && remark.contains("hibari does"), "{remark}");
        assert!(!remark.contains("convert"), "there is nothing to be converted: {remark}");
    }
}

/// What is said of a voice that cannot speak.
fn trouble(voices: &Voices) -> String {
    match voices.speak(&utterance("Hello.")) {
        Err(PortError::Failed(fault)) => fault.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_damaged_file_of_kokoro_is_told_by_name_until_it_is_mended() {
    let home = home();
    for name in ["config.json", MODEL, "voices/af_ada.safetensors"] {
        let voices = all(&home);
        let file = folder(&home).join(name);
        let whole = std::fs::read(&file).expect("readable");
        for damage in [&whole[..whole.len() / 2], b"not a voice", b""] {
            std::fs::write(&file, damage).expect("writable");
            let said = trouble(&voices);
            assert!(said.contains(name) && said.contains("take the folder away"), "{said}");
        }
        std::fs::write(&file, &whole).expect("writable");
        assert_eq!(voices.speak(&utterance("Hello.")).expect("it speaks").voice, "kokoro/af_ada");
    }
}

/// What harms whoever opens it as Python does, bare and as PyTorch packs it; and the file that then would be there.
fn programs(home: &tempfile::TempDir) -> ([Vec<u8>; 2], PathBuf) {
    let proof = home.path().join("ran");
    let list = pickles::program(&format!("touch {}", proof.display()));
    ([pickles::zip(&[("data.pkl", &list)]), list], proof)
}

#[test]
fn released_files_are_refused_by_name_and_a_sentence_says_what_to_do() {
    let home = released();
    let voices = all(&home);
    assert_eq!(voices.speak(&utterance("Hello.")).expect("it speaks").voice, "hibari/en-US");
    assert!(voices.catalogue().iter().all(|info| !info.name.starts_with("kokoro/")));
    let remark = voices.remark().expect("a sentence");
    for words in [MODEL, "hibari does", "can carry programs", "run `kinora voices convert`"] {
        assert!(remark.contains(words), "{remark}");
    }
    assert_eq!(voices.kokoro_folder(), folder(&home), "where the command looks");
    // A voice alone as well: nobody speaks with it, and nobody says that they do.
    let home = self::home();
    let voice = folder(&home).join("voices/af_ada.safetensors");
    std::fs::rename(&voice, voice.with_extension("pt")).expect("writable");
    let voices = all(&home);
    assert_eq!(voices.catalogue()[0].name, "kokoro/af_bea");
    assert_eq!(voices.speak(&utterance("Hello.")).expect("it speaks").voice, "kokoro/af_bea");
}

#[test]
fn a_pickle_under_the_name_of_safetensors_is_refused_by_its_first_bytes_and_not_run() {
    let home = home();
    let (programs, proof) = programs(&home);
    for name in [MODEL, "voices/af_ada.safetensors"] {
        let file = folder(&home).join(name);
        let whole = std::fs::read(&file).expect("readable");
        for pickle in programs.iter().chain([&pickles::released(&whole)]) {
            std::fs::write(&file, pickle).expect("writable");
            let said = trouble(&all(&home));
            assert!(said.contains(name) && said.contains("can run programs"), "{said}");
        }
        std::fs::write(&file, &whole).expect("writable");
    }
    assert!(!proof.exists());
}

#[test]
fn converted_files_speak_bit_for_bit_as_the_weights_they_are() {
    let (home, released) = (home(), released());
    let before = files(&folder(&released));
    let done = convert_kokoro(&folder(&released)).expect("it converts");
    assert_eq!((done.engine, done.licence), ("Kokoro-82M", "Apache-2.0"));
    assert_eq!(done.files.iter().map(|file| file.file.as_str()).collect::<Vec<_>>(), MADE);
    let size = |name: &str| std::fs::metadata(folder(&released).join(name)).expect("there").len();
    for file in &done.files {
        let made = file.made.as_ref().expect("it was made");
        assert_eq!((made.from.clone(), made.bytes), (origin(&file.file), size(&file.file)));
        let from = std::fs::read(folder(&released).join(&made.from)).expect("it stays where it was");
        assert_eq!(
            (made.from_bytes, made.from_blake3.as_str()),
            (size(&made.from), blake3::hash(&from).to_hex().as_str())
        );
    }
    let mut after = [before, MADE.map(str::to_owned).to_vec()].concat();
    after.sort();
    assert_eq!(files(&folder(&released)), after);
    for (pitch_hertz, speaker) in [(210, 0), (210, 1), (110, 0)] {
        let line = Utterance { pitch_hertz, speaker, ..utterance("Nobody knows where the lamp has gone.") };
        let (own, converted) =
            (all(&home).speak(&line).expect("it speaks"), all(&released).speak(&line).expect("it speaks"));
        assert!(own.voice.starts_with("kokoro/"), "{}", own.voice);
        assert_eq!((&own.voice, &own.words), (&converted.voice, &converted.words));
        let bits = |sound: &[f32]| sound.iter().map(|sample| sample.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&own.sound.samples), bits(&converted.sound.samples));
    }
    assert_eq!(all(&released).remark(), None);
}

#[test]
fn what_is_damaged_does_harm_or_is_no_kokoro_is_refused_and_nothing_is_left_behind() {
    let home = released();
    let before = files(&folder(&home));
    let (programs, proof) = programs(&home);
    let read = |name: &str| std::fs::read(folder(&home).join(name)).expect("readable");
    let (model, voice) = (read("kokoro-v1_0.pth"), read("voices/am_ben.pt"));
    for (name, whole, other) in [("kokoro-v1_0.pth", &model, &voice), ("voices/am_ben.pt", &voice, &model)] {
        let cut = whole[..whole.len() / 2].to_vec();
        for bytes in [&cut, &Vec::new(), other, &programs[0], &programs[1]] {
            std::fs::write(folder(&home).join(name), bytes).expect("writable");
            let refused = convert_kokoro(&folder(&home)).expect_err("it is no voice").to_string();
            assert!(refused.contains("Nothing was converted") && refused.contains(name), "{refused}");
            assert_eq!(files(&folder(&home)), before, "after {refused}");
            assert_eq!(&read(name), bytes, "a released file is not touched");
        }
        std::fs::write(folder(&home).join(name), whole).expect("writable");
    }
    assert!(!proof.exists());
    convert_kokoro(&folder(&home)).expect("it converts once all of it is whole");
}

#[test]
fn a_second_conversion_does_nothing_and_what_a_dead_one_left_is_taken_over() {
    let home = released();
    let part = folder(&home).join(format!("{MODEL}.part"));
    std::fs::write(&part, b"half of a mod").expect("writable");
    // Another run holds it: this one leaves it alone.
    let other = File::open(&part).expect("readable");
    other.lock().expect("a lock");
    let refused = convert_kokoro(&folder(&home)).expect_err("another run is at it").to_string();
    assert!(refused.contains("another"), "{refused}");
    assert_eq!(std::fs::read(&part).expect("readable"), b"half of a mod");
    drop(other);
    convert_kokoro(&folder(&home)).expect("it converts");
    assert!(!part.exists());
    let (names, mine) = (files(&folder(&home)), folder(&home).join(MADE[1]));
    std::fs::write(&mine, b"put there by somebody").expect("writable");
    let again = convert_kokoro(&folder(&home)).expect("there is nothing to do");
    assert_eq!(again.files.iter().map(|file| file.file.as_str()).collect::<Vec<_>>(), MADE);
    assert!(again.files.iter().all(|file| file.made.is_none()), "{again:?}");
    assert_eq!(std::fs::read(mine).expect("readable"), b"put there by somebody");
    assert_eq!(files(&folder(&home)), names);
}

#[test]
fn half_of_what_is_released_is_not_converted_and_the_missing_file_is_named() {
    for (gone, named) in
        [("config.json", "config.json"), ("kokoro-v1_0.pth", "kokoro-v1_0.pth"), ("voices", "af_heart.pt")]
    {
        let home = released();
        let path = folder(&home).join(gone);
        let taken = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        taken.expect("writable");
        let refused = convert_kokoro(&folder(&home)).expect_err("half is missing").to_string();
        assert!(refused.contains(named) && refused.contains("Nothing was converted"), "{refused}");
        assert!(!folder(&home).join(MODEL).exists());
    }
}
