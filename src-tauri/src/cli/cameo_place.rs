//! `kinora cameo place`: a recording of a cameo as a layer of a film.
//!
//! The film names the recording; it stays sealed on this machine, and the ledger is asked each time it is shown.

use super::output::Output;
use clap::Args;
use kinora_api::{CutOut, PlaceCameo};
use kinora_backend::{Studio, Trouble};
use kinora_document::{Purpose, Ticks};
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct PlaceOptions {
    /// Its name or the first digits of its id
    pub cameo: String,
    #[arg(long)]
    pub project: PathBuf,
    /// Which of its recordings, counted from 1
    #[arg(long, default_value_t = 1)]
    pub recording: usize,
    /// Where on the timeline, in seconds
    #[arg(long, default_value = "0", value_parser = parse_moment)]
    pub at: i64,
    /// What the film is for
    #[arg(long, default_value = "story", value_parser = super::cameo_terms::parse_purpose)]
    pub purpose: Purpose,
    /// Leave out the green wall behind the person
    #[arg(long)]
    pub chroma_key: bool,
}

impl PlaceOptions {
    pub fn run(self, studio: &Studio, output: &Output) -> Result<(), Trouble> {
        let view = studio.tools.consents.find(&self.cameo)?;
        let film = super::open_or_create(studio, &self.project, "")?;
        let placed = film.place_cameo(&PlaceCameo {
            cameo: view.id,
            recording: self.recording.saturating_sub(1),
            purpose: self.purpose,
            at: Ticks::from_millis(self.at),
            cut_out: if self.chroma_key { CutOut::ChromaKey } else { CutOut::Whole },
        })?;
        let text = format!("Recording {} of {} is in {}.", self.recording, view.name, self.project.display());
        output.result(&json!({ "cameo": view.id, "clip": placed.clip, "voice": placed.voice }), &text);
        Ok(())
    }
}

/// A film is no longer than a day.
const LAST_SECOND: f64 = 86_400.0;

/// Seconds from the beginning of the film, as milliseconds: `0`, `12.5`.
fn parse_moment(text: &str) -> Result<i64, String> {
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    if (0.0..=LAST_SECOND).contains(&seconds) { Ok((seconds * 1000.0).round() as i64) } else { Err(wrong()) }
}

fn wrong() -> String {
    "a moment of the film is a number of seconds, such as 0 or 12.5".to_owned()
}
