//! Which question takes what, and what it answers: the table behind [`COMMANDS`].
//!
//! Each type here is one command of the window. The page asks through it and the shell answers through it, so a request cannot be
//! sent in a shape that nobody reads. A test compares this table with the access list.

use super::*;

/// A command: its name, what is sent under the key `request`, and what comes back.
pub trait Ask {
    const COMMAND: &'static str;
    type Request: Serialize;
    type Answer: for<'de> Deserialize<'de>;
}

macro_rules! asks {
    ($($(#[$doc:meta])* $name:ident = $command:literal: $request:ty => $answer:ty;)*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Ask for $name {
            const COMMAND: &'static str = $command;
            type Request = $request;
            type Answer = $answer;
        })*
        /// Every command of the table, in its order.
        pub const ASKED: &[&str] = &[$($command),*];
    };
}

asks! {
    /// Puts this take in place of the line; undone as one.
    AskAcceptDub = "accept_dub": u32 => ClipId;
    AskAddCameo = "add_cameo": AddCameo => CameoId;
    AskAppInfo = "app_info": () => AppInfo;
    AskCameos = "cameos": () => CameosAnswer;
    /// Jobs of the queue and exports alike.
    AskCancelJob = "cancel_job": JobNumber => ();
    /// Ends an enrolment that is under way; what was recorded is destroyed.
    AskCloseCamera = "close_camera": () => ();
    /// Lets go of the microphone; takes are kept until another line is dubbed.
    AskCloseDub = "close_dub": () => ();
    /// Then [`Event::FilmOpened`].
    AskCreateFilm = "create_film": CreateFilm => ();
    /// What deleting is worth on this medium, and what is left, as sentences.
    AskDeleteCameo = "delete_cameo": CameoId => Vec<String>;
    AskDevices = "devices": () => DevicesView;
    /// Asked while a line is dubbed, several times a second.
    AskDub = "dub": () => DubView;
    AskEdit = "edit": EditRequest => Edited;
    /// What the effects and transitions of this studio declare of themselves.
    AskEffects = "effects": () => EffectsAnswer;
    /// Asked while the camera is open, several times a second.
    AskEnrolment = "enrolment": () => EnrolmentView;
    AskEstimate = "estimate": GenerateRequest => EstimateAnswer;
    /// The number of files.
    AskExportCameo = "export_cameo": SaveCameo => usize;
    AskExportConsent = "export_consent": SaveCameo => ();
    AskExportFilm = "export_film": ExportRequest => JobNumber;
    /// Newest first.
    AskExportHistory = "export_history": () => Vec<ExportView>;
    /// Seals what was recorded, puts the consent on record, and closes the camera.
    AskFinishEnrolment = "finish_enrolment": FinishEnrolment => CameoId;
    AskGenerate = "generate": GenerateRequest => Generated;
    AskHistory = "history": () => Vec<HistoryEntry>;
    /// A newer signed consent for a cameo that is here; the number of a [`PathGrant`].
    AskImportConsent = "import_consent": u64 => CameoId;
    /// The number of a [`PathGrant`]: the list is in force from then on.
    AskImportList = "import_list": u64 => PolicyView;
    /// The number of a [`PathGrant`]. Sub-titles (SRT, WebVTT) become captions.
    AskImportMedia = "import_media": u64 => Imported;
    AskImportScript = "import_script": u64 => Edited;
    AskKeepSecret = "keep_secret": KeepSecret => ();
    /// Plays the film with this take in its place.
    AskListenDub = "listen_dub": u32 => ();
    /// Marks the beats of the music that a clip plays; how many there are.
    AskMarkBeats = "mark_beats": ClipId => usize;
    AskModels = "models": () => Models;
    AskMoveJob = "move_job": MoveJob => ();
    /// Begins an enrolment, or changes the devices of the one under way.
    AskOpenCamera = "open_camera": OpenCamera => EnrolmentView;
    /// Opens the microphone for a line, or another one for the same line.
    AskOpenDub = "open_dub": OpenDub => DubView;
    /// Opens an exported file with the system's player.
    AskOpenExport = "open_export": JobNumber => ();
    AskOpenFilm = "open_film": FilmToOpen => ();
    AskPauseQueue = "pause_queue": bool => ();
    /// None when the person closed the dialog.
    AskPickPath = "pick_path": PathPurpose => Option<PathGrant>;
    /// Refused without a consent that holds.
    AskPlaceCameo = "place_cameo": PlaceCameo => Placed;
    AskPlay = "play": PlayRequest => ();
    AskPolicy = "policy": () => PolicyView;
    /// Takes of the open film that were made with it and are marked; how many were destroyed.
    AskPurgeCameo = "purge_cameo": CameoId => usize;
    AskQueue = "queue": () => QueueView;
    AskReadPrompt = "read_prompt": ShotId => PromptAnswer;
    /// Plays the film up to the line and records from there on; [`AskDub`] tells how far it is.
    AskRecordDub = "record_dub": () => ();
    /// Counts down, records the step for as long as it takes, and checks it; [`AskEnrolment`] tells how far it is.
    AskRecordStep = "record_step": RecordStep => ();
    AskRedo = "redo": () => ();
    AskRenewConsent = "renew_consent": RenewConsent => ();
    /// None when no film is open.
    AskReplica = "replica": () => Option<Replica>;
    /// A line that was dubbed is spoken by its voice again.
    AskRestoreLine = "restore_line": ClipId => ();
    AskRetryJob = "retry_job": JobNumber => ();
    AskRevealExport = "reveal_export": JobNumber => ();
    AskRevokeCameo = "revoke_cameo": CameoId => Withdrawn;
    /// Kept for every film of this person; see [`AskSettings`].
    AskSaveSettings = "save_settings": SavedView => ();
    AskSaveView = "save_view": SavedView => ();
    /// Refused without the PIN where there is one.
    AskSetPolicy = "set_policy": SetPolicy => PolicyView;
    /// What the window remembers whatever film is open: keys, theme, language. The same form and limit as a film's view.
    AskSettings = "settings": () => SavedView;
    AskStop = "stop": () => ();
    /// True keeps what was recorded so far as a take.
    AskStopDub = "stop_dub": bool => ();
    AskTicket = "ticket": () => Ticket;
    AskUndo = "undo": () => ();
    AskUnlockCameos = "unlock_cameos": String => ();
    /// The number of a [`PathGrant`]. No film needs to be open.
    AskVerifyFile = "verify_file": u64 => FileReport;
    AskView = "view": () => SavedView;
}

/// Puts a waiting job before another; None is the end of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveJob {
    pub job: JobNumber,
    pub before: Option<JobNumber>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_but_listening_is_in_the_table() {
        // `listen` takes a channel, which is not a value.
        let commands: Vec<_> = COMMANDS.iter().filter(|command| **command != "listen").collect();
        assert_eq!(commands, ASKED.iter().collect::<Vec<_>>());
        assert!(COMMANDS.is_sorted());
    }
}
