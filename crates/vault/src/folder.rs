//! The vault as a folder: one key and some sealed files for each cameo.
//!
//! Keys are unwrapped for one call and forgotten. A file has its name only once it is whole; until then it is `NAME.part`, which a killed
//! recording leaves behind and [`Vault::read_torn`] reads. Destroying overwrites the key first. Nothing here is ever handed out as a path.

use crate::sealed::{self, Broken, KEY_BYTES, PIECE_BYTES, Sealer};
use crate::tight::{create, folder, random, sync_folder_of, unreadable, unwritable, write};
use kinora_document::CameoId;
use kinora_ports::vault::{Held, Sealed, Sealing, Secret};
use kinora_ports::{Fault, KeyKeeper, PortError, Refusal, Vault};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const CAMEOS: &str = "cameos";
const LOCK: &str = "lock";
const KEY: &str = "key";
const WHOLE: &str = "sealed";
const PART: &str = "part";
const WRAPPING: &str = "kinora 2026 vault: wrapping key of cameo keys";
/// An hour of 1080p; it is read into memory.
const FILE_BYTES: u64 = 4 << 30;
const NAME_BYTES: usize = 64;

pub struct FolderVault {
    root: PathBuf,
    keeper: Arc<dyn KeyKeeper>,
}

impl std::fmt::Debug for FolderVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FolderVault").field("root", &self.root).finish_non_exhaustive()
    }
}

impl FolderVault {
    /// Nothing is made on disk before there is something to seal.
    pub fn new(root: impl Into<PathBuf>, keeper: Arc<dyn KeyKeeper>) -> Self {
        Self { root: root.into(), keeper }
    }

    fn of(&self, cameo: CameoId) -> PathBuf {
        self.root.join(CAMEOS).join(cameo.to_string())
    }

    fn file(&self, cameo: CameoId, name: &str, ending: &str) -> Result<PathBuf, PortError> {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'-';
        if name.is_empty() || name.len() > NAME_BYTES || name.starts_with('.') || !name.bytes().all(legal) {
            return Err(
                Fault::new("A recording has a name it cannot have.", "Try again.", "a name of the vault").into()
            );
        }
        Ok(self.of(cameo).join(format!("{name}.{ending}")))
    }

    fn wrapping(&self) -> Result<Secret, PortError> {
        Ok(Secret::new(blake3::derive_key(WRAPPING, self.keeper.root()?.bytes())))
    }

    fn key(&self, cameo: CameoId) -> Result<Secret, PortError> {
        let path = self.of(cameo).join(KEY);
        let wrapped = std::fs::read(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => PortError::Refused(Refusal::new(
                "vault.no_key",
                "The key of this cameo is not in the vault, so nobody can open its recordings.",
                "Delete the cameo and record it again.",
            )),
            _ => unreadable(&error),
        })?;
        let opened = sealed::unwrap(self.wrapping()?.bytes(), &cameo.0.to_be_bytes(), &wrapped);
        let key = opened.and_then(|key| <[u8; KEY_BYTES]>::try_from(key).ok()).ok_or_else(|| {
            Refusal::new(
                "vault.changed",
                "The key of this cameo was changed, or was sealed on another machine.",
                "Put Kinora's own folder back from a copy, or delete the cameo and record it again.",
            )
        })?;
        Ok(Secret::new(key))
    }

    fn load(&self, cameo: CameoId, name: &str, ending: &str, torn: bool) -> Result<Vec<u8>, PortError> {
        let path = self.file(cameo, name, ending)?;
        let length = std::fs::metadata(&path).map_err(|e| unreadable(&e))?.len();
        if length > FILE_BYTES {
            return Err(changed(Broken::NotSealed));
        }
        let bytes = std::fs::read(&path).map_err(|e| unreadable(&e))?;
        sealed::open(&bytes, self.key(cameo)?.bytes(), cameo, name, torn).map_err(changed)
    }
}

fn changed(broken: Broken) -> PortError {
    PortError::Refused(Refusal::new(
        "vault.changed",
        format!("A recording in the vault was changed: {broken}."),
        "Put Kinora's own folder back from a copy, or record the cameo again.",
    ))
}

/// Given back when it is dropped.
struct Lock(#[allow(dead_code, reason = "held, not read")] File);
impl Held for Lock {}

impl Vault for FolderVault {
    fn hold(&self) -> Result<Box<dyn Held>, PortError> {
        folder(&self.root).map_err(|e| unwritable(&e))?;
        let file = create(&self.root.join(LOCK)).map_err(|e| unwritable(&e))?;
        file.lock().map_err(|e| unwritable(&e))?;
        Ok(Box::new(Lock(file)))
    }

    fn create(&self, cameo: CameoId) -> Result<(), PortError> {
        let home = self.of(cameo);
        if home.join(KEY).exists() {
            return Err(Refusal::new("vault.exists", "The cameo is in the vault already.", "Choose it there.").into());
        }
        let key = Secret::new(random()?);
        let wrapped = sealed::wrap(self.wrapping()?.bytes(), &cameo.0.to_be_bytes(), random()?, key.bytes());
        let wrapped =
            wrapped.ok_or_else(|| Fault::new("The cameo's key could not be sealed.", "Try again.", "wrap"))?;
        folder(&self.root).and_then(|()| folder(&home)).map_err(|e| unwritable(&e))?;
        write(&home.join(KEY), &wrapped).and_then(|()| sync_folder_of(&home)).map_err(|e| unwritable(&e))
    }

    fn cameos(&self) -> Result<Vec<CameoId>, PortError> {
        let entries = match std::fs::read_dir(self.root.join(CAMEOS)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(&error)),
        };
        let with_key = entries.flatten().filter(|entry| entry.path().join(KEY).is_file());
        let mut found: Vec<CameoId> =
            with_key.filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok())).collect();
        found.sort();
        Ok(found)
    }

    fn sealing(&self, cameo: CameoId, name: &str) -> Result<Box<dyn Sealing>, PortError> {
        let (part, whole) = (self.file(cameo, name, PART)?, self.file(cameo, name, WHOLE)?);
        let sealer = Sealer::new(self.key(cameo)?.bytes(), cameo, name, random()?);
        let mut file = create(&part).map_err(|e| unwritable(&e))?;
        file.write_all(&sealer.header()).map_err(|e| unwritable(&e))?;
        Ok(Box::new(FileSealing { file, sealer, part, whole }))
    }

    fn read(&self, cameo: CameoId, name: &str) -> Result<Vec<u8>, PortError> {
        self.load(cameo, name, WHOLE, false)
    }

    fn read_torn(&self, cameo: CameoId, name: &str) -> Result<Vec<u8>, PortError> {
        self.load(cameo, name, PART, true)
    }

    fn names(&self, cameo: CameoId) -> Result<Vec<Sealed>, PortError> {
        let entries = std::fs::read_dir(self.of(cameo)).map_err(|e| unreadable(&e))?;
        let mut found: Vec<Sealed> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name();
                let name = name.to_str()?.strip_suffix(&format!(".{WHOLE}"))?.to_owned();
                Some(Sealed { name, bytes: entry.metadata().ok()?.len() })
            })
            .collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    fn destroy(&self, cameo: CameoId) -> Result<Vec<String>, PortError> {
        let home = self.of(cameo);
        if !home.exists() {
            return Ok(Vec::new());
        }
        let key = home.join(KEY);
        let overwritten = overwrite(&key).is_ok();
        std::fs::remove_dir_all(&home).and_then(|()| sync_folder_of(&home)).map_err(|e| unwritable(&e))?;
        let mut said = vec![
            "The cameo's key was destroyed; without it its recordings are noise, wherever a copy of them may be."
                .to_owned(),
        ];
        said.push(if overwritten {
            "The key was overwritten before it was removed. Flash disks and file systems that copy on writing may keep the old \
             block for a while; whoever takes the disk apart before it is used again, and has this machine's secret, could \
             still read it."
                .to_owned()
        } else {
            "The key could not be overwritten and was only removed.".to_owned()
        });
        said.push(
            "A backup of this machine that holds the key and the secret still opens: destroy that as well.".to_owned(),
        );
        Ok(said)
    }
}

/// In place, so that the old bytes are written over where the medium allows it.
fn overwrite(path: &Path) -> Result<(), PortError> {
    let length = std::fs::metadata(path).map_err(|e| unreadable(&e))?.len();
    let noise: [u8; 128] = random()?;
    let mut file = std::fs::OpenOptions::new().write(true).open(path).map_err(|e| unwritable(&e))?;
    let length = usize::try_from(length).unwrap_or(noise.len()).min(noise.len());
    let noise = noise.get(..length).unwrap_or_default();
    file.write_all(noise).and_then(|()| file.sync_all()).map_err(|e| unwritable(&e))
}

struct FileSealing {
    file: File,
    sealer: Sealer,
    part: PathBuf,
    whole: PathBuf,
}

impl FileSealing {
    fn put(&mut self, plain: &[u8], last: bool) -> Result<(), PortError> {
        let piece = self.sealer.seal(plain, last).ok_or_else(|| {
            Refusal::new("vault.too_long", "The recording is too long for the vault.", "Record it in shorter pieces.")
        })?;
        self.file.write_all(&piece).map_err(|e| unwritable(&e))
    }
}

impl Sealing for FileSealing {
    fn append(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        bytes.chunks(PIECE_BYTES).try_for_each(|piece| self.put(piece, false))
    }

    fn sync(&mut self) -> Result<(), PortError> {
        self.file.sync_data().map_err(|e| unwritable(&e))
    }

    fn finish(mut self: Box<Self>) -> Result<(), PortError> {
        self.put(&[], true)?;
        self.file.sync_all().map_err(|e| unwritable(&e))?;
        std::fs::rename(&self.part, &self.whole).and_then(|()| sync_folder_of(&self.whole)).map_err(|e| unwritable(&e))
    }
}
