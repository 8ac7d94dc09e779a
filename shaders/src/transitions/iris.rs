//! Iris: a circle opens on the second picture.
//!
//! The circle is round in pixels, whatever the frame's shape, and its edge never harder than a pixel and a half.
//! `prepare` leaves centre, radius and edge, in pixels, in values 8…11.

use super::{Transition, mix_by_mask, same_row};
use crate::effects::ramp;
use crate::pass::{Pass, Row};
use crate::wide::wide;
use crate::{Declaration, Parameter, shader};

pub const TRANSITION: Transition = Transition {
    declaration: &Declaration {
        kind: "iris",
        label: "Iris",
        help: "A circle opens on the second picture.",
        parameters: &[
            Parameter::number("centre_x", "Centre, across", 0.0, 1.0, 0.5),
            Parameter::number("centre_y", "Centre, down", 0.0, 1.0, 0.5),
            Parameter::number("softness", "Softness", 0.0, 1.0, 0.05),
        ],
    },
    shader: Some(shader!(up "iris", "iris.wgsl")),
    prepare,
    reach: same_row,
    twin,
    bytes: None,
};

fn prepare(pass: &mut Pass) {
    let [centre_x, centre_y, softness, ..] = pass.values;
    let [width, height] = pass.size;
    let (x, y) = (centre_x * width, centre_y * height);
    let farthest = x.max(width - x).hypot(y.max(height - y)).max(1.0);
    let soft = (softness * farthest).max(1.5);
    pass.values[8] = x;
    pass.values[9] = y;
    pass.values[10] = pass.amount * (farthest + soft);
    pass.values[11] = soft;
}

fn twin(pass: &Pass, y: usize, from: &Row, to: &Row, out: &mut Row) {
    let mut mask = vec![0.0; from.width()];
    circle(pass, y as f32 + 0.5, &mut mask);
    mix_by_mask(from, to, &mask, out);
}

wide! {
    fn circle(pass: &Pass, y: f32, mask: &mut [f32]) {
        let (centre_x, centre_y, radius, soft) = (pass.values[8], pass.values[9], pass.values[10], pass.values[11]);
        let dy = y - centre_y;
        for (x, m) in mask.iter_mut().enumerate() {
            let dx = x as i32 as f32 + 0.5 - centre_x;
            *m = ramp(0.0, soft, radius - (dx * dx + dy * dy).sqrt());
        }
    }
}
