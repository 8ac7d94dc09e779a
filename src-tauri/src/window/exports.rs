//! Exports under way and done: each on a thread of its own, with progress, cancel and a history kept in the project.

use kinora_api::{Event, ExportFormat, ExportState, ExportView, JobNumber};
use kinora_backend::{Events, ExportOrder, OpenFilm, Trouble};
use kinora_ports::Flow;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

const RECORD: &str = "exports";
/// Beyond the numbers of the queue's jobs, so that one cancel serves both.
const FIRST: JobNumber = 1 << 40;
const HISTORY: usize = 100;

#[derive(Debug, Default)]
pub struct Exports {
    rows: Mutex<Vec<Row>>,
}

#[derive(Clone, Debug)]
struct Row {
    kept: Kept,
    cancelled: Arc<AtomicBool>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    view: ExportView,
    path: PathBuf,
}

impl Exports {
    /// What was exported from this film before.
    pub fn load(film: &OpenFilm) -> Self {
        let record = film.session.store().record(RECORD).ok().flatten();
        let kept: Vec<Kept> = record.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let rows = kept.into_iter().map(|kept| Row { kept, cancelled: Arc::default() }).collect();
        Self { rows: Mutex::new(rows) }
    }

    pub fn start(
        self: &Arc<Self>,
        film: Arc<OpenFilm>,
        events: Arc<Events>,
        format: ExportFormat,
        order: ExportOrder,
        path: PathBuf,
    ) -> JobNumber {
        let cancelled = Arc::new(AtomicBool::new(false));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let number = {
            let mut rows = self.lock();
            let number = next_number(&rows);
            let state = ExportState::Running { permille: 0, millis_left: None, encoder: String::new() };
            let view = ExportView { number, name, state, format: Some(format), pixels: pixels(&film, order) };
            rows.push(Row { kept: Kept { view, path: path.clone() }, cancelled: cancelled.clone() });
            number
        };
        let exports = self.clone();
        std::thread::spawn(move || {
            let started = Instant::now();
            let mut told = Instant::now();
            let made = film.export(order, &path, &mut |permille, encoder| {
                // Ten times a second is as often as anybody looks.
                if told.elapsed().as_millis() >= 100 {
                    told = Instant::now();
                    let passed = started.elapsed().as_millis() as u64;
                    let millis_left =
                        (permille > 10).then(|| passed * u64::from(1000 - permille) / u64::from(permille));
                    let state = ExportState::Running { permille, millis_left, encoder: encoder.to_owned() };
                    exports.set(number, state, &events);
                }
                if cancelled.load(Ordering::Relaxed) { Flow::Cancel } else { Flow::Continue }
            });
            let state = match made {
                Ok(exported) => ExportState::Done {
                    bytes: std::fs::metadata(&path).map_or(0, |file| file.len()),
                    millis: started.elapsed().as_millis() as u64,
                    encoder: exported.encoder,
                    signed_by: exported.signed_by.map(|identity| identity.name),
                },
                Err(trouble) if trouble.is_cancelled() => ExportState::Cancelled,
                Err(trouble) => ExportState::Failed(trouble.0),
            };
            exports.set(number, state, &events);
            exports.keep(&film);
        });
        number
    }

    /// Takes a file that is written at once into the history.
    pub fn written(&self, film: &OpenFilm, events: &Events, format: ExportFormat, path: &Path) -> JobNumber {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = std::fs::metadata(path).map_or(0, |file| file.len());
        let state = ExportState::Done { bytes, millis: 0, encoder: "text".to_owned(), signed_by: None };
        let number = {
            let mut rows = self.lock();
            let number = next_number(&rows);
            let view = ExportView { number, name, state: state.clone(), format: Some(format), pixels: 0 };
            rows.push(Row { kept: Kept { view, path: path.to_owned() }, cancelled: Arc::default() });
            number
        };
        self.set(number, state, events);
        self.keep(film);
        number
    }

    pub fn cancel(&self, number: JobNumber) -> bool {
        let rows = self.lock();
        let row = rows.iter().find(|row| row.kept.view.number == number);
        row.inspect(|row| row.cancelled.store(true, Ordering::Relaxed)).is_some()
    }

    /// Ends whatever runs; the threads finish within a frame.
    pub fn cancel_all(&self) {
        self.lock().iter().for_each(|row| row.cancelled.store(true, Ordering::Relaxed));
    }

    /// Newest first.
    pub fn views(&self) -> Vec<ExportView> {
        self.lock().iter().rev().map(|row| row.kept.view.clone()).collect()
    }

    pub fn path(&self, number: JobNumber) -> Result<PathBuf, Trouble> {
        let rows = self.lock();
        let row = rows.iter().find(|row| row.kept.view.number == number);
        row.map(|row| row.kept.path.clone()).filter(|path| path.exists()).ok_or_else(|| {
            Trouble::refuse("export.gone", "The exported file is no longer where it was.", "Export the film again.")
        })
    }

    fn set(&self, number: JobNumber, state: ExportState, events: &Events) {
        let mut rows = self.lock();
        if let Some(row) = rows.iter_mut().find(|row| row.kept.view.number == number) {
            row.kept.view.state = state;
            events.send(&Event::Export { export: row.kept.view.clone() });
        }
    }

    fn keep(&self, film: &OpenFilm) {
        let done = |row: &Row| !matches!(row.kept.view.state, ExportState::Running { .. });
        let kept: Vec<Kept> =
            self.lock().iter().rev().filter(|row| done(row)).take(HISTORY).map(|row| row.kept.clone()).collect();
        let oldest_first: Vec<Kept> = kept.into_iter().rev().collect();
        // The file is there whether or not its line in the history is.
        let _ = film.session.store().put_record(RECORD, &serde_json::to_vec(&oldest_first).unwrap_or_default());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn next_number(rows: &[Row]) -> JobNumber {
    rows.iter().map(|row| row.kept.view.number + 1).max().unwrap_or(FIRST)
}

/// Width × height × frames of what is about to be exported.
fn pixels(film: &OpenFilm, order: ExportOrder) -> u64 {
    let film = film.session.film();
    let size = order.size.unwrap_or(film.settings.size);
    let frames = order.rate.unwrap_or(film.settings.rate).nearest_frame(film.length());
    u64::from(size.width) * u64::from(size.height) * u64::try_from(frames).unwrap_or(0)
}

/// Shows a file in the system's file manager.
pub fn reveal(path: &Path) -> Result<(), Trouble> {
    let folder = path.parent().unwrap_or(path);
    if cfg!(target_os = "macos") {
        return start(std::process::Command::new("open").arg("-R").arg(path), path);
    }
    open(folder)
}

/// Opens a file or folder with whatever the system opens it with.
pub fn open(path: &Path) -> Result<(), Trouble> {
    let opener = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    start(std::process::Command::new(opener).arg(path), path)
}

fn start(command: &mut std::process::Command, path: &Path) -> Result<(), Trouble> {
    let spawned = command.stdin(std::process::Stdio::null()).spawn();
    spawned.map(drop).map_err(|e| {
        Trouble::from(kinora_ports::Fault::new(
            "The system's own program for this file could not be started.",
            format!("The file is at {}.", path.display()),
            e,
        ))
    })
}
