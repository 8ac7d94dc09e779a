//! The script as shots, before they are given ids: breakdown, lengths, and the splitting of what is too long for one take.
//!
//! A shot longer than the engine's longest take becomes several (`script_parts.rs` says which). Only the draft engine's longest take is
//! known here (see [`assumed`]); shots for other engines stay whole, and their cards say when they are too long. Nothing here knows the
//! film's shots.

use crate::film::{DialogueLine, Settings};
use crate::limits;
use crate::recipe::assumed;
use crate::script_parts::{Part, Whole, parts};
use crate::time::{FrameRate, Ticks};
use kinora_screenplay::reconcile::DraftKey;
use kinora_screenplay::{
    Breakdown, ElementKind, Heading, SceneDraft, Screenplay, Setting, ShotDraft, ShotLength, ShotSize, TransitionCue,
    breakdown, parse,
};
use std::sync::Arc;

/// Kept of the words by which a shot is recognised.
const KEY_BYTES: usize = 1_000;
/// Between the parts of a fingerprint; cannot be typed into a script's words.
const SEPARATOR: char = '\u{1f}';

/// One shot as the script says it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Unit {
    pub key: DraftKey,
    /// Index into [`Reading::scenes`].
    pub scene: usize,
    pub line: u32,
    pub description: String,
    pub prompt: Option<String>,
    pub framing: String,
    pub camera: String,
    pub style: String,
    pub characters: Vec<String>,
    pub dialogue: Vec<DialogueLine>,
    pub length: Ticks,
    pub length_fixed: bool,
    pub seed: Option<u64>,
    pub engine: Option<String>,
    pub continues: bool,
    pub titles: Vec<String>,
    pub transition_in: Option<TransitionCue>,
    pub transition_out: Option<TransitionCue>,
}

/// A script, read for a film.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub title: Option<String>,
    pub scenes: Vec<SceneDraft>,
    pub units: Vec<Unit>,
    pub notes: Vec<kinora_screenplay::StudioNote>,
}

/// Scripts kept by [`ReadScripts`]: the film's and the one just planned, which is the film's next, or a refused one beside it.
const KEPT: usize = 2;

/// What was read of the last scripts, so that an edit reads only what is new to it.
///
/// Whoever plans many edits of one film hands the same value to each ([`crate::Command::plan_with`]). It decides nothing: a plan with
/// it and one without are the same, because it only ever holds what reading gives.
#[derive(Clone, Default)]
pub struct ReadScripts(Vec<Kept>);

#[derive(Clone)]
struct Kept {
    text: String,
    rate: FrameRate,
    engine: String,
    reading: Arc<Reading>,
}

impl std::fmt::Debug for ReadScripts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ReadScripts").field(&self.0.len()).finish()
    }
}

impl ReadScripts {
    pub(crate) fn read(&mut self, text: &str, settings: &Settings) -> Arc<Reading> {
        // Everything else of the settings is nothing to a reading.
        let same = |kept: &Kept| kept.rate == settings.rate && kept.engine == settings.engine && kept.text == text;
        if let Some(at) = self.0.iter().position(same) {
            let kept = self.0.remove(at);
            let reading = Arc::clone(&kept.reading);
            self.0.push(kept);
            return reading;
        }
        let reading = Arc::new(read(text, settings));
        if self.0.len() >= KEPT {
            self.0.remove(0);
        }
        self.0.push(Kept {
            text: text.to_owned(),
            rate: settings.rate,
            engine: settings.engine.clone(),
            reading: Arc::clone(&reading),
        });
        reading
    }
}

fn read(text: &str, settings: &Settings) -> Reading {
    let parsed = parse(text);
    let title = parsed.screenplay.title();
    let Breakdown { scenes, notes } = breakdown(&parsed.screenplay);
    let drafts = scenes.iter().flat_map(|scene| &scene.shots);
    let units = drafts.flat_map(|draft| units(draft, title_closes(&parsed.screenplay, draft), settings)).collect();
    Reading { title, scenes, units, notes }
}

/// Centred text stands after what the shot shows and says, as "THE END" does.
fn title_closes(screenplay: &Screenplay, draft: &ShotDraft) -> bool {
    let elements = screenplay.elements.get(draft.elements.clone()).unwrap_or_default();
    let after = elements.iter().skip_while(|e| !matches!(e.kind, ElementKind::Action | ElementKind::Dialogue));
    after.into_iter().any(|element| element.kind == ElementKind::Centered)
}

/// The longest shot of an engine, in whole frames of the film; None when not known here.
fn longest(engine: &str, rate: FrameRate) -> Option<i64> {
    (engine == "draft").then(|| rate.frame_at(assumed::longest()).max(1))
}

fn units(draft: &ShotDraft, title_closes: bool, settings: &Settings) -> Vec<Unit> {
    let note = draft.note.clone().unwrap_or_default();
    let rate = settings.rate;
    let wanted = match note.length {
        Some(ShotLength::Milliseconds(millis)) => rate.nearest_frame(Ticks::from_millis(i64::from(millis))),
        Some(ShotLength::Frames(frames)) => i64::from(frames),
        None => rate.nearest_frame(Ticks::from_millis(i64::from(draft.suggested_ms))),
    };
    let wanted = wanted.clamp(1, rate.frame_at(Ticks(limits::SHOT_TICKS)).max(1));
    let engine = note.engine.as_deref().unwrap_or(&settings.engine);
    let framing =
        [note.size.map(|size| size.word()), note.angle.map(|angle| angle.word()).filter(|word| *word != "eye level")];
    let description = clipped(&draft.description, limits::TEXT_BYTES);
    let dialogue: Vec<DialogueLine> = draft.dialogue.iter().take(limits::LINES_PER_SHOT).map(line).collect();
    let mut whole = Unit {
        key: DraftKey::default(),
        scene: draft.scene,
        line: draft.span.line.max(1),
        description: String::new(),
        prompt: note.prompt.as_deref().map(|text| clipped(text, limits::TEXT_BYTES)),
        framing: framing.into_iter().flatten().collect::<Vec<_>>().join(", "),
        camera: note.camera.map(|camera| camera.word().to_owned()).unwrap_or_default(),
        style: clipped(note.style.as_deref().unwrap_or_default(), limits::TEXT_BYTES),
        characters: draft
            .characters
            .iter()
            .take(limits::LINES_PER_SHOT)
            .map(|name| clipped(name, limits::NAME_BYTES))
            .collect(),
        dialogue: Vec::new(),
        length: Ticks::ZERO,
        length_fixed: note.length.is_some(),
        seed: note.seed,
        engine: note.engine.as_deref().map(|engine| clipped(engine, limits::NAME_BYTES)),
        continues: note.from_last,
        titles: draft.titles.iter().map(|title| clipped(title, limits::TEXT_BYTES)).collect(),
        transition_in: draft.transition_in.clone(),
        transition_out: draft.transition_out.clone(),
    };
    let parts = parts(&Whole {
        description: &description,
        dialogue: &dialogue,
        wanted,
        fixed: note.length.is_some(),
        rate,
        longest: longest(engine, rate),
    });
    let count = parts.len();
    parts
        .into_iter()
        .enumerate()
        .map(|(at, part)| {
            // The last, mostly the only one, needs no copy.
            let mut unit = if at + 1 < count { whole.clone() } else { std::mem::take(&mut whole) };
            unit.length = rate.frame_start(part.frames);
            unit.key = key_of(&draft.key, at);
            if part.of_speakers {
                look_at_speakers(&mut unit, &part);
            }
            unit.description = part.description;
            unit.dialogue = part.dialogue;
            if at > 0 {
                // A picture of its own begins anew; anything else goes on from the last frame.
                unit.continues = !part.of_speakers;
                unit.transition_in = None;
            }
            if at != if title_closes { count - 1 } else { 0 } {
                unit.titles.clear();
            }
            if at + 1 < count {
                unit.transition_out = None;
            }
            unit
        })
        .collect()
}

/// The framing of a reply: near for one, wider for several, and the camera rests.
fn look_at_speakers(unit: &mut Unit, part: &Part) {
    let mut speakers: Vec<String> = Vec::new();
    for line in part.dialogue.iter().filter(|line| !crate::prompt::is_off_screen(&line.extension)) {
        if !speakers.contains(&line.character) {
            speakers.push(line.character.clone());
        }
    }
    let size = if speakers.len() > 1 { ShotSize::Medium } else { ShotSize::MediumClose };
    unit.framing = size.word().to_owned();
    unit.camera.clear();
    unit.prompt = None;
    unit.characters = speakers;
}

/// The key of one part of a draft, cut to what is kept.
fn key_of(whole: &DraftKey, part: usize) -> DraftKey {
    let mark = if part == 0 { String::new() } else { format!(" part{}", part + 1) };
    DraftKey {
        id: whole.id.as_ref().map(|id| format!("{}{mark}", clipped(id, 64))),
        scene: clipped(&whole.scene, KEY_BYTES),
        speaker: clipped(&whole.speaker, KEY_BYTES),
        text: format!("{}{mark}", clipped(&whole.text, KEY_BYTES)),
    }
}

/// A key as it is kept with a shot.
pub(crate) fn fingerprint(key: &DraftKey) -> String {
    let parts = [key.id.as_deref().unwrap_or_default(), &key.scene, &key.speaker, &key.text];
    let mut whole = String::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            whole.push(SEPARATOR);
        }
        match part.contains(SEPARATOR) {
            true => whole.push_str(&part.replace(SEPARATOR, " ")),
            false => whole.push_str(part),
        }
    }
    whole
}

/// False for shots made by hand.
pub(crate) fn is_from_script(fingerprint: &str) -> bool {
    fingerprint.matches(SEPARATOR).count() >= 3
}

/// The key that a shot was kept with; None for shots made by hand.
pub(crate) fn kept_key(fingerprint: &str) -> Option<DraftKey> {
    let mut parts = fingerprint.split(SEPARATOR).map(str::to_owned);
    let id = parts.next().filter(|id| !id.is_empty());
    Some(DraftKey { id, scene: parts.next()?, speaker: parts.next()?, text: parts.next()? })
}

fn line(line: &kinora_screenplay::DialogueLine) -> DialogueLine {
    DialogueLine {
        character: clipped(&line.character, limits::NAME_BYTES),
        extension: clipped(line.extension.as_deref().unwrap_or_default(), limits::NAME_BYTES),
        parenthetical: clipped(line.parenthetical.as_deref().unwrap_or_default(), limits::TEXT_BYTES),
        text: clipped(&line.text, limits::TEXT_BYTES),
    }
}

/// "interior", "exterior", "both" or empty.
pub(crate) fn setting_word(heading: &Heading) -> &'static str {
    match heading.setting {
        Some(Setting::Interior) => "interior",
        Some(Setting::Exterior | Setting::Establishing) => "exterior",
        Some(Setting::InteriorAndExterior) => "both",
        None => "",
    }
}

/// At most so many bytes, cut between letters.
pub(crate) fn clipped(text: &str, bytes: usize) -> String {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_gives_its_key_back() {
        let key =
            DraftKey { id: Some("7Q".into()), scene: "beach".into(), speaker: String::new(), text: "a ball".into() };
        assert!(is_from_script(&fingerprint(&key)) && !is_from_script(""));
        assert_eq!(kept_key(&fingerprint(&key)), Some(key));
        assert_eq!(kept_key(""), None);
        let odd = DraftKey { text: format!("a{SEPARATOR}b"), ..DraftKey::default() };
        assert_eq!(kept_key(&fingerprint(&odd)).map(|key| key.text), Some("a b".to_owned()));
    }
}
