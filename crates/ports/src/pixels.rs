//! A picture, a frame of video and a stretch of sound in memory, in the layouts that all ports use.

/// 8-bit RGBA, straight alpha, BT.709 primaries and transfer, full range, rows from the top without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    pub width: u32,
    pub height: u32,
    /// `width · height · 4` bytes.
    pub rgba: Vec<u8>,
}

impl Pixels {
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, rgba: vec![0; width as usize * height as usize * 4] }
    }
    /// None when the number of bytes does not fit the size.
    pub fn from_rgba(width: u32, height: u32, rgba: Vec<u8>) -> Option<Self> {
        (rgba.len() == width as usize * height as usize * 4).then_some(Self { width, height, rgba })
    }
    /// Opaque, from `width · height · 3` bytes.
    pub fn from_rgb(width: u32, height: u32, rgb: &[u8]) -> Option<Self> {
        if rgb.len() != width as usize * height as usize * 3 {
            return None;
        }
        let rgba = rgb.as_chunks::<3>().0.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect();
        Some(Self { width, height, rgba })
    }
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pixels({}×{})", self.width, self.height)
    }
}

/// A picture as encoders of video take it: planar 4:2:0 (I420), BT.709, limited range (16…235, 16…240), chroma sited left, planes one
/// after the other without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct VideoFrame {
    pub width: u32,
    pub height: u32,
    /// Y of `width · height` bytes, then Cb and Cr of `⌈width ÷ 2⌉ · ⌈height ÷ 2⌉` each.
    pub i420: Vec<u8>,
}

impl VideoFrame {
    pub fn bytes(width: u32, height: u32) -> usize {
        let (width, height) = (width as usize, height as usize);
        width * height + 2 * width.div_ceil(2) * height.div_ceil(2)
    }

    /// What these pixels are as video: the definition, one number at a time. Compositors make the same bytes faster.
    ///
    /// Whole numbers: 15-bit coefficients of ITU-R BT.709 that sum exactly, so that white is 235 and grey has no colour. Chroma is the
    /// mean of two rows and of ¼ ½ ¼ across. Alpha is not looked at. Pixels that do not fit their size are black.
    pub fn of(pixels: &Pixels) -> Self {
        const LUMA: [i32; 3] = [5983, 20127, 2032];
        const CHROMA: [[i32; 3]; 2] = [[-3298, -11094, 14392], [14392, -13072, -1320]];
        let (columns, rows) = (pixels.width as usize, pixels.height as usize);
        let pixel = |x: usize, y: usize| {
            let at = y.min(rows.saturating_sub(1)) * columns + x.min(columns.saturating_sub(1));
            pixels.rgba.as_chunks::<4>().0.get(at).map_or([0; 3], |&[r, g, b, _]| [r, g, b].map(i32::from))
        };
        let mixed = |colour: [i32; 3], by: [i32; 3], zero: i32| {
            let product = |(a, b): (i32, i32)| (((a * b) >> 14) + 1) >> 1;
            (zero + ((colour.into_iter().zip(by).map(product).sum::<i32>() + 64) >> 7)) as u8
        };
        let mut i420 = Vec::with_capacity(Self::bytes(pixels.width, pixels.height));
        for y in 0..rows {
            i420.extend((0..columns).map(|x| mixed(pixel(x, y).map(|value| value << 7), LUMA, 16)));
        }
        for by in CHROMA {
            for y in (0..rows).step_by(2) {
                i420.extend((0..columns).step_by(2).map(|x| {
                    let mut sum = [0; 3];
                    for (x, weight) in [(x.saturating_sub(1), 1), (x, 2), (x + 1, 1)] {
                        for (sum, (a, b)) in sum.iter_mut().zip(pixel(x, y).into_iter().zip(pixel(x, y + 1))) {
                            *sum += weight * (a + b);
                        }
                    }
                    mixed(sum.map(|sum| sum << 4), by, 128)
                }));
            }
        }
        Self { width: pixels.width, height: pixels.height, i420 }
    }
}

impl std::fmt::Debug for VideoFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VideoFrame({}×{})", self.width, self.height)
    }
}

/// Interleaved 32-bit float samples, −1 … 1.
#[derive(Clone, PartialEq)]
pub struct Sound {
    pub sample_rate: u32,
    pub channels: u16,
    /// `frames · channels` samples.
    pub samples: Vec<f32>,
}

impl Sound {
    /// What the film's mix is made in.
    pub const FILM_RATE: u32 = 48_000;

    pub fn silent(sample_rate: u32, channels: u16, frames: usize) -> Self {
        Self { sample_rate, channels, samples: vec![0.0; frames * channels as usize] }
    }
    /// Samples per channel.
    pub fn frames(&self) -> usize {
        self.samples.len() / (self.channels.max(1) as usize)
    }
}

impl std::fmt::Debug for Sound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sound({} frames, {} channels at {} Hz)", self.frames(), self.channels, self.sample_rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BT.709 in floating point, one sample at a time.
    fn formula(w: usize, h: usize, rgba: &[u8]) -> Vec<f64> {
        let at = |x: i64, y: usize, c: usize| f64::from(rgba[(y * w + x.clamp(0, w as i64 - 1) as usize) * 4 + c]);
        let grey = |rgb: [f64; 3]| 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
        let luma = (0..h * w).map(|i| {
            let rgb = [0, 1, 2].map(|c| at((i % w) as i64, i / w, c) / 255.0);
            16.0 + 219.0 * grey(rgb)
        });
        let chroma = [(2, 1.8556), (0, 1.5748)].into_iter().flat_map(|(channel, span)| {
            (0..h.div_ceil(2) * w.div_ceil(2)).map(move |i| {
                let (x, y) = ((i % w.div_ceil(2) * 2) as i64, i / w.div_ceil(2) * 2);
                let below = (y + 1).min(h - 1);
                let rgb = [0, 1, 2].map(|c| {
                    let sum = |x, weight: f64| weight * (at(x, y, c) + at(x, below, c));
                    (sum(x - 1, 1.0) + sum(x, 2.0) + sum(x + 1, 1.0)) / 8.0 / 255.0
                });
                128.0 + 224.0 * (rgb[channel] - grey(rgb)) / span
            })
        });
        luma.chain(chroma).collect()
    }

    #[test]
    fn colours_of_video_are_within_one_rounding_of_bt709() {
        for (w, h) in [(70, 36), (5, 3), (1, 1), (2, 7)] {
            let mut seed = 7u32;
            let rgba: Vec<u8> = (0..w * h * 4)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (seed >> 24) as u8
                })
                .collect();
            let pixels = Pixels::from_rgba(w, h, rgba).expect("fits");
            let video = VideoFrame::of(&pixels);
            let wanted = formula(w as usize, h as usize, &pixels.rgba);
            assert_eq!((video.i420.len(), wanted.len()), (VideoFrame::bytes(w, h), VideoFrame::bytes(w, h)));
            let worst = wanted.iter().zip(&video.i420).map(|(a, &b)| (a - f64::from(b)).abs()).fold(0.0, f64::max);
            assert!(worst < 0.55, "{w}×{h}: largest difference {worst}");
        }
    }

    #[test]
    fn black_white_and_grey_are_exact_and_have_no_colour() {
        for (value, luma) in [(0u8, 16u8), (255, 235), (128, 126)] {
            let pixels = Pixels::from_rgba(32, 32, [value, value, value, 255].repeat(32 * 32)).expect("fits");
            let video = VideoFrame::of(&pixels).i420;
            assert!(video[..1024].iter().all(|&y| y == luma), "{value} → {}", video[0]);
            assert!(video[1024..].iter().all(|&c| c == 128));
        }
    }
}
