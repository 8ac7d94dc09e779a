//! Whole files of every kind, the words they are made of, and one way through every reader of this crate.

use std::time::{Duration, Instant};

use kinora_screenplay::{breakdown, decode, estimate, fdx, outline, parse, print};

use super::chance::Chance;
use super::damage::damaged;

/// Files that are damaged and crossed with each other.
pub fn files() -> Vec<Vec<u8>> {
    let texts: [&str; 5] = [
        include_str!("../spec/everything.fountain"),
        include_str!("../corpus/everything.fdx"),
        include_str!("../../../../examples/snow-for-pim.fountain"),
        include_str!("../../../../examples/the-lighthouse-ball.fountain"),
        "Title: é\n\nINT. A #1#\n\n[[shot: wide | 4s | prompt \"a | b\"]]\n\nA /* b */ c [[d]].\n\nMARA ^\n(x)\n~y\nz\n",
    ];
    let wide = |text: &str| -> Vec<u16> { text.encode_utf16().collect() };
    let mut files: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    for text in [texts[1], texts[4]] {
        files.push([0xff, 0xfe].into_iter().chain(wide(text).into_iter().flat_map(u16::to_le_bytes)).collect());
        files.push([0xfe, 0xff].into_iter().chain(wide(text).into_iter().flat_map(u16::to_be_bytes)).collect());
        files.push(text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect());
        files.push([b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat());
    }
    files
}

/// What the formats give a meaning to.
pub const WORDS: &[&[u8]] = &[
    b"[[",
    b"]]",
    b"/*",
    b"*/",
    b"\n\n",
    b"\r\n",
    b"\n  \n",
    b"*",
    b"_",
    b"\\",
    b"#",
    b"> ",
    b" <",
    b"~",
    b"^",
    b"(",
    b")",
    b"=",
    b"[[shot: ",
    b"|",
    b"\"",
    b"4s",
    b"Title: ",
    b"INT. ",
    b"<",
    b">",
    b"</",
    b"/>",
    b"<Paragraph Type=\"Action\">",
    b"</Paragraph>",
    b"<Text>",
    b"</Text>",
    b"<Content>",
    b"<DualDialogue>",
    b"<ScriptNote>",
    b"<a>",
    b"&",
    b"&amp;",
    b"&#x10FFFF;",
    b"&lol;",
    b"<!DOCTYPE x [<!ENTITY lol \"lol\">]>",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc3",
    b"\xe2\x80\xa8",
    b"\x1b",
    b"%PDF",
    b"PK\x03\x04",
];

/// A file damaged by chance.
pub fn draw(chance: &mut Chance, files: &[Vec<u8>]) -> Vec<u8> {
    let all: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    let whole = chance.pick(&all);
    damaged(chance, whole, WORDS, &all)
}

/// Sends a file through every reader; a panic is the only fault. Gives how long that took.
pub fn read(file: &[u8]) -> Duration {
    let started = Instant::now();
    if let Ok(text) = decode(file) {
        let parsed = parse(&text);
        let _ = (print(&parsed.screenplay), breakdown(&parsed.screenplay));
        let _ = (outline(&parsed.screenplay), estimate(&parsed.screenplay));
        parsed.screenplay.elements.iter().for_each(|element| drop(element.runs()));
        let _ = fdx::import(&text);
    }
    let _ = fdx::import_bytes(file);
    started.elapsed()
}
