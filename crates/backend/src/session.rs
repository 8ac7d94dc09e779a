//! The open film: its one writer.
//!
//! A command is planned against the film, applied to a copy, written down durably, and only then is the copy the film and is everyone told. An
//! edit that cannot be written leaves film, history and screen as they were. Readers take a snapshot and never wait for a disk.

use crate::events::Events;
use crate::problem::Trouble;
use kinora_api::{Edited, Event, HistoryEntry, Replica};
use kinora_document::{Command, Film, GestureId, History, Patch, ReadScripts, Role};
use kinora_ports::store::{Edit, Opened};
use kinora_ports::{Entropy, ProjectStore};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub struct Session {
    store: Arc<dyn ProjectStore>,
    entropy: Arc<dyn Entropy>,
    events: Arc<Events>,
    state: Mutex<State>,
}

struct State {
    film: Arc<Film>,
    history: History,
    sequence: u64,
    /// Of the scripts this film had last.
    scripts: ReadScripts,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Session {
    pub fn open(
        store: Arc<dyn ProjectStore>,
        opened: &Opened,
        entropy: Arc<dyn Entropy>,
        events: Arc<Events>,
    ) -> Result<Self, Trouble> {
        let mut replayed = opened.beginning.clone();
        let edits = opened.edits.iter().map(|edit| (edit.gesture, edit.label.as_str(), edit.role, &edit.patch));
        // A journal that does not replay is reported by the store; such a film opens without a history to undo.
        let history = History::replay(&mut replayed, edits).unwrap_or_default();
        let sequence = opened.edits.last().map_or(0, |edit| edit.sequence);
        let state = State { film: Arc::new(opened.film.clone()), history, sequence, scripts: ReadScripts::default() };
        Ok(Self { store, entropy, events, state: Mutex::new(state) })
    }

    /// The film as of now; it does not change under the caller.
    pub fn film(&self) -> Arc<Film> {
        self.lock().film.clone()
    }

    pub fn sequence(&self) -> u64 {
        self.lock().sequence
    }

    pub fn store(&self) -> &Arc<dyn ProjectStore> {
        &self.store
    }

    /// Durable when it returns.
    pub fn edit(&self, command: &Command, gesture: Option<GestureId>) -> Result<Edited, Trouble> {
        self.perform(command, gesture, Role::Do)
    }

    /// The studio's own work (a finished take): durable, shown, but not something a person undoes.
    pub fn record(&self, command: &Command) -> Result<Edited, Trouble> {
        self.perform(command, None, Role::System)
    }

    fn perform(&self, command: &Command, gesture: Option<GestureId>, role: Role) -> Result<Edited, Trouble> {
        let mut state = self.lock();
        let mut mint = || self.entropy.random_u128();
        let gesture = gesture.unwrap_or_else(|| GestureId(self.entropy.random_u128()));
        let State { film, scripts, .. } = &mut *state;
        let patch = command.plan_with(film, &mut mint, scripts)?;
        if patch.0.is_empty() {
            return Ok(Edited { sequence: state.sequence, gesture });
        }
        self.commit(&mut state, gesture, command.label(), role, patch)
    }

    /// What was undone, or None when there was nothing.
    pub fn undo(&self) -> Result<Option<Edited>, Trouble> {
        let mut state = self.lock();
        let Some(step) = state.history.undo(&state.film) else { return Ok(None) };
        self.commit(&mut state, step.gesture, &step.label, Role::Undo, step.patch).map(Some)
    }

    pub fn redo(&self) -> Result<Option<Edited>, Trouble> {
        let mut state = self.lock();
        let Some(step) = state.history.redo(&state.film) else { return Ok(None) };
        self.commit(&mut state, step.gesture, &step.label, Role::Redo, step.patch).map(Some)
    }

    pub fn history(&self) -> Vec<HistoryEntry> {
        let lines = self.lock().history.lines();
        lines
            .into_iter()
            .map(|line| HistoryEntry { gesture: line.gesture, label: line.label, applied: line.applied })
            .collect()
    }

    pub fn replica(&self, project: &str, repairs: &[String]) -> Replica {
        let state = self.lock();
        Replica {
            sequence: state.sequence,
            film: Film::clone(&state.film),
            project: project.to_owned(),
            undo: state.history.undo_label().map(str::to_owned),
            redo: state.history.redo_label().map(str::to_owned),
            repairs: repairs.to_vec(),
        }
    }

    fn commit(
        &self,
        state: &mut State,
        gesture: GestureId,
        label: &str,
        role: Role,
        patch: Patch,
    ) -> Result<Edited, Trouble> {
        let mut film = Film::clone(&state.film);
        let inverse = film.apply(&patch)?;
        let sequence = state.sequence + 1;
        let edit = Edit { sequence, gesture, label: label.to_owned(), role, patch };
        self.store.append(&edit, &film)?;
        state.history.record(gesture, label, role, &edit.patch, inverse);
        state.film = Arc::new(film);
        state.sequence = sequence;
        // Still under the lock: windows must hear of edits in the order in which they were made.
        self.events.send(&Event::FilmChanged {
            sequence,
            label: edit.label,
            patch: edit.patch,
            undo: state.history.undo_label().map(str::to_owned),
            redo: state.history.redo_label().map(str::to_owned),
        });
        Ok(Edited { sequence, gesture })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
