//! Every word the window shows, by key, from one file per language.
//!
//! A translator needs no Rust: `en.txt` has one `key = text` a line, and another language is another file with the same keys and the
//! same `{placeholders}`, and one line in [`LANGUAGES`]. A key that is missing falls back to English, and a test finds it first.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Code, its own name for itself, direction, words. English is first: it is what the others are measured by.
pub const LANGUAGES: [Language; 5] = [
    Language { code: "en", name: "English", direction: "ltr", words: include_str!("en.txt") },
    Language { code: "de", name: "Deutsch", direction: "ltr", words: include_str!("de.txt") },
    Language { code: "es", name: "Español", direction: "ltr", words: include_str!("es.txt") },
    Language { code: "ja", name: "日本語", direction: "ltr", words: include_str!("ja.txt") },
    Language { code: "zh", name: "简体中文", direction: "ltr", words: include_str!("zh.txt") },
];

#[derive(Clone, Copy, Debug)]
pub struct Language {
    pub code: &'static str,
    pub name: &'static str,
    pub direction: &'static str,
    words: &'static str,
}

type Words = HashMap<&'static str, &'static str>;

static WORDS: [LazyLock<Words>; 5] = [
    LazyLock::new(|| words_of(0)),
    LazyLock::new(|| words_of(1)),
    LazyLock::new(|| words_of(2)),
    LazyLock::new(|| words_of(3)),
    LazyLock::new(|| words_of(4)),
];
static SPOKEN: AtomicUsize = AtomicUsize::new(0);

fn words_of(index: usize) -> Words {
    LANGUAGES.get(index).map(|language| read(language.words)).unwrap_or_default()
}

fn read(file: &'static str) -> Words {
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, text)| (key.trim(), text.trim()))
        .collect()
}

fn look_up(index: usize, key: &str) -> Option<&'static str> {
    WORDS.get(index).and_then(|words| words.get(key).copied())
}

/// The text of a key.
pub fn t(key: &'static str) -> &'static str {
    look_up(SPOKEN.load(Ordering::Relaxed), key).or_else(|| look_up(0, key)).unwrap_or(key)
}

/// The text of a key that is only known while running; None when no language has it.
pub fn t_of(key: &str) -> Option<&'static str> {
    look_up(SPOKEN.load(Ordering::Relaxed), key).or_else(|| look_up(0, key))
}

/// What the studio calls an edit ("Split shot"), in the language that is spoken; its own words where there are no others.
pub fn of_studio(label: &str) -> String {
    let key = format!("label-{}", label.to_lowercase().replace(' ', "-"));
    t_of(&key).map_or_else(|| label.to_owned(), str::to_owned)
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

/// Speaks the language of a code from now on; English when there is none of it.
pub fn speak(code: &str) {
    SPOKEN.store(LANGUAGES.iter().position(|language| language.code == code).unwrap_or(0), Ordering::Relaxed);
}

/// "ltr" or "rtl", of the language that is spoken.
pub fn direction() -> &'static str {
    LANGUAGES.get(SPOKEN.load(Ordering::Relaxed)).map_or("ltr", |language| language.direction)
}

/// The code of the system's language, when we speak it, else English.
pub fn of_system() -> &'static str {
    let system = leptos::prelude::window().navigator().language().unwrap_or_default().to_lowercase();
    LANGUAGES.iter().find(|language| system.starts_with(language.code)).map_or("en", |language| language.code)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
