//! One character to the plain letters that a reader would take it for.
//! It exists because a word can be written with Cyrillic, mathematical or circled letters and still be read.
//! It must never drop a visible letter, nor guess at words; digits that stand for letters are `normalise.rs`'s business.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// Small capitals in the order of the alphabet, which Unicode keeps apart from capitals for phonetics.
const SMALL_CAPITALS: &str = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡxʏᴢ";

/// Look-alikes and ligatures that neither a decomposition nor the confusables of UTS 39 lead to the letter meant.
const READ_AS: &[(char, &str)] = &[
    ('ß', "ss"),
    ('ẞ', "ss"),
    ('æ', "ae"),
    ('Æ', "ae"),
    ('œ', "oe"),
    ('Œ', "oe"),
    ('ø', "o"),
    ('Ø', "o"),
    ('ł', "l"),
    ('Ł', "l"),
    ('đ', "d"),
    ('Đ', "d"),
    ('ð', "d"),
    ('þ', "th"),
    ('ħ', "h"),
    ('ŧ', "t"),
    ('ı', "i"),
    ('ĸ', "k"),
    ('к', "k"),
    ('К', "k"),
    ('т', "t"),
    ('м', "m"),
    ('в', "b"),
    ('В', "b"),
    ('н', "h"),
    ('Н', "h"),
    ('ɡ', "g"),
    ('ɑ', "a"),
    ('ɛ', "e"),
    ('ε', "e"),
    ('ƒ', "f"),
    ('ʇ', "t"),
    ('×', "x"),
    ('’', "'"),
    ('‘', "'"),
    ('ʼ', "'"),
];

/// Nothing to see: zero-width characters, marks of direction, soft hyphens, selectors, tags.
pub(crate) fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// What one character is read as: nothing, one letter, or a few. Letters come out lower-case and without accents.
/// The second value says that the character was not one that the five languages are written with.
pub(crate) fn fold(letter: char, out: &mut Vec<char>) -> bool {
    if letter.is_ascii() {
        out.push(letter.to_ascii_lowercase());
        return false;
    }
    if is_invisible(letter) {
        return true;
    }
    if is_combining_mark(letter) {
        return false;
    }
    if let Some((_, read)) = READ_AS.iter().find(|(from, _)| *from == letter) {
        out.extend(read.chars());
        return !matches!(
            letter,
            'ß' | 'ẞ' | 'æ' | 'Æ' | 'œ' | 'Œ' | 'ø' | 'Ø' | 'ł' | 'Ł' | 'đ' | 'Đ' | 'ı' | '’' | '‘' | '×'
        );
    }
    if let Some(read) = in_a_run(letter) {
        out.push(read);
        return true;
    }
    let plain: Vec<char> = std::iter::once(letter).nfkd().filter(|part| !is_combining_mark(*part)).collect();
    if !plain.is_empty() && plain.iter().all(char::is_ascii) {
        out.extend(plain.iter().map(char::to_ascii_lowercase));
        // An accented letter of Latin-1 or Latin Extended-A is spelling; anything further off is dress.
        return letter > '\u{017F}' && letter.is_alphanumeric();
    }
    let mut buffer = [0; 4];
    let alike: Vec<char> =
        skeleton(letter.encode_utf8(&mut buffer)).nfkd().filter(|part| !is_combining_mark(*part)).collect();
    if letter.is_alphabetic() && !alike.is_empty() && alike.iter().all(char::is_ascii_alphanumeric) {
        // The skeleton of `ⅼ` or `ӏ` may be a digit's shape; letters are what words are made of.
        out.extend(alike.iter().map(|part| if *part == '1' { 'l' } else { part.to_ascii_lowercase() }));
        return true;
    }
    out.extend(letter.to_lowercase());
    false
}

/// Letters that Unicode lists in alphabetical runs without telling that they are letters.
fn in_a_run(letter: char) -> Option<char> {
    let nth = |start: u32| char::from_u32(u32::from('a') + (u32::from(letter) - start));
    match letter {
        // Regional indicators, negative circled, negative squared letters.
        '\u{1F1E6}'..='\u{1F1FF}' => nth(0x1F1E6),
        '\u{1F150}'..='\u{1F169}' => nth(0x1F150),
        '\u{1F170}'..='\u{1F189}' => nth(0x1F170),
        _ => {
            let at = SMALL_CAPITALS.chars().position(|small| small == letter)?;
            char::from_u32(u32::from('a') + u32::try_from(at).ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let mut out = Vec::new();
        for letter in text.chars() {
            fold(letter, &mut out);
        }
        out.into_iter().collect()
    }

    #[test]
    fn dressed_letters_are_read_as_plain_ones() {
        for dressed in [
            "nude",
            "NÜDÉ",
            "ｎｕｄｅ",
            "𝓷𝓾𝓭𝓮",
            "ⓝⓤⓓⓔ",
            "🅽🆄🅳🅴",
            "🅝🅤🅓🅔",
            "n\u{200B}u\u{200D}d\u{FEFF}e",
            "nu\u{0336}d\u{0336}e",
            "🇳🇺🇩🇪",
            "ɴᴜᴅᴇ",
        ] {
            assert_eq!(read(dressed), "nude", "{dressed}");
        }
        assert_eq!(read("кіll"), "kill");
        assert_eq!(read("ѕех"), "sex");
        assert_eq!(read("Straße, cœur, mañana"), "strasse, coeur, manana");
    }

    #[test]
    fn the_spelling_of_the_five_languages_is_not_a_disguise() {
        let mut out = Vec::new();
        for letter in "Die Füße, où ça naît, ¿mañana?, perché, œuvre – “Zitat” … ½".chars() {
            assert!(!fold(letter, &mut out), "{letter}");
        }
        assert!(fold('а', &mut out), "a Cyrillic a");
    }
}
