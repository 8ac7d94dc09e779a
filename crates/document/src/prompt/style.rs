//! The film's look in the prompt of one shot: as a sentence, without what the heading contradicts.
//!
//! A style is written once for the whole film, but "soft evening light" is wrong in a scene at noon. The heading knows better, so
//! a part of the style that says another time of day is left out of that shot. Nothing is added or put in other words.

use super::words::{capitalise, sentence};

/// Times of day as a set of bits: a word may fit more than one.
type Times = u8;
const DAWN: Times = 1;
const DAY: Times = 2;
const EVENING: Times = 4;
const NIGHT: Times = 8;

/// The times of day that a word speaks of; none for most words.
fn times_of(word: &str) -> Times {
    match word.strip_suffix('s').unwrap_or(word) {
        "dawn" | "sunrise" | "daybreak" => DAWN,
        "morning" => DAWN | DAY,
        "day" | "daylight" | "daytime" | "noon" | "midday" => DAY,
        "afternoon" => DAY | EVENING,
        "sun" | "sunny" | "sunlight" | "sunlit" | "sunshine" => DAWN | DAY | EVENING,
        "dusk" | "sunset" | "sundown" | "evening" | "twilight" => EVENING,
        "nightfall" => EVENING | NIGHT,
        "night" | "nighttime" | "midnight" | "moonlight" | "moonlit" | "starlight" | "starlit" => NIGHT,
        _ => 0,
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

fn contradicts(part: &str, heading: Times) -> bool {
    words(part).any(|word| {
        let times = times_of(&word);
        times != 0 && times & heading == 0
    })
}

/// The style as a sentence, less the parts that say another time of day than the heading's. Empty when nothing is left.
pub fn style_sentence(style: &str, time_of_day: &str) -> String {
    let heading = words(time_of_day).fold(0, |times, word| times | times_of(&word));
    let style = style.split_whitespace().collect::<Vec<_>>().join(" ");
    if heading == 0 || !contradicts(&style, heading) {
        return as_sentence(&style);
    }
    let mut kept: Vec<String> = Vec::new();
    for part in style.split([',', ';', '.']).map(str::trim).filter(|part| !part.is_empty()) {
        if !contradicts(part, heading) {
            kept.push(part.to_owned());
            continue;
        }
        // "warm colours and soft evening light" keeps its colours.
        let halves: Vec<&str> = part.split(" and ").filter(|half| !contradicts(half, heading)).collect();
        kept.extend((!halves.is_empty()).then(|| halves.join(" and ")));
    }
    as_sentence(&kept.join(", "))
}

/// "warm colours" → "The style is warm colours."; what is a sentence already stays one.
fn as_sentence(style: &str) -> String {
    let style = style.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    if style.is_empty() || style.ends_with(['.', '!', '?', '…']) {
        return capitalise(style);
    }
    if style.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("in ")) {
        return sentence(&format!(
            "The picture is {}{}",
            style.get(..1).unwrap_or_default().to_lowercase(),
            style.get(1..).unwrap_or_default()
        ));
    }
    let mut letters = style.chars();
    let first = letters.next().unwrap_or_default();
    // "Watercolour" becomes "watercolour", "HDR" stays.
    let calm = !letters.as_str().starts_with(char::is_uppercase);
    let first: String = if calm { first.to_lowercase().collect() } else { first.to_string() };
    sentence(&format!("The style is {first}{}", letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_never_says_another_time_than_the_heading() {
        for (style, time, wanted) in [
            ("warm picture-book colours, soft evening light", "DAY", "The style is warm picture-book colours."),
            (
                "warm picture-book colours, soft evening light",
                "SUNSET",
                "The style is warm picture-book colours, soft evening light.",
            ),
            ("warm colours and soft evening light", "NIGHT", "The style is warm colours."),
            ("deep blues, like a night in a children's book", "SUNSET", "The style is deep blues."),
            (
                "deep blues, like a night in a children's book",
                "LATE NIGHT",
                "The style is deep blues, like a night in a children's book.",
            ),
            ("moonlit", "DAY", ""),
            ("moonlit", "CONTINUOUS", "The style is moonlit."),
            ("moonlit", "", "The style is moonlit."),
            ("golden afternoon haze", "EVENING", "The style is golden afternoon haze."),
            ("Watercolour", "DAY", "The style is watercolour."),
            ("HDR", "DAY", "The style is HDR."),
            ("In the style of an old postcard", "DAY", "The picture is in the style of an old postcard."),
            ("Everything is made of paper.", "DAY", "Everything is made of paper."),
            ("", "DAY", ""),
            ("Éclat", "", "The style is éclat."),
        ] {
            assert_eq!(style_sentence(style, time), wanted, "{style} / {time}");
        }
    }
}
