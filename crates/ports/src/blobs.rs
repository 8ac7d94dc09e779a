//! Pictures and sound named by their content, written once, never changed.

use crate::PortError;
use kinora_document::BlobHash;
use std::path::{Path, PathBuf};

pub trait Blobs: Send + Sync {
    /// Durable when it returns.
    fn put(&self, bytes: &[u8]) -> Result<BlobHash, PortError>;
    /// Takes a finished file into the store (moved where possible, else copied). Durable when it returns.
    fn adopt(&self, file: &Path) -> Result<BlobHash, PortError>;
    /// The whole content; its hash was checked.
    fn get(&self, hash: BlobHash) -> Result<Vec<u8>, PortError>;
    /// A readable file with that content, for decoders.
    fn path(&self, hash: BlobHash) -> Result<PathBuf, PortError>;
    /// Destroys the content, for takes whose subject wants them gone. Nothing that names it can be shown again.
    fn remove(&self, hash: BlobHash) -> Result<(), PortError>;
    fn contains(&self, hash: BlobHash) -> bool;
    /// A folder on the same disk for files under construction; emptied when the project opens.
    fn scratch(&self) -> PathBuf;
}
