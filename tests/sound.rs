//! Sound meets the picture and is as loud as was asked, in the files that leave the studio: judged by decoding them and by a meter
//! that is not ours.

#[path = "support/reel.rs"]
mod reel;

use kinora_backend::Loudness;
use kinora_document::{
    BandKind, ClipSource, Command, Compressor, EqBand, FrameRate, FrameSize, Ticks, Track, TrackKind, TrackMix,
};
use kinora_ports::Decoder;
use kinora_ports::media::Container;
use reel::{RATE, Reel};
use std::path::Path;

const TINY: FrameSize = FrameSize { width: 64, height: 64 };

/// One picture is white, and at its very beginning something clicks: again and again, `every` frames.
fn click_and_flash(folder: &Path, rate: FrameRate, minutes: i64, every: i64) -> (Reel, Vec<i64>) {
    let mut reel = Reel::new(folder, TINY, rate);
    let length = rate.snap(Ticks::from_seconds(minutes * 60));
    let frames = rate.nearest_frame(length);
    let (ground, flash) = (reel.track(TrackKind::Video, 0), reel.track(TrackKind::Video, 1));
    let sound = reel.track(TrackKind::Effects, 0);
    reel.put(ground, Ticks::ZERO, ClipSource::Colour([0; 3]), length);
    // Loud from its first sample: 4 ms of a tone, which a codec keeps in place.
    let click: Vec<f32> = (0..192).map(|at| 0.9 * (at as f32 * 0.4 + 1.2).sin()).collect();
    let click: Vec<f32> = click.into_iter().chain(std::iter::repeat_n(0.0, 4_800)).collect();
    let click = reel.sound(&click);
    let marks: Vec<i64> = (every / 2..frames - every / 2).step_by(every as usize).collect();
    for mark in &marks {
        let (at, until) = (rate.frame_start(*mark), rate.frame_start(*mark + 1));
        reel.put(flash, at, ClipSource::Colour([255; 3]), until - at);
        reel.put(sound, at, ClipSource::Media(click), rate.frame_start(*mark + 2) - at);
    }
    (reel, marks)
}

/// Samples at which it clicks in the graph must be those at which the frames begin.
fn clicks_are_exact(reel: &Reel, marks: &[i64]) {
    let (mixer, rate) = (reel.mixer(), reel.film.settings.rate);
    let (mut found, mut quiet_since) = (Vec::new(), -10_000);
    let mut block = vec![0f32; 2 * RATE as usize];
    for from in (0..mixer.length()).step_by(RATE as usize) {
        mixer.mix(from, &mut block);
        for (at, frame) in (from..).zip(block.as_chunks::<2>().0) {
            if frame[0] != 0.0 {
                if at - quiet_since > 1_000 {
                    found.push(at);
                }
                quiet_since = at;
            }
        }
    }
    let wanted: Vec<i64> = marks.iter().map(|mark| rate.frame_start(*mark).to_samples(RATE)).collect();
    assert_eq!(found, wanted, "{rate} fps");
}

/// Exports, decodes, and compares where it flashes with where it clicks.
fn holds_after_decoding(reel: &Reel, marks: &[i64], path: &Path) {
    let rate = reel.film.settings.rate;
    reel.export(Container::Mp4, None, path);
    let mut movie = kinora_media::GstDecoder::new().open(path).expect("it opens");
    let sound = movie.sound().expect("it decodes").expect("it is there");
    let heard: Vec<f32> = sound.samples.chunks(2).map(|frame| frame[0].abs()).collect();
    let frame = rate.frame_length().to_samples(RATE);
    let mut offs = Vec::new();
    for mark in marks {
        let bright = |pixels: kinora_ports::Pixels| pixels.rgba.as_chunks::<4>().0.iter().all(|pixel| pixel[1] > 128);
        let near: Vec<bool> =
            (mark - 1..=mark + 1).map(|at| bright(movie.frame(at as u32).expect("a picture"))).collect();
        assert_eq!(near, [false, true, false], "{rate} fps: the flash of frame {mark}");
        let start = rate.frame_start(*mark).to_samples(RATE);
        let from = usize::try_from(start - 2 * frame).unwrap_or(0);
        let onset = heard.iter().skip(from).take(4 * frame as usize).position(|sample| *sample > 0.2);
        let onset = (from + onset.unwrap_or_else(|| panic!("{rate} fps: no click near frame {mark}"))) as i64;
        offs.push(onset - start);
    }
    let (least, most) = (offs.iter().min().copied().unwrap_or(0), offs.iter().max().copied().unwrap_or(0));
    assert!(least.abs().max(most.abs()) <= frame, "{rate} fps: {offs:?}");
    assert!(most - least <= i64::from(RATE) / 200, "{rate} fps: it drifts: {offs:?}");
}

/// Minutes for every rate, and for the one whose frames are never whole milliseconds.
fn minutes() -> (i64, i64) {
    match std::env::var("KINORA_CLICK_MINUTES").ok().and_then(|minutes| minutes.parse().ok()) {
        Some(all) => (all, all),
        None => (1, 10),
    }
}

#[test]
fn a_click_and_a_flash_stay_together_at_every_rate() {
    let (all, longest) = minutes();
    for rate in FrameRate::FILM_RATES {
        let folder = tempfile::tempdir().expect("a folder");
        let minutes = if rate == FrameRate::FPS_29_97 { longest } else { all };
        let every = 7 * rate.nearest_frame(Ticks::from_seconds(1)) + 3;
        let (reel, marks) = click_and_flash(folder.path(), rate, minutes, every);
        clicks_are_exact(&reel, &marks);
        holds_after_decoding(&reel, &marks, &folder.path().join("click.mp4"));
    }
}

/// ffmpeg's meter: integrated loudness and true peak of a file.
fn measured(path: &Path) -> (f64, f64) {
    let run = std::process::Command::new("ffmpeg")
        .args(["-hide_banner", "-nostats", "-i"])
        .arg(path)
        .args(["-map", "0:a", "-af", "ebur128=peak=true", "-f", "null", "-"])
        .output()
        .expect("ffmpeg is among the packages of `cargo xtask setup`");
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    let summary = said.rsplit("Summary:").next().unwrap_or_default();
    let number = |mark: &str| -> f64 {
        let rest = summary.split(mark).nth(1).and_then(|rest| rest.split_whitespace().next());
        rest.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no {mark} in {said}"))
    };
    (number("I:"), number("Peak:"))
}

/// splitmix64.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1u32 << 24) as f32
    }
    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }
    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[(self.unit() * all.len() as f32) as usize % all.len()]
    }
}

/// Something to mix: a hum, hiss, knocks, syllables, a chord, or a burst between silences.
fn material(dice: &mut Dice, seconds: f32) -> Vec<f32> {
    let kind = (dice.unit() * 6.0) as u32;
    let (level, hertz, pace) = (dice.between(0.02, 0.95), dice.between(60.0, 1_500.0), dice.between(0.5, 6.0));
    let mut low = 0f32;
    (0..(seconds * RATE as f32) as usize)
        .map(|at| {
            let time = at as f32 / RATE as f32;
            let tone = |hertz: f32| (time * hertz % 1.0 * std::f32::consts::TAU).sin();
            let noise = dice.unit() * 2.0 - 1.0;
            low += (noise - low) * 0.05;
            let beat = time * pace % 1.0;
            level
                * match kind {
                    0 => tone(hertz),
                    1 => noise,
                    2 => noise * (-beat * 30.0).exp(),
                    3 => (tone(hertz / 4.0) + 3.0 * low) * 0.5 * tone(pace).max(0.0),
                    4 => (tone(hertz) + tone(hertz * 1.26) + tone(hertz * 1.5)) / 3.0,
                    _ if (time * 0.3) % 1.0 < 0.4 => tone(hertz) * 0.7 + low,
                    _ => 0.0,
                }
        })
        .collect()
}

/// Some sounds on some tracks with some settings.
fn varied(folder: &Path, dice: &mut Dice) -> Reel {
    let mut reel = Reel::new(folder, TINY, FrameRate::FPS_24);
    let seconds = dice.between(5.0, 11.0).round() as i64;
    let ground = reel.track(TrackKind::Video, 0);
    reel.put(ground, Ticks::ZERO, ClipSource::Colour([0; 3]), Ticks::from_seconds(seconds));
    for kind in [TrackKind::Dialogue, TrackKind::Effects, TrackKind::Music] {
        if dice.unit() < 0.25 && kind != TrackKind::Music {
            continue;
        }
        let track = reel.track(kind, 0);
        let before = reel.film.tracks.get(track).expect("a track").clone();
        let band = EqBand { gain_millibels: dice.between(-900.0, 900.0) as i32, ..dice.one_of(&BandKind::ALL).usual() };
        let mix = TrackMix {
            pan_permille: dice.between(-900.0, 900.0) as i32,
            equaliser: if dice.unit() < 0.5 { vec![band] } else { Vec::new() },
            compressor: (dice.unit() < 0.5).then(Compressor::default),
            limiter_millibels: (dice.unit() < 0.3).then_some(-600),
        };
        let gain_millibels = dice.between(-1_200.0, 600.0) as i32;
        reel.perform(&Command::SetTrack { track: Track { gain_millibels, mix, ..before } });
        let from = dice.between(0.0, 2.0).round() as i64;
        let sound = material(dice, (seconds - from) as f32);
        let sound = reel.sound(&sound);
        let length = Ticks::from_seconds(seconds - from);
        reel.put(track, Ticks::from_seconds(from), ClipSource::Media(sound), length);
    }
    reel
}

#[test]
fn twenty_varied_films_are_as_loud_as_was_asked_by_a_meter_that_is_not_ours() {
    let seed = 7;
    let mut dice = Dice(seed);
    let targets = [Loudness::SOCIAL, Loudness::PODCAST, Loudness::BROADCAST];
    let mut wrong = Vec::new();
    for number in 0..20 {
        let folder = tempfile::tempdir().expect("a folder");
        let reel = varied(folder.path(), &mut dice);
        let target = targets[number % 3];
        let path = folder.path().join(if number % 5 == 4 { "film.webm" } else { "film.mp4" });
        let container = if number % 5 == 4 { Container::WebM } else { Container::Mp4 };
        let told = reel.export(container, Some(target), &path).loudness;
        let (lufs, peak) = measured(&path);
        let (wanted, most) = (f64::from(target.lufs_hundredths) / 100.0, f64::from(target.peak_hundredths) / 100.0);
        println!("film {number} of seed {seed}, {container:?}: {lufs} LUFS of {wanted}, {peak} dBTP, told {told:?}");
        if (lufs - wanted).abs() > 0.3 || peak > most {
            wrong.push(number);
        }
    }
    assert!(wrong.is_empty(), "films {wrong:?} of seed {seed}");
}
