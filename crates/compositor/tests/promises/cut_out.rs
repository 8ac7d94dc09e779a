//! A person cut out of their surroundings, held against the matte that is known because the person is drawn.
//!
//! The figure talks, sways and has soft edges; the camera has noise and uneven light. `KINORA_LOOK=FOLDER` writes the pictures, with the
//! edges at 200 %, for a person to look at.

use crate::studio::*;
use kinora_document::plan::{Layer, Picture, PictureSource};
use kinora_ports::Pixels;
use std::path::Path;
use std::sync::Arc;

const WIDTH: u32 = 640;
const HEIGHT: u32 = 360;
/// Samples in each direction of a pixel, for edges as a lens makes them.
const FINE: u32 = 4;
const FRAMES: u32 = 4;
const MOST_OFF: f64 = 0.03;
/// On pixels that are part figure, part not: a fifth of a pixel of shift.
const MOST_OFF_AT_EDGES: f64 = 0.2;

fn inside_ellipse(x: f32, y: f32, centre: (f32, f32), radii: (f32, f32)) -> bool {
    ((x - centre.0) / radii.0).powi(2) + ((y - centre.1) / radii.1).powi(2) < 1.0
}

/// The figure at a point of a picture that is 16 wide and 9 high; None where it is not.
fn figure(x: f32, y: f32, frame: u32) -> Option<[f32; 3]> {
    let sway = (frame as f32 * 0.9).sin() * 0.25;
    let x = x - sway * (9.0 - y) / 9.0;
    let mouth = 0.08 + 0.12 * (frame as f32 * 1.7).sin().abs();
    let (skin, hair, shirt) = ([214.0, 164.0, 138.0], [62.0, 44.0, 36.0], [58.0, 74.0, 128.0]);
    let head = inside_ellipse(x, y, (8.0, 3.2), (1.15, 1.5));
    let eyes = [7.55, 8.45].iter().any(|&at| inside_ellipse(x, y, (at, 3.0), (0.13, 0.09)));
    let locks = (0..9).any(|lock| {
        let at = 6.9 + lock as f32 * 0.28;
        inside_ellipse(x, y, (at, 2.0 + (lock as f32 * 1.9).sin().abs() * 0.3), (0.16, 0.75))
    });
    if inside_ellipse(x, y, (8.0, 3.95), (0.36, mouth)) {
        Some([96.0, 32.0, 36.0])
    } else if eyes {
        Some([36.0, 30.0, 32.0])
    } else if y < 2.4 && (inside_ellipse(x, y, (8.0, 3.1), (1.35, 1.75)) || locks) {
        Some(hair)
    } else if head {
        let light = 1.0 - 0.16 * (x - 8.0);
        Some(skin.map(|value| value * light))
    } else if inside_ellipse(x, y, (8.0, 8.9), (3.3, 3.6)) {
        let fold = 1.0 + 0.12 * (x * 5.0 + y).sin();
        Some(shirt.map(|value| value * fold))
    } else if (x - 8.0).abs() < 0.55 && (4.0..6.2).contains(&y) {
        Some(skin.map(|value| value * 0.86))
    } else {
        None
    }
}

/// A green wall, lit from one side.
fn wall(x: f32, y: f32) -> [f32; 3] {
    let light = 1.08 - 0.018 * x - 0.012 * y;
    [28.0 * light, 176.0 * light, 62.0 * light]
}

/// A room: a pale wall, a shelf with books, a plant.
fn room(x: f32, y: f32) -> [f32; 3] {
    if (1.0..5.2).contains(&x) && (2.0..6.5).contains(&y) {
        let book = ((x * 3.0) as i32 * 37 + (y / 1.5) as i32 * 91) % 5;
        return [
            [150.0, 60.0, 52.0],
            [190.0, 170.0, 96.0],
            [70.0, 120.0, 90.0],
            [110.0, 90.0, 140.0],
            [60.0, 50.0, 44.0],
        ][book.unsigned_abs() as usize];
    }
    if inside_ellipse(x, y, (13.2, 5.0), (1.6, 2.6)) {
        return [70.0, 130.0 + 30.0 * (x * 7.0).sin(), 66.0];
    }
    [206.0 - 4.0 * y, 198.0 - 3.0 * y, 182.0 - 3.0 * y]
}

/// Two to three code values either way, as cameras have.
fn noise(x: u32, y: u32, channel: u32, frame: u32) -> f32 {
    let mut seed =
        x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca6b) ^ (channel + frame * 3).wrapping_mul(0xc2b2_ae35);
    seed ^= seed >> 15;
    seed = seed.wrapping_mul(0x2c1b_3c6d);
    seed ^= seed >> 12;
    (seed % 1000) as f32 / 1000.0 * 5.0 - 2.5
}

/// What the camera sees, and how much of each pixel is figure.
fn seen(behind: fn(f32, f32) -> [f32; 3], frame: Option<u32>) -> (Pixels, Vec<f64>) {
    let mut pixels = Pixels::new(WIDTH, HEIGHT);
    let mut matte = Vec::new();
    for (at, pixel) in (0u32..).zip(pixels.rgba.as_chunks_mut::<4>().0) {
        let (column, row) = (at % WIDTH, at / WIDTH);
        let (mut colour, mut covered) = ([0.0f32; 3], 0u32);
        for fine in 0..FINE * FINE {
            let x = (column as f32 + (fine % FINE) as f32 / FINE as f32) * 16.0 / WIDTH as f32;
            let y = (row as f32 + (fine / FINE) as f32 / FINE as f32) * 9.0 / HEIGHT as f32;
            let person = frame.and_then(|frame| figure(x, y, frame));
            covered += u32::from(person.is_some());
            for (sum, value) in colour.iter_mut().zip(person.unwrap_or_else(|| behind(x, y))) {
                *sum += value;
            }
        }
        let samples = (FINE * FINE) as f32;
        let of = |channel: u32| {
            let value = colour[channel as usize] / samples + noise(column, row, channel, frame.unwrap_or(99));
            value.round().clamp(0.0, 255.0) as u8
        };
        *pixel = [of(0), of(1), of(2), 255];
        matte.push(f64::from(covered) / f64::from(FINE * FINE));
    }
    (pixels, matte)
}

fn cut(kind: &str, frame: u32) -> Picture {
    with_effect(movie(20, frame), kind, &[("key_red", 0.11), ("key_green", 0.67), ("key_blue", 0.24)])
}

/// The cut-out over a colour.
fn over(kind: &str, album: &mut Album, frame: u32, colour: [u8; 3]) -> Pixels {
    let layers = vec![Layer::Picture(source(PictureSource::Colour(colour))), Layer::Picture(cut(kind, frame))];
    (*processor_render(&plan(WIDTH, HEIGHT, layers), album)).clone()
}

fn processor_render(plan: &kinora_document::plan::FramePlan, album: &mut Album) -> Arc<Pixels> {
    use kinora_compositor::Compositor;
    processor().render(plan, album).expect("renders")
}

/// Opacity of the cut-out, from what shows through of black and of white.
fn matte(kind: &str, album: &mut Album, frame: u32) -> Vec<f64> {
    let (black, white) = (over(kind, album, frame, [0; 3]), over(kind, album, frame, [255; 3]));
    let pixels = black.rgba.as_chunks::<4>().0.iter().zip(white.rgba.as_chunks::<4>().0);
    pixels.map(|(dark, light)| 1.0 - (f64::from(light[1]) - f64::from(dark[1])) / 255.0).collect()
}

fn filmed(behind: fn(f32, f32) -> [f32; 3]) -> (Album, Vec<Vec<f64>>) {
    let mut album = album();
    // What effects of these tests take as their plate.
    album.pictures.insert((name(2), 0), Arc::new(seen(behind, None).0));
    let mattes = (0..FRAMES).map(|frame| {
        let (pixels, matte) = seen(behind, Some(frame));
        album.pictures.insert((name(20), frame), Arc::new(pixels));
        matte
    });
    let mattes = mattes.collect();
    (album, mattes)
}

/// The whole and, beside it, an edge at 200 %.
fn look(name: &str, pixels: &Pixels) {
    let Some(folder) = std::env::var_os("KINORA_LOOK") else { return };
    let mut out = Pixels::new(WIDTH * 2, HEIGHT);
    for (at, pixel) in (0u32..).zip(out.rgba.as_chunks_mut::<4>().0) {
        let (x, y) = (at % (WIDTH * 2), at / (WIDTH * 2));
        let (x, y) = if x < WIDTH { (x, y) } else { ((x - WIDTH) / 2 + 180, y / 2 + 30) };
        *pixel = pixels.rgba.as_chunks::<4>().0[(y * WIDTH + x) as usize];
    }
    let path = Path::new(&folder).join(format!("{name}.png"));
    image::save_buffer(path, &out.rgba, out.width, out.height, image::ColorType::Rgba8).expect("written");
}

#[allow(clippy::print_stdout, reason = "it tells what it measured")]
fn holds(kind: &str, behind: fn(f32, f32) -> [f32; 3]) {
    let (mut album, mattes) = filmed(behind);
    let (mut off, mut at_edges, mut edges) = (0.0, 0.0, 0u32);
    for (frame, truth) in (0..FRAMES).zip(&mattes) {
        let found = matte(kind, &mut album, frame);
        for (found, truth) in found.iter().zip(truth) {
            off += (found - truth).abs();
            if (0.01..0.99).contains(truth) {
                at_edges += (found - truth).abs();
                edges += 1;
            }
        }
        let whole: Vec<Layer> =
            vec![Layer::Picture(source(PictureSource::Colour([196, 120, 60]))), Layer::Picture(cut(kind, frame))];
        look(&format!("{kind}-{frame}"), &processor_render(&plan(WIDTH, HEIGHT, whole), &mut album));
        let grey = found.iter().flat_map(|alpha| [(alpha * 255.0) as u8; 3].into_iter().chain([255])).collect();
        look(&format!("{kind}-{frame}-matte"), &Pixels { width: WIDTH, height: HEIGHT, rgba: grey });
    }
    let off = off / f64::from(WIDTH * HEIGHT * FRAMES);
    println!("{kind}: off by {off:.4} in the mean, by {:.3} at edges", at_edges / f64::from(edges));
    assert!(off <= MOST_OFF, "{kind}: the matte is off by {off:.4} in the mean");
    assert!(
        at_edges / f64::from(edges) <= MOST_OFF_AT_EDGES,
        "{kind}: edges are off by {:.3}",
        at_edges / f64::from(edges)
    );
}

#[test]
fn a_talking_figure_before_a_green_wall_is_cut_out_to_its_true_matte() {
    holds("chroma_key", wall);
}

#[test]
fn a_talking_figure_in_a_room_is_cut_out_by_a_picture_of_the_empty_room() {
    holds("clean_plate", room);
}

#[test]
fn without_its_plate_a_layer_stays_as_it_is() {
    let (mut album, _) = filmed(room);
    let mut picture = cut("clean_plate", 0);
    picture.effects[0].plate = None;
    let plain = processor_render(&plan(WIDTH, HEIGHT, vec![Layer::Picture(movie(20, 0))]), &mut album);
    assert_eq!(processor_render(&plan(WIDTH, HEIGHT, vec![Layer::Picture(picture)]), &mut album), plain);
}
