//! Colour temperature and tint: warmer or cooler, greener or more magenta.
//!
//! Gains per channel, scaled so that grey keeps its luma: warming a picture does not brighten it.

use super::{Effect, Needs, luma};
use crate::pass::{Pass, Row};
use crate::wide::wide;
use crate::{Declaration, Parameter, shader};

pub const EFFECT: Effect = Effect {
    declaration: &Declaration {
        kind: "temperature",
        label: "Temperature",
        help: "Warmer or cooler light; tint goes from green to magenta.",
        parameters: &[
            Parameter::number("temperature", "Temperature", -1.0, 1.0, 0.0),
            Parameter::number("tint", "Tint", -1.0, 1.0, 0.0),
        ],
    },
    shader: shader!(up "temperature", "temperature.wgsl"),
    prepare: |_| {},
    twin,
    moves: false,
    needs: Needs::Nothing,
};

fn twin(pass: &Pass, _y: usize, row: &mut Row) {
    let [temperature, tint, ..] = pass.values;
    let gains = [1.0 + 0.3 * temperature, 1.0 - 0.2 * tint, 1.0 - 0.3 * temperature];
    let keep = 1.0 / luma(gains[0], gains[1], gains[2]);
    for (channel, gain) in [&mut row.red, &mut row.green, &mut row.blue].into_iter().zip(gains) {
        scale(channel, gain * keep);
    }
}

wide! {
    fn scale(values: &mut [f32], gain: f32) {
        for x in values {
            *x *= gain;
        }
    }
}
