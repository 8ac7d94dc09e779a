//! Noise out of recordings: hiss, hum and rooms go, speech stays where it is.
//!
//! A small neural network (RNNoise) turns bands down in which it hears no voice. It is given a whole recording from its first sample on,
//! so what a clip sounds like depends neither on where it is cut nor on where playback begins. It must never move what is said in time.

use kinora_ports::Sound;
use nnnoiseless::DenoiseState;

/// Samples that are cleaned at once: 10 ms.
const FRAME: usize = DenoiseState::FRAME_SIZE;
/// The network is made for samples of 16 bits.
const SCALE: f32 = 32_768.0;
/// The network knows noise from speech once it has heard both; so this much of the recording it hears beforehand: 20 s.
const BEFOREHAND: usize = 2_000;
/// The share of the recording that stays as it was, −24 dB: without any of its room every pause would be a hole.
const LEFT: f32 = 0.063;

/// The same sound, as long as before, without its noise. It is at the film's rate, as all decoded sound is.
pub fn denoised(sound: &Sound) -> Sound {
    let channels = usize::from(sound.channels.max(1));
    let channel = |at: usize| sound.samples.iter().skip(at).step_by(channels).copied().collect::<Vec<f32>>();
    let mut samples = vec![0.0; sound.samples.len()];
    // One microphone is often kept as two equal sides.
    let mut done: Vec<(Vec<f32>, Vec<f32>)> = Vec::with_capacity(channels);
    for at in 0..channels {
        let heard = channel(at);
        let clean = match done.iter().find(|(before, _)| *before == heard) {
            Some((_, clean)) => clean.clone(),
            None => cleaned(&heard),
        };
        samples.iter_mut().skip(at).step_by(channels).zip(&clean).for_each(|(slot, sample)| *slot = *sample);
        done.push((heard, clean));
    }
    Sound { samples, ..*sound }
}

/// What comes out belongs to the frame before, and the first of all to none.
fn cleaned(heard: &[f32]) -> Vec<f32> {
    let mut state = DenoiseState::new();
    let mut clean = Vec::with_capacity(heard.len() + FRAME);
    let (mut given, mut got) = ([0.0; FRAME], [0.0; FRAME]);
    let frames = heard.len().div_ceil(FRAME);
    let beforehand = 0..frames.min(BEFOREHAND);
    for (frame, is_kept) in beforehand.map(|frame| (frame, false)).chain((0..=frames).map(|frame| (frame, frame > 0))) {
        let samples = heard.get(frame * FRAME..).unwrap_or_default();
        given.fill(0.0);
        given.iter_mut().zip(samples).for_each(|(slot, sample)| *slot = sample * SCALE);
        state.process_frame(&mut got, &given);
        if is_kept {
            clean.extend(got.iter().map(|sample| sample / SCALE));
        }
    }
    clean.truncate(heard.len());
    clean.iter_mut().zip(heard).for_each(|(clean, heard)| *clean += (heard - *clean) * LEFT);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: usize = Sound::FILM_RATE as usize;

    fn noise(count: usize, level: f32) -> Vec<f32> {
        let mut state = 1u32;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state as f32 / u32::MAX as f32 * 2.0 - 1.0) * level
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn silence_stays_silence_and_every_length_stays_as_it_is() {
        for frames in [0, 1, FRAME - 1, FRAME, FRAME + 1, 5 * FRAME + 7] {
            let sound = Sound { sample_rate: Sound::FILM_RATE, channels: 2, samples: vec![0.0; frames * 2] };
            assert_eq!(denoised(&sound), sound);
        }
    }

    #[test]
    fn sides_that_differ_are_cleaned_apart_and_the_same_twice() {
        let (left, right) = (noise(RATE, 0.05), vec![0.0; RATE]);
        let samples = left.iter().zip(&right).flat_map(|(left, right)| [*left, *right]).collect();
        let clean = denoised(&Sound { sample_rate: Sound::FILM_RATE, channels: 2, samples });
        let side = |at: usize| clean.samples.iter().skip(at).step_by(2).copied().collect::<Vec<f32>>();
        assert_eq!((side(0), side(1)), (cleaned(&left), right));
    }
}
