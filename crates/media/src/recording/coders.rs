//! The two coders of a recording: H.264 that gives each picture back at once, and AAC.
//!
//! Software only: it starts everywhere, and its delay is known. Pictures keep the time at which they were seen; it travels through the
//! coder as nanoseconds and comes out as the same sample.

use super::reel::Reels;
use crate::encode::{aac, h264};
use crate::isobmff::pieces::{ReelAudio, TIMESCALE};
use crate::isobmff::sps;
use crate::{gst as media, trouble};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;
use kinora_document::{FrameRate, FrameSize};
use kinora_ports::{PortError, VideoFrame};
use std::sync::Arc;

const BIT_RATE: u32 = 160_000;
/// Samples handed over at once.
const PORTION: usize = 4_800;

#[derive(Debug)]
pub struct PictureCoder {
    running: media::Running,
    source: gst_app::AppSrc,
    reels: Arc<Reels>,
}

fn encoder(rate: FrameRate, size: FrameSize) -> Result<gst::Element, PortError> {
    let second = (rate.frames / rate.seconds.max(1)).max(1).to_string();
    media::start()?;
    if media::exists("x264enc") {
        let encoder = media::make("x264enc")?;
        // Fast enough for a small machine beside all else it does, and good enough to be keyed.
        for (property, value) in [
            ("speed-preset", "superfast"),
            ("tune", "zerolatency"),
            ("pass", "qual"),
            ("quantizer", "20"),
            ("bitrate", "40000"),
            ("key-int-max", &second),
            ("bframes", "0"),
            ("aud", "false"),
        ] {
            media::set_if_there(&encoder, property, value);
        }
        return Ok(encoder);
    }
    let encoder = media::make("openh264enc")?;
    let per_second = u64::from(size.width) * u64::from(size.height) * u64::from(rate.frames) / u64::from(rate.seconds);
    media::set_if_there(&encoder, "rate-control", "bitrate");
    media::set_if_there(&encoder, "bitrate", &(per_second / 5).max(500_000).to_string());
    media::set_if_there(&encoder, "gop-size", &second);
    Ok(encoder)
}

impl PictureCoder {
    pub fn start(size: FrameSize, rate: FrameRate, reels: &Arc<Reels>) -> Result<Self, PortError> {
        // Pictures come when the camera has them: no rhythm is promised to the coder.
        let caps = gst_video::VideoCapsBuilder::new()
            .format(gst_video::VideoFormat::I420)
            .width(size.width as i32)
            .height(size.height as i32)
            .framerate(gst::Fraction::new(rate.frames as i32, rate.seconds as i32))
            .pixel_aspect_ratio(gst::Fraction::new(1, 1))
            .field("colorimetry", "bt709")
            .field("chroma-site", "mpeg2")
            .field("interlace-mode", "progressive")
            .build();
        let source = media::source(&caps)?;
        let sink = media::sink()?;
        let into = Arc::clone(reels);
        let mut strip = false;
        let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let buffer = sample.buffer().ok_or(gst::FlowError::Error)?;
            let bytes = buffer.map_readable().map_err(|_| gst::FlowError::Error)?;
            // Encoders shift their stamps by a thousand hours; the segment takes that back.
            let segment = sample.segment().and_then(|segment| segment.downcast_ref::<gst::ClockTime>());
            let time = segment.zip(buffer.pts()).and_then(|(segment, pts)| segment.to_running_time(pts));
            let nanos = u128::from(time.ok_or(gst::FlowError::Error)?.nseconds());
            let at = (nanos * u128::from(TIMESCALE) + 500_000_000) / 1_000_000_000;
            if !into.knows_pictures()
                && let Some((config, mended)) = h264::codec_data(&sample).map(h264::mended)
            {
                strip = mended;
                into.pictures_are(size, config);
            }
            let key = !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT);
            let bytes = if strip { sps::without_parameter_sets(&bytes).to_vec() } else { bytes.to_vec() };
            into.picture(bytes, at as u64, key);
            Ok(gst::FlowSuccess::Ok)
        });
        sink.set_callbacks(callbacks.build());
        let packed = gst::Caps::builder("video/x-h264").field("stream-format", "avc").field("alignment", "au").build();
        let running = media::Running::new()?;
        running.chain(&[
            source.upcast_ref(),
            &media::make("videoconvert")?,
            &encoder(rate, size)?,
            &media::make("h264parse")?,
            &media::filter(&packed)?,
            sink.upcast_ref(),
        ])?;
        running.play()?;
        Ok(Self { running, source, reels: Arc::clone(reels) })
    }

    pub fn push(&self, frame: &Arc<VideoFrame>, at: u64) -> Result<(), PortError> {
        let mut buffer = h264::picture_buffer(frame);
        buffer.make_mut().set_pts(media::nanoseconds(at, 1, TIMESCALE));
        self.running.feed(&self.source, buffer)
    }

    pub fn end(&self) -> Result<(), PortError> {
        self.source.end_of_stream().map_err(trouble::encoding)?;
        self.running.wait_for_end(|| self.reels.progress())
    }
}

#[derive(Debug)]
pub struct SoundCoder {
    running: media::Running,
    source: gst_app::AppSrc,
    reels: Arc<Reels>,
    channels: usize,
    fed: u64,
}

impl SoundCoder {
    pub fn start(channels: u16, reels: &Arc<Reels>) -> Result<Self, PortError> {
        let choice = aac::choose()?;
        let caps = gstreamer_audio::AudioCapsBuilder::new_interleaved()
            .format(gstreamer_audio::AUDIO_FORMAT_F32)
            .rate(TIMESCALE as i32)
            .channels(i32::from(channels))
            .build();
        let source = media::source(&caps)?;
        let encoder = media::make(choice.element)?;
        media::set_if_there(&encoder, "bitrate", &BIT_RATE.to_string());
        let sink = media::sink()?;
        let into = Arc::clone(reels);
        let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let buffer = sample.buffer().ok_or(gst::FlowError::Error)?;
            let bytes = buffer.map_readable().map_err(|_| gst::FlowError::Error)?;
            if !into.knows_sound()
                && let Some(config) = h264::codec_data(&sample)
            {
                into.sound_is(ReelAudio { channels, config, bit_rate: BIT_RATE, skip: choice.priming });
            }
            into.packet(bytes.to_vec());
            Ok(gst::FlowSuccess::Ok)
        });
        sink.set_callbacks(callbacks.build());
        let running = media::Running::new()?;
        running.chain(&[
            source.upcast_ref(),
            &media::make("audioconvert")?,
            &encoder,
            &media::make("aacparse")?,
            &media::filter(&aac::packets_alone())?,
            sink.upcast_ref(),
        ])?;
        running.play()?;
        Ok(Self { running, source, reels: Arc::clone(reels), channels: usize::from(channels), fed: 0 })
    }

    pub fn push(&mut self, samples: &[f32]) -> Result<(), PortError> {
        for portion in samples.chunks(PORTION * self.channels) {
            self.running.feed(&self.source, aac::sound_buffer(portion, self.fed, TIMESCALE, self.channels))?;
            self.fed += (portion.len() / self.channels) as u64;
        }
        Ok(())
    }

    /// Fills up with silence, and a little more so that the encoder gives its last packet away.
    pub fn end(&mut self, end: u64) -> Result<(), PortError> {
        let target = end + 4 * u64::from(aac::PACKET);
        while self.fed < target {
            let now = (target - self.fed).min(PORTION as u64) as usize;
            self.push(&vec![0.0; now * self.channels])?;
        }
        self.source.end_of_stream().map_err(trouble::encoding)?;
        self.running.wait_for_end(|| self.reels.progress())
    }
}
