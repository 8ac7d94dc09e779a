//! One camera, running: its own form of picture to I420 in BT.709 at the wished size, each with the moment it was taken.
//!
//! No picture is made up or left out here to reach a rate; what the camera gives is what is handed on. The moment is the driver's, and
//! where a driver's stamp cannot be true, that of arrival, read before anything is done with the picture: a converter that is late must
//! not make its pictures look late.

use super::Belt;
use super::devices::Found;
use crate::{gst as media, trouble};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;
use kinora_ports::capture::{CaptureWish, Captured, DeviceKind};
use kinora_ports::{PortError, VideoFrame};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// A stamp that is older than this where the picture leaves its source, or from the future, is none.
const OLDEST: Duration = Duration::from_millis(500);

pub fn open(found: &Found, form: &gst::Caps, wish: &CaptureWish, belt: &Belt) -> Result<media::Running, PortError> {
    let source = found.device.create_element(None).map_err(trouble::encoding)?;
    // What waits here must not be what a camera of PipeWire's writes into: it has eight pictures, and without a free one it drops.
    media::set_if_there(&source, "always-copy", "true");
    let running = media::Running::new()?;
    let queue = media::make("queue")?;
    // A converter that is late loses no picture for two seconds.
    queue.set_property("max-size-buffers", 60u32);
    queue.set_property("max-size-bytes", 0u32);
    queue.set_property("max-size-time", 0u64);
    queue.set_property_from_str("leaky", "downstream");
    // What it leaves out is counted with the rest.
    let left_out = Arc::clone(&belt.dropped);
    queue.connect("overrun", false, move |_| {
        left_out.fetch_add(1, Ordering::AcqRel);
        None
    });
    let caps = gst_video::VideoCapsBuilder::new()
        .format(gst_video::VideoFormat::I420)
        .width(wish.size.width as i32)
        .height(wish.size.height as i32)
        .pixel_aspect_ratio(gst::Fraction::new(1, 1))
        .field("colorimetry", "bt709")
        .build();
    let (convert, scale) = (media::make("videoconvert")?, media::make("videoscale")?);
    media::set_if_there(&convert, "n-threads", "2");
    media::set_if_there(&scale, "add-borders", "true");
    let sink = media::sink()?;
    sink.set_max_buffers(4);
    let jpeg = form.structure(0).is_some_and(|structure| structure.name() == "image/jpeg");
    let decoder = if jpeg { media::make("jpegdec")? } else { media::make("identity")? };
    running.chain(&[
        &source,
        &media::filter(form)?,
        &queue,
        &decoder,
        &convert,
        &scale,
        &media::filter(&caps)?,
        sink.upcast_ref(),
    ])?;
    let clock = gst::SystemClock::obtain();
    running.pipeline().use_clock(Some(&clock));
    stamp_arrivals(&source, &running, &clock);
    let pipeline = running.pipeline().downgrade();
    let (theirs, mut last) = (belt.clone(), None);
    let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |sink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        let now = Instant::now();
        let age = pipeline.upgrade().and_then(|pipeline| {
            let segment = sample.segment()?.downcast_ref::<gst::ClockTime>()?;
            age(&pipeline, &clock, segment, sample.buffer()?.pts()?)
        });
        let mut at = theirs.since(age.and_then(|age| now.checked_sub(age)).unwrap_or(now));
        // Pictures are in order, whatever a driver stamps.
        if let Some(last) = last.filter(|last| *last >= at) {
            at = last + Duration::from_micros(1);
        }
        last = Some(at);
        if let Some(frame) = picture(&sample) {
            theirs.put(Captured::Picture { frame: Arc::new(frame), at });
        }
        Ok(gst::FlowSuccess::Ok)
    });
    sink.set_callbacks(callbacks.build());
    let theirs = belt.clone();
    if let Some(bus) = running.pipeline().bus() {
        bus.set_sync_handler(move |_, message| {
            let detail = match message.view() {
                gst::MessageView::Error(error) => Some(error.error().to_string()),
                gst::MessageView::Eos(_) => Some("the camera ended".to_owned()),
                _ => None,
            };
            if let Some(detail) = detail {
                theirs.put(Captured::Lost { device: DeviceKind::Camera, detail });
            }
            gst::BusSyncReply::Drop
        });
    }
    running.play()?;
    Ok(running)
}

/// A picture whose stamp cannot be true is stamped with its arrival, where it leaves the source.
fn stamp_arrivals(source: &gst::Element, running: &media::Running, clock: &gst::Clock) {
    let Some(pad) = source.static_pad("src") else { return };
    let (pipeline, clock) = (running.pipeline().downgrade(), clock.clone());
    pad.add_probe(gst::PadProbeType::BUFFER, move |pad, probe| {
        let stamped = || {
            let (pipeline, event) = (pipeline.upgrade()?, pad.sticky_event::<gst::event::Segment>(0)?);
            let segment = event.segment().downcast_ref::<gst::ClockTime>()?;
            let pts = probe.buffer()?.pts();
            let age = pts.and_then(|pts| age(&pipeline, &clock, segment, pts));
            if age.is_some_and(|age| age <= OLDEST) {
                return None;
            }
            segment.position_from_running_time(clock.time().checked_sub(pipeline.base_time()?)?)
        };
        if let Some(arrival) = stamped()
            && let Some(buffer) = probe.buffer_mut()
        {
            buffer.make_mut().set_pts(arrival);
        }
        gst::PadProbeReturn::Ok
    });
}

/// How long ago a picture was taken, by its stamp; none where that lies ahead.
fn age(
    pipeline: &gst::Pipeline,
    clock: &gst::Clock,
    segment: &gst::FormattedSegment<gst::ClockTime>,
    pts: gst::ClockTime,
) -> Option<Duration> {
    let running = segment.to_running_time(pts)?;
    let now = clock.time().checked_sub(pipeline.base_time()?)?;
    Some(Duration::from_nanos(now.checked_sub(running)?.nseconds()))
}

/// Copied plane by plane, without padding.
fn picture(sample: &gst::Sample) -> Option<VideoFrame> {
    let info = gst_video::VideoInfo::from_caps(sample.caps()?).ok()?;
    let frame = gst_video::VideoFrameRef::from_buffer_ref_readable(sample.buffer()?, &info).ok()?;
    let (width, height) = (info.width(), info.height());
    let mut i420 = Vec::with_capacity(VideoFrame::bytes(width, height));
    for plane in 0..3u32 {
        let (columns, rows) = if plane == 0 { (width, height) } else { (width.div_ceil(2), height.div_ceil(2)) };
        let stride = usize::try_from(*frame.plane_stride().get(plane as usize)?).ok()?;
        let data = frame.plane_data(plane).ok()?;
        for row in data.chunks(stride.max(1)).take(rows as usize) {
            i420.extend_from_slice(row.get(..columns as usize)?);
        }
    }
    (i420.len() == VideoFrame::bytes(width, height)).then_some(VideoFrame { width, height, i420 })
}
