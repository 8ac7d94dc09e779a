//! Sound meets the picture and is as loud as was asked, in the files that leave the studio: judged by decoding them and by a meter
//! that is not ours. What the monitor plays is what is encoded.

#[path = "support/reel.rs"]
mod reel;

use kinora_api::PlayRequest;
use kinora_backend::{ExportOrder, Loudness};
use kinora_document::{
    BandKind, ClipSource, Command, Compressor, EqBand, FrameRate, FrameSize, Ticks, Track, TrackKind, TrackMix,
    Utterance,
};
use kinora_ports::media::{Container, EncodeSettings, Sealing};
use kinora_ports::speaker::SoundSource;
use kinora_ports::{Decoder, Encoder, Encoding, Pixels, Playing, PortError, Speaker, VideoFrame, Voice};
use reel::{RATE, Reel};
use std::path::Path;
use std::sync::{Arc, Mutex};

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
        let told = told.map_or(0.0, |told| f64::from(told.lufs_hundredths) / 100.0);
        if (lufs - wanted).abs() > 0.3 || peak > most || (told - lufs).abs() > 0.2 {
            wrong.push(number);
        }
    }
    assert!(wrong.is_empty(), "films {wrong:?} of seed {seed}");
}

/// A loudspeaker that takes all the sound at once, in blocks of sizes that a device would never ask for.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<f32>>>);

const ODD_BLOCKS: [usize; 6] = [1, 480, 37, 4_096, 513, 24_001];

impl Speaker for Listener {
    fn play(&self, mut source: SoundSource) -> Result<Box<dyn Playing>, PortError> {
        let mut heard = self.0.lock().expect("one thread");
        heard.clear();
        // A little more than the longest film below.
        for frames in ODD_BLOCKS.into_iter().cycle().take(120) {
            let mut block = vec![f32::NAN; frames * 2];
            source(&mut block);
            heard.extend(block);
        }
        Ok(Box::new(self.clone()))
    }
}

impl Playing for Listener {
    fn device_name(&self) -> &str {
        "listener"
    }
    fn position_samples(&self) -> i64 {
        0
    }
}

/// Keeps the sound that an export hands to its encoder.
#[derive(Clone, Default)]
struct Catcher(Arc<Mutex<Vec<f32>>>);

impl Encoder for Catcher {
    fn start(&self, _: &EncodeSettings, _: &Path) -> Result<Box<dyn Encoding>, PortError> {
        Ok(Box::new(self.clone()))
    }
}

impl Encoding for Catcher {
    fn encoder_name(&self) -> &str {
        "catcher"
    }
    fn takes_video(&self) -> bool {
        true
    }
    fn picture(&mut self, _: &Pixels) -> Result<(), PortError> {
        Ok(())
    }
    fn video(&mut self, _: &Arc<VideoFrame>) -> Result<(), PortError> {
        Ok(())
    }
    fn repeat_picture(&mut self) -> Result<(), PortError> {
        Ok(())
    }
    fn sound(&mut self, samples: &[f32]) -> Result<(), PortError> {
        self.0.lock().expect("one thread").extend_from_slice(samples);
        Ok(())
    }
    fn finish_sealed(self: Box<Self>, _: Option<&mut Sealing<'_>>) -> Result<(), PortError> {
        Ok(())
    }
}

#[test]
fn the_monitor_plays_the_samples_that_an_export_encodes_to_the_last_bit() {
    let seed = 11;
    let mut dice = Dice(seed);
    for (number, rate) in FrameRate::FILM_RATES.into_iter().enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut reel = varied(folder.path(), &mut dice);
        reel.film.settings.rate = rate;
        reel.denoise(TrackKind::Music);
        let catcher = Catcher::default();
        reel.export_by(&catcher, ExportOrder::new(Container::WebM), &folder.path().join("unused"));
        let exported = std::mem::take(&mut *catcher.0.lock().expect("one thread"));
        let listener = Listener::default();
        let mut monitor = reel.monitor(Arc::new(listener.clone()));
        let film = Arc::new(reel.film.clone());
        let length = film.length().to_samples(RATE);
        for from in [Ticks::ZERO, Ticks::from_millis(1_777)] {
            monitor.play(&film, &PlayRequest { from, until: None, repeat: false, again: None }).expect("it plays");
            let played = listener.0.lock().expect("one thread");
            let from = from.to_samples(RATE);
            let wanted = &exported[2 * from as usize..2 * length as usize];
            assert!(played.len() >= wanted.len() && wanted.iter().any(|sample| sample.abs() > 0.01));
            let off = wanted.iter().zip(played.iter()).position(|(one, other)| one.to_bits() != other.to_bits());
            assert_eq!(off, None, "film {number} of seed {seed} from sample {from} on");
        }
    }
}

/// What is said, with a second of silence before, between and after.
fn three_lines(folder: &Path) -> (Vec<f32>, Vec<std::ops::Range<usize>>) {
    let voice = kinora_voice::PicoVoice::new(folder);
    let (mut said, mut pauses) = (Vec::new(), Vec::new());
    for text in ["Is it winter yet?", "The sky is asleep, and so is the sea.", "Ask somebody else."] {
        let from = said.len();
        said.resize(from + RATE as usize, 0.0);
        // Without the moments in which a voice begins and ends.
        pauses.push(from + 9_600..said.len() - 4_800);
        let utterance = Utterance {
            text: text.to_owned(),
            language: "en-GB".to_owned(),
            speaker: 0,
            pitch_hertz: 160,
            timbre_permille: 1000,
            rate_permille: 1000,
            gain_millibels: 0,
        };
        said.extend(voice.speak(&utterance).expect("it speaks").sound.samples);
    }
    (said, pauses)
}

#[test]
fn noise_under_speech_falls_by_ten_decibels_in_the_pauses_and_speech_stays_in_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let (said, pauses) = three_lines(folder.path());
    let mut dice = Dice(3);
    let noisy: Vec<f32> = said.iter().map(|sample| sample * 0.8 + dice.between(-0.02, 0.02)).collect();
    let mut reel = Reel::new(folder.path(), TINY, FrameRate::FPS_24);
    let (track, sound) = (reel.track(TrackKind::Effects, 0), reel.sound(&noisy));
    reel.put(track, Ticks::ZERO, ClipSource::Media(sound), Ticks::from_samples(noisy.len() as i64, RATE));
    let left = |reel: &Reel| -> Vec<f32> {
        let mut mixed = vec![0.0; 2 * noisy.len()];
        reel.mixer().mix(0, &mut mixed);
        mixed.chunks(2).map(|frame| frame[0]).collect()
    };
    let before = left(&reel);
    reel.denoise(TrackKind::Effects);
    let after = left(&reel);
    let level = |samples: &[f32], within: &std::ops::Range<usize>| {
        let squares: f32 = samples[within.clone()].iter().map(|sample| sample * sample).sum();
        10.0 * (squares / within.len() as f32).log10()
    };
    for pause in &pauses {
        let (before, after) = (level(&before, pause), level(&after, pause));
        println!("a pause from sample {} on: {before:.1} dB, then {after:.1} dB", pause.start);
        assert!(after <= before - 10.0, "{before} dB before, {after} dB after");
    }
    // Where it fits what was said best, against where it lies.
    let alike = |by: i64| -> f64 {
        let place = |at: usize| usize::try_from(at as i64 + by).ok().and_then(|at| after.get(at)).copied();
        said.iter().enumerate().map(|(at, one)| f64::from(one * place(at).unwrap_or(0.0))).sum()
    };
    let best = (-600..=600i64).max_by(|one, other| alike(*one).total_cmp(&alike(*other)));
    let norm = |samples: &[f32]| samples.iter().map(|sample| f64::from(sample * sample)).sum::<f64>().sqrt();
    let fits = alike(0) / (norm(&said) * norm(&after));
    println!("it fits best {best:?} samples off, and {fits:.3} of it where it was said");
    assert!(best.is_some_and(|by| by.abs() <= 2) && fits > 0.9, "{best:?} {fits}");
}
