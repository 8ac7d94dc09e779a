//! Voices that are struck: each onset of the control starts one sound, at the very sample where its frame begins.
//! Every sound ends by itself within two seconds; sounds may overlap.

use super::dsp::{Control, Dice, Filter, Onset, Sine, seconds, strike};

/// Adds what `voice` gives for each sample after the onset, as long as `length` seconds.
fn ring(out: &mut [f32], at: usize, length: f32, mut voice: impl FnMut(f32) -> f32) {
    let count = (length * super::RATE as f32) as usize;
    for (i, x) in out.iter_mut().skip(at).take(count).enumerate() {
        *x += voice(seconds(i));
    }
}

/// A ball on the ground: a falling low tone, a knock above it, a little dust.
pub(super) fn impact(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    let mut dice = Dice::new(seed);
    for Onset { sample, strength } in control.onsets() {
        let pitch = dice.between(0.92, 1.08);
        let (mut low, mut knock, mut dust) = (Sine::default(), Sine::default(), Filter::default());
        let mut noise = Dice::new(seed ^ sample as u64);
        ring(out, sample, 0.9, |t| {
            let tone = low.step(pitch * (52.0 + 110.0 * (-t / 0.028).exp())) * strike(t, 0.0012, 0.13);
            let knock = knock.step(pitch * 310.0) * strike(t, 0.0005, 0.022);
            let dust = dust.step(noise.noise(), 900.0 + 1800.0 * (-t / 0.01).exp(), 0.7).0 * strike(t, 0.0004, 0.03);
            strength * (0.85 * tone + 0.30 * knock + 0.5 * dust)
        });
    }
}

/// Heel and toe on soft ground.
pub(super) fn footsteps(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    let mut dice = Dice::new(seed);
    for (i, Onset { sample, strength }) in control.onsets().into_iter().enumerate() {
        let foot = if i % 2 == 0 { 1.0 } else { 0.9 };
        let pitch = foot * dice.between(0.93, 1.07);
        let level = strength * dice.between(0.8, 1.0);
        let (mut thud, mut grain, mut noise) = (Sine::default(), Filter::default(), Dice::new(seed ^ sample as u64));
        ring(out, sample, 0.3, |t| {
            let heel = thud.step(pitch * (85.0 + 60.0 * (-t / 0.015).exp())) * strike(t, 0.001, 0.045);
            let toe = strike((t - 0.055).max(0.0), 0.004, 0.03) * 0.45;
            let (_, scrape, _) = grain.step(noise.noise(), pitch * 1300.0, 0.9);
            level * (0.8 * heel + scrape * (strike(t, 0.001, 0.025) + toe))
        });
    }
}

/// Partials of a small hand bell, each with its own decay.
pub(super) fn bell(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    // (ratio to the strike note, level, seconds)
    const PARTIALS: [(f32, f32, f32); 6] =
        [(0.5, 0.25, 1.3), (1.0, 0.5, 0.9), (1.19, 0.25, 0.7), (2.0, 0.22, 0.5), (2.74, 0.14, 0.3), (4.07, 0.08, 0.16)];
    let note = Dice::new(seed).between(560.0, 720.0);
    for Onset { sample, strength } in control.onsets() {
        for (ratio, level, length) in PARTIALS {
            let mut tone = Sine::default();
            ring(out, sample, 1.9, |t| strength * level * tone.step(note * ratio) * strike(t, 0.0015, length));
        }
    }
}

/// An open vowel with a falling pitch: neither a dog nor a child, but somebody.
pub(super) fn call(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    let mut dice = Dice::new(seed);
    for Onset { sample, strength } in control.onsets() {
        let pitch = dice.between(240.0, 330.0);
        let (mut throat, mut breath) = (Sine::default(), Dice::new(seed ^ sample as u64));
        let mut mouth = [Filter::default(), Filter::default(), Filter::default()];
        ring(out, sample, 0.5, |t| {
            let shape = (t / 0.03).min(1.0) * (1.0 - (t / 0.34)).clamp(0.0, 1.0).powf(0.8);
            throat.step(pitch * (1.0 + 0.25 * (-t / 0.06).exp() - 0.35 * t));
            let open = 1.0 - 2.0 * throat.phase() + 0.12 * breath.noise();
            let wide = 1.0 - 0.4 * t;
            let formants = [(720.0 * wide, 7.0, 1.0), (1180.0 * wide, 9.0, 0.6), (2600.0, 9.0, 0.22)];
            let voiced = mouth.iter_mut().zip(formants).map(|(f, (hz, q, level))| f.step(open, hz, q).1 * level);
            strength * shape * 1.6 * voiced.sum::<f32>()
        });
    }
}

/// Phrases of two to five chirps with rests between, as often as the control is high.
pub(super) fn birds(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    let mut dice = Dice::new(seed);
    let mut at = dice.between(0.0, 0.6);
    let length = seconds(out.len());
    while at < length {
        let level = control.at((at * super::RATE as f32) as usize);
        if level < 0.05 {
            at += 0.1;
            continue;
        }
        let (base, rise, loud) = (dice.between(2600.0, 4600.0), dice.between(-900.0, 1400.0), dice.between(0.35, 0.9));
        for _ in 0..2 + (dice.unit() * 4.0) as usize {
            let note = dice.between(0.05, 0.11);
            let (mut tone, mut trill) = (Sine::default(), Sine::default());
            let speed = dice.between(20.0, 45.0);
            ring(out, (at * super::RATE as f32) as usize, note, |t| {
                let s = t / note;
                let hz = base + rise * s + 180.0 * trill.step(speed);
                level * loud * tone.step(hz) * (std::f32::consts::PI * s).sin().powi(2)
            });
            at += note + dice.between(0.02, 0.09);
        }
        at += dice.between(0.25, 1.3) / (0.4 + level);
    }
}
