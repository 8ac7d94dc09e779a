//! The script as a tree: a title page and elements in order, each with the place it was read from.
//!
//! Elements are flat, as a screenwriter sees them: a cue, then its lines. `text` keeps the writer's emphasis marks
//! and backslashes; `plain()` gives the words alone. Notes and boneyards inside a line hang on it as inserts.
//! Equality never looks at source places: the same script typed with other spacing is the same script.

use serde::{Deserialize, Serialize};

use crate::emphasis;

/// Where something was read from. Bytes count into the text given to [`crate::parse`].
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Span {
    /// First line is 1.
    pub line: u32,
    /// First character is 1; counted in Unicode scalar values.
    pub column: u32,
    pub start: u32,
    pub end: u32,
}

/// Always equal: where something stood is not part of what it is.
impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for Span {}

impl Span {
    /// The byte range, for editors.
    pub fn bytes(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ElementKind {
    SceneHeading,
    Action,
    Character,
    Parenthetical,
    Dialogue,
    Lyrics,
    Transition,
    Centered,
    Section,
    Synopsis,
    Note,
    Boneyard,
    PageBreak,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsertKind {
    Note,
    Boneyard,
}

impl InsertKind {
    pub(crate) fn element(self) -> ElementKind {
        match self {
            InsertKind::Note => ElementKind::Note,
            InsertKind::Boneyard => ElementKind::Boneyard,
        }
    }
}

/// A note or boneyard inside the text of an element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insert {
    /// Byte offset into the element's `text` where it stands.
    pub at: usize,
    pub kind: InsertKind,
    /// Without its brackets.
    pub text: String,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    pub kind: ElementKind,
    /// Without forcing marks, brackets, carets and scene numbers; several lines are joined by `\n`.
    pub text: String,
    /// Notes and boneyards inside this element, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inserts: Vec<Insert>,
    /// On a character cue: spoken at the same time as the cue before it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub dual: bool,
    /// On a scene heading: the text between the `#`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene_number: Option<String>,
    /// On a section: 1 to 6. Otherwise 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub depth: u8,
    #[serde(skip)]
    pub span: Span,
}

impl Element {
    /// An element that was not read from a file.
    pub fn new(kind: ElementKind, text: impl Into<String>) -> Self {
        let (text, depth) = (text.into(), u8::from(kind == ElementKind::Section));
        Element { kind, text, inserts: Vec::new(), dual: false, scene_number: None, depth, span: Span::default() }
    }

    /// The words without emphasis marks and escapes.
    pub fn plain(&self) -> String {
        emphasis::plain(&self.text)
    }

    /// The words in runs of equal emphasis.
    pub fn runs(&self) -> Vec<emphasis::Run> {
        emphasis::runs(&self.text)
    }
}

/// One line of the title page: `Author:` and its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TitleEntry {
    pub key: String,
    pub values: Vec<String>,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screenplay {
    pub title_page: Vec<TitleEntry>,
    pub elements: Vec<Element>,
}

/// One element as `kinora inspect --json` lists it.
///
/// `text` is without forcing marks, brackets, carets and scene numbers; emphasis marks and backslashes stay. Where programs differ:
/// a cue keeps its extension (`MARA (V.O.)`); the lines of one speech or paragraph are one element, joined by `\n`; each line of
/// lyrics is its own; of two who speak at once the second is `dual`; a note or boneyard inside a line follows that line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedElement<'a> {
    #[serde(rename = "type")]
    pub kind: ElementKind,
    pub text: &'a str,
    pub line: u32,
    #[serde(skip_serializing_if = "is_false")]
    pub dual: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scene_number: Option<&'a str>,
    #[serde(skip_serializing_if = "is_zero")]
    pub depth: u8,
}

impl Screenplay {
    /// Every element in order; a note or boneyard inside a line follows the element it stands in.
    pub fn elements(&self) -> impl Iterator<Item = ListedElement<'_>> {
        self.elements.iter().flat_map(|element| {
            let own = ListedElement {
                kind: element.kind,
                text: &element.text,
                line: element.span.line,
                dual: element.dual,
                scene_number: element.scene_number.as_deref(),
                depth: element.depth,
            };
            let inserts = element.inserts.iter().map(|insert| ListedElement {
                kind: insert.kind.element(),
                text: &insert.text,
                line: insert.span.line,
                dual: false,
                scene_number: None,
                depth: 0,
            });
            std::iter::once(own).chain(inserts)
        })
    }

    /// The values of a title page key, whatever its case; empty when it is not there.
    pub fn title_values(&self, key: &str) -> &[String] {
        let wanted = key.to_lowercase();
        let found = self.title_page.iter().find(|entry| entry.key.to_lowercase() == wanted);
        found.map_or(&[], |entry| entry.values.as_slice())
    }

    /// The title without emphasis marks, lines joined by spaces.
    pub fn title(&self) -> Option<String> {
        let title = self.title_values("title").iter().map(|value| emphasis::plain(value)).collect::<Vec<_>>().join(" ");
        (!title.trim().is_empty()).then(|| title.trim().to_owned())
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &u8) -> bool {
    *value == 0
}
