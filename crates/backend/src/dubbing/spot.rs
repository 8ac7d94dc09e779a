//! Where in the film a voice is recorded, what it takes the place of, and the commands that put it there.
//!
//! Looked up anew whenever it matters, because the film may have changed meanwhile. Pure: the same commands are tried on a copy to listen
//! and performed on the film to keep, so what was heard is what is kept.

use crate::problem::Trouble;
use kinora_api::DubPlace;
use kinora_document::{
    Clip, ClipId, ClipSource, Command, Dubbed, Film, FrameRate, Media, Speeches, Ticks, TrackId, TrackKind,
};

/// The film plays this long before the line begins.
pub const PRE_ROLL: Ticks = Ticks::from_millis(2_000);
/// A voice may go on for this long after the line: a last word fades.
pub const TAIL: Ticks = Ticks::from_millis(1_000);
/// A take is held in memory until it is used: three minutes in two channels are 69 MB.
pub const LONGEST: Ticks = Ticks::from_seconds(180);

#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    pub track: TrackId,
    /// Silent while somebody speaks in their place.
    pub replaced: Vec<ClipId>,
    /// Goes as a whole, however long the recording is.
    clip: Option<ClipId>,
    pub from: Ticks,
    pub until: Ticks,
    /// Nothing is put down from here on: another clip begins, or the film ends.
    latest: Ticks,
    pub dubs: Option<Dubbed>,
    pub character: String,
    pub text: String,
}

fn refuse(rule: &str, what: &str, remedy: &str) -> Trouble {
    Trouble::refuse(rule, what, remedy)
}

impl Spot {
    pub fn find(film: &Film, place: DubPlace) -> Result<Self, Trouble> {
        let spot = match place {
            DubPlace::Clip(clip) => Self::of_clip(film, clip)?,
            DubPlace::Range { from, until } => Self::of_range(film, from, until)?,
        };
        if spot.until - spot.from > LONGEST {
            let what = "This is longer than three minutes, the most that is recorded at once.";
            return Err(refuse("dub.long", what, "Set in and out around a part of it, and record that."));
        }
        Ok(spot)
    }

    fn of_clip(film: &Film, id: ClipId) -> Result<Self, Trouble> {
        let Some(clip) = film.clips.get(id) else {
            let what = "This line is no longer in the film.";
            return Err(refuse("dub.gone", what, "Close this and choose another line."));
        };
        let speaks = is_spoken(film, clip);
        let track = film.tracks.get(clip.track).filter(|_| speaks).ok_or_else(|| {
            let what = "Nothing is said in this clip.";
            refuse(
                "dub.not_spoken",
                what,
                "Choose a line on the dialogue track, or set in and out around what is said.",
            )
        })?;
        if track.locked {
            return Err(locked(&track.name));
        }
        let until = clip.start + clip.length;
        let next = film.clips.iter().filter(|other| other.track == clip.track && other.start >= until);
        let next = next.map(|other| other.start).min();
        let latest = next.unwrap_or(film.length()).min(film.length()).max(until).min(until + TAIL);
        let (dubs, character) = line_of(film, clip).unwrap_or_default();
        let text = words_of(film, clip).or_else(|| dubs.as_ref().map(|dubs| dubs.text.clone())).unwrap_or_default();
        let (replaced, track) = (vec![id], clip.track);
        Ok(Self { track, replaced, clip: Some(id), from: clip.start, until, latest, dubs, character, text })
    }

    fn of_range(film: &Film, from: Ticks, until: Ticks) -> Result<Self, Trouble> {
        let frame = film.settings.rate.frame_length();
        if from < Ticks::ZERO || until - from < frame {
            let what = "There is no time between in and out.";
            return Err(refuse("dub.range", what, "Set in before out, then record."));
        }
        let dialogue =
            film.tracks.iter().find(|track| track.kind == TrackKind::Dialogue).ok_or_else(|| {
                refuse("dub.no_track", "The film has no track for dialogue.", "Add one on the timeline.")
            })?;
        if dialogue.locked {
            return Err(locked(&dialogue.name));
        }
        let there = |clip: &&Clip| clip.track == dialogue.id && clip.start < until && from < clip.start + clip.length;
        let under: Vec<&Clip> = film.clips.iter().filter(there).collect();
        // Of two lines at once, neither is the one that was dubbed.
        let (dubs, character, text) = match under.as_slice() {
            [clip] => {
                let (dubs, character) = line_of(film, clip).unwrap_or_default();
                (dubs, character, words_of(film, clip).unwrap_or_default())
            }
            several => {
                let said: Vec<String> = several.iter().filter_map(|clip| words_of(film, clip)).collect();
                (None, String::new(), said.join(" – "))
            }
        };
        let replaced = under.iter().map(|clip| clip.id).collect();
        Ok(Self { track: dialogue.id, replaced, clip: None, from, until, latest: until, dubs, character, text })
    }

    /// For the list of files.
    pub fn name(&self) -> String {
        const CHARACTERS: usize = 60;
        let name = match (self.character.is_empty(), self.text.is_empty()) {
            (false, _) => format!("{}: {}", self.character, self.text),
            (true, false) => self.text.clone(),
            (true, true) => "Recorded voice".to_owned(),
        };
        name.chars().take(CHARACTERS).collect()
    }

    /// Adds the recording to the film and puts it where the line was: one gesture.
    pub fn commands(&self, media: &Media, rate: FrameRate) -> Vec<Command> {
        let end = frame_up(rate, self.from + media.length).min(self.latest).max(self.from + rate.frame_length());
        let lift = self.clip.map(|clip| Command::LiftClips { clips: vec![clip] });
        let put = Command::OverwriteClip {
            track: self.track,
            at: self.from,
            source: ClipSource::Media(media.id),
            source_in: Ticks::ZERO,
            length: end - self.from,
        };
        let add = Command::AddMedia { media: Box::new(media.clone()) };
        [Some(add), lift, Some(put)].into_iter().flatten().collect()
    }
}

/// The commands that give a dubbed line its voice back.
pub fn restoring(film: &Film, id: ClipId) -> Result<Vec<Command>, Trouble> {
    let found = film.clips.get(id).and_then(|clip| Some((clip, dubbed(film, clip)?)));
    let Some((clip, dubs)) = found else {
        let what = "No line was dubbed here.";
        return Err(refuse("dub.none", what, "Choose a recording that was made in place of a line."));
    };
    let place = film.shots.get(dubs.shot).and_then(|shot| {
        let at = shot.dialogue.iter().position(|line| line.text == dubs.text)?;
        Some((shot.id, u32::try_from(at).ok()?))
    });
    let speeches = Speeches::of(film);
    let said = place.and_then(|(shot, line)| Some(((shot, line), speeches.get(shot, line)?.length)));
    let Some(((shot, line), length)) = said else {
        let what = "The line that was dubbed here is no longer in the script.";
        return Err(refuse("dub.line_gone", what, "Undo the change of the script, or keep the recording."));
    };
    let after = clip.start + clip.length;
    let next = film.clips.iter().filter(|other| other.track == clip.track && other.start >= after);
    let latest = next.map(|other| other.start).min().unwrap_or(Ticks(i64::MAX));
    let end = frame_up(film.settings.rate, clip.start + length).min(latest);
    Ok(vec![
        Command::LiftClips { clips: vec![id] },
        Command::OverwriteClip {
            track: clip.track,
            at: clip.start,
            source: ClipSource::Line { shot, line },
            source_in: Ticks::ZERO,
            length: end - clip.start,
        },
    ])
}

fn locked(name: &str) -> Trouble {
    Trouble::refuse(
        "track.locked",
        format!("The track “{name}” is locked, so nothing can be recorded onto it."),
        "Unlock the track and try again.",
    )
}

fn is_spoken(film: &Film, clip: &Clip) -> bool {
    let dialogue = film.tracks.get(clip.track).is_some_and(|track| track.kind == TrackKind::Dialogue);
    match clip.source {
        ClipSource::Line { .. } => true,
        ClipSource::Media(_) => dialogue || dubbed(film, clip).is_some(),
        _ => false,
    }
}

fn dubbed<'f>(film: &'f Film, clip: &Clip) -> Option<&'f Dubbed> {
    match clip.source {
        ClipSource::Media(media) => film.media.get(media)?.dubs.as_ref(),
        _ => None,
    }
}

/// The line of the script that is heard in a clip, and who says it.
fn line_of(film: &Film, clip: &Clip) -> Option<(Option<Dubbed>, String)> {
    let (shot, text) = match clip.source {
        ClipSource::Line { shot, line } => {
            (shot, film.shots.get(shot)?.dialogue.get(usize::try_from(line).ok()?)?.text.clone())
        }
        _ => dubbed(film, clip).map(|dubs| (dubs.shot, dubs.text.clone()))?,
    };
    let said = film.shots.get(shot).and_then(|found| found.dialogue.iter().find(|line| line.text == text));
    let character = said.map(|line| line.character.clone()).unwrap_or_default();
    Some((Some(Dubbed { shot, text }), character))
}

/// The words to say: of a line that goes on over a cut, all of them.
fn words_of(film: &Film, clip: &Clip) -> Option<String> {
    match clip.source {
        ClipSource::Line { shot, line } => Speeches::of(film).get(shot, line).map(|said| said.utterance.text.clone()),
        _ => dubbed(film, clip).map(|dubs| dubs.text.clone()),
    }
}

/// The next whole frame.
fn frame_up(rate: FrameRate, time: Ticks) -> Ticks {
    let frame = rate.frame_at(time);
    let start = rate.frame_start(frame);
    if start >= time { start } else { rate.frame_start(frame + 1) }
}
