//! The ledgers on disk: read whole, appended durably, their ends kept apart.
//!
//! A line is on disk before the list of ends says so, and the list before the counter kept with the keys: a kill between any two of them
//! loses nothing and is mended by the next writing. It must never overwrite a record that it could not read.

use crate::problem::Trouble;
use kinora_consent::{Damage, Denied, DeviceKey, Entry, Heads, HeadsProblem, Ledger, Why};
use kinora_document::{BlobHash, CameoId, Refusal};
use kinora_ports::{Clock, Disk, Fault, KeyKeeper};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const FOLDER: &str = "ledgers";
const HEADS: &str = "heads";
const HEADS_PART: &str = "heads.new";
const SIGNING: &str = "kinora 2026 consent: signing key of this device";
/// The latest time seen is written down again when it moved by this much: a clock set back gains at most that.
const SEEN_STEP_MILLIS: i64 = 60_000;

pub struct Records {
    disk: Arc<dyn Disk>,
    keeper: Arc<dyn KeyKeeper>,
    clock: Arc<dyn Clock>,
    key: Option<DeviceKey>,
    /// Ledgers as they were read, by the hash of their bytes: checking a thousand signatures takes a tenth of a second.
    read: BTreeMap<CameoId, (BlobHash, Ledger)>,
}

impl Records {
    pub fn new(disk: Arc<dyn Disk>, keeper: Arc<dyn KeyKeeper>, clock: Arc<dyn Clock>) -> Self {
        Self { disk, keeper, clock, key: None, read: BTreeMap::new() }
    }

    pub fn key(&mut self) -> Result<&DeviceKey, Trouble> {
        if self.key.is_none() {
            let secret = self.keeper.root()?;
            let mut derived = blake3::derive_key(SIGNING, secret.bytes());
            self.key = Some(DeviceKey::from_secret(&derived));
            derived.fill(0);
            std::hint::black_box(&derived);
        }
        self.key.as_ref().ok_or(Denied::Missing).map_err(refused)
    }

    /// The bytes of the list of ends, to see whether anything changed.
    pub fn raw_heads(&self) -> Result<Option<Vec<u8>>, Trouble> {
        optional(self.disk.read(Path::new(HEADS)))
    }

    pub fn heads(&mut self) -> Result<Heads, Trouble> {
        let device = self.key()?.public();
        let counter = self.keeper.counter()?;
        match self.raw_heads()? {
            Some(bytes) => Heads::read(&bytes, device, counter).map_err(refused),
            None if counter == 0 && self.ledgers_on_disk()?.is_empty() => Ok(Heads::default()),
            None => Err(refused(HeadsProblem::Missing)),
        }
    }

    fn ledgers_on_disk(&self) -> Result<Vec<PathBuf>, Trouble> {
        Ok(optional(self.disk.list(Path::new(FOLDER)))?.unwrap_or_default())
    }

    /// The clock, or the latest time seen.
    pub fn now(&self, heads: &Heads) -> i64 {
        self.clock.unix_millis().max(heads.seen_millis)
    }

    pub fn ledger(&mut self, heads: &Heads, cameo: CameoId) -> Result<Ledger, Trouble> {
        if heads.deleted.contains(&cameo) {
            return Err(refused(Denied::Deleted));
        }
        let head = heads.ledgers.get(&cameo);
        let path = path(cameo);
        let Some(bytes) = optional(self.disk.read(&path))? else {
            return Err(match head {
                Some(_) => refused(Damage { line: 1, why: Why::Cut }),
                None => refused(Denied::Missing),
            });
        };
        let hash = BlobHash(*blake3::hash(&bytes).as_bytes());
        if let Some((known, ledger)) = self.read.get(&cameo)
            && *known == hash
            && head.is_none_or(|head| head.lines <= ledger.head().lines)
        {
            return Ok(ledger.clone());
        }
        let device = self.key()?.public();
        let ledger = Ledger::read(&bytes, cameo, device, head).map_err(refused)?;
        self.read.insert(cameo, (hash, ledger.clone()));
        Ok(ledger)
    }

    /// A record that is begun with its first entry.
    pub fn begin(&mut self, cameo: CameoId, entry: Entry) -> Result<Ledger, Trouble> {
        let heads = self.heads()?;
        let new = optional(self.disk.length(&path(cameo)))?.is_none() && !heads.ledgers.contains_key(&cameo);
        let ledger = if new && !heads.deleted.contains(&cameo) {
            Ledger::new(cameo, self.key()?.public())
        } else {
            self.ledger(&heads, cameo)?
        };
        self.put(heads, &ledger, entry)
    }

    /// Durable when it returns.
    pub fn append(&mut self, cameo: CameoId, entry: Entry) -> Result<Ledger, Trouble> {
        let heads = self.heads()?;
        let ledger = self.ledger(&heads, cameo)?;
        self.put(heads, &ledger, entry)
    }

    fn put(&mut self, mut heads: Heads, ledger: &Ledger, entry: Entry) -> Result<Ledger, Trouble> {
        let cameo = ledger.cameo();
        let now = self.now(&heads);
        let (line, after) = ledger.with(entry, now, self.key()?).map_err(refused)?;
        let path = path(cameo);
        let disk = self.disk.clone();
        let written = disk
            .create_folder(Path::new(FOLDER))
            .and_then(|()| match disk.length(&path) {
                // Half a line that a killed studio left.
                Ok(length) if length > ledger.bytes() as u64 => disk.truncate(&path, ledger.bytes() as u64),
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            })
            .and_then(|()| disk.append(&path, line.as_bytes()))
            .and_then(|()| disk.sync_file(&path))
            .and_then(|()| disk.sync_folder(Path::new(FOLDER)))
            .and_then(|()| disk.sync_folder(Path::new("")));
        written.map_err(|error| unwritable(&error))?;
        heads.ledgers.insert(cameo, after.head());
        self.write_heads(heads, now)?;
        Ok(after)
    }

    /// Everything that the record says now is durable when it returns.
    pub fn settle(&mut self, cameo: CameoId) -> Result<(), Trouble> {
        let disk = self.disk.clone();
        let synced = disk
            .sync_file(&path(cameo))
            .and_then(|()| disk.sync_folder(Path::new(FOLDER)))
            .and_then(|()| disk.sync_folder(Path::new("")));
        synced.map_err(|error| unwritable(&error))?;
        self.note_time()
    }

    /// Remembers the time, so that a clock that is set back is not believed.
    pub fn note_time(&mut self) -> Result<(), Trouble> {
        let heads = self.heads()?;
        let now = self.now(&heads);
        self.write_heads(heads, now)
    }

    pub fn worth_noting(&self, heads: &Heads, ended: bool) -> bool {
        let moved = self.now(heads) - heads.seen_millis;
        moved >= SEEN_STEP_MILLIS || (ended && moved > 0)
    }

    /// The name is gone, the number stays: an old record put back is not believed.
    pub fn delete(&mut self, cameo: CameoId) -> Result<(), Trouble> {
        let mut heads = self.heads()?;
        heads.ledgers.remove(&cameo);
        heads.deleted.insert(cameo);
        let now = self.now(&heads);
        self.write_heads(heads, now)?;
        self.read.remove(&cameo);
        match self.disk.remove(&path(cameo)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(unwritable(&error)),
            _ => Ok(()),
        }
    }

    /// The record as it lies on disk: it belongs to the subject.
    pub fn text(&self, cameo: CameoId) -> Result<Vec<u8>, Trouble> {
        Ok(optional(self.disk.read(&path(cameo)))?.unwrap_or_default())
    }

    fn write_heads(&mut self, mut heads: Heads, seen_millis: i64) -> Result<(), Trouble> {
        heads.counter += 1;
        heads.seen_millis = heads.seen_millis.max(seen_millis);
        let text = heads.write(self.key()?);
        let (disk, part) = (self.disk.clone(), Path::new(HEADS_PART));
        let written = disk
            .write(part, text.as_bytes())
            .and_then(|()| disk.sync_file(part))
            .and_then(|()| disk.rename(part, Path::new(HEADS)))
            .and_then(|()| disk.sync_folder(Path::new("")));
        written.map_err(|error| unwritable(&error))?;
        Ok(self.keeper.count_to(heads.counter)?)
    }
}

fn path(cameo: CameoId) -> PathBuf {
    Path::new(FOLDER).join(format!("{cameo}.log"))
}

fn optional<T>(result: io::Result<T>) -> Result<Option<T>, Trouble> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Trouble::from(Fault::new(
            "The record of consents could not be read, so nothing is made with a cameo.",
            "Check that Kinora's own folder is there and that you may read it.",
            error,
        ))),
    }
}

fn unwritable(error: &io::Error) -> Trouble {
    Trouble::from(Fault::new(
        "The record of consents could not be written.",
        "Check that the disk is not full and that you may write to Kinora's own folder.",
        error,
    ))
}

pub fn refused(denied: impl Into<Refusal>) -> Trouble {
    let refusal: Refusal = denied.into();
    Trouble::from(refusal)
}
