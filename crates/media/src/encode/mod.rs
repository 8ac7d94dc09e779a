//! Writing films: one door ([`GstEncoder`]), one file per container behind it.
//!
//! What all have in common is here: what may be asked for, and the sentences that refuse the rest. Each encoding is all or nothing,
//! as `ports::media` promises; none may leave a target file before its contents were proved.

pub(crate) mod aac;
mod audition;
mod batch;
pub(crate) mod h264;
mod mp4;
mod packets;
mod sequence;
mod sheet;
mod take;
mod webm;

use crate::trouble;
use kinora_document::Ticks;
use kinora_ports::media::{Container, EncodeSettings, SoundFeed};
use kinora_ports::{Encoder, Encoding, Pixels, PortError, VideoFrame};
use std::path::Path;

pub use sheet::contact_sheet;

/// Largest side of a film: H.264 level 6 ends near it.
const MAX_SIDE: u32 = 8192;

/// The encoder of the house. `h264` names a GStreamer element to be used instead of the best one found.
#[derive(Clone, Debug, Default)]
pub struct GstEncoder {
    h264: Option<&'static str>,
}

impl GstEncoder {
    pub fn new() -> Self {
        Self::default()
    }
    /// For tests and for machines where the best encoder is not the wanted one: "x264enc", "openh264enc".
    pub fn with_h264(element: &'static str) -> Self {
        Self { h264: Some(element) }
    }
    /// What an MP4 of this size would be encoded with, for people: "x264".
    pub fn h264_name(&self, settings: &EncodeSettings) -> Result<String, PortError> {
        Ok(h264::choose(settings, self.h264)?.name.to_owned())
    }
}

impl Encoder for GstEncoder {
    fn start(&self, settings: &EncodeSettings, path: &Path) -> Result<Box<dyn Encoding>, PortError> {
        check(settings)?;
        Ok(match settings.container {
            Container::Mp4 => Box::new(mp4::Mp4Encoding::start(settings, path, self.h264)?),
            Container::WebM => Box::new(webm::WebmEncoding::start(settings, path)?),
            Container::PngSequence => Box::new(sequence::SequenceEncoding::start(settings, path)?),
            Container::Take => Box::new(take::TakeEncoding::start(settings, path)?),
            Container::ContactSheet => Box::new(sheet::SheetEncoding::start(settings, path)?),
        })
    }

    fn audition(
        &self,
        settings: &EncodeSettings,
        sound: &mut SoundFeed<'_>,
        heard: &mut dyn FnMut(&[f32]),
    ) -> Result<(), PortError> {
        check(settings)?;
        audition::audition(settings, sound, heard)
    }
}

fn check(settings: &EncodeSettings) -> Result<(), PortError> {
    let (width, height) = (settings.size.width, settings.size.height);
    if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
        return Err(trouble::refusal(
            "export.size",
            format!(
                "A film of {width}×{height} cannot be written: each side has to be between 2 and {MAX_SIDE} pixels."
            ),
            "Choose one of the sizes in the list, for example 1920×1080.",
        ));
    }
    let subsampled = matches!(settings.container, Container::Mp4 | Container::WebM);
    if subsampled && (width % 2 != 0 || height % 2 != 0 || width < 16 || height < 16) {
        return Err(trouble::refusal(
            "export.size",
            format!(
                "A film of {width}×{height} cannot be written as MP4 or WebM: both sides have to be even and at least 16 pixels."
            ),
            "Choose the next even size, or export as PNG pictures.",
        ));
    }
    let rate = settings.rate;
    if rate.frames == 0
        || rate.seconds == 0
        || rate.frames / rate.seconds > 240
        || rate.frames.max(rate.seconds) > 1_000_000
    {
        return Err(trouble::refusal(
            "export.rate",
            format!("A film of {rate} frames a second cannot be written."),
            "Choose one of the rates in the list: 23.976, 24, 25, 29.97, 30 or 60.",
        ));
    }
    let sound = settings.sound_rate;
    if sound.is_some_and(|rate| !(8_000..=192_000).contains(&rate))
        || (sound.is_some() && !(1..=2).contains(&settings.sound_channels))
    {
        return Err(trouble::refusal(
            "export.sound",
            "Sound can be written with one or two channels at 8 to 192 kHz only.",
            "Choose stereo at 48 kHz.",
        ));
    }
    Ok(())
}

fn check_picture(settings: &EncodeSettings, pixels: &Pixels) -> Result<(), PortError> {
    let (width, height) = (settings.size.width, settings.size.height);
    if (pixels.width, pixels.height) != (width, height) || pixels.rgba.len() != width as usize * height as usize * 4 {
        return Err(trouble::encoding(format!(
            "picture of {}×{} in a film of {width}×{height}",
            pixels.width, pixels.height
        )));
    }
    Ok(())
}

fn check_frame(settings: &EncodeSettings, frame: &VideoFrame) -> Result<(), PortError> {
    let (width, height) = (settings.size.width, settings.size.height);
    if (frame.width, frame.height) != (width, height) || frame.i420.len() != VideoFrame::bytes(width, height) {
        return Err(trouble::encoding(format!(
            "frame of {}×{} in a film of {width}×{height}",
            frame.width, frame.height
        )));
    }
    Ok(())
}

/// Video has lost what such a file keeps.
fn full_colour() -> PortError {
    trouble::encoding("4:2:0 video was given to a file of full colour")
}

fn nothing_to_write() -> PortError {
    trouble::refusal(
        "export.empty",
        "There is nothing to export: the film has no pictures.",
        "Put at least one clip on the timeline.",
    )
}

fn nothing_to_repeat() -> PortError {
    trouble::encoding("a picture was to be repeated before there was one")
}

/// Length of `pictures` frames, exact.
fn picture_length(settings: &EncodeSettings, pictures: u64) -> Ticks {
    settings.rate.frame_start(i64::try_from(pictures).unwrap_or(i64::MAX))
}

/// Sound frames at `rate` that `pictures` frames last, rounded up so that the last picture is never silent.
fn sound_frames(settings: &EncodeSettings, pictures: u64, rate: u32) -> u64 {
    let (frames, seconds) = (u128::from(settings.rate.frames), u128::from(settings.rate.seconds));
    (u128::from(pictures) * seconds * u128::from(rate)).div_ceil(frames) as u64
}
