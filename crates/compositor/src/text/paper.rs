//! A white page with text and pictures on it, for what is printed: the storyboard.
//!
//! Set with the same fonts and the same shaper as titles, so that every script a film may be written in comes out right. What does not
//! fit its place is cut at the place's lower edge; nothing is ever drawn outside the page.

use super::ink::Ink;
use super::{SANS, Typesetter};
use cosmic_text::{Attrs, Family, Metrics, Weight};

/// Where a text goes, in pixels of the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    /// No lower than this far below the top.
    pub height: f32,
}

/// How a text looks: size in pixels, straight RGB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    pub size: f32,
    pub colour: [u8; 3],
    pub strong: bool,
}

pub struct Paper {
    ink: Ink,
}

impl std::fmt::Debug for Paper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Paper")
    }
}

impl Paper {
    /// None for a page without a side.
    pub fn new(width: u32, height: u32) -> Option<Self> {
        let mut ink = Ink::new(width as usize, height as usize)?;
        ink.fill(0, 0, width, height, [255; 4]);
        Some(Self { ink })
    }

    /// Sets a text and says how much of the column's height it took.
    pub fn text(&mut self, setter: &mut Typesetter, text: &str, column: Column, look: Look) -> f32 {
        if text.trim().is_empty() || column.height < look.size {
            return 0.0;
        }
        setter.have_letters(text);
        let plain = Attrs::new().family(Family::Name(SANS));
        let attributes = if look.strong { plain.weight(Weight::BOLD) } else { plain };
        let metrics = Metrics::new(look.size.max(1.0), (look.size * 1.32).max(1.0));
        let mut block = setter.set(&[(text.trim(), attributes)], metrics, column.width, None);
        // Whole lines only.
        let lines = (column.height / metrics.line_height).floor().max(1.0);
        let height = block.extent.height.min(lines * metrics.line_height);
        let (left, top) = (column.left.round() as i32, column.top.round() as i32);
        let [red, green, blue] = look.colour;
        let colour = cosmic_text::Color::rgb(red, green, blue);
        let ink = &mut self.ink;
        block.buffer.draw(&mut setter.fonts, &mut setter.glyphs, colour, |x, y, width, tall, colour| {
            if y >= 0 && (y as f32) < height {
                ink.fill(x.saturating_add(left), y.saturating_add(top), width, tall, colour.as_rgba());
            }
        });
        height
    }

    /// Lays a picture down, pixel for pixel; straight RGBA.
    pub fn picture(&mut self, rgba: &[u8], width: u32, left: i32, top: i32) {
        for (at, pixel) in rgba.as_chunks::<4>().0.iter().enumerate() {
            let (x, y) = (at as u32 % width.max(1), at as u32 / width.max(1));
            self.ink.fill(left + x as i32, top + y as i32, 1, 1, *pixel);
        }
    }

    pub fn rectangle(&mut self, left: f32, top: f32, right: f32, bottom: f32, colour: [u8; 3]) {
        let [red, green, blue] = colour;
        self.ink.fill_rectangle(left, top, right, bottom, [red, green, blue, 255]);
    }

    /// The page as it is: RGB, row by row.
    pub fn into_rgb(self) -> Vec<u8> {
        self.ink.into_rgb()
    }
}
