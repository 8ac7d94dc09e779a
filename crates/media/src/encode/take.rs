//! Takes: PNG pictures and 16-bit PCM in a QuickTime file. Lossless, every picture on its own, and without any codec that may be missing.
//!
//! Takes are named by their bytes, so the same pictures and sound must give the same file on every machine: no time of day, no thread
//! count, no library version in it beyond the PNG coder's. A picture that is shown again is stored once.

use super::batch::{Batch, Coded};
use super::{check_picture, full_colour, mp4, nothing_to_repeat, nothing_to_write, picture_length, sound_frames};
use crate::isobmff::tables::{AudioTrack, Sample, SampleTable, VideoTrack};
use crate::isobmff::{AudioFormat, BoxedMovie, MovieWriter, Tables, TrackKind, VideoFormat};
use crate::part::PartFile;
use crate::trouble;
use kinora_ports::media::{EncodeSettings, Sealing};
use kinora_ports::{Encoding, Pixels, PortError, VideoFrame};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

#[derive(Debug)]
pub struct TakeEncoding {
    writer: MovieWriter,
    part: PartFile,
    settings: EncodeSettings,
    batch: Batch,
    pictures: Vec<Sample>,
    /// Kept until the end, so that the file does not depend on when sound came.
    pcm: Vec<u8>,
}

impl TakeEncoding {
    pub fn start(settings: &EncodeSettings, path: &Path) -> Result<Self, PortError> {
        let part = PartFile::create(path)?;
        let writer = MovieWriter::new(part.handle()?, true).map_err(|error| part.trouble(&error))?;
        Ok(Self {
            writer,
            part,
            settings: settings.clone(),
            batch: Batch::default(),
            pictures: Vec::new(),
            pcm: Vec::new(),
        })
    }
    fn append(&mut self, bytes: &[u8]) -> Result<Sample, PortError> {
        let offset = self.writer.append(bytes).map_err(|error| self.part.trouble(&error))?;
        Ok(Sample { offset, size: bytes.len() as u32, composition: 0, sync: true })
    }
    fn write(&mut self, coded: Vec<Coded>) -> Result<(), PortError> {
        for (bytes, times) in coded {
            let sample = self.append(&bytes)?;
            self.pictures.extend(std::iter::repeat_n(sample, times as usize));
        }
        Ok(())
    }
}

impl Encoding for TakeEncoding {
    fn encoder_name(&self) -> &'static str {
        "PNG"
    }
    fn takes_video(&self) -> bool {
        false
    }
    fn video(&mut self, _: &Arc<VideoFrame>) -> Result<(), PortError> {
        Err(full_colour())
    }
    fn picture(&mut self, pixels: &Pixels) -> Result<(), PortError> {
        check_picture(&self.settings, pixels)?;
        if self.batch.add(pixels) {
            let coded = self.batch.code()?;
            self.write(coded)?;
        }
        Ok(())
    }
    fn repeat_picture(&mut self) -> Result<(), PortError> {
        if !self.batch.repeat() {
            let last = self.pictures.last().copied().ok_or_else(nothing_to_repeat)?;
            self.pictures.push(last);
        }
        Ok(())
    }
    fn sound(&mut self, samples: &[f32]) -> Result<(), PortError> {
        if self.settings.sound_rate.is_some() {
            self.pcm.extend(samples.iter().flat_map(|&sample| pcm16(sample).to_le_bytes()));
        }
        Ok(())
    }
    fn finish_sealed(mut self: Box<Self>, seal: Option<&mut Sealing<'_>>) -> Result<(), PortError> {
        let coded = self.batch.code()?;
        self.write(coded)?;
        let count = self.pictures.len() as u64;
        if count == 0 {
            return Err(nothing_to_write());
        }
        let mut audio = None;
        if let Some(rate) = self.settings.sound_rate {
            let frames = sound_frames(&self.settings, count, rate) as usize;
            let mut pcm = std::mem::take(&mut self.pcm);
            pcm.resize(frames * usize::from(self.settings.sound_channels) * 2, 0);
            let sample = self.append(&pcm)?;
            let table =
                SampleTable { timescale: rate, duration: 1, samples: vec![sample], skip: 0, lengths: Vec::new() };
            audio = Some(AudioTrack {
                format: AudioFormat::Pcm16,
                channels: self.settings.sound_channels,
                sample_rate: rate,
                table,
            });
        }
        let (timescale, duration) = mp4::time_base(&self.settings);
        let Self { writer, part, settings, pictures, .. } = *self;
        let table = SampleTable { timescale, duration, samples: pictures, skip: 0, lengths: Vec::new() };
        let video = VideoTrack {
            format: VideoFormat::Png,
            width: settings.size.width as u16,
            height: settings.size.height as u16,
            table,
        };
        let with_sound = audio.is_some();
        let tables = Tables { title: String::new(), video: Some(video), audio };
        writer.finish(&tables).map_err(|error| part.trouble(&error))?;
        let target = part.target().to_owned();
        part.commit(seal, |path| {
            let movie = File::open(path).and_then(|mut file| BoxedMovie::read(&mut file));
            let movie = movie.map_err(|error| trouble::disk("read back", &target, &error))?;
            let good = movie.is_some_and(|movie| {
                movie.moov_before_mdat
                    && movie
                        .track(TrackKind::Video)
                        .is_some_and(|video| u64::from(video.count) == count && video.samples().is_some())
                    && movie.track(TrackKind::Audio).is_some() == with_sound
            });
            if good {
                Ok(())
            } else {
                Err(trouble::encoding(format!("the finished take of {:?} is wrong", picture_length(&settings, count))))
            }
        })
    }
}

/// Full scale is 32767 both ways, so that 0 stays 0 and nothing wraps.
pub fn pcm16(sample: f32) -> i16 {
    // A sample that is no number becomes 0 by the cast.
    (sample.clamp(-1.0, 1.0) * 32_767.0).round() as i16
}
