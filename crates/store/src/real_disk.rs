//! The [`Disk`] of this machine: a folder and plain system calls.
//!
//! Every `sync_file` is a real fsync. (sled's own flush is not: it asks the kernel to write, without waiting for the device, which is
//! why the journal exists.)

use kinora_ports::Disk;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Clone, Debug)]
pub struct RealDisk {
    root: PathBuf,
}

impl RealDisk {
    /// All paths given later are inside `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
    pub fn root(&self) -> &Path {
        &self.root
    }
    fn at(&self, path: &Path) -> PathBuf {
        self.root.join(path)
    }
}

impl Disk for RealDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(self.at(path))
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        std::fs::write(self.at(path), bytes)
    }
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().append(true).create(true).open(self.at(path))?.write_all(bytes)
    }
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        OpenOptions::new().write(true).open(self.at(path))?.set_len(length)
    }
    fn length(&self, path: &Path) -> io::Result<u64> {
        Ok(std::fs::metadata(self.at(path))?.len())
    }
    fn sync_file(&self, path: &Path) -> io::Result<()> {
        // Opened for writing, since Windows refuses to flush a handle that cannot write.
        OpenOptions::new().write(true).open(self.at(path))?.sync_all()
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        // Windows has no handle on folders; there the file system journals names itself.
        if cfg!(windows) { Ok(()) } else { File::open(self.at(path))?.sync_all() }
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(self.at(from), self.at(to))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(self.at(path))
    }
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(self.at(path))
    }
    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        let mut names: Vec<PathBuf> = std::fs::read_dir(self.at(path))?
            .map(|entry| Ok(path.join(entry?.file_name())))
            .collect::<io::Result<_>>()?;
        names.sort();
        Ok(names)
    }
    fn exists(&self, path: &Path) -> bool {
        self.at(path).exists()
    }
}
