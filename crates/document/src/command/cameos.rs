//! What a withdrawn consent does to a film: takes and recordings under it are marked, and on confirmation leave it.
//!
//! Both are the studio's own work and are not undone: a person's no stands. Nothing here decides whether a consent holds.

use super::cut::Cut;
use super::{property, remove, set, timeline};
use crate::film::{ClipSource, Film, Media, Shot, Take};
use crate::hash::BlobHash;
use crate::id::{ClipId, MediaId, Mint, TakeId};
use crate::patch::{Entity, Kind, Patch};
use crate::refusal::Refusal;
use std::collections::BTreeSet;

fn made_under<'f>(film: &'f Film, consents: &'f [BlobHash]) -> impl Iterator<Item = &'f Take> {
    film.takes.iter().filter(move |take| take.cameos.iter().any(|used| consents.contains(&used.consent)))
}

fn recorded_under<'f>(film: &'f Film, consents: &'f [BlobHash]) -> impl Iterator<Item = &'f Media> {
    film.media.iter().filter(move |media| media.cameo.is_some_and(|used| consents.contains(&used.consent)))
}

pub(super) fn withdraw(film: &Film, consents: &[BlobHash]) -> Patch {
    let fresh = made_under(film, consents).filter(|take| !take.withdrawn);
    let takes = fresh.flat_map(|take| set(Entity::Take(Take { withdrawn: true, ..take.clone() })).0);
    let fresh = recorded_under(film, consents).filter(|media| !media.withdrawn);
    let recordings = fresh.flat_map(|media| set(Entity::Media(Media { withdrawn: true, ..media.clone() })).0);
    Patch(takes.chain(recordings).collect())
}

pub(super) fn purge(film: &Film, consents: &[BlobHash], ids: &mut dyn Mint) -> Result<Patch, Refusal> {
    let gone: BTreeSet<TakeId> = made_under(film, consents).map(|take| take.id).collect();
    let unseen: BTreeSet<MediaId> = recorded_under(film, consents).map(|media| media.id).collect();
    let shows = |source: &ClipSource| match source {
        ClipSource::Take(take) => gone.contains(take),
        ClipSource::Media(media) => unseen.contains(media),
        _ => false,
    };
    let clips: Vec<ClipId> = film.clips.iter().filter(|clip| shows(&clip.source)).map(|clip| clip.id).collect();
    let mut ops = Vec::new();
    if !clips.is_empty() {
        // A gap is left: nothing else on the timeline moves.
        let mut cut = Cut::new(film);
        timeline::remove(&mut cut, &clips, false)?;
        ops.extend(cut.finish(ids)?);
    }
    for shot in film.shots.iter().filter(|shot| shot.chosen_take.is_some_and(|take| gone.contains(&take))) {
        let newest = film.takes.iter().rev().find(|take| take.shot == shot.id && !gone.contains(&take.id));
        let newest = newest.filter(|take| !take.withdrawn).map(|take| take.id);
        ops.extend(set(Entity::Shot(Shot { chosen_take: newest, ..shot.clone() })).0);
    }
    ops.extend(property::orphaned(film, &gone));
    ops.extend(gone.iter().map(|take| remove(Kind::Take, take.0)));
    ops.extend(unseen.iter().map(|media| remove(Kind::Media, media.0)));
    Ok(Patch(ops))
}
