//! A gap of the timeline filled with a new shot, made from what stands on both sides of it.
//!
//! The shot goes on from the last picture of the shot before the gap and leads to the first picture of the one after it; its words are
//! the end of what the one says and the beginning of what the other says, to be rewritten on its card. It never moves another clip.

use super::cut::{Cut, gone, lane_of};
use super::story::Story;
use crate::breaths::sentences;
use crate::film::{Clip, ClipSource, Film, Shot, TrackKind};
use crate::id::{ClipId, Mint, ShotId, TrackId};
use crate::limits;
use crate::patch::Patch;
use crate::refusal::Refusal;
use crate::time::Ticks;

pub(super) fn fill(film: &Film, track: TrackId, at: Ticks, ids: &mut dyn Mint) -> Result<Patch, Refusal> {
    let kind = Cut::new(film).track(track)?.kind;
    let lane = lane_of(film, track);
    let next = lane.partition_point(|clip| clip.start <= at);
    let (before, after) = (next.checked_sub(1).and_then(|at| lane.get(at)), lane.get(next));
    let from = before.map_or(Ticks::ZERO, |clip| clip.start + clip.length);
    let Some(after) = after.filter(|after| kind == TrackKind::Video && from <= at && from < after.start) else {
        return Err(Refusal::new(
            "gap.none",
            "There is no gap between two pictures here.",
            "Move the playhead into a gap on a video track, with a clip behind it.",
        ));
    };
    let length = after.start - from;
    if length.0 > limits::SHOT_TICKS || length < film.settings.rate.frame_length() {
        return Err(Refusal::new(
            "gap.length",
            "The gap is longer than a shot can be, or shorter than a frame.",
            "Make the gap shorter, or put a title or a file into it.",
        ));
    }
    let (left, right) = (before.and_then(|clip| shot_of(film, clip)), shot_of(film, after));
    let Some(nearest) = left.or(right) else {
        return Err(Refusal::new(
            "gap.no_shot",
            "Neither side of this gap is a shot, so there is nothing to go on from.",
            "Write a shot for it in the script, and put it into the gap.",
        ));
    };
    let place = film.shots.position(nearest.id).ok_or_else(|| gone("shot"))?;
    let at = if left.is_some() { place + 1 } else { place };
    let shot = Shot {
        id: ShotId::mint(ids),
        fingerprint: String::new(),
        description: words(left, right),
        prompt_override: None,
        framing: String::new(),
        camera: String::new(),
        characters: characters(left, right),
        dialogue: Vec::new(),
        length,
        length_fixed: true,
        seed: None,
        continues: left.is_some(),
        leads_on: right.is_some_and(|right| film.shots.at(at).is_some_and(|next| next.id == right.id)),
        chosen_take: None,
        ..nearest.clone()
    };
    // A clip of a person's: it follows no script, so no edit of the script moves it.
    let clip = Clip::new(ClipId::mint(ids), track, from, length, ClipSource::Shot(shot.id));
    let mut story = Story::of(film);
    story.shots.insert(at, shot);
    let (mut ops, mut cut) = story.lay(film, ids)?;
    cut.put(clip);
    ops.extend(cut.finish(ids)?);
    Ok(Patch(ops))
}

fn shot_of<'f>(film: &'f Film, clip: &Clip) -> Option<&'f Shot> {
    match clip.source {
        ClipSource::Shot(shot) => film.shots.get(shot),
        ClipSource::Take(take) => film.shots.get(film.takes.get(take)?.shot),
        _ => None,
    }
}

/// How the one ends, and how the other begins; each once.
fn words(left: Option<&Shot>, right: Option<&Shot>) -> String {
    let last = left.and_then(|shot| sentences(&shot.description).last().map(|said| said.trim().to_owned()));
    let first = right.and_then(|shot| sentences(&shot.description).first().map(|said| said.trim().to_owned()));
    match (last, first) {
        (Some(last), Some(first)) if last != first && !last.is_empty() => format!("{last} {first}").trim().to_owned(),
        (Some(last), _) if !last.is_empty() => last,
        (_, first) => first.unwrap_or_default(),
    }
}

fn characters(left: Option<&Shot>, right: Option<&Shot>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in [left, right].into_iter().flatten().flat_map(|shot| &shot.characters) {
        if !all.contains(name) && all.len() < limits::LINES_PER_SHOT {
            all.push(name.clone());
        }
    }
    all
}
