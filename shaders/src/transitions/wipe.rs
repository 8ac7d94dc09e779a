//! Wipe: a straight edge uncovers the second picture.
//!
//! Angle 0 moves from left to right, 90 from top to bottom. The edge is never harder than a pixel and a half, so that it has no
//! stairs. `prepare` leaves direction, extent and edge in values 8…11.

use super::{Transition, mix_by_mask, same_row};
use crate::declare::Kind;
use crate::effects::ramp;
use crate::pass::{Pass, Row};
use crate::wide::wide;
use crate::{Declaration, Parameter, shader};

pub const TRANSITION: Transition = Transition {
    declaration: &Declaration {
        kind: "wipe",
        label: "Wipe",
        help: "An edge crosses the frame and uncovers the second picture.",
        parameters: &[
            Parameter::number("angle", "Angle", 0.0, 360.0, 0.0).unit("°").kind(Kind::Angle),
            Parameter::number("softness", "Softness", 0.0, 1.0, 0.05),
        ],
    },
    shader: Some(shader!(up "wipe", "wipe.wgsl")),
    prepare,
    reach: same_row,
    twin,
    bytes: None,
};

fn prepare(pass: &mut Pass) {
    let [angle, softness, ..] = pass.values;
    let (sine, cosine) = angle.to_radians().sin_cos();
    let extent = (pass.size[0] * cosine.abs() + pass.size[1] * sine.abs()).max(1.0);
    pass.values[8] = cosine / extent;
    pass.values[9] = sine / extent;
    pass.values[10] = softness.max(1.5 / extent);
}

fn twin(pass: &Pass, y: usize, from: &Row, to: &Row, out: &mut Row) {
    let mut mask = vec![0.0; from.width()];
    edge(pass, y as f32 + 0.5, &mut mask);
    mix_by_mask(from, to, &mask, out);
}

wide! {
    fn edge(pass: &Pass, y: f32, mask: &mut [f32]) {
        let (dx, dy, soft) = (pass.values[8], pass.values[9], pass.values[10]);
        let reached = pass.amount * (1.0 + soft);
        for (x, m) in mask.iter_mut().enumerate() {
            let x = x as i32 as f32 + 0.5;
            let along = (x - pass.size[0] * 0.5) * dx + (y - pass.size[1] * 0.5) * dy + 0.5;
            *m = ramp(0.0, soft, reached - along);
        }
    }
}
