//! Vignette: the corners of the layer grow dark (or light).
//!
//! Distance is measured in the layer's own space, so that a picture in picture has its own corners.
//! `roundness` 0 follows the layer's shape, 1 is a circle (whole[0], whole[1]: the layer's width and height).

use super::{Effect, Needs, smooth_ramp};
use crate::pass::{Pass, Row};
use crate::wide::wide;
use crate::{Declaration, Parameter, shader};

pub const EFFECT: Effect = Effect {
    declaration: &Declaration {
        kind: "vignette",
        label: "Vignette",
        help: "Darkens the corners, as an old lens does; negative amounts lighten them.",
        parameters: &[
            Parameter::number("amount", "Amount", -1.0, 1.0, 0.5),
            Parameter::number("radius", "Radius", 0.0, 1.5, 0.6),
            Parameter::number("softness", "Softness", 0.01, 1.5, 0.6),
            Parameter::number("roundness", "Roundness", 0.0, 1.0, 0.0),
        ],
    },
    shader: shader!(up "vignette", "vignette.wgsl"),
    prepare: |_| {},
    twin,
    moves: false,
    needs: Needs::Nothing,
};

fn twin(pass: &Pass, y: usize, row: &mut Row) {
    darken(pass, y as f32 + 0.5, &mut row.red, &mut row.green, &mut row.blue);
}

wide! {
    fn darken(pass: &Pass, y: f32, red: &mut [f32], green: &mut [f32], blue: &mut [f32]) {
        let [amount, radius, softness, roundness, ..] = pass.values;
        let (width, height) = (pass.whole[0].max(1) as f32, pass.whole[1].max(1) as f32);
        let long = width.max(height);
        // Half of the layer's extent in each direction; together with 2√½ the corner is at distance 1.
        let (fx, fy) = (1.0 + (width / long - 1.0) * roundness, 1.0 + (height / long - 1.0) * roundness);
        for (x, ((red, green), blue)) in red.iter_mut().zip(green).zip(blue).enumerate() {
            let (u, v) = pass.at(x as i32 as f32 + 0.5, y);
            let (u, v) = ((u - 0.5) * fx, (v - 0.5) * fy);
            let distance = (u * u + v * v).sqrt() * std::f32::consts::SQRT_2;
            let keep = 1.0 - amount * smooth_ramp(radius, radius + softness, distance);
            *red *= keep;
            *green *= keep;
            *blue *= keep;
        }
    }
}
