//! The title page: `Key: value` lines at the very top, before the first empty line.
//!
//! Fountain lets any key stand here, but a story may also begin with “He said: no.”, so the first line must be a
//! key we know, or a short one with a value. Values are kept as typed; nothing in them opens a note or boneyard.

use crate::blocks;
use crate::diagnostics::{Code, Diagnostics, Severity};
use crate::lines::narrow;
use crate::tree::{Span, TitleEntry};

const KNOWN_KEYS: [&str; 20] = [
    "title",
    "credit",
    "author",
    "authors",
    "source",
    "notes",
    "draft date",
    "date",
    "contact",
    "copyright",
    "revision",
    "episode",
    "series",
    "language",
    "font",
    "format",
    "watermark",
    "contact info",
    "logline",
    "subtitle",
];
const MAX_KEY_CHARACTERS: usize = 40;
/// A first line with an unknown key of more words than this is a sentence of the story.
const MAX_UNKNOWN_KEY_WORDS: usize = 3;

/// Reads the title page from a byte on. Gives its entries and the byte where the script begins.
pub(crate) fn read(source: &str, from: usize, diagnostics: &mut Diagnostics) -> (Vec<TitleEntry>, usize) {
    let body = source.get(from..).unwrap_or_default();
    let mut lines = raw_lines(body).skip_while(|(_, line)| line.trim().is_empty()).peekable();
    let opens = match lines.peek() {
        Some((start, first)) => {
            opens(first, raw_lines(body.get(*start..).unwrap_or_default()).nth(1).map(|(_, line)| line))
        }
        None => false,
    };
    if !opens {
        return (Vec::new(), from);
    }
    let mut entries: Vec<TitleEntry> = Vec::new();
    for (start, line) in lines {
        if line.trim().is_empty() || (!line.starts_with(char::is_whitespace) && blocks::is_heading(line)) {
            return (entries, from + start);
        }
        let (begin, end) = (from + start, from + start + line.len());
        let indented = line.starts_with(char::is_whitespace);
        match (split(line).filter(|_| !indented), entries.last_mut()) {
            (Some((key, value)), _) => {
                let span = Span { line: 0, column: 0, start: narrow(begin), end: narrow(end) };
                let values = if value.is_empty() { Vec::new() } else { vec![value.to_owned()] };
                entries.push(TitleEntry { key: key.to_owned(), values, span });
            }
            (None, Some(entry)) => {
                if !indented {
                    let message = "This line of the title page has no “Key:”, so it is read as more of the line above; indent it, or leave an empty line before the script begins.";
                    diagnostics.add(begin, Severity::Info, Code::TitlePageLine, message);
                }
                entry.values.push(line.trim().to_owned());
                entry.span.end = narrow(end);
            }
            (None, None) => return (entries, from + start),
        }
    }
    (entries, source.len())
}

/// Whether a script without title page that begins with this text would be read as one.
pub(crate) fn would_open(text: &str) -> bool {
    let mut lines = raw_lines(text).map(|(_, line)| line);
    let first = lines.next().unwrap_or_default();
    opens(first, lines.next())
}

fn opens(first: &str, second: Option<&str>) -> bool {
    let Some((key, value)) = split(first) else { return false };
    if KNOWN_KEYS.contains(&key.to_lowercase().as_str()) {
        return true;
    }
    let second = second.unwrap_or_default();
    let more = second.starts_with(char::is_whitespace) && !second.trim().is_empty();
    // “He said: no.” above a further line of prose begins a story.
    let goes_on = more || second.trim().is_empty() || split(second).is_some();
    let shouted = !key.chars().any(blocks::is_lower);
    (!value.is_empty() || more) && goes_on && !shouted && key.split_whitespace().count() <= MAX_UNKNOWN_KEY_WORDS
}

/// `Key: value` without the white space around either.
fn split(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let fits = key.starts_with(char::is_alphabetic)
        && key.chars().nth(MAX_KEY_CHARACTERS).is_none()
        && key.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '\t' | '-' | '_' | '\'' | '’' | '&'))
        && !blocks::is_heading(line);
    fits.then(|| (key.trim(), value.trim()))
}

/// Lines with their offsets, whatever ends them.
fn raw_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let line = (start, rest.get(..length)?);
        let ending = if rest.get(length..).is_some_and(|end| end.starts_with("\r\n")) { 2 } else { 1 };
        start += length + ending;
        Some(line)
    })
}
