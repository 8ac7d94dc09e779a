//! Keys and buttons of the cutting room as commands: film, selection and playhead in, commands of one gesture out.
//!
//! Pure, so that each is tested without a window. An empty list means that there is nothing to do here; the caller says so.

use super::hands::{LinkKey, beside, link_key, neighbours, source_length, usual_transition};
use crate::state::Tool;
use kinora_document::command::{ClipPlace, Landing};
use kinora_document::{
    Clip, ClipId, ClipSource, Command, Film, MediaKind, Ticks, Title, TitleStyle, Track, TrackId, TrackKind, Transition,
};
use std::collections::{BTreeMap, BTreeSet};

/// The clips of a selection, in time.
pub fn selected(film: &Film, chosen: &[ClipId]) -> Vec<Clip> {
    let mut clips: Vec<Clip> = chosen.iter().filter_map(|id| film.clips.get(*id).cloned()).collect();
    clips.sort_by_key(|clip| (clip.start, clip.track));
    clips
}

/// A selection with everything that belongs to it: each clip of the film is looked at once, however many are chosen.
pub fn with_linked(film: &Film, chosen: &[ClipId], link: bool) -> Vec<ClipId> {
    let mut all = chosen.to_vec();
    if !link {
        return all;
    }
    let known: BTreeSet<ClipId> = chosen.iter().copied().collect();
    let mut groups: BTreeMap<LinkKey, Vec<&Clip>> = BTreeMap::new();
    for clip in chosen.iter().filter_map(|id| film.clips.get(*id)) {
        if let Some(key) = link_key(clip) {
            groups.entry(key).or_default().push(clip);
        }
    }
    let belongs = |other: &&Clip| {
        let group = link_key(other).and_then(|key| groups.get(&key));
        !known.contains(&other.id) && group.is_some_and(|group| group.iter().any(|clip| beside(clip, other)))
    };
    all.extend(film.clips.iter().filter(belongs).map(|clip| clip.id));
    all
}

fn unlocked(film: &Film) -> impl Iterator<Item = &Track> {
    film.tracks.iter().filter(|track| !track.locked)
}

fn is_unlocked(film: &Film, track: TrackId) -> bool {
    unlocked(film).any(|other| other.id == track)
}

fn lies_under(clip: &Clip, at: Ticks) -> bool {
    clip.start < at && at < clip.start + clip.length
}

/// Cuts the selected clips at `at`, or whatever lies there when none of them does.
pub fn blade(film: &Film, chosen: &[ClipId], at: Ticks) -> Vec<Command> {
    let under: Vec<&Clip> =
        film.clips.iter().filter(|clip| lies_under(clip, at) && is_unlocked(film, clip.track)).collect();
    let some: Vec<&&Clip> = under.iter().filter(|clip| chosen.contains(&clip.id)).collect();
    let cut = |clip: &Clip| Command::BladeClip { clip: clip.id, at };
    if some.is_empty() {
        under.into_iter().map(cut).collect()
    } else {
        some.into_iter().map(|clip| cut(clip)).collect()
    }
}

/// Cuts the head or the tail of the clip under the playhead off, and closes the gap.
pub fn trim_to(film: &Film, chosen: &[ClipId], at: Ticks, head: bool) -> Vec<Command> {
    let under = |clip: &&Clip| lies_under(clip, at) && is_unlocked(film, clip.track);
    let story = |clip: &&Clip| film.tracks.get(clip.track).is_some_and(|track| track.kind == TrackKind::Video);
    let clip = film.clips.iter().filter(under).find(|clip| chosen.contains(&clip.id));
    let clip = clip.or_else(|| film.clips.iter().filter(under).find(story));
    let Some(clip) = clip else { return Vec::new() };
    let end = clip.start + clip.length;
    let (start, length) = if head { (at, end - at) } else { (clip.start, at - clip.start) };
    vec![Command::TrimClip { clip: clip.id, start, length, ripple: true }]
}

/// What the tool in hand does with the selected clip when it is nudged by `frames`.
pub fn nudge(film: &Film, chosen: &[ClipId], tool: Tool, at: Ticks, frames: i64) -> Vec<Command> {
    let by = Ticks(film.settings.rate.frame_length().0.saturating_mul(frames));
    let clips = selected(film, chosen);
    let Some(first) = clips.first() else { return Vec::new() };
    match tool {
        Tool::Select | Tool::Blade => {
            let earliest = clips.iter().map(|clip| clip.start).min().unwrap_or(Ticks::ZERO);
            let by = by.max(-earliest);
            let place = |clip: &Clip| ClipPlace { clip: clip.id, track: clip.track, start: clip.start + by };
            vec![Command::MoveClips { places: clips.iter().map(place).collect(), landing: Landing::Overwrite }]
        }
        // The edge that the playhead is nearer to.
        Tool::Ripple if nearer_start(first, at) => {
            vec![Command::TrimClip { clip: first.id, start: first.start + by, length: first.length - by, ripple: true }]
        }
        Tool::Ripple => {
            vec![Command::TrimClip { clip: first.id, start: first.start, length: first.length + by, ripple: true }]
        }
        Tool::Roll => {
            let (before, after) = neighbours(film, first);
            let roll = |left: &Clip, right: &Clip| vec![Command::RollCut { left: left.id, right: right.id, by }];
            match (before, after) {
                (Some(before), after) if nearer_start(first, at) || after.is_none() => roll(before, first),
                (_, Some(after)) => roll(first, after),
                _ => Vec::new(),
            }
        }
        Tool::Slip => clips.iter().map(|clip| Command::SlipClip { clip: clip.id, by }).collect(),
        Tool::Slide => vec![Command::SlideClip { clip: first.id, by }],
    }
}

fn nearer_start(clip: &Clip, at: Ticks) -> bool {
    (at.0 - clip.start.0).abs() <= (clip.start.0 + clip.length.0 - at.0).abs()
}

/// Lifts or extracts what lies between in and out, on every unlocked track.
pub fn remove_range(film: &Film, (from, until): (Ticks, Ticks), close: bool) -> Vec<Command> {
    let tracks: Vec<TrackId> = unlocked(film).map(|track| track.id).collect();
    if tracks.is_empty() { Vec::new() } else { vec![Command::RemoveRange { from, until, tracks, close }] }
}

/// What copied clips become when they are pasted at `at`: the earliest begins there, the others keep their distance.
pub fn pasted(film: &Film, copied: &[Clip], at: Ticks, landing: Landing) -> Vec<Command> {
    let earliest = copied.iter().map(|clip| clip.start).min().unwrap_or(Ticks::ZERO);
    let clips: Vec<Clip> = copied
        .iter()
        .filter(|clip| is_unlocked(film, clip.track))
        .map(|clip| Clip { start: clip.start - earliest + at, ..clip.clone() })
        .collect();
    if clips.is_empty() { Vec::new() } else { vec![Command::PasteClips { clips, landing }] }
}

/// Inserts or overwrites with a source: between in and out when they are set, at the playhead otherwise.
pub fn put_in(
    film: &Film,
    source: &ClipSource,
    at: Ticks,
    range: Option<(Ticks, Ticks)>,
    insert: bool,
) -> Option<Command> {
    let kind = match source {
        ClipSource::Media(media) if film.media.get(*media)?.kind == MediaKind::Sound => TrackKind::Music,
        _ => TrackKind::Video,
    };
    let track = unlocked(film).find(|track| track.kind == kind)?.id;
    let natural = match source {
        ClipSource::Shot(shot) => Some(film.shots.get(*shot)?.length),
        other => source_length(film, other),
    };
    let length = match (range, natural) {
        (Some((from, until)), Some(natural)) => (until - from).min(natural),
        (Some((from, until)), None) => until - from,
        (None, natural) => natural.unwrap_or(Ticks::from_seconds(3)),
    };
    let at = range.map_or(at, |(from, _)| from);
    let (source, source_in) = (source.clone(), Ticks::ZERO);
    Some(if insert {
        Command::InsertClip { track, at, source, source_in, length }
    } else {
        Command::OverwriteClip { track, at, source, source_in, length }
    })
}

/// A title card over the picture at a time, on the highest unlocked video track.
pub fn title_at(film: &Film, at: Ticks) -> Option<Command> {
    let track = unlocked(film).filter(|track| track.kind == TrackKind::Video).last()?.id;
    let source = ClipSource::Title(Title { text: film.settings.title.clone(), style: TitleStyle::Card });
    Some(Command::OverwriteClip { track, at, source, source_in: Ticks::ZERO, length: Ticks::from_seconds(3) })
}

/// Puts a transition at the beginning of the selected clips, or at the cut nearest to the playhead when none is selected. Where all of
/// them have one of this kind, it is taken away.
pub fn transition(film: &Film, chosen: &[ClipId], at: Ticks, kind: &str) -> Vec<Command> {
    let mut clips = selected(film, chosen);
    if clips.is_empty() {
        let pictures = |clip: &&Clip| {
            film.tracks.get(clip.track).is_some_and(|track| track.kind == TrackKind::Video && !track.locked)
        };
        let nearest = film.clips.iter().filter(pictures).min_by_key(|clip| (clip.start.0 - at.0).abs());
        clips.extend(nearest.cloned());
    }
    let all_have = clips.iter().all(|clip| clip.transition.as_ref().is_some_and(|there| there.kind == kind));
    let wanted = |clip: &Clip| match &clip.transition {
        _ if all_have => None,
        Some(there) => Some(Transition { kind: kind.to_owned(), parameters: Default::default(), ..there.clone() }),
        None => Some(usual_transition(clip, kind)),
    };
    clips.iter().map(|clip| Command::SetTransition { clip: clip.id, transition: wanted(clip) }).collect()
}

/// The nearest marker before or after a time.
pub fn marker(film: &Film, at: Ticks, forward: bool) -> Option<Ticks> {
    let times = film.markers.iter().map(|marker| marker.at);
    if forward { times.filter(|time| *time > at).min() } else { times.filter(|time| *time < at).max() }
}

#[cfg(test)]
#[path = "edits_tests.rs"]
mod tests;
