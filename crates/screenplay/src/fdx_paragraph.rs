//! Turns the paragraphs of a Final Draft file into elements of a screenplay.
//!
//! Final Draft says what a paragraph is and Fountain guesses it, so whatever Fountain would misread is escaped.
//! Words are never lost: where styles cannot be written as emphasis, the words stay without them.

use crate::emphasis::{self, Run};
use crate::tree::{Element, ElementKind, Screenplay, TitleEntry};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    bold: bool,
    italic: bool,
    underline: bool,
    capitals: bool,
}

impl Style {
    /// `Bold+Italic+Underline`
    pub(crate) fn parse(text: &str) -> Self {
        let has = |name| text.split('+').any(|part| part.trim() == name);
        Style { bold: has("Bold"), italic: has("Italic"), underline: has("Underline"), capitals: has("AllCaps") }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TextRun {
    pub(crate) text: String,
    pub(crate) style: Style,
}

#[derive(Debug, Default)]
pub(crate) struct Paragraph {
    kind: String,
    centered: bool,
    right: bool,
    number: Option<String>,
    new_page: bool,
    pub(crate) runs: Vec<TextRun>,
    pub(crate) dual: Vec<Paragraph>,
    pub(crate) summary: Vec<String>,
    pub(crate) notes: Vec<String>,
}

impl Paragraph {
    pub(crate) fn new(kind: &str, alignment: &str, number: &str, new_page: bool) -> Self {
        let number = number.trim();
        let fits = !number.is_empty() && number.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.');
        Paragraph {
            kind: kind.to_owned(),
            centered: alignment == "Center",
            right: alignment == "Right",
            number: fits.then(|| number.to_owned()),
            new_page,
            ..Paragraph::default()
        }
    }

    /// The words on one line; `None` when there are none.
    pub(crate) fn words(&self) -> Option<String> {
        let text: String = self.runs.iter().map(|run| run.text.as_str()).collect();
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!words.is_empty()).then_some(words)
    }

    /// The text as Fountain, emphasis marked, in lines.
    fn marked(&self) -> String {
        let wanted = self.wanted_runs();
        let marked: String = wanted.iter().map(mark).collect();
        let escaped = || wanted.iter().map(|run| escape(&run.text)).collect::<String>();
        let text = if emphasis::runs(&marked) == wanted { marked } else { escaped() };
        let lines = text.split('\n').map(str::trim_end).collect::<Vec<_>>().join("\n");
        lines.trim_matches('\n').to_owned()
    }

    fn one_line(&self) -> String {
        self.marked().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn wanted_runs(&self) -> Vec<Run> {
        let mut wanted: Vec<Run> = Vec::new();
        for TextRun { text, style } in &self.runs {
            let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{b}'], "\n");
            let text = if style.capitals { text.to_uppercase() } else { text };
            for (index, line) in text.split('\n').enumerate() {
                let plain = Run::default();
                let styled =
                    Run { bold: style.bold, italic: style.italic, underline: style.underline, ..plain.clone() };
                // Marks must touch letters, so the white space at the ends goes outside.
                let inner = line.trim();
                let start = line.len() - line.trim_start().len();
                let (before, after) = (line.get(..start), line.get(start + inner.len()..));
                let newline = if index > 0 { "\n" } else { "" };
                for (run, part) in [(&plain, Some(newline)), (&plain, before), (&styled, Some(inner)), (&plain, after)]
                {
                    let part = part.unwrap_or_default();
                    match wanted.last_mut() {
                        _ if part.is_empty() => {}
                        Some(last)
                            if (last.bold, last.italic, last.underline) == (run.bold, run.italic, run.underline) =>
                        {
                            last.text.push_str(part);
                        }
                        _ => wanted.push(Run { text: part.to_owned(), ..run.clone() }),
                    }
                }
            }
        }
        wanted
    }
}

fn mark(run: &Run) -> String {
    let stars = "*".repeat(usize::from(run.italic) + 2 * usize::from(run.bold));
    let line = if run.underline { "_" } else { "" };
    let text = escape(&run.text);
    // Words at the ends carry the marks; spaces between lines of one style stay inside.
    format!("{line}{stars}{text}{stars}{line}")
}

/// Escapes emphasis, and what would open or close a note or boneyard.
fn escape(text: &str) -> String {
    let text = emphasis::escape(text);
    text.replace("[[", "[\\[").replace("[[", "[\\[").replace("]]", "]\\]").replace("]]", "]\\]")
}

/// Dialogue is read by its place, except for lines that begin with a forcing mark.
fn tame_line(line: &str) -> String {
    let line = line.trim();
    let forced = line.starts_with(['!', '@', '~', '>', '#', '=', '.', '(']);
    if line.is_empty() || !forced { line.to_owned() } else { format!("\\{line}") }
}

pub(crate) fn to_screenplay(title_page: &[Paragraph], body: &[Paragraph]) -> Screenplay {
    let (mut elements, mut in_speech) = (Vec::new(), false);
    for paragraph in body {
        if paragraph.new_page && !elements.is_empty() {
            elements.push(Element::new(ElementKind::PageBreak, ""));
        }
        add(paragraph, &mut elements, &mut in_speech);
        let mut cues = 0;
        for side in &paragraph.dual {
            let before = elements.len();
            add(side, &mut elements, &mut in_speech);
            for element in elements.iter_mut().skip(before).filter(|element| element.kind == ElementKind::Character) {
                cues += 1;
                element.dual = cues > 1;
            }
        }
    }
    Screenplay { title_page: title_entries(title_page), elements }
}

/// `in_speech`: a line of dialogue with no cue above would be read as action, and is kept as that.
fn add(paragraph: &Paragraph, elements: &mut Vec<Element>, in_speech: &mut bool) {
    let summary = paragraph.summary.iter().map(|text| Element::new(ElementKind::Synopsis, escape(text)));
    let notes = paragraph
        .notes
        .iter()
        .map(|text| Element::new(ElementKind::Note, text.replace("]]", "] ]").replace("/*", "/ *")));
    if paragraph.words().is_some() {
        add_text(paragraph, elements, *in_speech);
        *in_speech = match elements.last().map(|element| element.kind) {
            Some(ElementKind::Character) => true,
            Some(ElementKind::Parenthetical | ElementKind::Dialogue | ElementKind::Lyrics) => *in_speech,
            _ => false,
        };
    }
    elements.extend(summary.chain(notes));
}

fn add_text(paragraph: &Paragraph, elements: &mut Vec<Element>, in_speech: bool) {
    let mut push = |kind, text: String| elements.push(Element::new(kind, text));
    match paragraph.kind.as_str() {
        "Scene Heading" => {
            let text = paragraph.one_line();
            let natural = crate::blocks::is_heading(&text);
            let text = if natural { text.as_str() } else { text.trim_start_matches(|c: char| !c.is_alphanumeric()) };
            let text = if text.is_empty() { "SCENE" } else { text };
            let text = text.strip_suffix('#').map_or_else(|| text.to_owned(), |before| format!("{before}\\#"));
            elements.push(Element {
                scene_number: paragraph.number.clone(),
                ..Element::new(ElementKind::SceneHeading, text)
            });
        }
        "Character" => {
            let text = paragraph.one_line();
            push(ElementKind::Character, text.trim_end_matches(['^', ' ']).to_owned());
        }
        "Parenthetical" if in_speech => {
            let text = paragraph.one_line();
            let wrapped = text.starts_with('(') && text.ends_with(')') && text.len() > 1;
            elements.push(Element::new(ElementKind::Parenthetical, if wrapped { text } else { format!("({text})") }));
        }
        "Dialogue" if in_speech => {
            let text = paragraph.marked().split('\n').map(tame_line).collect::<Vec<_>>().join("\n");
            match elements.last_mut().filter(|element| element.kind == ElementKind::Dialogue) {
                Some(last) => {
                    last.text.push('\n');
                    last.text.push_str(&text);
                }
                None => elements.push(Element::new(ElementKind::Dialogue, text)),
            }
        }
        "Transition" => push(ElementKind::Transition, paragraph.one_line()),
        "Lyrics" | "Singing" => {
            paragraph.marked().split('\n').for_each(|line| push(ElementKind::Lyrics, line.trim().to_owned()));
        }
        "New Act" | "Outline 1" => push(ElementKind::Section, paragraph.one_line().trim_start_matches('#').to_owned()),
        "Outline Body" => push(ElementKind::Synopsis, paragraph.one_line()),
        _ if paragraph.centered => {
            paragraph.marked().split('\n').filter(|line| !line.trim().is_empty()).for_each(|line| {
                push(ElementKind::Centered, line.trim().to_owned());
            });
        }
        _ => push(ElementKind::Action, paragraph.marked()),
    }
}

/// Final Draft's title page has no keys: they are told by their words and where they stand.
fn title_entries(paragraphs: &[Paragraph]) -> Vec<TitleEntry> {
    let mut entries: Vec<TitleEntry> = Vec::new();
    let mut after_credit = false;
    for paragraph in paragraphs {
        let Some(words) = paragraph.words() else { continue };
        let lower = words.to_lowercase();
        let aside = !paragraph.centered && !entries.is_empty();
        let key = if entries.is_empty() {
            "Title"
        } else if matches!(
            lower.trim_end_matches(':'),
            "by" | "written by" | "screenplay by" | "story by" | "teleplay by" | "created by" | "a film by"
        ) {
            "Credit"
        } else if lower.contains("based on") || lower.contains("adapted from") {
            "Source"
        } else if lower.contains("draft")
            || lower.contains("revision")
            || (paragraph.right && lower.contains(char::is_numeric))
        {
            "Draft date"
        } else if lower.contains('©') || lower.contains("copyright") {
            "Copyright"
        } else if aside {
            "Contact"
        } else if after_credit {
            "Author"
        } else {
            "Notes"
        };
        after_credit = key == "Credit" || (after_credit && key == "Author");
        let words = if key == "Title" { paragraph.one_line() } else { words };
        match entries.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => entry.values.push(words),
            None => entries.push(TitleEntry {
                key: key.to_owned(),
                values: vec![words],
                span: crate::tree::Span::default(),
            }),
        }
    }
    entries
}
