//! The board on paper: six shots a page, each with its picture, its words, its camera and its length, as a PDF to print or to send.
//!
//! It reads the film and the thumbnails of the takes that it shows, and writes one file, whole or not at all. A shot without a take has
//! an empty frame to draw into.

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{ExtendedColorType, ImageEncoder};
use kinora_backend::{OpenFilm, Trouble};
use kinora_compositor::text::Typesetter;
use kinora_compositor::text::paper::{Column, Look, Paper};
use kinora_document::board::{Card, cards};
use kinora_document::catalogue::Model;
use kinora_document::{Film, Shot};
use kinora_interchange::{Page, pdf};
use kinora_ports::Fault;
use std::path::Path;

/// A4 on its side, in points.
const PAGE: (u32, u32) = (842, 595);
/// Pixels for a point: 150 to the inch, which a printer shows as smooth.
const SCALE: f32 = 150.0 / 72.0;
const ACROSS: usize = 3;
const DOWN: usize = 2;
/// Points around the page, and between the shots.
const MARGIN: f32 = 34.0;
const GAP: f32 = 16.0;
const HEAD: f32 = 26.0;
/// A feature's worth of paper; beyond it nobody prints, and the file would not fit in memory.
const MOST_PAGES: usize = 400;
const JPEG_QUALITY: u8 = 88;
const INK: [u8; 3] = [24, 26, 32];
const GREY: [u8; 3] = [98, 104, 116];
const LINE: [u8; 3] = [196, 200, 208];

pub fn write(film: &OpenFilm, models: &[Model], path: &Path) -> Result<(), Trouble> {
    let document = film.session.film();
    let cards = cards(&document, models);
    let on_page = ACROSS * DOWN;
    let count = cards.len().div_ceil(on_page);
    if count == 0 {
        return Err(Trouble::refuse(
            "board.empty",
            "There are no shots on the board yet.",
            "Write a scene in the Write room first.",
        ));
    }
    if count > MOST_PAGES {
        return Err(Trouble::refuse(
            "board.too_long",
            format!("The board would have {count} pages; {MOST_PAGES} is the limit."),
            "Export a part of the film.",
        ));
    }
    let mut setter = Typesetter::default();
    let pages = cards
        .chunks(on_page)
        .enumerate()
        .map(|(at, cards)| page(film, &document, cards, (at + 1, count), &mut setter))
        .collect::<Result<Vec<_>, _>>()?;
    keep(path, &pdf(&document.settings.title, &pages))
}

/// Beside its place first, so that a full disk leaves no half a file.
fn keep(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
    written.map_err(|e| {
        let _ = std::fs::remove_file(&part);
        Trouble::from(Fault::new(
            format!("The board could not be written to {} ({e}).", path.display()),
            "Check that the folder is there, that you may write to it, and that the disk has room.",
            e,
        ))
    })
}

/// A page under way: pixels for the eye, words for the search.
struct Sheet<'a> {
    paper: Paper,
    setter: &'a mut Typesetter,
    words: Vec<(f32, f32, String)>,
}

impl Sheet<'_> {
    /// In points; gives the height that the text took.
    fn text(&mut self, text: &str, (left, top): (f32, f32), (width, height): (f32, f32), look: Look) -> f32 {
        let column = Column { left: left * SCALE, top: top * SCALE, width: width * SCALE, height: height * SCALE };
        let look = Look { size: look.size * SCALE, ..look };
        self.words.push((left, top + look.size / SCALE, text.to_owned()));
        self.paper.text(self.setter, text, column, look) / SCALE
    }

    fn frame(&mut self, (left, top): (f32, f32), (width, height): (f32, f32)) {
        let (x, y, right, bottom) = (left * SCALE, top * SCALE, (left + width) * SCALE, (top + height) * SCALE);
        self.paper.rectangle(x, y, right, bottom, LINE);
        self.paper.rectangle(x + 2.0, y + 2.0, right - 2.0, bottom - 2.0, [255; 3]);
    }
}

fn page(
    film: &OpenFilm,
    document: &Film,
    cards: &[Card],
    (number, count): (usize, usize),
    setter: &mut Typesetter,
) -> Result<Page, Trouble> {
    let pixels = ((PAGE.0 as f32 * SCALE) as u32, (PAGE.1 as f32 * SCALE) as u32);
    let paper = Paper::new(pixels.0, pixels.1).ok_or_else(|| broken("a page without a side"))?;
    let mut sheet = Sheet { paper, setter, words: Vec::new() };
    let (width, height) = (PAGE.0 as f32 - 2.0 * MARGIN, PAGE.1 as f32 - 2.0 * MARGIN);
    let strong = |size: f32| Look { size, colour: INK, strong: true };
    let quiet = |size: f32| Look { size, colour: GREY, strong: false };
    sheet.text(&document.settings.title, (MARGIN, MARGIN - 6.0), (width * 0.8, 16.0), strong(13.0));
    let place = format!("{number} / {count}");
    sheet.text(&place, (MARGIN + width - 44.0, MARGIN - 4.0), (60.0, 14.0), quiet(9.0));
    let cell = (
        (width - GAP * (ACROSS as f32 - 1.0)) / ACROSS as f32,
        (height - HEAD - GAP * (DOWN as f32 - 1.0)) / DOWN as f32,
    );
    for (at, card) in cards.iter().enumerate() {
        let (column, row) = ((at % ACROSS) as f32, (at / ACROSS) as f32);
        let corner = (MARGIN + column * (cell.0 + GAP), MARGIN + HEAD + row * (cell.1 + GAP));
        shot(film, document, card, corner, cell, &mut sheet);
    }
    let words = std::mem::take(&mut sheet.words);
    let rgb = sheet.paper.into_rgb();
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY)
        .write_image(&rgb, pixels.0, pixels.1, ExtendedColorType::Rgb8)
        .map_err(|e| broken(&e.to_string()))?;
    Ok(Page { width: PAGE.0, height: PAGE.1, jpeg, pixels, words })
}

fn shot(film: &OpenFilm, document: &Film, card: &Card, corner: (f32, f32), cell: (f32, f32), sheet: &mut Sheet<'_>) {
    let size = document.settings.size;
    // The film's shape, in at most three fifths of the cell.
    let shape = size.width as f32 / size.height.max(1) as f32;
    let tall = (cell.0 / shape).min(cell.1 * 0.6);
    let wide = tall * shape;
    sheet.frame(corner, (wide, tall));
    if let Some((rgba, across, down)) = picture(film, document, card, wide * SCALE, tall * SCALE) {
        let (left, top) = ((corner.0 + wide / 2.0) * SCALE, (corner.1 + tall / 2.0) * SCALE);
        let place = (left as i32 - across as i32 / 2, top as i32 - down as i32 / 2);
        sheet.paper.picture(&rgba, across, place.0, place.1);
    }
    let Some(shot) = document.shots.get(card.shot) else { return };
    let mut top = corner.1 + tall + 5.0;
    let bottom = corner.1 + cell.1;
    let rows = [
        (format!("{}   {}", card.number, card.heading), Look { size: 8.5, colour: INK, strong: true }, 23.0),
        (facts(shot), Look { size: 7.5, colour: GREY, strong: false }, 11.0),
        (shot.description.trim().to_owned(), Look { size: 8.0, colour: INK, strong: false }, 44.0),
        (lines(shot), Look { size: 7.5, colour: GREY, strong: false }, 60.0),
    ];
    for (text, look, most) in rows {
        if !text.is_empty() && top + look.size < bottom {
            top += sheet.text(&text, (corner.0, top), (cell.0, (bottom - top).min(most)), look) + 2.0;
        }
    }
}

/// "wide · pan left · 4.0 s".
fn facts(shot: &Shot) -> String {
    let tenths = (shot.length.to_millis() + 50) / 100;
    let length = format!("{}.{} s", tenths / 10, tenths % 10);
    let said = [shot.framing.as_str(), shot.camera.as_str(), length.as_str()];
    said.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn lines(shot: &Shot) -> String {
    shot.dialogue.iter().map(|line| format!("{}: {}", line.character, line.text)).collect::<Vec<_>>().join("\n")
}

/// The take's thumbnail, as large as fits; None when there is none, when it cannot be read, or when the consent it was made under was taken
/// back, which leaves the frame empty.
fn picture(film: &OpenFilm, document: &Film, card: &Card, wide: f32, tall: f32) -> Option<(Vec<u8>, u32, u32)> {
    let hash = document.takes.get(card.take?).filter(|take| !take.withdrawn)?.thumbnail?;
    let png = film.session.store().blobs().get(hash).ok()?;
    let image = image::load_from_memory(&png).ok()?;
    let factor = (wide / image.width().max(1) as f32).min(tall / image.height().max(1) as f32);
    let (across, down) = ((image.width() as f32 * factor) as u32, (image.height() as f32 * factor) as u32);
    let fitted = image.resize_exact(across.max(1), down.max(1), FilterType::CatmullRom).to_rgba8();
    Some((fitted.into_raw(), across.max(1), down.max(1)))
}

fn broken(detail: &str) -> Trouble {
    Trouble::from(Fault::new("A page of the board could not be made.", "Try again.", detail.to_owned()))
}
