//! The little of GStreamer that every file here needs: starting it, making elements, feeding, waiting, stopping.
//!
//! Codecs are others' code: they may be missing, fail, or never answer. So each wait here has an end, a missing element is named with
//! the package that brings it, and a pipeline that will not stop is left to a thread of its own. Nothing here may wait for ever.

use crate::trouble;
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use kinora_ports::{Fault, PortError};
use std::sync::OnceLock;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// Longest silence of a codec before it counts as hung. Slow machines at 4K stay far below it.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How long a pipeline may take to stop before it is left behind.
const STOP_PATIENCE: Duration = Duration::from_secs(2);
/// Buffers waiting in front of an encoder: enough to keep it busy, few enough to keep memory flat.
const BUFFERS_AHEAD: u64 = 4;

/// Once per process.
pub fn start() -> Result<(), PortError> {
    static STARTED: OnceLock<Result<(), String>> = OnceLock::new();
    STARTED.get_or_init(|| gst::init().map_err(|error| error.to_string())).clone().map_err(|detail| {
        Fault::new(
            "Film and sound files cannot be read or written, because GStreamer did not start.",
            "Install GStreamer again (on Debian and Ubuntu: libgstreamer1.0-0 gstreamer1.0-plugins-base), then start Kinora again.",
            detail,
        )
        .into()
    })
}

/// The Debian package that brings an element.
fn package_of(element: &str) -> &'static str {
    match element {
        "x264enc" => "gstreamer1.0-plugins-ugly",
        "openh264enc" | "voaacenc" | "h264parse" => "gstreamer1.0-plugins-bad",
        "webmmux" | "vp9enc" | "aacparse" => "gstreamer1.0-plugins-good",
        "filesink" | "filesrc" | "queue" | "capsfilter" | "fakesink" => "libgstreamer1.0-0",
        name if name.starts_with("avenc") || name.starts_with("avdec") => "gstreamer1.0-libav",
        _ => "gstreamer1.0-plugins-base",
    }
}

pub fn missing(element: &str) -> PortError {
    let package = package_of(element);
    Fault::new(
        format!("The GStreamer part “{element}” is not installed, and without it this file cannot be read or written."),
        format!("Install it (on Debian and Ubuntu: sudo apt install {package}), then try again."),
        format!("gst element {element} not found; package {package}"),
    )
    .into()
}

pub fn exists(element: &str) -> bool {
    gst::ElementFactory::find(element).is_some()
}

pub fn make(element: &str) -> Result<gst::Element, PortError> {
    start()?;
    gst::ElementFactory::make(element).build().map_err(|_| missing(element))
}

/// Sets a property that this version or build of the element may not have.
pub fn set_if_there(element: &gst::Element, property: &str, value: &str) {
    if element.find_property(property).is_some() {
        element.set_property_from_str(property, value);
    }
}

pub fn filter(caps: &gst::Caps) -> Result<gst::Element, PortError> {
    let filter = make("capsfilter")?;
    filter.set_property("caps", caps);
    Ok(filter)
}

/// A pipeline that stops when it goes out of scope.
#[derive(Debug)]
pub struct Running {
    pipeline: gst::Pipeline,
}

impl Running {
    pub fn new() -> Result<Self, PortError> {
        start()?;
        Ok(Self { pipeline: gst::Pipeline::new() })
    }
    pub fn pipeline(&self) -> &gst::Pipeline {
        &self.pipeline
    }
    pub fn add(&self, elements: &[&gst::Element]) -> Result<(), PortError> {
        self.pipeline.add_many(elements.iter().copied()).map_err(trouble::encoding)
    }
    /// Adds and joins in order.
    pub fn chain(&self, elements: &[&gst::Element]) -> Result<(), PortError> {
        self.add(elements)?;
        gst::Element::link_many(elements.iter().copied()).map_err(trouble::encoding)
    }
    pub fn play(&self) -> Result<(), PortError> {
        match self.pipeline.set_state(gst::State::Playing) {
            Ok(_) => Ok(()),
            Err(error) => Err(trouble::encoding(self.complaint().unwrap_or_else(|| error.to_string()))),
        }
    }
    /// The first error on the bus, if any was posted.
    pub fn complaint(&self) -> Option<String> {
        let message = self.pipeline.bus()?.pop_filtered(&[gst::MessageType::Error])?;
        match message.view() {
            gst::MessageView::Error(error) => {
                Some(format!("{} ({})", error.error(), error.debug().unwrap_or_default()))
            }
            _ => None,
        }
    }
    /// Waits until the bus says the end was reached. `progress` is asked for a number that changes while there is life.
    pub fn wait_for_end(&self, progress: impl Fn() -> u64) -> Result<(), PortError> {
        let bus = self.pipeline.bus().ok_or_else(|| trouble::encoding("no bus"))?;
        let (mut seen, mut since) = (progress(), Instant::now());
        loop {
            let message = bus.timed_pop_filtered(
                gst::ClockTime::from_mseconds(100),
                &[gst::MessageType::Eos, gst::MessageType::Error],
            );
            match message.as_ref().map(|message| message.view()) {
                Some(gst::MessageView::Eos(_)) => return Ok(()),
                Some(gst::MessageView::Error(error)) => {
                    return Err(trouble::encoding(format!(
                        "{} ({})",
                        error.error(),
                        error.debug().unwrap_or_default()
                    )));
                }
                _ => {}
            }
            let now = progress();
            if now != seen {
                (seen, since) = (now, Instant::now());
            } else if since.elapsed() > PATIENCE {
                return Err(trouble::encoding("the encoder did not answer"));
            }
        }
    }
    /// Hands over a buffer once there is room, or fails when the pipeline failed or fell silent.
    pub fn feed(&self, source: &gst_app::AppSrc, buffer: gst::Buffer) -> Result<(), PortError> {
        let since = Instant::now();
        while source.property::<u64>("current-level-buffers") >= BUFFERS_AHEAD {
            if let Some(complaint) = self.complaint() {
                return Err(trouble::encoding(complaint));
            }
            if since.elapsed() > PATIENCE {
                return Err(trouble::encoding("the encoder did not answer"));
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        source
            .push_buffer(buffer)
            .map(|_| ())
            .map_err(|error| trouble::encoding(self.complaint().unwrap_or_else(|| error.to_string())))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let pipeline = self.pipeline.clone();
        let (done, stopped) = sync_channel(1);
        // Stopping waits for the codec's threads; one that hangs must not take us with it.
        let stop = std::thread::Builder::new().name("gst-stop".into()).spawn(move || {
            _ = pipeline.set_state(gst::State::Null);
            _ = done.send(());
        });
        if stop.is_ok() {
            _ = stopped.recv_timeout(STOP_PATIENCE);
        } else {
            _ = self.pipeline.set_state(gst::State::Null);
        }
    }
}

/// A source that we push into.
pub fn source(caps: &gst::Caps) -> Result<gst_app::AppSrc, PortError> {
    let source = make("appsrc")?.downcast::<gst_app::AppSrc>().map_err(|_| missing("appsrc"))?;
    source.set_caps(Some(caps));
    source.set_format(gst::Format::Time);
    source.set_max_bytes(0);
    Ok(source)
}

pub fn sink() -> Result<gst_app::AppSink, PortError> {
    let sink = make("appsink")?.downcast::<gst_app::AppSink>().map_err(|_| missing("appsink"))?;
    sink.set_property("sync", false);
    Ok(sink)
}

/// `index · seconds ÷ frames`, rounded down, in nanoseconds.
pub fn nanoseconds(index: u64, units: u32, per_second: u32) -> gst::ClockTime {
    let value = u128::from(index) * u128::from(units) * 1_000_000_000 / u128::from(per_second.max(1));
    gst::ClockTime::from_nseconds(value as u64)
}
