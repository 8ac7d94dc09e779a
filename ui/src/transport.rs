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
    // At the end, playing means playing again.
    let from = if at + studio.rate_untracked().frame_length() >= end { Ticks::ZERO } else { at };
    studio.winding.set(0);
    studio.request::<AskPlay>(PlayRequest { from, until: None, repeat: studio.repeat.get_untracked() }, |()| ());
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
        studio
            .request::<AskPlay>(PlayRequest { from: to, until: None, repeat: studio.repeat.get_untracked() }, |()| ());
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
    fn timecodes_count_frames() {
        assert_eq!(timecode(Ticks::ZERO, FrameRate::FPS_24), "00:00:00:00");
        assert_eq!(timecode(FrameRate::FPS_24.frame_start(25), FrameRate::FPS_24), "00:00:01:01");
        assert_eq!(timecode(Ticks::from_seconds(3661), FrameRate::FPS_24), "01:01:01:00");
    }
}
