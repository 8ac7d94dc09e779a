//! What a file is, without playing it: kind, length, size, rate, codecs.
//!
//! Takes and pictures are read directly; everything else is asked of GStreamer, on a thread of its own with a time limit, because a
//! hostile file may hang a demuxer. Nothing here may take longer than [`PATIENCE`] or trust a length that the file merely claims.

use crate::decode::Material;
use crate::isobmff::{BoxedMovie, BoxedTrack, TrackKind};
use crate::{gst as media, trouble};
use gstreamer as gst;
use gstreamer_pbutils as pbutils;
use kinora_document::{FrameRate, FrameSize, MediaKind, Ticks};
use kinora_ports::PortError;
use kinora_ports::media::MovieInfo;
use pbutils::prelude::*;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

pub const PATIENCE: Duration = Duration::from_millis(4_500);
const DISCOVERER_SECONDS: u64 = 4;
/// For streams that do not say: what most cameras and screens use.
const FALLBACK_RATE: FrameRate = FrameRate::FPS_30;

/// The first look at a file.
#[derive(Debug)]
pub enum Look {
    Png,
    Jpeg,
    /// MP4 or QuickTime with a header that was understood.
    Boxed(BoxedMovie),
    Other,
}

pub fn look(file: &mut File, path: &Path) -> Result<Look, PortError> {
    let trouble = |error: std::io::Error| trouble::disk("read", path, &error);
    let mut magic = Vec::with_capacity(12);
    file.seek(SeekFrom::Start(0)).map_err(trouble)?;
    file.by_ref().take(12).read_to_end(&mut magic).map_err(trouble)?;
    if magic.is_empty() {
        return Err(trouble::unreadable(path, "the file is empty"));
    }
    if let Some(picture) = picture(&magic) {
        return Ok(picture);
    }
    Ok(BoxedMovie::read(file).map_err(trouble)?.map_or(Look::Other, Look::Boxed))
}

/// A picture, by its first bytes.
pub fn picture(magic: &[u8]) -> Option<Look> {
    if magic.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(Look::Png);
    }
    magic.starts_with(b"\xff\xd8\xff").then_some(Look::Jpeg)
}

/// Opens for reading; a folder is refused in words.
pub fn open_file(path: &Path) -> Result<File, PortError> {
    let file = File::open(path).map_err(|error| trouble::disk("read", path, &error))?;
    let data = file.metadata().map_err(|error| trouble::disk("read", path, &error))?;
    if !data.is_file() {
        return Err(trouble::unreadable(path, "not a regular file"));
    }
    Ok(file)
}

/// What the decoder would say about this file.
pub fn probe(path: &Path) -> Result<MovieInfo, PortError> {
    Ok(crate::decode::open(path)?.info().clone())
}

/// Ticks of `units` at `per_second`, rounded down.
fn ticks(units: u64, per_second: u32) -> Ticks {
    let value = i128::from(units) * i128::from(Ticks::PER_SECOND) / i128::from(per_second.max(1));
    Ticks(i64::try_from(value).unwrap_or(i64::MAX))
}

/// The exact rate of a track whose pictures all last equally long.
pub fn even_rate(track: &BoxedTrack) -> Option<FrameRate> {
    let duration = track.even_duration.filter(|&duration| duration > 0)?;
    let (mut a, mut b) = (track.timescale, duration);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    plausible(FrameRate { frames: track.timescale / a.max(1), seconds: duration / a.max(1) })
}

fn plausible(rate: FrameRate) -> Option<FrameRate> {
    let good =
        rate.frames > 0 && rate.seconds > 0 && rate.frames / rate.seconds <= 1000 && rate.seconds / rate.frames <= 60;
    good.then_some(rate)
}

/// The length a boxed track is shown for: its edit list's, or that of its samples.
pub fn boxed_length(movie: &BoxedMovie, track: &BoxedTrack) -> Ticks {
    let media = ticks(track.media_length, track.timescale);
    match track.edit {
        Some((length, _)) if length > 0 => ticks(length, movie.timescale).min(media),
        _ => media,
    }
}

/// The film rate next to a measured one.
fn nearest_rate(frames: u64, length: Ticks) -> FrameRate {
    let measured = frames as f64 / length.to_seconds_for_display().max(1e-9);
    let distance = |rate: &FrameRate| (f64::from(rate.frames) / f64::from(rate.seconds) - measured).abs();
    let known = FrameRate::FILM_RATES.into_iter().chain([
        FrameRate::FPS_12,
        FrameRate { frames: 15, seconds: 1 },
        FrameRate { frames: 50, seconds: 1 },
    ]);
    known.min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(FALLBACK_RATE)
}

/// What the tables of an MP4 say, without asking anybody else: for what is in memory alone.
pub fn boxed_info(material: &Material) -> Result<MovieInfo, PortError> {
    let damaged = |what: &str| trouble::unreadable(material.name(), what);
    let movie = material.boxed().ok_or_else(|| damaged("no MP4 that can be understood"))?;
    let audio = movie.track(TrackKind::Audio);
    let has_sound = audio.is_some_and(|track| track.count > 0);
    let Some(video) = movie.track(TrackKind::Video).filter(|track| track.count > 0) else {
        let track = audio.filter(|_| has_sound).ok_or_else(|| damaged("neither picture nor sound in it"))?;
        let length = boxed_length(&movie, track);
        let codecs = "AAC".to_owned();
        return Ok(MovieInfo { kind: MediaKind::Sound, length, size: None, rate: None, frames: 0, has_sound, codecs });
    };
    let length = boxed_length(&movie, video);
    let rate = even_rate(video).unwrap_or_else(|| nearest_rate(u64::from(video.count), length));
    Ok(MovieInfo {
        kind: MediaKind::Movie,
        length,
        size: Some(FrameSize { width: u32::from(video.width), height: u32::from(video.height) }),
        rate: Some(rate),
        frames: u32::try_from(rate.nearest_frame(length).max(1)).unwrap_or(u32::MAX),
        has_sound,
        codecs: if has_sound { "H.264 / AAC".to_owned() } else { "H.264".to_owned() },
    })
}

/// Asks GStreamer, and gives up in time.
pub fn stream_info(path: &Path) -> Result<MovieInfo, PortError> {
    media::start()?;
    let (sender, receiver) = sync_channel(1);
    let owned = path.to_owned();
    let thread = std::thread::Builder::new().name("probe".into()).spawn(move || _ = sender.send(discover(&owned)));
    thread.map_err(|error| trouble::unreadable(path, error))?;
    match receiver.recv_timeout(PATIENCE) {
        Ok(answer) => answer,
        Err(RecvTimeoutError::Timeout) => Err(trouble::unreadable(path, "no answer in time")),
        Err(RecvTimeoutError::Disconnected) => Err(trouble::unreadable(path, "the reader failed")),
    }
}

fn discover(path: &Path) -> Result<MovieInfo, PortError> {
    let full = std::path::absolute(path).map_err(|error| trouble::disk("read", path, &error))?;
    let unreadable = |detail: &dyn std::fmt::Display| trouble::unreadable(path, detail);
    let uri = gst::glib::filename_to_uri(&full, None).map_err(|error| unreadable(&error))?;
    let discoverer = pbutils::Discoverer::new(gst::ClockTime::from_seconds(DISCOVERER_SECONDS))
        .map_err(|error| unreadable(&error))?;
    let info = discoverer.discover_uri(&uri).map_err(|error| unreadable(&error))?;
    if info.result() != pbutils::DiscovererResult::Ok {
        return Err(unreadable(&format!("{:?} {:?}", info.result(), info.missing_elements_installer_details())));
    }
    let nanoseconds = info.duration().map_or(0, gst::ClockTime::nseconds);
    let mut length = Ticks(i64::try_from(u128::from(nanoseconds) * 7056 / 10_000).unwrap_or(i64::MAX));
    let video = info.video_streams().into_iter().next();
    let audio = info.audio_streams().into_iter().next();
    let codecs = [video.as_ref().and_then(codec), audio.as_ref().and_then(codec)];
    let codecs = codecs.into_iter().flatten().collect::<Vec<_>>().join(" / ");
    let has_sound = audio.is_some();
    let Some(video) = video else {
        if !has_sound {
            return Err(unreadable(&"neither picture nor sound in it"));
        }
        return Ok(MovieInfo { kind: MediaKind::Sound, length, size: None, rate: None, frames: 0, has_sound, codecs });
    };
    let size = shown_size(&video).ok_or_else(|| unreadable(&"no picture size"))?;
    if video.is_image() && !has_sound {
        return Ok(MovieInfo {
            kind: MediaKind::Picture,
            length: Ticks::ZERO,
            size: Some(size),
            rate: None,
            frames: 1,
            has_sound,
            codecs,
        });
    }
    let said = video.framerate();
    let said = FrameRate { frames: said.numer().max(0) as u32, seconds: said.denom().max(0) as u32 };
    let mut rate = plausible(said).unwrap_or(FALLBACK_RATE);
    if length <= Ticks::ZERO {
        length = rate.frame_length();
    }
    // Counts and rates of MP4 are exact in its tables; GStreamer rounds them.
    let boxed = File::open(path).and_then(|mut file| BoxedMovie::read(&mut file)).ok().flatten();
    let mut frames = rate.nearest_frame(length).max(1);
    if let Some((movie, track)) =
        boxed.as_ref().and_then(|movie| movie.track(TrackKind::Video).map(|track| (movie, track)))
    {
        let shown = boxed_length(movie, track);
        if shown > Ticks::ZERO && track.count > 0 {
            rate = even_rate(track).unwrap_or_else(|| nearest_rate(u64::from(track.count), shown));
            length = shown;
            frames = rate.nearest_frame(shown).max(1);
        }
    }
    let frames = u32::try_from(frames).unwrap_or(u32::MAX);
    Ok(MovieInfo { kind: MediaKind::Movie, length, size: Some(size), rate: Some(rate), frames, has_sound, codecs })
}

fn codec(stream: &impl IsA<pbutils::DiscovererStreamInfo>) -> Option<String> {
    let caps = stream.caps()?;
    let name = pbutils::pb_utils_get_codec_description(&caps);
    // "H.264 (High Profile)" → "H.264"
    Some(name.split(" (").next().unwrap_or(&name).to_owned())
}

/// With square pixels and the right way up.
fn shown_size(video: &pbutils::DiscovererVideoInfo) -> Option<FrameSize> {
    let par = video.par();
    let (par_width, par_height) = (par.numer().max(1) as u64, par.denom().max(1) as u64);
    let (width, height) = (u64::from(video.width()), u64::from(video.height()));
    let width = (width * par_width + par_height / 2) / par_height;
    let turned = video.tags().and_then(|tags| {
        let tag = tags.get::<gst::tags::ImageOrientation>()?;
        Some(tag.get().contains("rotate-90") || tag.get().contains("rotate-270"))
    });
    let (width, height) = if turned == Some(true) { (height, width) } else { (width, height) };
    let inside = |side: u64| u32::try_from(side).ok().filter(|side| (1..=16_384).contains(side));
    Some(FrameSize { width: inside(width)?, height: inside(height)? })
}
