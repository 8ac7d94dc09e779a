//! Placing a picture on the frame: shift, turn, small scale, crop, opacity.
//!
//! The picture has been scaled to its size on the frame before (see [`crate::scale`]); what is left is a turn and a fraction of a
//! pixel, for which four neighbours suffice. A placement by whole pixels copies. Edges are covered by fractions, not stairs.
//!
//! `map`: frame pixel → pixel of the picture. `values[0..4]`: the visible part, in pixels of the picture. `values[4..6]`: frame
//! pixels per picture pixel. `amount`: opacity. `whole[0]` 1: shift by whole pixels, `whole[1..3]` is where the picture begins.

use crate::pass::{Pass, Row};
use crate::wide::wide;
use crate::{Picture, Shader, shader};

pub const SHADER: Shader = shader!("place", "place.wgsl");

/// One step of 8 bits.
pub(crate) const LEVEL: f32 = 1.0 / 255.0;

/// Row `y` of the frame with nothing but this picture on it.
pub fn row(pass: &Pass, y: usize, picture: &Picture, out: &mut Row) {
    let width = out.width();
    if pass.whole[0] == 1 {
        shifted(pass, y, picture, out);
    } else {
        out.reset(width, 0.0);
        turned(pass, y, picture, out);
    }
}

fn shifted(pass: &Pass, y: usize, picture: &Picture, out: &mut Row) {
    let width = out.width();
    let part = whole_part(pass, y, picture, width);
    if part.is_none_or(|part| part.length < width) {
        out.reset(width, 0.0);
    }
    let Some(part) = part else { return };
    for (channel, plane) in out.channels_mut().into_iter().zip(0..) {
        let Some(out) = channel.get_mut(part.target..part.target + part.length) else { return };
        if plane == 3 && picture.is_opaque() {
            out.fill(pass.amount);
        } else if let Some(source) = picture.row(plane, part.row).get(part.start..part.start + part.length) {
            to_float(source, pass.amount * LEVEL, out);
        }
    }
}

/// What a row of the frame shows of a picture that is shifted by whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholePart {
    /// Of the picture.
    pub row: usize,
    pub start: usize,
    /// Of the frame.
    pub target: usize,
    pub length: usize,
}

/// None when row `y` shows nothing of the picture. Only for passes with `whole[0]` 1.
pub fn whole_part(pass: &Pass, y: usize, picture: &Picture, width: usize) -> Option<WholePart> {
    let [_, left, top, ..] = pass.whole;
    let [x0, y0, x1, y1, ..] = pass.values;
    let row = y as i64 - i64::from(top);
    if row < y0.round() as i64 || row >= y1.round() as i64 || row >= picture.height() as i64 {
        return None;
    }
    let begin = (x0.round() as i64).max(0).max(-i64::from(left));
    let end = (x1.round() as i64).min(picture.width() as i64).min(width as i64 - i64::from(left));
    (begin < end && row >= 0).then(|| WholePart {
        row: row as usize,
        start: begin as usize,
        target: (begin + i64::from(left)) as usize,
        length: (end - begin) as usize,
    })
}

wide! {
    fn to_float(source: &[u8], scale: f32, out: &mut [f32]) {
        for (out, x) in out.iter_mut().zip(source) {
            *out = f32::from(*x) * scale;
        }
    }
}

fn turned(pass: &Pass, y: usize, picture: &Picture, out: &mut Row) {
    let [x0, y0, x1, y1, scale_x, scale_y, ..] = pass.values;
    let (last_x, last_y) = (picture.width() as i32 - 1, picture.height() as i32 - 1);
    for x in 0..out.width() {
        let (u, v) = pass.at(x as f32 + 0.5, y as f32 + 0.5);
        let across = ((u - x0).min(x1 - u) * scale_x + 0.5).clamp(0.0, 1.0);
        let down = ((v - y0).min(y1 - v) * scale_y + 0.5).clamp(0.0, 1.0);
        let cover = across * down * pass.amount;
        if cover <= 0.0 {
            continue;
        }
        let (u, v) = (u - 0.5, v - 0.5);
        let (left, top) = (u.floor(), v.floor());
        let (fx, fy) = (u - left, v - top);
        let column = |offset: i32| (left as i32).saturating_add(offset).clamp(0, last_x) as usize;
        let line = |offset: i32| (top as i32).saturating_add(offset).clamp(0, last_y) as usize;
        let (c0, c1, r0, r1) = (column(0), column(1), line(0), line(1));
        let mut pixel = [cover; 4];
        for (plane, value) in pixel.iter_mut().enumerate().take(picture.planes().len()) {
            let texel = |row: usize, column: usize| {
                f32::from(picture.row(plane, row).get(column).copied().unwrap_or(0)) * (1.0 / 255.0)
            };
            let upper = texel(r0, c0) * (1.0 - fx) + texel(r0, c1) * fx;
            let lower = texel(r1, c0) * (1.0 - fx) + texel(r1, c1) * fx;
            *value = (upper * (1.0 - fy) + lower * fy) * cover;
        }
        out.set_pixel(x, pixel);
    }
}
