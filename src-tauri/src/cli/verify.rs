//! `kinora verify`: what a file says of itself, whether that still holds, and the invisible mark in its frames.
//!
//! The exit code is the answer for scripts: 0 signed and not changed since, 3 not signed, 4 changed since it was signed; 1 as everywhere when
//! the file could not be looked at. A mark found in the frames changes none of these: it is no signature.

use super::output::Output;
use clap::Args;
use kinora_backend::Trouble;
use kinora_ports::provenance::Verdict;
use std::path::PathBuf;
use std::process::ExitCode;

const UNSIGNED: u8 = 3;
const CHANGED: u8 = 4;

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 signed and not changed since; 3 not signed, nothing can be said; 4 changed since it was signed; \
                  1 it could not be read.\nExample: kinora verify film.mp4"
)]
pub struct Verify {
    /// A film, a picture or a sound: MP4, PNG, JPEG, WAV, QuickTime, WebM
    pub file: PathBuf,
    #[arg(long)]
    pub json: bool,
}

impl Verify {
    pub fn run(&self, output: &Output) -> Result<ExitCode, Trouble> {
        let verified = kinora_backend::verify(&crate::tools()?, &self.file)?;
        let mut text = format!("{}: {}", self.file.display(), verified.headline);
        for sentence in &verified.sentences {
            text.push_str(&format!("\n  {sentence}"));
        }
        output.result(&verified, &text);
        Ok(match verified.report.verdict {
            Verdict::Whole => ExitCode::SUCCESS,
            Verdict::Unsigned => UNSIGNED.into(),
            Verdict::Changed => CHANGED.into(),
        })
    }
}
