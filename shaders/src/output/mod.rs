//! The last steps: a canvas becomes 8-bit colour, and 8-bit colour becomes video.
//!
//! The frame is rounded once; video is made from those bytes in whole numbers. So the monitor and the exporter share every pixel.
//! Never dither here: grain is an effect, and a film without it must compress.
//!
//! Halves are common (a dissolve's middle, an opacity of 50 %) and fall either way by the last bit of a device's canvas. Rounding
//! therefore turns up at ⅜, further from a half than a canvas is ever wrong, so that device and twin agree on them.

mod video;

pub use video::{Chroma, Layout, video, video_length, video_rows};

use crate::pass::Row;
use crate::wide::wide;
use crate::{Shader, shader};

/// Canvas → RGBA8, over black.
pub const FRAME: Shader = shader!(up "frame", "frame.wgsl");
/// RGBA8 → BT.709 limited range 4:2:0, four bytes a texel: see [`Layout`].
pub const VIDEO: Shader = shader!(up "video", "video.wgsl");

/// Added before rounding to the nearest whole number.
const ROUND: f32 = 0.125;
/// A number this large has no room for fractions: adding it rounds, and leaves the whole number in the lowest bits.
const WHOLE: f32 = 8_388_608.0;

/// Rounds row colours to 8 bits; over black, so alpha is dropped.
pub fn frame_row(row: &Row, red: &mut [u8], green: &mut [u8], blue: &mut [u8]) {
    round(&row.red, red);
    round(&row.green, green);
    round(&row.blue, blue);
}

/// A colour of the canvas as 8 bits.
#[inline(always)]
pub(crate) fn rounded(value: f32) -> u8 {
    // Not `as u8`, which has to ask for numbers out of range.
    (value.clamp(0.0, 1.0) * 255.0 + ROUND + WHOLE).to_bits() as u8
}

wide! {
    fn round(values: &[f32], out: &mut [u8]) {
        for (out, value) in out.iter_mut().zip(values) {
            *out = rounded(*value);
        }
    }
}

wide! {
    /// Interleaves three rows as opaque RGBA.
    pub fn interleave(red: &[u8], green: &[u8], blue: &[u8], out: &mut [u8]) {
        for (((out, red), green), blue) in out.as_chunks_mut::<4>().0.iter_mut().zip(red).zip(green).zip(blue) {
            *out = [*red, *green, *blue, 255];
        }
    }
}
