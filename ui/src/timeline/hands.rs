//! What a drag on the timeline would do, before it is done.
//!
//! Pure: a drag begins with a clip and a place, moves, and ends as one command or, with Escape, as none. Nothing reaches the film
//! while the pointer is down, so a cancelled drag leaves nothing behind.

use super::model::{View, near, snap};
use kinora_document::{Clip, Command, Film, FrameRate, Ticks, TrackId};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    Body,
    Start,
    End,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Drag {
    pub grip: Grip,
    /// As it was when the drag began.
    pub before: Clip,
    /// As it would become.
    pub now: Clip,
    /// Time under the pointer when the drag began.
    pub from: Ticks,
    /// With Shift: later clips follow the end.
    pub ripple: bool,
}

impl Drag {
    pub fn new(grip: Grip, clip: Clip, from: Ticks) -> Self {
        Self { grip, now: clip.clone(), before: clip, from, ripple: false }
    }

    /// The pointer is at `time`, over `track`.
    pub fn drag_to(&mut self, time: Ticks, track: Option<TrackId>, film: &Film, view: &View, snapping: bool) {
        let rate = film.settings.rate;
        let by = time - self.from;
        let (start, end) = (self.before.start, self.before.start + self.before.length);
        let jump =
            |time: Ticks| if snapping { snap(time, targets(film, &self.before), view, rate) } else { rate.snap(time) };
        match self.grip {
            Grip::Body => {
                // Whichever edge jumps to a cut, the other comes along; of two the smaller jump wins.
                let jumps = [start, end]
                    .into_iter()
                    .filter(|_| snapping)
                    .filter_map(|edge| near(edge + by, targets(film, &self.before), view).map(|to| to - edge));
                let to = jumps
                    .min_by_key(|jump| (jump.0 - by.0).abs())
                    .map_or_else(|| rate.snap(start + by), |jump| start + jump);
                self.now.start = to.max(Ticks::ZERO);
                if let Some(track) = track.filter(|track| same_kind(film, self.before.track, *track)) {
                    self.now.track = track;
                }
            }
            Grip::Start => {
                let latest = end - rate.frame_length();
                let to = jump(start + by).max(earliest_start(&self.before)).min(latest);
                self.now.start = to;
                self.now.length = end - to;
            }
            Grip::End => {
                let to = jump(end + by).max(start + rate.frame_length());
                self.now.length = to - start;
            }
        }
    }

    /// What to ask for when the pointer is let go; None when nothing changed.
    pub fn command(&self) -> Option<Command> {
        if self.now == self.before {
            return None;
        }
        Some(match self.grip {
            Grip::Body => Command::MoveClip { clip: self.before.id, track: self.now.track, start: self.now.start },
            Grip::Start | Grip::End => Command::TrimClip {
                clip: self.before.id,
                start: self.now.start,
                length: self.now.length,
                ripple: self.ripple,
            },
        })
    }
}

/// The start cannot go before the source begins.
fn earliest_start(clip: &Clip) -> Ticks {
    let before = clip.source_in.0.saturating_mul(1000) / i64::from(clip.speed_permille.max(1));
    match clip.source {
        kinora_document::ClipSource::Title(_) | kinora_document::ClipSource::Colour(_) => Ticks::ZERO,
        _ => Ticks((clip.start.0 - before).max(0)),
    }
}

fn same_kind(film: &Film, one: TrackId, other: TrackId) -> bool {
    let kind = |track| film.tracks.get(track).map(|track| track.kind);
    kind(one).is_some() && kind(one) == kind(other) && film.tracks.get(other).is_some_and(|track| !track.locked)
}

/// Times that a drag jumps to: every other cut, every marker, the beginning.
pub fn targets<'a>(film: &'a Film, but: &'a Clip) -> impl Iterator<Item = Ticks> + 'a {
    let cuts =
        film.clips.iter().filter(|clip| clip.id != but.id).flat_map(|clip| [clip.start, clip.start + clip.length]);
    cuts.chain(film.markers.iter().map(|marker| marker.at)).chain([Ticks::ZERO])
}

/// Where scrubbing puts the playhead: on cuts when snapping, else on frames.
pub fn scrub_to(time: Ticks, film: &Film, view: &View, snapping: bool, rate: FrameRate) -> Ticks {
    let time = time.max(Ticks::ZERO).min(film.length());
    if !snapping {
        return rate.snap(time);
    }
    let close = View { ticks_per_pixel: view.ticks_per_pixel / 2 + 1, ..*view };
    snap(time, film.clips.iter().flat_map(|clip| [clip.start, clip.start + clip.length]), &close, rate)
}

#[cfg(test)]
#[path = "hands_tests.rs"]
mod tests;
