//! Writes a tree as Fountain that reads back as the same tree.
//!
//! It writes what a person would: marks that force a meaning appear only where the plain line would be read as
//! something else, and it asks `blocks.rs` for that, so printer and parser cannot disagree. One empty line
//! stands between elements; a speech stays together.

use std::ops::Range;

use crate::blocks::{self, Around};
use crate::title_page;
use crate::tree::{Element, ElementKind, Insert, InsertKind, Screenplay, TitleEntry};

/// Writes the script. `parse(&print(x)).screenplay == x` for every `x` that came from `parse`.
pub fn print(screenplay: &Screenplay) -> String {
    let mut out = String::new();
    print_title_page(&screenplay.title_page, &mut out);
    let elements = &screenplay.elements;
    let mut speech_end = 0;
    for (index, element) in elements.iter().enumerate() {
        if element.kind == ElementKind::Character {
            speech_end = end_of_speech(elements, index);
        }
        let joined = index > 0 && index < speech_end && element.kind != ElementKind::Character;
        if !out.is_empty() && !joined {
            out.push('\n');
        }
        let silent = speech_end <= index + 1;
        print_element(element, silent, out.is_empty(), &mut out);
        out.push('\n');
    }
    if out.starts_with('\u{feff}') {
        // The parser takes a byte order mark off the first line only.
        out.insert(0, '\n');
    }
    out
}

/// The element after the last line that belongs to the speech of a cue.
fn end_of_speech(elements: &[Element], cue: usize) -> usize {
    let mut end = cue + 1;
    // Lyrics may also stand alone after an empty line, which an unclosed bracket above them must keep.
    let mut bracket = elements.get(cue).is_some_and(|element| element.text.contains("[["));
    for (index, element) in elements.iter().enumerate().skip(cue + 1) {
        match element.kind {
            ElementKind::Dialogue | ElementKind::Parenthetical => end = index + 1,
            ElementKind::Lyrics if !bracket => end = index + 1,
            ElementKind::Lyrics => {}
            ElementKind::Note | ElementKind::Boneyard => {}
            _ => break,
        }
        bracket |= element.text.contains("[[");
    }
    end
}

fn print_title_page(entries: &[TitleEntry], out: &mut String) {
    for entry in entries {
        out.push_str(&entry.key);
        out.push(':');
        match entry.values.as_slice() {
            [value] => {
                out.push(' ');
                out.push_str(value);
            }
            values => values.iter().for_each(|value| {
                out.push_str("\n    ");
                out.push_str(value);
            }),
        }
        out.push('\n');
    }
}

fn print_element(element: &Element, silent: bool, first: bool, out: &mut String) {
    let whole = 0..element.text.len();
    match element.kind {
        ElementKind::Note => print_insert(InsertKind::Note, &element.text, out),
        ElementKind::Boneyard => print_insert(InsertKind::Boneyard, &element.text, out),
        ElementKind::Action => print_action(element, first, out),
        ElementKind::Dialogue => print_lines(element, out, |_, line| if line.is_empty() { "  " } else { "" }),
        ElementKind::SceneHeading => {
            let number = element.scene_number.as_ref().map(|number| format!(" #{number}#")).unwrap_or_default();
            let plain = format!("{}{number}", element.text);
            out.push_str(if reads_as(&plain, element, false, true) { "" } else { "." });
            print_span(element, whole, out);
            out.push_str(&number);
        }
        ElementKind::Character => {
            let caret = if element.dual { " ^" } else { "" };
            let plain = reads_as(&format!("{}{caret}", element.text), element, false, silent);
            out.push_str(if plain && !(first && opens_title_page(element)) { "" } else { "@" });
            print_span(element, whole, out);
            out.push_str(caret);
        }
        ElementKind::Transition => {
            let plain = reads_as(&element.text, element, false, true);
            out.push_str(if plain && !(first && opens_title_page(element)) { "" } else { "> " });
            print_span(element, whole, out);
        }
        ElementKind::Centered => {
            out.push_str("> ");
            print_span(element, whole, out);
            out.push_str(" <");
        }
        ElementKind::Section => {
            out.extend(std::iter::repeat_n('#', usize::from(element.depth.clamp(1, 6))));
            out.push(' ');
            print_span(element, whole, out);
        }
        ElementKind::Synopsis => {
            out.push_str("= ");
            print_span(element, whole, out);
        }
        ElementKind::Lyrics => {
            out.push('~');
            print_span(element, whole, out);
        }
        ElementKind::PageBreak => {
            out.push_str("===");
            print_span(element, whole, out);
        }
        ElementKind::Parenthetical => print_span(element, whole, out),
    }
}

fn print_action(element: &Element, first: bool, out: &mut String) {
    let count = element.text.split('\n').count();
    let opens_title_page = first && opens_title_page(element);
    print_lines(element, out, |index, line| {
        let around = Around {
            blank_before: index == 0,
            blank_after: count == 1,
            in_speech: false,
            has_inserts: !element.inserts.is_empty(),
        };
        let misread = || {
            let reading = blocks::read_line(line, around);
            reading.kind != ElementKind::Action || reading.text != (0..line.len())
        };
        if line.trim().is_empty() || misread() || (index == 0 && opens_title_page) { "!" } else { "" }
    });
}

/// Whether the element, written first and without a mark, would be read as a title page. That is read before notes are taken
/// out, so it must be asked with them.
fn opens_title_page(element: &Element) -> bool {
    let mut written = String::new();
    print_lines(element, &mut written, |_, _| "");
    title_page::would_open(&written)
}

/// Writes each line of the text after the mark it needs.
fn print_lines(element: &Element, out: &mut String, mark: impl Fn(usize, &str) -> &'static str) {
    let mut start = 0;
    let mut inserts = element.inserts.as_slice();
    for (index, line) in element.text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(mark(index, line));
        let end = start + line.len();
        let here = inserts.partition_point(|insert| insert.at <= end);
        let (mine, later) = inserts.split_at_checked(here).unwrap_or((inserts, &[]));
        print_with_inserts(&element.text, start..end, mine, out);
        (start, inserts) = (end + 1, later);
    }
}

fn print_span(element: &Element, range: Range<usize>, out: &mut String) {
    print_with_inserts(&element.text, range, &element.inserts, out);
}

/// Writes a range of the text with its inserts where they stand.
fn print_with_inserts(text: &str, range: Range<usize>, inserts: &[Insert], out: &mut String) {
    let mut at = range.start;
    for insert in inserts {
        let stop = insert.at.clamp(at, range.end);
        let words = text.get(at..stop).unwrap_or_default();
        out.push_str(words);
        // A bracket at the end of the line must not become part of the note's own.
        if stop == range.end && words.ends_with('[') {
            out.push(' ');
        }
        print_insert(insert.kind, &insert.text, out);
        at = stop;
    }
    out.push_str(text.get(at..range.end).unwrap_or_default());
}

fn print_insert(kind: InsertKind, text: &str, out: &mut String) {
    match kind {
        InsertKind::Boneyard => {
            out.push_str("/* ");
            out.push_str(text);
            out.push_str(" */");
        }
        InsertKind::Note => {
            out.push_str("[[");
            for (index, line) in text.split('\n').enumerate() {
                if index > 0 {
                    out.push('\n');
                    // An empty line would end the note; two spaces hold it open.
                    out.push_str(if line.is_empty() { "  " } else { "" });
                }
                out.push_str(line);
            }
            out.push_str(if text.ends_with(']') { " ]]" } else { "]]" });
        }
    }
}

/// Whether the line, standing between empty lines as asked, is read back as this element.
fn reads_as(line: &str, element: &Element, in_speech: bool, blank_after: bool) -> bool {
    let around = Around { blank_before: true, blank_after, in_speech, has_inserts: !element.inserts.is_empty() };
    let reading = blocks::read_line(line, around);
    reading.kind == element.kind && line.get(reading.text) == Some(element.text.as_str())
}
