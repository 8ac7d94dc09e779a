//! Placing, moving and removing clips: insert, overwrite, move, lift, extract, blade.
//!
//! Each function rearranges a [`Cut`] and leaves checking and writing to it. What a person touches stops following the script.

use super::cut::{Cut, gone, no_more_source, story_track, too_short};
use crate::film::{Clip, ClipSource};
use crate::id::{ClipId, Mint, TrackId};
use crate::plan::{scaled, unscaled};
use crate::refusal::Refusal;
use crate::time::Ticks;
use std::collections::BTreeSet;

pub(super) struct Incoming<'s> {
    pub track: TrackId,
    pub at: Ticks,
    pub source: &'s ClipSource,
    pub source_in: Ticks,
    pub length: Ticks,
}

impl Incoming<'_> {
    fn clip(&self, cut: &mut Cut<'_>, ids: &mut dyn Mint) -> Result<Clip, Refusal> {
        let track = cut.track(self.track)?;
        cut.check_source(track, self.source, self.source_in)?;
        cut.check_span(self.at, self.length)?;
        if let (ClipSource::Shot(shot), Some(story)) = (self.source, story_track(cut.film))
            && story.id == self.track
        {
            cut.speaking.insert(*shot);
        }
        let mut clip = Clip::new(ClipId::mint(ids), self.track, self.at, self.length, self.source.clone());
        clip.source_in = if cut.has_time(self.source) { self.source_in } else { Ticks::ZERO };
        Ok(clip)
    }
}

/// Pushes later clips to the right; a clip under the place is cut in two.
pub(super) fn insert(cut: &mut Cut<'_>, incoming: &Incoming<'_>, ids: &mut dyn Mint) -> Result<(), Refusal> {
    let mut clip = incoming.clip(cut, ids)?;
    clip.start = make_room(cut, clip.track, clip.start, clip.length, ids)?;
    cut.put(clip);
    Ok(())
}

/// Pushes what begins at or after `at` right by `length`; a clip under it is cut in two, or spared when less than a frame of it would
/// be left. Gives the place that became free.
pub(super) fn make_room(
    cut: &mut Cut<'_>,
    track: TrackId,
    mut at: Ticks,
    length: Ticks,
    ids: &mut dyn Mint,
) -> Result<Ticks, Refusal> {
    let frame = cut.frame();
    let under = cut.lane(track).iter().position(|c| c.start < at && at < c.start + c.length);
    if let Some(place) = under {
        let lane = cut.lane(track);
        let Some(old) = lane.get(place).cloned() else { return Err(gone("clip")) };
        let (before, after) = (at - old.start, old.start + old.length - at);
        if before < frame {
            at = old.start;
        } else if after < frame {
            at = old.start + old.length;
        } else {
            let (left, right) = Cut::blade(&old, at, ClipId::mint(ids));
            lane.splice(place..=place, [left, right]);
        }
    }
    cut.ripple(track, at, length);
    Ok(at)
}

/// Replaces whatever lies there.
pub(super) fn overwrite(cut: &mut Cut<'_>, incoming: &Incoming<'_>, ids: &mut dyn Mint) -> Result<(), Refusal> {
    let clip = incoming.clip(cut, ids)?;
    cut.clear(clip.track, clip.start, clip.start + clip.length, ids);
    cut.put(clip);
    Ok(())
}

pub(super) fn blade(cut: &mut Cut<'_>, clip: ClipId, at: Ticks, ids: &mut dyn Mint) -> Result<(), Refusal> {
    let clip = cut.clip(clip)?;
    let frame = cut.frame();
    if at - clip.start < frame || clip.start + clip.length - at < frame {
        return Err(Refusal::new(
            "clip.blade_outside",
            "The blade is not inside the clip, with at least one frame on both sides.",
            "Move the playhead into the clip and cut again.",
        ));
    }
    let place = cut.place(clip)?;
    let (left, right) = Cut::blade(clip, at, ClipId::mint(ids));
    cut.lane(clip.track).splice(place..=place, [left, right]);
    Ok(())
}

pub(super) fn move_clip(cut: &mut Cut<'_>, clip: ClipId, track: TrackId, start: Ticks) -> Result<(), Refusal> {
    let clip = cut.clip(clip)?;
    let target = cut.track(track)?;
    cut.check_source(target, &clip.source, Ticks::ZERO)?;
    cut.check_span(start, clip.length)?;
    let place = cut.place(clip)?;
    let mut moved = cut.lane(clip.track).remove(place);
    let stays = moved.track == track && moved.start == start;
    moved.track = track;
    moved.start = start;
    moved.follows_script &= stays;
    cut.put(moved);
    Ok(())
}

/// Takes clips away; with `close` later clips of their tracks move up.
pub(super) fn remove(cut: &mut Cut<'_>, clips: &[ClipId], close: bool) -> Result<(), Refusal> {
    let wanted: BTreeSet<ClipId> = clips.iter().copied().collect();
    let mut tracks = BTreeSet::new();
    for clip in &wanted {
        tracks.insert(cut.clip(*clip)?.track);
    }
    for track in tracks {
        let mut shift = Ticks::ZERO;
        cut.lane(track).retain_mut(|clip| {
            if wanted.contains(&clip.id) {
                if close {
                    shift += clip.length;
                }
                return false;
            }
            clip.start -= shift;
            true
        });
    }
    Ok(())
}

/// New edges. With `ripple` the clip stays where it begins, its head or tail is cut or given back, and later clips follow its end.
pub(super) fn trim(cut: &mut Cut<'_>, clip: ClipId, start: Ticks, length: Ticks, ripple: bool) -> Result<(), Refusal> {
    let clip = cut.clip(clip)?;
    cut.check_span(if ripple { clip.start } else { start }, length)?;
    let place = cut.place(clip)?;
    let source_in = moved_in(cut, clip, start - clip.start)?;
    if let Some(edited) = cut.lane(clip.track).get_mut(place) {
        edited.source_in = source_in;
        edited.length = length;
        edited.start = if ripple { clip.start } else { start };
        edited.follows_script = false;
    }
    if ripple {
        let by = length - clip.length;
        for later in cut.lane(clip.track).iter_mut().skip(place + 1) {
            later.start += by;
        }
    }
    Ok(())
}

/// Where the source begins when the clip's head moves by `by` of film time.
fn moved_in(cut: &Cut<'_>, clip: &Clip, by: Ticks) -> Result<Ticks, Refusal> {
    let Some(length) = cut.source_length(&clip.source) else {
        // Of what is the same at any time only its key frames have a place in time.
        let kept = clip.source_in + scaled(by, clip.speed_permille);
        return Ok(if clip.curves.is_empty() { Ticks::ZERO } else { kept.max(Ticks::ZERO) });
    };
    let source_in = clip.source_in + scaled(by, clip.speed_permille);
    // A clip that already shows a held last picture may go on doing so.
    let inside = source_in < length || by <= Ticks::ZERO;
    if source_in >= Ticks::ZERO && inside { Ok(source_in) } else { Err(no_more_source()) }
}

/// Moves the cut between two neighbours.
pub(super) fn roll(cut: &mut Cut<'_>, left: ClipId, right: ClipId, by: Ticks) -> Result<(), Refusal> {
    let (left, right) = (cut.clip(left)?, cut.clip(right)?);
    if left.track != right.track || left.start + left.length != right.start {
        return Err(Refusal::new(
            "clip.no_cut",
            "These two clips do not touch, so there is no cut to roll.",
            "Choose two neighbours on one track.",
        ));
    }
    let frame = cut.frame();
    if left.length + by < frame || right.length - by < frame {
        return Err(too_short());
    }
    let source_in = moved_in(cut, right, by)?;
    let at = cut.place(left)?;
    if let Some(edited) = cut.lane(left.track).get_mut(at) {
        edited.length += by;
        edited.follows_script = false;
    }
    let at = cut.place(right)?;
    if let Some(edited) = cut.lane(right.track).get_mut(at) {
        edited.start += by;
        edited.length -= by;
        edited.source_in = source_in;
        edited.follows_script = false;
    }
    Ok(())
}

/// Shows an earlier or later part of the source.
pub(super) fn slip(cut: &mut Cut<'_>, clip: ClipId, by: Ticks) -> Result<(), Refusal> {
    let clip = cut.clip(clip)?;
    let Some(length) = cut.source_length(&clip.source) else {
        return Err(Refusal::new(
            "clip.nothing_to_slip",
            "This clip is the same at any time, so there is nothing to slip.",
            "Slip a take or a movie, or move the clip.",
        ));
    };
    let source_in = clip.source_in + by;
    let end = source_in + scaled(clip.length, clip.speed_permille);
    if source_in < Ticks::ZERO || (by > Ticks::ZERO && end > length) {
        return Err(no_more_source());
    }
    let place = cut.place(clip)?;
    if let Some(edited) = cut.lane(clip.track).get_mut(place) {
        edited.source_in = source_in;
        edited.follows_script &= by == Ticks::ZERO;
    }
    Ok(())
}

/// Moves a clip; the neighbours that touch it give and take.
pub(super) fn slide(cut: &mut Cut<'_>, clip: ClipId, by: Ticks) -> Result<(), Refusal> {
    let clip = cut.clip(clip)?;
    let frame = cut.frame();
    let place = cut.place(clip)?;
    let end = clip.start + clip.length;
    let lane = cut.lane(clip.track);
    let before = place.checked_sub(1).and_then(|at| lane.get(at)).filter(|c| c.start + c.length == clip.start).cloned();
    let after = lane.get(place + 1).filter(|c| c.start == end).cloned();
    if before.as_ref().is_some_and(|c| c.length + by < frame) || after.as_ref().is_some_and(|c| c.length - by < frame) {
        return Err(too_short());
    }
    let after_in = after.as_ref().map(|after| moved_in(cut, after, by)).transpose()?;
    for (at, other) in cut.lane(clip.track).iter_mut().enumerate() {
        if before.as_ref().is_some_and(|c| c.id == other.id) {
            other.length += by;
            other.follows_script = false;
        } else if at == place {
            other.start += by;
            other.follows_script = false;
        } else if let (true, Some(source_in)) = (after.as_ref().is_some_and(|c| c.id == other.id), after_in) {
            other.start += by;
            other.length -= by;
            other.source_in = source_in;
            other.follows_script = false;
        }
    }
    cut.check_span(clip.start + by, clip.length)
}

/// Plays faster or slower: the same part of the source, so the clip's length changes and later clips of the track follow.
pub(super) fn speed(cut: &mut Cut<'_>, clip: ClipId, permille: u32) -> Result<(), Refusal> {
    let clip = cut.clip(clip)?;
    check_speed(cut, clip, permille)?;
    let rate = cut.film.settings.rate;
    let shown = scaled(clip.length, clip.speed_permille);
    let length = rate.frame_start(rate.nearest_frame(unscaled(shown, permille)).max(1));
    let by = length - clip.length;
    let place = cut.place(clip)?;
    for (at, other) in cut.lane(clip.track).iter_mut().enumerate().skip(place) {
        if at == place {
            other.speed_permille = permille;
            other.length = length;
            other.follows_script &= permille == clip.speed_permille;
        } else {
            other.start += by;
        }
    }
    Ok(())
}

/// A legal speed for something that has one.
pub(super) fn check_speed(cut: &Cut<'_>, clip: &Clip, permille: u32) -> Result<(), Refusal> {
    if !crate::check::legal_speed(permille) {
        return Err(Refusal::new(
            "clip.speed",
            "A clip plays at a tenth to twenty times its recorded speed.",
            "Choose a speed from 10 % to 2000 %.",
        ));
    }
    if !cut.has_time(&clip.source) {
        return Err(Refusal::new(
            "clip.no_speed",
            "A title or a still picture has no speed.",
            "Trim it to the length you want.",
        ));
    }
    Ok(())
}
