//! A consent that was taken back, in the film that is open: work stops, takes are marked, and on confirmation destroyed.
//!
//! The marks are made again whenever a film opens, generates or exports, so that neither undo nor a revocation elsewhere leaves one out. It
//! must never mark or destroy a take that was made under a consent that holds, ended or was replaced.

use crate::problem::Trouble;
use crate::studio::OpenFilm;
use kinora_api::Withdrawn;
use kinora_document::{BlobHash, CameoId, CameoUse, ClipSource, Command, Film, Media, Take};
use std::collections::BTreeSet;
use std::sync::PoisonError;

impl OpenFilm {
    /// Marks takes whose consent was taken back; how many are new. Nothing is asked of a film without cameos.
    pub(crate) fn mark_withdrawn(&self) -> Result<usize, Trouble> {
        let film = self.session.film();
        let unmarked = film.takes.iter().filter(|take| !take.withdrawn);
        let recordings = film.media.iter().filter(|media| !media.withdrawn).filter_map(|media| media.cameo);
        let used: BTreeSet<CameoUse> =
            unmarked.flat_map(|take| take.cameos.iter().copied()).chain(recordings).collect();
        let consents = match self.tools.consents.withdrawn(&used) {
            // A machine that never had a cameo knows nothing of these.
            Err(trouble) if trouble.0.rule == "keys.undecided" => return Ok(0),
            other => other?,
        };
        if consents.is_empty() {
            return Ok(0);
        }
        let count = unmarked_under(&film, &consents);
        self.session.record(&Command::WithdrawTakes { consents })?;
        Ok(count)
    }

    /// Takes the consent back: nothing is made with the cameo from here on, and what was made here is marked.
    pub fn revoke(&self, cameo: CameoId) -> Result<Withdrawn, Trouble> {
        let jobs = self.queue.asking(cameo);
        let consents = self.tools.consents.revoke(cameo)?;
        self.queue.withdraw(cameo, &stopped())?;
        let film = self.session.film();
        let takes = unmarked_under(&film, &consents);
        self.session.record(&Command::WithdrawTakes { consents })?;
        self.forget_decoded();
        Ok(Withdrawn { jobs, takes })
    }

    /// Destroys the cameo and its recordings, and marks what was made here. What that is worth, as sentences.
    pub fn delete_cameo(&self, cameo: CameoId) -> Result<Vec<String>, Trouble> {
        let said = self.tools.consents.delete(cameo)?;
        self.queue.withdraw(cameo, &stopped())?;
        self.mark_withdrawn()?;
        Ok(said)
    }

    /// What the monitor has decoded is let go of.
    fn forget_decoded(&self) {
        *self.monitor.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Destroys the marked takes that have this likeness in them: pictures, sound and thumbnails; marked recordings leave the film. How many.
    pub fn purge(&self, cameo: CameoId) -> Result<usize, Trouble> {
        self.mark_withdrawn()?;
        let film = self.session.film();
        let of_cameo = |take: &&Take| take.withdrawn && take.cameos.iter().any(|using| using.cameo == cameo);
        let gone: Vec<&Take> = film.takes.iter().filter(of_cameo).collect();
        let of =
            |take: &Take| take.cameos.iter().filter(|using| using.cameo == cameo).map(|using| using.consent).collect();
        let recordings = film.media.iter().filter(|media| media.withdrawn).filter_map(|media| media.cameo);
        let recordings: Vec<CameoUse> = recordings.filter(|using| using.cameo == cameo).collect();
        let consents: BTreeSet<BlobHash> = gone
            .iter()
            .flat_map(|take| -> Vec<BlobHash> { of(take) })
            .chain(recordings.iter().map(|using| using.consent))
            .collect();
        if consents.is_empty() {
            return Ok(0);
        }
        self.session.record(&Command::PurgeTakes { consents: consents.iter().copied().collect() })?;
        let after = self.session.film();
        let kept: BTreeSet<BlobHash> = after
            .takes
            .iter()
            .flat_map(|take| [Some(take.blob), take.thumbnail])
            .chain(after.media.iter().flat_map(|media| [Some(media.blob), media.thumbnail]))
            .flatten()
            .collect();
        let blobs = self.session.store().blobs();
        for hash in gone.iter().flat_map(|take| [Some(take.blob), take.thumbnail]).flatten() {
            if !kept.contains(&hash) {
                blobs.remove(hash)?;
            }
        }
        // What it has decoded goes with it.
        self.forget_decoded();
        for consent in consents {
            let takes = gone.iter().filter(|take| take.cameos.iter().any(|using| using.consent == consent)).count()
                + recordings.iter().filter(|using| using.consent == consent).count();
            // A cameo that was deleted has no list to note it in.
            let _ = self.tools.consents.note_purge(cameo, consent, takes as u32, &film.settings.title);
        }
        Ok(gone.len() + recordings.len())
    }
}

fn made_under<'f>(film: &'f Film, consents: &'f [BlobHash]) -> impl Iterator<Item = &'f Take> {
    film.takes.iter().filter(move |take| take.cameos.iter().any(|using| consents.contains(&using.consent)))
}

/// Takes and recordings that would be marked now.
fn unmarked_under(film: &Film, consents: &[BlobHash]) -> usize {
    let under = |media: &&Media| media.cameo.is_some_and(|using| consents.contains(&using.consent));
    let recordings = film.media.iter().filter(under).filter(|media| !media.withdrawn).count();
    made_under(film, consents).filter(|take| !take.withdrawn).count() + recordings
}

fn stopped() -> Trouble {
    Trouble::refuse(
        "consent.revoked",
        "The consent for somebody in this shot was taken back.",
        "Take the cameo out of the cast, or ask for a new consent.",
    )
}

/// No file is made that shows somebody who took their consent back.
pub(crate) fn refuse_withdrawn(film: &Film) -> Result<(), Trouble> {
    let shown = film.clips.iter().filter_map(|clip| match clip.source {
        ClipSource::Shot(shot) => film.shots.get(shot)?.chosen_take,
        ClipSource::Take(take) => Some(take),
        _ => None,
    });
    let recordings = film.clips.iter().filter_map(|clip| match clip.source {
        ClipSource::Media(media) => film.media.get(media),
        _ => None,
    });
    let withdrawn = recordings.into_iter().any(|media| media.withdrawn);
    if withdrawn || shown.filter_map(|take| film.takes.get(take)).any(|take| take.withdrawn) {
        return Err(Trouble::refuse(
            "consent.withdrawn_take",
            "The film shows somebody who took their consent back.",
            "Generate those shots again without them, or remove their takes in the Cameo room.",
        ));
    }
    Ok(())
}
