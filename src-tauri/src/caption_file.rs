//! Sub-titles from and to disk: SubRip and WebVTT, as `kinora_interchange` reads and writes them.

use crate::screenplay_file::unreadable;
use kinora_backend::{Session, Trouble};
use kinora_document::command::Landing;
use kinora_document::{Command, Film, Track, TrackKind};
use kinora_interchange::{MAX_CAPTION_BYTES, clips, cues, read_captions, to_srt, to_vtt, without_overlaps};
use std::path::Path;

/// The endings of files that are read as sub-titles.
pub fn is_captions(path: &Path) -> bool {
    path.extension().is_some_and(|kind| ["srt", "vtt"].iter().any(|known| kind.eq_ignore_ascii_case(known)))
}

/// Puts the captions of a file on the film's caption track, over what lies there at their times, as one step of undo. Gives a sentence
/// for each kind of thing that had to be mended.
pub fn import(session: &Session, path: &Path) -> Result<Vec<String>, Trouble> {
    let length = std::fs::metadata(path).map_err(|e| unreadable(path, &e))?.len();
    if length > MAX_CAPTION_BYTES as u64 {
        return Err(refused(path, &kinora_interchange::CaptionError::TooLong { bytes: length as usize }));
    }
    let bytes = std::fs::read(path).map_err(|e| unreadable(path, &e))?;
    let found = read_captions(&bytes).map_err(|e| refused(path, &e))?;
    let (laid, changed) = without_overlaps(found.cues);
    let mut notes = found.notes;
    if changed > 0 {
        notes.push(format!("{changed} captions overlapped; the earlier one ends where the next begins."));
    }
    let free = |film: &Film| film.tracks.iter().find(|track| is_free(track)).map(|track| track.id);
    let mut gesture = None;
    if free(&session.film()).is_none() {
        let track = Command::AddTrack { kind: TrackKind::Captions, name: "Captions".to_owned() };
        gesture = Some(session.edit(&track, None)?.gesture);
    }
    let film = session.film();
    if let Some(track) = free(&film) {
        let clips = clips(&laid, track, film.settings.rate);
        session.edit(&Command::PasteClips { clips, landing: Landing::Overwrite }, gesture)?;
    }
    Ok(notes)
}

fn is_free(track: &Track) -> bool {
    track.kind == TrackKind::Captions && !track.locked
}

/// SubRip, or WebVTT when the name ends so.
pub fn write(film: &Film, path: &Path) -> Result<(), Trouble> {
    let cues = cues(film);
    let vtt = path.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("vtt"));
    let text = if vtt { to_vtt(&cues) } else { to_srt(&cues) };
    std::fs::write(path, text).map_err(|e| {
        Trouble::from(kinora_ports::Fault::new(
            format!("The captions could not be written to {} ({e}).", path.display()),
            "Check that the folder is there and that you may write to it.",
            e,
        ))
    })
}

fn refused(path: &Path, why: &dyn std::fmt::Display) -> Trouble {
    Trouble::refuse(
        "captions.unreadable",
        format!("{} gives no captions: {why}", path.display()),
        "Choose a SubRip (.srt) or WebVTT (.vtt) file.",
    )
}
