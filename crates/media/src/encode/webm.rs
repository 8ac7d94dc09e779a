//! WebM: VP9 and Opus, for the web.
//!
//! GStreamer lays this file out itself. Sound is handed over only as far as the pictures have come, so the muxer never waits for one
//! while the other piles up. As everywhere, the name appears only after the file was closed and looked at.

use super::{aac, check_frame, check_picture, h264, nothing_to_repeat, nothing_to_write, sound_frames};
use crate::part::PartFile;
use crate::{gst as media, probe, trouble};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use kinora_ports::media::{EncodeSettings, Sealing};
use kinora_ports::{Encoding, Pixels, PortError, VideoFrame};
use std::path::Path;
use std::sync::Arc;

#[derive(Debug)]
pub struct WebmEncoding {
    running: media::Running,
    video: gst_app::AppSrc,
    audio: Option<Opus>,
    part: PartFile,
    settings: EncodeSettings,
    last: Option<gst::Buffer>,
    pictures: u64,
}

#[derive(Debug)]
struct Opus {
    source: gst_app::AppSrc,
    rate: u32,
    waiting: Vec<f32>,
    fed: u64,
}

/// The encoder of sound as exports set it.
pub fn opus() -> Result<gst::Element, PortError> {
    let opus = media::make("opusenc")?;
    media::set_if_there(&opus, "bitrate", "160000");
    Ok(opus)
}

impl WebmEncoding {
    pub fn start(settings: &EncodeSettings, path: &Path) -> Result<Self, PortError> {
        let running = media::Running::new()?;
        let encoder = media::make("vp9enc")?;
        let (rate, size) = (settings.rate, settings.size);
        let bits =
            u64::from(size.width) * u64::from(size.height) * u64::from(rate.frames) / u64::from(rate.seconds) / 8;
        let set = |property: &str, value: &str| media::set_if_there(&encoder, property, value);
        set("deadline", "1");
        set("cpu-used", "5");
        set("row-mt", "true");
        set("threads", "4");
        set("end-usage", "vbr");
        set("target-bitrate", &bits.clamp(300_000, 40_000_000).to_string());
        set("max-quantizer", "40");
        set("keyframe-max-dist", &(rate.frames * 4 / rate.seconds).max(1).to_string());
        let part = PartFile::create(path)?;
        let file = media::make("filesink")?;
        file.set_property("location", part.path().to_string_lossy().as_ref());
        // Neither time of day nor a seekless header.
        let muxer = media::make("webmmux")?;
        media::set_if_there(&muxer, "offset-to-zero", "true");
        let queue = || -> Result<gst::Element, PortError> {
            let queue = media::make("queue")?;
            // Compressed, and as long as the other stream lags: bounded by the film.
            queue.set_property("max-size-buffers", 0u32);
            queue.set_property("max-size-bytes", 0u32);
            queue.set_property("max-size-time", 0u64);
            Ok(queue)
        };
        let video = media::source(&h264::i420_caps(settings))?;
        running.chain(&[video.upcast_ref(), &encoder, &queue()?, &muxer, &file])?;
        let audio = match settings.sound_rate {
            None => None,
            Some(rate) => {
                let source = media::source(&aac::sound_caps(settings, rate))?;
                let at_rate =
                    media::filter(&gst::Caps::builder("audio/x-raw").field("rate", aac::RATE as i32).build())?;
                let opus = opus()?;
                let (convert, resample, queue) =
                    (media::make("audioconvert")?, media::make("audioresample")?, queue()?);
                let chain = [source.upcast_ref(), &convert, &resample, &at_rate, &opus, &queue];
                running.chain(&chain)?;
                queue.link(&muxer).map_err(trouble::encoding)?;
                Some(Opus { source, rate, waiting: Vec::new(), fed: 0 })
            }
        };
        running.play()?;
        Ok(Self { running, video, audio, part, settings: settings.clone(), last: None, pictures: 0 })
    }

    fn push(&mut self, mut buffer: gst::Buffer) -> Result<(), PortError> {
        let (seconds, frames) = (self.settings.rate.seconds, self.settings.rate.frames);
        let (from, to) = (
            media::nanoseconds(self.pictures, seconds, frames),
            media::nanoseconds(self.pictures + 1, seconds, frames),
        );
        let head = buffer.make_mut();
        head.set_pts(from);
        head.set_duration(to.saturating_sub(from));
        self.running.feed(&self.video, buffer)?;
        self.pictures += 1;
        self.push_sound(false)
    }

    /// As far as the pictures have come; at the end exactly that far, with silence if need be.
    fn push_sound(&mut self, end: bool) -> Result<(), PortError> {
        let Some(audio) = &mut self.audio else { return Ok(()) };
        let channels = usize::from(self.settings.sound_channels.max(1));
        let due = sound_frames(&self.settings, self.pictures, audio.rate).saturating_sub(audio.fed) as usize * channels;
        if end {
            audio.waiting.resize(due, 0.0);
        }
        let now = due.min(audio.waiting.len());
        if now == 0 || (!end && now < channels * 4800) {
            return Ok(());
        }
        let rest = audio.waiting.split_off(now);
        let samples = std::mem::replace(&mut audio.waiting, rest);
        for portion in samples.chunks(channels * 12_000) {
            let buffer = aac::sound_buffer(portion, audio.fed, audio.rate, channels);
            self.running.feed(&audio.source, buffer)?;
            audio.fed += (portion.len() / channels) as u64;
        }
        Ok(())
    }

    fn explain<T>(&self, result: Result<T, PortError>) -> Result<T, PortError> {
        // filesink reports a full disk in words only.
        result.map_err(|error| match error {
            PortError::Failed(fault)
                if ["No space left", "no space left", "File too large"]
                    .iter()
                    .any(|words| fault.detail.contains(words)) =>
            {
                self.part.trouble(&std::io::ErrorKind::StorageFull.into())
            }
            other => other,
        })
    }
}

impl Encoding for WebmEncoding {
    fn encoder_name(&self) -> &'static str {
        "VP9"
    }
    fn takes_video(&self) -> bool {
        true
    }
    fn picture(&mut self, pixels: &Pixels) -> Result<(), PortError> {
        check_picture(&self.settings, pixels)?;
        self.video(&Arc::new(VideoFrame::of(pixels)))
    }
    fn video(&mut self, frame: &Arc<VideoFrame>) -> Result<(), PortError> {
        check_frame(&self.settings, frame)?;
        let buffer = h264::picture_buffer(frame);
        self.last = Some(buffer.copy());
        let pushed = self.push(buffer);
        self.explain(pushed)
    }
    fn repeat_picture(&mut self) -> Result<(), PortError> {
        let buffer = self.last.as_ref().ok_or_else(nothing_to_repeat)?.copy();
        let pushed = self.push(buffer);
        self.explain(pushed)
    }
    fn sound(&mut self, samples: &[f32]) -> Result<(), PortError> {
        if let Some(audio) = &mut self.audio {
            audio.waiting.extend_from_slice(samples);
        }
        let pushed = self.push_sound(false);
        self.explain(pushed)
    }
    fn finish_sealed(mut self: Box<Self>, seal: Option<&mut Sealing<'_>>) -> Result<(), PortError> {
        if self.pictures == 0 {
            return Err(nothing_to_write());
        }
        let pushed = self.push_sound(true);
        self.explain(pushed)?;
        self.video.end_of_stream().map_err(trouble::encoding)?;
        if let Some(audio) = &self.audio {
            audio.source.end_of_stream().map_err(trouble::encoding)?;
        }
        let part_path = self.part.path().to_owned();
        let ended = self.running.wait_for_end(|| {
            std::fs::metadata(&part_path).map_or(0, |data| data.len()) + self.video.current_level_bytes()
        });
        self.explain(ended)?;
        let Self { running, video, audio, part, settings, pictures, .. } = *self;
        let with_sound = audio.is_some();
        drop((running, video, audio));
        part.commit(seal, |path| {
            let info = probe::stream_info(path)?;
            let frame = settings.rate.frame_length();
            let off = (info.length - super::picture_length(&settings, pictures)).0.abs();
            let good = info.size == Some(settings.size) && info.has_sound == with_sound && off <= frame.0 * 2;
            if good { Ok(()) } else { Err(trouble::encoding(format!("the finished file is wrong: {info:?}"))) }
        })
    }
}
