//! The first run's three steps, in a bar above the status bar: each points at its room and takes you there. It covers nothing, blocks
//! nothing, and is gone for good when it is done or sent away.

use crate::lang::{t, tf};
use crate::state::{Room, Studio, studio};
use crate::widgets::{Button, IconButton, Kind};
use leptos::prelude::*;

const ROOMS: [Room; 3] = [Room::Write, Room::Board, Room::Edit];

/// The room that the tour points at now; None when there is no tour.
pub fn points_at(studio: Studio) -> Option<Room> {
    if studio.manners.with(|manners| manners.toured) || !studio.is_open() {
        return None;
    }
    ROOMS.get(studio.tour.get()).copied()
}

#[component]
pub fn Tour() -> impl IntoView {
    let studio = studio();
    let there = Memo::new(move |_| points_at(studio).is_some());
    let end = move || {
        studio.manners.update(|manners| manners.toured = true);
        studio.tour.set(0);
    };
    let next = move || {
        let step = studio.tour.get_untracked() + 1;
        match ROOMS.get(step) {
            Some(room) => {
                studio.tour.set(step);
                studio.room.set(*room);
            }
            None => end(),
        }
    };
    let words = move || match studio.tour.get() {
        0 => (t("tour-1"), t("tour-1-words")),
        1 => (t("tour-2"), t("tour-2-words")),
        _ => (t("tour-3"), t("tour-3-words")),
    };
    view! {
        <Show when=move || there.get()>
            <aside class="tour" aria-label=t("tour") data-testid="tour">
                <span class="tour-step figures">{move || tf("tour-step", &[("n", &(studio.tour.get() + 1)), ("of", &ROOMS.len())])}</span>
                <span class="tour-words" role="status"><strong>{move || words().0}</strong>" "<span>{move || words().1}</span></span>
                <span class="bar-space"></span>
                <Show when=move || points_at(studio).is_some_and(|room| room != studio.room.get())>
                    <Button label=t("tour-show") testid="tour-show" on_press=move || if let Some(room) = untrack(|| points_at(studio)) { studio.room.set(room) }/>
                </Show>
                <Button label=Signal::derive(move || t(if studio.tour.get() + 1 < ROOMS.len() { "tour-next" } else { "done" }).to_owned())
                    kind=Kind::Primary testid="tour-next" on_press=next/>
                <IconButton label=t("tour-end") icon="x" testid="tour-end" on_press=end/>
            </aside>
        </Show>
    }
}
