//! Sound that people bring along: every usual kind, rate and number of channels arrives at 48 kHz in two channels, in time and in tune;
//! what is broken is read as far as it goes or refused in words, and soon.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and prints what it measured")]

mod common;

use common::RATE;
use kinora_media::GstDecoder;
use kinora_ports::{Decoder, PortError, Sound};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Quiet for a quarter of a second, then this tone for three quarters.
const TONE: f32 = 997.0;

/// Writes the tone in a file of a kind that ffmpeg knows by its name.
fn write(path: &Path, rate: u32, channels: usize) {
    let frames = rate as usize;
    let sample = |at: usize| {
        if at < frames / 4 { 0.0 } else { 0.5 * (at as f32 * TONE / rate as f32 * std::f32::consts::TAU).sin() }
    };
    let raw: Vec<u8> =
        (0..frames).flat_map(|at| std::iter::repeat_n(sample(at).to_le_bytes(), channels).flatten()).collect();
    let from = path.with_extension("raw");
    std::fs::write(&from, raw).unwrap();
    let layout = if channels == 6 {
        "5.1"
    } else if channels == 2 {
        "stereo"
    } else {
        "mono"
    };
    let run = Command::new("ffmpeg")
        .args(["-hide_banner", "-loglevel", "error", "-y", "-f", "f32le", "-ar", &rate.to_string()])
        .args(["-ac", &channels.to_string(), "-channel_layout", layout, "-i"])
        .arg(&from)
        .arg(path)
        .output()
        .expect("ffmpeg is among the packages of `cargo xtask setup`");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

fn read(path: &Path) -> Result<Option<Sound>, PortError> {
    GstDecoder.open(path)?.sound()
}

/// Upward crossings of zero a second, between two times.
fn pitch(side: &[f32], from: f32, until: f32) -> f32 {
    let part = &side[(from * RATE as f32) as usize..(until * RATE as f32) as usize];
    part.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count() as f32 / (until - from)
}

#[test]
fn every_kind_rate_and_number_of_channels_arrives_in_time_and_in_tune() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, most_channels, slack) in
        [("wav", 6, 48), ("flac", 6, 48), ("mp3", 2, 2_880), ("ogg", 6, 480), ("m4a", 6, 2_880), ("opus", 6, 960)]
    {
        for rate in [48_000, 44_100, 22_050] {
            // Opus knows no 44.1 kHz family at all; what writes it resamples first.
            if kind == "opus" && rate != 48_000 {
                continue;
            }
            for channels in [1, 2, 6].into_iter().filter(|channels| *channels <= most_channels) {
                let path = folder.path().join(format!("{rate}-{channels}.{kind}"));
                write(&path, rate, channels);
                let what = format!("{kind} at {rate} Hz with {channels} channels");
                let sound = read(&path).unwrap_or_else(|error| panic!("{what}: {error}")).expect("there is sound");
                assert_eq!((sound.sample_rate, sound.channels), (RATE, 2), "{what}");
                let off = sound.frames() as i64 - i64::from(RATE);
                // Packets hold as many frames of the file's own rate, so at a low rate they last longer.
                let padding = slack * i64::from(RATE) / i64::from(rate);
                assert!(off.abs() <= padding + 48, "{what}: {off} frames too many");
                for side in 0..2 {
                    let heard: Vec<f32> = sound.samples.iter().skip(side).step_by(2).copied().collect();
                    let onset = heard.iter().position(|sample| sample.abs() > 0.1).expect("it is heard") as i64;
                    let late = onset - i64::from(RATE) / 4;
                    assert!(late.abs() <= padding, "{what}: {late} samples late on side {side}");
                    let hertz = pitch(&heard, 0.4, 0.9);
                    assert!((hertz - TONE).abs() < 6.0, "{what}: {hertz} Hz on side {side}");
                    let loud = heard[20_000..40_000].iter().fold(0f32, |peak, sample| peak.max(sample.abs()));
                    assert!((0.2..=1.2).contains(&loud), "{what}: peaks at {loud} on side {side}");
                }
            }
        }
    }
}

#[test]
fn broken_sounds_are_read_as_far_as_they_go_or_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut seed = 9u32;
    let noise: Vec<u8> = (0..60_000)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        })
        .collect();
    let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
    for kind in ["wav", "mp3", "flac", "ogg"] {
        write(&at(&format!("whole.{kind}")), 44_100, 2);
        let whole = std::fs::read(at(&format!("whole.{kind}"))).unwrap();
        let mut flipped = whole.clone();
        flipped.iter_mut().skip(60).step_by(97).for_each(|byte| *byte ^= 0x5a);
        let mut head = whole.clone();
        head.iter_mut().take(40).skip(8).for_each(|byte| *byte = 0xff);
        for (what, bytes) in [
            ("half", whole[..whole.len() / 2].to_vec()),
            ("start", whole[..30.min(whole.len())].to_vec()),
            ("flipped", flipped),
            ("bad-head", head),
            ("noise-after", [&whole[..whole.len() / 3], &noise].concat()),
            ("noise", noise.clone()),
            ("empty", Vec::new()),
        ] {
            cases.push((format!("{what}.{kind}"), bytes));
        }
    }
    // No channels, no rate, no bits, and more samples than there are.
    for (name, at_byte) in [("no-channels", 22), ("no-rate", 24), ("no-bits", 34)] {
        let mut wave = std::fs::read(at("whole.wav")).unwrap();
        wave[at_byte..at_byte + 2].fill(0);
        cases.push((format!("{name}.wav"), wave));
    }
    let mut lying = std::fs::read(at("whole.wav")).unwrap();
    lying[4..8].fill(0xff);
    cases.push(("lying.wav".to_owned(), lying));
    let mut read_after_all = 0;
    for (name, bytes) in &cases {
        std::fs::write(at(name), bytes).unwrap();
        let start = Instant::now();
        let answer = read(&at(name));
        let took = start.elapsed();
        println!("{name}: {:?} after {took:?}", answer.as_ref().map(|sound| sound.as_ref().map(Sound::frames)));
        assert!(took < Duration::from_secs(5), "{name} took {took:?}");
        match answer {
            Ok(sound) => {
                read_after_all += 1;
                assert!(sound.iter().all(|sound| sound.samples.iter().all(|sample| sample.is_finite())), "{name}");
            }
            Err(error) => {
                let text = error.to_string();
                assert!(text.len() > 30 && text.trim_end().ends_with(['.', '?']), "{name}: {text}");
            }
        }
    }
    assert!(read_after_all > 4, "what is whole in them is kept: {read_after_all}");
}
