//! Several clips at once: moving together, pasting, clearing a stretch of time, and taking a picture's sound to a track of its own.
//!
//! Each either happens for all of the clips or for none. What a person places by hand stops following the script.

use super::cut::{Cut, gone};
use super::property::out_of_range;
use super::{ClipPlace, Landing, timeline};
use crate::check::{legal_gain, legal_parameters, legal_placement, legal_speed};
use crate::curve::legal_curves;
use crate::film::{Clip, TrackKind};
use crate::id::{ClipId, Mint, TrackId};
use crate::limits;
use crate::plan::scaled;
use crate::refusal::Refusal;
use crate::time::Ticks;
use std::collections::{BTreeMap, BTreeSet};

/// Takes the clips up, then puts all of them down.
pub(super) fn move_together(
    cut: &mut Cut<'_>,
    places: &[ClipPlace],
    landing: Landing,
    ids: &mut dyn Mint,
) -> Result<(), Refusal> {
    let mut moving = Vec::with_capacity(places.len());
    let mut seen = BTreeSet::new();
    for place in places.iter().filter(|place| seen.insert(place.clip)) {
        let clip = cut.clip(place.clip)?;
        let target = cut.track(place.track)?;
        cut.check_source(target, &clip.source, Ticks::ZERO)?;
        cut.check_span(place.start, clip.length)?;
        let stays = clip.track == place.track && clip.start == place.start;
        let mut moved = clip.clone();
        moved.track = place.track;
        moved.start = place.start;
        moved.follows_script &= stays;
        let at = cut.place(clip)?;
        cut.lane(clip.track).remove(at);
        moving.push(moved);
    }
    land(cut, moving, landing, ids)
}

/// Puts copies of clips, with all their settings, onto the timeline; each gets a new id.
pub(super) fn paste(cut: &mut Cut<'_>, clips: &[Clip], landing: Landing, ids: &mut dyn Mint) -> Result<(), Refusal> {
    let mut coming = Vec::with_capacity(clips.len());
    for clip in clips {
        let track = cut.track(clip.track)?;
        cut.check_source(track, &clip.source, clip.source_in)?;
        cut.check_span(clip.start, clip.length)?;
        check_settings(cut, clip)?;
        coming.push(Clip { id: ClipId::mint(ids), follows_script: false, ..clip.clone() });
    }
    land(cut, coming, landing, ids)
}

fn check_settings(cut: &Cut<'_>, clip: &Clip) -> Result<(), Refusal> {
    let effects = clip.effects.len() <= limits::EFFECTS_PER_CLIP
        && clip.effects.iter().all(|effect| legal_parameters(&effect.kind, &effect.parameters));
    let transition = clip.transition.as_ref().is_none_or(|transition| {
        transition.length >= cut.frame() && legal_parameters(&transition.kind, &transition.parameters)
    });
    let legal = effects
        && transition
        && legal_speed(clip.speed_permille)
        && legal_gain(clip.gain_millibels)
        && legal_placement(&clip.placement)
        && legal_curves(&clip.curves);
    if legal {
        return Ok(());
    }
    Err(out_of_range("A setting of a copied clip is out of range.", "Copy the clip again, and paste it."))
}

fn land(cut: &mut Cut<'_>, clips: Vec<Clip>, landing: Landing, ids: &mut dyn Mint) -> Result<(), Refusal> {
    match landing {
        Landing::Refuse => {}
        Landing::Overwrite => {
            for clip in &clips {
                cut.clear(clip.track, clip.start, clip.start + clip.length, ids);
            }
        }
        Landing::Insert => return insert(cut, clips, ids),
    }
    clips.into_iter().for_each(|clip| cut.put(clip));
    Ok(())
}

/// On each track the clips come as one block; what lies there makes room for the whole of it.
fn insert(cut: &mut Cut<'_>, clips: Vec<Clip>, ids: &mut dyn Mint) -> Result<(), Refusal> {
    let mut blocks: BTreeMap<TrackId, Vec<Clip>> = BTreeMap::new();
    for clip in clips {
        blocks.entry(clip.track).or_default().push(clip);
    }
    for (track, mut block) in blocks {
        let start = block.iter().map(|clip| clip.start).min().unwrap_or(Ticks::ZERO);
        let end = block.iter().map(|clip| clip.start + clip.length).max().unwrap_or(Ticks::ZERO);
        let shift = timeline::make_room(cut, track, start, end - start, ids)? - start;
        for clip in &mut block {
            clip.start += shift;
        }
        block.into_iter().for_each(|clip| cut.put(clip));
    }
    Ok(())
}

/// Empties a stretch of some tracks; with `close` what comes later moves up to fill it.
pub(super) fn remove_range(
    cut: &mut Cut<'_>,
    (from, until): (Ticks, Ticks),
    tracks: &[TrackId],
    close: bool,
    ids: &mut dyn Mint,
) -> Result<(), Refusal> {
    if from < Ticks::ZERO || until - from < cut.frame() || until.0 > limits::FILM_TICKS {
        return Err(Refusal::new(
            "range.empty",
            "The in and the out point do not enclose a frame.",
            "Set the in point before the out point, and try again.",
        ));
    }
    for track in tracks.iter().copied().collect::<BTreeSet<_>>() {
        cut.track(track)?;
        cut.clear(track, from, until, ids);
        if close {
            cut.ripple(track, until, from - until);
        }
    }
    Ok(())
}

/// Puts the sound of a picture clip on the first sound track with room for it, and silences the picture clip.
pub(super) fn detach_sound(cut: &mut Cut<'_>, clip: ClipId, ids: &mut dyn Mint) -> Result<(), Refusal> {
    let clip = cut.clip(clip)?.clone();
    let on_picture = cut.film.tracks.get(clip.track).is_some_and(|track| track.kind == TrackKind::Video);
    if !on_picture {
        return Err(Refusal::new(
            "clip.no_picture",
            "Only a clip on a video track has a sound that can be taken off it.",
            "Select a clip with sound on a video track.",
        ));
    }
    let end = clip.start + clip.length;
    let mut target = None;
    for track in cut.film.tracks.iter().filter(|track| !track.locked) {
        if !matches!(track.kind, TrackKind::Dialogue | TrackKind::Effects | TrackKind::Music) {
            continue;
        }
        cut.check_source(track, &clip.source, clip.source_in)?;
        let free =
            cut.lane(track.id).iter().all(|other| other.start + other.length <= clip.start || end <= other.start);
        if free {
            target = Some(track.id);
            break;
        }
    }
    let Some(track) = target else {
        return Err(Refusal::new(
            "track.no_room",
            "No sound track is free and unlocked where this clip lies.",
            "Add a sound track, or move what lies there, and try again.",
        ));
    };
    let mut sound = Clip::new(ClipId::mint(ids), track, clip.start, clip.length, clip.source.clone());
    sound.source_in = clip.source_in;
    sound.speed_permille = clip.speed_permille;
    sound.gain_millibels = clip.gain_millibels;
    sound.fade_in = clip.fade_in;
    sound.fade_out = clip.fade_out;
    sound.mix = clip.mix.clone();
    cut.put(sound);
    let place = cut.place(&clip)?;
    let silenced = cut.lane(clip.track).get_mut(place).ok_or_else(|| gone("clip"))?;
    silenced.gain_millibels = limits::GAIN_MILLIBELS_LOWEST;
    Ok(())
}

/// Makes a clip last `length` at the speed that takes: the same part of the source in another time.
pub(super) fn stretch(cut: &mut Cut<'_>, clip: ClipId, length: Ticks) -> Result<(), Refusal> {
    let clip = cut.clip(clip)?.clone();
    cut.check_span(clip.start, length)?;
    let shown = scaled(clip.length, clip.speed_permille);
    let permille = (i128::from(shown.0) * 1000 + i128::from(length.0) / 2) / i128::from(length.0.max(1));
    let permille = u32::try_from(permille).unwrap_or(u32::MAX);
    timeline::check_speed(cut, &clip, permille)?;
    let place = cut.place(&clip)?;
    if let Some(edited) = cut.lane(clip.track).get_mut(place) {
        edited.speed_permille = permille;
        edited.length = length;
        edited.follows_script &= length == clip.length;
    }
    Ok(())
}
