//! Dissolve: one picture fades into the other.
//!
//! In the working space as displayed, as editors do it: half way is the mean of the two code values.

use super::{Transition, same_row};
use crate::output::rounded;
use crate::pass::{Pass, Row};
use crate::place::LEVEL;
use crate::wide::wide;
use crate::{Declaration, shader};

pub const TRANSITION: Transition = Transition {
    declaration: &Declaration {
        kind: "dissolve",
        label: "Dissolve",
        help: "One picture fades into the other.",
        parameters: &[],
    },
    shader: Some(shader!(up "dissolve", "dissolve.wgsl")),
    prepare: |_| {},
    reach: same_row,
    twin,
    bytes: Some(|pass, from, to, out| mix_bytes(from, to, pass.amount, out)),
};

fn twin(pass: &Pass, _y: usize, from: &Row, to: &Row, out: &mut Row) {
    for ((from, to), out) in from.channels().into_iter().zip(to.channels()).zip(out.channels_mut()) {
        mix(from, to, pass.amount, out);
    }
}

wide! {
    fn mix(from: &[f32], to: &[f32], amount: f32, out: &mut [f32]) {
        for ((out, from), to) in out.iter_mut().zip(from).zip(to) {
            *out = from * (1.0 - amount) + to * amount;
        }
    }
}

wide! {
    fn mix_bytes(from: &[u8], to: &[u8], amount: f32, out: &mut [u8]) {
        for ((out, from), to) in out.iter_mut().zip(from).zip(to) {
            let (from, to) = (f32::from(*from) * LEVEL, f32::from(*to) * LEVEL);
            *out = rounded(from * (1.0 - amount) + to * amount);
        }
    }
}
