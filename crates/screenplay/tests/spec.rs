//! What the Fountain 1.1 specification says, example by example, in the shape `kinora inspect --json` lists.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use kinora_screenplay::parse;
use serde_json::{Value, json};
use support::listed::listed;

#[track_caller]
fn check(source: &str, expected: &Value) {
    assert_eq!(&listed(source), expected, "{source:?}");
}

#[test]
fn the_whole_language_is_read() {
    let source = include_str!("spec/everything.fountain");
    check(
        source,
        &json!([
            ["section", "Act One", {"depth": 1}],
            ["synopsis", "The heroes are introduced."],
            ["scene_heading", "EXT. BRICK'S PATIO - DAY", {"scene_number": "1A"}],
            ["action", "A gorgeous day.  The sun is shining.\n    But BRICK is tense."],
            ["scene_heading", "int. kitchen"],
            ["scene_heading", "SNIPER SCOPE POV"],
            ["action", "...and then nothing."],
            ["character", "STEEL (on the phone)"],
            ["parenthetical", "(beer raised)"],
            ["dialogue", "To retirement.\n\nAgain."],
            ["character", "BRICK", {"dual": true}],
            ["dialogue", "To retirement."],
            ["character", "McCLANE"],
            ["dialogue", "Yippee ki-yay!"],
            ["action", "23\nis not a name."],
            ["character", "R2D2"],
            ["dialogue", "Beep."],
            ["lyrics", "Willy Wonka! Willy Wonka!"],
            ["action", "SCANNING THE AISLES...\nWhere is he?"],
            ["transition", "CUT TO:"],
            ["transition", "FADE TO BLACK."],
            ["action", "CUT TO:"],
            ["centered", "THE END"],
            ["note", "A note\n\nover lines"],
            ["action", "He dialed *69 and then *23. Done."],
            ["note", "really?"],
            ["boneyard", "gone\nINT. NOWHERE - DAY\n\nfor ever"],
            ["page_break", ""],
            ["section", "Scene group", {"depth": 2}],
        ]),
    );
    let page = parse(source).screenplay;
    assert_eq!(page.title_values("TITLE"), ["_**BRICK & STEEL**_", "_**FULL RETIRED**_"]);
    assert_eq!(page.title_values("contact"), ["Next Level Productions", "1588 Mission Dr."]);
    assert_eq!(page.title().as_deref(), Some("BRICK & STEEL FULL RETIRED"));
    // Every kind of line ending gives the same script.
    assert_eq!(page, parse(&source.replace('\n', "\r\n")).screenplay);
    assert_eq!(page, parse(&source.replace('\n', "\r")).screenplay);
    assert_eq!(page, parse(&format!("\u{feff}{source}")).screenplay);
}

#[test]
fn headings_are_told_by_their_opening_after_an_empty_line() {
    for heading in ["INT. A", "EXT A", "Est. A", "int./ext. a", "INT/EXT A", "I/E. A", "**INT. A**"] {
        check(heading, &json!([["scene_heading", heading]]));
    }
    for action in ["INTO THE WILD", "..A", ". A", "EXTRA", "Interior"] {
        check(action, &json!([["action", action]]));
    }
    check("A walk.\nINT. A", &json!([["action", "A walk.\nINT. A"]]));
    check("INT. A #1-2.b#", &json!([["scene_heading", "INT. A", {"scene_number": "1-2.b"}]]));
}

#[test]
fn names_in_any_script_can_speak() {
    check("STRAßE\nHallo.", &json!([["character", "STRAßE"], ["dialogue", "Hallo."]]));
    check("ÉLODIE (v.o.)\nOui.", &json!([["character", "ÉLODIE (v.o.)"], ["dialogue", "Oui."]]));
    check("@黒澤\nはい。", &json!([["character", "黒澤"], ["dialogue", "はい。"]]));
    check("@שרה ^\nשלום", &json!([["character", "שרה", {"dual": true}], ["dialogue", "שלום"]]));
    check("黒澤\nはい。", &json!([["action", "黒澤\nはい。"]]));
    check("MARA\n\nHello.", &json!([["action", "MARA"], ["action", "Hello."]]));
    check("McCLANE\nHello.", &json!([["action", "McCLANE\nHello."]]));
}

#[test]
fn what_is_never_closed_stays_as_text_and_is_reported_with_its_place() {
    for (source, line, column, says) in [
        ("One.\n\nTwo [[three", 3, 5, "not closed"),
        ("A /* b", 1, 3, "never closed"),
        ("@MARA", 1, 2, "says nothing"),
        ("INT. A\nMARA\nHi.", 2, 1, "empty line"),
        ("[[shot: wide | sideways]]", 1, 1, "“sideways”"),
        ("[[shot: 900s]]", 1, 1, "length"),
        ("[[cast: MARA]]", 1, 1, "cast note"),
    ] {
        let parsed = parse(source);
        let found = parsed.diagnostics.first().unwrap_or_else(|| panic!("{source:?} is reported"));
        assert_eq!((found.line, found.column), (line, column), "{source:?} {found:?}");
        assert!(found.message.contains(says), "{source:?} {found:?}");
    }
}

const SAMPLE: &str = include_str!("../../../examples/snow-for-pim.fountain");

#[test]
fn hostile_scripts_are_read_in_linear_time() {
    let most = kinora_screenplay::MAX_SCRIPT_BYTES;
    for piece in [
        "a",
        "[[",
        "]]",
        "[[]]",
        "/*",
        "/**/",
        "*",
        "_",
        "\\",
        "\n",
        "a\n",
        "MARA\n",
        "~\n",
        "(",
        "#",
        "[[a\n",
        "A\n\n",
        "@A\nb\n\n",
        "=a\n",
        "[[shot: \"|",
        "[[shot:4s]]\n",
        "\t",
        "Title: a\n",
        "INT. A\n\n",
        "TO:\n\n",
        "é",
        SAMPLE,
    ] {
        let source = piece.repeat(most / piece.len());
        let begin = std::time::Instant::now();
        let parsed = parse(&source);
        let parsing = begin.elapsed();
        let printed = kinora_screenplay::print(&parsed.screenplay);
        let broken = kinora_screenplay::breakdown(&parsed.screenplay);
        let _ = parsed.screenplay.elements.iter().take(3).map(kinora_screenplay::Element::runs).count();
        eprintln!(
            "{:?}: parse {parsing:?}, all {:?}, {} shots",
            piece.get(..12.min(piece.len())),
            begin.elapsed(),
            broken.shots().count()
        );
        assert!(!printed.is_empty() || parsed.screenplay.elements.is_empty());
        // Generous: test machines are slow and shared. Quadratic time would take hours.
        assert!(begin.elapsed().as_secs() < 60, "{piece:?} took {:?}", begin.elapsed());
    }
}
