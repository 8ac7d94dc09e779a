//! What a scene heading says: inside or outside, where, when, and anything after that (weather, “flashback”).
//!
//! Read by rule from the writer's words and never changed: “INT. KITCHEN - NIGHT”, “EXT. BEACH – DAY, RAIN”.

use serde::{Deserialize, Serialize};

use crate::emphasis;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    Interior,
    Exterior,
    InteriorAndExterior,
    /// `EST.`: a view that says where we are.
    Establishing,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Heading {
    /// The heading without emphasis marks.
    pub text: String,
    pub setting: Option<Setting>,
    /// `KITCHEN`, `HOUSE - KITCHEN`.
    pub place: String,
    /// `NIGHT`, `LATE AFTERNOON`.
    pub time: Option<String>,
    /// What follows the time: `RAIN`, `FLASHBACK`.
    pub detail: Option<String>,
}

/// A heading longer than this is no place. Every shot carries its heading, so its length must be bounded.
pub const MAX_HEADING_CHARACTERS: usize = 400;

const TIMES: [&str; 26] = [
    "DAY",
    "NIGHT",
    "DAWN",
    "DUSK",
    "SUNSET",
    "SUNRISE",
    "SUNDOWN",
    "MORNING",
    "MIDDAY",
    "NOON",
    "AFTERNOON",
    "EVENING",
    "MIDNIGHT",
    "TWILIGHT",
    "DAYBREAK",
    "NIGHTFALL",
    "LATER",
    "CONTINUOUS",
    "SAME",
    "HOUR",
    "MOONLIGHT",
    "DAYTIME",
    "NIGHTTIME",
    "DAYS",
    "WEEKS",
    "YEARS",
];

impl Heading {
    pub fn parse(text: &str) -> Self {
        let end = text.char_indices().nth(MAX_HEADING_CHARACTERS).map_or(text.len(), |(at, _)| at);
        let text = emphasis::plain(text.get(..end).unwrap_or_default()).trim().to_owned();
        let (setting, rest) = take_setting(&text);
        let mut parts = split_dashes(rest).into_iter();
        let mut place = vec![parts.next().unwrap_or_default().to_owned()];
        let (mut time, mut detail) = (None, Vec::new());
        for part in parts {
            if time.is_some() {
                detail.push(part.to_owned());
            } else if says_time(part) {
                let end = part.find([',', '(']).unwrap_or(part.len());
                let (when, more) = part.split_at(end);
                let more = more.trim_matches(|c: char| matches!(c, ',' | '(' | ')') || c.is_whitespace());
                let (when, more) = if says_time(when) { (when.trim(), more) } else { (part, "") };
                time = Some(when.to_owned());
                detail.extend((!more.is_empty()).then(|| more.to_owned()));
            } else {
                place.push(part.to_owned());
            }
        }
        let detail = (!detail.is_empty()).then(|| detail.join(", "));
        Heading { setting, place: place.join(" - "), time, detail, text }
    }
}

fn take_setting(text: &str) -> (Option<Setting>, &str) {
    const OPENINGS: [(&str, Setting); 13] = [
        ("INT./EXT", Setting::InteriorAndExterior),
        ("EXT./INT", Setting::InteriorAndExterior),
        ("INT. / EXT", Setting::InteriorAndExterior),
        ("INT/EXT", Setting::InteriorAndExterior),
        ("EXT/INT", Setting::InteriorAndExterior),
        ("I./E", Setting::InteriorAndExterior),
        ("I/E", Setting::InteriorAndExterior),
        ("E/I", Setting::InteriorAndExterior),
        ("INTERIOR", Setting::Interior),
        ("EXTERIOR", Setting::Exterior),
        ("INT", Setting::Interior),
        ("EXT", Setting::Exterior),
        ("EST", Setting::Establishing),
    ];
    for (opening, setting) in OPENINGS {
        let Some((word, rest)) = text.split_at_checked(opening.len()) else { continue };
        if word.eq_ignore_ascii_case(opening) && (rest.is_empty() || rest.starts_with(['.', ' ', '\t', ':'])) {
            return (Some(setting), rest.trim_start_matches(|c: char| matches!(c, '.' | ':') || c.is_whitespace()));
        }
    }
    (None, text)
}

/// Divides at a dash of any length that has white space on both sides.
fn split_dashes(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut before_is_space) = (Vec::new(), 0, false);
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        let spaced = before_is_space
            && text.get(end..).is_none_or(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        if matches!(letter, '-' | '–' | '—') && spaced {
            parts.extend(text.get(start..at).map(str::trim));
            start = end;
        }
        before_is_space = letter.is_whitespace() || matches!(letter, '-' | '–' | '—') && before_is_space;
    }
    parts.extend(text.get(start..).map(str::trim));
    let first = parts.first().copied();
    first.into_iter().chain(parts.into_iter().skip(1).filter(|part| !part.is_empty())).collect()
}

fn says_time(part: &str) -> bool {
    part.split(|c: char| !c.is_alphanumeric()).any(|word| TIMES.contains(&word.to_uppercase().as_str()))
}
