//! What a person meant: the editing commands.
//!
//! `Command::plan` turns an intention into a [`Patch`](crate::Patch) or a [`Refusal`](crate::Refusal); it reads the film and changes
//! nothing. A new editing feature is a new command here and a button: undo, journal and the screen's replica come with the patch.

mod arrange;
mod board;
mod cameos;
mod captions;
mod cut;
mod dialogue;
mod follow;
mod gap;
mod new_film;
mod property;
mod script_edit;
mod script_notes;
mod settle;
mod story;
mod tables;
mod timeline;

pub use new_film::new_film;
pub(crate) use settle::settled;

use crate::ambience::Ambience;
use crate::curve::Curve;
use crate::film::{CastMember, Clip, ClipSource, Effect, Film, Placement, Title, TrackKind, Transition};
use crate::id::*;
use crate::limits;
use crate::mix::ClipMix;
use crate::patch::{Address, Entity, Kind, Op, Patch};
use crate::refusal::Refusal;
use crate::script::ReadScripts;
use crate::time::Ticks;
use cut::Cut;
use serde::{Deserialize, Serialize};
use timeline::Incoming;

/// What happens to clips that lie where others are put down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Landing {
    /// Nothing: the command is refused when another clip is in the way.
    Refuse,
    /// They are cut back or replaced.
    Overwrite,
    /// They and everything later on the track are pushed to the right.
    Insert,
}

/// Where a clip of a group goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClipPlace {
    pub clip: ClipId,
    pub track: TrackId,
    pub start: Ticks,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "command")]
pub enum Command {
    // script and board
    /// Replaces the screenplay; scenes, shots and the clips that follow the script are brought into line, takes are kept.
    SetScript {
        text: String,
    },
    SetSettings {
        settings: crate::Settings,
    },
    /// Everything a card can say, except the chosen take: see [`Command::ChooseTake`].
    SetShot {
        shot: Box<crate::Shot>,
    },
    /// Puts a shot before another of any scene (None: at the end).
    MoveShot {
        shot: ShotId,
        before: Option<ShotId>,
    },
    DuplicateShot {
        shot: ShotId,
    },
    SplitShot {
        shot: ShotId,
    },
    MergeShots {
        shots: Vec<ShotId>,
    },
    RemoveShot {
        shot: ShotId,
    },
    ChooseTake {
        shot: ShotId,
        take: TakeId,
    },
    RemoveTake {
        take: TakeId,
    },
    SetCast {
        member: CastMember,
    },
    RemoveCast {
        member: CastId,
    },
    // timeline
    AddTrack {
        kind: TrackKind,
        name: String,
    },
    SetTrack {
        track: crate::Track,
    },
    RemoveTrack {
        track: TrackId,
    },
    /// Pushes later clips of the track to the right.
    InsertClip {
        track: TrackId,
        at: Ticks,
        source: ClipSource,
        source_in: Ticks,
        length: Ticks,
    },
    /// Replaces whatever lies there.
    OverwriteClip {
        track: TrackId,
        at: Ticks,
        source: ClipSource,
        source_in: Ticks,
        length: Ticks,
    },
    BladeClip {
        clip: ClipId,
        at: Ticks,
    },
    /// New edges. With `ripple` the clip stays where it begins, its head or tail is cut, and later clips of the track follow its end.
    TrimClip {
        clip: ClipId,
        start: Ticks,
        length: Ticks,
        ripple: bool,
    },
    /// Moves the cut between two neighbours.
    RollCut {
        left: ClipId,
        right: ClipId,
        by: Ticks,
    },
    /// Shifts the source under the clip.
    SlipClip {
        clip: ClipId,
        by: Ticks,
    },
    /// Moves a clip between its neighbours, which give and take.
    SlideClip {
        clip: ClipId,
        by: Ticks,
    },
    MoveClip {
        clip: ClipId,
        track: TrackId,
        start: Ticks,
    },
    /// Several clips at once, each to its place; all of them or none.
    MoveClips {
        places: Vec<ClipPlace>,
        landing: Landing,
    },
    /// Copies, with every setting; their ids are ignored and new ones minted.
    PasteClips {
        clips: Vec<Clip>,
        landing: Landing,
    },
    /// Empties a stretch of these tracks; with `close` what comes later moves up.
    RemoveRange {
        from: Ticks,
        until: Ticks,
        tracks: Vec<TrackId>,
        close: bool,
    },
    /// A new shot in the gap of a video track at this time, made from its neighbours' words and pictures; nothing else moves.
    FillGap {
        track: TrackId,
        at: Ticks,
    },
    /// The clip's sound becomes a clip of its own on a sound track, in the same place; the picture falls silent.
    DetachSound {
        clip: ClipId,
    },
    /// The same part of the source in another time: sets the speed that takes. Nothing else moves.
    StretchClip {
        clip: ClipId,
        length: Ticks,
    },
    /// Leaves a gap.
    LiftClips {
        clips: Vec<ClipId>,
    },
    /// Closes the gap.
    ExtractClips {
        clips: Vec<ClipId>,
    },
    SetClipSpeed {
        clip: ClipId,
        speed_permille: u32,
    },
    SetClipSound {
        clip: ClipId,
        gain_millibels: i32,
        fade_in: Ticks,
        fade_out: Ticks,
    },
    /// Place between left and right, and volume over time.
    SetClipMix {
        clip: ClipId,
        mix: ClipMix,
    },
    SetClipPlacement {
        clip: ClipId,
        placement: Placement,
    },
    SetClipEffects {
        clip: ClipId,
        effects: Vec<Effect>,
    },
    /// Key frames: all of the clip's, as they should be.
    SetClipCurves {
        clip: ClipId,
        curves: Vec<Curve>,
    },
    SetTransition {
        clip: ClipId,
        transition: Option<Transition>,
    },
    SetAmbience {
        clip: ClipId,
        ambience: Ambience,
    },
    SetTitle {
        clip: ClipId,
        title: Title,
    },
    AddMarker {
        at: Ticks,
        text: String,
    },
    SetMarker {
        marker: MarkerId,
        text: String,
    },
    /// Several at once, such as the beats of a music; where a marker is already, none is added.
    AddMarkers {
        at: Vec<Ticks>,
        text: String,
    },
    RemoveMarker {
        marker: MarkerId,
    },
    // the studio's own work, never in a menu
    AddTake {
        take: Box<crate::Take>,
    },
    /// A consent was taken back: takes made under it are marked.
    WithdrawTakes {
        consents: Vec<crate::BlobHash>,
    },
    /// Takes made under these consents leave the film, with the clips that show them and nothing else.
    PurgeTakes {
        consents: Vec<crate::BlobHash>,
    },
    AddMedia {
        media: Box<crate::Media>,
    },
    /// Lines that a voice has spoken: see [`crate::Media::speech`].
    AddSpeech {
        media: Vec<crate::Media>,
    },
}

impl Command {
    /// What would change. The film is only read; apply the patch to change it.
    pub fn plan(&self, film: &Film, ids: &mut dyn Mint) -> Result<Patch, Refusal> {
        self.plan_with(film, ids, &mut ReadScripts::default())
    }

    /// The same, and what was read of scripts is kept for the next edit.
    pub fn plan_with(&self, film: &Film, ids: &mut dyn Mint, scripts: &mut ReadScripts) -> Result<Patch, Refusal> {
        match self {
            Self::SetScript { text } => script_edit::set_script(film, text, ids, scripts),
            Self::SetSettings { settings } => board::set_settings(film, settings, ids),
            Self::SetShot { shot } => board::set_shot(film, shot, ids),
            Self::MoveShot { shot, before } => board::move_shot(film, *shot, *before, ids),
            Self::DuplicateShot { shot } => board::duplicate(film, *shot, ids),
            Self::SplitShot { shot } => board::split(film, *shot, ids),
            Self::MergeShots { shots } => board::merge(film, shots, ids),
            Self::RemoveShot { shot } => board::remove_shot(film, *shot, ids),
            Self::ChooseTake { shot, take } => property::choose_take(film, *shot, *take),
            Self::RemoveTake { take } => property::remove_take(film, *take),
            Self::SetCast { member } => property::set_cast(film, member),
            Self::RemoveCast { member } => property::remove_cast(film, *member),
            Self::FillGap { track, at } => gap::fill(film, *track, *at, ids),
            Self::AddTrack { kind, name } => property::add_track(film, *kind, name, ids),
            Self::SetTrack { track } => property::set_track(film, track),
            Self::RemoveTrack { track } => property::remove_track(film, *track),
            Self::SetClipSound { clip, gain_millibels, fade_in, fade_out } => {
                property::sound(film, *clip, *gain_millibels, *fade_in, *fade_out)
            }
            Self::SetClipMix { clip, mix } => property::clip_mix(film, *clip, mix),
            Self::SetClipPlacement { clip, placement } => property::placement(film, *clip, *placement),
            Self::SetClipEffects { clip, effects } => property::effects(film, *clip, effects),
            Self::SetClipCurves { clip, curves } => property::curves(film, *clip, curves),
            Self::SetTransition { clip, transition } => property::transition(film, *clip, transition.as_ref()),
            Self::SetAmbience { clip, ambience } => property::ambience(film, *clip, *ambience),
            Self::SetTitle { clip, title } => property::title(film, *clip, title),
            Self::AddMarker { at, text } => property::add_marker(film, *at, text, ids),
            Self::SetMarker { marker, text } => property::set_marker(film, *marker, text),
            Self::AddMarkers { at, text } => property::add_markers(film, at, text, ids),
            Self::RemoveMarker { marker } => property::remove_marker(film, *marker),
            Self::AddTake { take } => property::add_take(film, take),
            Self::WithdrawTakes { consents } => Ok(cameos::withdraw(film, consents)),
            Self::PurgeTakes { consents } => cameos::purge(film, consents, ids),
            Self::AddMedia { media } => property::add_media(film, media),
            Self::AddSpeech { media } => dialogue::add_speech(film, media, ids),
            _ => {
                let mut cut = Cut::new(film);
                self.rearrange(&mut cut, ids)?;
                cut.finish(ids).map(Patch)
            }
        }
    }

    /// The commands that rearrange clips.
    fn rearrange(&self, cut: &mut Cut<'_>, ids: &mut dyn Mint) -> Result<(), Refusal> {
        match self {
            Self::InsertClip { track, at, source, source_in, length } => {
                let incoming = Incoming { track: *track, at: *at, source, source_in: *source_in, length: *length };
                timeline::insert(cut, &incoming, ids)
            }
            Self::OverwriteClip { track, at, source, source_in, length } => {
                let incoming = Incoming { track: *track, at: *at, source, source_in: *source_in, length: *length };
                timeline::overwrite(cut, &incoming, ids)
            }
            Self::BladeClip { clip, at } => timeline::blade(cut, *clip, *at, ids),
            Self::TrimClip { clip, start, length, ripple } => timeline::trim(cut, *clip, *start, *length, *ripple),
            Self::RollCut { left, right, by } => timeline::roll(cut, *left, *right, *by),
            Self::SlipClip { clip, by } => timeline::slip(cut, *clip, *by),
            Self::SlideClip { clip, by } => timeline::slide(cut, *clip, *by),
            Self::MoveClip { clip, track, start } => timeline::move_clip(cut, *clip, *track, *start),
            Self::MoveClips { places, landing } => arrange::move_together(cut, places, *landing, ids),
            Self::PasteClips { clips, landing } => arrange::paste(cut, clips, *landing, ids),
            Self::RemoveRange { from, until, tracks, close } => {
                arrange::remove_range(cut, (*from, *until), tracks, *close, ids)
            }
            Self::DetachSound { clip } => arrange::detach_sound(cut, *clip, ids),
            Self::StretchClip { clip, length } => arrange::stretch(cut, *clip, *length),
            Self::LiftClips { clips } => timeline::remove(cut, clips, false),
            Self::ExtractClips { clips } => timeline::remove(cut, clips, true),
            Self::SetClipSpeed { clip, speed_permille } => timeline::speed(cut, *clip, *speed_permille),
            // Every other command is planned above.
            _ => Ok(()),
        }
    }

    /// For the history list: "Split clip".
    pub fn label(&self) -> &'static str {
        match self {
            Self::SetScript { .. } => "Edit script",
            Self::SetSettings { .. } => "Change settings",
            Self::SetShot { .. } => "Edit shot",
            Self::MoveShot { .. } => "Move shot",
            Self::DuplicateShot { .. } => "Duplicate shot",
            Self::SplitShot { .. } => "Split shot",
            Self::MergeShots { .. } => "Merge shots",
            Self::RemoveShot { .. } => "Remove shot",
            Self::ChooseTake { .. } => "Choose take",
            Self::RemoveTake { .. } => "Remove take",
            Self::SetCast { .. } => "Edit cast",
            Self::RemoveCast { .. } => "Remove from cast",
            Self::AddTrack { .. } => "Add track",
            Self::SetTrack { .. } => "Change track",
            Self::RemoveTrack { .. } => "Remove track",
            Self::InsertClip { .. } => "Insert clip",
            Self::OverwriteClip { .. } => "Overwrite with clip",
            Self::BladeClip { .. } => "Split clip",
            Self::TrimClip { ripple: false, .. } => "Trim clip",
            Self::TrimClip { ripple: true, .. } => "Ripple trim",
            Self::RollCut { .. } => "Roll cut",
            Self::SlipClip { .. } => "Slip clip",
            Self::SlideClip { .. } => "Slide clip",
            Self::MoveClip { .. } => "Move clip",
            Self::MoveClips { .. } => "Move clips",
            Self::PasteClips { .. } => "Paste clips",
            Self::RemoveRange { close: false, .. } => "Lift range",
            Self::RemoveRange { close: true, .. } => "Extract range",
            Self::FillGap { .. } => "Fill gap",
            Self::DetachSound { .. } => "Detach sound",
            Self::StretchClip { .. } => "Stretch clip",
            Self::LiftClips { .. } => "Lift clips",
            Self::ExtractClips { .. } => "Extract clips",
            Self::SetClipSpeed { .. } => "Change speed",
            Self::SetClipSound { .. } => "Change sound",
            Self::SetClipMix { .. } => "Change mix",
            Self::SetClipPlacement { .. } => "Change placement",
            Self::SetClipEffects { .. } => "Change effects",
            Self::SetClipCurves { .. } => "Change key frames",
            Self::SetTransition { transition: Some(_), .. } => "Set transition",
            Self::SetTransition { transition: None, .. } => "Remove transition",
            Self::SetAmbience { .. } => "Change ambience",
            Self::SetTitle { .. } => "Edit title",
            Self::AddMarker { .. } => "Add marker",
            Self::SetMarker { .. } => "Edit marker",
            Self::AddMarkers { .. } => "Add markers",
            Self::RemoveMarker { .. } => "Remove marker",
            Self::AddTake { .. } => "Add take",
            Self::WithdrawTakes { .. } => "Mark takes whose consent was withdrawn",
            Self::PurgeTakes { .. } => "Remove takes whose consent was withdrawn",
            Self::AddMedia { .. } => "Import file",
            Self::AddSpeech { .. } => "Speak lines",
        }
    }

    /// The studio's own work, recorded with [`crate::Role::System`] and not undone.
    pub fn is_system(&self) -> bool {
        matches!(
            self,
            Self::AddTake { .. }
                | Self::AddMedia { .. }
                | Self::AddSpeech { .. }
                | Self::WithdrawTakes { .. }
                | Self::PurgeTakes { .. }
        )
    }
}

fn set(entity: Entity) -> Patch {
    Patch(vec![Op::Set { entity }])
}

fn remove(kind: Kind, id: u128) -> Op {
    Op::Remove { address: Address { kind, id } }
}

fn check_name(text: &str, what: &str) -> Result<(), Refusal> {
    check_bytes(text, what, limits::NAME_BYTES)
}

fn check_text(text: &str, what: &str) -> Result<(), Refusal> {
    check_bytes(text, what, limits::TEXT_BYTES)
}

fn check_bytes(text: &str, what: &str, limit: usize) -> Result<(), Refusal> {
    if text.len() <= limit {
        return Ok(());
    }
    Err(Refusal::new("text.too_long", format!("The {what} is longer than {limit} bytes."), "Shorten it."))
}
