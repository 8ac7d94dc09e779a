//! What the gate makes of pictures, with a checker that a test decides.

use super::*;
use crate::house::House;
use kinora_api::SetPolicy;
use kinora_document::{FrameSize, MediaKind, Ticks};
use kinora_ports::fakes::{Noon, OBJECTION, PickyChecker, SimulatedDisk, Thrown};
use kinora_ports::media::MovieInfo;
use kinora_ports::{NoPictureChecker, PictureChecker, PortError, Sound};
use std::sync::Arc;

fn gate(pictures: Arc<dyn PictureChecker>) -> Gate {
    let disk = Arc::new(SimulatedDisk::new());
    let house = House::open(disk, Arc::new(Noon), Arc::new(Thrown::new(7))).expect("it opens");
    Gate::new(Arc::new(house), pictures)
}

/// Something against pictures that are red.
fn picky() -> Arc<PickyChecker> {
    Arc::new(PickyChecker::new(|pixels| pixels.rgba.starts_with(&[255, 0, 0])))
}

fn picture(colour: [u8; 3]) -> Pixels {
    Pixels::from_rgb(4, 4, &colour.repeat(16)).expect("it fits")
}

const RED: [u8; 3] = [255, 0, 0];

/// Green pictures, each another, but for those at these places.
fn frames(count: u8, red: &[usize]) -> Vec<Pixels> {
    let colour = |at: u8| if red.contains(&usize::from(at)) { RED } else { [0, 200, at] };
    (0..count).map(|at| picture(colour(at))).collect()
}

struct Reel {
    info: MovieInfo,
    frames: Vec<Pixels>,
}

impl Reel {
    fn new(frames: Vec<Pixels>) -> Self {
        let info = MovieInfo {
            kind: MediaKind::Movie,
            length: Ticks::from_seconds(1),
            size: Some(FrameSize { width: 4, height: 4 }),
            rate: Some(FrameRate::FPS_12),
            frames: frames.len() as u32,
            has_sound: false,
            codecs: String::new(),
        };
        Self { info, frames }
    }
}

impl Movie for Reel {
    fn info(&self) -> &MovieInfo {
        &self.info
    }
    fn frame(&mut self, index: u32) -> Result<Pixels, PortError> {
        Ok(self.frames[index as usize].clone())
    }
    fn sound(&mut self) -> Result<Option<Sound>, PortError> {
        Ok(None)
    }
}

#[test]
fn first_middle_last_and_each_second_are_looked_at_and_never_more_than_a_dozen() {
    let rate = Some(FrameRate::FPS_12);
    assert!(places(0, rate).is_empty());
    assert_eq!(places(1, None), [0]);
    assert_eq!(places(5, rate), [0, 2, 4]);
    assert_eq!(places(49, rate), [0, 12, 24, 36, 48]);
    let long = places(90_000, rate);
    assert_eq!((long.len(), long.first(), long.last()), (MOST_LOOKS, Some(&0), Some(&89_999)));
}

#[test]
fn a_refused_picture_says_why_and_what_to_do_and_is_logged_without_words() {
    let gate = gate(picky());
    gate.set(&SetPolicy { keeps_words: Some(true), ..SetPolicy::default() }).expect("there is no PIN");
    let refused = gate.check_import("beach.png", &mut Reel::new(frames(1, &[0]))).expect_err("it is red").0;
    assert_eq!(refused.rule, RULE);
    assert!(refused.what.contains("beach.png") && refused.what.contains(OBJECTION), "{}", refused.what);
    assert!(!refused.remedy.is_empty());
    let refused = gate.check_take(&frames(5, &[2]), FrameRate::FPS_12).expect_err("its middle is red").0;
    assert!(refused.rule == RULE && refused.what.contains("picture 3"), "{}", refused.what);
    let decisions = gate.view().expect("readable").decisions;
    let places: Vec<&str> = decisions.iter().map(|decision| decision.place.as_str()).collect();
    assert_eq!(places, ["take", "picture"]);
    for decision in decisions {
        assert!(decision.refused && decision.words.is_none() && decision.rules == [RULE], "{decision:?}");
    }
}

#[test]
fn every_place_of_a_short_movie_and_of_a_take_counts() {
    for red in [0, 12, 24, 36, 48] {
        let gate = gate(picky());
        assert!(gate.check_import("a.mp4", &mut Reel::new(frames(49, &[red]))).is_err(), "picture {red}");
        assert!(gate.check_take(&frames(49, &[red]), FrameRate::FPS_12).is_err(), "picture {red}");
    }
}

#[test]
fn what_is_harmless_is_looked_at_once() {
    let checker = picky();
    let gate = gate(checker.clone());
    for _ in 0..3 {
        gate.check_take(&frames(5, &[]), FrameRate::FPS_12).expect("it is green");
    }
    assert_eq!(checker.looked(), 3);
    // A refused one is refused again.
    for _ in 0..2 {
        assert!(gate.check_take(&frames(1, &[0]), FrameRate::FPS_12).is_err());
    }
    assert_eq!(gate.view().expect("readable").decisions.len(), 1, "the same decision is kept once");
}

#[test]
fn where_nothing_looks_all_pass_and_that_is_said_and_a_broken_checker_lets_nothing_pass() {
    let none = gate(Arc::new(NoPictureChecker));
    none.check_import("a.png", &mut Reel::new(frames(1, &[0]))).expect("nobody looks");
    none.check_take(&frames(5, &[0, 2, 4]), FrameRate::FPS_12).expect("nobody looks");
    let view = none.view().expect("readable");
    assert!(view.picture_checks.contains("not checked") && view.decisions.is_empty());
    let broken = gate(Arc::new(PickyChecker::broken()));
    let trouble = broken.check_take(&frames(5, &[]), FrameRate::FPS_12).expect_err("nobody could look").0;
    assert_eq!(trouble.rule, "fault");
    assert!(broken.check_import("a.png", &mut Reel::new(frames(1, &[]))).is_err());
}
