//! The timeline on screen: a canvas painted from the model, the names of the tracks over its left end, and the same clips as a list
//! for the keyboard and screen readers.

use super::clip_list::ClipList;
use super::timeline_hands::{Hold, drag, open_marker, press, release, wheel};
use super::track_heads::TrackHeads;
use crate::lang::t;
use crate::state::{Studio, Tool, studio};
use crate::timeline::draw::{Colours, Scene, paint};
use crate::timeline::model::{HEADER_WIDTH, Layout, View};
use crate::timeline::tiles::Tiles;
use kinora_document::{ClipId, Ticks};
use leptos::html;
use leptos::prelude::*;
use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;
use wasm_bindgen::JsCast;

/// What canvas, track heads and list share.
#[derive(Clone, Copy)]
pub struct Bench {
    pub studio: Studio,
    pub view: RwSignal<View>,
    pub layout: Memo<Layout>,
    pub hold: RwSignal<Hold>,
    /// Where the blade would cut.
    pub hovered: RwSignal<Option<i32>>,
}

impl Bench {
    fn new(studio: Studio) -> Self {
        let view = View { from: Ticks::ZERO, ticks_per_pixel: Ticks::PER_SECOND / 40, width: 0, height: 0, down: 0 };
        Self {
            studio,
            view: RwSignal::new(view),
            layout: Memo::new(move |_| studio.timeline(Layout::of)),
            hold: RwSignal::new(Hold::Nothing),
            hovered: RwSignal::new(None),
        }
    }
    pub fn fit(self) {
        let length = self.studio.film_untracked(|film| film.length());
        self.view.update(|view| view.fit(length));
    }
}

#[component]
pub fn Timeline() -> impl IntoView {
    let studio = studio();
    let bench = Bench::new(studio);
    let canvas = NodeRef::<html::Canvas>::new();
    let arrived = RwSignal::new(0_u32);
    // Read after the style sheet has followed the theme.
    let colours = RwSignal::new(Colours::default());
    Effect::new(move |_| {
        studio.manners.track();
        request_animation_frame(move || {
            colours.try_set(Colours::read());
        });
    });
    follow_size(bench, canvas);
    follow_zoom(bench);
    let numbers = Memo::new(move |_| studio.story(kinora_document::board::numbers));
    let selected = Memo::new(move |_| studio.clips.with(|clips| clips.iter().copied().collect::<HashSet<ClipId>>()));
    let tiles = Tiles::new(arrived);
    // Painted once per frame of the screen, however much changed.
    let due = Rc::new(Cell::new(false));
    let paint_now = {
        let due = due.clone();
        move || {
            due.set(false);
            let Some(canvas) = canvas.get_untracked() else { return };
            let Some(context) = prepared(&canvas, &bench.view.get_untracked()) else { return };
            studio.local.with_untracked(|local| {
                let Some(local) = local else { return };
                let hold = bench.hold.get_untracked();
                let (numbers, selected) = (numbers.read_untracked(), selected.read_untracked());
                let scene = Scene {
                    film: &local.film,
                    layout: &bench.layout.read_untracked(),
                    view: bench.view.get_untracked(),
                    playhead: studio.playhead.get_untracked(),
                    marks: (studio.cutting.mark_in.get_untracked(), studio.cutting.mark_out.get_untracked()),
                    selected: &selected,
                    drag: hold.drag(),
                    marquee: hold.marquee(),
                    hovered: bench.hovered.get_untracked(),
                    numbers: &numbers,
                    tiles: &tiles,
                };
                colours.with_untracked(|colours| paint(&context, colours, &scene));
            });
        }
    };
    Effect::new(move |_| {
        // Not the layout: whoever tracks it has it made at once, and an edit would wait for it. The painting makes it.
        studio.local.track();
        bench.view.track();
        bench.hold.track();
        bench.hovered.track();
        arrived.track();
        colours.track();
        studio.playhead.track();
        selected.track();
        studio.cutting.mark_in.track();
        studio.cutting.mark_out.track();
        if !due.replace(true) {
            request_animation_frame(paint_now.clone());
        }
    });
    view! {
        <div class="timeline-lanes">
            <canvas class="timeline" node_ref=canvas data-testid="timeline" tabindex="0" aria-label=t("timeline-help")
                data-from=move || bench.view.with(|view| view.from.0.to_string())
                data-ticks-per-pixel=move || bench.view.with(|view| view.ticks_per_pixel.to_string())
                class:blade=move || studio.tool.get() == Tool::Blade
                on:pointerdown=move |event| press(bench, &event)
                on:pointermove=move |event| drag(bench, &event)
                on:pointerup=move |_| release(bench)
                on:pointercancel=move |_| bench.hold.set(Hold::Nothing)
                on:pointerleave=move |_| bench.hovered.set(None)
                on:dblclick=move |event| open_marker(bench, &event)
                on:wheel=move |event| wheel(bench, &event)
                on:keydown=move |event| if event.key() == "Escape" && bench.hold.with_untracked(|hold| *hold != Hold::Nothing) {
                    event.stop_propagation();
                    bench.hold.set(Hold::Nothing);
                }></canvas>
            <TrackHeads bench/>
        </div>
        <ClipList bench numbers/>
    }
}

/// The canvas has the size of its place on screen; the first time, the whole film is shown.
fn follow_size(bench: Bench, canvas: NodeRef<html::Canvas>) {
    let measure = move || {
        if let Some(canvas) = canvas.get_untracked() {
            let (width, height) = (canvas.client_width(), canvas.client_height());
            bench.view.update(|view| {
                view.width = width;
                view.height = height;
            });
        }
    };
    let measured = StoredValue::new(false);
    Effect::new(move |_| {
        canvas.track();
        bench.studio.panes.track();
        bench.studio.manners.track();
        request_animation_frame(move || {
            if measured.is_disposed() {
                return;
            }
            measure();
            if !measured.get_value() && bench.view.with_untracked(|view| view.width > 0) {
                measured.set_value(true);
                bench.fit();
            }
        });
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
}

/// Zooms when asked to, around the playhead, and keeps the playhead in sight.
fn follow_zoom(bench: Bench) {
    let Bench { studio, view, .. } = bench;
    Effect::new(move |before: Option<(u32, i32)>| {
        let (fits, zoom) = (studio.fit.get(), studio.zoom.get());
        if let Some((old_fits, old_zoom)) = before {
            if fits != old_fits {
                bench.fit();
            } else if zoom != old_zoom {
                let x = view
                    .with_untracked(|view| view.x_of(studio.playhead.get_untracked()).clamp(HEADER_WIDTH, view.width));
                view.update(|view| view.zoom(zoom - old_zoom, x));
            }
        }
        (fits, zoom)
    });
    Effect::new(move |_| {
        let at = studio.playhead.get();
        if bench.hold.with_untracked(|hold| *hold == Hold::Nothing) {
            let mut next = view.get_untracked();
            next.follow(at);
            if next != view.get_untracked() {
                view.set(next);
            }
        }
    });
}

/// The context to paint with, at the screen's own density. None while the canvas has no size.
fn prepared(canvas: &web_sys::HtmlCanvasElement, seen: &View) -> Option<web_sys::CanvasRenderingContext2d> {
    let density = window().device_pixel_ratio();
    let (width, height) = ((f64::from(seen.width) * density) as u32, (f64::from(seen.height) * density) as u32);
    if width == 0 || height == 0 {
        return None;
    }
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    let context: web_sys::CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let _ = context.set_transform(density, 0.0, 0.0, density, 0.0, 0.0);
    Some(context)
}
