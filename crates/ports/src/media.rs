//! Movies, pictures and sound in files: reading and writing.
//!
//! A [`Movie`] is random access by frame; an [`Encoding`] is fed in order and is all or nothing: the file appears under its name
//! only after [`Encoding::finish`] has written, probed and renamed it.

use crate::{Pixels, PortError, Sound, VideoFrame};
use kinora_document::{FrameRate, FrameSize, MediaKind, Ticks};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovieInfo {
    pub kind: MediaKind,
    pub length: Ticks,
    pub size: Option<FrameSize>,
    pub rate: Option<FrameRate>,
    /// 1 for a still picture, 0 for pure sound.
    pub frames: u32,
    pub has_sound: bool,
    /// "H.264 / AAC", for people.
    pub codecs: String,
}

pub trait Movie: Send {
    fn info(&self) -> &MovieInfo;
    /// The picture at `index`; the last one when `index` is past the end. Sequential access is fast, seeking is allowed.
    fn frame(&mut self, index: u32) -> Result<Pixels, PortError>;
    /// The whole sound, at the film's rate (48 kHz) and two channels; None when there is none.
    fn sound(&mut self) -> Result<Option<Sound>, PortError>;
}

pub trait Decoder: Send + Sync {
    fn open(&self, path: &Path) -> Result<Box<dyn Movie>, PortError>;
    /// An MP4 that must not lie on any disk.
    fn open_bytes(&self, bytes: Arc<[u8]>) -> Result<Box<dyn Movie>, PortError>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// H.264 High yuv420p + AAC-LC, faststart.
    Mp4,
    /// VP9 + Opus.
    WebM,
    /// `NAME.0001.png …` and `NAME.wav` in a folder.
    PngSequence,
    /// Lossless, intra-coded, random access: what takes are kept as.
    Take,
    /// One animated PNG of small pictures.
    ContactSheet,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeSettings {
    pub container: Container,
    pub size: FrameSize,
    pub rate: FrameRate,
    /// None for a silent file.
    pub sound_rate: Option<u32>,
    pub sound_channels: u16,
    pub title: String,
}

/// Writes the second path as a sealed copy of the first.
pub type Sealing<'a> = dyn FnMut(&Path, &Path) -> Result<(), PortError> + 'a;

pub trait Encoding: Send {
    /// For people: "x264", "OpenH264", …
    fn encoder_name(&self) -> &str;
    /// True when the file holds 4:2:0 video: [`Self::video`] is then the direct way, and [`Self::picture`] converts with
    /// [`VideoFrame::of`]. False when it holds full colour, which [`Self::video`] no longer has and is refused for.
    fn takes_video(&self) -> bool;
    /// The next picture.
    fn picture(&mut self, pixels: &Pixels) -> Result<(), PortError>;
    /// The next picture, kept by reference until it is encoded.
    fn video(&mut self, frame: &Arc<VideoFrame>) -> Result<(), PortError>;
    /// The last picture again, without copying it anew.
    fn repeat_picture(&mut self) -> Result<(), PortError>;
    /// Interleaved, at the settings' rate and channels; may run ahead of or behind the pictures.
    fn sound(&mut self, samples: &[f32]) -> Result<(), PortError>;
    /// Finalises, probes and renames. Dropping without it leaves nothing behind.
    fn finish(self: Box<Self>) -> Result<(), PortError> {
        self.finish_sealed(None)
    }
    /// The same with a seal put on each finished file, last of all before the rename: nothing unsealed gets the name.
    /// Callers offer none for containers that cannot hold one.
    fn finish_sealed(self: Box<Self>, seal: Option<&mut Sealing<'_>>) -> Result<(), PortError>;
}

/// Fills the block with the next samples and answers how many there are; fewer than there is room for at the end only.
pub type SoundFeed<'a> = dyn FnMut(&mut [f32]) -> Result<usize, PortError> + 'a;

pub trait Encoder: Send + Sync {
    fn start(&self, settings: &EncodeSettings, path: &Path) -> Result<Box<dyn Encoding>, PortError>;
    /// What a listener of such a file will hear, without writing one: `sound`, interleaved at the settings' rate and channels, through
    /// the container's codec and back. Codecs leave out what is too high and overshoot peaks; what keeps sound as it is needs no words.
    fn audition(
        &self,
        settings: &EncodeSettings,
        sound: &mut SoundFeed<'_>,
        heard: &mut dyn FnMut(&[f32]),
    ) -> Result<(), PortError> {
        unchanged(settings, sound, heard)
    }
}

/// An audition of what keeps sound as it is.
pub fn unchanged(
    settings: &EncodeSettings,
    sound: &mut SoundFeed<'_>,
    heard: &mut dyn FnMut(&[f32]),
) -> Result<(), PortError> {
    let mut block = audition_block(settings);
    while !block.is_empty() {
        let count = sound(&mut block)?.min(block.len());
        heard(block.get(..count).unwrap_or(&block));
        if count < block.len() {
            break;
        }
    }
    Ok(())
}

/// Room for what an audition asks for at once: a quarter of a second; none for a silent file.
pub fn audition_block(settings: &EncodeSettings) -> Vec<f32> {
    vec![0.0; settings.sound_rate.map_or(0, |rate| rate as usize) / 4 * usize::from(settings.sound_channels)]
}
