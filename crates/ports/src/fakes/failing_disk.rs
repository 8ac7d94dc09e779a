//! A disk that works, but for the calls it was told to fail.
//!
//! It exists so that every single I/O error is met once: the n-th call fails without having done anything, having done half, or having done
//! all of it. What it cannot fail is [`Disk::exists`], which has no way to say so.

use crate::Disk;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a failing call has done by the time it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Nothing,
    /// Half of the bytes, where there are bytes.
    Half,
    All,
}

pub struct FailingDisk {
    inner: Arc<dyn Disk>,
    calls: AtomicU64,
    first: u64,
    count: u64,
    how: How,
}

impl std::fmt::Debug for FailingDisk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FailingDisk").field("first", &self.first).field("how", &self.how).finish_non_exhaustive()
    }
}

impl FailingDisk {
    /// Fails call number `first` (the first call is 1) and the `count` - 1 after it.
    pub fn new(inner: Arc<dyn Disk>, first: u64, count: u64, how: How) -> Self {
        Self { inner, calls: AtomicU64::new(0), first, count, how }
    }

    /// Whether the call that was to fail has come.
    pub fn has_failed(&self) -> bool {
        self.calls.load(Ordering::Relaxed) >= self.first
    }

    fn call<T>(&self, half: impl FnOnce(), all: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if number < self.first || number >= self.first + self.count {
            return all();
        }
        match self.how {
            How::Nothing => {}
            How::Half => half(),
            How::All => {
                // The caller is told of the made-up error; a real one beside it changes nothing.
                let _ = all();
            }
        }
        Err(io::Error::other("input/output error"))
    }
}

fn half(bytes: &[u8]) -> &[u8] {
    bytes.get(..bytes.len() / 2).unwrap_or_default()
}

impl Disk for FailingDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.call(|| (), || self.inner.read(path))
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.call(|| drop(self.inner.write(path, half(bytes))), || self.inner.write(path, bytes))
    }
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.call(|| drop(self.inner.append(path, half(bytes))), || self.inner.append(path, bytes))
    }
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.call(|| (), || self.inner.truncate(path, length))
    }
    fn length(&self, path: &Path) -> io::Result<u64> {
        self.call(|| (), || self.inner.length(path))
    }
    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.call(|| (), || self.inner.sync_file(path))
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.call(|| (), || self.inner.sync_folder(path))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(|| (), || self.inner.rename(from, to))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call(|| (), || self.inner.remove(path))
    }
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.call(|| (), || self.inner.create_folder(path))
    }
    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        self.call(|| (), || self.inner.list(path))
    }
    fn exists(&self, path: &Path) -> bool {
        self.inner.exists(path)
    }
}
