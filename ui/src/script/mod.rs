//! The script as the editor shows it: every line with its element, and what the parser advises.
//!
//! Colours and weights only: the text on screen is the text of the file, letter for letter, so the caret is always right.

pub mod complete;
pub mod find;
pub mod typing;

use kinora_document::screenplay::{
    Diagnostic, ElementKind, Heading, InsertKind, Parsed, Severity, ShotNote, estimate, outline, parse,
};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// Longer scripts are shown plain: colouring them at every key would be felt.
pub const COLOURED_BYTES: usize = 400 * 1024;
/// Classes of shot notes and of what was searched for.
pub const SHOT: &str = "f-shot";
pub const FOUND: &str = "f-found";
pub const FOUND_NOW: &str = "f-found now";

#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Paragraphs of the text; all their pieces together are the whole text. Only those that changed are drawn again.
    pub blocks: Vec<Block>,
    pub advice: Vec<Diagnostic>,
    pub scenes: Vec<SceneLine>,
    /// Shot notes with the bytes they take, brackets and all.
    pub notes: Vec<(Range<usize>, ShotNote)>,
    /// Characters and places by the line that names them; true is a place.
    pub named: Vec<(u32, bool, String)>,
    pub pages: u32,
    pub eighths: u32,
    pub seconds: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The same for the same content, and different for each block of a script.
    pub key: u64,
    pub pieces: Vec<Piece>,
}

/// A run of text in one class; advice belongs to the line that begins with it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Piece {
    pub text: String,
    pub class: &'static str,
    pub advice: Option<(bool, String)>,
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

/// The script with `found` marked, the one at `now` most of all.
pub fn look(text: &str, found: &[Range<usize>], now: Option<usize>) -> Seen {
    let Parsed { screenplay, diagnostics, .. } = parse(text);
    let mut marks: Vec<(Range<usize>, &'static str)> = Vec::new();
    let mut notes = Vec::new();
    let mut named = Vec::new();
    for element in &screenplay.elements {
        marks.push((element.span.bytes(), class_of(element.kind)));
        match element.kind {
            ElementKind::Character => {
                let plain = element.plain();
                let name = plain.split('(').next().unwrap_or_default().trim().trim_start_matches('@');
                named.push((element.span.line, false, name.to_uppercase()));
            }
            ElementKind::SceneHeading => {
                named.push((element.span.line, true, Heading::parse(&element.text).place.to_uppercase()));
            }
            ElementKind::Note => note(&element.text, element.span.bytes(), &mut marks, &mut notes),
            _ => {}
        }
        for insert in &element.inserts {
            match insert.kind {
                InsertKind::Note => {
                    marks.push((insert.span.bytes(), "f-note"));
                    note(&insert.text, insert.span.bytes(), &mut marks, &mut notes);
                }
                InsertKind::Boneyard => marks.push((insert.span.bytes(), "f-boneyard")),
            }
        }
    }
    notes.sort_by_key(|(range, _)| range.start);
    for entry in &screenplay.title_page {
        marks.push((entry.span.bytes(), "f-title"));
    }
    marks.extend(
        found.iter().enumerate().map(|(at, hit)| (hit.clone(), if Some(at) == now { FOUND_NOW } else { FOUND })),
    );
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
    if text.len() > COLOURED_BYTES {
        marks = vec![(0..text.len(), "f-action")];
    }
    Seen {
        blocks: blocks(text, &marks, &diagnostics),
        advice: diagnostics,
        scenes,
        notes,
        named,
        pages: lengths.pages,
        eighths: lengths.eighths,
        seconds: lengths.seconds,
    }
}

impl Seen {
    /// What the script names, but for the line that is being written: a word is no suggestion for itself.
    pub fn known_without(&self, line: u32) -> complete::Known {
        let all = |place: bool| {
            let there =
                self.named.iter().filter(|(at, is_place, name)| *at != line && *is_place == place && !name.is_empty());
            let mut words: Vec<String> = there.map(|(_, _, name)| name.clone()).collect();
            words.sort();
            words.dedup();
            words
        };
        complete::Known { names: all(false), places: all(true) }
    }
}

fn note(
    text: &str,
    range: Range<usize>,
    marks: &mut Vec<(Range<usize>, &'static str)>,
    notes: &mut Vec<(Range<usize>, ShotNote)>,
) {
    if let Some((note, _)) = ShotNote::parse(text) {
        marks.push((range.clone(), SHOT));
        notes.push((range, note));
    }
}

/// The text in paragraphs, each cut where marks begin and end; of marks over one another the later one counts.
fn blocks(text: &str, marks: &[(Range<usize>, &'static str)], advice: &[Diagnostic]) -> Vec<Block> {
    let mut classes: Vec<&'static str> = vec![""; text.len()];
    for (range, class) in marks {
        if let Some(part) = classes.get_mut(range.start.min(text.len())..range.end.min(text.len())) {
            part.fill(class);
        }
    }
    // The gravest remark of a line stands in its margin.
    let mut remarks: BTreeMap<u32, (bool, String)> = BTreeMap::new();
    for remark in advice {
        let grave = remark.severity != Severity::Info;
        let slot = remarks.entry(remark.line).or_insert_with(|| (grave, remark.message.clone()));
        if grave && !slot.0 {
            *slot = (grave, remark.message.clone());
        }
    }
    let mut blocks: Vec<Vec<Piece>> = Vec::new();
    let (mut line, mut at_line_start, mut blank_before) = (1_u32, true, true);
    for (at, letter) in text.char_indices() {
        let class = classes.get(at).copied().unwrap_or("");
        let remark = if at_line_start { remarks.remove(&line) } else { None };
        let opens = at_line_start && blank_before && letter != '\n';
        if opens || blocks.is_empty() {
            blocks.push(Vec::new());
        }
        if at_line_start {
            blank_before = letter == '\n';
        }
        if let Some(pieces) = blocks.last_mut() {
            match pieces.last_mut() {
                Some(last) if last.class == class && remark.is_none() => last.text.push(letter),
                _ => pieces.push(Piece { text: letter.to_string(), class, advice: remark }),
            }
        }
        at_line_start = letter == '\n';
        line += u32::from(at_line_start);
    }
    let mut seen: BTreeMap<u64, u64> = BTreeMap::new();
    blocks
        .into_iter()
        .map(|pieces| {
            let mut hasher = DefaultHasher::new();
            pieces.hash(&mut hasher);
            let content = hasher.finish();
            // The second paragraph of the same words is another one.
            let times = seen.entry(content).or_default();
            *times += 1;
            (content, *times).hash(&mut hasher);
            Block { key: hasher.finish(), pieces }
        })
        .collect()
}

/// Byte offset of a place the page counts in UTF-16.
pub fn byte_of(text: &str, utf16: u32) -> usize {
    let mut left = utf16 as usize;
    for (at, letter) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(letter.len_utf16());
    }
    text.len()
}

/// The place of a byte, as the page counts.
pub fn utf16_of(text: &str, byte: usize) -> u32 {
    let before = text.get(..byte).unwrap_or(text);
    u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// The line of a byte; the first is 1.
pub fn line_at(text: &str, byte: usize) -> u32 {
    let before = text.get(..byte).unwrap_or(text);
    u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX)
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
        let seen = look(SCRIPT, &[], None);
        let pieces = || seen.blocks.iter().flat_map(|block| &block.pieces);
        let class = |needle: &str| pieces().find(|piece| piece.text.contains(needle)).map(|piece| piece.class);
        assert_eq!(class("EXT. BEACH"), Some("f-heading"));
        assert_eq!(class("shot: wide"), Some("f-shot"));
        assert_eq!(class("Hello"), Some("f-dialogue"));
        assert_eq!(seen.scenes.len(), 1);
        assert_eq!(seen.known_without(1).names, ["MARA"]);
        assert_eq!(seen.known_without(1).places, ["BEACH"]);
        assert!(seen.known_without(3).places.is_empty(), "a word is no suggestion for itself");
        let (range, note) = seen.notes.first().expect("a shot note");
        assert_eq!(SCRIPT.get(range.clone()), Some("[[shot: wide | 4s]]"));
        assert_eq!(note.print(), "shot: wide | 4s");
    }

    #[test]
    fn a_change_in_one_paragraph_leaves_the_others_as_they_were() {
        let keys = |text: &str| look(text, &[], None).blocks.iter().map(|block| block.key).collect::<Vec<_>>();
        let before = keys("EXT. A - DAY\n\nOne.\n\nOne.\n\nTwo.\n");
        let after = keys("EXT. A - DAY\n\nOne.\n\nOne.\n\nThree.\n");
        assert_eq!(before.len(), 4);
        assert_eq!(before[..3], after[..3]);
        assert_ne!(before[1], before[2], "the same words twice are two paragraphs");
        assert_ne!(before[3], after[3]);
    }

    #[test]
    fn advice_stands_at_its_line_and_what_is_searched_is_marked() {
        let text = "EXT. A - DAY\n\nOne line.\n\nMARA\n\nTwo. [[shot: seed x]]\n";
        let seen = look(text, &find::find(text, "line", false), Some(0));
        assert!(!seen.advice.is_empty());
        for remark in &seen.advice {
            let start = line_start(text, remark.line);
            let mut at = 0;
            let mut pieces = seen.blocks.iter().flat_map(|block| &block.pieces);
            let there = pieces.find(|piece| {
                let here = at;
                at += piece.text.len();
                here == start
            });
            assert!(there.is_some_and(|piece| piece.advice.is_some()), "{remark:?}");
        }
        assert!(seen.blocks.iter().flat_map(|b| &b.pieces).any(|p| p.class == FOUND_NOW && p.text == "line"));
    }

    #[test]
    fn lines_are_found_again() {
        assert_eq!(line_start(SCRIPT, 1), 0);
        assert!(SCRIPT.get(line_start(SCRIPT, 3)..).is_some_and(|rest| rest.starts_with("EXT. BEACH")));
    }

    proptest! {
        // The same cases each time, so that a red run is about the change.
        #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_122), ..ProptestConfig::default() })]
        #[test]
        fn what_is_shown_is_the_text_letter_for_letter(text in "\\PC{0,200}(\n\\PC{0,40}){0,8}") {
            let blocks = look(&text, &[], None).blocks;
            let shown: String = blocks.into_iter().flat_map(|block| block.pieces).map(|piece| piece.text).collect();
            prop_assert_eq!(shown, text);
        }
    }
}
