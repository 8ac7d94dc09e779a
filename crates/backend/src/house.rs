//! The rules of this house: which profile holds, the PIN that guards it, the opt-out lists that were added, and what was decided.
//!
//! Kept in one folder of the person's data, never in a project: a film that is passed on carries nobody's rules. The PIN is kept salted and
//! hashed slowly; words of what was refused are kept only when the person wants that. Whoever owns this account can delete the folder.

use crate::problem::Trouble;
use kinora_api::{Decision, HouseProfile, OptOutList};
use kinora_policy::{MAX_PACK_BYTES, Pack, PackError, Power, Trust};
use kinora_ports::{Clock, Disk, Entropy, Fault};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const RULES: &str = "house.json";
const LOG: &str = "decisions.jsonl";
const LISTS: &str = "lists";
/// About two thousand decisions; the older half goes when it is full.
const LOG_BYTES: u64 = 256 * 1024;
/// Decisions that a person is shown.
const SHOWN_DECISIONS: usize = 50;
/// Of a refused text, when it is kept: enough to recognise it.
const KEPT_CHARACTERS: usize = 200;
/// Opt-out lists; each is built into the matcher at the first question.
const MOST_LISTS: usize = 32;
/// A PIN of six digits has a million values: at this many rounds, trying them all takes hours and typing one takes no time.
const ROUNDS: u32 = 200_000;
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=12;

/// What is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    profile: HouseProfile,
    pin: Option<Pin>,
    keeps_words: bool,
    lists: Vec<OptOutList>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Pin {
    salt: String,
    rounds: u32,
    hash: String,
}

impl Pin {
    fn new(digits: &str, salt: &str) -> Self {
        Self { salt: salt.to_owned(), rounds: ROUNDS, hash: slow_hash(digits, salt, ROUNDS) }
    }

    fn fits(&self, digits: &str) -> bool {
        // A file that asks for more rounds than ours would hold the studio up.
        let hash = slow_hash(digits, &self.salt, self.rounds.min(ROUNDS));
        // Every byte is looked at, so that the time says nothing.
        hash.len() == self.hash.len() && hash.bytes().zip(self.hash.bytes()).fold(0, |off, (a, b)| off | (a ^ b)) == 0
    }
}

fn slow_hash(digits: &str, salt: &str, rounds: u32) -> String {
    let key = blake3::derive_key("kinora house pin 1", salt.as_bytes());
    let mut hash = blake3::keyed_hash(&key, digits.as_bytes());
    for _ in 0..rounds {
        hash = blake3::keyed_hash(&key, hash.as_bytes());
    }
    hash.to_hex().to_string()
}

pub struct House {
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    stored: Mutex<Stored>,
    /// The last decision kept: the same text or picture is judged when it is queued and again when it is made.
    last: Mutex<Option<blake3::Hash>>,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("House").finish_non_exhaustive()
    }
}

impl House {
    /// `disk` is a folder of its own. Rules that cannot be read are a fault and never the mildest profile.
    pub fn open(disk: Arc<dyn Disk>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, Trouble> {
        let stored = if disk.exists(Path::new(RULES)) {
            let bytes = disk.read(Path::new(RULES)).map_err(|e| unreadable(&e))?;
            serde_json::from_slice(&bytes).map_err(|e| unreadable(&e))?
        } else {
            Stored::default()
        };
        Ok(Self { disk, clock, entropy, stored: Mutex::new(stored), last: Mutex::new(None) })
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn profile(&self) -> HouseProfile {
        self.stored().profile
    }

    pub fn has_pin(&self) -> bool {
        self.stored().pin.is_some()
    }

    pub fn keeps_words(&self) -> bool {
        self.stored().keeps_words
    }

    pub fn lists(&self) -> Vec<OptOutList> {
        self.stored().lists.clone()
    }

    /// Refused when there is a PIN and this is another.
    pub fn admit(&self, pin: Option<&str>) -> Result<(), Trouble> {
        let Some(kept) = self.stored().pin.clone() else { return Ok(()) };
        if pin.is_some_and(|pin| kept.fits(pin.trim())) {
            return Ok(());
        }
        Err(match pin {
            None => Trouble::refuse(
                "policy.pin_needed",
                "The rules of this house are guarded by a PIN.",
                "Ask whoever set it, and type it to change them.",
            ),
            Some(_) => Trouble::refuse("policy.pin_wrong", "That is another PIN.", "Type it again."),
        })
    }

    /// Who may, has been asked with [`Self::admit`].
    pub fn set_profile(&self, profile: HouseProfile) -> Result<(), Trouble> {
        self.change(|stored| stored.profile = profile)
    }

    pub fn set_keeps_words(&self, keeps_words: bool) -> Result<(), Trouble> {
        self.change(|stored| stored.keeps_words = keeps_words)
    }

    /// An empty one takes it away.
    pub fn set_pin(&self, digits: &str) -> Result<(), Trouble> {
        let digits = digits.trim();
        if !digits.is_empty() && (!PIN_DIGITS.contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit())) {
            return Err(Trouble::refuse(
                "policy.pin_shape",
                "A PIN is 4 to 12 digits.",
                "Choose one that you will remember: nobody can read it back to you.",
            ));
        }
        let salt = format!("{:032x}", self.entropy.random_u128());
        let pin = (!digits.is_empty()).then(|| Pin::new(digits, &salt));
        self.change(|stored| stored.pin = pin)
    }

    /// Puts a signed list in force. That a person chose the file is why its key is believed: a list can only add refusals.
    pub fn add_list(&self, bytes: &[u8], signature: &str) -> Result<OptOutList, Trouble> {
        let key = signature.lines().find_map(|line| line.trim().strip_prefix("key:")).unwrap_or_default().trim();
        let pack = read_list(bytes, signature, key).map_err(|e| not_taken(&e))?;
        if !pack.is_opt_out() {
            return Err(not_taken(&PackError::NotForThisKey { key: key.to_owned() }));
        }
        let list = OptOutList {
            name: pack.name().to_owned(),
            version: pack.version(),
            holder: pack.holder().to_owned(),
            key: key.to_owned(),
        };
        let lists = self.lists();
        match lists.iter().find(|held| held.name == list.name) {
            Some(held) if held.key != list.key => {
                return Err(not_taken(&PackError::AnotherMaker { name: list.name }));
            }
            Some(held) if held.version > list.version => {
                let (name, offered) = (list.name, list.version);
                return Err(not_taken(&PackError::Older { name, offered, held: held.version }));
            }
            None if lists.len() >= MOST_LISTS => {
                return Err(Trouble::refuse(
                    "policy.lists",
                    format!("There are {MOST_LISTS} opt-out lists already, which is the most."),
                    "Remove one that is not needed.",
                ));
            }
            _ => {}
        }
        let (file, beside) = files_of(&list.name);
        let written = self
            .disk
            .create_folder(Path::new(LISTS))
            .and_then(|()| self.keep(&file, bytes))
            .and_then(|()| self.keep(&beside, signature.as_bytes()));
        written.map_err(|e| not_kept(&e))?;
        self.change(|stored| {
            stored.lists.retain(|held| held.name != list.name);
            stored.lists.push(list.clone());
        })?;
        Ok(list)
    }

    pub fn remove_list(&self, name: &str) -> Result<(), Trouble> {
        if !self.lists().iter().any(|held| held.name == name) {
            return Err(Trouble::refuse("policy.no_list", format!("There is no opt-out list called “{name}”."), ""));
        }
        self.change(|stored| stored.lists.retain(|held| held.name != name))?;
        let (file, beside) = files_of(name);
        // The list is out of force already; a file left over does no harm.
        let _ = self.disk.remove(&file).and_then(|()| self.disk.remove(&beside));
        Ok(())
    }

    /// The lists in force, and a sentence for each that cannot be read.
    pub fn packs(&self) -> (Vec<Pack>, Vec<String>) {
        let (mut packs, mut problems) = (Vec::new(), Vec::new());
        for list in self.lists() {
            let (file, beside) = files_of(&list.name);
            let read = self.disk.read(&file).and_then(|bytes| Ok((bytes, self.disk.read(&beside)?)));
            let pack = read.map_err(|e| e.to_string()).and_then(|(bytes, signature)| {
                read_list(&bytes, &String::from_utf8_lossy(&signature), &list.key).map_err(|e| e.to_string())
            });
            match pack {
                Ok(pack) => packs.push(pack),
                Err(why) => {
                    problems.push(format!("The opt-out list “{}” is not in force: {why}. Import it again.", list.name));
                }
            }
        }
        (packs, problems)
    }

    /// Keeps what was decided; a log that cannot be written is no reason to decide otherwise.
    pub fn note(&self, place: &str, refused: bool, rules: Vec<String>, text: &str) {
        let stored = self.stored().clone();
        let words = (stored.keeps_words && refused).then(|| text.chars().take(KEPT_CHARACTERS).collect());
        self.log(place, refused, rules, words, text.as_bytes());
    }

    /// The same of a picture that was refused: it has no words, and nothing of it is kept.
    pub fn note_picture(&self, place: &str, rule: &str, hash: &[u8]) {
        self.log(place, true, vec![rule.to_owned()], None, hash);
    }

    /// `judged` tells one decision from the next.
    fn log(&self, place: &str, refused: bool, rules: Vec<String>, words: Option<String>, judged: &[u8]) {
        let profile = self.profile();
        let hash = blake3::hash(&[format!("{place}\n{profile:?}\n{refused}\n").as_bytes(), judged].concat());
        if self.last.lock().unwrap_or_else(PoisonError::into_inner).replace(hash) == Some(hash) {
            return;
        }
        let at = self.clock.unix_millis();
        let decision = Decision { at, place: place.to_owned(), profile, refused, rules, words };
        let Ok(mut line) = serde_json::to_vec(&decision) else { return };
        line.push(b'\n');
        let log = Path::new(LOG);
        let _ = self.disk.create_folder(Path::new(""));
        if self.disk.length(log).unwrap_or(0) + line.len() as u64 > LOG_BYTES {
            self.shorten_log();
        }
        let _ = self.disk.append(log, &line);
    }

    fn shorten_log(&self) {
        let log = Path::new(LOG);
        let text = self.disk.read(log).unwrap_or_default();
        let newer = text.get(text.len() / 2..).unwrap_or_default();
        let first = newer.iter().position(|byte| *byte == b'\n').map_or(newer.len(), |at| at + 1);
        let _ = self.keep(log, newer.get(first..).unwrap_or_default());
    }

    /// Newest first.
    pub fn decisions(&self) -> Vec<Decision> {
        let text = self.disk.read(Path::new(LOG)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        text.lines().rev().filter_map(|line| serde_json::from_str(line).ok()).take(SHOWN_DECISIONS).collect()
    }

    fn change(&self, change: impl FnOnce(&mut Stored)) -> Result<(), Trouble> {
        let mut stored = self.stored();
        let mut changed = stored.clone();
        change(&mut changed);
        let json = serde_json::to_vec_pretty(&changed).map_err(|e| not_kept(&e))?;
        let written = self.disk.create_folder(Path::new("")).and_then(|()| self.keep(Path::new(RULES), &json));
        written.map_err(|e| not_kept(&e))?;
        *stored = changed;
        Ok(())
    }

    /// Whole or not at all.
    fn keep(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let part = path.with_extension("part");
        self.disk.write(&part, bytes)?;
        self.disk.sync_file(&part)?;
        self.disk.rename(&part, path)
    }
}

fn read_list(bytes: &[u8], signature: &str, key: &str) -> Result<Pack, PackError> {
    if bytes.len() > MAX_PACK_BYTES {
        return Err(PackError::TooLarge { bytes: bytes.len() });
    }
    Pack::read(bytes, signature, &Trust::nobody().and(key, Power::OptOut)?)
}

/// A list and its signature, named by the hash of its name: a pack may call itself anything.
fn files_of(name: &str) -> (PathBuf, PathBuf) {
    let name = blake3::hash(name.as_bytes()).to_hex();
    let file = |kind: &str| Path::new(LISTS).join(format!("{}.{kind}", name.get(..16).unwrap_or_default()));
    (file("json"), file("sig"))
}

fn not_taken(why: &PackError) -> Trouble {
    Trouble::refuse("policy.list", format!("The list was not taken: {why}."), "Nothing was changed.")
}

fn not_kept(detail: &dyn std::fmt::Display) -> Trouble {
    let what = "The rules of this house could not be kept; they are as they were.";
    Fault::new(what, "Check that the disk is not full and that your data folder can be written.", detail).into()
}

fn unreadable(detail: &dyn std::fmt::Display) -> Trouble {
    let what = "The rules of this house cannot be read, so nothing can be judged and nothing can be made.";
    Fault::new(what, "Restore or delete the file policy/house.json in Kinora's data folder.", detail).into()
}

#[cfg(test)]
#[path = "house_tests.rs"]
mod tests;
