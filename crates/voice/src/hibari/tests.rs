//! The Rust inference against the package that published the model: `tests/hibari/reference.json` says what that one made.
//!
//! They need the files that `cargo xtask setup` fetches, and fail without them.

use super::files::{Loaded, load};
use super::{FOLDER, Sentence, wave};
use crate::kept_by_setup;
use serde_json::Value;
use std::sync::OnceLock;

fn loaded() -> &'static Loaded {
    static LOADED: OnceLock<Loaded> = OnceLock::new();
    LOADED.get_or_init(|| {
        let folder = kept_by_setup().expect("a cache folder").join(FOLDER);
        load(&folder).unwrap_or_else(|error| panic!("{error} These tests need it: cargo xtask setup"))
    })
}

fn reference() -> Value {
    serde_json::from_str(include_str!("../../tests/hibari/reference.json")).expect("it is JSON")
}

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().expect("a list").iter().map(|value| value.as_f64().expect("a number") as f32).collect()
}

/// Mean distance of two lists, and the largest.
fn apart(found: &[f32], wanted: &[f32]) -> (f32, f32) {
    assert_eq!(found.len(), wanted.len());
    let distances = found.iter().zip(wanted).map(|(a, b)| (a - b).abs());
    (distances.clone().sum::<f32>() / found.len() as f32, distances.fold(0f32, f32::max))
}

/// The package's own outputs differ as much between two of its runtime's settings: eight-bit steps fall to either side.
#[test]
fn the_network_paints_what_the_package_paints() {
    for row in reference()["spoken"].as_array().expect("sentences") {
        let phonemes = row["phonemes"].as_str().expect("a text");
        let known = phonemes.chars().map(|sign| loaded().numbers[&sign]);
        let ids: Vec<usize> = std::iter::once(0).chain(known).chain([0]).collect();
        let plan = loaded().network.plan(&ids, 1.0);
        let painting = loaded().network.paint(&ids, &plan);
        assert_eq!(plan.pitch.len() as u64, row["frames"].as_u64().expect("a number"), "{phonemes}");
        let pitch: Vec<f32> = plan.pitch.iter().step_by(5).copied().collect();
        let (mean, most) = apart(&pitch, &numbers(&row["pitch"]));
        assert!(mean < 0.8 && most < 5.0, "{phonemes}: pitch {mean} and {most} Hz apart");
        for (name, part) in [
            ("harmonic", &painting.harmonic),
            ("phase", &painting.phase),
            ("noise", &painting.noise),
            ("free", &painting.free),
            ("free_phase", &painting.free_phase),
        ] {
            let some: Vec<f32> = (0..super::network::BINS)
                .step_by(41)
                .flat_map(|bin| (0..part.rows).step_by(23).map(move |frame| part.row(frame)[bin]))
                .collect();
            let (mean, most) = apart(&some, &numbers(&row[name]["some"]));
            assert!(mean < 0.08 && most < 0.5, "{phonemes}: {name} {mean} and {most} apart");
        }
        let sound = wave::sound(&plan.pitch, &painting, || 0.0);
        let level = (sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32).sqrt();
        let wanted = row["wave"]["level"].as_f64().expect("a number") as f32;
        assert!((level / wanted - 1.0).abs() < 0.01, "{phonemes}: level {level}, not {wanted}");
        // Where both plan the same pitch, even the samples are the same; a fifth of a hertz is half a turn after two seconds.
        let some: Vec<f32> = sound.iter().step_by(97).copied().collect();
        let (far, _) = apart(&some, &numbers(&row["wave"]["some"]));
        assert!(mean > 0.01 || far < level * 0.04, "{phonemes}: samples {far} apart at a level of {level}");
    }
}

#[test]
fn lines_are_read_as_the_package_reads_them() {
    let reference = reference();
    let pairs = |name: &str| {
        let rows = reference[name].as_array().expect("pairs").iter();
        rows.map(|row| [0, 1].map(|at| row[at].as_str().expect("a text").to_owned())).collect::<Vec<_>>()
    };
    for [word, wanted] in pairs("unknown") {
        assert_eq!(loaded().reader.spelling.read(&word), wanted, "{word}");
    }
    let mut others = Vec::new();
    for [line, wanted] in pairs("read") {
        let written: Vec<&str> = line.split_whitespace().collect();
        let found: Vec<String> = loaded().reader.sentences(&written).iter().map(Sentence::text).collect();
        if found.join(" ") != wanted {
            others.push(format!("{line}\n  {}\n  {wanted}", found.join(" ")));
        }
    }
    // "point" in a number, "who" after a quotation mark, and a dash between spaces.
    assert!(others.len() <= 3, "{} lines are read in another way:\n{}", others.len(), others.join("\n"));
}

#[test]
fn every_phoneme_that_is_read_has_a_number() {
    for line in include_str!("../../tests/hibari/read.txt").lines() {
        let written: Vec<&str> = line.split_whitespace().collect();
        let text: String = loaded().reader.sentences(&written).iter().map(Sentence::text).collect();
        let unknown: Vec<char> = text.chars().filter(|sign| !loaded().numbers.contains_key(sign)).collect();
        assert!(unknown.is_empty(), "{line}: {unknown:?}");
    }
}
