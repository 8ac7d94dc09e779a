//! What the window knows: the film's replica, the queue, and where the person is looking.
//!
//! One [`Studio`] of signals is handed to every room. Rooms read signals and perform actions; they never talk to the bridge about
//! the film on their own, so that every edit, error and message takes the same way.

use crate::bridge::{self, ask};
use crate::lang::{t, tf};
use crate::replica::{Heard, LocalFilm};
use crate::theme::Manners;
use crate::timeline::cutting::Cutting;
use kinora_api::*;
use kinora_document::board::{Card, CardState};
use kinora_document::catalogue::Model;
use kinora_document::{CastId, ClipId, Command, Film, FrameRate, GestureId, Kind, Patch, ShotId, Ticks};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    Write,
    Board,
    Edit,
    Cast,
    Cameo,
    Deliver,
}

impl Room {
    pub const ALL: [Self; 6] = [Self::Write, Self::Board, Self::Edit, Self::Cast, Self::Cameo, Self::Deliver];

    pub fn name(self) -> &'static str {
        match self {
            Self::Write => t("room-write"),
            Self::Board => t("room-board"),
            Self::Edit => t("room-edit"),
            Self::Cast => t("room-cast"),
            Self::Cameo => t("room-cameo"),
            Self::Deliver => t("room-deliver"),
        }
    }
    pub fn slug(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Board => "board",
            Self::Edit => "edit",
            Self::Cast => "cast",
            Self::Cameo => "cameo",
            Self::Deliver => "deliver",
        }
    }
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|room| room.slug() == slug)
    }
}

/// What lies over the room, at most one thing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    None,
    FilmMenu,
    EngineCard,
    Queue,
    History,
    Palette,
    Shortcuts,
    NewFilm,
    Settings,
    Keyboard,
    /// The words of the marker at the playhead.
    Marker,
    /// What a file says of itself.
    Verify,
    /// Speaking a line oneself.
    Dub(DubPlace),
}

impl Overlay {
    /// What says nothing of a film stays when another one is opened: somebody may be typing there.
    fn is_of_a_film(&self) -> bool {
        !matches!(self, Self::Settings | Self::Shortcuts | Self::Keyboard | Self::Palette | Self::Verify)
    }
}

/// A file that somebody wanted looked at, by its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Looked {
    #[default]
    Nothing,
    Looking(String),
    Found(String, FileReport),
    Trouble(String, Problem),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Select,
    Blade,
    Ripple,
    Roll,
    Slip,
    Slide,
}

/// A line in the status bar, and the problem behind it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notice {
    pub text: String,
    pub problem: Option<Problem>,
}

#[derive(Clone, Copy)]
pub struct Studio {
    pub info: RwSignal<Option<AppInfo>>,
    /// None while no film is open.
    pub local: RwSignal<Option<LocalFilm>>,
    /// Raised after everything but clips, tracks and markers has changed: what the cards and the numbers of shots hang on.
    pub told: RwSignal<u32>,
    /// Raised after clips or tracks have changed: what the timeline's layout hangs on.
    pub cut: RwSignal<u32>,
    /// The end of the last clip: found once per edit, not once per place that shows it.
    pub length: Memo<Ticks>,
    /// False until the first answer: nothing is shown before we know what there is to show.
    pub settled: RwSignal<bool>,
    pub queue: RwSignal<QueueView>,
    pub exports: RwSignal<Vec<ExportView>>,
    pub models: RwSignal<Vec<Model>>,
    /// Cards of the board, in story order.
    pub cards: Memo<Vec<Card>>,
    /// Where in `cards` a shot is: a film has thousands, and every card asks.
    pub places: Memo<BTreeMap<ShotId, usize>>,
    /// How often the forming picture of a job has changed.
    pub forming: RwSignal<BTreeMap<JobNumber, u32>>,
    pub room: RwSignal<Room>,
    pub overlay: RwSignal<Overlay>,
    pub notice: RwSignal<Notice>,
    pub looked: RwSignal<Looked>,
    pub shot: RwSignal<Option<ShotId>>,
    /// Shots chosen together on the board; empty when only `shot` is.
    pub shots: RwSignal<BTreeSet<ShotId>>,
    /// The member shown in the Cast room.
    pub member: RwSignal<Option<CastId>>,
    /// Likenesses on this machine; None before somebody asked.
    pub cameos: RwSignal<Option<CameosAnswer>>,
    pub clips: RwSignal<Vec<ClipId>>,
    pub tool: RwSignal<Tool>,
    pub snapping: RwSignal<bool>,
    pub cutting: Cutting,
    pub playhead: RwSignal<Ticks>,
    pub playing: RwSignal<bool>,
    /// Silent winding: −4 … 4 times the film's pace, 0 for none.
    pub winding: RwSignal<i32>,
    pub repeat: RwSignal<bool>,
    pub reduced: RwSignal<bool>,
    /// How the window looks and speaks, whatever film is open.
    pub manners: RwSignal<Manners>,
    /// The step of the first run's tour.
    pub tour: RwSignal<usize>,
    /// Sizes of panes by name, in pixels.
    pub panes: RwSignal<BTreeMap<String, i32>>,
    /// Fits the whole film into the timeline when it changes.
    pub fit: RwSignal<u32>,
    /// Zooms the timeline: each step is one press.
    pub zoom: RwSignal<i32>,
    /// A line of the script to show.
    pub script_line: RwSignal<Option<u32>>,
    pub next_message: RwSignal<u64>,
}

impl std::fmt::Debug for Studio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Studio")
    }
}

pub fn studio() -> Studio {
    expect_context()
}

impl Studio {
    pub fn new() -> Self {
        let local = RwSignal::new(None::<LocalFilm>);
        let models = RwSignal::new(Vec::new());
        let (told, cut) = (RwSignal::new(0), RwSignal::new(0));
        let cards = Memo::new(move |_| {
            told.track();
            models.with(|models| {
                local.with_untracked(|local| {
                    local.as_ref().map(|l| kinora_document::board::cards(&l.film, models)).unwrap_or_default()
                })
            })
        });
        let length = Memo::new(move |_| {
            cut.track();
            local.with_untracked(|local| local.as_ref().map_or(Ticks::ZERO, |local| local.film.length()))
        });
        let places = Memo::new(move |_| {
            cards.with(|cards: &Vec<Card>| cards.iter().enumerate().map(|(at, card)| (card.shot, at)).collect())
        });
        Self {
            info: RwSignal::new(None),
            local,
            told,
            cut,
            length,
            settled: RwSignal::new(false),
            queue: RwSignal::new(QueueView { paused: false, jobs: Vec::new(), millis_left: None }),
            exports: RwSignal::new(Vec::new()),
            models,
            cards,
            places,
            forming: RwSignal::new(BTreeMap::new()),
            room: RwSignal::new(Room::Board),
            overlay: RwSignal::new(Overlay::None),
            notice: RwSignal::new(Notice::default()),
            looked: RwSignal::new(Looked::default()),
            shot: RwSignal::new(None),
            shots: RwSignal::new(BTreeSet::new()),
            member: RwSignal::new(None),
            cameos: RwSignal::new(None),
            clips: RwSignal::new(Vec::new()),
            tool: RwSignal::new(Tool::Select),
            snapping: RwSignal::new(true),
            cutting: Cutting::new(),
            playhead: RwSignal::new(Ticks::ZERO),
            playing: RwSignal::new(false),
            winding: RwSignal::new(0),
            repeat: RwSignal::new(false),
            reduced: RwSignal::new(false),
            manners: RwSignal::new(Manners::default()),
            tour: RwSignal::new(0),
            panes: RwSignal::new(BTreeMap::new()),
            fit: RwSignal::new(0),
            zoom: RwSignal::new(0),
            script_line: RwSignal::new(None),
            next_message: RwSignal::new(1),
        }
    }

    /// Reads the film; the default when none is open.
    pub fn film<T: Default>(&self, read: impl FnOnce(&Film) -> T) -> T {
        self.local.with(|local| local.as_ref().map(|l| read(&l.film)).unwrap_or_default())
    }
    /// Reads the film again only when something besides clips, tracks and markers has changed.
    pub fn story<T: Default>(&self, read: impl FnOnce(&Film) -> T) -> T {
        self.told.track();
        self.film_untracked(read)
    }
    /// Reads the film again only when clips or tracks have changed.
    pub fn timeline<T: Default>(&self, read: impl FnOnce(&Film) -> T) -> T {
        self.cut.track();
        self.film_untracked(read)
    }
    fn all_is_new(&self) {
        self.told.update(|n| *n += 1);
        self.cut.update(|n| *n += 1);
    }
    pub fn film_untracked<T: Default>(&self, read: impl FnOnce(&Film) -> T) -> T {
        self.local.with_untracked(|local| local.as_ref().map(|l| read(&l.film)).unwrap_or_default())
    }
    /// The card of a shot, as long as the shot is there.
    pub fn card(&self, shot: ShotId) -> Option<Card> {
        let at = self.places.with(|places| places.get(&shot).copied())?;
        self.cards.with(|cards| cards.get(at).cloned())
    }
    /// Whether a shot has a take that is what its words ask for.
    pub fn ready_untracked(&self, shot: ShotId) -> bool {
        let at = self.places.with_untracked(|places| places.get(&shot).copied());
        self.cards.with_untracked(|cards| at.and_then(|at| cards.get(at)).is_some_and(|c| c.state == CardState::Ready))
    }
    pub fn is_open(&self) -> bool {
        self.local.with(Option::is_some)
    }
    pub fn rate(&self) -> FrameRate {
        self.local.with(|local| local.as_ref().map_or(FrameRate::FPS_24, |l| l.film.settings.rate))
    }
    pub fn rate_untracked(&self) -> FrameRate {
        self.local.with_untracked(|local| local.as_ref().map_or(FrameRate::FPS_24, |l| l.film.settings.rate))
    }

    pub fn say(&self, text: impl Into<String>) {
        self.notice.set(Notice { text: text.into(), problem: None });
    }
    pub fn complain(&self, problem: Problem) {
        self.notice.set(Notice { text: problem.what.clone(), problem: Some(problem) });
    }

    /// Does `ask` and says what went wrong, if something did.
    pub fn request<A: Ask + 'static>(&self, request: A::Request, then: impl FnOnce(A::Answer) + 'static)
    where
        A::Request: 'static,
    {
        let studio = *self;
        spawn_local(async move {
            match ask::<A>(request).await {
                Ok(answer) => then(answer),
                Err(problem) => studio.complain(problem),
            }
        });
    }

    /// As [`Self::request`], with somewhere else to say what went wrong.
    pub fn request_or<A: Ask + 'static>(
        &self,
        request: A::Request,
        then: impl FnOnce(A::Answer) + 'static,
        trouble: impl FnOnce(Problem) + 'static,
    ) where
        A::Request: 'static,
    {
        spawn_local(async move {
            match ask::<A>(request).await {
                Ok(answer) => then(answer),
                Err(problem) => trouble(problem),
            }
        });
    }

    /// One edit, undone by itself.
    pub fn edit(&self, command: Command) {
        self.edit_within(command, None);
    }
    /// Edits that share a gesture are undone together.
    pub fn edit_within(&self, command: Command, gesture: Option<GestureId>) {
        self.request::<AskEdit>(EditRequest { command, gesture }, |_| ());
    }

    /// One after the other, undone together; the first that is refused ends it. Then `done`, if all were taken.
    pub fn edit_all(&self, commands: Vec<Command>, done: impl FnOnce() + 'static) {
        let studio = *self;
        let gesture = Some(new_gesture());
        spawn_local(async move {
            for command in commands {
                if let Err(problem) = ask::<AskEdit>(EditRequest { command, gesture }).await {
                    return studio.complain(problem);
                }
            }
            done();
        });
    }

    pub fn renew_film(&self) {
        let studio = *self;
        self.request::<AskReplica>((), move |replica| {
            let repairs = replica.as_ref().map(|r| r.repairs.clone()).unwrap_or_default();
            studio.local.update(|local| match (local.as_mut(), replica) {
                (Some(local), Some(replica)) => local.renew(replica),
                (_, replica) => *local = replica.map(LocalFilm::new),
            });
            studio.all_is_new();
            studio.settled.set(true);
            if studio.shot.get_untracked().is_none() {
                studio.shot.set(studio.film_untracked(|film| film.shots.first().map(|shot| shot.id)));
            }
            if let Some(repair) = repairs.first() {
                studio.say(repair.clone());
            }
        });
    }
    pub fn renew_info(&self) {
        let studio = *self;
        self.request::<AskAppInfo>((), move |info| studio.info.set(Some(info)));
    }
    pub fn renew_queue(&self) {
        let studio = *self;
        self.request::<AskQueue>((), move |queue| studio.queue.set(queue));
    }
    pub fn renew_exports(&self) {
        let studio = *self;
        self.request::<AskExportHistory>((), move |exports| studio.exports.set(exports));
    }
    pub fn renew_cameos(&self) {
        let studio = *self;
        self.request::<AskCameos>((), move |answer| studio.cameos.set(Some(answer)));
    }
    pub fn renew_models(&self) {
        let studio = *self;
        self.request::<AskModels>((), move |models| studio.models.set(models.models));
    }

    /// Begins to listen, then asks for everything there is.
    pub fn start(self) {
        spawn_local(async move {
            if let Err(problem) = bridge::listen(move |message| self.hear(message)).await {
                self.settled.set(true);
                self.complain(problem);
                return;
            }
            if let Err(problem) = bridge::fetch_ticket().await {
                self.complain(problem);
            }
            self.renew_info();
            self.renew_models();
            self.request::<AskEffects>((), move |effects| self.cutting.effects.set(effects));
            crate::habits::restore(self);
            self.film_opened();
        });
    }

    fn film_opened(self) {
        self.local.set(None);
        self.all_is_new();
        self.shot.set(None);
        self.shots.set(BTreeSet::new());
        self.member.set(None);
        self.clips.set(Vec::new());
        self.cutting.forget();
        self.playhead.set(Ticks::ZERO);
        self.playing.set(false);
        self.winding.set(0);
        if self.overlay.with_untracked(Overlay::is_of_a_film) {
            self.overlay.set(Overlay::None);
        }
        self.renew_film();
        self.renew_queue();
        self.renew_exports();
        crate::view::restore(self);
    }

    fn hear(self, message: Message) {
        let expected = self.next_message.get_untracked();
        self.next_message.set(message.number + 1);
        if message.number > expected {
            self.renew_film();
            self.renew_queue();
            self.renew_exports();
        }
        match message.event {
            Event::FilmOpened => {
                self.renew_info();
                self.film_opened();
            }
            Event::FilmChanged { sequence, label, patch, undo, redo } => {
                let heard = self.local.try_update(|local| match local {
                    Some(local) => local.hear(sequence, &patch, undo, redo),
                    None => Heard::Hole,
                });
                let (told, cut) = touched(&patch);
                if heard == Some(Heard::Applied) && told {
                    self.told.update(|n| *n += 1);
                }
                if heard == Some(Heard::Applied) && cut {
                    self.cut.update(|n| *n += 1);
                }
                match heard {
                    Some(Heard::Applied) if !label.is_empty() => self.say(label),
                    Some(Heard::Hole) => self.renew_film(),
                    _ => {}
                }
            }
            Event::Queue { queue } => self.queue.set(queue),
            Event::Forming { job, .. } => self.forming.update(|forming| *forming.entry(job).or_default() += 1),
            Event::Export { export } => self.hear_export(export),
            Event::Transport { playing, at } => {
                self.playing.set(playing);
                self.playhead.set(at);
            }
            Event::Notice { text, problem } => self.notice.set(Notice { text, problem }),
        }
    }

    fn hear_export(self, export: ExportView) {
        match &export.state {
            ExportState::Done { .. } => self.say(tf("export-done", &[("name", &export.name)])),
            ExportState::Failed(problem) => self.complain(problem.clone()),
            _ => {}
        }
        self.exports.update(|exports| match exports.iter_mut().find(|known| known.number == export.number) {
            Some(known) => *known = export,
            None => exports.insert(0, export),
        });
    }
}

impl Default for Studio {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a patch changes the story (shots, takes, cast, settings, script) and whether it changes the cut (clips, tracks).
fn touched(patch: &Patch) -> (bool, bool) {
    let kinds = patch.0.iter().map(|op| op.address().kind);
    kinds.fold((false, false), |(told, cut), kind| match kind {
        Kind::Clip | Kind::Track => (told, true),
        Kind::Marker => (told, cut),
        _ => (true, cut),
    })
}

/// A fresh id for a gesture.
pub fn new_gesture() -> GestureId {
    let part = || (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
    let wide = [part(), part(), part(), part()].into_iter().fold(0_u128, |id, part| (id << 32) | u128::from(part));
    GestureId(wide)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kinora_document::{Address, Entity, Marker, MarkerId, Op};

    #[test]
    fn a_patch_of_clips_leaves_the_cards_alone_and_a_patch_of_shots_leaves_the_layout_alone() {
        let remove = |kind: Kind| Op::Remove { address: Address { kind, id: 1 } };
        let of = |kinds: &[Kind]| touched(&Patch(kinds.iter().map(|kind| remove(*kind)).collect()));
        assert_eq!(of(&[Kind::Clip, Kind::Track]), (false, true));
        assert_eq!(touched(&Patch(vec![Op::Start { clip: ClipId(1), at: Ticks::ZERO }])), (false, true));
        assert_eq!(of(&[Kind::Shot]), (true, false));
        assert_eq!(of(&[Kind::Take, Kind::Clip]), (true, true));
        let marker = Marker { id: MarkerId(1), at: Ticks::ZERO, text: String::new() };
        assert_eq!(touched(&Patch(vec![Op::Set { entity: Entity::Marker(marker) }])), (false, false));
    }
}
