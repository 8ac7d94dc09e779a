//! Playback runs in real time with and without a sound device, and stops when told.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and prints what it measured")]

use kinora_media::CpalSpeaker;
use kinora_ports::Speaker;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

fn plays_in_real_time(speaker: CpalSpeaker, must_be_silent: bool) {
    let given = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&given);
    let playing = speaker
        .play(Box::new(move |stereo| {
            stereo.fill(0.0);
            counter.fetch_add(stereo.len() as u64 / 2, Ordering::Relaxed);
        }))
        .unwrap();
    let start = Instant::now();
    let mut last = 0i64;
    while start.elapsed() < Duration::from_millis(700) {
        let now = playing.position_samples();
        assert!(now >= last, "the clock went back from {last} to {now}");
        last = now;
        std::thread::sleep(Duration::from_millis(5));
    }
    // Both at one moment: a busy machine may have slept through the last turn.
    let (last, expected) = (playing.position_samples(), start.elapsed().as_secs_f64() * 48_000.0);
    // A real device needs a moment to start; the silent clock does not.
    let slack = if playing.device_name() == "no sound device" { 9_600.0 } else { 24_000.0 };
    assert!((expected - last as f64).abs() < slack, "position {last} after {expected} samples of time");
    assert!(playing.device_name() == "no sound device" || !must_be_silent);
    drop(playing);
    let after = given.load(Ordering::Relaxed);
    assert!(after > 0);
    std::thread::sleep(Duration::from_millis(60));
    assert_eq!(given.load(Ordering::Relaxed), after, "the source was called after stop");
}

#[test]
fn without_a_device_the_clock_runs_and_says_so() {
    plays_in_real_time(CpalSpeaker::silent(), true);
}

#[test]
fn the_default_device_or_its_absence_plays_in_real_time() {
    plays_in_real_time(CpalSpeaker::new(), false);
}
