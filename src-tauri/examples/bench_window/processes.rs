//! The studio's processes as Linux counts them: the program and the web processes that carry its home in their environment.
//!
//! Read from `/proc`, so that the figures are the system's and not the program's own.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Of `/proc`'s clock: a hundred a second on every Linux there is.
const TICKS: f64 = 100.0;

fn ours(home: &Path) -> impl Iterator<Item = PathBuf> {
    let home = home.to_string_lossy().into_owned().into_bytes();
    let me = PathBuf::from(format!("/proc/{}", std::process::id()));
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|process| process.path());
    all.filter(move |process| {
        let environment = std::fs::read(process.join("environ")).unwrap_or_default();
        *process != me && environment.windows(home.len()).any(|part| part == home)
    })
}

fn read(process: &Path, name: &str) -> String {
    std::fs::read_to_string(process.join(name)).unwrap_or_default()
}

/// A number of `/proc/N/stat`, counted from the first behind the name.
fn stat(process: &Path, at: usize) -> f64 {
    let line = read(process, "stat");
    let behind = line.rsplit(')').next().unwrap_or_default();
    behind.split_whitespace().nth(at).and_then(|field| field.parse().ok()).unwrap_or(0.0)
}

/// What only they hold, in MB; and which of them holds how much.
pub fn memory(home: &Path) -> (f64, String) {
    let own = |process: PathBuf| {
        let rollup = read(&process, "smaps_rollup");
        let lines = rollup.lines().filter(|line| line.starts_with("Private_"));
        let held = lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok()).sum::<f64>() / 1024.0;
        (read(&process, "comm").trim().to_owned(), held)
    };
    let each: Vec<(String, f64)> = ours(home).map(own).collect();
    let words = each.iter().map(|(name, held)| format!("{name} {held:.0}")).collect::<Vec<_>>().join(", ");
    (each.iter().map(|(_, held)| held).sum(), words)
}

/// Seconds since the program began; the driver and web processes are older and younger.
pub fn age(home: &Path, program: &str) -> f64 {
    let up = read(Path::new("/proc"), "uptime");
    let up: f64 = up.split_whitespace().next().and_then(|seconds| seconds.parse().ok()).unwrap_or(f64::NAN);
    let is_it = |process: &PathBuf| std::fs::read_link(process.join("exe")).is_ok_and(|exe| exe == Path::new(program));
    ours(home).find(is_it).map_or(f64::NAN, |process| up - stat(&process, 19) / TICKS)
}

/// Their part of one processor over a while.
pub fn share(home: &Path, over: Duration) -> f64 {
    let spent = || ours(home).map(|process| stat(&process, 11) + stat(&process, 12)).sum::<f64>() / TICKS;
    let before = spent();
    std::thread::sleep(over);
    (spent() - before) / over.as_secs_f64()
}
