//! What a script says of the whole film: cast, places, style, title; and the words shown over its pictures.
//!
//! Like the shots these are merged in three ways: a description or a title changes only when the script newly says so, and what a
//! person removed does not come back by itself.

use super::cut::{Cut, story_track};
use super::{property, remove};
use crate::film::*;
use crate::id::*;
use crate::limits;
use crate::patch::{Entity, Kind, Op};
use crate::refusal::Refusal;
use crate::script::{Reading, Unit, clipped};
use crate::time::Ticks;
use kinora_screenplay::reconcile::normalised;
use kinora_screenplay::{StudioNote, TransitionKind};
use std::collections::{BTreeMap, BTreeSet};

/// `[[cast: …]]`, `[[place: …]]`, `[[style: …]]` and the title: what the script newly says of the whole film.
pub(super) fn notes(
    film: &Film,
    old: &Reading,
    new: &Reading,
    ops: &mut Vec<Op>,
    ids: &mut dyn Mint,
) -> Result<(), Refusal> {
    let (was, is) = (members(&old.notes), members(&new.notes));
    let mut count = film.cast.len();
    let mut inserted = Vec::new();
    for (key @ (role, name), (written, descriptor)) in &is {
        let found = film.cast.iter().find(|member| member.role == *role && normalised(&member.name) == *name);
        match found {
            Some(member)
                if was.get(key).is_none_or(|(_, before)| before != descriptor) && member.descriptor != *descriptor =>
            {
                let member = CastMember { descriptor: descriptor.clone(), ..member.clone() };
                ops.push(Op::Set { entity: Entity::Cast(member) });
            }
            // Removed by hand, or there already.
            Some(_) => {}
            None if was.get(key).is_some_and(|(_, before)| before == descriptor) => {}
            None => {
                property::room(count, limits::CAST, "cast members")?;
                count += 1;
                inserted.push(CastMember {
                    id: CastId::mint(ids),
                    role: *role,
                    name: written.clone(),
                    descriptor: descriptor.clone(),
                    references: Vec::new(),
                    voice: String::new(),
                    seed: None,
                    wardrobe: BTreeMap::new(),
                    colour: None,
                    cameo: None,
                });
            }
        }
    }
    let mut removed = 0;
    for ((role, name), (_, descriptor)) in was.iter().filter(|(key, _)| !is.contains_key(key)) {
        let same = |member: &&CastMember| {
            let untouched = member.references.is_empty()
                && member.voice.is_empty()
                && member.seed.is_none()
                && member.cameo.is_none()
                && member.wardrobe.is_empty();
            member.role == *role && normalised(&member.name) == *name && member.descriptor == *descriptor && untouched
        };
        if let Some(member) = film.cast.iter().find(same) {
            ops.push(remove(Kind::Cast, member.id.0));
            removed += 1;
        }
    }
    let first = film.cast.len() - removed;
    ops.extend(
        inserted
            .into_iter()
            .enumerate()
            .map(|(at, member)| Op::Insert { at: first + at, entity: Entity::Cast(member) }),
    );
    let style = |reading: &Reading| {
        let styles = reading
            .notes
            .iter()
            .filter_map(|note| if let StudioNote::Style(text) = note { Some(text.as_str()) } else { None });
        clipped(&styles.collect::<Vec<_>>().join(", "), limits::TEXT_BYTES)
    };
    let mut settings = film.settings.clone();
    if style(old) != style(new) {
        settings.style = style(new);
    }
    if let Some(title) = &new.title
        && (settings.title.is_empty()
            || old.title.as_ref().is_some_and(|old| clipped(old, limits::NAME_BYTES) == settings.title))
    {
        settings.title = clipped(title, limits::NAME_BYTES);
    }
    if settings != film.settings {
        ops.push(Op::Set { entity: Entity::Settings(settings) });
    }
    Ok(())
}

/// By role and normalised name: the name as written, and the description.
fn members(notes: &[StudioNote]) -> BTreeMap<(CastRole, String), (String, String)> {
    let mut found = BTreeMap::new();
    for note in notes {
        let (role, name, description) = match note {
            StudioNote::Cast { name, description } => (CastRole::Character, name, description),
            StudioNote::Place { name, description } => (CastRole::Place, name, description),
            StudioNote::Shot(_) | StudioNote::Style(_) => continue,
        };
        let key = (role, normalised(name));
        if !key.1.is_empty() {
            let value = (clipped(name, limits::NAME_BYTES), clipped(description, limits::TEXT_BYTES));
            found.entry(key).or_insert(value);
        }
    }
    found
}

/// Titles over the pictures: the film's title over its beginning, centred text over its shot, and a closing fade to black.
pub(super) fn overlays(cut: &mut Cut<'_>, old: &Reading, new: &Reading, units: &[Option<ShotId>], ids: &mut dyn Mint) {
    let film = cut.film;
    let Some(story) = story_track(film).map(|track| track.id) else { return };
    let Some(track) =
        film.tracks.iter().filter(|track| track.kind == TrackKind::Video).nth(1).filter(|track| !track.locked)
    else {
        return;
    };
    let rate = film.settings.rate;
    let laid = cut.lane(story).clone();
    let place = |shot: ShotId| {
        laid.iter().find(|clip| clip.source == ClipSource::Shot(shot)).map(|clip| (clip.start, clip.length))
    };
    let mut wanted: Vec<(String, Ticks, Ticks)> = Vec::new();
    if let (Some(title), Some(first)) = (&new.title, laid.first()) {
        wanted.push((clipped(title, limits::TEXT_BYTES), first.start, Ticks::from_millis(2_500).min(first.length)));
    }
    for (unit, shot) in new.units.iter().zip(units) {
        if let (false, Some((start, length))) = (unit.titles.is_empty(), shot.and_then(place)) {
            wanted.push((clipped(&unit.titles.join("\n"), limits::TEXT_BYTES), start, length));
        }
    }
    let was: BTreeSet<String> = said_titles(old);
    let is: BTreeSet<&str> = wanted.iter().map(|(text, _, _)| text.as_str()).collect();
    let text_of = |clip: &Clip| match &clip.source {
        ClipSource::Title(title) => title.text.clone(),
        _ => String::new(),
    };
    let black = ClipSource::Colour([0, 0, 0]);
    cut.lane(track.id)
        .retain(|clip| !clip.follows_script || (clip.source != black && is.contains(text_of(clip).as_str())));
    let closes = |unit: Option<&Unit>| {
        unit.and_then(|unit| unit.transition_out.as_ref()).is_some_and(|cue| cue.kind == TransitionKind::FadeOut)
    };
    let closing = laid.last().filter(|_| closes(new.units.last()));
    let mut clips: Vec<Clip> = Vec::new();
    for (text, start, length) in wanted {
        let there = cut.lane(track.id).iter().any(|clip| text_of(clip) == text);
        // A title that a person took away does not come back by itself.
        if there || was.contains(&text) {
            continue;
        }
        let source = ClipSource::Title(Title { text, style: TitleStyle::Card });
        let mut clip =
            Clip::new(ClipId::mint(ids), track.id, start, rate.snap(length).max(rate.frame_length()), source);
        clip.fade_in = rate.snap(Ticks::from_millis(400)).min(Ticks(clip.length.0 / 3));
        clip.fade_out = rate.snap(Ticks::from_millis(500)).min(Ticks(clip.length.0 / 3));
        clips.push(clip);
    }
    if let Some(last) = closing {
        let length = rate.snap(Ticks::from_seconds(1)).min(last.length);
        let old_black =
            film.clips.iter().find(|clip| clip.track == track.id && clip.follows_script && clip.source == black);
        let said = closes(old.units.last());
        if old_black.is_some() || !said {
            let id = old_black.map_or_else(|| ClipId::mint(ids), |clip| clip.id);
            let mut clip = Clip::new(id, track.id, last.start + last.length - length, length, black);
            clip.fade_in = length;
            clips.push(clip);
        }
    }
    for mut clip in clips {
        clip.follows_script = true;
        let free = |other: &Clip| other.start + other.length <= clip.start || clip.start + clip.length <= other.start;
        if cut.lane(track.id).iter().all(free) {
            cut.placed.insert(clip.id);
            cut.put(clip);
        }
    }
}

fn said_titles(reading: &Reading) -> BTreeSet<String> {
    let title = reading.title.iter().map(|title| clipped(title, limits::TEXT_BYTES));
    let shown = reading.units.iter().filter(|unit| !unit.titles.is_empty());
    title.chain(shown.map(|unit| clipped(&unit.titles.join("\n"), limits::TEXT_BYTES))).collect()
}
