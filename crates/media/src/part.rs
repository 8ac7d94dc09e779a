//! Files and folders that appear whole or not at all.
//!
//! Everything is written under `NAME.part`, made durable, proved, and only then renamed to `NAME`. The `.part` is locked while its
//! writer lives: what a dead process left is taken over by the next export of that name. Where a seal is wanted, the renamed file is
//! the sealed copy, proved once more. A finished file must never be touched before the rename, and a `.part` that another living
//! process holds must never be touched at all.

use crate::trouble;
use kinora_ports::PortError;
use kinora_ports::media::Sealing;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

const TASK: &str = "write";

fn part_path(target: &Path) -> Result<PathBuf, PortError> {
    let mut name = target
        .file_name()
        .ok_or_else(|| {
            trouble::refusal(
                "export.no_name",
                format!("“{}” names no file to write to.", target.display()),
                "Give the file a name, for example film.mp4.",
            )
        })?
        .to_owned();
    name.push(".part");
    Ok(target.with_file_name(name))
}

/// Where the sealed copy of a file grows: beside it, so that the rename stays on one disk.
pub fn sealed_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(SEALED);
    name.into()
}

pub const SEALED: &str = ".sealed";

fn busy(target: &Path) -> PortError {
    trouble::refusal(
        "export.busy",
        format!("“{}” is being written by another export right now.", target.display()),
        "Wait until it is done, or choose another name.",
    )
}

/// Opens and locks a file of our own; a leftover of a dead process is taken over.
fn claim(path: &Path, target: &Path) -> Result<File, PortError> {
    for _ in 0..8 {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|error| trouble::disk(TASK, target, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy(target)),
            // A file system without locks: two exports to one name at once are then not noticed.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(trouble::disk(TASK, target, &error)),
        }
        // Between opening and locking, its writer may have finished and renamed it: then this is a finished film.
        if same_file(&file, path) {
            file.set_len(0).map_err(|error| trouble::disk(TASK, target, &error))?;
            return Ok(file);
        }
    }
    Err(busy(target))
}

#[cfg(unix)]
fn same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(a), Ok(b)) => a.dev() == b.dev() && a.ino() == b.ino(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn same_file(_: &File, path: &Path) -> bool {
    path.exists()
}

fn sync_folder_of(path: &Path) {
    // Not every system can open a folder; the rename itself has then to be enough.
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        _ = folder.sync_all();
    }
}

/// One file. Dropping it without [`PartFile::commit`] removes it.
#[derive(Debug)]
pub struct PartFile {
    target: PathBuf,
    part: PathBuf,
    file: File,
    kept: bool,
}

impl PartFile {
    pub fn create(target: &Path) -> Result<Self, PortError> {
        let part = part_path(target)?;
        if target.is_dir() {
            return Err(trouble::disk(TASK, target, &io::ErrorKind::IsADirectory.into()));
        }
        let file = claim(&part, target)?;
        // Of a process that died while it sealed; whoever holds the `.part` owns it.
        _ = fs::remove_file(sealed_path(&part));
        Ok(Self { target: target.to_owned(), part, file, kept: false })
    }
    /// A second handle to write through.
    pub fn handle(&self) -> Result<File, PortError> {
        self.file.try_clone().map_err(|error| self.trouble(&error))
    }
    pub fn path(&self) -> &Path {
        &self.part
    }
    pub fn target(&self) -> &Path {
        &self.target
    }
    pub fn trouble(&self, error: &io::Error) -> PortError {
        trouble::disk(TASK, &self.target, error)
    }
    /// Durable, proved, then under its name. With a seal, its sealed copy is.
    pub fn commit(
        mut self,
        seal: Option<&mut Sealing<'_>>,
        prove: impl Fn(&Path) -> Result<(), PortError>,
    ) -> Result<(), PortError> {
        self.file.sync_all().map_err(|error| self.trouble(&error))?;
        prove(&self.part)?;
        if let Some(seal) = seal {
            let sealed = sealed_path(&self.part);
            seal(&self.part, &sealed)?;
            File::open(&sealed).and_then(|file| file.sync_all()).map_err(|error| self.trouble(&error))?;
            prove(&sealed)?;
            // Not over the `.part`: its lock keeps others away until all is done.
            fs::rename(&sealed, &self.target).map_err(|error| self.trouble(&error))?;
            _ = fs::remove_file(&self.part);
        } else {
            fs::rename(&self.part, &self.target).map_err(|error| self.trouble(&error))?;
        }
        self.kept = true;
        sync_folder_of(&self.target);
        Ok(())
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.kept {
            _ = fs::remove_file(sealed_path(&self.part));
            _ = fs::remove_file(&self.part);
        }
    }
}

/// A folder of files named by `ours`; anything else in it is another's and keeps the folder from being replaced.
#[derive(Debug)]
pub struct PartFolder {
    target: PathBuf,
    part: PathBuf,
    lock: Option<File>,
    ours: fn(&str) -> bool,
    kept: bool,
}

const LOCK_NAME: &str = ".writing";

impl PartFolder {
    pub fn create(target: &Path, ours: fn(&str) -> bool) -> Result<Self, PortError> {
        let part = part_path(target)?;
        if target.exists() && !holds_only(target, ours) {
            return Err(trouble::refusal(
                "export.folder_in_use",
                format!("“{}” is already there and holds other things.", target.display()),
                "Choose a new folder name: the pictures get a folder of their own.",
            ));
        }
        fs::create_dir_all(&part).map_err(|error| trouble::disk(TASK, target, &error))?;
        let lock = claim(&part.join(LOCK_NAME), target)?;
        let folder = Self { target: target.to_owned(), part, lock: Some(lock), ours, kept: false };
        empty(&folder.part, ours);
        Ok(folder)
    }
    pub fn path(&self) -> &Path {
        &self.part
    }
    pub fn trouble(&self, error: &io::Error) -> PortError {
        trouble::disk(TASK, &self.target, error)
    }
    /// What was written so far, in the order of names.
    fn files(&self) -> Result<Vec<PathBuf>, PortError> {
        let listed = || -> io::Result<Vec<PathBuf>> {
            let mut files = Vec::new();
            for entry in fs::read_dir(&self.part)? {
                let entry = entry?;
                if entry.file_name().to_str().is_some_and(self.ours) {
                    files.push(entry.path());
                }
            }
            files.sort();
            Ok(files)
        };
        listed().map_err(|error| self.trouble(&error))
    }
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), PortError> {
        let write = || {
            let path = self.part.join(name);
            fs::write(&path, bytes)?;
            File::open(path)?.sync_all()
        };
        write().map_err(|error| self.trouble(&error))
    }
    /// With a seal, each file in it is replaced by its sealed copy first.
    pub fn commit(mut self, seal: Option<&mut Sealing<'_>>) -> Result<(), PortError> {
        if let Some(seal) = seal {
            for file in self.files()? {
                let sealed = sealed_path(&file);
                seal(&file, &sealed)?;
                let durable = File::open(&sealed).and_then(|sealed| sealed.sync_all());
                durable.and_then(|()| fs::rename(&sealed, &file)).map_err(|error| self.trouble(&error))?;
            }
        }
        let swap = || -> io::Result<()> {
            fs::remove_file(self.part.join(LOCK_NAME))?;
            if self.target.exists() {
                empty(&self.target, self.ours);
                fs::remove_dir(&self.target)?;
            }
            fs::rename(&self.part, &self.target)
        };
        swap().map_err(|error| self.trouble(&error))?;
        self.lock = None;
        self.kept = true;
        sync_folder_of(&self.target);
        Ok(())
    }
}

impl Drop for PartFolder {
    fn drop(&mut self) {
        if !self.kept {
            self.lock = None;
            _ = fs::remove_file(self.part.join(LOCK_NAME));
            empty(&self.part, self.ours);
            // Only removes an empty folder: what is not ours stays.
            _ = fs::remove_dir(&self.part);
        }
    }
}

fn holds_only(folder: &Path, ours: fn(&str) -> bool) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.all(|entry| entry.is_ok_and(|entry| entry.file_name().to_str().is_some_and(ours)))
    })
}

fn empty(folder: &Path, ours: fn(&str) -> bool) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(ours) {
            _ = fs::remove_file(entry.path());
        }
    }
}
