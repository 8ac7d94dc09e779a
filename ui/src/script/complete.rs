//! What could come next under the caret: characters, headings, places, times of day, transitions.
//!
//! Pure: text, caret and what the film knows in, a short list out. It offers only where a writer would expect it, and never what is
//! already written, so that Enter after a finished word is always a line end.

use super::typing::{HEADINGS, LineKind, TRANSITIONS, is_heading, kind_of, line_of};
use std::ops::Range;

const TIMES: [&str; 11] =
    ["DAY", "NIGHT", "MORNING", "AFTERNOON", "EVENING", "DAWN", "DUSK", "SUNSET", "SUNRISE", "CONTINUOUS", "LATER"];
const EXTENSIONS: [&str; 4] = ["(V.O.)", "(O.S.)", "(CONT'D)", "(O.C.)"];
/// More would hide the script.
const SHOWN: usize = 8;
/// A name is shorter than this.
const NAME_LETTERS: usize = 40;

/// What the film already names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Characters and everyone of the cast, as written.
    pub names: Vec<String>,
    /// Places of headings and of the cast.
    pub places: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Bytes that the choice replaces.
    pub range: Range<usize>,
    pub choices: Vec<String>,
}

/// What fits at the caret; None when nothing does, or when it is written already.
pub fn offer(text: &str, caret: usize, known: &Known) -> Option<Offer> {
    let line = line_of(text, caret);
    let head = text.get(line.start..caret)?;
    if !text.get(caret..line.end)?.trim().is_empty() || head.trim().is_empty() {
        return None;
    }
    let kind = kind_of(text, line.start);
    let (from, choices) = match kind {
        LineKind::Heading => heading(head, &known.places),
        LineKind::Character | LineKind::Transition if !head.starts_with('@') => cue(head, &known.names),
        LineKind::Note | LineKind::Title | LineKind::Marked => return None,
        _ => marked(head, &known.names)?,
    };
    let typed = head.get(from..)?;
    if choices.iter().any(|choice| choice.trim_end() == typed.trim_end()) {
        return None;
    }
    let choices: Vec<String> = choices.into_iter().take(SHOWN).collect();
    (!choices.is_empty()).then(|| Offer { range: line.start + from..caret, choices })
}

fn begins(word: &str, typed: &str) -> bool {
    word.to_uppercase().starts_with(&typed.to_uppercase())
}

/// A place after INT. or EXT., then a time of day after the last dash.
fn heading(head: &str, places: &[String]) -> (usize, Vec<String>) {
    if let Some(at) = head.rfind(" - ") {
        let from = at + 3;
        let typed = head.get(from..).unwrap_or_default();
        return (from, TIMES.iter().filter(|time| begins(time, typed)).map(|time| (*time).to_owned()).collect());
    }
    let prefix = HEADINGS.iter().filter(|prefix| begins(head, prefix)).map(|prefix| prefix.len()).max();
    match prefix {
        Some(from) => {
            let typed = head.get(from..).unwrap_or_default();
            (from, places.iter().filter(|place| begins(place, typed)).cloned().collect())
        }
        None => (0, prefixes(head)),
    }
}

fn prefixes(head: &str) -> Vec<String> {
    HEADINGS.iter().filter(|prefix| begins(prefix, head)).map(|prefix| (*prefix).to_owned()).collect()
}

/// A name in capitals; the same letters may begin a heading or a transition.
fn cue(head: &str, names: &[String]) -> (usize, Vec<String>) {
    if let Some(at) = head.find(" (") {
        let typed = head.get(at + 1..).unwrap_or_default();
        return (at + 1, EXTENSIONS.iter().filter(|word| begins(word, typed)).map(|word| (*word).to_owned()).collect());
    }
    let mut found: Vec<String> =
        names.iter().filter(|name| begins(name, head)).map(|name| name.to_uppercase()).collect();
    if !is_heading(head) {
        found.extend(prefixes(head));
    }
    found.extend(TRANSITIONS.iter().filter(|cut| begins(cut, head)).map(|cut| (*cut).to_owned()));
    (0, found)
}

/// A name after `@`, anywhere in the action.
fn marked(head: &str, names: &[String]) -> Option<(usize, Vec<String>)> {
    let at = head.rfind('@')?;
    let typed = head.get(at + 1..)?;
    let free = at == 0 || head.get(..at)?.ends_with(|c: char| !c.is_alphanumeric());
    if !free || typed.chars().count() > NAME_LETTERS || typed.contains(['.', ',', '!', '?', ';']) {
        return None;
    }
    Some((at + 1, names.iter().filter(|name| begins(name, typed)).cloned().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known {
            names: vec!["MARA".to_owned(), "MARCUS".to_owned(), "Pim".to_owned()],
            places: vec!["BEACH".to_owned(), "KITCHEN".to_owned()],
        }
    }

    fn offered(text: &str) -> Vec<String> {
        offer(text, text.len(), &known()).map(|offer| offer.choices).unwrap_or_default()
    }

    #[test]
    fn characters_are_offered_where_a_cue_may_stand() {
        assert_eq!(offered("EXT. A - DAY\n\nMAR"), ["MARA", "MARCUS"]);
        assert_eq!(offered("EXT. A - DAY\n\nP"), ["PIM"]);
        assert!(offered("EXT. A - DAY\n\nMara walks to the P").is_empty());
        assert_eq!(offered("EXT. A - DAY\n\nMARA (V"), ["(V.O.)"]);
        assert_eq!(offered("EXT. A - DAY\n\nShe waves to @pi"), ["Pim"]);
    }

    #[test]
    fn headings_are_offered_step_by_step() {
        assert_eq!(offered("E"), ["EXT. ", "EST. "]);
        assert_eq!(offered("INT. KI"), ["KITCHEN"]);
        assert_eq!(offered("INT. "), ["BEACH", "KITCHEN"]);
        assert_eq!(offered("EXT. BEACH - SUN"), ["SUNSET", "SUNRISE"]);
        assert_eq!(offered("EXT. A - DAY\n\nDISS"), ["DISSOLVE TO:"]);
    }

    #[test]
    fn what_is_written_already_is_not_offered() {
        for text in ["EXT. BEACH - DAY", "EXT. A - DAY\n\nMARA", "EXT. A - DAY\n\nCUT TO:", "", "Title: M"] {
            assert!(offered(text).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn a_choice_replaces_what_was_typed_of_it() {
        let offer = offer("INT. KI", 7, &known()).expect("an offer");
        assert_eq!(offer.range, 5..7);
    }
}
