//! The pointer and the wheel over the timeline: what is taken hold of, and what becomes of it.

use super::timeline::Bench;
use crate::actions::blade;
use crate::state::{Overlay, Tool};
use crate::timeline::edits::with_linked;
use crate::timeline::hands::{Deed, Drag, Held, linked, neighbours, scrub_to};
use crate::timeline::model::{HEADER_WIDTH, RULER_HEIGHT, Rect, Under, View, key_under, near};
use crate::transport;
use kinora_document::{Clip, ClipId, ClipSource, Film, Ticks};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Pixels from the edge of the canvas at which a drag scrolls it.
const EDGE: i32 = 24;

#[derive(Clone, Debug, PartialEq)]
pub enum Hold {
    Nothing,
    Scrub,
    Clips(Box<Drag>),
    /// A rectangle over the lanes, and what was selected before it.
    Marquee {
        from: (i32, i32),
        to: (i32, i32),
        before: Vec<ClipId>,
    },
}

impl Hold {
    pub fn drag(&self) -> Option<&Drag> {
        match self {
            Self::Clips(drag) => Some(drag),
            _ => None,
        }
    }
    pub fn marquee(&self) -> Option<Rect> {
        match self {
            Self::Marquee { from, to, .. } if from != to => Some(Rect::between(*from, *to)),
            _ => None,
        }
    }
}

fn find(bench: Bench, view: &View, x: i32, y: i32) -> Under {
    bench.layout.with_untracked(|layout| layout.under(view, x, y))
}

pub fn press(bench: Bench, event: &web_sys::PointerEvent) {
    if event.button() != 0 {
        return;
    }
    if let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = target.set_pointer_capture(event.pointer_id());
        let _ = target.focus();
    }
    let studio = bench.studio;
    let (x, y) = (event.offset_x(), event.offset_y());
    let seen = bench.view.get_untracked();
    let under = find(bench, &seen, x, y);
    if let Some((clip, key)) = key_at(bench, &seen, x, y) {
        return take_key(bench, clip, key, &seen, x);
    }
    match under {
        Under::Ruler => {
            bench.hold.set(Hold::Scrub);
            scrub(bench, &seen, x);
        }
        Under::Start(id) | Under::End(id) | Under::Body(id) | Under::Transition(id)
            if studio.tool.get_untracked() == Tool::Blade =>
        {
            let (at, cut) = studio.film_untracked(|film| {
                let at = film.settings.rate.snap(seen.time_at(x));
                (at, with_linked(film, &[id], studio.cutting.linked.get_untracked()))
            });
            studio.clips.set(cut);
            blade(studio, at);
        }
        Under::Start(id) | Under::End(id) | Under::Body(id) | Under::Transition(id) => {
            take(bench, under, id, seen.time_at(x), event);
        }
        Under::Lane(_) | Under::Nothing => {
            let before = if event.shift_key() { studio.clips.get_untracked() } else { Vec::new() };
            studio.clips.set(before.clone());
            bench.hold.set(Hold::Marquee { from: (x, y), to: (x, y), before });
        }
        Under::Header(_) => studio.clips.set(Vec::new()),
    }
}

/// A key that the select tool may take hold of.
fn key_at(bench: Bench, view: &View, x: i32, y: i32) -> Option<(ClipId, Ticks)> {
    if bench.studio.tool.get_untracked() != Tool::Select {
        return None;
    }
    bench.layout.with_untracked(|layout| bench.studio.film_untracked(|film| key_under(film, layout, view, x, y)))
}

/// The playhead goes to the key, so that the inspector shows it; a drag moves it.
fn take_key(bench: Bench, id: ClipId, key: Ticks, view: &View, x: i32) {
    let studio = bench.studio;
    if !studio.clips.with_untracked(|clips| clips.contains(&id)) {
        studio.clips.set(vec![id]);
    }
    let clip = studio.film_untracked(|film| {
        let clip = film.clips.get(id)?.clone();
        film.tracks.get(clip.track).is_some_and(|track| !track.locked).then_some(clip)
    });
    let Some(clip) = clip else { return };
    transport::seek(studio, clip.time_in_film(key));
    let drag = Drag::new(Deed::Key { at: key }, vec![clip], view.time_at(x));
    bench.hold.set(Hold::Clips(Box::new(drag)));
}

fn take(bench: Bench, under: Under, id: ClipId, time: Ticks, event: &web_sys::PointerEvent) {
    let studio = bench.studio;
    let body = matches!(under, Under::Body(_));
    let link = studio.cutting.linked.get_untracked() && !event.alt_key();
    let pressed = studio.film_untracked(|film| with_linked(film, &[id], link));
    studio.clips.update(|clips| {
        if event.shift_key() && body {
            if clips.contains(&id) {
                clips.retain(|other| !pressed.contains(other));
            } else {
                clips.extend(pressed.iter().copied());
            }
        } else if !clips.contains(&id) {
            clips.clone_from(&pressed);
        }
    });
    let drag = studio.film_untracked(|film| {
        let clip = film.clips.get(id)?;
        let deed = deed(film, under, clip, studio.tool.get_untracked(), event);
        let held = held_clips(film, deed, clip, &studio.clips.get_untracked(), link);
        Some((clip.source.clone(), (!held.is_empty()).then(|| Drag::new(deed, held, time))))
    });
    let Some((source, drag)) = drag else { return };
    if let ClipSource::Shot(shot) = source {
        studio.shot.set(Some(shot));
    }
    if let Some(drag) = drag {
        bench.hold.set(Hold::Clips(Box::new(drag)));
    }
}

fn deed(film: &Film, under: Under, clip: &Clip, tool: Tool, event: &web_sys::PointerEvent) -> Deed {
    let (before, after) = neighbours(film, clip);
    let trim = |at_start: bool| Deed::Trim { at_start, ripple: event.shift_key() || tool == Tool::Ripple };
    let rolls = tool == Tool::Roll || event.ctrl_key() || event.meta_key();
    match (tool, under) {
        (Tool::Slip, _) => Deed::Slip,
        (Tool::Slide, _) => Deed::Slide,
        (_, Under::Transition(_)) => Deed::Transition,
        (_, Under::Start(_)) => match before {
            Some(before) if rolls => Deed::Roll { left: before.id, right: clip.id },
            _ => trim(true),
        },
        (_, Under::End(_)) => match after {
            Some(after) if rolls => Deed::Roll { left: clip.id, right: after.id },
            _ if event.alt_key() => Deed::Stretch,
            _ => trim(false),
        },
        _ => Deed::Move,
    }
}

/// Everything that goes along: the whole selection when it is moved, what belongs to the clip when it is trimmed. Locked tracks stay.
fn held_clips(film: &Film, deed: Deed, clip: &Clip, selection: &[ClipId], link: bool) -> Vec<Clip> {
    let unlocked = |clip: &Clip| film.tracks.get(clip.track).is_some_and(|track| !track.locked);
    if !unlocked(clip) {
        return Vec::new();
    }
    let mut held = vec![clip.clone()];
    match deed {
        Deed::Move => {
            let others = selection.iter().filter(|id| **id != clip.id).filter_map(|id| film.clips.get(*id));
            held.extend(others.filter(|other| unlocked(other)).cloned());
        }
        Deed::Trim { at_start, .. } if link => {
            let edge = |clip: &Clip| if at_start { clip.start } else { clip.start + clip.length };
            held.extend(linked(film, clip).filter(|other| unlocked(other) && edge(other) == edge(clip)).cloned());
        }
        Deed::Slip | Deed::Stretch if link => {
            held.extend(linked(film, clip).filter(|other| unlocked(other) && other.length == clip.length).cloned());
        }
        _ => {}
    }
    held
}

pub fn drag(bench: Bench, event: &web_sys::PointerEvent) {
    let studio = bench.studio;
    let (x, y) = (event.offset_x(), event.offset_y());
    let seen = bench.view.get_untracked();
    match bench.hold.get_untracked() {
        Hold::Nothing => hover(bench, &seen, x, y, event),
        Hold::Scrub => scrub(bench, &seen, x),
        Hold::Clips(mut drag) => {
            scroll_at_edge(bench, x);
            let held = Held {
                copy: event.alt_key() && drag.deed == Deed::Move,
                insert: event.ctrl_key() || event.meta_key(),
                snapping: studio.snapping.get_untracked(),
            };
            bench.layout.with_untracked(|layout| {
                let track = layout.lane_at(&seen, y).map(|lane| lane.track);
                studio.local.with_untracked(|local| {
                    let Some(local) = local else { return };
                    drag.drag_to(seen.time_at(x), track, &local.film, layout, &seen, held);
                });
            });
            bench.hold.set(Hold::Clips(drag));
        }
        Hold::Marquee { from, before, .. } => {
            scroll_at_edge(bench, x);
            let area = Rect::between(from, (x, y));
            let touched = bench.layout.with_untracked(|layout| layout.within(&seen, &area));
            let link = studio.cutting.linked.get_untracked() && !event.alt_key();
            let mut all = before.clone();
            all.extend(touched.into_iter().filter(|clip| !before.contains(clip)));
            let all = studio.film_untracked(|film| with_linked(film, &all, link));
            if studio.clips.with_untracked(|clips| *clips != all) {
                studio.clips.set(all);
            }
            bench.hold.set(Hold::Marquee { from, to: (x, y), before });
        }
    }
}

fn hover(bench: Bench, seen: &View, x: i32, y: i32, event: &web_sys::PointerEvent) {
    let under = find(bench, seen, x, y);
    let tool = bench.studio.tool.get_untracked();
    let on_clip = matches!(under, Under::Start(_) | Under::End(_) | Under::Body(_) | Under::Transition(_));
    let line = (tool == Tool::Blade && on_clip).then_some(x);
    if bench.hovered.get_untracked() != line {
        bench.hovered.set(line);
    }
    let cursor = match (tool, under) {
        _ if key_at(bench, seen, x, y).is_some() => "ew-resize",
        (Tool::Blade, _) if on_clip => "crosshair",
        (Tool::Slip | Tool::Slide, _) if on_clip => "ew-resize",
        (_, Under::Start(_) | Under::Transition(_)) => "ew-resize",
        (_, Under::End(_)) => "ew-resize",
        (_, Under::Body(_)) => "grab",
        (_, Under::Ruler) => "col-resize",
        _ => "default",
    };
    if let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = target.style().set_property("cursor", cursor);
    }
}

fn scroll_at_edge(bench: Bench, x: i32) {
    let by = bench.view.with_untracked(|view| match x {
        x if x > view.width - EDGE => view.ticks(EDGE),
        x if x < HEADER_WIDTH + EDGE && view.from > Ticks::ZERO => view.ticks(-EDGE),
        _ => Ticks::ZERO,
    });
    if by != Ticks::ZERO {
        bench.view.update(|view| view.from = (view.from + by).max(Ticks::ZERO));
    }
}

pub fn release(bench: Bench) {
    let was = bench.hold.get_untracked();
    bench.hold.set(Hold::Nothing);
    if let Hold::Clips(drag) = was {
        bench.studio.edit_all(drag.commands(), || ());
    }
}

pub fn wheel(bench: Bench, event: &web_sys::WheelEvent) {
    event.prevent_default();
    let (dx, dy) = (event.delta_x() as i32, event.delta_y() as i32);
    let view = bench.view;
    if event.ctrl_key() || event.meta_key() {
        let x = event.offset_x().max(HEADER_WIDTH);
        view.update(|view| view.zoom(-dy.signum(), x));
    } else if event.alt_key() || event.offset_x() < HEADER_WIDTH {
        scroll_lanes(bench, dy);
    } else {
        let along = if dx.abs() > dy.abs() { dx } else { dy };
        view.update(|view| view.from = Ticks((view.from.0 + view.ticks(along).0).max(0)));
    }
}

/// A double click on a marker of the ruler opens its words.
pub fn open_marker(bench: Bench, event: &web_sys::MouseEvent) {
    let (x, y) = (event.offset_x(), event.offset_y());
    if y >= RULER_HEIGHT {
        return;
    }
    let (studio, view) = (bench.studio, bench.view.get_untracked());
    let found = studio.film_untracked(|film| near(view.time_at(x), film.markers.iter().map(|marker| marker.at), &view));
    if let Some(at) = found {
        transport::seek(studio, at);
        studio.overlay.set(Overlay::Marker);
    }
}

/// Up and down over the tracks.
pub fn scroll_lanes(bench: Bench, by: i32) {
    let tall = bench.layout.with_untracked(|layout| layout.height());
    bench.view.update(|view| view.down = (view.down + by).clamp(0, (tall - view.height).max(0)));
}

fn scrub(bench: Bench, view: &View, x: i32) {
    let time = view.time_at(x);
    let studio = bench.studio;
    let snapping = studio.snapping.get_untracked();
    let to = bench
        .layout
        .with_untracked(|layout| studio.film_untracked(|film| scrub_to(time, film, layout, view, snapping)));
    transport::seek(studio, to);
}
