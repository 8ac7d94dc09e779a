//! Dialogue as sub-titles: at most two lines of 42 characters, timed by the words.
//!
//! Times are within the shot and come from the same budget as the board's lengths (a breath, then 2.5 words a second), pressed
//! together when the shot is shorter than its speech. Whole ticks only.

use crate::film::DialogueLine;
use crate::time::Ticks;
use kinora_screenplay::dialogue::{LEAD_MILLISECONDS, spoken_ms};

pub(super) const LINE_CHARACTERS: usize = 42;
const LINES: usize = 2;
/// Let the last word be read.
pub(super) const LINGER: Ticks = Ticks::from_millis(300);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub start: Ticks,
    pub end: Ticks,
    pub text: String,
    /// Which of the shot's lines, and which of its words.
    pub line: u32,
    pub first_word: usize,
    pub words: usize,
}

/// What is shown at once.
struct Page {
    line: u32,
    first_word: usize,
    words: usize,
    text: String,
}

/// The captions of a shot, in time of the shot.
pub(super) fn lines(dialogue: &[DialogueLine], shot: Ticks) -> Vec<Line> {
    let pages: Vec<Page> = (0u32..).zip(dialogue).flat_map(|(number, line)| pages(number, &line.text)).collect();
    let needed: i64 = pages.iter().map(|page| i64::from(spoken_ms(&page.text).max(1))).sum();
    let lead = Ticks::from_millis(i64::from(LEAD_MILLISECONDS)).min(Ticks(shot.0 / 10));
    let room = (shot - lead).to_millis().max(1);
    // Pressed together where the shot is too short for its words.
    let scale = |millis: i64| if needed > room { millis * room / needed } else { millis };
    let mut spoken = 0;
    let mut lines: Vec<Line> = Vec::with_capacity(pages.len());
    for Page { line, first_word, words, text } in pages {
        let start = lead + Ticks::from_millis(scale(spoken));
        spoken += i64::from(spoken_ms(&text).max(1));
        let end = lead + Ticks::from_millis(scale(spoken));
        lines.push(Line { start, end, text, line, first_word, words });
    }
    if let Some(last) = lines.last_mut() {
        last.end = (last.end + LINGER).min(shot).max(last.end);
    }
    lines
}

/// A line of dialogue as pages of at most two lines.
fn pages(number: u32, text: &str) -> Vec<Page> {
    // Text of each row, with its first word and the one after its last.
    let mut rows: Vec<(String, usize, usize)> = Vec::new();
    for (at, word) in text.split_whitespace().enumerate() {
        for piece in pieces(word) {
            match rows.last_mut() {
                Some((row, _, end)) if row.chars().count() + 1 + piece.chars().count() <= LINE_CHARACTERS => {
                    row.push(' ');
                    row.push_str(&piece);
                    *end = at + 1;
                }
                _ => rows.push((piece, at, at + 1)),
            }
        }
    }
    let page = |rows: &[(String, usize, usize)]| {
        let first_word = rows.first().map_or(0, |row| row.1);
        let words = rows.last().map_or(0, |row| row.2) - first_word;
        let text = rows.iter().map(|row| row.0.as_str()).collect::<Vec<_>>().join("\n");
        Page { line: number, first_word, words, text }
    };
    rows.chunks(LINES).map(page).collect()
}

/// Text without spaces is parted where the line is full.
fn pieces(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters.chunks(LINE_CHARACTERS).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> DialogueLine {
        DialogueLine {
            character: "MARA".to_owned(),
            extension: String::new(),
            parenthetical: String::new(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_caption_has_at_most_two_lines_of_42_characters() {
        let text = "word ".repeat(60) + &"字".repeat(100);
        for caption in lines(&[line(&text)], Ticks::from_seconds(4)) {
            assert!(caption.text.lines().count() <= 2);
            assert!(caption.text.lines().all(|line| line.chars().count() <= 42), "{}", caption.text);
        }
    }

    #[test]
    fn captions_stay_inside_their_shot_and_in_order() {
        let shot = Ticks::from_seconds(2);
        let found = lines(&[line(&"so many words ".repeat(30)), line("and more")], shot);
        assert!(found.len() > 3);
        for pair in found.windows(2) {
            assert!(pair[0].end <= pair[1].start);
        }
        assert!(found.iter().all(|caption| caption.start < caption.end && caption.end <= shot));
    }
}
