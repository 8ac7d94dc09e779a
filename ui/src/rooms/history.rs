//! Everything that was done to the film, newest first; a click takes back, or does again, up to there.

use crate::lang::t;
use crate::state::{Overlay, studio};
use crate::widgets::Popover;
use kinora_api::{AskHistory, AskRedo, AskUndo, HistoryEntry};
use leptos::prelude::*;

#[component]
pub fn HistoryPopover() -> impl IntoView {
    let studio = studio();
    let entries = RwSignal::new(Vec::<HistoryEntry>::new());
    let known = Memo::new(move |_| studio.local.with(|local| local.as_ref().map(|local| local.sequence)));
    Effect::new(move |_| {
        known.get();
        studio.request::<AskHistory>((), move |answer| entries.set(answer));
    });
    let close = Callback::new(move |()| studio.overlay.set(Overlay::None));
    // Entries are oldest first; undone ones are at the end.
    let go = move |index: usize| {
        let done = entries.with_untracked(|entries| entries.iter().filter(|entry| entry.applied).count());
        for _ in index + 1..done {
            studio.request::<AskUndo>((), |()| ());
        }
        for _ in done..index + 1 {
            studio.request::<AskRedo>((), |()| ());
        }
    };
    view! {
        <Popover label=t("do-history") testid="history-popover" class="menu" close>
            <h3>{t("do-history")}</h3>
            <Show when=move || entries.with(Vec::is_empty)><p class="quiet menu-foot">{t("history-empty")}</p></Show>
            <div class="scroll-list">
                {move || entries.get().into_iter().enumerate().rev().take(200).map(|(index, entry)| view! {
                    <button type="button" class="menu-item" class:undone=!entry.applied data-testid=format!("history-{index}")
                        on:click=move |_| go(index)><span>{crate::lang::of_studio(&entry.label)}</span></button>
                }).collect_view()}
            </div>
        </Popover>
    }
}
