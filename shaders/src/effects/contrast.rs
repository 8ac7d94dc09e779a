//! Contrast about a pivot, and brightness.
//!
//! A straight line through the pivot; what leaves 0…1 is clipped. For anything subtler there is lift, gamma, gain.

use super::{Effect, Needs};
use crate::pass::{Pass, Row};
use crate::wide::wide;
use crate::{Declaration, Parameter, shader};

pub const EFFECT: Effect = Effect {
    declaration: &Declaration {
        kind: "contrast",
        label: "Contrast",
        help: "Spreads light and dark apart, or brings them together.",
        parameters: &[
            Parameter::number("contrast", "Contrast", 0.0, 3.0, 1.0),
            Parameter::number("pivot", "Pivot", 0.0, 1.0, 0.5),
            Parameter::number("brightness", "Brightness", -0.5, 0.5, 0.0),
        ],
    },
    shader: shader!(up "contrast", "contrast.wgsl"),
    prepare: |_| {},
    twin,
    moves: false,
    needs: Needs::Nothing,
};

fn twin(pass: &Pass, _y: usize, row: &mut Row) {
    let [contrast, pivot, brightness, ..] = pass.values;
    for channel in [&mut row.red, &mut row.green, &mut row.blue] {
        line(channel, contrast, pivot, brightness);
    }
}

wide! {
    fn line(values: &mut [f32], contrast: f32, pivot: f32, brightness: f32) {
        for x in values {
            *x = (*x - pivot) * contrast + pivot + brightness;
        }
    }
}
