//! One recording under way: pictures and sound brought into the codec's order, counted in samples from its own beginning.
//!
//! The first picture is the one that was to be seen when the sound began, and what belongs before it is not in it; every other picture is.
//! A recording ends with the later of its last picture and its last sound.

use super::clock::RATE;
use crate::problem::Trouble;
use kinora_document::{FrameRate, FrameSize, Ticks};
use kinora_ports::recording::RecordingSettings;
use kinora_ports::{Keep, Recording, RecordingCodec, VideoFrame};
use serde::Serialize;
use std::sync::Arc;

/// What a recording holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recorded {
    pub frames: u64,
    /// A channel; 0 without a microphone.
    pub samples: u64,
    /// Pictures that the camera gave and nobody could take in time.
    pub dropped: u64,
    pub length: Ticks,
}

pub(super) struct Roll {
    recording: Box<dyn Recording>,
    /// Samples of the one clock before the recording; without a microphone known with the first picture.
    begin: Option<u64>,
    /// To be seen at the beginning.
    first: Option<Arc<VideoFrame>>,
    channels: u16,
    frames: u64,
    samples: u64,
    last: Option<u64>,
    frame_samples: u64,
    failed: bool,
}

impl Roll {
    pub fn begin(
        codec: &dyn RecordingCodec,
        keep: Box<dyn Keep>,
        size: Option<FrameSize>,
        rate: FrameRate,
        channels: u16,
        begin: Option<u64>,
        first: Option<Arc<VideoFrame>>,
    ) -> Result<Self, Trouble> {
        let settings = RecordingSettings { size, rate, sound_channels: channels };
        let recording = codec.start(&settings, keep)?;
        let frame_samples = (RATE * u64::from(rate.seconds) / u64::from(rate.frames.max(1))).max(1);
        let first = first.filter(|_| begin.is_some());
        Ok(Self { recording, begin, first, channels, frames: 0, samples: 0, last: None, frame_samples, failed: false })
    }

    pub fn frames(&self) -> u64 {
        self.frames
    }

    pub fn length_samples(&self) -> u64 {
        if self.channels > 0 { self.samples } else { self.last.map_or(0, |last| last + self.frame_samples) }
    }

    /// With a microphone: the picture belongs to sound that is in the recording.
    pub fn is_before_the_end(&self, sample: i64) -> bool {
        self.channels > 0 && self.begin.is_some_and(|begin| sample < (begin + self.samples) as i64)
    }

    pub fn picture(&mut self, frame: &Arc<VideoFrame>, sample: i64) -> Result<(), Trouble> {
        let begin = *self.begin.get_or_insert(sample.max(0) as u64);
        let at = sample - begin as i64;
        if at <= 0 && self.last.is_none() && self.channels > 0 {
            // Still from before the sound: the newest of these is what is seen first.
            self.first = Some(Arc::clone(frame));
            return Ok(());
        }
        if let Some(first) = self.first.take() {
            self.push(&first, 0)?;
        }
        self.push(frame, at.max(0) as u64)
    }

    fn push(&mut self, frame: &Arc<VideoFrame>, at: u64) -> Result<(), Trouble> {
        // Two pictures cannot be seen at one moment.
        let at = self.last.map_or(at, |last| at.max(last + 1));
        self.checked(|recording| recording.picture(frame, at))?;
        (self.last, self.frames) = (Some(at), self.frames + 1);
        Ok(())
    }

    pub fn sound(&mut self, samples: &[f32]) -> Result<(), Trouble> {
        self.checked(|recording| recording.sound(samples))?;
        self.samples += (samples.len() / usize::from(self.channels.max(1))) as u64;
        Ok(())
    }

    pub fn silence(&mut self, samples: u64) -> Result<(), Trouble> {
        if samples == 0 {
            return Ok(());
        }
        self.sound(&vec![0.0; samples as usize * usize::from(self.channels.max(1))])
    }

    fn checked(
        &mut self,
        work: impl FnOnce(&mut dyn Recording) -> Result<(), kinora_ports::PortError>,
    ) -> Result<(), Trouble> {
        let done = work(self.recording.as_mut());
        self.failed |= done.is_err();
        Ok(done?)
    }

    /// Closes it; after an error it is dropped, which keeps the pieces so far.
    pub fn end(mut self, dropped: u64) -> (Recorded, Option<Trouble>) {
        if let Some(first) = self.first.take() {
            _ = self.push(&first, 0);
        }
        // A microphone that went before the camera leaves pictures without sound: what is heard there is silence.
        let seen = self.last.map_or(0, |last| last + self.frame_samples);
        let end = self.length_samples().max(seen);
        let whole = Recorded {
            frames: self.frames,
            samples: if self.channels > 0 { end } else { 0 },
            dropped,
            length: Ticks::from_samples(end as i64, RATE as u32),
        };
        let kept = self.recording.kept_samples().min(end);
        let broken = Recorded { length: Ticks::from_samples(kept as i64, RATE as u32), ..whole };
        if self.failed {
            return (broken, None);
        }
        match self.recording.finish(end) {
            Ok(()) => (whole, None),
            Err(error) => (broken, Some(error.into())),
        }
    }
}
