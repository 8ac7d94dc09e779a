//! What the window remembers of a film: room and sizes of panes.
//!
//! It is opaque to the studio and not part of the film, so undo never changes it. Written a moment after the last change.

use crate::bridge::ask;
use crate::state::{Room, Studio};
use kinora_api::{AskSaveView, AskView, SavedView};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

const WAIT: Duration = Duration::from_millis(800);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Remembered {
    room: String,
    panes: BTreeMap<String, i32>,
    snapping: Option<bool>,
    reduced: bool,
    linked: Option<bool>,
    safe_areas: bool,
}

pub fn restore(studio: Studio) {
    spawn_local(async move {
        // A view that cannot be read is no reason to trouble anyone: the usual arrangement is shown.
        let Ok(saved) = ask::<AskView>(()).await else { return };
        let Ok(seen) = serde_json::from_str::<Remembered>(&saved.json) else { return };
        if let Some(room) = Room::from_slug(&seen.room) {
            studio.room.set(room);
        }
        studio.panes.set(seen.panes);
        studio.snapping.set(seen.snapping.unwrap_or(true));
        studio.reduced.set(seen.reduced);
        studio.cutting.linked.set(seen.linked.unwrap_or(true));
        studio.cutting.safe_areas.set(seen.safe_areas);
    });
}

/// Writes the view whenever it has been still for a moment.
pub fn keep(studio: Studio) {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |before: Option<Remembered>| {
        let now = Remembered {
            room: studio.room.get().slug().to_owned(),
            panes: studio.panes.get(),
            snapping: Some(studio.snapping.get()),
            reduced: studio.reduced.get(),
            linked: Some(studio.cutting.linked.get()),
            safe_areas: studio.cutting.safe_areas.get(),
        };
        if before.is_some_and(|before| before != now) && studio.is_open() {
            if let Some(handle) = waiting.get_value() {
                handle.clear();
            }
            let json = serde_json::to_string(&now).unwrap_or_default();
            let handle =
                set_timeout_with_handle(move || studio.request::<AskSaveView>(SavedView { json }, |()| ()), WAIT);
            waiting.set_value(handle.ok());
        }
        now
    });
}
