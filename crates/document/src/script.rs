//! The script as shots, before they are given ids: breakdown, lengths, and the splitting of what is too long for one take.
//!
//! A shot longer than the engine's longest take becomes several that continue each other, with sentences and spoken words shared out
//! by time, so that nothing is lost. Only the draft engine's longest take is known here (see [`assumed`]); shots for other engines
//! stay whole, and their cards say when they are too long. Nothing here knows the film's shots.

use crate::film::{DialogueLine, Settings};
use crate::limits;
use crate::recipe::assumed;
use crate::time::{FrameRate, Ticks};
use kinora_screenplay::reconcile::DraftKey;
use kinora_screenplay::{
    Breakdown, Heading, SceneDraft, Setting, ShotDraft, ShotLength, TransitionCue, breakdown, parse,
};

/// Kept of the words by which a shot is recognised.
const KEY_BYTES: usize = 1_000;
/// Between the parts of a fingerprint; cannot be typed into a script's words.
const SEPARATOR: char = '\u{1f}';

/// One shot as the script says it.
#[derive(Clone, Debug, PartialEq)]
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

pub(crate) fn read(text: &str, settings: &Settings) -> Reading {
    let parsed = parse(text);
    let title = parsed.screenplay.title();
    let Breakdown { scenes, notes } = breakdown(&parsed.screenplay);
    let units = scenes.iter().flat_map(|scene| &scene.shots).flat_map(|draft| units(draft, settings)).collect();
    Reading { title, scenes, units, notes }
}

/// The longest shot of an engine, in whole frames of the film; None when not known here.
fn longest(engine: &str, rate: FrameRate) -> Option<i64> {
    (engine == "draft").then(|| rate.frame_at(assumed::longest()).max(1))
}

fn units(draft: &ShotDraft, settings: &Settings) -> Vec<Unit> {
    let note = draft.note.clone().unwrap_or_default();
    let rate = settings.rate;
    let wanted = match note.length {
        Some(ShotLength::Milliseconds(millis)) => rate.nearest_frame(Ticks::from_millis(i64::from(millis))),
        Some(ShotLength::Frames(frames)) => i64::from(frames),
        None => rate.nearest_frame(Ticks::from_millis(i64::from(draft.suggested_ms))),
    };
    let wanted = wanted.clamp(1, rate.frame_at(Ticks(limits::SHOT_TICKS)).max(1));
    let engine = note.engine.as_deref().unwrap_or(&settings.engine);
    let parts = longest(engine, rate).map_or(1, |longest| (wanted + longest - 1) / longest).max(1);
    let count = usize::try_from(parts).unwrap_or(1);
    let framing =
        [note.size.map(|size| size.word()), note.angle.map(|angle| angle.word()).filter(|word| *word != "eye level")];
    let description = clipped(&draft.description, limits::TEXT_BYTES);
    let dialogue: Vec<DialogueLine> = draft.dialogue.iter().take(limits::LINES_PER_SHOT).map(line).collect();
    let whole = Unit {
        key: draft.key.clone(),
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
    let shares = share_sentences(&description, count).into_iter().zip(share_dialogue(&dialogue, count));
    shares
        .enumerate()
        .map(|(part, (description, dialogue))| {
            let (number, mut unit) = (i64::try_from(part).unwrap_or(0), whole.clone());
            let frames = wanted / parts + i64::from(number < wanted % parts);
            unit.length = rate.frame_start(frames.max(1));
            unit.description = description;
            unit.dialogue = dialogue;
            unit.key = key_of(&whole.key, part);
            if part > 0 {
                unit.continues = true;
                unit.transition_in = None;
                unit.titles.clear();
            }
            if part + 1 < count {
                unit.transition_out = None;
            }
            unit
        })
        .collect()
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
    parts.map(|part| part.replace(SEPARATOR, " ")).join(&SEPARATOR.to_string())
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

/// Sentences in `parts` shares of about equal length; with fewer sentences than parts each share is the whole text.
pub(crate) fn share_sentences(text: &str, parts: usize) -> Vec<String> {
    let mut sentences: Vec<&str> = Vec::new();
    let mut start = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let ends = matches!(letter, '.' | '!' | '?' | '…' | '\n');
        let before_space = letters.peek().is_none_or(|(_, next)| next.is_whitespace());
        if ends && before_space {
            sentences.extend(text.get(start..at + letter.len_utf8()));
            start = at + letter.len_utf8();
        }
    }
    sentences.extend(text.get(start..));
    if parts < 2 {
        return vec![text.to_owned()];
    }
    let mut groups: Vec<String> = Vec::new();
    for sentence in sentences.into_iter().map(str::trim).filter(|sentence| !sentence.is_empty()) {
        match groups.last_mut() {
            Some(group) if leans_back(sentence) => {
                group.push(' ');
                group.push_str(sentence);
            }
            _ => groups.push(sentence.to_owned()),
        }
    }
    let sentences = groups;
    if sentences.len() < parts {
        return vec![text.to_owned(); parts];
    }
    let mut shares: Vec<Vec<String>> = vec![Vec::new(); parts];
    let total = sentences.iter().map(String::len).sum::<usize>().max(1);
    let (mut passed, mut share) = (0, 0);
    let count = sentences.len();
    for (at, sentence) in sentences.into_iter().enumerate() {
        let middle = (passed + sentence.len() / 2) * parts / total;
        // Every share gets at least one sentence.
        let lowest = (at + parts).saturating_sub(count);
        let wanted = middle.min(at).max(lowest).clamp(share, (share + 1).min(parts - 1));
        share = if shares.get(share).is_some_and(Vec::is_empty) { share } else { wanted };
        passed += sentence.len();
        if let Some(share) = shares.get_mut(share) {
            share.push(sentence);
        }
    }
    shares.into_iter().map(|share| share.join(" ")).collect()
}

/// "It glows." means nothing to a picture without the sentence before it.
fn leans_back(sentence: &str) -> bool {
    let first = sentence.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    matches!(
        first.as_str(),
        "it" | "he"
            | "she"
            | "they"
            | "its"
            | "his"
            | "her"
            | "their"
            | "this"
            | "that"
            | "these"
            | "those"
            | "then"
            | "there"
            | "both"
            | "nobody"
            | "everybody"
            | "nothing"
            | "everything"
            | "and"
            | "but"
            | "so"
            | "for"
    )
}

/// Spoken words in `parts` shares of about equal time; a line may go on in the next share, if it can where the speaker breathes.
pub(crate) fn share_dialogue(lines: &[DialogueLine], parts: usize) -> Vec<Vec<DialogueLine>> {
    if parts < 2 {
        return vec![lines.to_vec()];
    }
    let words: Vec<(usize, &str)> = lines
        .iter()
        .enumerate()
        .flat_map(|(at, line)| line.text.split_whitespace().map(move |word| (at, word)))
        .collect();
    // Where each share ends: at a breath near the even place, or there.
    let breath = |end: usize| -> bool {
        let last = end.checked_sub(1).and_then(|at| words.get(at));
        let goes_on = words.get(end).map(|(line, _)| *line) == last.map(|(line, _)| *line);
        last.is_some_and(|(_, word)| !goes_on || word.ends_with([',', '.', '!', '?', ';', ':', '…', '—']))
    };
    let mut ends: Vec<usize> = (1..parts)
        .map(|part| {
            let even = words.len() * part / parts;
            let near = [0, 1, -1, 2, -2].into_iter().filter(|by: &isize| by.unsigned_abs() * 2 <= words.len() / parts);
            near.filter_map(|by| even.checked_add_signed(by)).find(|end| breath(*end)).unwrap_or(even)
        })
        .collect();
    ends.push(words.len());
    let (mut shares, mut start) = (Vec::with_capacity(parts), 0);
    for end in ends {
        let end = end.max(start);
        let mut share: Vec<DialogueLine> = Vec::new();
        let mut open = None;
        for (at, word) in words.get(start..end).unwrap_or_default() {
            match share.last_mut() {
                Some(line) if open == Some(*at) => {
                    line.text.push(' ');
                    line.text.push_str(word);
                }
                _ => share.extend(lines.get(*at).map(|line| DialogueLine { text: (*word).to_owned(), ..line.clone() })),
            }
            open = Some(*at);
        }
        shares.push(share);
        start = end;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sharing_loses_no_sentence() {
        let text = "One. Two is a longer sentence. Three! Four? Five.";
        for parts in 1..=5 {
            let shares = share_sentences(text, parts);
            assert_eq!(shares.len(), parts);
            assert_eq!(shares.join(" "), text);
            assert!(shares.iter().all(|share| !share.is_empty()), "{shares:?}");
        }
        assert_eq!(share_sentences("One.", 3), ["One.", "One.", "One."]);
        assert_eq!(share_sentences("A star. It glows. A fish.", 2), ["A star. It glows.", "A fish."]);
    }

    #[test]
    fn sharing_loses_no_word_of_dialogue() {
        let line = |text: &str| DialogueLine {
            character: "MARA".to_owned(),
            extension: String::new(),
            parenthetical: String::new(),
            text: text.to_owned(),
        };
        let shares = share_dialogue(&[line("one two three four"), line("five six")], 3);
        let words: Vec<String> = shares.iter().flatten().map(|line| line.text.clone()).collect();
        assert_eq!(words, ["one two", "three four", "five six"]);
        let shares = share_dialogue(&[line("Now, horses cannot fly. Everybody knows that.")], 2);
        let words: Vec<String> = shares.iter().flatten().map(|line| line.text.clone()).collect();
        assert_eq!(words, ["Now, horses cannot fly.", "Everybody knows that."]);
    }

    #[test]
    fn a_fingerprint_gives_its_key_back() {
        let key =
            DraftKey { id: Some("7Q".into()), scene: "beach".into(), speaker: String::new(), text: "a ball".into() };
        assert_eq!(kept_key(&fingerprint(&key)), Some(key));
        assert_eq!(kept_key(""), None);
    }
}
