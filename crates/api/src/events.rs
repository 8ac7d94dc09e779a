//! What the backend tells a window, in one ordered channel.
//!
//! Each message carries the next number; a window that sees a hole asks for a fresh [`Replica`](crate::Replica) and goes on.

use super::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// 1, 2, 3, … per window.
    pub number: u64,
    pub event: Event,
}

impl Message {
    /// As it goes over the wire. None of our messages fails to be written.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// Its name stands outside: with a tag inside, whoever reads a patch of thousands of clips holds all of it twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Another film is open (or none): ask for a replica.
    FilmOpened,
    /// Apply to the film at `sequence − 1`.
    FilmChanged {
        sequence: u64,
        label: String,
        patch: Patch,
        undo: Option<String>,
        redo: Option<String>,
    },
    Queue {
        queue: QueueView,
    },
    /// A take got a new forming picture.
    Forming {
        job: JobNumber,
        shot: ShotId,
    },
    Export {
        export: ExportView,
    },
    /// Playing or stopped, and where.
    Transport {
        playing: bool,
        at: Ticks,
    },
    /// Something worth a line in the status bar.
    Notice {
        text: String,
        problem: Option<Problem>,
    },
}
