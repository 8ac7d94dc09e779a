//! Where recordings of people lie at rest, and where the secret lies that opens them.
//!
//! A [`Vault`] holds sealed files by cameo; destroying a cameo's key makes all of them unreadable at once. A [`KeyKeeper`] holds one secret of
//! this machine, from which keys are derived. Nothing here is ever handed out as a path: what is sealed is read into memory.

use crate::PortError;
use kinora_document::CameoId;

/// Thirty-two bytes that nobody prints. Overwritten when dropped.
pub struct Secret([u8; 32]);

impl Secret {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
        // The compiler may not drop a write that somebody could look at.
        std::hint::black_box(&self.0);
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What lies sealed under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    pub name: String,
    /// On disk.
    pub bytes: u64,
}

/// A sealed file as it is written: each call of [`Self::append`] is sealed as one piece.
pub trait Sealing: Send {
    fn append(&mut self, bytes: &[u8]) -> Result<(), PortError>;
    /// What was appended survives a power cut, and [`Vault::read_torn`] finds it.
    fn sync(&mut self) -> Result<(), PortError>;
    /// Whole and durable under its name. Dropped without it, what was synced stays as a torn file.
    fn finish(self: Box<Self>) -> Result<(), PortError>;
}

/// While it lives, no other process writes.
pub trait Held: Send {}

/// Names are `[a-z0-9.-]+`.
pub trait Vault: Send + Sync {
    /// Waits until nobody else writes consents or recordings of this person.
    fn hold(&self) -> Result<Box<dyn Held>, PortError>;
    /// A fresh key for a cameo; refused when it has one.
    fn create(&self, cameo: CameoId) -> Result<(), PortError>;
    fn cameos(&self) -> Result<Vec<CameoId>, PortError>;
    fn sealing(&self, cameo: CameoId, name: &str) -> Result<Box<dyn Sealing>, PortError>;
    /// Refused when one byte of it is not as it was sealed, when its end is missing, or when it was sealed as something else.
    fn read(&self, cameo: CameoId, name: &str) -> Result<Vec<u8>, PortError>;
    /// Whole pieces of a file that was never finished.
    fn read_torn(&self, cameo: CameoId, name: &str) -> Result<Vec<u8>, PortError>;
    /// Finished files.
    fn names(&self, cameo: CameoId) -> Result<Vec<Sealed>, PortError>;
    /// Destroys the key first, then the files. What that is worth on this medium, as sentences.
    fn destroy(&self, cameo: CameoId) -> Result<Vec<String>, PortError>;

    fn write(&self, cameo: CameoId, name: &str, bytes: &[u8]) -> Result<(), PortError> {
        let mut sealing = self.sealing(cameo, name)?;
        // Pieces of a size that fits a cache; the last may be shorter.
        for piece in bytes.chunks(64 * 1024) {
            sealing.append(piece)?;
        }
        sealing.finish()
    }
}

/// Whether the secret can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    Ready,
    /// A passphrase has to be given first.
    Locked,
    /// Nobody has said yet where the secret is to be kept, and there is no keychain to take by default.
    Undecided,
}

/// Where the secret of this machine may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Keychain,
    /// Sealed with a passphrase, beside the recordings.
    Passphrase(Passphrase),
    /// In a file that only this person's account may read. Whoever copies the disk has it.
    KeyFile,
}

/// Words that open the vault. Nobody prints them.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(pub String);

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

pub trait KeyKeeper: Send + Sync {
    fn keeping(&self) -> Keeping;
    /// For people: "the keychain of this system".
    fn place(&self) -> String;
    /// Decides where the secret is kept. Refused when that was decided before.
    fn decide(&self, place: &Place) -> Result<(), PortError>;
    fn unlock(&self, passphrase: &Passphrase) -> Result<(), PortError>;
    /// Made by the system's randomness the first time.
    fn root(&self) -> Result<Secret, PortError>;
    /// A number that only grows; 0 before the first.
    fn counter(&self) -> Result<u64, PortError>;
    fn count_to(&self, counter: u64) -> Result<(), PortError>;
}
