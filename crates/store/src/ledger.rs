//! The durable truth of a project: what it began as, and its journal.
//!
//! Works on any [`Disk`], so that power cuts, full disks and failing calls are rehearsed on a simulated one. Knows nothing of sled.

use crate::journal::{Damage, Journal, Line};
use kinora_document::Film;
use kinora_ports::store::Edit;
use kinora_ports::{Disk, Fault, PortError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub const PROJECT: &str = "project.json";
pub const PROJECT_PART: &str = "project.json.part";
pub const JOURNAL_FOLDER: &str = "journal";
pub const JOURNAL: &str = "journal/edits.log";

#[derive(Debug)]
pub struct Ledger {
    journal: Journal,
    sequence: u64,
}

/// Everything the ledger remembers.
#[derive(Debug)]
pub struct Loaded {
    /// The film before the first edit.
    pub beginning: Film,
    pub edits: Vec<Edit>,
    pub records: BTreeMap<String, String>,
    pub damage: Option<Damage>,
}

/// An edit that cannot be applied: only a foreign hand or a mistake of ours can have written it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    pub sequence: u64,
    pub sentence: String,
}

impl Loaded {
    /// The film as it is now: the beginning with every edit applied. An edit that does not fit ends the replay and is reported.
    pub fn replay(&self) -> (Film, Option<Misfit>) {
        let mut film = self.beginning.clone();
        for edit in &self.edits {
            if let Err(error) = film.apply(&edit.patch) {
                let sentence = format!(
                    "Edit {} (“{}”) does not fit the film ({error}); the film is shown as it was before it.",
                    edit.sequence, edit.label
                );
                return (film, Some(Misfit { sequence: edit.sequence, sentence }));
            }
        }
        (film, None)
    }
}

impl Ledger {
    /// Starts a new project in an empty folder. Durable when it returns; before that, the folder is not a project.
    pub fn create(disk: Arc<dyn Disk>, film: &Film) -> Result<Self, PortError> {
        let json = serde_json::to_vec_pretty(film)
            .map_err(|e| Fault::new("The new film could not be written down.", "Try again.", e))?;
        let part = Path::new(PROJECT_PART);
        let made = disk
            .create_folder(Path::new(JOURNAL_FOLDER))
            .and_then(|()| disk.sync_folder(Path::new("")))
            .and_then(|()| disk.write(part, &json))
            .and_then(|()| disk.sync_file(part))
            .and_then(|()| disk.rename(part, Path::new(PROJECT)))
            .and_then(|()| disk.sync_folder(Path::new("")));
        if let Err(error) = made {
            let _ = disk.remove(part);
            return Err(Fault::new(
                "The new film could not be created.",
                "Check that there is space on the disk and that you may write to the folder, or choose another folder.",
                error,
            )
            .into());
        }
        let (journal, _) = Journal::open(disk, Path::new(JOURNAL))?;
        Ok(Self { journal, sequence: 0 })
    }

    pub fn open(disk: Arc<dyn Disk>) -> Result<(Self, Loaded), PortError> {
        let bytes = disk.read(Path::new(PROJECT)).map_err(|error| not_a_film(&error))?;
        let beginning = kinora_document::migrate::decode_film(&bytes).map_err(PortError::Refused)?;
        // Whoever made the project may have been killed before its names were durable, and nothing may be acknowledged before they are.
        disk.sync_folder(Path::new("")).map_err(|error| {
            Fault::new(
                "The film's folder could not be read.",
                "Check that the disk is connected, then open the film again.",
                error,
            )
        })?;
        let (journal, reading) = Journal::open(disk, Path::new(JOURNAL))?;
        let mut edits = Vec::new();
        let mut records = BTreeMap::new();
        for line in reading.lines {
            match line {
                Line::Edit(edit) => edits.push(edit),
                Line::Record { name, value: Some(value) } => {
                    records.insert(name, value);
                }
                Line::Record { name, value: None } => {
                    records.remove(&name);
                }
            }
        }
        let sequence = edits.last().map_or(0, |edit| edit.sequence);
        Ok((Self { journal, sequence }, Loaded { beginning, edits, records, damage: reading.damage }))
    }

    /// Moves edit `sequence` and all after it out of the journal, into the file whose name is returned. Open the ledger again afterwards.
    pub fn set_aside_from(disk: &dyn Disk, sequence: u64) -> Result<PathBuf, PortError> {
        Journal::set_aside_from(disk, Path::new(JOURNAL), sequence)
    }

    /// Durable when it returns; on an error nothing changed.
    pub fn append(&mut self, edit: &Edit) -> Result<(), PortError> {
        if self.sequence.checked_add(1) != Some(edit.sequence) {
            return Err(Fault::new(
                "An edit came out of order and was not made.",
                "Close the film and open it again.",
                format!("after {} came {}", self.sequence, edit.sequence),
            )
            .into());
        }
        self.journal.append_edit(edit)?;
        self.sequence = edit.sequence;
        Ok(())
    }

    pub fn put_record(&mut self, name: &str, value: Option<&str>) -> Result<(), PortError> {
        self.journal.append(&Line::Record { name: name.to_owned(), value: value.map(str::to_owned) })
    }

    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Sum of the last line: what the mirror compares itself with.
    pub fn link(&self) -> &str {
        self.journal.link()
    }
}

pub fn not_a_film(error: &std::io::Error) -> Fault {
    Fault::new(
        "This folder is not a Kinora film: its project.json is missing or cannot be read.",
        "Choose a folder whose name ends in .kinora, or put project.json back from a copy.",
        error,
    )
}
