//! What the parser has to say about a script: where, how grave, and a sentence with a way out.
//!
//! A script always parses, so these are advice for the margin of the editor, never a reason to stop.
//! Their number is bounded: a megabyte of mistakes must not become a gigabyte of messages.

use serde::{Deserialize, Serialize};

/// More than this helps nobody, and bounds the memory of a hostile script.
pub const MAX_DIAGNOSTICS: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Probably not what the writer meant.
    Warning,
    /// Part of the script could not be understood as written and is kept as plain text.
    Error,
}

/// A stable name for each kind of diagnostic, for settings and tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    BoneyardNotClosed,
    NoteNotClosed,
    CueWithoutDialogue,
    CueWithoutBlankLine,
    HeadingWithoutBlankLine,
    DualWithoutPartner,
    SectionTooDeep,
    TitlePageLine,
    ScriptTooLong,
    ControlCharacter,
    ShotKeyUnknown,
    ShotValueOutOfRange,
    ShotKeyTwice,
    StudioNoteIncomplete,
    TooManyDiagnostics,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// First line is 1.
    pub line: u32,
    /// First character is 1; counted in Unicode scalar values.
    pub column: u32,
    pub severity: Severity,
    pub code: Code,
    /// What is the matter and what to do about it, as a sentence for a person.
    pub message: String,
}

/// Collects diagnostics by byte offset up to [`MAX_DIAGNOSTICS`]; places are worked out once, at the end.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    list: Vec<(usize, Severity, Code, String)>,
    left_out: bool,
}

impl Diagnostics {
    pub(crate) fn add(&mut self, offset: usize, severity: Severity, code: Code, message: impl Into<String>) {
        if self.list.len() < MAX_DIAGNOSTICS {
            self.list.push((offset, severity, code, message.into()));
        } else {
            self.left_out = true;
        }
    }

    pub(crate) fn placed(mut self, source: &str) -> Vec<Diagnostic> {
        self.list.sort_by_key(|(offset, ..)| *offset);
        let mut locator = Locator::new(source);
        let mut placed: Vec<Diagnostic> = Vec::with_capacity(self.list.len() + 1);
        for (offset, severity, code, message) in self.list {
            let (line, column) = locator.place(offset);
            placed.push(Diagnostic { line, column, severity, code, message });
        }
        if let (true, Some(last)) = (self.left_out, placed.last()) {
            let message =
                format!("There is more to say than {MAX_DIAGNOSTICS} messages; fix the first ones and look again.");
            let (line, column) = (last.line, last.column);
            placed.push(Diagnostic { line, column, severity: Severity::Info, code: Code::TooManyDiagnostics, message });
        }
        placed
    }
}

/// Turns growing byte offsets into lines and columns in one pass over the source.
#[derive(Debug)]
pub(crate) struct Locator<'a> {
    source: &'a str,
    at: usize,
    line: u32,
    column: u32,
    after_return: bool,
}

impl<'a> Locator<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Locator { source, at: 0, line: 1, column: 1, after_return: false }
    }

    /// Line and column of an offset; an offset before the last one asked for gives the last one's place.
    pub(crate) fn place(&mut self, offset: usize) -> (u32, u32) {
        let ahead = self.source.get(self.at..).unwrap_or_default();
        for letter in ahead.chars() {
            if self.at >= offset {
                break;
            }
            self.at += letter.len_utf8();
            match letter {
                '\n' if self.after_return => {}
                '\n' | '\r' => (self.line, self.column) = (self.line.saturating_add(1), 1),
                '\u{feff}' if self.at == letter.len_utf8() => {}
                _ => self.column = self.column.saturating_add(1),
            }
            self.after_return = letter == '\r';
        }
        (self.line, self.column)
    }
}
