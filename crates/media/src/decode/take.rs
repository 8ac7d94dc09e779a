//! Takes, read straight from the file: a table look-up and a PNG decode per picture.
//!
//! No pipeline to start and none to seek, so scrubbing over takes costs what one picture costs. Damaged pictures are errors of that
//! picture, not of the film.

use super::material::Material;
use super::sound::read_sound;
use crate::isobmff::read::ReadSample;
use crate::isobmff::{BoxedMovie, TrackKind};
use crate::{png_file, probe, trouble};
use kinora_document::{FrameSize, MediaKind};
use kinora_ports::media::MovieInfo;
use kinora_ports::{Movie, Pixels, PortError, Sound};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Largest coded picture: 8192 × 8192 that would not compress at all.
const PICTURE_BYTES: u32 = 1 << 28;

#[derive(Debug)]
pub struct TakeMovie {
    file: File,
    path: PathBuf,
    info: MovieInfo,
    pictures: Vec<ReadSample>,
    pcm: Option<Pcm>,
    /// Where the picture in hand came from; repeated ones are not decoded again.
    last: Option<(u64, Pixels)>,
}

#[derive(Debug)]
struct Pcm {
    /// Byte ranges, in playing order.
    runs: Vec<(u64, u64)>,
    channels: u16,
}

impl TakeMovie {
    pub fn open(file: File, path: &Path, movie: &BoxedMovie) -> Result<Self, PortError> {
        let damaged = |what: &str| trouble::unreadable(path, what);
        let length = file.metadata().map_err(|error| trouble::disk("read", path, &error))?.len();
        let video = movie.track(TrackKind::Video).ok_or_else(|| damaged("no picture track"))?;
        let mut pictures = video.samples().ok_or_else(|| damaged("contradicting tables"))?;
        pictures.sort_by_key(|sample| sample.time);
        let inside = |offset: u64, size: u64| offset.checked_add(size).is_some_and(|end| end <= length);
        if pictures.is_empty()
            || !pictures.iter().all(|p| inside(p.offset, u64::from(p.size)) && p.size <= PICTURE_BYTES)
        {
            return Err(damaged("pictures outside the file"));
        }
        let rate = probe::even_rate(video).ok_or_else(|| damaged("no even frame rate"))?;
        let audio = movie.track(TrackKind::Audio);
        let pcm = audio
            .filter(|track| {
                &track.codec == b"sowt" && track.sample_rate == Sound::FILM_RATE && (1..=2).contains(&track.channels)
            })
            .map(|track| {
                let frame = u64::from(track.channels) * 2;
                let runs = track
                    .chunks
                    .iter()
                    .map(|&(offset, frames)| (offset, u64::from(frames) * frame))
                    .collect::<Vec<_>>();
                Pcm { runs, channels: track.channels }
            })
            .filter(|pcm| pcm.runs.iter().all(|&(offset, size)| inside(offset, size)));
        let info = MovieInfo {
            kind: MediaKind::Movie,
            length: rate.frame_start(pictures.len() as i64),
            size: Some(FrameSize { width: u32::from(video.width), height: u32::from(video.height) }),
            rate: Some(rate),
            frames: pictures.len() as u32,
            has_sound: audio.is_some(),
            codecs: if audio.is_some() { "PNG / PCM".to_owned() } else { "PNG".to_owned() },
        };
        Ok(Self { file, path: path.to_owned(), info, pictures, pcm, last: None })
    }

    fn read(&mut self, offset: u64, size: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(size as usize);
        self.file.seek(SeekFrom::Start(offset))?;
        let count = (&self.file).take(size).read_to_end(&mut bytes)?;
        if count as u64 == size { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl Movie for TakeMovie {
    fn info(&self) -> &MovieInfo {
        &self.info
    }
    fn frame(&mut self, index: u32) -> Result<Pixels, PortError> {
        let place = self.pictures.get(index as usize).or(self.pictures.last()).copied();
        let place = place.ok_or_else(|| trouble::unreadable(&self.path, "no pictures"))?;
        if let Some((offset, pixels)) = &self.last
            && *offset == place.offset
        {
            return Ok(pixels.clone());
        }
        let bytes = self
            .read(place.offset, u64::from(place.size))
            .map_err(|error| trouble::disk("read", &self.path, &error))?;
        let pixels = png_file::decode(&bytes)
            .ok_or_else(|| trouble::unreadable(&self.path, format!("picture {index} is damaged")))?;
        self.last = Some((place.offset, pixels.clone()));
        Ok(pixels)
    }
    fn sound(&mut self) -> Result<Option<Sound>, PortError> {
        if !self.info.has_sound {
            return Ok(None);
        }
        let Some(pcm) = &self.pcm else { return read_sound(&Material::File(self.path.clone())) };
        let (channels, runs) = (pcm.channels, pcm.runs.clone());
        let mut samples = Vec::new();
        for (offset, size) in runs {
            let bytes = self.read(offset, size).map_err(|error| trouble::disk("read", &self.path, &error))?;
            for &sample in bytes.as_chunks::<2>().0 {
                let value = (f32::from(i16::from_le_bytes(sample)) / 32_767.0).max(-1.0);
                samples.extend(std::iter::repeat_n(value, if channels == 1 { 2 } else { 1 }));
            }
        }
        Ok(Some(Sound { sample_rate: Sound::FILM_RATE, channels: 2, samples }))
    }
}
