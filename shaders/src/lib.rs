//! Pictures as arithmetic: every effect, transition, scaler and output conversion, twice.
//!
//! Each exists as WGSL for a graphics device and as a Rust twin for the processor; **the twin is the definition of correct** and the
//! device may differ from it by two code values at most. An effect or transition declares its parameters once; knobs come from there.
//! Never here: files, network, clocks, graphics devices, or any other crate of ours.
//!
//! # The working space
//! Colour is BT.709, encoded as displayed (what editors expect of fades, dissolves and blend modes), 0…1, alpha premultiplied.
//! * **Sources** are 8 bits. Scaling, integer placement and the conversion to video are *integer arithmetic*, so that device and twin
//!   give the same bytes, not merely similar ones.
//! * **Between passes** the device holds `rgba16float`; the twin holds `f32` rows. Floating point keeps the error relative, so that a
//!   gamma lift near black cannot turn a rounding difference into a visible one.
//! * **The frame** is rounded once to 8 bits; video is derived from those very bytes. Preview and export therefore share every pixel.

pub mod blend;
pub mod declare;
pub mod effects;
pub mod output;
pub mod pass;
pub mod picture;
pub mod place;
pub mod scale;
pub mod transitions;
mod wide;

pub use declare::{Choice, Declaration, Kind, Parameter};
pub use effects::{Effect, effect, effects};
pub use pass::{Pass, Row};
pub use picture::Picture;
pub use transitions::{Transition, transition, transitions};

/// A complete WGSL module: the shared prelude and one pass.
#[derive(Clone, Copy, Debug)]
pub struct Shader {
    pub name: &'static str,
    pub source: &'static str,
}

/// Builds a [`Shader`] from the prelude and the named file beside the caller.
macro_rules! shader {
    ($name:literal, $file:literal) => {
        $crate::Shader { name: $name, source: concat!(include_str!("prelude.wgsl"), include_str!($file)) }
    };
    (up $name:literal, $file:literal) => {
        $crate::Shader { name: $name, source: concat!(include_str!("../prelude.wgsl"), include_str!($file)) }
    };
}
pub(crate) use shader;

/// Every shader there is: what a device compiles and what the validation test reads.
pub fn shaders() -> Vec<Shader> {
    let mut all = vec![blend::SHADER, place::SHADER, scale::ACROSS, scale::DOWN, output::FRAME, output::VIDEO];
    all.extend(effects().iter().map(|effect| effect.shader));
    all.extend(transitions().iter().filter_map(|transition| transition.shader));
    all
}
