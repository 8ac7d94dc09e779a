//! The board: one card per shot, with what would be sent, what there is, and what has changed since.
//!
//! A take is stale when what made it differs from what would be sent now, and a card says in words what differs. It never decides
//! that a take is worthless: a stale take is still shown and still cut into the film.

use crate::catalogue::Model;
use crate::film::{Film, Shot, Take};
use crate::id::{SceneId, ShotId, TakeId};
use crate::prompt::{ShotPrompt, compose};
use crate::recipe::{continues_take, legal_length, legal_length_of, model_of, nearest_size};
use crate::speech::{Overrun, Speeches};
use crate::time::Ticks;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// Not generated yet.
    Empty,
    /// Generated, but from something else: "prompt", "length", …
    Stale {
        changes: Vec<String>,
    },
    Ready,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub shot: ShotId,
    pub scene: SceneId,
    /// Scene and shot: "1.2".
    pub number: String,
    pub heading: String,
    pub prompt: ShotPrompt,
    pub state: CardState,
    pub take: Option<TakeId>,
    /// How many takes there are to choose from.
    pub takes: usize,
    pub length: Ticks,
    /// Frames that the engine will make for it; 0 while the engine is not known.
    pub frames: u32,
    /// What is said in the shot takes longer than the shot.
    pub overrun: Option<Overrun>,
    /// As a sentence: the engine is not here, or cannot make a take as long as the shot.
    pub problem: Option<String>,
}

/// "1.2" for every shot: the scene's number (its own, or its place in the script) and the shot's place in the scene.
pub fn numbers(film: &Film) -> BTreeMap<ShotId, String> {
    let scenes: BTreeMap<SceneId, String> = film
        .scenes
        .iter()
        .enumerate()
        .map(|(at, scene)| (scene.id, scene.number.clone().unwrap_or_else(|| (at + 1).to_string())))
        .collect();
    let mut counts: BTreeMap<SceneId, u32> = BTreeMap::new();
    film.shots
        .iter()
        .map(|shot| {
            let count = counts.entry(shot.scene).or_default();
            *count += 1;
            let scene = scenes.get(&shot.scene).map_or("0", String::as_str);
            (shot.id, format!("{scene}.{count}"))
        })
        .collect()
}

/// All cards in story order.
pub fn cards(film: &Film, models: &[Model]) -> Vec<Card> {
    let numbers = numbers(film);
    let mut takes: BTreeMap<ShotId, usize> = BTreeMap::new();
    for take in film.takes.iter() {
        *takes.entry(take.shot).or_default() += 1;
    }
    let speeches = Speeches::of(film);
    // `shots` is walked once; the shot before is what a continuing shot hangs on.
    film.shots
        .iter()
        .map(|shot| {
            let model = model_of(film, shot, models);
            let take = shot.chosen_take.and_then(|take| film.takes.get(take));
            // Composed once: the screen asks for all the cards after every change of the board.
            let prompt = compose(film, shot);
            let state = match take {
                None => CardState::Empty,
                Some(take) => {
                    let changes = changes_from(film, shot, take, model, &prompt);
                    if changes.is_empty() { CardState::Ready } else { CardState::Stale { changes } }
                }
            };
            Card {
                shot: shot.id,
                scene: shot.scene,
                number: numbers.get(&shot.id).cloned().unwrap_or_default(),
                heading: film.scenes.get(shot.scene).map(|scene| scene.heading.clone()).unwrap_or_default(),
                prompt,
                state,
                take: take.map(|take| take.id),
                takes: takes.get(&shot.id).copied().unwrap_or(0),
                length: shot.length,
                frames: model.map_or(0, |model| legal_length(shot.length, model).frames),
                overrun: speeches.overrun(shot),
                problem: problem(film, shot, model),
            }
        })
        .collect()
}

/// What differs between what made `take` and what would be sent now, as words for a card. Empty when nothing does.
pub fn changes(film: &Film, shot: &Shot, take: &Take, model: Option<&Model>) -> Vec<String> {
    changes_from(film, shot, take, model, &compose(film, shot))
}

fn changes_from(film: &Film, shot: &Shot, take: &Take, model: Option<&Model>, prompt: &ShotPrompt) -> Vec<String> {
    let mut changes = Vec::new();
    let mut say = |differs: bool, what: &str| {
        if differs {
            changes.push(what.to_owned());
        }
    };
    say(take.prompt != prompt.text, "prompt");
    say(take.withdrawn, "consent withdrawn");
    say(take.cameos != crate::recipe::cameos(film, shot), "cameo");
    say(take.negative != prompt.negative, "negative prompt");
    // A derived seed is nobody's wish: a variation with another one is as good.
    say(shot.seed.is_some_and(|seed| seed != take.seed), "seed");
    say(take.engine != crate::recipe::engine_of(film, shot), "engine");
    if let Some(model) = model.filter(|model| model.name == take.engine) {
        let size = nearest_size(film.settings.size, &model.sizes).unwrap_or(film.settings.size);
        say(take.model != model.weights, "model weights");
        say(take.size != size, "picture size");
        // A take that is longer than needed still serves.
        say(take.frames < legal_length(shot.length, model).frames, "length");
        say(model.takes_keyframes && shot.continues && continues_take(film, shot) != take.parent, "shot before");
    } else {
        let made = legal_length_of(shot.length, take.rate, &[take.frames]);
        say(!made.covers && made.length < shot.length.min(crate::recipe::assumed::longest()), "length");
    }
    changes
}

fn problem(film: &Film, shot: &Shot, model: Option<&Model>) -> Option<String> {
    let Some(model) = model else {
        let engine = crate::recipe::engine_of(film, shot);
        return Some(format!("The engine “{engine}” is not on this machine; choose another one for this shot."));
    };
    if let Some(why) = &model.unavailable {
        return Some(why.clone());
    }
    let legal = legal_length(shot.length, model);
    (!legal.covers).then(|| {
        format!(
            "{} makes takes of at most {}.{:03} s, and this shot is longer: its last picture will be held. Split the shot.",
            model.title,
            legal.length.to_millis() / 1000,
            legal.length.to_millis() % 1000
        )
    })
}
