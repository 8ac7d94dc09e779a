//! Cutting a person out: by a colour behind them (chroma key), or by a picture of the empty set (clean plate).
//!
//! Both ask of each pixel how far it is from what is behind it, in colour alone or altogether. Deep inside it is opaque; at an edge,
//! the neighbours tell what the figure looks like there, and how much of that is in the pixel is its opacity. What was behind is then
//! taken out of the colour again, so that no rim of it is left. No pixel further than [`REACH`] is looked at.
//!
//! `whole[2]`: 1 compares with the plate, 0 with the key colour. Values 0 to 6 mean the same in both.

use super::{Around, Effect, Needs, luma, ramp};
use crate::pass::{Pass, Row};
use crate::wide::wide;
use crate::{Declaration, Parameter, shader};

/// Rows and columns on each side that are looked at.
pub const REACH: usize = 2;
const WEIGHTS: [f32; 2 * REACH + 1] = [1.0 / 16.0, 4.0 / 16.0, 6.0 / 16.0, 4.0 / 16.0, 1.0 / 16.0];

const fn common(tolerance: f32, softness: f32, spill: f32) -> [Parameter; 7] {
    [
        Parameter::number("tolerance", "Tolerance", 0.0, 0.5, tolerance),
        Parameter::number("softness", "Softness", 0.08, 0.6, softness),
        Parameter::number("edge", "Clean edges", 0.0, 1.0, 1.0),
        Parameter::number("spill", "Spill", 0.0, 1.0, spill),
        Parameter::number("match_red", "Match red", 0.5, 2.0, 1.0),
        Parameter::number("match_green", "Match green", 0.5, 2.0, 1.0),
        Parameter::number("match_blue", "Match blue", 0.5, 2.0, 1.0),
    ]
}

const CHROMA: [Parameter; 11] = {
    let [a, b, c, d, e, f, g] = common(0.06, 0.16, 0.9);
    [
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        Parameter::number("key_red", "Key red", 0.0, 1.0, 0.1),
        Parameter::number("key_green", "Key green", 0.0, 1.0, 0.7),
        Parameter::number("key_blue", "Key blue", 0.0, 1.0, 0.2),
        Parameter::number("light", "Uneven light", 0.0, 0.5, 0.3),
    ]
};

const PLATE: [Parameter; 8] = {
    let [a, b, c, d, e, f, g] = common(0.05, 0.12, 0.0);
    [a, b, c, d, e, f, g, Parameter::number("shadow", "Shadows", 0.0, 0.6, 0.08)]
};

pub const CHROMA_KEY: Effect = Effect {
    declaration: &Declaration {
        kind: "chroma_key",
        label: "Chroma key",
        help: "Takes out a colour, as of a green wall, and leaves who stands before it.",
        parameters: &CHROMA,
    },
    shader: shader!(up "chroma_key", "cut_out.wgsl"),
    prepare: |pass| pass.whole[2] = 0,
    twin: |_, _, _| {},
    moves: false,
    needs: Needs::Around { plate: false, twin },
};

pub const CLEAN_PLATE: Effect = Effect {
    declaration: &Declaration {
        kind: "clean_plate",
        label: "Clean plate",
        help: "Takes out whatever is as it was in a picture of the empty set.",
        parameters: &PLATE,
    },
    shader: shader!(up "clean_plate", "cut_out.wgsl"),
    prepare: |pass| pass.whole[2] = 1,
    twin: |_, _, _| {},
    moves: false,
    needs: Needs::Around { plate: true, twin },
};

/// What the rows around say of each pixel of this one.
#[derive(Default)]
struct Seen {
    /// How the figure differs from what is behind it, near here: three channels, weighted, and the weight.
    figure: [Vec<f32>; 3],
    weight: Vec<f32>,
    /// The least difference among the nearest.
    least: Vec<f32>,
    /// This row's own differences.
    own: [Vec<f32>; 4],
}

/// Differences of one row, and their weights.
#[derive(Default)]
struct Differences {
    channels: [Vec<f32>; 3],
    size: Vec<f32>,
    weight: Vec<f32>,
}

fn twin(pass: &Pass, _y: usize, around: &Around<'_>, row: &mut Row) {
    let width = row.width();
    let mut seen = Seen { least: vec![f32::MAX; width], weight: vec![0.0; width], ..Seen::default() };
    seen.figure = std::array::from_fn(|_| vec![0.0; width]);
    let mut differences = Differences::default();
    for (index, rows) in around.rows.iter().enumerate() {
        let plate = around.plates.get(index).unwrap_or(rows);
        for channel in differences.channels.iter_mut().chain([&mut differences.size, &mut differences.weight]) {
            channel.clear();
            channel.resize(width, 0.0);
        }
        if pass.whole[2] == 1 {
            from_plate(pass, rows, plate, &mut differences);
        } else {
            from_key(pass, rows, &mut differences);
        }
        let Differences { channels: [red, green, blue], size, weight } = &differences;
        let by = WEIGHTS[index.min(2 * REACH)];
        gather(by, weight, None, &mut seen.weight);
        for (sum, channel) in seen.figure.iter_mut().zip([red, green, blue]) {
            gather(by, weight, Some(channel), sum);
        }
        if index.abs_diff(REACH) <= 1 {
            least(size, &mut seen.least);
        }
        if index == REACH {
            seen.own = [red.clone(), green.clone(), blue.clone(), size.clone()];
        }
    }
    let here = around.rows.get(REACH).unwrap_or(row).clone();
    let plate = around.plates.get(REACH).unwrap_or(&here);
    cut(pass, &here, plate, &seen, row);
}

wide! {
    fn from_plate(pass: &Pass, row: &Row, plate: &Row, out: &mut Differences) {
        let (tolerance, softness, shadow) = (pass.values[0], pass.values[1], pass.values[7]);
        let Differences { channels: [red, green, blue], size, weight } = out;
        let (n, p) = (size.len(), plate);
        let length = [row.red.len(), row.green.len(), row.blue.len(), p.red.len(), p.green.len(), p.blue.len()];
        let n = length.into_iter().fold(n, usize::min);
        for x in 0..n {
            let (r, g, b) = (row.red[x], row.green[x], row.blue[x]);
            let (pr, pg, pb) = (p.red[x], p.green[x], p.blue[x]);
            // Lighter or darker than the plate by a little is a shadow, not a figure.
            let scale = (r * pr + g * pg + b * pb) / (pr * pr + pg * pg + pb * pb).max(1e-4);
            let scale = scale.clamp(1.0 - shadow, 1.0 + shadow * 0.25);
            let (r, g, b) = (r - scale * pr, g - scale * pg, b - scale * pb);
            let far = (r * r + g * g + b * b).sqrt();
            (red[x], green[x], blue[x], size[x]) = (r, g, b, far);
            weight[x] = ramp(tolerance, tolerance + softness, far);
        }
    }
}

wide! {
    fn from_key(pass: &Pass, row: &Row, out: &mut Differences) {
        let (tolerance, softness, light) = (pass.values[0], pass.values[1], pass.values[10]);
        let (kr, kg, kb) = (pass.values[7], pass.values[8], pass.values[9]);
        let key_luma = luma(kr, kg, kb);
        let (kr, kg, kb) = (kr - key_luma, kg - key_luma, kb - key_luma);
        let Differences { channels: [red, green, blue], size, weight } = out;
        let length = [row.red.len(), row.green.len(), row.blue.len(), row.alpha.len()];
        let n = length.into_iter().fold(size.len(), usize::min);
        for x in 0..n {
            let (r, g, b, a) = (row.red[x], row.green[x], row.blue[x], row.alpha[x]);
            let y = luma(r, g, b);
            let (r, g, b) = (r - y, g - y, b - y);
            let scale = a * key_light((r, g, b), (kr, kg, kb), a, light);
            let (r, g, b) = (r - scale * kr, g - scale * kg, b - scale * kb);
            let far = (r * r + g * g + b * b).sqrt();
            (red[x], green[x], blue[x], size[x]) = (r, g, b, far);
            weight[x] = ramp(tolerance, tolerance + softness, far);
        }
    }
}

/// How bright the wall behind is there, of the key: a wall is never lit evenly.
#[inline(always)]
fn key_light(tint: (f32, f32, f32), key: (f32, f32, f32), alpha: f32, light: f32) -> f32 {
    let strength = key.0 * key.0 + key.1 * key.1 + key.2 * key.2;
    let along = tint.0 * key.0 + tint.1 * key.1 + tint.2 * key.2;
    (along / (strength * alpha).max(0.01)).clamp(1.0 - light, 1.0 + light * 0.5)
}

/// Adds the weighted sum over the columns around.
fn gather(by: f32, weight: &[f32], channel: Option<&[f32]>, sum: &mut [f32]) {
    let last = weight.len().saturating_sub(1);
    for (x, sum) in sum.iter_mut().enumerate() {
        let mut across = 0.0;
        for (offset, factor) in WEIGHTS.iter().enumerate() {
            let at = (x + offset).saturating_sub(REACH).min(last);
            across += factor * weight[at] * channel.map_or(1.0, |channel| channel[at]);
        }
        *sum += by * across;
    }
}

/// The least of three columns, if it is less than before.
fn least(size: &[f32], least: &mut [f32]) {
    let last = size.len().saturating_sub(1);
    for (x, least) in least.iter_mut().enumerate() {
        *least = least.min(size[x]).min(size[x.saturating_sub(1)]).min(size[(x + 1).min(last)]);
    }
}

/// Opacity, and the colour without what was behind it.
fn cut(pass: &Pass, row: &Row, plate: &Row, seen: &Seen, out: &mut Row) {
    let [tolerance, softness, edge, spill, match_red, match_green, match_blue, ..] = pass.values;
    let key = [pass.values[7], pass.values[8], pass.values[9]];
    for x in 0..out.width() {
        let [red, green, blue, alpha] = row.pixel(x);
        let colour = [red, green, blue];
        let behind = if pass.whole[2] == 1 {
            let [red, green, blue, _] = plate.pixel(x);
            [red, green, blue]
        } else {
            let (y, key_luma) = (luma(red, green, blue), luma(key[0], key[1], key[2]));
            let tint = (red - y, green - y, blue - y);
            let of = (key[0] - key_luma, key[1] - key_luma, key[2] - key_luma);
            let scale = alpha * key_light(tint, of, alpha, pass.values[10]);
            key.map(|value| value * scale)
        };
        let own: [f32; 4] = std::array::from_fn(|channel| seen.own[channel][x]);
        let inside = ramp(tolerance, tolerance + softness, seen.least[x]);
        let present = ramp(0.5 * tolerance, tolerance + 0.1, own[3]);
        let weight = seen.weight[x];
        let figure: [f32; 3] = std::array::from_fn(|channel| seen.figure[channel][x] / weight.max(1e-4));
        let (along, square) = (
            own[0] * figure[0] + own[1] * figure[1] + own[2] * figure[2],
            figure[0] * figure[0] + figure[1] * figure[1] + figure[2] * figure[2],
        );
        // Few and faint neighbours say little; by degrees, so that a device's rounding cannot tip it.
        let share = (along / square.max(5e-3)).clamp(0.0, 1.0) * present * ramp(0.0, 0.3, weight);
        let opacity = share + (1.0 - share) * inside;
        let bare = |at: usize| {
            let cleaned = (colour[at] - (1.0 - opacity) * behind[at]).max(0.0);
            opacity * colour[at] + (cleaned - opacity * colour[at]) * edge
        };
        let mut bare = [bare(0), bare(1), bare(2)];
        let grey = |of: [f32; 3]| luma(of[0], of[1], of[2]);
        let (bare_luma, behind_luma) = (grey(bare), grey(behind));
        let tint = behind.map(|value| value - behind_luma);
        let (mut towards, mut strength) = (0.0, 0.0);
        for at in 0..3 {
            towards += (bare[at] - bare_luma) * tint[at];
            strength += tint[at] * tint[at];
        }
        let spilt = spill * (towards / strength.max(1e-3)).max(0.0);
        let gains = [match_red, match_green, match_blue];
        for at in 0..3 {
            bare[at] = ((bare[at] - spilt * tint[at]) * gains[at]).clamp(0.0, alpha * opacity);
        }
        out.set_pixel(x, [bare[0], bare[1], bare[2], alpha * opacity]);
    }
}
