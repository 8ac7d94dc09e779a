//! Where words may be parted: between sentences, else where a speaker breathes, else before a joining word.
//!
//! A cut in the middle of "My ball left / on a Tuesday." is heard and seen, so nothing here parts a sentence that fits its take. The
//! pieces of a text joined again are the text, in every script, spaced or not.

/// How finely a text is parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grain {
    Sentence,
    Clause,
    Joint,
    Word,
}

impl Grain {
    fn finer(self) -> Self {
        match self {
            Grain::Sentence => Grain::Clause,
            Grain::Clause => Grain::Joint,
            Grain::Joint | Grain::Word => Grain::Word,
        }
    }
}

/// Sentences with the marks that end them; "Mr. Fox" and "3.5" end none.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    cut(text, Grain::Sentence)
}

/// The text in pieces that each fit, as few and as whole as can be: sentences, parted further only when one alone does not fit.
pub(crate) fn pieces<'a>(text: &'a str, fits: &impl Fn(&str) -> bool) -> Vec<&'a str> {
    let mut found = Vec::new();
    part(text, Grain::Sentence, fits, &mut found);
    found
}

fn part<'a>(text: &'a str, grain: Grain, fits: &impl Fn(&str) -> bool, found: &mut Vec<&'a str>) {
    let chunks = cut(text, grain);
    for joined in joined_up(text, &chunks, grain, fits) {
        if fits(joined) || grain == Grain::Word {
            found.push(joined);
        } else {
            part(joined, grain.finer(), fits, found);
        }
    }
}

/// Neighbours joined while they fit, evenly: two halves of a long sentence rather than most of it and a rest.
fn joined_up<'a>(text: &'a str, chunks: &[&'a str], grain: Grain, fits: &impl Fn(&str) -> bool) -> Vec<&'a str> {
    if grain == Grain::Sentence || chunks.len() < 2 {
        return chunks.to_vec();
    }
    let place = |chunk: &str| chunk.as_ptr() as usize - text.as_ptr() as usize;
    let between = |first: &str, last: &str| text.get(place(first)..place(last) + last.len()).unwrap_or_default();
    let mut groups: Vec<(&str, &str)> = Vec::new();
    for chunk in chunks {
        match groups.last_mut() {
            Some((first, last)) if fits(between(first, chunk)) => *last = chunk,
            _ => groups.push((chunk, chunk)),
        }
    }
    let (wanted, total) = (groups.len(), text.len().max(1));
    let mut even: Vec<(&str, &str)> = Vec::new();
    for chunk in chunks {
        let middle = place(chunk) + chunk.len() / 2;
        let share = middle * wanted / total;
        match even.last_mut() {
            Some((first, last)) if fits(between(first, chunk)) && place(first) * wanted / total >= share => {
                *last = chunk;
            }
            _ => even.push((chunk, chunk)),
        }
    }
    let best = if even.len() <= groups.len() { even } else { groups };
    best.into_iter().map(|(first, last)| between(first, last)).collect()
}

/// Every piece of the grain, without the spaces around it.
fn cut(text: &str, grain: Grain) -> Vec<&str> {
    let (mut found, mut start) = (Vec::new(), 0);
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        let (before, after) = (text.get(start..end).unwrap_or_default(), text.get(end..).unwrap_or_default());
        if ends(letter, before, after, grain) {
            found.push(before);
            start = end;
        }
    }
    found.extend(text.get(start..));
    let trimmed = found.into_iter().map(str::trim).filter(|piece| !piece.is_empty());
    let mut whole: Vec<&str> = Vec::new();
    for piece in trimmed {
        // A closing quote or bracket belongs to what it closes.
        let alone = !piece.contains(char::is_alphanumeric);
        match whole.last_mut().filter(|_| alone) {
            Some(last) => {
                let from = last.as_ptr() as usize - text.as_ptr() as usize;
                let to = piece.as_ptr() as usize - text.as_ptr() as usize + piece.len();
                *last = text.get(from..to).unwrap_or_default();
            }
            None => whole.push(piece),
        }
    }
    whole
}

fn ends(letter: char, before: &str, after: &str, grain: Grain) -> bool {
    let rest = after.trim_start_matches(['"', '”', '’', '\'', ')', '»', '*', '_']);
    let spaced = rest.len() == after.len() && after.starts_with(char::is_whitespace);
    match letter {
        '。' | '！' | '？' => true,
        '\n' => true,
        '，' | '、' | '；' | '：' => grain != Grain::Sentence,
        '.' | '!' | '?' | '…' if spaced => {
            let next = after.trim_start().chars().next();
            let goes_on = next.is_some_and(char::is_lowercase);
            if letter == '.' && is_short_form(before) { false } else { !goes_on || grain != Grain::Sentence }
        }
        // After “Stop!” the quote comes first.
        '"' | '”' | '’' | '»' | ')' if spaced => {
            let ended = before.trim_end_matches(letter).ends_with(['.', '!', '?', '…']);
            ended && !after.trim_start().starts_with(char::is_lowercase)
        }
        ',' | ';' | ':' | '–' | '—' if spaced => grain != Grain::Sentence,
        _ if letter.is_whitespace() && matches!(grain, Grain::Joint) => joins(after),
        _ if grain == Grain::Word => letter.is_whitespace() || is_unspaced(letter),
        _ => false,
    }
}

/// "Mr.", "J.": a point that ends no sentence.
fn is_short_form(before: &str) -> bool {
    let word = before.trim_end_matches('.').rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase) && word != "I";
    initial
        || matches!(
            word,
            "Mr" | "Mrs" | "Ms" | "Dr" | "Prof" | "St" | "Jr" | "Sr" | "Mt" | "vs" | "Lt" | "Capt" | "Sgt"
        )
}

/// A word before which a speaker may breathe.
fn joins(after: &str) -> bool {
    let word = after.trim_start().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    matches!(
        word.as_str(),
        "and"
            | "but"
            | "or"
            | "because"
            | "so"
            | "that"
            | "which"
            | "who"
            | "when"
            | "while"
            | "where"
            | "if"
            | "until"
            | "than"
    )
}

fn is_unspaced(letter: char) -> bool {
    matches!(u32::from(letter), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// "It glows." means nothing to a picture without the sentence before it.
pub(crate) fn leans_back(sentence: &str) -> bool {
    let first =
        sentence.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default().to_lowercase();
    matches!(
        first.as_str(),
        "it" | "he"
            | "she"
            | "they"
            | "its"
            | "his"
            | "her"
            | "their"
            | "this"
            | "that"
            | "these"
            | "those"
            | "then"
            | "there"
            | "both"
            | "nobody"
            | "everybody"
            | "nothing"
            | "everything"
            | "and"
            | "but"
            | "so"
            | "for"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_reader_stops() {
        for (text, wanted) in [
            ("One. Two!  Three? Four", vec!["One.", "Two!", "Three?", "Four"]),
            ("Mr. Fox has 3.5 apples. J. R. ate one.", vec!["Mr. Fox has 3.5 apples.", "J. R. ate one."]),
            ("Well... maybe. “Stop!” She ran.", vec!["Well... maybe.", "“Stop!”", "She ran."]),
            ("He said “Stop!” and ran.", vec!["He said “Stop!” and ran."]),
            ("はい。いいえ。", vec!["はい。", "いいえ。"]),
            ("One\nTwo", vec!["One", "Two"]),
            ("It was I. You know.", vec!["It was I.", "You know."]),
            ("?!", vec!["?!"]),
            ("", vec![]),
        ] {
            assert_eq!(sentences(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_sentence_is_parted_only_when_it_does_not_fit() {
        let words = |most: usize| move |text: &str| text.split_whitespace().count() <= most;
        let text = "My ball left on a Tuesday. It never did like being caught, and I knew it.";
        assert_eq!(
            pieces(text, &words(9)),
            ["My ball left on a Tuesday.", "It never did like being caught,", "and I knew it."]
        );
        assert_eq!(
            pieces(text, &words(20)),
            ["My ball left on a Tuesday.", "It never did like being caught, and I knew it."]
        );
        assert_eq!(pieces("a b c d because e f g", &words(5)), ["a b c d", "because e f g"]);
        assert_eq!(pieces("a b c d e f g h i", &words(8)), ["a b c d e", "f g h i"]);
        let letters = |text: &str| text.chars().count() <= 4;
        assert_eq!(pieces("雪雪雪雪雪雪", &letters), ["雪雪雪", "雪雪雪"]);
    }

    #[test]
    fn no_letter_is_lost() {
        let text = "One, two. Three; four and five? “Six!” seven — eight: 雪，雪。 ( nine ) … ten";
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        for most in 1..40 {
            let found = pieces(text, &|piece: &str| piece.chars().count() <= most);
            assert_eq!(found.iter().map(|piece| bare(piece)).collect::<String>(), bare(text), "{most}: {found:?}");
        }
    }
}
