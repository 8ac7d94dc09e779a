//! Dubbing: somebody speaks a line while the film plays, several times if they like, and one of the takes takes the line's place.
//!
//! The film plays from two seconds before the line, with three beeps and without the line's own voice; what counts is recorded from the line's
//! first sample on. A take is held in memory alone until it is used: then it is written, signed as a recording, and put where it was spoken,
//! as one gesture. It must never write an unused voice anywhere, nor lose a take because a microphone, a disk or a dialog went away.

mod beeps;
mod ear;
mod keeping;
mod roll;
mod spot;
mod takes;
mod wav;

use crate::enrolment::{hint, millibels};
use crate::monitor::Heard;
use crate::problem::Trouble;
use crate::recorder::Level;
use crate::studio::OpenFilm;
use ear::{Ear, RollWish, Word};
use keeping::{recorded, tried, written};
use kinora_api::{DubDoing, DubPlace, DubTake, DubView, OpenDub, PlayRequest};
use kinora_document::{BlobHash, ClipId, ClipSource, Command, Film, MediaId, Ticks};
use kinora_ports::capture::{CaptureWish, DeviceChoice, InUse};
use kinora_ports::{Capture, Sound};
use spot::{PRE_ROLL, Spot, TAIL};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use takes::{Rolling, Shared, Take, wait_until_awake, with_take};

const RATE: u32 = Sound::FILM_RATE;
/// Kept at once: more than anybody compares.
const TAKES: usize = 24;
/// Of all takes together, in memory: hundreds of ordinary lines, or seven of the longest.
const TAKES_BYTES: usize = 512 << 20;
/// Words waiting for the thread: a person presses no faster.
const WORDS: usize = 8;
/// How long whoever stops waits for the thread.
const STOP_WITHIN: Duration = Duration::from_secs(5);
const TURN: Duration = Duration::from_millis(10);
/// The film plays on for this long after the last sample that is wanted: a microphone hands over late.
const PLAYED_AFTER: Ticks = Ticks::from_millis(3_000);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An open microphone.
struct Booth {
    words: SyncSender<Word>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Booth {
    fn drop(&mut self) {
        let _ = self.words.try_send(Word::Close);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct UnderWay {
    /// Not held open: a film that is closed takes its takes with it.
    film: Weak<OpenFilm>,
    place: DubPlace,
    shared: Arc<Shared>,
    microphone: InUse,
    booth: Option<Booth>,
    /// False once it was closed; the takes are there when it is opened again.
    shown: bool,
}

pub struct Dubbing {
    capture: Arc<dyn Capture>,
    open: Mutex<Option<UnderWay>>,
    /// Held by whoever opens, begins or uses: one at a time.
    turn: Mutex<()>,
}

impl std::fmt::Debug for Dubbing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dubbing").finish_non_exhaustive()
    }
}

/// What a question about the open dub works on.
struct Now {
    film: Arc<OpenFilm>,
    document: Arc<Film>,
    spot: Spot,
    shared: Arc<Shared>,
}

fn not_open() -> Trouble {
    Trouble::refuse("dub.closed", "No line is being dubbed.", "Choose a line and press “Dub …”.")
}

fn busy() -> Trouble {
    Trouble::refuse("dub.busy", "A recording is under way.", "Stop it first.")
}

impl Dubbing {
    pub fn new(capture: Arc<dyn Capture>) -> Self {
        Self { capture, open: Mutex::new(None), turn: Mutex::new(()) }
    }

    /// Opens the microphone for a place in the film; without one, takes can still be listened to and used.
    pub fn open(&self, film: &Arc<OpenFilm>, request: &OpenDub) -> Result<DubView, Trouble> {
        let turn = lock(&self.turn);
        Spot::find(&film.session.film(), request.place)?;
        if self.shared().is_ok_and(|shared| lock(&shared.state).rolling.is_some()) {
            return Err(busy());
        }
        let before = lock(&self.open).take();
        let ours = Arc::downgrade(film);
        let kept = before.as_ref().filter(|before| before.place == request.place && before.film.ptr_eq(&ours));
        let shared = kept.map(|kept| kept.shared.clone()).unwrap_or_default();
        // The microphone is let go of before it is opened anew.
        drop(before);
        {
            let mut state = lock(&shared.state);
            (state.level, state.awake, state.lost, state.problem) = (Level::default(), false, None, None);
            state.hints.clear();
        }
        let (microphone, booth) = self.listen_to(request.microphone.as_ref(), &shared, &ours);
        let under_way = UnderWay { film: ours, place: request.place, shared, microphone, booth, shown: true };
        *lock(&self.open) = Some(under_way);
        drop(turn);
        self.view()
    }

    fn listen_to(
        &self,
        choice: Option<&String>,
        shared: &Arc<Shared>,
        film: &Weak<OpenFilm>,
    ) -> (InUse, Option<Booth>) {
        let microphone = choice.map_or(DeviceChoice::Default, |id| DeviceChoice::Named(id.clone()));
        let wish = CaptureWish { camera: DeviceChoice::Without, microphone, ..CaptureWish::default() };
        let capturing = match self.capture.start(&wish) {
            Ok(capturing) => capturing,
            Err(error) => return (InUse::Without { why: Trouble::from(error).to_string() }, None),
        };
        let in_use = capturing.microphone().clone();
        let InUse::Microphone { channels, .. } = in_use else { return (in_use, None) };
        let (words, heard) = sync_channel(WORDS);
        let mut ear = Ear::new(capturing, channels, shared.clone(), heard, film.clone());
        match std::thread::Builder::new().name("dubbing".to_owned()).spawn(move || ear.run()) {
            Ok(thread) => (in_use, Some(Booth { words, thread: Some(thread) })),
            Err(error) => {
                let why =
                    format!("The microphone could not be opened, because the system gave no thread for it. ({error})");
                (InUse::Without { why }, None)
            }
        }
    }

    fn shared(&self) -> Result<Arc<Shared>, Trouble> {
        lock(&self.open).as_ref().filter(|open| open.shown).map(|open| open.shared.clone()).ok_or_else(not_open)
    }

    fn now(&self) -> Result<Now, Trouble> {
        let (film, place, shared) = {
            let open = lock(&self.open);
            let open = open.as_ref().filter(|open| open.shown).ok_or_else(not_open)?;
            (open.film.upgrade().ok_or_else(not_open)?, open.place, open.shared.clone())
        };
        let document = film.session.film();
        let spot = Spot::find(&document, place)?;
        Ok(Now { film, document, spot, shared })
    }

    /// Asked several times a second while the dialog is open.
    pub fn view(&self) -> Result<DubView, Trouble> {
        let Now { spot, shared, .. } = self.now()?;
        let (microphone, mut without) = {
            let open = lock(&self.open);
            match open.as_ref().map(|open| &open.microphone) {
                Some(InUse::Microphone { name, .. }) => (Some(name.clone()), None),
                Some(InUse::Without { why }) => (None, Some(why.clone())),
                Some(InUse::Camera { .. }) | None => (None, None),
            }
        };
        let mut state = lock(&shared.state);
        let known = state.views.len();
        let fresh: Vec<DubTake> = state.takes.iter().skip(known).map(Take::view).collect();
        state.views.extend(fresh);
        if state.lost.is_some() {
            // Nobody is left who could record.
            (without, state.rolling) = (None, None);
        }
        let over = |heard: &Heard, until: i64| heard.sample().is_none_or(|sample| sample >= until);
        if state.listening.as_ref().is_some_and(|(_, heard, until)| over(heard, *until)) {
            state.listening = None;
        }
        let doing = match (state.rolling, &state.listening) {
            (Some(Rolling::Counting { millis_left }), _) => DubDoing::Counting { millis_left },
            (Some(Rolling::Recording { millis, line_millis }), _) => DubDoing::Recording { millis, line_millis },
            (None, Some((take, ..))) => DubDoing::Listening { take: *take },
            (None, None) => DubDoing::Ready,
        };
        Ok(DubView {
            from: spot.from,
            until: spot.until,
            character: spot.character,
            text: spot.text,
            microphone: microphone.filter(|_| state.lost.is_none()),
            without,
            doing,
            level_millibels: millibels(state.level.peak),
            hints: state.hints.iter().copied().map(hint).collect(),
            takes: state.views.clone(),
            problem: state.lost.clone().or_else(|| state.problem.clone()),
        })
    }

    /// Plays the film up to the line, and records from there on.
    pub fn record(&self) -> Result<(), Trouble> {
        let _turn = lock(&self.turn);
        let Now { film, document, spot, shared } = self.now()?;
        let words = self.booth()?;
        {
            let mut state = lock(&shared.state);
            if state.rolling.is_some() {
                return Err(busy());
            }
            let bytes: usize = state.takes.iter().map(|take| take.samples.len() * size_of::<f32>()).sum();
            if state.takes.len() >= TAKES || bytes >= TAKES_BYTES {
                let what = format!("{} takes of this line are kept, and there is no room for more.", state.takes.len());
                return Err(Trouble::refuse("dub.takes", what, "Use one of them; then the line can be dubbed again."));
            }
            (state.problem, state.listening) = (None, None);
        }
        wait_until_awake(&shared)?;
        let mut mint = || film.tools.entropy.random_u128();
        let silent = Command::LiftClips { clips: spot.replaced.clone() };
        let quiet = tried(&document, std::slice::from_ref(&silent), &mut mint)?;
        let [from, line_end, until] = [spot.from, spot.until, spot.until + TAIL].map(|time| time.to_samples(RATE));
        let tones = beeps::beeps(from);
        let over = Box::new(move |at: i64, block: &mut [f32]| beeps::beep(&tones, at, block));
        let began = spot.from - PRE_ROLL;
        let end = spot.until + TAIL + PLAYED_AFTER;
        let tell = |word: Word| words.try_send(word).map_err(|_| not_open());
        lock(&shared.state).rolling = Some(Rolling::Counting { millis_left: PRE_ROLL.to_millis().unsigned_abs() });
        tell(Word::Roll { roll: RollWish { from, line_end, until } })
            .inspect_err(|_| lock(&shared.state).rolling = None)?;
        let started = film.with_monitor(|monitor| monitor.play_over(&quiet, began, end, over));
        started.and_then(|heard| tell(Word::Plays { heard })).inspect_err(|_| {
            let _ = tell(Word::Stop { keep: false });
            lock(&shared.state).rolling = None;
        })
    }

    /// The open microphone; refused with the reason why there is none.
    fn booth(&self) -> Result<SyncSender<Word>, Trouble> {
        let open = lock(&self.open);
        let open = open.as_ref().ok_or_else(not_open)?;
        if let Some(lost) = &lock(&open.shared.state).lost {
            return Err(Trouble(lost.clone()));
        }
        open.booth.as_ref().map(|booth| booth.words.clone()).ok_or_else(|| {
            let why = match &open.microphone {
                InUse::Without { why } => why.clone(),
                InUse::Camera { .. } | InUse::Microphone { .. } => String::new(),
            };
            let what = format!("Nothing can be recorded without a microphone. {why}");
            Trouble::refuse("dub.no_microphone", what.trim_end(), "Choose another one here once it is plugged in.")
        })
    }

    /// Ends a recording or listening. `keep` says whether what was recorded becomes a take; before the line began, nothing does.
    pub fn stop(&self, keep: bool) -> Result<(), Trouble> {
        let shared = self.shared()?;
        let (rolling, listening) = {
            let mut state = lock(&shared.state);
            (state.rolling.is_some(), state.listening.take())
        };
        let film = lock(&self.open).as_ref().and_then(|open| open.film.upgrade());
        if let (true, Some(film)) = (listening.is_some(), film) {
            let document = film.session.film();
            film.with_monitor(|monitor| Ok(monitor.stop(&document)))?;
        }
        if rolling && let Ok(words) = self.booth() {
            words.try_send(Word::Stop { keep }).map_err(|_| not_open())?;
            let since = Instant::now();
            while lock(&shared.state).rolling.is_some() && since.elapsed() < STOP_WITHIN {
                std::thread::sleep(TURN);
            }
        }
        Ok(())
    }

    /// Plays a take in its place, from before the line: the film as it would be with it.
    pub fn listen(&self, number: u32) -> Result<(), Trouble> {
        let _turn = lock(&self.turn);
        let Now { film, document, spot, shared } = self.now()?;
        if lock(&shared.state).rolling.is_some() {
            return Err(busy());
        }
        let sound = Arc::new(with_take(&shared, number, Take::stereo)?);
        let mut mint = || film.tools.entropy.random_u128();
        // Under a name that nothing else has: it lies in no file.
        let blob = BlobHash(*blake3::hash(&mint().to_le_bytes()).as_bytes());
        let media = recorded(MediaId(mint()), blob, &spot, sound.frames() as i64);
        let until = spot.until.max(spot.from + media.length) + TAIL;
        let with = tried(&document, &spot.commands(&media, document.settings.rate), &mut mint)?;
        let from = (spot.from - PRE_ROLL).max(Ticks::ZERO);
        let until = until.min(with.length()).max(spot.from + document.settings.rate.frame_length());
        let request = PlayRequest { from, until: Some(until), repeat: false, again: None };
        let heard = film.with_monitor(|monitor| monitor.play_lent(&Arc::new(with), &request, blob, sound))?;
        lock(&shared.state).listening = Some((number, heard, until.to_samples(RATE)));
        Ok(())
    }

    /// Puts a take into the film, in place of the line; undone as one. Refused or failed, the take is still there.
    pub fn accept(&self, number: u32) -> Result<ClipId, Trouble> {
        let _turn = lock(&self.turn);
        let Now { film, document, spot, shared } = self.now()?;
        if lock(&shared.state).rolling.is_some() {
            return Err(busy());
        }
        let (bytes, frames) =
            with_take(&shared, number, |take| (wav::wav(&take.samples, take.channels), take.frames()))?;
        let mut mint = || film.tools.entropy.random_u128();
        // Tried before anything is written.
        let id = MediaId(mint());
        let media = |blob: BlobHash| recorded(id, blob, &spot, frames);
        let rate = document.settings.rate;
        tried(&document, &spot.commands(&media(BlobHash([0; 32])), rate), &mut mint)?;
        let blob = written(&film, &bytes)?;
        let mut gesture = None;
        for command in spot.commands(&media(blob), rate) {
            gesture = Some(film.session.edit(&command, gesture)?.gesture);
        }
        let placed =
            film.session.film().clips.iter().find(|clip| clip.source == ClipSource::Media(id)).map(|clip| clip.id);
        let mut state = lock(&shared.state);
        state.takes.clear();
        state.views.clear();
        drop(state);
        placed.ok_or_else(|| {
            Trouble::refuse("clip.gone", "The clip is no longer in the film.", "Undo, and use the take again.")
        })
    }

    /// Lets go of the microphone. A recording under way becomes a take; takes stay until the film or another line is opened.
    pub fn close(&self) {
        let _ = self.stop(true);
        let booth = lock(&self.open).as_mut().and_then(|open| {
            open.shown = false;
            open.booth.take()
        });
        drop(booth);
    }

    /// The film is closed: nothing of it is left.
    pub fn forget(&self) {
        self.close();
        drop(lock(&self.open).take());
    }
}

impl Drop for Dubbing {
    fn drop(&mut self) {
        self.forget();
    }
}
