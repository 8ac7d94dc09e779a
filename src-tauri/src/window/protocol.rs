//! Pictures for the window over two schemes of its own: `preview:` (frames) and `media:` (thumbnails, waveforms).
//!
//! Served only to the window that the ticket in the address belongs to; anything else is 403 without a reason. An address names a time, a
//! job or a content hash, never a path.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands protocol handlers their arguments by value")]

use super::desk::Desk;
use kinora_backend::{Levels, Shown, Trouble};
use kinora_document::{FrameSize, Ticks};
use std::collections::BTreeMap;
use std::sync::Arc;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{Manager, UriSchemeContext, UriSchemeResponder, Wry};

/// As `preview://localhost/frame?ticket=T&at=TICKS&width=W&height=H`, `/live?…&after=TICKS`, `/forming/JOB?…`, `/camera?…&mirror=1`.
pub fn preview(context: UriSchemeContext<'_, Wry>, request: Request<Vec<u8>>, responder: UriSchemeResponder) {
    serve(&context, request, responder, |desk, path, query| {
        let number = |name: &str| query.get(name)?.parse::<i64>().ok();
        let side = |name: &str| number(name).and_then(|side| u32::try_from(side).ok()).unwrap_or(960);
        let within = FrameSize { width: side("width"), height: side("height") };
        match path.split('/').collect::<Vec<_>>().as_slice() {
            ["frame"] => picture(desk.show(Ticks(number("at").unwrap_or(0)), within)),
            ["live"] => picture(desk.show_live(within, number("after").map(Ticks))),
            ["forming", job] => match job.parse().ok().and_then(|job| desk.forming(job)) {
                Some(jpeg) => answer("image/jpeg", jpeg),
                None => status(StatusCode::NOT_FOUND),
            },
            ["camera"] => match desk.camera_picture(within, number("mirror") == Some(1)) {
                Some(jpeg) => newest(answer("image/jpeg", jpeg)),
                None => status(StatusCode::NOT_FOUND),
            },
            _ => status(StatusCode::FORBIDDEN),
        }
    });
}

/// A picture that no cache may keep: it is of somebody who has not consented yet.
fn newest(mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

/// As `media://localhost/picture/HASH?ticket=T`, `/peaks/HASH?…`.
pub fn media(context: UriSchemeContext<'_, Wry>, request: Request<Vec<u8>>, responder: UriSchemeResponder) {
    serve(&context, request, responder, |desk, path, _| {
        let named = path.split_once('/').and_then(|(what, hash)| Some((what, hash.parse().ok()?)));
        let found = match named {
            Some(("picture", hash)) => desk.thumbnail(hash).map(|png| answer("image/png", png)),
            Some(("peaks", hash)) => desk.peaks(hash).map(|peaks| answer("application/octet-stream", peaks)),
            _ => return status(StatusCode::FORBIDDEN),
        };
        let Ok(mut response) = found else { return status(StatusCode::NOT_FOUND) };
        // Named by content: it can never change.
        let forever = header::HeaderValue::from_static("private, max-age=31536000, immutable");
        response.headers_mut().insert(header::CACHE_CONTROL, forever);
        response
    });
}

type Query = BTreeMap<String, String>;

fn serve(
    context: &UriSchemeContext<'_, Wry>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
    work: impl FnOnce(&Desk, &str, &Query) -> Response<Vec<u8>> + Send + 'static,
) {
    let desk = context.app_handle().state::<Arc<Desk>>().inner().clone();
    let window = context.webview_label().to_owned();
    tauri::async_runtime::spawn_blocking(move || {
        let query = query(request.uri().query().unwrap_or_default());
        let admitted = query.get("ticket").is_some_and(|ticket| desk.tickets().admits(&window, ticket));
        let path = request.uri().path().trim_start_matches('/');
        responder.respond(if admitted { work(&desk, path, &query) } else { status(StatusCode::FORBIDDEN) });
    });
}

/// Numbers, hashes and tickets need no decoding; anything that does is not one of them.
fn query(text: &str) -> Query {
    text.split('&')
        .take(16)
        .filter_map(|pair| pair.split_once('='))
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .collect()
}

fn picture(shown: Result<Shown, Trouble>) -> Response<Vec<u8>> {
    match shown {
        Ok(shown) => {
            let mut response = answer("image/jpeg", shown.jpeg);
            let headers = response.headers_mut();
            headers.insert("x-kinora-at", header::HeaderValue::from(shown.at.0));
            headers.insert("x-kinora-heard", header::HeaderValue::from(shown.heard.0));
            headers.insert("x-kinora-playing", header::HeaderValue::from(u16::from(shown.playing)));
            if let Some(levels) = shown.levels.and_then(|levels| header::HeaderValue::try_from(figures(levels)).ok()) {
                headers.insert("x-kinora-levels", levels);
            }
            headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
            let exposed =
                header::HeaderValue::from_static("x-kinora-at, x-kinora-heard, x-kinora-playing, x-kinora-levels");
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
            response
        }
        Err(_) => status(StatusCode::NOT_FOUND),
    }
}

/// Peak and mean level of both sides and loudness, in hundredths; the last is empty in silence.
fn figures(levels: Levels) -> String {
    let [left, right] = levels.peak;
    let [mean_left, mean_right] = levels.mean;
    let loudness = levels.loudness.map(|lufs| lufs.to_string()).unwrap_or_default();
    format!("{left},{right},{mean_left},{mean_right},{loudness}")
}

fn answer(kind: &'static str, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    allow_page(&mut response);
    response
}

fn status(code: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = code;
    allow_page(&mut response);
    response
}

/// The page's own origin is another scheme, so even our own window needs leave to read the bytes; the ticket is what protects them.
fn allow_page(response: &mut Response<Vec<u8>>) {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, header::HeaderValue::from_static("*"));
}
