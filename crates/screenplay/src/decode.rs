//! Bytes of a file to text: UTF-8, UTF-16 with its mark, or Latin-1; a binary file is refused with a sentence.
//!
//! Scripts come from thirty years of programs. What is clearly not text must not reach the parser, because a
//! parser that never fails would make a film of it.

use crate::MAX_SCRIPT_BYTES;

/// More control characters than one in this many letters, and it is not a script.
const LETTERS_PER_CONTROL: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    #[error(
        "This file has {bytes} bytes and Kinora takes scripts of up to {MAX_SCRIPT_BYTES}; divide it into parts and open them one by one."
    )]
    TooLong { bytes: usize },
    #[error(
        "This file is not text but {kind}; export the script as Fountain (.fountain) or Final Draft (.fdx) and open that."
    )]
    KnownFormat { kind: &'static str },
    #[error(
        "This file is not text: byte {at} is not part of any script; choose a Fountain (.fountain) or Final Draft (.fdx) file."
    )]
    Binary { at: usize },
    #[error(
        "This file says it is UTF-16 but breaks off in the middle of a letter at byte {at}; save it again as UTF-8."
    )]
    BrokenUtf16 { at: usize },
}

/// Reads the bytes of a script file as text. A byte order mark is taken off.
pub fn decode(bytes: &[u8]) -> Result<String, NotText> {
    decode_up_to(bytes, MAX_SCRIPT_BYTES)
}

/// The same for text of another kind, with a limit of its own on the bytes of the text.
pub fn decode_up_to(bytes: &[u8], most: usize) -> Result<String, NotText> {
    // UTF-16 takes two bytes a letter, so the size is asked again of the text.
    if bytes.len() > 2 * most + 2 {
        return Err(NotText::TooLong { bytes: bytes.len() });
    }
    if let Some(kind) = known_format(bytes) {
        return Err(NotText::KnownFormat { kind });
    }
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8_or_latin1(rest),
        _ => utf8_or_latin1(bytes),
    };
    if text.len() > most {
        return Err(NotText::TooLong { bytes: text.len() });
    }
    refuse_binary(&text)?;
    Ok(text)
}

fn known_format(bytes: &[u8]) -> Option<&'static str> {
    const FORMATS: [(&[u8], &str); 9] = [
        (b"%PDF", "a PDF"),
        (b"PK\x03\x04", "a zip archive, such as a word processor document"),
        (b"\xd0\xcf\x11\xe0", "an old word processor document"),
        (b"{\\rtf", "a rich text document"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"\x7fELF", "a program"),
        (b"\x1f\x8b", "a compressed archive"),
        (b"SQLite format 3", "a database"),
    ];
    FORMATS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| *kind)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, NotText> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(NotText::BrokenUtf16 { at: bytes.len() + 1 });
    }
    let mut text = String::with_capacity(pairs.len());
    for (index, letter) in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).enumerate() {
        text.push(letter.map_err(|_| NotText::BrokenUtf16 { at: 2 + 2 * index })?);
    }
    Ok(text)
}

fn utf8_or_latin1(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| windows_1252(*byte)).collect(),
    }
}

/// Latin-1 as Windows writes it: curly quotes and dashes where Latin-1 has control characters.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    byte.checked_sub(0x80).and_then(|index| HIGH.get(usize::from(index))).copied().unwrap_or(char::from(byte))
}

fn refuse_binary(text: &str) -> Result<(), NotText> {
    let (mut controls, mut letters, mut first) = (0, 0_usize, None);
    for (at, letter) in text.char_indices() {
        letters += 1;
        // Form feeds part pages in old scripts; a NUL is never text.
        if letter == '\0' {
            return Err(NotText::Binary { at: at + 1 });
        }
        if letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\u{c}') {
            controls += 1;
            first.get_or_insert(at + 1);
        }
    }
    match first {
        Some(at) if controls * LETTERS_PER_CONTROL > letters => Err(NotText::Binary { at }),
        _ => Ok(()),
    }
}
