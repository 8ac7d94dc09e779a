//! Where music beats: how strongly something begins at each moment, the tempo that fits best, and the chain of beats through it.
//!
//! Simple and the same every time: music with a steady beat is followed, anything else gets no beats. It reads a sound and knows no film.

use kinora_document::Ticks;
use kinora_ports::Sound;

/// Moments a second.
const MOMENTS: usize = 100;
/// Beats lie between 60 and 200 a minute, in moments from beat to beat.
const SLOWEST: usize = MOMENTS;
const FASTEST: usize = MOMENTS * 60 / 200;
/// What people tap when they may choose: 120 a minute.
const USUAL: f64 = MOMENTS as f64 / 2.0;
/// How much a step that is too long or too short costs, in strengths of an average beginning.
const STRICT: f64 = 60.0;
/// What rises and falls less than this, in the logarithm, only hums or hisses.
const FLAT: f64 = 0.15;
/// Fewer beats are no beat.
const LEAST_BEATS: usize = 4;
/// The tempo must stand out from its surroundings this much.
const CLEAR: f64 = 0.12;

pub(crate) fn beats(sound: &Sound) -> Vec<Ticks> {
    let strength = beginnings(sound);
    let Some(period) = period(&strength) else { return Vec::new() };
    let chain = chain(&strength, period);
    if chain.len() < LEAST_BEATS {
        return Vec::new();
    }
    let rate = sound.sample_rate.max(1);
    let frames = i64::from(rate) / MOMENTS as i64;
    chain.into_iter().map(|moment| Ticks::from_samples(moment as i64 * frames, rate)).collect()
}

/// How much louder each moment is than the one before, in the logarithm, against what is usual around it.
fn beginnings(sound: &Sound) -> Vec<f64> {
    let channels = usize::from(sound.channels.max(1));
    let frames = (sound.sample_rate as usize / MOMENTS).max(1);
    let levels: Vec<f64> = sound
        .samples
        .chunks(frames * channels)
        .map(|part| {
            // Differences of neighbours: strokes are bright, and basses that hum on are not.
            let bright =
                part.iter().zip(part.iter().skip(channels)).map(|(a, b)| f64::from(b - a).powi(2)).sum::<f64>();
            (1e-6 + bright / part.len() as f64).ln()
        })
        .collect();
    let rises: Vec<f64> = std::iter::once(0.0)
        .chain(levels.windows(2).map(|pair| match pair {
            [before, now] => (now - before).max(0.0),
            _ => 0.0,
        }))
        .collect();
    let mean = rises.iter().sum::<f64>() / rises.len().max(1) as f64;
    let spread = (rises.iter().map(|rise| (rise - mean).powi(2)).sum::<f64>() / rises.len().max(1) as f64).sqrt();
    rises.iter().map(|rise| if spread > FLAT { (rise - mean).max(0.0) / spread } else { 0.0 }).collect()
}

/// Moments from beat to beat; None when nothing repeats.
fn period(strength: &[f64]) -> Option<usize> {
    let at_lag = |lag: usize| -> f64 {
        let pairs = strength.iter().zip(strength.iter().skip(lag));
        // A neighbour counts half: nobody plays to the hundredth of a second.
        let near = |lag: usize| strength.iter().zip(strength.iter().skip(lag)).map(|(a, b)| a * b).sum::<f64>();
        pairs.map(|(a, b)| a * b).sum::<f64>() + 0.5 * (near(lag - 1) + near(lag + 1))
    };
    let whole: f64 = strength.iter().map(|value| value * value).sum();
    if whole <= 0.0 {
        return None;
    }
    let liked = |lag: usize| (-0.5 * ((lag as f64 / USUAL).log2() / 0.9).powi(2)).exp();
    let best = (FASTEST..=SLOWEST).max_by(|a, b| (at_lag(*a) * liked(*a)).total_cmp(&(at_lag(*b) * liked(*b))))?;
    (at_lag(best) / whole > CLEAR).then_some(best)
}

/// The chain of moments that begin strongly and are about a period apart.
fn chain(strength: &[f64], period: usize) -> Vec<usize> {
    let mut score = strength.to_vec();
    let mut before: Vec<Option<usize>> = vec![None; strength.len()];
    for at in 0..strength.len() {
        let (from, until) = (at.saturating_sub(2 * period), at.saturating_sub(period / 2));
        let cost = |earlier: usize| STRICT * ((at - earlier) as f64 / period as f64).ln().powi(2);
        let best = (from..until)
            .map(|earlier| (earlier, score.get(earlier).copied().unwrap_or(0.0) - cost(earlier)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, value)| *value > 0.0);
        if let (Some((earlier, value)), Some(here), Some(link)) = (best, score.get_mut(at), before.get_mut(at)) {
            *here += value;
            *link = Some(earlier);
        }
    }
    // The end of the best chain is among the last period; earlier ones are shorter.
    let tail = strength.len().saturating_sub(period);
    let mut last =
        (tail..strength.len()).max_by(|a, b| score.get(*a).unwrap_or(&0.0).total_cmp(score.get(*b).unwrap_or(&0.0)));
    let mut chain = Vec::new();
    while let Some(at) = last {
        chain.push(at);
        last = before.get(at).copied().flatten();
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A drum at a tempo over a humming bass, for half a minute.
    fn music(beats_a_minute: f64, jitter_millis: f64) -> (Sound, Vec<f64>) {
        let rate = Sound::FILM_RATE as usize;
        let mut samples: Vec<f32> =
            (0..30 * rate).map(|at| 0.2 * (at as f32 * 70.0 / rate as f32 * std::f32::consts::TAU).sin()).collect();
        let mut state = 3u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1u32 << 23) - 1.0
        };
        let mut times = Vec::new();
        let mut at = 0.3;
        while at < 29.5 {
            let here = at + noise() * jitter_millis / 1000.0;
            times.push(here);
            for step in 0..rate / 10 {
                let slot = (here * rate as f64) as usize + step;
                samples[slot] += (noise() * 0.5 * (-(step as f64) / 1_200.0).exp()) as f32;
            }
            at += 60.0 / beats_a_minute;
        }
        (Sound { sample_rate: Sound::FILM_RATE, channels: 1, samples }, times)
    }

    #[test]
    fn the_beats_of_a_drum_are_found_where_they_are_struck() {
        for (tempo, jitter) in [(120.0, 0.0), (97.0, 8.0), (140.0, 8.0), (75.0, 0.0)] {
            let (sound, times) = music(tempo, jitter);
            let found: Vec<f64> = beats(&sound).iter().map(|beat| beat.to_seconds_for_display()).collect();
            let near = times.iter().filter(|time| found.iter().any(|beat| (beat - **time).abs() < 0.03)).count();
            assert!(near as f64 > 0.9 * times.len() as f64, "{tempo}: {near} of {} found: {found:?}", times.len());
            assert!(found.len() as f64 <= 1.1 * times.len() as f64, "{tempo}: {} for {}", found.len(), times.len());
        }
    }

    #[test]
    fn what_does_not_beat_has_no_beats() {
        let silent = Sound::silent(Sound::FILM_RATE, 2, 480_000);
        assert_eq!(beats(&silent), []);
        let hum = (0..480_000).map(|at| (at as f32 * 0.02).sin() * 0.3).collect();
        assert_eq!(beats(&Sound { sample_rate: Sound::FILM_RATE, channels: 1, samples: hum }), []);
        assert_eq!(beats(&Sound { sample_rate: 0, channels: 0, samples: Vec::new() }), []);
    }
}
