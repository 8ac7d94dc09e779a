//! Words as the synthesiser may see them: Latin letters, digits, a few marks, in sentences of bounded length.
//!
//! Everything else (commands in angle brackets, control characters, emoji, other scripts) is left out before C code reads it. A
//! line of which nothing is left is refused in a sentence.

use kinora_document::limits;
use kinora_ports::Refusal;

/// Longer sentences are parted where a word ends: word times are found by comparing, which costs the square of it.
const MOST_WORDS: usize = 30;
/// No language has longer words; what is longer is cut.
const LONGEST_WORD: usize = 40;

/// Words between two pauses; one for each word of the line, empty where nothing of it can be said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence {
    pub words: Vec<String>,
}

impl Sentence {
    pub fn text(&self) -> String {
        let said: Vec<&str> = self.words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        said.join(" ")
    }
    fn is_said(&self) -> bool {
        self.words.iter().any(|word| !word.is_empty())
    }
}

/// Refuses a line that is too long to be spoken at once.
pub fn fits(text: &str) -> Result<(), Refusal> {
    if text.len() <= limits::TEXT_BYTES {
        return Ok(());
    }
    let what = format!("A line of {} bytes is too long to be spoken at once.", text.len());
    Err(Refusal::new("voice.too_long", what, "Make several lines of it."))
}

pub fn sentences(text: &str) -> Result<Vec<Sentence>, Refusal> {
    let mut found: Vec<Sentence> = Vec::new();
    let mut open = Sentence::default();
    for word in text.split_whitespace() {
        let clean = clean(word);
        let ends = word.trim_end_matches(['"', '”', '’', ')', '\'']).ends_with(['.', '!', '?', '…', '—', ';', ':']);
        open.words.push(clean);
        if (ends && open.is_said()) || open.words.len() >= MOST_WORDS {
            found.push(std::mem::take(&mut open));
        }
    }
    if !open.words.is_empty() {
        found.push(open);
    }
    // Words without sound go to the sentence before them: silence needs no engine.
    let mut joined: Vec<Sentence> = Vec::new();
    for sentence in found {
        match joined.last_mut() {
            Some(before) if !sentence.is_said() || !before.is_said() => before.words.extend(sentence.words),
            _ => joined.push(sentence),
        }
    }
    let letters = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).count();
    let kept: usize = joined.iter().map(|sentence| letters(&sentence.text())).sum();
    // Half of the letters in another script: what is left would be nonsense.
    if kept == 0 || kept * 2 < letters(text).min(kept * 4) {
        return Err(unpronounceable(text));
    }
    Ok(joined)
}

/// Nothing of it can be said.
pub fn unpronounceable(text: &str) -> Refusal {
    let shown: String = text.chars().filter(|letter| !letter.is_control()).take(40).collect();
    Refusal::new(
        "voice.unpronounceable",
        format!("The voices on this machine read Latin letters only, so “{shown}” stays silent."),
        "Write the line in Latin letters, or put a recording on the dialogue track.",
    )
}

/// One word without what the synthesiser does not know.
fn clean(word: &str) -> String {
    let known = |letter: char| match letter {
        '’' | '‘' | '\'' => Some('\''),
        '…' | '—' | '–' => Some(','),
        '.' | ',' | '!' | '?' | ';' | ':' | '-' | '%' => Some(letter),
        _ if letter.is_alphanumeric() && (letter as u32) < 0x250 => Some(letter),
        _ => None,
    };
    let word: String = word.chars().filter_map(known).take(LONGEST_WORD).collect();
    let word = word.trim_start_matches(|letter: char| !letter.is_alphanumeric());
    if word.contains(char::is_alphanumeric) { word.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_line_is_still_counted() {
        for text in ["Is it — well — 🙂 winter?", "One. Two! ... Three", "<pitch level=\"9\">loud</pitch> \u{7} & so"]
        {
            let count: usize = sentences(text).expect("there is something to say").iter().map(|s| s.words.len()).sum();
            assert_eq!(count, text.split_whitespace().count(), "{text}");
        }
    }

    #[test]
    fn commands_of_the_synthesiser_cannot_be_written_in_a_script() {
        let found = sentences("</volume><usesig file=\"x\"> hello\u{0} \u{1b}[2J there").expect("words are left");
        let text: String = found.iter().map(Sentence::text).collect();
        assert!(!text.contains(['<', '>', '"', '\u{0}', '\u{1b}']), "{text:?}");
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_a_remedy() {
        for text in ["映画は楽しい", "🙂🙂", "… — !", "Привет, мир"] {
            assert_eq!(
                sentences(text).map_err(|refusal| refusal.rule),
                Err("voice.unpronounceable".to_owned()),
                "{text}"
            );
        }
    }
}
