//! Fountain rule by rule, with the corners of each: what other programs write, Kinora reads as they do.
//!
//! Each row is a source and its elements. Where the specification leaves a choice, the row says which one was made.

mod support;

use kinora_screenplay::parse;
use serde_json::{Value, json};
use support::listed::listed;

#[track_caller]
fn check(rows: &[(&str, Value)]) {
    for (source, expected) in rows {
        assert_eq!(&listed(source), expected, "{source:?}");
        assert_eq!(support::round_trip::fault(source), None, "{source:?}");
        // Windows and old Mac line ends, and a byte order mark, change nothing.
        for other in [source.replace('\n', "\r\n"), source.replace('\n', "\r"), format!("\u{feff}{source}")] {
            assert_eq!(&listed(&other), expected, "{other:?}");
        }
    }
}

#[test]
fn scene_headings() {
    check(&[
        ("INT. HOUSE - DAY", json!([["scene_heading", "INT. HOUSE - DAY"]])),
        ("EXT HOUSE", json!([["scene_heading", "EXT HOUSE"]])),
        ("est. london", json!([["scene_heading", "est. london"]])),
        ("INT./EXT. CAR - DAY", json!([["scene_heading", "INT./EXT. CAR - DAY"]])),
        ("INT/EXT CAR", json!([["scene_heading", "INT/EXT CAR"]])),
        ("EXT./INT. CAR", json!([["scene_heading", "EXT./INT. CAR"]])),
        ("I/E CAR", json!([["scene_heading", "I/E CAR"]])),
        ("i/e. car", json!([["scene_heading", "i/e. car"]])),
        ("INT.HOUSE", json!([["scene_heading", "INT.HOUSE"]])),
        ("   INT. HOUSE", json!([["scene_heading", "INT. HOUSE"]])),
        ("\tEXT. HOUSE  ", json!([["scene_heading", "EXT. HOUSE"]])),
        ("**INT. HOUSE**", json!([["scene_heading", "**INT. HOUSE**"]])),
        ("_INT. HOUSE_", json!([["scene_heading", "_INT. HOUSE_"]])),
        ("INTERNAL AFFAIRS", json!([["action", "INTERNAL AFFAIRS"]])),
        ("INTO THE WOODS\n\nHe goes.", json!([["action", "INTO THE WOODS"], ["action", "He goes."]])),
        ("EXTRA\n\nHe goes.", json!([["action", "EXTRA"], ["action", "He goes."]])),
        (".BINOCULARS POV", json!([["scene_heading", "BINOCULARS POV"]])),
        (".1984", json!([["scene_heading", "1984"]])),
        (".ÉGLISE", json!([["scene_heading", "ÉGLISE"]])),
        ("...and then", json!([["action", "...and then"]])),
        ("..", json!([["action", ".."]])),
        (".", json!([["action", "."]])),
        (". A", json!([["action", ". A"]])),
        ("INT. A\nHe walks.", json!([["scene_heading", "INT. A"], ["action", "He walks."]])),
        ("He walks.\nINT. A", json!([["action", "He walks.\nINT. A"]])),
        ("INT. HOUSE - DAY - FLASHBACK (1944)", json!([["scene_heading", "INT. HOUSE - DAY - FLASHBACK (1944)"]])),
        ("INT. A\n\nEXT. B", json!([["scene_heading", "INT. A"], ["scene_heading", "EXT. B"]])),
    ]);
}

#[test]
fn scene_numbers() {
    let numbered = |text: &str, number: &str| json!([["scene_heading", text, { "scene_number": number }]]);
    check(&[
        ("INT. HOUSE - DAY #1#", numbered("INT. HOUSE - DAY", "1")),
        ("INT. HOUSE - DAY #1A#", numbered("INT. HOUSE - DAY", "1A")),
        ("INT. HOUSE - DAY #1a#", numbered("INT. HOUSE - DAY", "1a")),
        ("INT. HOUSE - DAY #1-A#", numbered("INT. HOUSE - DAY", "1-A")),
        ("INT. HOUSE - DAY #I-1-A#", numbered("INT. HOUSE - DAY", "I-1-A")),
        ("INT. HOUSE - DAY #110.#", numbered("INT. HOUSE - DAY", "110.")),
        ("INT. HOUSE - DAY - FLASHBACK (1944) #110A#", numbered("INT. HOUSE - DAY - FLASHBACK (1944)", "110A")),
        (".OPENING #1#", numbered("OPENING", "1")),
        ("INT. HOUSE#2#", numbered("INT. HOUSE", "2")),
        ("INT. HOUSE #2# ", numbered("INT. HOUSE", "2")),
        ("INT. ROOM #5 #2#", numbered("INT. ROOM #5", "2")),
        // A number holds letters, digits, dashes and points, and stands at the end.
        ("INT. HOUSE ##", json!([["scene_heading", "INT. HOUSE ##"]])),
        ("INT. HOUSE #1 2#", json!([["scene_heading", "INT. HOUSE #1 2#"]])),
        ("INT. ROOM #5", json!([["scene_heading", "INT. ROOM #5"]])),
        ("INT. #1# HOUSE", json!([["scene_heading", "INT. #1# HOUSE"]])),
    ]);
}

#[test]
fn action() {
    check(&[
        ("One.\nTwo.", json!([["action", "One.\nTwo."]])),
        ("One.\n\nTwo.", json!([["action", "One."], ["action", "Two."]])),
        ("One.\n\n\n\nTwo.", json!([["action", "One."], ["action", "Two."]])),
        ("    Indented.", json!([["action", "    Indented."]])),
        ("\tTabbed.\ta", json!([["action", "    Tabbed.    a"]])),
        ("!INT. NOT A PLACE", json!([["action", "INT. NOT A PLACE"]])),
        ("!BANG\n!BANG", json!([["action", "BANG\nBANG"]])),
        ("!SCANNING THE AISLES...\nWhere is he?", json!([["action", "SCANNING THE AISLES...\nWhere is he?"]])),
        ("!CUT TO:", json!([["action", "CUT TO:"]])),
        ("!~no song", json!([["action", "~no song"]])),
        ("MARA", json!([["action", "MARA"]])),
        ("MARA\n\nHello.", json!([["action", "MARA"], ["action", "Hello."]])),
        ("12:30\nThe bell.", json!([["action", "12:30\nThe bell."]])),
        ("THE END?", json!([["action", "THE END?"]])),
        ("He said: no.\nTwice.", json!([["action", "He said: no.\nTwice."]])),
    ]);
}

#[test]
fn characters() {
    let says = |cue: &str| json!([["character", cue], ["dialogue", "Hello."]]);
    for (line, cue) in [
        ("MARA", "MARA"),
        ("  MARA  ", "MARA"),
        ("\t\tMARA", "MARA"),
        ("ÉLOÏSE", "ÉLOÏSE"),
        ("ŁUKASZ", "ŁUKASZ"),
        ("ΜΑΡΊΑ", "ΜΑΡΊΑ"),
        ("МАРИЯ", "МАРИЯ"),
        ("R2D2", "R2D2"),
        ("2ND GUARD", "2ND GUARD"),
        ("GUARD #2", "GUARD #2"),
        ("MR. FOX", "MR. FOX"),
        ("MARY-ANN O'NEIL", "MARY-ANN O'NEIL"),
        ("TOM & MARA", "TOM & MARA"),
        ("TOM/MARA", "TOM/MARA"),
        // The extension stays in the text of a cue, in any case of letters.
        ("MARA (V.O.)", "MARA (V.O.)"),
        ("MARA (on the radio)", "MARA (on the radio)"),
        ("MARA (V.O.) (CONT'D)", "MARA (V.O.) (CONT'D)"),
        ("MARA (cont’d)", "MARA (cont’d)"),
        ("MARA(O.S.)", "MARA(O.S.)"),
        ("@McCLANE", "McCLANE"),
        ("@McCLANE (V.O.)", "McCLANE (V.O.)"),
        ("@ mara", "mara"),
        ("@黒澤", "黒澤"),
        ("@23", "23"),
        ("**MARA**", "**MARA**"),
    ] {
        check(&[
            (&format!("{line}\nHello."), says(cue)),
            (&format!("One.\n\n{line}\nHello.\n"), {
                json!([["action", "One."], ["character", cue], ["dialogue", "Hello."]])
            }),
        ]);
    }
    check(&[
        ("McCLANE\nHello.", json!([["action", "McCLANE\nHello."]])),
        ("23\nHello.", json!([["action", "23\nHello."]])),
        ("Mara\nHello.", json!([["action", "Mara\nHello."]])),
        ("One.\nMARA\nHello.", json!([["action", "One.\nMARA\nHello."]])),
        ("(MARA)\nHello.", json!([["action", "(MARA)\nHello."]])),
        ("MARA [[old]]\nHello.", json!([["character", "MARA"], ["note", "old"], ["dialogue", "Hello."]])),
    ]);
}

#[test]
fn dialogue_and_parentheticals() {
    check(&[
        ("MARA\nOne.\nTwo.", json!([["character", "MARA"], ["dialogue", "One.\nTwo."]])),
        ("MARA\n  One.", json!([["character", "MARA"], ["dialogue", "One."]])),
        ("MARA\nOne.\n  \nTwo.", json!([["character", "MARA"], ["dialogue", "One.\n\nTwo."]])),
        ("MARA\nOne.\n\nTwo.", json!([["character", "MARA"], ["dialogue", "One."], ["action", "Two."]])),
        ("MARA\nOne.\n \nTwo.", json!([["character", "MARA"], ["dialogue", "One."], ["action", "Two."]])),
        (
            "MARA\n(softly)\nOne.\n(louder)\nTwo.",
            json!([
                ["character", "MARA"],
                ["parenthetical", "(softly)"],
                ["dialogue", "One."],
                ["parenthetical", "(louder)"],
                ["dialogue", "Two."]
            ]),
        ),
        ("MARA\n\t(softly)\nOne.", json!([["character", "MARA"], ["parenthetical", "(softly)"], ["dialogue", "One."]])),
        ("MARA\n(softly) One.", json!([["character", "MARA"], ["dialogue", "(softly) One."]])),
        ("MARA\nOne (two).", json!([["character", "MARA"], ["dialogue", "One (two)."]])),
        ("(no one)", json!([["action", "(no one)"]])),
        ("MARA\nINT. HOUSE", json!([["character", "MARA"], ["dialogue", "INT. HOUSE"]])),
        ("MARA\nTOM\nHello.", json!([["character", "MARA"], ["dialogue", "TOM\nHello."]])),
        ("MARA\nCUT TO:", json!([["character", "MARA"], ["dialogue", "CUT TO:"]])),
        ("MARA\nOne. [[why?]]", json!([["character", "MARA"], ["dialogue", "One."], ["note", "why?"]])),
    ]);
}

#[test]
fn dual_dialogue() {
    let both = json!([
        ["character", "BRICK"],
        ["dialogue", "Screw retirement."],
        ["character", "STEEL", { "dual": true }],
        ["dialogue", "Screw retirement."]
    ]);
    check(&[
        ("BRICK\nScrew retirement.\n\nSTEEL ^\nScrew retirement.", both.clone()),
        ("BRICK\nScrew retirement.\n\nSTEEL^\nScrew retirement.", both),
        (
            "A\n(x)\ny\n\nB (V.O.) ^\n(x)\ny",
            json!([
                ["character", "A"],
                ["parenthetical", "(x)"],
                ["dialogue", "y"],
                ["character", "B (V.O.)", { "dual": true }],
                ["parenthetical", "(x)"],
                ["dialogue", "y"]
            ]),
        ),
        (
            "A\ny\n\n@McB ^\ny",
            json!([["character", "A"], ["dialogue", "y"], ["character", "McB", { "dual": true }], ["dialogue", "y"]]),
        ),
    ]);
}

#[test]
fn lyrics() {
    check(&[
        ("~La la", json!([["lyrics", "La la"]])),
        ("~La la\n~Lo lo", json!([["lyrics", "La la"], ["lyrics", "Lo lo"]])),
        ("~ La la ", json!([["lyrics", "La la"]])),
        (
            "MARA\n~La la\nOne.\n~Lo",
            json!([["character", "MARA"], ["lyrics", "La la"], ["dialogue", "One."], ["lyrics", "Lo"]]),
        ),
        ("He sings.\n~La", json!([["action", "He sings."], ["lyrics", "La"]])),
        ("5~6", json!([["action", "5~6"]])),
    ]);
}

#[test]
fn transitions_and_centred_text() {
    check(&[
        ("CUT TO:", json!([["transition", "CUT TO:"]])),
        (
            "One.\n\nSMASH CUT TO:\n\nTwo.",
            json!([["action", "One."], ["transition", "SMASH CUT TO:"], ["action", "Two."]]),
        ),
        ("    CUT TO:", json!([["transition", "CUT TO:"]])),
        // A space after the colon is how Fountain asks for action.
        ("CUT TO: ", json!([["action", "CUT TO:"]])),
        ("cut to:", json!([["action", "cut to:"]])),
        ("CUT TO:\nBlack.", json!([["character", "CUT TO:"], ["dialogue", "Black."]])),
        ("One.\nCUT TO:", json!([["action", "One.\nCUT TO:"]])),
        ("FADE OUT.", json!([["action", "FADE OUT."]])),
        ("> FADE OUT.", json!([["transition", "FADE OUT."]])),
        (">Burn to pink.", json!([["transition", "Burn to pink."]])),
        ("> THE END <", json!([["centered", "THE END"]])),
        (">THE END<", json!([["centered", "THE END"]])),
        (">   THE END   <", json!([["centered", "THE END"]])),
        (">TO:<", json!([["centered", "TO:"]])),
        (">INT. HOUSE - DAY<", json!([["centered", "INT. HOUSE - DAY"]])),
        ("> .A <", json!([["centered", ".A"]])),
        ("> One <\n> Two <", json!([["centered", "One"], ["centered", "Two"]])),
        ("> a < b", json!([["transition", "a < b"]])),
        ("><", json!([["action", "><"]])),
        (">", json!([["action", ">"]])),
    ]);
}

#[test]
fn sections_synopses_and_page_breaks() {
    let section = |text: &str, depth: u8| json!(["section", text, { "depth": depth }]);
    check(&[
        ("# One\n\n## Two\n\n### Three", json!([section("One", 1), section("Two", 2), section("Three", 3)])),
        ("# One\n## Two", json!([section("One", 1), section("Two", 2)])),
        ("#One", json!([section("One", 1)])),
        ("###### Six", json!([section("Six", 6)])),
        ("= They meet.", json!([["synopsis", "They meet."]])),
        ("=They meet.", json!([["synopsis", "They meet."]])),
        (
            "# Act\n= They meet.\nINT. HOUSE\n= Who?",
            json!([
                section("Act", 1),
                ["synopsis", "They meet."],
                ["scene_heading", "INT. HOUSE"],
                ["synopsis", "Who?"]
            ]),
        ),
        ("===", json!([["page_break", ""]])),
        ("One.\n\n=====\n\nTwo.", json!([["action", "One."], ["page_break", ""], ["action", "Two."]])),
        ("=== ", json!([["page_break", ""]])),
        ("==", json!([["synopsis", "="]])),
    ]);
}

#[test]
fn notes() {
    check(&[
        ("[[A note]]", json!([["note", "A note"]])),
        ("[[ A note ]]", json!([["note", "A note"]])),
        ("[[One\nTwo]]", json!([["note", "One\nTwo"]])),
        ("[[One\n  \nTwo]]", json!([["note", "One\n\nTwo"]])),
        ("[[One\n\nTwo]]", json!([["action", "[[One"], ["action", "Two]]"]])),
        ("He [[why?]] goes.", json!([["action", "He  goes."], ["note", "why?"]])),
        ("[[why?]] He goes.", json!([["action", "He goes."], ["note", "why?"]])),
        ("He goes. [[why?]]", json!([["action", "He goes."], ["note", "why?"]])),
        ("He goes.[[one]][[two]]", json!([["action", "He goes."], ["note", "one"], ["note", "two"]])),
        ("He [[one\ntwo]] goes.", json!([["action", "He  goes."], ["note", "one\ntwo"]])),
        ("INT. A [[small]] #1#", json!([["scene_heading", "INT. A", { "scene_number": "1" }], ["note", "small"]])),
        ("CUT TO: [[or not]]", json!([["transition", "CUT TO:"], ["note", "or not"]])),
        ("# Act [[one]]", json!([["section", "Act", { "depth": 1 }], ["note", "one"]])),
        ("[[[a]]]", json!([["action", "]"], ["note", "[a"]])),
        ("[a] and ]]", json!([["action", "[a] and ]]"]])),
        (
            "MARA\nOne.\n[[aside]]\nTwo.",
            json!([["character", "MARA"], ["dialogue", "One."], ["note", "aside"], ["dialogue", "Two."]]),
        ),
    ]);
}

#[test]
fn boneyards() {
    check(&[
        ("/* gone */", json!([["boneyard", "gone"]])),
        ("One. /* gone */", json!([["action", "One."], ["boneyard", "gone"]])),
        ("/*\nINT. A\n\nGone.\n*/\n\nOne.", json!([["boneyard", "INT. A\n\nGone."], ["action", "One."]])),
        ("One./* a\n\nb */ Two.", json!([["action", "One. Two."], ["boneyard", "a\n\nb"]])),
        ("/* [[a]] */", json!([["boneyard", "[[a]]"]])),
        ("/* never closed", json!([["action", "/* never closed"]])),
        ("a */ b", json!([["action", "a */ b"]])),
        ("INT. A /* x */\n\nOne.", json!([["scene_heading", "INT. A"], ["boneyard", "x"], ["action", "One."]])),
    ]);
}

#[test]
fn title_pages() {
    for (source, key, values) in [
        ("Title: A\n\nOne.", "title", vec!["A"]),
        ("Title:\n    A\n    B\n\nOne.", "title", vec!["A", "B"]),
        ("Title:\n\tA\n\nOne.", "title", vec!["A"]),
        ("Title: A\n    B\n\nOne.", "title", vec!["A", "B"]),
        ("TITLE: A\n\nOne.", "title", vec!["A"]),
        ("Title: A: B\n\nOne.", "title", vec!["A: B"]),
        ("Title: _**A**_\nAuthor: Me\n\nOne.", "author", vec!["Me"]),
        ("Draft date: 1/20/2012\nTitle: A\n\nOne.", "draft date", vec!["1/20/2012"]),
        ("Contact:\n\tMe\n\t1 Road\nTitle: A\n\nOne.", "contact", vec!["Me", "1 Road"]),
        ("Title: A\nMy own key: x\n\nOne.", "my own key", vec!["x"]),
        ("Titel: A\n\nOne.", "titel", vec!["A"]),
        ("\n\nTitle: A\n\nOne.", "title", vec!["A"]),
    ] {
        let script = parse(source).screenplay;
        assert_eq!(script.title_values(key), values, "{source:?}");
        check(&[(source, json!([["action", "One."]]))]);
    }
    check(&[
        ("One.\n\nTitle: A", json!([["action", "One."], ["action", "Title: A"]])),
        ("INT. A: B", json!([["scene_heading", "INT. A: B"]])),
        ("FADE IN:\n\nOne.", json!([["action", "FADE IN:"], ["action", "One."]])),
        ("CUT TO:\n\nOne.", json!([["transition", "CUT TO:"], ["action", "One."]])),
    ]);
}

#[test]
fn emphasis_keeps_its_marks_in_the_text_and_loses_them_in_plain_words() {
    for (text, plain) in [
        ("a *b* c", "a b c"),
        ("a **b** c", "a b c"),
        ("a ***b*** c", "a b c"),
        ("a _b_ c", "a b c"),
        ("_a *b* **c**_", "a b c"),
        ("**a *b* c**", "a b c"),
        ("*a **b** c*", "a b c"),
        ("***a** b*", "a b"),
        ("***a* b**", "a b"),
        ("\\*a\\*", "*a*"),
        ("\\_a\\_", "_a_"),
        ("a \\\\ b", "a \\ b"),
        ("*69 and *23", "*69 and *23"),
        ("*a\nb*", "*a\nb*"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("**a", "**a"),
        ("snake_case_word", "snakecaseword"),
        ("****", "****"),
        ("* a *", "* a *"),
    ] {
        let script = parse(text).screenplay;
        let element = script.elements.first();
        assert_eq!(element.map(|element| (element.text.as_str(), element.plain())), Some((text, plain.to_owned())));
    }
}
