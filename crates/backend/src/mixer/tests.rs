//! What is promised of the mix: exact places, equal blocks, room for speech, peaks held.

use super::*;
use crate::loudness::{Loudness, bare, levelled};
use kinora_document::TrackMix;
use std::sync::Arc;

pub(super) fn piece(start: i64, sound: Vec<f32>) -> Piece {
    Piece {
        start,
        end: start + sound.len() as i64,
        source: Source::of(Arc::new(Sound { sample_rate: RATE, channels: 1, samples: sound })),
        source_in: 0,
        speed: 1.0,
        gains: [1.0, 1.0],
        keys: Vec::new(),
        fade_in: 0,
        fade_out: 0,
    }
}

pub(super) fn track(mix: TrackMix) -> SoundTrack {
    SoundTrack { is_speech: false, gain_millibels: 0, mix }
}

pub(super) fn speech() -> SoundTrack {
    SoundTrack { is_speech: true, ..track(TrackMix::default()) }
}

/// Everything on one track without settings.
pub(super) fn mix_of(pieces: Vec<Piece>, length: i64) -> Mixer {
    Mixer::of(vec![(&track(TrackMix::default()), pieces)], length)
}

fn with_speech(pieces: Vec<Piece>, spoken: Piece, length: i64) -> Mixer {
    Mixer::of(vec![(&track(TrackMix::default()), pieces), (&speech(), vec![spoken])], length)
}

/// The whole film in blocks of one size, interleaved.
pub(super) fn whole(mixer: &Mixer, block: usize) -> Vec<f32> {
    let mut whole = Vec::new();
    let mut at = 0;
    while at < mixer.length() {
        let frames = block.min((mixer.length() - at) as usize);
        let mut buffer = vec![0.0; frames * CHANNELS];
        mixer.mix(at, &mut buffer);
        whole.extend_from_slice(&buffer);
        at += frames as i64;
    }
    whole
}

pub(super) fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0f32, |peak, sample| peak.max(sample.abs()))
}

/// A tone whose loudness goes up and down, with noise: unlike for each seed.
pub(super) fn busy(seed: u32, seconds: usize, level: f32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).max(1);
    (0..seconds * RATE as usize)
        .map(|at| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let noise = state as f32 / u32::MAX as f32 - 0.5;
            let time = at as f32 / RATE as f32;
            let tone = (time * std::f32::consts::TAU * (110.0 + 60.0 * seed as f32)).sin();
            let swell = 0.3 + 0.7 * (time * (1.0 + seed as f32)).sin().abs();
            level * swell * (tone * 0.8 + noise * 0.4)
        })
        .collect()
}

#[test]
fn a_click_lies_on_its_own_sample_whatever_the_block_size() {
    let mixer = mix_of(vec![piece(1000, vec![0.0, 0.25, 0.0])], 4000);
    for block in [1usize, 7, 480, 4000] {
        let whole = whole(&mixer, block);
        let clicks: Vec<usize> = (0..4000).filter(|i| whole.get(i * 2).is_some_and(|s| *s != 0.0)).collect();
        assert_eq!(clicks, [1001]);
    }
}

#[test]
fn blocks_of_any_size_are_the_same_mix_to_the_last_bit() {
    let pieces = vec![piece(0, busy(1, 3, 0.8)), piece(9_999, busy(2, 2, 0.9))];
    let mixer = with_speech(pieces, piece(30_000, busy(3, 1, 0.9)), 144_000);
    let one = whole(&mixer, 144_000);
    for block in [333usize, 2_002, 4_096] {
        assert!(whole(&mixer, block) == one, "blocks of {block} differ");
    }
}

#[test]
fn two_loud_sounds_together_stay_below_the_ceiling_and_quiet_ones_are_exact() {
    let mixer = mix_of(vec![piece(0, busy(1, 1, 1.0)), piece(0, busy(2, 1, 1.0))], 48_000);
    assert!(peak(&whole(&mixer, 4096)) <= CEILING + 1e-5);
    let quiet = mix_of(vec![piece(0, vec![0.2; 100]), piece(0, vec![0.2; 100])], 100);
    assert!((peak(&whole(&quiet, 64)) - 0.4).abs() < 1e-6);
}

#[test]
fn what_is_not_speech_steps_back_before_the_first_word_and_returns() {
    let spoken = busy(3, 1, 0.3);
    for (rest, least) in [(0.3, 20.0), (0.02, 20.0), (0.001, 6.0)] {
        let mixer = with_speech(vec![piece(0, vec![rest; 288_000])], piece(96_000, spoken.clone()), 288_000);
        let alone = whole(&with_speech(Vec::new(), piece(96_000, spoken.clone()), 288_000), 4_800);
        let beside: Vec<f32> = whole(&mixer, 4_800).iter().zip(&alone).map(|(all, speech)| all - speech).collect();
        let beside: Vec<f32> = beside.chunks(CHANNELS).map(|frame| frame[0]).collect();
        let at = |second: f32| beside[(second * RATE as f32) as usize];
        assert!((at(1.8) / rest - 1.0).abs() < 0.001, "before: {}", at(1.8));
        let fallen = -20.0 * (at(2.5) / rest).log10();
        let loud = (spoken.iter().map(|sample| sample * sample).sum::<f32>() / spoken.len() as f32).sqrt();
        let below = 20.0 * (loud / at(2.5)).log10();
        assert!(
            fallen >= 5.9 && below >= least - 0.3 || fallen > 23.9,
            "{rest}: {fallen} dB less, {below} dB below speech"
        );
        for second in [2.001, 2.999] {
            assert!((at(second) / at(2.5) - 1.0).abs() < 0.01, "{} at {second} s", at(second));
        }
        assert!((at(3.45) / rest - 1.0).abs() < 0.001, "after: {}", at(3.45));
        assert!(beside.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 0.004 * rest.max(0.01)), "it moves softly");
    }
}

#[test]
fn a_film_becomes_as_loud_as_was_asked_with_its_true_peak_held() {
    for (seed, level) in [(1, 0.02), (2, 0.3), (3, 0.9), (4, 1.5)] {
        for target in [Loudness::SOCIAL, Loudness::PODCAST, Loudness::BROADCAST] {
            let mixer = mix_of(vec![piece(0, busy(seed, 4, level)), piece(48_000, busy(seed + 4, 2, level))], 192_000);
            let (_, told) = levelled(mixer, target, &mut bare).expect("it is measured");
            let found = told.expect("it is not silent");
            let off = found.lufs_hundredths - target.lufs_hundredths;
            assert!(off.abs() <= 20, "seed {seed}: {off} hundredths off {target:?}");
            assert!(found.peak_hundredths <= target.peak_hundredths, "{found:?} against {target:?}");
        }
    }
}

#[test]
fn silence_is_left_alone() {
    let (mixer, told) = levelled(mix_of(vec![piece(0, vec![0.0; 96_000])], 96_000), Loudness::SOCIAL, &mut bare)
        .expect("it is measured");
    assert_eq!(told, None);
    assert_eq!(peak(&whole(&mixer, 4096)), 0.0);
}

/// ffmpeg's meter knows nothing of ours.
#[test]
fn an_independent_meter_agrees_within_three_tenths_of_a_unit() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mix.raw");
    for (seed, level) in [(1, 0.05), (2, 0.4), (5, 0.9), (7, 1.4)] {
        let mixer = mix_of(vec![piece(0, busy(seed, 5, level)), piece(24_000, busy(seed + 9, 3, level))], 240_000);
        let (mixer, told) = levelled(mixer, Loudness::SOCIAL, &mut bare).expect("it is measured");
        let told = told.expect("it is not silent");
        let bytes: Vec<u8> = whole(&mixer, 4096).iter().flat_map(|sample| sample.to_le_bytes()).collect();
        std::fs::write(&file, bytes).expect("writable");
        let run = std::process::Command::new("ffmpeg")
            .args(["-hide_banner", "-nostats", "-f", "f32le", "-ar", "48000", "-ac", "2", "-i"])
            .arg(&file)
            .args(["-af", "ebur128=peak=true", "-f", "null", "-"])
            .output()
            .expect("ffmpeg is among the packages of `cargo xtask setup`");
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        let summary = said.rsplit("Summary:").next().unwrap_or_default();
        let number = |mark: &str| -> f64 {
            let rest = summary.split(mark).nth(1).and_then(|rest| rest.split_whitespace().next());
            rest.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no {mark} in {said}"))
        };
        let (lufs, peak) = (number("I:"), number("Peak:"));
        assert!((lufs + 14.0).abs() <= 0.3, "ffmpeg hears {lufs} LUFS, we say {told:?}");
        assert!(peak <= -1.0, "ffmpeg finds a peak of {peak} dBTP, we say {told:?}");
    }
}
