//! How fast an export is, as a ratio to a bare GStreamer pipeline that encodes the same pictures with the same encoder.
//!
//! `cargo run --release -p kinora-media --example bench_export -- [frames] [width] [height]`. Ours starts from RGBA as the compositor
//! gives it and ends with a proved, synced file; the bare one is fed ready-made I420. Run it alone: it uses every processor.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use kinora_document::{FrameRate, FrameSize};
use kinora_media::{GstEncoder, yuv};
use kinora_ports::media::{Container, EncodeSettings};
use kinora_ports::{Encoder, Pixels};
use std::error::Error;
use std::time::Instant;

/// Different pictures kept in memory; they are played round and round.
const DIFFERENT: u32 = 24;

fn picture(width: u32, height: u32, index: u32) -> Pixels {
    let mut pixels = Pixels::new(width, height);
    for (at, pixel) in pixels.rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let (x, y) = (at as u32 % width, at as u32 / width);
        let wave = (((x + index * 9) / 7) ^ ((y + index * 3) / 5)) as u8;
        *pixel = [wave, (x * 255 / width) as u8, (y * 255 / height) as u8 ^ (wave >> 3), 255];
    }
    pixels
}

fn ours(pictures: &[Pixels], frames: u32, path: &std::path::Path) -> Result<(f64, String), Box<dyn Error>> {
    let first = pictures.first().ok_or("no pictures")?;
    let settings = EncodeSettings {
        container: Container::Mp4,
        size: FrameSize { width: first.width, height: first.height },
        rate: FrameRate::FPS_24,
        sound_rate: None,
        sound_channels: 2,
        title: String::new(),
    };
    let start = Instant::now();
    let mut encoding = GstEncoder::new().start(&settings, path)?;
    for picture in pictures.iter().cycle().take(frames as usize) {
        encoding.picture(picture)?;
    }
    let name = encoding.encoder_name().to_owned();
    encoding.finish()?;
    Ok((start.elapsed().as_secs_f64(), name))
}

fn bare(
    planes: &[Vec<u8>],
    (width, height): (u32, u32),
    frames: u32,
    encoder: &str,
    path: &std::path::Path,
) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    let text = format!(
        "appsrc name=source format=time block=true max-bytes={} caps=video/x-raw,format=I420,width={width},height={height},framerate=24/1,colorimetry=bt709 \
         ! {encoder} ! video/x-h264,profile=high ! h264parse ! mp4mux faststart=true ! filesink location=\"{}\"",
        planes.first().map_or(0, Vec::len) * 4,
        path.display()
    );
    let pipeline = gst::parse::launch(&text)?.downcast::<gst::Pipeline>().map_err(|_| "no pipeline")?;
    let source = pipeline.by_name("source").and_then(|e| e.downcast::<gst_app::AppSrc>().ok()).ok_or("no source")?;
    pipeline.set_state(gst::State::Playing)?;
    for (index, plane) in planes.iter().cycle().take(frames as usize).enumerate() {
        let mut buffer = gst::Buffer::from_slice(plane.clone());
        if let Some(head) = buffer.get_mut() {
            head.set_pts(gst::ClockTime::from_nseconds(index as u64 * 1_000_000_000 / 24));
        }
        source.push_buffer(buffer)?;
    }
    source.end_of_stream()?;
    let bus = pipeline.bus().ok_or("no bus")?;
    bus.timed_pop_filtered(gst::ClockTime::from_seconds(600), &[gst::MessageType::Eos, gst::MessageType::Error]);
    pipeline.set_state(gst::State::Null)?;
    Ok(start.elapsed().as_secs_f64())
}

fn main() -> Result<(), Box<dyn Error>> {
    gst::init()?;
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u32>().ok());
    let (frames, width, height) =
        (numbers.next().unwrap_or(120), numbers.next().unwrap_or(1920), numbers.next().unwrap_or(1080));
    let pictures: Vec<Pixels> = (0..DIFFERENT).map(|index| picture(width, height, index)).collect();
    let mut quickest = f64::MAX;
    let planes: Vec<Vec<u8>> = pictures
        .iter()
        .map(|pixels| {
            let mut planes = vec![0; yuv::bytes(width, height)];
            for _ in 0..4 {
                let start = Instant::now();
                yuv::from_rgba(width, height, &pixels.rgba, &mut planes);
                quickest = quickest.min(start.elapsed().as_secs_f64());
            }
            planes
        })
        .collect();
    println!("RGBA to I420: {:.2} ms a picture at best", quickest * 1000.0);
    let folder = std::env::temp_dir().join(format!("kinora-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut best = (f64::MAX, f64::MAX);
    for round in 0..3 {
        let (ours, name) = ours(&pictures, frames, &folder.join("ours.mp4"))?;
        let element = match name.as_str() {
            "OpenH264" => format!("openh264enc rate-control=bitrate bitrate={} gop-size=48 complexity=medium", u64::from(width * height) * 24 * 16 / 100),
            _ => "x264enc speed-preset=veryfast pass=qual quantizer=18 bitrate=16000 vbv-buf-capacity=1000 threads=6 key-int-max=48 aud=false".to_owned(),
        };
        let bare = bare(&planes, (width, height), frames, &element, &folder.join("bare.mp4"))?;
        println!(
            "round {round}, {frames} pictures of {width}×{height} with {name}: ours {ours:.2} s, bare {bare:.2} s, ratio {:.3}",
            bare / ours
        );
        best = (best.0.min(ours), best.1.min(bare));
    }
    println!(
        r#"{{"what":"export at {width}×{height}, best of three","value":{:.1},"unit":"pictures/s","aim":"≥ 0.9 of the bare pipeline","beside":"bare GStreamer","reference":{:.1}}}"#,
        f64::from(frames) / best.0,
        f64::from(frames) / best.1
    );
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
