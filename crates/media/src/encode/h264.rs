//! The H.264 encoder: which one, how it is set, and how pictures reach it.
//!
//! Hardware first if it really starts *and* writes what we promise (High profile, colours that can be tagged), then x264, then OpenH264.
//! x264 runs with a fixed number of threads: its output then depends on the film alone, not on the machine's load.

use super::packets::{self, Film};
use crate::isobmff::sps::{self, SequenceFacts, StreamColour};
use crate::{gst as media, trouble};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;
use kinora_ports::media::EncodeSettings;
use kinora_ports::{PortError, VideoFrame};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub element: &'static str,
    /// For people.
    pub name: &'static str,
    hardware: bool,
}

/// Best first.
const CHOICES: &[Choice] = &[
    Choice { element: "nvh264enc", name: "NVENC", hardware: true },
    Choice { element: "vah264enc", name: "VA-API", hardware: true },
    Choice { element: "vtenc_h264_hw", name: "VideoToolbox", hardware: true },
    Choice { element: "mfh264enc", name: "Media Foundation", hardware: true },
    Choice { element: "x264enc", name: "x264", hardware: false },
    Choice { element: "openh264enc", name: "OpenH264", hardware: false },
];

const X264_THREADS: u32 = 6;
const TRIAL_PATIENCE: Duration = Duration::from_secs(3);

pub const BT709: StreamColour = StreamColour { primaries: 1, transfer: 1, matrix: 1, full_range: false };

/// Whether the stream is what players were promised.
pub fn keeps_promise(facts: SequenceFacts) -> bool {
    facts.profile == 100 && facts.chroma_format == 1 && facts.bit_depth == 8 && facts.colour == Some(BT709)
}

pub fn choose(settings: &EncodeSettings, wanted: Option<&str>) -> Result<Choice, PortError> {
    media::start()?;
    if let Some(wanted) = wanted {
        let choice = CHOICES.iter().find(|choice| choice.element == wanted);
        return choice.copied().filter(|choice| media::exists(choice.element)).ok_or_else(|| media::missing(wanted));
    }
    CHOICES
        .iter()
        .find(|choice| {
            media::exists(choice.element) && (!choice.hardware || trial(**choice, settings).is_ok_and(|good| good))
        })
        .copied()
        .ok_or_else(|| media::missing("x264enc"))
}

/// Encodes a few grey pictures and looks at what came out.
fn trial(choice: Choice, settings: &EncodeSettings) -> Result<bool, PortError> {
    let sink = media::sink()?;
    let stream = Stream::build(choice, settings, &sink)?;
    let (width, height) = (settings.size.width, settings.size.height);
    let grey = VideoFrame { width, height, i420: vec![128; VideoFrame::bytes(width, height)] };
    let picture = picture_buffer(&Arc::new(grey));
    for index in 0..4 {
        stream.push(picture.copy(), index)?;
    }
    stream.source.end_of_stream().map_err(trouble::encoding)?;
    let sample = sink.try_pull_sample(gst::ClockTime::from_mseconds(TRIAL_PATIENCE.as_millis() as u64));
    let config = sample.as_ref().and_then(codec_data).map(|config| mended(config).0);
    Ok(config.and_then(|config| sps::from_avc_config(&config)).is_some_and(keeps_promise))
}

/// The configuration with its colours tagged, and whether it had to be mended for that.
pub fn mended(config: Vec<u8>) -> (Vec<u8>, bool) {
    match sps::from_avc_config(&config) {
        Some(facts) if facts.colour != Some(BT709) => match sps::mend_avc_config(&config) {
            Some(better) => (better, true),
            None => (config, false),
        },
        _ => (config, false),
    }
}

pub fn codec_data(sample: &gst::Sample) -> Option<Vec<u8>> {
    let data = sample.caps()?.structure(0)?.get::<gst::Buffer>("codec_data").ok()?;
    Some(data.map_readable().ok()?.as_slice().to_vec())
}

/// A frame that a buffer reads in place.
struct Shared(Arc<VideoFrame>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0.i420
    }
}

/// A frame as the encoder wants it, not copied.
pub fn picture_buffer(frame: &Arc<VideoFrame>) -> gst::Buffer {
    gst::Buffer::from_slice(Shared(Arc::clone(frame)))
}

pub fn i420_caps(settings: &EncodeSettings) -> gst::Caps {
    let rate = gst::Fraction::new(settings.rate.frames as i32, settings.rate.seconds as i32);
    gst_video::VideoCapsBuilder::new()
        .format(gst_video::VideoFormat::I420)
        .width(settings.size.width as i32)
        .height(settings.size.height as i32)
        .framerate(rate)
        .pixel_aspect_ratio(gst::Fraction::new(1, 1))
        .field("colorimetry", "bt709")
        .field("chroma-site", "mpeg2")
        .field("interlace-mode", "progressive")
        .build()
}

fn encoder(choice: Choice, settings: &EncodeSettings) -> Result<gst::Element, PortError> {
    let encoder = media::make(choice.element)?;
    let (rate, size) = (settings.rate, settings.size);
    let per_second = u64::from(size.width) * u64::from(size.height) * u64::from(rate.frames) / u64::from(rate.seconds);
    let set = |property: &str, value: &str| media::set_if_there(&encoder, property, value);
    let two_seconds = (rate.frames * 2 / rate.seconds).max(1).to_string();
    match choice.element {
        "x264enc" => {
            set("speed-preset", "veryfast");
            set("pass", "qual");
            set("quantizer", "18");
            // The ceiling that phones' decoders are built for: about 20 Mbit/s at 1080p30.
            set("bitrate", &(per_second * 32 / 100_000).max(2_000).to_string());
            set("vbv-buf-capacity", "1000");
            set("threads", &X264_THREADS.to_string());
            set("key-int-max", &two_seconds);
            set("aud", "false");
        }
        "openh264enc" => {
            set("rate-control", "bitrate");
            set("bitrate", &(per_second * 16 / 100).max(500_000).to_string());
            set("gop-size", &two_seconds);
            set("complexity", "medium");
        }
        // Hardware: kilobits per second, by the names each uses.
        _ => {
            let kilobits = (per_second * 20 / 100_000).max(1_000).to_string();
            set("bitrate", &kilobits);
            set("gop-size", &two_seconds);
            set("key-int-max", &two_seconds);
            set("max-keyframe-interval", &two_seconds);
        }
    }
    Ok(encoder)
}

/// Pictures in, coded pictures out.
#[derive(Debug)]
pub struct Stream {
    running: media::Running,
    pub source: gst_app::AppSrc,
    rate: (u32, u32),
}

impl Stream {
    fn build(choice: Choice, settings: &EncodeSettings, sink: &gst_app::AppSink) -> Result<Self, PortError> {
        let source = media::source(&i420_caps(settings))?;
        let profile = media::filter(&gst::Caps::builder("video/x-h264").field("profile", "high").build())?;
        let packed = gst::Caps::builder("video/x-h264").field("stream-format", "avc").field("alignment", "au").build();
        let running = media::Running::new()?;
        running.chain(&[
            source.upcast_ref(),
            &media::make("videoconvert")?,
            &encoder(choice, settings)?,
            &profile,
            &media::make("h264parse")?,
            &media::filter(&packed)?,
            sink.upcast_ref(),
        ])?;
        running.play()?;
        Ok(Self { running, source, rate: (settings.rate.seconds, settings.rate.frames) })
    }

    /// Coded pictures go straight into `film`.
    pub fn start(choice: Choice, settings: &EncodeSettings, film: &Arc<Mutex<Film>>) -> Result<Self, PortError> {
        let sink = media::sink()?;
        let film = Arc::clone(film);
        let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let buffer = sample.buffer().ok_or(gst::FlowError::Error)?;
            let bytes = buffer.map_readable().map_err(|_| gst::FlowError::Error)?;
            let time = buffer.pts().ok_or(gst::FlowError::Error)?.nseconds();
            let mut film = packets::lock(&film);
            if film.avc_config.is_none()
                && let Some((config, strip)) = codec_data(&sample).map(mended)
            {
                (film.avc_config, film.strip_parameter_sets) = (Some(config), strip);
            }
            let sync = !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT);
            if film.strip_parameter_sets {
                film.picture(&sps::without_parameter_sets(&bytes), time, sync);
            } else {
                film.picture(&bytes, time, sync);
            }
            if film.error.is_some() { Err(gst::FlowError::Error) } else { Ok(gst::FlowSuccess::Ok) }
        });
        sink.set_callbacks(callbacks.build());
        Self::build(choice, settings, &sink)
    }

    pub fn push(&self, mut buffer: gst::Buffer, index: u64) -> Result<(), PortError> {
        let (seconds, frames) = self.rate;
        let (start, end) = (media::nanoseconds(index, seconds, frames), media::nanoseconds(index + 1, seconds, frames));
        let head = buffer.make_mut();
        head.set_pts(start);
        head.set_duration(end.saturating_sub(start));
        self.running.feed(&self.source, buffer)
    }

    pub fn end(&self, progress: impl Fn() -> u64) -> Result<(), PortError> {
        self.source.end_of_stream().map_err(trouble::encoding)?;
        self.running.wait_for_end(progress)
    }
}
