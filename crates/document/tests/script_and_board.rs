//! Promise: script, board and timeline are one document; editing the script loses no shot, take or wish of a person.

mod common;

use common::*;
use kinora_document::*;

fn set(film: &mut Film, ids: &mut Count, text: &str) {
    run(film, ids, &Command::SetScript { text: text.to_owned() });
}

fn shot<'a>(film: &'a Film, words: &str) -> &'a Shot {
    film.shots.iter().find(|shot| shot.description.contains(words)).unwrap_or_else(|| panic!("no shot with “{words}”"))
}

fn contiguous(film: &Film) {
    let mut end = Ticks::ZERO;
    for clip in story(film) {
        assert_eq!(clip.start, end);
        end = clip.start + clip.length;
    }
}

#[test]
fn a_script_becomes_scenes_shots_clips_captions_and_a_title() {
    let (film, _) = film();
    assert_eq!(film.scenes.len(), 3);
    let scene = film.scenes.first().expect("a scene");
    assert_eq!(
        (scene.setting.as_str(), scene.place.as_str(), scene.time_of_day.as_str()),
        ("exterior", "BEACH", "SUNSET")
    );
    assert_eq!(story(&film).len(), film.shots.len());
    contiguous(&film);
    assert_eq!(film.settings.title, "Test");
    let words: Vec<String> = film
        .clips
        .iter()
        .filter_map(|clip| match &clip.source {
            ClipSource::Title(title) => Some(format!("{:?}: {}", title.style, title.text)),
            _ => None,
        })
        .collect();
    assert_eq!(words, ["Card: The Ball", "Caption: Where did you come from?"]);
    let dissolves: Vec<_> = story(&film).iter().filter_map(|clip| clip.transition.clone().map(|t| t.kind)).collect();
    assert_eq!(dissolves, ["fade_through_black", "dissolve"]);
    let pan = shot(&film, "floats");
    assert_eq!((pan.framing.as_str(), pan.camera.as_str(), pan.seed), ("wide", "pan left", Some(7)));
    assert_eq!(pan.length, Ticks::from_seconds(3));
    let mara = film.cast.first().expect("Mara is cast by a note");
    assert_eq!((mara.name.as_str(), mara.descriptor.as_str()), ("MARA", "a young woman in a red coat"));
}

#[test]
fn setting_the_same_script_again_changes_nothing() {
    let (film, mut ids) = film();
    let patch = Command::SetScript { text: SCRIPT.to_owned() }.plan(&film, &mut ids).expect("a plan");
    assert_eq!(patch.0.len(), 1, "{patch:#?}");
}

#[test]
fn an_edited_shot_keeps_its_id_and_its_takes() {
    let (mut film, mut ids) = film();
    let before = shot(&film, "bounces").id;
    let made = take(&film, &mut ids, before);
    run(&mut film, &mut ids, &Command::AddTake { take: Box::new(made.clone()) });
    let others: Vec<ShotId> = film.shots.keys().filter(|id| *id != before).collect();
    let text = SCRIPT.replace("A red ball bounces on the sand.", "A red ball bounces slowly on the wet sand.");
    set(&mut film, &mut ids, &text);
    let after = shot(&film, "slowly");
    assert_eq!((after.id, after.chosen_take), (before, Some(made.id)));
    assert_eq!(film.shots.keys().filter(|id| *id != before).collect::<Vec<_>>(), others);
    contiguous(&film);
}

#[test]
fn moved_scenes_keep_their_shots() {
    let (mut film, mut ids) = film();
    let (ball, table) = (shot(&film, "bounces").id, shot(&film, "table").id);
    let kitchen = "INT. KITCHEN - NIGHT\n\nMara puts the ball on the table.\n\n";
    let text = SCRIPT.replace(kitchen, "").replace("EXT. BEACH - SUNSET", &format!("{kitchen}EXT. BEACH - SUNSET"));
    set(&mut film, &mut ids, &text);
    assert_eq!(film.shots.first().map(|shot| shot.id), Some(table));
    assert_eq!(shot(&film, "bounces").id, ball);
    assert_eq!(film.scenes.first().map(|scene| scene.place.clone()), Some("KITCHEN".to_owned()));
    contiguous(&film);
}

#[test]
fn a_persons_wishes_survive_the_script() {
    let (mut film, mut ids) = film();
    let mut wished = shot(&film, "table").clone();
    wished.prompt_override = Some("A ball on a table.".to_owned());
    wished.seed = Some(99);
    wished.framing = "close".to_owned();
    wished.length = Ticks::from_seconds(2);
    run(&mut film, &mut ids, &Command::SetShot { shot: Box::new(wished.clone()) });
    set(&mut film, &mut ids, &SCRIPT.replace("puts the ball on the table", "puts the ball gently on the table"));
    let after = shot(&film, "gently");
    assert_eq!(after.id, wished.id);
    assert_eq!((after.prompt_override.clone(), after.seed), (wished.prompt_override, Some(99)));
    assert_eq!((after.framing.as_str(), after.length), ("close", Ticks::from_seconds(2)));
}

#[test]
fn a_shot_removed_by_hand_stays_removed() {
    let (mut film, mut ids) = film();
    let (gone, count) = (shot(&film, "table").id, film.shots.len());
    run(&mut film, &mut ids, &Command::RemoveShot { shot: gone });
    set(&mut film, &mut ids, &SCRIPT.replace("bounces", "jumps"));
    assert_eq!(film.shots.len(), count - 1);
    set(&mut film, &mut ids, &SCRIPT.replace("puts the ball on the table", "throws everything out of the window"));
    assert_eq!(film.shots.len(), count, "the script says something new about it");
}

#[test]
fn a_shot_made_by_hand_stays_where_it_is() {
    let (mut film, mut ids) = film();
    let ball = shot(&film, "bounces").id;
    run(&mut film, &mut ids, &Command::DuplicateShot { shot: ball });
    let order: Vec<ShotId> = film.shots.keys().collect();
    set(&mut film, &mut ids, &SCRIPT.replace("floats", "swims"));
    assert_eq!(film.shots.keys().collect::<Vec<_>>(), order);
    contiguous(&film);
}

#[test]
fn the_boards_own_order_holds_until_the_script_changes_it() {
    let (mut film, mut ids) = film();
    let last = film.shots.last().expect("shots").id;
    let first = film.shots.first().map(|shot| shot.id);
    run(&mut film, &mut ids, &Command::MoveShot { shot: last, before: first });
    let order: Vec<ShotId> = film.shots.keys().collect();
    set(&mut film, &mut ids, &SCRIPT.replace("floats", "swims"));
    assert_eq!(film.shots.keys().collect::<Vec<_>>(), order);
}

#[test]
fn takes_of_a_removed_shot_are_there_when_it_is_written_again() {
    let (mut film, mut ids) = film();
    let ball = shot(&film, "bounces").id;
    let made = take(&film, &mut ids, ball);
    run(&mut film, &mut ids, &Command::AddTake { take: Box::new(made.clone()) });
    let inverse = run(&mut film, &mut ids, &Command::SetScript { text: "EXT. MOON - NIGHT\n\nDust.\n".to_owned() });
    assert!(film.takes.contains(made.id));
    assert_eq!(film.shots.len(), 1);
    film.apply(&inverse).expect("undo");
    assert_eq!(film.shots.get(ball).and_then(|shot| shot.chosen_take), Some(made.id));
}

#[test]
fn a_shot_too_long_for_one_take_becomes_shots_that_continue() {
    let (mut film, mut ids) = film();
    set(&mut film, &mut ids, "EXT. SEA - DAY\n\n[[shot: 10s]]\nA boat sails. A fish jumps. The sun sets.\n");
    let shots: Vec<&Shot> = film.shots.iter().collect();
    assert_eq!(
        shots.iter().map(|shot| shot.description.as_str()).collect::<Vec<_>>(),
        ["A boat sails.", "A fish jumps.", "The sun sets."]
    );
    assert_eq!(shots.iter().map(|shot| shot.continues).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(shots.iter().map(|shot| shot.length.0).sum::<i64>(), Ticks::from_seconds(10).0);
    assert!(shots.iter().all(|shot| recipe::legal_length(shot.length, &draft_model()).covers));
    let other = "EXT. SEA - DAY\n\n[[shot: 10s | engine ltx]]\nA boat sails. A fish jumps. The sun sets.\n";
    set(&mut film, &mut ids, other);
    assert_eq!(film.shots.len(), 1, "another engine may make it in one");
}

#[test]
fn a_closing_title_stands_over_the_last_part_of_its_shot_and_an_opening_one_over_the_first() {
    let (mut film, mut ids) = film();
    set(
        &mut film,
        &mut ids,
        "EXT. BEACH - DAY\n\n> ONE YEAR LATER <\n\n[[shot: wide | 8s]]\n\nA boat passes. A dog sleeps.\n\n\
         EXT. MEADOW - DAY\n\n[[shot: wide | 8s]]\n\nA car waits. A child runs.\n\n> THE END <\n",
    );
    let over = |words: &str| {
        let is = |clip: &&Clip| matches!(&clip.source, ClipSource::Title(title) if title.text == words);
        let title = film.clips.iter().find(is).expect("the title");
        story(&film).iter().position(|clip| clip.start == title.start).expect("a shot under it")
    };
    assert_eq!(story(&film).len(), 4);
    assert_eq!((over("ONE YEAR LATER"), over("THE END")), (0, 3));
}

#[test]
fn clips_placed_by_hand_stay_behind_the_clip_they_stood_behind() {
    let (mut film, mut ids) = film();
    let clips = story(&film);
    let (track, second) = (clips[0].track, clips[1].clone());
    let source = ClipSource::Colour([9, 9, 9]);
    let at = second.start + second.length;
    run(
        &mut film,
        &mut ids,
        &Command::InsertClip { track, at, source: source.clone(), source_in: Ticks::ZERO, length: frames(7) },
    );
    let text =
        SCRIPT.replace("A red ball bounces on the sand.", "A blue fish swims.\n\nA red ball bounces on the sand.");
    set(&mut film, &mut ids, &text);
    let clips = story(&film);
    let place = clips.iter().position(|clip| clip.source == source).expect("the card is still there");
    assert_eq!(clips[place - 1].id, second.id);
    contiguous(&film);
}

#[test]
fn captions_follow_the_picture_and_yield_to_a_person() {
    let (mut film, mut ids) = film();
    let track = film.tracks.iter().find(|track| track.kind == TrackKind::Captions).expect("captions").id;
    let before = on_track(&film, track)[0].clone();
    let first = story(&film)[0].clone();
    run(
        &mut film,
        &mut ids,
        &Command::TrimClip { clip: first.id, start: first.start, length: first.length - frames(6), ripple: true },
    );
    let after = on_track(&film, track)[0].clone();
    assert_eq!((after.id, after.start), (before.id, before.start - frames(6)));
    run(&mut film, &mut ids, &Command::LiftClips { clips: vec![after.id] });
    run(
        &mut film,
        &mut ids,
        &Command::TrimClip { clip: first.id, start: first.start, length: first.length, ripple: true },
    );
    assert!(on_track(&film, track).is_empty(), "a caption that was removed does not come back by itself");
}

#[test]
fn the_sample_films_are_whole() {
    for name in ["last-train-to-the-moon", "snow-for-pim", "the-lighthouse-ball"] {
        let path = format!("{}/../../examples/{name}.fountain", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).expect("the sample films are in examples/");
        let mut ids = Count(0);
        let mut film = new_film("", FrameSize { width: 1280, height: 720 }, FrameRate::FPS_24, &mut ids);
        set(&mut film, &mut ids, &text);
        contiguous(&film);
        assert!(!film.settings.title.is_empty());
        let seconds = film.length().to_millis() / 1000;
        assert!((20..=90).contains(&seconds), "{name} lasts {seconds} s");
        for card in board::cards(&film, &[draft_model()]) {
            assert_eq!(card.problem, None, "{name} {}", card.number);
            assert!(card.prompt.text.len() > 10, "{name} {}: “{}”", card.number, card.prompt.text);
            println!("{name} {} {}f {}", card.number, card.frames, card.prompt.text);
        }
        let again = Command::SetScript { text: text.clone() }.plan(&film, &mut ids).expect("a plan");
        assert_eq!(again.0.len(), 1, "setting the same script again changes nothing");
    }
}

#[test]
fn no_script_is_too_strange() {
    let (film, mut ids) = film();
    for text in [
        "",
        "\u{0}\u{feff}\u{1f}",
        "[[shot:",
        "INT.",
        &"A".repeat(100_000),
        &"INT. A\n\nB.\n\n".repeat(300),
        "/* [[ # =\n~\n>",
    ] {
        let mut film = film.clone();
        set(&mut film, &mut ids, text);
        set(&mut film, &mut ids, SCRIPT);
    }
    let long = Command::SetScript { text: "A".repeat(limits::SCRIPT_BYTES + 1) };
    assert_eq!(long.plan(&film, &mut ids).expect_err("too long").rule, "script.too_long");
}

/// What an edit remembers of scripts for the next one decides nothing: not after an undo, a refusal or new settings either.
#[test]
fn a_plan_is_the_same_whatever_was_remembered_of_scripts() {
    let mut planned = 0;
    for seed in 0..60 {
        let ((mut film, mut ids), mut dice, mut scripts) = (film(), Dice(seed), ReadScripts::default());
        for step in 0..25 {
            let text = random_script(&film, &mut dice);
            let command = match dice.below(8) {
                0 => {
                    let mut settings = film.settings.clone();
                    settings.rate = FrameRate::FILM_RATES[dice.below(6)];
                    settings.engine = ["draft", "another"][dice.below(2)].to_owned();
                    Command::SetSettings { settings }
                }
                1 => random_command(&film, &mut ids, &mut dice),
                _ => Command::SetScript { text },
            };
            let (mut one, mut other) = (Count(ids.0), Count(ids.0));
            let plan = command.plan_with(&film, &mut one, &mut scripts);
            assert_eq!(plan, command.plan(&film, &mut other), "seed {seed}, step {step}: {command:?}");
            assert_eq!(one.0, other.0, "seed {seed}, step {step}: another number of ids");
            ids = one;
            // Some plans are not carried out, some are taken back.
            let Ok(patch) = plan else { continue };
            planned += 1;
            if dice.below(5) > 0 {
                let inverse = film.apply(&patch).expect("a planned patch applies");
                if dice.below(5) == 0 {
                    film.apply(&inverse).expect("an inverse applies");
                }
            }
        }
    }
    assert!(planned > 1000, "only {planned} plans");
}
