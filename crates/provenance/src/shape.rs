//! How a file is laid out, besides its history: what the standard's own hash leaves out.
//!
//! The standard does not look at an MP4's type box and lets anybody add empty boxes. A signed list of the boxes that were there, and a hash
//! of the first, closes both gaps. In a PNG it is the checksum of the chunk that holds the history; elsewhere the head of what holds it,
//! which is the same in all files that we sign.

use crate::kind::Kind;
use crate::xmp::crc;
use kinora_document::BlobHash;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Seek, SeekFrom};

/// The name of the box with the history.
const C2PA: [u8; 16] = [0xd8, 0xfe, 0xc3, 0xd6, 0x1b, 0x0e, 0x48, 0x3c, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7e, 0xc4, 0x81];
/// What stands between that name and the history: version and flags, the purpose, and where a tree of hashes would begin.
const PURPOSE: [u8; 21] = *b"\0\0\0\0manifest\0\0\0\0\0\0\0\0\0";
/// After the length of a history's outer box: its type, and the whole box that describes it.
const STORE: &[u8] = b"jumb\0\0\0\x1ejumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\x03c2pa\0";
/// Our films have five top-level boxes; files of others seldom more than a few hundred.
const PARTS: usize = 10_000;
/// A type box is a few dozen bytes, a history seldom more than a megabyte.
const HELD_BYTES: u64 = 64 << 20;

/// Empty for files whose hash leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Top-level boxes of an MP4 without the history: name and length.
    pub boxes: Vec<(String, u64)>,
    /// Of the type box.
    pub first: Option<BlobHash>,
}

/// A top-level box or a chunk: where it begins, its name, and how long it is altogether.
struct Part {
    start: u64,
    name: [u8; 4],
    length: u64,
}

impl Shape {
    /// None when the file cannot be taken apart.
    pub fn of(kind: Kind, file: &mut (impl Read + Seek)) -> io::Result<Option<Self>> {
        if !matches!(kind, Kind::Mp4 | Kind::QuickTime) {
            return Ok(Some(Self::default()));
        }
        let Some(parts) = boxes(file)? else { return Ok(None) };
        let mut shape = Self::default();
        for part in parts {
            if part.name == *b"uuid" && held(file, part.start + 8, 16)? == C2PA {
                continue;
            }
            if part.name == *b"ftyp" && shape.first.is_none() {
                let bytes = held(file, part.start, part.length)?;
                shape.first = Some(BlobHash(*blake3::hash(&bytes).as_bytes()));
            }
            shape.boxes.push((part.name.iter().map(|byte| char::from(*byte)).collect(), part.length));
        }
        Ok(Some(shape))
    }
}

/// Whether what holds the history is itself whole, as far as the signature cannot tell.
pub fn holder_is_whole(kind: Kind, file: &mut (impl Read + Seek)) -> io::Result<bool> {
    match kind {
        Kind::Png => {
            let Some(chunks) = chunks(file)? else { return Ok(false) };
            let mut holders = 0;
            for part in chunks.iter().filter(|part| part.name == *b"caBX") {
                holders += 1;
                let bytes = held(file, part.start + 4, part.length - 4)?;
                let Some((body, sum)) = bytes.split_last_chunk::<4>() else { return Ok(false) };
                if crc(body) != u32::from_be_bytes(*sum) {
                    return Ok(false);
                }
            }
            Ok(holders == 1)
        }
        Kind::Mp4 | Kind::QuickTime => {
            let Some(boxes) = boxes(file)? else { return Ok(false) };
            let mut holders = Vec::new();
            for part in boxes.iter().filter(|part| part.name == *b"uuid") {
                let head = held(file, part.start + 8, (16 + PURPOSE.len() + STORE.len() + 4) as u64)?;
                if let Some(head) = head.strip_prefix(&C2PA) {
                    let store = head.strip_prefix(&PURPOSE).unwrap_or_default();
                    holders.push(is_store(store, part.length - 8 - 16 - PURPOSE.len() as u64));
                }
            }
            Ok(holders == [true])
        }
        Kind::Wav => {
            let Some(chunks) = riff_chunks(file)? else { return Ok(false) };
            let mut holders = Vec::new();
            for part in chunks.iter().filter(|part| part.name == *b"C2PA") {
                let head = held(file, part.start + 8, STORE.len() as u64 + 4)?;
                holders.push(is_store(&head, part.length - 8));
            }
            Ok(holders == [true])
        }
        Kind::Jpeg | Kind::WebM => Ok(true),
    }
}

/// Whether the outer box of a history of `length` bytes begins as each of ours does: its length, then [`STORE`].
fn is_store(head: &[u8], length: u64) -> bool {
    let Some((stated, rest)) = head.split_first_chunk::<4>() else { return false };
    u64::from(u32::from_be_bytes(*stated)) == length && rest.starts_with(STORE)
}

/// After the RIFF head; each is padded to an even length, which does not count as its own.
fn riff_chunks(file: &mut (impl Read + Seek)) -> io::Result<Option<Vec<Part>>> {
    let end = file.seek(SeekFrom::End(0))?;
    let (mut start, mut parts) = (12, Vec::new());
    while start < end && parts.len() < PARTS {
        let head = held(file, start, 8)?;
        let Some((name, rest)) = head.split_first_chunk::<4>() else { return Ok(None) };
        let Some(stated) = rest.first_chunk::<4>() else { return Ok(None) };
        let length = u64::from(u32::from_le_bytes(*stated)) + 8;
        if length > end - start {
            return Ok(None);
        }
        parts.push(Part { start, name: *name, length });
        start += length.next_multiple_of(2);
    }
    Ok(Some(parts))
}

fn boxes(file: &mut (impl Read + Seek)) -> io::Result<Option<Vec<Part>>> {
    let end = file.seek(SeekFrom::End(0))?;
    let (mut start, mut parts) = (0, Vec::new());
    while start < end && parts.len() < PARTS {
        let head = held(file, start, 16)?;
        let Some((&[a, b, c, d, name @ ..], rest)) = head.split_first_chunk::<8>() else { return Ok(None) };
        let length = match (u32::from_be_bytes([a, b, c, d]), rest.first_chunk::<8>()) {
            (0, _) => end - start,
            (1, Some(long)) => u64::from_be_bytes(*long),
            (short, _) => u64::from(short),
        };
        if length < 8 || length > end - start {
            return Ok(None);
        }
        parts.push(Part { start, name, length });
        start += length;
    }
    Ok((start == end).then_some(parts))
}

fn chunks(file: &mut (impl Read + Seek)) -> io::Result<Option<Vec<Part>>> {
    let end = file.seek(SeekFrom::End(0))?;
    let (mut start, mut parts) = (8, Vec::new());
    while start < end && parts.len() < PARTS {
        let head = held(file, start, 8)?;
        let Some(&[a, b, c, d, name @ ..]) = head.first_chunk::<8>() else { return Ok(None) };
        let length = u64::from(u32::from_be_bytes([a, b, c, d])) + 12;
        if length > end - start {
            return Ok(None);
        }
        parts.push(Part { start, name, length });
        start += length;
    }
    Ok(Some(parts))
}

/// Up to `length` bytes from `start`.
fn held(file: &mut (impl Read + Seek), start: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.by_ref().take(length.min(HELD_BYTES)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn shape(bytes: &[u8]) -> Option<Shape> {
        Shape::of(Kind::Mp4, &mut Cursor::new(bytes)).expect("memory can be read")
    }

    #[test]
    fn a_file_is_its_boxes_without_the_history() {
        let plain = [&b"\0\0\0\x0cftypisom"[..], b"\0\0\0\x09mdat!"].concat();
        let history = [&b"\0\0\0\x1auuid"[..], &C2PA, b"!!"].concat();
        let signed = [&plain[..12], &history[..], &plain[12..]].concat();
        assert_eq!(shape(&plain), shape(&signed));
        assert!(shape(&plain).is_some_and(|shape| shape.boxes.len() == 2));
        let added = [&plain[..], b"\0\0\0\x08free"].concat();
        assert_ne!(shape(&plain), shape(&added));
        let other = [&b"\0\0\0\x0cftypisoM"[..], b"\0\0\0\x09mdat!"].concat();
        assert_ne!(shape(&plain), shape(&other));
        assert_eq!(shape(&[&plain[..], b"more"].concat()), None);
        assert_eq!(shape(b"\0\0\0\x01ftyp"), None);
    }
}
