//! The cards under their headings: the board itself, and the strip beside the script. Only what is near sight exists.
//!
//! Choosing follows the habits of file lists: a click, Ctrl to add, Shift to reach. Dragging shows where the cards would land and does
//! nothing before it ends; Escape ends it with nothing done.

use super::card::ShotCard;
use crate::actions::select_shot;
use crate::board::{Gap, Layout, Measures, moves};
use crate::lang::t;
use crate::state::{Room, Studio, studio};
use crate::widgets::{Button, Icon};
use kinora_document::{Command, SceneId, ShotId};
use leptos::html;
use leptos::prelude::*;
use std::collections::BTreeSet;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

const BOARD: Measures = Measures { least_width: 200.0, body: 168.0, picture: 0.5625, heading: 32.0, scene_gap: 16.0 };
const STRIP: Measures = Measures { least_width: 4_000.0, body: 136.0, picture: 0.0, heading: 32.0, scene_gap: 12.0 };
/// Pixels before a press becomes a drag.
const SLACK: f64 = 6.0;
/// This near an edge the board scrolls under a drag.
const EDGE: f64 = 48.0;
const EDGE_STEP: i32 = 24;

#[derive(Clone, Debug, PartialEq)]
struct Drag {
    shots: Vec<ShotId>,
    from: (f64, f64),
    /// None until the pointer has left its place.
    to: Option<(f64, f64)>,
    gap: Option<Gap>,
}

/// The shots that a command of the board is about: the chosen ones in story order, or the selected one.
pub fn chosen(studio: Studio) -> Vec<ShotId> {
    let chosen = studio.shots.get();
    if chosen.is_empty() {
        return studio
            .shot
            .get()
            .filter(|shot| studio.places.with(|places| places.contains_key(shot)))
            .into_iter()
            .collect();
    }
    studio.cards.with(|cards| cards.iter().map(|card| card.shot).filter(|shot| chosen.contains(shot)).collect())
}

pub fn move_by_one(studio: Studio, later: bool) {
    let shots = untrack(|| chosen(studio));
    let commands = studio.film_untracked(|film| {
        moves::gap_beside(film, &shots, later).map(|gap| moves::put(film, &shots, gap)).unwrap_or_default()
    });
    studio.edit_all(commands, || ());
}

pub fn remove(studio: Studio) {
    let shots = untrack(|| chosen(studio));
    studio.shots.set(BTreeSet::new());
    studio.edit_all(shots.into_iter().map(|shot| Command::RemoveShot { shot }).collect(), || ());
}

pub fn duplicate(studio: Studio) {
    let shots = untrack(|| chosen(studio));
    studio.edit_all(shots.into_iter().map(|shot| Command::DuplicateShot { shot }).collect(), || ());
}

#[component]
pub fn Cards(#[prop(optional)] strip: bool) -> impl IntoView {
    let studio = studio();
    let node = NodeRef::<html::Div>::new();
    // Scroll position, height in sight, width for cards.
    let sight = RwSignal::new((0.0_f64, 900.0_f64, 600.0_f64));
    let measure = move || {
        if let Some(node) = node.get_untracked() {
            let padding = 24.0;
            let now = (
                f64::from(node.scroll_top()),
                f64::from(node.client_height()),
                (f64::from(node.client_width()) - padding).max(80.0),
            );
            if sight.get_untracked() != now && now.1 > 0.0 {
                sight.set(now);
            }
        }
    };
    let watcher = StoredValue::new_local(None::<(web_sys::ResizeObserver, Closure<dyn Fn()>)>);
    Effect::new(move |_| {
        let Some(node) = node.get() else { return };
        let heard = Closure::<dyn Fn()>::new(measure);
        if let Ok(observer) = web_sys::ResizeObserver::new(heard.as_ref().unchecked_ref()) {
            observer.observe(&node);
            watcher.set_value(Some((observer, heard)));
        }
    });
    on_cleanup(move || {
        if let Some((observer, _)) = watcher.try_update_value(Option::take).flatten() {
            observer.disconnect();
        }
    });
    let order = Memo::new(move |_| {
        studio.cards.with(|cards| cards.iter().map(|card| (card.shot, card.scene)).collect::<Vec<_>>())
    });
    let width = Memo::new(move |_| sight.get().2);
    let text = Memo::new(move |_| studio.manners.with(|manners| f64::from(manners.text) / 100.0));
    let layout = Memo::new(move |_| {
        let base = if strip { STRIP } else { BOARD };
        let measures = Measures { body: base.body * text.get(), heading: base.heading * text.get(), ..base };
        order.with(|order| Layout::new(order.iter().copied(), width.get(), measures))
    });
    let scenes = Memo::new(move |_| {
        let (top, height, _) = sight.get();
        layout.with(|layout| {
            layout
                .seen_scenes(top, height)
                .filter_map(|at| layout.scenes.get(at).map(|scene| (at, scene.scene, scene.shots.first().copied())))
                .collect::<Vec<_>>()
        })
    });
    let show = move |shot: ShotId| {
        let (Some(node), Some(place)) = (node.get_untracked(), layout.with_untracked(|layout| layout.place(shot)))
        else {
            return;
        };
        let (top, height) = (f64::from(node.scroll_top()), f64::from(node.client_height()));
        let heading = 36.0;
        if place.top - heading < top {
            node.set_scroll_top((place.top - heading).max(0.0) as i32);
        } else if place.top + place.height + 8.0 > top + height {
            node.set_scroll_top((place.top + place.height + 8.0 - height) as i32);
        }
    };
    // Keeps the selected card in sight when it was selected elsewhere.
    Effect::new(move |_| {
        let Some(shot) = studio.shot.get() else { return };
        node.track();
        request_animation_frame(move || show(shot));
    });
    let drag = RwSignal::new(None::<Drag>);
    let dragged = StoredValue::new(false);
    let to_board = move |x: f64, y: f64| {
        let rect = node.get_untracked().map(|node| node.get_bounding_client_rect());
        let (left, top) = rect.map_or((0.0, 0.0), |rect| (rect.left() + 12.0, rect.top()));
        (x - left, y - top + sight.get_untracked().0)
    };
    let press = move |event: web_sys::PointerEvent| {
        dragged.set_value(false);
        let Some(shot) = card_under(&event) else { return };
        if event.button() != 0 || event.shift_key() || event.ctrl_key() || event.meta_key() || on_button(&event) {
            return;
        }
        let group = studio.shots.get_untracked();
        let shots = if group.contains(&shot) { untrack(|| chosen(studio)) } else { vec![shot] };
        let from = (f64::from(event.client_x()), f64::from(event.client_y()));
        drag.set(Some(Drag { shots, from, to: None, gap: None }));
    };
    let pull = move |event: web_sys::PointerEvent| {
        let Some(now) = drag.get_untracked() else { return };
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        if now.to.is_none() && (x - now.from.0).hypot(y - now.from.1) < SLACK {
            return;
        }
        if let Some(node) = node.get_untracked() {
            if now.to.is_none() {
                let _ = node.set_pointer_capture(event.pointer_id());
            }
            let rect = node.get_bounding_client_rect();
            if y < rect.top() + EDGE {
                node.set_scroll_top(node.scroll_top() - EDGE_STEP);
            } else if y > rect.bottom() - EDGE {
                node.set_scroll_top(node.scroll_top() + EDGE_STEP);
            }
        }
        let (left, top) = to_board(x, y);
        let gap = layout.with_untracked(|layout| layout.gap_at(left, top));
        drag.set(Some(Drag { to: Some((x, y)), gap, ..now }));
    };
    let drop = move |_: web_sys::PointerEvent| {
        let Some(now) = drag.get_untracked() else { return };
        drag.set(None);
        if let (Some(_), Some(gap)) = (now.to, now.gap) {
            dragged.set_value(true);
            let commands = studio.film_untracked(|film| moves::put(film, &now.shots, gap));
            studio.edit_all(commands, || ());
        }
    };
    let stop = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" && drag.get_untracked().is_some() {
            event.prevent_default();
            drag.set(None);
            dragged.set_value(true);
        }
    });
    on_cleanup(move || stop.remove());
    let click = move |event: web_sys::MouseEvent| {
        let Some(shot) = card_under(&event) else { return };
        if dragged.get_value() {
            return dragged.set_value(false);
        }
        if event.shift_key() {
            reach(studio, shot);
        } else if event.ctrl_key() || event.meta_key() {
            add(studio, shot);
        } else {
            select_shot(studio, shot);
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        if event.default_prevented() || on_button(&event) {
            return;
        }
        let Some(shot) = card_under(&event) else { return };
        let held = event.ctrl_key() || event.meta_key();
        let step = match event.key().as_str() {
            "ArrowLeft" => Some((-1, 0)),
            "ArrowRight" => Some((1, 0)),
            "ArrowUp" => Some((0, -1)),
            "ArrowDown" => Some((0, 1)),
            _ => None,
        };
        match (event.key().as_str(), step) {
            (_, Some((across, down))) if event.alt_key() => {
                move_by_one(studio, across + down > 0);
                focus_card(shot);
            }
            (_, Some((across, down))) if !held => {
                if let Some(next) = layout.with_untracked(|layout| layout.neighbour(shot, across, down)) {
                    if event.shift_key() {
                        reach(studio, next);
                    } else {
                        select_shot(studio, next);
                    }
                    show(next);
                    focus_card(next);
                }
            }
            ("Enter", _) if !held => select_shot(studio, shot),
            ("Delete" | "Backspace", _) if !held => remove(studio),
            ("d" | "D", _) if held => duplicate(studio),
            ("a" | "A", _) if held => {
                let all = studio.cards.with_untracked(|cards| cards.iter().map(|card| card.shot).collect());
                studio.shots.set(all);
            }
            ("Escape", _) if !studio.shots.with_untracked(BTreeSet::is_empty) => studio.shots.set(BTreeSet::new()),
            _ => return,
        }
        event.prevent_default();
    };
    let marker = Memo::new(move |_| {
        let gap = drag.with(|drag| drag.as_ref().and_then(|drag| drag.gap))?;
        layout.with(|layout| layout.place(gap.beside)).map(|place| (place, gap.behind))
    });
    let one_column = Memo::new(move |_| {
        layout
            .with(|layout| layout.scenes.first().and_then(|scene| layout.inside(*scene.shots.first()?)))
            .is_none_or(|place| place.width * 2.0 > width.get())
    });
    view! {
        <div class="pane-scroll cards" class:strip=strip class:dragging=move || drag.with(|d| d.as_ref().is_some_and(|d| d.to.is_some()))
            data-testid="cards" node_ref=node on:scroll=move |_| measure()
            on:pointerdown=press on:pointermove=pull on:pointerup=drop on:pointercancel=move |_| drag.set(None)
            on:click=click on:keydown=keys>
            <Show when=move || order.with(Vec::is_empty)>
                <div class="empty-pane"><Icon name="clapperboard"/><p>{t("board-empty")}</p>
                    <Show when=move || !strip><Button label=t("do-room-write") icon="pencil-line" testid="board-to-write" on_press=move || studio.room.set(Room::Write)/></Show>
                </div>
            </Show>
            <div class="board-space" style:height=move || format!("{}px", layout.with(|layout| layout.height))>
                <For each=move || scenes.get() key=|scene| *scene children=move |(at, scene, _)| view! { <SceneCards at scene layout sight/> }/>
                {move || marker.get().map(|(place, behind)| {
                    let down = one_column.get();
                    let along = if behind { if down { place.height } else { place.width } } else { 0.0 };
                    let (left, top) = if down { (place.left, place.top + along) } else { (place.left + along, place.top) };
                    view! {
                        <div class="drop-mark" class:across=down style:left=format!("{left}px") style:top=format!("{top}px")
                            style:width=if down { format!("{}px", place.width) } else { String::new() }
                            style:height=if down { String::new() } else { format!("{}px", place.height) }></div>
                    }
                })}
            </div>
            {move || drag.get().and_then(|drag| drag.to.map(|to| (to, drag.shots.len()))).map(|((x, y), count)| view! {
                <div class="drag-count" style:left=format!("{}px", x + 12.0) style:top=format!("{}px", y + 12.0)>
                    <Icon name="clapperboard"/>{crate::lang::tn("shots-one", "shots-many", count)}
                </div>
            })}
        </div>
    }
}

/// A scene's box: its heading, which stays in sight, and the cards near sight.
#[component]
fn SceneCards(at: usize, scene: SceneId, layout: Memo<Layout>, sight: RwSignal<(f64, f64, f64)>) -> impl IntoView {
    let studio = studio();
    let heading = Memo::new(move |_| {
        studio.film(|film| film.scenes.get(scene).map(|scene| scene.heading.clone())).unwrap_or_default()
    });
    let place = Memo::new(move |_| {
        layout.with(|layout| layout.scenes.get(at).map(|scene| (scene.top, scene.height))).unwrap_or_default()
    });
    let shots = Memo::new(move |_| {
        let (top, height, _) = sight.get();
        layout.with(|layout| layout.seen_shots(at, top, height))
    });
    view! {
        <section class="scene" aria-label=move || heading.get()
            style:top=move || format!("{}px", place.get().0) style:height=move || format!("{}px", place.get().1)>
            <h3 class="scene-heading">{move || heading.get()}</h3>
            <For each=move || shots.get() key=|shot| *shot children=move |shot| view! { <ShotCard shot layout/> }/>
        </section>
    }
}

fn target(event: &web_sys::Event) -> Option<web_sys::Element> {
    event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok())
}

fn card_under(event: &web_sys::Event) -> Option<ShotId> {
    target(event)?.closest("[data-shot]").ok()??.get_attribute("data-shot")?.parse().ok()
}

fn on_button(event: &web_sys::Event) -> bool {
    target(event).is_some_and(|target| target.closest("button, input, select, a").ok().flatten().is_some())
}

/// From the selected card to this one, everything between.
fn reach(studio: Studio, to: ShotId) {
    let from = studio.shot.get_untracked().unwrap_or(to);
    let places = studio.places.get_untracked();
    let (Some(a), Some(b)) = (places.get(&from), places.get(&to)) else { return };
    let range = *a.min(b)..=*a.max(b);
    let all =
        studio.cards.with_untracked(|cards| cards.get(range).unwrap_or_default().iter().map(|c| c.shot).collect());
    studio.shots.set(all);
}

fn add(studio: Studio, shot: ShotId) {
    let first = studio.shot.get_untracked();
    studio.shots.update(|shots| {
        if shots.is_empty() {
            shots.extend(first);
        }
        if !shots.remove(&shot) {
            shots.insert(shot);
        }
    });
}

/// Once it exists: two frames, since it may have to be scrolled to first.
pub fn focus_card(shot: ShotId) {
    request_animation_frame(move || {
        request_animation_frame(move || {
            let card = document().query_selector(&format!("[data-shot='{shot}']")).ok().flatten();
            if let Some(card) = card.and_then(|card| card.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = card.focus();
            }
        });
    });
}
