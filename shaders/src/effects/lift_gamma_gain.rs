//! Lift, gamma, gain: the colourist's three wheels.
//!
//! Lift moves black and leaves white, gain moves white and leaves black, gamma bends what lies between. Each has a master and one
//! offset (lift) or factor (gamma, gain) per channel.

use super::{Effect, Needs, power};
use crate::pass::{Pass, Row};
use crate::wide::wide;
use crate::{Declaration, Parameter, shader};

pub const EFFECT: Effect = Effect {
    declaration: &Declaration {
        kind: "lift_gamma_gain",
        label: "Lift, gamma, gain",
        help: "Shadows, middle tones and highlights, together and per colour.",
        parameters: &[
            Parameter::number("lift", "Lift", -0.5, 0.5, 0.0),
            Parameter::number("lift_red", "Lift red", -0.25, 0.25, 0.0),
            Parameter::number("lift_green", "Lift green", -0.25, 0.25, 0.0),
            Parameter::number("lift_blue", "Lift blue", -0.25, 0.25, 0.0),
            Parameter::number("gamma", "Gamma", 0.25, 4.0, 1.0),
            Parameter::number("gamma_red", "Gamma red", 0.5, 2.0, 1.0),
            Parameter::number("gamma_green", "Gamma green", 0.5, 2.0, 1.0),
            Parameter::number("gamma_blue", "Gamma blue", 0.5, 2.0, 1.0),
            Parameter::number("gain", "Gain", 0.0, 4.0, 1.0),
            Parameter::number("gain_red", "Gain red", 0.5, 2.0, 1.0),
            Parameter::number("gain_green", "Gain green", 0.5, 2.0, 1.0),
            Parameter::number("gain_blue", "Gain blue", 0.5, 2.0, 1.0),
        ],
    },
    shader: shader!(up "lift_gamma_gain", "lift_gamma_gain.wgsl"),
    prepare: |_| {},
    twin,
    moves: false,
    needs: Needs::Nothing,
};

fn twin(pass: &Pass, _y: usize, row: &mut Row) {
    let [lift, lift_r, lift_g, lift_b, gamma, gamma_r, gamma_g, gamma_b, gain, gain_r, gain_g, gain_b, ..] =
        pass.values;
    channel(&mut row.red, lift + lift_r, gamma * gamma_r, gain * gain_r);
    channel(&mut row.green, lift + lift_g, gamma * gamma_g, gain * gain_g);
    channel(&mut row.blue, lift + lift_b, gamma * gamma_b, gain * gain_b);
}

fn channel(values: &mut [f32], lift: f32, gamma: f32, gain: f32) {
    if gamma == 1.0 {
        linear(values, lift, gain);
    } else {
        curved(values, lift, 1.0 / gamma.max(1e-3), gain);
    }
}

wide! {
    fn linear(values: &mut [f32], lift: f32, gain: f32) {
        for x in values {
            *x = gain * (*x + lift * (1.0 - *x));
        }
    }
}

wide! {
    fn curved(values: &mut [f32], lift: f32, exponent: f32, gain: f32) {
        for x in values {
            *x = power((gain * (*x + lift * (1.0 - *x))).clamp(0.0, 1.0), exponent);
        }
    }
}
