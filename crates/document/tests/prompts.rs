//! Promise: the prompt is the same every time, and every word of it has an origin. Golden texts.

mod common;

use common::*;
use kinora_document::prompt::{Origin, compose};
use kinora_document::recipe::{derive_seed, legal_length, nearest_size, recipe};
use kinora_document::*;

fn prompts(film: &Film) -> Vec<String> {
    film.shots.iter().map(|shot| compose(film, shot).text).collect()
}

#[test]
fn prompts_are_as_they_were() {
    let (film, _) = film();
    assert_eq!(
        prompts(&film),
        [
            "A beach at sunset. A red ball bounces on the sand.",
            "A beach at sunset. A young woman in a red coat talks. The young woman says: “Where did you come from?”",
            "Inside a kitchen at night. A young woman in a red coat puts the ball on the table.",
            "Wide shot, a beach by day, in the rain. The ball floats in the sea. The camera pans left.",
        ]
    );
}

#[test]
fn the_pieces_are_the_prompt_and_say_where_they_come_from() {
    let (mut film, mut ids) = film();
    let settings = Settings { style: "watercolour, soft light".to_owned(), ..film.settings.clone() };
    run(&mut film, &mut ids, &Command::SetSettings { settings });
    for shot in film.shots.iter() {
        let prompt = compose(&film, shot);
        assert_eq!(prompt.pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), prompt.text);
    }
    let last = compose(&film, film.shots.last().expect("shots"));
    let pieces: Vec<(Origin, &str)> = last.pieces.iter().map(|piece| (piece.origin, piece.text.as_str())).collect();
    assert_eq!(
        pieces,
        [
            (Origin::ShotNote, "Wide shot, "),
            (Origin::Heading, "a beach by day, in the rain. "),
            (Origin::Action, "The ball floats in the sea. "),
            (Origin::ShotNote, "The camera pans left. "),
            (Origin::Style, "The style is watercolour, soft light."),
        ]
    );
}

/// The prompt of each shot of a script.
fn prompts_of(script: &str) -> Vec<String> {
    let (mut film, mut ids) = film();
    run(&mut film, &mut ids, &Command::SetScript { text: script.to_owned() });
    prompts(&film)
}

#[test]
fn a_style_does_not_contradict_its_heading() {
    let script = "[[style: warm colours, soft evening light]]\n\nEXT. BEACH - DAY\n\nA ball falls.\n\nEXT. BEACH - DUSK\n\nA ball falls.\n";
    assert_eq!(
        prompts_of(script),
        [
            "A beach by day. A ball falls. The style is warm colours.",
            "A beach at dusk. A ball falls. The style is warm colours, soft evening light.",
        ]
    );
}

#[test]
fn nobody_and_no_place_is_introduced_twice() {
    let cast = "[[cast: PIM = a small white robot]]\n\n[[place: ROOM = a small room with one window]]\n\n";
    let script = format!(
        "{cast}INT. ROOM - DAY\n\n[[shot: wide]]\n\nA white robot waits.\n\nPIM\nHello.\n\nCHILD\nWho?\n\nCHILD\nMe?\n"
    );
    assert_eq!(
        prompts_of(&script),
        [
            "Wide shot, inside a small room with one window by day. A white robot waits. The small white robot says: “Hello.” A child says: “Who?” The child says: “Me?”",
        ]
    );
}

#[test]
fn a_prompt_written_by_hand_is_sent_as_it_is_with_the_cast_described() {
    let (mut film, mut ids) = film();
    let mut shot = film.shots.first().expect("shots").clone();
    shot.prompt_override = Some("@mara waits. Mara is HERE.".to_owned());
    run(&mut film, &mut ids, &Command::SetShot { shot: Box::new(shot.clone()) });
    assert_eq!(compose(&film, &shot).text, "A young woman in a red coat waits. Mara is HERE.");
}

#[test]
fn lengths_snap_to_what_the_model_makes() {
    let model = draft_model();
    let legal = |millis| {
        let legal = legal_length(Ticks::from_millis(millis), &model);
        (legal.frames, legal.covers)
    };
    assert_eq!(
        [legal(1), legal(2_000), legal(4_000), legal(4_083), legal(5_000)],
        [(5, true), (25, true), (49, true), (49, true), (49, false)]
    );
}

#[test]
fn the_nearest_shape_is_taken() {
    let sizes = draft_model().sizes;
    let pick = |width, height| nearest_size(FrameSize { width, height }, &sizes).map(|size| (size.width, size.height));
    assert_eq!(pick(1920, 1080), Some((128, 72)));
    assert_eq!(pick(1080, 1920), Some((72, 128)));
    assert_eq!(pick(1080, 1080), Some((96, 96)));
    assert_eq!(pick(1080, 1350), Some((96, 96)));
}

#[test]
fn a_recipe_has_the_same_bytes_for_ever() {
    let (film, _) = film();
    let shot = film.shots.last().expect("shots");
    let bytes = recipe(&film, shot, &draft_model()).canonical_json();
    let text = String::from_utf8(bytes).expect("text");
    assert_eq!(
        text,
        format!(
            "{{\"continues_from\":null,\"frames\":37,\"model\":\"draft\",\"negative\":\"\",\"prompt\":\"Wide shot, a beach by day, \
             in the rain. The ball floats in the sea. The camera pans left.\",\"rate\":{{\"frames\":12,\"seconds\":1}},\
             \"references\":[],\"seed\":7,\"size\":{{\"width\":128,\"height\":72}},\"weights\":\"{}\"}}",
            "09".repeat(32)
        )
    );
    assert_eq!(derive_seed(1, ShotId(5), 0), derive_seed(1, ShotId(5), 0));
    assert_ne!(derive_seed(1, ShotId(5), 0), derive_seed(1, ShotId(5), 1));
    assert_ne!(derive_seed(1, ShotId(5), 0), derive_seed(1, ShotId(6), 0));
}

#[test]
fn a_card_says_what_changed() {
    let (mut film, mut ids) = film();
    let models = [draft_model()];
    let state = |film: &Film, at: usize| board::cards(film, &models).remove(at);
    let card = state(&film, 3);
    assert_eq!((card.number.as_str(), &card.state), ("3.1", &board::CardState::Empty));
    let mut made = take(&film, &mut ids, card.shot);
    made.seed = 7;
    run(&mut film, &mut ids, &Command::AddTake { take: Box::new(made) });
    assert_eq!(state(&film, 3).state, board::CardState::Ready);
    run(
        &mut film,
        &mut ids,
        &Command::SetScript { text: SCRIPT.replace("floats", "swims").replace("seed 7", "seed 8") },
    );
    assert_eq!(
        state(&film, 3).state,
        board::CardState::Stale { changes: vec!["prompt".to_owned(), "seed".to_owned()] }
    );
    assert_eq!(state(&film, 2).state, board::CardState::Empty, "one line of one shot changes one card");
}
