//! Promise: undo is exact. Random commands, 200 deep; undo all, redo all; byte-equal both ways.

mod common;

use common::*;
use kinora_document::*;

/// One run: returns how many commands were applied.
fn one_run(seed: u64, start: &Film, depth: usize, checked: bool) -> usize {
    let (mut film, mut ids, mut dice) = (start.clone(), Count(1_000), Dice(seed));
    let mut history = History::new();
    let mut applied = 0;
    for _ in 0..depth {
        let command = random_command(&film, &mut ids, &mut dice);
        let Ok(patch) = command.plan(&film, &mut ids) else { continue };
        let inverse = film.apply(&patch).unwrap_or_else(|error| panic!("seed {seed}: {command:?}: {error}"));
        if checked {
            assert_sound(&film, &(seed, &command));
        }
        // In this promise everything is undone, the studio's work too.
        history.record(GestureId(ids.mint()), command.label(), Role::Do, &patch, inverse);
        applied += 1;
    }
    let end = bytes(&film);
    while let Some(step) = history.undo(&film) {
        let inverse =
            film.apply(&step.patch).unwrap_or_else(|error| panic!("seed {seed}: undo {}: {error}", step.label));
        history.record(step.gesture, &step.label, Role::Undo, &step.patch, inverse);
        if checked {
            assert_sound(&film, &(seed, "undo", &step.label));
        }
    }
    assert!(bytes(&film) == bytes(start), "seed {seed}: undoing everything did not restore the film");
    while let Some(step) = history.redo(&film) {
        let inverse =
            film.apply(&step.patch).unwrap_or_else(|error| panic!("seed {seed}: redo {}: {error}", step.label));
        history.record(step.gesture, &step.label, Role::Redo, &step.patch, inverse);
    }
    assert!(bytes(&film) == end, "seed {seed}: redoing everything did not restore the edits");
    applied
}

fn runs(seeds: std::ops::Range<u64>, depth: usize, checked: bool) {
    let (start, _) = film();
    let middle = seeds.start + (seeds.end - seeds.start) / 2;
    let applied: usize = std::thread::scope(|scope| {
        let halves = [seeds.start..middle, middle..seeds.end].map(|half| {
            let start = &start;
            scope.spawn(move || half.map(|seed| one_run(seed, start, depth, checked)).sum::<usize>())
        });
        halves.into_iter().map(|half| half.join().expect("a run failed")).sum()
    });
    let asked = (seeds.end - seeds.start) as usize * depth;
    assert!(applied * 3 > asked, "most commands were refused: only {applied} of {asked} ran");
}

#[test]
fn every_patch_leaves_a_sound_film() {
    runs(1_000_000..1_000_300, 200, true);
}

#[test]
fn undo_all_and_redo_all_are_byte_equal_in_10_000_runs() {
    runs(0..10_000, 200, false);
}
