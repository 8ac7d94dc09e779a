//! Recording oneself as a cameo: devices, the steps that are asked for, and what was found in each.
//!
//! Plain data. What was found is told by kind, so that the window can say it in its own language; the record has its own sentences. No
//! answer holds a picture or a sample.

use super::Problem;
use kinora_document::Terms;
use serde::{Deserialize, Serialize};

/// What is plugged in, by id and by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevicesView {
    pub cameras: Vec<DeviceView>,
    pub microphones: Vec<DeviceView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    pub id: String,
    pub name: String,
}

/// None takes what the system would; asking again changes the devices and keeps the steps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCamera {
    pub camera: Option<String>,
    pub microphone: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordStep {
    /// Counted from 0; one that was recorded before is recorded again.
    pub step: usize,
    pub countdown_seconds: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishEnrolment {
    pub name: String,
    pub terms: Terms,
    pub attestation: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentView {
    /// Names of the devices that are open; None where there is none.
    pub camera: Option<String>,
    pub microphone: Option<String>,
    /// Why there is none, as sentences.
    pub without: Vec<String>,
    pub steps: Vec<StepView>,
    pub doing: EnrolmentDoing,
    /// How loud the last tenth of a second was at its loudest, in hundredths of a decibel below full scale.
    pub level_millibels: i32,
    pub hints: Vec<EnrolmentHint>,
    /// A device that was lost, or a recording that ended before its time.
    pub problem: Option<Problem>,
    /// Every step is recorded, whatever was found in it.
    pub complete: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrolmentDoing {
    Watching,
    Counting { step: usize, millis_left: u64 },
    Recording { step: usize, millis: u64 },
    Checking { step: usize },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepView {
    pub asks: StepAsks,
    pub millis: u64,
    /// Empty while it is not recorded.
    pub findings: Vec<Finding>,
    pub recorded: bool,
    pub attempts: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepAsks {
    /// To look into the camera.
    Look,
    /// To the person's own left.
    TurnLeft,
    TurnRight,
    /// These digits, one after the other.
    Say(String),
}

/// What was found in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    Face,
    NoFace,
    SeveralFaces,
    Turned,
    NotTurned,
    Speech,
    NoSpeech,
    LevelGood,
    TooQuiet,
    TooLoud,
    Sharp,
    Blurred,
    Lit,
    TooDark,
    TooBright,
    NoPictures,
    NoSound,
}

impl Finding {
    pub const ALL: [Self; 17] = [
        Self::Face,
        Self::NoFace,
        Self::SeveralFaces,
        Self::Turned,
        Self::NotTurned,
        Self::Speech,
        Self::NoSpeech,
        Self::LevelGood,
        Self::TooQuiet,
        Self::TooLoud,
        Self::Sharp,
        Self::Blurred,
        Self::Lit,
        Self::TooDark,
        Self::TooBright,
        Self::NoPictures,
        Self::NoSound,
    ];

    /// Whether it is as it should be.
    pub fn holds(self) -> bool {
        matches!(self, Self::Face | Self::Turned | Self::Speech | Self::LevelGood | Self::Sharp | Self::Lit)
    }
}

/// What a person should know while the camera looks at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrolmentHint {
    TooDark,
    TooBright,
    Clipping,
    Noisy,
    NothingHeard,
}
