//! Film grain: noise from pixel, frame number and seed, and from nothing else.
//!
//! The same frame has the same grain on every machine: cells and hash are whole-number arithmetic. Two layers of cells, the second
//! twice as coarse, keep it from looking like a grid; it is strongest in the middle tones, as on film.
//! `prepare` leaves 65536 / cell size in `whole[2]`; `size` follows the frame's height, so that grain looks alike at each size.

use super::{Effect, Needs, luma};
use crate::pass::{Pass, Row};
use crate::wide::wide;
use crate::{Declaration, Parameter, shader};

pub const EFFECT: Effect = Effect {
    declaration: &Declaration {
        kind: "grain",
        label: "Film grain",
        help: "Fine noise that changes with each frame.",
        parameters: &[
            Parameter::number("amount", "Amount", 0.0, 1.0, 0.25),
            Parameter::number("size", "Size", 1.0, 4.0, 1.3).unit("px"),
            Parameter::number("colour", "Colour", 0.0, 1.0, 0.2),
            Parameter::number("seed", "Seed", 0.0, 999.0, 0.0),
        ],
    },
    shader: shader!(up "grain", "grain.wgsl"),
    prepare: |pass| pass.whole[2] = cell_reciprocal(pass.values[1], pass.size[1]),
    twin,
    moves: true,
    needs: Needs::Nothing,
};

/// Lines of the frame for which `size` is in pixels.
const REFERENCE_LINES: f32 = 1080.0;

fn cell_reciprocal(size: f32, frame_height: f32) -> i32 {
    (65536.0 / (size * frame_height / REFERENCE_LINES).max(1.0)).round() as i32
}

fn twin(pass: &Pass, y: usize, row: &mut Row) {
    let seed = pass.values[3] as i32 as u32;
    let reciprocal = pass.whole[2].clamp(1, 65536) as u32;
    let fine_y = (y as u32).wrapping_mul(reciprocal) >> 16;
    let coarse_y = (y as u32).wrapping_mul(reciprocal) >> 17;
    let base = pass.frame.wrapping_mul(0xc2b2_ae3d) ^ seed.wrapping_mul(0x27d4_eb2f);
    let lines = Lines {
        fine: base ^ fine_y.wrapping_mul(0x85eb_ca77),
        coarse: base ^ coarse_y.wrapping_mul(0x85eb_ca77) ^ 0x5bd1_e995,
        reciprocal,
        amount: pass.values[0],
        colour: pass.values[2],
    };
    scatter(&lines, &mut row.red, &mut row.green, &mut row.blue);
}

struct Lines {
    fine: u32,
    coarse: u32,
    reciprocal: u32,
    amount: f32,
    colour: f32,
}

#[inline(always)]
fn hash(line: u32, cell: u32) -> u32 {
    let mut h = line ^ cell.wrapping_mul(0x9e37_79b1);
    h ^= h >> 16;
    h = h.wrapping_mul(0x7feb_352d);
    h ^= h >> 15;
    h = h.wrapping_mul(0x846c_a68b);
    h ^ (h >> 16)
}

/// Near a normal distribution: a sum of four bytes, mean 0, within ±2.
#[inline(always)]
fn bell(h: u32) -> f32 {
    let sum = (h & 255) + ((h >> 8) & 255) + ((h >> 16) & 255) + (h >> 24);
    (sum as i32 - 510) as f32 * (1.0 / 255.0)
}

/// A signed number within ±1, from six bits of the hash.
#[inline(always)]
fn bits(h: u32, shift: u32) -> f32 {
    (((h >> shift) & 63) as i32 * 2 - 63) as f32 * (1.0 / 63.0)
}

wide! {
    fn scatter(lines: &Lines, red: &mut [f32], green: &mut [f32], blue: &mut [f32]) {
        for (x, ((red, green), blue)) in red.iter_mut().zip(green).zip(blue).enumerate() {
            let scaled = (x as u32).wrapping_mul(lines.reciprocal);
            let fine = hash(lines.fine, scaled >> 16);
            let coarse = hash(lines.coarse, scaled >> 17);
            let noise = bell(fine) + 0.5 * bell(coarse);
            let grey = luma(*red, *green, *blue).clamp(0.0, 1.0);
            let strength = lines.amount * 0.16 * (0.25 + 3.0 * grey * (1.0 - grey));
            *red += strength * (noise + lines.colour * bits(fine, 3));
            *green += strength * (noise + lines.colour * bits(fine, 13));
            *blue += strength * (noise + lines.colour * bits(fine, 23));
        }
    }
}
