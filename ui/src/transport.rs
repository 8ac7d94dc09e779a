//! Playing, stopping, stepping and jumping: what the buttons under the monitor and the keys do.
//!
//! The studio plays; the page asks it to and shows what it pulls. Winding (J, and L pressed again) is silent: the page moves the
//! playhead itself and pulls stills.

use crate::state::Studio;
use kinora_api::{AskPlay, AskStop, PlayRequest};
use kinora_document::{FrameRate, Ticks};
use leptos::prelude::*;

pub fn play_or_stop(studio: Studio) {
    if studio.playing.get_untracked() || studio.winding.get_untracked() != 0 {
        stop(studio);
    } else {
        play(studio);
    }
}

pub fn play(studio: Studio) {
    let end = studio.film_untracked(|film| film.length());
    if end <= Ticks::ZERO {
        return studio.say(crate::lang::t("nothing-to-play"));
    }
    let at = studio.playhead.get_untracked();
    let request = request(studio, at, end);
    studio.winding.set(0);
    studio.request::<AskPlay>(request, |()| ());
}

/// With the loop on and in or out set, playing stays between them; otherwise it goes to the end of the film.
fn request(studio: Studio, at: Ticks, end: Ticks) -> PlayRequest {
    let repeat = studio.repeat.get_untracked();
    let range = studio.cutting.range(end).filter(|_| repeat);
    rounds(at, end, range, repeat, studio.rate_untracked().frame_length())
}

fn rounds(at: Ticks, end: Ticks, range: Option<(Ticks, Ticks)>, repeat: bool, frame: Ticks) -> PlayRequest {
    let (first, last) = range.unwrap_or((Ticks::ZERO, end));
    let last = last.min(end);
    // At the end, playing means playing again; outside the range it means going there.
    let inside = first <= at && at + frame < last;
    let from = if inside { at } else { first };
    PlayRequest { from, until: range.map(|_| last), repeat, again: repeat.then_some(first) }
}

pub fn stop(studio: Studio) {
    studio.winding.set(0);
    if studio.playing.get_untracked() {
        studio.request::<AskStop>((), |()| ());
    }
}

/// L plays, L again doubles; J runs backward, J again doubles; the other key slows down.
pub fn wind(studio: Studio, direction: i32) {
    let pace = if studio.playing.get_untracked() { 1 } else { studio.winding.get_untracked() };
    let next = match pace {
        0 => direction,
        pace if pace.signum() == direction => (pace * 2).clamp(-4, 4),
        pace if pace.abs() > 1 => pace / 2,
        _ => 0,
    };
    match next {
        0 => stop(studio),
        1 if direction > 0 => play(studio),
        next => {
            if studio.playing.get_untracked() {
                studio.request::<AskStop>((), |()| ());
            }
            studio.winding.set(next);
        }
    }
}

/// Puts the playhead somewhere, on a frame and inside the film.
pub fn seek(studio: Studio, to: Ticks) {
    let rate = studio.rate_untracked();
    let end = studio.film_untracked(|film| film.length());
    let to = rate.snap(to.max(Ticks::ZERO).min(end));
    if studio.playing.get_untracked() {
        studio.request::<AskPlay>(request(studio, to, end), |()| ());
    }
    studio.playhead.set(to);
}

pub fn step(studio: Studio, frames: i64) {
    if studio.playing.get_untracked() {
        stop(studio);
    }
    studio.winding.set(0);
    let rate = studio.rate_untracked();
    let frame = rate.nearest_frame(studio.playhead.get_untracked()) + frames;
    studio.playing.set(false);
    seek(studio, rate.frame_start(frame));
}

pub fn jump(studio: Studio, by: Ticks) {
    seek(studio, studio.playhead.get_untracked() + by);
}

/// To the nearest cut before or after.
pub fn cut(studio: Studio, forward: bool) {
    let at = studio.playhead.get_untracked();
    let to = studio.film_untracked(|film| {
        let cuts = film.clips.iter().flat_map(|clip| [clip.start, clip.start + clip.length]);
        if forward { cuts.filter(|cut| *cut > at).min() } else { cuts.filter(|cut| *cut < at).max() }
    });
    if let Some(to) = to {
        seek(studio, to);
    }
}

/// Called at every animation frame while winding, with the milliseconds since the last.
pub fn wind_on(studio: Studio, millis: i64) {
    let pace = studio.winding.get_untracked();
    if pace == 0 {
        return;
    }
    let end = studio.film_untracked(|film| film.length());
    let to = studio.playhead.get_untracked() + Ticks::from_millis(millis * i64::from(pace));
    if to <= Ticks::ZERO || to >= end {
        studio.winding.set(0);
    }
    studio.playhead.set(to.max(Ticks::ZERO).min(end));
}

/// Hours, minutes, seconds and frames.
pub fn timecode(at: Ticks, rate: FrameRate) -> String {
    let frame = rate.frame_at(at).max(0);
    let a_second = i64::from(rate.frames.div_ceil(rate.seconds.max(1)));
    let (seconds, frames) = (frame / a_second.max(1), frame % a_second.max(1));
    format!("{:02}:{:02}:{:02}:{frames:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_stays_between_in_and_out() {
        let second = Ticks::from_seconds;
        let frame = FrameRate::FPS_24.frame_length();
        let range = Some((second(2), second(5)));
        let inside = rounds(second(3), second(9), range, true, frame);
        assert_eq!((inside.from, inside.until, inside.again), (second(3), Some(second(5)), Some(second(2))));
        let outside = rounds(second(7), second(9), range, true, frame);
        assert_eq!(outside.from, second(2));
        let whole = rounds(second(9), second(9), None, false, frame);
        assert_eq!((whole.from, whole.until, whole.again), (Ticks::ZERO, None, None));
    }

    #[test]
    fn timecodes_count_frames() {
        assert_eq!(timecode(Ticks::ZERO, FrameRate::FPS_24), "00:00:00:00");
        assert_eq!(timecode(FrameRate::FPS_24.frame_start(25), FrameRate::FPS_24), "00:00:01:01");
        assert_eq!(timecode(Ticks::from_seconds(3661), FrameRate::FPS_24), "01:01:01:00");
    }
}
