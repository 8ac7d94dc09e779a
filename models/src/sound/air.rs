//! Voices that last: filtered noise and steady tones whose loudness follows the control, moving slowly by themselves so
//! that nothing stands still. Loudness reaches about ±1 at a control of 1.

use super::{
    RATE,
    dsp::{Control, Dice, Filter, Sine, Wander, seconds, strike},
};

/// Adds short sounds at random places, `per_second` of them where the control is 1.
fn scatter(
    control: &Control<'_>,
    dice: &mut Dice,
    per_second: f32,
    out: &mut [f32],
    mut grain: impl FnMut(&mut Dice, f32, &mut [f32]),
) {
    let mut at = 0.0f32;
    let length = seconds(out.len());
    while at < length {
        at += -(1.0 - dice.unit()).max(1e-6).ln() / per_second;
        let sample = (at * RATE as f32) as usize;
        let level = control.at(sample);
        // Thinned out by the control, so that the rhythm elsewhere does not change with it.
        if dice.unit() < level
            && let Some(rest) = out.get_mut(sample..)
        {
            grain(dice, level, rest);
        }
    }
}

pub(super) fn rain(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    let mut dice = Dice::new(seed);
    let (mut top, mut bottom, mut gust) = (Filter::default(), Filter::default(), Wander::new(0.7, &mut dice));
    for (i, x) in out.iter_mut().enumerate() {
        let level = control.at(i);
        let (_, _, high) = bottom.step(dice.noise(), 700.0, 0.6);
        let (low, _, _) = top.step(high, 5200.0 + 2500.0 * level, 0.6);
        *x += 0.75 * low * level * (0.8 + 0.25 * gust.step(&mut dice));
    }
    scatter(control, &mut dice, 70.0, out, |dice, _, out| {
        let (hz, loud, length) = (dice.between(1500.0, 5200.0), dice.between(0.05, 0.3), dice.between(0.004, 0.014));
        let mut tone = Sine::default();
        for (i, x) in out.iter_mut().take((length * 5.0 * RATE as f32) as usize).enumerate() {
            let t = seconds(i);
            *x += loud * tone.step(hz * (1.0 + 4.0 * t)) * strike(t, 0.0006, length);
        }
    });
}

pub(super) fn snow(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    let mut dice = Dice::new(seed);
    let (mut hush, mut drift) = (Filter::default(), Wander::new(1.4, &mut dice));
    for (i, x) in out.iter_mut().enumerate() {
        let (_, band, _) = hush.step(dice.noise(), 420.0 + 260.0 * drift.step(&mut dice), 0.5);
        *x += 1.6 * band * control.at(i);
    }
}

pub(super) fn wind(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    let mut dice = Dice::new(seed);
    let (mut body, mut whistle) = (Filter::default(), Filter::default());
    let (mut gust, mut turn) = (Wander::new(1.1, &mut dice), Wander::new(0.6, &mut dice));
    for (i, x) in out.iter_mut().enumerate() {
        let level = control.at(i);
        let (gust, turn) = (gust.step(&mut dice), turn.step(&mut dice));
        let noise = dice.noise();
        let (_, body, _) = body.step(noise, 180.0 + 420.0 * gust * (0.4 + level), 1.1);
        let (_, whistle, _) = whistle.step(noise, 700.0 + 500.0 * turn, 9.0);
        *x += level * (0.35 + 0.65 * gust) * (3.2 * body + 0.9 * level * whistle * gust);
    }
}

pub(super) fn water(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    let mut dice = Dice::new(seed);
    let (mut deep, mut foam) = (Filter::default(), Filter::default());
    let mut swell = Sine::default();
    let (mut uneven, rate) = (Wander::new(0.9, &mut dice), dice.between(0.16, 0.24));
    (0..(dice.unit() * RATE as f32 * 3.0) as usize).for_each(|_| {
        swell.step(rate);
    });
    for (i, x) in out.iter_mut().enumerate() {
        let wave = 0.5 + 0.5 * swell.step(rate);
        let noise = dice.noise();
        let (low, _, _) = deep.step(noise, 260.0 + 340.0 * wave, 0.7);
        let (_, _, high) = foam.step(noise, 2200.0, 0.7);
        let level = control.at(i) * (0.4 + 0.6 * wave) * (0.7 + 0.4 * uneven.step(&mut dice));
        *x += level * (2.2 * low + 0.22 * high * wave * wave);
    }
    scatter(control, &mut dice, 9.0, out, |dice, _, out| {
        let (hz, loud, length) = (dice.between(320.0, 950.0), dice.between(0.05, 0.2), dice.between(0.02, 0.05));
        let mut tone = Sine::default();
        for (i, x) in out.iter_mut().take((length * 4.0 * RATE as f32) as usize).enumerate() {
            let t = seconds(i);
            *x += loud * tone.step(hz * (1.0 + 9.0 * t)) * strike(t, 0.004, length);
        }
    });
}

/// Firing strokes through a muffler; speed follows the control.
pub(super) fn engine(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    let mut dice = Dice::new(seed);
    let (mut crank, mut half, mut muffler, mut box_) =
        (Sine::default(), Sine::default(), Filter::default(), Filter::default());
    let (mut uneven, base) = (Wander::new(0.12, &mut dice), dice.between(34.0, 42.0));
    for (i, x) in out.iter_mut().enumerate() {
        let level = control.at(i);
        let hertz = base * (1.0 + 0.9 * level) * (0.985 + 0.03 * uneven.step(&mut dice));
        let pulse = {
            let turn = crank.step(hertz);
            let fire = (1.0 - crank.phase()).powi(3) - 0.25;
            0.55 * turn + fire
        };
        let rumble = half.step(hertz * 0.5);
        let (low, _, _) = muffler.step(pulse + 0.06 * dice.noise(), 240.0 + 500.0 * level, 0.9);
        let (_, boxy, _) = box_.step(pulse, 120.0 + 90.0 * level, 2.5);
        *x += level.sqrt() * (0.55 * low + 0.45 * boxy + 0.18 * rumble);
    }
}

/// Sixteen talkers: each a pair of wandering formants, opened and shut at the rate of syllables.
pub(super) fn crowd(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    const TALKERS: usize = 16;
    for talker in 0..TALKERS as u64 {
        let mut dice = Dice::new(seed ^ talker.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let (mut first, mut second, mut throat) = (Filter::default(), Filter::default(), Sine::default());
        let mut syllable = Wander::new(dice.between(0.10, 0.19), &mut dice);
        let (mut vowel, mut phrase) = (Wander::new(0.21, &mut dice), Wander::new(1.2, &mut dice));
        let pitch = dice.between(95.0, 230.0);
        for (i, x) in out.iter_mut().enumerate() {
            let (open, vowel, phrase) = (syllable.step(&mut dice), vowel.step(&mut dice), phrase.step(&mut dice));
            throat.step(pitch * (0.9 + 0.2 * phrase));
            let source = 0.7 * (1.0 - 2.0 * throat.phase()) + 0.25 * dice.noise();
            let (_, a, _) = first.step(source, 330.0 + 480.0 * vowel, 5.0);
            let (_, b, _) = second.step(source, 900.0 + 1000.0 * (1.0 - vowel), 7.0);
            *x += control.at(i) * (open * open) * (0.3 + 0.7 * phrase) * (a + 0.6 * b) * 0.32;
        }
    }
}

/// Crickets: trains of short pulses, each train answered by another, higher one.
pub(super) fn insects(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    for (cricket, base) in [(1u64, 4150.0), (2, 4620.0), (3, 5040.0)] {
        let mut dice = Dice::new(seed ^ (cricket * 77));
        let (mut tone, mut pulse, mut train) = (Sine::default(), Sine::default(), Sine::default());
        let (hertz, rate, speed) = (base * dice.between(0.97, 1.03), dice.between(26.0, 34.0), dice.between(1.3, 2.3));
        let mut loud = Wander::new(0.8, &mut dice);
        for (i, x) in out.iter_mut().enumerate() {
            let open = pulse.step(rate).max(0.0).powi(2) * (train.step(speed) * 3.0 + 0.6).clamp(0.0, 1.0);
            *x += control.at(i) * open * tone.step(hertz) * (0.3 + 0.4 * loud.step(&mut dice));
        }
    }
}

pub(super) fn hum(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    let mut dice = Dice::new(seed);
    let mut tones = [Sine::default(), Sine::default(), Sine::default()];
    let (mut air, mut drift) = (Filter::default(), Wander::new(1.7, &mut dice));
    for (i, x) in out.iter_mut().enumerate() {
        let drift = drift.step(&mut dice);
        let parts = tones.iter_mut().zip([(60.0, 0.5), (120.0, 0.35 + 0.15 * drift), (181.0, 0.12)]);
        let tone: f32 = parts.map(|(tone, (hz, level))| tone.step(hz) * level).sum();
        let (low, _, _) = air.step(dice.noise(), 320.0, 0.6);
        *x += control.at(i) * (tone + 0.5 * low);
    }
}

pub(super) fn whoosh(control: &Control<'_>, seed: u64, out: &mut [f32]) {
    let mut dice = Dice::new(seed);
    let (mut band, mut smooth) = (Filter::default(), 0.0f32);
    for (i, x) in out.iter_mut().enumerate() {
        // About 20 ms of inertia: air does not start at once.
        smooth += (control.at(i) - smooth) * 0.001;
        let (_, air, _) = band.step(dice.noise(), 260.0 + 1500.0 * smooth, 1.2);
        *x += 2.4 * air * smooth.powf(1.4);
    }
}
