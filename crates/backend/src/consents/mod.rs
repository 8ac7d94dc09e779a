//! The service of consent: the only one who asks a ledger, and through whom everything about cameos goes.
//!
//! An order with a cameo needs a [`ConsentedCameo`], which only a whole ledger of this machine gives ([`kinora_consent`]); here is where it
//! is asked for, with this device's key and the latest time seen. Recordings go into the vault and come out into memory. Nothing about a
//! consent is ever taken from a film, and none is brought in without a person asking for it.

mod adding;
mod export;
mod frames;
mod records;
mod staging;
mod view;

pub use adding::{NewCameo, RecordedCameo};
pub use staging::Staged;

use crate::gate::Gate;
use crate::problem::Trouble;
use kinora_consent::{Ask, ConsentedCameo, Denied, Entry, Ledger};
use kinora_document::{BlobHash, CameoId, CameoUse, PersonKey, Purpose};
use kinora_ports::{Clock, Decoder, Disk, Entropy, Fault, KeyKeeper, Pixels, Vault};
use records::{Records, refused};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the service reaches the world through.
#[derive(Clone)]
pub struct ConsentTools {
    /// The folder of the ledgers, readable by this account alone.
    pub disk: Arc<dyn Disk>,
    pub vault: Arc<dyn Vault>,
    pub keeper: Arc<dyn KeyKeeper>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub decoder: Arc<dyn Decoder>,
    pub gate: Arc<Gate>,
}

impl std::fmt::Debug for ConsentTools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConsentTools").finish_non_exhaustive()
    }
}

pub struct Consents {
    tools: ConsentTools,
    state: Mutex<State>,
    /// Being recorded now, and on no record yet.
    staged: staging::StagedList,
}

struct State {
    records: Records,
    /// The list of ends as it was when a use was last allowed: while it is the same, nothing was revoked.
    allowed_at: Option<Vec<u8>>,
}

impl std::fmt::Debug for Consents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Consents").finish_non_exhaustive()
    }
}

impl Consents {
    /// Touches nothing on disk and no keychain before the first question about a cameo.
    pub fn new(tools: ConsentTools) -> Self {
        let records = Records::new(tools.disk.clone(), tools.keeper.clone(), tools.clock.clone());
        Self { tools, state: Mutex::new(State { records, allowed_at: None }), staged: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What others know this machine's person by.
    pub fn who_am_i(&self) -> Result<PersonKey, Trouble> {
        Ok(self.lock().records.key()?.public())
    }

    /// Allowed now, or refused with the reason.
    pub fn permit(&self, using: CameoUse) -> Result<ConsentedCameo, Trouble> {
        let (answer, note) = {
            let mut state = self.lock();
            let raw = state.records.raw_heads()?;
            let heads = state.records.heads()?;
            let ledger = state.records.ledger(&heads, using.cameo)?;
            let who = state.records.key()?.public();
            let now_millis = state.records.now(&heads);
            let answer = ledger.permit(&Ask { using, who, now_millis });
            state.allowed_at = answer.is_ok().then_some(raw).flatten();
            // A time that ended a consent has been seen, whatever the clock says next.
            let ended = matches!(answer, Err(Denied::Expired { .. }));
            (answer, state.records.worth_noting(&heads, ended))
        };
        if note {
            // A disk that cannot be written changes no answer.
            let _ = self.note_time();
        }
        answer.map_err(refused)
    }

    fn note_time(&self) -> Result<(), Trouble> {
        let _held = self.tools.vault.hold()?;
        self.lock().records.note_time()
    }

    /// Whether what was allowed still is: asked while work goes on, so it must cost next to nothing while nothing changed.
    pub fn still_holds(&self, consented: &ConsentedCameo) -> Result<(), Trouble> {
        let unchanged = {
            let state = self.lock();
            let raw = state.records.raw_heads()?;
            raw.is_some() && raw == state.allowed_at
        };
        let in_time = consented.until_millis().is_none_or(|until| self.tools.clock.unix_millis() < until);
        if unchanged && in_time { Ok(()) } else { self.permit(consented.using()).map(drop) }
    }

    /// The likeness, for an engine: best pictures first, in memory only.
    pub fn pictures(&self, consented: &ConsentedCameo) -> Result<Vec<Arc<Pixels>>, Trouble> {
        let cameo = consented.using().cameo;
        let names = self.tools.vault.names(cameo)?;
        let pictures = names.iter().filter(|sealed| sealed.name.starts_with(adding::PICTURE));
        pictures.map(|sealed| Ok(Arc::new(from_png(&self.tools.vault.read(cameo, &sealed.name)?)?))).collect()
    }

    /// A use of the newest consent on record, for something new; whether it holds is asked with [`Self::permit`].
    pub fn newest(&self, cameo: CameoId, purpose: Purpose) -> Result<(CameoUse, Vec<BlobHash>), Trouble> {
        let ledger = self.ledger(cameo)?;
        let standing = ledger.current().ok_or_else(|| refused(Denied::Missing))?;
        let recordings = standing.signed.consent().recordings.clone();
        Ok((CameoUse { cameo, consent: standing.hash, purpose }, recordings))
    }

    /// One of the recordings that the consent names, unsealed into memory.
    pub fn recording(&self, consented: &ConsentedCameo, recording: BlobHash) -> Result<Arc<[u8]>, Trouble> {
        let using = consented.using();
        let ledger = self.ledger(using.cameo)?;
        let standing = ledger.consents().iter().find(|standing| standing.hash == using.consent);
        let standing = standing.ok_or_else(|| refused(Denied::Missing))?;
        let number = standing.signed.consent().recordings.iter().position(|hash| *hash == recording);
        let number = number.ok_or_else(no_recording)? + 1;
        let names = self.tools.vault.names(using.cameo)?;
        let own = format!("{}{number}", adding::RECORDING);
        let is_it = |name: &str| name == own || name.strip_prefix(&own).is_some_and(|rest| rest.starts_with('.'));
        let sealed = names.iter().find(|sealed| is_it(&sealed.name)).ok_or_else(no_recording)?;
        Ok(self.tools.vault.read(using.cameo, &sealed.name)?.into())
    }

    /// Ids of the protected list that a use frees: those its subject's name matches, when they attested to be that person.
    pub fn freed(&self, consented: &ConsentedCameo) -> Result<BTreeSet<String>, Trouble> {
        let using = consented.using();
        let ledger = self.ledger(using.cameo)?;
        let attested = ledger
            .consents()
            .iter()
            .any(|standing| standing.hash == using.consent && standing.signed.consent().attestation.is_some());
        Ok(if attested {
            self.tools.gate.people_named(consented.name())?.into_iter().collect()
        } else {
            BTreeSet::new()
        })
    }

    /// Notes that a take was made, in the subject's own list.
    pub fn note_use(&self, consented: &ConsentedCameo, take: BlobHash, film: &str, shot: &str) -> Result<(), Trouble> {
        let using = consented.using();
        let entry = Entry::Used { consent: using.consent, take, film: clipped(film), shot: clipped(shot) };
        self.append(using.cameo, entry).map(drop)
    }

    /// Takes every consent of the cameo back that is not taken back yet. The hashes of all of them.
    pub fn revoke(&self, cameo: CameoId) -> Result<Vec<BlobHash>, Trouble> {
        let ledger = self.ledger(cameo)?;
        for standing in ledger.consents().iter().filter(|standing| standing.revoked_at.is_none()) {
            self.append(cameo, Entry::Revoked { consent: standing.hash })?;
        }
        // What was taken back before may have been written and not yet be durable: its disk failed in between.
        self.lock().records.settle(cameo)?;
        Ok(ledger.consents().iter().map(|standing| standing.hash).collect())
    }

    /// Of these uses, the consents that were taken back. Those of cameos that are not on record here are not: nothing is known of them.
    pub fn withdrawn(&self, used: &BTreeSet<CameoUse>) -> Result<Vec<BlobHash>, Trouble> {
        if used.is_empty() {
            return Ok(Vec::new());
        }
        let mut state = self.lock();
        let heads = state.records.heads()?;
        let mut found = Vec::new();
        for using in used {
            if heads.deleted.contains(&using.cameo) {
                found.push(using.consent);
            } else if heads.ledgers.contains_key(&using.cameo) {
                let ledger = state.records.ledger(&heads, using.cameo)?;
                let back = |hash| ledger.consents().iter().any(|own| own.hash == hash && own.revoked_at.is_some());
                found.extend(back(using.consent).then_some(using.consent));
            }
        }
        Ok(found)
    }

    /// Notes that takes were destroyed in a film.
    pub fn note_purge(&self, cameo: CameoId, consent: BlobHash, takes: u32, film: &str) -> Result<(), Trouble> {
        self.append(cameo, Entry::Purged { consent, takes, film: clipped(film) }).map(drop)
    }

    fn ledger(&self, cameo: CameoId) -> Result<Ledger, Trouble> {
        let mut state = self.lock();
        let heads = state.records.heads()?;
        state.records.ledger(&heads, cameo)
    }

    fn append(&self, cameo: CameoId, entry: Entry) -> Result<Ledger, Trouble> {
        let _held = self.tools.vault.hold()?;
        self.lock().records.append(cameo, entry)
    }
}

fn no_recording() -> Trouble {
    Trouble::refuse(
        "cameo.no_recording",
        "That recording is not among those of the cameo.",
        "Choose one of the recordings that the Cameo room lists.",
    )
}

/// A film's name may be longer than a record takes.
fn clipped(name: &str) -> String {
    let end = name.floor_char_boundary(kinora_document::limits::NAME_BYTES);
    name.get(..end).unwrap_or_default().to_owned()
}

fn from_png(bytes: &[u8]) -> Result<Pixels, Trouble> {
    let broken = |detail: &dyn std::fmt::Display| {
        Trouble::from(Fault::new("A picture of the cameo cannot be read.", "Add the cameo again.", detail))
    };
    let image =
        image::load_from_memory_with_format(bytes, image::ImageFormat::Png).map_err(|e| broken(&e))?.into_rgba8();
    let (width, height) = image.dimensions();
    Pixels::from_rgba(width, height, image.into_raw()).ok_or_else(|| broken(&"its size"))
}
