//! A recording without its noise: what a small network that knows speech takes for speech.
//!
//! The whole recording is heard once, each channel for itself, and comes back as long as it was and in its place. How much of it is
//! used in the film is the clip's to say; the recording itself is never changed.

use kinora_ports::Sound;
use nnnoiseless::DenoiseState;

/// The network hears full scale as 16-bit numbers.
const SCALE: f32 = 32_767.0;
const FRAME: usize = DenoiseState::FRAME_SIZE;

/// At the film's rate only: others come back as they are.
pub(crate) fn cleaned(sound: &Sound) -> Sound {
    if sound.sample_rate != Sound::FILM_RATE {
        return sound.clone();
    }
    let channels = usize::from(sound.channels.max(1));
    let mut samples = vec![0.0; sound.samples.len()];
    let heard = |channel: usize| sound.samples.iter().skip(channel).step_by(channels).copied();
    // Most recordings have one microphone on both sides: heard once is enough.
    let same = channels == 2 && heard(0).eq(heard(1));
    for channel in 0..channels {
        let from = if same { 0 } else { channel };
        if same && channel == 1 {
            samples.as_chunks_mut::<2>().0.iter_mut().for_each(|frame| frame[1] = frame[0]);
            break;
        }
        let clean = clean(&heard(from).collect::<Vec<_>>());
        samples.iter_mut().skip(channel).step_by(channels).zip(clean).for_each(|(slot, sample)| *slot = sample);
    }
    Sound { samples, ..*sound }
}

fn clean(samples: &[f32]) -> Vec<f32> {
    let mut state = DenoiseState::new();
    let mut clean = Vec::with_capacity(samples.len() + 2 * FRAME);
    let (mut into, mut out) = ([0f32; FRAME], [0f32; FRAME]);
    // What goes in comes out one frame later, so one frame of silence follows and the first answer is not kept.
    for at in (0..samples.len() + FRAME).step_by(FRAME) {
        let rest = samples.get(at..).unwrap_or_default();
        for (place, slot) in into.iter_mut().enumerate() {
            *slot = rest.get(place).copied().filter(|sample| sample.is_finite()).unwrap_or(0.0) * SCALE;
        }
        state.process_frame(&mut out, &into);
        if at > 0 {
            clean.extend(out.iter().map(|sample| sample / SCALE));
        }
    }
    clean.truncate(samples.len());
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: usize = Sound::FILM_RATE as usize;

    /// Something like vowels: harmonics of a moving pitch under formants, in syllables; silent between them.
    fn syllables(seconds: usize) -> Vec<f32> {
        let mut phase = 0f32;
        (0..seconds * RATE)
            .map(|at| {
                let time = at as f32 / RATE as f32;
                let open = ((time * 3.0 * std::f32::consts::TAU).sin() * 2.0).clamp(0.0, 1.0);
                phase = (phase + (120.0 + 30.0 * (time * 2.1).sin()) / RATE as f32).fract();
                let voice = |number: f32| {
                    let hertz = 130.0 * number;
                    let near = |middle: f32, wide: f32| (-((hertz - middle) / wide).powi(2)).exp();
                    (near(600.0, 250.0) + 0.6 * near(1_300.0, 300.0) + 0.3 * near(2_600.0, 500.0) + 0.05)
                        * (phase * number * std::f32::consts::TAU).sin()
                };
                open * 0.12 * (1..30).map(|number| voice(number as f32)).sum::<f32>()
            })
            .collect()
    }

    fn noise(count: usize, level: f32) -> Vec<f32> {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            level * ((state >> 8) as f32 / (1u32 << 23) as f32 - 1.0)
        };
        (0..count).map(|_| next()).collect()
    }

    fn level(samples: &[f32]) -> f32 {
        10.0 * (samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32).max(1e-12).log10()
    }

    fn mono(samples: Vec<f32>) -> Sound {
        Sound { sample_rate: Sound::FILM_RATE, channels: 1, samples }
    }

    #[test]
    fn noise_falls_by_ten_decibels_and_stays_in_time() {
        let noisy = noise(4 * RATE, 0.03);
        let fallen = level(&noisy) - level(&cleaned(&mono(noisy.clone())).samples[RATE..]);
        assert!(fallen > 10.0, "noise alone falls by {fallen} dB");
        let spoken = syllables(6);
        let heard = cleaned(&mono(spoken.iter().zip(noise(6 * RATE, 0.01)).map(|(a, b)| a + b).collect())).samples;
        assert_eq!(heard.len(), spoken.len());
        // Against itself shifted: it must fit best where it was.
        let (from, until) = (2 * RATE, 5 * RATE);
        let fits = |shift: i64| -> f32 {
            let moved = |at: usize| spoken[(at as i64 + shift) as usize];
            (from..until).step_by(3).map(|at| heard[at] * moved(at)).sum()
        };
        let best = (-600..=600).max_by(|a, b| fits(*a).total_cmp(&fits(*b))).expect("a shift");
        assert!(best.abs() <= 8, "it is {best} samples off");
    }

    #[test]
    fn both_sides_of_a_stereo_recording_are_heard_and_nothing_is_no_trouble() {
        let same: Vec<f32> = noise(RATE, 0.1).into_iter().flat_map(|sample| [sample, sample]).collect();
        let stereo = cleaned(&Sound { sample_rate: Sound::FILM_RATE, channels: 2, samples: same });
        assert!(stereo.samples.as_chunks::<2>().0.iter().all(|frame| frame[0] == frame[1]));
        assert_eq!(stereo.samples.len(), 2 * RATE);
        assert!(cleaned(&mono(Vec::new())).samples.is_empty());
        let odd = cleaned(&mono(vec![f32::NAN; 777]));
        assert!(odd.samples.len() == 777 && odd.samples.iter().all(|sample| sample.is_finite()));
    }
}
