//! A disk in memory that forgets exactly what a real one may forget when the power goes.
//!
//! Contents that were not synced are lost, torn at sectors of 512 bytes or written in any order, lengths included; names that were not
//! synced by their folder appear or do not. It may also be full. It is never kinder than a disk: whoever forgets a sync loses work here.

use super::Dice;
use crate::Disk;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

const SECTOR: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Folder,
    File(usize),
}

/// A change of contents that the disk may or may not have made.
#[derive(Clone, Debug)]
enum Change {
    Length(usize),
    Bytes { at: usize, bytes: Vec<u8> },
}

#[derive(Clone, Debug, Default)]
struct Contents {
    live: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
}

/// A change of names; a rename happens as one.
#[derive(Clone, Debug)]
enum Naming {
    Put(PathBuf, Node),
    Gone(PathBuf),
    Moved { from: PathBuf, to: PathBuf, node: Node },
}

#[derive(Clone, Debug, Default)]
struct State {
    files: Vec<Contents>,
    names: BTreeMap<PathBuf, Node>,
    durable_names: BTreeMap<PathBuf, Node>,
    unsynced_names: Vec<Naming>,
    quota: Option<usize>,
    calls: u64,
    power_until: Option<u64>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct SimulatedDisk {
    state: Mutex<State>,
}

impl SimulatedDisk {
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes that all files together may hold; None: endless.
    pub fn set_quota(&self, bytes: Option<usize>) {
        self.lock().quota = bytes;
    }

    pub fn used(&self) -> usize {
        self.lock().used()
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.lock().calls
    }

    /// The power goes during the call after `calls` more; from then on nothing answers until [`Self::power_cut`].
    pub fn power_off_after(&self, calls: u64) {
        let mut state = self.lock();
        state.power_until = Some(state.calls + calls);
    }

    /// The power went and came back: what was not durable is lost, torn or reordered, as the seed decides.
    pub fn power_cut(&self, seed: u64) {
        let mut state = self.lock();
        let mut dice = Dice(seed);
        for naming in std::mem::take(&mut state.unsynced_names) {
            if dice.coin() {
                naming.apply(&mut state.durable_names);
            }
        }
        let mut names = std::mem::take(&mut state.durable_names);
        // What lies in a folder whose own name was lost cannot be reached.
        let reachable = |path: &Path, names: &BTreeMap<PathBuf, Node>| {
            path.ancestors()
                .skip(1)
                .all(|above| above.as_os_str().is_empty() || names.get(above) == Some(&Node::Folder))
        };
        let lost: Vec<PathBuf> = names.keys().filter(|path| !reachable(path, &names)).cloned().collect();
        for path in lost {
            names.remove(&path);
        }
        for contents in &mut state.files {
            contents.settle(&mut dice);
        }
        state.names.clone_from(&names);
        state.durable_names = names;
        state.power_until = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call; `work` is told whether the power goes during it.
    fn call<T>(&self, work: impl FnOnce(&mut State, bool) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.lock();
        let dying = state.power_until == Some(state.calls);
        if state.power_until.is_some_and(|until| state.calls > until) {
            return Err(dead());
        }
        state.calls += 1;
        let done = work(&mut state, dying);
        if dying { Err(dead()) } else { done }
    }
}

fn dead() -> io::Error {
    io::Error::other("the power is gone")
}

impl Naming {
    fn touches(&self, folder: &Path) -> bool {
        let inside = |path: &Path| path.parent() == Some(folder);
        match self {
            Self::Put(path, _) | Self::Gone(path) => inside(path),
            Self::Moved { from, to, .. } => inside(from) || inside(to),
        }
    }

    fn apply(self, names: &mut BTreeMap<PathBuf, Node>) {
        match self {
            Self::Put(path, node) => {
                names.insert(path, node);
            }
            Self::Gone(path) => {
                names.remove(&path);
            }
            Self::Moved { from, to, node } => {
                names.remove(&from);
                names.insert(to, node);
            }
        }
    }
}

impl Contents {
    fn change(&mut self, change: Change) {
        apply(&mut self.live, &change);
        self.unsynced.push(change);
    }

    /// What the platter holds after a cut: any of the unsynced sectors, any of the unsynced lengths.
    fn settle(&mut self, dice: &mut Dice) {
        // A third of the time nothing, a third everything in part, a third all.
        let mood = dice.below(3);
        for change in std::mem::take(&mut self.unsynced) {
            match change {
                Change::Length(_) if mood == 2 || (mood == 1 && dice.coin()) => apply(&mut self.durable, &change),
                Change::Length(_) => {}
                Change::Bytes { at, bytes } => {
                    // The length can reach the disk before the bytes do.
                    if mood == 1 && dice.coin() {
                        let longer = self.durable.len().max(at + bytes.len());
                        self.durable.resize(longer, 0);
                    }
                    let mut begin = 0;
                    while begin < bytes.len() {
                        let end = bytes.len().min(begin + SECTOR - (at + begin) % SECTOR);
                        let sector = bytes.get(begin..end).unwrap_or_default();
                        if mood == 2 || (mood == 1 && dice.coin()) {
                            apply(&mut self.durable, &Change::Bytes { at: at + begin, bytes: sector.to_vec() });
                        }
                        begin = end;
                    }
                }
            }
        }
        self.live.clone_from(&self.durable);
    }
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Length(length) => bytes.resize(*length, 0),
        Change::Bytes { at, bytes: new } => {
            let end = at + new.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            if let Some(place) = bytes.get_mut(*at..end) {
                place.copy_from_slice(new);
            }
        }
    }
}

impl State {
    fn used(&self) -> usize {
        let length = |node: &Node| match node {
            Node::File(file) => self.files.get(*file).map_or(0, |contents| contents.live.len()),
            Node::Folder => 0,
        };
        self.names.values().map(length).sum()
    }

    fn name(&mut self, naming: Naming) {
        naming.clone().apply(&mut self.names);
        self.unsynced_names.push(naming);
    }

    fn file(&mut self, path: &Path) -> io::Result<&mut Contents> {
        match self.names.get(path) {
            Some(Node::File(file)) => self.files.get_mut(*file).ok_or_else(|| ErrorKind::NotFound.into()),
            Some(Node::Folder) => Err(ErrorKind::IsADirectory.into()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.as_os_str().is_empty() || self.names.get(path) == Some(&Node::Folder)
    }

    fn created(&mut self, path: &Path) -> io::Result<&mut Contents> {
        if !self.names.contains_key(path) {
            if !path.parent().is_some_and(|folder| self.is_folder(folder)) {
                return Err(ErrorKind::NotFound.into());
            }
            self.files.push(Contents::default());
            self.name(Naming::Put(path.to_owned(), Node::File(self.files.len() - 1)));
        }
        self.file(path)
    }

    /// Adds to the end what there is room for.
    fn grow(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let room = self.quota.map_or(usize::MAX, |quota| quota.saturating_sub(self.used()));
        let contents = self.file(path)?;
        let fits = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        contents.change(Change::Bytes { at: contents.live.len(), bytes: fits.to_vec() });
        if fits.len() < bytes.len() { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl Disk for SimulatedDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.call(|state, _| Ok(state.file(path)?.live.clone()))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.call(|state, _| {
            state.created(path)?.change(Change::Length(0));
            state.grow(path, bytes)
        })
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.call(|state, _| {
            state.created(path)?;
            state.grow(path, bytes)
        })
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        self.call(|state, _| {
            state.file(path)?.change(Change::Length(length));
            Ok(())
        })
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        self.call(|state, _| Ok(state.file(path)?.live.len() as u64))
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.call(|state, dying| {
            let contents = state.file(path)?;
            // Interrupted, any part of it may have happened: the cut decides.
            if !dying {
                contents.durable.clone_from(&contents.live);
                contents.unsynced.clear();
            }
            Ok(())
        })
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.call(|state, dying| {
            if !state.is_folder(path) {
                return Err(ErrorKind::NotFound.into());
            }
            if !dying {
                for naming in std::mem::take(&mut state.unsynced_names) {
                    if naming.touches(path) {
                        naming.apply(&mut state.durable_names);
                    } else {
                        state.unsynced_names.push(naming);
                    }
                }
            }
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(|state, _| {
            state.file(from)?;
            if !to.parent().is_some_and(|folder| state.is_folder(folder)) {
                return Err(ErrorKind::NotFound.into());
            }
            let node = state.names.get(from).copied().ok_or(ErrorKind::NotFound)?;
            state.name(Naming::Moved { from: from.to_owned(), to: to.to_owned(), node });
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call(|state, _| {
            state.file(path)?;
            state.name(Naming::Gone(path.to_owned()));
            Ok(())
        })
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.call(|state, _| {
            let above: Vec<PathBuf> =
                path.ancestors().filter(|above| !above.as_os_str().is_empty()).map(Path::to_owned).collect();
            for folder in above.into_iter().rev() {
                match state.names.get(&folder) {
                    Some(Node::Folder) => {}
                    Some(Node::File(_)) => return Err(ErrorKind::NotADirectory.into()),
                    None => state.name(Naming::Put(folder, Node::Folder)),
                }
            }
            Ok(())
        })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        self.call(|state, _| {
            if !state.is_folder(path) {
                return Err(ErrorKind::NotFound.into());
            }
            Ok(state.names.keys().filter(|name| name.parent() == Some(path)).cloned().collect())
        })
    }

    fn exists(&self, path: &Path) -> bool {
        let state = self.lock();
        state.power_until.is_none_or(|until| state.calls <= until)
            && (state.is_folder(path) || state.names.contains_key(path))
    }
}
