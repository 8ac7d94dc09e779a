//! Somebody records themselves as a cameo: devices, one step after the other, checks, and their consent at the end.
//!
//! Every byte that is recorded goes through the vault's sealing; films are made whole and looked at in memory. Until the consent is on record
//! there is only a place that is destroyed when the camera closes. A thread of its own follows each step; the window asks how far it is.

mod course;
mod judge;
mod measure;

use crate::consents::{Consents, RecordedCameo, Staged};
use crate::problem::Trouble;
use crate::recorder::{Hint, Preview, Recorder, RecorderState, Watching};
use course::{Attempt, Busy, Course, millis};
use judge::Measured;
use kinora_api::{
    DeviceView, DevicesView, EnrolmentDoing, EnrolmentHint, EnrolmentView, FinishEnrolment, OpenCamera, Problem,
    RecordStep,
};
use kinora_document::{CameoId, FrameSize};
use kinora_ports::capture::{CaptureWish, DeviceChoice, InUse};
use kinora_ports::{Capture, Decoder, Entropy, FaceFinder, Fault, RecordingCodec};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often the thread looks how far a step is.
const TURN: Duration = Duration::from_millis(25);
/// Longest a person would be counted down.
const COUNTDOWN_SECONDS: u32 = 10;
/// What the level is read with: its picture is thrown away.
const SMALLEST: FrameSize = FrameSize { width: 16, height: 16 };
/// −96 dB: what is said of silence.
const FLOOR_MILLIBELS: i32 = -9_600;

#[derive(Clone)]
pub struct EnrolmentTools {
    pub capture: Arc<dyn Capture>,
    pub codec: Arc<dyn RecordingCodec>,
    pub decoder: Arc<dyn Decoder>,
    pub faces: Arc<dyn FaceFinder>,
    pub entropy: Arc<dyn Entropy>,
    pub consents: Arc<Consents>,
}

impl std::fmt::Debug for EnrolmentTools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnrolmentTools").finish_non_exhaustive()
    }
}

pub struct Enrolment {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrolment").finish_non_exhaustive()
    }
}

struct Inner {
    tools: EnrolmentTools,
    recorder: Recorder,
    open: Mutex<Option<UnderWay>>,
}

struct UnderWay {
    course: Course,
    staged: Arc<Staged>,
    watching: Watching,
    problem: Option<Problem>,
}

fn not_open() -> Trouble {
    Trouble::refuse("enrolment.closed", "No camera is open for an enrolment.", "Press “Record yourself” first.")
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Option<UnderWay>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing when it was closed meanwhile.
    fn with(&self, work: impl FnOnce(&mut UnderWay)) {
        if let Some(under_way) = self.lock().as_mut() {
            work(under_way);
        }
    }

    /// Records one step to its length, and looks at it.
    fn follow(&self, attempt: &Attempt, staged: &Staged) {
        let done = self.record(attempt).and_then(|()| {
            self.with(|under_way| under_way.course.recorded(attempt));
            self.check(attempt, staged)
        });
        self.with(|under_way| match done {
            Ok(measured) => under_way.course.checked(attempt, measured),
            Err(trouble) => {
                under_way.course.failed(attempt);
                under_way.problem = Some(trouble.0);
            }
        });
    }

    fn record(&self, attempt: &Attempt) -> Result<(), Trouble> {
        loop {
            match self.recorder.state() {
                RecorderState::Recording { millis: now, .. } if now >= millis(&attempt.asks) => {
                    let (_, cut_short) = self.recorder.stop()?;
                    return cut_short.map_or(Ok(()), |problem| Err(Trouble(problem)));
                }
                RecorderState::Counting { .. } | RecorderState::Recording { .. } => std::thread::sleep(TURN),
                RecorderState::Ended { cut_short: Some(problem), .. } | RecorderState::Failed { problem } => {
                    return Err(Trouble(problem));
                }
                RecorderState::Ended { cut_short: None, .. } => return Ok(()),
                RecorderState::Closed | RecorderState::Watching => return Err(Trouble::cancelled()),
            }
        }
    }

    fn check(&self, attempt: &Attempt, staged: &Staged) -> Result<Measured, Trouble> {
        let film = self.tools.codec.mend(&staged.torn(&attempt.name())?)?.mp4;
        staged.write(&attempt.whole(), &film)?;
        let mut movie = self.tools.decoder.open_bytes(film.into())?;
        Ok(measure::measure(movie.as_mut(), self.tools.faces.as_ref())?)
    }
}

impl Enrolment {
    pub fn new(tools: EnrolmentTools) -> Self {
        let recorder = Recorder::new(tools.capture.clone(), tools.codec.clone());
        Self { inner: Arc::new(Inner { tools, recorder, open: Mutex::new(None) }) }
    }

    pub fn devices(&self) -> Result<DevicesView, Trouble> {
        let found = self.inner.recorder.devices()?;
        Ok(DevicesView {
            cameras: found.cameras.into_iter().map(|one| DeviceView { id: one.id, name: one.name }).collect(),
            microphones: found.microphones.into_iter().map(|one| DeviceView { id: one.id, name: one.name }).collect(),
        })
    }

    /// Begins an enrolment, or gives the one under way other devices.
    pub fn open(&self, request: &OpenCamera) -> Result<EnrolmentView, Trouble> {
        let chosen = |id: &Option<String>| id.clone().map_or(DeviceChoice::Default, DeviceChoice::Named);
        let wish = CaptureWish {
            camera: chosen(&request.camera),
            microphone: chosen(&request.microphone),
            ..CaptureWish::default()
        };
        let inner = &self.inner;
        {
            let mut open = inner.lock();
            if open.as_ref().is_some_and(|under_way| under_way.course.now().is_some()) {
                let what = "A step is being recorded or checked.";
                return Err(Trouble::refuse("enrolment.busy", what, "Wait until it is done, then change the devices."));
            }
            let staged = match open.as_ref() {
                Some(under_way) => under_way.staged.clone(),
                None => Arc::new(inner.tools.consents.stage()?),
            };
            // Refused, the steps stay; a place that was made for nothing goes with this call.
            let watching = inner.recorder.open(&wish)?;
            let course = match open.take() {
                Some(before) => before.course,
                None => Course::new(inner.tools.entropy.random_u128()),
            };
            *open = Some(UnderWay { course, staged, watching, problem: None });
        }
        self.view()
    }

    pub fn view(&self) -> Result<EnrolmentView, Trouble> {
        let inner = &self.inner;
        let state = inner.recorder.state();
        let seen = inner.recorder.preview(SMALLEST, false);
        let open = inner.lock();
        let under_way = open.as_ref().ok_or_else(not_open)?;
        let lost = match &state {
            RecorderState::Failed { problem } | RecorderState::Ended { cut_short: Some(problem), .. } => Some(problem),
            _ => None,
        };
        let doing = match (under_way.course.now(), &state) {
            (Some((attempt, Busy::Checking)), _) => EnrolmentDoing::Checking { step: attempt.step },
            (Some((attempt, Busy::Recording)), RecorderState::Recording { millis, .. }) => {
                EnrolmentDoing::Recording { step: attempt.step, millis: *millis }
            }
            (Some((attempt, Busy::Recording)), RecorderState::Counting { millis_left }) => {
                EnrolmentDoing::Counting { step: attempt.step, millis_left: *millis_left }
            }
            (Some((attempt, Busy::Recording)), _) => EnrolmentDoing::Checking { step: attempt.step },
            (None, _) => EnrolmentDoing::Watching,
        };
        let name = |in_use: &InUse| match in_use {
            InUse::Camera { name, .. } | InUse::Microphone { name, .. } => Some(name.clone()),
            InUse::Without { .. } => None,
        };
        let why = |in_use: &InUse| match in_use {
            InUse::Without { why } => Some(why.clone()),
            InUse::Camera { .. } | InUse::Microphone { .. } => None,
        };
        let Watching { camera, microphone } = &under_way.watching;
        let complete = under_way.course.is_complete();
        Ok(EnrolmentView {
            camera: name(camera),
            microphone: name(microphone),
            without: [why(camera), why(microphone)].into_iter().flatten().collect(),
            steps: under_way.course.views(),
            doing,
            level_millibels: seen.as_ref().map_or(FLOOR_MILLIBELS, |seen| millibels(seen.level.peak)),
            hints: seen.map(|seen| seen.hints.into_iter().map(hint).collect()).unwrap_or_default(),
            problem: under_way.problem.clone().or_else(|| lost.cloned()),
            complete,
        })
    }

    /// Mirrored, if the person wants to see themselves as in a mirror.
    pub fn preview(&self, within: FrameSize, mirror: bool) -> Option<Preview> {
        self.inner.recorder.preview(within, mirror)
    }

    /// The same as JPEG; None without a camera.
    pub fn preview_jpeg(&self, within: FrameSize, mirror: bool) -> Option<Vec<u8>> {
        crate::pictures::jpeg(self.preview(within, mirror)?.pixels?.as_ref()).ok()
    }

    pub fn record(&self, request: &RecordStep) -> Result<(), Trouble> {
        let inner = &self.inner;
        let mut open = inner.lock();
        let under_way = open.as_mut().ok_or_else(not_open)?;
        let attempt = under_way.course.begin(request.step)?;
        under_way.problem = None;
        let countdown = Duration::from_secs(u64::from(request.countdown_seconds.min(COUNTDOWN_SECONDS)));
        let keep = under_way.staged.keep(&attempt.name());
        let begun = keep.and_then(|keep| inner.recorder.record(keep, countdown));
        let (follower, staged) = (inner.clone(), under_way.staged.clone());
        let following = attempt.clone();
        let begun = begun.and_then(|()| {
            let work = move || follower.follow(&following, &staged);
            std::thread::Builder::new().name("enrolment".into()).spawn(work).map(drop).map_err(|error| {
                let what = "The recording could not begin, because the system gave no thread for it.";
                Trouble::from(Fault::new(what, "Close some programs and try again.", error))
            })
        });
        begun.inspect_err(|_| under_way.course.failed(&attempt))
    }

    /// Seals the films, signs the consent, and puts both on record. Refused, everything stays as it was.
    pub fn finish(&self, request: FinishEnrolment) -> Result<CameoId, Trouble> {
        let inner = &self.inner;
        let (staged, kept, mut checks, devices) = {
            let open = inner.lock();
            let under_way = open.as_ref().ok_or_else(not_open)?;
            if !under_way.course.is_complete() {
                return Err(Trouble::refuse(
                    "enrolment.incomplete",
                    "Not every step of the enrolment is recorded.",
                    "Record the steps that are still open; what cannot be found in one may stand as not checked.",
                ));
            }
            let course = &under_way.course;
            let checks = course.checks(&inner.tools.faces.means());
            (under_way.staged.clone(), course.kept(), checks, recorded_with(&under_way.watching))
        };
        checks.verified.insert(0, devices);
        let films = kept.iter().map(|attempt| staged.read(&attempt.whole())).collect::<Result<_, _>>()?;
        let FinishEnrolment { name, terms, attestation } = request;
        let cameo = inner.tools.consents.add_recorded(RecordedCameo { name, terms, attestation, films, checks })?;
        self.close();
        Ok(cameo)
    }

    /// Lets go of the devices and destroys what is on no record.
    pub fn close(&self) {
        self.inner.recorder.close();
        if let Some(under_way) = self.inner.lock().take() {
            under_way.staged.end();
        }
    }
}

impl Drop for Enrolment {
    fn drop(&mut self) {
        self.close();
    }
}

fn recorded_with(watching: &Watching) -> String {
    let name = |in_use: &InUse, kind: &str| match in_use {
        InUse::Camera { name, .. } | InUse::Microphone { name, .. } => format!("the {kind} “{name}”"),
        InUse::Without { .. } => format!("no {kind}"),
    };
    let (camera, microphone) = (name(&watching.camera, "camera"), name(&watching.microphone, "microphone"));
    format!("Recorded here with {camera} and {microphone}, as the system calls them, for this consent.")
}

pub(crate) fn millibels(level: f32) -> i32 {
    if level <= 0.0 { FLOOR_MILLIBELS } else { ((level.log10() * 2_000.0) as i32).max(FLOOR_MILLIBELS) }
}

pub(crate) fn hint(hint: Hint) -> EnrolmentHint {
    match hint {
        Hint::TooDark => EnrolmentHint::TooDark,
        Hint::TooBright => EnrolmentHint::TooBright,
        Hint::Clipping => EnrolmentHint::Clipping,
        Hint::Noisy => EnrolmentHint::Noisy,
        Hint::NothingHeard => EnrolmentHint::NothingHeard,
    }
}
