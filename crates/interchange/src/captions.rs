//! Sub-titles: the captions of a film as SubRip (SRT) and WebVTT.
//!
//! Times come from the clips on the caption tracks, to the millisecond, in order; a muted track says nothing. Text is escaped for WebVTT,
//! and blank lines inside a caption are dropped, since they would end a cue in both formats.

use crate::captions_read::timing;
use kinora_document::{ClipSource, Film, Ticks, TrackKind};

/// One caption on the film's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    pub start: Ticks,
    pub end: Ticks,
    pub text: String,
}

/// Every caption of the film, by time.
pub fn cues(film: &Film) -> Vec<Cue> {
    let mut cues: Vec<Cue> = film
        .clips
        .iter()
        .filter(|clip| {
            film.tracks.get(clip.track).is_some_and(|track| track.kind == TrackKind::Captions && !track.muted)
        })
        .filter_map(|clip| match &clip.source {
            ClipSource::Title(title) => {
                let lines: Vec<&str> = title.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                let text = lines.join("\n");
                (!text.is_empty()).then_some(Cue { start: clip.start, end: clip.start + clip.length, text })
            }
            _ => None,
        })
        .collect();
    cues.sort_by_key(|cue| (cue.start, cue.end));
    cues
}

/// SubRip: numbered cues, `HH:MM:SS,mmm`. It has no escapes: a line of words that reads like a time gets a shorter arrow.
pub fn to_srt(cues: &[Cue]) -> String {
    let line = |line: &str| if timing(line).is_some() { line.replace("-->", "->") } else { line.to_owned() };
    let block = |(index, cue): (usize, &Cue)| {
        let text = cue.text.split('\n').map(line).collect::<Vec<_>>().join("\n");
        format!("{}\n{} --> {}\n{text}\n\n", index + 1, time(cue.start, ','), time(cue.end, ','))
    };
    cues.iter().enumerate().map(block).collect()
}

/// WebVTT: `HH:MM:SS.mmm`, with `&`, `<` and `>` escaped as the format asks.
pub fn to_vtt(cues: &[Cue]) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let block = |cue: &Cue| format!("{} --> {}\n{}\n\n", time(cue.start, '.'), time(cue.end, '.'), escaped(&cue.text));
    format!("WEBVTT\n\n{}", cues.iter().map(block).collect::<String>())
}

fn time(at: Ticks, separator: char) -> String {
    let millis = at.to_millis().max(0);
    let (hours, minutes, seconds) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}{separator}{:03}", millis % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kinora_document::{Command, FrameRate, FrameSize, new_film};

    fn film() -> Film {
        let mut next = 0u128;
        let mut mint = || {
            next += 1;
            next
        };
        let mut film = new_film("Captions", FrameSize { width: 1280, height: 720 }, FrameRate::FPS_24, &mut mint);
        let text = "INT. ROOM - DAY\n\nA lamp.\n\nMARA\nIs 2 < 3 & so on?\n".to_owned();
        let patch = Command::SetScript { text }.plan(&film, &mut mint).expect("the script is taken");
        film.apply(&patch).expect("the patch fits");
        film
    }

    #[test]
    fn what_is_said_becomes_a_cue_in_both_formats() {
        let cues = cues(&film());
        assert!(!cues.is_empty() && cues.iter().all(|cue| cue.start < cue.end));
        let srt = to_srt(&cues);
        assert!(srt.starts_with("1\n00:00:0") && srt.contains(" --> ") && srt.contains("2 < 3 & so on?"), "{srt}");
        let vtt = to_vtt(&cues);
        assert!(vtt.starts_with("WEBVTT\n\n") && vtt.contains("2 &lt; 3 &amp; so on?"), "{vtt}");
    }

    #[test]
    fn times_are_whole_milliseconds() {
        assert_eq!(time(Ticks::from_millis(3_723_004), ','), "01:02:03,004");
        assert_eq!(time(Ticks(-5), '.'), "00:00:00.000");
    }
}
