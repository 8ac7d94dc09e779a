//! Where the cast is used, and what a change to it would cost.
//!
//! Both answers come from the prompts themselves: a shot uses a member when the member's words would reach the engine, and becomes
//! stale when what would be sent is no longer what its take was made from. Nothing here changes the film.

use crate::board::changes;
use crate::catalogue::Model;
use crate::film::{CastMember, CastRole, Film, Shot};
use crate::id::ShotId;
use crate::prompt::compose;
use crate::recipe::model_of;

/// Stands for the member's words while they are looked for; no one types it.
const MARK: &str = "\u{e000}";

/// The shots that show or name `member`, in story order. It need not be in the film yet.
pub fn shots_with(film: &Film, member: &CastMember) -> Vec<ShotId> {
    let marked = with(film, CastMember { descriptor: MARK.to_owned(), ..member.clone() });
    let uses = |shot: &&Shot| plays_in(film, shot, member) || compose(&marked, shot).text.contains(MARK);
    marked.shots.iter().filter(uses).map(|shot| shot.id).collect()
}

/// The shots that are ready now and would be stale with `member` as given: what a change costs, before it is made.
pub fn made_stale_by(film: &Film, member: &CastMember, models: &[Model]) -> Vec<ShotId> {
    if film.cast.get(member.id) == Some(member) {
        return Vec::new();
    }
    let after = with(film, member.clone());
    let ready = |film: &Film, shot: &Shot| {
        let take = shot.chosen_take.and_then(|take| film.takes.get(take));
        take.is_some_and(|take| changes(film, shot, take, model_of(film, shot, models)).is_empty())
    };
    let turns = |shot: &&Shot| ready(film, shot) && !ready(&after, shot);
    film.shots.iter().filter(turns).map(|shot| shot.id).collect()
}

/// In the shot as somebody or something shown or heard, or as its place.
pub(crate) fn plays_in(film: &Film, shot: &Shot, member: &CastMember) -> bool {
    let same = |name: &str| crate::prompt::same_name(name, &member.name);
    match member.role {
        CastRole::Character | CastRole::Prop => {
            shot.characters.iter().any(|name| same(name)) || shot.dialogue.iter().any(|line| same(&line.character))
        }
        CastRole::Place => film.scenes.get(shot.scene).is_some_and(|scene| same(&scene.place)),
        CastRole::Style => false,
    }
}

/// The film with this member in place of the one of the same id, or added.
fn with(film: &Film, member: CastMember) -> Film {
    let mut film = film.clone();
    if film.cast.replace(member.clone()).is_none() {
        film.cast.insert(film.cast.len(), member);
    }
    film
}

/// Speakers and shown people of the script that the cast does not describe yet, in the order they appear.
pub fn undescribed(film: &Film) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for shot in film.shots.iter() {
        let said = shot.dialogue.iter().map(|line| &line.character);
        for name in shot.characters.iter().chain(said).map(|name| name.trim()).filter(|name| !name.is_empty()) {
            let known = film.cast.iter().any(|member| crate::prompt::same_name(&member.name, name));
            if !known && !names.iter().any(|other| crate::prompt::same_name(other, name)) {
                names.push(name.to_owned());
            }
        }
    }
    names
}
