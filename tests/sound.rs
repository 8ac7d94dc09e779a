//! Sound meets the picture in the files that leave the studio, at every frame rate.
//!
//! Judged by decoding what was written: where it flashes and where it clicks. It must not look at plans alone.

#[path = "support/reel.rs"]
mod reel;

use kinora_document::{ClipSource, FrameRate, FrameSize, Ticks, TrackKind};
use kinora_ports::Decoder;
use kinora_ports::media::Container;
use reel::{RATE, Reel};
use std::path::Path;

const TINY: FrameSize = FrameSize { width: 64, height: 64 };

/// One picture is white, and at its very beginning something clicks: again and again, `every` frames.
fn click_and_flash(folder: &Path, rate: FrameRate, minutes: i64, every: i64) -> (Reel, Vec<i64>) {
    let mut reel = Reel::new(folder, TINY, rate);
    let length = rate.snap(Ticks::from_seconds(minutes * 60));
    let frames = rate.nearest_frame(length);
    let (ground, flash) = (reel.track(TrackKind::Video, 0), reel.track(TrackKind::Video, 1));
    let sound = reel.track(TrackKind::Effects, 0);
    reel.put(ground, Ticks::ZERO, ClipSource::Colour([0; 3]), length);
    // Loud from its first sample: 4 ms of a tone, which a codec keeps in place.
    let click: Vec<f32> = (0..192).map(|at| 0.9 * (at as f32 * 0.4 + 1.2).sin()).collect();
    let click: Vec<f32> = click.into_iter().chain(std::iter::repeat_n(0.0, 4_800)).collect();
    let click = reel.sound(&click);
    let marks: Vec<i64> = (every / 2..frames - every / 2).step_by(every as usize).collect();
    for mark in &marks {
        let (at, until) = (rate.frame_start(*mark), rate.frame_start(*mark + 1));
        reel.put(flash, at, ClipSource::Colour([255; 3]), until - at);
        reel.put(sound, at, ClipSource::Media(click), rate.frame_start(*mark + 2) - at);
    }
    (reel, marks)
}

/// Samples at which it clicks in the graph must be those at which the frames begin.
fn clicks_are_exact(reel: &Reel, marks: &[i64]) {
    let (mixer, rate) = (reel.mixer(), reel.film.settings.rate);
    let (mut found, mut quiet_since) = (Vec::new(), -10_000);
    let mut block = vec![0f32; 2 * RATE as usize];
    for from in (0..mixer.length()).step_by(RATE as usize) {
        mixer.mix(from, &mut block);
        for (at, frame) in (from..).zip(block.as_chunks::<2>().0) {
            if frame[0] != 0.0 {
                if at - quiet_since > 1_000 {
                    found.push(at);
                }
                quiet_since = at;
            }
        }
    }
    let wanted: Vec<i64> = marks.iter().map(|mark| rate.frame_start(*mark).to_samples(RATE)).collect();
    assert_eq!(found, wanted, "{rate} fps");
}

/// Exports, decodes, and compares where it flashes with where it clicks.
fn holds_after_decoding(reel: &Reel, marks: &[i64], path: &Path) {
    let rate = reel.film.settings.rate;
    reel.export(Container::Mp4, None, path);
    let mut movie = kinora_media::GstDecoder::new().open(path).expect("it opens");
    let sound = movie.sound().expect("it decodes").expect("it is there");
    let heard: Vec<f32> = sound.samples.chunks(2).map(|frame| frame[0].abs()).collect();
    let frame = rate.frame_length().to_samples(RATE);
    let mut offs = Vec::new();
    for mark in marks {
        let bright = |pixels: kinora_ports::Pixels| pixels.rgba.as_chunks::<4>().0.iter().all(|pixel| pixel[1] > 128);
        let near: Vec<bool> =
            (mark - 1..=mark + 1).map(|at| bright(movie.frame(at as u32).expect("a picture"))).collect();
        assert_eq!(near, [false, true, false], "{rate} fps: the flash of frame {mark}");
        let start = rate.frame_start(*mark).to_samples(RATE);
        let from = usize::try_from(start - 2 * frame).unwrap_or(0);
        let onset = heard.iter().skip(from).take(4 * frame as usize).position(|sample| *sample > 0.2);
        let onset = (from + onset.unwrap_or_else(|| panic!("{rate} fps: no click near frame {mark}"))) as i64;
        offs.push(onset - start);
    }
    let (least, most) = (offs.iter().min().copied().unwrap_or(0), offs.iter().max().copied().unwrap_or(0));
    assert!(least.abs().max(most.abs()) <= frame, "{rate} fps: {offs:?}");
    assert!(most - least <= i64::from(RATE) / 200, "{rate} fps: it drifts: {offs:?}");
}

/// Minutes for every rate, and for the one whose frames are never whole milliseconds.
fn minutes() -> (i64, i64) {
    match std::env::var("KINORA_CLICK_MINUTES").ok().and_then(|minutes| minutes.parse().ok()) {
        Some(all) => (all, all),
        None => (1, 10),
    }
}

#[test]
fn a_click_and_a_flash_stay_together_at_every_rate() {
    let (all, longest) = minutes();
    for rate in FrameRate::FILM_RATES {
        let folder = tempfile::tempdir().expect("a folder");
        let minutes = if rate == FrameRate::FPS_29_97 { longest } else { all };
        let every = 7 * rate.nearest_frame(Ticks::from_seconds(1)) + 3;
        let (reel, marks) = click_and_flash(folder.path(), rate, minutes, every);
        clicks_are_exact(&reel, &marks);
        holds_after_decoding(&reel, &marks, &folder.path().join("click.mp4"));
    }
}
