//! Files from anywhere: nothing makes a reader panic, and what is no script is refused with a sentence.
//!
//! A few thousand damaged files from a fixed seed; `examples/hunt.rs --what files` reads millions more and says which took longest.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use kinora_screenplay::fdx::{self, FdxError, MAX_FDX_DEPTH};
use kinora_screenplay::{ElementKind, decode};
use support::chance::Chance;
use support::corpus;

#[test]
fn no_damaged_file_stops_a_reader() {
    let (files, mut chance) = (corpus::files(), Chance::new(20_261_122));
    for file in &files {
        corpus::read(file);
        assert!(decode(file).is_ok(), "a whole file of the corpus is text");
    }
    for _ in 0..6_000 {
        corpus::read(&corpus::draw(&mut chance, &files));
    }
}

#[test]
fn a_final_draft_file_cut_anywhere_is_refused_and_never_half_read() {
    let whole = include_str!("corpus/everything.fdx");
    assert!(fdx::import(whole).is_ok());
    let end = whole.trim_end().len();
    for (at, _) in whole.char_indices().filter(|(at, _)| *at < end) {
        let error = fdx::import(&whole[..at]).unwrap_err().to_string();
        assert!(error.ends_with('.'), "{error}");
    }
}

#[test]
fn every_word_of_a_final_draft_file_arrives() {
    use ElementKind::*;
    let script = fdx::import(include_str!("corpus/everything.fdx")).unwrap().parsed.screenplay;
    let found: Vec<(ElementKind, String)> =
        script.elements.iter().map(|element| (element.kind, element.plain())).collect();
    let wanted: Vec<(ElementKind, String)> = [
        (Section, "ACT ONE"),
        (SceneHeading, "EXT. BEACH - SUNSET"),
        (Synopsis, "They meet."),
        (Action, "Rain & snow! 5 * 3, [[not a note]], /* nor this */."),
        (Note, "Really?"),
        (Character, "MARA (V.O.)"),
        (Parenthetical, "(softly)"),
        (Dialogue, "#1 <fan>\nsecond line"),
        (Character, "TOM"),
        (Dialogue, "Now!"),
        (Character, "МАРИЯ"),
        (Dialogue, "Нет."),
        (Lyrics, "La la la"),
        (PageBreak, ""),
        (Transition, "SMASH CUT TO:"),
        (Action, "CLOSE ON THE BALL"),
        (Centered, "The End"),
    ]
    .map(|(kind, text)| (kind, text.to_owned()))
    .into();
    assert_eq!(found, wanted);
    assert_eq!(script.elements.iter().filter(|element| element.dual).count(), 1);
    assert_eq!(script.title().as_deref(), Some("The Ball"));
}

#[test]
fn hostile_xml_is_refused_without_being_followed() {
    let bomb =
        "<!DOCTYPE lolz [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><FinalDraft>&b;</FinalDraft>";
    let outside = "<!DOCTYPE x SYSTEM \"file:///etc/hostname\"><FinalDraft/>";
    for (xml, wanted) in
        [(bomb, "document type"), (outside, "document type"), ("<FinalDraft>&b;</FinalDraft>", "“&b;”")]
    {
        assert!(fdx::import(xml).unwrap_err().to_string().contains(wanted), "{xml}");
    }
    for depth in [MAX_FDX_DEPTH + 1, 10_000, 200_000] {
        let error = fdx::import(&format!("<FinalDraft>{}", "<Paragraph>".repeat(depth))).unwrap_err();
        assert!(matches!(error, FdxError::TooDeep { .. }), "{error}");
    }
    let wide = format!("<FinalDraft {}></FinalDraft>", "a=\"b\" ".repeat(200_000));
    let comment = format!("<FinalDraft><!-- {} --></FinalDraft>", "-".repeat(1 << 20));
    let letters = format!("<FinalDraft><Content>{}</Content></FinalDraft>", "&#65;".repeat(200_000));
    for xml in [wide, comment, letters] {
        let _ = fdx::import(&xml);
    }
    for letter in ["&#0;", "&#xD800;", "&#x110000;", "&#99999999999;", "&#;", "&;"] {
        let xml = format!("<FinalDraft><Content><Paragraph><Text>{letter}</Text></Paragraph></Content></FinalDraft>");
        assert!(fdx::import(&xml).is_err(), "{letter}");
    }
    // What the file says of its encoding does not matter; its bytes do.
    let utf8 = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><FinalDraft><Content><Paragraph Type=\"Action\"><Text>é</Text></Paragraph></Content></FinalDraft>";
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(utf8.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [utf8.as_bytes(), &utf16] {
        assert_eq!(fdx::import_bytes(bytes).unwrap().parsed.screenplay.elements[0].text, "é");
    }
}

#[test]
fn any_bytes_are_text_or_refused_with_a_sentence() {
    let mut chance = Chance::new(5);
    for length in (0..2_000).chain([1 << 16]) {
        let mask = [0xff, 0x7f, 0x3f][chance.below(3)];
        let bytes: Vec<u8> = (0..length).map(|_| u8::try_from(chance.next() & mask).unwrap_or(0)).collect();
        match decode(&bytes) {
            Ok(text) => assert!(!text.contains('\0') && !text.starts_with('\u{feff}')),
            Err(error) => assert!(error.to_string().ends_with('.'), "{error}"),
        }
    }
    assert_eq!(decode(b"\xef\xbb\xbf").as_deref(), Ok(""));
    assert_eq!(decode(b"\xff\xfe").as_deref(), Ok(""));
    assert_eq!(decode("a\u{c}b".as_bytes()).as_deref(), Ok("a\u{c}b"));
    assert!(decode(b"\xff\xfe\x00\xd8").is_err(), "half a letter");
    assert!(decode(b"\0").is_err());
}
