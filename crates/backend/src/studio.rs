//! The studio with a film open: services put together, and the tools they share.
//!
//! [`Tools`] are the adapters, chosen once by the composition root; an [`OpenFilm`] holds the services of one project and ends them in the
//! right order when it is dropped. The command line and the window both work through this.

use crate::consents::Consents;
use crate::dialogue::{Dialogue, Speaking};
use crate::events::Events;
use crate::exporter::{ExportOrder, Exported, Exporter};
use crate::gate::Gate;
use crate::generation::{Generator, Wish};
use crate::library::Library;
use crate::monitor::Monitor;
use crate::problem::Trouble;
use crate::queue::Queue;
use crate::session::Session;
use kinora_api::{Generated, PromptAnswer};
use kinora_document::board::{CardState, cards};
use kinora_document::catalogue::Estimate;
use kinora_document::plan::{SoundSource, unscaled};
use kinora_document::recipe::{derive_seed, engine_of};
use kinora_document::{ClipId, Command, FrameSize, Media, MediaId, MediaKind, ShotId, Ticks};
use kinora_policy::Place;
use kinora_ports::compositor::PictureStore;
use kinora_ports::engine::Order;
use kinora_ports::store::Opened;
use kinora_ports::{
    Compositor, Decoder, Encoder, Engine, Entropy, Flow, Instrument, PortError, ProjectStore, Provenance, Speaker,
    Voice, Watermark,
};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Small, since nobody sees it: what takes time at a first picture does not depend on its size.
const WARM_UP: FrameSize = FrameSize { width: 320, height: 180 };

/// Makes compositors: one for the monitor, one for each export.
pub type CompositorMaker = dyn Fn() -> Result<Box<dyn Compositor>, PortError> + Send + Sync;

#[derive(Clone)]
pub struct Tools {
    pub engine: Arc<dyn Engine>,
    pub decoder: Arc<dyn Decoder>,
    pub encoder: Arc<dyn Encoder>,
    pub compositors: Arc<CompositorMaker>,
    pub speaker: Arc<dyn Speaker>,
    pub voice: Arc<dyn Voice>,
    pub instrument: Arc<dyn Instrument>,
    pub entropy: Arc<dyn Entropy>,
    pub gate: Arc<Gate>,
    pub watermark: Arc<dyn Watermark>,
    pub provenance: Arc<dyn Provenance>,
    pub consents: Arc<Consents>,
}

impl std::fmt::Debug for Tools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tools").finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub struct Studio {
    pub tools: Tools,
    pub events: Arc<Events>,
}

/// The services of one open project.
#[derive(Debug)]
pub struct OpenFilm {
    pub(crate) tools: Tools,
    pub name: String,
    pub repairs: Vec<String>,
    pub session: Arc<Session>,
    pub queue: Queue,
    pub dialogue: Arc<Dialogue>,
    /// Made at the first picture: the window opens before a graphics device is looked for.
    pub(crate) monitor: Mutex<Option<Monitor>>,
}

impl Studio {
    pub fn new(tools: Tools) -> Self {
        Self { tools, events: Arc::new(Events::default()) }
    }

    pub fn open(&self, name: &str, store: Arc<dyn ProjectStore>, opened: &Opened) -> Result<OpenFilm, Trouble> {
        let tools = self.tools.clone();
        let session = Session::open(store, opened, tools.entropy.clone(), self.events.clone())?;
        let session = Arc::new(session);
        let generator = Generator {
            session: session.clone(),
            engine: tools.engine.clone(),
            encoder: tools.encoder.clone(),
            decoder: tools.decoder.clone(),
            entropy: tools.entropy.clone(),
            gate: tools.gate.clone(),
            consents: tools.consents.clone(),
        };
        let queue = Queue::start(generator, self.events.clone())?;
        let (voice, entropy, gate) = (tools.voice.clone(), tools.entropy.clone(), tools.gate.clone());
        let dialogue = Arc::new(Dialogue::new(session.clone(), voice, entropy, gate, self.events.clone()));
        let repairs = opened.repairs.clone();
        let (name, monitor) = (name.to_owned(), Mutex::new(None));
        let mut film = OpenFilm { tools, name, repairs, session, queue, dialogue, monitor };
        // Somebody may have taken their consent back while the film was closed.
        match film.mark_withdrawn() {
            Ok(0) => {}
            Ok(count) => {
                film.repairs
                    .push(format!("{count} takes are marked: the consent they were made under was taken back."));
            }
            Err(trouble) => film.repairs.push(trouble.to_string()),
        }
        Ok(film)
    }
}

impl Drop for OpenFilm {
    fn drop(&mut self) {
        self.dialogue.close();
    }
}

impl OpenFilm {
    /// Speaks every line that nobody has spoken yet; `watch` is told lines done and lines to do.
    pub fn speak(&self, watch: &mut dyn FnMut(usize, usize) -> Flow) -> Result<Speaking, Trouble> {
        self.dialogue.speak(watch)
    }

    fn library(&self) -> Library {
        Library::new(self.session.store().blobs(), self.tools.decoder.clone())
            .with_instrument(self.tools.instrument.clone())
            .with_sealed(self.unseal())
    }

    /// Shots that have no take, or one made from something else. In story order.
    pub fn stale_shots(&self) -> Vec<ShotId> {
        let film = self.session.film();
        let cards = cards(&film, &self.tools.engine.catalogue());
        cards.into_iter().filter(|card| card.state != CardState::Ready).map(|card| card.shot).collect()
    }

    /// Queues takes; where exactly such a take exists already, it is chosen again instead.
    pub fn generate(&self, shots: &[ShotId], variations: u32, new_seed: bool) -> Result<Generated, Trouble> {
        let film = self.session.film();
        // Where the consents cannot be asked, each order with a likeness says so; the other shots can be made.
        let _ = self.mark_withdrawn();
        let stale;
        let shots = if shots.is_empty() {
            stale = self.stale_shots();
            &stale
        } else {
            shots
        };
        let mut answer = Generated { queued: Vec::new(), reused: Vec::new(), warnings: Vec::new() };
        let mut wishes = Vec::new();
        for &shot in shots {
            let base = film.shots.get(shot).and_then(|shot| shot.seed).unwrap_or(film.settings.seed);
            let made = film.takes.iter().filter(|take| take.shot == shot).count() as u32;
            for variation in 0..variations.clamp(1, kinora_api::VARIATIONS) {
                let seed = if new_seed {
                    Some(derive_seed(base, shot, made + variation + 1))
                } else {
                    (variation > 0).then(|| derive_seed(base, shot, variation))
                };
                let wish = Wish { shot, seed, begin_on: None };
                match self.queue.generator().existing(&film, wish)? {
                    Some(take) => {
                        self.queue.generator().permitted(&film, wish)?;
                        self.queue.generator().choose(wish, take)?;
                        answer.reused.push((shot, take));
                    }
                    None => {
                        // One shot is refused at once; among many, it fails in the queue, where its reason stays to be read.
                        match self.queue.generator().judge(&film, wish) {
                            Ok(warnings) => answer.warnings.extend(warnings),
                            Err(trouble) if shots.len() == 1 => return Err(trouble),
                            Err(_) => {}
                        }
                        wishes.push(wish);
                    }
                }
            }
        }
        answer.queued = self.queue.add(&wishes)?;
        // Variations of a shot say the same.
        answer.warnings.dedup();
        Ok(answer)
    }

    /// Peak memory and time for takes of all these shots, before anything starts.
    pub fn estimate(&self, shots: &[ShotId]) -> Result<Estimate, Trouble> {
        let film = self.session.film();
        let mut total = Estimate { peak_bytes: 0, millis: 0 };
        for &shot in shots {
            let (recipe, _) = self.queue.generator().recipe(&film, Wish::shot(shot))?;
            let order = Order {
                model: recipe.model,
                prompt: recipe.prompt,
                negative: recipe.negative,
                seed: recipe.seed,
                size: recipe.size,
                frames: recipe.frames,
                steps: None,
                guidance_permille: None,
                keyframes: Vec::new(),
                preceding: Vec::new(),
                references: Vec::new(),
                cameos: Vec::new(),
            };
            let one = self.tools.engine.estimate(&order)?;
            total.peak_bytes = total.peak_bytes.max(one.peak_bytes);
            total.millis += one.millis;
        }
        Ok(total)
    }

    /// The exact prompt of a shot, and what its engine makes of the words.
    pub fn read_prompt(&self, shot: ShotId) -> Result<PromptAnswer, Trouble> {
        let film = self.session.film();
        let Some(found) = film.shots.get(shot) else {
            return Err(Trouble::refuse("shot.gone", "The shot is no longer in the film.", "Choose another one."));
        };
        let composed = kinora_document::prompt::compose(&film, found);
        let (prompt, told) = (composed.text.clone(), composed.told());
        let notes = self.tools.engine.read_prompt(engine_of(&film, found), &prompt)?.notes;
        let mut judged = self.tools.gate.judged(&prompt, Place::Prompt)?;
        if !judged.iter().any(|note| note.refused) {
            judged.extend(self.tools.gate.judged(&told, Place::Prompt)?.into_iter().filter(|note| note.refused));
        }
        Ok(PromptAnswer { prompt, notes, judged })
    }

    /// A take as it forms, as JPEG.
    pub fn forming_jpeg(&self, job: kinora_api::JobNumber) -> Option<Vec<u8>> {
        crate::pictures::jpeg(self.queue.forming(job)?.as_ref()).ok()
    }

    /// How loud a sound of the project is, one byte a hundredth of a second; empty when it is silent. Reads beside the monitor, so that
    /// drawing a waveform never holds up a picture.
    pub fn peaks(&self, blob: kinora_document::BlobHash) -> Result<Vec<u8>, Trouble> {
        let sound = self.library().sound(blob)?;
        Ok(sound.map(|sound| crate::peaks::peaks(&sound)).unwrap_or_default())
    }

    /// Marks the beats of what a clip plays; how many there are.
    pub fn mark_beats(&self, clip: ClipId) -> Result<usize, Trouble> {
        let film = self.session.film();
        let plan = kinora_document::Planner::new(&film).sound().clone();
        let clip = film.clips.get(clip).ok_or_else(|| {
            Trouble::refuse("clip.gone", "This clip is no longer in the film.", "Choose another clip.")
        })?;
        // The piece that this clip became: its file, its place and its speed.
        let piece = plan.pieces.iter().find(|piece| piece.start == clip.start && piece.source_in == clip.source_in);
        let Some((piece, SoundSource::File(blob))) = piece.map(|piece| (piece, piece.source)) else {
            return Err(no_beats());
        };
        let sound = self.library().sound(blob)?;
        let found = sound.map(|sound| crate::beats::beats(&sound)).unwrap_or_default();
        let on_film = |beat: Ticks| piece.start + unscaled(beat - piece.source_in, piece.speed_permille);
        let within = |at: &Ticks| *at >= clip.start && *at < clip.start + clip.length;
        let at: Vec<Ticks> = found.into_iter().map(on_film).filter(within).collect();
        if at.is_empty() {
            return Err(no_beats());
        }
        let count = at.len();
        self.session.edit(&Command::AddMarkers { at, text: "♩".to_owned() }, None)?;
        Ok(count)
    }

    /// Runs `work` with the monitor, which is made at the first call.
    pub fn with_monitor<T>(&self, work: impl FnOnce(&mut Monitor) -> Result<T, Trouble>) -> Result<T, Trouble> {
        let mut slot = self.monitor.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = Some(Monitor::new((self.tools.compositors)()?, self.library(), self.tools.speaker.clone()));
        }
        match slot.as_mut() {
            Some(monitor) => work(monitor),
            None => Err(Trouble::refuse("monitor.none", "There is no monitor.", "Open the film again.")),
        }
    }

    /// Makes the monitor and the first picture of the film before anybody asks: finding a graphics device, opening a decoder and reading
    /// fonts take as long as the window takes to show the board. What fails here fails again where somebody looks, and is told there.
    pub fn warm_up(&self) {
        let film = self.session.film();
        let _ = self.with_monitor(|monitor| monitor.pixels(&film, Ticks::ZERO, WARM_UP).map(drop));
    }

    /// Blocks until the file is there, or is not; call it on a thread of its own.
    pub fn export(
        &self,
        order: ExportOrder,
        path: &Path,
        watch: &mut dyn FnMut(u32, &str) -> Flow,
    ) -> Result<Exported, Trouble> {
        let mut compositor = (self.tools.compositors)()?;
        let mut library = self.library();
        self.mark_withdrawn()?;
        let film = self.session.film();
        crate::withdrawal::refuse_withdrawn(&film)?;
        self.permit_recordings(&film)?;
        self.tools.gate.check_titles(&film)?;
        let mut exporter = Exporter {
            encoder: self.tools.encoder.as_ref(),
            compositor: compositor.as_mut(),
            library: &mut library,
            watermark: self.tools.watermark.as_ref(),
            notary: self.tools.provenance.as_ref(),
        };
        exporter.export(&film, order, path, watch)
    }

    /// Copies a file into the project; it is looked at first.
    pub fn import(&self, path: &Path) -> Result<MediaId, Trouble> {
        let info = self.tools.decoder.open(path)?.info().clone();
        let blobs = self.session.store().blobs();
        let copy = blobs.scratch().join(format!("import-{:032x}", self.tools.entropy.random_u128()));
        std::fs::copy(path, &copy).map_err(|e| {
            let _ = std::fs::remove_file(&copy);
            Trouble::from(kinora_ports::Fault::new(
                format!("{} could not be copied into the film.", path.display()),
                "Check that the file can be read and that the disk is not full.",
                e,
            ))
        })?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // The copy is looked at, so that what passes is what is kept.
        let passed = self.pass_import(&name, &copy);
        if passed.is_err() {
            let _ = std::fs::remove_file(&copy);
        }
        passed?;
        let blob = blobs.adopt(&copy)?;
        let thumbnail = if info.kind == MediaKind::Sound {
            None
        } else {
            let middle = self.library().picture(blob, info.frames / 2)?;
            Some(blobs.put(&crate::pictures::thumbnail_png(&middle)?)?)
        };
        let id = MediaId(self.tools.entropy.random_u128());
        let media = Media {
            id,
            name,
            blob,
            thumbnail,
            kind: info.kind,
            length: info.length,
            size: info.size,
            rate: info.rate,
            has_sound: info.has_sound,
            speech: None,
            cameo: None,
            withdrawn: false,
            dubs: None,
        };
        self.session.edit(&Command::AddMedia { media: Box::new(media) }, None)?;
        Ok(id)
    }

    fn pass_import(&self, name: &str, copy: &Path) -> Result<(), Trouble> {
        let mut movie = self.tools.decoder.open(copy)?;
        self.tools.gate.check_import(name, movie.as_mut())
    }
}

fn no_beats() -> Trouble {
    Trouble::refuse(
        "clip.no_beats",
        "No steady beat is heard in this clip.",
        "Choose a clip of music with a clear beat, or set markers by hand while it plays.",
    )
}
