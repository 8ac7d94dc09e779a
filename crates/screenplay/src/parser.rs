//! Reads a script: title page, then boneyards, notes and lines, then one pass that builds the elements.
//!
//! Never fails and never recurses: whatever comes in, a tree and advice come out, in time linear in its length.
//! What a line is, is decided in `blocks.rs`; this file only keeps what the lines before it said.

use serde::{Deserialize, Serialize};

use crate::MAX_SCRIPT_BYTES;
use crate::blocks::{self, Around, Reading};
use crate::comments::{take_boneyards, take_notes};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Locator, Severity};
use crate::lines::{Line, narrow};
use crate::studio_note::StudioNote;
use crate::title_page;
use crate::tree::{Element, ElementKind, Insert, InsertKind, Screenplay, Span};

/// A script and what there is to say about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parsed {
    pub screenplay: Screenplay,
    /// In the order of the script.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads Fountain. Never fails: what cannot be understood stays in the tree as text, with a diagnostic.
pub fn parse(source: &str) -> Parsed {
    let mut diagnostics = Diagnostics::default();
    advise_on_source(source, &mut diagnostics);
    let from = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (title_page, from) = title_page::read(source, from, &mut diagnostics);
    let lines = take_notes(take_boneyards(source, from, &mut diagnostics), &mut diagnostics);
    let mut builder = Builder { diagnostics, ..Builder::default() };
    for (index, line) in lines.iter().enumerate() {
        builder.take(line, lines.get(index + 1..).unwrap_or_default());
    }
    let Builder { elements, diagnostics, .. } = builder;
    let mut screenplay = Screenplay { title_page, elements };
    place(&mut screenplay, source);
    Parsed { screenplay, diagnostics: diagnostics.placed(source) }
}

#[derive(Debug)]
struct Builder {
    elements: Vec<Element>,
    diagnostics: Diagnostics,
    blank_before: bool,
    in_speech: bool,
    /// The last element may grow by the next line.
    open: bool,
    /// Blank lines inside a speech, kept when it goes on.
    held_blanks: usize,
    /// The last element that is neither note nor boneyard.
    last_kind: Option<ElementKind>,
}

impl Default for Builder {
    fn default() -> Self {
        Builder {
            elements: Vec::new(),
            diagnostics: Diagnostics::default(),
            blank_before: true,
            in_speech: false,
            open: false,
            held_blanks: 0,
            last_kind: None,
        }
    }
}

impl Builder {
    fn take(&mut self, line: &Line<'_>, next: &[Line<'_>]) {
        if line.is_transparent() {
            self.take_standing_notes(line);
        } else if line.is_blank() {
            self.take_blank(line);
        } else {
            let ask_after = self.blank_before && !self.in_speech;
            let blank_after = ask_after && next.iter().find(|line| !line.is_transparent()).is_none_or(Line::is_blank);
            let around = Around {
                blank_before: self.blank_before,
                blank_after,
                in_speech: self.in_speech,
                has_inserts: !line.inserts().is_empty(),
            };
            let reading = blocks::read_line(&line.text, around);
            self.advise_on_line(line, &reading, next);
            self.take_reading(line, &reading);
        }
    }

    /// A line of nothing but notes and boneyards: they stand in the script by themselves.
    fn take_standing_notes(&mut self, line: &Line<'_>) {
        for insert in line.inserts() {
            self.advise_on_note(insert);
            let span = insert.span;
            self.elements.push(Element { span, ..Element::new(insert.kind.element(), insert.text.clone()) });
        }
        self.open = false;
    }

    fn take_blank(&mut self, line: &Line<'_>) {
        self.blank_before = true;
        if self.in_speech && !line.is_hard_blank() {
            self.held_blanks += 1;
            return;
        }
        (self.in_speech, self.open, self.held_blanks) = (false, false, 0);
    }

    fn take_reading(&mut self, line: &Line<'_>, reading: &Reading) {
        for insert in line.inserts() {
            self.advise_on_note(insert);
        }
        let kind = reading.kind;
        let grows =
            self.open && self.last_kind == Some(kind) && matches!(kind, ElementKind::Action | ElementKind::Dialogue);
        let (text, mut inserts) = text_and_inserts(line, reading);
        match self.elements.last_mut().filter(|_| grows) {
            Some(element) => {
                (0..=self.held_blanks).for_each(|_| element.text.push('\n'));
                let base = element.text.len();
                inserts.iter_mut().for_each(|insert| insert.at += base);
                element.text.push_str(&text);
                element.inserts.append(&mut inserts);
                element.span.end = narrow(line.end);
            }
            None => {
                let number = reading.scene_number.clone().and_then(|range| line.text.get(range));
                self.elements.push(Element {
                    kind,
                    text,
                    inserts,
                    dual: reading.dual,
                    scene_number: number.map(str::to_owned),
                    depth: reading.depth,
                    span: Span { line: 0, column: 0, start: narrow(line.start), end: narrow(line.end) },
                });
            }
        }
        self.held_blanks = 0;
        self.open = matches!(kind, ElementKind::Action | ElementKind::Dialogue);
        self.in_speech = match kind {
            ElementKind::Character => true,
            ElementKind::Parenthetical | ElementKind::Dialogue | ElementKind::Lyrics => self.in_speech,
            _ => false,
        };
        // Lines that are not printed lay nothing out, so what follows them stands as after an empty line.
        self.blank_before = matches!(kind, ElementKind::Section | ElementKind::Synopsis | ElementKind::PageBreak);
        self.last_kind = Some(kind);
    }

    fn advise_on_line(&mut self, line: &Line<'_>, reading: &Reading, next: &[Line<'_>]) {
        let at = line.source_offset(reading.text.start);
        let text = line.text.trim();
        let mut warn = |severity, code, message: &str| self.diagnostics.add(at, severity, code, message);
        match reading.kind {
            ElementKind::Action | ElementKind::Dialogue
                if !self.blank_before && blocks::is_heading(text) && !text.chars().any(char::is_lowercase) =>
            {
                warn(
                    Severity::Warning,
                    Code::HeadingWithoutBlankLine,
                    "This looks like a scene heading, but the line above it is not empty, so it is read as text; put an empty line before it.",
                );
            }
            ElementKind::Action
                if self.last_kind == Some(ElementKind::SceneHeading)
                    && !self.blank_before
                    && blocks::is_cue(text)
                    && next.first().is_some_and(|line| !line.is_blank()) =>
            {
                warn(
                    Severity::Warning,
                    Code::CueWithoutBlankLine,
                    "This looks like a character who speaks, but the line above it is not empty, so it is read as action; put an empty line before it.",
                );
            }
            ElementKind::Character => {
                let silent = next.iter().find(|line| !line.is_transparent()).is_none_or(Line::is_blank);
                if silent {
                    warn(
                        Severity::Info,
                        Code::CueWithoutDialogue,
                        "This character says nothing; write the dialogue on the next line, without an empty line between.",
                    );
                }
                let after_speech = matches!(
                    self.last_kind,
                    Some(ElementKind::Dialogue | ElementKind::Parenthetical | ElementKind::Lyrics)
                );
                if reading.dual && !after_speech {
                    warn(
                        Severity::Warning,
                        Code::DualWithoutPartner,
                        "The “^” asks for two people to speak at once, but nobody speaks just before; remove it, or move this speech after another.",
                    );
                }
            }
            ElementKind::Section
                if reading.depth == 6 && line.text.get(reading.text.clone()).is_some_and(|t| t.starts_with('#')) =>
            {
                warn(
                    Severity::Info,
                    Code::SectionTooDeep,
                    "Sections go six levels deep; the further “#” is read as part of the title.",
                );
            }
            _ => {}
        }
    }

    fn advise_on_note(&mut self, insert: &Insert) {
        if insert.kind != InsertKind::Note {
            return;
        }
        if let Some((_, advice)) = StudioNote::parse(&insert.text) {
            for advice in advice {
                self.diagnostics.add(insert.span.start as usize, advice.severity, advice.code, advice.message);
            }
        }
    }
}

/// The text of a reading, and its inserts counted from the start of that text. Action turns tabs into four spaces.
fn text_and_inserts(line: &Line<'_>, reading: &Reading) -> (String, Vec<Insert>) {
    let range = reading.text.clone();
    let text = line.text.get(range.clone()).unwrap_or_default();
    let mut inserts = line.inserts().to_vec();
    for insert in &mut inserts {
        insert.at = insert.at.clamp(range.start, range.end) - range.start;
    }
    // The space between a note and the words after it is no indentation.
    let text = if reading.kind == ElementKind::Action && inserts.first().is_some_and(|insert| insert.at == 0) {
        let spaces = text.len() - text.trim_start().len();
        inserts.iter_mut().for_each(|insert| insert.at = insert.at.saturating_sub(spaces));
        text.trim_start()
    } else {
        text
    };
    if reading.kind != ElementKind::Action || !text.contains('\t') {
        return (text.to_owned(), inserts);
    }
    let (mut wide, mut pending) = (String::with_capacity(text.len() + 16), inserts.iter_mut().peekable());
    for (at, letter) in text.char_indices() {
        while let Some(insert) = pending.next_if(|insert| insert.at <= at) {
            insert.at = wide.len();
        }
        if letter == '\t' { wide.push_str("    ") } else { wide.push(letter) }
    }
    pending.for_each(|insert| insert.at = wide.len());
    (wide, inserts)
}

/// Works out lines and columns, once, for everything that has a byte.
fn place(screenplay: &mut Screenplay, source: &str) {
    let titles = screenplay.title_page.iter_mut().map(|entry| &mut entry.span);
    let elements = screenplay.elements.iter_mut().flat_map(|element| {
        let inserts = element.inserts.iter_mut().map(|insert| &mut insert.span);
        std::iter::once(&mut element.span).chain(inserts)
    });
    let mut spans: Vec<&mut Span> = titles.chain(elements).collect();
    // Nearly sorted already: only a boneyard inside a note stands out of order.
    spans.sort_by_key(|span| span.start);
    let mut locator = Locator::new(source);
    for span in spans {
        (span.line, span.column) = locator.place(span.start as usize);
    }
}

fn advise_on_source(source: &str, diagnostics: &mut Diagnostics) {
    if source.len() > MAX_SCRIPT_BYTES {
        let message = format!(
            "This script has {} bytes and Kinora takes {MAX_SCRIPT_BYTES}; divide it into parts.",
            source.len()
        );
        diagnostics.add(0, Severity::Error, Code::ScriptTooLong, message);
    }
    let control = |byte: u8| byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t') || byte == 0x7f;
    if let Some(at) = source.bytes().position(control) {
        let message = "There is an invisible control character here, perhaps from a copy of another program; delete it and type the words again.";
        diagnostics.add(at, Severity::Warning, Code::ControlCharacter, message);
    }
}
