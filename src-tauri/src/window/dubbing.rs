//! Dubbing a line of the film that is open, as the window asks for it.
//!
//! The microphone is open only while the dialog is; a film that is closed takes its takes with it.

use super::desk::Desk;
use kinora_api::{DubView, OpenDub};
use kinora_backend::Trouble;

impl Desk {
    pub fn open_dub(&self, request: &OpenDub) -> Result<DubView, Trouble> {
        self.dubbing().open(&self.film()?, request)
    }

    /// Nothing when none was ever open.
    pub fn close_dub(&self) {
        if let Some(dubbing) = self.known_dubbing() {
            dubbing.close();
        }
    }
}
