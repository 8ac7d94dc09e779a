//! Breaks a script into shots: what each one shows, who speaks in it, and how long it needs.
//!
//! A shot note starts a shot that covers what follows it. Where a scene has no shot notes it is broken by rule: an
//! action paragraph is a shot, and so is each change of speaker. Drafts are views of the script: they hold no
//! ids of their own, but a key by which `reconcile` finds the same shot after an edit. Times are whole milliseconds.

use std::collections::HashSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::breakdown_scene::SceneReader;
use crate::dialogue::{self, DialogueLine};
use crate::heading::Heading;
use crate::mentions::Cast;
use crate::reconcile::{DraftKey, normalised};
use crate::shot_note::ShotNote;
use crate::studio_note::StudioNote;
use crate::tree::{Element, ElementKind, InsertKind, Screenplay, Span};

/// No shot is suggested shorter than this.
pub const MIN_SHOT_MILLISECONDS: u32 = 2_000;
/// What a picture needs before anything happens in it.
pub const ACTION_BASE_MILLISECONDS: u32 = 1_000;
/// What each word of action adds.
pub const ACTION_MILLISECONDS_PER_WORD: u32 = 250;
/// Action alone is never suggested longer than this.
pub const MAX_ACTION_MILLISECONDS: u32 = 10_000;
/// Lines of one speaker stay in one shot up to this length.
pub const MAX_JOINED_SPEECH_MILLISECONDS: u32 = 8_000;

/// The whole script, scene by scene, and what holds for the whole film.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakdown {
    pub scenes: Vec<SceneDraft>,
    /// `[[cast: …]]`, `[[place: …]]` and `[[style: …]]` notes, in order.
    pub notes: Vec<StudioNote>,
}

impl Breakdown {
    /// All shots in story order.
    pub fn shots(&self) -> impl Iterator<Item = &ShotDraft> {
        self.scenes.iter().flat_map(|scene| &scene.shots)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SceneDraft {
    /// `None` for what stands before the first heading.
    pub heading: Option<Heading>,
    pub scene_number: Option<String>,
    /// Indices into [`Screenplay::elements`], heading included.
    pub elements: Range<usize>,
    /// Synopses in the scene, joined by spaces.
    pub synopsis: Option<String>,
    pub shots: Vec<ShotDraft>,
    #[serde(skip)]
    pub span: Span,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShotDraft {
    /// Index into [`Breakdown::scenes`].
    pub scene: usize,
    /// Indices into [`Screenplay::elements`]: what this shot covers, its own note included.
    pub elements: Range<usize>,
    pub heading: Heading,
    pub note: Option<ShotNote>,
    /// Where the note stands in the source, brackets included, for writing it back.
    #[serde(skip)]
    pub note_span: Option<Span>,
    /// Where the shot begins in the source.
    #[serde(skip)]
    pub span: Span,
    /// The action, without emphasis marks, paragraphs joined by `\n`.
    pub description: String,
    /// Centred text shown over the shot.
    pub titles: Vec<String>,
    pub dialogue: Vec<DialogueLine>,
    /// Who is seen: names in the action, then speakers on screen, in order.
    pub characters: Vec<String>,
    pub transition_in: Option<TransitionCue>,
    pub transition_out: Option<TransitionCue>,
    /// What the dialogue needs, lead and tail included; 0 without dialogue.
    pub dialogue_ms: u32,
    /// What the shot should last when its note does not say.
    pub suggested_ms: u32,
    pub key: DraftKey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransitionKind {
    Cut,
    Dissolve,
    FadeIn,
    FadeOut,
    FadeThroughBlack,
    Wipe,
    Push,
    Iris,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TransitionCue {
    pub kind: TransitionKind,
    pub text: String,
}

impl TransitionCue {
    pub fn parse(text: &str) -> Self {
        let upper = text.to_uppercase();
        let says = |words: &[&str]| words.iter().any(|word| upper.contains(word));
        let kind = if says(&["DISSOLVE", "CROSSFADE", "CROSS FADE", "CROSS-FADE", "MIX TO"]) {
            TransitionKind::Dissolve
        } else if says(&["THROUGH BLACK", "DIP TO BLACK"]) {
            TransitionKind::FadeThroughBlack
        } else if says(&["FADE IN", "FADE UP", "FADE FROM"]) {
            TransitionKind::FadeIn
        } else if says(&["FADE"]) {
            TransitionKind::FadeOut
        } else if says(&["WIPE"]) {
            TransitionKind::Wipe
        } else if says(&["PUSH"]) {
            TransitionKind::Push
        } else if says(&["IRIS"]) {
            TransitionKind::Iris
        } else if says(&["CUT"]) {
            TransitionKind::Cut
        } else {
            TransitionKind::Other
        };
        TransitionCue { kind, text: text.to_owned() }
    }

    /// “FADE IN:” and “FADE OUT.” are action to Fountain, and transitions to everybody who writes them.
    pub(crate) fn from_action(text: &str) -> Option<Self> {
        let words = text.trim_end_matches(['.', ':', ' ']);
        let known = matches!(
            words,
            "FADE IN"
                | "FADE OUT"
                | "FADE TO BLACK"
                | "FADE UP"
                | "FADE FROM BLACK"
                | "CUT TO BLACK"
                | "DISSOLVE"
                | "IRIS IN"
                | "IRIS OUT"
        );
        known.then(|| TransitionCue::parse(text))
    }

    /// Belongs to the shot before it rather than to the one after.
    pub(crate) fn closes(&self) -> bool {
        self.kind == TransitionKind::FadeOut || self.text.contains("CUT TO BLACK") || self.text.contains("IRIS OUT")
    }
}

/// Breaks a script into scenes and shots.
pub fn breakdown(screenplay: &Screenplay) -> Breakdown {
    let elements = &screenplay.elements;
    let notes = film_notes(elements);
    let cast = Cast::of(screenplay, &notes);
    let mut scenes: Vec<SceneDraft> = Vec::new();
    let mut pending = None;
    for range in scene_ranges(elements) {
        let scene = SceneReader::new(screenplay, scenes.len(), range, pending.take()).read();
        let (mut scene, left) = scene;
        pending = left;
        if let Some(cue) = pending.take_if(|cue| cue.closes()) {
            let last =
                scene.shots.last_mut().or_else(|| scenes.iter_mut().rev().find_map(|scene| scene.shots.last_mut()));
            last.into_iter().for_each(|shot| shot.transition_out = Some(cue.clone()));
        }
        if scene.heading.is_some() || !scene.shots.is_empty() {
            scenes.push(scene);
        }
    }
    if let (Some(cue), Some(shot)) = (pending, scenes.iter_mut().rev().find_map(|scene| scene.shots.last_mut())) {
        shot.transition_out = Some(cue);
    }
    scenes.iter_mut().flat_map(|scene| &mut scene.shots).for_each(|shot| finish(shot, &cast));
    Breakdown { scenes, notes }
}

/// From heading to heading; the first range is what stands before the first heading.
fn scene_ranges(elements: &[Element]) -> Vec<Range<usize>> {
    let headings = elements.iter().enumerate().filter(|(_, element)| element.kind == ElementKind::SceneHeading);
    let mut starts: Vec<usize> = std::iter::once(0).chain(headings.map(|(index, _)| index)).collect();
    starts.dedup();
    let ends = starts.iter().skip(1).copied().chain(std::iter::once(elements.len()));
    starts.iter().zip(ends).map(|(start, end)| *start..end).collect()
}

fn film_notes(elements: &[Element]) -> Vec<StudioNote> {
    let standing = |element: &'_ Element| (element.kind == ElementKind::Note).then(|| element.text.clone());
    let inside = |element: &Element| {
        let notes = element.inserts.iter().filter(|insert| insert.kind == InsertKind::Note);
        notes.map(|insert| insert.text.clone()).collect::<Vec<_>>()
    };
    let texts = elements.iter().flat_map(|element| standing(element).into_iter().chain(inside(element)));
    let notes = texts.filter_map(|text| StudioNote::parse(&text).map(|(note, _)| note));
    notes.filter(|note| !matches!(note, StudioNote::Shot(_))).collect()
}

/// Works out what follows from the words of a shot.
fn finish(shot: &mut ShotDraft, cast: &Cast) {
    let speakers = shot.dialogue.iter().filter(|line| !line.is_unseen()).map(|line| line.character.clone());
    let mut seen = HashSet::new();
    let shown = cast.mentioned_in(&shot.description).into_iter().chain(speakers).filter(|name| !name.is_empty());
    shot.characters = shown.filter(|name| seen.insert(name.clone())).collect();
    shot.dialogue_ms = dialogue::needed_ms(&shot.dialogue);
    shot.suggested_ms = action_ms(&shot.description).max(shot.dialogue_ms).max(MIN_SHOT_MILLISECONDS);
    let spoken = shot.dialogue.iter().map(|line| line.text.as_str());
    let prompt = shot.note.as_ref().and_then(|note| note.prompt.as_deref());
    let words: Vec<&str> = std::iter::once(shot.description.as_str()).chain(spoken).chain(prompt).collect();
    shot.key = DraftKey {
        id: shot.note.as_ref().and_then(|note| note.id.clone()),
        scene: normalised(&shot.heading.text),
        speaker: shot
            .dialogue
            .first()
            .filter(|_| shot.description.is_empty())
            .map(|line| normalised(&line.character))
            .unwrap_or_default(),
        text: normalised(&words.join(" ")),
    };
}

fn action_ms(description: &str) -> u32 {
    let words = u32::try_from(dialogue::count_words(description)).unwrap_or(u32::MAX);
    let moving = words.saturating_mul(ACTION_MILLISECONDS_PER_WORD).saturating_add(ACTION_BASE_MILLISECONDS);
    if words == 0 { 0 } else { moving.min(MAX_ACTION_MILLISECONDS) }
}
