//! One clip on the canvas: its thumbnail or waveform, its name, fades, transition and speed.

use super::ambience::ambience_name;
use super::draw::{Colours, Scene, fill};
use super::model::{ClipRect, HEADER_WIDTH, Rect};
use super::tiles::{picture_of, sound_of};
use kinora_api::PEAKS_PER_SECOND;
use kinora_document::{Clip, ClipSource, Film, ShotId, Ticks, TrackKind};
use std::collections::BTreeMap;
use web_sys::CanvasRenderingContext2d as Context;

/// Height of the bar with the clip's name.
const BAR: i32 = 18;
/// The middle of a key's diamond above the clip's lower edge, and half its width.
const KEY_ABOVE: i32 = 8;
const KEY_SIZE: f64 = 4.5;
/// A clip this narrow shows its colour and nothing else.
const PLAIN: i32 = 10;

pub fn clip_name(film: &Film, source: &ClipSource, numbers: &BTreeMap<ShotId, String>) -> String {
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
        ClipSource::Line { shot, line } => {
            let line = film.shots.get(*shot).and_then(|shot| shot.dialogue.get(*line as usize));
            line.map(|line| format!("{}: {}", line.character, line.text)).unwrap_or_default()
        }
        ClipSource::Ambience(ambience) => ambience_name(ambience.voice).to_owned(),
        ClipSource::Title(title) => title.text.replace('\n', " "),
        ClipSource::Colour(_) => crate::lang::t("colour").to_owned(),
    }
}

pub(super) fn paint_clip(
    context: &Context,
    colours: &Colours,
    scene: &Scene<'_>,
    drawn: &ClipRect,
    clip: &Clip,
    selected: bool,
) {
    let rect = &drawn.rect;
    if rect.width < PLAIN {
        context.set_fill_style_str(if selected { colours.get("accent") } else { colours.of(drawn.kind) });
        return fill(context, &Rect { width: (rect.width - 1).max(1), ..*rect });
    }
    context.save();
    rounded(context, rect, 0.0);
    context.set_fill_style_str(colours.of(drawn.kind));
    context.fill();
    context.clip();
    let named_above = drawn.kind == TrackKind::Video && paint_pictures(context, scene, rect, clip);
    paint_wave(context, colours, scene, drawn, clip);
    paint_fades(context, scene, rect, clip);
    if drawn.transition > 0 {
        paint_transition(context, rect, f64::from(drawn.transition));
    }
    paint_name(context, colours, scene, rect, clip, named_above);
    paint_keys(context, colours, scene, rect, clip);
    context.restore();
    rounded(context, rect, if selected { 0.5 } else { 0.0 });
    context.set_stroke_style_str(colours.get(if selected { "accent" } else { "window" }));
    context.set_line_width(if selected { 2.0 } else { 1.0 });
    context.stroke();
}

/// Tiles of the thumbnail under the name, only where they are seen. False when there is none yet.
fn paint_pictures(context: &Context, scene: &Scene<'_>, rect: &Rect, clip: &Clip) -> bool {
    let picture = picture_of(scene.film, &clip.source).and_then(|hash| scene.tiles.picture(hash));
    let Some(picture) = picture else { return false };
    let (x, y) = (f64::from(rect.x), f64::from(rect.y + BAR));
    let tall = f64::from(rect.height - BAR);
    let wide = (tall * f64::from(picture.natural_width()) / f64::from(picture.natural_height().max(1))).max(8.0);
    let end = f64::from((rect.x + rect.width).min(scene.view.width));
    let first = ((f64::from(HEADER_WIDTH) - x) / wide).floor().max(0.0);
    let mut at = x + first * wide;
    while at < end {
        let _ = context.draw_image_with_html_image_element_and_dw_and_dh(&picture, at, y, wide, tall);
        at += wide;
    }
    true
}

/// How loud the clip is, column by column: along the bottom of a picture, over the whole of a sound.
fn paint_wave(context: &Context, colours: &Colours, scene: &Scene<'_>, drawn: &ClipRect, clip: &Clip) {
    let rect = &drawn.rect;
    if drawn.kind == TrackKind::Captions || clip.gain_millibels <= kinora_document::limits::GAIN_MILLIBELS_LOWEST {
        return;
    }
    let Some(peaks) = sound_of(scene.film, &clip.source).and_then(|hash| scene.tiles.peaks(hash)) else { return };
    if peaks.is_empty() {
        return;
    }
    let on_picture = drawn.kind == TrackKind::Video;
    let tall = if on_picture { 12.0 } else { f64::from(rect.height - 4) };
    let bottom = f64::from(rect.y + rect.height) - 2.0;
    let gain = 10f64.powf(f64::from(clip.gain_millibels) / 2000.0);
    let peak_ticks = Ticks::PER_SECOND / i64::from(PEAKS_PER_SECOND);
    let index = |x: i32| {
        let into = i64::from(x - rect.x).saturating_mul(scene.view.ticks_per_pixel);
        let source = clip.source_in.0 + into / 1000 * i64::from(clip.speed_permille);
        usize::try_from(source.max(0) / peak_ticks).unwrap_or(0)
    };
    context.set_fill_style_str(colours.get("clip-text"));
    let before = context.global_alpha();
    context.set_global_alpha(before * if on_picture { 0.75 } else { 0.45 });
    context.begin_path();
    for x in rect.x.max(HEADER_WIDTH)..(rect.x + rect.width).min(scene.view.width) {
        let from = index(x);
        let until = index(x + 1).max(from + 1).min(peaks.len());
        let Some(loudest) = peaks.get(from..until).and_then(|part| part.iter().max()) else { break };
        let high = (f64::from(*loudest) / 255.0 * gain).min(1.0) * tall;
        if high >= 0.5 {
            context.rect(f64::from(x), bottom - high, 1.0, high);
        }
    }
    context.fill();
    context.set_global_alpha(before);
}

fn paint_fades(context: &Context, scene: &Scene<'_>, rect: &Rect, clip: &Clip) {
    let pixels = |time: Ticks| f64::from(scene.view.x_of(scene.view.from + time) - HEADER_WIDTH);
    let (left, right) = (f64::from(rect.x), f64::from(rect.x + rect.width));
    let (top, bottom) = (f64::from(rect.y), f64::from(rect.y + rect.height));
    context.set_fill_style_str("rgba(0,0,0,0.4)");
    for (edge, along) in [(left, pixels(clip.fade_in)), (right, -pixels(clip.fade_out))] {
        if along != 0.0 {
            context.begin_path();
            context.move_to(edge, bottom);
            context.line_to(edge, top);
            context.line_to(edge + along, top);
            context.fill();
        }
    }
}

fn paint_transition(context: &Context, rect: &Rect, along: f64) {
    let (x, y, h) = (f64::from(rect.x), f64::from(rect.y), f64::from(rect.height));
    context.set_fill_style_str("rgba(255,255,255,0.26)");
    context.begin_path();
    context.move_to(x, y + h);
    context.line_to(x + along, y);
    context.line_to(x, y);
    context.fill();
    // The handle by which its end is dragged.
    context.set_fill_style_str("rgba(255,255,255,0.7)");
    context.fill_rect(x + along - 1.0, y, 2.0, h / 2.0);
}

fn paint_name(context: &Context, colours: &Colours, scene: &Scene<'_>, rect: &Rect, clip: &Clip, named_above: bool) {
    if rect.width <= 24 {
        return;
    }
    context.set_fill_style_str(colours.get("clip-text"));
    context.set_font("500 11px Inter, sans-serif");
    context.set_text_baseline("middle");
    let mut name = scene.name(clip);
    if clip.speed_permille != 1000 {
        name = format!("{} % · {name}", clip.speed_permille / 10);
    }
    if !clip.effects.is_empty() {
        name = format!("fx · {name}");
    }
    // Beside the picture below, or in the middle of a lane that shows none.
    let middle = if named_above { f64::from(BAR) / 2.0 } else { f64::from(rect.height) / 2.0 };
    let left = f64::from(rect.x.max(HEADER_WIDTH)) + 6.0;
    let _ = context.fill_text(&name, left, f64::from(rect.y) + middle + 0.5);
}

/// A diamond for each time at which a value has a key.
fn paint_keys(context: &Context, colours: &Colours, scene: &Scene<'_>, rect: &Rect, clip: &Clip) {
    if clip.curves.is_empty() {
        return;
    }
    let y = f64::from(rect.y + rect.height - KEY_ABOVE);
    context.set_line_width(1.0);
    for time in clip.key_times() {
        let x = scene.view.x_of(clip.time_in_film(time));
        if x < rect.x || x > rect.x + rect.width {
            continue;
        }
        let (x, r) = (f64::from(x), KEY_SIZE);
        context.begin_path();
        context.move_to(x, y - r);
        context.line_to(x + r, y);
        context.line_to(x, y + r);
        context.line_to(x - r, y);
        context.close_path();
        context.set_fill_style_str(colours.get("stale"));
        context.fill();
        context.set_stroke_style_str(colours.get("window"));
        context.stroke();
    }
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
