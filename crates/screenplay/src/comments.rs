//! Takes boneyards `/* */` and then notes `[[ ]]` out of the text and leaves logical lines.
//!
//! Boneyards go first because they may span anything, even half a note. A note ends at `]]` and never crosses a
//! blank line (two spaces keep it open). What is never closed stays in the script as text, with a diagnostic.
//! Every search runs forward only once, so a script of nothing but openings is read in linear time.

use crate::diagnostics::{Code, Diagnostics, Severity};
use crate::lines::Line;
use crate::tree::InsertKind;

/// Splits the source, from a byte on, into lines without boneyards.
pub(crate) fn take_boneyards<'a>(source: &'a str, from: usize, diagnostics: &mut Diagnostics) -> Vec<Line<'a>> {
    let bytes = source.as_bytes();
    let (mut lines, mut line) = (Vec::new(), Line::starting_at(from));
    let (mut at, mut run, mut closable) = (from, from, true);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => {
                line.push(slice(source, run, at), run);
                line.end = at;
                at += if byte == b'\r' && bytes.get(at + 1) == Some(&b'\n') { 2 } else { 1 };
                run = at;
                let done = std::mem::replace(&mut line, Line::starting_at(at));
                // Many empty lines say no more than one.
                if !(done.is_hard_blank() && lines.last().is_some_and(Line::is_hard_blank)) {
                    lines.push(done);
                }
            }
            b'/' if closable && bytes.get(at + 1) == Some(&b'*') => {
                let Some(length) = slice(source, at + 2, source.len()).find("*/") else {
                    closable = false;
                    let message = "This boneyard is opened with “/*” and never closed, so it is kept as text; close it with “*/”.";
                    diagnostics.add(at, Severity::Error, Code::BoneyardNotClosed, message);
                    at += 2;
                    continue;
                };
                line.push(slice(source, run, at), run);
                let (inner, end) = (slice(source, at + 2, at + 2 + length), at + length + 4);
                line.push_insert(InsertKind::Boneyard, unify_line_ends(inner).trim().to_owned(), at, end);
                // What stood on both sides must not become a new opening.
                if line.text.ends_with('/') && bytes.get(end) == Some(&b'*') {
                    line.push(" ", end);
                }
                (at, run) = (end, end);
            }
            _ => at += 1,
        }
    }
    line.push(slice(source, run, source.len()), run);
    line.end = source.len();
    lines.push(line);
    lines
}

/// Takes notes out of lines; lines that a note spans become one.
pub(crate) fn take_notes<'a>(mut lines: Vec<Line<'a>>, diagnostics: &mut Diagnostics) -> Vec<Line<'a>> {
    if !lines.iter().any(|line| line.text.contains("[[")) {
        return lines;
    }
    let mut taken = Vec::with_capacity(lines.len());
    // Up to this line it is known that no note closes any more.
    let mut unclosable = 0;
    let mut index = 0;
    while let Some(first) = lines.get_mut(index) {
        if index < unclosable || !first.text.contains("[[") {
            taken.push(std::mem::take(first));
            index += 1;
            continue;
        }
        let mut line = Line::starting_at(first.start);
        let mut at = 0;
        while let Some(current) = lines.get(index) {
            let open = current.text.get(at..).and_then(|rest| rest.find("[[")).map(|found| at + found);
            let close = open.and_then(|open| find_close(&lines, index, open + 2, &mut unclosable));
            let (Some(open), Some((last, close))) = (open, close) else {
                if let (Some(open), true) = (open, index < unclosable) {
                    let message = "This note is opened with “[[” and not closed before the next empty line, so it is kept as text; close it with “]]”, or put two spaces on the empty line.";
                    diagnostics.add(current.source_offset(open), Severity::Warning, Code::NoteNotClosed, message);
                }
                line.append(current, at, current.text.len());
                line.end = current.end;
                break;
            };
            line.append(current, at, open);
            take_note(&lines, &mut line, (index, open), (last, close));
            (index, at) = (last, close + 2);
        }
        taken.push(line);
        index += 1;
    }
    taken
}

/// The `]]` after an opening, as line and offset. When there is none, notes how far the search went.
fn find_close(lines: &[Line<'_>], first: usize, from: usize, unclosable: &mut usize) -> Option<(usize, usize)> {
    if first < *unclosable {
        return None;
    }
    for (index, line) in lines.iter().enumerate().skip(first) {
        if index > first && line.is_hard_blank() {
            *unclosable = index;
            return None;
        }
        let start = if index == first { from } else { 0 };
        if let Some(found) = line.text.get(start..).and_then(|rest| rest.find("]]")) {
            return Some((index, start + found));
        }
    }
    *unclosable = lines.len();
    None
}

fn take_note(lines: &[Line<'_>], into: &mut Line<'_>, (first, open): (usize, usize), (last, close): (usize, usize)) {
    let mut text = String::new();
    let spanned = lines.get(first..=last).unwrap_or_default();
    for (offset, line) in spanned.iter().enumerate() {
        let from = if offset == 0 { open + 2 } else { 0 };
        let to = if first + offset == last { close } else { line.text.len() };
        let part = line.text.get(from..to).unwrap_or_default();
        if offset > 0 {
            text.push('\n');
        }
        if !part.trim().is_empty() {
            text.push_str(part);
        }
    }
    let start = spanned.first().map_or(into.start, |line| line.source_offset(open));
    let end = spanned.last().map_or(into.end, |line| line.source_offset(close + 1) + 1);
    // A boneyard inside a note is kept before it: after it, an opening that is text could close on it.
    for (offset, line) in spanned.iter().enumerate() {
        let after = (offset == 0).then_some(open);
        let before = (first + offset == last).then_some(close + 2);
        into.adopt_inserts(line, after, before);
    }
    into.push_insert(InsertKind::Note, text.trim().to_owned(), start, end);
}

fn slice(source: &str, from: usize, to: usize) -> &str {
    source.get(from..to).unwrap_or_default()
}

fn unify_line_ends(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}
