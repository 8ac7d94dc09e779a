//! The keyboard: every action with its keys, to be chosen anew, and the keys of other editors to begin from.

use crate::actions::Action;
use crate::keys::{self, Chosen, PRESETS};
use crate::lang::{t, t_of, tf};
use crate::state::{Overlay, Studio, studio};
use crate::widgets::{Button, Dialog, IconButton, Kind};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A key that was pressed for an action, and the action that has it now.
#[derive(Clone, Debug, PartialEq)]
struct Taken {
    wanted: Action,
    key: String,
    by: Action,
}

#[component]
pub fn Keyboard() -> impl IntoView {
    let studio = studio();
    let close = Callback::new(move |()| studio.overlay.set(Overlay::None));
    let waiting = RwSignal::new(None::<Action>);
    let taken = RwSignal::new(None::<Taken>);
    let words = RwSignal::new(String::new());
    let preset = move || {
        studio.cutting.keys.track();
        keys::chosen().preset
    };
    let choose_preset = move |event: web_sys::Event| {
        taken.set(None);
        keys::choose_and_keep(studio, Chosen { preset: event_target_value(&event), ..Chosen::default() });
    };
    let reset = move || {
        taken.set(None);
        keys::choose_and_keep(studio, Chosen { preset: keys::chosen().preset, ..Chosen::default() });
    };
    let press = move |event: web_sys::KeyboardEvent| {
        let Some(action) = waiting.get_untracked() else { return };
        if keys::is_modifier(&event.key()) {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
        waiting.set(None);
        if event.key() == "Escape" {
            return;
        }
        let control = event.ctrl_key() || event.meta_key();
        let key = keys::written(&event.key(), control, event.shift_key(), event.alt_key());
        match keys::action_of(&key) {
            Some(other) if other == action => {}
            Some(by) => taken.set(Some(Taken { wanted: action, key, by })),
            None => give(studio, action, &key),
        }
    };
    let rows = Memo::new(move |_| {
        studio.cutting.keys.track();
        let wanted = words.get().to_lowercase();
        keys::actions()
            .map(|action| (action, keys::keys_of(action)))
            .filter(|(action, keys)| {
                wanted.is_empty()
                    || action.name().to_lowercase().contains(&wanted)
                    || keys.to_lowercase().contains(&wanted)
            })
            .collect::<Vec<_>>()
    });
    view! {
        <Dialog label=t("do-keyboard") testid="keyboard" class="wide" close>
            <div class="dialog-head"><h2>{t("do-keyboard")}</h2>
                <IconButton label=t("close") icon="x" testid="keyboard-close" on_press=move || close.run(())/></div>
            <div class="keyboard-bar">
                <input type="text" class="input" data-first="" data-testid="keyboard-find" placeholder=t("find-a-key") aria-label=t("find-a-key")
                    on:input=move |event| words.set(event_target_value(&event))/>
                <select class="input" data-testid="keyboard-preset" aria-label=t("keys-like") on:change=choose_preset>
                    {PRESETS.iter().map(|one| view! { <option value=one.slug selected=move || preset() == one.slug>{one.name}</option> }).collect_view()}
                </select>
                <Button label=t("usual-keys") icon="rotate-ccw" testid="keyboard-reset" on_press=reset/>
            </div>
            {move || taken.get().map(|Taken { wanted, key, by }| {
                let said = tf("key-taken", &[("key", &keys::pretty(&key)), ("other", &by.name())]);
                view! {
                    <div class="warning bar" role="alert" data-testid="key-conflict"><span>{said}</span><span class="bar-space"></span>
                        <Button label=t("keep-key") kind=Kind::Quiet testid="key-keep" on_press=move || taken.set(None)/>
                        <Button label=t("take-key") testid="key-take" on_press=move || { taken.set(None); give(studio, wanted, &key); }/></div>
                }
            })}
            <ul class="keyboard-rows" on:keydown=press>
                <For each=move || rows.get() key=|(action, held)| (action.slug(), held.clone()) children=move |(action, held)| view! {
                    <li class="sheet-row"><span>{action.name()}</span>
                        <span class="key-list">
                            {held.split(' ').filter(|key| !key.is_empty()).map(|key| view! { <kbd>{keys::pretty(key)}</kbd> }).collect_view()}
                            <button type="button" class="link" data-testid=format!("key-{}", action.slug())
                                aria-label=tf("choose-key", &[("what", &action.name())])
                                on:click=move |event| {
                                    taken.set(None);
                                    waiting.set(Some(action));
                                    // Where buttons do not take the focus by themselves, keys would go elsewhere.
                                    if let Some(button) = event.current_target().and_then(|t| t.dyn_into::<web_sys::HtmlElement>().ok()) {
                                        let _ = button.focus();
                                    }
                                }
                                on:blur=move |_| if waiting.get_untracked() == Some(action) { waiting.set(None) }>
                                {move || if waiting.get() == Some(action) { t("press-a-key") } else { t("change-key") }}</button>
                        </span>
                    </li>
                }/>
            </ul>
        </Dialog>
    }
}

/// One key, in place of those the action had.
fn give(studio: Studio, action: Action, key: &str) {
    let mut chosen = keys::chosen();
    for keys in chosen.own.values_mut() {
        *keys = keys.split(' ').filter(|own| *own != key).collect::<Vec<_>>().join(" ");
    }
    chosen.own.insert(action.slug().to_owned(), key.to_owned());
    keys::choose_and_keep(studio, chosen);
}

/// The name of a section of the sheet.
pub fn section_name(key: &'static str) -> &'static str {
    t_of(key).unwrap_or(key)
}
