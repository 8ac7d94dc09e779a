//! A project folder as the studio uses it: ledger, mirror, media and the lock that makes it one writer's.
//!
//! Implements the [`ProjectStore`] port. Order of an append: journal line written and synced, then the mirror; the edit is acknowledged after
//! both. A mirror that fails is dropped for the session (the journal has everything) and made anew at the next opening.

use crate::blobs::{FolderBlobs, MEDIA};
use crate::journal::Damage;
use crate::ledger::{JOURNAL, JOURNAL_FOLDER, Ledger, Loaded, PROJECT, PROJECT_PART};
use crate::mirror::Mirror;
use crate::real_disk::RealDisk;
use kinora_document::{Film, Refusal};
use kinora_ports::store::{Edit, Opened};
use kinora_ports::{Blobs, Disk, Fault, PortError, ProjectStore};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const SLED: &str = "store.sled";
const LOCK: &str = "project.lock";
/// Checkpoints of renders under way.
const SPARE: &str = "spare";

#[derive(Debug)]
pub struct ProjectFolder {
    root: PathBuf,
    state: Mutex<State>,
    blobs: Arc<FolderBlobs>,
    /// Held while the project is open; the system releases it even when the process dies.
    _lock: File,
}

#[derive(Debug)]
struct State {
    ledger: Ledger,
    mirror: Option<Mirror>,
    records: BTreeMap<String, String>,
}

impl ProjectFolder {
    /// A new project in a folder that does not exist yet or is empty. On an error nothing of it is left.
    pub fn create(root: &Path, film: &Film) -> Result<Self, PortError> {
        if is_occupied(root) {
            return Err(occupied(root));
        }
        let existed = root.exists();
        std::fs::create_dir_all(root).map_err(|e| unusable(root, "created", &e))?;
        let lock = lock(root)?;
        // Somebody may have been quicker until the lock was ours.
        if is_occupied(root) {
            return Err(occupied(root));
        }
        Self::fill(root, film, lock).inspect_err(|_| sweep_unfinished(root, !existed))
    }

    fn fill(root: &Path, film: &Film, lock: File) -> Result<Self, PortError> {
        let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(root));
        let ledger = Ledger::create(disk.clone(), film)?;
        if let Some(parent) = root.parent() {
            // A path of one part lies in the folder we are in.
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            RealDisk::new(parent).sync_folder(Path::new("")).map_err(|e| unusable(parent, "written to", &e))?;
        }
        let blobs = Arc::new(FolderBlobs::open(disk, root)?);
        let mirror = Mirror::open(&root.join(SLED)).ok();
        let state = State { ledger, mirror, records: BTreeMap::new() };
        let project = Self { root: root.to_owned(), state: Mutex::new(state), blobs, _lock: lock };
        project.rebuild_mirror(film, &[]);
        Ok(project)
    }

    pub fn open(root: &Path) -> Result<(Self, Opened), PortError> {
        if !root.is_dir() {
            return Err(Refusal::new(
                "project.missing",
                format!("There is no film at {}.", root.display()),
                "Check the path, or create a new film.",
            )
            .into());
        }
        // Before the lock, which would leave a file of ours in a folder of somebody else's.
        std::fs::metadata(root.join(PROJECT)).map_err(|error| crate::ledger::not_a_film(&error))?;
        let lock = lock(root)?;
        let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(root));
        let (mut ledger, mut loaded) = Ledger::open(disk.clone())?;
        let mut repairs: Vec<String> = loaded.damage.iter().map(describe).collect();
        let blobs = Arc::new(FolderBlobs::open(disk.clone(), root)?);
        let (mirror, film) = match Found::at(root, &ledger, &loaded) {
            Found::Same(mirror, film) => (Some(mirror), *film),
            Found::Other { mirror, was_there } => {
                let (film, misfit) = loaded.replay();
                if let Some(misfit) = misfit {
                    // Later edits would build on what the film does not show, and be lost with it at the next opening.
                    let aside = Ledger::set_aside_from(disk.as_ref(), misfit.sequence)?;
                    repairs.push(format!("{} It and what follows are kept in {}.", misfit.sentence, aside.display()));
                    (ledger, loaded) = Ledger::open(disk)?;
                }
                if was_there {
                    repairs.extend(why_remade(&mirror, &ledger, &loaded));
                }
                drop(mirror);
                (remake_mirror(root, &film, &ledger, &loaded), film)
            }
        };
        let state = State { ledger, mirror, records: loaded.records };
        let project = Self { root: root.to_owned(), state: Mutex::new(state), blobs, _lock: lock };
        Ok((project, Opened { beginning: loaded.beginning, film, edits: loaded.edits, repairs }))
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    fn rebuild_mirror(&self, film: &Film, edits: &[Edit]) {
        let mut state = self.lock();
        let State { ledger, mirror, records } = &mut *state;
        if mirror.as_mut().is_some_and(|mirror| mirror.rebuild(film, edits, records, ledger.link()).is_err()) {
            *mirror = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_record(&self, name: &str, value: Option<&str>) -> Result<(), PortError> {
        let mut state = self.lock();
        let State { ledger, mirror, records } = &mut *state;
        if records.get(name).map(String::as_str) == value {
            return Ok(());
        }
        ledger.put_record(name, value)?;
        match value {
            Some(value) => records.insert(name.to_owned(), value.to_owned()),
            None => records.remove(name),
        };
        if mirror.as_ref().is_some_and(|mirror| mirror.put_record(name, value, ledger.link()).is_err()) {
            *mirror = None;
        }
        Ok(())
    }
}

impl ProjectStore for ProjectFolder {
    fn append(&self, edit: &Edit, film_after: &Film) -> Result<(), PortError> {
        let mut state = self.lock();
        let State { ledger, mirror, .. } = &mut *state;
        ledger.append(edit)?;
        if mirror.as_mut().is_some_and(|mirror| mirror.append(edit, film_after, ledger.link()).is_err()) {
            *mirror = None;
        }
        Ok(())
    }

    fn blobs(&self) -> Arc<dyn Blobs> {
        self.blobs.clone()
    }

    fn put_record(&self, name: &str, bytes: &[u8]) -> Result<(), PortError> {
        let value = std::str::from_utf8(bytes)
            .map_err(|e| Fault::new("A setting of the film could not be written down.", "Try again.", e))?;
        self.write_record(name, Some(value))
    }

    fn record(&self, name: &str) -> Result<Option<Vec<u8>>, PortError> {
        Ok(self.lock().records.get(name).map(|value| value.clone().into_bytes()))
    }

    fn remove_record(&self, name: &str) -> Result<(), PortError> {
        self.write_record(name, None)
    }

    fn records(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        Ok(self.lock().records.keys().filter(|name| name.starts_with(prefix)).cloned().collect())
    }

    fn put_spare(&self, name: &str, bytes: &[u8]) -> Result<(), PortError> {
        if name.is_empty()
            || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        {
            return Err(Fault::new(
                "A render's progress could not be kept.",
                "Nothing is lost; the render goes on.",
                name,
            )
            .into());
        }
        let disk = RealDisk::new(self.root.join(SPARE));
        let part = PathBuf::from(format!("{name}.part"));
        // Synced before it gets its name: whole or absent, also after a power cut.
        disk.create_folder(Path::new(""))
            .and_then(|()| disk.write(&part, bytes))
            .and_then(|()| disk.sync_file(&part))
            .and_then(|()| disk.rename(&part, Path::new(name)))
            .map_err(|e| unusable(disk.root(), "written to", &e))
    }

    fn spare(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.root.join(SPARE).join(name)).ok()
    }

    fn remove_spare(&self, name: &str) {
        // What stays behind is found by nobody and overwritten by the next of its name.
        let _ = std::fs::remove_file(self.root.join(SPARE).join(name));
    }
}

/// What sled was found to be.
enum Found {
    /// It agrees with the journal.
    Same(Mirror, Box<Film>),
    Other {
        mirror: Result<Mirror, String>,
        was_there: bool,
    },
}

impl Found {
    fn at(root: &Path, ledger: &Ledger, loaded: &Loaded) -> Self {
        let path = root.join(SLED);
        let was_there = path.exists();
        let mut mirror = Mirror::open(&path);
        match mirror.as_mut().ok().and_then(|mirror| mirror.film_at(ledger.link(), &loaded.beginning)) {
            Some(film) => match mirror {
                Ok(mirror) => Self::Same(mirror, Box::new(film)),
                Err(why) => Self::Other { mirror: Err(why), was_there },
            },
            None => Self::Other { mirror, was_there },
        }
    }
}

/// As a sentence: why sled is made anew. Nothing to tell of a film without edits, nor of a mirror that is merely behind, as a kill
/// between journal and mirror leaves it: nothing was wrong then.
fn why_remade(mirror: &Result<Mirror, String>, ledger: &Ledger, loaded: &Loaded) -> Option<String> {
    let stands_at = mirror.as_ref().ok().and_then(Mirror::stands_at);
    match stands_at {
        // The journal is written first, so it is never the one that is behind unless somebody cut it.
        Some((_, seen)) if seen > ledger.sequence() && loaded.damage.is_none() => Some(format!(
            "The journal ends with edit {}, but the film once had {seen}: its end is missing. Put {JOURNAL} back from a copy if there is one.",
            ledger.sequence()
        )),
        Some((link, _)) if link != ledger.link() => None,
        // An older Kinora kept it, or a newer one.
        Some(_) if mirror.as_ref().is_ok_and(Mirror::is_of_another_form) => None,
        // It does not open, has lost its stamp, or its rows do not add up to it.
        _ => (!loaded.edits.is_empty()).then(|| {
            "The film's quick index was damaged and was made anew from the journal; nothing is missing.".to_owned()
        }),
    }
}

/// A new mirror in a new folder: sled files with a flipped bit may open, take what is written, and stumble over it the next time.
fn remake_mirror(root: &Path, film: &Film, ledger: &Ledger, loaded: &Loaded) -> Option<Mirror> {
    let path = root.join(SLED);
    Mirror::wait_for_release(&path);
    // What cannot be removed fails to open below, and the session goes on without a mirror.
    let _ = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    let mut mirror = Mirror::open(&path).ok()?;
    mirror.rebuild(film, &loaded.edits, &loaded.records, ledger.link()).ok()?;
    Some(mirror)
}

/// What a creation that was interrupted leaves behind does not count.
fn is_occupied(root: &Path) -> bool {
    if root.is_file() {
        return true;
    }
    let Ok(entries) = std::fs::read_dir(root) else { return false };
    let unfinished = [LOCK, PROJECT_PART, JOURNAL_FOLDER];
    entries.flatten().any(|entry| !unfinished.iter().any(|name| entry.file_name() == **name))
        || root.join(JOURNAL).exists()
}

fn occupied(root: &Path) -> PortError {
    Refusal::new(
        "project.exists",
        format!("There is already something at {}.", root.display()),
        "Choose another name, or open that film instead.",
    )
    .into()
}

/// Takes away what a creation that failed has made. Only what it made can be there: the folder was empty and is locked.
fn sweep_unfinished(root: &Path, with_root: bool) {
    // What cannot be removed stays; the error that led here is the one to tell.
    let _ = std::fs::remove_dir_all(root.join(SLED));
    for file in [PROJECT, PROJECT_PART, JOURNAL, LOCK] {
        let _ = std::fs::remove_file(root.join(file));
    }
    for folder in ["media/scratch", MEDIA, JOURNAL_FOLDER] {
        let _ = std::fs::remove_dir(root.join(folder));
    }
    if with_root {
        let _ = std::fs::remove_dir(root);
    }
}

fn describe(damage: &Damage) -> String {
    match damage {
        Damage::TornEnd { bytes } => format!(
            "The last {bytes} bytes of the journal were an edit that had not been finished when the studio stopped; they were cut off."
        ),
        Damage::Middle { line, bytes, aside } => format!(
            "The journal is damaged at line {line}. The film is shown as it was before that; the {bytes} bytes from there on are kept in {}.",
            aside.display()
        ),
    }
}

fn lock(root: &Path) -> Result<File, PortError> {
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(root.join(LOCK))
        .map_err(|e| unusable(root, "opened for writing", &e))?;
    // A window that is just closing, or a child process that is just starting, holds it for a moment.
    for _ in 0..20 {
        if !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Refusal::new(
            "project.locked",
            format!("The film {} is already open in another Kinora window or command.", root.display()),
            "Close it there first.",
        )
        .into()),
        Err(TryLockError::Error(e)) => Err(unusable(root, "locked", &e)),
    }
}

pub(crate) fn unusable(path: &Path, verb: &str, error: &std::io::Error) -> PortError {
    Fault::new(
        format!("{} could not be {verb}.", path.display()),
        "Check that the disk is connected and not full and that you may write there, or choose another folder.",
        error,
    )
    .into()
}
