//! Paints the model onto the canvas: ruler, lanes, clips, playhead, and the ghosts of a drag. Colours come from the style sheet.

use super::clip_paint::{clip_name, paint_clip};
use super::hands::{Deed, Drag};
use super::model::{HEADER_WIDTH, Layout, RULER_HEIGHT, Rect, Slot, View, rect_of, ruler};
use super::tiles::Tiles;
use crate::lang::t;
use crate::transport::timecode;
use kinora_document::{Clip, ClipId, Film, ShotId, Ticks, TrackKind};
use leptos::prelude::{document, window};
use std::collections::{BTreeMap, HashMap, HashSet};
use web_sys::CanvasRenderingContext2d as Context;

/// Colours of the theme, read once per theme.
#[derive(Clone, Debug, Default)]
pub struct Colours(HashMap<&'static str, String>);

const NAMES: [&str; 16] = [
    "pane",
    "raised",
    "line",
    "text",
    "quiet",
    "accent",
    "accent-soft",
    "window",
    "stale",
    "track-video",
    "track-dialogue",
    "track-effects",
    "track-music",
    "track-captions",
    "clip-text",
    "failed",
];

impl Colours {
    pub fn read() -> Self {
        let style = document().document_element().and_then(|root| window().get_computed_style(&root).ok().flatten());
        let value = |name: &str| {
            style
                .as_ref()
                .and_then(|style| style.get_property_value(&format!("--{name}")).ok())
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        Self(NAMES.into_iter().map(|name| (name, value(name))).collect())
    }
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("#888", String::as_str)
    }
    pub(super) fn of(&self, kind: TrackKind) -> &str {
        self.get(match kind {
            TrackKind::Video => "track-video",
            TrackKind::Dialogue => "track-dialogue",
            TrackKind::Effects => "track-effects",
            TrackKind::Music => "track-music",
            TrackKind::Captions => "track-captions",
        })
    }
}

/// Everything that one picture of the timeline is made from.
#[derive(Debug)]
pub struct Scene<'a> {
    pub film: &'a Film,
    pub layout: &'a Layout,
    pub view: View,
    pub playhead: Ticks,
    /// In and out points.
    pub marks: (Option<Ticks>, Option<Ticks>),
    pub selected: &'a HashSet<ClipId>,
    pub drag: Option<&'a Drag>,
    pub marquee: Option<Rect>,
    /// Where the blade would cut.
    pub hovered: Option<i32>,
    pub numbers: &'a BTreeMap<ShotId, String>,
    pub tiles: &'a Tiles,
}

impl Scene<'_> {
    pub(super) fn name(&self, clip: &Clip) -> String {
        clip_name(self.film, &clip.source, self.numbers)
    }
}

pub fn paint(context: &Context, colours: &Colours, scene: &Scene<'_>) {
    let view = &scene.view;
    let (width, height) = (f64::from(view.width), f64::from(view.height));
    context.set_fill_style_str(colours.get("pane"));
    context.fill_rect(0.0, 0.0, width, height);
    for lane in scene.layout.lanes() {
        let locked = scene.film.tracks.get(lane.track).is_some_and(|track| track.locked);
        context.set_fill_style_str(colours.get(if locked { "raised" } else { "window" }));
        context.fill_rect(f64::from(HEADER_WIDTH), f64::from(lane.y - view.down), width, f64::from(lane.height));
    }
    context.save();
    context.begin_path();
    context.rect(f64::from(HEADER_WIDTH), f64::from(RULER_HEIGHT), width, height);
    context.clip();
    for rect in &scene.layout.visible(view) {
        let dragged = scene.drag.is_some_and(|drag| drag.now.iter().any(|clip| clip.id == rect.clip));
        if rect.many > 1 {
            context.set_fill_style_str(colours.of(rect.kind));
            fill(context, &rect.rect);
            continue;
        }
        context.set_global_alpha(if dragged { 0.25 } else { 1.0 });
        if let Some(clip) = scene.film.clips.get(rect.clip) {
            paint_clip(context, colours, scene, rect, clip, scene.selected.contains(&rect.clip));
        }
    }
    context.set_global_alpha(1.0);
    if let Some(drag) = scene.drag {
        paint_ghosts(context, colours, scene, drag);
    }
    if let Some(area) = &scene.marquee {
        context.set_fill_style_str(colours.get("accent-soft"));
        fill(context, area);
        context.set_stroke_style_str(colours.get("accent"));
        context.set_line_width(1.0);
        let (x, y) = (f64::from(area.x) + 0.5, f64::from(area.y) + 0.5);
        context.stroke_rect(x, y, f64::from(area.width), f64::from(area.height));
    }
    context.restore();
    paint_marks(context, colours, scene);
    paint_ruler(context, colours, scene);
    if let Some(x) = scene.hovered {
        line(context, colours.get("failed"), f64::from(x) + 0.5, f64::from(RULER_HEIGHT), height);
    }
    paint_playhead(context, colours, scene);
    // The names of the tracks lie over this.
    context.set_fill_style_str(colours.get("pane"));
    context.fill_rect(0.0, 0.0, f64::from(HEADER_WIDTH), height);
    line(context, colours.get("line"), f64::from(HEADER_WIDTH) - 0.5, 0.0, height);
}

fn paint_ghosts(context: &Context, colours: &Colours, scene: &Scene<'_>, drag: &Drag) {
    for clip in &drag.now {
        let Some(lane) = scene.layout.lane(clip.track) else { continue };
        let slot = Slot {
            clip: clip.id,
            start: clip.start,
            end: clip.start + clip.length,
            transition: clip.transition.as_ref().map_or(Ticks::ZERO, |transition| transition.length),
        };
        paint_clip(context, colours, scene, &rect_of(&slot, lane, &scene.view), clip, true);
    }
    let covered = drag.covered(scene.layout);
    for (track, from, until) in &covered {
        let Some(lane) = scene.layout.lane(*track) else { continue };
        let (left, right) = (scene.view.x_of(*from), scene.view.x_of(*until));
        let rect = Rect { x: left, y: lane.y - scene.view.down, width: (right - left).max(1), height: lane.height };
        context.set_global_alpha(0.45);
        context.set_fill_style_str(colours.get("failed"));
        fill(context, &rect);
        context.set_global_alpha(1.0);
        fill(context, &Rect { y: rect.y + rect.height - 3, height: 3, ..rect });
    }
    if let Some(at) = drag.snapped {
        let x = f64::from(scene.view.x_of(at)) + 0.5;
        line(context, colours.get("accent"), x, f64::from(RULER_HEIGHT), f64::from(scene.view.height));
    }
    if drag.by == Ticks::ZERO {
        return;
    }
    // How far, in frames, beside the clip under the pointer.
    let Some((clip, lane)) = drag.now.first().and_then(|clip| Some((clip, scene.layout.lane(clip.track)?))) else {
        return;
    };
    let frames = scene.film.settings.rate.nearest_frame(drag.by);
    let words = match drag.deed {
        Deed::Stretch => {
            let before = drag.before.first().map_or(1, |clip| clip.length.0.max(1));
            let permille = i64::from(clip.speed_permille) * before / clip.length.0.max(1);
            format!("{} %", permille / 10)
        }
        _ => format!("{}{}", if frames > 0 { "+" } else { "" }, frames),
    };
    let words = match drag.deed {
        Deed::Move if drag.held.insert => format!("{words} · {}", t("drag-inserts")),
        Deed::Move if !covered.is_empty() => format!("{words} · {}", t("drag-replaces")),
        _ => words,
    };
    let x = f64::from(scene.view.x_of(clip.start).max(HEADER_WIDTH));
    let y = f64::from(lane.y - scene.view.down + lane.height - 10);
    context.set_font("600 11px Inter, sans-serif");
    context.set_fill_style_str(colours.get("accent"));
    let wide = context.measure_text(&words).map_or(24.0, |text| text.width());
    context.fill_rect(x + 4.0, y - 8.0, wide + 8.0, 16.0);
    context.set_fill_style_str(colours.get("window"));
    context.set_text_baseline("middle");
    let _ = context.fill_text(&words, x + 8.0, y + 0.5);
}

pub(super) fn fill(context: &Context, rect: &Rect) {
    context.fill_rect(f64::from(rect.x), f64::from(rect.y), f64::from(rect.width), f64::from(rect.height));
}

pub(super) fn line(context: &Context, colour: &str, x: f64, top: f64, bottom: f64) {
    context.set_stroke_style_str(colour);
    context.set_line_width(1.0);
    context.begin_path();
    context.move_to(x, top);
    context.line_to(x, bottom);
    context.stroke();
}

/// The stretch between in and out, over the lanes and on the ruler.
fn paint_marks(context: &Context, colours: &Colours, scene: &Scene<'_>) {
    let (mark_in, mark_out) = scene.marks;
    if mark_in.is_none() && mark_out.is_none() {
        return;
    }
    let view = &scene.view;
    let left = mark_in.map_or(HEADER_WIDTH, |at| view.x_of(at)).max(HEADER_WIDTH);
    let right = mark_out.map_or(view.width, |at| view.x_of(at)).min(view.width);
    context.set_fill_style_str(colours.get("accent-soft"));
    let tall = f64::from(view.height - RULER_HEIGHT);
    context.fill_rect(f64::from(left), f64::from(RULER_HEIGHT), f64::from((right - left).max(0)), tall);
    for at in [mark_in, mark_out].into_iter().flatten() {
        let x = f64::from(view.x_of(at)) + 0.5;
        if x >= f64::from(HEADER_WIDTH) {
            line(context, colours.get("accent"), x, f64::from(RULER_HEIGHT), f64::from(view.height));
        }
    }
}

fn paint_playhead(context: &Context, colours: &Colours, scene: &Scene<'_>) {
    let x = scene.view.x_of(scene.playhead);
    if x < HEADER_WIDTH || x > scene.view.width {
        return;
    }
    let x = f64::from(x) + 0.5;
    line(context, colours.get("accent"), x, 0.0, f64::from(scene.view.height));
    context.set_fill_style_str(colours.get("accent"));
    context.begin_path();
    context.move_to(x - 6.0, 0.0);
    context.line_to(x + 6.0, 0.0);
    context.line_to(x + 6.0, 8.0);
    context.line_to(x, 14.0);
    context.line_to(x - 6.0, 8.0);
    context.fill();
}

fn paint_ruler(context: &Context, colours: &Colours, scene: &Scene<'_>) {
    let view = &scene.view;
    let rate = scene.film.settings.rate;
    let tall = f64::from(RULER_HEIGHT);
    context.set_fill_style_str(colours.get("pane"));
    context.fill_rect(f64::from(HEADER_WIDTH), 0.0, f64::from(view.width), tall);
    if let (Some(from), Some(until)) = scene.marks {
        let (left, right) = (view.x_of(from).max(HEADER_WIDTH), view.x_of(until).min(view.width));
        context.set_fill_style_str(colours.get("accent"));
        context.fill_rect(f64::from(left), tall - 4.0, f64::from((right - left).max(0)), 3.0);
    }
    let (large, small) = ruler(view, rate);
    context.set_stroke_style_str(colours.get("line"));
    context.set_line_width(1.0);
    context.begin_path();
    for x in small.into_iter().map(|time| view.x_of(time)).filter(|x| *x >= HEADER_WIDTH) {
        context.move_to(f64::from(x) + 0.5, tall - 5.0);
        context.line_to(f64::from(x) + 0.5, tall);
    }
    context.stroke();
    context.set_font("11px Inter, sans-serif");
    context.set_text_baseline("middle");
    for time in large {
        let x = view.x_of(time);
        if x < HEADER_WIDTH {
            continue;
        }
        line(context, colours.get("quiet"), f64::from(x) + 0.5, tall - 10.0, tall);
        context.set_fill_style_str(colours.get("quiet"));
        let _ = context.fill_text(&timecode(time, rate), f64::from(x) + 5.0, 10.0);
    }
    let (from, until) = (view.from, view.until());
    for marker in scene.film.markers.iter().filter(|marker| from <= marker.at && marker.at <= until) {
        let x = f64::from(view.x_of(marker.at));
        context.set_fill_style_str(colours.get("stale"));
        context.begin_path();
        context.move_to(x - 4.0, tall - 12.0);
        context.line_to(x + 5.0, tall - 12.0);
        context.line_to(x + 5.0, tall - 5.0);
        context.line_to(x + 0.5, tall);
        context.line_to(x - 4.0, tall - 5.0);
        context.fill();
        if !marker.text.is_empty() {
            let _ = context.fill_text_with_max_width(&marker.text, x + 8.0, tall - 6.0, 120.0);
        }
    }
    context.set_fill_style_str(colours.get("line"));
    context.fill_rect(0.0, tall - 1.0, f64::from(view.width), 1.0);
}
