//! A line as it is said: numbers, times, money, units, titles and abbreviations written out.
//!
//! Each written word becomes none, one or several spoken ones that remember it, so that what is heard can be traced back to what was
//! written. It must never look further than one word to either side: a film's lines are short, and guesses are heard.

use super::numbers::{cardinal, decimal, one_by_one, ordinal, roman, year};
use super::shorthand::{COUNTED, MONEY, MONTHS, Money, ORDERED, PARTS, SHORT, SIGNS, SIZES, TITLES, UNITS};

/// A word as it is said, with its marks, and which written word it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidWord {
    pub text: String,
    pub of: usize,
}

/// The words that are said for the words that are written.
pub fn said(written: &[&str]) -> Vec<SaidWord> {
    let words: Vec<Marked> = written.iter().map(|word| Marked::new(word)).collect();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let neighbour = |by: isize| at.checked_add_signed(by).and_then(|place| words.get(place));
        let mut texts = spoken(word, neighbour(-1), neighbour(1));
        if let Some(first) = texts.first_mut() {
            first.insert_str(0, &word.before);
        }
        if let Some(last) = texts.last_mut() {
            // A full stop that only marked the abbreviation is not heard; at the end of the line it ends that, too.
            let silent = neighbour(1).is_some() && word.full(neighbour(1)).is_some();
            last.push_str(word.after.strip_prefix('.').filter(|_| silent).unwrap_or(&word.after));
        }
        if texts.is_empty() && !(word.before.is_empty() && word.after.is_empty()) {
            texts.push(format!("{}{}", word.before, word.after));
        }
        found.extend(texts.into_iter().map(|text| SaidWord { text, of: at }));
    }
    found
}

/// A written word, its marks taken off.
struct Marked {
    before: String,
    core: String,
    after: String,
}

impl Marked {
    fn new(word: &str) -> Self {
        let clean: String = word.replace(['’', '‘'], "'").replace("--", "—").replace('–', "-");
        let inside = |mark: char| mark.is_alphanumeric() || "$£€¥#+=&@%°~'".contains(mark);
        let start = clean.find(inside).unwrap_or(clean.len());
        let end = clean.rfind(inside).map_or(start, |at| at + clean[at..].chars().next().map_or(0, char::len_utf8));
        let mut core = clean[start..end].to_owned();
        let mut after = clean[end..].to_owned();
        // The last full stop of "a.m." belongs to it; the line's own is another.
        if core.contains('.') && core.split('.').all(|part| part.chars().count() == 1) && after.starts_with('.') {
            core.push('.');
            after.remove(0);
        }
        Self { before: clean[..start].to_owned(), core, after }
    }
    fn is_number(&self) -> bool {
        number(&self.core).is_some_and(|(_, suffix)| suffix.is_empty()) || time(&self.core).is_some()
    }
    /// What it is short for.
    fn full(&self, next: Option<&Self>) -> Option<&'static str> {
        let title = TITLES.iter().find(|row| row.0 == self.core && next.is_some_and(Self::begins_large));
        let short = SHORT.iter().find(|row| row.0 == self.core && self.after.starts_with('.'));
        let number = Some(&("No", "Number"))
            .filter(|row| row.0 == self.core && self.after == "." && next.is_some_and(Self::is_number));
        title.or(number).or(short).map(|row| row.1)
    }
    fn begins_large(&self) -> bool {
        self.core.starts_with(char::is_uppercase)
    }
}

/// Digits with an optional decimal part, commas between thousands left out; and what stands after them.
fn number(text: &str) -> Option<(String, &str)> {
    let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    let mut point = false;
    while digit(end) || ((text[end..].starts_with(',') || (text[end..].starts_with('.') && !point)) && digit(end + 1)) {
        point |= text[end..].starts_with('.');
        end += 1;
    }
    (end > 0).then(|| (text[..end].replace(',', ""), &text[end..]))
}

fn read(number: &str) -> Vec<String> {
    if number.contains('.') { decimal(number) } else { cardinal(number) }
}

fn several(number: &str, one: &str, many: &str) -> Vec<String> {
    let word = if number == "1" { one } else { many };
    word.split(' ').map(str::to_owned).collect()
}

fn spoken(word: &Marked, before: Option<&Marked>, next: Option<&Marked>) -> Vec<String> {
    let core = word.core.as_str();
    let plain = || vec![core.to_owned()];
    if core.is_empty() {
        return Vec::new();
    }
    if let Some((_, name)) = SIGNS.iter().find(|row| row.0 == core) {
        return vec![(*name).to_owned()];
    }
    if let Some(digits) = core.strip_prefix('#').filter(|rest| number(rest).is_some()) {
        return [vec!["number".to_owned()], numeral(digits, before, next)].concat();
    }
    if core.starts_with(|sign: char| sign.is_ascii_digit() || "$£€¥+-".contains(sign)) {
        return numeral(core, before, next);
    }
    let counted = before.is_some_and(Marked::is_number);
    if let Some((_, one, many)) = UNITS.iter().find(|row| row.0 == core && counted) {
        return several(before.map_or("", |before| &before.core), one, many);
    }
    if counted && ["am", "pm", "AM", "PM", "a.m.", "p.m.", "a.m", "p.m"].contains(&core) {
        return vec![
            core.chars()
                .filter(char::is_ascii_alphabetic)
                .flat_map(|letter| [letter.to_ascii_uppercase(), '.'])
                .collect(),
        ];
    }
    let money = before.is_some_and(|before| before.core.starts_with(|sign| MONEY.iter().any(|row| row.0 == sign)));
    if let Some((_, _, many, ..)) = MONEY
        .iter()
        .find(|row| money && SIZES.contains(&core) && before.is_some_and(|word| word.core.starts_with(row.0)))
    {
        return vec![core.to_owned(), (*many).to_owned()];
    }
    if let Some(full) = word.full(next) {
        return full.split(' ').map(str::to_owned).collect();
    }
    let after = |names: &[&str], small: bool| {
        before.is_some_and(|before| {
            names.iter().any(|name| if small { before.core.to_lowercase() == *name } else { before.core == *name })
        })
    };
    if let Some(value) = roman(core).map(|value| value.to_string()) {
        if after(&COUNTED, true) {
            return cardinal(&value);
        }
        if core != "I" && after(&ORDERED, false) {
            return [vec!["the".to_owned()], ordinal(&value)].concat();
        }
    }
    if core.contains('/') && !core.contains("//") {
        let parts = core.split('/').filter(|part| !part.is_empty()).map(|part| vec![part.to_owned()]);
        return parts.collect::<Vec<_>>().join(&"slash".to_owned());
    }
    // "R2" is a letter and a number.
    if core.contains(|sign: char| sign.is_ascii_digit()) {
        return mixed(core);
    }
    plain()
}

/// What begins with a digit, a sign of money, plus or minus.
fn numeral(core: &str, before: Option<&Marked>, next: Option<&Marked>) -> Vec<String> {
    if let Some(rest) = core.strip_prefix('+') {
        return [vec!["plus".to_owned()], numeral(rest, before, next)].concat();
    }
    if let Some(rest) = core.strip_prefix('-').filter(|rest| number(rest).is_some()) {
        return [vec!["minus".to_owned()], numeral(rest, before, next)].concat();
    }
    let sign = core.chars().next().unwrap_or(' ');
    if let Some(row) = MONEY.iter().find(|row| row.0 == sign) {
        let sized = next.is_some_and(|next| SIZES.contains(&next.core.as_str()));
        return number(&core[sign.len_utf8()..])
            .map_or_else(|| vec![row.2.to_owned()], |(amount, rest)| money(row, &amount, rest, sized));
    }
    if let Some(time) = time(core) {
        return time;
    }
    let Some((digits, suffix)) = number(core) else { return mixed(core) };
    let day = digits.len() <= 2
        && before.is_some_and(|before| {
            MONTHS.contains(&before.core.as_str())
                || (before.after.starts_with('.')
                    && SHORT.iter().any(|row| row.0 == before.core && MONTHS.contains(&row.1)))
        });
    match suffix {
        "" if day => ordinal(&digits),
        "" if core.len() == 4 && digits.len() == 4 => year(&digits),
        "" => read(&digits),
        "st" | "nd" | "rd" | "th" => ordinal(&digits),
        "%" => [read(&digits), vec!["percent".to_owned()]].concat(),
        "s" | "'s" => {
            let mut words = if digits.len() == 4 { year(&digits) } else { cardinal(&digits) };
            if let Some(last) = words.last_mut() {
                *last = last.strip_suffix('y').map_or_else(|| format!("{last}s"), |stem| format!("{stem}ies"));
            }
            words
        }
        "am" | "pm" | "AM" | "PM" => {
            let letters = suffix.chars().flat_map(|letter| [letter.to_ascii_uppercase(), '.']).collect();
            [cardinal(&digits), vec![letters]].concat()
        }
        _ => match UNITS.iter().find(|row| row.0 == suffix) {
            Some((_, one, many)) => [read(&digits), several(&digits, one, many)].concat(),
            None => joined(core, &digits, suffix),
        },
    }
}

/// Two numbers with a mark between them: a range, a fraction, a telephone.
fn joined(core: &str, digits: &str, suffix: &str) -> Vec<String> {
    let all = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(other) = suffix.strip_prefix('-') {
        let groups: Vec<&str> = core.split('-').collect();
        if groups.iter().all(|group| all(group))
            && groups.last().is_some_and(|last| last.len() == 4)
            && digits.len() == 3
        {
            return groups.iter().flat_map(|group| one_by_one(group)).collect();
        }
        if all(other) && other.len() <= 4 {
            return [cardinal(digits), vec!["to".to_owned()], cardinal(other)].concat();
        }
    }
    if let Some(below) = suffix.strip_prefix('/').filter(|below| all(below)) {
        let part = below.parse::<usize>().ok().and_then(|below| PARTS.get(below)).filter(|part| !part.is_empty());
        return match part {
            Some(part) if digits == "1" => vec!["one".to_owned(), (*part).to_owned()],
            Some(&"half") => [cardinal(digits), vec!["halves".to_owned()]].concat(),
            Some(part) => [cardinal(digits), vec![format!("{part}s")]].concat(),
            None => [cardinal(digits), vec!["slash".to_owned()], cardinal(below)].concat(),
        };
    }
    mixed(core)
}

/// 7:30, 10:05, 7:00, 7:30pm.
fn time(core: &str) -> Option<Vec<String>> {
    let (hours, rest) = core.split_once(':')?;
    let minutes = rest.get(..2)?;
    let suffix = rest.get(2..)?;
    let small = |text: &str, most: u32| text.len() <= 2 && text.parse::<u32>().is_ok_and(|value| value <= most);
    if !small(hours, 24) || !small(minutes, 59) || !["", "am", "pm", "AM", "PM"].contains(&suffix) {
        return None;
    }
    let mut words = cardinal(hours);
    match minutes.strip_prefix('0') {
        Some("0") if suffix.is_empty() => words.push("o'clock".to_owned()),
        Some("0") => {}
        Some(minute) => words.extend(["oh".to_owned()].into_iter().chain(cardinal(minute))),
        None => words.extend(cardinal(minutes)),
    }
    if !suffix.is_empty() {
        words.push(suffix.chars().flat_map(|letter| [letter.to_ascii_uppercase(), '.']).collect());
    }
    Some(words)
}

fn money(row: &Money, amount: &str, rest: &str, sized: bool) -> Vec<String> {
    let (_, one, many, cent, cents) = *row;
    let size = match rest.to_ascii_lowercase().as_str() {
        "k" => Some("thousand"),
        "m" => Some("million"),
        "b" => Some("billion"),
        _ => None,
    };
    if let Some(size) = size {
        return [read(amount), vec![size.to_owned(), many.to_owned()]].concat();
    }
    // The size that follows says the unit, too.
    if sized {
        return read(amount);
    }
    match amount.split_once('.') {
        Some((whole, part)) if part.len() == 2 => {
            let part = part.trim_start_matches('0');
            let units = [cardinal(whole), several(whole, one, many)].concat();
            let hundredths = || [cardinal(part), several(part, cent, cents)].concat();
            match (whole, part) {
                (_, "") => units,
                ("0", _) => hundredths(),
                _ => [units, vec!["and".to_owned()], hundredths()].concat(),
            }
        }
        _ => [read(amount), several(amount, one, many)].concat(),
    }
}

/// Letters and digits in one word, apart.
fn mixed(core: &str) -> Vec<String> {
    let kind =
        |sign: char| if sign.is_ascii_digit() { 1 } else { i32::from(!sign.is_alphabetic() && sign != '\'') * 2 };
    let mut parts: Vec<(i32, String)> = Vec::new();
    for sign in core.chars() {
        match parts.last_mut().filter(|(last, _)| *last == kind(sign)) {
            Some((_, part)) => part.push(sign),
            None => parts.push((kind(sign), sign.to_string())),
        }
    }
    parts
        .into_iter()
        .flat_map(|(kind, part)| match kind {
            0 => vec![part],
            1 => cardinal(&part),
            _ => SIGNS.iter().filter(|row| row.0 == part).map(|row| row.1.to_owned()).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_short_is_said_in_full() {
        for (written, wanted) in [
            ("Dr. Smith at 7:30 pm.", "Dr Smith at seven thirty P.M.."),
            ("March 3rd, 1984", "March third, nineteen eighty four"),
            ("$9.99 each, £3.50!", "nine dollars and ninety nine cents each, three pounds and fifty pence!"),
            ("$3 million (50%)", "three million dollars (fifty percent)"),
            ("10 kg, 1 km, 5kg", "ten kilograms, one kilometer, five kilograms"),
            ("Chapter IV, Henry VIII", "Chapter four, Henry the eighth"),
            ("R2-D2 & #5", "R two D two and number five"),
            ("555-1234 12-14 1/2 3/4", "five five five one two three four twelve to fourteen one half three quarters"),
            ("the 1980s and/or 1,250", "the nineteen eighties and slash or one thousand two hundred fifty"),
        ] {
            let words: Vec<&str> = written.split_whitespace().collect();
            let texts: Vec<String> = said(&words).into_iter().map(|word| word.text).collect();
            assert_eq!(texts.join(" "), wanted);
        }
    }

    #[test]
    fn every_word_remembers_where_it_was_written() {
        let of: Vec<usize> = said(&["At", "7:30", "…", "go"]).iter().map(|word| word.of).collect();
        assert_eq!(of, [0, 1, 1, 2, 3]);
    }
}
