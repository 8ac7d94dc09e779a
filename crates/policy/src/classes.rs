//! Classes of words: lists, in five languages, of words that play the same part in a prompt (rats, Ungeziefer, vermine …).
//! They exist so that the classifier, which learns what a class and a pair of classes say, knows words that its corpus never had.
//! A class must never refuse by itself: many are of innocent words, and which is which is learned, not written.

use std::collections::BTreeMap;

use crate::lexicon::spellings;
use crate::normalise::plain_words;

/// So many first bytes of what stands in a text lead to the patterns that may begin there. No pattern is shorter.
const KEY: usize = 3;

/// All classes, ready to be looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classes {
    names: Vec<String>,
    /// In order: plain words with a space behind them, or the beginning of a word with none, and the classes it stands in.
    patterns: Vec<(String, Vec<u16>)>,
}

impl Classes {
    /// Reads lists: `= name` begins a class, a line `en: word, begin*, two words` adds to it, `#` is a remark.
    #[must_use]
    pub fn of_lists(lists: &[String]) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut patterns: BTreeMap<String, Vec<u16>> = BTreeMap::new();
        for line in lists.iter().flat_map(|list| list.lines()).filter(|line| !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix("= ") {
                names.push(name.trim().to_owned());
                continue;
            }
            let class = u16::try_from(names.len()).unwrap_or(u16::MAX).checked_sub(1);
            let (Some(class), Some((_, words))) = (class, line.split_once(':')) else { continue };
            for pattern in words.split(',').flat_map(patterns_of) {
                let classes = patterns.entry(pattern).or_default();
                if !classes.contains(&class) {
                    classes.push(class);
                }
            }
        }
        Self { names, patterns: patterns.into_iter().collect() }
    }

    /// As [`Self::read`] reads it: the names in one line, then a line for each pattern, with its classes behind a tabulator.
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = self.names.join(" ");
        for (pattern, classes) in &self.patterns {
            let classes: Vec<String> = classes.iter().map(u16::to_string).collect();
            out.push_str(&format!("\n{pattern}\t{}", classes.join(",")));
        }
        out
    }

    /// Nothing if the text is not one that [`Self::write`] wrote.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let names = lines.next()?.split(' ').map(str::to_owned).collect();
        let pattern = |line: &str| {
            let (pattern, classes) = line.split_once('\t')?;
            Some((pattern.to_owned(), classes.split(',').map(|class| class.parse().ok()).collect::<Option<_>>()?))
        };
        let patterns: Vec<(String, Vec<u16>)> = lines.map(pattern).collect::<Option<_>>()?;
        patterns.is_sorted().then_some(Self { names, patterns })
    }

    /// The classes that have a word in these plain words, by name, in order and without repetition.
    #[must_use]
    pub fn in_words(&self, plain: &str) -> Vec<&str> {
        let framed = format!("{plain} ");
        let starts = std::iter::once(0).chain(framed.match_indices(' ').map(|(space, _)| space + 1));
        let mut found: Vec<u16> = Vec::new();
        for rest in starts.filter_map(|start| framed.get(start..)) {
            let Some(key) = rest.as_bytes().get(..KEY) else { continue };
            let first = self.patterns.partition_point(|(pattern, _)| pattern.as_bytes() < key);
            let near = self.patterns.iter().skip(first).take_while(|(pattern, _)| pattern.as_bytes().starts_with(key));
            found.extend(near.filter(|(pattern, _)| rest.starts_with(pattern)).flat_map(|(_, classes)| classes));
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|class| self.names.get(usize::from(class))).map(String::as_str).collect()
    }
}

/// What an entry looks like in plain text.
fn patterns_of(entry: &str) -> Vec<String> {
    let entry = entry.trim();
    let (word, end) = entry.strip_suffix('*').map_or((entry, " "), |beginning| (beginning, ""));
    let plain = spellings(word).into_iter().map(|spelling| plain_words(&spelling)).filter(|plain| !plain.is_empty());
    plain.map(|plain| plain + end).filter(|pattern| pattern.len() >= KEY).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Vec<String> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("training/classes");
        let files = std::fs::read_dir(folder).expect("the lists are there");
        files.map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("a list")).collect()
    }

    #[test]
    fn every_class_has_words_in_five_languages_and_no_name_stands_twice() {
        let mut names = std::collections::BTreeSet::new();
        let lists = shipped();
        for class in lists.iter().flat_map(|list| list.split("\n= ").skip(1)) {
            let (name, lines) = class.split_once('\n').expect("a name and its words");
            assert!(names.insert(name), "{name} stands twice");
            let languages: Vec<&str> = lines.lines().filter_map(|line| Some(line.split_once(':')?.0)).collect();
            assert_eq!(languages, ["en", "de", "fr", "es", "it"], "{name}");
        }
        assert!(names.len() > 150, "{}", names.len());
    }

    #[test]
    fn what_was_written_is_read_again_and_anything_else_is_not() {
        let classes = Classes::of_lists(&shipped());
        assert_eq!(Classes::read(&classes.write()), Some(classes));
        for wrong in ["a b\nword", "a\nword \tx", "a\nzebra \t0\napple \t0"] {
            assert_eq!(Classes::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_word_is_found_in_its_class_in_any_language_and_with_any_ending() {
        let lists =
            ["# of beds\n= bed\nen: bed, sleep*\nde: Bett\n= river\nfr: rivière, au bord de l'eau\n".to_owned()];
        let classes = Classes::of_lists(&lists);
        assert_eq!(classes.in_words("he was sleeping there"), ["bed"]);
        assert_eq!(classes.in_words("ein bett am fluss"), ["bed"]);
        assert_eq!(classes.in_words("un lit au bord de l eau"), ["river"]);
        assert!(classes.in_words("embedded beds").is_empty());
    }
}
