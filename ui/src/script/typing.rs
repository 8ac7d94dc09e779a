//! What Tab and Enter do in a screenplay, as writers know it from their other programs.
//!
//! Pure: text and caret in, a change out. Enter never adds a letter of its own; where the element wants an empty line after it, the
//! line comes with the next letter, so that whoever presses Enter twice gets exactly two. Nothing here rewrites what was typed, except
//! Tab, which turns a line into the next element and back.

use std::ops::Range;

/// The element of a line, judged while it is still being typed: a cue is a cue before anyone speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    Empty,
    Title,
    Heading,
    Action,
    Character,
    Parenthetical,
    Dialogue,
    Transition,
    Note,
    /// Sections, synopses, lyrics, centred text: whatever has its own sign.
    Marked,
}

/// Replaces a range of bytes and puts the caret somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub range: Range<usize>,
    pub insert: String,
    pub caret: usize,
    /// An empty line belongs before the next letter.
    pub gap: bool,
    /// Letters of this line become capitals as they are typed.
    pub capitals: bool,
}

impl Change {
    fn at(range: Range<usize>, insert: impl Into<String>) -> Self {
        let insert = insert.into();
        Self { caret: range.start + insert.len(), range, insert, gap: false, capitals: false }
    }
}

/// Beginnings of a scene heading, as they are offered and as they are recognised.
pub const HEADINGS: [&str; 4] = ["INT. ", "EXT. ", "INT./EXT. ", "EST. "];
pub const TRANSITIONS: [&str; 7] =
    ["CUT TO:", "DISSOLVE TO:", "FADE IN:", "FADE OUT.", "FADE TO BLACK.", "SMASH CUT TO:", "MATCH CUT TO:"];
/// What an empty line becomes with Tab, in this order: action, a cue, two headings, a cut.
const CYCLE: [&str; 5] = ["", "", "INT. ", "EXT. ", "CUT TO:"];

/// The line around `at`, without its line end.
pub fn line_of(text: &str, at: usize) -> Range<usize> {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |by| at + by);
    start..end
}

pub fn is_heading(line: &str) -> bool {
    let upper = line.trim_start().to_uppercase();
    let forced = upper.starts_with('.') && upper.chars().nth(1).is_some_and(char::is_alphanumeric);
    let begins = ["INT", "EXT", "EST", "INT./EXT", "INT/EXT", "I/E"].iter().any(|word| {
        upper.strip_prefix(word).is_some_and(|rest| rest.starts_with(['.', ' ']) && !rest.starts_with("./"))
    });
    forced || begins || upper.starts_with("INT./EXT") || upper.starts_with("INT/EXT")
}

fn is_shouted(line: &str) -> bool {
    let words = line.split('(').next().unwrap_or(line);
    words.chars().any(char::is_alphabetic) && !words.chars().any(char::is_lowercase)
}

/// The element of the line that begins at `start`.
pub fn kind_of(text: &str, start: usize) -> LineKind {
    let before = text.get(..start).unwrap_or_default();
    let paragraph = before.rfind("\n\n").map_or(0, |at| at + 2).min(start);
    // Line by line from where the paragraph begins: each depends on the one above.
    let mut above = None;
    let mut at = paragraph;
    while at < start {
        let line = line_of(text, at);
        above = Some(kind_below(above, at == 0, text.get(line.clone()).unwrap_or_default().trim()));
        at = line.end + 1;
    }
    kind_below(above, start == 0, text.get(line_of(text, start)).unwrap_or_default().trim())
}

/// The element of a line under another one; None above means an empty line, or the top of the script.
fn kind_below(above: Option<LineKind>, first: bool, line: &str) -> LineKind {
    use LineKind::*;
    let spoken = matches!(above, Some(Character | Parenthetical | Dialogue));
    match line.chars().next() {
        None if matches!(above, Some(Character | Parenthetical)) => Dialogue,
        None => Empty,
        Some('[') if line.starts_with("[[") => Note,
        Some('@') => Character,
        Some('!') => Action,
        Some('>') if line.ends_with('<') => Marked,
        Some('>') => Transition,
        Some('#' | '=' | '~') => Marked,
        Some('(') if spoken => Parenthetical,
        _ if spoken => Dialogue,
        _ if above == Some(Title) => Title,
        _ if above.is_some_and(|above| above != Empty) => Action,
        _ if is_heading(line) => Heading,
        _ if is_shouted(line) && (line.ends_with("TO:") || TRANSITIONS.contains(&line)) => Transition,
        _ if first && line.split_once(':').is_some_and(|(key, _)| key.len() < 24) => Title,
        _ if is_shouted(line) => Character,
        _ => Action,
    }
}

/// The element under the caret.
pub fn kind_at(text: &str, caret: usize) -> LineKind {
    kind_of(text, line_of(text, caret).start)
}

/// A line end, and whether the next letter belongs behind an empty line.
pub fn enter(text: &str, caret: usize) -> Change {
    let line = line_of(text, caret);
    let rest = text.get(caret..line.end).unwrap_or_default().trim_end();
    let kind = kind_of(text, line.start);
    // Out of the brackets first.
    let at = if kind == LineKind::Parenthetical && rest == ")" { line.end } else { caret };
    let mut change = Change::at(at..at, "\n");
    let ended = rest.is_empty() || at == line.end;
    let closes = matches!(kind, LineKind::Heading | LineKind::Action | LineKind::Dialogue | LineKind::Transition);
    let says = !text.get(line).unwrap_or_default().trim().is_empty();
    let followed = text.get(at..).is_some_and(|rest| rest.trim_start_matches(' ').starts_with("\n\n"));
    change.gap = ended && closes && says && !followed;
    change
}

/// The next element of this line (the one before with `back`), or the next field of it. None: there is nothing to change.
pub fn tab(text: &str, caret: usize, back: bool, capitals: bool) -> Option<Change> {
    let line = line_of(text, caret);
    let words = text.get(line.clone())?.to_owned();
    let trimmed = words.trim();
    let at_end = caret == line.end;
    match kind_of(text, line.start) {
        LineKind::Parenthetical if trimmed == "()" => Some(Change::at(line, "")),
        LineKind::Parenthetical => Some(Change::at(line.end..line.end, "\n")),
        LineKind::Dialogue if trimmed.is_empty() => Some(brackets(line)),
        LineKind::Character | LineKind::Dialogue if at_end && !back => {
            let mut change = brackets(line.end..line.end);
            change.insert.insert(0, '\n');
            change.caret += 1;
            Some(change)
        }
        LineKind::Heading if !back && !trimmed.contains(" - ") && trimmed.len() > 5 => {
            Some(Change::at(line.start + words.trim_end().len()..line.end, " - "))
        }
        LineKind::Empty | LineKind::Heading | LineKind::Transition
            if CYCLE.iter().any(|step| step.trim() == trimmed) =>
        {
            let now = match CYCLE.iter().position(|step| !trimmed.is_empty() && step.trim() == trimmed) {
                Some(at) => at,
                None => usize::from(capitals),
            };
            let next = (now + if back { CYCLE.len() - 1 } else { 1 }) % CYCLE.len();
            let mut change = Change::at(line, *CYCLE.get(next)?);
            change.capitals = next == 1;
            Some(change)
        }
        LineKind::Action if !back && is_alone(text, &line) && !trimmed.starts_with('!') => {
            Some(Change { capitals: true, ..Change::at(line, words.to_uppercase()) })
        }
        LineKind::Character if back => Some(Change::at(line, sentence_case(&words))),
        _ => None,
    }
}

fn brackets(range: Range<usize>) -> Change {
    let mut change = Change::at(range, "()");
    change.caret -= 1;
    change
}

fn is_alone(text: &str, line: &Range<usize>) -> bool {
    let above = line.start == 0 || text.get(..line.start).is_some_and(|before| before.ends_with("\n\n"));
    above
        && text.get(line.end..).is_none_or(|after| after.trim_start_matches(' ').len() < 2 || after.starts_with("\n\n"))
}

fn sentence_case(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect())
}

#[cfg(test)]
#[path = "typing_tests.rs"]
mod tests;
