//! Recordings of people at rest: sealed files in one folder of this person's account, and the secret that opens them.
//!
//! `cameos/ID/key` holds the cameo's own random key, wrapped by a key derived from this machine's secret; `NAME.sealed` are its files.
//! [`Keeper`] keeps the secret: in the system's keychain, sealed with a passphrase, or in a file if the person says so. No byte of a
//! recording, and no key, is ever written unsealed, printed, or put into an error.

mod folder;
mod keeper;
mod keychain;
mod sealed;
mod tight;

pub use folder::FolderVault;
pub use keeper::Keeper;
