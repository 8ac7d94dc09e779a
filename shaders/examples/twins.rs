//! How long each twin takes on one core, in nanoseconds a pixel: `cargo run -p kinora-shaders --example twins`.
//!
//! The figures that matter when a loop stops filling registers: anything over two or three is worth a look.
#![allow(clippy::print_stdout, reason = "it is a report")]

use kinora_shaders::scale::{Scaling, scale};
use kinora_shaders::{Pass, Picture, Row, blend, effects, output, place, transitions};
use std::time::Instant;

const WIDTH: usize = 1920;
const ROWS: usize = 400;

fn report(label: &str, pixels: usize, mut run: impl FnMut(usize)) {
    run(0);
    let best = (0..5)
        .map(|_| {
            let started = Instant::now();
            (0..ROWS).for_each(&mut run);
            started.elapsed().as_secs_f64()
        })
        .fold(f64::MAX, f64::min);
    println!("{:>8.2} ns  {label}", best * 1e9 / (pixels * ROWS) as f64);
}

fn main() {
    let grey = Row { red: vec![0.4; WIDTH], green: vec![0.5; WIDTH], blue: vec![0.3; WIDTH], alpha: vec![1.0; WIDTH] };
    let mut out = Row::new(WIDTH);
    for effect in effects() {
        let mut values = effect.declaration.defaults();
        if effect.declaration.kind == "lift_gamma_gain" {
            values[4] = 1.2;
        }
        let mut pass = Pass { values, ..Pass::full_frame(WIDTH as u32, 1080) };
        (effect.prepare)(&mut pass);
        report(effect.declaration.kind, WIDTH, |y| {
            out.clone_from(&grey);
            effect.apply(&pass, y, &mut out);
        });
    }
    for transition in transitions() {
        let mut pass =
            Pass { values: transition.declaration.defaults(), amount: 0.4, ..Pass::full_frame(WIDTH as u32, 1080) };
        (transition.prepare)(&mut pass);
        report(transition.declaration.kind, WIDTH, |y| (transition.twin)(&pass, y, &grey, &grey, &mut out));
    }
    report("blend", WIDTH, |_| blend::row(blend::Mode::Normal, &grey, &mut out));
    let picture = Picture::from_straight_rgba(WIDTH, 1080, &[128; WIDTH * 1080 * 4]).expect("fits");
    let mut pass = Pass::full_frame(WIDTH as u32, 1080);
    pass.whole[0] = 1;
    pass.values[2] = WIDTH as f32;
    pass.values[3] = 1080.0;
    report("place, whole", WIDTH, |y| place::row(&pass, y, &picture, &mut out));
    let mut planes = [vec![0; WIDTH], vec![0; WIDTH], vec![0; WIDTH]];
    let [red, green, blue] = &mut planes;
    report("round", WIDTH, |_| output::frame_row(&grey, red, green, blue));
    let planes: Vec<&[u8]> = picture.planes().iter().take(3).map(Vec::as_slice).collect();
    let frame = |label: &str, run: &mut dyn FnMut()| {
        let best = (0..8)
            .map(|_| {
                let started = Instant::now();
                run();
                started.elapsed().as_secs_f64() * 1e3
            })
            .fold(f64::MAX, f64::min);
        println!("{best:>8.2} ms  {label}, all cores, 1080p");
    };
    if let [red, green, blue] = planes.as_slice() {
        frame("video", &mut || drop(output::video([red, green, blue], WIDTH, 1080, output::Layout::I420)));
    }
    for (width, height) in [(128, 72), (1280, 720), (3840, 2160)] {
        let source =
            Picture::from_straight_rgba(width, height, &[200, 100, 50, 255].repeat(width * height)).expect("fits");
        let scaling = Scaling::fitting((width, height), (WIDTH, 1080));
        frame(&format!("scale from {width}×{height}"), &mut || drop(scale(&source, &scaling)));
    }
}
