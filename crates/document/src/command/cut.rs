//! The cutting table: the tracks that a command touches, as sorted lists, and the patch that makes the film like them.
//!
//! Commands rearrange plain lists here and never write operations by hand. [`Cut::finish`] checks what must hold of every timeline
//! (no overlap, room for a frame, limits), lets captions and titles that follow the script follow, and compares with the film.

use super::follow;
use crate::film::{Clip, ClipSource, Film, Media, MediaKind, Shot, Track, TrackKind};
use crate::id::{ClipId, Mint, ShotId, TrackId};
use crate::limits;
use crate::patch::{Address, Entity, Kind, Op};
use crate::plan::{scaled, unscaled};
use crate::refusal::Refusal;
use crate::speech::Speeches;
use crate::time::Ticks;
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Cut<'a> {
    pub film: &'a Film,
    /// Tracks looked at so far, each sorted by start.
    lanes: BTreeMap<TrackId, Vec<Clip>>,
    /// Shots whose dialogue may get captions it does not have yet.
    pub speaking: BTreeSet<ShotId>,
    /// Clips beside the story that the command has already put where they should be.
    pub placed: BTreeSet<ClipId>,
    /// Shots as they will be, where the command changes them too.
    pub shots: Option<BTreeMap<ShotId, Shot>>,
    /// Their order.
    pub story_order: Vec<ShotId>,
    /// Lines that a voice has just spoken, not yet in the film.
    pub spoken: &'a [Media],
}

impl<'a> Cut<'a> {
    pub fn new(film: &'a Film) -> Self {
        Self {
            film,
            lanes: BTreeMap::new(),
            speaking: BTreeSet::new(),
            placed: BTreeSet::new(),
            shots: None,
            story_order: Vec::new(),
            spoken: &[],
        }
    }

    /// The clips of a track, for changing.
    pub fn lane(&mut self, track: TrackId) -> &mut Vec<Clip> {
        let film = self.film;
        self.lanes.entry(track).or_insert_with(|| lane_of(film, track))
    }

    pub fn shot(&self, id: ShotId) -> Option<&Shot> {
        match &self.shots {
            Some(shots) => shots.get(&id),
            None => self.film.shots.get(id),
        }
    }

    pub fn frame(&self) -> Ticks {
        self.film.settings.rate.frame_length()
    }

    pub fn track(&self, track: TrackId) -> Result<&'a Track, Refusal> {
        let found = self.film.tracks.get(track).ok_or_else(|| gone("track"))?;
        if found.locked {
            return Err(Refusal::new(
                "track.locked",
                format!("The track “{}” is locked, so nothing on it was changed.", found.name),
                "Unlock the track and try again.",
            ));
        }
        Ok(found)
    }

    /// A clip on an unlocked track.
    pub fn clip(&self, clip: ClipId) -> Result<&'a Clip, Refusal> {
        let found = self.film.clips.get(clip).ok_or_else(|| gone("clip"))?;
        self.track(found.track)?;
        Ok(found)
    }

    /// Its place in its track's list.
    pub fn place(&mut self, clip: &Clip) -> Result<usize, Refusal> {
        self.lane(clip.track).iter().position(|other| other.id == clip.id).ok_or_else(|| gone("clip"))
    }

    /// Where the source ends, in source time; None when it never does.
    pub fn source_length(&self, source: &ClipSource) -> Option<Ticks> {
        match source {
            ClipSource::Shot(id) => {
                let shot = self.shot(*id)?;
                let take = shot.chosen_take.and_then(|take| self.film.takes.get(take));
                let made = take.map_or(Ticks::ZERO, |take| take.rate.frame_start(i64::from(take.frames)));
                Some(made.max(shot.length))
            }
            ClipSource::Take(id) => self.film.takes.get(*id).map(|take| take.rate.frame_start(i64::from(take.frames))),
            ClipSource::Media(id) => {
                let media = self.film.media.get(*id)?;
                (media.kind != MediaKind::Picture).then_some(media.length)
            }
            ClipSource::Line { shot, line } => Some(Speeches::of(self.film).get(*shot, *line)?.length),
            ClipSource::Ambience(_) | ClipSource::Title(_) | ClipSource::Colour(_) => None,
        }
    }

    /// True for sources in which there is an earlier and a later.
    pub fn has_time(&self, source: &ClipSource) -> bool {
        self.source_length(source).is_some()
    }

    /// Checks a new source for a track.
    pub fn check_source(&self, track: &Track, source: &ClipSource, source_in: Ticks) -> Result<(), Refusal> {
        let film = self.film;
        let (exists, seen, heard) = match source {
            ClipSource::Shot(id) => (film.shots.contains(*id), true, true),
            ClipSource::Take(id) => (film.takes.contains(*id), true, true),
            ClipSource::Media(id) => match film.media.get(*id) {
                Some(media) => {
                    (true, media.kind != MediaKind::Sound, media.kind == MediaKind::Sound || media.has_sound)
                }
                None => (false, false, false),
            },
            ClipSource::Line { shot, line } => {
                let shot = film.shots.get(*shot);
                (shot.is_some_and(|shot| (*line as usize) < shot.dialogue.len()), false, true)
            }
            ClipSource::Ambience(ambience) => {
                super::property::check_ambience(ambience)?;
                (true, false, true)
            }
            ClipSource::Title(title) => {
                super::check_text(&title.text, "title")?;
                (true, true, false)
            }
            ClipSource::Colour(_) => (true, true, false),
        };
        if !exists {
            return Err(gone("source"));
        }
        let suits = match track.kind {
            TrackKind::Video => seen,
            TrackKind::Captions => matches!(source, ClipSource::Title(_)),
            TrackKind::Dialogue | TrackKind::Effects | TrackKind::Music => heard,
        };
        if !suits {
            return Err(Refusal::new(
                "clip.wrong_track",
                format!("The track “{}” cannot hold this: it would be neither seen nor heard there.", track.name),
                "Put pictures and titles on a video track, sound on a sound track, and captions on a captions track.",
            ));
        }
        let inside = self.source_length(source).is_none_or(|length| source_in < length);
        if source_in < Ticks::ZERO || !inside {
            return Err(no_more_source());
        }
        Ok(())
    }

    pub fn check_span(&self, start: Ticks, length: Ticks) -> Result<(), Refusal> {
        if length < self.frame() {
            return Err(too_short());
        }
        if start < Ticks::ZERO {
            return Err(Refusal::new(
                "clip.before_film",
                "The clip would begin before the film does.",
                "Put it at the beginning of the film or later.",
            ));
        }
        if start.0 > limits::FILM_TICKS || length.0 > limits::FILM_TICKS || (start + length).0 > limits::FILM_TICKS {
            return Err(too_long());
        }
        Ok(())
    }

    /// Cuts a clip in two at a time inside it. The right part gets `id`; both stay as the person left them.
    pub fn blade(clip: &Clip, at: Ticks, id: ClipId) -> (Clip, Clip) {
        let (mut left, mut right) = (clip.clone(), clip.clone());
        left.length = at - clip.start;
        left.fade_out = Ticks::ZERO;
        right.id = id;
        right.start = at;
        right.length = clip.length - left.length;
        right.source_in = clip.source_in + scaled(left.length, clip.speed_permille);
        right.transition = None;
        right.fade_in = Ticks::ZERO;
        left.follows_script = false;
        right.follows_script = false;
        (left, right)
    }

    /// Makes room: clips inside the span go, clips at its edges are cut back.
    pub fn clear(&mut self, track: TrackId, start: Ticks, end: Ticks, ids: &mut dyn Mint) {
        let frame = self.frame();
        let old = std::mem::take(self.lane(track));
        let mut kept = Vec::with_capacity(old.len() + 1);
        for clip in old {
            let clip_end = clip.start + clip.length;
            if clip_end <= start || clip.start >= end {
                kept.push(clip);
                continue;
            }
            if start - clip.start >= frame {
                kept.push(Self::blade(&clip, start, clip.id).0);
            }
            if clip_end - end >= frame {
                let id = if start - clip.start >= frame { ClipId::mint(ids) } else { clip.id };
                kept.push(Self::blade(&clip, end, id).1);
            }
        }
        *self.lane(track) = kept;
    }

    /// Moves every clip that begins at or after `from`.
    pub fn ripple(&mut self, track: TrackId, from: Ticks, by: Ticks) {
        for clip in self.lane(track) {
            if clip.start >= from {
                clip.start += by;
            }
        }
    }

    pub fn put(&mut self, clip: Clip) {
        let lane = self.lane(clip.track);
        let at = lane.partition_point(|other| other.start <= clip.start);
        lane.insert(at, clip);
    }

    /// Checks the lists, lets what follows the script follow, and writes what differs from the film.
    pub fn finish(mut self, ids: &mut dyn Mint) -> Result<Vec<Op>, Refusal> {
        follow::follow(&mut self, ids);
        let frame = self.frame();
        let mut changed: Vec<Op> = Vec::new();
        let (mut gone, mut fresh) = (Vec::new(), Vec::new());
        let mut present: BTreeSet<ClipId> = BTreeSet::new();
        for lane in self.lanes.values_mut() {
            lane.sort_by_key(|clip| (clip.start, clip.id));
            lane.iter_mut().for_each(tidy);
        }
        for lane in self.lanes.values() {
            for clip in lane {
                present.insert(clip.id);
                match self.film.clips.get(clip.id) {
                    Some(old) if old == clip => {}
                    Some(old) if old.only_moved(clip) => changed.push(Op::Start { clip: clip.id, at: clip.start }),
                    Some(_) => changed.push(Op::Set { entity: Entity::Clip(clip.clone()) }),
                    None => fresh.push(clip),
                }
                if clip.length < frame {
                    return Err(too_short());
                }
                self.check_span(clip.start, clip.length)?;
            }
            for pair in lane.windows(2) {
                if let [left, right] = pair
                    && left.start + left.length > right.start
                {
                    return Err(in_the_way());
                }
            }
        }
        for clip in self.film.clips.iter() {
            if self.lanes.contains_key(&clip.track) && !present.contains(&clip.id) {
                gone.push(Address { kind: Kind::Clip, id: clip.id.0 });
            }
        }
        let left = self.film.clips.len() - gone.len();
        if left + fresh.len() > limits::CLIPS {
            return Err(Refusal::new(
                "limit.clips",
                format!("The film would have more than {} clips.", limits::CLIPS),
                "Remove clips that are not needed, or make two films.",
            ));
        }
        let mut ops: Vec<Op> = gone.into_iter().map(|address| Op::Remove { address }).collect();
        ops.extend(changed);
        let insert = |(at, clip): (usize, &Clip)| Op::Insert { at: left + at, entity: Entity::Clip(clip.clone()) };
        ops.extend(fresh.into_iter().enumerate().map(insert));
        Ok(ops)
    }

    /// A track's list if the command has looked at it.
    pub fn touched(&self, track: TrackId) -> Option<&Vec<Clip>> {
        self.lanes.get(&track)
    }
}

pub(super) fn lane_of(film: &Film, track: TrackId) -> Vec<Clip> {
    let mut lane: Vec<Clip> = film.clips.iter().filter(|clip| clip.track == track).cloned().collect();
    lane.sort_by_key(|clip| (clip.start, clip.id));
    lane
}

/// The track that the story lies on: the lowest video track.
pub(super) fn story_track(film: &Film) -> Option<&Track> {
    film.tracks.iter().find(|track| track.kind == TrackKind::Video)
}

/// A clip as it comes onto a track.
/// Fades and transitions never outlast their clip.
fn tidy(clip: &mut Clip) {
    clip.fade_in = clip.fade_in.min(clip.length).max(Ticks::ZERO);
    clip.fade_out = clip.fade_out.min(clip.length - clip.fade_in).max(Ticks::ZERO);
    if let Some(transition) = &mut clip.transition {
        transition.length = transition.length.min(clip.length);
    }
}

/// Film time that `source` lasts at the clip's speed.
pub(super) fn film_time(source: Ticks, clip: &Clip) -> Ticks {
    unscaled(source, clip.speed_permille)
}

pub(super) fn gone(what: &str) -> Refusal {
    Refusal::new(
        &format!("{what}.gone"),
        format!("This {what} is not in the film any more."),
        "Look at the film again: it may have been removed or undone.",
    )
}

pub(super) fn too_short() -> Refusal {
    Refusal::new(
        "clip.too_short",
        "The clip would be shorter than one frame.",
        "Leave at least one frame, or remove the clip.",
    )
}

pub(super) fn too_long() -> Refusal {
    Refusal::new("film.too_long", "The film would be longer than twelve hours.", "Make two films of it.")
}

pub(super) fn in_the_way() -> Refusal {
    Refusal::new(
        "clip.in_the_way",
        "Another clip of the track is in the way.",
        "Use insert to push it aside, overwrite to replace it, or put the clip on another track.",
    )
}

pub(super) fn no_more_source() -> Refusal {
    Refusal::new(
        "clip.no_more_source",
        "The source has nothing before its beginning or after its end.",
        "Go less far, or generate a longer take.",
    )
}
