//! What a translator may rely on: no key is missing, none is for nothing, and no placeholder is lost.

use super::*;
use std::collections::BTreeSet;
use std::path::Path;

fn sources(folder: &Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).expect("our own sources") {
        let path = entry.expect("our own sources").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.starts_with(folder_of_words()) {
            found.push_str(&std::fs::read_to_string(&path).expect("our own sources"));
        }
    }
}

fn folder_of_words() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lang")
}

/// The names between braces.
fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn every_key_in_the_sources_has_words_and_every_word_is_used() {
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let words = words_of(0);
    for call in ["t(\"", "tf(\"", "tn(\""] {
        for (at, _) in text.match_indices(call) {
            // `get("…` is another function.
            let alone =
                text.get(..at).is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
            let key = text.get(at + call.len()..).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            if alone && key.contains('-') && !key.contains(' ') {
                assert!(words.contains_key(key), "no words for `{key}`");
            }
        }
    }
    // Names of actions, and the document's own words, are looked up by pattern; their own tests know them.
    let by_pattern = |key: &str| ["do-", "change-", "label-"].iter().any(|start| key.starts_with(start));
    for key in words.keys().filter(|key| !by_pattern(key)) {
        assert!(text.contains(&format!("\"{key}\"")), "nothing uses `{key}`");
    }
}

#[test]
fn no_key_is_written_twice() {
    for (index, language) in LANGUAGES.iter().enumerate() {
        let mut seen = BTreeSet::new();
        for line in language.words.lines().filter(|line| !line.starts_with('#') && line.contains(" = ")) {
            let key = line.split_once(" = ").map(|(key, _)| key).unwrap_or_default();
            assert!(seen.insert(key), "{}.txt has `{key}` twice", language.code);
        }
        assert_eq!(seen.len(), words_of(index).len());
    }
}

#[test]
fn every_language_has_every_key_with_the_same_placeholders() {
    let english = words_of(0);
    let mut missing = Vec::new();
    for (index, language) in LANGUAGES.iter().enumerate().skip(1) {
        let words = words_of(index);
        for (key, text) in &english {
            match words.get(key) {
                None => missing.push(format!("{}.txt lacks `{key} = {text}`", language.code)),
                Some(said) if placeholders(said) != placeholders(text) => {
                    missing.push(format!("{}.txt: `{key}` has other placeholders than “{text}”", language.code));
                }
                Some(said) => assert!(!said.is_empty(), "{}.txt: `{key}` says nothing", language.code),
            }
        }
        for key in words.keys().filter(|key| !english.contains_key(*key)) {
            missing.push(format!("{}.txt has `{key}`, which English has not", language.code));
        }
    }
    missing.sort();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn what_the_studio_calls_its_edits_is_said_in_every_language() {
    let commands =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/document/src/command/mod.rs"))
            .expect("our own sources");
    let start = commands.find("pub fn label").expect("the labels");
    let labels: Vec<&str> = commands
        .get(start..)
        .and_then(|rest| rest.split("fn is_system").next())
        .into_iter()
        .flat_map(|labels| labels.split('"').skip(1).step_by(2))
        .filter(|label| label.starts_with(char::is_uppercase))
        .collect();
    assert!(labels.len() > 30, "the labels were found: {labels:?}");
    for label in labels {
        let key = format!("label-{}", label.to_lowercase().replace(' ', "-"));
        assert!(t_of(&key).is_some(), "no words for the edit “{label}”");
    }
}

#[test]
fn a_language_that_is_not_there_is_english() {
    speak("xx");
    assert_eq!(t("cancel"), "Cancel");
    assert_eq!(LANGUAGES.map(|language| language.code), ["en", "de", "es", "ja", "zh"]);
}
