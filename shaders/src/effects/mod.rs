//! Effects on one layer, pixel by pixel.
//!
//! One file per effect and its WGSL beside it; a new one adds two files and one line in [`EFFECTS`]. A twin gets one row of
//! straight colour; [`Effect::apply`] takes care of alpha. What looks at other pixels, or at a second picture, says so by [`Needs`] and
//! gets those rows; it then owns alpha, too.

pub mod contrast;
pub mod cut_out;
pub mod grain;
pub mod lift_gamma_gain;
pub mod saturation;
pub mod temperature;
pub mod vignette;

use crate::pass::{Pass, Row};
use crate::wide::wide;
use crate::{Declaration, Shader};

#[derive(Clone, Copy, Debug)]
pub struct Effect {
    pub declaration: &'static Declaration,
    pub shader: Shader,
    /// Derives from size and values what both shader and twin need.
    pub prepare: fn(&mut Pass),
    /// Changes row `y`, which holds straight colour; the result need not be within 0…1.
    pub twin: fn(&Pass, usize, &mut Row),
    /// Looks different on each frame even when its parameters stay.
    pub moves: bool,
    pub needs: Needs,
}

/// What an effect looks at besides the pixel itself.
#[derive(Clone, Copy, Debug)]
pub enum Needs {
    Nothing,
    /// [`cut_out::REACH`] rows and columns on each side and, when `plate`, another picture that is placed as the layer is.
    Around {
        plate: bool,
        twin: AroundTwin,
    },
}

/// Fills the row from the rows around it.
pub type AroundTwin = fn(&Pass, usize, &Around<'_>, &mut Row);

/// Rows of premultiplied colour from [`cut_out::REACH`] above to as many below, those beyond the frame being its last.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    pub rows: &'a [Row],
    /// The same rows of the plate; empty when the effect needs none or there is none.
    pub plates: &'a [Row],
}

static EFFECTS: [Effect; 8] = [
    lift_gamma_gain::EFFECT,
    contrast::EFFECT,
    saturation::EFFECT,
    temperature::EFFECT,
    vignette::EFFECT,
    grain::EFFECT,
    cut_out::CHROMA_KEY,
    cut_out::CLEAN_PLATE,
];

/// All effects, in the order in which a menu shows them.
pub fn effects() -> &'static [Effect] {
    &EFFECTS
}

pub fn effect(kind: &str) -> Option<&'static Effect> {
    effects().iter().find(|effect| effect.declaration.kind == kind)
}

impl Effect {
    /// The twin of the whole pass on row `y` of premultiplied colour.
    pub fn apply(&self, pass: &Pass, y: usize, row: &mut Row) {
        let opaque = row.is_opaque();
        if !opaque {
            let Row { red, green, blue, alpha } = row;
            for channel in [red, green, blue] {
                make_straight(channel, alpha);
            }
        }
        (self.twin)(pass, y, row);
        let Row { red, green, blue, alpha } = row;
        for channel in [red, green, blue] {
            if opaque {
                clamp(channel);
            } else {
                premultiply(channel, alpha);
            }
        }
    }
}

wide! {
    fn make_straight(channel: &mut [f32], alpha: &[f32]) {
        for (value, alpha) in channel.iter_mut().zip(alpha) {
            *value /= alpha.max(1e-6);
        }
    }
}

wide! {
    fn premultiply(channel: &mut [f32], alpha: &[f32]) {
        for (value, alpha) in channel.iter_mut().zip(alpha) {
            *value = value.clamp(0.0, 1.0) * alpha;
        }
    }
}

wide! {
    fn clamp(channel: &mut [f32]) {
        for value in channel {
            *value = value.clamp(0.0, 1.0);
        }
    }
}

#[inline(always)]
pub(crate) fn luma(red: f32, green: f32, blue: f32) -> f32 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[inline(always)]
pub(crate) fn ramp(from: f32, to: f32, at: f32) -> f32 {
    ((at - from) / (to - from).max(1e-6)).clamp(0.0, 1.0)
}

#[inline(always)]
pub(crate) fn smooth_ramp(from: f32, to: f32, at: f32) -> f32 {
    let t = ramp(from, to, at);
    t * t * (3.0 - 2.0 * t)
}

/// `x` to the power of `exponent`, for `x` ≥ 0, within 1e-6 of it and without a call, so that loops fill registers.
#[inline(always)]
pub(crate) fn power(x: f32, exponent: f32) -> f32 {
    let x = x.max(1e-30);
    // x = m · 2^e with m in √½ … √2
    let bits = x.to_bits().wrapping_sub(0x3f35_04f3);
    let e = (bits as i32) >> 23;
    let m = f32::from_bits((bits & 0x007f_ffff).wrapping_add(0x3f35_04f3));
    let t = (m - 1.0) / (m + 1.0);
    let t2 = t * t;
    let log2 = e as f32 + t * (2.885_39 + t2 * (0.961_796_7 + t2 * (0.577_078 + t2 * 0.412_198_6)));
    let y = (log2 * exponent).clamp(-126.0, 126.0);
    // Adding so large a number rounds to a whole one and leaves it in the lowest bits.
    let shifted = y + 12_582_912.0;
    let u = (y - (shifted - 12_582_912.0)) * std::f32::consts::LN_2;
    let series =
        1.0 + u * (1.0 + u * (0.5 + u * (1.0 / 6.0 + u * (1.0 / 24.0 + u * (1.0 / 120.0 + u * (1.0 / 720.0))))));
    series * f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_is_a_power() {
        for i in 0..=1000 {
            let x = i as f32 / 1000.0;
            for exponent in [0.25, 0.4545, 0.9, 1.0, 2.2, 4.0] {
                let (got, want) = (power(x, exponent), x.powf(exponent));
                assert!((got - want).abs() < 2e-6, "{x}^{exponent}: {got} is not {want}");
            }
        }
    }

    #[test]
    fn transparent_pixels_stay_transparent() {
        for effect in effects() {
            let mut row = Row::new(16);
            let mut pass = Pass { values: effect.declaration.defaults(), ..Pass::full_frame(16, 16) };
            (effect.prepare)(&mut pass);
            effect.apply(&pass, 3, &mut row);
            assert_eq!(row, Row::new(16), "{}", effect.declaration.kind);
        }
    }
}
