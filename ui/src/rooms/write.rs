//! The script beside the board: scenes on the left, the text in the middle, the shots it makes on the right.
//!
//! The text goes to the studio a moment after the last key and when the editor is left. While someone types, what comes back never
//! replaces what they typed; the film's text is taken over only when the editor holds nothing of its own.

use super::board::Cards;
use super::queue::GenerateStale;
use crate::lang::{t, tf, tn};
use crate::script::{Seen, line_start, look};
use crate::state::{Studio, studio};
use crate::widgets::{Icon, Split, clock};
use kinora_api::{AskEdit, EditRequest};
use kinora_document::Command;
use kinora_document::screenplay::Severity;
use leptos::html;
use leptos::prelude::*;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(600);
/// Pixels; the style sheet says the same for the text.
const LINE_HEIGHT: f64 = 22.0;

#[component]
pub fn Write() -> impl IntoView {
    let studio = studio();
    let in_film = Memo::new(move |_| studio.film(|film| film.script.text.clone()));
    let text = RwSignal::new(in_film.get_untracked());
    // What the studio was last told, or told us.
    let agreed = StoredValue::new(in_film.get_untracked());
    let seen = Memo::new(move |_| text.with(|text| look(text)));
    let editor = NodeRef::<html::Textarea>::new();
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let commit = move || {
        if let Some(handle) = waiting.try_update_value(Option::take).flatten() {
            handle.clear();
        }
        let now = text.get_untracked();
        if agreed.with_value(|agreed| *agreed == now) {
            return;
        }
        agreed.set_value(now.clone());
        studio.request::<AskEdit>(EditRequest { command: Command::SetScript { text: now }, gesture: None }, |_| ());
    };
    Effect::new(move |_| {
        let film = in_film.get();
        // Undo, an import, or notes written by the studio itself: taken over unless something was typed since.
        if text.with_untracked(|text| agreed.with_value(|agreed| text == agreed)) {
            agreed.set_value(film.clone());
            let same = text.with_untracked(|text| *text == film);
            if !same {
                text.set(film.clone());
                if let Some(editor) = editor.get_untracked() {
                    let caret = editor.selection_start().ok().flatten();
                    editor.set_value(&film);
                    let _ = editor.set_selection_start(caret);
                    let _ = editor.set_selection_end(caret);
                }
            }
        }
    });
    on_cleanup(commit);
    let typed = move |event: web_sys::Event| {
        text.set(event_target_value(&event));
        if let Some(handle) = waiting.try_update_value(Option::take).flatten() {
            handle.clear();
        }
        waiting.set_value(set_timeout_with_handle(commit, PAUSE).ok());
    };
    let go = move |line: u32| show_line(editor, &text.get_untracked(), line);
    // A line another room asked for.
    Effect::new(move |_| {
        editor.track();
        if let Some(line) = studio.script_line.get() {
            studio.script_line.set(None);
            request_animation_frame(move || go(line));
        }
    });
    view! {
        <nav class="pane scenes-pane" aria-label=t("scenes")>
            <div class="pane-head"><h2>{t("scenes")}</h2></div>
            <div class="pane-scroll" data-testid="scenes">
                {move || seen.with(|seen| seen.scenes.clone()).into_iter().enumerate().map(|(index, scene)| view! {
                    <button type="button" class="scene-item" class:section=scene.section data-testid=format!("scene-{index}")
                        on:click=move |_| go(scene.line)>
                        <span class="scene-name">{scene.text}</span><span class="quiet figures">{tf("page-n", &[("n", &scene.page)])}</span>
                    </button>
                }).collect_view()}
                <Show when=move || seen.with(|seen| seen.scenes.is_empty())><p class="quiet pane-note">{t("scenes-empty")}</p></Show>
            </div>
        </nav>
        <Split name="scenes" label=t("split-scenes") usual=220 least=160 most=360 sizes=studio.panes/>
        <section class="pane script-pane" aria-label=t("script")>
            <div class="pane-head">
                <h2>{t("script")}</h2>
                <span class="quiet figures" data-testid="script-estimate">{move || seen.with(estimate_words)}</span>
                <span class="bar-space"></span>
                <Advice seen on_go=Callback::new(go)/>
            </div>
            <div class="script-scroll">
                <div class="script-page">
                    <div class="script-margin" aria-hidden="true">
                        {move || seen.with(|seen| seen.advice.clone()).into_iter().map(|note| {
                            let grave = if note.severity == Severity::Info { "info" } else { "triangle-alert" };
                            view! {
                                <span class="margin-note" class:grave=note.severity != Severity::Info title=note.message
                                    style:top=format!("{}px", f64::from(note.line.saturating_sub(1)) * LINE_HEIGHT)><Icon name=grave/></span>
                            }
                        }).collect_view()}
                    </div>
                    <pre class="script-look" aria-hidden="true">
                        {move || seen.with(|seen| seen.pieces.clone()).into_iter().map(|(piece, class)| view! { <span class=class>{piece}</span> }).collect_view()}
                        <span>"\n"</span>
                    </pre>
                    <textarea class="script-text" node_ref=editor data-testid="script" aria-label=t("script") spellcheck="false"
                        autocomplete="off" placeholder=t("script-hint")
                        prop:value=in_film.get_untracked() on:input=typed on:blur=move |_| commit()></textarea>
                </div>
            </div>
        </section>
        <Split name="strip" label=t("split-strip") usual=360 least=280 most=520 after=true sizes=studio.panes/>
        <section class="pane strip-pane" aria-label=t("room-board")>
            <div class="pane-head">
                <h2>{t("shots")}</h2>
                <span class="quiet figures">{move || shot_count(studio)}</span>
                <span class="bar-space"></span>
                <GenerateStale/>
            </div>
            <Cards/>
        </section>
    }
}

fn shot_count(studio: Studio) -> String {
    tn("shots-one", "shots-many", studio.film(|film| film.shots.len()))
}

fn estimate_words(seen: &Seen) -> String {
    let pages = if seen.eighths > 0 { format!("{} {}/8", seen.pages, seen.eighths) } else { seen.pages.to_string() };
    tf("script-estimate", &[("pages", &pages), ("time", &clock(u64::from(seen.seconds)))])
}

/// What the parser advises: how much, and where when asked.
#[component]
fn Advice(seen: Memo<Seen>, on_go: Callback<u32>) -> impl IntoView {
    let open = RwSignal::new(false);
    let count = Memo::new(move |_| seen.with(|seen| seen.advice.len()));
    view! {
        <Show when=move || { count.get() > 0 }>
            <div class="anchor">
                <button type="button" class="chip small" data-testid="script-advice" aria-expanded=move || open.get().to_string()
                    on:click=move |_| open.update(|open| *open = !*open)>
                    <Icon name="info"/>{move || tn("advice-one", "advice-many", count.get())}
                </button>
                <Show when=move || open.get()>
                    <crate::widgets::Popover label=t("script-advice") testid="advice-popover" class="menu right" close=Callback::new(move |()| open.set(false))>
                        <div class="scroll-list">
                            {move || seen.with(|seen| seen.advice.clone()).into_iter().map(|note| view! {
                                <button type="button" class="menu-item tall" on:click=move |_| { open.set(false); on_go.run(note.line); }>
                                    <span class="figures quiet">{note.line}</span><span>{note.message}</span>
                                </button>
                            }).collect_view()}
                        </div>
                    </crate::widgets::Popover>
                </Show>
            </div>
        </Show>
    }
}

fn show_line(editor: NodeRef<html::Textarea>, text: &str, line: u32) {
    let Some(editor) = editor.get_untracked() else { return };
    let start = line_start(text, line);
    // The page counts in UTF-16.
    let caret =
        text.get(..start).map(|before| before.encode_utf16().count()).and_then(|count| u32::try_from(count).ok());
    let _ = editor.focus();
    let _ = editor.set_selection_start(caret);
    let _ = editor.set_selection_end(caret);
    if let Ok(Some(scroll)) = document().query_selector(".script-scroll") {
        scroll.set_scroll_top((f64::from(line.saturating_sub(3)) * LINE_HEIGHT) as i32);
    }
}
