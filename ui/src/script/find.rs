//! Finding and replacing words in the script. Pure; ranges are bytes of the text.

use std::ops::Range;

/// More hits than a person will go through; the count says "or more".
pub const MOST: usize = 5_000;

/// Every place of `words`, in order, none over another. Case counts only when asked for.
pub fn find(text: &str, words: &str, exact: bool) -> Vec<Range<usize>> {
    if words.is_empty() {
        return Vec::new();
    }
    if exact {
        return text.match_indices(words).take(MOST).map(|(at, hit)| at..at + hit.len()).collect();
    }
    let wanted: Vec<char> = words.chars().flat_map(char::to_lowercase).collect();
    let first = wanted.first().copied();
    let mut hits = Vec::new();
    let mut behind = 0;
    for (at, letter) in text.char_indices() {
        if at < behind || letter.to_lowercase().next() != first {
            continue;
        }
        if let Some(length) = length_of(text.get(at..).unwrap_or_default(), &wanted) {
            hits.push(at..at + length);
            behind = at + length;
            if hits.len() == MOST {
                break;
            }
        }
    }
    hits
}

/// Bytes at the beginning of `text` that are `wanted` in lower case.
fn length_of(text: &str, wanted: &[char]) -> Option<usize> {
    let mut left = wanted.iter();
    for (at, letter) in text.char_indices() {
        for lower in letter.to_lowercase() {
            if left.next()? != &lower {
                return None;
            }
        }
        if left.as_slice().is_empty() {
            return Some(at + letter.len_utf8());
        }
    }
    None
}

/// The text with each of `hits` replaced.
pub fn replace_all(text: &str, hits: &[Range<usize>], by: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for hit in hits {
        out.push_str(text.get(done..hit.start).unwrap_or_default());
        out.push_str(by);
        done = hit.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case() {
        assert_eq!(find("Mara, MARA and mara", "mara", false), [0..4, 6..10, 15..19]);
        assert_eq!(find("Mara, MARA and mara", "mara", true), std::iter::once(15..19).collect::<Vec<_>>());
        assert_eq!(find("aaaa", "aa", false), [0..2, 2..4]);
        assert!(find("text", "", false).is_empty());
        assert_eq!(find("ÄRGER und ärger", "ärger", false).len(), 2);
    }

    #[test]
    fn replacing_touches_nothing_else() {
        let text = "A ball. The BALL rolls.";
        assert_eq!(replace_all(text, &find(text, "ball", false), "stone"), "A stone. The stone rolls.");
        assert_eq!(replace_all(text, &[], "x"), text);
    }
}
