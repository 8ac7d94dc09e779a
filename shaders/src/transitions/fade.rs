//! Fade through black: out of one picture into black, out of black into the other.
//!
//! `brightness` makes the middle grey or white instead. The middle is opaque, also where a picture is transparent.

use super::{Reach, Transition};
use crate::output::rounded;
use crate::pass::{Pass, Row};
use crate::place::LEVEL;
use crate::wide::wide;
use crate::{Declaration, Parameter, shader};

pub const TRANSITION: Transition = Transition {
    declaration: &Declaration {
        kind: "fade_through_black",
        label: "Fade through black",
        help: "Out to black, and in again.",
        parameters: &[Parameter::number("brightness", "Brightness", 0.0, 1.0, 0.0)],
    },
    shader: Some(shader!(up "fade_through_black", "fade.wgsl")),
    prepare: |_| {},
    reach: |pass, y| {
        if pass.amount < 0.5 { Reach { from: Some(y), to: None } } else { Reach { from: None, to: Some(y) } }
    },
    twin,
    bytes: Some(bytes),
};

/// How much of the middle is seen.
fn middle(pass: &Pass) -> f32 {
    1.0 - (2.0 * pass.amount - 1.0).abs()
}

fn bytes(pass: &Pass, from: &[u8], to: &[u8], out: &mut [u8]) {
    let middle = middle(pass);
    fade_bytes(if pass.amount < 0.5 { from } else { to }, 1.0 - middle, pass.values[0] * middle, out);
}

fn twin(pass: &Pass, _y: usize, from: &Row, to: &Row, out: &mut Row) {
    let picture = if pass.amount < 0.5 { from } else { to };
    let middle = middle(pass);
    let brightness = pass.values[0] * middle;
    for ((channel, out), add) in
        picture.channels().into_iter().zip(out.channels_mut()).zip([brightness, brightness, brightness, middle])
    {
        fade(channel, 1.0 - middle, add, out);
    }
}

wide! {
    fn fade(channel: &[f32], keep: f32, add: f32, out: &mut [f32]) {
        for (out, x) in out.iter_mut().zip(channel) {
            *out = x * keep + add;
        }
    }
}

wide! {
    fn fade_bytes(channel: &[u8], keep: f32, add: f32, out: &mut [u8]) {
        for (out, x) in out.iter_mut().zip(channel) {
            *out = rounded(f32::from(*x) * LEVEL * keep + add);
        }
    }
}
