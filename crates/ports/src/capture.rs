//! Cameras and microphones: which there are, and what they see and hear, each with the moment it happened.
//!
//! An adapter only delivers; it decides nothing. Putting picture and sound on one clock, noticing that a device fell silent and
//! telling a person about it is the recorder's work. A capture never waits for whoever takes from it: what nobody took in time is
//! dropped and counted.

use crate::{PortError, VideoFrame};
use kinora_document::{FrameRate, FrameSize};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// What a camera can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CameraMode {
    pub size: FrameSize,
    pub rate: FrameRate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Camera {
    /// Stays the same while it is plugged in.
    pub id: String,
    /// For people.
    pub name: String,
    /// Largest first.
    pub modes: Vec<CameraMode>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Microphone {
    pub id: String,
    pub name: String,
    pub is_default: bool,
}

/// Everything that is plugged in now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    pub cameras: Vec<Camera>,
    pub microphones: Vec<Microphone>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceChoice {
    /// What the system would take.
    #[default]
    Default,
    /// By id.
    Named(String),
    /// None, on purpose.
    Without,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureWish {
    pub camera: DeviceChoice,
    pub microphone: DeviceChoice,
    /// The camera's nearest mode is taken, and the picture scaled to exactly this; its shape is kept, the rest is black.
    pub size: FrameSize,
    pub rate: FrameRate,
}

impl Default for CaptureWish {
    fn default() -> Self {
        Self {
            camera: DeviceChoice::Default,
            microphone: DeviceChoice::Default,
            size: FrameSize { width: 1280, height: 720 },
            rate: FrameRate::FPS_30,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    Camera,
    Microphone,
}

/// `at` is time since the capture began, on one steady clock for both.
#[derive(Clone, Debug)]
pub enum Captured {
    /// `at` is when the light fell.
    Picture { frame: Arc<VideoFrame>, at: Duration },
    /// Interleaved at 48 kHz in [`Capturing::microphone`]'s channels; `at` is when the first of them sounded.
    Sound { samples: Vec<f32>, at: Duration },
    /// The driver said that a device is gone. Not every driver does.
    Lost { device: DeviceKind, detail: String },
}

/// A device that is open, or in one sentence why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InUse {
    Camera { name: String, mode: CameraMode },
    Microphone { name: String, channels: u16 },
    Without { why: String },
}

impl InUse {
    pub fn is_there(&self) -> bool {
        !matches!(self, Self::Without { .. })
    }
}

pub trait Capture: Send + Sync {
    /// What there is now; asked again, it sees what was plugged in or pulled out meanwhile.
    fn devices(&self) -> Result<Devices, PortError>;
    /// Opens both. A device that is missing is no error, it is said by [`Capturing`]; neither of the two is one.
    fn start(&self, wish: &CaptureWish) -> Result<Box<dyn Capturing>, PortError>;
}

/// Ends when it is dropped.
pub trait Capturing: Send {
    fn camera(&self) -> &InUse;
    fn microphone(&self) -> &InUse;
    /// The next picture or stretch of sound, each kind in order; None when nothing came within `patience`.
    fn next(&mut self, patience: Duration) -> Option<Captured>;
    /// Now, on the clock that stamps: never before anything that has sounded.
    fn elapsed(&self) -> Duration;
    /// Pictures that were thrown away because nobody took them.
    fn dropped(&self) -> u64;
}
