//! Files from elsewhere: Final Draft, old encodings, and things that are not scripts at all.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use kinora_screenplay::fdx::{self, FdxError};
use kinora_screenplay::{ElementKind, NotText, decode, parse};

#[track_caller]
fn check(body: &str, expected: &[(ElementKind, &str)]) {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<FinalDraft DocumentType=\"Script\"><Content>{body}</Content></FinalDraft>"
    );
    let imported = fdx::import(&xml).unwrap();
    let elements: Vec<_> =
        imported.parsed.screenplay.elements.iter().map(|element| (element.kind, element.text.as_str())).collect();
    assert_eq!(elements, expected, "{}", imported.fountain);
}

fn paragraph(kind: &str, text: &str) -> String {
    format!("<Paragraph Type=\"{kind}\"><Text>{text}</Text></Paragraph>")
}

#[test]
fn a_final_draft_script_becomes_fountain() {
    use ElementKind::{Action, Centered, Character, Dialogue, Parenthetical, SceneHeading, Synopsis, Transition};
    let body = [
        "<Paragraph Number=\"12A\" Type=\"Scene Heading\"><SceneProperties><Summary><Paragraph><Text>They meet.</Text></Paragraph></Summary></SceneProperties><Text>The Beach</Text></Paragraph>".to_owned(),
        "<Paragraph Type=\"Action\"><Text>Rain &amp; </Text><Text Style=\"Bold+Italic\">snow&#33; </Text><Text>5 * 3.</Text></Paragraph>".to_owned(),
        paragraph("Character", "Mara (V.O.)"),
        paragraph("Parenthetical", "softly"),
        paragraph("Dialogue", "#1 &lt;fan&gt; [[you]]"),
        paragraph("Transition", "SMASH CUT"),
        paragraph("Action", "INT. IS A WORD"),
        paragraph("Dialogue", "Nobody says this."),
        "<Paragraph Alignment=\"Center\" Type=\"General\"><Text>The End</Text></Paragraph>".to_owned(),
        paragraph("Action", ""),
    ];
    check(
        &body.concat(),
        &[
            (SceneHeading, "The Beach"),
            (Synopsis, "They meet."),
            (Action, "Rain & ***snow!*** 5 \\* 3."),
            (Character, "Mara (V.O.)"),
            (Parenthetical, "(softly)"),
            (Dialogue, "\\#1 <fan> [\\[you]\\]"),
            (Transition, "SMASH CUT"),
            (Action, "INT. IS A WORD"),
            (Action, "Nobody says this."),
            (Centered, "The End"),
        ],
    );
    let dual = format!(
        "<Paragraph><DualDialogue>{}{}{}{}</DualDialogue></Paragraph>",
        paragraph("Character", "A"),
        paragraph("Dialogue", "x"),
        paragraph("Character", "B"),
        paragraph("Dialogue", "y")
    );
    let imported = fdx::import(&format!(
        "<FinalDraft><Content>{dual}</Content><TitlePage><Content>{}{}{}</Content></TitlePage></FinalDraft>",
        paragraph("", "My Film"),
        paragraph("", "written by"),
        "<Paragraph Alignment=\"Center\"><Text>Me</Text></Paragraph>"
    ))
    .unwrap();
    let script = imported.parsed.screenplay;
    assert_eq!(script.elements.iter().map(|element| element.dual).collect::<Vec<_>>(), [false, false, true, false]);
    assert_eq!(
        (script.title().as_deref(), script.title_values("author")),
        (Some("My Film"), ["Me".to_owned()].as_slice())
    );
}

#[test]
fn broken_final_draft_files_are_refused_with_the_line() {
    let deep = format!("<FinalDraft>{}", "<a>".repeat(100_000));
    let long = format!("<FinalDraft><Content>{}</Content></FinalDraft>", paragraph("Action", &"a ".repeat(1_100_000)));
    for (xml, says) in [
        ("", "no <FinalDraft>"),
        ("<html></html>", "no <FinalDraft>"),
        ("<FinalDraft>\n<Content>", "Line 2"),
        ("<FinalDraft>\n</Content></FinalDraft>", "Line 2"),
        ("<!DOCTYPE a [<!ENTITY b \"c\">]><FinalDraft/>", "document type"),
        ("<FinalDraft><Content><Paragraph><Text>&boom;</Text></Paragraph></Content></FinalDraft>", "“&boom;”"),
        (deep.as_str(), "64 deep"),
        (long.as_str(), "divide it"),
    ] {
        let error = fdx::import(xml).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    assert!(matches!(fdx::import_bytes(b"PK\x03\x04"), Err(FdxError::NotText(_))));
}

#[test]
fn text_of_any_encoding_is_read_and_binary_is_refused() {
    assert_eq!(decode("\u{feff}Grüße".as_bytes()).unwrap(), "Grüße");
    assert_eq!(decode(b"\xff\xfeh\0i\0").unwrap(), "hi");
    assert_eq!(decode(b"\xfe\xff\0h\0i").unwrap(), "hi");
    assert_eq!(decode(b"caf\xe9 \x93x\x94").unwrap(), "café “x”");
    assert_eq!(decode(b"").unwrap(), "");
    assert!(matches!(decode(b"%PDF-1.7"), Err(NotText::KnownFormat { .. })));
    assert!(matches!(decode(b"abc\0def"), Err(NotText::Binary { at: 4 })));
    assert!(matches!(decode(&[1, 2, 3, 0xff, 0x80]), Err(NotText::Binary { .. })));
    assert!(matches!(decode(b"\xff\xfeh\0i"), Err(NotText::BrokenUtf16 { .. })));
    assert!(matches!(decode(&vec![b'a'; 3 << 20]), Err(NotText::TooLong { .. })));
}

#[test]
fn emphasis_is_read_as_the_specification_says() {
    let styled = |text: &str| {
        let script = parse(text).screenplay;
        let runs = script.elements.first().map(kinora_screenplay::Element::runs).unwrap_or_default();
        runs.iter()
            .map(|run| {
                format!(
                    "{}{}{}:{}",
                    if run.bold { "b" } else { "" },
                    if run.italic { "i" } else { "" },
                    if run.underline { "u" } else { "" },
                    run.text
                )
            })
            .collect::<Vec<_>>()
            .join("|")
    };
    for (text, expected) in [
        ("plain *it* **bo** ***both*** _un_", ":plain |i:it|: |b:bo|: |bi:both|: |u:un"),
        ("He dialed *69 and then *23, and", ":He dialed *69 and then *23, and"),
        ("He dialed *69 and then 23*, and", ":He dialed |i:69 and then 23|:, and"),
        ("\\*no\\*", ":*no*"),
        ("_Steel enters *the* room_", "u:Steel enters |iu:the|u: room"),
        ("***bold italic** italic*", "bi:bold italic|i: italic"),
        ("*open\nclose*", ":*open\nclose*"),
    ] {
        assert_eq!(styled(text), expected, "{text}");
    }
}
