//! The editor of the screenplay: coloured text under a plain text field, remarks in the margin, what could come next under the caret.
//!
//! The field holds the text of the file, letter for letter, so the caret, the clipboard and the system's own undo work as everywhere.
//! The text goes to the studio a moment after the last key and when the editor is left; while someone types, what comes back never
//! replaces what they typed.

use super::desk::Desk;
use super::find_bar::FindBar;
use super::note_form::NoteForm;
use crate::lang::{t, tf, tn};
use crate::script::complete::{Known, Offer, offer};
use crate::script::typing::{Change, LineKind, enter, kind_at, tab};
use crate::script::{Block, SHOT, Seen, byte_of, line_at};
use crate::state::studio;
use crate::widgets::{Icon, IconButton, Popover, clock};
use kinora_api::{AskEdit, EditRequest};
use kinora_document::Command;
use kinora_document::screenplay::Severity;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;

const PAUSE: Duration = Duration::from_millis(600);
const FOOT: &str = "script-foot";

#[component]
pub fn ScriptPane(desk: Desk) -> impl IntoView {
    let studio = studio();
    let Desk { text, seen, caret, editor, .. } = desk;
    let in_film = Memo::new(move |_| studio.film(|film| film.script.text.clone()));
    // What the studio was last told, or told us.
    let agreed = StoredValue::new(in_film.get_untracked());
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
    // An empty line belongs before the next letter; letters are written as capitals; something was typed since the caret moved.
    let gap = StoredValue::new(false);
    let capitals = RwSignal::new(false);
    let typing = RwSignal::new(false);
    let chosen = RwSignal::new(0_usize);
    let follow = move || {
        let place = editor.get_untracked().and_then(|editor| editor.selection_start().ok().flatten()).unwrap_or(0);
        let at = text.with_untracked(|text| byte_of(text, place));
        if caret.get_untracked() != at {
            caret.set(at);
        }
    };
    let typed = move |event: web_sys::Event| {
        text.set(event_target_value(&event));
        follow();
        typing.set(true);
        chosen.set(0);
        if let Some(handle) = waiting.try_update_value(Option::take).flatten() {
            handle.clear();
        }
        waiting.set_value(set_timeout_with_handle(commit, PAUSE).ok());
    };
    let cast = Memo::new(move |_| {
        studio.film(|film| film.cast.iter().map(|member| (member.role, member.name.clone())).collect::<Vec<_>>())
    });
    let offered = Memo::new(move |_| {
        if !typing.get() {
            return None;
        }
        let line = text.with(|text| line_at(text, caret.get()));
        let mut known = seen.with(|seen| seen.known_without(line));
        with_cast(&mut known, &cast.get());
        text.with(|text| offer(text, caret.get().min(text.len()), &known))
    });
    let apply = move |change: Change| {
        desk.put(change.range.clone(), &change.insert);
        desk.place_caret(change.caret);
        gap.set_value(change.gap);
        capitals.set(change.capitals);
    };
    let accept = move |index: usize| {
        let Some(Offer { range, choices }) = offered.get_untracked() else { return };
        if let Some(choice) = choices.get(index) {
            desk.put(range, choice);
            // A heading's beginning goes on to its place at once.
            typing.set(choice.ends_with(' '));
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        let held = event.ctrl_key() || event.meta_key();
        let key = event.key();
        let many = offered.with_untracked(|offer| offer.as_ref().map_or(0, |offer| offer.choices.len()));
        if many > 0 && !held {
            let step = match key.as_str() {
                "ArrowDown" => Some(1),
                "ArrowUp" => Some(many - 1),
                _ => None,
            };
            if let Some(step) = step {
                event.prevent_default();
                return chosen.update(|at| *at = (*at + step) % many);
            }
            if matches!(key.as_str(), "Enter" | "Tab") && !event.shift_key() && !event.alt_key() {
                event.prevent_default();
                return accept(chosen.get_untracked());
            }
            if key == "Escape" {
                event.prevent_default();
                event.stop_propagation();
                return typing.set(false);
            }
        }
        let one_letter = key.chars().count() == 1 && !held && !event.alt_key();
        follow();
        let at = caret.get_untracked();
        let alone = editor.get_untracked().is_none_or(|e| e.selection_start().ok() == e.selection_end().ok());
        match key.as_str() {
            "Enter" if event.alt_key() => {
                event.prevent_default();
                desk.open_note();
            }
            // Tab means something in a script, so Escape leads out of it, to the place from which Tab goes on behind it.
            "Escape" if !held => {
                event.prevent_default();
                let foot =
                    document().get_element_by_id(FOOT).and_then(|foot| foot.dyn_into::<web_sys::HtmlElement>().ok());
                if let Some(foot) = foot {
                    let _ = foot.focus();
                }
            }
            "Enter" if !held && !event.shift_key() && alone => {
                event.prevent_default();
                apply(text.with_untracked(|text| enter(text, at)));
            }
            "Tab" if !held && !event.alt_key() => {
                event.prevent_default();
                let change = text.with_untracked(|text| tab(text, at, event.shift_key(), capitals.get_untracked()));
                change.into_iter().for_each(apply);
            }
            _ if one_letter => {
                if gap.get_value() && key != " " {
                    desk.put(at..at, "\n");
                }
                gap.set_value(false);
                if capitals.get_untracked() && key.chars().any(char::is_lowercase) {
                    event.prevent_default();
                    follow();
                    let at = caret.get_untracked();
                    desk.put(at..at, &key.to_uppercase());
                }
            }
            "Shift" => {}
            _ => gap.set_value(false),
        }
    };
    let moved = move |event: web_sys::KeyboardEvent| {
        follow();
        if matches!(event.key().as_str(), "ArrowLeft" | "ArrowRight" | "Home" | "End" | "PageUp" | "PageDown") {
            typing.set(false);
        }
    };
    // Capitals end with their line.
    let line = Memo::new(move |_| text.with(|text| line_at(text, caret.get())));
    Effect::new(move |before: Option<u32>| {
        let now = line.get();
        if before.is_some_and(|before| before != now) {
            capitals.set(false);
        }
        now
    });
    // A line another room asked for.
    Effect::new(move |_| {
        editor.track();
        if let Some(line) = studio.script_line.get() {
            studio.script_line.set(None);
            request_animation_frame(move || desk.go(line));
        }
    });
    let click_note = move |event: web_sys::MouseEvent| {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
        if let Ok(Some(chip)) = target.closest(&format!(".{SHOT}"))
            && let Some(at) = offset_in_script(&chip)
        {
            let at = text.with_untracked(|text| byte_of(text, at));
            let note = seen.with_untracked(|seen| {
                seen.notes.iter().find(|(range, _)| range.start <= at && at < range.end).cloned()
            });
            desk.note.set(note);
        }
    };
    view! {
        <section class="pane script-pane" aria-label=t("script")>
            <div class="pane-head">
                <h2>{t("script")}</h2>
                <span class="quiet figures" data-testid="script-estimate">{move || seen.with(estimate_words)}</span>
                <span class="bar-space"></span>
                <Advice desk/>
                <IconButton label=tf("with-key", &[("what", &t("shot-note")), ("key", &"Alt+Enter")]) icon="sliders-horizontal" testid="open-note"
                    on_press=move || desk.open_note()/>
                <IconButton label=tf("with-key", &[("what", &t("find-in-script")), ("key", &"Ctrl+F")]) icon="search" testid="open-find"
                    on_press=move || desk.search.update(|search| { search.get_or_insert_default(); })/>
            </div>
            <FindBar desk/>
            <div class="script-scroll">
                <div class="script-page">
                    <pre class="script-look" aria-hidden="true" on:click=click_note>
                        <For each=move || seen.with(|seen| seen.blocks.clone()) key=|block| block.key children=paragraph/>
                        <span>"\n"</span>
                    </pre>
                    <textarea class="script-text" node_ref=editor data-testid="script" aria-label=t("script") aria-describedby="script-keys"
                        spellcheck="false" autocomplete="off" placeholder=t("script-hint") aria-autocomplete="list" aria-controls=move || offered.with(Option::is_some).then_some("script-offer")
                        aria-activedescendant=move || offered.with(Option::is_some).then(|| format!("offer-{}", chosen.get()))
                        prop:value=in_film.get_untracked() on:input=typed on:keydown=keys on:keyup=moved
                        on:click=move |_| { follow(); typing.set(false); gap.set_value(false); }
                        on:blur=move |_| { commit(); typing.set(false); }></textarea>
                    <Offered desk offered chosen on_choose=Callback::new(accept)/>
                </div>
            </div>
            <Foot desk capitals/>
            <Show when=move || desk.note.with(Option::is_some)><NoteForm desk/></Show>
        </section>
    }
}

fn with_cast(known: &mut Known, cast: &[(kinora_document::CastRole, String)]) {
    use kinora_document::CastRole;
    for (role, name) in cast {
        let list = match role {
            CastRole::Character | CastRole::Prop => &mut known.names,
            CastRole::Place => &mut known.places,
            CastRole::Style => continue,
        };
        let upper = name.to_uppercase();
        if !list.iter().any(|other| other.to_uppercase() == upper) {
            list.push(upper);
        }
    }
}

/// One paragraph under the text field, drawn again only when it changed.
fn paragraph(block: Block) -> impl IntoView {
    let pieces = block.pieces.into_iter().enumerate().map(|(number, piece)| {
        let remark = piece.advice.map(|(grave, words)| {
            let icon = if grave { "triangle-alert" } else { "info" };
            view! { <span class="margin-note" class:grave=grave title=words><Icon name=icon/></span> }
        });
        let tip = if piece.class == SHOT { t("open-note-tip") } else { "" };
        view! { {remark}<span class=piece.class data-piece=number.to_string() title=(!tip.is_empty()).then_some(tip)>{piece.text}</span> }
    });
    view! { <span data-key=block.key.to_string()>{pieces.collect_view()}</span> }
}

/// Letters of the script before an element of the coloured text, as the page counts them.
fn offset_in_script(element: &web_sys::Element) -> Option<u32> {
    let mut node: web_sys::Node = element.clone().into();
    let mut before = 0;
    loop {
        let mut earlier = node.previous_sibling();
        while let Some(sibling) = earlier {
            if sibling.node_type() != web_sys::Node::COMMENT_NODE {
                before += sibling.text_content().map_or(0, |text| text.encode_utf16().count());
            }
            earlier = sibling.previous_sibling();
        }
        node = node.parent_node()?;
        if node.dyn_ref::<web_sys::Element>().is_some_and(|element| element.class_name() == "script-look") {
            return u32::try_from(before).ok();
        }
    }
}

/// What could come next, under the caret.
#[component]
fn Offered(
    desk: Desk,
    offered: Memo<Option<Offer>>,
    chosen: RwSignal<usize>,
    on_choose: Callback<usize>,
) -> impl IntoView {
    let place = RwSignal::new((0.0, 0.0));
    Effect::new(move |_| {
        if let Some(offer) = offered.get() {
            // Once the coloured text below has its new letters.
            request_animation_frame(move || {
                if let Some((left, top, height)) = desk.place_of(offer.range.start) {
                    place.set((left, top + height + 4.0));
                }
            });
        }
    });
    view! {
        <Show when=move || offered.with(Option::is_some)>
            <div class="offer" id="script-offer" role="listbox" aria-label=t("suggestions") data-testid="script-offer"
                style:left=move || format!("{}px", place.get().0) style:top=move || format!("{}px", place.get().1)>
                {move || offered.get().map(|offer| offer.choices).unwrap_or_default().into_iter().enumerate().map(|(index, choice)| view! {
                    <div class="offer-row" role="option" id=format!("offer-{index}") data-testid=format!("offer-{index}")
                        aria-selected=move || (chosen.get() == index).to_string()
                        on:mousedown=move |event| { event.prevent_default(); on_choose.run(index); }>{choice}</div>
                }).collect_view()}
            </div>
        </Show>
    }
}

pub fn kind_name(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Empty | LineKind::Action => t("element-action"),
        LineKind::Title => t("element-title"),
        LineKind::Heading => t("element-heading"),
        LineKind::Character => t("element-character"),
        LineKind::Parenthetical => t("element-parenthetical"),
        LineKind::Dialogue => t("element-dialogue"),
        LineKind::Transition => t("element-transition"),
        LineKind::Note | LineKind::Marked => t("element-note"),
    }
}

/// The element under the caret, and the remark on its line.
#[component]
fn Foot(desk: Desk, capitals: RwSignal<bool>) -> impl IntoView {
    let kind = Memo::new(move |_| desk.text.with(|text| kind_at(text, desk.caret.get().min(text.len()))));
    let line = Memo::new(move |_| desk.text.with(|text| line_at(text, desk.caret.get())));
    let remark = Memo::new(move |_| {
        desk.seen.with(|seen| seen.advice.iter().find(|note| note.line == line.get()).map(|note| note.message.clone()))
    });
    view! {
        <div class="script-foot" id=FOOT tabindex="-1">
            <span class="element-now" data-testid="script-element">
                {move || if capitals.get() { t("element-character") } else { kind_name(kind.get()) }}
            </span>
            <span class="quiet figures">{move || tf("line-n", &[("n", &line.get())])}</span>
            {move || remark.get().map(|words| view! {
                <span class="script-remark" role="status" data-testid="script-remark"><Icon name="triangle-alert"/>{words}</span>
            })}
            <span class="bar-space"></span>
            <span class="quiet" id="script-keys">{t("script-keys")}</span>
        </div>
    }
}

fn estimate_words(seen: &Seen) -> String {
    let pages = if seen.eighths > 0 { format!("{} {}/8", seen.pages, seen.eighths) } else { seen.pages.to_string() };
    tf("script-estimate", &[("pages", &pages), ("time", &clock(u64::from(seen.seconds)))])
}

/// What the parser advises: how much, and where when asked.
#[component]
fn Advice(desk: Desk) -> impl IntoView {
    let seen = desk.seen;
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
                    <Popover label=t("script-advice") testid="advice-popover" class="menu right" close=Callback::new(move |()| open.set(false))>
                        <div class="scroll-list">
                            {move || seen.with(|seen| seen.advice.clone()).into_iter().map(|note| view! {
                                <button type="button" class="menu-item tall" class:grave=note.severity != Severity::Info
                                    on:click=move |_| { open.set(false); desk.go(note.line); }>
                                    <span class="figures quiet">{note.line}</span><span>{note.message}</span>
                                </button>
                            }).collect_view()}
                        </div>
                    </Popover>
                </Show>
            </div>
        </Show>
    }
}
