//! Reads Final Draft files (`.fdx`) into a screenplay, through Fountain: what comes out is a script like any other.
//!
//! A file from elsewhere is hostile until read: no document type, no entities but XML's own, bounded depth and
//! length, no recursion. What cannot be read is an error that names the line; it never panics and fetches nothing.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::MAX_SCRIPT_BYTES;
use crate::decode::{NotText, decode_up_to};
use crate::fdx_paragraph::{Paragraph, Style, TextRun, to_screenplay};
use crate::parser::{Parsed, parse};
use crate::printer::print;

/// XML wraps each line in tags: eight bytes around one are common.
pub const MAX_FDX_BYTES: usize = 8 * MAX_SCRIPT_BYTES;
/// Final Draft nests about ten deep.
pub const MAX_FDX_DEPTH: usize = 64;

/// A script that came from Final Draft, as Fountain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The script as Fountain text, ready to be kept.
    pub fountain: String,
    /// What `parse` makes of it.
    pub parsed: Parsed,
}

#[derive(Debug, thiserror::Error)]
pub enum FdxError {
    #[error(transparent)]
    NotText(#[from] NotText),
    #[error(
        "This Final Draft file is longer than Kinora takes ({MAX_SCRIPT_BYTES} bytes of script); divide it into parts."
    )]
    TooLong,
    #[error(
        "This is not a Final Draft script: it has no <FinalDraft> element; export the script again as Final Draft (.fdx) or Fountain."
    )]
    NotFinalDraft,
    #[error(
        "Line {line}: this Final Draft file declares a document type, which scripts do not need and Kinora does not read; export it again as .fdx."
    )]
    DocumentType { line: usize },
    #[error("Line {line}: Kinora does not know the entity “&{name};”; export the script again as .fdx.")]
    UnknownEntity { line: usize, name: String },
    #[error(
        "Line {line}: this Final Draft file nests its elements more than {MAX_FDX_DEPTH} deep, which no script does; export it again as .fdx."
    )]
    TooDeep { line: usize },
    #[error("Line {line}: this Final Draft file is damaged ({reason}); export it again, or open an older copy.")]
    Damaged { line: usize, reason: String },
}

/// Imports the bytes of a `.fdx` file.
pub fn import_bytes(bytes: &[u8]) -> Result<Imported, FdxError> {
    import(&decode_up_to(bytes, MAX_FDX_BYTES)?)
}

/// Imports the text of a `.fdx` file.
pub fn import(xml: &str) -> Result<Imported, FdxError> {
    if xml.len() > MAX_FDX_BYTES {
        return Err(FdxError::TooLong);
    }
    let document = Collector::read(xml)?;
    let fountain = print(&to_screenplay(&document.title_page, &document.body));
    if fountain.len() > MAX_SCRIPT_BYTES {
        return Err(FdxError::TooLong);
    }
    let parsed = parse(&fountain);
    Ok(Imported { fountain, parsed })
}

/// Where in the file the reader is; anything else is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Root,
    FinalDraft,
    TitlePage,
    TitleContent,
    Content,
    DualDialogue,
    Paragraph,
    Properties,
    Summary,
    ScriptNote,
    Text,
    Skipped,
}

#[derive(Debug, Default)]
struct Collector {
    places: Vec<Place>,
    title_page: Vec<Paragraph>,
    body: Vec<Paragraph>,
    /// The paragraph being read, and those it stands in.
    open: Vec<Paragraph>,
    run: Option<TextRun>,
    found_root: bool,
}

impl Collector {
    fn read(xml: &str) -> Result<Self, FdxError> {
        let mut reader = Reader::from_str(xml);
        let mut collector = Collector::default();
        let line = |at: u64| line_of(xml, usize::try_from(at).unwrap_or(usize::MAX));
        loop {
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    return Err(FdxError::Damaged { line: line(reader.error_position()), reason: error.to_string() });
                }
            };
            match event {
                Event::Start(tag) => {
                    if collector.places.len() >= MAX_FDX_DEPTH {
                        return Err(FdxError::TooDeep { line: line(reader.buffer_position()) });
                    }
                    collector.start(&tag);
                }
                Event::Empty(tag) => {
                    collector.start(&tag);
                    collector.end();
                }
                Event::End(_) => collector.end(),
                Event::Text(text) => collector.text(&text),
                Event::CData(text) => collector.text(&text),
                Event::GeneralRef(reference) => match resolve(&reference) {
                    Some(letter) => collector.text(letter.encode_utf8(&mut [0; 4])),
                    None => {
                        let name = reference.chars().take(40).collect();
                        return Err(FdxError::UnknownEntity { line: line(reader.buffer_position()), name });
                    }
                },
                Event::DocType(_) => return Err(FdxError::DocumentType { line: line(reader.buffer_position()) }),
                Event::Eof if !collector.places.is_empty() => {
                    let reason = "it breaks off before its end".to_owned();
                    return Err(FdxError::Damaged { line: line(reader.buffer_position()), reason });
                }
                Event::Eof if !collector.found_root => return Err(FdxError::NotFinalDraft),
                Event::Eof => return Ok(collector),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn place(&self) -> Place {
        self.places.last().copied().unwrap_or(Place::Root)
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        let name = tag.local_name();
        let next = match (self.place(), name.into_inner()) {
            (Place::Root, "FinalDraft") => {
                self.found_root = true;
                Place::FinalDraft
            }
            (Place::FinalDraft, "TitlePage") => Place::TitlePage,
            (Place::FinalDraft, "Content") => Place::Content,
            (Place::TitlePage, "Content") => Place::TitleContent,
            (
                Place::Content | Place::TitleContent | Place::DualDialogue | Place::Summary | Place::ScriptNote,
                "Paragraph",
            ) => {
                self.open.push(Paragraph::new(
                    &attribute(tag, "Type"),
                    &attribute(tag, "Alignment"),
                    &attribute(tag, "Number"),
                    attribute(tag, "StartsNewPage") == "Yes",
                ));
                Place::Paragraph
            }
            (Place::Paragraph, "DualDialogue") => Place::DualDialogue,
            (Place::Paragraph, "SceneProperties") => Place::Properties,
            (Place::Properties, "Summary") => Place::Summary,
            (Place::Paragraph, "ScriptNote") => Place::ScriptNote,
            (Place::Paragraph, "Text") => {
                self.run = Some(TextRun { text: String::new(), style: Style::parse(&attribute(tag, "Style")) });
                Place::Text
            }
            _ => Place::Skipped,
        };
        self.places.push(next);
    }

    fn text(&mut self, text: &str) {
        if let (Place::Text, Some(run)) = (self.place(), &mut self.run) {
            run.text.push_str(text);
        }
    }

    fn end(&mut self) {
        match self.places.pop() {
            Some(Place::Text) => {
                if let (Some(run), Some(paragraph)) = (self.run.take(), self.open.last_mut()) {
                    paragraph.runs.push(run);
                }
            }
            Some(Place::Paragraph) => self.end_paragraph(),
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.open.pop() else { return };
        let home = self.place();
        match (home, self.open.last_mut()) {
            (Place::TitleContent, _) => self.title_page.push(paragraph),
            (Place::Content, _) => self.body.push(paragraph),
            (Place::DualDialogue, Some(around)) => around.dual.push(paragraph),
            (Place::Summary, Some(around)) => around.summary.extend(paragraph.words()),
            (Place::ScriptNote, Some(around)) => around.notes.extend(paragraph.words()),
            _ => {}
        }
    }
}

/// One of XML's own five entities, or a letter by its number.
fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    match &**reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    }
}

/// An attribute's value; empty when it is missing or cannot be read. Duplicates are not looked for: that is slow.
fn attribute(tag: &BytesStart<'_>, name: &str) -> String {
    let mut attributes = tag.attributes();
    let found = attributes.with_checks(false).flatten().find(|attribute| attribute.key.into_inner() == name);
    found
        .and_then(|attribute| {
            attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
        })
        .unwrap_or_default()
}

fn line_of(xml: &str, at: usize) -> usize {
    1 + xml.bytes().take(at).filter(|byte| *byte == b'\n').count()
}
