//! The dialogue track: a clip for every line, at its place in its shot.
//!
//! Like captions, these clips follow the story until a person moves or trims them, and one that a person removed does not come back by
//! itself. A line that is longer than its shot goes on over the next one, and the lines after it wait; none goes on past the story's end.

use super::cut::{Cut, film_time, story_track};
use super::property::room;
use crate::check::speech_fits;
use crate::film::{Clip, ClipSource, Media, TrackKind};
use crate::id::{ClipId, Mint, ShotId};
use crate::limits;
use crate::patch::{Entity, Op, Patch};
use crate::refusal::Refusal;
use crate::speech::{LineKey, Speeches};
use crate::time::{FrameRate, Ticks};
use std::collections::{BTreeMap, BTreeSet};

/// Where each utterance begins on the film's clock.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// In order of time.
    pub spots: Vec<Spot>,
    starts: BTreeMap<LineKey, Ticks>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub key: LineKey,
    pub start: Ticks,
    pub length: Ticks,
}

impl Schedule {
    /// When words `first … first + count` of a line are heard; None before the line was spoken.
    pub fn words(&self, speeches: &Speeches<'_>, key: LineKey, first: usize, count: usize) -> Option<(Ticks, Ticks)> {
        let (head, begun) = speeches.head(key.0, key.1)?;
        let start = *self.starts.get(&head)?;
        let (from, until) = speeches.word_times(head, begun + first, count)?;
        Some((start + from, start + until))
    }
}

/// What is said in the film as the command leaves it.
pub(super) fn speeches<'c>(cut: &'c Cut<'_>) -> Speeches<'c> {
    let media = cut.film.media.iter().chain(cut.spoken);
    match &cut.shots {
        Some(shots) => {
            let shots = cut.story_order.iter().filter_map(|shot| shots.get(shot));
            Speeches::new(shots, cut.film.cast.iter(), media)
        }
        None => Speeches::new(cut.film.shots.iter(), cut.film.cast.iter(), media),
    }
}

/// Walks the story and gives every line its time.
pub(super) fn schedule(cut: &Cut<'_>, story: &[Clip], speeches: &Speeches<'_>) -> Schedule {
    let rate = cut.film.settings.rate;
    let end = story.last().map_or(Ticks::ZERO, |clip| clip.start + clip.length);
    // A line that a person has moved is where they put it.
    let by_hand: BTreeMap<LineKey, Ticks> = cut
        .film
        .clips
        .iter()
        .filter(|clip| !clip.follows_script)
        .filter_map(|clip| match clip.source {
            ClipSource::Line { shot, line } => Some(((shot, line), clip.start - film_time(clip.source_in, clip))),
            _ => None,
        })
        .collect();
    let mut found = Schedule::default();
    // Each line with the time it would like.
    let mut wanted: Vec<Spot> = Vec::new();
    let mut seen: BTreeSet<LineKey> = BTreeSet::new();
    for clip in story {
        let Some(shot) = shot_of(cut, clip) else { continue };
        let Some(entity) = cut.shot(shot) else { continue };
        for place in speeches.places(shot, entity.length) {
            let key = (shot, place.line);
            let Some(said) = speeches.get(shot, place.line).filter(|_| !seen.contains(&key)) else { continue };
            if let Some(start) = by_hand.get(&key) {
                seen.insert(key);
                found.starts.insert(key, *start);
                continue;
            }
            // What begins after the shot's end still belongs to its last clip.
            let within = place.start.min(entity.length - Ticks(1));
            let shown = within - clip.source_in;
            if shown < Ticks::ZERO || film_time(shown, clip) >= clip.length {
                continue;
            }
            seen.insert(key);
            let start = clip.start + film_time(place.start - clip.source_in, clip);
            wanted.push(Spot { key, start, length: said.length });
        }
    }
    let last = rate.frame_at(end);
    let (mut free, count) = (Ticks::ZERO, i64::try_from(wanted.len()).unwrap_or(i64::MAX));
    for (at, spot) in (0..count).zip(wanted) {
        // A line waits for the one before it, but every line keeps a frame of the story: one that lost its clip would stay lost.
        let latest = rate.frame_start(last - (count - at));
        let start = up(rate, spot.start.max(free)).min(latest);
        if start < Ticks::ZERO {
            continue;
        }
        if let Some(before) = found.spots.last_mut() {
            before.length = before.length.min(start - before.start);
        }
        let length = up(rate, start + spot.length).min(rate.frame_start(last)) - start;
        free = start + length;
        found.starts.insert(spot.key, start);
        found.spots.push(Spot { start, length, ..spot });
    }
    found
}

/// The next whole frame.
fn up(rate: FrameRate, time: Ticks) -> Ticks {
    let frame = rate.frame_at(time);
    let start = rate.frame_start(frame);
    if start >= time { start } else { rate.frame_start(frame + 1) }
}

pub(super) fn shot_of(cut: &Cut<'_>, clip: &Clip) -> Option<ShotId> {
    match &clip.source {
        ClipSource::Shot(shot) => Some(*shot),
        ClipSource::Take(take) => cut.film.takes.get(*take).map(|take| take.shot),
        _ => None,
    }
}

/// Puts the clips of the first dialogue track that is not locked where the schedule wants them.
pub(super) fn follow(cut: &mut Cut<'_>, schedule: &Schedule, speaking: &BTreeSet<ShotId>, ids: &mut dyn Mint) {
    let Some(track) = cut.film.tracks.iter().find(|track| track.kind == TrackKind::Dialogue && !track.locked) else {
        return;
    };
    let old = std::mem::take(cut.lane(track.id));
    let derived = |clip: &Clip| clip.follows_script && matches!(clip.source, ClipSource::Line { .. });
    let (followers, mut kept): (Vec<Clip>, Vec<Clip>) = old.into_iter().partition(derived);
    let mut waiting: BTreeMap<LineKey, Clip> = BTreeMap::new();
    for clip in followers {
        if let ClipSource::Line { shot, line } = clip.source {
            waiting.entry((shot, line)).or_insert(clip);
        }
    }
    let manual = kept.clone();
    for spot in &schedule.spots {
        let clip = match waiting.remove(&spot.key) {
            Some(clip) => clip,
            None if speaking.contains(&spot.key.0) => {
                let source = ClipSource::Line { shot: spot.key.0, line: spot.key.1 };
                let mut clip = Clip::new(ClipId(0), track.id, spot.start, spot.length, source);
                clip.follows_script = true;
                clip
            }
            None => continue,
        };
        let end = spot.start + spot.length;
        if manual.iter().all(|other| other.start + other.length <= spot.start || end <= other.start) {
            let id = if clip.id == ClipId(0) { ClipId::mint(ids) } else { clip.id };
            kept.push(Clip { id, start: spot.start, length: spot.length, ..clip });
        }
    }
    *cut.lane(track.id) = kept;
}

/// Lines that a voice has spoken: the files are kept, and clips and captions take their measured times.
pub(super) fn add_speech(film: &crate::Film, media: &[Media], ids: &mut dyn Mint) -> Result<Patch, Refusal> {
    let mut ops = Vec::with_capacity(media.len());
    for (at, file) in media.iter().enumerate() {
        room(film.media.len() + at, limits::MEDIA, "files")?;
        if film.media.contains(file.id) {
            return Err(Refusal::new("media.twice", "This file is already in the film.", "Nothing needs to be done."));
        }
        if !file.speech.as_deref().is_some_and(speech_fits) {
            return Err(Refusal::new(
                "speech.words",
                "The voice did not say when each of its words begins, so the line was not kept.",
                "Speak the line again, or choose another voice.",
            ));
        }
        ops.push(Op::Insert { at: film.media.len() + at, entity: Entity::Media(file.clone()) });
    }
    let mut cut = Cut::new(film);
    cut.spoken = media;
    if let Some(story) = story_track(film) {
        cut.lane(story.id);
    }
    ops.extend(cut.finish(ids)?);
    Ok(Patch(ops))
}

/// Shots whose lines were spoken just now and have no clip anywhere.
pub(super) fn newly_voiced(cut: &Cut<'_>, speeches: &Speeches<'_>) -> BTreeSet<ShotId> {
    let lines = |clip: &Clip| match clip.source {
        ClipSource::Line { shot, .. } => Some(shot),
        // Somebody speaks it themselves.
        ClipSource::Media(media) => Some(cut.film.media.get(media)?.dubs.as_ref()?.shot),
        _ => None,
    };
    let clipped: BTreeSet<ShotId> = cut.film.clips.iter().filter_map(lines).collect();
    let fresh: BTreeSet<_> = cut.spoken.iter().map(|media| media.id).collect();
    let spoken = speeches.iter().filter(|(_, said)| said.spoken.is_some_and(|media| fresh.contains(&media.id)));
    spoken.map(|((shot, _), _)| shot).filter(|shot| !clipped.contains(shot)).collect()
}
