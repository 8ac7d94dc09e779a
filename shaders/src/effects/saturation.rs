//! Saturation: away from grey, or towards it.
//!
//! Grey is BT.709 luma, so that a face keeps its brightness when its colour goes.

use super::{Effect, Needs, luma};
use crate::pass::{Pass, Row};
use crate::wide::wide;
use crate::{Declaration, Parameter, shader};

pub const EFFECT: Effect = Effect {
    declaration: &Declaration {
        kind: "saturation",
        label: "Saturation",
        help: "0 is black and white, 1 leaves the colours, 2 doubles them.",
        parameters: &[Parameter::number("saturation", "Saturation", 0.0, 3.0, 1.0)],
    },
    shader: shader!(up "saturation", "saturation.wgsl"),
    prepare: |_| {},
    twin,
    moves: false,
    needs: Needs::Nothing,
};

fn twin(pass: &Pass, _y: usize, row: &mut Row) {
    let [saturation, ..] = pass.values;
    mix(&mut row.red, &mut row.green, &mut row.blue, saturation);
}

wide! {
    fn mix(red: &mut [f32], green: &mut [f32], blue: &mut [f32], saturation: f32) {
        for ((red, green), blue) in red.iter_mut().zip(green).zip(blue) {
            let grey = luma(*red, *green, *blue);
            *red = grey + (*red - grey) * saturation;
            *green = grey + (*green - grey) * saturation;
            *blue = grey + (*blue - grey) * saturation;
        }
    }
}
