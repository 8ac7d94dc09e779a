//! A place in the vault for what is recorded before anybody has consented: sealed from its first byte, and destroyed unless it is put on record.
//!
//! It has a key of its own, so that destroying that key ends every attempt at once, and it is in no list. What a killed studio left behind is
//! destroyed before the next one begins: without a consent there is nothing to keep it for.

use super::Consents;
use crate::problem::Trouble;
use kinora_document::CameoId;
use kinora_ports::vault::Sealing;
use kinora_ports::{Keep, Vault};
use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) type StagedList = Arc<Mutex<BTreeSet<CameoId>>>;

pub struct Staged {
    vault: Arc<dyn Vault>,
    cameo: CameoId,
    all: StagedList,
}

impl std::fmt::Debug for Staged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Staged").finish_non_exhaustive()
    }
}

impl Staged {
    /// For a recording under way.
    pub fn keep(&self, name: &str) -> Result<Box<dyn Keep>, Trouble> {
        Ok(Box::new(SealedKeep(self.vault.sealing(self.cameo, name)?)))
    }
    /// Whole pieces of a recording that was given a keep.
    pub fn torn(&self, name: &str) -> Result<Vec<u8>, Trouble> {
        Ok(self.vault.read_torn(self.cameo, name)?)
    }
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Trouble> {
        Ok(self.vault.write(self.cameo, name, bytes)?)
    }
    pub fn read(&self, name: &str) -> Result<Vec<u8>, Trouble> {
        Ok(self.vault.read(self.cameo, name)?)
    }
    /// From here on nothing in it can be read, whoever still holds it.
    pub fn end(&self) {
        // A vault that cannot be written keeps sealed bytes that are in no list; the next enrolment destroys them.
        let _ = self.vault.destroy(self.cameo);
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.cameo);
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        self.end();
    }
}

struct SealedKeep(Box<dyn Sealing>);

impl Keep for SealedKeep {
    fn append(&mut self, piece: &[u8]) -> io::Result<()> {
        self.0.append(piece).map_err(|error| io::Error::other(error.to_string()))
    }
    fn sync(&mut self) -> io::Result<()> {
        self.0.sync().map_err(|error| io::Error::other(error.to_string()))
    }
}

impl Consents {
    pub(crate) fn stage(&self) -> Result<Staged, Trouble> {
        let (vault, all) = (self.tools.vault.clone(), self.staged.clone());
        let _held = vault.hold()?;
        self.sweep()?;
        let cameo = CameoId(self.tools.entropy.random_u128());
        vault.create(cameo)?;
        all.lock().unwrap_or_else(PoisonError::into_inner).insert(cameo);
        Ok(Staged { vault, cameo, all })
    }

    pub(super) fn is_staged(&self, cameo: CameoId) -> bool {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner).contains(&cameo)
    }

    /// Whatever has a key and was never on record.
    fn sweep(&self) -> Result<(), Trouble> {
        let mut state = self.lock();
        let heads = state.records.heads()?;
        for cameo in self.tools.vault.cameos()? {
            let known = heads.ledgers.contains_key(&cameo) || heads.deleted.contains(&cameo);
            if !known && !self.is_staged(cameo) && state.records.text(cameo)?.is_empty() {
                self.tools.vault.destroy(cameo)?;
            }
        }
        Ok(())
    }
}
