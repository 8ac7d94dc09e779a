//! What the synthesiser promises: on time, in place, repeatable, never clipped.

use super::*;

fn with(curve: Curve, value: f32, frames: usize) -> Curves {
    let mut curves = Curves::silent(12, frames);
    (0..frames).for_each(|i| curves.set(curve, i, value));
    curves
}

fn energy(part: &[[f32; 2]], side: usize) -> f32 {
    part.iter().map(|p| p[side] * p[side]).sum::<f32>() / part.len().max(1) as f32
}

/// Samples where loudness leaps: 2 ms windows, each against the quarter second before it.
fn heard_onsets(sound: &[[f32; 2]]) -> Vec<usize> {
    const WINDOW: usize = 96;
    let loud: Vec<f32> = sound.chunks(WINDOW).map(|w| energy(w, 0) + energy(w, 1)).collect();
    let mut found: Vec<usize> = Vec::new();
    for i in 0..loud.len() {
        let before = loud[i.saturating_sub(12)..i].iter().fold(0.0f32, |m, x| m.max(*x));
        if loud[i] > 6.0 * before + 2e-3 && found.last().is_none_or(|last| i * WINDOW - last > 4000) {
            found.push(i * WINDOW);
        }
    }
    found
}

#[test]
fn a_hundred_bounces_are_heard_within_one_frame_of_being_seen() {
    let mut dice = Dice::new(5);
    for clip in 0..100 {
        // A ball let fall: gaps between contacts shrink, each contact weaker; the network's noise on top.
        let mut curves = with(Curve::Wind, 0.12, 49);
        let (mut frame, mut gap, mut strength, mut contacts) =
            (2.0 + 8.0 * dice.unit(), 10.0 + 5.0 * dice.unit(), 1.0f32, vec![]);
        while frame < 46.0 && gap > 5.0 {
            let at = frame.round() as usize;
            contacts.push(at);
            for k in 0..5 {
                let value = strength * 0.5f32.powi(k) + 0.04 * dice.noise();
                curves.set(Curve::Impact, at + k as usize, value.clamp(0.0, 1.0));
            }
            frame += gap;
            gap *= 0.72;
            strength = (strength * 0.85).max(0.5);
        }
        let heard = heard_onsets(&render(&curves, clip));
        assert_eq!(heard.len(), contacts.len(), "clip {clip}: {heard:?} for {contacts:?}");
        for (sample, frame) in heard.iter().zip(&contacts) {
            let late = *sample as f32 / 4000.0 - *frame as f32;
            assert!((-0.05..1.0).contains(&late), "clip {clip}: {late} frames late");
        }
    }
}

use super::dsp::Dice;

#[test]
fn a_clip_lasts_exactly_as_long_as_its_frames() {
    for frames in [0, 1, 5, 49] {
        assert_eq!(render(&Curves::silent(12, frames), 0).len(), frames * 4000);
    }
    assert_eq!(render(&Curves::silent(7, 3), 0).len(), 3 * 48_000 / 7);
}

#[test]
fn silence_is_silent() {
    assert!(render(&Curves::silent(12, 49), 3).iter().all(|p| *p == [0.0, 0.0]));
}

#[test]
fn the_same_seed_gives_the_same_sound_and_another_does_not() {
    let curves = with(Curve::Rain, 0.8, 13);
    assert_eq!(render(&curves, 1), render(&curves, 1));
    assert_ne!(render(&curves, 1), render(&curves, 2));
}

#[test]
fn everything_at_once_never_clips() {
    let mut curves = Curves::silent(12, 49);
    for (i, row) in curves.rows.iter_mut().enumerate() {
        row.fill(if i % 4 == 0 { 1.0 } else { 0.3 });
    }
    for pair in render(&curves, 9) {
        assert!(pair.iter().all(|x| x.is_finite() && x.abs() < 1.0), "{pair:?}");
    }
}

#[test]
fn every_voice_alone_is_heard_without_limiting() {
    for voice in Voice::ALL {
        let mut curves = with(voice.curve(), 0.8, 49);
        for i in 0..49 {
            // Struck voices need onsets.
            curves.set(voice.curve(), i, if i % 12 == 0 { 0.9 } else { 0.45 });
        }
        if !matches!(voice, Voice::Impact | Voice::Footsteps | Voice::Bell | Voice::Call) {
            curves = with(voice.curve(), 0.8, 49);
        }
        let sound = render(&curves, 4);
        let peak = sound.iter().flatten().fold(0.0f32, |m, x| m.max(x.abs()));
        let level = (energy(&sound, 0) + energy(&sound, 1)).sqrt();
        assert!(peak < 0.75 && level > 0.008, "{voice:?}: peak {peak}, level {level}");
        let mean = sound.iter().map(|p| p[0]).sum::<f32>() / sound.len() as f32;
        assert!(mean.abs() < 0.01, "{voice:?} is off centre by {mean}");
    }
}

#[test]
fn sound_moves_with_the_subject() {
    for (place, near, far) in [(0.05, 0, 1), (0.95, 1, 0)] {
        let mut curves = with(Curve::Engine, 0.8, 25);
        (0..25).for_each(|i| curves.set(Curve::SubjectX, i, place));
        let sound = render(&curves, 1);
        assert!(energy(&sound, near) > 4.0 * energy(&sound, far));
    }
}

#[test]
fn values_that_are_not_numbers_are_silence() {
    let mut curves = Curves::silent(12, 5);
    curves.rows.iter_mut().for_each(|row| row.fill(f32::NAN));
    assert!(render(&curves, 0).iter().all(|p| *p == [0.0, 0.0]));
    assert!(play(Voice::Rain, &[f32::INFINITY; 4], 12, 0).iter().all(|x| *x == 0.0));
}
