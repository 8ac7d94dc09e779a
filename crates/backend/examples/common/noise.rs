//! Sounds that come from memory, and a plan of many tracks that plays them: what benches of the mix share.

use kinora_document::plan::{SoundPiece, SoundPlan, SoundSource, SoundTrack};
use kinora_document::{BandKind, BlobHash, ClipMix, Compressor, EqBand, MediaKind, Ticks, TrackMix};
use kinora_ports::media::MovieInfo;
use kinora_ports::{Blobs, Decoder, Fault, Movie, Pixels, PortError, Sound};
use std::path::{Path, PathBuf};

/// Of each sound; tracks play it again and again.
const SECONDS: i64 = 10;
pub const RATE: u32 = Sound::FILM_RATE;
/// Names are paths, and paths are noise with that seed.
pub struct Noise;

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
    fn remove(&self, _: BlobHash) -> Result<(), PortError> {
        Err(nothing())
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
    fn open_bytes(&self, _: std::sync::Arc<[u8]>) -> Result<Box<dyn Movie>, PortError> {
        Err(nothing())
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

/// Tracks of noise, all the time; `busy` switches everything on.
pub fn plan(minutes: i64, tracks: usize, busy: bool) -> SoundPlan {
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
            source: SoundSource::File(BlobHash([track as u8; 32])),
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
