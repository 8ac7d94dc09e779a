//! Sub-titles: the captions of a film as SubRip (SRT) and WebVTT.
//!
//! Times come from the clips on the caption tracks, to the millisecond, in order; a muted track says nothing. Text is escaped for WebVTT,
//! and blank lines inside a caption are dropped, since they would end a cue in both formats.

use crate::captions_read::timing;
use kinora_document::{Clip, ClipId, ClipSource, Film, FrameRate, Ticks, Title, TitleStyle, TrackId, TrackKind};

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

/// Cues as clips of a caption track, on the film's frames. A caption shorter than a frame is shown for one where there is room, else
/// left out; cues must not overlap (see [`without_overlaps`](crate::without_overlaps)).
pub fn clips(cues: &[Cue], track: TrackId, rate: FrameRate) -> Vec<Clip> {
    let mut laid: Vec<Clip> = Vec::with_capacity(cues.len());
    for cue in cues {
        let free = laid.last().map_or(Ticks::ZERO, |last| last.start + last.length);
        let start = rate.snap(cue.start).max(free);
        let next = rate.snap(cue.end);
        if next > start || cue.start >= free {
            let length = (next - start).max(rate.frame_length());
            let title = Title::new(cue.text.clone(), TitleStyle::Caption);
            // The paste that lays them mints their ids.
            laid.push(Clip::new(ClipId(0), track, start, length, ClipSource::Title(title)));
        }
    }
    laid
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
    use kinora_document::command::Landing;
    use kinora_document::{Command, FrameSize, new_film};

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
    fn captions_from_a_file_lie_on_frames_and_never_over_each_other() {
        let cue = |start: i64, end: i64, text: &str| Cue {
            start: Ticks::from_millis(start),
            end: Ticks::from_millis(end),
            text: text.to_owned(),
        };
        let wanted =
            [cue(10, 990, "one"), cue(990, 1_000, "no room"), cue(1_001, 1_002, "a blink"), cue(2_000, 3_000, "two")];
        let mut film = film();
        let old: Vec<_> = film.clips.iter().map(|clip| clip.id).collect();
        let track = film.tracks.iter().find(|track| track.kind == TrackKind::Captions).expect("a caption track").id;
        let rate = film.settings.rate;
        let mut next = 1u128 << 64;
        let mut mint = || {
            next += 1;
            next
        };
        let remove = Command::LiftClips { clips: old }.plan(&film, &mut mint).expect("the clips are there");
        film.apply(&remove).expect("the patch fits");
        let paste = Command::PasteClips { clips: clips(&wanted, track, rate), landing: Landing::Overwrite };
        let patch = paste.plan(&film, &mut mint).expect("captions are taken");
        film.apply(&patch).expect("the patch fits");
        let laid = cues(&film);
        let said: Vec<_> =
            laid.iter().map(|cue| (rate.frame_at(cue.start), rate.frame_at(cue.end), cue.text.as_str())).collect();
        assert_eq!(said, [(0, 24, "one"), (24, 25, "a blink"), (48, 72, "two")]);
    }

    #[test]
    fn times_are_whole_milliseconds() {
        assert_eq!(time(Ticks::from_millis(3_723_004), ','), "01:02:03,004");
        assert_eq!(time(Ticks(-5), '.'), "00:00:00.000");
    }
}
