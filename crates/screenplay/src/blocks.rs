//! Says what one line of a script is: the rules of Fountain 1.1, and nothing else.
//!
//! The parser asks it about every line, and the printer asks it whether a line would be read back as meant, so
//! both always agree. It looks at one line and what surrounds it; it never keeps state.

use std::ops::Range;

use crate::tree::ElementKind;

/// What the lines around say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around {
    pub(crate) blank_before: bool,
    pub(crate) blank_after: bool,
    pub(crate) in_speech: bool,
    /// Something was taken out of this line.
    pub(crate) has_inserts: bool,
}

/// What a line is, and which bytes of it are the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) kind: ElementKind,
    pub(crate) text: Range<usize>,
    pub(crate) scene_number: Option<Range<usize>>,
    pub(crate) dual: bool,
    pub(crate) depth: u8,
}

/// Reads one line that is not blank.
pub(crate) fn read_line(line: &str, around: Around) -> Reading {
    let inner = trimmed(line, 0..line.len());
    let text = line.get(inner.clone()).unwrap_or_default();
    if let Some(reading) = read_forced(line, &inner) {
        return reading;
    }
    if around.blank_before && is_heading(text) {
        return heading(line, inner);
    }
    if around.in_speech {
        let wrapped = text.len() >= 2 && text.starts_with('(') && text.ends_with(')');
        return plain(if wrapped { ElementKind::Parenthetical } else { ElementKind::Dialogue }, inner);
    }
    if around.blank_before && around.blank_after && is_transition(text) {
        // A space after the colon is Fountain's way of saying that this is action.
        if around.has_inserts || line.ends_with(':') {
            return plain(ElementKind::Transition, inner);
        }
    }
    if around.blank_before && !around.blank_after && is_cue(text) {
        return cue(line, inner);
    }
    plain(ElementKind::Action, 0..inner.end)
}

/// Lines that say what they are by their first mark, wherever they stand.
fn read_forced(line: &str, inner: &Range<usize>) -> Option<Reading> {
    let text = line.get(inner.clone())?;
    let mut letters = text.chars();
    let after_mark = inner.start + 1..inner.end;
    match letters.next()? {
        '!' => Some(plain(ElementKind::Action, after_mark)),
        '@' => {
            let reading = cue(line, trimmed(line, after_mark));
            (!reading.text.is_empty()).then_some(reading)
        }
        '~' => Some(plain(ElementKind::Lyrics, trimmed(line, after_mark))),
        '>' => {
            let centered = text.len() >= 2 && text.ends_with('<');
            let (kind, end) =
                if centered { (ElementKind::Centered, inner.end - 1) } else { (ElementKind::Transition, inner.end) };
            let words = trimmed(line, inner.start + 1..end);
            (!words.is_empty()).then(|| plain(kind, words))
        }
        '#' => {
            let depth = text.bytes().take(6).take_while(|byte| *byte == b'#').count();
            let words = trimmed(line, inner.start + depth..inner.end);
            Some(Reading { depth: u8::try_from(depth).unwrap_or(6), ..plain(ElementKind::Section, words) })
        }
        '=' if text.len() >= 3 && text.bytes().all(|byte| byte == b'=') => {
            Some(plain(ElementKind::PageBreak, inner.end..inner.end))
        }
        '=' => Some(plain(ElementKind::Synopsis, trimmed(line, after_mark))),
        '.' if letters.next().is_some_and(char::is_alphanumeric) => Some(heading(line, after_mark)),
        _ => None,
    }
}

fn plain(kind: ElementKind, text: Range<usize>) -> Reading {
    Reading { kind, text, scene_number: None, dual: false, depth: 0 }
}

/// A range without the white space at its ends.
fn trimmed(line: &str, range: Range<usize>) -> Range<usize> {
    let text = line.get(range.clone()).unwrap_or_default();
    let start = range.start + (text.len() - text.trim_start().len());
    start..start + text.trim().len()
}

fn heading(line: &str, range: Range<usize>) -> Reading {
    let text = line.get(range.clone()).unwrap_or_default();
    let number = scene_number(text).map(|number| range.start + number.start..range.start + number.end);
    let end = number.as_ref().map_or(range.end, |number| number.start - 1);
    Reading { scene_number: number, ..plain(ElementKind::SceneHeading, trimmed(line, range.start..end)) }
}

/// The letters between the `#` at the end of a heading: letters, digits, dashes and points.
fn scene_number(text: &str) -> Option<Range<usize>> {
    let body = text.strip_suffix('#')?;
    let start = body.rfind('#')? + 1;
    let number = body.get(start..)?;
    let fits = !number.is_empty() && number.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.');
    fits.then_some(start..body.len())
}

fn cue(line: &str, range: Range<usize>) -> Reading {
    let text = line.get(range.clone()).unwrap_or_default();
    let name = text.trim_end_matches(|c: char| c == '^' || c.is_whitespace());
    let words = range.start..range.start + name.len();
    Reading { dual: text.ends_with('^'), ..plain(ElementKind::Character, words) }
}

/// `INT`, `EXT`, `EST`, `INT/EXT`, `I/E` in any case, then a point or a space. Emphasis marks may stand before.
pub(crate) fn is_heading(text: &str) -> bool {
    const OPENINGS: [&str; 7] = ["int/ext", "ext/int", "int", "ext", "est", "i/e", "e/i"];
    let text = text.trim_start_matches(['*', '_']).as_bytes();
    OPENINGS.iter().any(|opening| {
        let (word, rest) = text.split_at_checked(opening.len()).unwrap_or_default();
        word.eq_ignore_ascii_case(opening.as_bytes()) && matches!(rest.first(), Some(b'.' | b' ' | b'\t'))
    })
}

fn is_transition(text: &str) -> bool {
    text.ends_with("TO:") && !text.chars().any(is_lower)
}

/// All capitals outside brackets, with at least one capital.
pub(crate) fn is_cue(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| c == '^' || c.is_whitespace());
    let mut depth = 0_u32;
    let (mut capitals, mut opened_first) = (false, None);
    // A bracket that never closes hides nothing.
    let closing = text.rfind(')').unwrap_or(0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' if at < closing => {
                depth += 1;
                opened_first.get_or_insert(at == 0);
            }
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ if is_lower(letter) => return false,
            _ => capitals |= letter.is_uppercase(),
        }
    }
    capitals && opened_first != Some(true)
}

/// Lower case with a capital of its own; ß, ª and letters without case are neither.
pub(crate) fn is_lower(letter: char) -> bool {
    let mut upper = letter.to_uppercase();
    letter.is_lowercase() && upper.next() != Some(letter) && upper.next().is_none()
}
