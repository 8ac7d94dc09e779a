//! Looks for scripts that break a promise, for as long as one likes: the tests do the same for a few seconds.
//!
//! `cargo run --release -p kinora-screenplay --example hunt -- --seed 1 --count 20000000` draws scripts made of marks and sends each
//! through parser and printer twice. What breaks is shrunk and printed, and the exit status is 1; each find belongs into the
//! regressions of `tests/round_trip.rs`. `--what files` damages the corpus of `tests/corpus` instead and says which file took longest.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a tool of the developers says what it found, and stops")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use support::chance::Chance;
use support::{corpus, marks, round_trip};

/// More finds than this are one find.
const MOST_FINDS: usize = 20;
/// No file of 64 KiB may take longer.
const SLOW: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let given = |name: &str, usual: u64| {
        let mut words = std::env::args().skip_while(|word| word != name).skip(1);
        words.next().map_or(usual, |word| word.parse().unwrap())
    };
    let (seed, count) = (given("--seed", 1), given("--count", 1_000_000));
    let damage = std::env::args().any(|word| word == "files");
    let threads = given("--threads", std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64));
    let started = Instant::now();
    let share = move |thread: u64| {
        let chance = Chance::new(seed.wrapping_mul(0x1000_0001).wrapping_add(thread));
        if damage { hunt_files(chance, count / threads) } else { hunt(chance, count / threads) }
    };
    let hunts: Vec<_> = (0..threads).map(|thread| std::thread::spawn(move || share(thread))).collect();
    let (mut finds, mut slowest) = (BTreeSet::new(), Duration::ZERO);
    for hunt in hunts {
        let (found, slow) = hunt.join().unwrap();
        finds.extend(found);
        slowest = slowest.max(slow);
    }
    for source in &finds {
        println!("{source:?}\n  {}", round_trip::fault(source).unwrap_or_default());
    }
    println!("{count} tries, {} finds, slowest {slowest:?}, {:?}", finds.len(), started.elapsed());
    if finds.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn hunt(mut chance: Chance, count: u64) -> (BTreeSet<String>, Duration) {
    let (mut finds, mut slowest) = (BTreeSet::new(), Duration::ZERO);
    for _ in 0..count {
        let pieces = marks::script(&mut chance);
        let started = Instant::now();
        let faulty = round_trip::fault(&pieces.concat()).is_some();
        slowest = slowest.max(started.elapsed());
        if faulty {
            finds.insert(round_trip::shrink(&pieces, |source| round_trip::fault(source).is_some()));
            if finds.len() >= MOST_FINDS {
                break;
            }
        }
    }
    (finds, slowest)
}

/// A panic ends the hunt by itself; what is left to find is slowness.
fn hunt_files(mut chance: Chance, count: u64) -> (BTreeSet<String>, Duration) {
    let (files, mut finds, mut slowest) = (corpus::files(), BTreeSet::new(), Duration::ZERO);
    for _ in 0..count {
        let file = corpus::draw(&mut chance, &files);
        let mut took = corpus::read(&file);
        if took > slowest {
            // Other programs may have been busy: what is slow is slow again.
            took = (0..3).map(|_| corpus::read(&file)).fold(took, Duration::min);
        }
        if took > SLOW {
            finds.insert(String::from_utf8_lossy(&file).chars().take(2_000).collect());
        }
        slowest = slowest.max(took);
    }
    (finds, slowest)
}
