//! What is promised of tracks and clips on their way: place, tone, dynamics and volume as the figures say, and the same from anywhere.

use super::tests::{busy, mix_of, peak, piece, speech, track, whole};
use super::*;
use kinora_document::{BandKind, Compressor, EqBand, TrackMix};

fn sine(hertz: f32, seconds: f32, level: f32) -> Vec<f32> {
    let count = (seconds * RATE as f32) as usize;
    (0..count).map(|at| level * (at as f32 * hertz / RATE as f32 * std::f32::consts::TAU).sin()).collect()
}

fn with(mix: TrackMix, sound: Vec<f32>) -> Mixer {
    let length = sound.len() as i64;
    Mixer::of(vec![(&track(mix), vec![piece(0, sound)])], length)
}

/// Loudness of one side between two seconds, in decibels of a full-scale sine.
fn level(whole: &[f32], side: usize, from: f32, until: f32) -> f32 {
    let at = |second: f32| (second * RATE as f32) as usize;
    let frames = &whole.as_chunks::<CHANNELS>().0[at(from)..at(until)];
    let square = frames.iter().map(|frame| frame[side] * frame[side]).sum::<f32>() / frames.len() as f32;
    10.0 * (2.0 * square).max(1e-12).log10()
}

fn eq(kind: BandKind, hertz: u32, gain_millibels: i32) -> TrackMix {
    let band = EqBand { hertz, gain_millibels, ..kind.usual() };
    TrackMix { equaliser: vec![band], ..TrackMix::default() }
}

#[test]
fn a_sound_is_equally_loud_at_every_place_and_untouched_in_the_middle() {
    for pan_permille in [-1000, -600, -1, 0, 250, 1000] {
        let mixed = whole(&with(TrackMix { pan_permille, ..TrackMix::default() }, sine(440.0, 0.5, 0.3)), 4_096);
        let power = |side| 10f32.powf(level(&mixed, side, 0.0, 0.5) / 10.0);
        assert!((power(0) + power(1) - 2.0 * 0.3f32.powi(2)).abs() < 1e-4, "{pan_permille}");
        assert_eq!(pan_permille == -1000, power(1) < 1e-9);
        assert_eq!(pan_permille == 1000, power(0) < 1e-9);
        if pan_permille == 0 {
            assert!(mixed.as_chunks::<2>().0.iter().zip(sine(440.0, 0.5, 0.3)).all(|(frame, is)| *frame == [is, is]));
        }
    }
}

#[test]
fn a_crossfade_is_as_loud_in_its_middle_as_before_it() {
    let fading = |start, hertz, fade_in, fade_out| Piece { fade_in, fade_out, ..piece(start, sine(hertz, 3.0, 0.3)) };
    let mixer = mix_of(vec![fading(0, 440.0, 0, 48_000), fading(96_000, 570.0, 48_000, 0)], 240_000);
    let mixed = whole(&mixer, 4_096);
    let alone = level(&mixed, 0, 1.0, 2.0);
    for part in [2.0, 2.4, 2.8] {
        let crossing = level(&mixed, 0, part, part + 0.2);
        assert!((alone - crossing).abs() < 0.4, "{alone} dB before, {crossing} dB at {part} s");
    }
}

#[test]
fn keys_move_the_volume_evenly_and_hold_it_outside() {
    let keys = vec![(48_000, 0.0), (96_000, -20.0), (96_480, -6.0)];
    let mixer = mix_of(vec![Piece { keys, ..piece(0, sine(1_000.0, 3.0, 0.5)) }], 144_000);
    let mixed = whole(&mixer, 1_000);
    for (second, decibels) in [(0.5, -6.02), (1.25, -11.02), (1.5, -16.02), (1.98, -25.6), (2.5, -12.02)] {
        let heard = level(&mixed, 0, second - 0.01, second + 0.01);
        assert!((heard - decibels).abs() < 0.25, "{heard} dB at {second} s, {decibels} wanted");
    }
}

#[test]
fn each_band_of_the_tone_does_what_its_figures_say() {
    let heard = |mix: TrackMix, hertz: f32| {
        level(&whole(&with(mix, sine(hertz, 1.5, 0.25)), 4_096), 0, 0.5, 1.4) - 20.0 * 0.25f32.log10()
    };
    for (kind, hertz, gain, tone, wanted, within) in [
        (BandKind::LowCut, 80, 0, 80.0, -3.0, 0.2),
        (BandKind::LowCut, 80, 0, 40.0, -12.3, 0.5),
        (BandKind::LowCut, 80, 0, 1_000.0, 0.0, 0.05),
        (BandKind::HighCut, 8_000, 0, 8_000.0, -3.0, 0.2),
        (BandKind::HighCut, 8_000, 0, 500.0, 0.0, 0.05),
        (BandKind::Bell, 1_000, -1_200, 1_000.0, -12.0, 0.1),
        (BandKind::Bell, 1_000, 600, 60.0, 0.0, 0.1),
        (BandKind::LowShelf, 200, 600, 40.0, 6.0, 0.3),
        (BandKind::LowShelf, 200, 600, 200.0, 3.0, 0.2),
        (BandKind::HighShelf, 4_000, -900, 14_000.0, -9.0, 0.3),
    ] {
        let heard = heard(eq(kind, hertz, gain), tone);
        assert!((heard - wanted).abs() <= within, "{kind:?} at {hertz} Hz: {heard} dB at {tone} Hz, {wanted} wanted");
    }
}

#[test]
fn a_compressor_takes_what_its_ratio_says_and_gives_it_back() {
    let settings = Compressor {
        threshold_millibels: -2_000,
        ratio_permille: 4_000,
        attack_millis: 10,
        release_millis: 100,
        makeup_millibels: 0,
    };
    let mut sound = sine(500.0, 1.0, 0.05);
    sound.extend(sine(500.0, 1.0, 0.5));
    sound.extend(sine(500.0, 1.0, 0.05));
    let mixed = whole(&with(TrackMix { compressor: Some(settings), ..TrackMix::default() }, sound), 4_096);
    let (quiet, loud) = (20.0 * 0.05f32.log10(), 20.0 * 0.5f32.log10());
    let wanted = loud - (loud + 20.0) * 0.75;
    let near = |heard: f32, wanted: f32| assert!((heard - wanted).abs() < 0.2, "{heard} dB, {wanted} wanted");
    near(level(&mixed, 0, 0.2, 0.9), quiet);
    near(level(&mixed, 0, 1.2, 1.9), wanted);
    near(level(&mixed, 0, 2.3, 2.9), quiet);
    assert!(level(&mixed, 0, 2.01, 2.03) < quiet - 5.0, "it is given back slowly");
}

#[test]
fn another_speed_is_another_pitch_and_nothing_comes_back_from_above() {
    let heard = |hertz: f32, speed: f64| {
        let seconds = (2.0 / speed) as f32;
        let end = (seconds * RATE as f32) as i64;
        let played = Piece { speed, end, ..piece(0, sine(hertz, 2.0, 0.5)) };
        let mixed = whole(&mix_of(vec![played], end), 4_096);
        let (from, until) = (seconds * 0.25, seconds * 0.75);
        let left: Vec<f32> = mixed.as_chunks::<2>().0.iter().map(|frame| frame[0]).collect();
        let part = &left[(from * RATE as f32) as usize..(until * RATE as f32) as usize];
        let turns = part.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count() as f32;
        (turns / (until - from), level(&mixed, 0, from, until))
    };
    for (hertz, speed) in [(1_000.0, 2.0), (1_000.0, 0.5), (3_000.0, 1.37), (400.0, 7.5)] {
        let (pitch, loud) = heard(hertz, speed);
        assert!((pitch / (hertz * speed as f32) - 1.0).abs() < 0.02, "{pitch} Hz from {hertz} at {speed}");
        assert!((loud + 6.02).abs() < 0.1, "{loud} dB from {hertz} at {speed}");
    }
    assert!(heard(15_000.0, 2.0).1 < -60.0, "30 kHz is not heard as 18: {:?}", heard(15_000.0, 2.0));
}

#[test]
fn nothing_on_a_limited_track_is_louder_than_its_limit() {
    let limited = TrackMix { limiter_millibels: Some(-1_200), ..TrackMix::default() };
    let mixed = whole(&with(limited, busy(3, 2, 1.0)), 4_096);
    assert!(peak(&mixed) <= amplitude(-1_200) + 1e-5, "{}", peak(&mixed));
}

/// Sixty-five seconds with every setting in use: three times what filters and compressors remember begins anew.
fn everything() -> Mixer {
    let mut voice = track(TrackMix {
        pan_permille: -300,
        equaliser: BandKind::ALL.map(|kind| EqBand { gain_millibels: 400, ..kind.usual() }).to_vec(),
        compressor: Some(Compressor { release_millis: 1_000, attack_millis: 200, ..Compressor::default() }),
        limiter_millibels: Some(-600),
    });
    voice.is_speech = true;
    let narrow = EqBand { kind: BandKind::Bell, hertz: 20, gain_millibels: 2_400, quality_permille: 4_000 };
    let music =
        track(TrackMix { equaliser: vec![narrow], compressor: Some(Compressor::default()), ..Default::default() });
    let plain = track(TrackMix { pan_permille: 500, limiter_millibels: Some(-300), ..TrackMix::default() });
    let keyed = Piece { keys: vec![(0, 0.0), (900_000, -20.0)], fade_out: 90_000, ..piece(700_000, busy(5, 20, 0.5)) };
    let lines = [100_000, 900_000, 1_900_000].map(|start| piece(start, busy(7, 9, 0.7)));
    let length = 65 * i64::from(RATE);
    Mixer::of(
        vec![
            (&plain, vec![piece(0, busy(1, 30, 0.8)), keyed]),
            (&music, vec![piece(5, busy(2, 64, 0.6))]),
            (&voice, lines.into()),
            (&speech(), vec![piece(2_400_000, busy(4, 3, 0.4))]),
        ],
        length,
    )
}

#[test]
fn a_film_sounds_the_same_to_the_last_bit_wherever_it_is_begun() {
    let one = whole(&everything(), 48_000);
    for block in [2_002, 7_333] {
        assert!(whole(&everything(), block) == one, "blocks of {block} differ");
    }
    // As a monitor does: one mixer, asked here and there.
    let mixer = everything();
    for from in [959_000, 40, 2_000_001, 1_920_000, 1_919_999, 3_100_000, 959_500, -300] {
        let mut block = vec![0.0; 3_000 * CHANNELS];
        mixer.mix(from, &mut block);
        let skip = usize::try_from(-from).unwrap_or(0);
        let start = usize::try_from(from).unwrap_or(0) * CHANNELS;
        let heard = &block[skip * CHANNELS..];
        assert!(heard == &one[start..start + heard.len()], "begun at {from}");
    }
}

#[test]
fn where_memory_begins_anew_nothing_is_heard_of_it() {
    let narrow = EqBand { kind: BandKind::Bell, hertz: 60, gain_millibels: 1_200, quality_permille: 4_000 };
    let mix = TrackMix {
        equaliser: vec![narrow],
        compressor: Some(Compressor { release_millis: 1_000, ..Compressor::default() }),
        ..TrackMix::default()
    };
    let mixed = whole(&with(mix, sine(60.0, 22.0, 0.1)), 48_000);
    let left: Vec<f32> = mixed.as_chunks::<2>().0.iter().map(|frame| frame[0]).collect();
    // A sine's bend is its height times a constant; a step would stand out of it.
    let bend = (std::f32::consts::TAU * 60.0 / RATE as f32).powi(2);
    let seam = 20 * RATE as usize;
    let off = |at: usize| (left[at - 1] - 2.0 * left[at] + left[at + 1] + bend * left[at]).abs();
    let usual = (seam - 9_600..seam - 4_800).map(off).fold(0f32, f32::max);
    let there = (seam - 4..seam + 4).map(off).fold(0f32, f32::max);
    assert!(there <= usual * 2.0 + 1e-7, "{there} at the seam, {usual} elsewhere");
}
