//! What is kept of a person whatever film is open: keys and manners, in one file of the studio's.
//!
//! The studio's file is the truth; the page's own store only mirrors the manners, so that the first picture already has the right theme.
//! Nothing is written before it was read, so a slow start can never overwrite what a person chose.

use crate::bridge::ask;
use crate::keys::{self, Chosen};
use crate::state::Studio;
use crate::theme::{self, Manners};
use kinora_api::{AskSaveSettings, AskSettings, SavedView};
use leptos::prelude::{GetUntracked, Update};
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    #[serde(flatten)]
    keys: Chosen,
    manners: Option<Manners>,
}

thread_local! {
    /// What the studio has; None before it was read.
    static STORED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Reads the habits of last time. What cannot be read is no reason to trouble anyone: the usual ones hold.
pub fn restore(studio: Studio) {
    spawn_local(async move {
        let Ok(saved) = ask::<AskSettings>(()).await else { return };
        let kept = serde_json::from_str::<Kept>(&saved.json).unwrap_or_default();
        STORED.with(|stored| *stored.borrow_mut() = Some(saved.json));
        keys::choose(kept.keys);
        studio.cutting.keys.update(|n| *n += 1);
        if let Some(manners) = kept.manners {
            theme::adopt(studio, manners);
        }
    });
}

/// Keeps the habits as they are now, when they are others than before.
pub fn keep(studio: Studio) {
    let kept = Kept { keys: keys::chosen(), manners: Some(studio.manners.get_untracked()) };
    let json = serde_json::to_string(&kept).unwrap_or_default();
    let fresh = STORED.with(|stored| {
        let mut stored = stored.borrow_mut();
        let differs = stored.as_ref().is_some_and(|known| serde_json::from_str::<Kept>(known).ok() != Some(kept));
        if differs {
            *stored = Some(json.clone());
        }
        differs
    });
    if fresh {
        studio.request::<AskSaveSettings>(SavedView { json }, |()| ());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_were_kept_before_there_were_manners_are_read() {
        let kept: Kept = serde_json::from_str(r#"{"preset":"resolve","own":{"tool-blade":"C"}}"#).expect("JSON");
        assert_eq!(kept.keys.preset, "resolve");
        assert_eq!(kept.manners, None);
        let text = serde_json::to_string(&Kept { manners: Some(Manners::default()), ..kept.clone() }).expect("JSON");
        let again: Kept = serde_json::from_str(&text).expect("JSON");
        assert_eq!((again.keys, again.manners), (kept.keys, Some(Manners::default())));
        assert_eq!(serde_json::from_str::<Kept>("{}").expect("JSON"), Kept::default());
    }
}
