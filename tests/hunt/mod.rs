//! Hunting for input that breaks a parser: one way for all of them, from the journal's lines to the captions of strangers.
//!
//! A [`Target`] is a parser with the words its format is made of and files to begin from; what is drawn is nearly right, which is where
//! parsers break. A panic or more than a second is a find. Finds are kept in `tests/corpus/NAME` and read by every test run. Everything is
//! drawn from a seed; nothing here may write outside the scratch folder it is given.

#![allow(dead_code, reason = "the test and the long hunt each use their part")]

#[path = "../../crates/screenplay/tests/support/chance.rs"]
pub mod chance;
#[path = "../../crates/screenplay/tests/support/corpus.rs"]
pub mod corpus;
#[path = "../../crates/screenplay/tests/support/damage.rs"]
pub mod damage;
pub mod films;
pub mod targets;

use chance::Chance;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Nothing of this size may take longer.
const SLOW: Duration = Duration::from_secs(1);
/// Tries at making a find smaller; beyond this it is small enough to look at.
const SHRINKING: usize = 400;

pub struct Target {
    pub name: &'static str,
    pub words: &'static [&'static [u8]],
    /// Sound files to damage, made by the studio itself.
    pub files: fn(&Path) -> Vec<Vec<u8>>,
    /// Reads one file; may use the folder.
    pub read: fn(&[u8], &Path),
}

/// Something that breaks a parser.
#[derive(Debug)]
pub struct Find {
    pub bytes: Vec<u8>,
    pub why: String,
}

pub fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name)
}

impl Target {
    /// What was kept of earlier hunts.
    pub fn corpus(&self) -> Vec<Vec<u8>> {
        let Ok(folder) = std::fs::read_dir(kept(self.name)) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths.iter().filter_map(|path| std::fs::read(path).ok()).collect()
    }

    /// Why these bytes break the parser; None when they do not.
    pub fn fault(&self, bytes: &[u8], scratch: &Path) -> Option<String> {
        let timed = || {
            let started = Instant::now();
            let read = catch_unwind(AssertUnwindSafe(|| (self.read)(bytes, scratch)));
            (read, started.elapsed())
        };
        let (read, mut took) = timed();
        if let Err(panic) = read {
            let words = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            return Some(format!("panic: {}", words.unwrap_or("without words")));
        }
        if took > SLOW {
            // Other programs may have been busy: what is slow is slow again.
            took = (0..3).map(|_| timed().1).fold(took, Duration::min);
        }
        (took > SLOW).then(|| format!("{} bytes take {took:?}", bytes.len()))
    }

    /// Draws files until `go_on` says no. The number of tries, and the first find.
    pub fn hunt(&self, seed: u64, scratch: &Path, mut go_on: impl FnMut(u64) -> bool) -> (u64, Option<Find>) {
        let mut files = (self.files)(scratch);
        files.extend(self.corpus());
        for bytes in &files {
            if let Some(why) = self.fault(bytes, scratch) {
                return (0, Some(Find { bytes: bytes.clone(), why }));
            }
        }
        let all: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
        let (mut chance, mut tries) = (Chance::new(seed), 0);
        while go_on(tries) {
            let whole = chance.pick(&all);
            let bytes = damage::damaged(&mut chance, whole, self.words, &all);
            tries += 1;
            if self.fault(&bytes, scratch).is_some() {
                let bytes = self.shrunk(bytes, scratch);
                let why = self.fault(&bytes, scratch).unwrap_or_else(|| "only once".to_owned());
                return (tries, Some(Find { bytes, why }));
            }
        }
        (tries, None)
    }

    /// Leaves out what is not needed for the fault.
    fn shrunk(&self, mut bytes: Vec<u8>, scratch: &Path) -> Vec<u8> {
        let (mut part, mut left) = (bytes.len() / 2, SHRINKING);
        while part > 0 && left > 0 {
            let mut at = 0;
            while at < bytes.len() && left > 0 {
                let mut fewer = bytes.clone();
                fewer.drain(at..(at + part).min(bytes.len()));
                left -= 1;
                if self.fault(&fewer, scratch).is_some() { bytes = fewer } else { at += part }
            }
            part /= 2;
        }
        bytes
    }
}
