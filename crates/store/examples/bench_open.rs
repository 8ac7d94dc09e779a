//! How long a film of 1,000 shots and 2,000 edits takes to open: with its index, and with the index made anew from the journal.
//!
//! Each is the median of several openings of files the system has in memory. Prints one JSON object a line for `cargo xtask bench`; it never
//! prints a figure that was not measured in this run.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "common/film.rs"]
mod film;

use kinora_document::{Command, Film};
use kinora_ports::ProjectStore;
use kinora_store::ProjectFolder;
use std::path::Path;
use std::time::Instant;

const EDITS: u64 = 2_000;
const OPENINGS: usize = 7;

fn opened(root: &Path, wanted: &Film) -> f64 {
    let begun = Instant::now();
    let (project, opened) = ProjectFolder::open(root).unwrap();
    let took = begun.elapsed().as_secs_f64() * 1e3;
    assert!(opened.film == *wanted, "another film");
    drop(project);
    took
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn main() {
    let place = std::env::current_exe().unwrap();
    let folder = tempfile::tempdir_in(place.parent().unwrap()).unwrap();
    let root = folder.path().join("Film.kinora");
    let mut film = film::shots(1_000);
    let project = ProjectFolder::create(&root, &film).unwrap();
    for sequence in 1..=EDITS {
        let mut shot = film.shots.at((sequence as usize * 37) % film.shots.len()).unwrap().clone();
        shot.prompt_override = Some(format!("a red ball on the sand, take {sequence}"));
        let edit = film::edit(&mut film, &Command::SetShot { shot: Box::new(shot) }, sequence);
        project.append(&edit, &film).unwrap();
    }
    drop(project);
    let with_index = median((0..OPENINGS).map(|_| opened(&root, &film)).collect());
    let anew = median(
        (0..OPENINGS)
            .map(|_| {
                std::fs::remove_dir_all(root.join("store.sled")).unwrap();
                opened(&root, &film)
            })
            .collect(),
    );
    println!(
        "{{\"what\":\"open 1,000 shots, 2,000 edits\",\"value\":{with_index:.1},\"unit\":\"ms\",\"aim\":\"≤ 1,000 ms\"}}"
    );
    println!("{{\"what\":\"… with the index made anew\",\"value\":{anew:.1},\"unit\":\"ms\",\"aim\":\"≤ 5,000 ms\"}}");
}
