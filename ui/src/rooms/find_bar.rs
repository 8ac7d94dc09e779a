//! Find and replace in the script: Ctrl+F opens it, Enter goes on, Shift+Enter back, Escape returns to the text.

use super::desk::{Desk, Search};
use crate::lang::{t, tf};
use crate::script::find::{MOST, replace_all};
use crate::widgets::{Button, IconButton, Kind};
use leptos::html;
use leptos::prelude::*;

#[component]
pub fn FindBar(desk: Desk) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let search = desk.search;
    // Wherever the focus is in this room.
    let open = window_event_listener(leptos::ev::keydown, move |event| {
        let key = event.key().to_lowercase();
        if (event.ctrl_key() || event.meta_key()) && !event.alt_key() && matches!(key.as_str(), "f" | "h") {
            event.prevent_default();
            search.update(|search| search.get_or_insert_default().replace |= key == "h");
            request_animation_frame(move || {
                if let Some(field) = field.get_untracked() {
                    let _ = field.focus();
                    field.select();
                }
            });
        }
    });
    on_cleanup(move || open.remove());
    let close = move || {
        search.set(None);
        if let Some(editor) = desk.editor.get_untracked() {
            let _ = editor.focus();
        }
    };
    let show = move |now: usize| {
        search.update(|search| search.iter_mut().for_each(|search| search.now = now));
        if let Some(hit) = desk.hits.with_untracked(|hits| hits.get(now).cloned()) {
            desk.show(hit.start);
        }
    };
    let step = move |by: isize| {
        let many = desk.hits.with_untracked(Vec::len);
        if many > 0 {
            let now = search.with_untracked(|search| search.as_ref().map_or(0, |search| search.now)).min(many - 1);
            show((now + many).saturating_add_signed(by) % many);
        }
    };
    let change = move |change: &dyn Fn(&mut Search)| {
        search.update(|search| {
            if let Some(search) = search {
                change(search);
                search.now = 0;
            }
        });
        // From the caret on, as everywhere.
        let from = desk.caret.get_untracked();
        show(desk.hits.with_untracked(|hits| hits.iter().position(|hit| hit.start >= from).unwrap_or(0)));
    };
    let by = RwSignal::new(String::new());
    let give_back = move || {
        if let Some(field) = field.get_untracked() {
            let _ = field.focus();
        }
    };
    let replace_one = move || {
        let now = search.with_untracked(|search| search.as_ref().map_or(0, |search| search.now));
        if let Some(hit) = desk.hits.with_untracked(|hits| hits.get(now).cloned()) {
            desk.put(hit, &by.get_untracked());
            give_back();
            step(0);
        }
    };
    let replace_every = move || {
        let hits = desk.hits.get_untracked();
        if !hits.is_empty() {
            let text = desk.text.get_untracked();
            let after = replace_all(&text, &hits, &by.get_untracked());
            desk.put(0..text.len(), &after);
            give_back();
            desk.studio.say(tf("replaced", &[("n", &hits.len())]));
        }
    };
    let count = move || {
        let many = desk.hits.with(Vec::len);
        let now = search.with(|search| search.as_ref().map_or(0, |search| search.now));
        let of = if many == MOST { format!("{many}+") } else { many.to_string() };
        if many == 0 {
            t("find-none").to_owned()
        } else {
            tf("find-count", &[("n", &(now + 1).min(many)), ("of", &of)])
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            step(if event.shift_key() { -1 } else { 1 });
        }
        "Escape" => {
            event.prevent_default();
            event.stop_propagation();
            close();
        }
        _ => {}
    };
    view! {
        <Show when=move || search.with(Option::is_some)>
            <div class="find-bar" role="search" aria-label=t("find-in-script") on:keydown=keys>
                <input type="text" class="input" node_ref=field data-testid="find-words" placeholder=t("find-hint") aria-label=t("find-hint")
                    prop:value=move || search.with(|search| search.as_ref().map(|s| s.words.clone()).unwrap_or_default())
                    on:input=move |event| { let words = event_target_value(&event); change(&|search| search.words.clone_from(&words)); }/>
                <span class="quiet figures" data-testid="find-count" role="status">{count}</span>
                <IconButton label=t("find-before") icon="arrow-up" testid="find-before" on_press=move || step(-1)/>
                <IconButton label=t("find-next") icon="arrow-down" testid="find-next" on_press=move || step(1)/>
                <IconButton label=t("find-exact") icon="type" testid="find-exact"
                    pressed=Signal::derive(move || search.with(|search| search.as_ref().is_some_and(|s| s.exact)))
                    on_press=move || change(&|search| search.exact = !search.exact)/>
                <IconButton label=t("replace") icon="replace" testid="find-replace-open"
                    pressed=Signal::derive(move || search.with(|search| search.as_ref().is_some_and(|s| s.replace)))
                    on_press=move || search.update(|search| search.iter_mut().for_each(|s| s.replace = !s.replace))/>
                <IconButton label=t("close") icon="x" testid="find-close" on_press=close/>
                <Show when=move || search.with(|search| search.as_ref().is_some_and(|s| s.replace))>
                    <div class="find-replace">
                        <input type="text" class="input" data-testid="replace-by" placeholder=t("replace-hint") aria-label=t("replace-hint")
                            prop:value=by on:input=move |event| by.set(event_target_value(&event))/>
                        <Button label=t("replace") kind=Kind::Quiet testid="replace-one" on_press=replace_one/>
                        <Button label=t("replace-all") kind=Kind::Quiet testid="replace-all" on_press=replace_every/>
                    </div>
                </Show>
            </div>
        </Show>
    }
}
