//! What lies beside the story follows it: captions its dialogue, titles the shot they begin over.
//!
//! Only clips that still follow the script are touched; a derived caption yields to one a person has placed. A caption that a person
//! removed does not come back by itself: new captions are made only for shots that the command names as speaking.

use super::captions::{self, Line};
use super::cut::{Cut, film_time, lane_of, story_track};
use super::dialogue::{self, Schedule, shot_of};
use crate::film::{Clip, ClipSource, Title, TitleStyle, Track, TrackKind};
use crate::id::{ClipId, Mint, ShotId, TrackId};
use crate::speech::Speeches;
use crate::time::Ticks;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(super) fn follow(cut: &mut Cut<'_>, ids: &mut dyn Mint) {
    let Some(story) = story_track(cut.film).map(|track| track.id) else { return };
    let Some(now) = cut.touched(story).cloned() else { return };
    let before = lane_of(cut.film, story);
    if now != before {
        titles(cut, story, &before, &now);
    }
    if now != before || cut.shots.is_some() || cut.film.media.iter().chain(cut.spoken).any(|file| file.speech.is_some())
    {
        let (schedule, speaking, lines) = {
            let speeches = dialogue::speeches(cut);
            let schedule = dialogue::schedule(cut, &now, &speeches);
            let speaking = &cut.speaking | &dialogue::newly_voiced(cut, &speeches);
            let lines = lines(cut, &now, &schedule, &speeches);
            (schedule, speaking, lines)
        };
        dialogue::follow(cut, &schedule, &speaking, ids);
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
    /// Timed by what a voice spoke.
    spoken: bool,
}

/// Where on the film's clock each caption is: when its words are heard, else when they are expected.
fn lines(cut: &Cut<'_>, story: &[Clip], schedule: &Schedule, speeches: &Speeches<'_>) -> Vec<Caption> {
    let rate = cut.film.settings.rate;
    let mut cache: BTreeMap<ShotId, Vec<Line>> = BTreeMap::new();
    let mut found: Vec<Caption> = Vec::new();
    let mut heard: BTreeSet<(ShotId, u32, usize)> = BTreeSet::new();
    for clip in story {
        let Some(shot) = shot_of(cut, clip) else { continue };
        let Some(entity) = cut.shot(shot) else { continue };
        for line in cache.entry(shot).or_insert_with(|| captions::lines(&entity.dialogue, entity.length)) {
            let words = schedule.words(speeches, (shot, line.line), line.first_word, line.words);
            if let Some((start, end)) = words {
                // Once, however many clips show the shot.
                if heard.insert((shot, line.line, line.first_word)) {
                    let start = rate.snap(start).max(found.last().map_or(Ticks::ZERO, |last| last.start + last.length));
                    let end = rate.snap(end).max(start + rate.frame_length());
                    found.push(Caption { start, length: end - start, text: line.text.clone(), shot, spoken: true });
                }
                continue;
            }
            let on_film = |time: Ticks| rate.snap(clip.start + film_time(time - clip.source_in, clip));
            let (start, end) = (on_film(line.start).max(clip.start), on_film(line.end).min(clip.start + clip.length));
            let start = start.max(found.last().map_or(Ticks::ZERO, |last| last.start + last.length));
            // A glimpse of a caption whose speech was cut away helps nobody.
            let wanted = film_time(line.end - line.start, clip);
            if end - start >= rate.frame_length() && end - start >= wanted.min(Ticks::from_millis(300)) {
                found.push(Caption { start, length: end - start, text: line.text.clone(), shot, spoken: false });
            }
        }
    }
    let end = story.last().map_or(Ticks::ZERO, |clip| clip.start + clip.length);
    linger(&mut found, rate.snap(captions::LINGER), end);
    fit(&mut found, rate.frame_length(), end);
    found
}

/// Measured captions stay a moment, where there is room.
fn linger(captions: &mut [Caption], moment: Ticks, end: Ticks) {
    let starts: Vec<Ticks> = captions.iter().skip(1).map(|next| next.start).chain([end]).collect();
    for (caption, next) in captions.iter_mut().zip(starts).filter(|(caption, _)| caption.spoken) {
        let wanted = caption.length + moment;
        caption.length = wanted.min(next - caption.start).max(caption.length);
    }
}

/// Captions of words that are heard too late are pressed together before the story's end.
fn fit(captions: &mut Vec<Caption>, frame: Ticks, end: Ticks) {
    let mut limit = end;
    for caption in captions.iter_mut().rev() {
        if caption.start + frame > limit {
            caption.start = limit - frame;
        }
        caption.length = caption.length.min(limit - caption.start);
        limit = caption.start;
    }
    captions.retain(|caption| caption.start >= Ticks::ZERO);
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
                let mut clip = Clip::new(ClipId(0), track.id, caption.start, caption.length, source);
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
