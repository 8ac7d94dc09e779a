//! Every word the window shows, by key, from one file per language.
//!
//! A translator needs no Rust: `en.txt` has one `key = text` a line, and another language is another file. Placeholders are
//! `{name}`. A key that is missing shows itself, and a test finds it first.

use std::collections::HashMap;
use std::sync::LazyLock;

const ENGLISH: &str = include_str!("en.txt");

static WORDS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| read(ENGLISH));

fn read(file: &'static str) -> HashMap<&'static str, &'static str> {
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, text)| (key.trim(), text.trim()))
        .collect()
}

/// The text of a key.
pub fn t(key: &'static str) -> &'static str {
    WORDS.get(key).copied().unwrap_or(key)
}

/// The text of a key with its placeholders filled.
pub fn tf(key: &'static str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
    values
        .iter()
        .fold(t(key).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
}

/// `key-one` for one, `key-many` for any other number, which fills `{n}`.
pub fn tn(one: &'static str, many: &'static str, n: usize) -> String {
    tf(if n == 1 { one } else { many }, &[("n", &n)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn sources(folder: &Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).expect("our own sources") {
            let path = entry.expect("our own sources").path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("lang/mod.rs") {
                found.push_str(&std::fs::read_to_string(&path).expect("our own sources"));
            }
        }
    }

    #[test]
    fn every_key_in_the_sources_has_words_and_every_word_is_used() {
        let mut text = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
        for call in ["t(\"", "tf(\"", "tn(\""] {
            for (at, _) in text.match_indices(call) {
                // `get("…` is another function.
                let alone =
                    text.get(..at).is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
                let key = text.get(at + call.len()..).and_then(|rest| rest.split('"').next()).unwrap_or_default();
                if alone && key.contains('-') && !key.contains(' ') {
                    assert!(WORDS.contains_key(key), "no words for `{key}`");
                }
            }
        }
        // Names of actions are used by pattern; their own test knows them.
        for key in WORDS.keys().filter(|key| !key.starts_with("do-")) {
            assert!(text.contains(&format!("\"{key}\"")), "nothing uses `{key}`");
        }
    }

    #[test]
    fn no_key_is_written_twice() {
        let lines = ENGLISH.lines().filter(|l| !l.starts_with('#') && l.contains(" = ")).count();
        assert_eq!(lines, WORDS.len());
    }
}
