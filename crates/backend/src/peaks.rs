//! A sound as a row of bytes to draw: the loudest sample of each hundredth of a second.

use kinora_api::PEAKS_PER_SECOND;
use kinora_ports::Sound;

/// 255 is full scale; whatever is louder is 255 too.
pub(crate) fn peaks(sound: &Sound) -> Vec<u8> {
    let channels = usize::from(sound.channels.max(1));
    let rate = u64::from(sound.sample_rate.max(1));
    let frames = (sound.samples.len() / channels) as u64;
    let count = (frames * u64::from(PEAKS_PER_SECOND)).div_ceil(rate);
    // Boundaries are computed, not added up, so that an hour does not drift.
    let boundary = |index: u64| (index * rate / u64::from(PEAKS_PER_SECOND)) as usize * channels;
    (0..count)
        .map(|index| {
            let end = boundary(index + 1).min(sound.samples.len());
            let part = sound.samples.get(boundary(index)..end).unwrap_or_default();
            let loudest = part.iter().fold(0f32, |loudest, sample| loudest.max(sample.abs()));
            (loudest.min(1.0) * 255.0).round() as u8
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_is_drawn_where_it_is_heard() {
        let mut samples = vec![0.0; 48_000 * 2];
        samples[2 * 24_000 + 1] = -0.5;
        let drawn = peaks(&Sound { sample_rate: 48_000, channels: 2, samples });
        assert_eq!(drawn.len(), 100);
        assert_eq!(drawn.iter().position(|peak| *peak != 0), Some(50));
        assert_eq!(drawn[50], 128);
    }

    #[test]
    fn silence_and_nothing_are_drawn_as_such() {
        assert_eq!(peaks(&Sound { sample_rate: 44_100, channels: 1, samples: vec![0.0; 441] }), [0]);
        assert!(peaks(&Sound { sample_rate: 48_000, channels: 2, samples: Vec::new() }).is_empty());
    }
}
