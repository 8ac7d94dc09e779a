//! Titles say something, in every script, at every size, and stay within the frame.

use crate::studio::*;
use kinora_compositor::text::Typesetter;
use kinora_document::Corner;
use kinora_document::film::{Title, TitleStyle};
use kinora_document::plan::{Layer, PictureSource};

const STYLES: [TitleStyle; 5] =
    [TitleStyle::Card, TitleStyle::Lower, TitleStyle::Caption, TitleStyle::Credits, TitleStyle::Social];

fn title(text: &str, style: TitleStyle) -> Title {
    Title { text: text.to_owned(), style }
}

#[test]
fn every_style_shows_words_of_every_script() {
    let mut typesetter = Typesetter::default();
    let mut seen = std::collections::HashSet::new();
    for style in STYLES {
        for text in [
            "Hello",
            "Žluťoučký kůň",
            "Καλημέρα κόσμε",
            "Привет, мир",
            "שלום עולם",
            "مرحبا بالعالم",
            "A\nB",
            "1 2 3",
            "日本語",
            "👋",
        ] {
            let set = typesetter
                .title(&title(text, style), 640, 360)
                .unwrap_or_else(|| panic!("{text} as {style:?} shows nothing"));
            assert!(set.left >= 0 && set.top >= 0);
            assert!(set.left as usize + set.picture.width() <= 640 && set.top as usize + set.picture.height() <= 360);
            assert!(seen.insert(set.picture.to_premultiplied_rgba()), "{text} as {style:?} looks like another text");
        }
    }
}

#[test]
fn nothing_to_say_shows_nothing() {
    let mut typesetter = Typesetter::default();
    for text in ["", "   ", "\n\n\t"] {
        assert!(typesetter.title(&title(text, TitleStyle::Card), 64, 36).is_none());
    }
    assert!(typesetter.title(&title("A", TitleStyle::Card), 0, 36).is_none());
}

#[test]
fn long_and_strange_texts_are_set() {
    let mut typesetter = Typesetter::default();
    let long = "All the world’s a stage, and all the men and women merely players. ".repeat(200);
    let strange = "\u{202e}\u{0}\u{feff}a\u{301}\u{301}\u{301}\u{10ffff}\r\n\t";
    for style in STYLES {
        for text in [long.as_str(), strange, &"W".repeat(3000)] {
            for (width, height) in [(640, 360), (108, 192), (9, 9), (1, 1)] {
                // Whatever comes of it, it comes.
                let _ = typesetter.title(&title(text, style), width, height);
            }
        }
    }
    assert!(typesetter.title(&title(&long, TitleStyle::Credits), 640, 360).is_some());
}

#[test]
fn a_right_to_left_name_stands_at_the_right() {
    let mut typesetter = Typesetter::default();
    let latin = typesetter.title(&title("Mara", TitleStyle::Lower), 640, 360).expect("shows");
    let hebrew = typesetter.title(&title("מארה", TitleStyle::Lower), 640, 360).expect("shows");
    assert!(latin.left < 100);
    assert!(hebrew.left as usize + hebrew.picture.width() > 540);
}

#[test]
fn a_title_lies_over_the_picture() {
    let mut compositor = processor();
    let without = rendered(&mut compositor, &plan(320, 180, vec![Layer::Picture(movie(1, 0))]));
    for style in STYLES {
        let words = Layer::Picture(source(PictureSource::Title(title("Words", style))));
        let with = rendered(&mut compositor, &plan(320, 180, vec![Layer::Picture(movie(1, 0)), words]));
        let changed =
            with.rgba.as_chunks::<4>().0.iter().zip(without.rgba.as_chunks::<4>().0).filter(|(a, b)| a != b).count();
        assert!((200..320 * 180 / 2).contains(&changed), "{style:?} changes {changed} pixels");
    }
}

#[test]
fn lighting_a_word_changes_its_colour_and_moves_nothing() {
    let mut typesetter = Typesetter::default();
    let mut set = |word| typesetter.karaoke("Is it winter yet?", word, 640, 360).expect("shows");
    let (dark, first, last) = (set(None), set(Some(0)), set(Some(3)));
    let place = |lettering: &kinora_compositor::text::Lettering| {
        (lettering.left, lettering.top, lettering.picture.width(), lettering.picture.height())
    };
    assert_eq!(place(&dark), place(&first));
    assert_eq!(place(&dark), place(&last));
    let differs = |other: &kinora_compositor::text::Lettering| -> Vec<usize> {
        let (one, other) = (dark.picture.to_premultiplied_rgba(), other.picture.to_premultiplied_rgba());
        let (width, pairs) = (dark.picture.width(), one.as_chunks::<4>().0.iter().zip(other.as_chunks::<4>().0));
        pairs.enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at % width).collect()
    };
    let (left, right) = (differs(&first), differs(&last));
    assert!(!left.is_empty() && !right.is_empty());
    assert!(left.iter().max() < right.iter().min(), "the first word is left of the last");
}

#[test]
fn the_sign_stands_small_in_its_corner_at_every_shape() {
    let mut typesetter = Typesetter::default();
    for (width, height) in [(1920, 1080), (1080, 1920), (320, 180)] {
        for corner in Corner::ALL {
            let sign = typesetter.sign(corner, 26, width, height).expect("it shows");
            let (left, top) = (sign.left as usize, sign.top as usize);
            let (right, bottom) = (left + sign.picture.width(), top + sign.picture.height());
            assert!(right <= width && bottom <= height, "{corner:?} at {width}×{height}");
            assert!(sign.picture.height() * 12 < width.min(height), "{corner:?}: not small");
            let at_right = left + right > width;
            let at_bottom = top + bottom > height;
            let wanted = match corner {
                Corner::TopLeft => (false, false),
                Corner::TopRight => (true, false),
                Corner::BottomLeft => (false, true),
                Corner::BottomRight => (true, true),
            };
            assert_eq!((at_right, at_bottom), wanted, "{corner:?} at {width}×{height}");
        }
    }
}
