//! How long one picture takes to come: takes read directly, the same take through GStreamer, and an exported MP4.
//!
//! `cargo run --release -p kinora-media --example bench_decode -- [width] [height]`. Scrubbing has to stay below 60 ms a picture.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

use kinora_document::{FrameRate, FrameSize};
use kinora_media::{GstDecoder, GstEncoder, decode};
use kinora_ports::media::{Container, EncodeSettings};
use kinora_ports::{Decoder, Encoder, Movie, Pixels};
use std::error::Error;
use std::time::Instant;

const FRAMES: u32 = 120;

fn measure(
    name: &str,
    open: impl Fn() -> Result<Box<dyn Movie>, kinora_ports::PortError>,
) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let mut movie = open()?;
    movie.frame(0)?;
    let first = start.elapsed();
    let start = Instant::now();
    (0..FRAMES).try_for_each(|index| movie.frame(index).map(|_| ()))?;
    let sequential = start.elapsed() / FRAMES;
    let start = Instant::now();
    (0..40).try_for_each(|index: u32| movie.frame(index * 47 % FRAMES).map(|_| ()))?;
    println!("{name}: first picture {first:.1?}, then {sequential:.2?} each, anywhere {:.2?}", start.elapsed() / 40);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u32>().ok());
    let (width, height) = (numbers.next().unwrap_or(1280), numbers.next().unwrap_or(720));
    let folder = std::env::temp_dir().join(format!("kinora-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    for (container, name) in [(Container::Take, "take.mov"), (Container::Mp4, "film.mp4")] {
        let settings = EncodeSettings {
            container,
            size: FrameSize { width, height },
            rate: FrameRate::FPS_24,
            sound_rate: None,
            sound_channels: 2,
            title: String::new(),
        };
        let start = Instant::now();
        let mut encoding = GstEncoder::new().start(&settings, &folder.join(name))?;
        for index in 0..FRAMES {
            let mut pixels = Pixels::new(width, height);
            for (at, pixel) in pixels.rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                let (x, y) = (at as u32 % width, at as u32 / width);
                *pixel = [(x + index * 5) as u8, (y * 255 / height) as u8, ((x ^ y) >> 3) as u8, 255];
            }
            encoding.picture(&pixels)?;
        }
        encoding.finish()?;
        println!("{name}: written at {:.1} pictures/s", f64::from(FRAMES) / start.elapsed().as_secs_f64());
    }
    measure("take, read directly", || GstDecoder::new().open(&folder.join("take.mov")))?;
    measure("take, through GStreamer", || decode::open_stream(&folder.join("take.mov")))?;
    measure("MP4", || GstDecoder::new().open(&folder.join("film.mp4")))?;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
