//! A picture as the twins hold it: 8 bits, planar, alpha premultiplied.
//!
//! Planar so that loops fill registers; an opaque picture has no alpha plane at all, which most pictures of a film are.

use crate::wide::wide;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    /// Red, green, blue; and alpha, empty when the picture is opaque.
    planes: [Vec<u8>; 4],
}

impl Picture {
    /// From straight RGBA; None when the number of bytes does not fit the size, or the size is nothing.
    pub fn from_straight_rgba(width: usize, height: usize, rgba: &[u8]) -> Option<Self> {
        let pixels = width.checked_mul(height).filter(|&pixels| pixels > 0)?;
        if rgba.len() != pixels.checked_mul(4)? {
            return None;
        }
        let opaque = rgba.as_chunks::<4>().0.iter().all(|&[_, _, _, alpha]| alpha == 255);
        let mut planes = [vec![0; pixels], vec![0; pixels], vec![0; pixels], Vec::new()];
        if !opaque {
            planes[3] = vec![0; pixels];
        }
        let [red, green, blue, alpha] = &mut planes;
        if opaque {
            split_opaque(rgba, red, green, blue);
        } else {
            split_premultiplied(rgba, red, green, blue, alpha);
        }
        Some(Self { width, height, planes })
    }

    /// From planes of `width · height` bytes that are premultiplied already; the last may be empty.
    pub fn from_planes(width: usize, height: usize, planes: [Vec<u8>; 4]) -> Option<Self> {
        let pixels = width.checked_mul(height).filter(|&pixels| pixels > 0)?;
        let [red, green, blue, alpha] = &planes;
        let fits = [red, green, blue].iter().all(|plane| plane.len() == pixels);
        (fits && (alpha.is_empty() || alpha.len() == pixels)).then_some(Self { width, height, planes })
    }

    /// Its memory, for another.
    pub fn into_planes(self) -> [Vec<u8>; 4] {
        self.planes
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn height(&self) -> usize {
        self.height
    }

    pub fn is_opaque(&self) -> bool {
        self.planes[3].is_empty()
    }

    /// In memory.
    pub fn bytes(&self) -> usize {
        self.planes.iter().map(Vec::len).sum()
    }

    /// Red, green, blue and, unless opaque, alpha.
    pub fn planes(&self) -> &[Vec<u8>] {
        if self.is_opaque() { &self.planes[..3] } else { &self.planes }
    }

    /// Row `y` of plane `channel`; empty when there is none.
    pub fn row(&self, channel: usize, y: usize) -> &[u8] {
        let start = y.saturating_mul(self.width);
        self.planes.get(channel).and_then(|plane| plane.get(start..start.saturating_add(self.width))).unwrap_or(&[])
    }

    /// Interleaved, still premultiplied: what a texture holds.
    pub fn to_premultiplied_rgba(&self) -> Vec<u8> {
        let mut rgba = vec![255; self.width * self.height * 4];
        let [red, green, blue, alpha] = &self.planes;
        for (i, out) in rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let of = |plane: &[u8]| plane.get(i).copied().unwrap_or(255);
            *out = [of(red), of(green), of(blue), of(alpha)];
        }
        rgba
    }
}

wide! {
    fn split_opaque(rgba: &[u8], red: &mut [u8], green: &mut [u8], blue: &mut [u8]) {
        for (((pixel, red), green), blue) in rgba.as_chunks::<4>().0.iter().zip(red).zip(green).zip(blue) {
            [*red, *green, *blue, _] = *pixel;
        }
    }
}

wide! {
    fn split_premultiplied(rgba: &[u8], red: &mut [u8], green: &mut [u8], blue: &mut [u8], alpha: &mut [u8]) {
        let pixels = rgba.as_chunks::<4>().0.iter();
        for ((((pixel, red), green), blue), alpha) in pixels.zip(red).zip(green).zip(blue).zip(alpha) {
            let [r, g, b, a] = *pixel;
            let times = |x: u8| ((u16::from(x) * u16::from(a) + 127) / 255) as u8;
            (*red, *green, *blue, *alpha) = (times(r), times(g), times(b), a);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_sizes_are_refused() {
        assert!(Picture::from_straight_rgba(0, 5, &[]).is_none());
        assert!(Picture::from_straight_rgba(2, 2, &[0; 15]).is_none());
        assert!(Picture::from_straight_rgba(usize::MAX, 2, &[0; 16]).is_none());
    }

    #[test]
    fn alpha_is_premultiplied_and_opaque_has_no_plane() {
        let clear = Picture::from_straight_rgba(2, 1, &[200, 100, 50, 128, 255, 255, 255, 0]).expect("fits");
        assert_eq!(clear.to_premultiplied_rgba(), [100, 50, 25, 128, 0, 0, 0, 0]);
        let opaque = Picture::from_straight_rgba(1, 1, &[1, 2, 3, 255]).expect("fits");
        assert!(opaque.is_opaque());
        assert_eq!(opaque.to_premultiplied_rgba(), [1, 2, 3, 255]);
    }
}
