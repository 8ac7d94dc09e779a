//! Commands of the board: set, move, duplicate, split, merge and remove shots; and new settings.
//!
//! Each makes the list of shots as it should be and leaves the clips to [`Story`]. What a person changes here holds until the script
//! itself says something else about the same shot.

use super::cut::gone;
use super::property::{check_settings, out_of_range};
use super::story::Story;
use super::{Cut, set};
use crate::check::shot_texts_fit;
use crate::film::{Film, Settings, Shot};
use crate::id::{Mint, SceneId, ShotId};
use crate::limits;
use crate::patch::{Entity, Patch};
use crate::refusal::Refusal;
use crate::time::{FrameRate, Ticks};

/// What a shot made by hand is recognised by: nothing in the script.
const BY_HAND: &str = "";

pub(super) fn set_shot(film: &Film, shot: &Shot, ids: &mut dyn Mint) -> Result<Patch, Refusal> {
    let old = film.shots.get(shot.id).ok_or_else(|| gone("shot"))?;
    if !shot_texts_fit(shot) {
        return Err(out_of_range(
            "A text of the shot is too long.",
            "Keep each text under 16 KiB and each name under 512 bytes.",
        ));
    }
    if !film.scenes.contains(shot.scene) {
        return Err(gone("scene"));
    }
    let mut shot = shot.clone();
    // Where the shot stands in the script is the script's to say; and a take that was finished while the card was open stays chosen.
    shot.chosen_take = old.chosen_take;
    shot.line = old.line;
    shot.fingerprint.clone_from(&old.fingerprint);
    if shot.length != old.length {
        shot.length = legal_shot_length(film.settings.rate, shot.length)?;
        shot.length_fixed = true;
    }
    if shot == *old {
        return Ok(Patch::default());
    }
    let spoken = shot.dialogue != old.dialogue;
    // Clips and captions depend on nothing else of a shot, and laying out a long story takes its time.
    if shot.length == old.length && shot.scene == old.scene && !spoken {
        return Ok(set(Entity::Shot(shot)));
    }
    let mut story = Story::of(film);
    if spoken {
        story.speaking.insert(shot.id);
    }
    if let Some(slot) = story.shots.iter_mut().find(|other| other.id == shot.id) {
        *slot = shot;
    }
    story.plan(film, ids)
}

fn legal_shot_length(rate: FrameRate, length: Ticks) -> Result<Ticks, Refusal> {
    if length <= Ticks::ZERO || length.0 > limits::SHOT_TICKS {
        return Err(out_of_range("A shot lasts from one frame to ten minutes.", "Choose a length in this range."));
    }
    Ok(rate.frame_start(rate.nearest_frame(length).max(1)))
}

fn position(film: &Film, shot: ShotId) -> Result<usize, Refusal> {
    film.shots.position(shot).ok_or_else(|| gone("shot"))
}

pub(super) fn move_shot(
    film: &Film,
    shot: ShotId,
    before: Option<ShotId>,
    ids: &mut dyn Mint,
) -> Result<Patch, Refusal> {
    let from = position(film, shot)?;
    let mut story = Story::of(film);
    if before == Some(shot) {
        return Ok(Patch::default());
    }
    let mut moved = story.shots.remove(from);
    let to = match before {
        Some(before) => story.shots.iter().position(|other| other.id == before).ok_or_else(|| gone("shot"))?,
        None => story.shots.len(),
    };
    let neighbour: Option<SceneId> = story.shots.get(to).or(story.shots.last()).map(|shot| shot.scene);
    moved.scene = neighbour.unwrap_or(moved.scene);
    story.shots.insert(to, moved);
    story.plan(film, ids)
}

pub(super) fn duplicate(film: &Film, shot: ShotId, ids: &mut dyn Mint) -> Result<Patch, Refusal> {
    let at = position(film, shot)?;
    let mut story = Story::of(film);
    let Some(original) = story.shots.get(at).cloned() else { return Err(gone("shot")) };
    let copy = Shot { id: ShotId::mint(ids), fingerprint: BY_HAND.to_owned(), chosen_take: None, ..original };
    story.fresh.insert(copy.id);
    story.shots.insert(at + 1, copy);
    story.plan(film, ids)
}

/// Two shots of half the length: sentences and lines are shared out, and the second goes on from the first.
pub(super) fn split(film: &Film, shot: ShotId, ids: &mut dyn Mint) -> Result<Patch, Refusal> {
    let at = position(film, shot)?;
    let mut story = Story::of(film);
    let Some(first) = story.shots.get_mut(at) else { return Err(gone("shot")) };
    let rate = film.settings.rate;
    let frames = rate.nearest_frame(first.length);
    if frames < 2 {
        return Err(Refusal::new(
            "shot.too_short",
            "A shot of one frame cannot be split.",
            "Make the shot longer first.",
        ));
    }
    let mut second =
        Shot { id: ShotId::mint(ids), fingerprint: BY_HAND.to_owned(), chosen_take: None, ..first.clone() };
    second.continues = true;
    first.leads_on = false;
    first.length = rate.frame_start(frames - frames / 2);
    second.length = rate.frame_start(frames / 2);
    first.length_fixed = true;
    second.length_fixed = true;
    let halves = crate::script_parts::halves(&first.description, &first.dialogue);
    for (half, (description, dialogue)) in [&mut *first, &mut second].into_iter().zip(halves) {
        (half.description, half.dialogue) = (description, dialogue);
    }
    story.speaking.insert(first.id);
    story.fresh.insert(second.id);
    story.shots.insert(at + 1, second);
    story.plan(film, ids)
}

/// One shot of neighbours: their words and their time together.
pub(super) fn merge(film: &Film, shots: &[ShotId], ids: &mut dyn Mint) -> Result<Patch, Refusal> {
    let mut places = shots.iter().map(|shot| position(film, *shot)).collect::<Result<Vec<_>, _>>()?;
    places.sort_unstable();
    places.dedup();
    let (Some(first), Some(last)) = (places.first().copied(), places.last().copied()) else { return Err(gone("shot")) };
    if places.len() < 2 || last - first + 1 != places.len() {
        return Err(Refusal::new(
            "shot.not_neighbours",
            "Only shots that stand next to each other can become one.",
            "Choose two or more neighbours, or move the shots together first.",
        ));
    }
    let mut story = Story::of(film);
    let others: Vec<Shot> = story.shots.drain(first + 1..=last).collect();
    let Some(merged) = story.shots.get_mut(first) else { return Err(gone("shot")) };
    for other in others {
        merged.length += other.length;
        for (text, more) in [(&mut merged.description, &other.description)] {
            if !more.is_empty() && !text.contains(more.as_str()) {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(more);
            }
        }
        merged.dialogue.extend(other.dialogue);
        for name in other.characters {
            if !merged.characters.contains(&name) {
                merged.characters.push(name);
            }
        }
    }
    merged.length_fixed = true;
    merged.length = legal_shot_length(film.settings.rate, merged.length)?;
    if !shot_texts_fit(merged) {
        return Err(out_of_range("The merged shot would say too much.", "Merge fewer shots."));
    }
    story.speaking.insert(merged.id);
    story.plan(film, ids)
}

pub(super) fn remove_shot(film: &Film, shot: ShotId, ids: &mut dyn Mint) -> Result<Patch, Refusal> {
    let at = position(film, shot)?;
    let mut story = Story::of(film);
    story.shots.remove(at);
    story.plan(film, ids)
}

/// New settings; a new frame rate moves every clip and length to the nearest frame of that rate.
pub(super) fn set_settings(film: &Film, settings: &Settings, ids: &mut dyn Mint) -> Result<Patch, Refusal> {
    check_settings(settings)?;
    let mut patch = set(Entity::Settings(settings.clone()));
    let rate = settings.rate;
    if rate == film.settings.rate {
        return Ok(patch);
    }
    let mut after = film.clone();
    after.settings = settings.clone();
    let snapped =
        |shot: &Shot| Shot { length: rate.frame_start(rate.nearest_frame(shot.length).max(1)), ..shot.clone() };
    for shot in film.shots.iter().map(snapped) {
        after.shots.replace(shot);
    }
    for shot in after.shots.iter() {
        if film.shots.get(shot.id) != Some(shot) {
            patch.0.push(crate::Op::Set { entity: Entity::Shot(shot.clone()) });
        }
    }
    // The cutting table works in the new rate, so it must see a film that already has it.
    let mut cut = Cut::new(&after);
    for track in after.tracks.iter() {
        let mut end = Ticks::ZERO;
        let mut last: Option<Ticks> = None;
        for clip in cut.lane(track.id) {
            let touches = last == Some(clip.start);
            last = Some(clip.start + clip.length);
            let start = if touches { end } else { rate.snap(clip.start).max(end) };
            let length = match clip.source {
                crate::ClipSource::Shot(shot) if clip.follows_script => after.shots.get(shot).map(|shot| shot.length),
                _ => None,
            };
            clip.length = length.unwrap_or_else(|| rate.frame_start(rate.nearest_frame(clip.length).max(1)));
            // Sums of whole frames of a rate that does not divide a tick stay on its grid.
            clip.start = start;
            end = clip.start + clip.length;
        }
    }
    patch.0.extend(cut.finish(ids)?);
    Ok(patch)
}
