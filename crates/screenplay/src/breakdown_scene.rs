//! Reads one scene into shots: notes start them where there are any, the rule where there are none.
//!
//! A shot note on its own line, or at the start of a paragraph, covers what follows; at the end of a paragraph it
//! is about that paragraph; in the middle it starts a new shot from there. This file decides only where shots
//! begin and what words belong to them; times and keys are worked out in `breakdown.rs`.

use std::ops::Range;

use crate::breakdown::{MAX_JOINED_SPEECH_MILLISECONDS, SceneDraft, ShotDraft, TransitionCue};
use crate::dialogue::{self, DialogueLine};
use crate::emphasis;
use crate::heading::Heading;
use crate::shot_note::ShotNote;
use crate::tree::{Element, ElementKind, Insert, InsertKind, Screenplay, Span};

#[derive(Debug)]
pub(crate) struct SceneReader<'a> {
    elements: &'a [Element],
    scene: SceneDraft,
    index: usize,
    heading: Heading,
    /// The last shot was started by a note, so everything goes into it until the next note.
    by_note: bool,
    transition: Option<TransitionCue>,
    titles: Vec<String>,
    speech: Speech,
}

/// What the cue and parentheticals above say about the next line of dialogue.
#[derive(Debug, Default)]
struct Speech {
    character: String,
    extension: Option<String>,
    parenthetical: Option<String>,
    dual: bool,
    /// The cue has not been followed by a line yet.
    fresh: bool,
    start: usize,
}

impl<'a> SceneReader<'a> {
    pub(crate) fn new(
        screenplay: &'a Screenplay,
        index: usize,
        range: Range<usize>,
        transition: Option<TransitionCue>,
    ) -> Self {
        let elements = screenplay.elements.as_slice();
        let first = elements.get(range.start);
        let heading = first.filter(|element| element.kind == ElementKind::SceneHeading);
        let parsed = heading.map(|element| Heading::parse(&element.text));
        let scene = SceneDraft {
            heading: parsed.clone(),
            scene_number: heading.and_then(|element| element.scene_number.clone()),
            elements: range,
            span: first.map(|element| element.span).unwrap_or_default(),
            ..SceneDraft::default()
        };
        let heading = parsed.unwrap_or_default();
        SceneReader {
            elements,
            scene,
            index,
            heading,
            by_note: false,
            transition,
            titles: Vec::new(),
            speech: Speech::default(),
        }
    }

    /// The scene, and a transition at its end that belongs to the next.
    pub(crate) fn read(mut self) -> (SceneDraft, Option<TransitionCue>) {
        for at in self.scene.elements.clone() {
            if let Some(element) = self.elements.get(at) {
                self.take(at, element);
            }
        }
        if self.scene.shots.is_empty() && (self.scene.heading.is_some() || !self.titles.is_empty()) {
            // A heading alone is a place we look at; a title alone is shown over black.
            let (start, span) = (self.scene.elements.start, self.scene.span);
            self.start(start, span, None);
        }
        let end = self.scene.elements.end;
        let starts: Vec<usize> = self.scene.shots.iter().skip(1).map(|shot| shot.elements.start).chain([end]).collect();
        for (shot, next) in self.scene.shots.iter_mut().zip(starts) {
            shot.elements.end = next.max(shot.elements.start);
        }
        if let Some(shot) = self.scene.shots.last_mut() {
            shot.titles.append(&mut self.titles);
        }
        (self.scene, self.transition)
    }

    fn take(&mut self, at: usize, element: &Element) {
        match element.kind {
            ElementKind::Note => {
                if let Some((note, _)) = ShotNote::parse(&element.text) {
                    self.start(at, element.span, Some((note, element.span)));
                }
            }
            ElementKind::Action => self.take_action(at, element),
            ElementKind::Lyrics if self.speech.character.is_empty() => self.take_action(at, element),
            ElementKind::Transition => self.take_transition(TransitionCue::parse(&element.plain())),
            ElementKind::Centered => self.take_title(element),
            ElementKind::Synopsis => {
                let synopsis = self.scene.synopsis.get_or_insert_default();
                synopsis.push_str(if synopsis.is_empty() { "" } else { " " });
                synopsis.push_str(&element.plain());
            }
            ElementKind::Character => {
                let (character, extension) = dialogue::split_cue(&element.text);
                let speech =
                    Speech { character, extension, dual: element.dual, fresh: true, start: at, ..Speech::default() };
                self.speech = speech;
            }
            ElementKind::Parenthetical => {
                let text = element.plain();
                self.speech.parenthetical = Some(text.trim_matches(['(', ')']).trim().to_owned());
            }
            ElementKind::Dialogue | ElementKind::Lyrics => {}
            ElementKind::SceneHeading | ElementKind::Section | ElementKind::Boneyard | ElementKind::PageBreak => {}
        }
        if !matches!(
            element.kind,
            ElementKind::Character
                | ElementKind::Parenthetical
                | ElementKind::Dialogue
                | ElementKind::Lyrics
                | ElementKind::Note
                | ElementKind::Boneyard
        ) {
            self.speech = Speech::default();
        }
        if element.kind != ElementKind::Action {
            for (_, note, span) in shot_notes(element) {
                let from = if self.speech.character.is_empty() { at } else { self.speech.start };
                self.start(from, element.span, Some((note, span)));
            }
        }
        if matches!(element.kind, ElementKind::Dialogue)
            || element.kind == ElementKind::Lyrics && !self.speech.character.is_empty()
        {
            self.take_line(element);
        }
    }

    fn take_action(&mut self, at: usize, element: &Element) {
        if let Some(cue) = TransitionCue::from_action(element.text.trim()) {
            return self.take_transition(cue);
        }
        let notes = shot_notes(element);
        let rest_is_blank = |from: usize| element.text.get(from..).is_none_or(|rest| rest.trim().is_empty());
        if let [(offset, note, span)] = notes.as_slice()
            && rest_is_blank(*offset)
        {
            self.start(at, element.span, Some((note.clone(), *span)));
            return self.describe(&element.text);
        }
        let mut from = 0;
        for (offset, note, span) in notes {
            let before = element.text.get(from..offset).unwrap_or_default();
            if !before.trim().is_empty() {
                self.describe_by_rule(at, element, before);
            }
            self.start(at, element.span, Some((note, span)));
            from = offset;
        }
        let after = element.text.get(from..).unwrap_or_default();
        if !after.trim().is_empty() {
            self.describe_by_rule(at, element, after);
        }
    }

    fn describe_by_rule(&mut self, at: usize, element: &Element, text: &str) {
        if !self.by_note {
            self.start(at, element.span, None);
        }
        self.describe(text);
    }

    fn describe(&mut self, text: &str) {
        let words = emphasis::plain(text).split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(shot) = self.scene.shots.last_mut() {
            if !shot.description.is_empty() {
                shot.description.push('\n');
            }
            shot.description.push_str(&words);
        }
    }

    fn take_line(&mut self, element: &Element) {
        let text = element.plain().split_whitespace().collect::<Vec<_>>().join(" ");
        let parenthetical = self.speech.parenthetical.take();
        let line = DialogueLine {
            spoken_ms: dialogue::spoken_ms(&text),
            language: parenthetical.as_deref().and_then(dialogue::language),
            character: self.speech.character.clone(),
            extension: self.speech.extension.clone(),
            parenthetical,
            text,
            sung: element.kind == ElementKind::Lyrics,
            dual: self.speech.dual && self.speech.fresh,
        };
        let goes_on = !self.speech.fresh || line.dual || self.by_note || self.same_speaker(&line);
        if !goes_on || self.scene.shots.is_empty() {
            let start = self.speech.start;
            let span = self.elements.get(start).map_or(element.span, |cue| cue.span);
            self.start(start, span, None);
        }
        self.speech.fresh = false;
        if let Some(shot) = self.scene.shots.last_mut() {
            shot.dialogue.push(line);
        }
    }

    /// The shot so far is this speaker's, with nothing but their words, and has room for the line.
    fn same_speaker(&self, line: &DialogueLine) -> bool {
        let Some(shot) = self.scene.shots.last() else { return false };
        let same = shot
            .dialogue
            .last()
            .is_some_and(|last| last.character == line.character && last.extension == line.extension);
        let before = dialogue::needed_ms(&shot.dialogue);
        same && before.saturating_add(line.spoken_ms) <= MAX_JOINED_SPEECH_MILLISECONDS
    }

    fn take_transition(&mut self, cue: TransitionCue) {
        match self.scene.shots.last_mut().filter(|_| cue.closes()) {
            Some(shot) => shot.transition_out = Some(cue),
            None => self.transition = Some(cue),
        }
        self.by_note = false;
    }

    fn take_title(&mut self, element: &Element) {
        let text = element.plain();
        match self.scene.shots.last_mut() {
            Some(shot) => shot.titles.push(text),
            None => self.titles.push(text),
        }
    }

    fn start(&mut self, at: usize, span: Span, note: Option<(ShotNote, Span)>) {
        self.by_note = note.is_some();
        let (note, note_span) = note.unzip();
        self.scene.shots.push(ShotDraft {
            scene: self.index,
            elements: at..at + 1,
            heading: self.heading.clone(),
            note,
            note_span,
            span,
            titles: std::mem::take(&mut self.titles),
            transition_in: self.transition.take(),
            ..ShotDraft::default()
        });
    }
}

/// The shot notes inside an element, with their offsets.
fn shot_notes(element: &Element) -> Vec<(usize, ShotNote, Span)> {
    let notes = element.inserts.iter().filter(|insert| insert.kind == InsertKind::Note);
    notes
        .filter_map(|insert: &Insert| ShotNote::parse(&insert.text).map(|(note, _)| (insert.at, note, insert.span)))
        .collect()
}
