//! What is said aloud: the lines of the film as utterances, and what was spoken for them already.
//!
//! An [`Utterance`] is everything that decides how a line sounds, so an unchanged line is never spoken twice. A line that was shared out
//! over shots that continue each other is one utterance and runs over the cut. It never speaks: a voice does that, and what it
//! spoke comes back as a file with a [`Speech`].

use crate::casting::{Casting, delivered, is_distant};
use crate::command::Command;
use crate::film::{CastMember, DialogueLine, Film, Media, Shot};
use crate::id::ShotId;
use crate::limits;
use crate::time::Ticks;
use kinora_screenplay::dialogue::{LEAD_MILLISECONDS, TAIL_MILLISECONDS, spoken_ms};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Between two lines of a shot.
const GAP: Ticks = Ticks::from_millis(200);
const LEAD: Ticks = Ticks::from_millis(LEAD_MILLISECONDS as i64);
const TAIL: Ticks = Ticks::from_millis(TAIL_MILLISECONDS as i64);

/// Everything that decides how words sound.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Utterance {
    pub text: String,
    /// A language as the web writes it: "en-US".
    pub language: String,
    /// Different numbers are different people, where a voice has several.
    pub speaker: u32,
    /// Mean fundamental frequency in hertz.
    pub pitch_hertz: u32,
    /// Formants against those of the voice: below 1000 is a larger body.
    pub timbre_permille: u32,
    pub rate_permille: u32,
    pub gain_millibels: i32,
}

impl Utterance {
    /// The words as [`Speech::words`] counts them.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.text.split_whitespace()
    }
}

/// What a voice made of an utterance; the sound itself is the file it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speech {
    pub utterance: Utterance,
    /// Name of the voice that spoke.
    pub voice: String,
    /// One for each word of [`Utterance::words`], in time of the file.
    pub words: Vec<SpokenWord>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpokenWord {
    pub start: Ticks,
    pub end: Ticks,
}

/// A line of dialogue: its shot, and its place among the shot's lines.
pub type LineKey = (ShotId, u32);

/// One utterance of the film, where it begins.
#[derive(Clone, Debug)]
pub struct Said<'a> {
    pub utterance: Utterance,
    /// What was spoken for it; None before a voice did.
    pub spoken: Option<&'a Media>,
    /// Measured when it was spoken, else what the words are budgeted with.
    pub length: Ticks,
}

impl Said<'_> {
    fn words(&self) -> &[SpokenWord] {
        self.spoken.and_then(|media| media.speech.as_deref()).map_or(&[], |speech| &speech.words)
    }
}

/// A line, or its share of an utterance that began in a shot before.
#[derive(Clone, Copy, Debug)]
struct Share {
    head: LineKey,
    first: usize,
    count: usize,
    continues: bool,
}

/// A line's place within its shot. It may end later than the shot does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: u32,
    pub start: Ticks,
    pub length: Ticks,
    /// True for the second half of an utterance: nothing begins here.
    pub continues: bool,
}

/// A shot that is too short for what is said in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrun {
    /// How much the words alone are longer than the shot.
    pub by: Ticks,
    /// The length at which they fit with a breath before and after.
    pub fitting: Ticks,
    /// False while some of it is still an estimate from the words.
    pub measured: bool,
}

impl Overrun {
    pub fn sentence(self) -> String {
        let tenths = |time: Ticks| {
            let tenths = (time.to_millis() + 99) / 100;
            format!("{}.{}", tenths / 10, tenths % 10)
        };
        let about = if self.measured { "" } else { "about " };
        format!(
            "What is said here takes {about}{} s longer than the shot and goes on over the next one; {} s would fit.",
            tenths(self.by),
            tenths(self.fitting)
        )
    }
}

/// Something to do about it: words for a button, and the command behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remedy {
    pub label: String,
    pub command: Command,
}

/// What can be done about a shot that is too short for what is said in it.
pub fn remedies(shot: &Shot, overrun: Overrun) -> Vec<Remedy> {
    let longer = Shot { length: overrun.fitting.min(Ticks(limits::SHOT_TICKS)), ..shot.clone() };
    vec![
        Remedy { label: "Make the shot longer".to_owned(), command: Command::SetShot { shot: Box::new(longer) } },
        Remedy { label: "Split the shot".to_owned(), command: Command::SplitShot { shot: shot.id } },
    ]
}

/// All lines of a film with what was spoken for them. Made once per state of the film, then asked.
#[derive(Clone, Debug, Default)]
pub struct Speeches<'a> {
    said: BTreeMap<LineKey, Said<'a>>,
    shares: BTreeMap<LineKey, Share>,
    lines: BTreeMap<ShotId, u32>,
}

impl<'a> Speeches<'a> {
    pub fn of(film: &'a Film) -> Self {
        Self::new(film.shots.iter(), film.cast.iter(), film.media.iter())
    }

    /// `shots` in story order.
    pub(crate) fn new<'s>(
        shots: impl Iterator<Item = &'s Shot>,
        cast: impl Iterator<Item = &'s CastMember>,
        media: impl Iterator<Item = &'a Media>,
    ) -> Self {
        let shots: Vec<&Shot> = shots.collect();
        let speaking = shots.iter().flat_map(|shot| &shot.dialogue).filter(|line| is_spoken(&line.text));
        let casting = Casting::new(speaking.map(|line| line.character.as_str()), cast);
        let spoken: BTreeMap<&Utterance, &'a Media> =
            media.filter_map(|media| Some((&media.speech.as_deref()?.utterance, media))).collect();
        let mut found = Self::default();
        let mut open: Option<LineKey> = None;
        let mut texts: BTreeMap<LineKey, (String, &DialogueLine)> = BTreeMap::new();
        for (at, shot) in shots.iter().enumerate() {
            let mut last = open.take();
            found.lines.insert(shot.id, u32::try_from(shot.dialogue.len()).unwrap_or(u32::MAX));
            for (number, line) in (0u32..).zip(&shot.dialogue).filter(|(_, line)| is_spoken(&line.text)) {
                let count = line.text.split_whitespace().count();
                let key = (shot.id, number);
                let joined = last.take().and_then(|head| Some((head, texts.get_mut(&head)?)));
                let share = match joined {
                    Some((head, (text, _))) => {
                        let first = text.split_whitespace().count();
                        text.push(' ');
                        text.push_str(&line.text);
                        Share { head, first, count, continues: true }
                    }
                    None => {
                        texts.insert(key, (line.text.clone(), line));
                        Share { head: key, first: 0, count, continues: false }
                    }
                };
                found.shares.insert(key, share);
                let ends_shot = number as usize + 1 == shot.dialogue.len();
                let next = shots.get(at + 1).filter(|next| ends_shot && next.continues);
                let goes_on = next.and_then(|next| next.dialogue.first()).is_some_and(|next| {
                    let size = texts.get(&share.head).map_or(0, |(text, _)| text.len());
                    goes_on(line, next) && size + next.text.len() < limits::TEXT_BYTES
                });
                if goes_on {
                    open = Some(share.head);
                }
            }
        }
        for (key, (text, line)) in texts {
            let utterance = utterance(&casting, line, &text);
            let spoken = spoken.get(&utterance).copied();
            let estimate = Ticks::from_millis(i64::from(spoken_ms(&text)) * 1000 / i64::from(utterance.rate_permille));
            let length = spoken.map_or(estimate, |media| media.length);
            found.said.insert(key, Said { utterance, spoken, length });
        }
        found
    }

    /// Every utterance, by shot and line of its beginning.
    pub fn iter(&self) -> impl Iterator<Item = (LineKey, &Said<'a>)> {
        self.said.iter().map(|(key, said)| (*key, said))
    }

    /// The utterance that begins with this line.
    pub fn get(&self, shot: ShotId, line: u32) -> Option<&Said<'a>> {
        self.said.get(&(shot, line))
    }

    /// Where in the utterance a line's words are: the line it begins with, and the number of its first word.
    pub(crate) fn head(&self, shot: ShotId, line: u32) -> Option<(LineKey, usize)> {
        self.shares.get(&(shot, line)).map(|share| (share.head, share.first))
    }

    /// Start and end of words `first … first + count` in time of their utterance; None before it is spoken.
    pub(crate) fn word_times(&self, head: LineKey, first: usize, count: usize) -> Option<(Ticks, Ticks)> {
        let words = self.said.get(&head)?.words().get(first..first + count.max(1))?;
        Some((words.first()?.start, words.last()?.end))
    }

    /// How long the part of an utterance takes that belongs to one line.
    fn share_length(&self, share: Share) -> Ticks {
        let Some(said) = self.said.get(&share.head) else { return Ticks::ZERO };
        let total = said.utterance.words().count().max(1);
        if share.count >= total {
            return said.length;
        }
        if let Some((start, end)) = self.word_times(share.head, share.first, share.count) {
            return end - start;
        }
        Ticks((i128::from(said.length.0) * share.count as i128 / total as i128) as i64)
    }

    /// Where each line of a shot is: a breath, then one line after another, with pauses that shrink before anything overruns.
    pub fn places(&self, shot: ShotId, length: Ticks) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        let mut pauses: Vec<Ticks> = Vec::new();
        let mut words = Ticks::ZERO;
        for line in 0..self.lines.get(&shot).copied().unwrap_or(0) {
            let Some(share) = self.shares.get(&(shot, line)).copied() else { continue };
            let length = self.share_length(share);
            pauses.push(match (share.continues, places.is_empty()) {
                (true, _) => Ticks::ZERO,
                (false, true) => LEAD,
                (false, false) => GAP,
            });
            places.push(Place { line, start: Ticks::ZERO, length, continues: share.continues });
            words += length;
        }
        let wanted = pauses.iter().fold(TAIL, |sum, pause| sum + *pause);
        let room = (length - words).max(Ticks::ZERO).min(wanted);
        let shrunk =
            |pause: Ticks| Ticks((i128::from(pause.0) * i128::from(room.0) / i128::from(wanted.0.max(1))) as i64);
        let mut at = Ticks::ZERO;
        for (place, pause) in places.iter_mut().zip(pauses) {
            place.start = at + shrunk(pause);
            at = place.start + place.length;
        }
        places
    }

    /// Whether the shot is too short for its lines, and by how much.
    pub fn overrun(&self, shot: &Shot) -> Option<Overrun> {
        let places = self.places(shot.id, shot.length);
        let words = places.iter().fold(Ticks::ZERO, |sum, place| sum + place.length);
        let by = words - shot.length;
        if places.is_empty() || by <= Ticks::ZERO {
            return None;
        }
        let heads: BTreeSet<LineKey> =
            places.iter().filter_map(|place| self.head(shot.id, place.line)).map(|(head, _)| head).collect();
        let measured = heads.iter().all(|head| self.said.get(head).is_some_and(|said| said.spoken.is_some()));
        let gaps = Ticks(GAP.0 * i64::try_from(places.len() - 1).unwrap_or(0));
        Some(Overrun { by, fitting: LEAD + words + gaps + TAIL, measured })
    }
}

/// Marks alone are not spoken.
fn is_spoken(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// Whether the next shot's first line is the rest of this sentence.
fn goes_on(line: &DialogueLine, next: &DialogueLine) -> bool {
    let closed = line.text.trim_end_matches(['"', '”', '’', '\'', ')', ' ']);
    let same = (&line.character, &line.extension, &line.parenthetical)
        == (&next.character, &next.extension, &next.parenthetical);
    same && is_spoken(&next.text) && !closed.ends_with(['.', '!', '?', '…', '—', '–', '-', '。', '！', '？'])
}

fn utterance(casting: &Casting, line: &DialogueLine, text: &str) -> Utterance {
    let person = casting.person(&line.character);
    let how = delivered(&line.parenthetical);
    let of = |value: u32, permille: u32| value * permille / 1000;
    let distance = if is_distant(&line.extension) { -300 } else { 0 };
    Utterance {
        text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        language: how.language.unwrap_or(person.language).to_owned(),
        speaker: person.speaker,
        pitch_hertz: of(person.pitch_hertz, how.pitch_permille),
        timbre_permille: person.timbre_permille,
        rate_permille: of(person.rate_permille, how.rate_permille),
        gain_millibels: how.gain_millibels + distance,
    }
}
