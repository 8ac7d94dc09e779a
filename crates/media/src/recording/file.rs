//! Recordings in plain files, for whoever records to a file of their own: the keep, and the rescue of what a kill left behind.
//!
//! While it is made, `NAME.mp4` is `NAME.mp4.recording`, locked and readable for nobody else. It goes only when the film beside it was
//! written, synced and decoded to its end; until then, and after any failure, it stays as it is.

use super::mend::{self, count_through};
use crate::decode::Material;
use crate::part::PartFile;
use crate::trouble;
use kinora_ports::recording::Mended;
use kinora_ports::{Keep, PortError};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What a recording is called while it is made.
const SUFFIX: &str = "recording";
const TASK: &str = "record";
/// Ten minutes at the highest rate are far below; more is no recording of ours.
const MOST_BYTES: u64 = 4 << 30;
/// Recordings that are rescued at one start.
const MOST_RESCUES: usize = 256;

/// A recording that goes into a file.
#[derive(Debug)]
pub struct FileKeep {
    file: File,
    /// Up to here there are whole pieces only.
    whole: u64,
}

impl FileKeep {
    /// `target` is the film to be; what is there already is never overwritten.
    pub fn create(target: &Path) -> Result<Self, PortError> {
        let path = under_way(target);
        if target.exists() {
            let what = format!("“{}” is already there.", target.display());
            return Err(trouble::refusal("recording.exists", what, "Choose another name."));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                let what = format!("“{}” is a recording that was not finished.", path.display());
                return trouble::refusal("recording.unfinished", what, "Rescue it first: kinora rescue.");
            }
            trouble::disk(TASK, &path, &error)
        })?;
        // A file system without locks: a rescue at the same moment is then not noticed, and does no harm to what is written.
        _ = file.try_lock();
        Ok(Self { file, whole: 0 })
    }
}

/// The name of a recording while it is made.
pub fn under_way(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".");
    name.push(SUFFIX);
    name.into()
}

impl Keep for FileKeep {
    fn append(&mut self, piece: &[u8]) -> io::Result<()> {
        let written = self.file.seek(SeekFrom::Start(self.whole)).and_then(|_| self.file.write_all(piece));
        match written {
            Ok(()) => {
                self.whole += piece.len() as u64;
                Ok(())
            }
            Err(error) => {
                // Half a piece would look like a kill.
                _ = self.file.set_len(self.whole);
                Err(error)
            }
        }
    }
    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// A film that came out of a recording.
#[derive(Clone, Debug)]
pub struct Rescued {
    pub file: PathBuf,
    pub frames: u64,
    pub samples: u64,
    pub length: kinora_document::Ticks,
    /// Bytes after the last whole piece: what the kill cost, at most half a second of it.
    pub torn_bytes: u64,
}

/// Makes the film of a finished or broken recording; the recording goes when the film is proved.
pub fn rescue(target: &Path) -> Result<Rescued, PortError> {
    let path = under_way(target);
    let read = |error: io::Error| trouble::disk("read", &path, &error);
    let mut file = File::open(&path).map_err(read)?;
    if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        let what = format!("“{}” is being recorded right now.", path.display());
        return Err(trouble::refusal("recording.busy", what, "Stop it first."));
    }
    let mut bytes = Vec::new();
    Read::by_ref(&mut file).take(MOST_BYTES).read_to_end(&mut bytes).map_err(read)?;
    let mended = mend::mend(&bytes)?;
    drop(bytes);
    save(&mended, target)?;
    fs::remove_file(&path).map_err(|error| trouble::disk("remove", &path, &error))?;
    let Mended { frames, samples, length, torn_bytes, .. } = mended;
    Ok(Rescued { file: target.to_owned(), frames, samples, length, torn_bytes })
}

#[cfg(unix)]
fn only_ours(file: &File) {
    _ = file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600));
}

#[cfg(not(unix))]
fn only_ours(_: &File) {}

/// Writes, syncs, reads back and decodes; only then does the film have its name.
fn save(mended: &Mended, target: &Path) -> Result<(), PortError> {
    if target.exists() {
        // Killed between the last two steps of a rescue: it is done already.
        if fs::read(target).is_ok_and(|there| there == mended.mp4) {
            return Ok(());
        }
        let what = format!("“{}” is already there.", target.display());
        return Err(trouble::refusal("recording.exists", what, "Move it away, then try again."));
    }
    let part = PartFile::create(target)?;
    let mut file = part.handle()?;
    only_ours(&file);
    file.write_all(&mended.mp4).map_err(|error| part.trouble(&error))?;
    part.commit(None, |path| {
        let counted = count_through(&Material::File(path.to_owned()))?;
        if counted.frames == mended.frames {
            Ok(())
        } else {
            Err(trouble::encoding(format!("{} pictures of {} on disk", counted.frames, mended.frames)))
        }
    })
}

/// Rescues every broken recording in a folder; one that cannot be is left as it is and told of.
pub fn rescue_all(folder: &Path) -> Vec<(PathBuf, Result<Rescued, PortError>)> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let broken = names.filter(|path| path.extension().is_some_and(|extension| extension == SUFFIX));
    let mut targets: Vec<PathBuf> = broken.take(MOST_RESCUES).map(|path| path.with_extension("")).collect();
    targets.sort();
    targets.into_iter().map(|target| (under_way(&target), rescue(&target))).collect()
}
