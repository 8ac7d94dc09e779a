//! The recorder: a camera and a microphone that are watched, and on a word recorded into a keep.
//!
//! A thread of its own takes from the capture; the window pulls previews and state whenever it likes. A device that falls silent is
//! noticed by the silence, not by the driver's word. Whatever ends a recording, what was recorded until then is closed and kept,
//! and a sentence says what happened; nothing here ever deletes one.

mod clock;
mod hints;
mod preview;
mod roll;

pub(crate) use clock::{LONGEST_GAP, SoundClock};
pub(crate) use hints::Judge;
pub use hints::{Hint, Level};
pub use roll::Recorded;

use crate::problem::Trouble;
use kinora_api::Problem;
use kinora_document::FrameSize;
use kinora_ports::capture::{CaptureWish, Captured, DeviceKind, Devices, InUse};
use kinora_ports::{Capture, Capturing, Fault, Keep, Pixels, RecordingCodec, VideoFrame};
use roll::Roll;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A device that gave nothing for this long is gone: noticed, closed and said within two seconds.
pub(crate) const SILENT_FOR: Duration = Duration::from_millis(1_200);
/// Until the first picture or sound; cameras wake up slowly.
pub(crate) const WAKE_UP: Duration = Duration::from_secs(6);
/// How often the thread looks for a word from outside.
const TURN: Duration = Duration::from_millis(20);
/// A longer turn than this is time in which no device was looked at: coders were started, or the machine slept.
const BUSY: Duration = Duration::from_millis(100);
/// What is older when it is taken came before others that wait still, or were thrown away for want of room, as drivers do after a second.
const BEHIND: Duration = Duration::from_millis(700);
/// Words waiting for the thread: a person presses no faster.
const WORDS: usize = 8;
/// Longest countdown a person would sit through.
const LONGEST_COUNTDOWN: Duration = Duration::from_secs(30);
/// Recordings are finished in memory: ten minutes of 720p are about half a gigabyte.
pub const LONGEST_RECORDING: Duration = Duration::from_secs(600);
/// How long whoever stops a recording waits for the coders to end.
const CLOSE_PATIENCE: Duration = Duration::from_secs(45);

/// What the recorder is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum RecorderState {
    Closed,
    /// Watching; nothing is kept.
    Watching,
    Counting {
        millis_left: u64,
    },
    Recording {
        millis: u64,
        frames: u64,
    },
    /// A recording came to its end; watching goes on while the devices do.
    Ended {
        recorded: Recorded,
        /// Why it ended before anybody stopped it.
        cut_short: Option<Problem>,
    },
    /// Nothing was being recorded, and nothing can be: a device was lost, or a coder would not start.
    Failed {
        problem: Problem,
    },
}

/// The newest picture and what there is to say about it.
#[derive(Clone, Debug)]
pub struct Preview {
    /// None without a camera.
    pub pixels: Option<Arc<Pixels>>,
    /// Counts pictures, so that the same one need not be drawn again.
    pub number: u64,
    pub level: Level,
    pub hints: Vec<Hint>,
}

/// What was opened; each device by name or the sentence why there is none.
#[derive(Clone, Debug)]
pub struct Watching {
    pub camera: InUse,
    pub microphone: InUse,
}

enum Word {
    Record { keep: Box<dyn Keep>, countdown: Duration },
    Stop,
    Close,
}

#[derive(Default)]
struct Seen {
    newest: Option<Arc<VideoFrame>>,
    number: u64,
    level: Level,
    hints: Vec<Hint>,
}

struct Shared {
    seen: Mutex<Seen>,
    state: Mutex<RecorderState>,
}

struct Open {
    shared: Arc<Shared>,
    words: SyncSender<Word>,
    thread: Option<JoinHandle<()>>,
}

pub struct Recorder {
    capture: Arc<dyn Capture>,
    codec: Arc<dyn RecordingCodec>,
    open: Mutex<Option<Open>>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("state", &self.state()).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn not_open() -> Trouble {
    Trouble::refuse("recorder.closed", "No camera or microphone is open.", "Choose a camera or a microphone first.")
}

impl Recorder {
    pub fn new(capture: Arc<dyn Capture>, codec: Arc<dyn RecordingCodec>) -> Self {
        Self { capture, codec, open: Mutex::new(None) }
    }

    /// What is plugged in now.
    pub fn devices(&self) -> Result<Devices, Trouble> {
        Ok(self.capture.devices()?)
    }

    /// Opens the devices and begins to watch; what was open before is closed.
    pub fn open(&self, wish: &CaptureWish) -> Result<Watching, Trouble> {
        self.close();
        let capturing = self.capture.start(wish)?;
        let watching = Watching { camera: capturing.camera().clone(), microphone: capturing.microphone().clone() };
        if let (InUse::Without { why: camera }, InUse::Without { why: microphone }) =
            (&watching.camera, &watching.microphone)
        {
            let what = format!("Nothing can be recorded: {camera} {microphone}");
            return Err(Trouble::refuse(
                "recorder.no_device",
                what,
                "Plug in a camera or a microphone, then try again.",
            ));
        }
        let shared = Arc::new(Shared { seen: Mutex::new(Seen::default()), state: Mutex::new(RecorderState::Watching) });
        let (words, heard) = sync_channel(WORDS);
        let mut desk = Desk {
            capturing,
            codec: Arc::clone(&self.codec),
            wish: wish.clone(),
            shared: Arc::clone(&shared),
            words: heard,
            judge: Judge::default(),
            clock: SoundClock::default(),
            begun: Instant::now(),
            last: [None; 2],
            roll: None,
            waiting: None,
        };
        let thread =
            std::thread::Builder::new().name("recorder".into()).spawn(move || desk.run()).map_err(|error| {
                Fault::new(
                    "The camera could not be opened, because the system gave no thread for it.",
                    "Close some programs and try again.",
                    error,
                )
            })?;
        *lock(&self.open) = Some(Open { shared, words, thread: Some(thread) });
        Ok(watching)
    }

    fn with_open<T>(&self, work: impl FnOnce(&Open) -> T) -> Option<T> {
        lock(&self.open).as_ref().map(work)
    }

    pub fn state(&self) -> RecorderState {
        let state = self.with_open(|open| {
            let ended = open.thread.as_ref().is_none_or(JoinHandle::is_finished);
            let state = lock(&open.shared.state).clone();
            let under_way = matches!(state, RecorderState::Counting { .. } | RecorderState::Recording { .. });
            if ended && under_way { RecorderState::Failed { problem: broken().0 } } else { state }
        });
        state.unwrap_or(RecorderState::Closed)
    }

    /// Newest wins; pulled by the screen.
    pub fn preview(&self, within: FrameSize, mirror: bool) -> Option<Preview> {
        let (newest, mut preview) = self.with_open(|open| {
            let seen = lock(&open.shared.seen);
            let preview = Preview { pixels: None, number: seen.number, level: seen.level, hints: seen.hints.clone() };
            (seen.newest.clone(), preview)
        })?;
        preview.pixels = newest.map(|frame| Arc::new(preview::preview(&frame, within, mirror)));
        Some(preview)
    }

    /// Begins to record after the countdown, into `keep`.
    pub fn record(&self, keep: Box<dyn Keep>, countdown: Duration) -> Result<(), Trouble> {
        let busy = matches!(self.state(), RecorderState::Counting { .. } | RecorderState::Recording { .. });
        if busy {
            let what = "A recording is under way.";
            return Err(Trouble::refuse("recorder.busy", what, "Stop it before you begin another one."));
        }
        let countdown = countdown.min(LONGEST_COUNTDOWN);
        let asked = self.with_open(|open| {
            // Said here, so that whoever asks right after does not see the recording before.
            let counting = RecorderState::Counting { millis_left: countdown.as_millis() as u64 };
            let before = std::mem::replace(&mut *lock(&open.shared.state), counting);
            let sent = open.words.try_send(Word::Record { keep, countdown }).is_ok();
            if !sent {
                *lock(&open.shared.state) = before;
            }
            sent
        });
        if asked == Some(true) { Ok(()) } else { Err(not_open()) }
    }

    /// Ends the recording and waits until it is closed. A countdown is called off.
    pub fn stop(&self) -> Result<(Recorded, Option<Problem>), Trouble> {
        self.with_open(|open| open.words.try_send(Word::Stop)).ok_or_else(not_open)?.ok();
        let since = Instant::now();
        while since.elapsed() < CLOSE_PATIENCE {
            match self.state() {
                RecorderState::Ended { recorded, cut_short } => return Ok((recorded, cut_short)),
                RecorderState::Closed | RecorderState::Watching | RecorderState::Failed { .. } => {
                    let what = "Nothing was being recorded.";
                    return Err(Trouble::refuse("recorder.idle", what, "Begin a recording first."));
                }
                _ => std::thread::sleep(TURN),
            }
        }
        Err(Fault::new(
            "The recording did not end in time.",
            "What was recorded is kept and will be mended at the next start. Start Kinora again.",
            "the recorder's thread did not answer",
        )
        .into())
    }

    /// Lets go of the devices; a recording is ended first.
    pub fn close(&self) {
        let Some(mut open) = lock(&self.open).take() else { return };
        _ = open.words.try_send(Word::Close);
        drop(open.words);
        if let Some(thread) = open.thread.take() {
            _ = thread.join();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.close();
    }
}

/// The thread's side.
struct Desk {
    capturing: Box<dyn Capturing>,
    codec: Arc<dyn RecordingCodec>,
    wish: CaptureWish,
    shared: Arc<Shared>,
    words: Receiver<Word>,
    judge: Judge,
    clock: SoundClock,
    begun: Instant,
    /// When the camera and the microphone last gave something.
    last: [Option<Instant>; 2],
    roll: Option<Roll>,
    waiting: Option<(Box<dyn Keep>, Instant)>,
}

impl Desk {
    fn run(&mut self) {
        let mut looked = Instant::now();
        loop {
            match self.words.try_recv() {
                Ok(Word::Record { keep, countdown }) => self.waiting = Some((keep, Instant::now() + countdown)),
                Ok(Word::Stop) => self.stop(None),
                Ok(Word::Close) | Err(TryRecvError::Disconnected) => {
                    return self.stop(None);
                }
                Err(TryRecvError::Empty) => {}
            }
            let captured = self.capturing.next(TURN);
            let newest = captured.as_ref().and_then(|captured| newest(captured, self.channels()));
            let behind = newest.is_some_and(|at| self.capturing.elapsed() > at + BEHIND);
            if let Err(trouble) = self.take(captured) {
                self.stop(Some(trouble));
            }
            // While this thread was busy, had no processor, or takes what came long ago, nobody knows whether a device gives anything.
            let (before, now) = (looked, Instant::now());
            looked = now;
            let away = now - before;
            if behind {
                self.last = self.last.map(|last| last.map(|_| now));
            } else if away > BUSY {
                self.last = self.last.map(|last| last.map(|last| (last + away).min(now)));
            }
            if let Some(trouble) = self.silent() {
                self.stop(Some(trouble));
                return;
            }
            self.tell();
        }
    }

    fn channels(&self) -> u16 {
        match self.capturing.microphone() {
            InUse::Microphone { channels, .. } => *channels,
            _ => 0,
        }
    }

    fn take(&mut self, captured: Option<Captured>) -> Result<(), Trouble> {
        match captured {
            Some(Captured::Picture { frame, at }) => {
                self.last[0] = Some(Instant::now());
                self.judge.picture(&frame);
                {
                    let mut seen = lock(&self.shared.seen);
                    (seen.newest, seen.number) = (Some(Arc::clone(&frame)), seen.number + 1);
                }
                let sample = self.sample_at(at);
                if let (Some(roll), Some(sample)) = (&mut self.roll, sample) {
                    roll.picture(&frame, sample)?;
                }
            }
            Some(Captured::Sound { samples, at }) => {
                self.last[1] = Some(Instant::now());
                let channels = usize::from(self.channels());
                self.judge.sound(&samples, channels);
                let missing = self.clock.heard(at, (samples.len() / channels.max(1)) as u64);
                let longest = clock::LONGEST_GAP.as_secs() * clock::RATE;
                if let Some(roll) = &mut self.roll {
                    if missing > longest {
                        return Err(slept());
                    }
                    roll.silence(missing)?;
                    roll.sound(&samples)?;
                }
                let (level, hints) = (self.judge.level(), self.judge.hints());
                let mut seen = lock(&self.shared.seen);
                (seen.level, seen.hints) = (level, hints);
            }
            Some(Captured::Lost { device, detail }) => return Err(lost(device, &detail)),
            None => {}
        }
        if self.channels() == 0 {
            let hints = self.judge.hints();
            lock(&self.shared.seen).hints = hints;
        }
        self.begin_when_due()?;
        match &self.roll {
            Some(roll) if roll.length_samples() >= LONGEST_RECORDING.as_secs() * clock::RATE => Err(Trouble::refuse(
                "recorder.long",
                "The recording was ended, because it is ten minutes long, the most that one recording holds.",
                "It is kept. Go on with another one.",
            )),
            _ => Ok(()),
        }
    }

    /// Where a moment lies on the one clock; without a microphone the machine's own.
    fn sample_at(&self, at: Duration) -> Option<i64> {
        if self.channels() > 0 {
            self.clock.sample_at(at)
        } else {
            Some((at.as_nanos() * u128::from(clock::RATE) / 1_000_000_000) as i64)
        }
    }

    /// The recording begins with the first sound after the countdown, once the camera has shown something.
    fn begin_when_due(&mut self) -> Result<(), Trouble> {
        let camera = self.capturing.camera().is_there();
        let ready = (!camera || self.last[0].is_some()) && (self.channels() == 0 || self.clock.samples() > clock::RATE);
        let due = self.waiting.as_ref().is_some_and(|(_, at)| Instant::now() >= *at);
        if !ready || !due {
            return Ok(());
        }
        let Some((keep, _)) = self.waiting.take() else { return Ok(()) };
        let size = camera.then_some(self.wish.size);
        let first = lock(&self.shared.seen).newest.clone();
        let begin = if self.channels() > 0 { Some(self.clock.samples()) } else { None };
        let roll = Roll::begin(self.codec.as_ref(), keep, size, self.wish.rate, self.channels(), begin, first)?;
        self.roll = Some(roll);
        Ok(())
    }

    /// A device that should give something and does not.
    fn silent(&self) -> Option<Trouble> {
        let there = [
            (self.capturing.camera().is_there(), DeviceKind::Camera, self.last[0]),
            (self.channels() > 0, DeviceKind::Microphone, self.last[1]),
        ];
        there.into_iter().filter(|(there, ..)| *there).find_map(|(_, device, last)| {
            let silent = match last {
                Some(last) => last.elapsed() > SILENT_FOR,
                None => self.begun.elapsed() > WAKE_UP,
            };
            silent.then(|| lost(device, "it gave nothing any more"))
        })
    }

    /// Ends what is under way.
    fn stop(&mut self, why: Option<Trouble>) {
        self.waiting = None;
        let cut_short = why.map(|trouble| trouble.0);
        let state = match self.roll.take() {
            Some(mut roll) => {
                if cut_short.is_none() {
                    self.last_pictures(&mut roll);
                }
                let dropped = self.capturing.dropped();
                let (recorded, trouble) = roll.end(dropped);
                RecorderState::Ended { recorded, cut_short: cut_short.or(trouble.map(|trouble| trouble.0)) }
            }
            None => match (cut_short, &*lock(&self.shared.state)) {
                // Told already, with the recording that it ended.
                (Some(_), RecorderState::Ended { cut_short: Some(_), .. }) | (None, RecorderState::Ended { .. }) => {
                    return;
                }
                (Some(problem), _) => RecorderState::Failed { problem },
                (None, _) => RecorderState::Watching,
            },
        };
        *lock(&self.shared.state) = state;
    }

    /// Pictures come later than the sound they belong to: those of the last moment are waited for.
    fn last_pictures(&mut self, roll: &mut Roll) {
        if !self.capturing.camera().is_there() {
            return;
        }
        let until = Instant::now() + Duration::from_millis(150);
        while Instant::now() < until {
            match self.capturing.next(TURN) {
                Some(Captured::Picture { frame, at }) => match self.sample_at(at) {
                    Some(sample) if roll.is_before_the_end(sample) => _ = roll.picture(&frame, sample),
                    _ => return,
                },
                Some(Captured::Sound { samples, at }) => {
                    let channels = usize::from(self.channels()).max(1);
                    self.clock.heard(at, (samples.len() / channels) as u64);
                }
                Some(Captured::Lost { .. }) | None => {}
            }
        }
    }

    fn tell(&self) {
        let mut state = lock(&self.shared.state);
        if let Some(roll) = &self.roll {
            let millis = roll.length_samples() * 1000 / clock::RATE;
            *state = RecorderState::Recording { millis, frames: roll.frames() };
        } else if let Some((_, at)) = &self.waiting {
            let left = at.saturating_duration_since(Instant::now());
            *state = RecorderState::Counting { millis_left: left.as_millis() as u64 };
        }
    }
}

/// When it was seen, or the last of it heard: a block may be long.
fn newest(captured: &Captured, channels: u16) -> Option<Duration> {
    match captured {
        Captured::Picture { at, .. } => Some(*at),
        Captured::Sound { samples, at } => {
            let frames = samples.len() as u64 / u64::from(channels.max(1));
            Some(*at + Duration::from_nanos(frames * 1_000_000_000 / clock::RATE))
        }
        Captured::Lost { .. } => None,
    }
}

pub(crate) fn lost(device: DeviceKind, detail: &str) -> Trouble {
    let (what, remedy) = match device {
        DeviceKind::Camera => (
            "The camera stopped giving pictures. It may have been unplugged or taken by another program.",
            "What was recorded until then is kept. Plug it in again or choose another one, then record on.",
        ),
        DeviceKind::Microphone => (
            "The microphone stopped giving sound. It may have been unplugged or taken by another program.",
            "What was recorded until then is kept. Plug it in again or choose another one, then record on.",
        ),
    };
    Fault::new(what, remedy, detail).into()
}

fn broken() -> Trouble {
    Fault::new(
        "The recorder broke off.",
        "What was recorded until then is kept and will be mended at the next start. Open the camera again.",
        "the recorder's thread is gone",
    )
    .into()
}

pub(crate) fn slept() -> Trouble {
    Fault::new(
        "The recording was ended, because no sound came for two seconds; the computer may have slept.",
        "What was recorded until then is kept. Record on with another one.",
        "a gap in the sound",
    )
    .into()
}
