//! From a take to a recording in the film: tried on a copy first, then written, signed, and put where the line was.
//!
//! And the way back, long after undo: a dubbed line gets its voice again.

use super::RATE;
use super::spot::{Spot, restoring};
use crate::origin::sign_recording;
use crate::problem::Trouble;
use crate::studio::OpenFilm;
use kinora_document::{BlobHash, ClipId, Command, Film, Media, MediaId, MediaKind, Ticks};
use kinora_ports::Fault;

impl OpenFilm {
    /// The line that was dubbed here is spoken by its voice again.
    pub fn restore_line(&self, clip: ClipId) -> Result<(), Trouble> {
        let mut gesture = None;
        for command in restoring(&self.session.film(), clip)? {
            gesture = Some(self.session.edit(&command, gesture)?.gesture);
        }
        // Whoever speaks may have another voice by now.
        self.dialogue.speak_soon();
        Ok(())
    }
}

/// The film after these commands, without changing it.
pub fn tried(film: &Film, commands: &[Command], mint: &mut dyn FnMut() -> u128) -> Result<Film, Trouble> {
    let mut copy = Film::clone(film);
    for command in commands {
        let patch = command.plan(&copy, &mut || mint())?;
        copy.apply(&patch)?;
    }
    Ok(copy)
}

pub fn recorded(id: MediaId, blob: BlobHash, spot: &Spot, frames: i64) -> Media {
    Media {
        id,
        name: spot.name(),
        blob,
        thumbnail: None,
        kind: MediaKind::Sound,
        length: Ticks::from_samples(frames, RATE),
        size: None,
        rate: None,
        has_sound: true,
        speech: None,
        cameo: None,
        dubs: spot.dubs.clone(),
        withdrawn: false,
    }
}

/// Into the project, signed as a recording of this installation.
pub fn written(film: &OpenFilm, bytes: &[u8]) -> Result<BlobHash, Trouble> {
    let blobs = film.session.store().blobs();
    let file = blobs.scratch().join(format!("dub-{:032x}.wav", film.tools.entropy.random_u128()));
    let unwritten = |error: &dyn std::fmt::Display| {
        Trouble::from(Fault::new(
            "The recording could not be written into the film.",
            "Check that the disk is not full and that you may write to the film's folder, then use the take again: it is still here.",
            error,
        ))
    };
    let done = std::fs::write(&file, bytes).map_err(|error| unwritten(&error)).and_then(|()| {
        sign_recording(film.tools.provenance.as_ref(), &file, MediaKind::Sound).map_err(|error| unwritten(&error))?;
        Ok(blobs.adopt(&file)?)
    });
    if done.is_err() {
        let _ = std::fs::remove_file(&file);
    }
    done
}
