//! Rain drops and snow flakes, painted onto decoded frames from the clip's curves: noise that a small network should not
//! have to learn. Every drop is a function of the seed and the time, so it moves smoothly from frame to frame, at any
//! frame rate and any size. **Never here:** randomness that is not a hash of the seed; anything about files or tensors.

use crate::curves::{Curve, Curves};

/// Paints the rain and snow of the moment `seconds` onto an 8-bit sRGB picture, in place.
/// Sizes follow the picture's height, so a clip painted at 1280×720 shows the same drops as at 128×72, only finer.
/// A buffer that is not `width * height * 3` bytes long is left as it is.
pub fn paint(rgb: &mut [u8], width: usize, height: usize, seconds: f64, curves: &Curves, seed: u64) {
    if width == 0 || height == 0 || Some(rgb.len()) != width.checked_mul(height).and_then(|n| n.checked_mul(3)) {
        return;
    }
    let rain = curves.smooth(Curve::Rain, seconds);
    let snow = curves.smooth(Curve::Snow, seconds);
    let wind = curves.smooth(Curve::Wind, seconds);
    let mut canvas = Canvas { rgb, width, height };
    for layer in 0..3 {
        rain_layer(&mut canvas, seconds, rain, wind, seed, layer);
        snow_layer(&mut canvas, seconds, snow, wind, seed, layer);
    }
}

struct Canvas<'a> {
    rgb: &'a mut [u8],
    width: usize,
    height: usize,
}

impl Canvas<'_> {
    /// Lays `colour` over one pixel with the given cover (0 … 1); outside the picture it does nothing.
    fn dab(&mut self, x: i64, y: i64, colour: [f32; 3], cover: f32) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x >= self.width || y >= self.height {
            return;
        }
        let at = (y * self.width + x) * 3;
        if let Some(pixel) = self.rgb.get_mut(at..at + 3) {
            for (old, new) in pixel.iter_mut().zip(colour) {
                *old = (f32::from(*old) + (new - f32::from(*old)) * cover.clamp(0.0, 1.0)).round() as u8;
            }
        }
    }

    /// A soft line or, when both ends meet, a soft disc; positions and radius in pixels.
    fn stroke(&mut self, from: (f32, f32), to: (f32, f32), radius: f32, colour: [f32; 3], cover: f32) {
        // Thinner than a pixel is drawn a pixel wide and fainter, so nothing flickers in and out between pixel centres.
        let shown = radius.max(0.5);
        let cover = cover * (radius / shown).min(1.0);
        let (x0, x1) = (from.0.min(to.0) - shown - 1.0, from.0.max(to.0) + shown + 1.0);
        let (y0, y1) = (from.1.min(to.1) - shown - 1.0, from.1.max(to.1) + shown + 1.0);
        if x1 < 0.0 || y1 < 0.0 || x0 > self.width as f32 || y0 > self.height as f32 {
            return;
        }
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length2 = (dx * dx + dy * dy).max(1e-6);
        for y in y0.max(0.0) as i64..=(y1.min(self.height as f32) as i64) {
            for x in x0.max(0.0) as i64..=(x1.min(self.width as f32) as i64) {
                let (px, py) = (x as f32 + 0.5 - from.0, y as f32 + 0.5 - from.1);
                let along = ((px * dx + py * dy) / length2).clamp(0.0, 1.0);
                let distance = (px - along * dx).hypot(py - along * dy);
                self.dab(x, y, colour, cover * (shown + 0.5 - distance).clamp(0.0, 1.0));
            }
        }
    }
}

/// A well-mixed number in 0 … 1 from a seed and three coordinates (SplitMix64's finaliser).
fn hash(seed: u64, a: u64, b: u64, c: u64) -> f32 {
    let mut z = seed ^ a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.rotate_left(24) ^ c.rotate_left(48);
    for _ in 0..2 {
        z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
    }
    (z >> 40) as f32 / (1u64 << 24) as f32
}

/// Near layers are large, fast and few; far ones small, slow and many.
fn rain_layer(canvas: &mut Canvas<'_>, seconds: f64, amount: f32, wind: f32, seed: u64, layer: u64) {
    if amount < 0.02 {
        return;
    }
    let depth = 1.0 / (1.0 + layer as f32);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let most = 60 + 50 * layer;
    let slant = 0.06 + 0.35 * wind;
    for i in 0..most {
        // Drops appear one by one as the rain grows: each has its own threshold, so none jumps.
        let fade = ((amount - hash(seed, 11, layer, i)) * 6.0 + 1.0).clamp(0.0, 1.0);
        if fade <= 0.0 {
            continue;
        }
        let speed = 1.1 + 1.1 * depth + 0.3 * hash(seed, 12, layer, i);
        let fallen = f64::from(hash(seed, 13, layer, i)) + seconds * f64::from(speed) / 1.3;
        let turn = fallen.floor();
        let y = (fallen - turn) as f32 * 1.3 - 0.15;
        let x = hash(seed, 14 + turn as u64, layer, i) * 1.4 - 0.2 + slant * y * height / width;
        let length = (0.035 + 0.05 * depth) * (0.7 + 0.6 * hash(seed, 15, layer, i));
        let to = (x * width, y * height);
        let from = (to.0 - slant * length * height, to.1 - length * height);
        canvas.stroke(from, to, 0.0032 * depth.sqrt() * height, [214.0, 224.0, 238.0], 0.5 * fade * depth.sqrt());
    }
}

fn snow_layer(canvas: &mut Canvas<'_>, seconds: f64, amount: f32, wind: f32, seed: u64, layer: u64) {
    if amount < 0.02 {
        return;
    }
    let depth = 1.0 / (1.0 + layer as f32);
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    for i in 0..50 + 45 * layer {
        let fade = ((amount - hash(seed, 21, layer, i)) * 6.0 + 1.0).clamp(0.0, 1.0);
        if fade <= 0.0 {
            continue;
        }
        let speed = 0.10 + 0.16 * depth + 0.06 * hash(seed, 22, layer, i);
        let fallen = f64::from(hash(seed, 23, layer, i)) + seconds * f64::from(speed) / 1.1;
        let turn = fallen.floor();
        let y = (fallen - turn) as f32 * 1.1 - 0.05;
        let phase = hash(seed, 25, layer, i) * std::f32::consts::TAU;
        let sway = 0.02 * (seconds as f32 * (0.8 + hash(seed, 26, layer, i)) + phase).sin();
        let drift = seconds * f64::from(0.25 * wind * depth);
        let place = f64::from(hash(seed, 24 + turn as u64, layer, i)) + drift;
        let x = (place - place.floor()) as f32 * 1.1 - 0.05 + sway;
        let at = (x * width, y * height);
        let radius = (0.004 + 0.009 * depth) * (0.6 + 0.8 * hash(seed, 27, layer, i)) * height;
        canvas.stroke(at, at, radius, [250.0, 251.0, 255.0], 0.9 * fade * (0.5 + 0.5 * depth));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weather(curve: Curve, amount: f32) -> Curves {
        let mut curves = Curves::silent(12, 25);
        (0..25).for_each(|i| curves.set(curve, i, amount));
        curves
    }

    fn painted(curve: Curve, amount: f32, (w, h): (usize, usize), seconds: f64) -> Vec<u8> {
        let mut rgb = vec![90; w * h * 3];
        paint(&mut rgb, w, h, seconds, &weather(curve, amount), 7);
        rgb
    }

    fn changed(a: &[u8], b: &[u8]) -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64
    }

    #[test]
    fn the_same_moment_always_looks_the_same_and_dry_weather_paints_nothing() {
        for curve in [Curve::Rain, Curve::Snow] {
            assert_eq!(painted(curve, 0.8, (320, 180), 0.5), painted(curve, 0.8, (320, 180), 0.5));
            assert!(changed(&painted(curve, 0.8, (320, 180), 0.5), &vec![90; 320 * 180 * 3]) > 0.2);
            assert!(painted(curve, 0.0, (320, 180), 0.5).iter().all(|v| *v == 90));
        }
    }

    #[test]
    fn cover_is_the_same_at_every_size_and_grows_with_the_amount() {
        for curve in [Curve::Rain, Curve::Snow] {
            let cover = |size: (usize, usize), amount| {
                changed(&painted(curve, amount, size, 1.0), &vec![90; size.0 * size.1 * 3])
            };
            let (small, large) = (cover((128, 72), 0.8), cover((1280, 720), 0.8));
            assert!((small / large - 1.0).abs() < 0.35, "{curve:?}: {small} and {large}");
            assert!(cover((640, 360), 0.9) > 1.5 * cover((640, 360), 0.3));
        }
    }

    #[test]
    fn flakes_move_a_little_from_one_moment_to_the_next() {
        let at = |t: f64| painted(Curve::Snow, 0.8, (640, 360), t);
        // A thousandth of a second moves a flake by less than a pixel; a whole second moves everything.
        assert!(changed(&at(1.0), &at(1.001)) < 0.2 * changed(&at(1.0), &at(2.0)));
    }

    #[test]
    fn sizes_that_do_not_fit_and_curves_without_rows_are_left_alone() {
        let mut rgb = vec![9; 10];
        paint(&mut rgb, 5, 5, 0.0, &weather(Curve::Rain, 1.0), 1);
        paint(&mut rgb, usize::MAX, usize::MAX, 0.0, &weather(Curve::Rain, 1.0), 1);
        assert_eq!(rgb, [9; 10]);
        let mut rgb = vec![9; 12];
        paint(&mut rgb, 2, 2, f64::NAN, &Curves::silent(12, 0), 1);
        assert_eq!(rgb, [9; 12]);
    }
}
