//! Kokoro's files as released (`.pth`, `.pt`), turned into the safetensors that the studio reads: `kinora voices convert`.
//!
//! It exists because they are released in no other form, and files of that form can carry programs: they are read here once, when a
//! person asks for it, by a reader that runs nothing, and never again. All of them are read and proved before any is written. It must
//! never change or remove a released file, write over what is there, or be asked while a film is made.

use super::{CONFIG, ENGINE, LICENCE, MODEL, MOST_CONFIG, MOST_MODEL, VOICES, WEIGHTS, limited, people};
use kinora_models::kokoro::convert::{released_model, released_voice};
use kinora_models::kokoro::{KokoroConfig, voices};
use kinora_ports::{Fault, PortError, Refusal};
use serde::Serialize;
use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::Path;

const RELEASED_MODEL: &str = "kokoro-v1_0.pth";
const RELEASED_VOICE: &str = ".pt";

/// What became of a folder.
#[derive(Debug, Serialize)]
pub struct Conversion {
    pub engine: &'static str,
    /// Of the released files, and so of what is made of them.
    pub licence: &'static str,
    pub files: Vec<Converted>,
}

#[derive(Debug, Serialize)]
pub struct Converted {
    /// The safetensors file, below the folder.
    pub file: String,
    /// None where it was there already.
    pub made: Option<Made>,
}

#[derive(Debug, Serialize)]
pub struct Made {
    pub bytes: u64,
    /// The released file, below the folder.
    pub from: String,
    pub from_bytes: u64,
    pub from_blake3: String,
}

/// Makes safetensors of the model and of the American voices in `folder`, beside them.
pub fn convert_kokoro(folder: &Path) -> Result<Conversion, PortError> {
    if !folder.join(CONFIG).is_file() {
        return Err(missing(folder, CONFIG));
    }
    let parsed = |bytes: Vec<u8>| KokoroConfig::parse(&bytes).map_err(|error| error.to_string());
    let config = limited(&folder.join(CONFIG), MOST_CONFIG).and_then(parsed);
    let config = config.map_err(|why| unusable(folder, CONFIG, &why))?;
    let (mut files, mut fresh) = (Vec::new(), Vec::new());
    for (from, file) in pairs(folder)? {
        if folder.join(&file).exists() {
            files.push(Converted { file, made: None });
            continue;
        }
        let (from_bytes, from_blake3, bytes) =
            one(folder, &from, &config).map_err(|why| unusable(folder, &from, &why))?;
        let made = Some(Made { bytes: bytes.len() as u64, from, from_bytes, from_blake3 });
        fresh.push((file.clone(), bytes));
        files.push(Converted { file, made });
    }
    // Nothing is written before all of it is known to be a voice.
    for (file, bytes) in fresh {
        write(&folder.join(&file), &bytes)?;
    }
    Ok(Conversion { engine: ENGINE, licence: LICENCE, files })
}

/// Whether there are released files whose safetensors are not there.
pub fn is_due(folder: &Path) -> bool {
    let there = |name: &str| folder.join(name).is_file();
    let voices = || people(folder, WEIGHTS).is_empty() && !people(folder, RELEASED_VOICE).is_empty();
    (there(RELEASED_MODEL) && !there(MODEL)) || voices()
}

/// The released file and the one to be made of it, model first. Either may be there alone.
fn pairs(folder: &Path) -> Result<Vec<(String, String)>, PortError> {
    if ![MODEL, RELEASED_MODEL].iter().any(|name| folder.join(name).is_file()) {
        return Err(missing(folder, RELEASED_MODEL));
    }
    let mut names = people(folder, RELEASED_VOICE);
    names.extend(people(folder, WEIGHTS));
    if names.is_empty() {
        return Err(missing(folder, &format!("{VOICES}/af_heart{RELEASED_VOICE}")));
    }
    let voice = |name: String| (format!("{VOICES}/{name}{RELEASED_VOICE}"), format!("{VOICES}/{name}{WEIGHTS}"));
    Ok(std::iter::once((RELEASED_MODEL.to_owned(), MODEL.to_owned())).chain(names.into_iter().map(voice)).collect())
}

/// Length and BLAKE3 of a released file, and what is made of it.
fn one(folder: &Path, from: &str, config: &KokoroConfig) -> Result<(u64, String, Vec<u8>), String> {
    let is_model = from == RELEASED_MODEL;
    let released = limited(&folder.join(from), if is_model { MOST_MODEL } else { voices::MAX_BYTES as u64 })?;
    let made = if is_model { released_model(config, &released) } else { released_voice(&released, config.style_dim) };
    let made = made.map_err(|error| error.to_string())?;
    if made.len() as u64 > MOST_MODEL {
        return Err(format!("as safetensors it has more than {} MB", MOST_MODEL >> 20));
    }
    Ok((released.len() as u64, blake3::hash(&released).to_hex().to_string(), made))
}

/// Whole and durable under its name, or not there.
fn write(path: &Path, bytes: &[u8]) -> Result<(), PortError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    // What a dead run has left is taken over.
    let file = File::options().write(true).create(true).truncate(false).open(part);
    let mut file = file.map_err(|error| unwritable(path, &error))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Err(busy(path)),
        // A file system without locks: then two runs at once are not noticed.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    // Another run may have finished it between opening and locking: then what is open here is the finished file.
    if path.exists() {
        _ = std::fs::remove_file(part);
        return Ok(());
    }
    let written = file.set_len(0).and_then(|()| file.write_all(bytes)).and_then(|()| file.sync_all());
    written.and_then(|()| std::fs::rename(part, path)).map_err(|error| {
        _ = std::fs::remove_file(part);
        unwritable(path, &error)
    })?;
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        // Where folders can be synced the name is durable now, elsewhere the system sees to it.
        _ = folder.sync_all();
    }
    Ok(())
}

fn missing(folder: &Path, name: &str) -> PortError {
    Refusal::new(
        "voices.convert.missing",
        format!("Nothing was converted, since {} is missing.", folder.join(name).display()),
        "Put the released files of Kokoro-82M there: config.json, kokoro-v1_0.pth and voices/NAME.pt. Or say where they are: kinora voices convert FOLDER.",
    )
    .into()
}

fn unusable(folder: &Path, name: &str, why: &str) -> PortError {
    Fault::new(
        format!("Nothing was converted: {name} in {} cannot be used ({why}).", folder.display()),
        "Nothing in it was run. Put the file there again as it was released, or take it away if it is no part of Kokoro-82M.",
        why,
    )
    .into()
}

fn unwritable(path: &Path, error: &std::io::Error) -> PortError {
    Fault::new(
        format!("{} could not be written.", path.display()),
        "Check that the disk is not full and that you may write there, then run kinora voices convert again: what is finished is kept.",
        error,
    )
    .into()
}

fn busy(path: &Path) -> PortError {
    Refusal::new(
        "voices.convert.busy",
        format!("{} is being written by another kinora voices convert right now.", path.display()),
        "Wait until it is done.",
    )
    .into()
}
