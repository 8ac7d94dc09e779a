//! How an English word is spoken: two dictionaries, endings, and the words whose sound depends on the next one.
//!
//! The order of the rules is misaki's, since the voice learned from texts that misaki read. A word that none of them knows is for
//! `spelling`; numbers are in `numerals`.

use super::stress::{FIRST, SECOND, Stress, with};
use std::collections::HashMap;

/// A dictionary's answer: the same always, or by part of speech ("DEFAULT" where none fits).
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
enum Entry {
    Always(String),
    ByTag(HashMap<String, Option<String>>),
}

/// What is already known of the words after this one.
#[derive(Clone, Copy, Debug, Default)]
pub struct After {
    /// Whether they begin with a vowel; none at the end of a phrase.
    pub vowel: Option<bool>,
    /// Whether the next is "to".
    pub to: bool,
}

#[derive(Debug)]
pub struct Lexicon {
    gold: HashMap<String, Entry>,
    silver: HashMap<String, Entry>,
}

/// After these a final t is a flap, as in "waited".
const FLAPPED: &str = "AIOWYiuæɑəɛɪɹʊʌ";
const SYMBOLS: [(&str, &str); 4] = [("%", "percent"), ("&", "and"), ("+", "plus"), ("@", "at")];

impl Lexicon {
    pub fn read(gold: &[u8], silver: &[u8]) -> Result<Self, serde_json::Error> {
        Ok(Self { gold: serde_json::from_slice(gold)?, silver: serde_json::from_slice(silver)? })
    }

    pub fn word(&self, word: &str, tag: &str, after: After) -> Option<String> {
        let stress = match word {
            _ if word == word.to_lowercase() => None,
            _ if word == word.to_uppercase() => Some(Stress::Full),
            _ => Some(Stress::Some),
        };
        if let Some(special) = self.special(word, tag, stress, after) {
            return Some(special);
        }
        let small = word.to_lowercase();
        let word = if self.is_better_small(word, &small, tag, after) { small.as_str() } else { word };
        if self.knows(word) {
            return self.looked_up(word, tag, stress, after);
        }
        if let Some(stem) = word.strip_suffix('\'') {
            let possessive = stem.strip_suffix('s').map(|stem| format!("{stem}'s"));
            for stem in possessive.as_deref().into_iter().chain([stem]) {
                if self.knows(stem) {
                    return self.looked_up(stem, tag, stress, after);
                }
            }
            return self.word(stem, tag, after);
        }
        self.ending(word, tag, stress, after)
    }

    fn is_better_small(&self, word: &str, small: &str, tag: &str, after: After) -> bool {
        let letters = word.chars().all(|letter| letter.is_alphabetic() || letter == '\'');
        let rest = word.chars().skip(1).collect::<String>();
        word.chars().nth(1).is_some()
            && letters
            && word != small
            && (tag != "NNP" || word.chars().count() > 7)
            && self.in_gold(word).is_none()
            && entry(&self.silver, word).is_none()
            && (word == word.to_uppercase() || rest == rest.to_lowercase())
            && (self.in_gold(small).is_some()
                || entry(&self.silver, small).is_some()
                || self.ending(small, tag, None, after).is_some())
    }

    /// "-s", "-ed", "-ing" on a word of the dictionaries.
    fn ending(&self, word: &str, tag: &str, stress: Option<Stress>, after: After) -> Option<String> {
        let look = |stem: &str, stress| self.looked_up(stem, tag, stress, after).filter(|found| !found.is_empty());
        if let Some(stem) = self.stem_s(word) {
            return look(&stem, stress).map(|stem| with_s(&stem));
        }
        if let Some(stem) = self.stem_ed(word) {
            return look(&stem, stress).map(|stem| with_ed(&stem));
        }
        look(&self.stem_ing(word)?, stress.or(Some(Stress::Some))).map(|stem| with_ing(&stem))
    }

    fn stem_s(&self, word: &str) -> Option<String> {
        let stem = word.strip_suffix('s').filter(|stem| stem.chars().nth(1).is_some())?;
        let known = |stem: &str| self.knows(stem).then(|| stem.to_owned());
        let plain = || (!stem.ends_with('s')).then(|| known(stem)).flatten();
        let longer = word.chars().count() > 4;
        let with_e = || {
            let stem = stem
                .strip_suffix('\'')
                .or_else(|| stem.strip_suffix('e').filter(|stem| longer && !stem.ends_with('i')))?;
            known(stem)
        };
        let with_y = || known(&format!("{}y", word.strip_suffix("ies").filter(|_| longer)?));
        plain().or_else(with_e).or_else(with_y)
    }

    fn stem_ed(&self, word: &str) -> Option<String> {
        let stem = word.strip_suffix('d').filter(|stem| stem.chars().nth(2).is_some())?;
        let known = |stem: &str| self.knows(stem).then(|| stem.to_owned());
        let plain = || (!stem.ends_with('d')).then(|| known(stem)).flatten();
        let with_e = || known(stem.strip_suffix('e').filter(|stem| !stem.ends_with('e') && word.chars().count() > 4)?);
        plain().or_else(with_e)
    }

    fn stem_ing(&self, word: &str) -> Option<String> {
        let stem = word.strip_suffix("ing").filter(|stem| stem.chars().nth(1).is_some())?;
        let known = |stem: &str| self.knows(stem).then(|| stem.to_owned());
        let long = stem.chars().nth(2).is_some();
        let mut letters = stem.chars().rev();
        let (last, before) = (letters.next(), letters.next());
        let doubled = last == before && last.is_some_and(|letter| "bcdgklmnprstvxz".contains(letter));
        let single = || {
            let shorter = stem.strip_suffix(last?)?;
            (long && (doubled || stem.ends_with("ck"))).then(|| known(shorter)).flatten()
        };
        let plain = || long.then(|| known(stem)).flatten();
        plain().or_else(|| known(&format!("{stem}e"))).or_else(single)
    }

    fn in_gold(&self, word: &str) -> Option<&Entry> {
        entry(&self.gold, word)
    }

    fn knows(&self, word: &str) -> bool {
        if self.in_gold(word).is_some()
            || entry(&self.silver, word).is_some()
            || SYMBOLS.iter().any(|row| row.0 == word)
        {
            return true;
        }
        if !word.chars().all(|letter| letter.is_ascii_alphabetic()) {
            return false;
        }
        let rest = word.get(1..).unwrap_or("");
        rest == rest.to_uppercase() || (word == word.to_uppercase() && self.in_gold(&word.to_lowercase()).is_some())
    }

    /// An entry of the dictionaries, or the word spelled out when it is a name in capitals.
    pub fn looked_up(&self, word: &str, tag: &str, stress: Option<Stress>, after: After) -> Option<String> {
        let small = word.to_lowercase();
        let capitals = word == word.to_uppercase() && self.in_gold(word).is_none();
        let (word, name) = if capitals { (small.as_str(), tag == "NNP") } else { (word, false) };
        let found = self.in_gold(word).or_else(|| if name { None } else { entry(&self.silver, word) });
        let phonemes = found.and_then(|entry| chosen(entry, tag, after));
        match phonemes {
            Some(phonemes) if !name || phonemes.contains(FIRST) => Some(with(phonemes, stress)),
            Some(phonemes) => self.spelled(word).or_else(|| Some(with(phonemes, stress))),
            None => self.spelled(word),
        }
    }

    /// Letter by letter, the last with full stress.
    fn spelled(&self, word: &str) -> Option<String> {
        let letter = |letter: char| chosen(self.in_gold(&letter.to_uppercase().to_string())?, "", After::default());
        let letters: String =
            word.chars().filter(|letter| letter.is_alphabetic()).map(letter).collect::<Option<_>>()?;
        let lowered = with(&letters, Some(Stress::Spelled));
        Some(match lowered.rsplit_once(SECOND) {
            Some((before, last)) => format!("{before}{FIRST}{last}"),
            None => lowered,
        })
    }

    /// Words whose sound depends on what they do here and on what follows.
    fn special(&self, word: &str, tag: &str, stress: Option<Stress>, after: After) -> Option<String> {
        let gold =
            |word: &str, tag: &str| self.in_gold(word).and_then(|found| chosen(found, tag, after)).map(str::to_owned);
        let small = word.to_lowercase();
        let usual = word == small || word.chars().skip(1).all(char::is_lowercase);
        if let Some((_, name)) = SYMBOLS.iter().find(|row| row.0 == word) {
            return self.looked_up(name, "", None, after);
        }
        let parts = || word.split('.');
        if word.trim_matches('.').contains('.')
            && parts().all(|part| part.chars().all(char::is_alphabetic) && part.chars().count() < 3)
        {
            return self.spelled(word);
        }
        match small.as_str() {
            "a" => Some(if tag == "DT" { "ɐ" } else { "ˈA" }.to_owned()),
            "am" if tag.starts_with("NN") => self.spelled(word),
            "am" if after.vowel.is_none() || word != "am" || stress.is_some() => gold("am", ""),
            "am" => Some("ɐm".to_owned()),
            "an" if word == "AN" && tag.starts_with("NN") => self.spelled(word),
            "an" => Some("ɐn".to_owned()),
            "i" if word == "I" && tag == "PRP" => Some(format!("{SECOND}I")),
            "by" if tag.starts_with("RB") => Some("bˈI".to_owned()),
            "to" if usual || ["TO", "IN"].contains(&tag) => match after.vowel {
                None => gold("to", ""),
                Some(vowel) => Some(if vowel { "tʊ" } else { "tə" }.to_owned()),
            },
            "in" if usual || tag != "NNP" => {
                let stressed = after.vowel.is_none() || tag != "IN";
                Some(if stressed { "ˈɪn" } else { "ɪn" }.to_owned())
            }
            "the" if usual || tag == "DT" => Some(if after.vowel == Some(true) { "ði" } else { "ðə" }.to_owned()),
            "vs" | "vs." if tag == "IN" => self.looked_up("versus", "", None, after),
            "used" => gold("used", if ["VBD", "JJ"].contains(&tag) && after.to { "VBD" } else { "DEFAULT" }),
            _ => None,
        }
    }
}

/// A word in small letters also answers for itself with a capital, and the other way round, unless both have entries.
fn entry<'a>(entries: &'a HashMap<String, Entry>, word: &str) -> Option<&'a Entry> {
    if let Some(found) = entries.get(word) {
        return Some(found);
    }
    let small = word.to_lowercase();
    let mut letters = small.chars();
    let first = letters.next()?;
    let capital: String = first.to_uppercase().chain(letters).collect();
    match word {
        _ if word.chars().nth(1).is_none() => None,
        _ if word == small => entries.get(&capital),
        _ if word == capital => entries.get(&small),
        _ => None,
    }
}

fn chosen<'a>(entry: &'a Entry, tag: &str, after: After) -> Option<&'a str> {
    let by_tag = match entry {
        Entry::Always(phonemes) => return Some(phonemes),
        Entry::ByTag(by_tag) => by_tag,
    };
    let tag = match tag {
        _ if after.vowel.is_none() && by_tag.contains_key("None") => "None",
        _ if by_tag.contains_key(tag) => tag,
        _ if tag.starts_with("VB") => "VERB",
        _ if tag.starts_with("NN") => "NOUN",
        _ if tag.starts_with("RB") => "ADV",
        _ if tag.starts_with("JJ") => "ADJ",
        other => other,
    };
    by_tag.get(tag).or_else(|| by_tag.get("DEFAULT"))?.as_deref()
}

pub fn with_s(stem: &str) -> String {
    match stem.chars().next_back() {
        Some(last) if "ptkfθ".contains(last) => format!("{stem}s"),
        Some(last) if "szʃʒʧʤ".contains(last) => format!("{stem}ᵻz"),
        _ => format!("{stem}z"),
    }
}

fn with_ed(stem: &str) -> String {
    let mut letters = stem.chars().rev();
    match (letters.next(), letters.next()) {
        (Some(last), _) if "pkfθʃsʧ".contains(last) => format!("{stem}t"),
        (Some('d'), _) => format!("{stem}ᵻd"),
        (Some('t'), Some(before)) if FLAPPED.contains(before) => format!("{}ɾᵻd", stem.trim_end_matches('t')),
        (Some('t'), Some(_)) => format!("{stem}ᵻd"),
        (Some('t'), None) => format!("{stem}ɪd"),
        _ => format!("{stem}d"),
    }
}

fn with_ing(stem: &str) -> String {
    let mut letters = stem.chars().rev();
    match (letters.next(), letters.next()) {
        (Some('t'), Some(before)) if FLAPPED.contains(before) => format!("{}ɾɪŋ", stem.trim_end_matches('t')),
        _ => format!("{stem}ɪŋ"),
    }
}
