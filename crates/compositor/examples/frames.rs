//! How long a frame takes, for FINDINGS.md: `cargo run -p kinora-compositor --example frames [FOLDER]`.
//!
//! Each case is measured on the processor and on a software device; with a folder, the frames are written there to be looked at.
#![allow(clippy::print_stdout, reason = "it is a report")]

#[path = "../tests/promises/film.rs"]
#[allow(dead_code)]
mod film;
#[path = "../tests/promises/studio.rs"]
#[allow(dead_code)]
mod studio;

use kinora_compositor::{Compositor, Executor, FrameCompositor};
use kinora_document::film::{Title, TitleStyle};
use kinora_document::plan::{FramePlan, Layer, PictureSource};
use std::sync::Arc;
use std::time::Instant;
use studio::*;

type Case = (&'static str, fn(i64, u32, u32) -> FramePlan);

fn at(frame: i64, width: u32, height: u32, layers: Vec<Layer>) -> FramePlan {
    FramePlan { frame, ..plan(width, height, layers) }
}

const CASES: [Case; 6] = [
    ("a draft take, 12 fps in 24", |f, w, h| at(f, w, h, vec![Layer::Picture(movie(4, (f / 2) as u32))])),
    ("a draft take, each frame new", |f, w, h| at(f, w, h, vec![Layer::Picture(movie(4, f as u32))])),
    ("… with a caption", |f, w, h| {
        let title = Title { text: "It is late. The tide is coming in.".to_owned(), style: TitleStyle::Caption };
        at(f, w, h, vec![Layer::Picture(movie(4, f as u32)), Layer::Picture(source(PictureSource::Title(title)))])
    }),
    ("… dissolving", |f, w, h| {
        let (from, to) = (movie(4, f as u32), movie(4, f as u32 + 100));
        at(f, w, h, vec![mix("dissolve", (f * 11 % 1000) as u32, &[], Some(from), Some(to))])
    }),
    ("… graded, vignette, grain", |f, w, h| {
        let graded = with_effect(movie(4, f as u32), "lift_gamma_gain", &[("gamma", 1.2)]);
        let picture = with_effect(with_effect(graded, "vignette", &[]), "grain", &[]);
        at(f, w, h, vec![Layer::Picture(picture)])
    }),
    ("a 720p take, each frame new", |f, w, h| at(f, w, h, vec![Layer::Picture(movie(5, (f % 24) as u32))])),
];

/// Processor time of this process so far, in milliseconds; on a shared machine the clock on the wall says little.
fn processor_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks * 10.0
}

fn main() {
    let folder = std::env::args_os().nth(1);
    let mut pictures = Album::default();
    for frame in 0..240 {
        pictures.pictures.insert((name(4), frame), Arc::new(cut_out(128, 72, frame % 40)));
    }
    for frame in 0..24 {
        pictures.pictures.insert((name(5), frame), Arc::new(cut_out(1280, 720, frame)));
    }
    for executor in [Executor::Processor, Executor::SoftwareDevice] {
        for (width, height) in [(1280, 720), (1920, 1080)] {
            for (label, case) in CASES {
                let mut compositor = match FrameCompositor::open(executor) {
                    Ok(compositor) => compositor,
                    Err(error) => {
                        println!("{executor:?}: {error:?}");
                        continue;
                    }
                };
                let frames = if executor == Executor::Processor { 96 } else { 16 };
                // Once for fonts, tables and pipelines; of a frame that is not measured.
                let _ = compositor.render_video(&case(60, width, height), &mut pictures);
                let (started, before) = (Instant::now(), processor_ms());
                for frame in 0..frames {
                    compositor.render_video(&case(frame, width, height), &mut pictures).expect("renders");
                }
                let each = started.elapsed().as_secs_f64() * 1000.0 / frames as f64;
                let work = (processor_ms() - before) / frames as f64;
                let name = compositor.device_name();
                println!("{name:<34} {width:>4}×{height:<4} {each:>7.2} ms, {work:>7.2} ms of processors  {label}");
                if let Some(folder) = folder.as_ref().filter(|_| executor == Executor::Processor) {
                    let pixels = compositor.render(&case(5, width, height), &mut pictures).expect("renders");
                    let file = format!("{height}-{}.png", label.replace([' ', ',', '…'], "_"));
                    let path = std::path::Path::new(folder).join(file);
                    image::save_buffer(path, &pixels.rgba, width, height, image::ColorType::Rgba8).expect("written");
                }
            }
        }
    }
}
