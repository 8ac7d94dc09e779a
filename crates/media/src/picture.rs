//! Small pictures for cards, sheets and lists.
//!
//! Shape is kept, nothing is ever enlarged, and a picture has at least one pixel each way.

use kinora_ports::Pixels;

/// At most `width` × `height`, in the picture's own shape.
pub fn thumbnail(pixels: &Pixels, width: u32, height: u32) -> Pixels {
    let (w, h) = (u64::from(pixels.width.max(1)), u64::from(pixels.height.max(1)));
    if w <= u64::from(width) && h <= u64::from(height) {
        return pixels.clone();
    }
    let (fit_width, fit_height) = if w * u64::from(height) > h * u64::from(width) {
        (u64::from(width), (h * u64::from(width) + w / 2) / w)
    } else {
        ((w * u64::from(height) + h / 2) / h, u64::from(height))
    };
    let (fit_width, fit_height) = (fit_width.max(1) as u32, fit_height.max(1) as u32);
    let view =
        image::ImageBuffer::<image::Rgba<u8>, &[u8]>::from_raw(pixels.width, pixels.height, pixels.rgba.as_slice());
    match view {
        Some(view) => {
            let small = image::imageops::thumbnail(&view, fit_width, fit_height);
            Pixels { width: fit_width, height: fit_height, rgba: small.into_raw() }
        }
        None => Pixels::new(fit_width, fit_height),
    }
}
