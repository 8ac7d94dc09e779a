//! Titles, captions, credits and slates: text becomes a picture.
//!
//! Shaped with bundled fonts, so that a film looks the same on every machine; fonts of the system are looked at only when a text
//! holds letters that ours lack. Line breaks, right-to-left and mixed directions are the shaper's. Never fails: what cannot be drawn
//! is left out.

mod ink;
pub mod paper;
mod styles;

use cosmic_text::{Align, Attrs, Buffer, FontSystem, Metrics, Shaping, SwashCache, Wrap, fontdb};
use ink::Ink;
use kinora_document::Corner;
use kinora_document::film::{Title, TitleStyle};
use kinora_shaders::Picture;
use std::sync::Arc;

/// Families of the bundled fonts.
const SANS: &str = "Inter";
const TYPEWRITER: &str = "Courier Prime";

static FONTS: [&[u8]; 9] = [
    include_bytes!("../../fonts/Inter-Regular.otf"),
    include_bytes!("../../fonts/Inter-Bold.otf"),
    include_bytes!("../../fonts/Inter-Italic.otf"),
    include_bytes!("../../fonts/CourierPrime-Regular.otf"),
    include_bytes!("../../fonts/CourierPrime-Bold.otf"),
    include_bytes!("../../fonts/NotoSansArabic-Regular.ttf"),
    include_bytes!("../../fonts/NotoSansArabic-Bold.ttf"),
    include_bytes!("../../fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../../fonts/NotoSansHebrew-Bold.ttf"),
];

/// A picture of text, and where it lies on the frame that it was set for.
#[derive(Clone, Debug)]
pub struct Lettering {
    pub picture: Picture,
    pub left: i32,
    pub top: i32,
}

/// Sets text. One per compositor: loading fonts takes time.
pub struct Typesetter {
    fonts: FontSystem,
    glyphs: SwashCache,
    system_fonts: bool,
}

impl std::fmt::Debug for Typesetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Typesetter").field("system_fonts", &self.system_fonts).finish_non_exhaustive()
    }
}

impl Default for Typesetter {
    fn default() -> Self {
        let mut database = fontdb::Database::new();
        for font in FONTS {
            database.load_font_source(fontdb::Source::Binary(Arc::new(font)));
        }
        database.set_sans_serif_family(SANS);
        database.set_monospace_family(TYPEWRITER);
        database.set_serif_family(SANS);
        Self {
            // A fixed language: the same text is the same picture wherever it is set.
            fonts: FontSystem::new_with_locale_and_db("en-US".to_owned(), database),
            glyphs: SwashCache::new(),
            system_fonts: false,
        }
    }
}

impl Typesetter {
    /// None when nothing is to be seen.
    pub fn title(&mut self, title: &Title, width: usize, height: usize) -> Option<Lettering> {
        if title.text.trim().is_empty() || width == 0 || height == 0 {
            return None;
        }
        self.have_letters(&title.text);
        let mut ink = Ink::new(width, height)?;
        match title.style {
            TitleStyle::Card => styles::card(self, &title.text, &mut ink),
            TitleStyle::Lower => styles::lower(self, &title.text, &mut ink),
            TitleStyle::Caption => styles::caption(self, &title.text, &mut ink),
            TitleStyle::Credits => styles::credits(self, &title.text, &mut ink),
            TitleStyle::Social | TitleStyle::Karaoke => styles::social(self, &title.text, None, &mut ink),
        }
        ink.into_lettering()
    }

    /// A caption for small screens, one of its words lit.
    pub fn karaoke(&mut self, text: &str, word: Option<u32>, width: usize, height: usize) -> Option<Lettering> {
        if text.trim().is_empty() || width == 0 || height == 0 {
            return None;
        }
        self.have_letters(text);
        let mut ink = Ink::new(width, height)?;
        styles::social(self, text, word, &mut ink);
        ink.into_lettering()
    }

    /// Covers the whole frame.
    pub fn slate(&mut self, heading: &str, text: &str, width: usize, height: usize) -> Option<Lettering> {
        self.have_letters(heading);
        self.have_letters(text);
        let mut ink = Ink::new(width, height)?;
        styles::slate(self, heading, text, &mut ink);
        ink.into_lettering()
    }

    /// The film's sign, small in a corner.
    pub fn sign(&mut self, corner: Corner, size_permille: u32, width: usize, height: usize) -> Option<Lettering> {
        let mut ink = Ink::new(width, height)?;
        styles::sign(self, corner, size_permille, &mut ink);
        ink.into_lettering()
    }

    /// Looks for fonts of the system when ours lack letters. That the search is late keeps it away from most films.
    fn have_letters(&mut self, text: &str) {
        if !self.system_fonts && !text.chars().all(bundled) {
            self.fonts.db_mut().load_system_fonts();
            self.system_fonts = true;
        }
    }

    /// Lays out paragraphs within `width`. Spans: text, attributes.
    fn set(&mut self, spans: &[(&str, Attrs<'_>)], metrics: Metrics, width: f32, align: Option<Align>) -> Setting {
        let mut buffer = Buffer::new(&mut self.fonts, metrics);
        buffer.set_wrap(Wrap::WordOrGlyph);
        buffer.set_size(Some(width.max(1.0)), None);
        let default = spans.first().map_or_else(Attrs::new, |(_, attributes)| attributes.clone());
        buffer.set_rich_text(
            spans.iter().map(|(text, attributes)| (*text, attributes.clone())),
            &default,
            Shaping::Advanced,
            align,
        );
        buffer.shape_until_scroll(&mut self.fonts, false);
        let mut extent = Extent { left: f32::MAX, right: 0.0, height: 0.0 };
        for run in buffer.layout_runs() {
            for glyph in run.glyphs {
                extent.left = extent.left.min(glyph.x);
                extent.right = extent.right.max(glyph.x + glyph.w);
            }
            extent.height = extent.height.max(run.line_top + run.line_height);
        }
        extent.left = extent.left.min(extent.right);
        Setting { buffer, extent }
    }

    fn draw(&mut self, setting: &mut Setting, left: f32, top: f32, colour: [u8; 3], ink: &mut Ink) {
        let (left, top) = (left.round() as i32, top.round() as i32);
        let [red, green, blue] = colour;
        let colour = cosmic_text::Color::rgb(red, green, blue);
        setting.buffer.draw(&mut self.fonts, &mut self.glyphs, colour, |x, y, width, height, colour| {
            let (x, y) = (x.saturating_add(left), y.saturating_add(top));
            ink.fill(x, y, width, height, colour.as_rgba());
        });
    }
}

struct Setting {
    buffer: Buffer,
    extent: Extent,
}

/// Where the letters of a block are, within its width.
#[derive(Clone, Copy)]
struct Extent {
    left: f32,
    right: f32,
    height: f32,
}

/// Scripts that the bundled fonts cover: Latin, Greek, Cyrillic, Hebrew, Arabic, and their punctuation.
fn bundled(letter: char) -> bool {
    matches!(u32::from(letter),
        0x0000..=0x052f | 0x0590..=0x06ff | 0x0750..=0x077f | 0x1e00..=0x1fff | 0x2000..=0x206f | 0x20a0..=0x20bf
        | 0x2100..=0x214f | 0x2190..=0x2199 | 0x2212 | 0xfb1d..=0xfdff | 0xfe70..=0xfeff)
}
