//! What the tests film: pictures that move and can be told apart, sound whose every sample is known.
//!
//! Real codecs run here. A missing one fails the test with the name of its Debian package; nothing is skipped.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod recorder;

use kinora_document::{FrameRate, FrameSize, Ticks};
use kinora_media::{GstDecoder, GstEncoder};
use kinora_ports::media::{Container, EncodeSettings};
use kinora_ports::{Decoder, Encoder, Movie, Pixels, PortError};
use std::path::Path;

pub const RATE: u32 = 48_000;

pub fn settings(container: Container, width: u32, height: u32, rate: FrameRate) -> EncodeSettings {
    EncodeSettings {
        container,
        size: FrameSize { width, height },
        rate,
        sound_rate: Some(RATE),
        sound_channels: 2,
        title: "Ein Film über “Öl”".to_owned(),
    }
}

/// A gradient with a square that moves, so that each index has its own picture.
pub fn picture(width: u32, height: u32, index: u32) -> Pixels {
    let mut pixels = Pixels::new(width, height);
    let left = index * 7 % width.max(1);
    for (at, pixel) in pixels.rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let (x, y) = (at as u32 % width, at as u32 / width);
        let square = x.wrapping_sub(left) < width / 6 && y.wrapping_sub(height / 3) < height / 4;
        *pixel = if square {
            [230, 60, (index * 5) as u8, 255]
        } else {
            [(x * 200 / width) as u8, (y * 200 / height) as u8, 90, 255]
        };
    }
    pixels
}

pub fn grey(width: u32, height: u32, value: u8) -> Pixels {
    Pixels { width, height, rgba: [value, value, value, 255].repeat((width * height) as usize) }
}

/// A quiet tone that starts at zero.
pub fn tone(frames: usize) -> Vec<f32> {
    (0..frames).flat_map(|i| [(i as f32 * 0.05).sin() * 0.3, (i as f32 * 0.031).sin() * 0.2]).collect()
}

/// Sound frames that last as long as `pictures`.
pub fn sound_frames(rate: FrameRate, pictures: u32) -> usize {
    let ticks = rate.frame_start(i64::from(pictures));
    Ticks(ticks.0 + Ticks::PER_SECOND / i64::from(RATE) - 1).to_samples(RATE) as usize
}

/// Writes a film of numbered pictures and a tone.
pub fn film(encoder: &GstEncoder, settings: &EncodeSettings, pictures: u32, path: &Path) -> Result<String, PortError> {
    let mut encoding = encoder.start(settings, path)?;
    let sound = tone(sound_frames(settings.rate, pictures));
    let mut parts = sound.chunks(4_000);
    for index in 0..pictures {
        encoding.picture(&picture(settings.size.width, settings.size.height, index))?;
        if let Some(part) = parts.next().filter(|_| settings.sound_rate.is_some()) {
            encoding.sound(part)?;
        }
    }
    for part in parts {
        encoding.sound(part)?;
    }
    let name = encoding.encoder_name().to_owned();
    encoding.finish()?;
    Ok(name)
}

pub fn open(path: &Path) -> Box<dyn Movie> {
    GstDecoder.open(path).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()))
}

/// Mean absolute difference of all channels.
pub fn difference(a: &Pixels, b: &Pixels) -> f64 {
    assert_eq!((a.width, a.height), (b.width, b.height));
    a.rgba.iter().zip(&b.rgba).map(|(&a, &b)| f64::from(a.abs_diff(b))).sum::<f64>() / a.rgba.len() as f64
}

pub fn brightness(pixels: &Pixels) -> f64 {
    pixels.rgba.as_chunks::<4>().0.iter().map(|p| f64::from(p[1])).sum::<f64>() / (pixels.rgba.len() / 4) as f64
}

/// Names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
