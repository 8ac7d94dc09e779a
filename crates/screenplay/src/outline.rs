//! The navigator's view of a script, and how long it is on paper and on screen.
//!
//! Pages are the rule of thumb of the trade: 55 lines of 12-point Courier, and about a minute a page. Rough on
//! purpose; the board adds up real shots.

use serde::Serialize;

use crate::tree::{Element, ElementKind, Screenplay, Span};

pub const LINES_PER_PAGE: u32 = 55;
/// Letters that fit in a line of action, and in the narrow column of dialogue.
const ACTION_COLUMNS: usize = 61;
const DIALOGUE_COLUMNS: usize = 35;
const SECONDS_PER_PAGE: u32 = 60;

/// One line of the navigator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutlineItem {
    pub kind: ElementKind,
    /// 0 for a heading outside of any section.
    pub depth: u8,
    pub text: String,
    pub scene_number: Option<String>,
    /// Index into [`Screenplay::elements`].
    pub element: usize,
    /// The page it begins on; the first is 1.
    pub page: u32,
    pub line: u32,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Estimate {
    pub pages: u32,
    /// Eighths of a page beyond the whole pages, as production counts them.
    pub eighths: u32,
    pub seconds: u32,
    pub scenes: u32,
    pub words: u32,
}

/// Sections, scenes and synopses in order; scenes stand one deeper than their section.
pub fn outline(screenplay: &Screenplay) -> Vec<OutlineItem> {
    let (mut items, mut section, mut lines) = (Vec::new(), 0, 0_u32);
    for (index, element) in screenplay.elements.iter().enumerate() {
        if element.kind == ElementKind::PageBreak {
            lines = lines.div_ceil(LINES_PER_PAGE).saturating_mul(LINES_PER_PAGE);
        }
        let depth = match element.kind {
            ElementKind::Section => {
                section = element.depth;
                element.depth
            }
            ElementKind::SceneHeading | ElementKind::Synopsis => section + u8::from(section > 0),
            _ => {
                lines = lines.saturating_add(printed_lines(element));
                continue;
            }
        };
        let page = lines / LINES_PER_PAGE + 1;
        lines = lines.saturating_add(printed_lines(element));
        items.push(OutlineItem {
            kind: element.kind,
            depth,
            text: element.plain(),
            scene_number: element.scene_number.clone(),
            element: index,
            page,
            line: element.span.line,
            span: element.span,
        });
    }
    items
}

/// How long the script is.
pub fn estimate(screenplay: &Screenplay) -> Estimate {
    let (mut lines, mut scenes, mut words) = (0_u32, 0_u32, 0_usize);
    for element in &screenplay.elements {
        if element.kind == ElementKind::PageBreak {
            lines = lines.div_ceil(LINES_PER_PAGE).saturating_mul(LINES_PER_PAGE);
        }
        lines = lines.saturating_add(printed_lines(element));
        scenes += u32::from(element.kind == ElementKind::SceneHeading);
        if printed_lines(element) > 0 {
            words += crate::dialogue::count_words(&element.text);
        }
    }
    Estimate {
        pages: lines / LINES_PER_PAGE,
        eighths: (lines % LINES_PER_PAGE) * 8 / LINES_PER_PAGE,
        seconds: (u64::from(lines) * u64::from(SECONDS_PER_PAGE) / u64::from(LINES_PER_PAGE))
            .try_into()
            .unwrap_or(u32::MAX),
        scenes,
        words: u32::try_from(words).unwrap_or(u32::MAX),
    }
}

/// Lines on paper, with the empty line before where there is one.
fn printed_lines(element: &Element) -> u32 {
    let (columns, before) = match element.kind {
        ElementKind::SceneHeading | ElementKind::Action | ElementKind::Transition | ElementKind::Centered => {
            (ACTION_COLUMNS, 1)
        }
        ElementKind::Character => (DIALOGUE_COLUMNS, 1),
        ElementKind::Dialogue | ElementKind::Parenthetical | ElementKind::Lyrics => (DIALOGUE_COLUMNS, 0),
        ElementKind::Section
        | ElementKind::Synopsis
        | ElementKind::Note
        | ElementKind::Boneyard
        | ElementKind::PageBreak => return 0,
    };
    let rows = element.text.split('\n').map(|line| line.chars().count().div_ceil(columns).max(1)).sum::<usize>();
    u32::try_from(rows + before).unwrap_or(u32::MAX)
}
