//! Answers made for showing: start page, queue, history, exports.

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppInfo {
    pub version: String,
    /// Films opened before, newest first; only names are shown.
    pub recent: Vec<String>,
    /// Sample films that come with the studio.
    pub samples: Vec<String>,
    /// "llvmpipe (software)".
    pub graphics: String,
    /// "2 CPU cores".
    pub compute: String,
    pub film_open: bool,
    /// What speaks the lines, best first.
    #[serde(default)]
    pub voices: Vec<VoiceEngine>,
}

/// What speaks lines on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceEngine {
    /// "Pico".
    pub name: String,
    pub licence: String,
    /// The engine that this one was taught to sound like, where it was.
    pub distilled_from: Option<String>,
    /// Lines in these languages are its own ("en-US"); none while a better one speaks all that it can.
    pub languages: Vec<String>,
    /// "pico/en-US".
    pub voices: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub gesture: GestureId,
    pub label: String,
    /// False for what was undone.
    pub applied: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptAnswer {
    /// The exact prompt that is sent.
    pub prompt: String,
    pub notes: Vec<WordNote>,
    /// What the rules find in it: refusals first, then warnings. Empty when it may simply be made.
    #[serde(default)]
    pub judged: Vec<PolicyNote>,
}

/// Number of a job in the queue; never used twice in a project.
pub type JobNumber = u64;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueView {
    pub paused: bool,
    /// Running first, then waiting in order, then what failed.
    pub jobs: Vec<Job>,
    /// For everything that runs or waits.
    pub millis_left: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    pub number: JobNumber,
    pub shot: ShotId,
    pub seed: u64,
    pub state: JobState,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Waiting,
    Running { stage: Stage, step: u32, steps: u32, permille: u32, millis_left: Option<u64> },
    Failed(Problem),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportView {
    pub number: JobNumber,
    /// File name, without its folder.
    pub name: String,
    pub state: ExportState,
    /// None for exports of an older studio.
    #[serde(default)]
    pub format: Option<ExportFormat>,
    /// Width × height × frames: with time and size, what the next export is forecast from. 0 when not known.
    #[serde(default)]
    pub pixels: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    Running {
        permille: u32,
        millis_left: Option<u64>,
        encoder: String,
    },
    Done {
        bytes: u64,
        millis: u64,
        encoder: String,
        /// Whose signature the file carries; None when its kind can hold none, or an older studio made it.
        #[serde(default)]
        signed_by: Option<String>,
    },
    Cancelled,
    Failed(Problem),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    pub media: Vec<MediaId>,
    pub problems: Vec<Problem>,
}

/// Lets this window, and no other, load pictures over the `preview:` and `media:` schemes:
/// `preview://localhost/frame?ticket=T&at=TICKS&width=W&height=H` (the picture at a time),
/// `preview://localhost/live?ticket=T&width=W&height=H` (the picture now playing; its time in the header `x-kinora-at`,
/// and in `x-kinora-levels` what is heard: peak left and right, mean left and right, loudness, in hundredths of dB and LUFS),
/// `preview://localhost/forming/JOB?ticket=T` (a take as it forms), `media://localhost/picture/HASH?ticket=T` (a thumbnail),
/// `media://localhost/peaks/HASH?ticket=T` (how loud a sound is: see [`PEAKS_PER_SECOND`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    pub ticket: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayRequest {
    pub from: Ticks,
    /// Stops (or, with `repeat`, starts again) here; None is the end of the film.
    pub until: Option<Ticks>,
    pub repeat: bool,
    /// Where the next round begins, with `repeat`; None is `from`.
    #[serde(default)]
    pub again: Option<Ticks>,
}

/// A waveform has one byte for each hundredth of a second of the source: its loudest sample, 255 at full scale.
pub const PEAKS_PER_SECOND: u32 = 100;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// Jobs put into the queue.
    pub queued: Vec<JobNumber>,
    /// Shots whose take already exists for exactly this order: chosen again at no cost.
    pub reused: Vec<(ShotId, TakeId)>,
    /// What the rules warn of in what was queued; none of it is in the way.
    #[serde(default)]
    pub warnings: Vec<PolicyNote>,
}

/// What the window remembers for this film (sizes of panes, selection): opaque to the backend, at most 64 KiB.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    pub json: String,
}

pub const SAVED_VIEW_BYTES: usize = 64 * 1024;

/// The models on this machine, and which runs by default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Models {
    pub models: Vec<Model>,
}

/// Effects and transitions in the order in which a menu shows them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EffectsAnswer {
    pub effects: Vec<Declared>,
    pub transitions: Vec<Declared>,
}

/// What an effect or a transition says of itself: every knob is made from this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declared {
    /// Stored in films.
    pub kind: String,
    pub label: String,
    /// One sentence.
    pub help: String,
    pub parameters: Vec<DeclaredParameter>,
    /// Compares with a second picture, which a person chooses.
    #[serde(default)]
    pub plate: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeclaredParameter {
    /// Stored in films.
    pub name: String,
    pub label: String,
    /// Shown after the number: "°", "px", or empty.
    pub unit: String,
    pub min: f32,
    pub max: f32,
    pub default: f32,
    /// Empty for a number; otherwise the value of each choice and its name.
    pub choices: Vec<(f32, String)>,
}
