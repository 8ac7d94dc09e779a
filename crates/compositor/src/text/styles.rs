//! How each kind of title looks: sizes as parts of the frame's height, so that it looks alike at every size.
//!
//! White letters that can be read on any picture: an outline around free-standing ones, a box behind the others. Text that is too
//! long is set smaller, down to a limit, and then cut at the frame.

use super::ink::Ink;
use super::{Extent, SANS, Setting, TYPEWRITER, Typesetter};
use cosmic_text::{Align, Attrs, Family, Metrics, Weight};
use kinora_document::Corner;
use kinora_document::sign::SIGN_TEXT;

const WHITE: [u8; 3] = [246, 246, 242];
const GREY: [u8; 3] = [176, 182, 192];
const AMBER: [u8; 3] = [242, 177, 52];
const BOX: [u8; 4] = [10, 11, 14, 178];
/// Text that does not fit is set smaller, but not below this part of its size.
const SMALLEST: f32 = 0.35;

fn sans() -> Attrs<'static> {
    Attrs::new().family(Family::Name(SANS))
}

fn metrics(size: f32) -> Metrics {
    Metrics::new(size.max(1.0), (size * 1.25).max(1.0))
}

/// Sets smaller and smaller until the block is no higher than `height`.
fn fitted(height: f32, mut set: impl FnMut(f32) -> Setting) -> Setting {
    let mut factor = 1.0_f32;
    loop {
        let setting = set(factor);
        if setting.extent.height <= height || factor <= SMALLEST {
            return setting;
        }
        factor = (factor * (height / setting.extent.height).sqrt().clamp(0.6, 0.95)).max(SMALLEST);
    }
}

pub(super) fn card(setter: &mut Typesetter, text: &str, ink: &mut Ink) {
    centred(setter, text, ink, 0.115, &sans().weight(Weight::BOLD));
}

pub(super) fn credits(setter: &mut Typesetter, text: &str, ink: &mut Ink) {
    centred(setter, text, ink, 0.05, &sans());
}

fn centred(setter: &mut Typesetter, text: &str, ink: &mut Ink, part: f32, attributes: &Attrs<'_>) {
    let (width, height) = ink.size();
    // On upright frames the width is what is scarce.
    let size = part * height.min(width * 0.75);
    let column = width * 0.86;
    let mut block = fitted(height * 0.86, |factor| {
        setter.set(&[(text.trim_end(), attributes.clone())], metrics(size * factor), column, Some(Align::Center))
    });
    let top = ((height - block.extent.height) / 2.0).max(0.0);
    setter.draw(&mut block, (width - column) / 2.0, top, WHITE, ink);
    ink.outline((size * 0.045).clamp(1.0, 8.0), 190);
}

pub(super) fn lower(setter: &mut Typesetter, text: &str, ink: &mut Ink) {
    let (width, height) = ink.size();
    let size = 0.058 * height.min(width * 0.75);
    let (name, rest) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
    let (column, pad) = (width * 0.62, size * 0.45);
    let mut block = fitted(height * 0.3, |factor| {
        let small = metrics(size * 0.7 * factor);
        let mut spans = vec![(name, sans().weight(Weight::BOLD).metrics(metrics(size * factor)))];
        if !rest.is_empty() {
            spans.push(("\n", sans().metrics(metrics(size * factor))));
            spans.push((rest, sans().metrics(small)));
        }
        // No alignment: each paragraph begins on its own side.
        setter.set(&spans, metrics(size * factor), column, None)
    });
    let Extent { left, right, height: block_height } = block.extent;
    let top = height * 0.9 - block_height - pad;
    // A text that begins on the right belongs to the right.
    let from_right = left > column * 0.5;
    let shift = if from_right { width * 0.94 - pad - column } else { width * 0.06 + pad };
    let (box_left, box_right) = (shift + left - pad, shift + right + pad);
    ink.fill_rectangle(box_left, top - pad * 0.6, box_right, top + block_height + pad * 0.6, BOX);
    let bar = (size * 0.12).max(1.0);
    let [red, green, blue] = AMBER;
    let bar_left = if from_right { box_right } else { box_left - bar };
    ink.fill_rectangle(
        bar_left,
        top - pad * 0.6,
        bar_left + bar,
        top + block_height + pad * 0.6,
        [red, green, blue, 255],
    );
    setter.draw(&mut block, shift, top, WHITE, ink);
}

pub(super) fn caption(setter: &mut Typesetter, text: &str, ink: &mut Ink) {
    let (width, height) = ink.size();
    let size = 0.05 * height.min(width * 0.8);
    let (column, pad) = (width * 0.82, size * 0.4);
    let mut block = fitted(height * 0.4, |factor| {
        setter.set(&[(text.trim(), sans())], metrics(size * factor), column, Some(Align::Center))
    });
    let Extent { left, right, height: block_height } = block.extent;
    let top = height * 0.93 - block_height - pad * 0.5;
    let shift = (width - column) / 2.0;
    ink.fill_rectangle(shift + left - pad, top - pad * 0.5, shift + right + pad, top + block_height + pad * 0.5, BOX);
    setter.draw(&mut block, shift, top, WHITE, ink);
}

/// Bold letters with an outline, above where a phone's own words are; `lit` is the number of a word.
pub(super) fn social(setter: &mut Typesetter, text: &str, lit: Option<u32>, ink: &mut Ink) {
    let (width, height) = ink.size();
    let size = 0.07 * height.min(width * 0.9);
    let column = width * 0.84;
    let plain = sans().weight(Weight::BOLD);
    let [red, green, blue] = AMBER;
    let bright = plain.clone().color(cosmic_text::Color::rgb(red, green, blue));
    // Words with what follows them: only the colour differs, so nothing moves when another word is lit.
    let mut words: Vec<(&str, Attrs<'_>)> = Vec::new();
    let mut number = 0u32;
    for part in text.trim().split_inclusive(char::is_whitespace) {
        let is_word = !part.trim().is_empty();
        words.push((part, if is_word && lit == Some(number) { bright.clone() } else { plain.clone() }));
        number += u32::from(is_word);
    }
    let mut block =
        fitted(height * 0.4, |factor| setter.set(&words, metrics(size * factor), column, Some(Align::Center)));
    let top = (height * 0.8 - block.extent.height).max(0.0);
    setter.draw(&mut block, (width - column) / 2.0, top, WHITE, ink);
    ink.outline((size * 0.07).clamp(1.0, 8.0), 230);
}

pub(super) fn sign(setter: &mut Typesetter, corner: Corner, size_permille: u32, ink: &mut Ink) {
    let (width, height) = ink.size();
    let shorter = width.min(height);
    let (size, margin) = (shorter * size_permille as f32 / 1000.0, shorter * 0.035);
    let column = width - 2.0 * margin;
    let spans = [(SIGN_TEXT, sans().weight(Weight::BOLD))];
    let mut block =
        fitted(height / 4.0, |factor| setter.set(&spans, metrics(size * factor), column, Some(Align::Left)));
    let Extent { left, right, height: block_height } = block.extent;
    let at_right = matches!(corner, Corner::TopRight | Corner::BottomRight);
    let at_bottom = matches!(corner, Corner::BottomLeft | Corner::BottomRight);
    let x = if at_right { width - margin - right } else { margin - left };
    let y = if at_bottom { height - margin - block_height } else { margin };
    setter.draw(&mut block, x, y, WHITE, ink);
    ink.outline((size * 0.06).clamp(1.0, 4.0), 120);
}

pub(super) fn slate(setter: &mut Typesetter, heading: &str, text: &str, ink: &mut Ink) {
    let (width, height) = ink.size();
    ink.fill_rectangle(0.0, 0.0, width, height, [22, 25, 31, 255]);
    let edge = (height * 0.004).max(1.0);
    let inset = height.min(width) * 0.05;
    ink.fill_rectangle(inset, inset, width - inset, height - inset, [58, 64, 76, 255]);
    ink.fill_rectangle(inset + edge, inset + edge, width - inset - edge, height - inset - edge, [28, 32, 40, 255]);
    let size = 0.062 * height.min(width * 0.75);
    let column = (width - 2.0 * inset) * 0.86;
    let left = (width - column) / 2.0;
    let strong = Attrs::new().family(Family::Name(TYPEWRITER)).weight(Weight::BOLD);
    let mut head = fitted(height * 0.25, |factor| {
        setter.set(&[(heading.trim(), strong.clone())], metrics(size * factor), column, Some(Align::Center))
    });
    let mut body = fitted(height * 0.5, |factor| {
        setter.set(&[(text.trim(), sans())], metrics(size * 0.68 * factor), column, Some(Align::Center))
    });
    let gap = size * 0.6;
    let top = ((height - head.extent.height - gap - body.extent.height) / 2.0).max(inset);
    setter.draw(&mut head, left, top, AMBER, ink);
    setter.draw(&mut body, left, top + head.extent.height + gap, GREY, ink);
}
