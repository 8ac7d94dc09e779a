//! The append-only text journal: how edits become durable, and how what is left of them is read back.
//!
//! One line is `kinora1 <link> <sum> <json>`: `link` is the sum of the line before (chaining them), `sum` the blake3 of link and json, both
//! shortened to 32 hexadecimal digits. A line counts when it is whole, its sum fits, its link is the sum before and its edit is the next one.
//! Only the last line can be torn by a crash, since each is synced before the next is written; whatever could be anything else than that is
//! kept aside and reported, never skipped over.

use kinora_ports::store::Edit;
use kinora_ports::{Disk, Fault, PortError};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MAGIC: &str = "kinora1";
/// Link of the first line.
const GENESIS: &str = "00000000000000000000000000000000";

/// What one line says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    Edit(Edit),
    /// A small named value; None removes it.
    Record {
        name: String,
        value: Option<String>,
    },
}

/// A line's edit, written without a copy of it: a patch may be megabytes.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Lent<'a> {
    Edit(&'a Edit),
}

/// What reading had to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The last line was not whole: it had never been acknowledged, and was cut off.
    TornEnd { bytes: u64 },
    /// A line is damaged; it and all after it were moved to the named file.
    Middle { line: usize, bytes: u64, aside: PathBuf },
}

#[derive(Debug)]
pub struct Reading {
    pub lines: Vec<Line>,
    pub damage: Option<Damage>,
}

#[derive(Debug)]
pub struct Journal {
    disk: Handle,
    path: PathBuf,
    link: String,
    /// Bytes that are known to be whole and durable.
    length: u64,
    /// A failed append may have left half a line behind; it is cut before the next one.
    dirty: bool,
    /// The file's name in its folder is known to be durable.
    named: bool,
}

struct Handle(Arc<dyn Disk>);

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disk")
    }
}

impl Journal {
    /// Reads what is there (nothing is a journal without lines), mends the end, and stands ready to append.
    pub fn open(disk: Arc<dyn Disk>, path: &Path) -> Result<(Self, Reading), PortError> {
        let (bytes, named) = match disk.read(path) {
            Ok(bytes) => (bytes, true),
            // Only this: a journal that is there and cannot be read must not pass for an empty one.
            Err(error) if error.kind() == ErrorKind::NotFound => (Vec::new(), false),
            Err(error) => return Err(unreadable(path, &error)),
        };
        if let (true, Some(folder)) = (named, path.parent()) {
            // Whoever made the file may have been killed before its name was durable.
            disk.sync_folder(folder).map_err(|e| unreadable(path, &e))?;
        }
        let scan = Scan::of(&bytes);
        let damage = match scan.damage {
            None => None,
            Some(Found::TornEnd) => {
                let lost = bytes.len() as u64 - scan.good_bytes;
                disk.truncate(path, scan.good_bytes)
                    .and_then(|()| disk.sync_file(path))
                    .map_err(|e| unmended(path, &e))?;
                Some(Damage::TornEnd { bytes: lost })
            }
            Some(Found::Middle { line }) => {
                let tail = bytes.get(scan.good_bytes as usize..).unwrap_or_default();
                let aside = set_aside(disk.as_ref(), path, scan.good_bytes, tail)?;
                Some(Damage::Middle { line, bytes: tail.len() as u64, aside })
            }
        };
        let journal = Self {
            disk: Handle(disk),
            path: path.to_owned(),
            link: scan.link,
            length: scan.good_bytes,
            dirty: false,
            named,
        };
        Ok((journal, Reading { lines: scan.lines, damage }))
    }

    /// Moves the line of edit `sequence`, and all after it, into a file beside the journal. Open it again afterwards.
    pub fn set_aside_from(disk: &dyn Disk, path: &Path, sequence: u64) -> Result<PathBuf, PortError> {
        let bytes = disk.read(path).map_err(|e| unreadable(path, &e))?;
        let scan = Scan::of(&bytes);
        let before = scan.lines.iter().position(|line| matches!(line, Line::Edit(edit) if edit.sequence == sequence));
        let keep = bytes
            .split_inclusive(|byte| *byte == b'\n')
            .take(before.unwrap_or(scan.lines.len()))
            .map(<[u8]>::len)
            .sum::<usize>();
        set_aside(disk, path, keep as u64, bytes.get(keep..).unwrap_or_default())
    }

    /// Reads without mending anything.
    pub fn inspect(bytes: &[u8]) -> (Vec<Line>, bool) {
        let scan = Scan::of(bytes);
        (scan.lines, scan.damage.is_none())
    }

    /// The line is durable when this returns. On an error the journal is as it was.
    pub fn append(&mut self, line: &Line) -> Result<(), PortError> {
        self.write(&json_of(line)?)
    }

    /// The same for an edit.
    pub fn append_edit(&mut self, edit: &Edit) -> Result<(), PortError> {
        self.write(&json_of(&Lent::Edit(edit))?)
    }

    fn write(&mut self, json: &str) -> Result<(), PortError> {
        let sum = sum(&self.link, json);
        let text = format!("{MAGIC} {} {sum} {json}\n", self.link);
        if self.dirty {
            self.cut()?;
        }
        self.dirty = true;
        let written =
            self.disk.0.append(&self.path, text.as_bytes()).and_then(|()| self.disk.0.sync_file(&self.path)).and_then(
                |()| match self.path.parent() {
                    Some(folder) if !self.named => self.disk.0.sync_folder(folder),
                    _ => Ok(()),
                },
            );
        if let Err(error) = written {
            // Best effort now; if the disk refuses this too, the cut is made before the next append or at the next opening.
            let _ = self.cut();
            return Err(unwritable(&self.path, &error));
        }
        self.dirty = false;
        self.named = true;
        self.length += text.len() as u64;
        self.link = sum;
        Ok(())
    }

    /// The sum of the last line: two journals with the same one are the same.
    pub fn link(&self) -> &str {
        &self.link
    }

    pub fn bytes(&self) -> u64 {
        self.length
    }

    fn cut(&mut self) -> Result<(), PortError> {
        if self.disk.0.exists(&self.path) {
            self.disk.0.truncate(&self.path, self.length).map_err(|e| unwritable(&self.path, &e))?;
            self.disk.0.sync_file(&self.path).map_err(|e| unwritable(&self.path, &e))?;
        }
        self.dirty = false;
        Ok(())
    }
}

enum Found {
    TornEnd,
    Middle { line: usize },
}

struct Scan {
    lines: Vec<Line>,
    good_bytes: u64,
    link: String,
    damage: Option<Found>,
}

impl Scan {
    fn of(bytes: &[u8]) -> Self {
        let mut scan = Self { lines: Vec::new(), good_bytes: 0, link: GENESIS.to_owned(), damage: None };
        let mut sequence = 0u64;
        let mut rest = bytes;
        while !rest.is_empty() {
            let (raw, next) = match rest.iter().position(|byte| *byte == b'\n') {
                Some(end) => (rest.get(..end).unwrap_or_default(), rest.get(end + 1..).unwrap_or_default()),
                None => (rest, &[][..]),
            };
            let whole = raw.len() + 1 + next.len() == rest.len();
            let read = if whole { read_line(raw, &scan.link) } else { None };
            let follows = |line: &Line| match line {
                Line::Edit(edit) => sequence.checked_add(1) == Some(edit.sequence),
                Line::Record { .. } => true,
            };
            match read.filter(|(line, _)| follows(line)) {
                Some((line, link)) => {
                    sequence += u64::from(matches!(line, Line::Edit(_)));
                    scan.lines.push(line);
                    scan.link = link;
                    scan.good_bytes += raw.len() as u64 + 1;
                }
                None => {
                    // A torn line has no end, or holes where sectors were never written, and nothing after it. Anything else was once
                    // a line, and is worth keeping.
                    let torn = next.is_empty() && (!whole || raw.contains(&0));
                    let line = scan.lines.len() + 1;
                    scan.damage = Some(if torn { Found::TornEnd } else { Found::Middle { line } });
                    break;
                }
            }
            rest = next;
        }
        scan
    }
}

fn json_of(line: &impl Serialize) -> Result<String, PortError> {
    serde_json::to_string(line)
        .map_err(|e| Fault::new("The edit could not be written down.", "Undo it and try again.", e).into())
}

fn read_line(raw: &[u8], link: &str) -> Option<(Line, String)> {
    let (own_link, own_sum, json) = parts(raw)?;
    (own_link == link && own_sum == sum(link, json)).then_some(())?;
    Some((serde_json::from_str(json).ok()?, own_sum.to_owned()))
}

fn parts(raw: &[u8]) -> Option<(&str, &str, &str)> {
    let text = std::str::from_utf8(raw).ok()?;
    let mut fields = text.splitn(4, ' ');
    (fields.next()? == MAGIC).then_some(())?;
    Some((fields.next()?, fields.next()?, fields.next()?))
}

fn sum(link: &str, json: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(link.as_bytes());
    hasher.update(b" ");
    hasher.update(json.as_bytes());
    hasher.finalize().to_hex().chars().take(32).collect()
}

/// The tail is safe under its own name before it is cut from the journal.
fn set_aside(disk: &dyn Disk, path: &Path, keep: u64, tail: &[u8]) -> Result<PathBuf, PortError> {
    let aside = free_name(disk, path);
    disk.write(&aside, tail)
        .and_then(|()| disk.sync_file(&aside))
        .and_then(|()| path.parent().map_or(Ok(()), |folder| disk.sync_folder(folder)))
        .and_then(|()| disk.truncate(path, keep))
        .and_then(|()| disk.sync_file(path))
        .map_err(|error| unmended(path, &error))?;
    Ok(aside)
}

fn free_name(disk: &dyn Disk, path: &Path) -> PathBuf {
    (1..).map(|n| path.with_extension(format!("aside-{n}"))).find(|name| !disk.exists(name)).unwrap_or_default()
}

fn unreadable(path: &Path, error: &std::io::Error) -> PortError {
    Fault::new(
        format!("The film's journal ({}) could not be read.", path.display()),
        "Check that the disk is connected and that you may read the project folder, then open the film again.",
        error,
    )
    .into()
}

fn unmended(path: &Path, error: &std::io::Error) -> PortError {
    Fault::new(
        format!("The film's journal ({}) has a damaged end that could not be mended.", path.display()),
        "Check that the disk is connected and not full and that you may write to the project folder, then open the film again.",
        error,
    )
    .into()
}

fn unwritable(path: &Path, error: &std::io::Error) -> PortError {
    let full = error.kind() == ErrorKind::StorageFull || error.kind() == ErrorKind::QuotaExceeded;
    let what = if full {
        "The disk is full, so the edit was not made; the film is as it was before.".to_owned()
    } else {
        format!("The edit could not be written to {}; the film is as it was before.", path.display())
    };
    let remedy = if full {
        "Free some space, then do it again."
    } else {
        "Check that the disk is connected and that you may write to the project folder, then do it again."
    };
    Fault::new(what, remedy, error).into()
}
