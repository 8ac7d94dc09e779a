//! What an invisible mark survives: 500 frames marked, encoded as an export is, and then treated as files are treated.
//!
//! Each treatment is read back in windows of 25 frames: how many windows say the film, and how many coded bits arrived turned over. The
//! same frames without a mark are read in the same way and one by one. `[frames] [width] [height]`; `cargo xtask bench watermark` runs it.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

use gstreamer as gst;
use gstreamer::prelude::*;
use kinora_document::FrameRate;
use kinora_document::FrameSize;
use kinora_media::{GstDecoder, GstEncoder};
use kinora_ports::media::{Container, EncodeSettings};
use kinora_ports::{Decoder, Encoder, FilmMark, FrameMarker, MarkFound, MarkSeeker, VideoFrame, Watermark};
use kinora_provenance::watermark::LumaMark;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

const FILM: FilmMark = FilmMark(0x0a1_b2c3_d4e5);
/// Frames that are read together.
const WINDOW: u32 = 25;
/// Frames of a scene, two seconds: ten scenes in 500 frames.
const SCENE: u32 = 50;

/// Ten scenes: smooth and busy, bright and dark, still and moving, with the grain of a sensor or none.
fn frame(number: u32, size: FrameSize) -> VideoFrame {
    let (scene, at) = (number / SCENE % 10, (number % SCENE) as f32);
    let grain_size = [1.5, 0.0, 3.0, 1.0, 0.0, 2.0, 1.0, 4.0, 0.5, 1.5][scene as usize];
    let mut seed = (number + 1).wrapping_mul(2_654_435_761);
    let mut grain = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((seed >> 24) as f32 / 128.0 - 1.0) * grain_size
    };
    let mut i420 = Vec::with_capacity(VideoFrame::bytes(size.width, size.height));
    for y in 0..size.height {
        for x in 0..size.width {
            let (px, py) = (x as f32, y as f32);
            let (u, v) = (px / size.width as f32, py / size.height as f32);
            let ball = (u - 0.1 - at * 0.015).hypot((v - 0.5) * 0.56) < 0.08;
            let value = match scene {
                0 | 5 if ball => 80.0,
                0 => {
                    if v > 0.7 + 0.05 * (u * 6.0).sin() {
                        70.0 + 30.0 * v
                    } else {
                        150.0 + 50.0 * v
                    }
                }
                1 => {
                    if (v - 0.5).abs() < 0.05 && ((u * 40.0) as u32).is_multiple_of(3) {
                        220.0
                    } else {
                        16.0
                    }
                }
                2 => {
                    120.0
                        + 40.0 * ((px + at * 3.0) * 0.11).sin() * ((py + at) * 0.07).cos()
                        + 15.0 * (px * 1.3 - py).sin()
                }
                3 => 40.0 + 20.0 * v + 8.0 * ((px * 0.05 + at * 0.2).sin() * (py * 0.06).cos()),
                4 => 225.0 - 10.0 * v - if ball { 60.0 } else { 0.0 },
                5 => 60.0 + 100.0 * (u * 3.0 + at * 0.02).fract(),
                6 => 90.0 + 60.0 * ((px * 0.9).sin() * (py * 0.8 + at).sin()).signum() * 0.3 + 30.0 * v,
                7 => 110.0 + 25.0 * ((px * 0.31 + at).sin() + (py * 0.27 - at).cos()),
                8 => 128.0,
                _ => {
                    30.0 + 160.0
                        * ((px - at * 8.0) / 64.0).floor().rem_euclid(2.0)
                        * ((py / 48.0).floor().rem_euclid(2.0))
                }
            };
            i420.push((value + grain()).clamp(16.0, 235.0) as u8);
        }
    }
    i420.resize(VideoFrame::bytes(size.width, size.height), 128);
    VideoFrame { width: size.width, height: size.height, i420 }
}

struct Written {
    lowest_db: f64,
    mean_db: f64,
    marking_ms: f64,
}

/// As an export writes it; with a marker, marked.
fn write(path: &Path, frames: u32, size: FrameSize, marker: Option<&dyn FrameMarker>) -> Outcome<Written> {
    let settings = EncodeSettings {
        container: Container::Mp4,
        size,
        rate: FrameRate::FPS_24,
        sound_rate: None,
        sound_channels: 2,
        title: String::new(),
    };
    let mut encoding = GstEncoder::new().start(&settings, path)?;
    let (mut lowest, mut sum, mut marking) = (f64::MAX, 0.0, 0.0);
    for number in 0..frames {
        let plain = frame(number, size);
        let begun = Instant::now();
        let marked = marker.map(|marker| marker.marked(&plain));
        marking += begun.elapsed().as_secs_f64() * 1000.0;
        if let Some(marked) = &marked {
            let luma = (size.width * size.height) as usize;
            let off = plain.i420.iter().zip(&marked.i420).take(luma);
            let noise = off.map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum::<f64>() / luma as f64;
            let ratio = 10.0 * (255.0 * 255.0 / noise.max(1e-9)).log10();
            lowest = lowest.min(ratio);
            sum += ratio;
        }
        encoding.video(&Arc::new(marked.unwrap_or(plain)))?;
    }
    encoding.finish()?;
    Ok(Written { lowest_db: lowest, mean_db: sum / f64::from(frames), marking_ms: marking / f64::from(frames) })
}

/// Decodes, changes and encodes again.
fn treat(from: &Path, to: &Path, change: &str, kilobits: u32) -> Outcome<()> {
    let text = format!(
        "filesrc location=\"{}\" ! qtdemux ! h264parse ! avdec_h264 ! videoconvert {change} ! videoconvert \
         ! video/x-raw,format=I420 ! x264enc bitrate={kilobits} speed-preset=veryfast key-int-max=48 \
         ! h264parse ! mp4mux ! filesink location=\"{}\"",
        from.display(),
        to.display()
    );
    let pipeline = gst::parse::launch(&text)?;
    pipeline.set_state(gst::State::Playing)?;
    let bus = pipeline.bus().ok_or("no bus")?;
    let kinds = [gst::MessageType::Eos, gst::MessageType::Error];
    let end = bus.timed_pop_filtered(gst::ClockTime::from_seconds(600), &kinds);
    pipeline.set_state(gst::State::Null)?;
    match end {
        Some(message) if message.type_() == gst::MessageType::Eos => Ok(()),
        other => Err(format!("{change}: {other:?}").into()),
    }
}

/// Every window of `window` frames, every `stride`-th of them, read by itself; as many at once as there are processors.
fn read(path: &Path, window: u32, stride: u32) -> Outcome<Vec<MarkFound>> {
    let mut movie = GstDecoder::new().open(path)?;
    let info = movie.info().clone();
    let size = info.size.ok_or("no pictures")?;
    let mut seekers: Vec<Box<dyn MarkSeeker>> = Vec::new();
    for start in (0..info.frames / window * window).step_by((window * stride) as usize) {
        let mut seeker = LumaMark.seeker(size.width, size.height).ok_or("too small")?;
        for number in start..start + window {
            seeker.add(&movie.frame(number)?);
        }
        seekers.push(seeker);
    }
    let together = std::thread::available_parallelism().map_or(1, usize::from);
    let mut found = Vec::with_capacity(seekers.len());
    while !seekers.is_empty() {
        let now: Vec<_> = seekers.drain(..together.min(seekers.len())).collect();
        found.extend(std::thread::scope(|scope| {
            let readings: Vec<_> = now.into_iter().map(|seeker| scope.spawn(move || seeker.find())).collect();
            readings.into_iter().filter_map(|reading| reading.join().ok()).collect::<Vec<_>>()
        }));
    }
    Ok(found)
}

fn report(what: &str, found: &[MarkFound]) {
    let wanted = FILM.to_string();
    let right = found.iter().filter(|one| one.film.as_deref() == Some(wanted.as_str()));
    let wrong = found.iter().filter(|one| one.film.as_deref().is_some_and(|film| film != wanted)).count();
    let (turned, bits) =
        right.clone().fold((0, 0), |(turned, bits), one| (turned + one.turned_bits, bits + one.coded_bits));
    let weakest = found.iter().map(|one| one.strength).fold(f32::MAX, f32::min);
    let strongest = found.iter().map(|one| one.strength).fold(0.0, f32::max);
    println!(
        "{what:34} read {:3}/{:3}  there {:3}  wrong {wrong}  turned bits {:.4}  strength {weakest:.1}–{strongest:.1}",
        right.count(),
        found.len(),
        found.iter().filter(|one| one.is_there).count(),
        f64::from(turned) / f64::from(bits.max(1)),
    );
    let rate = found.iter().filter(|one| one.film.as_deref() == Some(wanted.as_str())).count() as f64;
    println!(
        "{{\"what\":\"watermark: {what}\",\"value\":{:.3},\"unit\":\"of windows read\"}}",
        rate / found.len().max(1) as f64
    );
}

/// Marks found where there are none.
fn unmarked(folder: &Path, frames: u32, size: FrameSize) -> Outcome<()> {
    let (plain, treated) = (folder.join("plain.mp4"), folder.join("again.mp4"));
    write(&plain, frames, size, None)?;
    let windows = read(&plain, WINDOW, 1)?;
    let singles = read(&plain, 1, 5)?;
    treat(&plain, &treated, "", 1000)?;
    let again = read(&treated, WINDOW, 1)?;
    for (what, found) in
        [("unmarked", &windows), ("unmarked, one by one", &singles), ("unmarked, H.264 at 1 Mbit/s", &again)]
    {
        let strongest = found.iter().map(|one| one.strength).fold(0.0, f32::max);
        let wrong = found.iter().filter(|one| one.is_there).count();
        println!(
            "{what:34} {wrong} false in {} readings, strength at most {strongest:.2} of {:.1}",
            found.len(),
            LumaMark.seeker(200, 200).ok_or("")?.find().needed
        );
        println!("{{\"what\":\"watermark: {what}\",\"value\":{wrong},\"unit\":\"false\",\"aim\":\"0\"}}");
    }
    Ok(())
}

fn main() -> Outcome<()> {
    gst::init()?;
    let numbers: Vec<u32> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let number = |at: usize, usual: u32| numbers.get(at).copied().unwrap_or(usual);
    let (frames, size) = (number(0, 500), FrameSize { width: number(1, 1280), height: number(2, 720) });
    let folder = tempfile::tempdir()?;
    let (marked, treated) = (folder.path().join("marked.mp4"), folder.path().join("treated.mp4"));
    unmarked(folder.path(), frames, size)?;
    let marker = LumaMark.marker(FILM, size.width, size.height).ok_or("too small")?;
    let written = write(&marked, frames, size, Some(marker.as_ref()))?;
    println!(
        "{frames} frames of {}×{}: marking {:.2} ms a frame, luma {:.2} dB at the least, {:.2} dB on average",
        size.width, size.height, written.marking_ms, written.lowest_db, written.mean_db
    );
    println!(
        "{{\"what\":\"watermark: lowest PSNR of a frame\",\"value\":{:.2},\"unit\":\"dB\",\"aim\":\"≥ 42\"}}",
        written.lowest_db
    );
    report("as exported", &read(&marked, WINDOW, 1)?);
    let (width, height) = (size.width * 9 / 10 / 2 * 2, size.height * 9 / 10 / 2 * 2);
    let crop =
        format!("! videocrop left=6 top=10 right={} bottom={}", size.width - width - 6, size.height - height - 10);
    let scaled = |width: u32, height: u32| format!("! videoscale ! video/x-raw,width={width},height={height}");
    let half = scaled(size.width / 2, size.height / 2);
    for (what, change, kilobits) in [
        ("H.264 at 4 Mbit/s", String::new(), 4000),
        ("H.264 at 2 Mbit/s", String::new(), 2000),
        ("H.264 at 1 Mbit/s", String::new(), 1000),
        ("scaled to half, 1 Mbit/s", half.clone(), 1000),
        ("cropped by a tenth, 2 Mbit/s", crop.clone(), 2000),
        ("cropped and back to size, 2 Mbit/s", format!("{crop} {}", scaled(size.width, size.height)), 2000),
    ] {
        treat(&marked, &treated, &change, kilobits)?;
        report(what, &read(&treated, WINDOW, 1)?);
    }
    let twice = folder.path().join("twice.mp4");
    treat(&marked, &treated, "", 2000)?;
    treat(&treated, &twice, "", 1500)?;
    report("encoded twice, 2 and 1.5 Mbit/s", &read(&twice, WINDOW, 1)?);
    treat(&marked, &treated, &half, 1500)?;
    treat(&treated, &twice, &scaled(size.width, size.height), 1500)?;
    report("halved and doubled, 1.5 Mbit/s", &read(&twice, WINDOW, 1)?);
    Ok(())
}
