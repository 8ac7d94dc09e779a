//! How much faster than time the mix is: 32 tracks for half an hour on one processor, plain and with everything switched on.
//!
//! `[minutes] [tracks]`; `cargo xtask bench mix` runs it. Sounds come from memory, so that nothing but the graph is measured.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

use kinora_backend::{Library, Mixer};
use kinora_document::plan::{SoundPiece, SoundPlan, SoundTrack};
use kinora_document::{BandKind, BlobHash, ClipMix, Compressor, EqBand, MediaKind, Ticks, TrackMix};
use kinora_ports::media::MovieInfo;
use kinora_ports::{Blobs, Decoder, Fault, Movie, Pixels, PortError, Sound};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Of each sound; tracks play it again and again.
const SECONDS: i64 = 10;
const RATE: u32 = Sound::FILM_RATE;
/// As a device asks for it.
const BLOCK: usize = 512;

/// Names are paths, and paths are noise with that seed.
struct Noise;

impl Blobs for Noise {
    fn put(&self, _: &[u8]) -> Result<BlobHash, PortError> {
        Err(nothing())
    }
    fn adopt(&self, _: &Path) -> Result<BlobHash, PortError> {
        Err(nothing())
    }
    fn get(&self, _: BlobHash) -> Result<Vec<u8>, PortError> {
        Err(nothing())
    }
    fn path(&self, hash: BlobHash) -> Result<PathBuf, PortError> {
        Ok(hash.0[0].to_string().into())
    }
    fn contains(&self, _: BlobHash) -> bool {
        true
    }
    fn scratch(&self) -> PathBuf {
        PathBuf::new()
    }
}

impl Decoder for Noise {
    fn open(&self, path: &Path) -> Result<Box<dyn Movie>, PortError> {
        let info = MovieInfo {
            kind: MediaKind::Sound,
            length: Ticks::from_seconds(SECONDS),
            size: None,
            rate: None,
            frames: 0,
            has_sound: true,
            codecs: "noise".to_owned(),
        };
        Ok(Box::new(NoiseFile { info, seed: path.to_string_lossy().parse().unwrap_or(0) }))
    }
}

struct NoiseFile {
    info: MovieInfo,
    seed: u32,
}

impl Movie for NoiseFile {
    fn info(&self) -> &MovieInfo {
        &self.info
    }
    fn frame(&mut self, _: u32) -> Result<Pixels, PortError> {
        Err(nothing())
    }
    fn sound(&mut self) -> Result<Option<Sound>, PortError> {
        let mut state = self.seed.wrapping_mul(2_654_435_761) | 1;
        let samples = (0..SECONDS as usize * RATE as usize * 2).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1u32 << 24) as f32 * 0.1 - 0.05
        });
        Ok(Some(Sound { sample_rate: RATE, channels: 2, samples: samples.collect() }))
    }
}

fn nothing() -> PortError {
    Fault::new("There are only sounds here.", "Ask for one.", "a bench").into()
}

fn plan(minutes: i64, tracks: usize, busy: bool) -> SoundPlan {
    let tone = BandKind::ALL.map(|kind| EqBand { gain_millibels: 300, ..kind.usual() }).to_vec();
    let mix = if busy {
        TrackMix {
            pan_permille: 200,
            equaliser: tone,
            compressor: Some(Compressor::default()),
            limiter_millibels: None,
        }
    } else {
        TrackMix::default()
    };
    let pieces = (0..minutes * 60 / SECONDS).flat_map(|round| {
        (0..tracks).map(move |track| SoundPiece {
            track,
            blob: BlobHash([track as u8; 32]),
            start: Ticks::from_seconds(round * SECONDS),
            length: Ticks::from_seconds(SECONDS),
            source_in: Ticks::ZERO,
            speed_permille: 1000,
            gain_millibels: -600,
            mix: ClipMix::default(),
            fade_in: Ticks::from_millis(500),
            fade_out: Ticks::from_millis(500),
        })
    });
    let track = |at| SoundTrack { is_speech: at == 0, gain_millibels: -300, mix: mix.clone() };
    SoundPlan {
        length: Ticks::from_seconds(minutes * 60),
        pieces: pieces.collect(),
        tracks: (0..tracks).map(track).collect(),
    }
}

/// Film seconds for each second of the clock, and the longest that one block took, in milliseconds.
fn measure(plan: &SoundPlan) -> Result<(f64, f64), Box<dyn Error>> {
    let mut library = Library::new(Arc::new(Noise), Arc::new(Noise));
    let (mixer, problems) = Mixer::new(plan, &mut library);
    if let Some(problem) = problems.first() {
        return Err(problem.to_string().into());
    }
    let mut block = vec![0f32; BLOCK * 2];
    let (begun, mut longest) = (Instant::now(), 0f64);
    for from in (0..mixer.length()).step_by(BLOCK) {
        let before = Instant::now();
        mixer.mix(from, &mut block);
        longest = longest.max(before.elapsed().as_secs_f64() * 1000.0);
    }
    let film = mixer.length() as f64 / f64::from(RATE);
    Ok((film / begun.elapsed().as_secs_f64(), longest))
}

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (minutes, tracks) = (numbers.first().copied().unwrap_or(30), numbers.get(1).copied().unwrap_or(32));
    for (what, busy) in [("plain", false), ("five bands and a compressor on each", true)] {
        let (speed, longest) = measure(&plan(minutes as i64, tracks, busy))?;
        println!("{tracks} tracks, {what}: the longest block of {BLOCK} took {longest:.2} ms");
        println!(
            r#"{{"what":"mix of {tracks} tracks for {minutes} min, {what}, one processor","value":{speed:.1},"unit":"× real time","aim":"≥ 20"}}"#
        );
    }
    Ok(())
}
