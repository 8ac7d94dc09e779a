//! Tools that tests need and that are not ours to keep: fetched by name, version and hash into the user's cache, with Python's own client.
//! It must never be on the way to `cargo xtask run`.

use std::process::Command;
use std::time::Instant;

use crate::trouble::Trouble;
use crate::{process, python, say, workspace};

const TOOLS: &str = "crates/xtask/test-tools.txt";

/// Fetches what is listed and not there yet, into `test-tools/` of the cache.
pub fn ready() -> Result<(), Trouble> {
    let list = workspace::root()?.join(TOOLS);
    let wanted = std::fs::read_to_string(&list)
        .map_err(|error| Trouble::failed(format!("Cannot read {TOOLS}: {error}. It names what tests need.")))?;
    let folder = workspace::cache()?.join("test-tools");
    let stamp = folder.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let python = python::ready()?;
    let started = Instant::now();
    say::step("Fetching tools that only tests need", "seconds");
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--upgrade", "--target"]);
    process::run(pip.arg(&folder).arg("--requirement").arg(&list)).map_err(|_| {
        Trouble::missing(format!("pip could not fetch what {TOOLS} lists: is the network there? Then try again."))
    })?;
    std::fs::write(&stamp, wanted)
        .map_err(|error| Trouble::missing(format!("Cannot write {}: {error}. Is the disk full?", stamp.display())))?;
    say::done("they are here", started.elapsed());
    Ok(())
}
