//! What the tests of both voices share: an utterance, and the pitch that is heard.

use kinora_ports::{Sound, Utterance};

pub fn utterance(text: &str) -> Utterance {
    Utterance {
        text: text.to_owned(),
        language: "en-US".to_owned(),
        speaker: 0,
        pitch_hertz: 160,
        timbre_permille: 1000,
        rate_permille: 1000,
        gain_millibels: 0,
    }
}

/// The middle of the fundamental frequencies of voiced stretches, by normalised correlation at a sixth of the rate.
pub fn pitch(sound: &Sound) -> f32 {
    let low: Vec<f32> = sound.samples.chunks(6).map(|chunk| chunk.iter().sum::<f32>() / chunk.len() as f32).collect();
    let (rate, window) = (8_000.0, 480);
    let mut found: Vec<f32> = Vec::new();
    for frame in low.windows(window).step_by(80) {
        let power = |part: &[f32]| part.iter().map(|sample| sample * sample).sum::<f32>();
        if power(frame) / window as f32 <= 1e-4 {
            continue;
        }
        let likeness = |lag: usize| {
            let (early, late) = (&frame[..window - lag], &frame[lag..]);
            let product: f32 = early.iter().zip(late).map(|(a, b)| a * b).sum();
            product / (power(early) * power(late) + 1e-9).sqrt()
        };
        let like: Vec<f32> = (18..120).map(likeness).collect();
        let most = like.iter().copied().fold(0.0, f32::max);
        // The shortest period that is nearly as good: not every second one.
        let first = (0..like.len())
            .find(|at| like[*at] > most * 0.92 && like.get(at + 1).is_none_or(|next| like[*at] >= *next));
        if most > 0.6 {
            found.extend(first.map(|at| rate / (at + 18) as f32));
        }
    }
    found.sort_by(f32::total_cmp);
    found.get(found.len() / 2).copied().unwrap_or(0.0)
}
