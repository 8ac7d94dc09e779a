//! All words of all packs in one automaton, and where in a text they stand.
//! It exists so that a text is read once, whatever the number of words, and the work grows with the text alone.
//! It must never decide what a word means: shields and negations are data, judged by the same positions.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};

use crate::normalise::{Gap, Text, plain_words};
use crate::packs::PackError;

/// A place where the words of a concept stand, in words of the original, first and last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    pub(crate) concept: u32,
    pub(crate) first: u32,
    pub(crate) last: u32,
    pub(crate) disguised: bool,
}

/// Shortest word that is looked for inside letters spelled one by one; shorter ones stand in every other word.
const SHORTEST_INSIDE: usize = 4;
/// How many words before a hit a "no" or "without" may stand and still mean it: "no blood or nudity".
const NEGATION_REACHES: u32 = 3;
/// More places than this in one text are no film: it is refused rather than read in part.
const MOST_HITS: usize = 4096;

#[derive(Debug, Default)]
pub(crate) struct LexiconBuilder {
    concepts: BTreeMap<String, u32>,
    negatable: Vec<bool>,
    patterns: BTreeMap<String, Vec<u32>>,
}

impl LexiconBuilder {
    pub(crate) fn concept(&mut self, name: &str, negatable: bool) -> u32 {
        let next = u32::try_from(self.concepts.len()).unwrap_or(u32::MAX);
        let id = *self.concepts.entry(name.to_owned()).or_insert(next);
        if id == next {
            self.negatable.push(false);
        }
        if let Some(kept) = self.negatable.get_mut(id as usize) {
            *kept |= negatable;
        }
        id
    }

    /// Adds `word`, `stem*`, `*end`, `*part*` or `several words*`.
    pub(crate) fn add(&mut self, concept: u32, entry: &str) {
        let entry = entry.trim();
        let (open_before, rest) = entry.strip_prefix('*').map_or((false, entry), |rest| (true, rest));
        let (open_after, rest) = rest.strip_suffix('*').map_or((false, rest), |rest| (true, rest));
        for spelling in spellings(rest) {
            let words = plain_words(&spelling);
            if words.is_empty() {
                continue;
            }
            let pattern = format!("{}{words}{}", if open_before { "" } else { " " }, if open_after { "" } else { " " });
            let concepts = self.patterns.entry(pattern).or_default();
            if !concepts.contains(&concept) {
                concepts.push(concept);
            }
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.concepts.get(name).copied()
    }

    pub(crate) fn build(mut self) -> Result<Lexicon, PackError> {
        let innocent = self.concept(INNOCENT, false);
        let negation = self.concept(NEGATION, false);
        let (patterns, concepts): (Vec<String>, Vec<Vec<u32>>) = self.patterns.into_iter().unzip();
        let automaton =
            AhoCorasickBuilder::new().build(&patterns).map_err(|error| PackError::Words { why: error.to_string() })?;
        // An excuse or a denial that is itself disguised is none.
        let names_harm = |meant: &Vec<u32>| !meant.contains(&innocent) && !meant.contains(&negation);
        let singles = patterns
            .iter()
            .zip(&concepts)
            .enumerate()
            .filter(|(_, (_, meant))| names_harm(meant))
            .filter_map(|(index, (pattern, _))| Some((index, Single::of(pattern)?)))
            .collect();
        Ok(Lexicon { automaton, concepts, singles, negatable: self.negatable, innocent, negation })
    }
}

/// Phrases of this concept shield the words inside them.
pub(crate) const INNOCENT: &str = "innocent";
/// "No", "without": packs list them under this name.
pub(crate) const NEGATION: &str = "negation";

#[derive(Debug)]
pub(crate) struct Lexicon {
    automaton: AhoCorasick,
    /// For each pattern, what it means.
    concepts: Vec<Vec<u32>>,
    /// Patterns of one word, with their index.
    singles: Vec<(usize, Single)>,
    negatable: Vec<bool>,
    innocent: u32,
    negation: u32,
}

impl Lexicon {
    /// Every hit that no innocent phrase holds and no negation takes back, in order and without repetition.
    /// Nothing when there are more than can be weighed: what lies behind them must not slip through.
    pub(crate) fn hits(&self, text: &Text) -> Option<Vec<Hit>> {
        let mut hits = Vec::new();
        for reading in &text.readings {
            for found in self.automaton.find_overlapping_iter(&reading.text) {
                if hits.len() >= MOST_HITS {
                    return None;
                }
                let Some((first, last, disguised)) = reading.words(&(found.start()..found.end())) else { continue };
                for concept in self.concepts.get(found.pattern().as_usize()).into_iter().flatten() {
                    hits.push(Hit { concept: *concept, first, last, disguised });
                }
            }
        }
        self.solve_puzzles(text, &mut hits);
        hits.sort_unstable();
        // The plain reading and an undisguised one find the same word; `false` sorts first and is kept.
        hits.dedup_by_key(|hit| (hit.concept, hit.first, hit.last));
        Some(self.without_innocent(text, hits))
    }

    /// Words with letters hidden, and words spelled letter by letter, against each single word of the lexicon.
    fn solve_puzzles(&self, text: &Text, hits: &mut Vec<Hit>) {
        if text.masked.is_empty() && text.spelled.is_empty() {
            return;
        }
        for (index, single) in &self.singles {
            let concepts = self.concepts.get(*index).map_or(&[][..], Vec::as_slice);
            let masked =
                text.masked.iter().filter(|(_, masked)| single.fits(masked.as_bytes())).map(|(at, _)| (*at, *at));
            let spelled = text
                .spelled
                .iter()
                .filter(|(_, _, letters)| single.word.len() >= SHORTEST_INSIDE && letters.contains(&single.word))
                .map(|(first, last, _)| (*first, *last));
            for (first, last) in masked.chain(spelled) {
                hits.extend(concepts.iter().map(|concept| Hit { concept: *concept, first, last, disguised: true }));
            }
        }
    }

    fn without_innocent(&self, text: &Text, hits: Vec<Hit>) -> Vec<Hit> {
        let shields: Vec<Hit> = hits.iter().filter(|hit| hit.concept == self.innocent).copied().collect();
        let negations: Vec<Hit> = hits.iter().filter(|hit| hit.concept == self.negation).copied().collect();
        let shielded = |hit: &Hit| shields.iter().any(|shield| shield.first <= hit.first && hit.last <= shield.last);
        let negated = |hit: &Hit| {
            self.negatable.get(hit.concept as usize) == Some(&true)
                && negations.iter().any(|negation| negates(text, negation, hit))
        };
        hits.into_iter().filter(|hit| hit.concept != self.innocent && !shielded(hit) && !negated(hit)).collect()
    }
}

fn negates(text: &Text, negation: &Hit, hit: &Hit) -> bool {
    if negation.last >= hit.first || hit.first - negation.last > NEGATION_REACHES {
        return false;
    }
    let gaps = |from: u32, to: u32| {
        let between = from as usize..=to as usize;
        text.words.get(between).into_iter().flatten().map(|word| word.gap)
    };
    // "No, a nude woman" denies nothing; "no blood, gore or nudity" denies all three.
    let next = gaps(negation.last + 1, negation.last + 1).next();
    next.is_some_and(|gap| gap < Gap::Comma) && gaps(negation.last + 1, hit.first).all(|gap| gap < Gap::Stop)
}

/// A pattern of one word, for puzzles.
#[derive(Debug)]
struct Single {
    word: String,
    open_before: bool,
    open_after: bool,
}

impl Single {
    fn of(pattern: &str) -> Option<Self> {
        let word = pattern.trim();
        let (open_before, open_after) = (!pattern.starts_with(' '), !pattern.ends_with(' '));
        (!word.contains(' ')).then(|| Self { word: word.to_owned(), open_before, open_after })
    }

    /// Whether a word with hidden letters, `n*de`, can be this one. One sign hides one letter.
    fn fits(&self, masked: &[u8]) -> bool {
        let word = self.word.as_bytes();
        let alike = |piece: &[u8]| {
            let hidden = piece.iter().filter(|letter| **letter == b'*').count();
            hidden * 2 <= piece.len()
                && piece.iter().zip(word).all(|(hidden, letter)| *hidden == b'*' || hidden == letter)
        };
        match (self.open_before, self.open_after) {
            _ if masked.len() < word.len() => false,
            (false, false) => masked.len() == word.len() && alike(masked),
            (false, true) => masked.get(..word.len()).is_some_and(alike),
            (true, false) => masked.get(masked.len() - word.len()..).is_some_and(alike),
            (true, true) => masked.windows(word.len().max(1)).any(alike),
        }
    }
}

/// A word with umlauts is written with `e` behind the vowel where the keyboard has none.
pub(crate) fn spellings(entry: &str) -> Vec<String> {
    let long = entry
        .replace('ä', "ae")
        .replace('ö', "oe")
        .replace('ü', "ue")
        .replace('Ä', "Ae")
        .replace('Ö', "Oe")
        .replace('Ü', "Ue");
    if long == entry { vec![long] } else { vec![entry.to_owned(), long] }
}
