//! What a drag on the timeline would do, before it is done.
//!
//! Pure: a drag begins with clips and a place, moves, and ends as the commands of one gesture or, with Escape, as none. Nothing reaches
//! the film while the pointer is down, so a cancelled drag leaves nothing behind.

use super::model::{Layout, View, near};
use kinora_document::command::{ClipPlace, Landing};
use kinora_document::{Clip, ClipId, ClipSource, Command, Film, MediaKind, Ticks, Track, TrackId, Transition};

/// What the hand does with what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Move,
    /// One edge; later clips follow it with `ripple`.
    Trim {
        at_start: bool,
        ripple: bool,
    },
    /// The cut between two neighbours.
    Roll {
        left: ClipId,
        right: ClipId,
    },
    Slip,
    Slide,
    /// The length of the transition at the clip's beginning.
    Transition,
    /// The end, with the speed that takes.
    Stretch,
    /// The keys of the clip at a time of its source.
    Key {
        at: Ticks,
    },
}

/// Keys held while dragging.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Put a copy down and leave what is held.
    pub copy: bool,
    /// Push what lies there aside.
    pub insert: bool,
    pub snapping: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Drag {
    pub deed: Deed,
    /// The clip under the pointer first, then everything that goes with it, as it was when the drag began.
    pub before: Vec<Clip>,
    /// As they would become, and neighbours that give and take.
    pub now: Vec<Clip>,
    /// Time under the pointer when the drag began.
    pub from: Ticks,
    /// How far it has gone, on frames and cuts.
    pub by: Ticks,
    pub held: Held,
    /// The cut that it jumped to.
    pub snapped: Option<Ticks>,
}

impl Drag {
    pub fn new(deed: Deed, before: Vec<Clip>, from: Ticks) -> Self {
        Self { deed, now: before.clone(), before, from, by: Ticks::ZERO, held: Held::default(), snapped: None }
    }

    pub fn holds(&self, clip: ClipId) -> bool {
        self.before.iter().any(|held| held.id == clip)
    }

    /// The pointer is at `time`, over `track`.
    pub fn drag_to(
        &mut self,
        time: Ticks,
        track: Option<TrackId>,
        film: &Film,
        layout: &Layout,
        view: &View,
        held: Held,
    ) {
        let Some(first) = self.before.first().cloned() else { return };
        self.held = held;
        let wanted = time - self.from;
        let edges: Vec<Ticks> = match self.deed {
            Deed::Move => self.before.iter().flat_map(|clip| [clip.start, clip.start + clip.length]).collect(),
            Deed::Trim { at_start: true, .. } => vec![first.start],
            Deed::Trim { at_start: false, .. } | Deed::Stretch => vec![first.start + first.length],
            Deed::Roll { left, .. } if left == first.id => vec![first.start + first.length],
            Deed::Roll { .. } => vec![first.start],
            Deed::Slide => vec![first.start, first.start + first.length],
            Deed::Transition => vec![first.start + first.transition.as_ref().map_or(Ticks::ZERO, |t| t.length)],
            Deed::Key { at } => vec![first.time_in_film(at)],
            Deed::Slip => Vec::new(),
        };
        self.snapped = None;
        let jump = edges
            .iter()
            .filter(|_| held.snapping)
            .filter_map(|edge| {
                let to = near(*edge + wanted, self.targets(film, layout, *edge + wanted, view), view)?;
                Some((to - *edge, to))
            })
            .min_by_key(|(jump, _)| (jump.0 - wanted.0).abs());
        let rate = film.settings.rate;
        let by = match (jump, edges.first()) {
            (Some((by, to)), _) => {
                self.snapped = Some(to);
                by
            }
            (None, Some(edge)) => rate.snap(*edge + wanted) - *edge,
            (None, None) => rate.snap(wanted),
        };
        self.by = self.within_limits(by, film, &first);
        if self.by != by {
            self.snapped = None;
        }
        self.show(track, film, &first);
    }

    /// Cuts and markers near a time. The edges of what is held are none: one could not trim by less than a snap.
    fn targets<'a>(
        &'a self,
        film: &'a Film,
        layout: &'a Layout,
        around: Ticks,
        view: &View,
    ) -> impl Iterator<Item = Ticks> + 'a {
        let reach = view.ticks(super::model::SNAP);
        let cuts = layout.cuts();
        let first = cuts.partition_point(|cut| *cut < around - reach);
        let own = move |cut: &Ticks| {
            let edge_of = |clip: &Clip| clip.start == *cut || clip.start + clip.length == *cut;
            !self.held.copy && self.before.iter().any(edge_of)
        };
        let last = around + reach;
        cuts.iter()
            .skip(first)
            .take_while(move |cut| **cut <= last)
            .copied()
            .filter(move |cut| !own(cut))
            .chain(film.markers.iter().map(|marker| marker.at))
    }

    fn within_limits(&self, by: Ticks, film: &Film, first: &Clip) -> Ticks {
        let frame = film.settings.rate.frame_length();
        let clip_of = |id: ClipId| film.clips.get(id);
        let clamp = |by: Ticks, least: Ticks, most: Ticks| by.max(least).min(most.max(least));
        match self.deed {
            Deed::Move => {
                let earliest = self.before.iter().map(|clip| clip.start).min().unwrap_or(Ticks::ZERO);
                by.max(-earliest)
            }
            Deed::Trim { at_start: true, ripple } => self.before.iter().fold(by, |by, clip| {
                let room = if ripple { Ticks(i64::MIN / 4) } else { -clip.start };
                clamp(by, room.max(-before_source(clip)), clip.length - frame)
            }),
            Deed::Trim { at_start: false, .. } | Deed::Stretch => {
                self.before.iter().fold(by, |by, clip| by.max(frame - clip.length))
            }
            Deed::Roll { left, right } => match (clip_of(left), clip_of(right)) {
                (Some(left), Some(right)) => {
                    clamp(by, (frame - left.length).max(-before_source(right)), right.length - frame)
                }
                _ => Ticks::ZERO,
            },
            Deed::Slip => {
                let end = source_length(film, &first.source).unwrap_or(first.source_in);
                let shown = in_source(first.length, first.speed_permille);
                let later = to_film((end - first.source_in - shown).max(Ticks::ZERO), first.speed_permille);
                clamp(by, -later, before_source(first))
            }
            Deed::Slide => {
                let (before, after) = neighbours(film, first);
                let least = before.map_or(-first.start, |clip| frame - clip.length);
                let least = after.map_or(least, |clip| least.max(-before_source(clip)));
                let most = after.map_or(Ticks(i64::MAX / 4), |clip| clip.length - frame);
                clamp(by, least, most)
            }
            // On a frame of the clip.
            Deed::Key { at } => {
                let at = first.time_in_film(at);
                clamp(by, first.start - at, first.start + first.length - frame - at)
            }
            Deed::Transition => {
                let length = first.transition.as_ref().map_or(Ticks::ZERO, |transition| transition.length);
                clamp(by, frame - length, first.length - length)
            }
        }
    }

    fn show(&mut self, track: Option<TrackId>, film: &Film, first: &Clip) {
        let by = self.by;
        self.now.clone_from(&self.before);
        match self.deed {
            Deed::Move => {
                let shift = track.map_or(0, |track| rows_between(film, first.track, track));
                for clip in &mut self.now {
                    clip.start += by;
                    // Only tracks like the one that was grabbed: the sound of a picture stays on its own.
                    if same_kind(film, clip.track, first.track) {
                        clip.track = shifted(film, clip.track, shift).unwrap_or(clip.track);
                    }
                }
            }
            Deed::Trim { at_start: true, ripple } => {
                for clip in &mut self.now {
                    clip.source_in = (clip.source_in + in_source(by, clip.speed_permille)).max(Ticks::ZERO);
                    clip.length -= by;
                    if !ripple {
                        clip.start += by;
                    }
                }
            }
            Deed::Trim { at_start: false, .. } | Deed::Stretch => {
                for clip in &mut self.now {
                    clip.length += by;
                }
            }
            Deed::Roll { left, right } => {
                self.now = [left, right].into_iter().filter_map(|id| film.clips.get(id).cloned()).collect();
                if let [left, right] = self.now.as_mut_slice() {
                    left.length += by;
                    right.start += by;
                    right.length -= by;
                }
            }
            Deed::Slip => {
                for clip in &mut self.now {
                    clip.source_in -= in_source(by, clip.speed_permille);
                }
            }
            Deed::Slide => {
                let (before, after) = neighbours(film, first);
                if let Some(clip) = self.now.first_mut() {
                    clip.start += by;
                }
                self.now.extend(before.map(|clip| Clip { length: clip.length + by, ..clip.clone() }));
                let after = after.map(|clip| Clip { start: clip.start + by, length: clip.length - by, ..clip.clone() });
                self.now.extend(after);
            }
            Deed::Key { at } => {
                for clip in &mut self.now {
                    let by = in_source(by, clip.speed_permille);
                    clip.curves.iter_mut().for_each(|curve| curve.shift(at, by));
                }
            }
            Deed::Transition => {
                if let Some(transition) = self.now.first_mut().and_then(|clip| clip.transition.as_mut()) {
                    transition.length += by;
                }
            }
        }
    }

    /// Stretches of other clips that letting go would replace: what lies under a moved clip, unless it is pushed aside.
    pub fn covered(&self, layout: &Layout) -> Vec<(TrackId, Ticks, Ticks)> {
        if self.deed != Deed::Move || self.held.insert || self.now == self.before {
            return Vec::new();
        }
        let stays = |slot: &super::model::Slot| self.held.copy || !self.holds(slot.clip);
        let mut found = Vec::new();
        for clip in &self.now {
            let (from, until) = (clip.start, clip.start + clip.length);
            let slots = layout.slots(clip.track);
            let first = slots.partition_point(|slot| slot.end <= from);
            let under = slots.iter().skip(first).take_while(|slot| slot.start < until).filter(|slot| stays(slot));
            found.extend(under.map(|slot| (clip.track, slot.start.max(from), slot.end.min(until))));
        }
        found
    }

    /// What to ask for when the pointer is let go, in order and as one gesture; empty when nothing changed.
    pub fn commands(&self) -> Vec<Command> {
        let same = self.now == self.before || (self.by == Ticks::ZERO && !matches!(self.deed, Deed::Move));
        if same {
            return Vec::new();
        }
        let trims = |ripple: bool| {
            let trim = |(before, now): (&Clip, &Clip)| Command::TrimClip {
                clip: before.id,
                // A ripple trim says where the new head lies in the old clip.
                start: if ripple { before.start + (before.length - now.length) } else { now.start },
                length: now.length,
                ripple,
            };
            self.before.iter().zip(&self.now).map(trim).collect::<Vec<_>>()
        };
        match self.deed {
            Deed::Move => {
                let landing = if self.held.insert { Landing::Insert } else { Landing::Overwrite };
                if self.held.copy {
                    return vec![Command::PasteClips { clips: self.now.clone(), landing }];
                }
                let place = |clip: &Clip| ClipPlace { clip: clip.id, track: clip.track, start: clip.start };
                vec![Command::MoveClips { places: self.now.iter().map(place).collect(), landing }]
            }
            Deed::Trim { at_start: true, ripple } => trims(ripple),
            Deed::Trim { at_start: false, ripple } => self
                .now
                .iter()
                .map(|now| Command::TrimClip { clip: now.id, start: now.start, length: now.length, ripple })
                .collect(),
            Deed::Roll { left, right } => vec![Command::RollCut { left, right, by: self.by }],
            Deed::Slip => self
                .before
                .iter()
                .map(|clip| Command::SlipClip { clip: clip.id, by: -in_source(self.by, clip.speed_permille) })
                .collect(),
            Deed::Slide => {
                self.before.first().map(|clip| Command::SlideClip { clip: clip.id, by: self.by }).into_iter().collect()
            }
            Deed::Transition => self
                .now
                .first()
                .map(|clip| Command::SetTransition { clip: clip.id, transition: clip.transition.clone() })
                .into_iter()
                .collect(),
            Deed::Key { .. } => {
                let set = |clip: &Clip| Command::SetClipCurves { clip: clip.id, curves: clip.curves.clone() };
                self.now.iter().map(set).collect()
            }
            Deed::Stretch => {
                self.now.iter().map(|clip| Command::StretchClip { clip: clip.id, length: clip.length }).collect()
            }
        }
    }
}

/// Source time that passes in `film` time.
fn in_source(film: Ticks, speed_permille: u32) -> Ticks {
    Ticks((i128::from(film.0) * i128::from(speed_permille)).div_euclid(1000) as i64)
}

fn to_film(source: Ticks, speed_permille: u32) -> Ticks {
    Ticks((i128::from(source.0) * 1000).div_euclid(i128::from(speed_permille.max(1))) as i64)
}

/// Film time that the source still has before the clip.
fn before_source(clip: &Clip) -> Ticks {
    match clip.source {
        ClipSource::Ambience(_) | ClipSource::Title(_) | ClipSource::Colour(_) => Ticks(i64::MAX / 4),
        _ => to_film(clip.source_in, clip.speed_permille),
    }
}

/// Where a source ends; None when it never does.
pub fn source_length(film: &Film, source: &ClipSource) -> Option<Ticks> {
    let made = |take: &kinora_document::Take| take.rate.frame_start(i64::from(take.frames));
    match source {
        ClipSource::Shot(shot) => {
            let shot = film.shots.get(*shot)?;
            let take = shot.chosen_take.and_then(|take| film.takes.get(take));
            Some(take.map_or(Ticks::ZERO, made).max(shot.length))
        }
        ClipSource::Take(take) => film.takes.get(*take).map(made),
        ClipSource::Media(media) => {
            let media = film.media.get(*media)?;
            (media.kind != MediaKind::Picture).then_some(media.length)
        }
        ClipSource::Line { shot, line } => {
            kinora_document::Speeches::of(film).get(*shot, *line).map(|said| said.length)
        }
        ClipSource::Ambience(_) | ClipSource::Title(_) | ClipSource::Colour(_) => None,
    }
}

/// The clips that touch this one on its track.
pub fn neighbours<'a>(film: &'a Film, clip: &Clip) -> (Option<&'a Clip>, Option<&'a Clip>) {
    let on_track = || film.clips.iter().filter(|other| other.track == clip.track && other.id != clip.id);
    let before = on_track().find(|other| other.start + other.length == clip.start);
    let after = on_track().find(|other| other.start == clip.start + clip.length);
    (before, after)
}

/// What clips of one group have in common: the source, its speed, and where in the film its beginning would lie.
pub type LinkKey = ((u8, u128, u32), u32, Ticks);

/// None for what has no sound to belong to.
pub fn link_key(clip: &Clip) -> Option<LinkKey> {
    let source = match clip.source {
        ClipSource::Shot(shot) => (0, shot.0, 0),
        ClipSource::Take(take) => (1, take.0, 0),
        ClipSource::Media(media) => (2, media.0, 0),
        ClipSource::Line { shot, line } => (3, shot.0, line),
        ClipSource::Title(_) | ClipSource::Colour(_) | ClipSource::Ambience(_) => return None,
    };
    Some((source, clip.speed_permille, clip.start - to_film(clip.source_in, clip.speed_permille)))
}

/// On another track at the same moment.
pub fn beside(clip: &Clip, other: &Clip) -> bool {
    other.track != clip.track && other.start < clip.start + clip.length && clip.start < other.start + other.length
}

/// Clips that show and sound the same source at the same moment: a picture and its detached sound. The clip itself is not listed.
pub fn linked<'a>(film: &'a Film, clip: &'a Clip) -> impl Iterator<Item = &'a Clip> + 'a {
    let key = link_key(clip);
    film.clips.iter().filter(move |other| key.is_some() && link_key(other) == key && beside(clip, other))
}

fn same_kind(film: &Film, one: TrackId, other: TrackId) -> bool {
    let kind = |track| film.tracks.get(track).map(|track| track.kind);
    kind(one).is_some() && kind(one) == kind(other)
}

/// How many tracks of one kind lie between two, counted upward; 0 for tracks of different kinds.
fn rows_between(film: &Film, from: TrackId, to: TrackId) -> i64 {
    if !same_kind(film, from, to) {
        return 0;
    }
    let row = |id: TrackId| siblings(film, id).position(|track| track.id == id).unwrap_or(0) as i64;
    row(to) - row(from)
}

fn shifted(film: &Film, track: TrackId, by: i64) -> Option<TrackId> {
    let row = siblings(film, track).position(|other| other.id == track)? as i64 + by;
    let target = siblings(film, track).nth(usize::try_from(row).ok()?)?;
    (!target.locked).then_some(target.id)
}

fn siblings(film: &Film, track: TrackId) -> impl Iterator<Item = &Track> {
    let kind = film.tracks.get(track).map(|track| track.kind);
    film.tracks.iter().filter(move |other| Some(other.kind) == kind)
}

/// Where scrubbing puts the playhead: on cuts when snapping, else on frames.
pub fn scrub_to(time: Ticks, film: &Film, layout: &Layout, view: &View, snapping: bool) -> Ticks {
    let time = time.max(Ticks::ZERO).min(film.length());
    let close = View { ticks_per_pixel: view.ticks_per_pixel / 2 + 1, ..*view };
    let cuts = layout.cuts().iter().copied().filter(|_| snapping);
    near(time, cuts, &close).unwrap_or_else(|| film.settings.rate.snap(time))
}

/// The transition that a key puts at a cut: half a second, or as much as the clip has.
pub fn usual_transition(clip: &Clip, kind: &str) -> Transition {
    let length = Ticks::from_millis(500).min(clip.length);
    Transition { kind: kind.to_owned(), length, parameters: Default::default() }
}

#[cfg(test)]
#[path = "hands_tests.rs"]
pub(crate) mod tests;
