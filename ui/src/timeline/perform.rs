//! The actions of the cutting room, each as one gesture on the film, the selection or the marks.

use super::edits;
use crate::actions::Action;
use crate::lang::{t, tf};
use crate::state::{Studio, Tool};
use crate::transport;
use kinora_document::command::Landing;
use kinora_document::{Clip, ClipId, ClipSource, Command, Film, Ticks, TrackId, TrackKind};
use leptos::prelude::*;

/// How many frames the larger nudge goes.
const FAR: i64 = 10;

pub fn perform(studio: Studio, action: Action) {
    use Action::*;
    let cutting = studio.cutting;
    let at = studio.playhead.get_untracked();
    match action {
        MarkIn => mark(studio, Some(at), cutting.mark_out.get_untracked(), true),
        MarkOut => mark(studio, cutting.mark_in.get_untracked(), Some(at), false),
        ClearMarks => {
            cutting.mark_in.set(None);
            cutting.mark_out.set(None);
        }
        MarkClip => mark_clip(studio, at),
        ToIn => go_to(studio, cutting.mark_in.get_untracked()),
        ToOut => go_to(studio, cutting.mark_out.get_untracked()),
        ToolSelect => studio.tool.set(Tool::Select),
        ToolBlade => studio.tool.set(Tool::Blade),
        ToolRipple => studio.tool.set(Tool::Ripple),
        ToolRoll => studio.tool.set(Tool::Roll),
        ToolSlip => studio.tool.set(Tool::Slip),
        ToolSlide => studio.tool.set(Tool::Slide),
        Linked => cutting.linked.update(|on| *on = !*on),
        BladeHere => crate::actions::blade(studio, at),
        TrimHead => on_clips(studio, |film, chosen| edits::trim_to(film, chosen, at, true)),
        TrimTail => {
            on_clips(studio, |film, chosen| edits::trim_to(film, chosen, at, false));
        }
        NudgeLeft => nudge(studio, -1),
        NudgeRight => nudge(studio, 1),
        NudgeFarLeft => nudge(studio, -FAR),
        NudgeFarRight => nudge(studio, FAR),
        Insert => put_in(studio, true),
        Overwrite => put_in(studio, false),
        Lift => remove(studio, false),
        Extract => remove(studio, true),
        LiftRange => remove_range(studio, false),
        ExtractRange => remove_range(studio, true),
        CloseGap => close_gap(studio, at),
        FillGap => fill_gap(studio, at),
        PreviousKey => go_to_key(studio, at, false),
        NextKey => go_to_key(studio, at, true),
        CopyClips => copy(studio),
        CutClips => {
            copy(studio);
            remove(studio, false);
        }
        PasteClips => paste(studio, Landing::Overwrite),
        PasteInsert => paste(studio, Landing::Insert),
        SelectAll => studio.clips.set(studio.film_untracked(|film| film.clips.keys().collect())),
        SelectNone => studio.clips.set(Vec::new()),
        SelectHere => select_here(studio, at),
        Dissolve => transition(studio, "dissolve"),
        DetachSound => {
            on_clips(studio, |_, chosen| chosen.iter().map(|clip| Command::DetachSound { clip: *clip }).collect());
        }
        DubLine => crate::rooms::dub::begin(studio),
        AddTitle => edit_or(studio, studio.film_untracked(|film| edits::title_at(film, at)), "no-free-track"),
        // Pressed again where a marker is, the key asks for its words.
        AddMarker => match crate::rooms::marker::at(studio, at) {
            Some(_) => studio.overlay.set(crate::state::Overlay::Marker),
            None => studio.edit(Command::AddMarker { at, text: String::new() }),
        },
        NextMarker => go_to(studio, studio.film_untracked(|film| edits::marker(film, at, true))),
        PreviousMarker => go_to(studio, studio.film_untracked(|film| edits::marker(film, at, false))),
        RemoveMarker => remove_marker(studio, at),
        _ => {}
    }
}

/// The other mark gives way when the new one would cross it.
fn mark(studio: Studio, mark_in: Option<Ticks>, mark_out: Option<Ticks>, setting_in: bool) {
    let cutting = studio.cutting;
    let crossed = matches!((mark_in, mark_out), (Some(from), Some(until)) if from >= until);
    cutting.mark_in.set(mark_in.filter(|_| setting_in || !crossed));
    cutting.mark_out.set(mark_out.filter(|_| !setting_in || !crossed));
    let length = studio.film_untracked(Film::length);
    if let Some((from, until)) = cutting.range(length) {
        let rate = studio.rate_untracked();
        let (from, until) = (transport::timecode(from, rate), transport::timecode(until, rate));
        studio.say(tf("marked", &[("from", &from), ("until", &until)]));
    }
}

/// In and out around the selection, or around the picture under the playhead.
fn mark_clip(studio: Studio, at: Ticks) {
    let around = studio.film_untracked(|film| {
        let mut clips = edits::selected(film, &studio.clips.get_untracked());
        if clips.is_empty() {
            clips.extend(picture_under(film, at).cloned());
        }
        let from = clips.iter().map(|clip| clip.start).min()?;
        Some((from, clips.iter().map(|clip| clip.start + clip.length).max()?))
    });
    match around {
        Some((from, until)) => mark(studio, Some(from), Some(until), true),
        None => studio.say(t("nothing-to-cut")),
    }
}

fn picture_under(film: &Film, at: Ticks) -> Option<&Clip> {
    let of = |kind: TrackKind| {
        film.tracks.iter().filter(move |track| track.kind == kind).find_map(|track| {
            film.clips.iter().find(|clip| clip.track == track.id && clip.start <= at && at < clip.start + clip.length)
        })
    };
    of(TrackKind::Video)
}

fn select_here(studio: Studio, at: Ticks) {
    let found = studio.film_untracked(|film| {
        let clip = picture_under(film, at)?;
        let shot = if let ClipSource::Shot(shot) = clip.source { Some(shot) } else { None };
        Some((edits::with_linked(film, &[clip.id], studio.cutting.linked.get_untracked()), shot))
    });
    let Some((clips, shot)) = found else { return studio.say(t("nothing-to-cut")) };
    studio.clips.set(clips);
    if shot.is_some() {
        studio.shot.set(shot);
    }
}

fn go_to(studio: Studio, to: Option<Ticks>) {
    match to {
        Some(to) => transport::seek(studio, to),
        None => studio.say(t("no-mark-there")),
    }
}

/// Plans with film and selection; says so when there is nothing to do it to.
fn on_clips(studio: Studio, plan: impl FnOnce(&Film, &[ClipId]) -> Vec<Command>) {
    let chosen = studio.clips.get_untracked();
    let commands = studio.film_untracked(|film| plan(film, &chosen));
    if commands.is_empty() {
        return studio.say(t("select-a-clip"));
    }
    studio.edit_all(commands, || ());
}

fn edit_or(studio: Studio, command: Option<Command>, otherwise: &'static str) {
    match command {
        Some(command) => studio.edit(command),
        None => studio.say(t(otherwise)),
    }
}

fn nudge(studio: Studio, frames: i64) {
    let (tool, at) = (studio.tool.get_untracked(), studio.playhead.get_untracked());
    on_clips(studio, |film, chosen| edits::nudge(film, chosen, tool, at, frames));
}

fn put_in(studio: Studio, insert: bool) {
    let source = studio.cutting.source.get_untracked().or_else(|| studio.shot.get_untracked().map(ClipSource::Shot));
    let Some(source) = source else { return studio.say(t("select-a-source")) };
    let at = studio.playhead.get_untracked();
    let range = studio.cutting.range(studio.film_untracked(Film::length));
    let command = studio.film_untracked(|film| edits::put_in(film, &source, at, range, insert));
    edit_or(studio, command, "no-free-track");
}

fn remove(studio: Studio, close: bool) {
    let clips = studio.clips.get_untracked();
    if clips.is_empty() {
        return studio.say(t("select-a-clip"));
    }
    studio.clips.set(Vec::new());
    studio.edit(if close { Command::ExtractClips { clips } } else { Command::LiftClips { clips } });
}

fn remove_range(studio: Studio, close: bool) {
    let Some(range) = studio.cutting.range(studio.film_untracked(Film::length)) else {
        return studio.say(t("mark-a-range"));
    };
    let commands = studio.film_untracked(|film| edits::remove_range(film, range, close));
    if commands.is_empty() {
        return studio.say(t("no-free-track"));
    }
    studio.edit_all(commands, move || {
        if close {
            transport::seek(studio, range.0);
        }
    });
}

/// The gap under the playhead, on the track of the selection or on the first picture track that has one there.
fn close_gap(studio: Studio, at: Ticks) {
    let found = studio.film_untracked(|film| {
        let layout = super::model::Layout::of(film);
        let video = film.tracks.iter().filter(|track| track.kind == TrackKind::Video && !track.locked);
        video.map(|track| track.id).find_map(|track| Some((track, layout.gap(track, at)?)))
    });
    let command =
        found.map(|(track, (from, until))| Command::RemoveRange { from, until, tracks: vec![track], close: true });
    edit_or(studio, command, "no-gap-here");
}

/// A new shot from the neighbours' pictures and words, to be rewritten on its card; it is shown at once.
fn fill_gap(studio: Studio, at: Ticks) {
    let found = studio.film_untracked(|film| {
        let layout = super::model::Layout::of(film);
        let video = film.tracks.iter().filter(|track| track.kind == TrackKind::Video && !track.locked);
        video.map(|track| track.id).find(|track| layout.gap(*track, at).is_some())
    });
    let Some(track) = found else { return studio.say(t("no-gap-here")) };
    studio.edit_all(vec![Command::FillGap { track, at }], move || choose_new(studio, track, at, TRIES));
}

/// The page's copy of the film follows a moment after the studio's word for it.
const TRIES: u32 = 50;
const SOON: std::time::Duration = std::time::Duration::from_millis(20);

/// Chooses the shot that has just come into a gap, once it is there.
fn choose_new(studio: Studio, track: TrackId, at: Ticks, tries: u32) {
    let found = studio.film_untracked(|film| {
        let clip = film.clips.iter().find(|c| c.track == track && c.start <= at && at < c.start + c.length)?;
        if let ClipSource::Shot(shot) = clip.source { Some((clip.id, shot)) } else { None }
    });
    match found {
        Some((clip, shot)) => {
            studio.clips.set(vec![clip]);
            studio.shot.set(Some(shot));
            studio.say(t("gap-filled"));
        }
        None if tries > 0 => set_timeout(move || choose_new(studio, track, at, tries - 1), SOON),
        None => {}
    }
}

/// The key frame of the selected clips before or after the playhead.
fn go_to_key(studio: Studio, at: Ticks, forward: bool) {
    let chosen = studio.clips.get_untracked();
    let to = studio.film_untracked(|film| {
        let times = edits::selected(film, &chosen)
            .into_iter()
            .flat_map(|clip| clip.key_times().into_iter().map(move |time| clip.time_in_film(time)));
        if forward { times.filter(|time| *time > at).min() } else { times.filter(|time| *time < at).max() }
    });
    match to {
        Some(to) => transport::seek(studio, to),
        None => studio.say(t("no-key-there")),
    }
}

fn copy(studio: Studio) {
    let chosen = studio.clips.get_untracked();
    let clips = studio.film_untracked(|film| edits::selected(film, &chosen));
    if clips.is_empty() {
        return studio.say(t("select-a-clip"));
    }
    studio.say(crate::lang::tn("copied-one", "copied-many", clips.len()));
    studio.cutting.copied.set(clips);
}

fn paste(studio: Studio, landing: Landing) {
    let copied = studio.cutting.copied.get_untracked();
    if copied.is_empty() {
        return studio.say(t("nothing-copied"));
    }
    let at = studio.playhead.get_untracked();
    let length = copied.iter().map(|clip| clip.start + clip.length).max().unwrap_or(Ticks::ZERO)
        - copied.iter().map(|clip| clip.start).min().unwrap_or(Ticks::ZERO);
    let commands = studio.film_untracked(|film| edits::pasted(film, &copied, at, landing));
    if commands.is_empty() {
        return studio.say(t("no-free-track"));
    }
    // Pasting again goes on behind it.
    studio.edit_all(commands, move || transport::seek(studio, at + length));
}

/// At the beginning of the selected clips, or at the cut nearest to the playhead; again, and it is gone.
pub fn transition(studio: Studio, kind: &'static str) {
    let at = studio.playhead.get_untracked();
    let chosen = studio.clips.get_untracked();
    let commands = studio.film_untracked(|film| {
        // A title's sound, or a picture's, has no transition of its own.
        let pictures: Vec<ClipId> = edits::selected(film, &chosen)
            .into_iter()
            .filter(|clip| film.tracks.get(clip.track).is_some_and(|track| track.kind == TrackKind::Video))
            .map(|clip| clip.id)
            .collect();
        edits::transition(film, &pictures, at, kind)
    });
    if commands.is_empty() {
        return studio.say(t("select-a-clip"));
    }
    studio.edit_all(commands, || ());
}

fn remove_marker(studio: Studio, at: Ticks) {
    let nearest = studio.film_untracked(|film| {
        let nearest = film.markers.iter().min_by_key(|marker| (marker.at.0 - at.0).abs())?;
        Some(Command::RemoveMarker { marker: nearest.id })
    });
    edit_or(studio, nearest, "no-mark-there");
}
