//! What is spoken, by whom and how, and how long it takes to say.
//!
//! The time is a budget: 2.5 words a second, a calm reading, with a breath before and after. Whole milliseconds
//! only. Scripts that write no spaces between words are counted by their letters.

use serde::{Deserialize, Serialize};

/// 2.5 words a second.
pub const MILLISECONDS_PER_WORD: u32 = 400;
/// The breath before a line.
pub const LEAD_MILLISECONDS: u32 = 300;
/// The moment after it.
pub const TAIL_MILLISECONDS: u32 = 300;
/// A cue longer than this is no name. Every line carries its speaker, so its length must be bounded.
pub const MAX_CUE_CHARACTERS: usize = 200;
/// In scripts without spaces, this many letters are as long as a word.
const UNSPACED_LETTERS_PER_WORD: usize = 2;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DialogueLine {
    /// The name on the cue, without extension.
    pub character: String,
    /// `V.O.`, `O.S.`, `CONT'D`: as written, without brackets.
    pub extension: Option<String>,
    /// Without brackets.
    pub parenthetical: Option<String>,
    /// Without emphasis marks.
    pub text: String,
    /// The language a parenthetical asks for: “in French” gives `French`.
    pub language: Option<String>,
    /// Sung rather than spoken.
    pub sung: bool,
    /// Spoken at the same time as the line before it.
    pub dual: bool,
    /// How long it takes to say, without lead and tail.
    pub spoken_ms: u32,
}

impl DialogueLine {
    /// Heard but not seen: voice over, off screen, on a telephone.
    pub fn is_unseen(&self) -> bool {
        let extension: String =
            self.extension.iter().flat_map(|e| e.chars()).filter(|c| c.is_alphanumeric() || *c == ',').collect();
        extension.to_uppercase().split(',').any(|word| {
            matches!(
                word,
                "VO" | "VOICEOVER"
                    | "OS"
                    | "OFFSCREEN"
                    | "OC"
                    | "OFFCAMERA"
                    | "PRELAP"
                    | "INTERCOM"
                    | "RADIO"
                    | "PHONE"
                    | "ONPHONE"
            )
        })
    }
}

/// `MARA (V.O.) (CONT'D)` gives `("MARA", Some("V.O., CONT'D"))`.
pub fn split_cue(cue: &str) -> (String, Option<String>) {
    let end = cue.char_indices().nth(MAX_CUE_CHARACTERS).map_or(cue.len(), |(at, _)| at);
    let cue = crate::emphasis::plain(cue.get(..end).unwrap_or_default());
    let name_end = cue.find('(').filter(|at| *at > 0 && cue.contains(')')).unwrap_or(cue.len());
    let (name, brackets) = cue.split_at(name_end);
    let parts = brackets.split(['(', ')']).map(str::trim).filter(|part| !part.is_empty());
    let extension = parts.collect::<Vec<_>>().join(", ");
    (name.split_whitespace().collect::<Vec<_>>().join(" "), (!extension.is_empty()).then_some(extension))
}

/// How long the text takes to say, without lead and tail.
pub fn spoken_ms(text: &str) -> u32 {
    let words = count_words(text);
    u32::try_from(words).unwrap_or(u32::MAX).saturating_mul(MILLISECONDS_PER_WORD)
}

/// What a shot needs for its lines: one after another, dual ones together, with lead and tail.
pub fn needed_ms(lines: &[DialogueLine]) -> u32 {
    let (mut total, mut together) = (0_u32, 0_u32);
    for line in lines {
        if line.dual {
            together = together.max(line.spoken_ms);
        } else {
            total = total.saturating_add(together);
            together = line.spoken_ms;
        }
    }
    let total = total.saturating_add(together);
    if total == 0 { 0 } else { total.saturating_add(LEAD_MILLISECONDS + TAIL_MILLISECONDS) }
}

/// Words as they are spoken: marks alone are not words.
pub fn count_words(text: &str) -> usize {
    text.split_whitespace()
        .filter(|word| word.contains(char::is_alphanumeric))
        .map(|word| {
            let unspaced = word.chars().filter(|letter| is_unspaced(*letter)).count();
            unspaced.div_ceil(UNSPACED_LETTERS_PER_WORD).max(1)
        })
        .sum()
}

/// Letters of Chinese, Japanese and the scripts of South-East Asia that put no spaces between words.
fn is_unspaced(letter: char) -> bool {
    matches!(u32::from(letter), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// “in French”, “whispering, in Swiss German”: the language asked for.
pub(crate) fn language(parenthetical: &str) -> Option<String> {
    let inner = parenthetical.trim_matches(|c: char| matches!(c, '(' | ')') || c.is_whitespace());
    inner.split([',', ';']).map(str::trim).find_map(|part| {
        let (word, rest) = part.split_once(' ')?;
        let capital = rest.starts_with(char::is_uppercase) && rest.split_whitespace().count() <= 2;
        (word.eq_ignore_ascii_case("in") && capital).then(|| rest.trim().to_owned())
    })
}
