//! The camera's newest picture for a screen: made small, turned into RGB, mirrored if a person wants to see themselves as in a mirror.
//!
//! Made when asked for and only then; the recording never sees the mirror.

use kinora_document::FrameSize;
use kinora_ports::{Pixels, VideoFrame};

/// Pixels of the frame are taken from the middle of each cell; a viewfinder needs no filter.
pub fn preview(frame: &VideoFrame, within: FrameSize, mirror: bool) -> Pixels {
    let (width, height) = (frame.width.max(1), frame.height.max(1));
    let step = width.div_ceil(within.width.max(16)).max(height.div_ceil(within.height.max(16))).max(1);
    let (columns, rows) = ((width / step).max(1), (height / step).max(1));
    let mut pixels = Pixels::new(columns, rows);
    let luma = width as usize * height as usize;
    let (half, lower) = (width.div_ceil(2) as usize, height.div_ceil(2) as usize);
    let at = |index: usize| frame.i420.get(index).copied().unwrap_or(128);
    for (row, line) in (0..rows).zip(pixels.rgba.chunks_exact_mut(columns as usize * 4)) {
        let y = (row * step + step / 2).min(height - 1) as usize;
        for (column, pixel) in (0..columns).zip(line.as_chunks_mut::<4>().0) {
            let x = (column * step + step / 2).min(width - 1);
            let x = (if mirror { width - 1 - x } else { x }) as usize;
            let chroma = y / 2 * half + x / 2;
            *pixel = rgb(at(y * width as usize + x), at(luma + chroma), at(luma + half * lower + chroma));
        }
    }
    pixels
}

/// BT.709, limited range, in whole numbers of 1/4096.
fn rgb(luma: u8, blue: u8, red: u8) -> [u8; 4] {
    let (y, cb, cr) = ((i32::from(luma) - 16) * 4769, i32::from(blue) - 128, i32::from(red) - 128);
    let to = |value: i32| ((value + 2048) >> 12).clamp(0, 255) as u8;
    [to(y + 7343 * cr), to(y - 873 * cb - 2183 * cr), to(y + 8652 * cb), 255]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_survive_the_way_to_the_screen_and_a_mirror_turns_left_and_right() {
        let mut pixels = Pixels::new(64, 32);
        for (at, pixel) in pixels.rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            *pixel = if at % 64 < 32 { [200, 40, 60, 255] } else { [20, 120, 220, 255] };
        }
        let frame = VideoFrame::of(&pixels);
        for (mirror, first) in [(false, [200, 40, 60]), (true, [20, 120, 220])] {
            let seen = preview(&frame, FrameSize { width: 32, height: 32 }, mirror);
            assert_eq!((seen.width, seen.height), (32, 16));
            let [red, green, blue, alpha] = seen.rgba.as_chunks::<4>().0[0];
            let off = [red, green, blue].iter().zip(first).map(|(a, b)| a.abs_diff(b)).max();
            assert!(off <= Some(3) && alpha == 255, "{mirror}: {red} {green} {blue}");
        }
    }
}
