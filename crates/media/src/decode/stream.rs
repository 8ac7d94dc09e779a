//! Movies through GStreamer: any container and codec it knows, one picture at a time, at the picture's exact place.
//!
//! A film is a grid of frames; a file may not be. So each index stands for a moment (the middle of its frame), and the picture shown at
//! that moment is the answer, whatever the file's own rhythm. Forward is decoding on, elsewhere is seeking to the key frame before.
//! A codec that falls silent must not take the caller with it.

use super::material::Material;
use super::sound::read_sound;
use crate::{gst as media, probe, trouble};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;
use kinora_document::{FrameRate, FrameSize, MediaKind};
use kinora_ports::media::MovieInfo;
use kinora_ports::{Movie, Pixels, PortError, Sound};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest wait for one picture.
const PATIENCE: Duration = Duration::from_millis(4_000);
/// How far ahead decoding on is cheaper than seeking.
const DECODE_ON_NANOSECONDS: i64 = 1_500_000_000;

#[derive(Debug)]
pub struct StreamMovie {
    material: Material,
    info: MovieInfo,
    player: Option<Player>,
}

impl StreamMovie {
    pub fn open(path: &Path) -> Result<Self, PortError> {
        Ok(Self { material: Material::File(path.to_owned()), info: probe::stream_info(path)?, player: None })
    }

    /// An MP4 that is nowhere but in memory.
    pub fn open_bytes(bytes: Arc<[u8]>) -> Result<Self, PortError> {
        let material = Material::Memory(bytes);
        let info = probe::boxed_info(&material)?;
        Ok(Self { material, info, player: None })
    }
}

impl Movie for StreamMovie {
    fn info(&self) -> &MovieInfo {
        &self.info
    }
    fn frame(&mut self, index: u32) -> Result<Pixels, PortError> {
        let size =
            self.info.size.ok_or_else(|| trouble::unreadable(self.material.name(), "there is no picture in it"))?;
        let rate = self.info.rate.unwrap_or(FrameRate::FPS_24);
        let index = u64::from(index.min(self.info.frames.saturating_sub(1)));
        // The middle of the frame, in nanoseconds.
        let target = media::nanoseconds(index * 2 + 1, rate.seconds, rate.frames * 2).nseconds() as i64;
        let player = match &mut self.player {
            Some(player) => player,
            none => none.insert(Player::start(&self.material, size)?),
        };
        let picture = player.at(target);
        if picture.is_err() {
            // A broken pipeline stays broken: the next request starts a new one.
            self.player = None;
        }
        picture.map_err(|detail| trouble::unreadable(self.material.name(), detail))
    }
    fn sound(&mut self) -> Result<Option<Sound>, PortError> {
        if !self.info.has_sound {
            return Ok(None);
        }
        debug_assert!(self.info.kind != MediaKind::Picture);
        read_sound(&self.material)
    }
}

/// A decoded picture and when it is shown, in nanoseconds.
#[derive(Debug)]
struct Shown {
    time: i64,
    sample: gst::Sample,
}

#[derive(Debug)]
struct Player {
    sink: gst_app::AppSink,
    running: media::Running,
    current: Option<Shown>,
    next: Option<Shown>,
    ended: bool,
}

/// Builds `file → decoder → …` and links the first stream of the wanted kind to `into`; streams of the other kind stay compressed.
pub fn decode_into(
    running: &media::Running,
    material: &Material,
    into: &gst::Element,
    wanted: &'static str,
) -> Result<(), PortError> {
    let file = material.element()?;
    let decoder = media::make("decodebin")?;
    // Hardware decoders differ from machine to machine and keep pictures where we cannot reach them.
    media::set_if_there(&decoder, "force-sw-decoders", "true");
    let unwanted = if wanted == "video" { "Audio" } else { "Video" };
    decoder.connect("autoplug-select", false, move |arguments| {
        let factory = arguments.get(3)?.get::<gst::ElementFactory>().ok()?;
        let klass = factory.metadata("klass").unwrap_or_default();
        // 0 tries this element, 1 hands the stream out as it is.
        let answer = i32::from(klass.contains("Decoder") && (klass.contains(unwanted) || klass.contains("Subtitle")));
        let kind = gst::glib::Type::from_name("GstAutoplugSelectResult")?;
        gst::glib::EnumClass::with_type(kind)?.to_value(answer)
    });
    running.chain(&[&file, &decoder])?;
    let into = into.downgrade();
    decoder.connect_pad_added(move |_, pad| {
        let kind = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
        let raw = kind.structure(0).is_some_and(|structure| structure.name() == format!("{wanted}/x-raw").as_str());
        if let (true, Some(sink)) = (raw, into.upgrade().and_then(|into| into.static_pad("sink")))
            && !sink.is_linked()
        {
            _ = pad.link(&sink);
        }
    });
    Ok(())
}

impl Player {
    fn start(material: &Material, size: FrameSize) -> Result<Self, PortError> {
        let running = media::Running::new()?;
        let sink = media::sink()?;
        sink.set_max_buffers(3);
        let caps = gst_video::VideoCapsBuilder::new()
            .format(gst_video::VideoFormat::Rgba)
            .width(size.width as i32)
            .height(size.height as i32)
            .pixel_aspect_ratio(gst::Fraction::new(1, 1));
        let (flip, scale, convert) =
            (media::make("videoflip")?, media::make("videoscale")?, media::make("videoconvert")?);
        media::set_if_there(&flip, "video-direction", "auto");
        media::set_if_there(&convert, "n-threads", "0");
        media::set_if_there(&scale, "add-borders", "false");
        let queue = media::make("queue")?;
        queue.set_property("max-size-buffers", 4u32);
        running.chain(&[&queue, &flip, &scale, &convert, &media::filter(&caps.build())?, sink.upcast_ref()])?;
        decode_into(&running, material, &queue, "video")?;
        running.play()?;
        Ok(Self { sink, running, current: None, next: None, ended: false })
    }

    /// The picture shown at `target`.
    fn at(&mut self, target: i64) -> Result<Pixels, String> {
        self.advance_to_first()?;
        let behind = self.current.as_ref().is_some_and(|current| current.time > target);
        let newest = self.next.as_ref().or(self.current.as_ref()).map_or(0, |shown| shown.time);
        let far = !self.ended && target > newest + DECODE_ON_NANOSECONDS;
        if (behind && !self.at_start()) || far {
            self.seek(target)?;
            self.advance_to_first()?;
            if self.current.as_ref().is_none_or(|current| current.time > target) && target > 0 {
                // The file's index is wrong: from the start, then.
                self.seek(0)?;
                self.advance_to_first()?;
            }
        }
        loop {
            if self.next.is_none() && !self.ended {
                self.next = self.pull()?;
                self.ended = self.next.is_none();
            }
            match self.next.take_if(|next| next.time <= target) {
                Some(next) => self.current = Some(next),
                None => break,
            }
        }
        let current = self.current.as_ref().ok_or("no picture could be decoded")?;
        pixels(&current.sample).ok_or_else(|| "the decoder gave a picture of another form".to_owned())
    }

    /// Nothing lies before the picture in hand.
    fn at_start(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.time <= 0)
    }

    fn advance_to_first(&mut self) -> Result<(), String> {
        if self.current.is_none() && !self.ended {
            self.current = self.pull()?;
            self.ended = self.current.is_none();
        }
        Ok(())
    }

    fn seek(&mut self, target: i64) -> Result<(), String> {
        (self.current, self.next, self.ended) = (None, None, false);
        let flags = gst::SeekFlags::FLUSH | gst::SeekFlags::KEY_UNIT | gst::SeekFlags::SNAP_BEFORE;
        let to = gst::ClockTime::from_nseconds(target.max(0) as u64);
        self.running.pipeline().seek_simple(flags, to).map_err(|error| error.to_string())
    }

    /// None at the end. A stream that breaks after it began ends where it broke.
    fn pull(&mut self) -> Result<Option<Shown>, String> {
        let since = Instant::now();
        loop {
            if let Some(sample) = self.sink.try_pull_sample(gst::ClockTime::from_mseconds(40)) {
                let time = sample.buffer().and_then(gst::BufferRef::pts).and_then(|pts| {
                    let segment = sample.segment()?.downcast_ref::<gst::ClockTime>()?;
                    segment.to_stream_time(pts)
                });
                let unknown = self.current.as_ref().map_or(0, |current| current.time + 1);
                return Ok(Some(Shown { time: time.map_or(unknown, |time| time.nseconds() as i64), sample }));
            }
            if self.sink.is_eos() {
                return Ok(None);
            }
            if let Some(complaint) = self.running.complaint() {
                return if self.current.is_some() { Ok(None) } else { Err(complaint) };
            }
            if since.elapsed() > PATIENCE {
                return Err("the decoder did not answer".to_owned());
            }
        }
    }
}

fn pixels(sample: &gst::Sample) -> Option<Pixels> {
    let info = gst_video::VideoInfo::from_caps(sample.caps()?).ok()?;
    let frame = gst_video::VideoFrameRef::from_buffer_ref_readable(sample.buffer()?, &info).ok()?;
    let (width, height) = (info.width(), info.height());
    let (stride, row) = (usize::try_from(*frame.plane_stride().first()?).ok()?, width as usize * 4);
    let data = frame.plane_data(0).ok()?;
    let mut rgba = Vec::with_capacity(row * height as usize);
    for line in data.chunks(stride.max(row)).take(height as usize) {
        rgba.extend_from_slice(line.get(..row)?);
    }
    Pixels::from_rgba(width, height, rgba)
}
