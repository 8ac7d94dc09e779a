//! Files damaged by chance: bytes flipped, cut, doubled, moved, and pieces of other files put in between.
//!
//! One damager for every parser: it is given the words a format is made of, so that what comes out is still nearly right,
//! which is where parsers break.

use super::chance::Chance;

/// No damaged file grows beyond this: slowness shows long before.
const MOST_BYTES: usize = 64 * 1024;

/// One to eight injuries to a file.
pub fn damaged(chance: &mut Chance, whole: &[u8], words: &[&[u8]], others: &[&[u8]]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..=chance.below(8) {
        injure(chance, &mut bytes, words, others);
        bytes.truncate(MOST_BYTES);
    }
    bytes
}

fn injure(chance: &mut Chance, bytes: &mut Vec<u8>, words: &[&[u8]], others: &[&[u8]]) {
    let at = chance.below(bytes.len() + 1);
    let most = 1 << chance.below(9);
    let end = (at + 1 + chance.below(most)).min(bytes.len());
    match chance.below(11) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << chance.below(8)),
        3 => bytes.get_mut(at).into_iter().for_each(|byte| *byte = u8::try_from(chance.below(256)).unwrap_or(0)),
        4 => {
            // The same part many times: what nests or grows is found by this.
            let times = 1 + chance.below(64);
            let part = bytes.get(at..end).unwrap_or_default().repeat(times);
            drop(bytes.splice(at..at, part));
        }
        5..=7 if !words.is_empty() => {
            let times = 1 + [0, 0, 2, 40][chance.below(4)];
            let word = chance.pick(words).repeat(times);
            drop(bytes.splice(at..at, word));
        }
        8 if !others.is_empty() => {
            let other = chance.pick(others);
            let (from, to) = (chance.below(other.len() + 1), chance.below(other.len() + 1));
            let part = other.get(from.min(to)..from.max(to)).unwrap_or_default().to_vec();
            drop(bytes.splice(at..end, part));
        }
        9 => bytes.rotate_left(at),
        _ => {
            let kept: Vec<u8> = bytes.drain(at..end).collect();
            let to = chance.below(bytes.len() + 1);
            drop(bytes.splice(to..to, kept));
        }
    }
}
