//! The shot note, `[[shot: wide | pan left | 4s | seed 7]]`: what a film-maker decides about one shot.
//!
//! It lives in a Fountain note so that the script stays valid Fountain in every other program. `SHOTS.md` is the
//! table of its keys for people; this file is the same table for the machine. What it does not know it keeps
//! word for word, so a note written by a newer Kinora survives an older one. It never fails.

#![doc = include_str!("../SHOTS.md")]

use serde::{Deserialize, Serialize};

use crate::diagnostics::{Code, Severity};
use crate::shot_words::{CameraAngle, CameraMove, ShotSize};

/// Longest shot a note may ask for: ten minutes. Longer is a typing mistake, not a shot.
pub const MAX_SHOT_MILLISECONDS: u32 = 600_000;
/// The same in frames at 60 a second.
pub const MAX_SHOT_FRAMES: u32 = 36_000;

/// How long a shot lasts, exactly as the note says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShotLength {
    Milliseconds(u32),
    /// In frames of the film, whatever its rate.
    Frames(u32),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct ShotNote {
    /// Stable short id of the shot (`id 7QK3M9TD`), written by Kinora so that takes survive any edit.
    pub id: Option<String>,
    pub size: Option<ShotSize>,
    pub angle: Option<CameraAngle>,
    pub camera: Option<CameraMove>,
    pub length: Option<ShotLength>,
    pub seed: Option<u64>,
    pub engine: Option<String>,
    pub style: Option<String>,
    /// Free text that replaces the composed prompt.
    pub prompt: Option<String>,
    /// The chosen take, by the start of its hash.
    pub take: Option<String>,
    /// Starts from the last frame of the shot before.
    pub from_last: bool,
    /// Never generated again unless asked for by name.
    pub locked: bool,
    /// Parts we do not know, kept word for word in order.
    pub unknown: Vec<String>,
}

/// Something to say about one part of a note; the parser gives it a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteAdvice {
    pub severity: Severity,
    pub code: Code,
    pub message: String,
}

impl ShotNote {
    /// Reads the text of a note, without its brackets: `shot: wide | 4s`. `None` when it is not a shot note.
    pub fn parse(text: &str) -> Option<(Self, Vec<NoteAdvice>)> {
        let body = crate::studio_note::keyed(text, "shot")?;
        let mut note = ShotNote::default();
        let mut advice = Vec::new();
        for part in split_parts(body) {
            let part = part.trim();
            if !part.is_empty() && !note.read_part(part, &mut advice) {
                note.unknown.push(part.to_owned());
            }
        }
        Some((note, advice))
    }

    /// Writes the text of the note, without its brackets. Reading it gives the same note.
    pub fn print(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.id.as_ref().map(|id| format!("id {id}")));
        parts.extend(self.size.map(|size| size.word().to_owned()));
        parts.extend(self.angle.map(|angle| angle.word().to_owned()));
        parts.extend(self.camera.map(|camera| camera.word().to_owned()));
        parts.extend(self.length.map(print_length));
        parts.extend(self.seed.map(|seed| format!("seed {seed}")));
        parts.extend(self.engine.as_ref().map(|engine| format!("engine {}", quote_if_needed(engine))));
        parts.extend(self.style.as_ref().map(|style| format!("style {}", quote_if_needed(style))));
        parts.extend(self.prompt.as_ref().map(|prompt| format!("prompt {}", quote(prompt))));
        parts.extend(self.take.as_ref().map(|take| format!("take {take}")));
        parts.extend(self.from_last.then(|| "from last".to_owned()));
        parts.extend(self.locked.then(|| "lock".to_owned()));
        parts.extend(self.unknown.iter().cloned());
        format!("shot: {}", parts.join(" | ")).trim_end().to_owned()
    }

    fn read_part(&mut self, part: &str, advice: &mut Vec<NoteAdvice>) -> bool {
        let words = part.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let once = |empty: bool, advice: &mut Vec<NoteAdvice>| {
            if !empty {
                advice.push(NoteAdvice {
                    severity: Severity::Info,
                    code: Code::ShotKeyTwice,
                    message: format!("“{part}” says again what this shot note already says; the first one counts, so remove one of them."),
                });
            }
            empty
        };
        match words.as_str() {
            "from last" => return set_flag(&mut self.from_last),
            "lock" | "locked" => return set_flag(&mut self.locked),
            _ => {}
        }
        let bare = words.strip_prefix("size ").or_else(|| words.strip_prefix("camera ")).unwrap_or(&words);
        let bare = bare.trim_start_matches([':', '=']).trim();
        if let Some(size) = ShotSize::from_word(bare) {
            return once(self.size.is_none(), advice) && {
                self.size = Some(size);
                true
            };
        }
        if let Some(angle) = CameraAngle::from_word(bare) {
            return once(self.angle.is_none(), advice) && {
                self.angle = Some(angle);
                true
            };
        }
        if let Some(camera) = CameraMove::from_word(bare) {
            return once(self.camera.is_none(), advice) && {
                self.camera = Some(camera);
                true
            };
        }
        match read_length(words.strip_prefix("length ").or_else(|| words.strip_prefix("duration ")).unwrap_or(&words)) {
            Length::Fits(length) => {
                return once(self.length.is_none(), advice) && {
                    self.length = Some(length);
                    true
                };
            }
            Length::OutOfRange => {
                advice.push(NoteAdvice {
                    severity: Severity::Warning,
                    code: Code::ShotValueOutOfRange,
                    message: format!("“{part}” is not a length a shot can have; write one between 0.001s and 600s, or 1f and {MAX_SHOT_FRAMES}f."),
                });
                return false;
            }
            Length::Missing => {}
        }
        self.read_keyed(part, once, advice)
    }

    fn read_keyed(
        &mut self,
        part: &str,
        once: impl Fn(bool, &mut Vec<NoteAdvice>) -> bool,
        advice: &mut Vec<NoteAdvice>,
    ) -> bool {
        let (key, value) = split_key(part);
        let slot = match key.as_str() {
            "seed" => {
                return match value.parse::<u64>() {
                    Ok(seed) => {
                        once(self.seed.is_none(), advice) && {
                            self.seed = Some(seed);
                            true
                        }
                    }
                    Err(_) => {
                        advice.push(NoteAdvice {
                            severity: Severity::Warning,
                            code: Code::ShotValueOutOfRange,
                            message: format!(
                                "“{part}” needs a whole number of 0 or more after “seed”, such as “seed 7”."
                            ),
                        });
                        false
                    }
                };
            }
            "id" if is_short_name(value) => &mut self.id,
            "take" if is_short_name(value) => &mut self.take,
            "engine" if !value.is_empty() => &mut self.engine,
            "style" if !value.is_empty() => &mut self.style,
            "prompt" if !value.is_empty() => &mut self.prompt,
            _ => {
                advice.push(NoteAdvice {
                    severity: Severity::Info,
                    code: Code::ShotKeyUnknown,
                    message: format!(
                        "Kinora does not know “{part}” in a shot note and keeps it as it is; the known words are size, camera, length, seed, id, engine, style, prompt, take, from last and lock."
                    ),
                });
                return false;
            }
        };
        if !once(slot.is_none(), advice) {
            return false;
        }
        let text = unquote(value);
        let says_something = !text.is_empty();
        *slot = says_something.then_some(text);
        says_something
    }
}

fn set_flag(flag: &mut bool) -> bool {
    *flag = true;
    true
}

/// Splits at `|`, except inside the quoted value of a key that takes text.
fn split_parts(body: &str) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), body);
    loop {
        let bar = quoted_end(rest).or_else(|| rest.find('|')).unwrap_or(rest.len());
        let (part, after) = rest.split_at(bar);
        parts.push(part);
        match after.strip_prefix('|') {
            Some(next) => rest = next,
            None => return parts,
        }
    }
}

/// Where the part ends when it is `prompt "…"` (or style, engine) and the quotes close before a bar or the end.
fn quoted_end(part: &str) -> Option<usize> {
    let (key, value) = split_key(part.trim_start());
    if !matches!(key.as_str(), "prompt" | "style" | "engine") || !value.starts_with('"') {
        return None;
    }
    let open = part.find('"')?;
    let mut escaped = false;
    for (at, letter) in part.char_indices().skip_while(|(at, _)| *at <= open) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                let after = part.get(at + 1..)?;
                let blank = after.len() - after.trim_start().len();
                let ends = after.trim_start().is_empty() || after.trim_start().starts_with('|');
                return ends.then_some(at + 1 + blank);
            }
            _ => {}
        }
    }
    None
}

/// `seed 7`, `seed: 7` and `seed = 7` all give `("seed", "7")`.
fn split_key(part: &str) -> (String, &str) {
    let end = part.find(|c: char| c.is_whitespace() || c == ':' || c == '=').unwrap_or(part.len());
    let (key, rest) = part.split_at(end);
    let rest = rest.trim_start();
    let rest = rest.strip_prefix([':', '=']).unwrap_or(rest).trim();
    (key.to_lowercase(), rest)
}

fn is_short_name(value: &str) -> bool {
    (1..=64).contains(&value.len()) && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// The words of a text value on one line, without the quotes around it.
fn unquote(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) else { return one_line(value) };
    let (mut text, mut letters) = (String::with_capacity(inner.len()), inner.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.extend(letters.next()),
            _ => text.push(letter),
        }
    }
    one_line(&text)
}

/// Quotes a text value and escapes what would end the quotes, the note or open a boneyard.
fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in one_line(text).chars() {
        match letter {
            '"' | '\\' | ']' | '[' | '*' | '/' => out.extend(['\\', letter]),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

fn quote_if_needed(text: &str) -> String {
    if text.contains(['"', '\\', ']', '[', '*', '|', ':', '=', '\n', '\r']) { quote(text) } else { one_line(text) }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn print_length(length: ShotLength) -> String {
    match length {
        ShotLength::Frames(frames) => format!("{frames}f"),
        ShotLength::Milliseconds(ms) if ms % 1000 == 0 => format!("{}s", ms / 1000),
        ShotLength::Milliseconds(ms) => {
            let fraction = format!("{:03}", ms % 1000);
            format!("{}.{}s", ms / 1000, fraction.trim_end_matches('0'))
        }
    }
}

enum Length {
    Fits(ShotLength),
    OutOfRange,
    Missing,
}

/// `4s`, `4.5s`, `4.5 seconds`, `1500ms`, `96f`, `96 frames`: whole milliseconds or frames, never a float.
fn read_length(words: &str) -> Length {
    let digits = words.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(words.len());
    let (number, unit) = words.split_at(digits);
    if number.is_empty() || !number.starts_with(|c: char| c.is_ascii_digit()) {
        return Length::Missing;
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction_is_digits = fraction.len() <= 3 && fraction.chars().all(|c| c.is_ascii_digit());
    let whole: Option<u32> = whole.parse().ok();
    let length = match unit.trim() {
        "s" | "sec" | "secs" | "second" | "seconds" if fraction_is_digits => {
            let thousandths: Option<u32> = format!("{fraction:0<3}").parse().ok();
            let ms = whole.and_then(|w| w.checked_mul(1000)).zip(thousandths).and_then(|(w, t)| w.checked_add(t));
            ms.filter(|ms| (1..=MAX_SHOT_MILLISECONDS).contains(ms)).map(ShotLength::Milliseconds)
        }
        "ms" if fraction.is_empty() => {
            whole.filter(|ms| (1..=MAX_SHOT_MILLISECONDS).contains(ms)).map(ShotLength::Milliseconds)
        }
        "f" | "frame" | "frames" if fraction.is_empty() => {
            whole.filter(|frames| (1..=MAX_SHOT_FRAMES).contains(frames)).map(ShotLength::Frames)
        }
        "s" | "sec" | "secs" | "second" | "seconds" | "ms" | "f" | "frame" | "frames" => None,
        _ => return Length::Missing,
    };
    length.map_or(Length::OutOfRange, Length::Fits)
}
