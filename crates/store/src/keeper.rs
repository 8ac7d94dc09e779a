//! sled's own thread: it follows the journal and nobody waits for it.
//!
//! An edit is acknowledged when the journal's line is on disk. What sled does with it costs as much again, and is expendable: a mirror that a
//! kill left behind is made anew at the next opening. Here it may be behind by so many edits and no more; closing a film waits for it.

use crate::mirror::{Mirror, Step};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

/// Steps that sled may be behind: a second of a slider under the hand. Whoever is further ahead waits, so that memory stays bounded.
const BACKLOG: usize = 64;

pub struct Keeper {
    /// None only while it ends.
    steps: Option<SyncSender<Step>>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

impl Keeper {
    /// None when the system gives no thread: the session then goes on without a mirror.
    pub fn start(mirror: Mirror) -> Option<Self> {
        let (sender, receiver) = sync_channel::<Step>(BACKLOG);
        let work = move || {
            while let Ok(first) = receiver.recv() {
                // What came meanwhile is written with it and flushed once.
                let mut steps = vec![first];
                steps.extend(receiver.try_iter().take(BACKLOG));
                if mirror.follow(&steps).is_err() {
                    return;
                }
            }
        };
        let thread = Builder::new().name("film index".to_owned()).spawn(work).ok()?;
        Some(Self { steps: Some(sender), thread: Some(thread) })
    }

    /// False when sled has failed: what it holds is of no more use.
    #[must_use]
    pub fn follow(&self, step: Step) -> bool {
        self.steps.as_ref().is_some_and(|steps| steps.send(step).is_ok())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.steps.take());
        if let Some(thread) = self.thread.take() {
            // It panics in no case that is not caught; were it to, the journal has everything.
            let _ = thread.join();
        }
    }
}
