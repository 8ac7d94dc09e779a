//! From the synthesiser's samples to the film's: silence off, another rate (and with it another body), an even loudness.
//!
//! Playing a voice at another rate shifts its formants; pitch and pace are asked of the synthesiser the other way round, so that only the
//! body of the speaker changes.

use kinora_document::Utterance;

/// Quieter than this share of the loudest sample is silence.
const SILENCE: f32 = 0.015;
/// Mean level of speech before a line's own gain, as an amplitude: −20 dB.
const LEVEL: f32 = 0.1;
/// Peaks are kept below this: −1 dB.
const PEAK: f32 = 0.89;
/// Zero crossings on each side of the interpolation kernel.
const REACH: isize = 16;
/// Between sentences.
pub const PAUSE_SECONDS: f32 = 0.28;
/// Before the first and after the last sound that is heard.
pub const EDGE_SECONDS: f32 = 0.01;

/// How much smaller or larger a person's body is than the speaker's own: formants move by this factor.
pub fn timbre(utterance: &Utterance) -> f32 {
    utterance.timbre_permille.clamp(500, 2000) as f32 / 1000.0
}

/// Without the silence at both ends.
pub fn trimmed(samples: &[f32]) -> Vec<f32> {
    samples.get(heard(samples, SILENCE)).map(<[f32]>::to_vec).unwrap_or_default()
}

/// From the first sample that is not silence to the last; `silence` is a share of the loudest.
pub fn heard(samples: &[f32], silence: f32) -> std::ops::Range<usize> {
    let floor = samples.iter().fold(0f32, |peak, sample| peak.max(sample.abs())) * silence;
    let heard = |sample: &f32| sample.abs() > floor;
    match (samples.iter().position(heard), samples.iter().rposition(heard)) {
        (Some(first), Some(last)) => first..last + 1,
        _ => 0..0,
    }
}

/// `factor` film samples for each sample, a soft edge of `edge` samples at both ends, levelled and with its gain.
pub fn finished(samples: &[f32], factor: f32, edge: usize, gain_millibels: i32) -> Vec<f32> {
    let mut film = vec![0.0; edge];
    film.extend(resampled(samples, f64::from(factor)));
    film.resize(film.len() + edge, 0.0);
    let loudest = film.iter().fold(0f32, |peak, sample| peak.max(sample.abs()));
    let heard: Vec<f64> =
        film.iter().filter(|sample| sample.abs() > loudest * 0.05).map(|sample| f64::from(*sample)).collect();
    if heard.is_empty() {
        return film;
    }
    let mean = (heard.iter().map(|sample| sample * sample).sum::<f64>() / heard.len() as f64).sqrt() as f32;
    let wanted = LEVEL * 10f32.powf(gain_millibels as f32 / 2000.0) / mean;
    let gain = wanted.min(PEAK / loudest);
    film.iter_mut().for_each(|sample| *sample *= gain);
    film
}

/// Band-limited interpolation with a windowed sinc; `factor` is at least 1, so nothing aliases.
fn resampled(samples: &[f32], factor: f64) -> Vec<f32> {
    const PI: f64 = std::f64::consts::PI;
    let length = (samples.len() as f64 * factor) as usize;
    // Kernel(x) = sin(πx)/πx · (½ + ½cos(πx/REACH)) at x = share − tap: by the addition theorems, two sines a sample do for all taps.
    let turns: Vec<(f64, f64)> = (1 - REACH..=REACH).map(|tap| (PI * tap as f64 / REACH as f64).sin_cos()).collect();
    let sample = |index: usize| {
        let place = index as f64 / factor;
        let (middle, share) = (place.floor() as isize, place.fract());
        let (sine, (slow_sine, slow_cosine)) = ((PI * share).sin(), (PI * share / REACH as f64).sin_cos());
        let sum: f64 = (1 - REACH..=REACH)
            .zip(&turns)
            .filter_map(|(tap, (turn_sine, turn_cosine))| {
                let value = samples.get(usize::try_from(middle + tap).ok()?)?;
                let x = share - tap as f64;
                let window = 0.5 + 0.5 * (slow_cosine * turn_cosine + slow_sine * turn_sine);
                let sine = if tap % 2 == 0 { sine } else { -sine };
                Some(f64::from(*value) * if x.abs() < 1e-9 { 1.0 } else { sine / (PI * x) * window })
            })
            .sum();
        sum as f32
    };
    (0..length).map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, rate: f32, seconds: f32) -> Vec<f32> {
        (0..(rate * seconds) as usize)
            .map(|at| (at as f32 * hertz / rate * std::f32::consts::TAU).sin() * 0.3)
            .collect()
    }

    #[test]
    fn a_tone_keeps_its_shape_at_the_films_rate() {
        let film = resampled(&tone(440.0, 16_000.0, 0.5), 3.0);
        let wanted = tone(440.0, 48_000.0, 0.5);
        let worst =
            film.iter().zip(&wanted).skip(200).take(22_000).fold(0f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst < 0.003, "{worst}");
    }

    #[test]
    fn silence_at_the_ends_goes_and_gain_never_passes_full_scale() {
        let mut sound = vec![0.0; 400];
        sound.extend(tone(200.0, 16_000.0, 0.2));
        sound.resize(sound.len() + 700, 0.0);
        let short = trimmed(&sound);
        assert!((3_100..=3_200).contains(&short.len()), "{}", short.len());
        let level = |gain| finished(&short, 3.0, 480, gain).iter().fold(0f32, |peak, sample| peak.max(sample.abs()));
        assert!(level(3_000) <= PEAK + 1e-4 && level(-900) < level(0) && level(0) < level(400));
    }
}
