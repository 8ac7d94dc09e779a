//! Find anything by a few letters: actions, shots, rooms. Arrows choose, Enter does.

use crate::actions::{Action, perform, select_shot};
use crate::keys;
use crate::lang::{t, tf};
use crate::state::{Overlay, Room, studio};
use crate::widgets::{Dialog, Icon};
use kinora_document::ShotId;
use leptos::prelude::*;

const SHOWN: usize = 40;
const SHORT: usize = 60;

#[derive(Clone, Debug, PartialEq)]
enum Found {
    Act(Action),
    Shot(ShotId),
}

/// How well `words` fits `text`; None when it does not. Lower is better: letters in order, rewarded for beginning a word.
fn fit(text: &str, words: &str) -> Option<usize> {
    let text = text.to_lowercase();
    let mut score = 0;
    for word in words.to_lowercase().split_whitespace() {
        if let Some(at) = text.find(word) {
            let begins =
                at == 0 || text.get(..at).is_some_and(|before| before.ends_with(|c: char| !c.is_alphanumeric()));
            score += if begins { at / 4 } else { 20 + at };
            continue;
        }
        // Scattered letters say something only about a short name.
        if text.len() > SHORT {
            return None;
        }
        let mut letters = text.chars().enumerate();
        let mut last = 0;
        for letter in word.chars() {
            let (at, _) = letters.find(|(_, other)| *other == letter)?;
            last = at;
        }
        score += 60 + last;
    }
    Some(score)
}

#[component]
pub fn Palette() -> impl IntoView {
    let studio = studio();
    let words = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let found = Memo::new(move |_| {
        let words = words.get();
        let open = studio.is_open();
        let room = studio.room.get();
        let actions = keys::actions()
            .filter(|action| {
                *action != Action::Palette
                    && (open || action.without_film())
                    && (room == Room::Edit || !action.of_timeline())
            })
            .map(|action| (Found::Act(action), action.name().to_owned(), keys::shown_key(action)));
        let shots: Vec<_> = studio.cards.with(|cards| {
            cards
                .iter()
                .map(|card| {
                    let label = tf("palette-shot", &[("n", &card.number), ("prompt", &card.prompt.text)]);
                    (Found::Shot(card.shot), label, card.heading.clone())
                })
                .collect()
        });
        let mut all: Vec<_> =
            actions.chain(shots).filter_map(|row| Some((fit(&format!("{} {}", row.1, row.2), &words)?, row))).collect();
        all.sort_by_key(|(score, _)| *score);
        all.into_iter().map(|(_, row)| row).take(SHOWN).collect::<Vec<_>>()
    });
    let close = Callback::new(move |()| studio.overlay.set(Overlay::None));
    let go = move |found: &Found| {
        studio.overlay.set(Overlay::None);
        match found {
            Found::Act(action) => perform(studio, *action),
            Found::Shot(shot) => {
                if studio.room.get_untracked() == Room::Deliver {
                    studio.room.set(Room::Board);
                }
                select_shot(studio, *shot);
            }
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "ArrowDown" | "ArrowUp" => {
            event.prevent_default();
            let count = found.with_untracked(Vec::len).max(1);
            let by = if event.key() == "ArrowDown" { 1 } else { count - 1 };
            chosen.update(|at| *at = (*at + by) % count);
            show_row(chosen.get_untracked());
        }
        "Enter" => {
            event.prevent_default();
            if let Some((row, ..)) = found.with_untracked(|found| found.get(chosen.get_untracked()).cloned()) {
                go(&row);
            }
        }
        _ => {}
    };
    view! {
        <Dialog label=t("do-palette") testid="palette" class="palette" close>
            <div class="palette-input">
                <Icon name="search"/>
                <input type="text" data-first="" data-testid="palette-input" placeholder=t("palette-hint") aria-label=t("do-palette")
                    role="combobox" aria-expanded="true" aria-controls="palette-list"
                    aria-activedescendant=move || format!("palette-row-{}", chosen.get())
                    on:input=move |event| { words.set(event_target_value(&event)); chosen.set(0); } on:keydown=keys/>
            </div>
            <div class="palette-list" id="palette-list" role="listbox" aria-label=t("do-palette")>
                {move || found.get().into_iter().enumerate().map(|(index, (row, label, note))| {
                    let icon = if matches!(row, Found::Shot(_)) { "clapperboard" } else { "chevron-right" };
                    let is_key = matches!(row, Found::Act(_));
                    view! {
                        <div class="palette-row" role="option" id=format!("palette-row-{index}") data-testid=format!("palette-row-{index}")
                            aria-selected=move || (chosen.get() == index).to_string()
                            on:pointermove=move |_| chosen.set(index) on:click=move |_| go(&row)>
                            <Icon name=icon/><span class="palette-label">{label}</span>
                            {if is_key { (!note.is_empty()).then(|| view! { <kbd>{note}</kbd> }.into_any()) }
                             else { Some(view! { <span class="quiet palette-note">{note}</span> }.into_any()) }}
                        </div>
                    }
                }).collect_view()}
                <Show when=move || found.with(Vec::is_empty)><p class="quiet palette-none">{t("palette-none")}</p></Show>
            </div>
        </Dialog>
    }
}

fn show_row(index: usize) {
    if let Some(row) = document().get_element_by_id(&format!("palette-row-{index}")) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        row.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_find_what_was_meant() {
        assert!(fit("Generate all stale shots", "gen st") < fit("Go to the next shot", "gen st").or(Some(usize::MAX)));
        assert!(fit("Undo", "und").is_some());
        assert!(fit("Undo", "xyz").is_none());
        assert!(fit("New film", "new") < fit("Renew film", "new"));
    }
}
