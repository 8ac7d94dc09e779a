//! The clips in the timeline's window once more, as a list for the keyboard and for screen readers; seen when it has the focus.
//!
//! Only as many as are in sight: each row says which of how many it is, and moving along the film brings the others.

use super::timeline::Bench;
use crate::lang::{t, tf};
use crate::timeline::clip_paint::clip_name;
use crate::timeline::edits::with_linked;
use crate::transport::{self, timecode};
use kinora_document::{ClipId, ClipSource};
use leptos::prelude::*;

/// More rows than this say nothing at a glance and would slow a long film down.
const MOST: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Row {
    clip: ClipId,
    place: usize,
    words: String,
}

#[component]
pub fn ClipList(bench: Bench) -> impl IntoView {
    let studio = bench.studio;
    // The window in whole tenths of its width, so that playing does not make the list anew at each picture.
    let window = Memo::new(move |_| {
        bench.view.with(|view| {
            let step = (view.ticks(view.lanes_width()).0 / 10).max(1);
            (view.from.0 / step * step, (view.until().0 / step + 1) * step)
        })
    });
    let total = Memo::new(move |_| studio.film(|film| film.clips.len()));
    let rows = Memo::new(move |_| {
        let (from, until) = window.get();
        studio.film(|film| {
            let numbers = kinora_document::board::numbers(film);
            let mut all: Vec<_> = film.clips.iter().collect();
            all.sort_by_key(|clip| (clip.start, clip.track));
            all.into_iter()
                .enumerate()
                .filter(|(_, clip)| clip.start.0 < until && (clip.start + clip.length).0 > from)
                .take(MOST)
                .map(|(place, clip)| {
                    let name = clip_name(film, &clip.source, &numbers);
                    let at = timecode(clip.start, film.settings.rate);
                    let length = super::card::seconds(clip.length);
                    let track = film.tracks.get(clip.track).map(|track| track.name.clone()).unwrap_or_default();
                    let words =
                        tf("clip-words", &[("name", &name), ("track", &track), ("at", &at), ("length", &length)]);
                    Row { clip: clip.id, place: place + 1, words }
                })
                .collect::<Vec<_>>()
        })
    });
    let choose = move |id: ClipId| {
        let clip = studio.film_untracked(|film| film.clips.get(id).cloned());
        if let Some(clip) = clip {
            let link = studio.cutting.linked.get_untracked();
            studio.clips.set(studio.film_untracked(|film| with_linked(film, &[id], link)));
            if let ClipSource::Shot(shot) = clip.source {
                studio.shot.set(Some(shot));
            }
            transport::seek(studio, clip.start);
        }
    };
    view! {
        <ul class="clip-list" aria-label=t("clips")>
            <For each=move || rows.get() key=|row| row.clone() children=move |Row { clip, place, words }| view! {
                <li aria-posinset=place.to_string() aria-setsize=move || total.get().to_string()>
                    <button type="button" data-testid=format!("clip-{clip}")
                        aria-pressed=move || studio.clips.with(|clips| clips.contains(&clip)).to_string()
                        on:click=move |_| choose(clip)>{words.clone()}</button></li>
            }/>
        </ul>
    }
}
