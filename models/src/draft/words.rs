//! From a sentence to tokens: the vocabulary, the folding of endings, and the lexicon of words the model does not know.
//! Nothing is replaced or dropped in silence: every word that is not taken as written leaves a note for the screen. Only
//! articles and the like leave none: the training captions lose them too. **Never here:** weights or tensors.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{
    DraftError,
    retell::{Word, retold},
};

/// Number of the token that ends every prompt; alone it is the empty prompt.
pub const END: u32 = 2;
/// Number of the token that fills up a batch.
pub const PAD: u32 = 0;

/// Words that training drops from its captions before anything else; they change nothing and leave no note.
const GRAMMAR: [&str; 8] = ["the", "a", "an", "is", "of", "as", "it", "with"];
/// Plurals and verb forms that no rule reaches.
const IRREGULAR: [(&str, &str); 16] = [
    ("women", "woman"),
    ("men", "man"),
    ("children", "child"),
    ("people", "man"),
    ("went", "goes"),
    ("going", "goes"),
    ("ran", "runs"),
    ("flew", "flies"),
    ("swam", "swims"),
    ("fell", "falls"),
    ("rose", "rises"),
    ("drove", "drives"),
    ("spun", "spins"),
    ("stood", "stands"),
    ("slid", "slides"),
    ("leapt", "leaps"),
];
/// Longest prompt that is looked at, in bytes; what follows is reported as too long.
const LONGEST_PROMPT: usize = 16 << 10;

/// What became of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptReport {
    /// Token numbers, ending with the end token, unpadded.
    pub tokens: Vec<u32>,
    /// The words behind the tokens, in order, without the end token.
    pub used: Vec<String>,
    /// Words not taken as written, in the order of the prompt, each once.
    pub notes: Vec<WordNote>,
}

/// One word that was not taken as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordNote {
    /// As the prompt has it, lower-cased; empty where all of it is meant.
    pub word: String,
    /// What the model is given instead; empty when it is left out.
    pub used: String,
    /// Why.
    pub reason: WordReason,
}

impl PromptReport {
    /// Each note once.
    fn note(&mut self, note: WordNote) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// Why a word was not taken as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordReason {
    /// A plural or verb ending was folded; the meaning is the same.
    Folded,
    /// The lexicon knows a nearest thing.
    Nearest,
    /// A word that carries no picture.
    Ignored,
    /// Neither known nor in the lexicon; left out.
    Unknown,
    /// The prompt is longer than the model reads.
    TooLong,
    /// All of it was put into the order and the brevity that the model was taught.
    Retold,
}

impl std::fmt::Display for WordNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.reason {
            WordReason::Folded | WordReason::Nearest => write!(f, "{} → {} (draft model)", self.word, self.used),
            WordReason::Ignored => write!(f, "{}: carries no picture (draft model)", self.word),
            WordReason::Unknown => write!(f, "{}: not known, left out (draft model)", self.word),
            WordReason::TooLong => write!(f, "{}: the prompt is too long, left out (draft model)", self.word),
            WordReason::Retold => write!(f, "read as: {} (draft model)", self.used),
        }
    }
}

/// `lexicon.json`.
#[derive(Debug, Default, Deserialize)]
struct Lexicon {
    /// A word outside the vocabulary → one or more inside it.
    #[serde(alias = "map", alias = "words")]
    nearest: HashMap<String, String>,
    /// Words without a picture.
    #[serde(default, alias = "ignorable", alias = "ignored")]
    ignore: HashSet<String>,
}

/// Vocabulary and lexicon.
#[derive(Debug, Clone)]
pub struct Words {
    index: HashMap<String, u32>,
    nearest: HashMap<String, Vec<String>>,
    ignore: HashSet<String>,
    length: usize,
}

impl Words {
    /// From `words.json` (a list; the place is the number) and `lexicon.json`; at most `length` tokens a prompt.
    ///
    /// # Errors
    /// [`DraftError::Files`] when a file is malformed, or the lexicon leads to words that are not in the vocabulary.
    pub fn parse(words: &[u8], lexicon: &[u8], rows: usize, length: usize) -> Result<Self, DraftError> {
        let wrong = |file: &str, what: String| DraftError::Files(format!("{file}: {what}"));
        let words: Vec<String> = serde_json::from_slice(words).map_err(|e| wrong("words.json", e.to_string()))?;
        if words.len() > rows || words.get(..3).is_none_or(|w| w != ["<pad>", "<unk>", "<end>"]) {
            return Err(wrong("words.json", format!("{} words for {rows} rows, or no special tokens", words.len())));
        }
        let index: HashMap<String, u32> = words.into_iter().zip(0u32..).collect();
        let lexicon: Lexicon = serde_json::from_slice(lexicon).map_err(|e| wrong("lexicon.json", e.to_string()))?;
        let mut nearest = HashMap::new();
        for (word, known) in lexicon.nearest {
            let known: Vec<String> = split(&known).collect();
            match known.iter().find(|w| !index.contains_key(*w)) {
                Some(bad) => return Err(wrong("lexicon.json", format!("{word} → {bad}, which is not a known word"))),
                None => nearest.insert(word.to_lowercase(), known),
            };
        }
        Ok(Self { index, nearest, ignore: lexicon.ignore, length: length.max(1) })
    }

    /// Reads a prompt. Never fails; whatever cannot be used is in the notes.
    #[must_use]
    pub fn read(&self, prompt: &str) -> PromptReport {
        let mut report = PromptReport { tokens: Vec::new(), used: Vec::new(), notes: Vec::new() };
        let cut = prompt.floor_char_boundary(LONGEST_PROMPT);
        let (prompt, rest) = prompt.split_at(cut);
        let words = split(prompt).filter(|word| !GRAMMAR.contains(&word.as_str()));
        let understood: Vec<_> = words.map(|word| (self.understand(&word), word)).collect();
        let own = |reason: &Option<WordReason>| *reason != Some(WordReason::Nearest);
        let all: Vec<Word> = understood
            .iter()
            .flat_map(|((used, reason), _)| used.iter().map(|text| Word { text: text.clone(), own: own(reason) }))
            .collect();
        let fits = |told: &Vec<String>| told.len() < self.length && told.iter().all(|w| self.index.contains_key(w));
        let told = retold(&all).filter(fits);
        if let Some(told) = &told {
            report.note(WordNote { word: String::new(), used: told.join(" "), reason: WordReason::Retold });
        }
        for ((used, reason), word) in understood {
            let room = (self.length - 1).saturating_sub(report.used.len());
            let (used, reason) = if told.is_none() && used.len() > room {
                (Vec::new(), Some(WordReason::TooLong))
            } else {
                (used, reason)
            };
            if let Some(reason) = reason {
                report.note(WordNote { word, used: used.join(" "), reason });
            }
            report.used.extend(used);
        }
        report.used = told.unwrap_or(report.used);
        report.tokens.extend(report.used.iter().filter_map(|w| self.index.get(w)));
        if !rest.is_empty() {
            let word = format!("… ({} more characters)", rest.chars().count());
            report.notes.push(WordNote { word, used: String::new(), reason: WordReason::TooLong });
        }
        report.tokens.push(END);
        report
    }

    fn understand(&self, word: &str) -> (Vec<String>, Option<WordReason>) {
        if self.index.contains_key(word) {
            return (vec![word.to_owned()], None);
        }
        let forms = forms(word);
        if let Some(known) = forms.iter().find(|w| self.index.contains_key(*w)) {
            return (vec![known.clone()], Some(WordReason::Folded));
        }
        if let Some(known) =
            std::iter::once(word).chain(forms.iter().map(String::as_str)).find_map(|w| self.nearest.get(w))
        {
            return (known.clone(), Some(WordReason::Nearest));
        }
        let ignored = self.ignore.contains(word) || forms.iter().any(|w| self.ignore.contains(w));
        (Vec::new(), Some(if ignored { WordReason::Ignored } else { WordReason::Unknown }))
    }
}

/// Lower-case words; everything that is not a letter or digit parts them.
fn split(text: &str) -> impl Iterator<Item = String> {
    let text = text.to_lowercase();
    let parts = text.split(|c: char| !c.is_alphanumeric());
    // "s" alone is what an apostrophe left over.
    let words: Vec<String> = parts.filter(|w| !w.is_empty() && *w != "s").map(str::to_owned).collect();
    words.into_iter()
}

/// Other forms of a word that may be in the vocabulary: singular, and the verb's other endings, nearest first.
fn forms(word: &str) -> Vec<String> {
    let mut stems = vec![word.to_owned()];
    if let Some((_, known)) = IRREGULAR.iter().find(|(from, _)| *from == word) {
        stems.push((*known).to_owned());
    }
    // Shorter stems are chance: "sing" is not "s".
    let mut stem = |s: &str, ending: &str| {
        if s.chars().count() >= 2 {
            stems.push(format!("{s}{ending}"));
        }
    };
    if let Some(s) = word.strip_suffix("ies").or_else(|| word.strip_suffix("ied")) {
        stem(s, "y");
    }
    for ending in ["es", "s"] {
        if let Some(s) = word.strip_suffix(ending).filter(|s| !s.ends_with('s')) {
            stem(s, "");
        }
    }
    for ending in ["ing", "ed"] {
        if let Some(s) = word.strip_suffix(ending).filter(|s| s.chars().count() >= 2) {
            stem(s, "");
            stem(s, "e");
            let mut letters = s.chars().rev();
            if let (Some(a), Some(b)) = (letters.next(), letters.next())
                && a == b
                && a.is_ascii()
            {
                stem(s.strip_suffix(a).unwrap_or(s), "");
            }
        }
    }
    let mut all = Vec::new();
    for s in &stems {
        all.push(s.clone());
        all.push(format!("{s}s"));
        all.push(format!("{s}es"));
        if let Some(y) = s.strip_suffix('y') {
            all.push(format!("{y}ies"));
        }
    }
    all.retain(|w| w != word);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Result<Words, DraftError> {
        let words = br#"["<pad>","<unk>","<end>","lizard","car","walks","flies","slides","hops","woman","red","to","left","blue","ball","the"]"#;
        let lexicon = br#"{"nearest": {"dragon": "lizard", "planet": "blue ball"}, "ignore": ["slowly"]}"#;
        Words::parse(words, lexicon, 16, 6)
    }

    #[test]
    fn a_dragon_becomes_a_lizard_and_says_so() -> Result<(), DraftError> {
        let report = words()?.read("The red dragons, slowly");
        assert_eq!(report.used, ["red", "lizard"]);
        assert_eq!(report.tokens, [10, 3, END]);
        let notes: Vec<String> = report.notes.iter().map(ToString::to_string).collect();
        assert_eq!(notes, ["dragons → lizard (draft model)", "slowly: carries no picture (draft model)"]);
        Ok(())
    }

    #[test]
    fn endings_are_folded_by_rule() -> Result<(), DraftError> {
        let words = words()?;
        for (from, to) in [
            ("cars", "car"),
            ("walk", "walks"),
            ("walking", "walks"),
            ("walked", "walks"),
            ("fly", "flies"),
            ("flying", "flies"),
            ("sliding", "slides"),
            ("hopping", "hops"),
            ("women", "woman"),
            ("woman's", "woman"),
            ("flew", "flies"),
        ] {
            assert_eq!(words.read(from).used, [to], "{from}");
        }
        assert!(words.read("sing bed ring").used.is_empty());
        Ok(())
    }

    #[test]
    fn an_unknown_word_is_left_out_and_named_once() -> Result<(), DraftError> {
        let report = words()?.read("zyzzyva car zyzzyva Ünîcödé");
        assert_eq!(report.used, ["car"]);
        let unknown: Vec<&str> = report.notes.iter().map(|n| n.word.as_str()).collect();
        assert_eq!(unknown, ["zyzzyva", "ünîcödé"]);
        assert!(report.notes.iter().all(|n| n.reason == WordReason::Unknown));
        Ok(())
    }

    #[test]
    fn a_long_prompt_is_cut_and_the_rest_is_named() -> Result<(), DraftError> {
        let report = words()?.read("red car to left ball planet car");
        assert_eq!(report.tokens.len(), 6);
        assert_eq!(report.notes.len(), 2);
        assert!(report.notes.iter().all(|n| n.reason == WordReason::TooLong));
        assert!(words()?.read(&"é ".repeat(100_000)).notes.len() == 2);
        Ok(())
    }

    #[test]
    fn an_empty_prompt_is_the_end_token_alone() -> Result<(), DraftError> {
        assert_eq!(words()?.read("  ,. !").tokens, [END]);
        Ok(())
    }

    fn shipped() -> Result<Words, Box<dyn std::error::Error>> {
        let file = |name: &str| std::fs::read(format!("{}/draft/{name}", env!("CARGO_MANIFEST_DIR")));
        Ok(Words::parse(&file("words.json")?, &file("lexicon.json")?, 192, 32)?)
    }

    #[test]
    fn captions_like_those_of_the_training_are_read_as_they_stand() -> Result<(), Box<dyn std::error::Error>> {
        let words = shipped()?;
        let path = format!("{}/draft/probes/held_out.jsonl", env!("CARGO_MANIFEST_DIR"));
        for line in std::fs::read_to_string(path)?.lines() {
            let prompt = serde_json::from_str::<serde_json::Value>(line)?;
            let report = words.read(prompt["prompt"].as_str().ok_or("no prompt")?);
            assert!(report.notes.is_empty(), "{line}: {:?}", report.notes);
        }
        Ok(())
    }

    #[test]
    fn a_screenplays_prose_is_told_once_and_says_so() -> Result<(), Box<dyn std::error::Error>> {
        let report = shipped()?.read(
            "Wide shot, a desert by day. A white robot crosses the desert in the clear heat of day. The camera pans left.",
        );
        let told = "wide shot desert day clear white robot crosses from left to right camera pans left";
        assert_eq!(report.used.join(" "), told);
        assert!(report.notes.iter().any(|note| note.to_string() == format!("read as: {told} (draft model)")));
        Ok(())
    }

    #[test]
    fn a_lexicon_that_leads_nowhere_is_refused() {
        let words = br#"["<pad>","<unk>","<end>"]"#;
        assert!(Words::parse(words, br#"{"nearest": {"dragon": "lizard"}}"#, 16, 6).is_err());
        assert!(Words::parse(words, b"{}", 2, 6).is_err());
        assert!(Words::parse(b"[\"a\"]", b"{}", 9, 6).is_err());
    }
}
