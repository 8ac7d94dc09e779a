//! Prompts into tokens as T5's SentencePiece does it: text is normalised by the table in the model, spaces become a visible
//! mark, and of all ways to cut it into known pieces the likeliest is taken. Reads `spiece.model` (a protocol buffer) or the
//! vocabulary of a GGUF file. **Never here:** what the tokens mean.

use std::collections::HashMap;

use super::LtxError;

/// Ends every prompt.
pub const END: u32 = 1;
/// Fills what is left of the length.
pub const PAD: u32 = 0;
/// Stands for what no piece covers.
const UNKNOWN: u32 = 2;
/// How much less likely than the unlikeliest piece an unknown letter is.
const UNKNOWN_PENALTY: f32 = 10.0;
/// The mark that stands for a space.
const MARK: char = '\u{2581}';
/// Largest model file that is read.
const MOST_BYTES: usize = 16 << 20;
/// Longest prompt in bytes; what is beyond is cut and reported like what is beyond the last token.
const LONGEST: usize = 1 << 16;

/// What a piece is, as the model file numbers it.
const NORMAL: u64 = 1;
const USER_DEFINED: u64 = 4;

/// The vocabulary.
#[derive(Debug, Clone)]
pub struct Words {
    pieces: HashMap<String, (u32, f32)>,
    longest: usize,
    unknown_score: f32,
    charsmap: Option<Charsmap>,
    add_mark: bool,
    squeeze: bool,
    size: usize,
}

/// Tokens of a prompt, and what did not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// With the end token; at most as many as asked for.
    pub ids: Vec<u32>,
    /// How many tokens were left out at the end.
    pub cut: usize,
    /// The words that were left out; empty when all fitted.
    pub lost: String,
}

impl Words {
    /// Reads `spiece.model`.
    ///
    /// # Errors
    /// When it is not a SentencePiece unigram model.
    pub fn parse(bytes: &[u8]) -> Result<Self, LtxError> {
        if bytes.len() > MOST_BYTES {
            return Err(damaged("it is larger than 16 MiB"));
        }
        let (mut pieces, mut map, mut add_mark, mut squeeze) = (Vec::new(), Vec::new(), true, true);
        for field in fields(bytes) {
            match field? {
                (1, Value::Bytes(piece)) => pieces.push(read_piece(piece)?),
                (2, Value::Bytes(trainer)) => {
                    for field in fields(trainer) {
                        if let (3, Value::Number(kind)) = field?
                            && kind != 1
                        {
                            return Err(damaged("it is not a unigram model"));
                        }
                    }
                }
                (3, Value::Bytes(rules)) => {
                    for field in fields(rules) {
                        match field? {
                            (2, Value::Bytes(table)) => map = table.to_vec(),
                            (3, Value::Number(n)) => add_mark = n != 0,
                            (4, Value::Number(n)) => squeeze = n != 0,
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Self::build(pieces, &map, add_mark, squeeze)
    }

    /// From lists, as GGUF files hold them; `kinds` as the SentencePiece file numbers them.
    ///
    /// # Errors
    /// When the lists do not fit each other.
    pub fn from_lists(tokens: Vec<String>, scores: &[f32], kinds: &[u32], map: &[u8]) -> Result<Self, LtxError> {
        if tokens.len() != scores.len() || tokens.len() != kinds.len() {
            return Err(damaged("its lists have different lengths"));
        }
        let pieces = tokens.into_iter().zip(scores).zip(kinds).map(|((t, s), k)| (t, *s, u64::from(*k))).collect();
        Self::build(pieces, map, true, true)
    }

    fn build(list: Vec<(String, f32, u64)>, map: &[u8], add_mark: bool, squeeze: bool) -> Result<Self, LtxError> {
        let size = list.len();
        if !(4..=1 << 20).contains(&size) || list.iter().any(|(_, score, _)| !score.is_finite()) {
            return Err(damaged("it holds no pieces, too many, or scores that are not numbers"));
        }
        let (mut pieces, mut longest, mut least) = (HashMap::with_capacity(size), 0, f32::MAX);
        for (id, (text, score, kind)) in list.into_iter().enumerate() {
            if (kind != NORMAL && kind != USER_DEFINED) || text.is_empty() {
                continue;
            }
            longest = longest.max(text.chars().count());
            if kind == NORMAL {
                least = least.min(score);
            }
            pieces.insert(text, (id as u32, score));
        }
        let charsmap = if map.is_empty() { None } else { Some(Charsmap::parse(map)?) };
        Ok(Self { pieces, longest, unknown_score: least - UNKNOWN_PENALTY, charsmap, add_mark, squeeze, size })
    }

    /// Number of tokens in the vocabulary.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Tokens of `text` with the end token, `most` at most.
    #[must_use]
    pub fn read(&self, text: &str, most: usize) -> Tokens {
        let most = most.max(1);
        let within = text.len().min(LONGEST);
        let within = (0..=within).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (seen, beyond) = text.split_at(within);
        let mut cut: Vec<(u32, String)> = self.likeliest(&self.normalise(seen));
        let kept = cut.len().min(most - 1);
        let left = cut.split_off(kept);
        let mut ids: Vec<u32> = cut.into_iter().map(|(id, _)| id).collect();
        ids.push(END);
        let lost: String = left.iter().map(|(_, text)| text.as_str()).collect();
        let lost = format!("{}{beyond}", lost.replace(MARK, " ")).trim().to_owned();
        Tokens { ids, cut: left.len(), lost }
    }

    fn normalise(&self, text: &str) -> String {
        let mapped = match &self.charsmap {
            Some(map) => map.apply(text),
            None => text.to_owned(),
        };
        let mut out = String::with_capacity(mapped.len() + 3);
        let trimmed = if self.squeeze { mapped.trim_matches(' ') } else { mapped.as_str() };
        if trimmed.is_empty() {
            return out;
        }
        if self.add_mark {
            out.push(MARK);
        }
        let mut before = false;
        for c in trimmed.chars() {
            if c == ' ' {
                if !(before && self.squeeze) {
                    out.push(MARK);
                }
                before = true;
            } else {
                out.push(c);
                before = false;
            }
        }
        out
    }

    /// The cut with the greatest sum of scores; neighbouring unknown letters become one token.
    fn likeliest(&self, text: &str) -> Vec<(u32, String)> {
        let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let count = starts.len() - 1;
        let mut best: Vec<Option<(f32, usize, u32)>> = vec![None; count + 1];
        for from in 0..count {
            let so_far = if from == 0 { Some(0.0) } else { best.get(from).copied().flatten().map(|b| b.0) };
            let (Some(so_far), Some(&start)) = (so_far, starts.get(from)) else { continue };
            let mut single = false;
            for to in from + 1..=count.min(from + self.longest) {
                let Some(part) = starts.get(to).and_then(|end| text.get(start..*end)) else { continue };
                if let Some((id, score)) = self.pieces.get(part) {
                    single |= to == from + 1;
                    better(&mut best, to, (so_far + score, from, *id));
                }
            }
            if !single {
                better(&mut best, from + 1, (so_far + self.unknown_score, from, UNKNOWN));
            }
        }
        let mut cut: Vec<(u32, String)> = Vec::new();
        let mut at = count;
        while at > 0 {
            let Some((_, from, id)) = best.get(at).copied().flatten() else { break };
            let part = starts.get(from).zip(starts.get(at)).and_then(|(a, b)| text.get(*a..*b)).unwrap_or_default();
            match cut.last_mut() {
                Some((UNKNOWN, after)) if id == UNKNOWN => *after = format!("{part}{after}"),
                _ => cut.push((id, part.to_owned())),
            }
            at = from;
        }
        cut.reverse();
        cut
    }
}

fn better(best: &mut [Option<(f32, usize, u32)>], to: usize, found: (f32, usize, u32)) {
    if let Some(place) = best.get_mut(to)
        && place.is_none_or(|b| found.0 > b.0)
    {
        *place = Some(found);
    }
}

fn damaged(what: &str) -> LtxError {
    LtxError::Files(format!("the tokenizer cannot be used: {what}"))
}

fn read_piece(bytes: &[u8]) -> Result<(String, f32, u64), LtxError> {
    let (mut text, mut score, mut kind) = (String::new(), 0.0, NORMAL);
    for field in fields(bytes) {
        match field? {
            (1, Value::Bytes(b)) => text = String::from_utf8(b.to_vec()).map_err(|_| damaged("a piece is not text"))?,
            (2, Value::Word(bits)) => score = f32::from_bits(bits),
            (3, Value::Number(n)) => kind = n,
            _ => {}
        }
    }
    Ok((text, score, kind))
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Word(u32),
    Other,
}

/// The fields of a protocol buffer message, one after the other; the first unreadable one ends them.
fn fields(mut rest: &[u8]) -> impl Iterator<Item = Result<(u64, Value<'_>), LtxError>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let found = field(&mut rest).ok_or_else(|| damaged("it is cut off or not a SentencePiece file"));
        if found.is_err() {
            rest = &[];
        }
        Some(found)
    })
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let tag = number(rest)?;
    let value = match tag & 7 {
        0 => Value::Number(number(rest)?),
        1 => {
            take(rest, 8)?;
            Value::Other
        }
        2 => {
            let length = usize::try_from(number(rest)?).ok()?;
            Value::Bytes(take(rest, length)?)
        }
        5 => Value::Word(u32::from_le_bytes(take(rest, 4)?.try_into().ok()?)),
        _ => return None,
    };
    Some((tag >> 3, value))
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)?.first().copied()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(count)?;
    *rest = tail;
    Some(head)
}

/// The model's own table of replacements: a double-array trie of what is replaced, and the replacements, each ended by a 0.
#[derive(Debug, Clone)]
struct Charsmap {
    units: Vec<u32>,
    texts: Vec<u8>,
}

impl Charsmap {
    fn parse(bytes: &[u8]) -> Result<Self, LtxError> {
        let wrong = || damaged("its table of replacements is cut off");
        let mut rest = bytes;
        let length = take(&mut rest, 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes).ok_or_else(wrong)?;
        let trie = take(&mut rest, length as usize).ok_or_else(wrong)?;
        let units = trie.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect();
        Ok(Self { units, texts: rest.to_vec() })
    }

    fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (length, with) = match self.longest(rest.as_bytes()) {
                Some((length, at)) if rest.is_char_boundary(length) => (length, Some(at)),
                _ => (first.len_utf8(), None),
            };
            let (here, after) = rest.split_at(length);
            match with {
                Some(at) => out.push_str(self.text(at)),
                None => out.push_str(here),
            }
            rest = after;
        }
        out
    }

    /// Length in bytes of the longest entry that `bytes` begins with, and where its replacement is.
    fn longest(&self, bytes: &[u8]) -> Option<(usize, usize)> {
        let offset = |unit: u32| ((unit >> 10) << ((unit & (1 << 9)) >> 6)) as usize;
        let mut at = offset(*self.units.first()?);
        let mut found = None;
        for (i, byte) in bytes.iter().enumerate() {
            if *byte == 0 {
                break;
            }
            at ^= usize::from(*byte);
            let unit = *self.units.get(at)?;
            if unit & ((1 << 31) | 0xff) != u32::from(*byte) {
                return found;
            }
            at ^= offset(unit);
            if unit & (1 << 8) != 0 {
                let value = self.units.get(at)? & ((1 << 31) - 1);
                found = Some((i + 1, value as usize));
            }
        }
        found
    }

    fn text(&self, at: usize) -> &str {
        let bytes = self.texts.get(at..).unwrap_or_default();
        let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
        bytes.get(..end).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default()
    }
}
