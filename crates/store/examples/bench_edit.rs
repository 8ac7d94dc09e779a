//! How long an edit takes until it is acknowledged: a real disk, a film of 1,000 shots, one shot changed at a time.
//!
//! Beside it stands what the disk alone takes for the same bytes (append and sync), since nothing durable can be faster. Prints one JSON object
//! a line for `cargo xtask bench`; it never prints a figure that was not measured in this run.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "common/film.rs"]
mod film;

use kinora_document::Command;
use kinora_ports::{Disk, ProjectStore};
use kinora_store::{Ledger, ProjectFolder, RealDisk};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const EDITS: u64 = 400;

fn percentile(times: &mut [f64], part: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(((times.len() - 1) as f64 * part) as usize).copied().unwrap_or_default()
}

fn main() {
    // Beside the program, since a temporary folder may be memory.
    let place = std::env::current_exe().unwrap();
    let folder = tempfile::tempdir_in(place.parent().unwrap()).unwrap();
    let root = folder.path().join("Film.kinora");
    let bare = RealDisk::new(folder.path());
    let mut film = film::shots(1_000);
    let project = ProjectFolder::create(&root, &film).unwrap();
    let ledger_root = folder.path().join("ledger");
    std::fs::create_dir(&ledger_root).unwrap();
    let mut ledger = Ledger::create(Arc::new(RealDisk::new(&ledger_root)), &film).unwrap();
    let (mut planned, mut whole, mut journal, mut disk) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for sequence in 1..=EDITS {
        let mut shot = film.shots.at((sequence as usize * 37) % film.shots.len()).unwrap().clone();
        shot.prompt_override = Some(format!("a red ball on the sand, take {sequence}"));
        let begun = Instant::now();
        let edit = film::edit(&mut film, &Command::SetShot { shot: Box::new(shot) }, sequence);
        planned.push(begun.elapsed().as_secs_f64() * 1e3);
        project.append(&edit, &film).unwrap();
        whole.push(begun.elapsed().as_secs_f64() * 1e3);
        let begun = Instant::now();
        ledger.append(&edit).unwrap();
        journal.push(begun.elapsed().as_secs_f64() * 1e3);
        let bytes = serde_json::to_vec(&edit).unwrap();
        let begun = Instant::now();
        bare.append(Path::new("bare"), &bytes).unwrap();
        bare.sync_file(Path::new("bare")).unwrap();
        disk.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    for (name, part, aim) in [("p50", 0.5, ""), ("p95", 0.95, "≤ 25 ms")] {
        let reference = percentile(&mut disk, part);
        for (what, times) in [
            ("edit acknowledged", &mut whole),
            ("of which planning", &mut planned),
            ("the journal alone", &mut journal),
        ] {
            let value = percentile(times, part);
            println!(
                "{{\"what\":\"{what}, {name}\",\"value\":{value:.3},\"unit\":\"ms\",\"aim\":\"{aim}\",\"beside\":\"append and sync alone\",\"reference\":{reference:.3}}}"
            );
        }
    }
}
