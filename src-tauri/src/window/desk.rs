//! What the window asks, answered: one method per command, on the film that is open.
//!
//! Knows nothing of Tauri, so that tests drive it directly. It holds the open film, the powers given to the page, and the exports.

use super::dropped::{self, Kind};
use super::exports::{Exports, open, reveal};
use super::films;
use super::grants::{Grants, Tickets};
use crate::{board_file, caption_file, cli, screenplay_file};
use kinora_api::*;
use kinora_backend::{Consents, Dubbing, Enrolment, Events, ExportOrder, Loudness, OpenFilm, Shown, Studio, Trouble};
use kinora_document::{BlobHash, Command, FrameSize, Ticks, command::new_film};
use kinora_ports::media::Container;
use kinora_store::ProjectFolder;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, Once, OnceLock, PoisonError};

#[derive(Debug)]
pub struct Desk {
    studio: Studio,
    open: Mutex<Option<Open>>,
    grants: Grants,
    tickets: Tickets,
    /// Made at the first question about a camera.
    enrolment: OnceLock<Arc<Enrolment>>,
    /// Made at the first line that is dubbed.
    dubbing: OnceLock<Dubbing>,
    /// The film that was named at the start, while it opens beside the window.
    first: OnceLock<Arc<First>>,
}

/// How opening at the start went.
#[derive(Debug)]
struct First {
    done: Once,
    /// Told to the first window that listens.
    trouble: Mutex<Option<Trouble>>,
}

/// Whoever waits is let go at the end, also where opening panics.
struct Ending(Arc<First>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.done.call_once(|| ());
    }
}

#[derive(Clone, Debug)]
struct Open {
    film: Arc<OpenFilm>,
    root: PathBuf,
    exports: Arc<Exports>,
}

impl Desk {
    pub fn new(studio: Studio) -> Self {
        let (grants, tickets) = (Grants::default(), Tickets::default());
        let (enrolment, dubbing, first) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { studio, open: Mutex::new(None), grants, tickets, enrolment, dubbing, first }
    }

    pub fn grants(&self) -> &Grants {
        &self.grants
    }
    pub fn consents(&self) -> &Consents {
        &self.studio.tools.consents
    }
    pub fn enrolment(&self) -> Result<Arc<Enrolment>, Trouble> {
        if let Some(known) = self.enrolment.get() {
            return Ok(known.clone());
        }
        let made = Arc::new(crate::enrolment(&self.studio.tools)?);
        Ok(self.enrolment.get_or_init(|| made).clone())
    }
    /// None when no camera was asked for yet.
    pub fn known_enrolment(&self) -> Option<&Arc<Enrolment>> {
        self.enrolment.get()
    }
    pub fn dubbing(&self) -> &Dubbing {
        self.dubbing.get_or_init(crate::dubbing)
    }
    /// None when no line was dubbed yet.
    pub fn known_dubbing(&self) -> Option<&Dubbing> {
        self.dubbing.get()
    }
    pub fn tickets(&self) -> &Tickets {
        &self.tickets
    }
    pub fn events(&self) -> &Arc<Events> {
        &self.studio.events
    }

    pub fn film(&self) -> Result<Arc<OpenFilm>, Trouble> {
        self.opened().map(|open| open.film)
    }

    fn opened(&self) -> Result<Open, Trouble> {
        if let Some(first) = self.first.get() {
            first.done.wait();
        }
        self.lock()
            .clone()
            .ok_or_else(|| Trouble::refuse("film.none", "No film is open.", "Open or create a film first."))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn app_info(&self) -> AppInfo {
        let names = |paths: Vec<PathBuf>| paths.iter().map(|path| films::title(path)).collect();
        let film = self.film().ok();
        let graphics =
            film.as_ref().and_then(|film| film.with_monitor(|monitor| Ok(monitor.device_name().to_owned())).ok());
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        AppInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            recent: names(films::recent()),
            samples: names(films::samples()),
            graphics: graphics.unwrap_or_default(),
            compute: format!("{cores} CPU cores"),
            film_open: film.is_some(),
            voices: kinora_backend::voice_engines(self.studio.tools.voice.as_ref()),
        }
    }

    pub fn models(&self) -> Models {
        Models { models: self.studio.tools.engine.catalogue() }
    }

    // films

    pub fn create_film(&self, request: &CreateFilm) -> Result<(), Trouble> {
        let mut root = self.grants.path(request.grant, &[PathPurpose::NewFilm])?;
        if root.extension().is_none_or(|kind| kind != kinora_store::FOLDER_EXTENSION) {
            root.as_mut_os_string().push(format!(".{}", kinora_store::FOLDER_EXTENSION));
        }
        let entropy = &self.studio.tools.entropy;
        let title = if request.title.is_empty() { films::title(&root) } else { request.title.clone() };
        let film = new_film(&title, request.size, request.rate, &mut || entropy.random_u128());
        drop(ProjectFolder::create(&root, &film)?);
        self.open_folder(&root)
    }

    pub fn open_film(&self, which: &FilmToOpen) -> Result<(), Trouble> {
        let gone =
            || Trouble::refuse("film.gone", "That film is no longer there.", "Choose another one, or open its folder.");
        match which {
            FilmToOpen::Grant(grant) => self.open_path(&self.grants.path(*grant, &[PathPurpose::OpenFilm])?),
            FilmToOpen::Recent(index) => self.open_folder(films::recent().get(*index).ok_or_else(gone)?),
            FilmToOpen::Sample(name) => {
                let sample = films::samples().into_iter().find(|path| films::title(path) == *name);
                self.open_path(&sample.ok_or_else(gone)?)
            }
        }
    }

    /// Opens what was named at the start while the window comes up: each takes a while, and neither needs the other. Whoever asks for the
    /// film meanwhile waits for it. Called once, before there is a window.
    pub fn open_beside(self: &Arc<Self>, file: PathBuf) {
        let first = Arc::new(First { done: Once::new(), trouble: Mutex::new(None) });
        if self.first.set(first.clone()).is_err() {
            return;
        }
        let (desk, ending) = (self.clone(), Ending(first));
        let work = move || {
            if let Err(trouble) = desk.open_path(&file) {
                *ending.0.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
            }
            drop(ending);
        };
        // A system without another thread to give drops the work, and with it the waiting: the window shows its start page.
        let _ = std::thread::Builder::new().name("kinora-open".to_owned()).spawn(work);
    }

    /// What could not be opened at the start, once; waits until that is known.
    pub fn trouble_at_start(&self) -> Option<Trouble> {
        let first = self.first.get()?;
        first.done.wait();
        first.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// A project folder, or a screenplay, which gets a project in the studio's own folder.
    pub fn open_path(&self, path: &Path) -> Result<(), Trouble> {
        if path.is_dir() {
            return self.open_folder(path);
        }
        let text = screenplay_file::read(path)?;
        let root = cli::kept_project(path);
        self.close();
        let film = cli::open_or_create(&self.studio, &root, &films::title(path))?;
        // A film that was worked on in the window keeps its script; the file only begins it.
        if film.session.film().script.text.is_empty() {
            film.session.edit(&Command::SetScript { text }, None)?;
        }
        self.install(film, root);
        Ok(())
    }

    fn open_folder(&self, root: &Path) -> Result<(), Trouble> {
        let same = self.lock().as_ref().is_some_and(|open| open.root == root);
        if same {
            return Ok(());
        }
        let name = root.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // The new one first: when it cannot be opened, the old one stays.
        let (store, opened) = ProjectFolder::open(root)?;
        let film = self.studio.open(&name, Arc::new(store), &opened)?;
        self.close();
        self.install(film, root.to_owned());
        Ok(())
    }

    fn install(&self, film: OpenFilm, root: PathBuf) {
        films::remember(&root);
        let exports = Arc::new(Exports::load(&film));
        let film = Arc::new(film);
        *self.lock() = Some(Open { film: film.clone(), root, exports });
        // Without a thread to give, the first picture comes when it is asked for.
        let _ = std::thread::Builder::new().name("kinora-warm-up".to_owned()).spawn(move || film.warm_up());
        // At the start everybody who asks waits, and a message would make the window ask for everything twice.
        if self.first.get().is_none_or(|first| first.done.is_completed()) {
            self.events().send(&Event::FilmOpened);
        }
    }

    pub fn close(&self) {
        if let Some(dubbing) = self.known_dubbing() {
            dubbing.forget();
        }
        let open = self.lock().take();
        if let Some(open) = open {
            open.exports.cancel_all();
        }
    }

    pub fn replica(&self) -> Option<Replica> {
        let film = self.film().ok()?;
        Some(film.session.replica(&film.name, &film.repairs))
    }

    /// What a file that belongs to this film is best called.
    pub fn suggested_name(&self) -> String {
        self.film().map_or_else(|_| "Untitled".to_owned(), |film| film.name.clone())
    }

    pub fn history(&self) -> Vec<HistoryEntry> {
        self.film().map(|film| film.session.history()).unwrap_or_default()
    }

    // making takes

    /// Empty while no film is open.
    pub fn queue(&self) -> QueueView {
        let empty = QueueView { paused: false, jobs: Vec::new(), millis_left: None };
        self.film().map_or(empty, |film| film.queue.view())
    }

    pub fn generate(&self, request: &GenerateRequest) -> Result<Generated, Trouble> {
        limit(request)?;
        let film = self.film()?;
        let generated = film.generate(&request.shots, request.variations, request.new_seed)?;
        film.dialogue.speak_soon();
        Ok(generated)
    }

    pub fn estimate(&self, request: &GenerateRequest) -> Result<EstimateAnswer, Trouble> {
        limit(request)?;
        let film = self.film()?;
        let shots = if request.shots.is_empty() { film.stale_shots() } else { request.shots.clone() };
        let mut estimate = film.estimate(&shots)?;
        estimate.millis *= u64::from(request.variations.max(1));
        Ok(EstimateAnswer { shots: shots.len(), estimate })
    }

    pub fn cancel_job(&self, number: JobNumber) -> Result<(), Trouble> {
        let open = self.opened()?;
        if open.exports.cancel(number) { Ok(()) } else { open.film.queue.cancel(number) }
    }

    /// The forming picture of a job, as JPEG.
    pub fn forming(&self, number: JobNumber) -> Option<Vec<u8>> {
        self.film().ok()?.forming_jpeg(number)
    }

    // showing

    pub fn show(&self, at: Ticks, within: FrameSize) -> Result<Shown, Trouble> {
        let film = self.film()?;
        let document = film.session.film();
        film.with_monitor(|monitor| monitor.show(&document, at, within))
    }

    /// With `after`, the next picture behind the one of that time: it is made ahead and answered when it is heard, so that whoever asks
    /// again and again gets each once, and in time.
    pub fn show_live(&self, within: FrameSize, after: Option<Ticks>) -> Result<Shown, Trouble> {
        let film = self.film()?;
        let document = film.session.film();
        let ahead = after.map_or(Ok(None), |shown| {
            film.with_monitor(|monitor| {
                let Some(coming) = monitor.coming(&document, shown) else { return Ok(None) };
                let picture = monitor.show(&document, coming, within)?;
                Ok(Some((monitor.until(&document, coming), picture)))
            })
        })?;
        if let Some((wait, picture)) = ahead {
            // Without the monitor, which has to be there for whoever wants to stop.
            std::thread::sleep(wait);
            if let Some(shown) = film.with_monitor(|monitor| Ok(monitor.due(&document, picture)))? {
                return Ok(shown);
            }
        }
        let (before, shown) = film.with_monitor(|monitor| {
            let before = monitor.is_playing();
            Ok((before, monitor.show_live(&document, within)?))
        })?;
        if before && !shown.playing {
            self.events().send(&Event::Transport { playing: false, at: shown.at });
        }
        Ok(shown)
    }

    pub fn play(&self, request: &PlayRequest) -> Result<(), Trouble> {
        let film = self.film()?;
        let document = film.session.film();
        film.with_monitor(|monitor| monitor.play(&document, request))?;
        self.events().send(&Event::Transport { playing: true, at: request.from });
        Ok(())
    }

    pub fn stop(&self) -> Result<(), Trouble> {
        let film = self.film()?;
        let document = film.session.film();
        let at = film.with_monitor(|monitor| Ok(monitor.stop(&document)))?;
        self.events().send(&Event::Transport { playing: false, at });
        Ok(())
    }

    /// A thumbnail or reference picture that the film names; other blobs are not handed out.
    pub fn thumbnail(&self, hash: BlobHash) -> Result<Vec<u8>, Trouble> {
        let film = self.film()?;
        let document = film.session.film();
        let named = document.takes.iter().any(|take| take.thumbnail == Some(hash))
            || document.media.iter().any(|media| media.thumbnail == Some(hash))
            || document.cast.iter().any(|member| member.references.contains(&hash));
        if !named {
            return Err(Trouble::refuse(
                "picture.unknown",
                "There is no such picture in the film.",
                "Nothing needs to be done.",
            ));
        }
        Ok(film.session.store().blobs().get(hash)?)
    }

    /// How loud a take or an imported file is, hundredth by hundredth of a second; see [`PEAKS_PER_SECOND`].
    pub fn peaks(&self, hash: BlobHash) -> Result<Vec<u8>, Trouble> {
        let film = self.film()?;
        let document = film.session.film();
        let named = document.takes.iter().any(|take| take.blob == hash)
            || document.media.iter().any(|media| media.blob == hash);
        if !named {
            return Err(Trouble::refuse(
                "sound.unknown",
                "There is no such sound in the film.",
                "Nothing needs to be done.",
            ));
        }
        film.peaks(hash)
    }

    // files in and out

    pub fn import_script(&self, grant: u64) -> Result<Edited, Trouble> {
        self.script_from(&self.grants.path(grant, &[PathPurpose::ImportScript])?)
    }

    fn script_from(&self, path: &Path) -> Result<Edited, Trouble> {
        let text = screenplay_file::read(path)?;
        self.film()?.session.edit(&Command::SetScript { text }, None)
    }

    pub fn import_media(&self, grant: u64) -> Result<Imported, Trouble> {
        self.media_from(&self.grants.path(grant, &[PathPurpose::ImportMedia])?)
    }

    fn media_from(&self, path: &Path) -> Result<Imported, Trouble> {
        let film = self.film()?;
        if caption_file::is_captions(path) {
            let notes = caption_file::import(&film.session, path)?;
            return Ok(Imported { media: Vec::new(), problems: notes.into_iter().map(mended).collect() });
        }
        Ok(Imported { media: vec![film.import(path)?], problems: Vec::new() })
    }

    /// A file that a person let go over the window.
    pub fn take_in(&self, path: &Path) -> Result<(), Trouble> {
        match (dropped::kind_of(path), self.film().is_ok()) {
            (Kind::Film, _) => self.open_path(path),
            (Kind::Script, false) => self.open_path(path),
            (Kind::Script, true) => self.script_from(path).map(drop),
            (Kind::Media, _) => self.media_from(path).map(drop),
        }
    }

    // the rules of this house

    pub fn policy(&self) -> Result<PolicyView, Trouble> {
        self.studio.tools.gate.view()
    }

    pub fn set_policy(&self, change: &SetPolicy) -> Result<PolicyView, Trouble> {
        self.studio.tools.gate.set(change)
    }

    pub fn import_list(&self, grant: u64) -> Result<PolicyView, Trouble> {
        let path = self.grants.path(grant, &[PathPurpose::ImportList])?;
        cli::import_list(&self.studio.tools.gate, &path)
    }

    /// Whether or not a film is open: the file may come from anywhere.
    pub fn verify_file(&self, grant: u64) -> Result<FileReport, Trouble> {
        let path = self.grants.path(grant, &[PathPurpose::VerifyFile])?;
        Ok(kinora_backend::verify(&self.studio.tools, &path)?.for_window())
    }

    pub fn export_film(&self, request: &ExportRequest) -> Result<JobNumber, Trouble> {
        let (purpose, container) = match request.format {
            ExportFormat::Mp4 => (PathPurpose::ExportMp4, Container::Mp4),
            ExportFormat::WebM => (PathPurpose::ExportWebM, Container::WebM),
            ExportFormat::PngSequence => (PathPurpose::ExportPictures, Container::PngSequence),
            ExportFormat::ContactSheet => (PathPurpose::ExportContactSheet, Container::ContactSheet),
            ExportFormat::BoardPdf => return self.export_board(request),
            ExportFormat::SubRip => return self.export_captions(request, PathPurpose::ExportSubRip),
            ExportFormat::WebVtt => return self.export_captions(request, PathPurpose::ExportWebVtt),
        };
        let path = self.grants.path(request.grant, &[purpose])?;
        let open = self.opened()?;
        let order = ExportOrder {
            size: request.size,
            rate: request.rate,
            loudness: loudness(request.loudness),
            ..ExportOrder::new(container)
        };
        Ok(open.exports.start(open.film.clone(), self.events().clone(), request.format, order, path))
    }

    fn export_captions(&self, request: &ExportRequest, purpose: PathPurpose) -> Result<JobNumber, Trouble> {
        let path = self.grants.path(request.grant, &[purpose])?;
        let open = self.opened()?;
        caption_file::write(&open.film.session.film(), &path)?;
        Ok(open.exports.written(&open.film, self.events(), request.format, &path))
    }

    fn export_board(&self, request: &ExportRequest) -> Result<JobNumber, Trouble> {
        let path = self.grants.path(request.grant, &[PathPurpose::ExportBoard])?;
        let open = self.opened()?;
        board_file::write(&open.film, &self.studio.tools.engine.catalogue(), &path)?;
        Ok(open.exports.written(&open.film, self.events(), request.format, &path))
    }

    pub fn export_history(&self) -> Vec<ExportView> {
        self.opened().map(|open| open.exports.views()).unwrap_or_default()
    }

    pub fn reveal_export(&self, number: JobNumber) -> Result<(), Trouble> {
        reveal(&self.opened()?.exports.path(number)?)
    }

    pub fn open_export(&self, number: JobNumber) -> Result<(), Trouble> {
        open(&self.opened()?.exports.path(number)?)
    }

    // what the window remembers

    pub fn view(&self) -> SavedView {
        let path = self.opened().map(|open| open.root.join(VIEW));
        SavedView { json: path.ok().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default() }
    }

    pub fn save_view(&self, view: &SavedView) -> Result<(), Trouble> {
        keep(view, &self.opened()?.root.join(VIEW))
    }

    pub fn settings(&self) -> SavedView {
        SavedView { json: std::fs::read_to_string(crate::places::data().join(SETTINGS)).unwrap_or_default() }
    }

    pub fn save_settings(&self, settings: &SavedView) -> Result<(), Trouble> {
        let folder = crate::places::data();
        let _ = std::fs::create_dir_all(&folder);
        keep(settings, &folder.join(SETTINGS))
    }
}

fn keep(view: &SavedView, path: &Path) -> Result<(), Trouble> {
    if view.json.len() > SAVED_VIEW_BYTES {
        return Err(Trouble::refuse(
            "view.too_large",
            "The window's layout is too large to keep.",
            "Close some panes.",
        ));
    }
    let part = path.with_extension("json.part");
    // Losing a pane's width is no loss of work.
    let _ = std::fs::write(&part, &view.json).and_then(|()| std::fs::rename(&part, path));
    Ok(())
}

fn mended(note: String) -> Problem {
    let remedy = "The captions are on the timeline; look them over.".to_owned();
    Problem { rule: "captions.mended".to_owned(), what: note, remedy, detail: String::new() }
}

/// Sizes of panes, selection: beside the film, not in it.
const VIEW: &str = "view.json";
/// What the window remembers whatever film is open.
const SETTINGS: &str = "window.json";

fn loudness(wanted: ExportLoudness) -> Option<Loudness> {
    match wanted {
        ExportLoudness::Web => Some(Loudness::SOCIAL),
        ExportLoudness::Podcast => Some(Loudness::PODCAST),
        ExportLoudness::Broadcast => Some(Loudness::BROADCAST),
        ExportLoudness::AsMixed => None,
    }
}

fn limit(request: &GenerateRequest) -> Result<(), Trouble> {
    if request.shots.len() > SHOTS_PER_REQUEST || !(1..=VARIATIONS).contains(&request.variations) {
        return Err(Trouble::refuse(
            "generate.too_many",
            format!("At most {SHOTS_PER_REQUEST} shots and {VARIATIONS} variations can be generated at once."),
            "Generate them in parts.",
        ));
    }
    Ok(())
}
