//! A text as readings: plain words, and the same words with disguises taken off, each knowing where it came from.
//! It exists so that one list of words finds "nude", "n.u.d.e", "NUD3" and "n\u{200b}ude" alike, and points into the original.
//! It must never change which words a plain text is read as: disguises add readings, they take none away.

use std::ops::Range;

use crate::fold::fold;

/// A run of letters and digits of the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Lower-case, without accents; may hold signs that stand for letters (`n*de`, `$ex`).
    pub(crate) letters: String,
    /// Bytes of the original.
    pub(crate) span: Range<usize>,
    /// The original began with a capital letter, or was written in a way that hides it.
    pub(crate) capital: bool,
    /// Characters of other scripts or invisible ones stood in for plain letters.
    pub(crate) dressed: bool,
    /// What stands between this word and the one before.
    pub(crate) gap: Gap,
}

/// What stands between two words. In rising order of how much it divides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gap {
    /// One `.`, `-`, `_`, `/`, `~` or `·` without spaces: a hyphen, or a disguise.
    Joint,
    /// A space or an apostrophe.
    Space,
    /// Two spaces or more.
    Wide,
    /// A comma, a colon, a bracket, a quotation mark.
    Comma,
    /// The end of a sentence or of a line.
    Stop,
}

/// One way to read the text: words with a space before and after each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub(crate) text: String,
    /// For each byte of `text`, the index of its word in `words`; a space belongs to the word after it.
    owner: Vec<u32>,
    /// For each word of the reading, the first and the last of the original words it is made of.
    made_of: Vec<(u32, u32)>,
    /// Which words of the reading differ from the plain one.
    changed: Vec<bool>,
}

impl Reading {
    fn push(&mut self, word: &str, first: usize, last: usize, changed: bool) {
        let index = u32::try_from(self.made_of.len()).unwrap_or(u32::MAX);
        self.text.push(' ');
        self.text.push_str(word);
        self.owner.resize(self.text.len(), index);
        self.made_of.push((u32::try_from(first).unwrap_or(u32::MAX), u32::try_from(last).unwrap_or(u32::MAX)));
        self.changed.push(changed);
    }

    fn close(&mut self) {
        self.text.push(' ');
        self.owner.push(u32::try_from(self.made_of.len()).unwrap_or(u32::MAX));
    }

    /// The original words that bytes `range` of this reading come from, first and last, and whether a disguise was
    /// taken off to read them.
    pub(crate) fn words(&self, range: &Range<usize>) -> Option<(u32, u32, bool)> {
        // A pattern may begin and end with the space that marks its edge.
        let bytes = self.text.as_bytes().get(range.clone())?;
        let start = range.start + usize::from(bytes.first() == Some(&b' '));
        let end = range.end - usize::from(bytes.last() == Some(&b' '));
        let first = *self.owner.get(start)? as usize;
        let last = *self.owner.get(end.checked_sub(1)?)? as usize;
        let changed = self.changed.get(first..=last)?.iter().any(|changed| *changed);
        Some((self.made_of.get(first)?.0, self.made_of.get(last)?.1, changed))
    }
}

/// A text taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub(crate) words: Vec<Word>,
    /// The plain reading first; others only where they differ from it.
    pub(crate) readings: Vec<Reading>,
    /// Words with signs in place of letters (`n*de`), by index, with the sign as `*`.
    pub(crate) masked: Vec<(u32, String)>,
    /// Words spelled letter by letter, first and last index: their inner borders are lost.
    pub(crate) spelled: Vec<(u32, u32, String)>,
    /// For each word, which one it is when those spelled letter by letter count once.
    places: Vec<u32>,
}

/// Masked and spelled words are compared with the whole lexicon, one by one; a text with more of them is refused, not half read.
const MOST_PUZZLES: usize = 256;

/// `n u d e` is spelled; `I, a` and `A 4` are words that happen to be short.
const LETTERS_THAT_SPELL: usize = 3;
/// `53550` spells a word; `12` and `200` are counted things.
const SHORTEST_WORD_OF_DIGITS: usize = 4;

impl Text {
    pub(crate) fn read(original: &str) -> Self {
        let words = split(original);
        let mut text = Self { words, ..Self::default() };
        text.count_places();
        text.plain();
        text.undisguised('i');
        if text.words.iter().any(|word| has_either(&word.letters)) {
            text.undisguised('l');
        }
        if text.words.iter().any(|word| word.gap == Gap::Joint) {
            text.joined();
        }
        text.find_masked();
        text
    }

    /// More hidden words than are solved.
    pub(crate) fn is_a_riddle(&self) -> bool {
        self.masked.len() >= MOST_PUZZLES || self.spelled.len() >= MOST_PUZZLES
    }

    /// How many words stand from first to last, both counted; one spelled letter by letter is one.
    pub(crate) fn reach(&self, first: u32, last: u32) -> u32 {
        let place = |at: u32| self.places.get(at as usize).copied().unwrap_or(at);
        place(last).saturating_sub(place(first)) + 1
    }

    fn count_places(&mut self) {
        let mut places = Vec::with_capacity(self.words.len());
        let mut next = 0;
        while places.len() < self.words.len() {
            let (_, run) = self.undisguised_word(places.len(), 'i');
            places.extend(std::iter::repeat_n(next, run.max(1)));
            next += 1;
        }
        self.places = places;
    }

    /// Bytes of the original from the first to the last of these words.
    pub(crate) fn span(&self, first: u32, last: u32) -> Range<usize> {
        let start = self.words.get(first as usize).map_or(0, |word| word.span.start);
        let end = self.words.get(last as usize).map_or(start, |word| word.span.end);
        start..end.max(start)
    }

    fn plain(&mut self) {
        let mut reading = Reading::default();
        for (at, word) in self.words.iter().enumerate() {
            reading.push(&word.letters, at, at, word.dressed);
        }
        reading.close();
        self.readings.push(reading);
    }

    /// Digits and signs as letters, drawn-out letters once, single letters in a row as one word.
    fn undisguised(&mut self, one_is: char) {
        let mut reading = Reading::default();
        let mut differs = false;
        let mut at = 0;
        while let Some(word) = self.words.get(at) {
            let (read, run) = self.undisguised_word(at, one_is);
            let changed = run > 1 || read != word.letters;
            reading.push(&read, at, at + run - 1, word.dressed || changed);
            if run > 1 && self.spelled.len() < MOST_PUZZLES {
                let index = |at| u32::try_from(at).unwrap_or(u32::MAX);
                self.spelled.push((index(at), index(at + run - 1), read));
            }
            differs |= changed;
            at += run;
        }
        reading.close();
        if differs {
            self.readings.push(reading);
        }
    }

    /// The word that begins here with its disguise off, and of how many words of the original it is made.
    fn undisguised_word(&self, at: usize, one_is: char) -> (String, usize) {
        let run = if self.letters_in_a_row(at) >= LETTERS_THAT_SPELL { self.letters_in_a_row(at) } else { 1 };
        let whole: String =
            self.words.iter().skip(at).take(run).map(|word| as_letters(&word.letters, one_is)).collect();
        (squeeze(&whole), run)
    }

    /// The words from first to last as they are most likely meant, with a space between.
    pub(crate) fn sentence(&self, first: usize, last: usize) -> String {
        let mut words = Vec::new();
        let mut at = first;
        while at <= last && at < self.words.len() {
            let (word, run) = self.undisguised_word(at, 'i');
            words.push(word);
            at += run;
        }
        words.join(" ")
    }

    /// How many single letters follow one another from here with the same kind of gap: `n u d e`, `n.u.d.e`.
    fn letters_in_a_row(&self, at: usize) -> usize {
        let single = |word: &Word| word.letters.chars().count() == 1;
        if !self.words.get(at).is_some_and(single) {
            return 0;
        }
        let Some(gap) = self.words.get(at + 1).map(|word| word.gap) else { return 1 };
        1 + self
            .words
            .iter()
            .skip(at + 1)
            .take_while(|word| single(word) && word.gap == gap && gap <= Gap::Wide)
            .count()
    }

    /// Pieces of a word with a joint between: `por-no`, `s.ex`.
    fn joined(&mut self) {
        let mut reading = Reading::default();
        let mut at = 0;
        while at < self.words.len() {
            let more = self.words.iter().skip(at + 1).take_while(|word| word.gap == Gap::Joint).count();
            let whole: String =
                self.words.iter().skip(at).take(more + 1).map(|word| as_letters(&word.letters, 'i')).collect();
            reading.push(&squeeze(&whole), at, at + more, more > 0);
            at += more + 1;
        }
        reading.close();
        self.readings.push(reading);
    }

    fn find_masked(&mut self) {
        for (at, word) in self.words.iter().enumerate() {
            let hidden = word.letters.chars().filter(|letter| is_mask(*letter)).count();
            let shown = word.letters.chars().filter(char::is_ascii_lowercase).count();
            if hidden > 0 && shown >= 2 && hidden <= shown && self.masked.len() < MOST_PUZZLES {
                let pattern = word.letters.chars().map(|letter| if is_mask(letter) { '*' } else { letter }).collect();
                self.masked.push((u32::try_from(at).unwrap_or(u32::MAX), pattern));
            }
        }
    }
}

/// The plain reading of words written by us, in lists: what a text is compared with.
pub(crate) fn plain_words(listed: &str) -> String {
    let words: Vec<String> = split(listed).into_iter().map(|word| word.letters).collect();
    words.join(" ")
}

/// A letter or digit being collected, with the bytes it came from.
struct Glyph {
    read: char,
    span: Range<usize>,
    capital: bool,
    dressed: bool,
}

fn split(original: &str) -> Vec<Word> {
    let mut glyphs: Vec<Glyph> = Vec::with_capacity(original.len());
    let mut folded = Vec::with_capacity(4);
    let mut pending_dress = false;
    for (at, letter) in original.char_indices() {
        folded.clear();
        let dressed = fold(letter, &mut folded);
        if folded.is_empty() {
            // An invisible character inside a word is a disguise of the letter that follows.
            pending_dress |= dressed && !original[..at].ends_with(|before: char| !before.is_alphanumeric());
            continue;
        }
        let span = at..at + letter.len_utf8();
        for read in folded.drain(..) {
            let dressed = dressed || (pending_dress && read.is_alphanumeric());
            glyphs.push(Glyph { read, span: span.clone(), capital: letter.is_uppercase(), dressed });
            pending_dress = false;
        }
    }
    let mut words: Vec<Word> = Vec::new();
    let mut gap = Gap::Stop;
    let mut signs = 0usize;
    for (at, glyph) in glyphs.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| glyphs.get(before));
        let after = glyphs.get(at + 1);
        if belongs_to_a_word(before.map(|glyph| glyph.read), glyph.read, after.map(|glyph| glyph.read)) {
            match words.last_mut() {
                Some(word) if signs == 0 => {
                    word.letters.push(glyph.read);
                    word.span.end = glyph.span.end;
                    word.dressed |= glyph.dressed;
                }
                _ => words.push(Word {
                    letters: glyph.read.to_string(),
                    span: glyph.span.clone(),
                    capital: glyph.capital || glyph.dressed || !glyph.read.is_alphabetic(),
                    dressed: glyph.dressed,
                    gap,
                }),
            }
            gap = Gap::Joint;
            signs = 0;
        } else {
            gap = widen(gap, glyph.read, signs);
            signs += 1;
        }
    }
    words
}

/// What a gap becomes with one more sign in it.
fn widen(gap: Gap, sign: char, signs_before: usize) -> Gap {
    match sign {
        '.' | '-' | '_' | '/' | '~' | '·' | '*' | '+' | '|' if signs_before == 0 => {
            if gap == Gap::Stop {
                Gap::Stop
            } else {
                Gap::Joint
            }
        }
        '\'' if signs_before == 0 && gap != Gap::Stop => Gap::Space,
        ' ' | '\t' | '\u{A0}' => match (gap, signs_before) {
            (_, 0) => gap.max(Gap::Space),
            // A full stop and a space after it end a sentence; a hyphen between spaces is a dash.
            (Gap::Joint, _) => Gap::Stop,
            (Gap::Space, _) => Gap::Wide,
            _ => gap,
        },
        '\n' | '\r' | '.' | '!' | '?' | ';' | '…' => Gap::Stop,
        _ => gap.max(Gap::Comma),
    }
}

/// Letters and digits do; a sign does where it stands for a letter: inside a word, `$` and `@` also at its edges.
fn belongs_to_a_word(before: Option<char>, sign: char, after: Option<char>) -> bool {
    if sign.is_alphanumeric() {
        return true;
    }
    let letter = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
    let in_word = |side: Option<char>| side.is_some_and(|side| side.is_alphanumeric() || is_sign(side));
    match sign {
        '@' | '$' | '€' => {
            (letter(before) && in_word(after)) || (in_word(before) && letter(after)) || letter(before) || letter(after)
        }
        '*' | '#' | '!' | '|' | '+' | '%' => in_word(before) && in_word(after) && (letter(before) || letter(after)),
        _ => false,
    }
}

fn is_sign(letter: char) -> bool {
    matches!(letter, '@' | '$' | '€' | '*' | '#' | '!' | '|' | '+' | '%')
}

fn is_mask(letter: char) -> bool {
    matches!(letter, '*' | '#' | '%')
}

fn has_either(letters: &str) -> bool {
    letters.contains(['1', '!', '|']) && letters.chars().any(char::is_alphabetic)
}

/// Digits and signs as the letters they stand for. A number stays one, unless it is long enough to be a word.
fn as_letters(word: &str, one_is: char) -> String {
    let length = word.chars().count();
    if (2..SHORTEST_WORD_OF_DIGITS).contains(&length) && !word.chars().any(char::is_alphabetic) {
        return word.to_owned();
    }
    let read = |letter| match letter {
        '0' => 'o',
        '1' | '!' | '|' => one_is,
        '2' => 'z',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '6' | '9' => 'g',
        '7' | '+' => 't',
        '8' => 'b',
        other => other,
    };
    word.chars().map(read).collect()
}

/// Letters drawn out three times or more, once.
fn squeeze(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut out = String::with_capacity(word.len());
    for run in letters.chunk_by(|one, other| one == other) {
        let Some(letter) = run.first() else { continue };
        let times = if run.len() >= 3 { 1 } else { run.len() };
        out.extend(std::iter::repeat_n(*letter, times));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_read_somewhere(text: &str, word: &str) -> bool {
        let wanted = format!(" {word} ");
        Text::read(text).readings.iter().any(|reading| reading.text.contains(&wanted))
    }

    #[test]
    fn disguises_are_taken_off() {
        for disguised in [
            "a NUD3 figure",
            "n.u.d.e",
            "n u d e",
            "nuuuude",
            "nu-de",
            "n\u{200B}ude",
            "ｎｕｄｅ",
            "n_u_d_e",
            "n-u-d-3",
        ] {
            assert!(is_read_somewhere(disguised, "nude"), "{disguised}");
        }
        assert!(is_read_somewhere("k1ll", "kill"));
        assert!(is_read_somewhere("ki1l", "kill"));
        assert!(is_read_somewhere("$ex t@pe", "sex"));
        assert_eq!(Text::read("a n*de figure").masked, vec![(1, "n*de".to_owned())]);
    }

    #[test]
    fn plain_words_are_read_as_they_are() {
        let text = Text::read("L'enfant n'a pas 12 ans, un mole-rat; 1080p.");
        assert_eq!(text.readings[0].text, " l enfant n a pas 12 ans un mole rat 1080p ");
        assert_eq!(plain_words("Spider-Man"), "spider man");
        assert!(text.words.iter().all(|word| !word.dressed));
    }

    #[test]
    fn a_word_points_at_its_bytes_in_the_original() {
        let original = "Un ｎｕｄｅ — n\u{200B}u d";
        let text = Text::read(original);
        let spans: Vec<&str> = text.words.iter().map(|word| &original[word.span.clone()]).collect();
        assert_eq!(spans, ["Un", "ｎｕｄｅ", "n\u{200B}u", "d"]);
    }

    #[test]
    fn sentences_and_phrases_are_told_apart() {
        let gaps: Vec<Gap> =
            Text::read("One. Two, three four  five\nsix-seven it's").words.iter().map(|word| word.gap).collect();
        let expected =
            [Gap::Stop, Gap::Stop, Gap::Comma, Gap::Space, Gap::Wide, Gap::Stop, Gap::Joint, Gap::Space, Gap::Space];
        assert_eq!(gaps, expected);
    }
}
