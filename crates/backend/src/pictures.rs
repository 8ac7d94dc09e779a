//! Small and compressed pictures: thumbnails for the board, JPEG for the monitor.

use image::imageops::{FilterType, resize};
use image::{ExtendedColorType, ImageEncoder, RgbaImage};
use jpeg_encoder::{ColorType, Encoder};
use kinora_ports::{Fault, Pixels, PortError};

/// Longest side of a thumbnail: a board card at twice the usual pixel density.
const THUMBNAIL_SIDE: u32 = 480;
const JPEG_QUALITY: u8 = 85;

/// A reference picture is looked at in 64 pixels by the draft model and in a few hundred by others.
const REFERENCE_SIDE: u32 = 640;

/// A picture for an engine to look at: never enlarged.
pub fn reference_png(pixels: &Pixels) -> Result<Vec<u8>, PortError> {
    png_of_side(pixels, REFERENCE_SIDE.min(pixels.width.max(pixels.height)))
}

pub fn thumbnail_png(pixels: &Pixels) -> Result<Vec<u8>, PortError> {
    png_of_side(pixels, THUMBNAIL_SIDE)
}

fn png_of_side(pixels: &Pixels, side: u32) -> Result<Vec<u8>, PortError> {
    let image = RgbaImage::from_raw(pixels.width, pixels.height, pixels.rgba.clone())
        .ok_or_else(|| broken("its size is wrong"))?;
    let longest = pixels.width.max(pixels.height).max(1);
    let scale = |length: u32| (u64::from(length) * u64::from(side) / u64::from(longest)).max(1) as u32;
    // Small takes are enlarged smoothly here once, rather than by every webview in its own way.
    let image = resize(&image, scale(pixels.width), scale(pixels.height), FilterType::CatmullRom);
    let mut png = Vec::new();
    image::codecs::png::PngEncoder::new(&mut png)
        .write_image(image.as_raw(), image.width(), image.height(), ExtendedColorType::Rgba8)
        .map_err(broken)?;
    Ok(png)
}

pub fn jpeg(pixels: &Pixels) -> Result<Vec<u8>, PortError> {
    // Sides beyond 65,535 pixels are beyond the format.
    let side = |length: u32| u16::try_from(length).map_err(broken);
    let mut bytes = Vec::with_capacity(pixels.rgba.len() / 12);
    Encoder::new(&mut bytes, JPEG_QUALITY)
        .encode(&pixels.rgba, side(pixels.width)?, side(pixels.height)?, ColorType::Rgba)
        .map_err(broken)?;
    Ok(bytes)
}

fn broken(detail: impl std::fmt::Display) -> PortError {
    Fault::new("A picture could not be compressed.", "Try again.", detail).into()
}
