//! Commands that set one thing: settings, tracks, sound, placement, effects, transitions, titles, markers, takes, cast, files.
//!
//! Each checks its value against the limits and writes one or two operations. None of them moves a clip, except a new frame rate.

use super::cut::{Cut, gone, too_long};
use super::new_film::new_track;
use super::{check_name, check_text, remove, set};
use crate::ambience::Ambience;
use crate::check::{can_be_a_cameo, legal_gain, legal_parameters, legal_placement, legal_size};
use crate::curve::{Curve, legal_curves};
use crate::film::*;
use crate::id::*;
use crate::limits;
use crate::mix::ClipMix;
use crate::patch::{Entity, Kind, Op, Patch};
use crate::refusal::Refusal;
use crate::time::{FrameRate, Ticks};
use std::collections::BTreeSet;

pub(super) fn out_of_range(what: &str, remedy: &str) -> Refusal {
    Refusal::new("value.out_of_range", what, remedy)
}

pub(super) fn check_settings(settings: &Settings) -> Result<(), Refusal> {
    check_name(&settings.title, "title")?;
    check_name(&settings.engine, "engine's name")?;
    check_text(&settings.style, "style")?;
    check_text(&settings.negative, "negative prompt")?;
    if !legal_size(settings.size) {
        return Err(out_of_range(
            "A film's picture has even sides between 64 and 8192 pixels.",
            "Choose another size, such as 1920×1080.",
        ));
    }
    if !FrameRate::FILM_RATES.contains(&settings.rate) {
        return Err(out_of_range(
            "A film runs at 23.976, 24, 25, 29.97, 30 or 60 frames a second.",
            "Choose one of these rates.",
        ));
    }
    if !settings.sign.is_legal() {
        return Err(out_of_range(
            "The sign's letters are 1.6 % to 8 % of the frame high, and it is at least 20 % opaque.",
            "Choose a size and an opacity in this range, or switch the sign off.",
        ));
    }
    Ok(())
}

pub(super) fn add_track(film: &Film, kind: TrackKind, name: &str, ids: &mut dyn Mint) -> Result<Patch, Refusal> {
    check_name(name, "track's name")?;
    room(film.tracks.len(), limits::TRACKS, "tracks")?;
    let last = film.tracks.iter().enumerate().filter(|(_, track)| track.kind == kind).map(|(at, _)| at + 1).last();
    let below = film.tracks.iter().filter(|track| track.kind < kind).count();
    let track = new_track(TrackId::mint(ids), kind, name);
    Ok(Patch(vec![Op::Insert { at: last.unwrap_or(below), entity: Entity::Track(track) }]))
}

pub(super) fn set_track(film: &Film, track: &Track) -> Result<Patch, Refusal> {
    let old = film.tracks.get(track.id).ok_or_else(|| gone("track"))?;
    check_name(&track.name, "track's name")?;
    check_gain(track.gain_millibels)?;
    if !track.mix.is_legal() {
        return Err(out_of_range(
            "A setting of the track's tone or dynamics is out of range.",
            "Reset the track's sound, and set it again.",
        ));
    }
    if old.kind != track.kind {
        return Err(Refusal::new(
            "track.kind",
            "A track cannot become one of another kind.",
            "Add a track of the other kind and move the clips there.",
        ));
    }
    Ok(set(Entity::Track(track.clone())))
}

pub(super) fn remove_track(film: &Film, track: TrackId) -> Result<Patch, Refusal> {
    let cut = Cut::new(film);
    let found = cut.track(track)?;
    let videos = film.tracks.iter().filter(|track| track.kind == TrackKind::Video).count();
    if found.kind == TrackKind::Video && videos < 2 {
        return Err(Refusal::new(
            "track.last_video",
            "This is the film's only video track, and the story lies on it.",
            "Add another video track first, or remove the clips one by one.",
        ));
    }
    let clips = film.clips.iter().filter(|clip| clip.track == track);
    let mut ops: Vec<Op> = clips.map(|clip| remove(Kind::Clip, clip.id.0)).collect();
    ops.push(remove(Kind::Track, track.0));
    Ok(Patch(ops))
}

fn check_gain(millibels: i32) -> Result<(), Refusal> {
    if legal_gain(millibels) {
        return Ok(());
    }
    Err(out_of_range("Volume goes from −96 dB to +12 dB.", "Choose a volume in this range."))
}

/// A clip on an unlocked track, changed.
pub(super) fn edit_clip(film: &Film, clip: ClipId, change: impl FnOnce(&mut Clip)) -> Result<Patch, Refusal> {
    let mut clip = Cut::new(film).clip(clip)?.clone();
    change(&mut clip);
    Ok(set(Entity::Clip(clip)))
}

pub(super) fn sound(film: &Film, clip: ClipId, gain: i32, fade_in: Ticks, fade_out: Ticks) -> Result<Patch, Refusal> {
    check_gain(gain)?;
    let length = film.clips.get(clip).ok_or_else(|| gone("clip"))?.length;
    if fade_in < Ticks::ZERO || fade_out < Ticks::ZERO || fade_in > length || fade_in + fade_out > length {
        return Err(out_of_range("The fades are longer than the clip.", "Make the fades shorter, or the clip longer."));
    }
    edit_clip(film, clip, |clip| {
        clip.gain_millibels = gain;
        clip.fade_in = fade_in;
        clip.fade_out = fade_out;
    })
}

pub(super) fn check_ambience(ambience: &Ambience) -> Result<(), Refusal> {
    if ambience.is_legal() {
        return Ok(());
    }
    Err(out_of_range(
        "An ambience goes from 0 to 100 %, and from stroke to stroke takes between 0.12 and 60 seconds.",
        "Choose its strength and pace in this range.",
    ))
}

/// Another voice, strength or pace; the clip stays where it is.
pub(super) fn ambience(film: &Film, clip: ClipId, ambience: Ambience) -> Result<Patch, Refusal> {
    check_ambience(&ambience)?;
    let found = film.clips.get(clip).ok_or_else(|| gone("clip"))?;
    if !matches!(found.source, ClipSource::Ambience(_)) {
        return Err(Refusal::new(
            "clip.no_ambience",
            "This clip is not an ambience.",
            "Put an ambience on a sound track.",
        ));
    }
    edit_clip(film, clip, |clip| clip.source = ClipSource::Ambience(ambience))
}

pub(super) fn clip_mix(film: &Film, clip: ClipId, mix: &ClipMix) -> Result<Patch, Refusal> {
    if !mix.is_legal() {
        return Err(out_of_range(
            "The clip's place between left and right or its volume keys are out of range.",
            "Reset the clip's sound, and set it again.",
        ));
    }
    edit_clip(film, clip, |clip| clip.mix = mix.clone())
}

pub(super) fn placement(film: &Film, clip: ClipId, placement: Placement) -> Result<Patch, Refusal> {
    if !legal_placement(&placement) {
        return Err(out_of_range(
            "This place on the frame is out of range: nothing of the picture would be left, or it would be too far away.",
            "Choose a scale up to 2000 %, an opacity up to 100 %, and a crop that leaves some of the picture.",
        ));
    }
    edit_clip(film, clip, |clip| clip.placement = placement)
}

pub(super) fn effects(film: &Film, clip: ClipId, effects: &[Effect]) -> Result<Patch, Refusal> {
    if effects.len() > limits::EFFECTS_PER_CLIP {
        return Err(out_of_range(
            &format!("A clip has at most {} effects.", limits::EFFECTS_PER_CLIP),
            "Remove an effect before you add another.",
        ));
    }
    if !effects.iter().all(|effect| legal_parameters(&effect.kind, &effect.parameters)) {
        return Err(bad_parameter());
    }
    edit_clip(film, clip, |clip| clip.effects = effects.to_vec())
}

pub(super) fn curves(film: &Film, clip: ClipId, curves: &[Curve]) -> Result<Patch, Refusal> {
    if !legal_curves(curves) {
        return Err(out_of_range(
            &format!(
                "The key frames are out of order, or there are more than {} of one value.",
                limits::KEYS_PER_CURVE
            ),
            "Remove some keys, or cut the clip in two.",
        ));
    }
    edit_clip(film, clip, |clip| clip.curves = curves.to_vec())
}

fn bad_parameter() -> Refusal {
    out_of_range("A value of the effect is not a number.", "Set it again, or reset the effect.")
}

pub(super) fn transition(film: &Film, clip: ClipId, transition: Option<&Transition>) -> Result<Patch, Refusal> {
    let length = film.clips.get(clip).ok_or_else(|| gone("clip"))?.length;
    if let Some(transition) = transition {
        if !legal_parameters(&transition.kind, &transition.parameters) {
            return Err(bad_parameter());
        }
        if transition.length < film.settings.rate.frame_length() || transition.length > length {
            return Err(Refusal::new(
                "transition.length",
                "A transition lasts at least one frame and at most as long as the clip it brings in.",
                "Make the transition shorter, or the clip longer.",
            ));
        }
    }
    edit_clip(film, clip, |clip| clip.transition = transition.cloned())
}

pub(super) fn title(film: &Film, clip: ClipId, title: &Title) -> Result<Patch, Refusal> {
    check_text(&title.text, "title")?;
    let found = film.clips.get(clip).ok_or_else(|| gone("clip"))?;
    if !matches!(found.source, ClipSource::Title(_)) {
        return Err(Refusal::new(
            "clip.no_title",
            "This clip is not a title.",
            "Put a title on a video track above it.",
        ));
    }
    edit_clip(film, clip, |clip| {
        clip.source = ClipSource::Title(title.clone());
        clip.follows_script = false;
    })
}

pub(super) fn add_marker(film: &Film, at: Ticks, text: &str, ids: &mut dyn Mint) -> Result<Patch, Refusal> {
    check_text(text, "marker")?;
    room(film.markers.len(), limits::MARKERS, "markers")?;
    if at < Ticks::ZERO {
        return Err(out_of_range("The marker would be before the film.", "Put it at the beginning or later."));
    }
    if at.0 > limits::FILM_TICKS {
        return Err(too_long());
    }
    let place = film.markers.iter().filter(|marker| marker.at <= at).count();
    let marker = Marker { id: MarkerId::mint(ids), at, text: text.to_owned() };
    Ok(Patch(vec![Op::Insert { at: place, entity: Entity::Marker(marker) }]))
}

pub(super) fn set_marker(film: &Film, marker: MarkerId, text: &str) -> Result<Patch, Refusal> {
    check_text(text, "marker")?;
    let old = film.markers.get(marker).ok_or_else(|| gone("marker"))?;
    Ok(set(Entity::Marker(Marker { text: text.to_owned(), ..old.clone() })))
}

pub(super) fn add_markers(film: &Film, at: &[Ticks], text: &str, ids: &mut dyn Mint) -> Result<Patch, Refusal> {
    check_text(text, "marker")?;
    let taken: BTreeSet<Ticks> = film.markers.iter().map(|marker| marker.at).collect();
    let wanted: BTreeSet<Ticks> = at.iter().copied().filter(|at| !taken.contains(at)).collect();
    if wanted.is_empty() {
        return Err(Refusal::new("marker.none", "There is nothing to mark here.", "Choose another clip."));
    }
    room(film.markers.len() + wanted.len() - 1, limits::MARKERS, "markers")?;
    if wanted.iter().any(|at| *at < Ticks::ZERO || at.0 > limits::FILM_TICKS) {
        return Err(out_of_range("A marker would be outside the film.", "Move the clip into the film."));
    }
    let mut places: Vec<Ticks> = film.markers.iter().map(|marker| marker.at).collect();
    let mut ops = Vec::with_capacity(wanted.len());
    for at in wanted {
        let place = places.iter().filter(|known| **known <= at).count();
        places.insert(place, at);
        let marker = Marker { id: MarkerId::mint(ids), at, text: text.to_owned() };
        ops.push(Op::Insert { at: place, entity: Entity::Marker(marker) });
    }
    Ok(Patch(ops))
}

pub(super) fn remove_marker(film: &Film, marker: MarkerId) -> Result<Patch, Refusal> {
    film.markers.get(marker).ok_or_else(|| gone("marker"))?;
    Ok(Patch(vec![remove(Kind::Marker, marker.0)]))
}

pub(super) fn room(count: usize, limit: usize, what: &str) -> Result<(), Refusal> {
    if count < limit {
        return Ok(());
    }
    Err(Refusal::new(
        &format!("limit.{what}"),
        format!("The film already has {limit} {what}, which is the limit."),
        "Remove some that are not needed.",
    ))
}

pub(super) fn set_cast(film: &Film, member: &CastMember) -> Result<Patch, Refusal> {
    check_name(&member.name, "name")?;
    check_name(&member.voice, "voice's name")?;
    check_text(&member.descriptor, "description")?;
    if member.name.trim().is_empty() {
        return Err(Refusal::new(
            "cast.no_name",
            "A member of the cast needs a name.",
            "Type the name as the script writes it.",
        ));
    }
    if member.references.len() > limits::REFERENCES {
        return Err(out_of_range("There are more than 64 reference pictures.", "Keep the ones that say most."));
    }
    if member.wardrobe.len() > limits::SCENES {
        return Err(out_of_range("There are more clothes than scenes.", "Keep one for each scene."));
    }
    for worn in member.wardrobe.values() {
        check_text(worn, "wardrobe of a scene")?;
    }
    if member.cameo.is_some() && !can_be_a_cameo(member.role) {
        return Err(Refusal::new(
            "cast.cameo",
            "A place or a style cannot have the likeness of a cameo.",
            "Give the cameo to a character or a prop.",
        ));
    }
    let name = member.name.trim().to_lowercase();
    let same = |other: &CastMember| {
        other.id != member.id && other.role == member.role && other.name.trim().to_lowercase() == name
    };
    if film.cast.iter().any(same) {
        return Err(Refusal::new(
            "cast.same_name",
            format!("The cast already has “{}”.", member.name.trim()),
            "Choose another name, or change the one that is there.",
        ));
    }
    if film.cast.contains(member.id) {
        return Ok(set(Entity::Cast(member.clone())));
    }
    room(film.cast.len(), limits::CAST, "cast members")?;
    Ok(Patch(vec![Op::Insert { at: film.cast.len(), entity: Entity::Cast(member.clone()) }]))
}

pub(super) fn remove_cast(film: &Film, member: CastId) -> Result<Patch, Refusal> {
    film.cast.get(member).ok_or_else(|| gone("cast member"))?;
    Ok(Patch(vec![remove(Kind::Cast, member.0)]))
}

pub(super) fn choose_take(film: &Film, shot: ShotId, take: TakeId) -> Result<Patch, Refusal> {
    let shot = film.shots.get(shot).ok_or_else(|| gone("shot"))?;
    let take = film.takes.get(take).ok_or_else(|| gone("take"))?;
    if take.shot != shot.id {
        return Err(Refusal::new(
            "take.other_shot",
            "This take was made for another shot.",
            "Choose one of the shot's own takes.",
        ));
    }
    if take.withdrawn {
        return Err(Refusal::new(
            "take.withdrawn",
            "Somebody in this take has taken their consent back.",
            "Generate the shot again without them, or ask them for a new consent.",
        ));
    }
    Ok(set(Entity::Shot(Shot { chosen_take: Some(take.id), ..shot.clone() })))
}

pub(super) fn remove_take(film: &Film, take: TakeId) -> Result<Patch, Refusal> {
    film.takes.get(take).ok_or_else(|| gone("take"))?;
    if film.clips.iter().any(|clip| clip.source == ClipSource::Take(take)) {
        return Err(Refusal::new(
            "take.in_use",
            "This take is used on the timeline.",
            "Remove its clips first, or let them show the shot's chosen take.",
        ));
    }
    let mut ops = Vec::new();
    for shot in film.shots.iter().filter(|shot| shot.chosen_take == Some(take)) {
        let newest = film.takes.iter().rev().find(|other| other.shot == shot.id && other.id != take);
        ops.extend(set(Entity::Shot(Shot { chosen_take: newest.map(|take| take.id), ..shot.clone() })).0);
    }
    ops.extend(orphaned(film, &BTreeSet::from([take])));
    ops.push(remove(Kind::Take, take.0));
    Ok(Patch(ops))
}

/// Takes that stay and came from one that goes no longer say so.
pub(super) fn orphaned(film: &Film, gone: &BTreeSet<TakeId>) -> Vec<Op> {
    let of_gone = |take: &&Take| !gone.contains(&take.id) && take.parent.is_some_and(|parent| gone.contains(&parent));
    let orphan = |take: &Take| Op::Set { entity: Entity::Take(Take { parent: None, ..take.clone() }) };
    film.takes.iter().filter(of_gone).map(orphan).collect()
}

/// A finished take: it is kept in any case, and shown when its shot is still there.
pub(super) fn add_take(film: &Film, take: &Take) -> Result<Patch, Refusal> {
    room(film.takes.len(), limits::TAKES, "takes")?;
    if film.takes.contains(take.id) {
        return Err(Refusal::new("take.twice", "This take is already in the film.", "Nothing needs to be done."));
    }
    if take.frames == 0 || take.rate.frames == 0 || take.rate.seconds == 0 {
        return Err(Refusal::new("take.empty", "The take has no pictures.", "Generate the shot again."));
    }
    let mut ops = vec![Op::Insert { at: film.takes.len(), entity: Entity::Take(take.clone()) }];
    if let Some(shot) = film.shots.get(take.shot) {
        ops.extend(set(Entity::Shot(Shot { chosen_take: Some(take.id), ..shot.clone() })).0);
    }
    Ok(Patch(ops))
}

pub(super) fn add_media(film: &Film, media: &Media) -> Result<Patch, Refusal> {
    check_name(&media.name, "file's name")?;
    check_text(media.dubs.as_ref().map_or("", |dubs| &dubs.text), "dubbed line")?;
    room(film.media.len(), limits::MEDIA, "files")?;
    if film.media.contains(media.id) {
        return Err(Refusal::new("media.twice", "This file is already in the film.", "Nothing needs to be done."));
    }
    Ok(Patch(vec![Op::Insert { at: film.media.len(), entity: Entity::Media(media.clone()) }]))
}
