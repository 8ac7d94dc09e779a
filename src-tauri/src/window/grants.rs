//! Powers the page holds as numbers: paths that a person chose in a dialog, and the ticket of a window.
//!
//! The page never sees a path and cannot make up a grant: numbers are random, and each is good for the purpose it was given for.

use kinora_api::{PathGrant, PathPurpose};
use kinora_backend::Trouble;
use kinora_ports::Entropy;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// More dialogs than anybody opens in a session; the oldest are forgotten.
const KEPT: usize = 256;

#[derive(Debug, Default)]
pub struct Grants {
    paths: Mutex<BTreeMap<u64, (PathBuf, PathPurpose)>>,
}

impl Grants {
    pub fn mint(&self, path: PathBuf, purpose: PathPurpose) -> PathGrant {
        // 53 bits: what a JavaScript number holds exactly.
        let grant = crate::system::SystemEntropy.random_u128() as u64 >> 11;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        if paths.len() >= KEPT {
            paths.pop_first();
        }
        paths.insert(grant, (path, purpose));
        PathGrant { grant, name }
    }

    pub fn path(&self, grant: u64, purposes: &[PathPurpose]) -> Result<PathBuf, Trouble> {
        let paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        paths.get(&grant).filter(|(_, purpose)| purposes.contains(purpose)).map(|(path, _)| path.clone()).ok_or_else(
            || Trouble::refuse("path.not_granted", "This file was not chosen in a dialog.", "Choose the file again."),
        )
    }
}

/// One ticket per window, for the `preview:` and `media:` schemes.
#[derive(Debug, Default)]
pub struct Tickets {
    windows: Mutex<BTreeMap<String, String>>,
}

impl Tickets {
    /// A fresh ticket for the window; its old one is no longer good.
    pub fn of(&self, window: &str) -> String {
        let ticket = format!("{:032x}", crate::system::SystemEntropy.random_u128());
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).insert(window.to_owned(), ticket.clone());
        ticket
    }

    pub fn admits(&self, window: &str, ticket: &str) -> bool {
        let windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.get(window).is_some_and(|own| own == ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_good_for_its_own_purpose_only() {
        let grants = Grants::default();
        let grant = grants.mint("a.mp4".into(), PathPurpose::ExportMp4).grant;
        assert!(grants.path(grant, &[PathPurpose::ExportMp4]).is_ok());
        assert!(grants.path(grant, &[PathPurpose::OpenFilm]).is_err());
        assert!(grants.path(grant ^ 1, &[PathPurpose::ExportMp4]).is_err());
    }

    #[test]
    fn a_ticket_is_good_for_its_own_window_until_the_next_one() {
        let tickets = Tickets::default();
        let (one, other) = (tickets.of("main"), tickets.of("other"));
        assert!(tickets.admits("main", &one) && tickets.admits("other", &other));
        assert!(!tickets.admits("main", &other) && !tickets.admits("main", "") && !tickets.admits("third", &one));
        let fresh = tickets.of("main");
        assert!(tickets.admits("main", &fresh) && !tickets.admits("main", &one));
    }
}
