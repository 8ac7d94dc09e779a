//! Whatever is read and printed is read again as the same script, and nothing makes the parser stop.
//!
//! Strings are made from the marks that Fountain gives a meaning, so that they meet in every order.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use kinora_screenplay::{ShotLength, ShotNote, breakdown, parse, print};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const PIECES: &[&str] = &[
    "INT. ",
    "EXT. BEACH - DAY",
    "int. x",
    ".",
    "..",
    "...",
    "!",
    "!!",
    "@",
    "~",
    ">",
    "<",
    "#",
    "##",
    "#1A#",
    "=",
    "==",
    "===",
    "^",
    "(",
    ")",
    "(V.O.)",
    "[[",
    "]]",
    "[",
    "]",
    "/*",
    "*/",
    "/",
    "*",
    "**",
    "***",
    "_",
    "\\",
    "\n",
    "\n",
    "\n\n",
    "\n \n",
    "\n  \n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "  ",
    "MARA",
    "Mara",
    "R2D2",
    "23",
    "CUT TO:",
    "TO:",
    "Title:",
    "Title: x",
    "Author",
    ":",
    "He said: no",
    "a",
    "b",
    "ß",
    "STRAßE",
    "黒澤",
    "שלום",
    "é",
    "\u{feff}",
    "\u{a0}",
    "\u{3000}",
    "\u{2028}",
    "[[shot: wide | 4s]]",
    "[[a]]",
    "/* b */",
    "|",
    "\"",
    "-",
];

fn scripts() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

#[track_caller]
fn check(source: &str) {
    let first = parse(source).screenplay;
    let printed = print(&first);
    let second = parse(&printed).screenplay;
    assert_eq!(first, second, "\nsource:  {source:?}\nprinted: {printed:?}");
    assert_eq!(printed, print(&second), "printing is settled after one time");
    let _ = breakdown(&first);
}

fn check_spans(source: &str) {
    let script = parse(source).screenplay;
    for element in &script.elements {
        assert!(source.get(element.span.bytes()).is_some(), "{source:?}: {element:?}");
        for insert in &element.inserts {
            assert!(element.text.is_char_boundary(insert.at), "{source:?}: {insert:?}");
            let text = source.get(insert.span.bytes()).unwrap_or_default();
            let bracketed =
                (text.starts_with("[") && text.ends_with("]")) || (text.starts_with("/*") && text.ends_with("*/"));
            assert!(bracketed, "{source:?}: {insert:?} {text:?}");
        }
        let count = |text: &str| text.replace("\r\n", "\n").matches(['\n', '\r']).count();
        let lines = source.get(..element.span.start as usize).map_or(0, count);
        assert_eq!(element.span.line as usize, lines + 1, "{source:?}: {element:?}");
    }
}

fn texts() -> impl Strategy<Value = Option<String>> {
    prop::option::of(
        "[a-zA-Z\"\\\\|:=\\[\\]*/ é]{1,12}"
            .prop_map(|text| format!("x{}", text.split_whitespace().collect::<Vec<_>>().join(" "))),
    )
}

/// The same cases each time, so that a red run is about the change; hunts use other seeds (the variable is proptest's own:
/// `PROPTEST_RNG_SEED` with `RngSeed::Random` here).
const SEED: RngSeed = RngSeed::Fixed(20_261_122);

proptest! {
    #![proptest_config(ProptestConfig { cases: 20000, failure_persistence: None, rng_seed: SEED, ..ProptestConfig::default() })]

    #[test]
    fn a_script_made_of_marks_is_read_again_as_the_same_script(source in scripts()) {
        check(&source);
        check_spans(&source);
    }

    #[test]
    fn any_text_at_all_is_read_again_as_the_same_script(source in any::<String>()) {
        check(&source);
        check_spans(&source);
    }

    #[test]
    fn a_shot_note_is_read_again_as_the_same_note(
        length in prop::option::of(prop_oneof![(1..600_000_u32).prop_map(ShotLength::Milliseconds), (1..36_000_u32).prop_map(ShotLength::Frames)]),
        seed in prop::option::of(any::<u64>()), engine in texts(), style in texts(), prompt in texts(),
        from_last in any::<bool>(), locked in any::<bool>(),
    ) {
        let note = ShotNote { length, seed, engine, style, prompt, from_last, locked, id: Some("7QK3".into()), ..ShotNote::default() };
        let text = note.print();
        let read = ShotNote::parse(&text).map(|(note, _)| note);
        prop_assert_eq!(Some(&note), read.as_ref(), "{}", &text);
        let script = parse(&format!("[[{text}]]")).screenplay;
        prop_assert_eq!(script.elements.len(), 1, "{}", &text);
        prop_assert_eq!(&script.elements[0].text, &text);
    }
}
