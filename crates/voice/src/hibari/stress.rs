//! Stress marks in a phoneme string, and moving them: ˈ before the loudest syllable, ˌ before the next.
//!
//! The alphabet is that of misaki: one letter a phoneme, capital letters for diphthongs. The rules are misaki's, which wrote the texts
//! that the voice learned from.

pub const FIRST: char = 'ˈ';
pub const SECOND: char = 'ˌ';
const VOWELS: &str = "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ";
const CONSONANTS: &str = "bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθ";
/// They last twice as long as other phonemes.
const LONG: &str = "AIOQWYʤʧ";

pub fn is_vowel(phoneme: char) -> bool {
    VOWELS.contains(phoneme)
}
pub fn is_consonant(phoneme: char) -> bool {
    CONSONANTS.contains(phoneme)
}
pub fn weight(phonemes: &str) -> usize {
    phonemes.chars().map(|phoneme| 1 + usize::from(LONG.contains(phoneme))).sum()
}

/// How much a word is to be stressed besides what its entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stress {
    /// One level down, where a neighbour carries the stress.
    Less,
    /// Letters spelled out: one level down, but never without any.
    Spelled,
    /// A word that begins with a capital letter is not unstressed.
    Some,
    /// A word in capitals has full stress.
    Full,
}

pub fn with(phonemes: &str, stress: Option<Stress>) -> String {
    let (first, second) = (phonemes.contains(FIRST), phonemes.contains(SECOND));
    let marked = |mark: char| before_vowel(mark, phonemes);
    let lowered =
        || phonemes.chars().filter(|mark| *mark != SECOND).map(|mark| if mark == FIRST { SECOND } else { mark });
    match stress {
        Some(Stress::Less | Stress::Spelled) if first => lowered().collect(),
        Some(Stress::Spelled | Stress::Some) if !first && !second => marked(SECOND),
        Some(Stress::Full) if !first && second => phonemes.replace(SECOND, &FIRST.to_string()),
        Some(Stress::Full) if !first => marked(FIRST),
        _ => phonemes.to_owned(),
    }
}

/// A mark stands right before the vowel of its syllable; a word without a vowel has none.
fn before_vowel(mark: char, phonemes: &str) -> String {
    match phonemes.find(is_vowel) {
        Some(at) => format!("{}{mark}{}", &phonemes[..at], &phonemes[at..]),
        None => phonemes.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stress_goes_up_and_down_as_wanted() {
        assert_eq!(with("ðə", Some(Stress::Full)), "ðˈə");
        assert_eq!(with("hˈɛlp", Some(Stress::Less)), "hˌɛlp");
        assert_eq!(with("ɪt", Some(Stress::Some)), "ˌɪt");
        assert_eq!(with("wˌɛɹ", Some(Stress::Full)), "wˈɛɹ");
        assert_eq!(with("s", Some(Stress::Full)), "s");
    }
}
