//! Promise: the cast reaches every prompt that names it, scene by scene, and a change to it says beforehand which takes it costs.

mod common;

use common::*;
use kinora_document::cast::{made_stale_by, shots_with, undescribed};
use kinora_document::prompt::compose;
use kinora_document::*;

fn mara(film: &Film) -> CastMember {
    film.cast.iter().find(|member| member.name == "MARA").expect("the cast has Mara").clone()
}

/// The film with a take, made from what it says now, for each shot.
fn all_ready() -> (Film, Count) {
    let (mut film, mut ids) = film();
    let model = draft_model();
    for shot in film.shots.keys().collect::<Vec<_>>() {
        let made = recipe::recipe(&film, film.shots.get(shot).expect("a shot"), &model);
        let take = Take {
            prompt: made.prompt,
            negative: made.negative,
            seed: made.seed,
            engine: made.model,
            model: made.weights,
            size: made.size,
            rate: made.rate,
            frames: made.frames,
            ..take(&film, &mut ids, shot)
        };
        let id = take.id;
        run(&mut film, &mut ids, &Command::AddTake { take: Box::new(take) });
        run(&mut film, &mut ids, &Command::ChooseTake { shot, take: id });
    }
    (film, ids)
}

#[test]
fn what_is_worn_in_a_scene_is_sent_in_that_scene_only() {
    let (mut film, mut ids) = film();
    let kitchen = film.scenes.at(1).expect("a second scene").id;
    let member = CastMember { wardrobe: [(kitchen, "an apron".to_owned())].into(), ..mara(&film) };
    run(&mut film, &mut ids, &Command::SetCast { member });
    let prompts: Vec<String> = film.shots.iter().map(|shot| compose(&film, shot).text).collect();
    assert!(prompts[2].contains("a red coat, wearing an apron puts the ball"), "{}", prompts[2]);
    assert!(prompts.iter().filter(|prompt| prompt.contains("apron")).count() == 1, "{prompts:?}");
}

#[test]
fn a_change_says_beforehand_which_ready_shots_it_makes_stale() {
    let (mut film, mut ids) = all_ready();
    let models = [draft_model()];
    let changed = CastMember { descriptor: "an old woman".to_owned(), ..mara(&film) };
    let foreseen = made_stale_by(&film, &changed, &models);
    assert_eq!(foreseen, shots_with(&film, &mara(&film)), "every shot with Mara, and no other");
    assert_eq!(foreseen.len(), 2);
    run(&mut film, &mut ids, &Command::SetCast { member: changed.clone() });
    let stale: Vec<ShotId> = board::cards(&film, &models)
        .into_iter()
        .filter(|card| card.state != board::CardState::Ready)
        .map(|card| card.shot)
        .collect();
    assert_eq!(stale, foreseen, "what was foreseen is what happened");
    assert!(made_stale_by(&film, &changed, &models).is_empty(), "no change costs nothing");
    let voice = CastMember { colour: Some([1, 2, 3]), ..changed };
    assert!(made_stale_by(&film, &voice, &models).is_empty(), "a colour is not sent to an engine");
}

#[test]
fn speakers_without_a_description_are_offered() {
    let (mut film, mut ids) = film();
    let member = mara(&film).id;
    assert!(undescribed(&film).is_empty());
    run(&mut film, &mut ids, &Command::RemoveCast { member });
    assert_eq!(undescribed(&film), ["MARA"]);
}

#[test]
fn a_film_stored_before_there_was_a_wardrobe_opens() {
    let (film, _) = film();
    let text = String::from_utf8(bytes(&film)).expect("JSON");
    assert!(!text.contains("wardrobe") && !text.contains("colour\":["), "what is not used is not stored");
    let read: Film = serde_json::from_str(&text).expect("the film opens");
    assert_eq!(read, film);
}
