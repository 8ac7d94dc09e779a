//! What the promises share: the real binary in a home of its own, and films small enough to make in seconds.

#![allow(dead_code, reason = "each test file uses its own part")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub struct Home {
    folder: tempfile::TempDir,
}

/// A screenplay with two shots and a dissolve, in the draft model's world.
pub const TWO_SHOTS: &str = "Title: Two shots\n\nEXT. BEACH - SUNSET\n\n[[shot: wide | static | 1s | seed 7]]\n\n\
A red ball bounces on the beach.\n\nDISSOLVE TO:\n\nEXT. MEADOW - DAY\n\n[[shot: wide | pan left | 1s | seed 8]]\n\n\
A blue car crosses the meadow.\n";

impl Home {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("the temporary folder can be written");
        path
    }

    pub fn kinora(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kinora"));
        command.env("KINORA_HOME", self.path("home")).current_dir(self.folder.path());
        command
    }

    /// Runs a command with `--json` that must succeed, and reads what it says.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.kinora().args(arguments).arg("--json").output().expect("the binary runs");
        assert!(output.status.success(), "kinora {arguments:?} failed:\n{}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("not JSON ({e}): {}", said(&output)))
    }

    /// Runs a command that must fail, and gives the sentences.
    pub fn problem(&self, arguments: &[&str]) -> String {
        let output = self.kinora().args(arguments).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(1), "kinora {arguments:?} should have failed:\n{}", said(&output));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// The studio of this home, in this process: its films are signed with this home's identity.
    pub fn studio(&self) -> kinora_backend::Studio {
        let mut studio = kinora::studio().expect("the studio starts");
        studio.tools.provenance = std::sync::Arc::new(self.notary());
        studio
    }

    pub fn notary(&self) -> kinora_provenance::Notary {
        kinora_provenance::Notary::new(&self.path("home"))
    }

    /// A project with takes for both shots of [`TWO_SHOTS`].
    pub fn small_film(&self) -> PathBuf {
        let script = self.write("two.fountain", TWO_SHOTS);
        let project = self.path("two.kinora");
        let film = self.path("first.mp4");
        self.json(&["film", text(&script), "-o", text(&film), "--size", "320x180", "--project", text(&project)]);
        project
    }
}

pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("a test's own paths are text")
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
