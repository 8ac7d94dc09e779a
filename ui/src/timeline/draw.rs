//! Paints the model onto the canvas: ruler, lanes, clips, playhead, and the ghost of a drag. Colours come from the style sheet.

use super::hands::Drag;
use super::model::{ClipRect, HEADER_WIDTH, Lane, RULER_HEIGHT, Rect, View, lanes, rect_of, ruler, visible};
use crate::transport::timecode;
use kinora_document::{BlobHash, ClipId, ClipSource, Film, Ticks, TrackKind};
use leptos::prelude::{document, window};
use std::collections::HashMap;
use web_sys::{CanvasRenderingContext2d as Context, HtmlImageElement};

/// Colours of the theme, read once per theme.
#[derive(Clone, Debug, Default)]
pub struct Colours(HashMap<&'static str, String>);

const NAMES: [&str; 15] = [
    "pane",
    "raised",
    "line",
    "text",
    "quiet",
    "accent",
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
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("#888", String::as_str)
    }
    fn of(&self, kind: TrackKind) -> &str {
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
    pub view: View,
    pub playhead: Ticks,
    pub selected: &'a [ClipId],
    pub drag: Option<&'a Drag>,
    pub hovered: Option<i32>,
    pub numbers: &'a std::collections::BTreeMap<kinora_document::ShotId, String>,
    pub pictures: &'a HashMap<BlobHash, HtmlImageElement>,
}

pub fn clip_name(
    film: &Film,
    source: &ClipSource,
    numbers: &std::collections::BTreeMap<kinora_document::ShotId, String>,
) -> String {
    match source {
        ClipSource::Shot(shot) => {
            let number = numbers.get(shot).cloned().unwrap_or_default();
            let words =
                film.shots.get(*shot).map(|shot| match (shot.description.lines().next(), shot.dialogue.first()) {
                    (Some(seen), _) if !seen.is_empty() => seen.to_owned(),
                    (_, Some(line)) => format!("{}: {}", line.character, line.text),
                    _ => String::new(),
                });
            format!("{number} {}", words.unwrap_or_default())
        }
        ClipSource::Take(take) => film.takes.get(*take).map(|take| take.prompt.clone()).unwrap_or_default(),
        ClipSource::Media(media) => film.media.get(*media).map(|media| media.name.clone()).unwrap_or_default(),
        ClipSource::Title(title) => title.text.replace('\n', " "),
        ClipSource::Colour(_) => crate::lang::t("colour").to_owned(),
    }
}

/// The thumbnail of a clip, if there is one.
pub fn picture_of(film: &Film, source: &ClipSource) -> Option<BlobHash> {
    match source {
        ClipSource::Shot(shot) => film.takes.get(film.shots.get(*shot)?.chosen_take?)?.thumbnail,
        ClipSource::Take(take) => film.takes.get(*take)?.thumbnail,
        ClipSource::Media(media) => film.media.get(*media)?.thumbnail,
        _ => None,
    }
}

pub fn paint(context: &Context, colours: &Colours, scene: &Scene<'_>) {
    let view = &scene.view;
    let (width, height) = (f64::from(view.width), f64::from(view.height));
    context.set_fill_style_str(colours.get("pane"));
    context.fill_rect(0.0, 0.0, width, height);
    let lanes = lanes(scene.film, view.down);
    for lane in &lanes {
        context.set_fill_style_str(colours.get("window"));
        context.fill_rect(f64::from(HEADER_WIDTH), f64::from(lane.y), width, f64::from(lane.height));
    }
    let clips = visible(scene.film.clips.iter(), &lanes, view);
    context.save();
    context.begin_path();
    context.rect(f64::from(HEADER_WIDTH), f64::from(RULER_HEIGHT), width, height);
    context.clip();
    for rect in &clips {
        let dragged = scene.drag.is_some_and(|drag| drag.before.id == rect.clip);
        context.set_global_alpha(if dragged { 0.3 } else { 1.0 });
        paint_clip(context, colours, scene, rect, scene.selected.contains(&rect.clip));
    }
    context.set_global_alpha(1.0);
    if let Some(drag) = scene.drag
        && let Some(lane) = lanes.iter().find(|lane| lane.track == drag.now.track)
    {
        paint_clip(context, colours, scene, &rect_of(&drag.now, lane, view), true);
    }
    context.restore();
    paint_headers(context, colours, scene, &lanes);
    paint_ruler(context, colours, scene);
    if let Some(x) = scene.hovered {
        line(context, colours.get("failed"), f64::from(x) + 0.5, f64::from(RULER_HEIGHT), height);
    }
    let x = view.x_of(scene.playhead);
    if x >= HEADER_WIDTH && x <= view.width {
        let x = f64::from(x) + 0.5;
        line(context, colours.get("accent"), x, 0.0, height);
        context.set_fill_style_str(colours.get("accent"));
        context.begin_path();
        context.move_to(x - 6.0, 0.0);
        context.line_to(x + 6.0, 0.0);
        context.line_to(x + 6.0, 8.0);
        context.line_to(x, 14.0);
        context.line_to(x - 6.0, 8.0);
        context.fill();
    }
}

fn line(context: &Context, colour: &str, x: f64, top: f64, bottom: f64) {
    context.set_stroke_style_str(colour);
    context.set_line_width(1.0);
    context.begin_path();
    context.move_to(x, top);
    context.line_to(x, bottom);
    context.stroke();
}

fn rounded(context: &Context, rect: &Rect, inset: f64) {
    let (x, y) = (f64::from(rect.x) + inset + 0.5, f64::from(rect.y) + inset + 0.5);
    let (w, h) = ((f64::from(rect.width) - 1.0 - inset * 2.0).max(1.0), f64::from(rect.height) - 1.0 - inset * 2.0);
    let r = 4.0_f64.min(w / 2.0);
    context.begin_path();
    context.move_to(x + r, y);
    let _ = context.arc_to(x + w, y, x + w, y + h, r);
    let _ = context.arc_to(x + w, y + h, x, y + h, r);
    let _ = context.arc_to(x, y + h, x, y, r);
    let _ = context.arc_to(x, y, x + w, y, r);
    context.close_path();
}

fn paint_clip(context: &Context, colours: &Colours, scene: &Scene<'_>, clip: &ClipRect, selected: bool) {
    let rect = &clip.rect;
    let Some(source) = scene.film.clips.get(clip.clip) else { return };
    context.save();
    rounded(context, rect, 0.0);
    context.set_fill_style_str(colours.of(clip.kind));
    context.fill();
    context.clip();
    let (x, y, w, h) = (f64::from(rect.x), f64::from(rect.y), f64::from(rect.width), f64::from(rect.height));
    let bar = 18.0_f64;
    let picture = picture_of(scene.film, &source.source)
        .and_then(|hash| scene.pictures.get(&hash))
        .filter(|p| p.complete() && p.natural_width() > 0);
    let named_above = picture.is_some();
    if let Some(picture) = picture {
        // Tiles of the thumbnail under the name, only where they are seen.
        let tall = h - bar;
        let wide = (tall * f64::from(picture.natural_width()) / f64::from(picture.natural_height().max(1))).max(8.0);
        let first = ((f64::from(HEADER_WIDTH) - x) / wide).floor().max(0.0);
        let mut at = x + first * wide;
        while at < (x + w).min(f64::from(scene.view.width)) {
            let _ = context.draw_image_with_html_image_element_and_dw_and_dh(picture, at, y + bar, wide, tall);
            at += wide;
        }
    }
    if clip.transition > 0 {
        let along = f64::from(clip.transition);
        context.set_fill_style_str("rgba(255,255,255,0.22)");
        context.begin_path();
        context.move_to(x, y + h);
        context.line_to(x + along, y);
        context.line_to(x, y);
        context.fill();
    }
    if w > 24.0 {
        context.set_fill_style_str(colours.get("clip-text"));
        context.set_font("500 11px Inter, sans-serif");
        context.set_text_baseline("middle");
        let name = clip_name(scene.film, &source.source, scene.numbers);
        let left = x.max(f64::from(HEADER_WIDTH));
        // Beside the picture below, or in the middle of a lane that shows none.
        let middle = if named_above { bar / 2.0 } else { h / 2.0 };
        let _ = context.fill_text(&name, left + 6.0, y + middle + 0.5);
    }
    context.restore();
    rounded(context, rect, if selected { 0.5 } else { 0.0 });
    context.set_stroke_style_str(colours.get(if selected { "accent" } else { "window" }));
    context.set_line_width(if selected { 2.0 } else { 1.0 });
    context.stroke();
}

fn paint_headers(context: &Context, colours: &Colours, scene: &Scene<'_>, lanes: &[Lane]) {
    let height = f64::from(scene.view.height);
    context.set_fill_style_str(colours.get("pane"));
    context.fill_rect(0.0, 0.0, f64::from(HEADER_WIDTH), height);
    context.set_text_baseline("middle");
    for lane in lanes {
        let Some(track) = scene.film.tracks.get(lane.track) else { continue };
        let (y, h) = (f64::from(lane.y), f64::from(lane.height));
        context.set_fill_style_str(colours.get("raised"));
        context.fill_rect(0.0, y, f64::from(HEADER_WIDTH) - 2.0, h);
        context.set_fill_style_str(colours.of(lane.kind));
        context.fill_rect(0.0, y, 3.0, h);
        context.set_fill_style_str(colours.get(if track.muted { "quiet" } else { "text" }));
        context.set_font("500 12px Inter, sans-serif");
        let _ = context.fill_text_with_max_width(&track.name, 12.0, y + h / 2.0, f64::from(HEADER_WIDTH) - 20.0);
    }
    line(context, colours.get("line"), f64::from(HEADER_WIDTH) - 0.5, 0.0, height);
}

fn paint_ruler(context: &Context, colours: &Colours, scene: &Scene<'_>) {
    let view = &scene.view;
    let rate = scene.film.settings.rate;
    let tall = f64::from(RULER_HEIGHT);
    context.set_fill_style_str(colours.get("pane"));
    context.fill_rect(f64::from(HEADER_WIDTH), 0.0, f64::from(view.width), tall);
    let (large, small) = ruler(view, rate);
    for time in small {
        let x = view.x_of(time);
        if x >= HEADER_WIDTH {
            line(context, colours.get("line"), f64::from(x) + 0.5, tall - 5.0, tall);
        }
    }
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
    for marker in scene.film.markers.iter() {
        let x = f64::from(view.x_of(marker.at));
        if x >= f64::from(HEADER_WIDTH) {
            context.set_fill_style_str(colours.get("stale"));
            context.fill_rect(x - 2.0, tall - 8.0, 5.0, 8.0);
        }
    }
    context.set_fill_style_str(colours.get("line"));
    context.fill_rect(0.0, tall - 1.0, f64::from(view.width), 1.0);
}
