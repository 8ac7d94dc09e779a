//! Peaks of a sound, for drawing its waveform at any zoom.
//!
//! Both channels together: what is drawn is the loudest excursion either way. Pure; the same sound always gives the same peaks.

use kinora_ports::Sound;

/// Lowest and highest sample of each of `per_second` stretches of a second; the last stretch may be shorter.
pub fn peaks(sound: &Sound, per_second: u32) -> Vec<(f32, f32)> {
    let channels = usize::from(sound.channels.max(1));
    let (frames, rate) = (sound.frames() as u64, u64::from(sound.sample_rate.max(1)));
    // More stretches than samples would show nothing new.
    let per_second = u64::from(per_second.max(1)).min(rate);
    let count = (frames * per_second).div_ceil(rate);
    let place = |stretch: u64| (stretch * rate / per_second).min(frames) as usize * channels;
    (0..count)
        .map(|stretch| {
            let part = sound.samples.get(place(stretch)..place(stretch + 1)).unwrap_or_default();
            part.iter()
                .fold(None, |bounds: Option<(f32, f32)>, &s| {
                    Some(bounds.map_or((s, s), |(low, high)| (low.min(s), high.max(s))))
                })
                .unwrap_or((0.0, 0.0))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_in_exactly_one_stretch() {
        let mut sound = Sound::silent(48_000, 2, 48_000 * 2 + 7);
        sound.samples[2 * 48_000] = 0.5;
        sound.samples[2 * 47_999 + 1] = -0.25;
        let peaks = peaks(&sound, 7);
        assert_eq!(peaks.len(), 15);
        assert_eq!(peaks.iter().filter(|p| p.1 > 0.0).count(), 1);
        assert_eq!(peaks[6], (-0.25, 0.0));
        assert_eq!(peaks[7], (0.0, 0.5));
    }
}
