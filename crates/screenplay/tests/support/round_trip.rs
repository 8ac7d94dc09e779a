//! The promise of the round trip, and the smallest script that breaks it.

use kinora_screenplay::{Screenplay, parse, print};

/// What is wrong with a script on its way through the printer, if anything.
pub fn fault(source: &str) -> Option<String> {
    let first = parse(source).screenplay;
    let printed = print(&first);
    let second = parse(&printed).screenplay;
    if first != second {
        return Some(format!("another script came back\n  printed: {printed:?}\n  was: {first:?}\n  is:  {second:?}"));
    }
    let again = print(&second);
    if printed != again {
        return Some(format!("printing is not settled\n  once:  {printed:?}\n  twice: {again:?}"));
    }
    misplaced(source, &first)
}

/// A span that does not lie where it says.
fn misplaced(source: &str, script: &Screenplay) -> Option<String> {
    let (mut counted, mut lines) = (0, 1);
    for element in &script.elements {
        if source.get(element.span.bytes()).is_none() {
            return Some(format!("the span of {element:?} is no part of the script"));
        }
        for insert in &element.inserts {
            let text = source.get(insert.span.bytes()).unwrap_or_default();
            let bracketed =
                (text.starts_with('[') && text.ends_with(']')) || (text.starts_with("/*") && text.ends_with("*/"));
            if !bracketed || !element.text.is_char_boundary(insert.at) {
                return Some(format!("the span of {insert:?} is {text:?}"));
            }
        }
        let start = element.span.start as usize;
        if start >= counted {
            let passed = source.get(counted..start).unwrap_or_default().replace("\r\n", "\n");
            lines += passed.matches(['\n', '\r']).count();
            counted = start;
            if element.span.line as usize != lines {
                return Some(format!("{element:?} stands in line {lines}"));
            }
        }
    }
    None
}

/// Takes away pieces, then letters, as long as the script stays faulty.
pub fn shrink(pieces: &[&str], faulty: impl Fn(&str) -> bool) -> String {
    let mut pieces = pieces.to_vec();
    without_parts(&mut pieces, |pieces| faulty(&pieces.concat()));
    let mut letters: Vec<char> = pieces.concat().chars().collect();
    without_parts(&mut letters, |letters| faulty(&letters.iter().collect::<String>()));
    letters.into_iter().collect()
}

fn without_parts<T: Clone>(parts: &mut Vec<T>, faulty: impl Fn(&[T]) -> bool) {
    loop {
        let before = parts.len();
        let mut at = 0;
        while at < parts.len() {
            let mut fewer = parts.clone();
            fewer.remove(at);
            if faulty(&fewer) { *parts = fewer } else { at += 1 }
        }
        if parts.len() == before {
            return;
        }
    }
}
