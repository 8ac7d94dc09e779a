//! PNG pictures in memory: quick to write, exact to read.
//!
//! Used for takes, picture sequences and thumbnails. Opaque pictures are kept as RGB, others as RGBA; the same pixels always give the
//! same bytes. A PNG that claims to be larger than [`PIXELS`] is refused before any memory is taken for it.

use kinora_ports::Pixels;
use std::io::Cursor;

/// 16 K × 16 K.
pub const PIXELS: u64 = 1 << 28;

pub fn encode(pixels: &Pixels) -> Result<Vec<u8>, png::EncodingError> {
    let opaque = pixels.rgba.as_chunks::<4>().0.iter().all(|pixel| pixel[3] == 255);
    let mut bytes = Vec::with_capacity(pixels.rgba.len() / 2);
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width, pixels.height);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Adaptive);
    encoder.set_color(if opaque { png::ColorType::Rgb } else { png::ColorType::Rgba });
    let mut writer = encoder.write_header()?;
    if opaque {
        let rgb: Vec<u8> = pixels.rgba.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
        writer.write_image_data(&rgb)?;
    } else {
        writer.write_image_data(&pixels.rgba)?;
    }
    writer.finish()?;
    Ok(bytes)
}

/// None when it is damaged, too large, or no PNG.
pub fn decode(bytes: &[u8]) -> Option<Pixels> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: 1 << 30 });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = reader.info().size();
    if u64::from(width) * u64::from(height) > PIXELS {
        return None;
    }
    let mut data = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut data).ok()?;
    data.truncate(info.buffer_size());
    let rgba = match info.color_type {
        png::ColorType::Rgba => data,
        png::ColorType::Rgb => return Pixels::from_rgb(width, height, &data),
        png::ColorType::Grayscale => data.iter().flat_map(|&v| [v, v, v, 255]).collect(),
        png::ColorType::GrayscaleAlpha => data.as_chunks::<2>().0.iter().flat_map(|&[v, a]| [v, v, v, a]).collect(),
        png::ColorType::Indexed => return None,
    };
    Pixels::from_rgba(width, height, rgba)
}
