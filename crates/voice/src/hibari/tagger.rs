//! Parts of speech, by an averaged perceptron: what tells "I read it" from "I will read it".
//!
//! A word with one usual tag is looked up, any other is judged by its letters and its neighbours. Tags are those of the Penn Treebank.
//! The features' names are those of the weights file and cannot be changed here.

use std::collections::{HashMap, HashSet};

#[derive(Debug)]
pub struct Tagger {
    tags: Vec<String>,
    usual: HashMap<String, String>,
    known: HashSet<String>,
    /// For each feature, what it adds to which tags.
    weights: HashMap<String, Vec<(usize, f32)>>,
}

#[derive(serde::Deserialize)]
struct Stored {
    tags: Vec<String>,
    tagdict: HashMap<String, String>,
    vocab: HashSet<String>,
    weights: HashMap<String, HashMap<String, f32>>,
}

impl Tagger {
    pub fn read(json: &[u8]) -> Result<Self, serde_json::Error> {
        let stored: Stored = serde_json::from_slice(json)?;
        let place = |tag: &String| stored.tags.iter().position(|known| known == tag);
        let row = |(feature, row): (String, HashMap<String, f32>)| {
            let mut found: Vec<(usize, f32)> =
                row.iter().filter_map(|(tag, weight)| Some((place(tag)?, *weight))).collect();
            found.sort_by_key(|(tag, _)| *tag);
            (feature, found)
        };
        let weights = stored.weights.into_iter().map(row).collect();
        Ok(Self { tags: stored.tags.clone(), usual: stored.tagdict, known: stored.vocab, weights })
    }

    /// A tag for each token, in order.
    pub fn tags(&self, tokens: &[&str]) -> Vec<&str> {
        let context: Vec<String> = tokens.iter().map(|token| self.context(token)).collect();
        let around = |at: usize, by: isize| match at.checked_add_signed(by) {
            // Before the first and after the last stand two marks each.
            None if at as isize + by == -1 => "-START-",
            None => "-START2-",
            Some(place) if place == context.len() => "-END-",
            Some(place) => context.get(place).map_or("-END2-", String::as_str),
        };
        let mut found: Vec<&str> = Vec::with_capacity(tokens.len());
        let (mut before, mut before_that) = ("-START-", "-START2-");
        for (at, token) in tokens.iter().enumerate() {
            let tag = match self.usual.get(*token) {
                Some(usual) => usual,
                None => self.judged(&[
                    "b".to_owned(),
                    format!("s3={}", ending(token)),
                    format!("p1={}", token.chars().take(1).collect::<String>()),
                    format!("w={}", around(at, 0)),
                    format!("sh={}", shape(token)),
                    if at == 0 { "i0" } else { "i+" }.to_owned(),
                    format!("t-1={before}"),
                    format!("t-2={before_that}"),
                    format!("t-12={before},{before_that}"),
                    format!("w-1={}", around(at, -1)),
                    format!("s3-1={}", ending(around(at, -1))),
                    format!("w-2={}", around(at, -2)),
                    format!("w+1={}", around(at, 1)),
                    format!("s3+1={}", ending(around(at, 1))),
                    format!("w+2={}", around(at, 2)),
                ]),
            };
            found.push(tag);
            (before_that, before) = (before, tag);
        }
        found
    }

    fn judged(&self, features: &[String]) -> &str {
        let mut scores = vec![0f32; self.tags.len()];
        for (tag, weight) in features.iter().filter_map(|feature| self.weights.get(feature)).flatten() {
            if let Some(score) = scores.get_mut(*tag) {
                *score += weight;
            }
        }
        let best = scores.iter().zip(&self.tags).max_by(|a, b| a.0.total_cmp(b.0).then_with(|| a.1.cmp(b.1)));
        best.map_or("NN", |(_, tag)| tag)
    }

    /// What a neighbour sees of a token: the word in small letters, or only its shape when it is rare.
    fn context(&self, token: &str) -> String {
        let first = token.chars().next().unwrap_or(' ');
        let seen = if first != '-' && token.contains('-') {
            "!HYPHEN".to_owned()
        } else if token.len() == 4 && token.bytes().all(|byte| byte.is_ascii_digit()) {
            "!YEAR".to_owned()
        } else if first.is_ascii_digit() {
            "!DIGITS".to_owned()
        } else {
            token.to_lowercase()
        };
        if self.known.contains(&seen) { seen } else { format!("<{}>", shape(token)) }
    }
}

/// The last three letters.
fn ending(word: &str) -> &str {
    let from = word.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
    word.get(from..).unwrap_or(word)
}

fn shape(word: &str) -> String {
    let all = |test: fn(char) -> bool| word.chars().all(test);
    if all(char::is_alphabetic) {
        let small = |letter: char| letter.is_lowercase();
        let large = |letter: char| letter.is_uppercase();
        let mut letters = word.chars();
        let first = letters.next().unwrap_or(' ');
        return match () {
            () if all(small) => "x",
            () if all(large) => {
                if word.chars().nth(1).is_some() {
                    "XX"
                } else {
                    "X1"
                }
            }
            () if large(first) && letters.all(small) => "Xx",
            () => "xX",
        }
        .to_owned();
    }
    if all(char::is_numeric) {
        return "d".to_owned();
    }
    let mark = |letter: char| match letter {
        _ if letter.is_numeric() => 'd',
        _ if letter.is_alphabetic() => 'x',
        other => other,
    };
    word.chars().take(4).map(mark).collect()
}
