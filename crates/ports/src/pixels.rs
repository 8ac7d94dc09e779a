//! A picture and a stretch of sound in memory, in the one layout that all ports use.

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
