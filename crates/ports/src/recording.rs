//! Recordings: coded while they happen, kept in pieces that are whole each, and mended when something broke.
//!
//! A [`Recording`] hands its bytes to a [`Keep`] in order and never goes back, so the keep may be a file, or a vault that seals each
//! piece before any disk sees it. Time is counted in samples of sound at 48 kHz; there is no second clock.

use crate::{PortError, VideoFrame};
use kinora_document::{FrameRate, FrameSize, Ticks};
use std::io;
use std::sync::Arc;

/// Where a recording goes.
pub trait Keep: Send {
    /// Adds one whole piece (the header, then about half a second each). When it fails, nothing of this piece is kept.
    fn append(&mut self, piece: &[u8]) -> io::Result<()>;
    /// What was appended survives a power cut when it returns.
    fn sync(&mut self) -> io::Result<()>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingSettings {
    /// None records sound alone.
    pub size: Option<FrameSize>,
    /// What the camera intends; each picture has its own time.
    pub rate: FrameRate,
    /// 0 records pictures alone.
    pub sound_channels: u16,
}

/// A recording made whole: an ordinary MP4 that was decoded through and counted before it was handed out.
#[derive(Clone, PartialEq, Eq)]
pub struct Mended {
    pub mp4: Vec<u8>,
    pub frames: u64,
    /// Samples of sound a channel, decoded.
    pub samples: u64,
    pub length: Ticks,
    /// Bytes at the end that were no whole piece.
    pub torn_bytes: u64,
}

impl std::fmt::Debug for Mended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mended({} frames, {} samples, {} torn bytes)", self.frames, self.samples, self.torn_bytes)
    }
}

pub trait RecordingCodec: Send + Sync {
    fn start(&self, settings: &RecordingSettings, keep: Box<dyn Keep>) -> Result<Box<dyn Recording>, PortError>;
    /// From what a keep was given, whole or torn. The bytes handed in are not changed; whoever owns them may let go of them only
    /// after this returned and its answer is safe.
    fn mend(&self, bytes: &[u8]) -> Result<Mended, PortError>;
}

pub trait Recording: Send {
    /// A picture, and the sample of sound at which it is seen; later than the one before.
    fn picture(&mut self, frame: &Arc<VideoFrame>, at_sample: u64) -> Result<(), PortError>;
    /// The next samples, interleaved.
    fn sound(&mut self, samples: &[f32]) -> Result<(), PortError>;
    /// Up to where everything is in the keep, in samples a channel.
    fn kept_samples(&self) -> u64;
    /// Codes what is under way and hands over the last piece. Dropping without it keeps the pieces so far.
    /// `end_sample` is where the last picture ends.
    fn finish(self: Box<Self>, end_sample: u64) -> Result<(), PortError>;
}
