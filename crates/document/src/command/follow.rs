//! What lies beside the story follows it: captions its dialogue, titles the shot they begin over.
//!
//! Only clips that still follow the script are touched; a derived caption yields to one a person has placed. A caption that a person
//! removed does not come back by itself: new captions are made only for shots that the command names as speaking.

use super::captions::{self, Line};
use super::cut::{Cut, film_time, lane_of, new_clip, story_track};
use crate::film::{Clip, ClipSource, Title, TitleStyle, Track, TrackKind};
use crate::id::{ClipId, Mint, ShotId, TrackId};
use crate::time::Ticks;
use std::collections::{BTreeMap, VecDeque};

pub(super) fn follow(cut: &mut Cut<'_>, ids: &mut dyn Mint) {
    let Some(story) = story_track(cut.film).map(|track| track.id) else { return };
    let Some(now) = cut.touched(story).cloned() else { return };
    let before = lane_of(cut.film, story);
    if now != before {
        titles(cut, story, &before, &now);
    }
    if now != before || cut.shots.is_some() {
        let lines = lines(cut, &now);
        caption_tracks(cut, &lines, ids);
    }
}

/// Titles that follow the script keep their distance to the beginning of the clip they begin over.
fn titles(cut: &mut Cut<'_>, story: TrackId, before: &[Clip], now: &[Clip]) {
    let starts: BTreeMap<ClipId, Ticks> = now.iter().map(|clip| (clip.id, clip.start)).collect();
    let film = cut.film;
    let above = |track: &&Track| track.kind == TrackKind::Video && track.id != story && !track.locked;
    for track in film.tracks.iter().filter(above) {
        if !cut.lane(track.id).iter().any(|clip| clip.follows_script) {
            continue;
        }
        let old = std::mem::take(cut.lane(track.id));
        let (followers, mut kept): (Vec<Clip>, Vec<Clip>) = old.into_iter().partition(|clip| clip.follows_script);
        for mut clip in followers {
            if !cut.placed.contains(&clip.id) {
                let under = before
                    .partition_point(|other| other.start <= clip.start)
                    .checked_sub(1)
                    .and_then(|at| before.get(at));
                let Some(anchor) = under else { continue };
                let Some(start) = starts.get(&anchor.id) else { continue };
                clip.start = *start + (clip.start - anchor.start);
            }
            let free = kept
                .iter()
                .all(|other| other.start + other.length <= clip.start || clip.start + clip.length <= other.start);
            if free {
                kept.push(clip);
            }
        }
        *cut.lane(track.id) = kept;
    }
}

struct Caption {
    start: Ticks,
    length: Ticks,
    text: String,
    shot: ShotId,
}

/// Where on the film's clock each caption is.
fn lines(cut: &Cut<'_>, story: &[Clip]) -> Vec<Caption> {
    let rate = cut.film.settings.rate;
    let mut cache: BTreeMap<ShotId, Vec<Line>> = BTreeMap::new();
    let mut found: Vec<Caption> = Vec::new();
    for clip in story {
        let shot = match &clip.source {
            ClipSource::Shot(shot) => *shot,
            ClipSource::Take(take) => match cut.film.takes.get(*take) {
                Some(take) => take.shot,
                None => continue,
            },
            _ => continue,
        };
        let Some(entity) = cut.shot(shot) else { continue };
        for line in cache.entry(shot).or_insert_with(|| captions::lines(&entity.dialogue, entity.length)) {
            let on_film = |time: Ticks| rate.snap(clip.start + film_time(time - clip.source_in, clip));
            let (start, end) = (on_film(line.start).max(clip.start), on_film(line.end).min(clip.start + clip.length));
            let start = start.max(found.last().map_or(Ticks::ZERO, |last| last.start + last.length));
            // A glimpse of a caption whose speech was cut away helps nobody.
            let wanted = film_time(line.end - line.start, clip);
            if end - start >= rate.frame_length() && end - start >= wanted.min(Ticks::from_millis(300)) {
                found.push(Caption { start, length: end - start, text: line.text.clone(), shot });
            }
        }
    }
    found
}

fn caption_tracks(cut: &mut Cut<'_>, lines: &[Caption], ids: &mut dyn Mint) {
    let Some(track) = cut.film.tracks.iter().find(|track| track.kind == TrackKind::Captions && !track.locked) else {
        return;
    };
    let old = std::mem::take(cut.lane(track.id));
    let (followers, mut kept): (Vec<Clip>, Vec<Clip>) = old.into_iter().partition(|clip| clip.follows_script);
    let mut waiting: BTreeMap<String, VecDeque<Clip>> = BTreeMap::new();
    for clip in followers {
        if let ClipSource::Title(title) = &clip.source {
            waiting.entry(title.text.clone()).or_default().push_back(clip);
        }
    }
    let manual = kept.clone();
    for caption in lines {
        let old = waiting.get_mut(&caption.text).and_then(VecDeque::pop_front);
        let clip = match old {
            Some(mut clip) => {
                (clip.start, clip.length) = (caption.start, caption.length);
                clip
            }
            None if cut.speaking.contains(&caption.shot) => {
                let source = ClipSource::Title(Title { text: caption.text.clone(), style: TitleStyle::Caption });
                let mut clip = new_clip(ClipId(0), track.id, caption.start, caption.length, source);
                clip.follows_script = true;
                clip
            }
            None => continue,
        };
        let end = clip.start + clip.length;
        let at = manual.partition_point(|other| other.start + other.length <= clip.start);
        if manual.get(at).is_none_or(|other| end <= other.start) {
            let id = if clip.id == ClipId(0) { ClipId::mint(ids) } else { clip.id };
            kept.push(Clip { id, ..clip });
        }
    }
    *cut.lane(track.id) = kept;
}
