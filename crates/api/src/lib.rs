//! What the screen may ask of the backend, and what it is told.
//!
//! Plain data, one type per question. The list [`COMMANDS`] is the whole access list of the window: the shell's build script declares it
//! to Tauri, and a test fails when a command is missing on either side. Sizes are limited here, before anything is parsed further.

use kinora_document::catalogue::{Estimate, Model, Stage, WordNote};
use kinora_document::{
    CameoId, ClipId, Command, Film, FrameRate, FrameSize, GestureId, MediaId, Patch, Refusal, ShotId, TakeId, Ticks,
};
use serde::{Deserialize, Serialize};

mod asks;
mod cameos;
mod dubbing;
mod enrolment;
mod events;
mod policy;
mod verify;
mod views;

pub use asks::*;
pub use cameos::*;
pub use dubbing::*;
pub use enrolment::*;
pub use events::*;
pub use policy::*;
pub use verify::*;
pub use views::*;

/// Every command of the main window, by the name it is invoked with.
pub const COMMANDS: &[&str] = &[
    "accept_dub",
    "add_cameo",
    "app_info",
    "cameos",
    "cancel_job",
    "close_camera",
    "close_dub",
    "create_film",
    "delete_cameo",
    "devices",
    "dub",
    "edit",
    "effects",
    "enrolment",
    "estimate",
    "export_cameo",
    "export_consent",
    "export_film",
    "export_history",
    "finish_enrolment",
    "generate",
    "history",
    "import_consent",
    "import_list",
    "import_media",
    "import_script",
    "keep_secret",
    "listen",
    "listen_dub",
    "mark_beats",
    "models",
    "move_job",
    "open_camera",
    "open_dub",
    "open_export",
    "open_film",
    "pause_queue",
    "pick_path",
    "place_cameo",
    "play",
    "policy",
    "purge_cameo",
    "queue",
    "read_prompt",
    "record_dub",
    "record_step",
    "redo",
    "renew_consent",
    "replica",
    "restore_line",
    "retry_job",
    "reveal_export",
    "revoke_cameo",
    "save_settings",
    "save_view",
    "set_policy",
    "settings",
    "stop",
    "stop_dub",
    "ticket",
    "undo",
    "unlock_cameos",
    "verify_file",
    "view",
];

/// Shots in one generate request.
pub const SHOTS_PER_REQUEST: usize = kinora_document::limits::SHOTS;
/// Variations of a shot in one request.
pub const VARIATIONS: u32 = 16;

/// The backend's no, as the screen shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable rule name, or `fault`.
    pub rule: String,
    /// What happened and why.
    pub what: String,
    /// What to do next.
    pub remedy: String,
    /// Folded away; for reports.
    pub detail: String,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self { rule: refusal.rule, what: refusal.what, remedy: refusal.remedy, detail: String::new() }
    }
}

/// A path chosen by the person in a native dialog. The screen holds the number and a name to show, never the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathGrant {
    pub grant: u64,
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathPurpose {
    NewFilm,
    OpenFilm,
    ImportScript,
    ImportMedia,
    ExportMp4,
    ExportWebM,
    ExportPictures,
    ExportContactSheet,
    ExportBoard,
    ExportSubRip,
    ExportWebVtt,
    /// A signed opt-out list; its signature lies beside it.
    ImportList,
    /// A clip, picture or sound of a cameo.
    CameoRecording,
    /// A signed consent, to be read.
    ConsentFile,
    SaveConsent,
    /// A folder for everything about a cameo.
    ExportCameo,
    /// Any film, picture or sound, to see what it says of itself.
    VerifyFile,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilmToOpen {
    Grant(u64),
    /// Index into [`AppInfo::recent`].
    Recent(usize),
    /// Name from [`AppInfo::samples`]; a private copy is made.
    Sample(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateFilm {
    pub grant: u64,
    pub title: String,
    pub size: FrameSize,
    pub rate: FrameRate,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EditRequest {
    pub command: Command,
    /// Edits of one drag share a gesture and are undone together; None makes a gesture of its own.
    pub gesture: Option<GestureId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenerateRequest {
    /// Empty means every shot that is empty or stale.
    pub shots: Vec<ShotId>,
    /// 1 … [`VARIATIONS`] takes per shot, each with its own seed.
    pub variations: u32,
    /// Draw a new seed even where one is set.
    pub new_seed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRequest {
    pub grant: u64,
    pub format: ExportFormat,
    /// None takes the film's.
    pub size: Option<FrameSize>,
    pub rate: Option<FrameRate>,
    #[serde(default)]
    pub loudness: ExportLoudness,
}

/// How loud the film is as a whole; peaks stay below −1 dBTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportLoudness {
    /// −14 LUFS.
    #[default]
    Web,
    /// −16 LUFS.
    Podcast,
    /// EBU R 128: −23 LUFS.
    Broadcast,
    /// As it was mixed.
    AsMixed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    Mp4,
    WebM,
    PngSequence,
    ContactSheet,
    /// The storyboard, as pages to print.
    BoardPdf,
    /// The captions alone.
    SubRip,
    WebVtt,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EstimateAnswer {
    pub shots: usize,
    pub estimate: Estimate,
}

/// The whole film, once; afterwards [`Event::FilmChanged`] keeps the replica in step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replica {
    pub sequence: u64,
    pub film: Film,
    /// Folder name without its extension.
    pub project: String,
    pub undo: Option<String>,
    pub redo: Option<String>,
    /// What opening had to mend, as sentences.
    pub repairs: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edited {
    pub sequence: u64,
    pub gesture: GestureId,
}
