//! The clips in the timeline's window once more, as a list for the keyboard and for screen readers; seen when it has the focus.
//!
//! Only as many as are in sight: each row says which of how many it is, and moving along the film brings the others.

use super::timeline::Bench;
use crate::lang::{t, tf};
use crate::timeline::clip_paint::clip_name;
use crate::timeline::edits::with_linked;
use crate::transport::{self, timecode};
use kinora_document::{ClipId, ClipSource, ShotId};
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

/// More rows than this say nothing at a glance and would slow a long film down.
const MOST: usize = 100;
const STILL: Duration = Duration::from_millis(200);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    place: usize,
    words: String,
}

#[component]
pub fn ClipList(bench: Bench, numbers: Memo<BTreeMap<ShotId, String>>) -> impl IntoView {
    let studio = bench.studio;
    let window = seen_when_still(bench);
    let cut = cut_when_still(bench);
    // Sorted once per edit, not once per look.
    let order = Memo::new(move |_| {
        cut.track();
        studio.film_untracked(|film| {
            let mut all: Vec<_> =
                film.clips.iter().map(|clip| (clip.start, clip.track, clip.start + clip.length, clip.id)).collect();
            all.sort_unstable();
            all
        })
    });
    let rows = Memo::new(move |_| {
        let (from, until) = window.get();
        let inside: Vec<(usize, ClipId)> = order.with(|order| {
            let all = order.iter().enumerate();
            let seen = all.filter(|(_, (start, _, end, _))| start.0 < until && end.0 > from);
            seen.take(MOST).map(|(place, (.., clip))| (place, *clip)).collect()
        });
        studio.story(|film| {
            let row = |(place, clip): (usize, ClipId)| {
                let clip = film.clips.get(clip)?;
                let name = numbers.with(|numbers| clip_name(film, &clip.source, numbers));
                let at = timecode(clip.start, film.settings.rate);
                let length = super::card::seconds(clip.length);
                let track = film.tracks.get(clip.track).map(|track| track.name.clone()).unwrap_or_default();
                let words = tf("clip-words", &[("name", &name), ("track", &track), ("at", &at), ("length", &length)]);
                Some((clip.id, Row { place: place + 1, words }))
            };
            inside.into_iter().filter_map(row).collect::<BTreeMap<_, _>>()
        })
    });
    let clips = move || rows.with(in_order);
    let total = Memo::new(move |_| order.with(Vec::len));
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
            <For each=clips key=|clip| *clip children=move |clip| {
                // An edit moves many and makes few anew: a row stays and takes its new place and words.
                let row = Memo::new(move |_| rows.with(|rows| rows.get(&clip).cloned()).unwrap_or_default());
                view! {
                    <li aria-posinset=move || row.with(|row| row.place.to_string()) aria-setsize=move || total.get().to_string()>
                        <button type="button" data-testid=format!("clip-{clip}")
                            aria-pressed=move || studio.clips.with(|clips| clips.contains(&clip)).to_string()
                            on:click=move |_| choose(clip)>{move || row.with(|row| row.words.clone())}</button></li>
                }
            }/>
        </ul>
    }
}

fn in_order(rows: &BTreeMap<ClipId, Row>) -> Vec<ClipId> {
    let mut clips: Vec<_> = rows.iter().map(|(clip, row)| (row.place, *clip)).collect();
    clips.sort_unstable();
    clips.into_iter().map(|(_, clip)| clip).collect()
}

/// The stretch of the film in sight, in whole tenths of it, once the timeline has been still for a moment: a hand that scrolls through
/// thousands of clips waits for no list.
fn seen_when_still(bench: Bench) -> RwSignal<(i64, i64)> {
    let stretch = Memo::new(move |_| {
        bench.view.with(|view| {
            let step = (view.ticks(view.lanes_width()).0 / 10).max(1);
            (view.from.0 / step * step, (view.until().0 / step + 1) * step)
        })
    });
    when_still(move || stretch.get(), stretch.get_untracked())
}

/// The number of the last edit of clips or tracks, once a hand that trims and trims again has been still for a moment.
fn cut_when_still(bench: Bench) -> RwSignal<u32> {
    let cut = bench.studio.cut;
    when_still(move || cut.get(), cut.get_untracked())
}

/// What `now` says, as soon as it has said the same for a moment.
fn when_still<T: Copy + Send + Sync + 'static>(now: impl Fn() -> T + 'static, first: T) -> RwSignal<T> {
    let seen = RwSignal::new(first);
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let now = now();
        if let Some(handle) = waiting.get_value() {
            handle.clear();
        }
        let handle = set_timeout_with_handle(
            move || {
                seen.try_set(now);
            },
            STILL,
        );
        waiting.set_value(handle.ok());
    });
    seen
}
