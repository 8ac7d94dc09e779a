//! No door leads around the check of pictures: what it has something against is neither brought in, nor given to an engine, nor kept.
//!
//! A checker that a test decides stands in the studio's place of one; the picture it is against lies in a file like any other.

#[path = "support/studio.rs"]
mod studio;

use kinora_backend::{Gate, House, OpenFilm};
use kinora_document::{CastId, CastMember, CastRole, Command, ShotId};
use kinora_ports::fakes::{Dice, OBJECTION, PickyChecker};
use kinora_ports::{NoPictureChecker, PictureChecker};
use kinora_store::RealDisk;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use studio::{Machine, Numbers, generate, shots};

/// Whatever is as red as this is refused.
const RED: [u8; 4] = [255, 0, 0, 255];

fn gate(machine: &Machine, pictures: Arc<dyn PictureChecker>) -> Arc<Gate> {
    let disk = Arc::new(RealDisk::new(machine.path("policy")));
    let house = House::open(disk, machine.clock.clone(), Arc::new(Numbers(Mutex::new(Dice(3))))).expect("it opens");
    Arc::new(Gate::new(Arc::new(house), pictures))
}

fn machine(pictures: Arc<dyn PictureChecker>) -> Machine {
    let mut machine = Machine::new(1);
    machine.studio.tools.gate = gate(&machine, pictures);
    machine
}

fn against_red() -> Arc<PickyChecker> {
    Arc::new(PickyChecker::new(|pixels| pixels.rgba.starts_with(&RED)))
}

fn red_file(machine: &Machine) -> PathBuf {
    let path = machine.path("beach.png");
    image::RgbaImage::from_pixel(64, 36, image::Rgba(RED)).save(&path).expect("written");
    path
}

/// ADA is in the first shot, and this is how she looks.
fn reference(film: &OpenFilm, file: &std::path::Path) {
    let media = film.import(file).expect("brought in");
    let blob = film.session.film().media.get(media).expect("it is there").blob;
    let member = CastMember {
        id: CastId(77),
        role: CastRole::Character,
        name: "ADA".to_owned(),
        descriptor: "a woman in a coat".to_owned(),
        references: vec![blob],
        voice: String::new(),
        seed: None,
        wardrobe: std::collections::BTreeMap::new(),
        colour: None,
        cameo: None,
    };
    film.session.edit(&Command::SetCast { member }, None).expect("cast");
    let mut shot = film.session.film().shots.get(first(film)).expect("it is there").clone();
    shot.characters = vec!["ADA".to_owned()];
    film.session.edit(&Command::SetShot { shot: Box::new(shot) }, None).expect("she is in it");
}

fn first(film: &OpenFilm) -> ShotId {
    shots(film)[0]
}

fn orders(machine: &Machine) -> usize {
    machine.engine.orders.load(Ordering::SeqCst)
}

#[test]
fn a_flagged_picture_is_not_brought_in_and_leaves_nothing_behind() {
    let machine = machine(against_red());
    let film = machine.film("import");
    let refused = film.import(&red_file(&machine)).expect_err("it is red").0;
    assert_eq!(refused.rule, "policy.picture");
    assert!(refused.what.contains("beach.png") && refused.what.contains(OBJECTION), "{}", refused.what);
    assert_eq!(film.session.film().media.iter().count(), 0);
    let scratch = film.session.store().blobs().scratch();
    let left = std::fs::read_dir(scratch).map_or(0, |entries| entries.count());
    assert_eq!(left, 0, "a copy was left behind");
    film.import(&machine.picture("ada.png", 3)).expect("nothing is against it");
}

#[test]
fn a_flagged_reference_that_came_in_before_is_given_to_no_engine() {
    let machine_before = machine(Arc::new(NoPictureChecker));
    let film = machine_before.film("reference");
    reference(&film, &red_file(&machine_before));
    drop(film);
    let mut later = machine_before;
    later.studio.tools.gate = gate(&later, against_red());
    let film = later.open(&later.path("reference.kinora"));
    assert_eq!(generate(&film, first(&film)), Err("policy.picture".to_owned()));
    assert_eq!(orders(&later), 0, "the engine was asked");
    // Who is not in a shot is not given to its engine.
    generate(&film, shots(&film)[2]).expect("nobody red is in it");
    let decisions = later.studio.tools.gate.view().expect("readable").decisions;
    assert!(decisions.iter().any(|decision| decision.place == "reference" && decision.words.is_none()));
}

#[test]
fn a_flagged_take_is_not_added_and_the_person_is_told_why() {
    let machine = machine(Arc::new(PickyChecker::new(|pixels| pixels.width == 128)));
    let film = machine.film("take");
    let wanted = film.generate(&[first(&film)], 1, false).expect("it is queued").queued[0];
    let trouble = film.queue.wait(wanted, &mut |_| kinora_ports::Flow::Continue).expect_err("it is flagged").0;
    assert_eq!(trouble.rule, "policy.picture");
    assert!(trouble.what.contains("not kept") && trouble.what.contains(OBJECTION), "{}", trouble.what);
    assert!(trouble.remedy.contains("seed"), "{}", trouble.remedy);
    assert_eq!(orders(&machine), 1);
    assert_eq!(film.session.film().takes.iter().count(), 0);
    let waiting = film.queue.view().jobs;
    assert!(matches!(&waiting[0].state, kinora_api::JobState::Failed(problem) if problem.rule == "policy.picture"));
    let media = film.session.store().blobs().scratch();
    assert_eq!(std::fs::read_dir(media).map_or(0, |entries| entries.count()), 0, "a take was left behind");
}

#[test]
fn where_nothing_is_installed_all_is_as_it_was_and_that_is_said() {
    let machine = machine(Arc::new(NoPictureChecker));
    let film = machine.film("nothing");
    reference(&film, &red_file(&machine));
    generate(&film, first(&film)).expect("nobody looks");
    assert_eq!(film.session.film().takes.iter().count(), 1);
    let view = machine.studio.tools.gate.view().expect("readable");
    assert!(view.picture_checks.contains("not checked"), "{}", view.picture_checks);
    assert!(view.decisions.is_empty());
}

#[test]
fn a_checker_that_cannot_look_lets_nothing_pass() {
    let machine = machine(Arc::new(PickyChecker::broken()));
    let film = machine.film("broken");
    assert_eq!(film.import(&red_file(&machine)).expect_err("nobody could look").0.rule, "fault");
    assert_eq!(generate(&film, first(&film)), Err("fault".to_owned()));
    assert_eq!(film.session.film().takes.iter().count(), 0);
}

#[test]
fn the_picture_a_shot_begins_on_is_looked_at_as_well() {
    let before = machine(Arc::new(NoPictureChecker));
    let film = before.film("begins");
    let media = film.import(&red_file(&before)).expect("nobody looks");
    let blob = film.session.film().media.get(media).expect("it is there").blob;
    drop(film);
    let mut later = before;
    later.studio.tools.gate = gate(&later, against_red());
    let film = later.open(&later.path("begins.kinora"));
    let wish = kinora_backend::Wish { begin_on: Some(blob), ..kinora_backend::Wish::shot(first(&film)) };
    let job = film.queue.add(&[wish]).expect("queued")[0];
    let trouble = film.queue.wait(job, &mut |_| kinora_ports::Flow::Continue).expect_err("it is red").0;
    assert!(trouble.rule == "policy.picture" && trouble.what.contains("begins on"), "{}", trouble.what);
    assert_eq!(orders(&later), 0);
}
