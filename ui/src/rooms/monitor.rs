//! The monitor: the film's picture at the playhead, and the buttons that move it.
//!
//! It pulls one picture at a time, so it can never fall behind by more than one. While the film plays it pulls what is playing, and asks for
//! the next as soon as one is here, so that the studio works while the page decodes and draws; while the film stands it pulls the picture at
//! the playhead, and only when that changed.

use super::meters::Meters;
use crate::actions::{Action, perform};
use crate::bridge::{Asked, Shown, Wanted, ask_picture};
use crate::keys::with_key;
use crate::lang::{t, tf};
use crate::state::{Studio, studio};
use crate::timeline::cutting::range;
use crate::transport::{self, timecode};
use crate::widgets::{ActionButton, Icon};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;

/// Pictures are never asked for larger than this, whatever the size of the monitor.
const MOST_PIXELS_ACROSS: u32 = 1280;

#[component]
pub fn Monitor() -> impl IntoView {
    let studio = studio();
    let canvas = NodeRef::<html::Canvas>::new();
    let alive = Rc::new(Cell::new(true));
    let busy = Rc::new(Cell::new(false));
    let again = Rc::new(Cell::new(false));
    let pump = {
        let (alive, busy, again) = (alive.clone(), busy.clone(), again.clone());
        move || {
            again.set(true);
            if busy.replace(true) {
                return;
            }
            let (alive, busy, again) = (alive.clone(), busy.clone(), again.clone());
            spawn_local(async move {
                let mut ahead = None;
                while alive.get() && again.replace(false) {
                    let Some(canvas) = canvas.get_untracked() else {
                        break;
                    };
                    show_one(studio, &canvas, &mut ahead).await;
                    if studio.playing.get_untracked() {
                        again.set(true);
                        next_frame().await;
                    }
                }
                busy.set(false);
            });
        }
    };
    let shown = Memo::new(move |_| {
        (studio.local.with(|local| local.as_ref().map(|local| local.sequence)), studio.reduced.get())
    });
    {
        let pump = pump.clone();
        Effect::new(move |_| {
            shown.get();
            studio.playing.get();
            canvas.track();
            // While playing, the pictures bring the playhead along.
            if !studio.playing.get_untracked() {
                studio.playhead.track();
            }
            pump();
        });
    }
    let winder = wind_frames(studio);
    {
        let pump = pump.clone();
        let handle = window_event_listener(leptos::ev::resize, move |_| pump());
        on_cleanup(move || handle.remove());
    }
    let alive = StoredValue::new_local(alive);
    on_cleanup(move || {
        winder();
        alive.with_value(|alive| alive.set(false));
    });
    let shape = Memo::new(move |_| {
        studio.film(|film| Some(film.settings.size)).map_or((16, 9), |size| (size.width, size.height))
    });
    let timecode = move || timecode(studio.playhead.get(), studio.rate());
    let total = Memo::new(move |_| timecode_of_film(studio));
    let marked = Memo::new(move |_| {
        let (mark_in, mark_out) = (studio.cutting.mark_in.get(), studio.cutting.mark_out.get());
        let (from, until) = range(mark_in, mark_out, studio.length.get())?;
        Some(tf("marked-length", &[("length", &crate::transport::timecode(until - from, studio.rate()))]))
    });
    // The system's full screen where it is granted, the whole window otherwise.
    let full = studio.cutting.full_screen;
    Effect::new(move |before: Option<bool>| {
        let on = full.get();
        if before.is_some_and(|before| before != on) {
            match (on, document().document_element()) {
                (true, Some(root)) => {
                    let _ = root.request_fullscreen();
                }
                _ => document().exit_fullscreen(),
            }
            // Measured again once the new size is there.
            request_animation_frame(|| {
                if let Ok(resized) = web_sys::Event::new("resize") {
                    let _ = window().dispatch_event(&resized);
                }
            });
        }
        on
    });
    on_cleanup(move || full.set(false));
    let moving = Signal::derive(move || studio.playing.get() || studio.winding.get() != 0);
    view! {
        <section class="monitor" class:full=full aria-label=t("monitor")>
            <div class="screen">
                <canvas node_ref=canvas class="picture" data-testid="monitor" role="img" aria-label=move || format!("{} {}", t("monitor"), timecode())
                    style=("--shape", move || format!("{}", f64::from(shape.get().0) / f64::from(shape.get().1)))
                    style:aspect-ratio=move || format!("{} / {}", shape.get().0, shape.get().1)
                    on:dblclick=move |_| perform(studio, Action::FullScreen)></canvas>
                <Show when=move || studio.cutting.safe_areas.get()>
                    <div class="safe-areas" aria-hidden="true" data-testid="safe-areas-shown"
                        style=("--shape", move || format!("{}", f64::from(shape.get().0) / f64::from(shape.get().1)))
                        style:aspect-ratio=move || format!("{} / {}", shape.get().0, shape.get().1)>
                        <i class="safe-action"></i><i class="safe-title"></i><i class="safe-centre"></i>
                    </div>
                </Show>
                <Meters/>
            </div>
            <div class="transport" role="toolbar" aria-label=t("transport")>
                <span class="transport-times">
                    <span class="timecode figures" data-testid="timecode">{timecode}</span>
                    {move || marked.get().map(|words| view! { <span class="quiet figures marks" data-testid="marks">{words}</span> })}
                </span>
                <span class="transport-keys">
                    <ActionButton action=Action::MarkIn icon="mark-in" pressed=Signal::derive(move || studio.cutting.mark_in.get().is_some())/>
                    <ActionButton action=Action::ToStart icon="skip-back"/>
                    <ActionButton action=Action::FrameBack icon="step-back"/>
                    <button type="button" class="icon-button play" data-testid="play"
                        title=move || with_key(Action::PlayOrStop) aria-label=move || t(if moving.get() { "do-stop" } else { "do-play-forward" })
                        on:click=move |_| perform(studio, Action::PlayOrStop)>
                        <Icon name=Signal::derive(move || if moving.get() { "pause" } else { "play" })/>
                    </button>
                    <ActionButton action=Action::FrameForward icon="step-forward"/>
                    <ActionButton action=Action::ToEnd icon="skip-forward"/>
                    <ActionButton action=Action::MarkOut icon="mark-out" pressed=Signal::derive(move || studio.cutting.mark_out.get().is_some())/>
                </span>
                <span class="transport-side">
                    <ActionButton action=Action::Repeat icon="repeat" pressed=studio.repeat/>
                    <button type="button" class="quality figures" data-testid="reduced-picture" title=move || with_key(Action::ReducedPicture)
                        aria-label=move || with_key(Action::ReducedPicture) aria-pressed=move || studio.reduced.get().to_string()
                        on:click=move |_| perform(studio, Action::ReducedPicture)>{move || if studio.reduced.get() { "1/2" } else { "1/1" }}</button>
                    <ActionButton action=Action::SafeAreas icon="safe-areas" pressed=studio.cutting.safe_areas/>
                    <ActionButton action=Action::FullScreen icon="maximize" pressed=studio.cutting.full_screen/>
                    <span class="timecode quiet figures">{move || total.get()}</span>
                </span>
            </div>
        </section>
    }
}

/// `ahead` is the picture that was asked for while the last one was drawn.
async fn show_one(studio: Studio, canvas: &web_sys::HtmlCanvasElement, ahead: &mut Option<Asked>) -> Option<()> {
    let playing = studio.playing.get_untracked();
    let wanted = if playing { Wanted::Live(None) } else { Wanted::At(studio.playhead.get_untracked()) };
    let (width, height) = size_on(studio, canvas)?;
    // What was asked for while it played is not what is wanted when it stands.
    let asked = ahead.take().filter(|_| playing);
    let answered = asked.or_else(|| ask_picture(wanted, width, height))?.answered().await?;
    if playing && studio.playing.get_untracked() {
        *ahead = ask_picture(Wanted::Live(answered.at), width, height);
    }
    let shown = answered.decoded().await?;
    paint(canvas, &shown, width, height)?;
    studio.cutting.levels.set(if playing { shown.levels } else { None });
    if let Some(at) = shown.at.filter(|_| playing && studio.playing.get_untracked()) {
        studio.playhead.set(at);
    }
    Some(())
}

/// Draws one picture of the film, in the size that the canvas has on the screen.
pub async fn draw(studio: Studio, canvas: &web_sys::HtmlCanvasElement, wanted: Wanted) -> Option<()> {
    let (width, height) = size_on(studio, canvas)?;
    let shown = ask_picture(wanted, width, height)?.answered().await?.decoded().await?;
    paint(canvas, &shown, width, height)
}

/// Even numbers, in the film's shape.
fn size_on(studio: Studio, canvas: &web_sys::HtmlCanvasElement) -> Option<(u32, u32)> {
    let size = studio.film_untracked(|film| Some(film.settings.size))?;
    let across = canvas.client_width().max(16);
    let density = window().device_pixel_ratio();
    let across = ((f64::from(across) * density) as u32).min(size.width).min(MOST_PIXELS_ACROSS);
    let across = if studio.reduced.get_untracked() { across / 2 } else { across };
    let width = (across.max(32) / 2) * 2;
    let height = ((u64::from(width) * u64::from(size.height) / u64::from(size.width.max(1)) / 2) * 2).max(2);
    Some((width, u32::try_from(height).unwrap_or(720)))
}

fn paint(canvas: &web_sys::HtmlCanvasElement, shown: &Shown, width: u32, height: u32) -> Option<()> {
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    let context = canvas.get_context("2d").ok().flatten()?.dyn_into::<web_sys::CanvasRenderingContext2d>().ok()?;
    let (w, h) = (f64::from(width), f64::from(height));
    if let Some(picture) = shown.picture.dyn_ref::<web_sys::ImageBitmap>() {
        let _ = context.draw_image_with_image_bitmap_and_dw_and_dh(picture, 0.0, 0.0, w, h);
        picture.close();
    } else if let Some(picture) = shown.picture.dyn_ref::<web_sys::HtmlImageElement>() {
        let _ = context.draw_image_with_html_image_element_and_dw_and_dh(picture, 0.0, 0.0, w, h);
    }
    Some(())
}

pub async fn next_frame() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let _ = window().request_animation_frame(&resolve);
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

/// Moves the playhead while the film is wound; the answer ends it.
fn wind_frames(studio: Studio) -> impl Fn() {
    let on = StoredValue::new(true);
    Effect::new(move |_| {
        if studio.winding.get() == 0 {
            return;
        }
        spawn_local(async move {
            let mut last = js_sys::Date::now();
            while on.try_get_value() == Some(true) && studio.winding.get_untracked() != 0 {
                next_frame().await;
                let now = js_sys::Date::now();
                transport::wind_on(studio, (now - last) as i64);
                last = now;
            }
        });
    });
    move || {
        on.try_set_value(false);
    }
}

fn timecode_of_film(studio: Studio) -> String {
    if studio.is_open() { timecode(studio.length.get(), studio.rate()) } else { String::new() }
}
