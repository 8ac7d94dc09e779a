//! Pictures and sound by content hash, in `media/ab/cd/<hash>`: written once, never changed.
//!
//! A file appears under its hash only when it is whole and durable. What a crash leaves behind lies in `media/scratch/`, which is
//! emptied when the project opens. Reading checks the hash: a changed file is reported, not shown.

use kinora_document::BlobHash;
use kinora_ports::{Blobs, Disk, Fault, PortError};
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

pub const MEDIA: &str = "media";
const SCRATCH: &str = "media/scratch";

pub struct FolderBlobs {
    disk: Arc<dyn Disk>,
    /// Where `disk` is rooted, for decoders that want a real path.
    root: PathBuf,
    counter: AtomicU64,
    /// Folders whose names are known to be durable, because they were synced since the project was opened.
    named: Mutex<BTreeSet<PathBuf>>,
}

impl std::fmt::Debug for FolderBlobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FolderBlobs").finish_non_exhaustive()
    }
}

impl FolderBlobs {
    /// Creates the folders that are missing and empties the scratch folder.
    pub fn open(disk: Arc<dyn Disk>, root: &Path) -> Result<Self, PortError> {
        let blobs = Self { disk, root: root.to_owned(), counter: AtomicU64::new(0), named: Mutex::default() };
        blobs.disk.create_folder(Path::new(SCRATCH)).map_err(|e| failed("prepared", &e))?;
        for folder in ["", MEDIA] {
            blobs.disk.sync_folder(Path::new(folder)).map_err(|e| failed("prepared", &e))?;
        }
        for left in blobs.disk.list(Path::new(SCRATCH)).map_err(|e| failed("read", &e))? {
            // What cannot be removed now only wastes space.
            let _ = blobs.disk.remove(&left);
        }
        Ok(blobs)
    }

    fn place(hash: BlobHash) -> PathBuf {
        let name = hash.to_string();
        Path::new(MEDIA).join(name.get(..2).unwrap_or_default()).join(name.get(2..4).unwrap_or_default()).join(name)
    }

    /// From the scratch folder to its name, both file and name durable.
    fn settle(&self, scratch: &Path, hash: BlobHash) -> io::Result<()> {
        let place = Self::place(hash);
        self.disk.create_folder(place.parent().unwrap_or(Path::new(MEDIA)))?;
        self.disk.rename(scratch, &place)?;
        self.name(&place)
    }

    /// Makes the name of a file durable, and those of the folders it lies in: they may be there and not be durable yet.
    fn name(&self, place: &Path) -> io::Result<()> {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = place.parent().unwrap_or(Path::new(MEDIA));
        self.disk.sync_folder(folder)?;
        for inner in folder.ancestors().take_while(|inner| *inner != Path::new(MEDIA) && !inner.as_os_str().is_empty())
        {
            if !named.contains(inner) {
                self.disk.sync_folder(inner.parent().unwrap_or(Path::new("")))?;
                named.insert(inner.to_owned());
            }
        }
        Ok(())
    }

    /// True when the content is there, right and durable. A changed file does not count: it is replaced.
    fn holds(&self, hash: BlobHash, read: impl FnOnce(&Path) -> io::Result<BlobHash>) -> bool {
        let place = Self::place(hash);
        self.disk.exists(&place)
            && read(&place).is_ok_and(|found| found == hash)
            && self.disk.sync_file(&place).and_then(|()| self.name(&place)).is_ok()
    }

    fn fresh_name(&self) -> PathBuf {
        Path::new(SCRATCH).join(format!("put-{}-{}", std::process::id(), self.counter.fetch_add(1, Ordering::Relaxed)))
    }
}

impl Blobs for FolderBlobs {
    fn put(&self, bytes: &[u8]) -> Result<BlobHash, PortError> {
        let hash = hash_bytes(bytes);
        if self.holds(hash, |place| self.disk.read(place).map(|found| hash_bytes(&found))) {
            return Ok(hash);
        }
        let scratch = self.fresh_name();
        self.disk
            .write(&scratch, bytes)
            .and_then(|()| self.disk.sync_file(&scratch))
            .and_then(|()| self.settle(&scratch, hash))
            .map_err(|error| {
                let _ = self.disk.remove(&scratch);
                failed("written", &error)
            })?;
        Ok(hash)
    }

    fn adopt(&self, file: &Path) -> Result<BlobHash, PortError> {
        let hash = hash_file(file).map_err(|e| failed("read", &e))?;
        if self.holds(hash, |place| hash_file(&self.root.join(place))) {
            // Same content is already there; the copy is only waste.
            let _ = std::fs::remove_file(file);
            return Ok(hash);
        }
        let scratch = self.fresh_name();
        let target = self.root.join(&scratch);
        let moved = std::fs::rename(file, &target).or_else(|_| {
            std::fs::copy(file, &target)?;
            std::fs::remove_file(file)
        });
        moved.and_then(|()| self.disk.sync_file(&scratch)).and_then(|()| self.settle(&scratch, hash)).map_err(
            |error| {
                // The caller's file goes back to where it was, for another try.
                let _ = std::fs::rename(&target, file);
                failed("written", &error)
            },
        )?;
        Ok(hash)
    }

    fn get(&self, hash: BlobHash) -> Result<Vec<u8>, PortError> {
        let bytes = self.disk.read(&Self::place(hash)).map_err(|e| missing(hash, &e))?;
        if hash_bytes(&bytes) == hash { Ok(bytes) } else { Err(changed(hash)) }
    }

    fn path(&self, hash: BlobHash) -> Result<PathBuf, PortError> {
        let place = Self::place(hash);
        if self.disk.exists(&place) {
            Ok(self.root.join(place))
        } else {
            Err(missing(hash, &io::Error::from(io::ErrorKind::NotFound)))
        }
    }

    fn remove(&self, hash: BlobHash) -> Result<(), PortError> {
        let place = Self::place(hash);
        if !self.disk.exists(&place) {
            return Ok(());
        }
        let folder = place.parent().unwrap_or(Path::new(MEDIA));
        self.disk.remove(&place).and_then(|()| self.disk.sync_folder(folder)).map_err(|e| failed("removed", &e))
    }

    fn contains(&self, hash: BlobHash) -> bool {
        self.disk.exists(&Self::place(hash))
    }

    fn scratch(&self) -> PathBuf {
        self.root.join(SCRATCH)
    }
}

fn hash_bytes(bytes: &[u8]) -> BlobHash {
    BlobHash(*blake3::hash(bytes).as_bytes())
}

pub fn hash_file(path: &Path) -> io::Result<BlobHash> {
    let mut hasher = blake3::Hasher::new();
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(BlobHash(*hasher.finalize().as_bytes())),
            read => hasher.update(buffer.get(..read).unwrap_or_default()),
        };
    }
}

fn failed(verb: &str, error: &io::Error) -> PortError {
    let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    Fault::new(
        if full {
            "The disk is full.".to_owned()
        } else {
            format!("A picture or sound of the project could not be {verb}.")
        },
        if full {
            "Free some space, then do it again; nothing was lost."
        } else {
            "Check that the disk is connected and that you may write to the project folder, then do it again."
        },
        error,
    )
    .into()
}

fn missing(hash: BlobHash, error: &io::Error) -> PortError {
    Fault::new(
        "A picture or sound of this project is missing from its media folder.",
        "Generate the shot again, or put the media folder back from a copy of the project.",
        format!("{hash}: {error}"),
    )
    .into()
}

fn changed(hash: BlobHash) -> PortError {
    Fault::new(
        "A picture or sound of this project was changed or damaged on disk.",
        "Generate the shot again, or put the media folder back from a copy of the project.",
        format!("{hash} has other content"),
    )
    .into()
}
