//! The script as the editor shows it: every line with its element, and what the parser advises.
//!
//! Colours and weights only: the text on screen is the text of the file, letter for letter, so the caret is always right.

use kinora_document::screenplay::{Diagnostic, ElementKind, InsertKind, Parsed, estimate, outline, parse};
use std::ops::Range;

/// Longer scripts are shown plain: colouring them at every key would be felt.
pub const COLOURED_BYTES: usize = 400 * 1024;

#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Consecutive pieces of the text with the class they are shown in; together they are the whole text.
    pub pieces: Vec<(String, &'static str)>,
    pub advice: Vec<Diagnostic>,
    pub scenes: Vec<SceneLine>,
    pub pages: u32,
    pub eighths: u32,
    pub seconds: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SceneLine {
    pub text: String,
    pub number: Option<String>,
    pub line: u32,
    pub page: u32,
    pub section: bool,
}

fn class_of(kind: ElementKind) -> &'static str {
    match kind {
        ElementKind::SceneHeading => "f-heading",
        ElementKind::Action => "f-action",
        ElementKind::Character => "f-character",
        ElementKind::Parenthetical => "f-parenthetical",
        ElementKind::Dialogue => "f-dialogue",
        ElementKind::Lyrics => "f-lyrics",
        ElementKind::Transition => "f-transition",
        ElementKind::Centered => "f-centered",
        ElementKind::Section => "f-section",
        ElementKind::Synopsis => "f-synopsis",
        ElementKind::Note => "f-note",
        ElementKind::Boneyard => "f-boneyard",
        ElementKind::PageBreak => "f-page",
    }
}

pub fn look(text: &str) -> Seen {
    let Parsed { screenplay, diagnostics, .. } = parse(text);
    let mut marks: Vec<(Range<usize>, &'static str)> = Vec::new();
    for element in &screenplay.elements {
        marks.push((element.span.bytes(), class_of(element.kind)));
        for insert in &element.inserts {
            let class = match insert.kind {
                InsertKind::Note if insert.text.trim_start().to_lowercase().starts_with("shot") => "f-shot",
                InsertKind::Note => "f-note",
                InsertKind::Boneyard => "f-boneyard",
            };
            marks.push((insert.span.bytes(), class));
        }
        if element.kind == ElementKind::Note && element.text.trim_start().to_lowercase().starts_with("shot") {
            marks.push((element.span.bytes(), "f-shot"));
        }
    }
    for entry in &screenplay.title_page {
        marks.push((entry.span.bytes(), "f-title"));
    }
    let lengths = estimate(&screenplay);
    let scenes = outline(&screenplay)
        .into_iter()
        .filter(|item| matches!(item.kind, ElementKind::SceneHeading | ElementKind::Section))
        .map(|item| SceneLine {
            text: item.text,
            number: item.scene_number,
            line: item.line,
            page: item.page,
            section: item.kind == ElementKind::Section,
        })
        .collect();
    let pieces = if text.len() > COLOURED_BYTES { vec![(text.to_owned(), "f-action")] } else { paint(text, &marks) };
    Seen {
        pieces,
        advice: diagnostics,
        scenes,
        pages: lengths.pages,
        eighths: lengths.eighths,
        seconds: lengths.seconds,
    }
}

/// Cuts the text where marks begin and end; of marks over one another the later one counts.
fn paint(text: &str, marks: &[(Range<usize>, &'static str)]) -> Vec<(String, &'static str)> {
    let mut classes: Vec<&'static str> = vec![""; text.len()];
    for (range, class) in marks {
        if let Some(part) = classes.get_mut(range.start.min(text.len())..range.end.min(text.len())) {
            part.fill(class);
        }
    }
    let mut pieces: Vec<(String, &'static str)> = Vec::new();
    for (at, letter) in text.char_indices() {
        let class = classes.get(at).copied().unwrap_or("");
        match pieces.last_mut() {
            Some((piece, last)) if *last == class => piece.push(letter),
            _ => pieces.push((letter.to_string(), class)),
        }
    }
    pieces
}

/// Byte offset where a line begins; the first line is 1.
pub fn line_start(text: &str, line: u32) -> usize {
    let skip = usize::try_from(line.saturating_sub(1)).unwrap_or(0);
    text.split_inclusive('\n').take(skip).map(str::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCRIPT: &str =
        "Title: A Test\n\nEXT. BEACH - DAY\n\nA boat. [[shot: wide | 4s]]\n\nMARA\n(softly)\nHello.\n\nCUT TO:\n";

    #[test]
    fn elements_are_shown_in_their_own_class() {
        let seen = look(SCRIPT);
        let class = |needle: &str| seen.pieces.iter().find(|(text, _)| text.contains(needle)).map(|(_, class)| *class);
        assert_eq!(class("EXT. BEACH"), Some("f-heading"));
        assert_eq!(class("shot: wide"), Some("f-shot"));
        assert_eq!(class("Hello"), Some("f-dialogue"));
        assert_eq!(seen.scenes.len(), 1);
    }

    #[test]
    fn lines_are_found_again() {
        assert_eq!(line_start(SCRIPT, 1), 0);
        assert!(SCRIPT.get(line_start(SCRIPT, 3)..).is_some_and(|rest| rest.starts_with("EXT. BEACH")));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_the_text_letter_for_letter(text in "\\PC{0,200}(\n\\PC{0,40}){0,8}") {
            let shown: String = look(&text).pieces.into_iter().map(|(piece, _)| piece).collect();
            prop_assert_eq!(shown, text);
        }
    }
}
