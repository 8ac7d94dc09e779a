//! The cutting room as the tests see it: the cut in frames, the way to a frame by keyboard and by mouse, and everything taken back.

#![allow(dead_code, reason = "each test file uses its own part")]

use crate::webdriver::Window;
use serde_json::Value;

const HOME: char = '\u{e011}';
const RIGHT: char = '\u{e014}';
/// 24 frames a second.
pub const FRAME: i64 = 705_600_000 / 24;

fn track(film: &Value, name: &str) -> Value {
    let tracks = film["tracks"].as_array().expect("tracks");
    tracks.iter().find(|track| track["name"] == name).expect("the track")["id"].clone()
}

/// Beginnings and ends of a track's clips, in frames.
pub fn cut(film: &Value, name: &str) -> Vec<(i64, i64)> {
    let track = track(film, name);
    let mut clips: Vec<(i64, i64)> = film["clips"]
        .as_array()
        .expect("clips")
        .iter()
        .filter(|clip| clip["track"] == track)
        .map(|clip| (clip["start"].as_i64().expect("ticks"), clip["length"].as_i64().expect("ticks")))
        .map(|(start, length)| (start / FRAME, (start + length) / FRAME))
        .collect();
    clips.sort_unstable();
    clips
}

pub fn until_cut(window: &Window, wanted: &[(i64, i64)]) {
    window.until(&format!("the cut {wanted:?}"), || (cut(&window.film(), "V1") == wanted).then_some(()));
}

/// Brings the playhead to a frame with the keys.
pub fn at_frame(window: &Window, frame: i64) {
    window.keys(&HOME.to_string());
    for _ in 0..frame {
        window.keys(&RIGHT.to_string());
    }
    let wanted = format!("00:00:{:02}:{:02}", frame / 24, frame % 24);
    window.until(&wanted, || (window.text("[data-testid='timecode']") == wanted).then_some(()));
}

/// Where a frame of the picture track lies on screen.
pub fn place(window: &Window, frame: i64) -> (i64, i64) {
    let (_, y) = window.middle("[data-testid='track-mute-V1']");
    let script = "const c = document.querySelector(\"[data-testid='timeline']\"); const r = c.getBoundingClientRect(); \
         return [Math.round(r.x), Number(c.dataset.from), Number(c.dataset.ticksPerPixel), \
         Math.round(document.querySelector('.track-heads').getBoundingClientRect().right)]";
    let seen = window.script(script);
    let number = |at: usize| seen[at].as_i64().expect("a number");
    // The names of the tracks end two pixels before the film begins.
    (number(3) + 2 + (frame * FRAME - number(1)) / number(2), y)
}

pub fn titles(film: &Value) -> usize {
    cut(film, "V2 Titles").len()
}

pub fn dissolves(film: &Value) -> usize {
    let clips = film["clips"].as_array().expect("clips");
    clips.iter().filter(|clip| clip["transition"]["kind"] == "dissolve").count()
}

/// Takes everything back, and brings everything back, step by step; the film must be the same both ways.
pub fn back_and_forth(window: &Window, before: &Value, steps: usize, undo: impl Fn(), redo: impl Fn()) {
    let after = window.film();
    for left in (0..steps).rev() {
        let now = window.film();
        undo();
        window.until_film(&format!("an undo, {left} left"), |film| *film != now);
    }
    assert_eq!(window.film(), *before, "undoing everything gives the film as it was");
    for left in (0..steps).rev() {
        let now = window.film();
        redo();
        window.until_film(&format!("a redo, {left} left"), |film| *film != now);
    }
    assert_eq!(window.film(), after, "redoing everything gives the film as it had become");
}
