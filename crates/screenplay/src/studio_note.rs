//! Every kind of note Kinora reads: shots, and what holds for the whole film (cast, places, style).
//!
//! `[[cast: MARA = a young woman in a red coat]]`, `[[place: BEACH = pale sand, a white lighthouse]]`,
//! `[[style: warm film grain]]`. Any other note is the writer's own and is never touched.

use serde::{Deserialize, Serialize};

use crate::diagnostics::{Code, Severity};
use crate::shot_note::{NoteAdvice, ShotNote};

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StudioNote {
    Shot(Box<ShotNote>),
    /// How a character looks, wherever they appear.
    Cast {
        name: String,
        description: String,
    },
    /// How a place looks, whenever a heading names it.
    Place {
        name: String,
        description: String,
    },
    /// How the whole film looks.
    Style(String),
}

impl StudioNote {
    /// Reads the text of a note, without its brackets. `None` when the note is the writer's own.
    pub fn parse(text: &str) -> Option<(Self, Vec<NoteAdvice>)> {
        if let Some((shot, advice)) = ShotNote::parse(text) {
            return Some((StudioNote::Shot(Box::new(shot)), advice));
        }
        if let Some(style) = keyed(text, "style") {
            let advice = if style.is_empty() { incomplete("style", "[[style: warm film grain]]") } else { Vec::new() };
            return Some((StudioNote::Style(one_line(style)), advice));
        }
        let (word, body) = [("cast", keyed(text, "cast")), ("place", keyed(text, "place"))]
            .into_iter()
            .find_map(|(word, body)| body.map(|body| (word, body)))?;
        let (name, description) = body.split_once('=').unwrap_or((body, ""));
        let (name, description) = (one_line(name), one_line(description));
        let advice = match (name.is_empty() || description.is_empty(), word) {
            (false, _) => Vec::new(),
            (true, "cast") => incomplete("cast", "[[cast: MARA = a young woman in a red coat]]"),
            (true, _) => incomplete("place", "[[place: BEACH = pale sand and a white lighthouse]]"),
        };
        let note = match word {
            "cast" => StudioNote::Cast { name, description },
            _ => StudioNote::Place { name, description },
        };
        Some((note, advice))
    }

    /// Writes the text of the note, without its brackets.
    pub fn print(&self) -> String {
        let text = match self {
            StudioNote::Shot(shot) => shot.print(),
            StudioNote::Cast { name, description } => format!("cast: {name} = {description}"),
            StudioNote::Place { name, description } => format!("place: {name} = {description}"),
            StudioNote::Style(style) => format!("style: {style}"),
        };
        text.trim_end().to_owned()
    }
}

/// The text after `word:`, whatever the case of the word.
pub(crate) fn keyed<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (key, body) = text.split_once(':')?;
    key.trim().eq_ignore_ascii_case(word).then(|| body.trim())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn incomplete(word: &str, example: &str) -> Vec<NoteAdvice> {
    vec![NoteAdvice {
        severity: Severity::Warning,
        code: Code::StudioNoteIncomplete,
        message: format!("This {word} note says nothing yet; write it like {example}."),
    }]
}
