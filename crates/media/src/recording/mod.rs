//! Recordings: coded as they come, in pieces that are whole each, and made whole files afterwards.
//!
//! H.264 without reordering and AAC, both cut into pieces of half a second; a kill costs what was in the current one. One thread of
//! its own hands pieces to the keep, so that a slow disk delays nothing but itself. What a keep has been given is never asked back.

mod coders;
mod file;
mod mend;
mod reel;

use crate::trouble;
use coders::{PictureCoder, SoundCoder};
use kinora_ports::recording::{Mended, RecordingSettings};
use kinora_ports::{Keep, PortError, Recording, RecordingCodec, VideoFrame};
use reel::Reels;
use std::sync::Arc;

pub use file::{FileKeep, Rescued, rescue, rescue_all, under_way};
pub use mend::{Counted, count_through};

/// Largest side that a camera of today gives.
const MAX_SIDE: u32 = 4096;

#[derive(Clone, Copy, Debug, Default)]
pub struct GstRecordingCodec;

impl GstRecordingCodec {
    pub fn new() -> Self {
        Self
    }
}

impl RecordingCodec for GstRecordingCodec {
    fn start(&self, settings: &RecordingSettings, keep: Box<dyn Keep>) -> Result<Box<dyn Recording>, PortError> {
        check(settings)?;
        crate::gst::start()?;
        let reels = Arc::new(Reels::start(settings, keep)?);
        let pictures = settings.size.map(|size| PictureCoder::start(size, settings.rate, &reels)).transpose()?;
        let sound = match settings.sound_channels {
            0 => None,
            channels => Some(SoundCoder::start(channels, &reels)?),
        };
        Ok(Box::new(GstRecording { pictures, sound, reels, settings: *settings }))
    }
    fn mend(&self, bytes: &[u8]) -> Result<Mended, PortError> {
        mend::mend(bytes)
    }
}

fn check(settings: &RecordingSettings) -> Result<(), PortError> {
    let nothing = settings.size.is_none() && settings.sound_channels == 0;
    let size = settings.size.is_some_and(|size| {
        let even = size.width % 2 == 0 && size.height % 2 == 0;
        !even || size.width.min(size.height) < 16 || size.width.max(size.height) > MAX_SIDE
    });
    if nothing || size || settings.sound_channels > 2 || settings.rate.frames == 0 {
        return Err(trouble::refusal(
            "recording.settings",
            format!("A recording of {settings:?} cannot be made."),
            "Choose an even size of at least 16 pixels, and one or two channels of sound.",
        ));
    }
    Ok(())
}

#[derive(Debug)]
struct GstRecording {
    // Coders first: they are dropped, and so stopped, before the reels are.
    pictures: Option<PictureCoder>,
    sound: Option<SoundCoder>,
    reels: Arc<Reels>,
    settings: RecordingSettings,
}

impl GstRecording {
    /// When the keep was at fault, says so rather than that a coder stopped.
    fn explain(&self, result: Result<(), PortError>) -> Result<(), PortError> {
        match self.reels.trouble() {
            Some(error) => Err(trouble::keeping(&error)),
            None => result,
        }
    }
}

impl Recording for GstRecording {
    fn picture(&mut self, frame: &Arc<VideoFrame>, at_sample: u64) -> Result<(), PortError> {
        let Some(size) = self.settings.size else { return Ok(()) };
        if (frame.width, frame.height) != (size.width, size.height)
            || frame.i420.len() != VideoFrame::bytes(size.width, size.height)
        {
            return Err(trouble::encoding(format!("picture of {}×{}", frame.width, frame.height)));
        }
        let pushed = self.pictures.as_ref().map_or(Ok(()), |coder| coder.push(frame, at_sample));
        self.explain(pushed)
    }
    fn sound(&mut self, samples: &[f32]) -> Result<(), PortError> {
        let pushed = self.sound.as_mut().map_or(Ok(()), |coder| coder.push(samples));
        self.explain(pushed)
    }
    fn kept_samples(&self) -> u64 {
        self.reels.kept()
    }
    fn finish(mut self: Box<Self>, end_sample: u64) -> Result<(), PortError> {
        let ended = self.pictures.as_ref().map_or(Ok(()), |coder| coder.end());
        self.explain(ended)?;
        let ended = self.sound.as_mut().map_or(Ok(()), |coder| coder.end(end_sample));
        self.explain(ended)?;
        self.reels.close(end_sample);
        self.explain(Ok(()))
    }
}
