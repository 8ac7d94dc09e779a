//! The queue: takes wished for, made one at a time, surviving crashes.
//!
//! The list is a durable record of the project; a render leaves checkpoints, so that a kill costs a few steps. Jobs can be paused, moved,
//! cancelled and repeated while one renders. The film is read when a job starts, so waiting jobs follow later edits.

use crate::events::Events;
use crate::generation::{Generator, Made, Wish};
use crate::problem::Trouble;
use kinora_api::{Event, Job, JobNumber, JobState, QueueView};
use kinora_document::recipe::cameos;
use kinora_document::{BlobHash, CameoId, Film, ShotId};
use kinora_ports::engine::Progress;
use kinora_ports::{Flow, Pixels};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

const RECORD: &str = "queue";
/// Jobs that may wait: every shot of the largest film, four times.
const LONGEST: usize = 20_000;

#[derive(Debug)]
pub struct Queue {
    shared: Arc<Shared>,
    worker: Option<JoinHandle<()>>,
}

struct Shared {
    generator: Generator,
    events: Arc<Events>,
    state: Mutex<State>,
    changed: Condvar,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct State {
    list: List,
    running: Option<Running>,
    forming: BTreeMap<JobNumber, Arc<Pixels>>,
    /// Jobs that ended, for those who wait for one.
    ended: BTreeMap<JobNumber, Result<Made, Trouble>>,
    closing: bool,
    /// Milliseconds a take took last; the forecast for those that wait.
    last_millis: Option<u64>,
}

/// What survives a crash.
#[derive(Clone, Default, Serialize, Deserialize)]
struct List {
    next: JobNumber,
    paused: bool,
    jobs: Vec<Waiting>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Waiting {
    number: JobNumber,
    #[serde(flatten)]
    wish: Wish,
    /// Why it did not work; such a job waits for a person.
    failed: Option<kinora_api::Problem>,
}

struct Running {
    number: JobNumber,
    cancelled: bool,
    progress: Option<Progress>,
}

impl Queue {
    /// Goes on with what was waiting when the project was last open.
    pub(crate) fn start(generator: Generator, events: Arc<Events>) -> Result<Self, Trouble> {
        let record = generator.session.store().record(RECORD)?;
        // A list that cannot be read is an empty one: takes are in the film, only wishes are lost.
        let list: List = record.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let shared = Arc::new(Shared {
            generator,
            events,
            state: Mutex::new(State { list, ..State::default() }),
            changed: Condvar::new(),
        });
        let worker = std::thread::Builder::new().name("kinora-queue".to_owned()).spawn({
            let shared = shared.clone();
            move || shared.work()
        });
        let worker = worker.map_err(|e| {
            Trouble::from(kinora_ports::Fault::new(
                "The queue could not be started.",
                "Close other programs and open the film again.",
                e,
            ))
        })?;
        Ok(Self { shared, worker: Some(worker) })
    }

    pub(crate) fn generator(&self) -> &Generator {
        &self.shared.generator
    }

    /// Puts wishes at the end. Durable when it returns.
    pub fn add(&self, wishes: &[Wish]) -> Result<Vec<JobNumber>, Trouble> {
        let mut state = self.shared.lock();
        if state.list.jobs.len() + wishes.len() > LONGEST {
            return Err(Trouble::refuse(
                "queue.full",
                "The queue is full.",
                "Wait for it to get shorter, or cancel some of it.",
            ));
        }
        let mut list = state.list.clone();
        let mut numbers = Vec::with_capacity(wishes.len());
        for wish in wishes {
            list.next += 1;
            numbers.push(list.next);
            list.jobs.push(Waiting { number: list.next, wish: *wish, failed: None });
        }
        self.shared.commit(&mut state, list)?;
        Ok(numbers)
    }

    pub fn cancel(&self, number: JobNumber) -> Result<(), Trouble> {
        let mut state = self.shared.lock();
        let mut list = state.list.clone();
        list.jobs.retain(|job| job.number != number);
        if let Some(running) = state.running.as_mut().filter(|running| running.number == number) {
            running.cancelled = true;
        } else if list.jobs.len() < state.list.jobs.len() {
            state.ended.insert(number, Err(Trouble::cancelled()));
        }
        self.shared.commit(&mut state, list)
    }

    /// How many jobs, waiting or running, ask for the likeness.
    pub fn asking(&self, cameo: CameoId) -> usize {
        let film = self.shared.generator.session.film();
        self.shared.lock().list.jobs.iter().filter(|job| job.failed.is_none() && asks(&film, job, cameo)).count()
    }

    /// Waiting jobs whose shot asks for the likeness fail with `why`; the running one hears of it from the ledger within a step.
    pub fn withdraw(&self, cameo: CameoId, why: &Trouble) -> Result<(), Trouble> {
        let film = self.shared.generator.session.film();
        let mut state = self.shared.lock();
        let mut list = state.list.clone();
        let running = state.running.as_ref().map(|running| running.number);
        for job in list.jobs.iter_mut().filter(|job| job.failed.is_none() && asks(&film, job, cameo)) {
            if Some(job.number) != running {
                job.failed = Some(why.0.clone());
                state.ended.insert(job.number, Err(why.clone()));
            }
        }
        self.shared.commit(&mut state, list)
    }

    /// Tries a failed job again, at its place.
    pub fn retry(&self, number: JobNumber) -> Result<(), Trouble> {
        self.change(|list| {
            list.jobs.iter_mut().filter(|job| job.number == number).for_each(|job| job.failed = None);
        })
    }

    /// Puts a job before another; None is the end of the queue.
    pub fn shift(&self, number: JobNumber, before: Option<JobNumber>) -> Result<(), Trouble> {
        self.change(|list| {
            if let Some(from) = list.jobs.iter().position(|job| job.number == number) {
                let job = list.jobs.remove(from);
                let to = list.jobs.iter().position(|other| Some(other.number) == before);
                list.jobs.insert(to.unwrap_or(list.jobs.len()), job);
            }
        })
    }

    /// What renders goes on; nothing new is started while paused.
    pub fn pause(&self, paused: bool) -> Result<(), Trouble> {
        self.change(|list| list.paused = paused)
    }

    fn change(&self, edit: impl FnOnce(&mut List)) -> Result<(), Trouble> {
        let mut state = self.shared.lock();
        let mut list = state.list.clone();
        edit(&mut list);
        self.shared.commit(&mut state, list)
    }

    pub fn view(&self) -> QueueView {
        self.shared.lock().view()
    }

    /// A picture of the take as it forms.
    pub fn forming(&self, number: JobNumber) -> Option<Arc<Pixels>> {
        self.shared.lock().forming.get(&number).cloned()
    }

    /// Waits for one job to end; `watch` sees the queue now and then and may cancel the job.
    pub fn wait(&self, number: JobNumber, watch: &mut dyn FnMut(&QueueView) -> Flow) -> Result<Made, Trouble> {
        loop {
            let view = {
                let mut state = self.shared.lock();
                if let Some(ended) = state.ended.remove(&number) {
                    return ended;
                }
                let wait = std::time::Duration::from_millis(100);
                let (state, _) = self.shared.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner);
                state.view()
            };
            if watch(&view) == Flow::Cancel {
                self.cancel(number)?;
            }
        }
    }
}

impl Drop for Queue {
    /// Stops within one step; the job stays in the list and goes on from its checkpoint next time.
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.changed.notify_all();
        if let Some(worker) = self.worker.take() {
            // A worker that panicked has nothing more to say.
            let _ = worker.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn commit(&self, state: &mut State, list: List) -> Result<(), Trouble> {
        let bytes = serde_json::to_vec(&list).map_err(|e| {
            Trouble::from(kinora_ports::Fault::new("The queue could not be written down.", "Try again.", e))
        })?;
        self.generator.session.store().put_record(RECORD, &bytes)?;
        state.list = list;
        self.tell(state);
        self.changed.notify_all();
        Ok(())
    }

    fn tell(&self, state: &State) {
        self.events.send(&Event::Queue { queue: state.view() });
    }

    fn work(&self) {
        while let Some((number, wish)) = self.next() {
            let started = std::time::Instant::now();
            let checkpoint = format!("job-{number}");
            let store = self.generator.session.store().clone();
            let made =
                self.generator.make(wish, &|key| resume(&store.spare(&checkpoint)?, key), &mut |key, progress| {
                    if let Some(state) = &progress.checkpoint {
                        // Losing a checkpoint only costs time.
                        let _ = store.put_spare(&checkpoint, &[key.0.as_slice(), state].concat());
                    }
                    self.watch(number, wish.shot, progress)
                });
            let closing = self.lock().closing;
            if !(closing && made.as_ref().is_err_and(Trouble::is_cancelled)) {
                store.remove_spare(&checkpoint);
                self.end(number, made, started.elapsed().as_millis() as u64);
            }
        }
    }

    /// Blocks until a job can be started. None when the queue closes.
    fn next(&self) -> Option<(JobNumber, Wish)> {
        let mut state = self.lock();
        loop {
            if state.closing {
                return None;
            }
            if !state.list.paused
                && let Some((number, wish)) = self.runnable(&state)
            {
                state.running = Some(Running { number, cancelled: false, progress: None });
                self.tell(&state);
                return Some((number, wish));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The first job that has not failed and does not wait for another job's shot.
    fn runnable(&self, state: &State) -> Option<(JobNumber, Wish)> {
        let film = self.generator.session.film();
        let open = || state.list.jobs.iter().filter(|job| job.failed.is_none());
        open().map(|job| (job.number, job.wish)).find(|(number, wish)| {
            Generator::waits_for(&film, *wish)
                .is_none_or(|before| !open().any(|other| other.wish.shot == before && other.number != *number))
        })
    }

    fn watch(&self, number: JobNumber, shot: ShotId, progress: Progress) -> Flow {
        let mut state = self.lock();
        if let Some(picture) = &progress.forming {
            state.forming.insert(number, picture.clone());
            self.events.send(&Event::Forming { job: number, shot });
        }
        let closing = state.closing;
        let Some(running) = state.running.as_mut() else { return Flow::Cancel };
        running.progress = Some(progress);
        let stop = running.cancelled || closing;
        self.tell(&state);
        self.changed.notify_all();
        if stop { Flow::Cancel } else { Flow::Continue }
    }

    fn end(&self, number: JobNumber, made: Result<Made, Trouble>, millis: u64) {
        let mut state = self.lock();
        state.running = None;
        state.forming.remove(&number);
        if matches!(made, Ok(Made::New(_))) {
            state.last_millis = Some(millis);
        }
        let mut list = state.list.clone();
        match &made {
            Err(trouble) if !trouble.is_cancelled() => {
                list.jobs
                    .iter_mut()
                    .filter(|job| job.number == number)
                    .for_each(|job| job.failed = Some(trouble.0.clone()));
            }
            _ => list.jobs.retain(|job| job.number != number),
        }
        if let Err(trouble) = self.commit(&mut state, list.clone()) {
            // The disk refused the list; it is still right in memory, and the screen says what happened.
            state.list = list;
            self.events.send(&Event::Notice { text: trouble.to_string(), problem: Some(trouble.0) });
        }
        state.ended.insert(number, made);
        self.changed.notify_all();
    }
}

fn asks(film: &Film, job: &Waiting, cameo: CameoId) -> bool {
    let shot = film.shots.get(job.wish.shot);
    shot.is_some_and(|shot| cameos(film, shot).iter().any(|using| using.cameo == cameo))
}

/// The state in a checkpoint file, when it was made for the same key.
fn resume(file: &[u8], key: BlobHash) -> Option<Vec<u8>> {
    let (made_for, state) = file.split_at_checked(32)?;
    (made_for == key.0).then(|| state.to_vec())
}

impl State {
    fn view(&self) -> QueueView {
        let film_seed = |job: &Waiting| job.wish.seed.unwrap_or_default();
        let jobs = self.list.jobs.iter().map(|job| {
            let running = self.running.as_ref().filter(|running| running.number == job.number);
            let state = match (running, &job.failed) {
                (Some(running), _) => match &running.progress {
                    Some(p) => JobState::Running {
                        stage: p.stage,
                        step: p.step,
                        steps: p.steps,
                        permille: p.permille,
                        millis_left: p.millis_left,
                    },
                    None => JobState::Running {
                        stage: kinora_document::catalogue::Stage::Loading,
                        step: 0,
                        steps: 1,
                        permille: 0,
                        millis_left: None,
                    },
                },
                (None, Some(problem)) => JobState::Failed(problem.clone()),
                (None, None) => JobState::Waiting,
            };
            Job { number: job.number, shot: job.wish.shot, seed: film_seed(job), state }
        });
        let mut jobs: Vec<Job> = jobs.collect();
        jobs.sort_by_key(|job| match job.state {
            JobState::Running { .. } => 0,
            JobState::Waiting => 1,
            JobState::Failed(_) => 2,
        });
        let running_left = jobs.iter().find_map(|job| match job.state {
            JobState::Running { millis_left, .. } => Some(millis_left),
            _ => None,
        });
        let waiting = jobs.iter().filter(|job| job.state == JobState::Waiting).count() as u64;
        let millis_left = match (running_left, self.last_millis) {
            (Some(Some(left)), Some(each)) => Some(left + waiting * each),
            (Some(Some(left)), None) if waiting == 0 => Some(left),
            (None, Some(each)) if waiting > 0 => Some(waiting * each),
            _ => None,
        };
        QueueView { paused: self.list.paused, jobs, millis_left }
    }
}
