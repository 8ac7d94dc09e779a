//! A vault and a keeper of secrets in memory, and what every vault must do, as a check that any of them can be put through.
//!
//! The fake seals nothing: it is for tests of what happens around a vault, and never for a person's recordings.

use crate::vault::{Held, Keeping, Passphrase, Place, Sealed, Sealing, Secret};
use crate::{Fault, KeyKeeper, PortError, Refusal, Vault};
use kinora_document::CameoId;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// By cameo, then by name; a torn file has the ending `.part`.
type Files = BTreeMap<CameoId, BTreeMap<String, Vec<u8>>>;

#[derive(Clone, Debug, Default)]
pub struct MemoryVault(Arc<Mutex<Files>>);

impl MemoryVault {
    fn files(&self) -> MutexGuard<'_, Files> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn get(&self, cameo: CameoId, name: &str) -> Result<Vec<u8>, PortError> {
        let found = self.files().get(&cameo).and_then(|files| files.get(name).cloned());
        found.ok_or_else(|| Refusal::new("vault.no_key", "It is not in the vault.", "Record it again.").into())
    }
}

struct MemorySealing {
    vault: MemoryVault,
    cameo: CameoId,
    name: String,
    bytes: Vec<u8>,
}

impl MemorySealing {
    fn put(&self, name: String) -> Result<(), PortError> {
        let mut files = self.vault.files();
        let own = files.get_mut(&self.cameo);
        let own = own.ok_or_else(|| Fault::new("The cameo is gone.", "Record it again.", "no such cameo"))?;
        own.insert(name, self.bytes.clone());
        Ok(())
    }
}

impl Sealing for MemorySealing {
    fn append(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
    fn sync(&mut self) -> Result<(), PortError> {
        self.put(format!("{}.part", self.name))
    }
    fn finish(self: Box<Self>) -> Result<(), PortError> {
        if let Some(files) = self.vault.files().get_mut(&self.cameo) {
            files.remove(&format!("{}.part", self.name));
        }
        self.put(self.name.clone())
    }
}

struct Nobody;
impl Held for Nobody {}

impl Vault for MemoryVault {
    fn hold(&self) -> Result<Box<dyn Held>, PortError> {
        Ok(Box::new(Nobody))
    }
    fn create(&self, cameo: CameoId) -> Result<(), PortError> {
        let mut files = self.files();
        if files.contains_key(&cameo) {
            return Err(Refusal::new("vault.exists", "It is in the vault already.", "Choose it there.").into());
        }
        files.insert(cameo, BTreeMap::new());
        Ok(())
    }
    fn cameos(&self) -> Result<Vec<CameoId>, PortError> {
        Ok(self.files().keys().copied().collect())
    }
    fn sealing(&self, cameo: CameoId, name: &str) -> Result<Box<dyn Sealing>, PortError> {
        if !self.files().contains_key(&cameo) {
            return Err(Refusal::new("vault.no_key", "It is not in the vault.", "Record it again.").into());
        }
        let (vault, name, bytes) = (self.clone(), name.to_owned(), Vec::new());
        Ok(Box::new(MemorySealing { vault, cameo, name, bytes }))
    }
    fn read(&self, cameo: CameoId, name: &str) -> Result<Vec<u8>, PortError> {
        self.get(cameo, name)
    }
    fn read_torn(&self, cameo: CameoId, name: &str) -> Result<Vec<u8>, PortError> {
        self.get(cameo, &format!("{name}.part"))
    }
    fn names(&self, cameo: CameoId) -> Result<Vec<Sealed>, PortError> {
        let files = self.files();
        let own = files.get(&cameo).into_iter().flatten().filter(|(name, _)| !name.ends_with(".part"));
        Ok(own.map(|(name, bytes)| Sealed { name: name.clone(), bytes: bytes.len() as u64 }).collect())
    }
    fn destroy(&self, cameo: CameoId) -> Result<Vec<String>, PortError> {
        let gone = self.files().remove(&cameo).map(|_| "It was only in memory.".to_owned());
        Ok(gone.into_iter().collect())
    }
}

/// A secret that every test knows.
#[derive(Debug, Default)]
pub struct MemoryKeeper {
    pub secret: [u8; 32],
    counter: AtomicU64,
}

impl MemoryKeeper {
    pub fn new(secret: u8) -> Self {
        Self { secret: [secret; 32], counter: AtomicU64::new(0) }
    }
}

impl KeyKeeper for MemoryKeeper {
    fn keeping(&self) -> Keeping {
        Keeping::Ready
    }
    fn place(&self) -> String {
        "memory".to_owned()
    }
    fn decide(&self, _: &Place) -> Result<(), PortError> {
        Ok(())
    }
    fn unlock(&self, _: &Passphrase) -> Result<(), PortError> {
        Ok(())
    }
    fn root(&self) -> Result<Secret, PortError> {
        Ok(Secret::new(self.secret))
    }
    fn counter(&self) -> Result<u64, PortError> {
        Ok(self.counter.load(Ordering::SeqCst))
    }
    fn count_to(&self, counter: u64) -> Result<(), PortError> {
        self.counter.store(counter, Ordering::SeqCst);
        Ok(())
    }
}

/// `vault` is empty.
pub fn vault_contract(vault: &dyn Vault) -> Result<(), String> {
    let (one, other) = (CameoId(1), CameoId(2));
    let works = |what: &str, result: Result<(), PortError>| result.map_err(|error| format!("{what} failed: {error}"));
    let refused = |what: &str, refused: bool| if refused { Ok(()) } else { Err(format!("{what} worked")) };
    refused("sealing without a key", vault.sealing(one, "a").is_err())?;
    works("a key", vault.create(one))?;
    works("another key", vault.create(other))?;
    refused("a second key", vault.create(one).is_err())?;
    let long: Vec<u8> = (0..200_000u32).flat_map(u32::to_le_bytes).collect();
    for (name, bytes) in [("clip-1.mp4", long.as_slice()), ("empty", &[]), ("short", b"x")] {
        works("writing", vault.write(one, name, bytes))?;
        let back = vault.read(one, name).map_err(|error| format!("reading {name} failed: {error}"))?;
        if back != bytes {
            return Err(format!("{name} came back as {} bytes instead of {}", back.len(), bytes.len()));
        }
    }
    works("writing again", vault.write(one, "short", b"y"))?;
    refused("an old content", vault.read(one, "short").as_deref() == Ok(b"y"))?;
    refused("a file of another cameo", vault.read(other, "short").is_err())?;
    refused("what was never sealed", vault.read(one, "nothing").is_err())?;
    let names: Vec<String> =
        vault.names(one).map_err(|e| e.to_string())?.into_iter().map(|sealed| sealed.name).collect();
    refused("another list of names", names == ["clip-1.mp4", "empty", "short"])?;
    let mut torn = vault.sealing(one, "torn").map_err(|e| e.to_string())?;
    works("appending", torn.append(b"first").and_then(|()| torn.append(b" second")).and_then(|()| torn.sync()))?;
    drop(torn);
    refused("a torn file as a whole one", vault.read(one, "torn").is_err())?;
    refused("a torn file read otherwise", vault.read_torn(one, "torn").as_deref() == Ok(b"first second"))?;
    vault.destroy(one).map_err(|e| e.to_string())?;
    refused("reading what was destroyed", vault.read(one, "short").is_err())?;
    refused("sealing for what was destroyed", vault.sealing(one, "a").is_err())?;
    refused("another list of cameos", vault.cameos().map_err(|e| e.to_string())? == [other])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fake_passes_the_contract() {
        assert_eq!(vault_contract(&MemoryVault::default()), Ok(()));
    }

    #[test]
    fn secrets_have_no_words() {
        assert_eq!(format!("{:?}", Secret::new([0x5a; 32])), "Secret(…)");
        let place = Place::Passphrase(Passphrase("correct horse".to_owned()));
        assert!(!format!("{place:?}").contains("horse"));
    }
}
