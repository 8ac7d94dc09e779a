//! English numbers in words: how many, which, a year, a decimal.
//!
//! Each answers single words in the order they are spoken, since each is then looked up by itself. Digits beyond what has a name are
//! read one by one.

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [&str; 5] = ["", "thousand", "million", "billion", "trillion"];
const IRREGULAR: [(&str, &str); 7] = [
    ("one", "first"),
    ("two", "second"),
    ("three", "third"),
    ("five", "fifth"),
    ("eight", "eighth"),
    ("nine", "ninth"),
    ("twelve", "twelfth"),
];
/// Numbers of more digits have no name here.
const MOST_DIGITS: usize = 15;

type Words = Vec<String>;

fn one(index: usize) -> String {
    ONES.get(index).copied().unwrap_or("many").to_owned()
}

fn below_thousand(number: usize, words: &mut Words) {
    let rest = number % 100;
    if number >= 100 {
        words.extend([one(number / 100), "hundred".to_owned()]);
    }
    if rest >= 20 {
        words.push(TENS.get(rest / 10).copied().unwrap_or("").to_owned());
    }
    match rest {
        0 => {}
        1..20 => words.push(one(rest)),
        _ if rest.is_multiple_of(10) => {}
        _ => words.push(one(rest % 10)),
    }
}

/// "1234": one thousand two hundred thirty four. Digits only.
pub fn cardinal(digits: &str) -> Words {
    let Some(mut number) =
        Some(digits).filter(|digits| digits.len() <= MOST_DIGITS).and_then(|digits| digits.parse::<usize>().ok())
    else {
        return one_by_one(digits);
    };
    if number == 0 {
        return vec![one(0)];
    }
    let mut groups = Vec::new();
    while number > 0 {
        groups.push(number % 1000);
        number /= 1000;
    }
    let mut words = Words::new();
    for (scale, group) in groups.iter().enumerate().rev().filter(|(_, group)| **group > 0) {
        below_thousand(*group, &mut words);
        if scale > 0 {
            words.push(SCALES.get(scale).copied().unwrap_or("").to_owned());
        }
    }
    words
}

/// "21": twenty first.
pub fn ordinal(digits: &str) -> Words {
    let mut words = cardinal(digits);
    if let Some(last) = words.last_mut() {
        *last = match IRREGULAR.iter().find(|(how_many, _)| how_many == last) {
            Some((_, which)) => (*which).to_owned(),
            None => last.strip_suffix('y').map_or_else(|| format!("{last}th"), |stem| format!("{stem}ieth")),
        };
    }
    words
}

/// Four digits: 1984 nineteen eighty four, 1905 nineteen oh five, 2005 two thousand five, 1900 nineteen hundred.
pub fn year(digits: &str) -> Words {
    let (Some(high), Some(low)) = (digits.get(..2), digits.get(2..)) else { return cardinal(digits) };
    if high == "00" || (high.ends_with('0') && low.starts_with('0')) {
        return cardinal(digits);
    }
    let mut words = cardinal(high);
    match low.strip_prefix('0') {
        Some("0") => words.push("hundred".to_owned()),
        Some(last) => words.extend(["oh".to_owned()].into_iter().chain(cardinal(last))),
        None => words.extend(cardinal(low)),
    }
    words
}

/// "3.14": three point one four; nought at the end is not read.
pub fn decimal(text: &str) -> Words {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let mut words = cardinal(if whole.is_empty() { "0" } else { whole });
    let part = part.trim_end_matches('0');
    if !part.is_empty() {
        words.push("point".to_owned());
        words.extend(one_by_one(part));
    }
    words
}

pub fn one_by_one(digits: &str) -> Words {
    digits.chars().filter_map(|digit| digit.to_digit(10)).map(|digit| one(digit as usize)).collect()
}

/// IV: 4. Nothing that is no Roman numeral, and nothing that is an English word more often.
pub fn roman(text: &str) -> Option<u32> {
    let value = |letter| match letter {
        'I' => Some(1),
        'V' => Some(5),
        'X' => Some(10),
        'L' => Some(50),
        'C' => Some(100),
        _ => None,
    };
    let values: Vec<u32> = text.chars().map(value).collect::<Option<_>>()?;
    let signed = |(at, value): (usize, &u32)| {
        let falls = values.get(at + 1).is_none_or(|next| next <= value);
        if falls { i64::from(*value) } else { -i64::from(*value) }
    };
    u32::try_from(values.iter().enumerate().map(signed).sum::<i64>()).ok().filter(|sum| *sum > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_read_them() {
        let said = |words: Words| words.join(" ");
        assert_eq!(said(cardinal("1250")), "one thousand two hundred fifty");
        assert_eq!(said(cardinal("1000001")), "one million one");
        assert_eq!(said(cardinal("12345678901234567890")).split(' ').count(), 20);
        assert_eq!(said(ordinal("21")), "twenty first");
        assert_eq!(said(ordinal("30")), "thirtieth");
        assert_eq!(
            [said(year("1984")), said(year("1905")), said(year("2005")), said(year("1900"))],
            ["nineteen eighty four", "nineteen oh five", "two thousand five", "nineteen hundred"]
        );
        assert_eq!(said(decimal("0.50")), "zero point five");
        assert_eq!((roman("XIV"), roman("IV"), roman("MIX")), (Some(14), Some(4), None));
    }
}
