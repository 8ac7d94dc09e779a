//! sled beside the journal: the film, its records and its history in trees, for quick opening. Expendable by design.
//!
//! The history says what was done; the patches are in the journal alone, which is read at every opening. Each append writes the touched rows,
//! then the stamp: the journal's link, a sum over all rows of the film, and the last edit's number. When the stamp found at opening is not the
//! journal's, or the rows do not add up to it (sled behind, ahead, damaged, deleted, or refusing to open), the mirror is made anew from the
//! ledger. sled can panic on a damaged file; that is caught here and counts as "unreadable".

use crate::rows::{self, Rows};
use kinora_document::{Film, GestureId, Role};
use kinora_ports::store::Edit;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

const STAMP: &[u8] = b"stamp";
/// Raised when the layout of the trees changes; another value means: make it anew.
const FORM: u32 = 5;

/// What a mirror says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    form: u32,
    link: String,
    sequence: u64,
    #[serde(with = "digits")]
    sum: u128,
}

/// A line of the history.
#[derive(Serialize)]
struct Done<'a> {
    gesture: GestureId,
    label: &'a str,
    role: Role,
}

fn done(edit: &Edit) -> Answer<Vec<u8>> {
    let Edit { gesture, label, role, .. } = edit;
    serde_json::to_vec(&Done { gesture: *gesture, label, role: *role }).map_err(text)
}

mod digits {
    use serde::{Deserialize, Deserializer, Serializer};
    pub fn serialize<S: Serializer>(sum: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{sum:032x}"))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

/// Share of one row in the sum. Shares are combined by exclusive or, so a row can leave and another come without reading the rest.
fn share(key: &[u8], value: &[u8]) -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(key.len() as u64).to_le_bytes());
    hasher.update(key);
    hasher.update(value);
    let mut first = [0; 16];
    hasher.finalize_xof().fill(&mut first);
    u128::from_le_bytes(first)
}

pub struct Mirror {
    database: sled::Db,
    /// `kind/id` → place and entity JSON.
    entities: sled::Tree,
    history: sled::Tree,
    records: sled::Tree,
    meta: sled::Tree,
    /// The film as the rows have it; None until it was read or written.
    film: Option<Film>,
}

impl std::fmt::Debug for Mirror {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mirror").finish_non_exhaustive()
    }
}

type Answer<T> = Result<T, String>;

/// Runs sled code that may panic on damaged files.
fn guarded<T>(work: impl FnOnce() -> Answer<T>) -> Answer<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("sled stopped with a panic".to_owned()))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Mirror {
    /// sled ends on threads of its own, which hold its lock and may still write by name until they are done.
    pub fn wait_for_release(path: &Path) {
        let Ok(database) = std::fs::File::open(path.join("db")) else { return };
        for _ in 0..100 {
            if !matches!(database.try_lock(), Err(std::fs::TryLockError::WouldBlock)) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    pub fn open(path: &Path) -> Answer<Self> {
        Self::wait_for_release(path);
        guarded(|| {
            // 16 MiB of cache is plenty for a film; sled's default is a gigabyte.
            let database = sled::Config::new().path(path).cache_capacity(16 << 20).open().map_err(text)?;
            Ok(Self {
                entities: database.open_tree("entities").map_err(text)?,
                history: database.open_tree("history").map_err(text)?,
                records: database.open_tree("records").map_err(text)?,
                meta: database.open_tree("meta").map_err(text)?,
                database,
                film: None,
            })
        })
    }

    /// The film, if this mirror stands exactly at `link`.
    pub fn film_at(&mut self, link: &str, beginning: &Film) -> Option<Film> {
        let film = guarded(|| {
            let stamp = self.stamp()?;
            if stamp.link != link {
                return Err("behind".to_owned());
            }
            self.read_film(beginning, stamp.sum)
        });
        self.film = film.ok();
        self.film.clone()
    }

    /// The journal's link and the number of the last edit that this mirror has seen. None when it cannot say.
    pub fn stands_at(&self) -> Option<(String, u64)> {
        guarded(|| self.stamp_of_any_form()).ok().map(|stamp| (stamp.link, stamp.sequence))
    }

    /// Whether another Kinora wrote it, whose rows mean something else.
    pub fn is_of_another_form(&self) -> bool {
        guarded(|| self.stamp_of_any_form()).is_ok_and(|stamp| stamp.form != FORM)
    }

    fn stamp(&self) -> Answer<Stamp> {
        let stamp = self.stamp_of_any_form()?;
        if stamp.form == FORM { Ok(stamp) } else { Err("of another form".to_owned()) }
    }

    fn stamp_of_any_form(&self) -> Answer<Stamp> {
        let bytes = self.meta.get(STAMP).map_err(text)?.ok_or("no stamp")?;
        serde_json::from_slice(&bytes).map_err(text)
    }

    fn put_stamp(&self, stamp: &Stamp) -> Answer<()> {
        self.meta.insert(STAMP, serde_json::to_vec(stamp).map_err(text)?).map_err(text)?;
        self.database.flush().map_err(text)?;
        Ok(())
    }

    fn read_film(&self, beginning: &Film, sum: u128) -> Answer<Film> {
        let mut found = 0;
        let mut rows = Vec::new();
        for row in &self.entities {
            let (key, value) = row.map_err(text)?;
            found ^= share(&key, &value);
            rows.push((key, value));
        }
        if found != sum {
            return Err("the rows do not add up".to_owned());
        }
        // Rebuilt through the one way a film changes.
        let mut film = beginning.clone();
        let patch = rows::read(beginning, rows.iter().map(|(key, value)| (key.as_ref(), value.as_ref())))?;
        film.apply(&patch).map_err(text)?;
        Ok(film)
    }

    /// Makes everything anew.
    pub fn rebuild(
        &mut self,
        film: &Film,
        edits: &[Edit],
        records: &BTreeMap<String, String>,
        link: &str,
    ) -> Answer<()> {
        guarded(|| {
            for tree in [&self.meta, &self.entities, &self.history, &self.records] {
                tree.clear().map_err(text)?;
            }
            // Whoever finds this was interrupted here: an index that is behind, not one that is damaged.
            let unfinished = Stamp { form: FORM, link: String::new(), sequence: 0, sum: 0 };
            self.meta.insert(STAMP, serde_json::to_vec(&unfinished).map_err(text)?).map_err(text)?;
            let sum = self.write(rows::all(film)?, 0)?;
            let mut batch = sled::Batch::default();
            for edit in edits {
                batch.insert(&edit.sequence.to_be_bytes(), done(edit)?);
            }
            self.history.apply_batch(batch).map_err(text)?;
            let mut batch = sled::Batch::default();
            for (name, value) in records {
                batch.insert(name.as_bytes(), value.as_bytes());
            }
            self.records.apply_batch(batch).map_err(text)?;
            let sequence = edits.last().map_or(0, |edit| edit.sequence);
            self.put_stamp(&Stamp { form: FORM, link: link.to_owned(), sequence, sum })
        })?;
        self.film = Some(film.clone());
        Ok(())
    }

    /// On an error the rows are what nobody knows; the mirror is then of no use any more.
    pub fn append(&mut self, edit: &Edit, film_after: &Film, link: &str) -> Answer<()> {
        let film = self.film.take().ok_or("neither read nor written yet")?;
        guarded(|| {
            let before = self.stamp()?;
            let held = |key: &str| Ok(self.entities.get(key).map_err(text)?.map(|row| row.to_vec()));
            let sum = self.write(rows::touched(&film, film_after, &edit.patch.0, held)?, before.sum)?;
            self.history.insert(edit.sequence.to_be_bytes(), done(edit)?).map_err(text)?;
            // Last: the old stamp is behind the journal already, so rows without the new one are made anew.
            self.put_stamp(&Stamp { form: FORM, link: link.to_owned(), sequence: edit.sequence, sum })
        })?;
        self.film = Some(film_after.clone());
        Ok(())
    }

    pub fn put_record(&self, name: &str, value: Option<&str>, link: &str) -> Answer<()> {
        guarded(|| {
            let before = self.stamp()?;
            match value {
                Some(value) => self.records.insert(name, value).map_err(text)?,
                None => self.records.remove(name).map_err(text)?,
            };
            self.put_stamp(&Stamp { link: link.to_owned(), ..before })
        })
    }

    /// Writes rows of the film and returns the new sum.
    fn write(&self, rows: Rows, mut sum: u128) -> Answer<u128> {
        let mut batch = sled::Batch::default();
        for (key, value) in rows {
            if let Some(old) = self.entities.get(&key).map_err(text)? {
                sum ^= share(key.as_bytes(), &old);
            }
            match value {
                Some(value) => {
                    sum ^= share(key.as_bytes(), &value);
                    batch.insert(key.as_bytes(), value);
                }
                None => batch.remove(key.as_bytes()),
            }
        }
        self.entities.apply_batch(batch).map_err(text)?;
        Ok(sum)
    }
}
