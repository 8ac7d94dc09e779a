//! Looks for input that breaks a parser, for as long as one likes: `cargo xtask hunt [NAME…] [--minutes N] [--seed N]`.
//!
//! The same parsers as the test `tests/hunts.rs`, with another seed each time. What it finds it makes small, writes into
//! `tests/corpus/NAME` and says why; the exit status is then 1. It never changes anything else of the repository.
#![allow(clippy::print_stdout, reason = "a tool of the developers says what it found")]

#[path = "../../tests/hunt/mod.rs"]
mod hunt;

use std::process::ExitCode;
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let after =
        |name: &str| words.iter().skip_while(|word| *word != name).nth(1).and_then(|word| word.parse::<u64>().ok());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |time| time.as_secs());
    let (minutes, seed) = (after("--minutes").unwrap_or(1), after("--seed").unwrap_or(now));
    let wanted = |target: &&hunt::Target| {
        let named: Vec<_> =
            hunt::targets::ALL.iter().filter(|target| words.iter().any(|word| word == target.name)).collect();
        named.is_empty() || named.iter().any(|named| named.name == target.name)
    };
    let targets: Vec<_> = hunt::targets::ALL.iter().filter(wanted).collect();
    let each = Duration::from_secs(minutes * 60) / targets.len().max(1) as u32;
    println!("seed {seed}, {:.0} s for each of {} parsers", each.as_secs_f64(), targets.len());
    // A panic is a find, and said once.
    std::panic::set_hook(Box::new(|_| {}));
    let mut found = 0;
    for target in targets {
        let Ok(scratch) = tempfile::tempdir() else {
            println!("A temporary folder could not be made: is the disk full?");
            return ExitCode::FAILURE;
        };
        let started = Instant::now();
        let (tries, find) = target.hunt(seed, scratch.path(), |_| started.elapsed() < each);
        println!("{:<12} {tries:>9} tries in {:.0} s", target.name, started.elapsed().as_secs_f64());
        let Some(find) = find else { continue };
        found += 1;
        let folder = hunt::kept(target.name);
        let name = folder.join(format!("{}.bin", short_name(&find.bytes)));
        let kept = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&name, &find.bytes));
        println!(
            "  {}\n  {:?}\n  kept as {} ({kept:?})",
            find.why,
            String::from_utf8_lossy(&find.bytes),
            name.display()
        );
    }
    if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The same for the same bytes.
fn short_name(bytes: &[u8]) -> String {
    let mut hasher = std::hash::DefaultHasher::new();
    std::hash::Hasher::write(&mut hasher, bytes);
    format!("{:016x}", std::hash::Hasher::finish(&hasher))
}
