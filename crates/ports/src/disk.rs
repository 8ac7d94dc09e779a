//! The few things that durable storage asks of a disk, so that power cuts and full disks can be rehearsed on a simulated one.

use std::io;
use std::path::{Path, PathBuf};

/// All paths are inside the project folder. Nothing is durable before the named sync.
pub trait Disk: Send + Sync {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Creates or replaces the whole file; not durable until [`Self::sync_file`].
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Adds to the end, creating the file when it is not there; not durable until [`Self::sync_file`].
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()>;
    fn length(&self, path: &Path) -> io::Result<u64>;
    /// Contents are durable when it returns.
    fn sync_file(&self, path: &Path) -> io::Result<()>;
    /// Names in the folder (created, renamed, removed) are durable when it returns.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>>;
    fn exists(&self, path: &Path) -> bool;
}
