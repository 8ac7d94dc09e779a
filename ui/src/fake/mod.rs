//! A pretended studio, for looking at the page in any browser and for screenshots: a sample film, takes drawn as little landscapes,
//! and a queue that runs on timers.
//!
//! Edits go through the real planner and the real history, so what works here is the page's own doing. It is compiled only with the
//! feature `fake-bridge` and answers only under `?fake`.

mod cameos;
mod dub;
mod pictures;
mod sample;
mod work;

use crate::bridge::{Shown, Wanted};
use kinora_api::*;
use kinora_document::{BlobHash, Command, Film, GestureId, History, Patch, Role, Ticks};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;

pub use pictures::{camera, forming, peaks, picture};

#[derive(Default)]
struct Pretended {
    film: Option<Film>,
    sequence: u64,
    history: History,
    ids: u128,
    message: u64,
    hear: Option<Rc<dyn Fn(Message)>>,
    jobs: Vec<Job>,
    paused: bool,
    exports: Vec<ExportView>,
    number: u64,
    /// When playing: since when (milliseconds) and from where.
    playing: Option<(f64, Ticks)>,
    stood: Ticks,
    view: String,
    settings: String,
    cameos: Vec<CameoView>,
    dub: Option<dub::Dub>,
}

thread_local! {
    static STUDIO: RefCell<Pretended> = RefCell::new(Pretended::default());
}

fn with<T>(act: impl FnOnce(&mut Pretended) -> T) -> T {
    STUDIO.with(|studio| act(&mut studio.borrow_mut()))
}

fn query() -> String {
    web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default()
}

pub fn listen(hear: Box<dyn Fn(Message)>) {
    let start_page = query().contains("start");
    with(|studio| {
        studio.hear = Some(Rc::from(hear));
        studio.ids = 1 << 64;
        studio.number = 1;
        studio.cameos = cameos::sample();
        if !start_page {
            sample::open(studio);
        }
    });
    if !start_page {
        work::begin();
    }
}

fn tell(event: Event) {
    let (hear, message) = with(|studio| {
        studio.message += 1;
        (studio.hear.clone(), Message { number: studio.message, event })
    });
    if let Some(hear) = hear {
        // As over the real wire: never before the answer to a question.
        leptos::prelude::set_timeout(move || hear(message), std::time::Duration::from_millis(1));
    }
}

fn mint(studio: &mut Pretended) -> u128 {
    studio.ids += 1;
    studio.ids
}

fn refuse(refusal: kinora_document::Refusal) -> Problem {
    refusal.into()
}

/// Plans, applies, records and tells, as the real studio does.
fn edit(command: &Command, gesture: Option<GestureId>) -> Result<Edited, Problem> {
    let (edited, event) = with(|studio| {
        let mut next = studio.ids;
        let mut ids = || {
            next += 1;
            next
        };
        let film = studio.film.as_ref().ok_or_else(nothing_open)?;
        let patch = command.plan(film, &mut ids).map_err(refuse)?;
        studio.ids = next;
        let gesture = gesture.unwrap_or(GestureId(mint(studio)));
        let role = if command.is_system() { Role::System } else { Role::Do };
        let label = command.label().to_owned();
        let event = commit(studio, gesture, label, role, patch)?;
        Ok::<_, Problem>((Edited { sequence: studio.sequence, gesture }, event))
    })?;
    tell(event);
    Ok(edited)
}

fn commit(
    studio: &mut Pretended,
    gesture: GestureId,
    label: String,
    role: Role,
    patch: Patch,
) -> Result<Event, Problem> {
    let film = studio.film.as_mut().ok_or_else(nothing_open)?;
    let inverse = film.apply(&patch).map_err(|error| Problem {
        rule: "fault".into(),
        what: error.to_string(),
        remedy: String::new(),
        detail: String::new(),
    })?;
    studio.history.record(gesture, &label, role, &patch, inverse);
    studio.sequence += 1;
    Ok(Event::FilmChanged {
        sequence: studio.sequence,
        label,
        patch,
        undo: studio.history.undo_label().map(str::to_owned),
        redo: studio.history.redo_label().map(str::to_owned),
    })
}

fn again(forward: bool) -> Result<(), Problem> {
    let event = with(|studio| {
        let film = studio.film.as_ref().ok_or_else(nothing_open)?;
        let (step, role, word) = if forward {
            (studio.history.redo(film), Role::Redo, "Redone")
        } else {
            (studio.history.undo(film), Role::Undo, "Undone")
        };
        let step = step.ok_or_else(|| problem("undo.nothing", "There is nothing to undo or redo.", ""))?;
        let mut event = commit(studio, step.gesture, step.label.clone(), role, step.patch)?;
        if let Event::FilmChanged { label, .. } = &mut event {
            *label = format!("{word}: {}", step.label);
        }
        Ok::<_, Problem>(event)
    })?;
    tell(event);
    Ok(())
}

fn problem(rule: &str, what: &str, remedy: &str) -> Problem {
    Problem { rule: rule.into(), what: what.into(), remedy: remedy.into(), detail: String::new() }
}

fn nothing_open() -> Problem {
    problem("film.none", "No film is open.", "Open one first.")
}

fn read<T: for<'de> serde::Deserialize<'de>>(request: Value) -> Result<T, Problem> {
    serde_json::from_value(request).map_err(|error| problem("request", &error.to_string(), ""))
}

/// Answers as the real studio would, if it had an engine.
pub async fn answer(command: &str, request: Value) -> Result<Value, Problem> {
    // An answer is never there at once.
    let later = js_sys::Promise::new(&mut |resolve, _| {
        let _ = leptos::prelude::window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 5);
    });
    let _ = wasm_bindgen_futures::JsFuture::from(later).await;
    if let Some(answered) = cameos::answer(command, &request) {
        return answered?.map_err(|error| problem("answer", &error.to_string(), ""));
    }
    if let Some(answered) = dub::answer(command, &request) {
        return answered?.map_err(|error| problem("answer", &error.to_string(), ""));
    }
    let value = match command {
        "app_info" => serde_json::to_value(sample::info(with(|studio| studio.film.is_some()))),
        "models" => serde_json::to_value(Models { models: vec![sample::model()] }),
        "replica" => serde_json::to_value(with(|studio| {
            studio.film.clone().map(|film| Replica {
                sequence: studio.sequence,
                project: film.settings.title.clone(),
                film,
                undo: studio.history.undo_label().map(str::to_owned),
                redo: studio.history.redo_label().map(str::to_owned),
                repairs: Vec::new(),
            })
        })),
        "edit" => {
            let request: EditRequest = read(request)?;
            serde_json::to_value(edit(&request.command, request.gesture)?)
        }
        "undo" => serde_json::to_value(again(false)?),
        "redo" => serde_json::to_value(again(true)?),
        "history" => serde_json::to_value(with(|studio| {
            let line = |line: kinora_document::history::HistoryLine| HistoryEntry {
                gesture: line.gesture,
                label: line.label,
                applied: line.applied,
            };
            studio.history.lines().into_iter().map(line).collect::<Vec<_>>()
        })),
        "create_film" => {
            let request: CreateFilm = read(request)?;
            with(|studio| sample::create(studio, &request));
            tell(Event::FilmOpened);
            Ok(Value::Null)
        }
        "open_film" => {
            with(sample::open);
            tell(Event::FilmOpened);
            work::begin();
            Ok(Value::Null)
        }
        "pick_path" => serde_json::to_value(sample::grant(read(request)?)),
        "ticket" => serde_json::to_value(Ticket { ticket: "fake".into() }),
        "view" => serde_json::to_value(SavedView { json: with(|studio| studio.view.clone()) }),
        "save_view" => {
            let view: SavedView = read(request)?;
            with(|studio| studio.view = view.json);
            Ok(Value::Null)
        }
        "settings" => serde_json::to_value(SavedView { json: with(|studio| studio.settings.clone()) }),
        "save_settings" => {
            let settings: SavedView = read(request)?;
            with(|studio| studio.settings = settings.json);
            Ok(Value::Null)
        }
        "effects" => serde_json::to_value(sample::effects()),
        "import_media" => serde_json::to_value(Imported {
            media: Vec::new(),
            problems: vec![problem("fake", "This is not the real studio.", "")],
        }),
        other => work::answer(other, request)?,
    };
    value.map_err(|error| problem("answer", &error.to_string(), ""))
}

/// Where the pretended film is now.
fn now_at() -> Ticks {
    with(|studio| match studio.playing {
        Some((since, from)) => from + Ticks::from_millis((js_sys::Date::now() - since) as i64),
        None => studio.stood,
    })
}

pub async fn monitor_picture(wanted: Wanted, width: u32, height: u32) -> Option<Shown> {
    let at = match wanted {
        Wanted::At(at) => at,
        Wanted::Live(_) => now_at(),
    };
    let (blob, label) = with(|studio| studio.film.as_ref().map(|film| pictures::at(film, at)))?;
    let picture = pictures::frame(blob, &label, at, width, height).await?;
    Some(Shown { picture, at: Some(at), levels: None })
}

/// A hash that only has to be different each time.
fn hash_of(number: u128) -> BlobHash {
    let mut bytes = [0_u8; 32];
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678_9abc_def1);
    for byte in &mut bytes {
        state ^= state >> 31;
        state = state.wrapping_mul(0xbf58_476d_1ce4_e5b9).wrapping_add(7);
        *byte = (state >> 40) as u8;
    }
    BlobHash(bytes)
}

fn null() -> Result<Value, serde_json::Error> {
    Ok(json!(null))
}
