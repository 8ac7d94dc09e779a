//! Promises: undo takes a whole gesture, survives a restart, and never loses a finished take; films of every version open.

mod common;

use common::*;
use kinora_document::*;

struct Desk {
    start: Film,
    film: Film,
    ids: Count,
    history: History,
    journal: Vec<(GestureId, String, Role, Patch)>,
}

impl Desk {
    fn new() -> Self {
        let (film, ids) = film();
        Self { start: film.clone(), film, ids, history: History::new(), journal: Vec::new() }
    }
    fn apply(&mut self, gesture: u128, label: &str, role: Role, patch: Patch) {
        let inverse = self.film.apply(&patch).expect("the patch applies");
        assert_sound(&self.film, &label);
        self.history.record(GestureId(gesture), label, role, &patch, inverse);
        self.journal.push((GestureId(gesture), label.to_owned(), role, patch));
    }
    fn edit(&mut self, gesture: u128, command: &Command) {
        let patch = command.plan(&self.film, &mut self.ids).expect("a plan");
        let role = if command.is_system() { Role::System } else { Role::Do };
        self.apply(gesture, command.label(), role, patch);
    }
    fn undo(&mut self) {
        let step = self.history.undo(&self.film).expect("something to undo");
        self.apply(step.gesture.0, &step.label, Role::Undo, step.patch);
    }
    fn redo(&mut self) {
        let step = self.history.redo(&self.film).expect("something to redo");
        self.apply(step.gesture.0, &step.label, Role::Redo, step.patch);
    }
    fn shot(&self) -> Shot {
        self.film.shots.first().expect("a shot").clone()
    }
    fn style(&mut self, gesture: u128, style: &str) {
        let shot = Shot { style: style.to_owned(), ..self.shot() };
        self.edit(gesture, &Command::SetShot { shot: Box::new(shot) });
    }
    fn finish_take(&mut self) -> TakeId {
        let shot = self.shot().id;
        let take = take(&self.film, &mut self.ids, shot);
        let id = take.id;
        self.edit(0, &Command::AddTake { take: Box::new(take) });
        id
    }
}

#[test]
fn edits_of_one_drag_are_undone_together() {
    let mut desk = Desk::new();
    let before = bytes(&desk.film);
    for style in ["a", "b", "c"] {
        desk.style(50, style);
    }
    assert_eq!(desk.history.lines().len(), 1);
    desk.undo();
    assert_eq!(bytes(&desk.film), before);
    assert_eq!(desk.history.undo_label(), None);
    assert_eq!(desk.history.redo_label(), Some("Edit shot"));
    desk.redo();
    assert_eq!(desk.shot().style, "c");
}

#[test]
fn undo_survives_a_restart() {
    let mut desk = Desk::new();
    desk.style(50, "a");
    desk.finish_take();
    desk.style(51, "b");
    desk.undo();
    let mut film = desk.start.clone();
    let edits = desk.journal.iter().map(|(gesture, label, role, patch)| (*gesture, label.as_str(), *role, patch));
    let history = History::replay(&mut film, edits).expect("the journal replays");
    assert_eq!(bytes(&film), bytes(&desk.film));
    assert_eq!(history.lines(), desk.history.lines());
    assert_eq!(history.undo(&film), desk.history.undo(&desk.film));
    assert_eq!(history.redo(&film), desk.history.redo(&desk.film));
}

#[test]
fn undo_keeps_a_take_that_was_finished_meanwhile() {
    let mut desk = Desk::new();
    desk.style(50, "a");
    let take = desk.finish_take();
    desk.undo();
    assert_eq!((desk.shot().style.as_str(), desk.shot().chosen_take), ("", Some(take)));
    desk.redo();
    assert_eq!((desk.shot().style.as_str(), desk.shot().chosen_take), ("a", Some(take)));
}

#[test]
fn undoing_a_choice_brings_the_choice_before_it_back() {
    let mut desk = Desk::new();
    let (first, second) = (desk.finish_take(), desk.finish_take());
    let shot = desk.shot().id;
    desk.edit(50, &Command::ChooseTake { shot, take: first });
    desk.undo();
    assert_eq!(desk.shot().chosen_take, Some(second));
}

#[test]
fn a_shot_that_was_made_and_undone_comes_back_with_its_take() {
    let mut desk = Desk::new();
    let first = desk.shot().id;
    desk.edit(50, &Command::DuplicateShot { shot: first });
    let copy = desk.film.shots.at(1).expect("the copy").id;
    let made = take(&desk.film, &mut desk.ids, copy);
    let id = made.id;
    desk.edit(0, &Command::AddTake { take: Box::new(made) });
    desk.undo();
    assert!(!desk.film.shots.contains(copy) && desk.film.takes.contains(id));
    desk.redo();
    assert_eq!(desk.film.shots.get(copy).and_then(|shot| shot.chosen_take), Some(id));
}

#[test]
fn a_new_edit_ends_what_could_be_redone() {
    let mut desk = Desk::new();
    desk.style(50, "a");
    desk.undo();
    desk.style(51, "b");
    assert_eq!(desk.history.redo(&desk.film), None);
    let lines: Vec<(String, bool)> = desk.history.lines().into_iter().map(|line| (line.label, line.applied)).collect();
    assert_eq!(lines, [("Edit shot".to_owned(), true)]);
}

#[test]
fn random_edits_with_the_studio_at_work_are_undone_to_the_end() {
    for seed in 0..200 {
        let mut desk = Desk::new();
        let mut dice = Dice(seed);
        for _ in 0..60 {
            let command = random_command(&desk.film, &mut desk.ids, &mut dice);
            if command.plan(&desk.film, &mut desk.ids).is_ok() {
                let gesture = desk.ids.mint();
                desk.edit(gesture, &command);
            }
            if dice.below(8) == 0 && desk.history.undo_label().is_some() {
                desk.undo();
            }
        }
        let takes = desk.film.takes.len();
        while desk.history.undo_label().is_some() {
            desk.undo();
        }
        assert!(desk.film.takes.len() >= takes, "seed {seed}: undo lost a take");
        assert_eq!(desk.film.settings, desk.start.settings);
        assert_eq!(desk.film.script, desk.start.script);
        assert_eq!(desk.film.clips.len(), desk.start.clips.len());
        while desk.history.redo_label().is_some() {
            desk.redo();
        }
    }
}

#[test]
fn films_of_every_version_open() {
    let path = format!("{}/tests/fixtures/film-v1.json", env!("CARGO_MANIFEST_DIR"));
    let stored = std::fs::read(path).expect("the fixture is kept for ever");
    let film = migrate::decode_film(&stored).expect("an old film opens");
    assert_sound(&film, &"opening");
    assert_eq!(film.settings.title, "Test");
    assert_eq!(film.shots.len(), 4);
    assert_eq!(film.takes.len(), 1);
}

#[test]
fn a_clip_that_fills_the_frame_says_nothing_of_its_place_and_comes_back_the_same() {
    let (mut film, _) = film();
    let mut clip = film.clips.iter().next().expect("a clip").clone();
    assert_eq!(serde_json::to_value(&clip).expect("json").get("placement"), None);
    let stored = serde_json::to_vec(&film).expect("json");
    assert_eq!(migrate::decode_film(&stored).expect("the film opens"), film);
    clip.placement.opacity_permille = 500;
    film.apply(&Patch(vec![Op::Set { entity: Entity::Clip(clip) }])).expect("the clip is there");
    let stored = serde_json::to_vec(&film).expect("json");
    assert_eq!(migrate::decode_film(&stored).expect("the film opens"), film);
}

#[test]
fn a_film_of_a_newer_kinora_is_refused_with_a_sentence() {
    let (film, _) = film();
    let mut value = serde_json::to_value(&film).expect("json");
    value["version"] = (VERSION + 1).into();
    let refusal = migrate::decode_value(value).expect_err("newer");
    assert_eq!(refusal.rule, "film.newer");
    for (json, rule) in [
        ("{}", "film.no_version"),
        ("{\"version\":0}", "film.version_zero"),
        ("{", "film.unreadable"),
        ("{\"version\":1}", "film.unreadable"),
    ] {
        assert_eq!(migrate::decode_film(json.as_bytes()).expect_err("broken").rule, rule);
    }
}

#[test]
fn broken_films_never_panic() {
    let (film, _) = film();
    let stored = serde_json::to_string(&film).expect("json");
    let mut dice = Dice(5);
    for _ in 0..300 {
        let mut broken = stored.clone().into_bytes();
        let at = dice.below(broken.len());
        broken[at] = dice.next() as u8;
        if let Ok(film) = migrate::decode_film(&broken) {
            let _ = check(&film);
            let planner = Planner::new(&film);
            let _ = planner.frame_at(3);
        }
        broken.truncate(at);
        assert!(migrate::decode_film(&broken).is_err());
    }
}
