//! A line of English to phonemes, sentence by sentence; each phoneme remembers the word that it came from.
//!
//! Words are read from last to first, since "the" and "to" sound by what follows them. It must only be given cleaned text, and answers
//! nothing for what it cannot read.

use super::lexicon::{After, Lexicon};
use super::normal::{SaidWord, said};
use super::spelling::Spelling;
use super::stress::{FIRST, Stress, is_consonant, is_vowel, weight, with};
use super::tagger::Tagger;

/// Phonemes of one sentence at most: the model learned from sentences no longer.
const MOST_PHONEMES: usize = 400;
/// Marks that the voice hears: pauses and tunes.
const MARKS: &str = ";:,.!?—…()";
/// Marks after which a word stands at the end.
const ENDS: &str = ";:,.!?—…";

/// What the model is given at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence {
    /// Each phoneme, mark or space, with the index of its written word; a space belongs to none.
    pub phonemes: Vec<(char, Option<usize>)>,
}

impl Sentence {
    pub fn text(&self) -> String {
        self.phonemes.iter().map(|(phoneme, _)| *phoneme).collect()
    }
}

#[derive(Debug)]
pub struct Reader {
    pub tagger: Tagger,
    pub lexicon: Lexicon,
    pub spelling: Spelling,
}

impl Reader {
    /// Sentences of the line; without those of which nothing can be said.
    pub fn sentences(&self, written: &[&str]) -> Vec<Sentence> {
        let words = said(written);
        let mut found = Vec::new();
        let mut open: Vec<&SaidWord> = Vec::new();
        for (at, word) in words.iter().enumerate() {
            open.push(word);
            if ends(word, words.get(at + 1)) {
                found.extend(self.sentence(&std::mem::take(&mut open)));
            }
        }
        found.extend(self.sentence(&open));
        found.retain(|sentence| {
            sentence.phonemes.iter().any(|(phoneme, _)| is_vowel(*phoneme) || is_consonant(*phoneme))
        });
        found
    }

    fn sentence(&self, words: &[&SaidWord]) -> Vec<Sentence> {
        let pieces: Vec<Piece> = words.iter().flat_map(|word| Piece::of(word)).collect();
        let tags = self.tags(&pieces);
        let mut after = After::default();
        let mut read: Vec<String> = Vec::with_capacity(pieces.len());
        for (piece, tag) in pieces.iter().zip(&tags).rev() {
            let phonemes = if piece.is_mark { piece.text.clone() } else { self.word(&piece.text, tag, after) };
            let phonemes = phonemes.replace('ɾ', "T").replace('ʔ', "t");
            after.vowel = vowel(&phonemes, after.vowel);
            after.to = piece.text == "to" || piece.text == "To" || (piece.text == "TO" && ["TO", "IN"].contains(tag));
            read.push(phonemes);
        }
        let mut open = Sentence::default();
        for (piece, phonemes) in pieces.iter().zip(read.iter().rev()) {
            open.phonemes.extend(phonemes.chars().map(|phoneme| (phoneme, Some(piece.of).filter(|_| !piece.is_mark))));
            if piece.space && !open.phonemes.is_empty() && !phonemes.is_empty() {
                open.phonemes.push((' ', None));
            }
        }
        while open.phonemes.last().is_some_and(|(phoneme, _)| *phoneme == ' ') {
            open.phonemes.pop();
        }
        parted(open.phonemes)
    }

    /// Contractions are tagged in two parts, as in the texts that the tagger learned from; the larger part speaks for the word.
    fn tags(&self, pieces: &[Piece]) -> Vec<&str> {
        let parts: Vec<(usize, &str)> = pieces
            .iter()
            .enumerate()
            .flat_map(|(at, piece)| contraction(&piece.text).map(move |part| (at, part)))
            .collect();
        let tokens: Vec<&str> = parts.iter().map(|(_, part)| *part).collect();
        let tagged = self.tagger.tags(&tokens);
        let size = |part: &str| part.chars().map(|letter| 1 + usize::from(letter.is_uppercase())).sum::<usize>();
        let mut tags: Vec<(usize, &str)> = vec![(0, "NN"); pieces.len()];
        for ((at, part), tag) in parts.iter().zip(tagged) {
            if let Some(best) = tags.get_mut(*at).filter(|best| size(part) > best.0) {
                *best = (size(part), tag);
            }
        }
        tags.into_iter().map(|(_, tag)| tag).collect()
    }

    /// A whole word from the dictionaries, or its parts, or its letters.
    fn word(&self, word: &str, tag: &str, after: After) -> String {
        if let Some(found) = self.lexicon.word(word, tag, after) {
            return found;
        }
        let parts: Vec<&str> =
            word.split(|sign: char| !sign.is_alphanumeric() && sign != '\'').filter(|part| !part.is_empty()).collect();
        if parts.len() < 2 {
            return self.spelling.read(parts.first().unwrap_or(&word));
        }
        let mut after = after;
        let mut read: Vec<String> = Vec::new();
        for part in parts.iter().rev() {
            let phonemes = self.lexicon.word(part, tag, after).unwrap_or_else(|| self.spelling.read(part));
            after = After { vowel: vowel(&phonemes, after.vowel), to: *part == "to" };
            read.push(phonemes);
        }
        read.reverse();
        lowered(&parts, &mut read);
        read.concat()
    }
}

/// In a compound the lighter half of its parts gives up the first stress.
fn lowered(parts: &[&str], read: &mut [String]) {
    let mut order: Vec<(bool, usize, usize)> = read
        .iter()
        .enumerate()
        .filter(|(_, part)| !part.is_empty())
        .map(|(at, part)| (part.contains(FIRST), weight(part), at))
        .collect();
    let stressed = order.iter().filter(|(first, _, _)| *first).count();
    let single = order.first().is_some_and(|(_, _, at)| parts.get(*at).is_some_and(|part| part.chars().count() == 1));
    let lighter: Vec<usize> = if order.len() == 2 && single {
        order.iter().skip(1).map(|(_, _, at)| *at).collect()
    } else if order.len() < 2 || stressed <= order.len().div_ceil(2) {
        Vec::new()
    } else {
        order.sort_unstable();
        order.iter().take(order.len() / 2).map(|(_, _, at)| *at).collect()
    };
    for at in lighter {
        if let Some(part) = read.get_mut(at) {
            *part = with(part, Some(Stress::Less));
        }
    }
}

/// Whether phonemes begin with a vowel; at a mark, that there is an end.
fn vowel(phonemes: &str, otherwise: Option<bool>) -> Option<bool> {
    let telling = |sign: &char| is_vowel(*sign) || is_consonant(*sign) || ENDS.contains(*sign);
    match phonemes.chars().find(telling) {
        Some(mark) if ENDS.contains(mark) => None,
        Some(phoneme) => Some(is_vowel(phoneme)),
        None => otherwise,
    }
}

fn ends(word: &SaidWord, next: Option<&SaidWord>) -> bool {
    let text = word.text.trim_end_matches(['"', '”', '\'', ')', ']']);
    let Some(next) = next.filter(|next| next.of != word.of) else { return false };
    let initial = || text.chars().count() == 2 && text.starts_with(char::is_uppercase) && text != "I.";
    text.ends_with(['.', '!', '?', '…'])
        && !next.text.trim_start_matches(['"', '“', '\'', '(']).starts_with(char::is_lowercase)
        && !(text.ends_with('.') && initial())
}

/// A sentence that is too long ends at a mark where it can, at a space where it cannot.
fn parted(mut phonemes: Vec<(char, Option<usize>)>) -> Vec<Sentence> {
    let mut found = Vec::new();
    while phonemes.len() > MOST_PHONEMES {
        let head = phonemes.get(..MOST_PHONEMES).unwrap_or_default();
        let mark = head.iter().rposition(|(sign, _)| ENDS.contains(*sign));
        let cut = mark.or_else(|| head.iter().rposition(|(sign, _)| *sign == ' ')).map_or(MOST_PHONEMES, |at| at + 1);
        let rest = phonemes.split_off(cut);
        found.push(Sentence { phonemes: std::mem::replace(&mut phonemes, rest) });
    }
    if !phonemes.is_empty() {
        found.push(Sentence { phonemes });
    }
    found
}

/// A mark, or a word without its marks.
struct Piece {
    text: String,
    of: usize,
    /// Whether a space follows.
    space: bool,
    is_mark: bool,
}

impl Piece {
    fn of(word: &SaidWord) -> Vec<Self> {
        let text = word.text.as_str();
        let inside = |sign: char| sign.is_alphanumeric() || sign == '\'';
        let piece = |text: &str, is_mark| Self { text: text.to_owned(), of: word.of, space: false, is_mark };
        let heard = |marks: &str| marks.chars().filter(|mark| MARKS.contains(*mark)).collect::<String>();
        let mut found = Vec::new();
        match (text.find(inside), text.rfind(inside)) {
            (Some(start), Some(last)) => {
                let mut end = last + text[last..].chars().next().map_or(0, char::len_utf8);
                // "U.S.A." keeps its last full stop only to be known as letters.
                let dotted = text[start..end].contains('.')
                    || (text[end..].starts_with('.') && end - start == 1 && text[end..].len() > 1);
                if dotted && text[end..].starts_with('.') && !text[end..].starts_with("...") {
                    end += 1;
                }
                let (before, core, after) = (&text[..start], &text[start..end], &text[end..]);
                found.push(piece(&heard(before), true));
                let mut parts = core.split('—').peekable();
                while let Some(part) = parts.next() {
                    found.push(piece(part, false));
                    if parts.peek().is_some() {
                        found.push(piece("—", true));
                    }
                }
                found.push(piece(&heard(after), true));
            }
            _ => found.push(piece(&heard(text), true)),
        }
        found.retain(|piece| !piece.text.is_empty());
        if let Some(last) = found.last_mut() {
            last.space = true;
        }
        found
    }
}

/// "don't" is "do" and "n't".
fn contraction(word: &str) -> impl Iterator<Item = &str> {
    const ENDINGS: [&str; 7] = ["n't", "'s", "'ll", "'re", "'ve", "'d", "'m"];
    let small = word.to_lowercase();
    let ending = ENDINGS
        .iter()
        .find(|ending| small.ends_with(**ending) && small.len() > ending.len() && small.len() == word.len());
    let at = ending.map_or(word.len(), |ending| word.len() - ending.len());
    let (stem, rest) = word.split_at_checked(at).unwrap_or((word, ""));
    [stem, rest].into_iter().filter(|part| !part.is_empty())
}
