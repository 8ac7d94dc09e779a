//! Emphasis inside text: `*italic*`, `**bold**`, `***both***`, `_underline_`, and `\` before a mark to mean it.
//!
//! A mark opens before a letter and closes after one, as in “*this*”, so that “dial *69 and *23” stays as it is.
//! Emphasis never crosses a line. One pass, no backtracking: a line of nothing but stars is read in linear time.

use serde::{Deserialize, Serialize};

/// Text of one emphasis.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub text: String,
    pub bold: bool,
    pub italic: bool,
    pub underline: bool,
}

/// The text in runs of equal emphasis, without marks and escapes.
pub fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            push(&mut runs, Style::default(), "\n");
        }
        read_line(line, &mut |style, words| push(&mut runs, style, words));
    }
    runs
}

/// The words alone.
pub fn plain(text: &str) -> String {
    if !text.contains(['*', '_', '\\']) {
        return text.to_owned();
    }
    let mut words = String::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            words.push('\n');
        }
        read_line(line, &mut |_, part| words.push_str(part));
    }
    words
}

/// Puts a backslash before everything that would be read as emphasis.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '*' | '_' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Style {
    bold: bool,
    italic: bool,
    underline: bool,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    at: usize,
    length: usize,
    underline: bool,
    /// What this mark switches once its partner is found.
    switches: Style,
}

fn push(runs: &mut Vec<Run>, style: Style, words: &str) {
    if words.is_empty() {
        return;
    }
    let Style { bold, italic, underline } = style;
    match runs.last_mut() {
        Some(run) if (run.bold, run.italic, run.underline) == (bold, italic, underline) => run.text.push_str(words),
        _ => runs.push(Run { text: words.to_owned(), bold, italic, underline }),
    }
}

fn read_line(line: &str, give: &mut impl FnMut(Style, &str)) {
    let marks = pair(line, find_marks(line));
    let (mut style, mut at) = (Style::default(), 0);
    for mark in &marks {
        let taken = usize::from(mark.switches.italic) + 2 * usize::from(mark.switches.bold);
        let taken = if mark.underline { usize::from(mark.switches.underline) } else { taken };
        if taken == 0 {
            continue;
        }
        // A mark that is only partly used leaves its other stars as text.
        let rest = mark.length - taken.min(mark.length);
        let closes = (style.bold && mark.switches.bold)
            || (style.italic && mark.switches.italic)
            || (style.underline && mark.switches.underline);
        let (before, skip_to) =
            if closes { (mark.at, mark.at + taken) } else { (mark.at + rest, mark.at + mark.length) };
        give_words(line, at, before, style, give);
        style.bold ^= mark.switches.bold;
        style.italic ^= mark.switches.italic;
        style.underline ^= mark.switches.underline;
        at = skip_to;
    }
    give_words(line, at, line.len(), style, give);
}

/// Gives text without the backslashes that escape.
fn give_words(line: &str, from: usize, to: usize, style: Style, give: &mut impl FnMut(Style, &str)) {
    let words = line.get(from..to).unwrap_or_default();
    let (mut start, mut escaped) = (0, false);
    for (at, letter) in words.char_indices() {
        if escaped {
            escaped = false;
        } else if letter == '\\'
            && words.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_punctuation()))
        {
            give(style, words.get(start..at).unwrap_or_default());
            (start, escaped) = (at + 1, true);
        }
    }
    give(style, words.get(start..).unwrap_or_default());
}

fn find_marks(line: &str) -> Vec<Mark> {
    let bytes = line.as_bytes();
    let (mut marks, mut at) = (Vec::new(), 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'*' | b'_' => {
                let most = if byte == b'*' { 3 } else { 1 };
                let length = bytes.iter().skip(at).take(most).take_while(|next| **next == byte).count();
                marks.push(Mark { at, length, underline: byte == b'_', switches: Style::default() });
                at += length;
            }
            _ => at += 1,
        }
    }
    marks
}

/// Finds partners: each kind of emphasis can be open once, and a mark without partner stays text.
fn pair(line: &str, mut marks: Vec<Mark>) -> Vec<Mark> {
    let (mut bold, mut italic, mut underline) = (None, None, None);
    for index in 0..marks.len() {
        let Some(mark) = marks.get(index).copied() else { continue };
        let before = line.get(..mark.at).and_then(|text| text.chars().next_back());
        let after = line.get(mark.at + mark.length..).and_then(|text| text.chars().next());
        let can_close = before.is_some_and(|letter| !letter.is_whitespace());
        let can_open = after.is_some_and(|letter| !letter.is_whitespace());
        let wants = if mark.underline { [false, false, true] } else { [mark.length >= 2, mark.length != 2, false] };
        let [wants_bold, wants_italic, wants_underline] = wants;
        let mut closed = false;
        for (wanted, open, kind) in
            [(wants_bold, &mut bold, 0), (wants_italic, &mut italic, 1), (wants_underline, &mut underline, 2)]
        {
            if let (true, true, Some(first)) = (wanted, can_close, *open) {
                // Stars that touch hold nothing between them.
                let touches = marks.get::<usize>(first).is_some_and(|start: &Mark| start.at + start.length == mark.at);
                if !touches {
                    switch(&mut marks, first, kind);
                    switch(&mut marks, index, kind);
                    *open = None;
                    closed = true;
                }
            }
        }
        if !closed && can_open {
            for (wanted, open) in
                [(wants_bold, &mut bold), (wants_italic, &mut italic), (wants_underline, &mut underline)]
            {
                if wanted {
                    *open = Some(index);
                }
            }
        }
    }
    marks
}

fn switch(marks: &mut [Mark], index: usize, kind: u8) {
    if let Some(mark) = marks.get_mut(index) {
        match kind {
            0 => mark.switches.bold = true,
            1 => mark.switches.italic = true,
            _ => mark.switches.underline = true,
        }
    }
}
