//! SubRip (SRT) and WebVTT from elsewhere to cues: what our own files say comes back exactly, what others broke is mended and said.
//!
//! Sub-titles come from thirty years of programs and from strangers, so every size has a limit, times are whole milliseconds, and
//! time is linear in the length of the file. It never guesses at words: what is left out (styling, positions) is counted and named.

use crate::captions::Cue;
use kinora_document::screenplay::decode::{NotText, decode_up_to};
use kinora_document::{Ticks, limits};

/// A caption is about 80 bytes: a film's most captions, with room for styling.
pub const MAX_CAPTION_BYTES: usize = 16 * 1024 * 1024;
/// A longer tag of SubRip is words.
const MAX_TAG_BYTES: usize = 256;
/// A caption that ends where it begins is shown this long.
const SHORTEST_REPAIRED: Ticks = Ticks::from_millis(1_000);

/// Captions as a file has them, in its order, and a sentence for each kind of thing that was mended or left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadCaptions {
    pub cues: Vec<Cue>,
    pub notes: Vec<String>,
}

/// Why a file gives no captions at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaptionError {
    TooLong { bytes: usize },
    KnownFormat { kind: &'static str },
    Binary { at: usize },
    NoCaptions,
    TooMany,
}

impl std::fmt::Display for CaptionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const CHOOSE: &str = "choose a SubRip (.srt) or WebVTT (.vtt) file";
        match self {
            Self::TooLong { bytes } => write!(
                f,
                "This file has {bytes} bytes and Kinora takes sub-titles of up to {MAX_CAPTION_BYTES}; divide it into parts."
            ),
            Self::KnownFormat { kind } => write!(f, "This file is not sub-titles but {kind}; {CHOOSE}."),
            Self::Binary { at } => write!(f, "This file is not text (byte {at}), so it holds no sub-titles; {CHOOSE}."),
            Self::NoCaptions => write!(
                f,
                "This file holds no sub-titles: no line of it reads like “00:00:01,000 --> 00:00:02,000”; {CHOOSE}."
            ),
            Self::TooMany => {
                write!(
                    f,
                    "This file has more than {} captions, more than a film holds; divide it into parts.",
                    limits::CLIPS
                )
            }
        }
    }
}

impl std::error::Error for CaptionError {}

/// Reads the bytes of a sub-title file, SubRip or WebVTT, in any common encoding.
///
/// # Errors
/// [`CaptionError`] when it is no sub-title file, or too much of one. A file with faults is no error.
pub fn read_captions(bytes: &[u8]) -> Result<ReadCaptions, CaptionError> {
    let text = decode_up_to(bytes, MAX_CAPTION_BYTES).map_err(|error| match error {
        NotText::TooLong { bytes } => CaptionError::TooLong { bytes },
        NotText::KnownFormat { kind } => CaptionError::KnownFormat { kind },
        NotText::Binary { at } | NotText::BrokenUtf16 { at } => CaptionError::Binary { at },
    })?;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let is_vtt = lines.first().is_some_and(|line| line.trim_start_matches('\u{feff}').starts_with("WEBVTT"));
    let timed: Vec<(usize, Timing)> =
        lines.iter().enumerate().filter_map(|(at, line)| timing(line).map(|timing| (at, timing))).collect();
    if timed.is_empty() && !is_vtt {
        return Err(CaptionError::NoCaptions);
    }
    if timed.len() > limits::CLIPS {
        return Err(CaptionError::TooMany);
    }
    let mut reader = Reader { is_vtt, ..Reader::default() };
    for (index, (at, timing)) in timed.iter().enumerate() {
        let next = timed.get(index + 1).map(|(next, _)| *next);
        let body = lines.get(at + 1..next.unwrap_or(lines.len())).unwrap_or_default();
        reader.take(*at, timing, body, next.is_some());
    }
    Ok(ReadCaptions { notes: reader.notes(), cues: reader.cues })
}

/// Captions for one track: by time, and where two would be shown at once, the earlier yields; those of one moment become one.
/// Gives how many were changed.
pub fn without_overlaps(mut cues: Vec<Cue>) -> (Vec<Cue>, usize) {
    cues.sort_by_key(|cue| cue.start);
    let (mut laid, mut changed): (Vec<Cue>, usize) = (Vec::with_capacity(cues.len()), 0);
    for cue in cues {
        match laid.last_mut() {
            Some(last) if last.start == cue.start => {
                changed += 1;
                last.end = last.end.max(cue.end);
                let room = limits::TEXT_BYTES.saturating_sub(last.text.len() + 1);
                if cue.text.len() <= room {
                    last.text.push('\n');
                    last.text.push_str(&cue.text);
                }
            }
            Some(last) => {
                if last.end > cue.start {
                    changed += 1;
                    last.end = cue.start;
                }
                laid.push(cue);
            }
            None => laid.push(cue),
        }
    }
    (laid, changed)
}

/// The line between a number and the words. In milliseconds, perhaps below 0 or the wrong way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timing {
    start: i64,
    end: i64,
    /// WebVTT settings or SubRip coordinates stand behind.
    placed: bool,
}

/// `00:00:01,000 --> 00:00:02,000 align:start`; hours may be missing, and a point may stand for the comma.
pub(crate) fn timing(line: &str) -> Option<Timing> {
    let (start, rest) = line.split_once("-->")?;
    let rest = rest.trim();
    let (end, settings) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    Some(Timing { start: millis(start.trim())?, end: millis(end)?, placed: !settings.trim().is_empty() })
}

/// `[-][H…:]M:S[,.]mmm`; None when it is no time or beyond all films.
fn millis(text: &str) -> Option<i64> {
    let (negative, text) = text.strip_prefix(['-', '−']).map_or((false, text), |rest| (true, rest));
    let (clock, fraction) = text.split_once([',', '.']).unwrap_or((text, ""));
    let digits = |part: &str, most: usize| -> Option<i64> {
        let fits = (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if fits { part.parse().ok() } else { None }
    };
    let mut parts = clock.rsplit(':');
    let seconds = digits(parts.next()?, 2)?;
    let minutes = digits(parts.next()?, 2)?;
    let hours = parts.next().map_or(Some(0), |hours| digits(hours, 6))?;
    if parts.next().is_some() || minutes > 59 || seconds > 59 {
        return None;
    }
    let thousandths = match fraction.len() {
        0 => 0,
        length @ 1..=3 => digits(fraction, 3)? * [100, 10, 1].get(length - 1)?,
        _ => digits(fraction.get(..3)?, 3)?,
    };
    let total = ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths;
    Some(if negative { -total } else { total })
}

/// How often something was mended, and the line where it was first.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    times: usize,
    first: usize,
}

impl Count {
    fn add(&mut self, line: usize) {
        if self.times == 0 {
            self.first = line + 1;
        }
        self.times += 1;
    }
}

#[derive(Debug, Default)]
struct Reader {
    is_vtt: bool,
    cues: Vec<Cue>,
    negative: Count,
    backwards: Count,
    momentary: Count,
    beyond: Count,
    wordless: Count,
    styled: Count,
    clipped: Count,
    parted: Count,
}

impl Reader {
    fn take(&mut self, at: usize, timing: &Timing, body: &[&str], more: bool) {
        let Timing { mut start, mut end, placed } = *timing;
        let text = self.words(at, body, more);
        if text.is_empty() {
            return self.wordless.add(at);
        }
        if start < 0 || end < 0 {
            self.negative.add(at);
            (start, end) = (start.max(0), end.max(0));
        }
        if end < start {
            self.backwards.add(at);
            std::mem::swap(&mut start, &mut end);
        }
        let (start, mut end) = (Ticks::from_millis(start), Ticks::from_millis(end));
        if end == start {
            self.momentary.add(at);
            end = start + SHORTEST_REPAIRED;
        }
        if end.0 > limits::FILM_TICKS {
            return self.beyond.add(at);
        }
        if placed {
            self.styled.add(at);
        }
        self.cues.push(Cue { start, end, text });
    }

    /// The words below a time, up to the number or name of the next caption.
    fn words(&mut self, at: usize, body: &[&str], more: bool) -> String {
        let mut body = body;
        if let (true, Some((last, before))) = (more, body.split_last()) {
            let number = !last.trim().is_empty() && last.trim().bytes().all(|byte| byte.is_ascii_digit());
            let after_gap = before.last().is_none_or(|line| line.trim().is_empty());
            // A line right above the next time, after an empty one, is that caption's name.
            if (number || !before.is_empty()) && after_gap && !last.trim().is_empty() {
                body = before;
            }
        }
        let mut kept: Vec<String> = Vec::new();
        let (mut gap, mut skipped) = (false, false);
        for line in body {
            if line.trim().is_empty() {
                (gap, skipped) = (!kept.is_empty(), false);
                continue;
            }
            if self.is_vtt && (gap || kept.is_empty()) {
                let word = line.split([' ', '\t', ':']).next().unwrap_or_default();
                skipped |= gap && matches!(word, "NOTE" | "STYLE" | "REGION");
            }
            if skipped {
                continue;
            }
            if std::mem::take(&mut gap) {
                self.parted.add(at);
            }
            let plain = if self.is_vtt { plain_vtt(line) } else { plain_srt(line) };
            if plain.1 {
                self.styled.add(at);
            }
            // Control characters are nothing to read; a few of them would make the next reader call it a binary file.
            let shown: String = plain.0.replace('\t', " ").chars().filter(|letter| !letter.is_control()).collect();
            let line = shown.trim().to_owned();
            kept.extend((!line.is_empty()).then_some(line));
        }
        let mut text = kept.join("\n");
        if text.len() > limits::TEXT_BYTES {
            self.clipped.add(at);
            text.truncate(text.floor_char_boundary(limits::TEXT_BYTES));
        }
        text
    }

    fn notes(&self) -> Vec<String> {
        let rows = [
            (self.negative, "began before the film and begin with it now"),
            (self.backwards, "ended before they began; their times were exchanged"),
            (self.momentary, "ended where they began and last one second now"),
            (self.beyond, "are later than any film of Kinora and were left out"),
            (self.wordless, "say nothing and were left out"),
            (self.parted, "had an empty line in the middle, which was taken out"),
            (self.clipped, "were longer than a caption can be and were cut"),
            (self.styled, "carried styling or a position, which was left out"),
        ];
        let told = rows.iter().filter(|(count, _)| count.times > 0);
        told.map(|(Count { times, first }, what)| format!("{times} of the captions {what} (first in line {first})."))
            .collect()
    }
}

/// SubRip's few tags, `<i>`, `<b>`, `<u>`, `<s>`, `<font …>` and `{\an8}`, taken out; anything else in brackets is words.
fn plain_srt(line: &str) -> (String, bool) {
    without(line, |rest| {
        let close = if rest.starts_with("{\\") { b'}' } else { b'>' };
        let inner = rest.get(1..rest.bytes().take(MAX_TAG_BYTES).position(|byte| byte == close)?)?;
        let name = inner.trim_start_matches('/').split(' ').next().unwrap_or_default().to_lowercase();
        let known = close == b'}' || matches!(name.as_str(), "i" | "b" | "u" | "s" | "font");
        known.then(|| (inner.len() + 2, String::new()))
    })
}

/// WebVTT's tags taken out and its entities read.
fn plain_vtt(line: &str) -> (String, bool) {
    let (text, styled) = without(line, |rest| {
        let inner = rest.strip_prefix('<')?;
        // A tag that never closes takes the rest of the line, as browsers read it.
        Some((inner.find('>').map_or(rest.len(), |end| end + 2), String::new()))
    });
    let (text, _) = without(&text, |rest| {
        let name = rest.strip_prefix('&')?;
        let name = name.get(..name.bytes().take(8).position(|byte| byte == b';')?)?;
        let letter = match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            "nbsp" => '\u{a0}',
            "lrm" => '\u{200e}',
            "rlm" => '\u{200f}',
            other => number(other.strip_prefix('#')?)?,
        };
        Some((name.len() + 2, letter.to_string()))
    });
    (text, styled)
}

fn number(digits: &str) -> Option<char> {
    let value = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    char::from_u32(value.ok()?).filter(|letter| !letter.is_control())
}

/// Replaces what `taken` recognises at a bracket or ampersand: bytes taken, and what stands there instead.
fn without(line: &str, taken: impl Fn(&str) -> Option<(usize, String)>) -> (String, bool) {
    let (mut text, mut rest, mut changed) = (String::with_capacity(line.len()), line, false);
    while let Some(at) = rest.find(['<', '{', '&']) {
        let (before, tail) = rest.split_at(at);
        text.push_str(before);
        match taken(tail) {
            Some((length, instead)) => {
                text.push_str(&instead);
                rest = tail.get(length..).unwrap_or_default();
                changed = true;
            }
            None => {
                text.push_str(tail.get(..1).unwrap_or_default());
                rest = tail.get(1..).unwrap_or_default();
            }
        }
    }
    text.push_str(rest);
    (text, changed)
}
