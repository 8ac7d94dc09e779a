//! What a film may rely on when somebody has put Kokoro's files into a folder of voices, or only some of them.
//!
//! The voice is a tiny random one, so it says nothing that a person would understand; that the networks are right is proved beside
//! the reference (models/tests). They need the files that `cargo xtask setup` fetches, since hibari reads for Kokoro.

use kinora_models::kokoro::{KokoroConfig, random::random_files};
use kinora_ports::fakes::voice_contract;
use kinora_ports::{PortError, Utterance, Voice};
use kinora_voice::{Voices, kept_by_setup};
use std::path::{Path, PathBuf};
use support::utterance;

#[allow(dead_code, reason = "the tests of each voice use their part")]
mod support;

const READER: &str = "hibari-0.2.1";
const FOLDER: &str = "kokoro-82m";
const PEOPLE: [&str; 5] = ["af_ada", "af_bea", "am_ben", "bf_cleo", "zm_dan"];

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
            write("kokoro-v1_0.safetensors", &model);
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
    for (gone, named) in
        [("config.json", "config.json"), ("kokoro-v1_0.safetensors", "kokoro-v1_0.pth"), ("voices", "af_heart.pt")]
    {
        let home = home();
        let path = folder(&home).join(gone);
        let taken = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        taken.expect("writable");
        let voices = all(&home);
        assert_eq!(voices.speak(&utterance("Hello.")).expect("it speaks").voice, "hibari/en-US");
        assert!(voices.catalogue().iter().all(|info| !info.name.starts_with("kokoro/")));
        let remark = voices.remark().expect("a sentence");
        assert!(remark.contains(named) && remark.contains("hibari does"), "{remark}");
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
    for name in ["config.json", "kokoro-v1_0.safetensors", "voices/af_ada.safetensors"] {
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

#[test]
fn a_released_file_that_is_a_program_is_refused_and_not_run() {
    let home = home();
    std::fs::remove_file(folder(&home).join("kokoro-v1_0.safetensors")).expect("writable");
    let proof = home.path().join("ran");
    let command = format!("touch {}", proof.display());
    let length = (command.len() as u32).to_le_bytes();
    let program = [b"\x80\x02cos\nsystem\nX", &length[..], command.as_bytes(), b"\x85R."].concat();
    std::fs::write(folder(&home).join("kokoro-v1_0.pth"), program).expect("writable");
    let said = trouble(&all(&home));
    assert!(said.contains("kokoro-v1_0.pth"), "{said}");
    assert!(!Path::new(&proof).exists());
}
