//! A new script: board and timeline brought into line with it.
//!
//! A three-way merge. The old script says what the film's shots were, the film what a person made of them, the new script what is
//! wanted now: a field changes only when the script itself says something new about it. Shots keep their ids and takes; shots removed by
//! hand stay removed while the script does not change them; shots made by hand stay behind the shot they stood behind. When the script
//! keeps the order of its shots, the board's own order holds; otherwise the script's does.

use super::script_notes::{notes, overlays};
use super::story::Story;
use crate::film::*;
use crate::id::*;
use crate::limits;
use crate::patch::{Entity, Op, Patch};
use crate::refusal::Refusal;
use crate::script::{self, ReadScripts, Reading, Unit, clipped, fingerprint, kept_key};
use crate::time::Ticks;
use kinora_screenplay::reconcile::{DraftKey, normalised};
use kinora_screenplay::{TransitionCue, TransitionKind, reconcile};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

pub(super) fn set_script(
    film: &Film,
    text: &str,
    ids: &mut dyn Mint,
    scripts: &mut ReadScripts,
) -> Result<Patch, Refusal> {
    if text.len() > limits::SCRIPT_BYTES {
        return Err(Refusal::new("script.too_long", "The script is longer than 2 MiB.", "Make two films of it."));
    }
    let old = scripts.read(&film.script.text, &film.settings);
    let new = scripts.read(text, &film.settings);
    let mut ops = vec![Op::Set { entity: Entity::Script(Script { text: text.to_owned() }) }];
    notes(film, &old, &new, &mut ops, ids)?;
    let merge = Merge::new(film, &old, &new);
    let (story, units) = merge.story(ids);
    let (board, mut cut) = story.lay(film, ids)?;
    ops.extend(board);
    overlays(&mut cut, &old, &new, &units, ids);
    ops.extend(cut.finish(ids)?);
    Ok(Patch(ops))
}

/// What the old and new script, and the film, know of each shot.
struct Merge<'a> {
    film: &'a Film,
    new: &'a Reading,
    /// For each unit of the new script: the film's shot it is.
    known: Vec<Option<ShotId>>,
    /// For each of the film's shots from the script: what the old script said.
    said: BTreeMap<ShotId, &'a Unit>,
    /// Fingerprints of shots that the old script has and a person has removed.
    dropped: BTreeMap<String, usize>,
}

impl<'a> Merge<'a> {
    fn new(film: &'a Film, old: &'a Reading, new: &'a Reading) -> Self {
        let mut waiting: HashMap<String, VecDeque<&Unit>> = HashMap::with_capacity(old.units.len());
        for unit in &old.units {
            waiting.entry(fingerprint(&unit.key)).or_default().push_back(unit);
        }
        let mut said = BTreeMap::new();
        let (mut shots, mut keys): (Vec<ShotId>, Vec<DraftKey>) = (Vec::new(), Vec::new());
        for shot in film.shots.iter() {
            if let Some(unit) = waiting.get_mut(&shot.fingerprint).and_then(VecDeque::pop_front) {
                said.insert(shot.id, unit);
            }
            if let Some(key) = kept_key(&shot.fingerprint) {
                shots.push(shot.id);
                keys.push(key);
            }
        }
        let dropped =
            waiting.into_iter().filter(|(_, units)| !units.is_empty()).map(|(key, units)| (key, units.len())).collect();
        let wanted: Vec<DraftKey> = new.units.iter().map(|unit| unit.key.clone()).collect();
        let matches = reconcile(&keys, &wanted).matches;
        let known = matches.into_iter().map(|found| found.and_then(|at| shots.get(at).copied())).collect();
        Self { film, new, known, said, dropped }
    }

    /// The board, and for each unit the shot it became.
    fn story(mut self, ids: &mut dyn Mint) -> (Story, Vec<Option<ShotId>>) {
        let scenes = self.scenes(ids);
        let mut story = Story { scenes: scenes.clone(), ..Story::default() };
        let mut from_script: Vec<Shot> = Vec::new();
        let mut units = Vec::with_capacity(self.new.units.len());
        let known = std::mem::take(&mut self.known);
        for (unit, known) in self.new.units.iter().zip(&known) {
            let Some(scene) = scenes.get(unit.scene).map(|scene| scene.id) else { continue };
            let key = fingerprint(&unit.key);
            let current = known.and_then(|shot| self.film.shots.get(shot));
            let shot = match current {
                Some(current) => {
                    let said = self.said.get(&current.id).copied();
                    let shot = updated(current, said, unit, scene, key);
                    if shot.dialogue != current.dialogue {
                        story.speaking.insert(shot.id);
                    }
                    let cue = |unit: &Unit| unit.transition_in.clone();
                    if said.is_none_or(|said| cue(said) != cue(unit)) {
                        story.transitions.insert(shot.id, None);
                    }
                    shot
                }
                None => {
                    if let Some(count) = self.dropped.get_mut(&key).filter(|count| **count > 0) {
                        // A person removed this shot, and the script says nothing new about it.
                        *count -= 1;
                        units.push(None);
                        continue;
                    }
                    let shot = fresh(ShotId::mint(ids), unit, scene, key);
                    story.fresh.insert(shot.id);
                    story.transitions.insert(shot.id, None);
                    shot
                }
            };
            units.push(Some(shot.id));
            from_script.push(shot);
        }
        story.shots = self.in_order(from_script, &story.scenes);
        self.transitions(&mut story, &units);
        (story, units)
    }

    /// Scenes keep their ids: by heading first, then by the shots that are in them.
    fn scenes(&self, ids: &mut dyn Mint) -> Vec<Scene> {
        let mut by_heading: BTreeMap<String, VecDeque<SceneId>> = BTreeMap::new();
        for scene in self.film.scenes.iter() {
            by_heading.entry(normalised(&scene.heading)).or_default().push_back(scene.id);
        }
        let drafts = &self.new.scenes;
        let heading = |draft: &kinora_screenplay::SceneDraft| {
            draft.heading.as_ref().map_or("", |heading| heading.text.as_str()).to_owned()
        };
        let mut found: Vec<Option<SceneId>> = drafts
            .iter()
            .map(|draft| by_heading.get_mut(&normalised(&heading(draft))).and_then(VecDeque::pop_front))
            .collect();
        let mut used: BTreeSet<SceneId> = found.iter().flatten().copied().collect();
        for (unit, known) in self.new.units.iter().zip(&self.known) {
            let was = known.and_then(|shot| self.film.shots.get(shot)).map(|shot| shot.scene);
            if let (Some(slot @ None), Some(was)) = (found.get_mut(unit.scene), was)
                && self.film.scenes.contains(was)
                && used.insert(was)
            {
                *slot = Some(was);
            }
        }
        drafts
            .iter()
            .zip(found)
            .map(|(draft, id)| {
                let parsed = draft.heading.clone().unwrap_or_default();
                Scene {
                    id: id.unwrap_or_else(|| SceneId::mint(ids)),
                    heading: clipped(&parsed.text, limits::TEXT_BYTES),
                    number: draft.scene_number.as_ref().map(|number| clipped(number, limits::NAME_BYTES)),
                    setting: script::setting_word(&parsed).to_owned(),
                    place: clipped(&parsed.place, limits::TEXT_BYTES),
                    time_of_day: clipped(parsed.time.as_deref().unwrap_or_default(), limits::TEXT_BYTES),
                    line: draft.span.line.max(1),
                }
            })
            .collect()
    }

    /// Shots from the script and shots made by hand in one order.
    fn in_order(&self, from_script: Vec<Shot>, scenes: &[Scene]) -> Vec<Shot> {
        let alive: BTreeSet<ShotId> = from_script.iter().map(|shot| shot.id).collect();
        let lines: BTreeMap<ShotId, u32> = self.said.iter().map(|(shot, unit)| (*shot, unit.line)).collect();
        let mut last = 0;
        let keeps_order = from_script.iter().filter_map(|shot| lines.get(&shot.id)).all(|line| {
            let rises = *line >= last;
            last = *line;
            rises
        });
        let script_order: Vec<ShotId> = from_script.iter().map(|shot| shot.id).collect();
        let mut shots: BTreeMap<ShotId, Shot> = from_script.into_iter().map(|shot| (shot.id, shot)).collect();
        // What stays where it is: the board's order, or the script's.
        let board: Vec<ShotId> = self.film.shots.keys().filter(|shot| alive.contains(shot)).collect();
        let mut order: Vec<ShotId> = if keeps_order { board } else { script_order.clone() };
        if keeps_order {
            let mut behind = None;
            let placed: BTreeSet<ShotId> = order.iter().copied().collect();
            for shot in script_order {
                if !placed.contains(&shot) {
                    put_behind(&mut order, behind, shot);
                }
                behind = Some(shot);
            }
        }
        // Shots made by hand go on standing behind the same shot.
        let mut behind = None;
        let scene_ids: BTreeSet<SceneId> = scenes.iter().map(|scene| scene.id).collect();
        for shot in self.film.shots.iter() {
            if !script::is_from_script(&shot.fingerprint) {
                put_behind(&mut order, behind, shot.id);
                shots.insert(shot.id, shot.clone());
            }
            if shots.contains_key(&shot.id) {
                behind = Some(shot.id);
            }
        }
        let mut scene_before = scenes.first().map(|scene| scene.id);
        let mut all: Vec<Shot> = order.iter().filter_map(|shot| shots.remove(shot)).collect();
        for shot in &mut all {
            if !scene_ids.contains(&shot.scene) {
                shot.scene = scene_before.unwrap_or(shot.scene);
            }
            scene_before = Some(shot.scene);
        }
        all.retain(|shot| scene_ids.contains(&shot.scene));
        all
    }

    /// How each clip comes in, where that is new: from the cue before the shot, or the closing cue of the shot before it.
    fn transitions(&self, story: &mut Story, units: &[Option<ShotId>]) {
        let rate = self.film.settings.rate;
        let mut before: Option<&Unit> = None;
        for (unit, shot) in self.new.units.iter().zip(units) {
            let closing = before.and_then(|before| before.transition_out.as_ref());
            if let Some(slot) = shot.and_then(|shot| story.transitions.get_mut(&shot)) {
                let length = before.map_or(unit.length, |before| unit.length.min(before.length));
                *slot = transition(
                    unit.transition_in.as_ref(),
                    closing,
                    rate.snap(Ticks(length.0 / 2)),
                    rate.snap(Ticks::from_seconds(1)),
                );
            }
            before = Some(unit);
        }
    }
}

fn put_behind(order: &mut Vec<ShotId>, behind: Option<ShotId>, shot: ShotId) {
    let at = behind.and_then(|behind| order.iter().position(|other| *other == behind)).map_or(0, |at| at + 1);
    order.insert(at, shot);
}

fn transition(
    cue: Option<&TransitionCue>,
    closing: Option<&TransitionCue>,
    most: Ticks,
    usual: Ticks,
) -> Option<Transition> {
    let kind = match cue.map(|cue| cue.kind) {
        Some(TransitionKind::Dissolve) => "dissolve",
        Some(TransitionKind::FadeIn | TransitionKind::FadeOut | TransitionKind::FadeThroughBlack) => {
            "fade_through_black"
        }
        Some(TransitionKind::Wipe) => "wipe",
        Some(TransitionKind::Push) => "push",
        Some(TransitionKind::Iris) => "iris",
        Some(TransitionKind::Cut | TransitionKind::Other) => return None,
        None => match closing.map(|cue| cue.kind) {
            Some(TransitionKind::FadeOut | TransitionKind::FadeThroughBlack) => "fade_through_black",
            Some(TransitionKind::Iris) => "iris",
            _ => return None,
        },
    };
    let length = usual.min(most);
    (length > Ticks::ZERO).then(|| Transition { kind: kind.to_owned(), length, parameters: BTreeMap::new() })
}

fn fresh(id: ShotId, unit: &Unit, scene: SceneId, fingerprint: String) -> Shot {
    let unit = unit.clone();
    Shot {
        id,
        scene,
        line: unit.line,
        fingerprint,
        description: unit.description,
        prompt_override: unit.prompt,
        framing: unit.framing,
        camera: unit.camera,
        style: unit.style,
        characters: unit.characters,
        dialogue: unit.dialogue,
        length: unit.length,
        length_fixed: unit.length_fixed,
        seed: unit.seed,
        engine: unit.engine,
        continues: unit.continues,
        leads_on: false,
        chosen_take: None,
    }
}

/// The shot with what the script newly says.
fn updated(current: &Shot, said: Option<&Unit>, unit: &Unit, scene: SceneId, fingerprint: String) -> Shot {
    let mut shot = Shot { line: unit.line, fingerprint, ..current.clone() };
    macro_rules! take {
        ($($field:ident from $source:ident),*) => {$(
            if said.is_none_or(|said| said.$source != unit.$source) {
                shot.$field = unit.$source.clone();
            }
        )*};
    }
    take!(description from description, framing from framing, camera from camera, style from style, characters from characters,
        dialogue from dialogue, continues from continues);
    // What a person sets is only taken back by a script that says so.
    macro_rules! take_wish {
        ($($field:ident from $source:ident),*) => {$(
            if said.map_or(unit.$source.is_some(), |said| said.$source != unit.$source) {
                shot.$field = unit.$source.clone();
            }
        )*};
    }
    take_wish!(prompt_override from prompt, seed from seed, engine from engine);
    let said_length = said.map(|said| (said.length, said.length_fixed));
    let by_hand = current.length_fixed && !unit.length_fixed && said.is_none_or(|said| !said.length_fixed);
    if said_length != Some((unit.length, unit.length_fixed)) && !by_hand {
        (shot.length, shot.length_fixed) = (unit.length, unit.length_fixed);
    }
    // A shot that was dragged to another scene stays there while its own scene in the script is the same.
    if said.is_none_or(|said| said.key.scene != unit.key.scene) || current.fingerprint.is_empty() {
        shot.scene = scene;
    }
    shot
}
