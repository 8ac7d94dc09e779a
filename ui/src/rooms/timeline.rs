//! The timeline on screen: a canvas painted from the model, the pointer and the wheel over it, and the same clips as a list for
//! the keyboard and screen readers.

use crate::actions::blade;
use crate::bridge::picture_address;
use crate::lang::{t, tf};
use crate::state::{Studio, Tool, studio};
use crate::timeline::draw::{Colours, Scene, clip_name, paint, picture_of};
use crate::timeline::hands::{Drag, Grip, scrub_to};
use crate::timeline::model::{self, HEADER_WIDTH, Under, View};
use crate::transport::{self, timecode};
use kinora_document::{BlobHash, Clip, ClipId, ClipSource, Ticks};
use leptos::html;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlImageElement;

#[derive(Clone, Debug, PartialEq)]
enum Held {
    Nothing,
    Scrub,
    Clip(Box<Drag>),
}

#[component]
pub fn Timeline() -> impl IntoView {
    let studio = studio();
    let canvas = NodeRef::<html::Canvas>::new();
    let view = RwSignal::new(View {
        from: Ticks::ZERO,
        ticks_per_pixel: Ticks::PER_SECOND / 40,
        width: 0,
        height: 0,
        down: 0,
    });
    let held = RwSignal::new(Held::Nothing);
    let hovered = RwSignal::new(None::<i32>);
    let loaded = RwSignal::new(0_u32);
    let pictures: Rc<RefCell<HashMap<BlobHash, HtmlImageElement>>> = Rc::default();
    // Read after the style sheet has followed the theme.
    let colours = RwSignal::new(Colours::default());
    Effect::new(move |_| {
        studio.manners.track();
        request_animation_frame(move || {
            colours.try_set(Colours::read());
        });
    });
    let numbers = Memo::new(move |_| studio.film(kinora_document::board::numbers));

    // The canvas has the size of its place on screen.
    let measure = move || {
        if let Some(canvas) = canvas.get_untracked() {
            let (width, height) = (canvas.client_width(), canvas.client_height());
            view.update(|view| {
                view.width = width;
                view.height = height;
            });
        }
    };
    let measured = StoredValue::new(false);
    Effect::new(move |_| {
        canvas.track();
        studio.panes.track();
        request_animation_frame(move || {
            measure();
            if !measured.get_value() && view.with_untracked(|view| view.width > 0) {
                measured.set_value(true);
                fit(studio, view);
            }
        });
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    Effect::new(move |before: Option<(u32, i32)>| {
        let (fits, zoom) = (studio.fit.get(), studio.zoom.get());
        if let Some((old_fits, old_zoom)) = before {
            if fits != old_fits {
                fit(studio, view);
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
        if held.with_untracked(|held| *held == Held::Nothing) {
            let mut next = view.get_untracked();
            next.follow(at);
            if next != view.get_untracked() {
                view.set(next);
            }
        }
    });
    // Thumbnails are asked for once and painted when they come.
    {
        let pictures = pictures.clone();
        Effect::new(move |_| {
            let wanted: Vec<BlobHash> =
                studio.film(|film| film.clips.iter().filter_map(|clip| picture_of(film, &clip.source)).collect());
            for hash in wanted {
                if pictures.borrow().contains_key(&hash) {
                    continue;
                }
                let Ok(image) = HtmlImageElement::new() else { continue };
                let arrived = Closure::once_into_js(move || {
                    loaded.try_update(|n| *n += 1);
                });
                image.set_onload(Some(arrived.unchecked_ref()));
                image.set_src(&picture_address(hash));
                pictures.borrow_mut().insert(hash, image);
            }
        });
    }
    // Painted once per frame of the screen, however much changed.
    let due = Rc::new(Cell::new(false));
    let paint_now = {
        let due = due.clone();
        move || {
            due.set(false);
            let Some(canvas) = canvas.get_untracked() else { return };
            let seen = view.get_untracked();
            let density = window().device_pixel_ratio();
            let (width, height) = ((f64::from(seen.width) * density) as u32, (f64::from(seen.height) * density) as u32);
            if width == 0 || height == 0 {
                return;
            }
            if canvas.width() != width || canvas.height() != height {
                canvas.set_width(width);
                canvas.set_height(height);
            }
            let context = canvas
                .get_context("2d")
                .ok()
                .flatten()
                .and_then(|c| c.dyn_into::<web_sys::CanvasRenderingContext2d>().ok());
            let Some(context) = context else { return };
            let _ = context.set_transform(density, 0.0, 0.0, density, 0.0, 0.0);
            studio.local.with_untracked(|local| {
                let Some(local) = local else { return };
                held.with_untracked(|held| {
                    numbers.with_untracked(|numbers| {
                        studio.clips.with_untracked(|selected| {
                            let drag = match held {
                                Held::Clip(drag) => Some(drag.as_ref()),
                                _ => None,
                            };
                            let scene = Scene {
                                film: &local.film,
                                view: seen,
                                playhead: studio.playhead.get_untracked(),
                                selected,
                                drag,
                                hovered: hovered.get_untracked(),
                                numbers,
                                pictures: &pictures.borrow(),
                            };
                            colours.with_untracked(|colours| paint(&context, colours, &scene));
                        });
                    });
                });
            });
        }
    };
    Effect::new(move |_| {
        studio.local.track();
        view.track();
        held.track();
        hovered.track();
        loaded.track();
        colours.track();
        studio.playhead.track();
        studio.clips.track();
        if !due.replace(true) {
            let paint_now = paint_now.clone();
            request_animation_frame(paint_now);
        }
    });
    view! {
        <canvas class="timeline" node_ref=canvas data-testid="timeline" tabindex="0" aria-label=t("timeline-help")
            class:blade=move || studio.tool.get() == Tool::Blade
            on:pointerdown=move |event| press(studio, view, held, &event)
            on:pointermove=move |event| drag(studio, view, held, hovered, &event)
            on:pointerup=move |_| release(studio, held)
            on:pointercancel=move |_| held.set(Held::Nothing)
            on:pointerleave=move |_| hovered.set(None)
            on:wheel=move |event| wheel(studio, view, &event)
            on:keydown=move |event| if event.key() == "Escape" && held.with_untracked(|held| *held != Held::Nothing) {
                event.stop_propagation();
                held.set(Held::Nothing);
            }></canvas>
        <ClipList/>
    }
}

fn fit(studio: Studio, view: RwSignal<View>) {
    let length = studio.film_untracked(|film| film.length());
    view.update(|view| view.fit(length));
}

fn press(studio: Studio, view: RwSignal<View>, held: RwSignal<Held>, event: &web_sys::PointerEvent) {
    if event.button() != 0 {
        return;
    }
    if let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = target.set_pointer_capture(event.pointer_id());
        let _ = target.focus();
    }
    let (x, y) = (event.offset_x(), event.offset_y());
    let seen = view.get_untracked();
    let time = seen.time_at(x);
    match find(studio, &seen, x, y) {
        Under::Ruler => {
            held.set(Held::Scrub);
            scrub(studio, &seen, x);
        }
        Under::Start(id) | Under::End(id) | Under::Body(id) if studio.tool.get_untracked() == Tool::Blade => {
            studio.clips.set(vec![id]);
            let at = studio.film_untracked(|film| scrub_to(time, film, &seen, false, film.settings.rate));
            blade(studio, at);
        }
        Under::Start(id) => take(studio, held, id, Grip::Start, time, event.shift_key()),
        Under::End(id) => take(studio, held, id, Grip::End, time, event.shift_key()),
        Under::Body(id) => take(studio, held, id, Grip::Body, time, event.shift_key()),
        _ => studio.clips.set(Vec::new()),
    }
}

fn take(studio: Studio, held: RwSignal<Held>, id: ClipId, grip: Grip, time: Ticks, more: bool) {
    let clip = studio.film_untracked(|film| film.clips.get(id).cloned());
    let Some(clip) = clip else { return };
    studio.clips.update(|clips| {
        if more && grip == Grip::Body {
            match clips.iter().position(|other| *other == id) {
                Some(at) => {
                    clips.remove(at);
                }
                None => clips.push(id),
            }
        } else if !clips.contains(&id) {
            *clips = vec![id];
        }
    });
    if let ClipSource::Shot(shot) = clip.source {
        studio.shot.set(Some(shot));
    }
    let locked = studio.film_untracked(|film| film.tracks.get(clip.track).is_some_and(|track| track.locked));
    if !locked {
        held.set(Held::Clip(Box::new(Drag::new(grip, clip, time))));
    }
}

fn drag(
    studio: Studio,
    view: RwSignal<View>,
    held: RwSignal<Held>,
    hovered: RwSignal<Option<i32>>,
    event: &web_sys::PointerEvent,
) {
    let (x, y) = (event.offset_x(), event.offset_y());
    let seen = view.get_untracked();
    match held.get_untracked() {
        Held::Nothing => {
            let under = find(studio, &seen, x, y);
            let blade = studio.tool.get_untracked() == Tool::Blade;
            let on_clip = matches!(under, Under::Start(_) | Under::End(_) | Under::Body(_));
            let line = (blade && on_clip).then_some(x);
            if hovered.get_untracked() != line {
                hovered.set(line);
            }
            let cursor = match under {
                _ if blade && on_clip => "crosshair",
                Under::Start(_) | Under::End(_) => "ew-resize",
                Under::Body(_) => "grab",
                Under::Ruler => "col-resize",
                _ => "default",
            };
            if let Some(target) =
                event.current_target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok())
            {
                let _ = target.style().set_property("cursor", cursor);
            }
        }
        Held::Scrub => scrub(studio, &seen, x),
        Held::Clip(mut drag) => {
            drag.ripple = event.shift_key() && drag.grip != Grip::Body;
            studio.local.with_untracked(|local| {
                let Some(local) = local else { return };
                let lanes = model::lanes(&local.film, seen.down);
                let track = lanes.iter().find(|lane| y >= lane.y && y < lane.y + lane.height).map(|lane| lane.track);
                let snapping = studio.snapping.get_untracked() != event.alt_key();
                drag.drag_to(seen.time_at(x), track, &local.film, &seen, snapping);
            });
            held.set(Held::Clip(drag));
        }
    }
}

fn release(studio: Studio, held: RwSignal<Held>) {
    let was = held.get_untracked();
    held.set(Held::Nothing);
    if let Held::Clip(drag) = was
        && let Some(command) = drag.command()
    {
        studio.edit(command);
    }
}

fn wheel(studio: Studio, view: RwSignal<View>, event: &web_sys::WheelEvent) {
    event.prevent_default();
    let (dx, dy) = (event.delta_x() as i32, event.delta_y() as i32);
    if event.ctrl_key() || event.meta_key() {
        let x = event.offset_x().max(HEADER_WIDTH);
        view.update(|view| view.zoom(-dy.signum(), x));
    } else if event.alt_key() || event.offset_x() < HEADER_WIDTH {
        let tall = studio.film_untracked(model::full_height);
        view.update(|view| view.down = (view.down + dy).clamp(0, (tall - view.height).max(0)));
    } else {
        let along = if dx.abs() > dy.abs() { dx } else { dy };
        view.update(|view| view.from = Ticks((view.from.0 + view.ticks(along).0).max(0)));
    }
}

fn find(studio: Studio, view: &View, x: i32, y: i32) -> Under {
    studio.local.with_untracked(|local| {
        let Some(local) = local else { return Under::Nothing };
        let lanes = model::lanes(&local.film, view.down);
        let clips = model::visible(local.film.clips.iter(), &lanes, view);
        model::under(&clips, &lanes, x, y)
    })
}

fn scrub(studio: Studio, view: &View, x: i32) {
    let time = view.time_at(x);
    let snapping = studio.snapping.get_untracked();
    let to = studio.film_untracked(|film| scrub_to(time, film, view, snapping, film.settings.rate));
    transport::seek(studio, to);
}

/// The same clips for the keyboard and for screen readers; shown when it has the focus.
#[component]
fn ClipList() -> impl IntoView {
    let studio = studio();
    let clips = Memo::new(move |_| {
        studio.film(|film| {
            let mut clips: Vec<Clip> = film.clips.iter().cloned().collect();
            clips.sort_by_key(|clip| (clip.start, clip.track));
            let numbers = kinora_document::board::numbers(film);
            clips
                .into_iter()
                .map(|clip| {
                    let name = clip_name(film, &clip.source, &numbers);
                    let at = timecode(clip.start, film.settings.rate);
                    (
                        clip.id,
                        tf(
                            "clip-words",
                            &[("name", &name), ("at", &at), ("length", &super::card::seconds(clip.length))],
                        ),
                    )
                })
                .collect::<Vec<_>>()
        })
    });
    let choose = move |id: ClipId| {
        let clip = studio.film_untracked(|film| film.clips.get(id).cloned());
        if let Some(clip) = clip {
            studio.clips.set(vec![id]);
            if let ClipSource::Shot(shot) = clip.source {
                studio.shot.set(Some(shot));
            }
            transport::seek(studio, clip.start);
        }
    };
    view! {
        <ul class="clip-list" aria-label=t("clips")>
            <For each=move || clips.get() key=|row| row.clone() children=move |(id, words)| view! {
                <li><button type="button" data-testid=format!("clip-{id}") aria-pressed=move || studio.clips.with(|clips| clips.contains(&id)).to_string()
                    on:click=move |_| choose(id)>{words.clone()}</button></li>
            }/>
        </ul>
    }
}
