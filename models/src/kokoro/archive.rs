//! The zip around a PyTorch file, as bytes: which part lies where. Parts are stored as they are, never compressed, so nothing is
//! unpacked and nothing allocated beyond the list of names. **Never here:** what is in a part.

use std::collections::HashMap;

use crate::weights::WeightsError;

/// The end of an archive may be followed by this many bytes of comment.
const MOST_COMMENT: usize = 65_535;
const END: [u8; 4] = *b"PK\x05\x06";
const END_LENGTH: usize = 22;
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const ENTRY_LENGTH: usize = 46;
const PART: [u8; 4] = *b"PK\x03\x04";
const PART_LENGTH: usize = 30;
/// What this program reads of an archive fits 32 bits; the larger form says so in such a field.
const ELSEWHERE: usize = 0xffff_ffff;

fn bad(what: &str) -> WeightsError {
    WeightsError::Malformed(format!("PyTorch file: {what}"))
}

fn short(bytes: &[u8], at: usize) -> Result<usize, WeightsError> {
    let two = bytes.get(at..).and_then(<[u8]>::first_chunk::<2>);
    two.map(|b| usize::from(u16::from_le_bytes(*b))).ok_or_else(|| bad("it is cut off"))
}

fn long(bytes: &[u8], at: usize) -> Result<usize, WeightsError> {
    let four = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>);
    let value = four.map(|b| u32::from_le_bytes(*b) as usize).ok_or_else(|| bad("it is cut off"))?;
    if value == ELSEWHERE { Err(bad("it is larger than 4 GiB")) } else { Ok(value) }
}

/// The parts of an archive by name, without the folder that all of them lie in.
#[derive(Debug)]
pub struct Archive<'a> {
    parts: HashMap<&'a str, &'a [u8]>,
}

impl<'a> Archive<'a> {
    /// # Errors
    /// With the first thing that cannot be true.
    pub fn open(bytes: &'a [u8]) -> Result<Self, WeightsError> {
        let from = bytes.len().saturating_sub(MOST_COMMENT + END_LENGTH);
        let tail = bytes.get(from..).unwrap_or_default();
        let at = tail.windows(END.len()).rposition(|w| w == END).ok_or_else(|| bad("it has no list of parts"))?;
        let end = tail.get(at..).unwrap_or_default();
        let (count, mut at) = (short(end, 10)?, long(end, 16)?);
        let mut parts = HashMap::new();
        let mut folder = None;
        for _ in 0..count {
            let entry = bytes.get(at..).unwrap_or_default();
            if !entry.starts_with(&ENTRY) {
                return Err(bad("its list of parts is damaged"));
            }
            let (flags, method) = (short(entry, 8)?, short(entry, 10)?);
            let (stored, length) = (long(entry, 20)?, long(entry, 24)?);
            let (name_length, extra, comment) = (short(entry, 28)?, short(entry, 30)?, short(entry, 32)?);
            let place = long(entry, 42)?;
            // The first flag means encrypted.
            if method != 0 || flags & 1 != 0 || stored != length {
                return Err(bad("a part is compressed or encrypted"));
            }
            let name = entry.get(ENTRY_LENGTH..ENTRY_LENGTH + name_length).ok_or_else(|| bad("it is cut off"))?;
            let name = std::str::from_utf8(name).map_err(|_| bad("a part's name is not text"))?;
            let (here, name) = name.split_once('/').ok_or_else(|| bad("a part lies outside its folder"))?;
            if *folder.get_or_insert(here) != here {
                return Err(bad("its parts lie in several folders"));
            }
            if parts.insert(name, part(bytes, place, length)?).is_some() {
                return Err(bad("two parts have one name"));
            }
            at += ENTRY_LENGTH + name_length + extra + comment;
        }
        Ok(Self { parts })
    }

    /// The bytes of a part.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn part(&self, name: &str) -> Result<&'a [u8], WeightsError> {
        self.parts.get(name).copied().ok_or_else(|| bad(&format!("the part {name} is missing")))
    }
}

fn part(bytes: &[u8], place: usize, length: usize) -> Result<&[u8], WeightsError> {
    let head = bytes.get(place..).unwrap_or_default();
    if !head.starts_with(&PART) {
        return Err(bad("a part does not begin where the list says"));
    }
    let from = PART_LENGTH + short(head, 26)? + short(head, 28)?;
    head.get(from..).and_then(|rest| rest.get(..length)).ok_or_else(|| bad("a part is cut off"))
}
