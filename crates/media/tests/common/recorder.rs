//! A recorder with a test picture in front of it, and what the tests ask of what it recorded.
//!
//! The whole way of a recording: capture, one clock, coders, pieces, keep. Flashes and clicks are found again in the finished file, each
//! to its sample.

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use kinora_backend::{Recorded, Recorder, RecorderState};
use kinora_document::{FrameRate, FrameSize};
use kinora_media::GstRecordingCodec;
use kinora_ports::capture::{CaptureWish, DeviceChoice};
use kinora_ports::{Capture, Keep};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Keeps in memory, and is full after so many bytes.
#[derive(Clone, Debug)]
pub struct MemoryKeep {
    pub bytes: Arc<Mutex<Vec<u8>>>,
    pub room: usize,
}

impl Default for MemoryKeep {
    fn default() -> Self {
        Self { bytes: Arc::default(), room: usize::MAX }
    }
}

impl Keep for MemoryKeep {
    fn append(&mut self, piece: &[u8]) -> io::Result<()> {
        let mut bytes = self.bytes.lock().unwrap();
        if bytes.len() + piece.len() > self.room {
            return Err(io::ErrorKind::StorageFull.into());
        }
        bytes.extend_from_slice(piece);
        Ok(())
    }
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub fn wish(width: u32, height: u32) -> CaptureWish {
    CaptureWish {
        camera: DeviceChoice::Default,
        microphone: DeviceChoice::Default,
        size: FrameSize { width, height },
        rate: FrameRate::FPS_30,
    }
}

pub fn recorder(capture: impl Capture + 'static) -> Recorder {
    Recorder::new(Arc::new(capture), Arc::new(GstRecordingCodec::new()))
}

/// Waits for a state; the last one seen is in the failure.
pub fn wait<T>(recorder: &Recorder, patience: Duration, is: impl Fn(&RecorderState) -> Option<T>) -> T {
    let until = Instant::now() + patience;
    loop {
        let state = recorder.state();
        if let Some(found) = is(&state) {
            return found;
        }
        assert!(Instant::now() < until, "waited {patience:?}, and the recorder is {state:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Records until so much is recorded.
pub fn record(recorder: &Recorder, keep: impl Keep + 'static, millis: u64, patience: Duration) -> Recorded {
    recorder.record(Box::new(keep), Duration::ZERO).unwrap();
    wait(recorder, patience, |state| match state {
        RecorderState::Recording { millis: now, .. } => (*now >= millis).then_some(()),
        RecorderState::Ended { cut_short, .. } => panic!("it ended: {cut_short:?}"),
        _ => None,
    });
    let (recorded, cut_short) = recorder.stop().unwrap();
    assert_eq!(cut_short, None);
    recorded
}

/// Seconds at which the picture flashes and the sound clicks, and how many pictures there are.
#[derive(Debug)]
pub struct Found {
    pub flashes: Vec<f64>,
    pub clicks: Vec<f64>,
    pub frames: usize,
}

pub fn find(path: &Path) -> Found {
    let mut lumas = Vec::new();
    pull(path, "videoconvert ! video/x-raw,format=GRAY8", |bytes, time| {
        lumas.push((time, bytes.iter().map(|&luma| f64::from(luma)).sum::<f64>() / bytes.len().max(1) as f64));
    });
    let (low, high) = lumas.iter().fold((f64::MAX, 0f64), |(low, high), (_, luma)| (low.min(*luma), high.max(*luma)));
    let bright = |luma: f64| luma > (low + high) / 2.0 && high - low > 40.0;
    let mut flashes = Vec::new();
    for pair in lumas.windows(2) {
        if !bright(pair[0].1) && bright(pair[1].1) {
            flashes.push(pair[1].0);
        }
    }
    let mut clicks: Vec<f64> = Vec::new();
    pull(path, "audioconvert ! audio/x-raw,format=F32LE,channels=1", |bytes, time| {
        for (at, sample) in bytes.as_chunks::<4>().0.iter().enumerate() {
            let when = time + at as f64 / 48_000.0;
            if f32::from_le_bytes(*sample).abs() > 0.15 && clicks.last().is_none_or(|last| when > last + 0.5) {
                clicks.push(when);
            }
        }
    });
    Found { flashes, clicks, frames: lumas.len() }
}

pub fn pull(path: &Path, convert: &str, mut each: impl FnMut(&[u8], f64)) {
    gst::init().unwrap();
    let line = format!("filesrc name=file ! decodebin ! {convert} ! appsink name=sink sync=false max-buffers=8");
    let pipeline = gst::parse::launch(&line).unwrap().downcast::<gst::Pipeline>().unwrap();
    pipeline.by_name("file").unwrap().set_property("location", path);
    let sink = pipeline.by_name("sink").unwrap().downcast::<gst_app::AppSink>().unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    while let Ok(sample) = sink.pull_sample() {
        let buffer = sample.buffer().unwrap();
        let segment = sample.segment().unwrap().downcast_ref::<gst::ClockTime>().unwrap();
        let time = segment.to_stream_time(buffer.pts().unwrap()).unwrap_or_default();
        each(&buffer.map_readable().unwrap(), time.nseconds() as f64 / 1e9);
    }
    pipeline.set_state(gst::State::Null).unwrap();
}

/// Each flash with the click nearest to it: seconds by which the click comes later.
pub fn offsets(found: &Found) -> Vec<f64> {
    let nearest = |flash: &f64| {
        let click = found.clicks.iter().min_by(|a, b| (*a - flash).abs().total_cmp(&(*b - flash).abs()))?;
        ((click - flash).abs() < 0.5).then_some(click - flash)
    };
    found.flashes.iter().filter_map(nearest).collect()
}
