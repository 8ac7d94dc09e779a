//! Who keeps the secret of this machine: the keychain, a passphrase, or a file if the person says so.
//!
//! Where there is a keychain it is taken; where there is none, nothing is kept until the person has decided, and each choice says what it
//! is worth. A file beside the recordings protects from other accounts and from nobody who has the disk. The secret is in memory while it
//! is needed and nowhere else; it must never be in a message.

use crate::keychain::Keychain;
use crate::sealed::{unwrap, wrap};
use crate::tight::{folder, random, unreadable, unwritable, write};
use argon2::{Algorithm, Argon2, Params, Version};
use kinora_ports::vault::{Keeping, Passphrase, Place, Secret};
use kinora_ports::{Fault, KeyKeeper, PortError, Refusal};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Which place was chosen, and what a passphrase sealed; no secret is in it.
const CHOICE: &str = "keys.json";
const KEY_FILE: &str = "secret.key";
const COUNTER: &str = "counter";
const BOUND_TO: &[u8] = b"kinora vault: secret sealed with a passphrase";
/// 64 MiB and three passes take a guesser's machine as long as ours: about a fifth of a second a guess on a laptop.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// A keyring of four common words is longer.
const SHORTEST_PASSPHRASE: usize = 12;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Choice {
    Keychain { account: String },
    Passphrase { salt: Vec<u8>, memory_kib: u32, passes: u32, sealed: Vec<u8> },
    KeyFile,
}

pub struct Keeper {
    root: PathBuf,
    /// A passphrase is asked once a run.
    unlocked: Mutex<Option<Secret>>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Keeper {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), unlocked: Mutex::new(None) }
    }

    fn choice(&self) -> Result<Option<Choice>, PortError> {
        match std::fs::read(self.root.join(CHOICE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
                Fault::new(
                    "What says where the cameos' secret is kept cannot be read.",
                    "Put Kinora's own folder back from a copy.",
                    error,
                )
                .into()
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&error)),
        }
    }

    fn choose(&self, choice: &Choice) -> Result<(), PortError> {
        folder(&self.root).map_err(|e| unwritable(&e))?;
        let json = serde_json::to_vec_pretty(choice).unwrap_or_default();
        write(&self.root.join(CHOICE), &json).map_err(|e| unwritable(&e))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Secret>> {
        self.unlocked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A keychain that was chosen, or one to take because nobody chose.
    fn keychain(&self) -> Result<(Keychain, String), PortError> {
        let open = || Keychain::open().ok_or_else(undecided);
        match self.choice()? {
            Some(Choice::Keychain { account }) => Ok((Keychain::open().ok_or_else(keychain_gone)?, account)),
            Some(_) => Err(undecided()),
            None => {
                let keychain = open()?;
                let account = hex(&random::<8>()?);
                self.choose(&Choice::Keychain { account: account.clone() })?;
                Ok((keychain, account))
            }
        }
    }
}

impl KeyKeeper for Keeper {
    fn keeping(&self) -> Keeping {
        match self.choice() {
            Ok(Some(Choice::Passphrase { .. })) if self.lock().is_none() => Keeping::Locked,
            Ok(Some(_)) => Keeping::Ready,
            Ok(None) if Keychain::open().is_some() => Keeping::Ready,
            _ => Keeping::Undecided,
        }
    }

    fn place(&self) -> String {
        match self.choice() {
            Ok(Some(Choice::Keychain { .. })) => "the keychain of this system",
            Ok(Some(Choice::Passphrase { .. })) => "a passphrase",
            Ok(Some(Choice::KeyFile)) => "a file that only this account may read",
            _ if Keychain::open().is_some() => "the keychain of this system",
            _ => "nowhere yet",
        }
        .to_owned()
    }

    fn decide(&self, place: &Place) -> Result<(), PortError> {
        if self.choice()?.is_some() {
            return Err(Refusal::new(
                "keys.decided",
                format!("The cameos' secret is kept in {} already.", self.place()),
                "Delete the cameos first to keep it elsewhere.",
            )
            .into());
        }
        match place {
            Place::Keychain => self.keychain().map(drop),
            Place::KeyFile => {
                folder(&self.root).map_err(|e| unwritable(&e))?;
                write(&self.root.join(KEY_FILE), hex(&random::<32>()?).as_bytes()).map_err(|e| unwritable(&e))?;
                self.choose(&Choice::KeyFile)
            }
            Place::Passphrase(words) => {
                if words.0.chars().count() < SHORTEST_PASSPHRASE {
                    return Err(Refusal::new(
                        "keys.short",
                        format!("A passphrase has at least {SHORTEST_PASSPHRASE} characters."),
                        "Take four words that do not belong together.",
                    )
                    .into());
                }
                let (salt, secret) = (random::<16>()?, Secret::new(random()?));
                let key = stretched(words, &salt, MEMORY_KIB, PASSES)?;
                let sealed = wrap(key.bytes(), BOUND_TO, random()?, secret.bytes()).ok_or_else(wrong_passphrase)?;
                self.choose(&Choice::Passphrase {
                    salt: salt.to_vec(),
                    memory_kib: MEMORY_KIB,
                    passes: PASSES,
                    sealed,
                })?;
                *self.lock() = Some(secret);
                Ok(())
            }
        }
    }

    fn unlock(&self, words: &Passphrase) -> Result<(), PortError> {
        let Some(Choice::Passphrase { salt, memory_kib, passes, sealed }) = self.choice()? else {
            return Err(undecided());
        };
        let key = stretched(words, &salt, memory_kib, passes)?;
        let secret = unwrap(key.bytes(), BOUND_TO, &sealed).and_then(|secret| <[u8; 32]>::try_from(secret).ok());
        *self.lock() = Some(Secret::new(secret.ok_or_else(wrong_passphrase)?));
        Ok(())
    }

    fn root(&self) -> Result<Secret, PortError> {
        match self.choice()? {
            Some(Choice::Passphrase { .. }) => {
                let unlocked = self.lock();
                let secret = unlocked.as_ref().ok_or_else(|| {
                    Refusal::new(
                        "keys.locked",
                        "The cameos are locked with a passphrase.",
                        "Give the passphrase in the Cameo room, or in KINORA_PASSPHRASE on the command line.",
                    )
                })?;
                Ok(Secret::new(*secret.bytes()))
            }
            Some(Choice::KeyFile) => {
                let text = std::fs::read_to_string(self.root.join(KEY_FILE)).map_err(|e| unreadable(&e))?;
                unhex(&text).map(Secret::new).ok_or_else(secret_gone)
            }
            Some(Choice::Keychain { .. }) | None => {
                let (keychain, account) = self.keychain()?;
                if let Some(text) = keychain.get(&account).map_err(|why| keychain_refused(&why))? {
                    return unhex(&text).map(Secret::new).ok_or_else(secret_gone);
                }
                let secret: [u8; 32] = random()?;
                keychain.set(&account, &hex(&secret)).map_err(|why| keychain_refused(&why))?;
                Ok(Secret::new(secret))
            }
        }
    }

    fn counter(&self) -> Result<u64, PortError> {
        let text = match self.choice()? {
            Some(Choice::Keychain { .. }) | None => {
                let (keychain, account) = self.keychain()?;
                keychain.get(&format!("{account} counter")).map_err(|why| keychain_refused(&why))?
            }
            Some(_) => match std::fs::read_to_string(self.root.join(COUNTER)) {
                Ok(text) => Some(text),
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => return Err(unreadable(&error)),
            },
        };
        text.map_or(Ok(0), |text| text.trim().parse().map_err(|_| secret_gone()))
    }

    fn count_to(&self, counter: u64) -> Result<(), PortError> {
        match self.choice()? {
            Some(Choice::Keychain { .. }) | None => {
                let (keychain, account) = self.keychain()?;
                let text = counter.to_string();
                keychain.set(&format!("{account} counter"), &text).map_err(|why| keychain_refused(&why))
            }
            Some(_) => write(&self.root.join(COUNTER), counter.to_string().as_bytes()).map_err(|e| unwritable(&e)),
        }
    }
}

fn stretched(words: &Passphrase, salt: &[u8], memory_kib: u32, passes: u32) -> Result<Secret, PortError> {
    let failed = |error: argon2::Error| {
        Fault::new("The passphrase could not be used.", "Close other programs and try again.", error)
    };
    // What is read from disk is held to what we write, so that a changed file cannot ask for all memory.
    let memory_kib = memory_kib.clamp(8, MEMORY_KIB);
    let params = Params::new(memory_kib, passes.clamp(1, PASSES), 1, Some(32)).map_err(failed)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(words.0.as_bytes(), salt, &mut key)
        .map_err(failed)?;
    Ok(Secret::new(key))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    // The same form as a content hash: 64 digits.
    text.trim().parse::<kinora_document::BlobHash>().ok().map(|hash| hash.0)
}

fn undecided() -> PortError {
    PortError::Refused(Refusal::new(
        "keys.undecided",
        "This system has no keychain, and nobody has said where the cameos' secret is to be kept.",
        "Decide with `kinora cameo keys --passphrase` or, if others cannot get at this disk, `kinora cameo keys --key-file`.",
    ))
}

fn keychain_gone() -> PortError {
    PortError::Refused(Refusal::new(
        "keys.keychain_gone",
        "The cameos' secret is in the keychain of this system, which does not answer.",
        "Unlock the keychain, or log in to the desktop as usual, and try again.",
    ))
}

fn keychain_refused(why: &str) -> PortError {
    Fault::new("The keychain of this system refused.", "Unlock it and try again.", why).into()
}

fn secret_gone() -> PortError {
    PortError::Refused(Refusal::new(
        "keys.damaged",
        "The cameos' secret is damaged, so nobody can open their recordings.",
        "Put it back from a copy of the keychain or of Kinora's own folder.",
    ))
}

fn wrong_passphrase() -> PortError {
    PortError::Refused(Refusal::new("keys.wrong", "This is not the passphrase.", "Type it again."))
}
