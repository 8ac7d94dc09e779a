//! Pictures in and out of the network's numbers: 8-bit sRGB ↔ f32 in −1 … 1, cut and scaled to the clip's size, padded at
//! the right and bottom edge to whole latent positions. Scaling averages over the covered area, so it never flickers.

use candle_core::{Device, Tensor};

use super::{DraftError, Picture};

/// Picture → `[3, padded height, padded width]`, filling `size` (width, height): the middle is kept, the rest cut off.
///
/// # Errors
/// [`DraftError::Refused`] when the picture's bytes do not fit its size.
pub(super) fn to_tensor(
    picture: &Picture,
    (width, height): (usize, usize),
    factor: usize,
    device: &Device,
) -> Result<Tensor, DraftError> {
    let (w, h) = (picture.width, picture.height);
    let legal = (1..=Picture::MAX_SIDE).contains(&w) && (1..=Picture::MAX_SIDE).contains(&h);
    if !legal || picture.rgb.len() != w * h * 3 {
        return Err(DraftError::Refused(format!("A picture of {w} × {h} pixels cannot be used as a guide.")));
    }
    // The largest part of the picture that has the clip's shape.
    let scale = (w as f64 / width as f64).min(h as f64 / height as f64);
    let left = (w as f64 - width as f64 * scale) / 2.0;
    let top = (h as f64 - height as f64 * scale) / 2.0;
    let columns: Vec<_> = (0..width).map(|x| cover(left + x as f64 * scale, scale, w)).collect();
    let (pw, ph) = (width.next_multiple_of(factor), height.next_multiple_of(factor));
    let mut out = vec![0.0f32; 3 * pw * ph];
    let mut line = vec![0.0f32; width * 3];
    for y in 0..height {
        line.fill(0.0);
        for (row, share) in cover(top + y as f64 * scale, scale, h) {
            let pixels = picture.rgb.get(row * w * 3..(row + 1) * w * 3).unwrap_or_default();
            for (sums, weights) in line.chunks_exact_mut(3).zip(&columns) {
                for (column, part) in weights {
                    for (sum, value) in sums.iter_mut().zip(pixels.get(column * 3..).unwrap_or_default()) {
                        *sum += f32::from(*value) * share * part;
                    }
                }
            }
        }
        for c in 0..3 {
            for x in 0..pw {
                let value = line.get(x.min(width - 1) * 3 + c).copied().unwrap_or(0.0) / 127.5 - 1.0;
                if let Some(to) = out.get_mut((c * ph + y) * pw + x) {
                    *to = value;
                }
            }
        }
    }
    for plane in out.chunks_exact_mut(pw * ph) {
        for y in height..ph {
            plane.copy_within((height - 1) * pw..height * pw, y * pw);
        }
    }
    Ok(Tensor::from_vec(out, (3, ph, pw), device)?)
}

/// Source pixels under `from..from + length`, with shares that sum to 1; below a pixel's length, between two centres.
fn cover(from: f64, length: f64, count: usize) -> Vec<(usize, f32)> {
    let last = count - 1;
    if length <= 1.0 {
        let place = (from + length / 2.0 - 0.5).clamp(0.0, last as f64);
        let low = place as usize;
        let part = (place - low as f64) as f32;
        return vec![(low, 1.0 - part), ((low + 1).min(last), part)];
    }
    let (first, end) = (from.max(0.0) as usize, ((from + length).ceil() as usize).min(count));
    (first..end.max(first + 1))
        .map(|i| {
            let share = (from + length).min(i as f64 + 1.0) - from.max(i as f64);
            (i.min(last), (share.max(0.0) / length) as f32)
        })
        .collect()
}

/// `[n, 3, padded height, padded width]` → n frames of 8-bit sRGB, the padding cut off.
///
/// # Errors
/// When the device fails.
pub(super) fn to_frames(frames: &Tensor, (width, height): (usize, usize)) -> Result<Vec<Vec<u8>>, DraftError> {
    let frames = frames.narrow(2, 0, height)?.narrow(3, 0, width)?.permute((0, 2, 3, 1))?;
    let values = frames.flatten_all()?.to_vec1::<f32>()?;
    let byte = |v: &f32| ((v + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8;
    Ok(values.chunks_exact((width * height * 3).max(1)).map(|frame| frame.iter().map(byte).collect()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(width: usize, height: usize, colour: [u8; 3]) -> Picture {
        Picture { width, height, rgb: colour.repeat(width * height) }
    }

    #[test]
    fn a_flat_picture_stays_flat_at_any_size() -> Result<(), DraftError> {
        for (w, h) in [(1, 1), (128, 72), (72, 128), (1280, 720), (33, 517)] {
            let tensor = to_tensor(&flat(w, h, [255, 0, 51]), (128, 72), 16, &Device::Cpu)?;
            assert_eq!(tensor.dims(), [3, 80, 128]);
            for frame in to_frames(&tensor.unsqueeze(0)?, (128, 72))? {
                assert_eq!(frame, [255, 0, 51].repeat(128 * 72));
            }
        }
        Ok(())
    }

    #[test]
    fn a_picture_of_the_clip_s_own_size_comes_back_unchanged() -> Result<(), DraftError> {
        let rgb: Vec<u8> = (0..96 * 96 * 3).map(|i| (i * 31 % 251) as u8).collect();
        let picture = Picture { width: 96, height: 96, rgb: rgb.clone() };
        let tensor = to_tensor(&picture, (96, 96), 16, &Device::Cpu)?;
        assert_eq!(to_frames(&tensor.unsqueeze(0)?, (96, 96))?, [rgb]);
        Ok(())
    }

    #[test]
    fn a_picture_that_lies_about_its_size_is_refused() {
        let picture = Picture { width: 4, height: 4, rgb: vec![0; 5] };
        assert!(matches!(to_tensor(&picture, (96, 96), 16, &Device::Cpu), Err(DraftError::Refused(_))));
        assert!(to_tensor(&flat(0, 0, [0; 3]), (96, 96), 16, &Device::Cpu).is_err());
    }
}
