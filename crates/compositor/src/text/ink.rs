//! A sheet the size of the frame on which letters and boxes are laid, and which knows what part of it was touched.
//!
//! Premultiplied 8-bit RGBA. Nothing outside the sheet is ever drawn, whatever the coordinates.

use super::Lettering;
use kinora_shaders::Picture;

pub(super) struct Ink {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 4]>,
    /// Left, top, right, bottom of what was touched.
    touched: [usize; 4],
}

fn mix(over: u8, under: u8, keep: u16) -> u8 {
    (u16::from(over) + (u16::from(under) * keep + 127) / 255).min(255) as u8
}

fn over(over: [u8; 4], under: [u8; 4]) -> [u8; 4] {
    let keep = 255 - u16::from(over[3]);
    std::array::from_fn(|i| match (over.get(i), under.get(i)) {
        (Some(&over), Some(&under)) => mix(over, under, keep),
        _ => 0,
    })
}

fn premultiplied([red, green, blue, alpha]: [u8; 4]) -> [u8; 4] {
    let times = |x: u8| ((u16::from(x) * u16::from(alpha) + 127) / 255) as u8;
    [times(red), times(green), times(blue), alpha]
}

impl Ink {
    pub(super) fn new(width: usize, height: usize) -> Option<Self> {
        let pixels = width.checked_mul(height).filter(|&pixels| pixels > 0)?;
        Some(Self { width, height, pixels: vec![[0; 4]; pixels], touched: [width, height, 0, 0] })
    }

    pub(super) fn size(&self) -> (f32, f32) {
        (self.width as f32, self.height as f32)
    }

    /// Lays straight colour over a rectangle of whole pixels.
    pub(super) fn fill(&mut self, x: i32, y: i32, width: u32, height: u32, colour: [u8; 4]) {
        if colour[3] == 0 {
            return;
        }
        let colour = premultiplied(colour);
        let span = |at: i32, length: u32, limit: usize| {
            let end = i64::from(at) + i64::from(length);
            (i64::from(at).clamp(0, limit as i64) as usize, end.clamp(0, limit as i64) as usize)
        };
        let ((left, right), (top, bottom)) = (span(x, width, self.width), span(y, height, self.height));
        if left >= right || top >= bottom {
            return;
        }
        let [l, t, r, b] = self.touched;
        self.touched = [l.min(left), t.min(top), r.max(right), b.max(bottom)];
        for row in self.pixels.chunks_mut(self.width).take(bottom).skip(top) {
            for pixel in row.iter_mut().take(right).skip(left) {
                *pixel = over(colour, *pixel);
            }
        }
    }

    pub(super) fn fill_rectangle(&mut self, left: f32, top: f32, right: f32, bottom: f32, colour: [u8; 4]) {
        let (x, y) = (left.round() as i32, top.round() as i32);
        let (x1, y1) = (right.round() as i32, bottom.round() as i32);
        self.fill(x, y, x1.saturating_sub(x).max(0) as u32, y1.saturating_sub(y).max(0) as u32, colour);
    }

    /// Puts dark, as wide as `radius`, behind everything drawn so far.
    pub(super) fn outline(&mut self, radius: f32, strength: u8) {
        let [left, top, right, bottom] = self.touched;
        if left >= right || top >= bottom {
            return;
        }
        let reach = radius.ceil() as usize;
        let (x0, y0) = (left.saturating_sub(reach), top.saturating_sub(reach));
        let (x1, y1) = ((right + reach).min(self.width), (bottom + reach).min(self.height));
        // For each row of the disc how far it extends, so that a row is a sliding maximum.
        let mut dark = vec![0_u8; (x1 - x0) * (y1 - y0)];
        let disc: Vec<(isize, isize, u16)> = (-(reach as isize)..=reach as isize)
            .flat_map(|dy| (-(reach as isize)..=reach as isize).map(move |dx| (dx, dy)))
            .filter_map(|(dx, dy)| {
                let distance = ((dx * dx + dy * dy) as f32).sqrt();
                let cover = ((radius + 0.5 - distance).clamp(0.0, 1.0) * 255.0) as u16;
                (cover > 0).then_some((dx, dy, cover))
            })
            .collect();
        for y in top..bottom {
            for x in left..right {
                let alpha = self.pixels.get(y * self.width + x).map_or(0, |pixel| u16::from(pixel[3]));
                if alpha == 0 {
                    continue;
                }
                for &(dx, dy, cover) in &disc {
                    let (Some(x), Some(y)) = (x.checked_add_signed(dx), y.checked_add_signed(dy)) else { continue };
                    if x >= x0
                        && x < x1
                        && y >= y0
                        && let Some(slot) = dark.get_mut((y - y0) * (x1 - x0) + x - x0)
                    {
                        *slot = (*slot).max((alpha * cover / 255) as u8);
                    }
                }
            }
        }
        for (y, row) in dark.chunks(x1 - x0).enumerate() {
            let pixels = self.pixels.iter_mut().skip((y0 + y) * self.width + x0);
            for (pixel, &shade) in pixels.zip(row) {
                let shade = (u16::from(shade) * u16::from(strength) / 255) as u8;
                *pixel = over(*pixel, [0, 0, 0, shade]);
            }
        }
        self.touched = [x0, y0, x1, y1];
    }

    /// The whole sheet without its alpha: for paper, which is opaque.
    pub(super) fn into_rgb(self) -> Vec<u8> {
        self.pixels.iter().flat_map(|&[red, green, blue, _]| [red, green, blue]).collect()
    }

    /// What was touched, as a picture; None when nothing was.
    pub(super) fn into_lettering(self) -> Option<Lettering> {
        let [left, top, right, bottom] = self.touched;
        if left >= right || top >= bottom {
            return None;
        }
        let (width, height) = (right - left, bottom - top);
        let rows =
            || self.pixels.chunks(self.width).take(bottom).skip(top).flat_map(|row| row.iter().take(right).skip(left));
        let plane = |channel: usize| rows().filter_map(|pixel| pixel.get(channel).copied()).collect::<Vec<u8>>();
        let mut planes = [plane(0), plane(1), plane(2), plane(3)];
        if planes[3].iter().all(|&alpha| alpha == 255) {
            planes[3].clear();
        }
        let picture = Picture::from_planes(width, height, planes)?;
        Some(Lettering { picture, left: left as i32, top: top as i32 })
    }
}
