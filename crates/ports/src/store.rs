//! A project on disk: the film, its history, and the small things beside it.
//!
//! An edit is acknowledged when [`ProjectStore::append`] returns: it is then durable, and never before.

use crate::{Blobs, PortError};
use kinora_document::{Film, GestureId, Patch, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One durable step of the film. Undo is append-only: taking back is a new edit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// 1, 2, 3, … without a hole.
    pub sequence: u64,
    pub gesture: GestureId,
    /// For people and the history list: "Split clip".
    pub label: String,
    pub role: Role,
    pub patch: Patch,
}

/// What opening a project gave.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The film before the first edit.
    pub beginning: Film,
    pub film: Film,
    /// All edits since the beginning, oldest first.
    pub edits: Vec<Edit>,
    /// What had to be mended, as sentences; empty when all was well.
    pub repairs: Vec<String>,
}

pub trait ProjectStore: Send + Sync {
    /// Returns when the edit is durable. On an error the film on disk is as before.
    fn append(&self, edit: &Edit, film_after: &Film) -> Result<(), PortError>;
    fn blobs(&self) -> Arc<dyn Blobs>;
    /// Small durable values beside the film (queue, consent ledger, view state): name → bytes. Names are `[a-z_/.0-9-]+`.
    fn put_record(&self, name: &str, bytes: &[u8]) -> Result<(), PortError>;
    fn record(&self, name: &str) -> Result<Option<Vec<u8>>, PortError>;
    fn remove_record(&self, name: &str) -> Result<(), PortError>;
    fn records(&self, prefix: &str) -> Result<Vec<String>, PortError>;
    /// Large values that only save time (checkpoints): whole or absent, and not part of the film. Names are `[a-z0-9-]+`.
    fn put_spare(&self, name: &str, bytes: &[u8]) -> Result<(), PortError>;
    fn spare(&self, name: &str) -> Option<Vec<u8>>;
    fn remove_spare(&self, name: &str);
}
