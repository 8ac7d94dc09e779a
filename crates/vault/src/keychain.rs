//! The keychain of this system: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
//!
//! What is kept is text, because some keychains take nothing else. A keychain that is not there, or refuses, is an answer and no panic;
//! its own words may go into the folded part of a message, a secret never does.

use keyring_core::{CredentialStore, Entry, Error};
#[cfg(target_os = "linux")]
use std::path::Path;
use std::sync::Arc;

/// One name for all of Kinora's entries, as a keychain shows it.
const SERVICE: &str = "Kinora cameos";

pub struct Keychain(Arc<CredentialStore>);

impl Keychain {
    /// None when this system has none that answers.
    pub fn open() -> Option<Self> {
        store().ok().map(Self)
    }

    /// `account` tells several homes of one person apart.
    pub fn get(&self, account: &str) -> Result<Option<String>, String> {
        match self.entry(account)?.get_password() {
            Ok(text) => Ok(Some(text)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(about(&error)),
        }
    }

    pub fn set(&self, account: &str, text: &str) -> Result<(), String> {
        self.entry(account)?.set_password(text).map_err(|error| about(&error))
    }

    fn entry(&self, account: &str) -> Result<Entry, String> {
        Entry::new_in_store(&self.0, SERVICE, account).map_err(|error| about(&error))
    }
}

/// Some errors carry what was being stored.
fn about(error: &Error) -> String {
    match error {
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            "what the keychain holds is not what was put there".to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(target_os = "linux")]
fn store() -> Result<Arc<CredentialStore>, Error> {
    // Asking for a bus where there is none starts one on some systems; a session that has one says so.
    let named = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some();
    let usual = || std::env::var_os("XDG_RUNTIME_DIR").is_some_and(|folder| Path::new(&folder).join("bus").exists());
    if !named && !usual() {
        return Err(Error::NoDefaultStore);
    }
    let store: Arc<CredentialStore> = dbus_secret_service_keyring_store::Store::new()?;
    // The store connects late; a question about an entry that nobody has shows whether anybody answers.
    match Entry::new_in_store(&store, SERVICE, "is anybody there")?.get_password() {
        Ok(_) | Err(Error::NoEntry) => Ok(store),
        Err(error) => Err(error),
    }
}

#[cfg(target_os = "macos")]
fn store() -> Result<Arc<CredentialStore>, Error> {
    let store: Arc<CredentialStore> = apple_native_keyring_store::keychain::Store::new()?;
    Ok(store)
}

#[cfg(windows)]
fn store() -> Result<Arc<CredentialStore>, Error> {
    let store: Arc<CredentialStore> = windows_native_keyring_store::Store::new()?;
    Ok(store)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn store() -> Result<Arc<CredentialStore>, Error> {
    Err(Error::NoDefaultStore)
}
