//! Laying one picture over another: normal, multiply, screen, add.
//!
//! Premultiplied, in the working space as displayed. A layer that is transparent changes nothing in any mode.
//! `whole[0]` is the mode; the layer is the first texture, the canvas below it the second.

use crate::pass::Row;
use crate::wide::wide;
use crate::{Shader, shader};

pub const SHADER: Shader = shader!("blend", "blend.wgsl");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Normal = 0,
    Multiply = 1,
    Screen = 2,
    Add = 3,
}

/// Lays `layer` over `canvas`.
pub fn row(mode: Mode, layer: &Row, canvas: &mut Row) {
    let Row { red, green, blue, alpha } = canvas;
    for (over, under) in [(&layer.red, red), (&layer.green, green), (&layer.blue, blue)] {
        match mode {
            Mode::Normal => normal(over, &layer.alpha, under),
            Mode::Multiply => multiply(over, &layer.alpha, under, alpha),
            Mode::Screen => screen(over, under),
            Mode::Add => add(over, under),
        }
    }
    match mode {
        Mode::Add => add(&layer.alpha, alpha),
        _ => screen(&layer.alpha, alpha),
    }
}

wide! {
    fn normal(over: &[f32], over_alpha: &[f32], under: &mut [f32]) {
        for ((under, over), alpha) in under.iter_mut().zip(over).zip(over_alpha) {
            *under = over + *under * (1.0 - alpha);
        }
    }
}

wide! {
    fn multiply(over: &[f32], over_alpha: &[f32], under: &mut [f32], under_alpha: &[f32]) {
        for (((under, over), alpha), below) in under.iter_mut().zip(over).zip(over_alpha).zip(under_alpha) {
            *under = over * *under + over * (1.0 - below) + *under * (1.0 - alpha);
        }
    }
}

wide! {
    fn screen(over: &[f32], under: &mut [f32]) {
        for (under, over) in under.iter_mut().zip(over) {
            *under = over + *under * (1.0 - over);
        }
    }
}

wide! {
    fn add(over: &[f32], under: &mut [f32]) {
        for (under, over) in under.iter_mut().zip(over) {
            *under = (*under + over).min(1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transparent_layer_changes_nothing() {
        let canvas = Row { red: vec![0.3; 8], green: vec![0.6; 8], blue: vec![0.9; 8], alpha: vec![1.0; 8] };
        for mode in [Mode::Normal, Mode::Multiply, Mode::Screen, Mode::Add] {
            let mut under = canvas.clone();
            row(mode, &Row::new(8), &mut under);
            assert_eq!(under, canvas, "{mode:?}");
        }
    }
}
