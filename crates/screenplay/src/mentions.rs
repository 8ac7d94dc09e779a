//! Finds the names of the cast in action: “Mara waves” shows MARA although she says nothing.
//!
//! Names come from cues and `[[cast: …]]` notes. Each word is looked up once, so the time is linear in the text.

use std::collections::{HashMap, HashSet};

use crate::dialogue::split_cue;
use crate::reconcile::normalised;
use crate::studio_note::StudioNote;
use crate::tree::{ElementKind, Screenplay};

/// Names of more words than this are found on cues only.
const MAX_NAME_WORDS: usize = 4;
/// A bound for hostile scripts; no film has more speaking parts.
const MAX_NAMES: usize = 5_000;

#[derive(Debug, Default)]
pub(crate) struct Cast {
    /// From the normalised name to the name as it is written.
    names: HashMap<String, String>,
    /// From the first word of names to the number of words of the longest: most words begin none.
    begin: HashMap<String, usize>,
}

impl Cast {
    pub(crate) fn of(screenplay: &Screenplay, notes: &[StudioNote]) -> Self {
        let mut cast = Cast::default();
        for note in notes {
            if let StudioNote::Cast { name, .. } = note {
                cast.add(name.clone());
            }
        }
        for element in screenplay.elements.iter().filter(|element| element.kind == ElementKind::Character) {
            cast.add(split_cue(&element.text).0);
        }
        cast
    }

    fn add(&mut self, name: String) {
        let key = normalised(&name);
        let words = key.split(' ').count();
        if !key.is_empty() && words <= MAX_NAME_WORDS && self.names.len() < MAX_NAMES {
            let first = key.split(' ').next().unwrap_or_default().to_owned();
            let longest = self.begin.entry(first).or_default();
            *longest = words.max(*longest);
            self.names.entry(key).or_insert(name);
        }
    }

    /// The names in a text, longest first where they overlap, in order.
    pub(crate) fn mentioned_in(&self, text: &str) -> Vec<String> {
        if self.names.is_empty() {
            return Vec::new();
        }
        let text = normalised(&text.replace("’s ", " ").replace("'s ", " "));
        let words: Vec<&str> = text.split(' ').collect();
        let (mut found, mut seen, mut at) = (Vec::new(), HashSet::new(), 0);
        while let Some(first) = words.get(at) {
            let most = self.begin.get(*first).copied().unwrap_or(0);
            let longest = (1..=most).rev().find_map(|length| {
                let phrase = words.get(at..at + length)?.join(" ");
                self.names.get(&phrase).map(|name| (length, name))
            });
            found.extend(longest.filter(|(_, name)| seen.insert(*name)).map(|(_, name)| name.clone()));
            at += longest.map_or(1, |(length, _)| length);
        }
        found
    }
}
