//! The AAC-LC encoder: which one, how samples reach it, and how much silence it puts in front.
//!
//! Every AAC encoder starts with a run-in ("priming") that the film's edit list has to skip, or sound comes late by a frame or two.
//! GStreamer does not report it, so it is a measured constant per encoder, kept true by the click-and-flash test.

use super::packets::{self, Film};
use crate::{gst as media, trouble};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_audio as gst_audio;
use kinora_ports::PortError;
use kinora_ports::media::EncodeSettings;
use std::sync::{Arc, Mutex};

pub const RATE: u32 = 48_000;
/// Sound frames in a packet.
pub const PACKET: u32 = 1024;
pub const BIT_RATE: u32 = 192_000;
/// Frames handed over at once.
const PORTION: usize = 12_000;

#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub element: &'static str,
    /// Sound frames at 48 kHz before the first real one.
    pub priming: u32,
}

const CHOICES: &[Choice] = &[
    Choice { element: "avenc_aac", priming: 1024 },
    Choice { element: "voaacenc", priming: 1600 },
    Choice { element: "fdkaacenc", priming: 2048 },
];

pub fn choose() -> Result<Choice, PortError> {
    media::start()?;
    CHOICES.iter().find(|choice| media::exists(choice.element)).copied().ok_or_else(|| media::missing("avenc_aac"))
}

/// The encoder as exports set it, and what makes raw packets of its stream.
pub fn coder(choice: Choice) -> Result<Vec<gst::Element>, PortError> {
    let encoder = media::make(choice.element)?;
    media::set_if_there(&encoder, "bitrate", &BIT_RATE.to_string());
    Ok(vec![encoder, media::make("aacparse")?, media::filter(&packets_alone())?])
}

/// What encoders are given: any format, at the rate of films.
pub fn at_rate(settings: &EncodeSettings) -> gst::Caps {
    gst::Caps::builder("audio/x-raw")
        .field("rate", RATE as i32)
        .field("channels", i32::from(settings.sound_channels))
        .build()
}

pub fn sound_caps(settings: &EncodeSettings, rate: u32) -> gst::Caps {
    gst_audio::AudioCapsBuilder::new_interleaved()
        .format(gst_audio::AUDIO_FORMAT_F32)
        .rate(rate as i32)
        .channels(i32::from(settings.sound_channels))
        .build()
}

/// AAC as MP4 holds it: packets without heads of their own.
pub fn packets_alone() -> gst::Caps {
    gst::Caps::builder("audio/mpeg").field("mpegversion", 4).field("stream-format", "raw").field("framed", true).build()
}

/// Samples in, packets out.
#[derive(Debug)]
pub struct Stream {
    running: media::Running,
    source: gst_app::AppSrc,
    channels: usize,
    rate: u32,
    /// Sound frames handed over so far.
    pub fed: u64,
}

impl Stream {
    pub fn start(
        choice: Choice,
        settings: &EncodeSettings,
        rate: u32,
        film: &Arc<Mutex<Film>>,
    ) -> Result<Self, PortError> {
        let source = media::source(&sound_caps(settings, rate))?;
        let coder = coder(choice)?;
        let sink = media::sink()?;
        let film = Arc::clone(film);
        let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let bytes =
                sample.buffer().ok_or(gst::FlowError::Error)?.map_readable().map_err(|_| gst::FlowError::Error)?;
            let mut film = packets::lock(&film);
            if film.aac_config.is_none() {
                film.aac_config = super::h264::codec_data(&sample);
            }
            film.packet(bytes.to_vec());
            if film.error.is_some() { Err(gst::FlowError::Error) } else { Ok(gst::FlowSuccess::Ok) }
        });
        sink.set_callbacks(callbacks.build());
        let running = media::Running::new()?;
        let (convert, resample, at_rate) =
            (media::make("audioconvert")?, media::make("audioresample")?, media::filter(&at_rate(settings))?);
        let mut chain: Vec<&gst::Element> = vec![source.upcast_ref(), &convert, &resample, &at_rate];
        chain.extend(&coder);
        chain.push(sink.upcast_ref());
        running.chain(&chain)?;
        running.play()?;
        Ok(Self { running, source, channels: usize::from(settings.sound_channels.max(1)), rate, fed: 0 })
    }

    pub fn push(&mut self, samples: &[f32]) -> Result<(), PortError> {
        for portion in samples.chunks(PORTION * self.channels) {
            let buffer = sound_buffer(portion, self.fed, self.rate, self.channels);
            self.running.feed(&self.source, buffer)?;
            self.fed += (portion.len() / self.channels) as u64;
        }
        Ok(())
    }

    /// Fills up to `frames` with silence, and a little more so that the encoder gives its last packet away.
    pub fn end(&mut self, frames: u64, progress: impl Fn() -> u64) -> Result<(), PortError> {
        let silence = vec![0.0; PORTION * self.channels];
        let target = frames + u64::from(4 * PACKET) * u64::from(self.rate).div_ceil(u64::from(RATE));
        while self.fed < target {
            let now = (target - self.fed).min(PORTION as u64) as usize;
            self.push(silence.get(..now * self.channels).unwrap_or(&silence))?;
        }
        self.source.end_of_stream().map_err(trouble::encoding)?;
        self.running.wait_for_end(progress)
    }
}

/// Samples that are no numbers would silence an encoder for good: they become 0.
pub fn sound_buffer(samples: &[f32], start: u64, rate: u32, channels: usize) -> gst::Buffer {
    let bytes = samples
        .iter()
        .flat_map(|&s| (if s.is_finite() { s.clamp(-1.0, 1.0) } else { 0.0 }).to_ne_bytes())
        .collect::<Vec<u8>>();
    let mut buffer = gst::Buffer::from_mut_slice(bytes);
    let (from, to) =
        (media::nanoseconds(start, 1, rate), media::nanoseconds(start + (samples.len() / channels) as u64, 1, rate));
    let head = buffer.make_mut();
    head.set_pts(from);
    head.set_duration(to.saturating_sub(from));
    buffer
}
