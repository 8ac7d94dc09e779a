//! What a person can do from the keyboard, the palette or a button, each written once.
//!
//! An action knows its name and whether it makes sense now; rooms and keys only call [`perform`]. Nothing here asks "are you sure":
//! what can be undone is done.

use crate::lang::{t, tf, tn};
use crate::state::{Overlay, Room, Studio};
use crate::{films, transport};
use kinora_api::*;
use kinora_document::{ShotId, Ticks};
use leptos::prelude::{GetUntracked, Set, Update, WithUntracked};

macro_rules! actions {
    ($($name:ident = $key:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action { $($name),* }

        impl Action {
            /// Stable name, for settings and tests.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$name => $key),* }
            }
            fn key(self) -> &'static str {
                match self { $(Self::$name => concat!("do-", $key)),* }
            }
        }

        #[cfg(test)]
        const KEYS: &[&str] = &[$(concat!("do-", $key)),*];
    };
}

actions! {
    PlayOrStop = "play-or-stop", PlayBackward = "play-backward", Stop = "stop", PlayForward = "play-forward",
    FrameBack = "frame-back", FrameForward = "frame-forward", SecondBack = "second-back", SecondForward = "second-forward",
    PreviousCut = "previous-cut", NextCut = "next-cut", ToStart = "to-start", ToEnd = "to-end", Repeat = "repeat",
    Undo = "undo", Redo = "redo", History = "history",
    GenerateShot = "generate-shot", GenerateStale = "generate-stale", CancelGeneration = "cancel-generation", Queue = "queue",
    Palette = "palette", Shortcuts = "shortcuts",
    NewFilm = "new-film", OpenFilm = "open-film", ImportScript = "import-script", ImportMedia = "import-media",
    ExportMp4 = "export-mp4", ExportBoard = "export-board", VerifyFile = "verify-file",
    RoomWrite = "room-write", RoomBoard = "room-board", RoomEdit = "room-edit", RoomCast = "room-cast",
    RoomCameo = "room-cameo", RoomDeliver = "room-deliver",
    MarkIn = "mark-in", MarkOut = "mark-out", ClearMarks = "clear-marks", MarkClip = "mark-clip", ToIn = "to-in", ToOut = "to-out",
    ToolSelect = "tool-select", ToolBlade = "tool-blade", ToolRipple = "tool-ripple", ToolRoll = "tool-roll",
    ToolSlip = "tool-slip", ToolSlide = "tool-slide", Snapping = "snapping", Linked = "linked",
    SelectHere = "select-here", SelectAll = "select-all", SelectNone = "select-none",
    BladeHere = "blade-here", TrimHead = "trim-head", TrimTail = "trim-tail",
    NudgeLeft = "nudge-left", NudgeRight = "nudge-right", NudgeFarLeft = "nudge-far-left", NudgeFarRight = "nudge-far-right",
    Insert = "insert", Overwrite = "overwrite", Lift = "lift", Extract = "extract",
    LiftRange = "lift-range", ExtractRange = "extract-range", CloseGap = "close-gap",
    CopyClips = "copy-clips", CutClips = "cut-clips", PasteClips = "paste-clips", PasteInsert = "paste-insert",
    Dissolve = "dissolve", DetachSound = "detach-sound", DubLine = "dub-line", AddTitle = "add-title",
    AddMarker = "add-marker", NextMarker = "next-marker", PreviousMarker = "previous-marker", RemoveMarker = "remove-marker",
    PreviousKey = "previous-key", NextKey = "next-key", FillGap = "fill-gap",
    ZoomIn = "zoom-in", ZoomOut = "zoom-out", ZoomFit = "zoom-fit",
    NextShot = "next-shot", PreviousShot = "previous-shot",
    Theme = "theme", Settings = "settings", ReducedPicture = "reduced-picture",
    SafeAreas = "safe-areas", FullScreen = "full-screen", Keyboard = "keyboard",
}

impl Action {
    pub fn name(self) -> &'static str {
        t(self.key())
    }

    /// Works on the start page too.
    pub fn without_film(self) -> bool {
        matches!(
            self,
            Self::NewFilm
                | Self::OpenFilm
                | Self::VerifyFile
                | Self::Palette
                | Self::Shortcuts
                | Self::Keyboard
                | Self::Theme
                | Self::Settings
        )
    }

    /// Belongs to the timeline and means nothing elsewhere.
    pub fn of_timeline(self) -> bool {
        use Action::*;
        self.cuts() || matches!(self, Snapping | ZoomIn | ZoomOut | ZoomFit)
    }

    /// Done by [`crate::timeline::perform`].
    fn cuts(self) -> bool {
        use Action::*;
        matches!(
            self,
            MarkIn
                | MarkOut
                | ClearMarks
                | MarkClip
                | ToIn
                | ToOut
                | ToolSelect
                | ToolBlade
                | ToolRipple
                | ToolRoll
                | ToolSlip
                | ToolSlide
                | Linked
                | SelectHere
                | SelectAll
                | SelectNone
                | BladeHere
                | TrimHead
                | TrimTail
                | NudgeLeft
                | NudgeRight
                | NudgeFarLeft
                | NudgeFarRight
                | Insert
                | Overwrite
                | Lift
                | Extract
                | LiftRange
                | ExtractRange
                | CloseGap
                | CopyClips
                | CutClips
                | PasteClips
                | PasteInsert
                | Dissolve
                | DetachSound
                | DubLine
                | AddTitle
                | AddMarker
                | NextMarker
                | PreviousMarker
                | RemoveMarker
                | PreviousKey
                | NextKey
                | FillGap
        )
    }
}

pub fn perform(studio: Studio, action: Action) {
    let open = studio.local.with_untracked(Option::is_some);
    if !open && !action.without_film() {
        return;
    }
    if action.of_timeline() && studio.room.get_untracked() != Room::Edit {
        return;
    }
    use Action::*;
    match action {
        PlayOrStop => transport::play_or_stop(studio),
        PlayBackward => transport::wind(studio, -1),
        Stop => transport::stop(studio),
        PlayForward => transport::wind(studio, 1),
        FrameBack => transport::step(studio, -1),
        FrameForward => transport::step(studio, 1),
        SecondBack => transport::jump(studio, Ticks::from_seconds(-1)),
        SecondForward => transport::jump(studio, Ticks::from_seconds(1)),
        PreviousCut => transport::cut(studio, false),
        NextCut => transport::cut(studio, true),
        ToStart => transport::seek(studio, Ticks::ZERO),
        ToEnd => transport::seek(studio, studio.film_untracked(|film| film.length())),
        Repeat => studio.repeat.update(|on| *on = !*on),
        Undo => studio.request::<AskUndo>((), |()| ()),
        Redo => studio.request::<AskRedo>((), |()| ()),
        GenerateShot => {
            let chosen: Vec<ShotId> = studio.shots.with_untracked(|shots| shots.iter().copied().collect());
            let shots = if chosen.is_empty() { studio.shot.get_untracked().into_iter().collect() } else { chosen };
            // What is ready gets another take, as its button says.
            let ready = |shot: &ShotId| studio.ready_untracked(*shot);
            if !shots.is_empty() {
                let another = shots.iter().all(ready);
                generate(studio, shots, 1, another);
            }
        }
        GenerateStale => generate(studio, Vec::new(), 1, false),
        CancelGeneration => cancel_first(studio),
        History | Queue | Palette | Shortcuts => toggle(studio, action),
        NewFilm => studio.overlay.set(Overlay::NewFilm),
        Settings => studio.overlay.set(Overlay::Settings),
        OpenFilm => films::open_with_dialog(studio),
        ImportScript => films::import_script(studio),
        ImportMedia => films::import_media(studio),
        ExportMp4 => films::export(studio, ExportFormat::Mp4, None),
        ExportBoard => films::export(studio, ExportFormat::BoardPdf, None),
        VerifyFile => films::look_at_file(studio),
        RoomWrite => studio.room.set(Room::Write),
        RoomBoard => studio.room.set(Room::Board),
        RoomEdit => studio.room.set(Room::Edit),
        RoomCast => studio.room.set(Room::Cast),
        RoomCameo => studio.room.set(Room::Cameo),
        RoomDeliver => studio.room.set(Room::Deliver),
        Snapping => studio.snapping.update(|on| *on = !*on),
        ZoomIn => studio.zoom.update(|zoom| *zoom += 1),
        ZoomOut => studio.zoom.update(|zoom| *zoom -= 1),
        ZoomFit => studio.fit.update(|fit| *fit += 1),
        NextShot => neighbour_shot(studio, 1),
        PreviousShot => neighbour_shot(studio, -1),
        Theme => crate::theme::toggle(studio),
        ReducedPicture => studio.reduced.update(|on| *on = !*on),
        SafeAreas => studio.cutting.safe_areas.update(|on| *on = !*on),
        FullScreen => studio.cutting.full_screen.update(|on| *on = !*on),
        Keyboard => studio.overlay.set(Overlay::Keyboard),
        _ => crate::timeline::perform::perform(studio, action),
    }
}

pub fn toggle(studio: Studio, action: Action) {
    let wanted = match action {
        Action::History => Overlay::History,
        Action::Queue => Overlay::Queue,
        Action::Palette => Overlay::Palette,
        _ => Overlay::Shortcuts,
    };
    studio.overlay.update(|overlay| *overlay = if *overlay == wanted { Overlay::None } else { wanted });
}

pub fn generate(studio: Studio, shots: Vec<ShotId>, variations: u32, new_seed: bool) {
    studio.say(t("asking-to-generate"));
    studio.request::<AskGenerate>(GenerateRequest { shots, variations, new_seed }, move |generated| {
        let (queued, reused) = (generated.queued.len(), generated.reused.len());
        studio.say(match (queued, reused) {
            (0, 0) => t("nothing-to-generate").to_owned(),
            (0, _) => tn("reused-one", "reused-many", reused),
            (_, 0) => tn("queued-one", "queued-many", queued),
            _ => tf("queued-and-reused", &[("queued", &queued), ("reused", &reused)]),
        });
    });
}

fn cancel_first(studio: Studio) {
    let of_shot = studio.shot.get_untracked();
    let job = studio.queue.with_untracked(|queue| {
        let going = |job: &&Job| !matches!(job.state, JobState::Failed(_));
        let chosen = queue.jobs.iter().filter(going).find(|job| Some(job.shot) == of_shot);
        chosen.or_else(|| queue.jobs.iter().find(going)).map(|job| job.number)
    });
    if let Some(job) = job {
        studio.request::<AskCancelJob>(job, move |()| studio.say(t("cancelled-generation")));
    }
}

fn neighbour_shot(studio: Studio, by: i32) {
    let next = studio.film_untracked(|film| {
        let at = studio.shot.get_untracked().and_then(|shot| film.shots.position(shot));
        let to = match at {
            Some(at) => i64::try_from(at).unwrap_or(0) + i64::from(by),
            None => 0,
        };
        film.shots.at(usize::try_from(to).ok()?).map(|shot| shot.id)
    });
    if let Some(shot) = next {
        select_shot(studio, shot);
    }
}

/// Selects a shot and brings the playhead to where the film shows it.
pub fn select_shot(studio: Studio, shot: ShotId) {
    studio.shot.set(Some(shot));
    studio.shots.set(Default::default());
    let clip = studio.film_untracked(|film| {
        film.clips
            .iter()
            .find(|clip| clip.source == kinora_document::ClipSource::Shot(shot))
            .map(|clip| (clip.id, clip.start))
    });
    if let Some((clip, start)) = clip {
        studio.clips.set(vec![clip]);
        if !studio.playing.get_untracked() {
            transport::seek(studio, start);
        }
    }
}

/// Cuts the selected clips at `at`, or whatever lies there when none of them does.
pub fn blade(studio: Studio, at: Ticks) {
    let chosen = studio.clips.get_untracked();
    let commands = studio.film_untracked(|film| crate::timeline::edits::blade(film, &chosen, at));
    if commands.is_empty() {
        return studio.say(t("nothing-to-cut"));
    }
    studio.edit_all(commands, || ());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_name() {
        for key in KEYS {
            assert_ne!(t(key), *key, "no words for `{key}`");
        }
    }
}
