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
const LINGER: Ticks = Ticks::from_millis(300);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub start: Ticks,
    pub end: Ticks,
    pub text: String,
}

/// The captions of a shot, in time of the shot.
pub(super) fn lines(dialogue: &[DialogueLine], shot: Ticks) -> Vec<Line> {
    let pages: Vec<String> = dialogue.iter().flat_map(|line| pages(&line.text)).collect();
    let needed: i64 = pages.iter().map(|page| i64::from(spoken_ms(page).max(1))).sum();
    let lead = Ticks::from_millis(i64::from(LEAD_MILLISECONDS)).min(Ticks(shot.0 / 10));
    let room = (shot - lead).to_millis().max(1);
    // Pressed together where the shot is too short for its words.
    let scale = |millis: i64| if needed > room { millis * room / needed } else { millis };
    let mut spoken = 0;
    let mut lines: Vec<Line> = Vec::with_capacity(pages.len());
    for text in pages {
        let start = lead + Ticks::from_millis(scale(spoken));
        spoken += i64::from(spoken_ms(&text).max(1));
        let end = lead + Ticks::from_millis(scale(spoken));
        lines.push(Line { start, end, text });
    }
    if let Some(last) = lines.last_mut() {
        last.end = (last.end + LINGER).min(shot).max(last.end);
    }
    lines
}

/// A line of dialogue as pages of at most two lines.
fn pages(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        for piece in pieces(word) {
            match lines.last_mut() {
                Some(line) if line.chars().count() + 1 + piece.chars().count() <= LINE_CHARACTERS => {
                    line.push(' ');
                    line.push_str(&piece);
                }
                _ => lines.push(piece),
            }
        }
    }
    lines.chunks(LINES).map(|page| page.join("\n")).collect()
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
