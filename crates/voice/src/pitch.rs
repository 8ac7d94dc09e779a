//! The pitch that a listener hears in a line, whatever was asked of the synthesiser.
//!
//! By the difference of a stretch of sound to itself a period later, relative to all shorter ones, so that neither a half nor a double
//! of the period is taken for it (YIN, de Cheveigné and Kawahara 2002). Only stretches that are loud and surely voiced count, and their
//! median is the pitch of the line. It must never guess: a line of breath has none.

/// Sound is looked at about this many times a second: nothing of a pitch is higher than half of it.
const RATE: f32 = 8_000.0;
/// From one look to the next: 10 ms.
const STEP: usize = 80;
/// What is compared at once: 32 ms, more than two periods of a deep voice.
const STRETCH: usize = 256;
/// Periods that voices have: 500 Hz down to 60 Hz.
const PERIODS: std::ops::Range<usize> = 16..134;
/// A period whose difference is below this share of the mean is one …
const SURE: f32 = 0.12;
/// … and a stretch without any below this is not voiced.
const VOICED: f32 = 0.3;
/// Below this share of the loudest stretch's power a stretch is an edge of a word.
const LOUD: f32 = 0.05;
/// Fewer voiced stretches tell nothing: 50 ms.
const LEAST: usize = 5;

/// In hertz; None where too little is voiced. `rate` is that of the samples.
pub fn heard(samples: &[f32], rate: f32) -> Option<f32> {
    let many = ((rate / RATE).round() as usize).max(1);
    let rate = rate / many as f32;
    let low: Vec<f32> = samples.chunks_exact(many).map(|chunk| chunk.iter().sum::<f32>() / many as f32).collect();
    let power = |stretch: &[f32]| stretch.iter().map(|sample| sample * sample).sum::<f32>();
    let looks = || low.windows(STRETCH + PERIODS.end).step_by(STEP);
    let loudest = looks().map(power).fold(0f32, f32::max);
    let mut found: Vec<f32> = looks()
        .filter(|stretch| loudest > 0.0 && power(stretch) >= loudest * LOUD)
        .filter_map(period)
        .map(|period| rate / period)
        .collect();
    if found.len() < LEAST {
        return None;
    }
    found.sort_by(f32::total_cmp);
    found.get(found.len() / 2).copied()
}

/// In samples, with the part between two of them.
fn period(stretch: &[f32]) -> Option<f32> {
    let now = stretch.get(..STRETCH)?;
    let mut sum = 0f32;
    let mut likeness = vec![1f32; PERIODS.end];
    for (lag, slot) in likeness.iter_mut().enumerate().skip(1) {
        let later = stretch.get(lag..lag + STRETCH)?;
        let difference: f32 = now.iter().zip(later).map(|(one, other)| (one - other) * (one - other)).sum();
        sum += difference;
        *slot = difference * lag as f32 / sum.max(f32::MIN_POSITIVE);
    }
    let at = |lag: usize| likeness.get(lag).copied().unwrap_or(1.0);
    let is_lowest = |lag: &usize| at(*lag) <= at(lag - 1) && at(*lag) <= at(lag + 1);
    let least = || PERIODS.min_by(|one, other| at(*one).total_cmp(&at(*other)));
    let lag = PERIODS.filter(is_lowest).find(|lag| at(*lag) < SURE).or_else(least).filter(|lag| at(*lag) < VOICED)?;
    let (before, here, after) = (at(lag - 1), at(lag), at(lag + 1));
    let bend = before - 2.0 * here + after;
    let part = if bend > 0.0 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 };
    Some(lag as f32 + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Many harmonics; the second of them the strongest, as in a vowel.
    fn hum(hertz: f32, seconds: f32, rate: f32) -> Vec<f32> {
        (0..(rate * seconds) as usize)
            .map(|at| {
                let turn = at as f32 / rate * hertz;
                let part = |which: usize| (turn * which as f32 % 1.0 * std::f32::consts::TAU).sin() / which as f32;
                0.2 * (1..12).map(part).sum::<f32>() + 0.5 * part(2)
            })
            .collect()
    }

    #[test]
    fn a_hum_is_heard_at_its_own_pitch_and_not_an_octave_off() {
        for rate in [16_000.0, 24_000.0, 48_000.0] {
            for hertz in [70.0, 104.0, 132.0, 211.0, 300.0, 420.0] {
                let found = heard(&hum(hertz, 0.4, rate), rate).unwrap_or(0.0);
                assert!((found / hertz - 1.0).abs() < 0.01, "{found} Hz for {hertz} Hz at {rate}");
            }
        }
    }

    #[test]
    fn the_voiced_half_of_a_line_decides_and_breath_has_no_pitch() {
        let mut state = 7u32;
        let mut breath = |count: usize| -> Vec<f32> {
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
            };
            (0..count).map(|_| next() * 0.3).collect()
        };
        assert_eq!(heard(&breath(24_000), 24_000.0), None);
        assert_eq!(heard(&[], 24_000.0), None);
        let line = [breath(6_000), hum(140.0, 0.3, 24_000.0), vec![0.0; 9_000], breath(3_000)].concat();
        assert!(heard(&line, 24_000.0).is_some_and(|found| (found - 140.0).abs() < 2.0));
    }
}
