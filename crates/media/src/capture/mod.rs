//! Cameras and microphones behind the `Capture` port: GStreamer finds and opens cameras, cpal microphones, whatever the system is.
//!
//! Both put what they have into one bounded queue, stamped with time since the capture began on the machine's steady clock. Drivers may
//! hang: opening has a limit, stopping is left to a thread of its own, and nothing here waits for whoever takes from the queue.

mod camera;
mod devices;
mod microphone;
mod rate;

use kinora_ports::capture::{CaptureWish, Captured, DeviceChoice, Devices, InUse};
use kinora_ports::{Capture, Capturing, PortError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

/// Pictures that wait: a second at 30 a second, 44 MB at 720p.
const PICTURES_WAITING: usize = 30;
/// Pictures and blocks of sound that wait; sound comes up to two hundred times a second.
const WAITING: usize = 512;

#[derive(Debug, Default)]
pub struct GstCapture;

impl GstCapture {
    pub fn new() -> Self {
        Self
    }
}

impl Capture for GstCapture {
    fn devices(&self) -> Result<Devices, PortError> {
        let cameras = devices::list()?.into_iter().map(|found| found.camera).collect();
        Ok(Devices { cameras, microphones: microphone::list() })
    }

    fn start(&self, wish: &CaptureWish) -> Result<Box<dyn Capturing>, PortError> {
        crate::gst::start()?;
        let (sender, receiver) = sync_channel(WAITING);
        let belt = Belt {
            begun: Instant::now(),
            sender,
            pictures: Arc::new(AtomicUsize::new(0)),
            dropped: Arc::new(AtomicU64::new(0)),
        };
        let opened = match wish.camera {
            DeviceChoice::Without => Err("No camera was asked for.".to_owned()),
            _ => devices::open(wish, &belt),
        };
        let (camera, running) = match opened {
            Ok((running, name, mode)) => (InUse::Camera { name, mode }, Some(running)),
            Err(why) => (InUse::Without { why }, None),
        };
        let opened = match wish.microphone {
            DeviceChoice::Without => Err("No microphone was asked for.".to_owned()),
            _ => microphone::Listening::open(&wish.microphone, &belt),
        };
        let (microphone, listening) = match opened {
            Ok((listening, name, channels)) => (InUse::Microphone { name, channels }, Some(listening)),
            Err(why) => (InUse::Without { why }, None),
        };
        let Belt { begun, pictures, dropped, .. } = belt;
        Ok(Box::new(GstCapturing {
            camera,
            microphone,
            _running: running,
            _listening: listening,
            receiver,
            begun,
            pictures,
            dropped,
        }))
    }
}

/// What both devices lay their things on.
#[derive(Clone, Debug)]
struct Belt {
    begun: Instant,
    sender: SyncSender<Captured>,
    pictures: Arc<AtomicUsize>,
    dropped: Arc<AtomicU64>,
}

impl Belt {
    fn since(&self, moment: Instant) -> Duration {
        moment.saturating_duration_since(self.begun)
    }

    fn put(&self, captured: Captured) {
        let picture = matches!(captured, Captured::Picture { .. });
        if picture && self.pictures.fetch_add(1, Ordering::AcqRel) >= PICTURES_WAITING {
            self.pictures.fetch_sub(1, Ordering::AcqRel);
            self.dropped.fetch_add(1, Ordering::AcqRel);
            return;
        }
        match self.sender.try_send(captured) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) if picture => {
                self.pictures.fetch_sub(1, Ordering::AcqRel);
                self.dropped.fetch_add(1, Ordering::AcqRel);
            }
            // Sound that is lost shows itself as a gap in its stamps, and becomes silence there.
            Err(_) => {}
        }
    }
}

struct GstCapturing {
    camera: InUse,
    microphone: InUse,
    _running: Option<crate::gst::Running>,
    _listening: Option<microphone::Listening>,
    receiver: Receiver<Captured>,
    begun: Instant,
    pictures: Arc<AtomicUsize>,
    dropped: Arc<AtomicU64>,
}

impl Capturing for GstCapturing {
    fn camera(&self) -> &InUse {
        &self.camera
    }
    fn microphone(&self) -> &InUse {
        &self.microphone
    }
    fn next(&mut self, patience: Duration) -> Option<Captured> {
        match self.receiver.recv_timeout(patience) {
            Ok(captured) => {
                if matches!(captured, Captured::Picture { .. }) {
                    self.pictures.fetch_sub(1, Ordering::AcqRel);
                }
                Some(captured)
            }
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => None,
            // Neither device is there: whoever asks in a loop must not spin.
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => {
                std::thread::sleep(patience);
                None
            }
        }
    }
    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
    fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Acquire)
    }
}
