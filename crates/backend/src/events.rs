//! From the services to the windows, in one ordered channel each.
//!
//! A window that does not read fast enough loses messages rather than holding up the studio: the numbers then show a hole, and the
//! window asks for a fresh replica. Nothing here is ever unbounded.

use kinora_api::{Event, Message};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};

/// Messages a window may be behind before it loses some: about ten seconds of a busy queue.
const BACKLOG: usize = 1024;

#[derive(Debug, Default)]
pub struct Events {
    listeners: Mutex<Vec<Listener>>,
}

#[derive(Debug)]
struct Listener {
    sender: SyncSender<Message>,
    number: u64,
}

impl Events {
    /// A channel of its own for one window; it ends when the receiver is dropped.
    pub fn listen(&self) -> Receiver<Message> {
        let (sender, receiver) = sync_channel(BACKLOG);
        self.lock().push(Listener { sender, number: 0 });
        receiver
    }

    pub fn send(&self, event: &Event) {
        self.lock().retain_mut(|listener| {
            // The number goes on even when the message is lost: that is how the window notices.
            listener.number += 1;
            let message = Message { number: listener.number, event: event.clone() };
            !matches!(listener.sender.try_send(message), Err(TrySendError::Disconnected(_)))
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kinora_document::Ticks;

    #[test]
    fn a_window_that_falls_behind_sees_a_hole_and_holds_nobody_up() {
        let events = Events::default();
        let receiver = events.listen();
        for _ in 0..BACKLOG + 10 {
            events.send(&Event::Transport { playing: false, at: Ticks::ZERO });
        }
        let numbers: Vec<u64> = receiver.try_iter().map(|message| message.number).collect();
        assert_eq!(numbers, (1..=BACKLOG as u64).collect::<Vec<_>>());
        events.send(&Event::FilmOpened);
        assert_eq!(receiver.recv().map(|message| message.number), Ok(BACKLOG as u64 + 11));
    }
}
