//! Pictures as the codec takes them, and frames as the studio takes them. A picture of another shape fills the frame, and
//! what stands over is cut off evenly.

use candle_core::{Device, Result, Tensor};
use image::imageops::{FilterType, crop_imm, resize};
use kinora_ports::Pixels;
use std::sync::Arc;

/// `[1, 3, n, height, width]`, −1 … 1.
pub fn clip(pictures: &[Arc<Pixels>], width: u32, height: u32) -> Result<Tensor> {
    let mut values = vec![0f32; 3 * pictures.len() * (width * height) as usize];
    let area = (width * height) as usize;
    for (n, pixels) in pictures.iter().enumerate() {
        let Some(picture) = image::RgbaImage::from_raw(pixels.width, pixels.height, pixels.rgba.clone()) else {
            candle_core::bail!("a picture without all of its pixels");
        };
        let scale = (f64::from(width) / f64::from(pixels.width)).max(f64::from(height) / f64::from(pixels.height));
        let side = |s: u32, least: u32| ((f64::from(s) * scale).round() as u32).max(least);
        let large = resize(&picture, side(pixels.width, width), side(pixels.height, height), FilterType::CatmullRom);
        let (left, top) = ((large.width() - width) / 2, (large.height() - height) / 2);
        let part = crop_imm(&large, left, top, width, height).to_image();
        for (i, pixel) in part.pixels().enumerate() {
            for (channel, value) in pixel.0.iter().take(3).enumerate() {
                if let Some(place) = values.get_mut((channel * pictures.len() + n) * area + i) {
                    *place = f32::from(*value) / 127.5 - 1.0;
                }
            }
        }
    }
    Tensor::from_vec(values, (1, 3, pictures.len(), height as usize, width as usize), &Device::Cpu)
}

/// `[1, 3, n, h, w]`, 0 … 1, as pictures.
pub fn frames(clip: &Tensor) -> Result<Vec<Pixels>> {
    let (_, _, count, height, width) = clip.dims5()?;
    let mut all = Vec::with_capacity(count);
    for n in 0..count {
        let frame =
            clip.narrow(2, n, 1)?.squeeze(2)?.squeeze(0)?.permute((1, 2, 0))?.flatten_all()?.to_vec1::<f32>()?;
        let rgb: Vec<u8> = frame.iter().map(|v| (v * 255.0).round() as u8).collect();
        match Pixels::from_rgb(width as u32, height as u32, &rgb) {
            Some(pixels) => all.push(pixels),
            None => candle_core::bail!("frames without all of their pixels"),
        }
    }
    Ok(all)
}
