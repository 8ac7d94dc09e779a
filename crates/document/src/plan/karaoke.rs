//! Which word of a caption is being heard: found again among the spoken words, whoever moved the caption.
//!
//! A caption is text; its words are looked for in what is spoken near it. Words that nobody speaks share the time between those that
//! are. Whole ticks only.

use super::unscaled;
use crate::film::{Clip, ClipSource, Film};
use crate::speech::Speeches;
use crate::time::Ticks;

/// A spoken word may begin this much before its caption is shown.
const BEFORE: Ticks = Ticks::from_millis(700);

/// Everything that is spoken in the film, word by word, in order of time.
#[derive(Debug, Default)]
pub(super) struct SpokenWords(Vec<(Ticks, String)>);

impl SpokenWords {
    pub fn of(film: &Film) -> Self {
        let lines = film.clips.iter().filter(|clip| matches!(clip.source, ClipSource::Line { .. }));
        let speeches = Speeches::of(film);
        let mut words: Vec<(Ticks, String)> = Vec::new();
        for clip in lines {
            let ClipSource::Line { shot, line } = clip.source else { continue };
            let Some(said) = speeches.get(shot, line) else { continue };
            let Some(speech) = said.spoken.and_then(|media| media.speech.as_deref()) else { continue };
            for (word, text) in speech.words.iter().zip(said.utterance.words()) {
                let elapsed = unscaled(word.start - clip.source_in, clip.speed_permille);
                if elapsed >= Ticks::ZERO && elapsed < clip.length {
                    words.push((clip.start + elapsed, text.to_owned()));
                }
            }
        }
        words.sort();
        Self(words)
    }

    /// When each word of a caption begins to be heard.
    pub fn starts(&self, clip: &Clip, text: &str) -> Vec<Ticks> {
        let end = clip.start + clip.length;
        let first = self.0.partition_point(|(at, _)| *at < clip.start - BEFORE);
        let mut near = self.0.iter().skip(first).take_while(|(at, _)| *at < end).peekable();
        let mut known: Vec<Option<Ticks>> = Vec::new();
        for word in text.split_whitespace() {
            let rest = near.clone();
            let found = rest.enumerate().find(|(_, (_, spoken))| spoken == word);
            known.push(found.map(|(skipped, (at, _))| {
                let at = (*at).max(clip.start);
                near.by_ref().take(skipped + 1).for_each(drop);
                at
            }));
        }
        spread(&known, clip.start, end)
    }
}

/// Fills what is not known evenly between its neighbours.
fn spread(known: &[Option<Ticks>], start: Ticks, end: Ticks) -> Vec<Ticks> {
    let mut starts: Vec<Ticks> = Vec::with_capacity(known.len());
    for (at, word) in known.iter().enumerate() {
        let begun = starts.last().copied().unwrap_or(start);
        let between = || {
            let until = known.iter().enumerate().skip(at).find_map(|(next, word)| word.map(|time| (next, time)));
            let (next, time) = until.unwrap_or((known.len(), end));
            begun + Ticks((time - begun).0 / i64::try_from(next - at + 1).unwrap_or(1))
        };
        starts.push(match word {
            Some(time) => (*time).max(begun),
            // The first word begins with the caption.
            None if at == 0 => start,
            None => between(),
        });
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::film::{Title, TitleStyle};
    use crate::id::{ClipId, TrackId};

    fn millis(starts: &[Ticks]) -> Vec<i64> {
        starts.iter().map(|time| time.to_millis()).collect()
    }

    #[test]
    fn words_light_up_when_they_are_spoken_and_share_time_when_they_are_not() {
        let spoken = |at, word: &str| (Ticks::from_millis(at), word.to_owned());
        let words = SpokenWords(vec![
            spoken(500, "early"),
            spoken(1_900, "Is"),
            spoken(2_300, "it"),
            spoken(2_500, "winter"),
            spoken(3_100, "yet?"),
            spoken(9_000, "it"),
        ]);
        let (start, length) = (Ticks::from_seconds(2), Ticks::from_seconds(2));
        let source = ClipSource::Title(Title::new("", TitleStyle::Karaoke));
        let clip = Clip::new(ClipId(1), TrackId(1), start, length, source);
        assert_eq!(millis(&words.starts(&clip, "Is it\nwinter yet?")), [2_000, 2_300, 2_500, 3_100]);
        assert_eq!(millis(&words.starts(&clip, "Is it really winter")), [2_000, 2_300, 2_400, 2_500]);
        assert_eq!(millis(&words.starts(&clip, "Nobody said that ever")), [2_000, 2_500, 3_000, 3_500]);
        assert_eq!(millis(&words.starts(&clip, "")), [0; 0]);
    }
}
