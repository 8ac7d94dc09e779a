//! Little landscapes in place of takes: each from its hash, so that the same take always looks the same.

use kinora_api::JobNumber;
use kinora_document::{BlobHash, ClipSource, Film, Ticks, TrackKind};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

fn landscape(hash: &BlobHash, shift: i64, words: &str) -> String {
    let byte = |at: usize| f64::from(hash.0.get(at).copied().unwrap_or(0));
    let hue = byte(0) * 360.0 / 255.0;
    let (sun_x, sun_y) = (60.0 + byte(1) / 255.0 * 200.0 + (shift % 2000) as f64 / 40.0, 30.0 + byte(2) / 255.0 * 60.0);
    let hill = 110.0 + byte(3) / 8.0;
    let night = byte(4) > 150.0;
    let (sky, low, ground) = if night { (16.0, 30.0, 12.0) } else { (62.0, 82.0, 34.0) };
    let words = words.replace(['<', '>', '&'], " ");
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 320 180' width='640' height='360'><defs><linearGradient id='s' x1='0' y1='0' x2='0' y2='1'>\
         <stop offset='0' stop-color='hsl({hue},45%,{sky}%)'/><stop offset='1' stop-color='hsl({},60%,{low}%)'/></linearGradient></defs>\
         <rect width='320' height='180' fill='url(#s)'/><circle cx='{sun_x}' cy='{sun_y}' r='{}' fill='hsl(45,90%,{}%)'/>\
         <path d='M0 {hill} Q80 {} 170 {} T320 {} V180 H0Z' fill='hsl({},35%,{ground}%)'/>\
         <path d='M0 {} Q110 {} 220 {} T320 {} V180 H0Z' fill='hsl({},40%,{}%)'/>\
         <text x='160' y='96' text-anchor='middle' font-family='sans-serif' font-size='11' fill='#fff'>{words}</text></svg>",
        (hue + 40.0) % 360.0,
        12.0 + byte(5) / 20.0,
        if night { 88.0 } else { 70.0 },
        hill - 30.0,
        hill - 5.0,
        hill - 22.0,
        (hue + 90.0) % 360.0,
        hill + 30.0,
        hill + 5.0,
        hill + 24.0,
        hill + 8.0,
        (hue + 110.0) % 360.0,
        ground * 0.7,
    )
}

/// A waveform that is different for each sound: syllables.
pub fn peaks(hash: &BlobHash) -> Vec<u8> {
    let seed = f64::from(hash.0[0]) / 40.0;
    (0..1200)
        .map(|n| {
            let time = f64::from(n) / 100.0;
            let syllable = (time * (3.0 + seed)).sin().abs() * (time * 0.7 + seed).sin().abs();
            let rough = 0.7 + 0.3 * (time * 91.7 + seed).sin();
            (syllable * rough * 235.0) as u8
        })
        .collect()
}

fn address(svg: &str) -> String {
    format!("data:image/svg+xml,{}", String::from(js_sys::encode_uri_component(svg)))
}

pub fn picture(hash: &BlobHash) -> String {
    address(&landscape(hash, 0, ""))
}

pub fn forming(job: JobNumber, version: u32) -> String {
    let blur = 26_u32.saturating_sub(version * 3);
    let svg = landscape(&super::hash_of(u128::from(job)), 0, "");
    let blurred = svg
        .replace("<defs>", &format!("<defs><filter id='b'><feGaussianBlur stdDeviation='{blur}'/></filter>"))
        .replace("</defs>", "</defs><g filter='url(#b)'>")
        .replace("</svg>", "</g></svg>");
    address(&blurred)
}

/// What a pretended camera sees: a figure before a wall.
pub fn camera(_version: u32) -> String {
    address(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 9'><rect width='16' height='9' fill='#8a8f98'/>\
         <ellipse cx='8' cy='9.4' rx='3.4' ry='2.8' fill='#3a4a6b'/><ellipse cx='8' cy='4.2' rx='1.5' ry='2' fill='#c9a48c'/></svg>",
    )
}

/// What the film shows at a time: a take's picture, or words in its place.
pub fn at(film: &Film, at: Ticks) -> (Option<BlobHash>, String) {
    let shown = film.tracks.iter().rev().filter(|track| track.kind == TrackKind::Video).find_map(|track| {
        film.clips.iter().find(|clip| clip.track == track.id && clip.start <= at && at < clip.start + clip.length)
    });
    let Some(clip) = shown else { return (None, String::new()) };
    match &clip.source {
        ClipSource::Shot(shot) => {
            let shot = film.shots.get(*shot);
            let take = shot.and_then(|shot| shot.chosen_take).and_then(|take| film.takes.get(take));
            (take.map(|take| take.blob), if take.is_some() { String::new() } else { "No take yet".into() })
        }
        ClipSource::Title(title) => (None, title.text.clone()),
        _ => (None, String::new()),
    }
}

pub async fn frame(blob: Option<BlobHash>, words: &str, at: Ticks, width: u32, height: u32) -> Option<JsValue> {
    let svg = match blob {
        Some(blob) => landscape(&blob, at.to_millis(), words),
        None => format!(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 320 180' width='640' height='360'><rect width='320' height='180' fill='#101216'/>\
             <text x='160' y='94' text-anchor='middle' font-family='sans-serif' font-size='12' fill='#9BA4B4'>{words}</text></svg>"
        ),
    };
    let _ = (width, height);
    let image = web_sys::HtmlImageElement::new().ok()?;
    image.set_src(&address(&svg));
    JsFuture::from(image.decode()).await.ok()?;
    Some(image.into())
}
