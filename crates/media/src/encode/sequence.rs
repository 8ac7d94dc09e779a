//! A folder of numbered PNG pictures and one WAV file, for programs that take films apart.
//!
//! `FILM/` holds `FILM.0001.png …` and `FILM.wav` (24-bit PCM). The folder appears whole or not at all; one that holds anything else
//! must never be replaced.

use super::batch::{Batch, Coded};
use super::{check_picture, full_colour, nothing_to_repeat, nothing_to_write, sound_frames};
use crate::part::{PartFolder, SEALED};
use kinora_ports::media::{EncodeSettings, Sealing};
use kinora_ports::{Encoding, Pixels, PortError, VideoFrame};
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

#[derive(Debug)]
pub struct SequenceEncoding {
    wav: Option<Wav>,
    folder: PartFolder,
    settings: EncodeSettings,
    name: String,
    batch: Batch,
    last: Vec<u8>,
    pictures: u64,
}

fn ours(name: &str) -> bool {
    // What a seal was being put on when the process died.
    let name = name.strip_suffix(SEALED).unwrap_or(name);
    let number = name.strip_suffix(".png").and_then(|stem| stem.rsplit_once('.')).map(|(_, number)| number);
    number.is_some_and(|number| number.len() >= 4 && number.bytes().all(|b| b.is_ascii_digit()))
        || name.ends_with(".wav")
}

impl SequenceEncoding {
    pub fn start(settings: &EncodeSettings, path: &Path) -> Result<Self, PortError> {
        let folder = PartFolder::create(path, ours)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let wav = settings
            .sound_rate
            .map(|rate| Wav::create(&folder.path().join(format!("{name}.wav")), rate, settings.sound_channels));
        let wav = wav.transpose().map_err(|error| folder.trouble(&error))?;
        Ok(Self {
            wav,
            folder,
            settings: settings.clone(),
            name,
            batch: Batch::default(),
            last: Vec::new(),
            pictures: 0,
        })
    }
    fn write_one(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        self.pictures += 1;
        self.folder.write(&format!("{}.{:04}.png", self.name, self.pictures), bytes)
    }
    fn write(&mut self, coded: Vec<Coded>) -> Result<(), PortError> {
        for (bytes, times) in coded {
            (0..times).try_for_each(|_| self.write_one(&bytes))?;
            self.last = bytes;
        }
        Ok(())
    }
}

impl Encoding for SequenceEncoding {
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
        if self.batch.repeat() {
            return Ok(());
        }
        if self.last.is_empty() {
            return Err(nothing_to_repeat());
        }
        let last = std::mem::take(&mut self.last);
        let written = self.write_one(&last);
        self.last = last;
        written
    }
    fn sound(&mut self, samples: &[f32]) -> Result<(), PortError> {
        let written = self.wav.as_mut().map_or(Ok(()), |wav| wav.write(samples));
        written.map_err(|error| self.folder.trouble(&error))
    }
    fn finish_sealed(mut self: Box<Self>, seal: Option<&mut Sealing<'_>>) -> Result<(), PortError> {
        let coded = self.batch.code()?;
        self.write(coded)?;
        if self.pictures == 0 {
            return Err(nothing_to_write());
        }
        if let Some(wav) = self.wav.take() {
            let frames = sound_frames(&self.settings, self.pictures, wav.rate);
            wav.finish(frames).map_err(|error| self.folder.trouble(&error))?;
        }
        self.folder.commit(seal)
    }
}

/// 24-bit PCM.
#[derive(Debug)]
struct Wav {
    file: BufWriter<File>,
    rate: u32,
    channels: u16,
    bytes: u64,
}

const WAV_HEADER: u64 = 44;

impl Wav {
    fn create(path: &Path, rate: u32, channels: u16) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 18, File::create(path)?);
        file.write_all(&[0; WAV_HEADER as usize])?;
        Ok(Self { file, rate, channels, bytes: 0 })
    }
    fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        for &sample in samples {
            let value = (f64::from(sample).clamp(-1.0, 1.0) * 8_388_607.0).round() as i32;
            let [low, middle, high, _] = value.to_le_bytes();
            self.file.write_all(&[low, middle, high])?;
        }
        self.bytes += samples.len() as u64 * 3;
        Ok(())
    }
    /// Exactly `frames` long: silence is added, or the rest is cut.
    fn finish(mut self, frames: u64) -> io::Result<()> {
        let frame = u64::from(self.channels) * 3;
        let wanted = frames * frame;
        let bytes = u32::try_from(wanted + WAV_HEADER).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?
            - WAV_HEADER as u32;
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.set_len(WAV_HEADER + wanted)?;
        self.bytes = wanted;
        let mut header = Vec::with_capacity(WAV_HEADER as usize);
        header.extend_from_slice(b"RIFF");
        header.extend_from_slice(&(bytes + 36).to_le_bytes());
        header.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0");
        header.extend_from_slice(&self.channels.to_le_bytes());
        header.extend_from_slice(&self.rate.to_le_bytes());
        header.extend_from_slice(&(self.rate * frame as u32).to_le_bytes());
        header.extend_from_slice(&(frame as u16).to_le_bytes());
        header.extend_from_slice(b"\x18\0data");
        header.extend_from_slice(&bytes.to_le_bytes());
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&header)?;
        file.sync_all()
    }
}
