//! How long an edit takes until it is acknowledged: a real disk, a film of 1,000 shots, the same session that the window works on.
//!
//! Planned, applied, journalled and synced, mirrored, told to a listener. Beside it stands what the disk alone takes for as many bytes
//! (append and sync), since nothing durable can be faster. It never prints a figure that was not measured in this run.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

#[path = "../../crates/store/examples/common/film.rs"]
mod film;

// With the program's own allocator.
use kinora as _;
use kinora_backend::{Events, Session};
use kinora_document::{Command, Film, Shot};
use kinora_ports::{Disk, Entropy};
use kinora_store::{ProjectFolder, RealDisk};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

const EDITS: usize = 200;
type Edit = fn(&Film, usize) -> Command;
/// Kinds of edits that a person makes of a board, from the cheapest to the one that moves everything.
const KINDS: [(&str, Edit); 5] = [
    ("a shot's words", |film, number| {
        changed(film, number, |shot| shot.prompt_override = Some(format!("a red ball on the sand, take {number}")))
    }),
    ("a shot's length, with every later clip", |film, number| {
        changed(film, number, |shot| {
            let rate = film.settings.rate;
            let frames = rate.nearest_frame(shot.length);
            shot.length = rate.frame_start(frames + if frames > 60 { -1 } else { 1 });
        })
    }),
    ("a clip trimmed at the beginning, every later clip moves", |film, number| {
        let Some(clip) = film.clips.at(1) else { return Command::SetScript { text: String::new() } };
        let frames = 30 + (number % 10) as i64;
        let length = film.settings.rate.frame_start(frames);
        Command::TrimClip { clip: clip.id, start: clip.start, length, ripple: true }
    }),
    ("a shot's place", |film, number| {
        let shot = |at: usize| film.shots.at(at % film.shots.len()).map(|shot| shot.id);
        match shot(number * 37) {
            Some(moved) => Command::MoveShot { shot: moved, before: shot(number * 37 + 3) },
            None => Command::SetScript { text: String::new() },
        }
    }),
    ("a line of the script", |film, number| {
        let text = film.script.text.replacen(&format!("over rock {number} "), &format!("over stone {number} "), 1);
        Command::SetScript { text }
    }),
];

fn changed(film: &Film, number: usize, change: impl FnOnce(&mut Shot)) -> Command {
    match film.shots.at(number * 37 % film.shots.len().max(1)).cloned() {
        Some(mut shot) => {
            change(&mut shot);
            Command::SetShot { shot: Box::new(shot) }
        }
        None => Command::SetScript { text: String::new() },
    }
}

#[derive(Default)]
struct Counter(AtomicU64);

impl Entropy for Counter {
    fn random_u128(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::Relaxed)) | 1 << 100
    }
}

fn percentile(times: &mut [f64], part: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(((times.len() - 1) as f64 * part) as usize).copied().unwrap_or_default()
}

fn main() -> Result<(), Box<dyn Error>> {
    // Beside the program, since a temporary folder may be memory.
    let program = std::env::current_exe()?;
    let folder = tempfile::tempdir_in(program.parent().ok_or("no folder")?)?;
    let root = folder.path().join("Film.kinora");
    drop(ProjectFolder::create(&root, &film::shots(1_000))?);
    let (store, opened) = ProjectFolder::open(&root)?;
    let session = Session::open(Arc::new(store), &opened, Arc::new(Counter::default()), Arc::new(Events::default()))?;
    let bare = RealDisk::new(folder.path());
    let journal = root.join("journal/edits.log");
    for (kind, command) in KINDS {
        let (mut planned, mut whole, mut disk) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..EDITS {
            let film = session.film();
            let command = command(&film, number);
            let mut next = 1_u128 << 90;
            let begun = Instant::now();
            command.plan(&film, &mut || {
                next += 1;
                next
            })?;
            planned.push(begun.elapsed().as_secs_f64() * 1e3);
            let before = std::fs::metadata(&journal).map_or(0, |file| file.len());
            let begun = Instant::now();
            session.edit(&command, None)?;
            whole.push(begun.elapsed().as_secs_f64() * 1e3);
            let bytes = std::fs::metadata(&journal)?.len() - before;
            let line = vec![b'x'; bytes as usize];
            let begun = Instant::now();
            bare.append(Path::new("bare"), &line)?;
            bare.sync_file(Path::new("bare"))?;
            disk.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        println!("{kind}: of which planning p50 {:.2} ms", percentile(&mut planned, 0.5));
        for (name, part, aim) in [("p50", 0.5, ""), ("p95", 0.95, "≤ 25 ms")] {
            println!(
                r#"{{"what":"edit acknowledged, {kind}, {name}","value":{:.3},"unit":"ms","aim":"{aim}","beside":"append and sync alone","reference":{:.3}}}"#,
                percentile(&mut whole, part),
                percentile(&mut disk, part)
            );
        }
    }
    Ok(())
}
