//! The check of what we depend on: licences, banned crates, sources, and known security advisories.
//! It exists so that nobody has to install cargo-deny by hand: it is built once, into the user's cache.
//! It must never call a check passed that did not run: without the advisory database it says so.

use std::path::PathBuf;
use std::process::Command;

use crate::trouble::Trouble;
use crate::{process, say, workspace};

/// cargo-deny on the PATH, or in our cache, or built into it.
pub fn ready() -> Result<PathBuf, Trouble> {
    let name = format!("cargo-deny{}", std::env::consts::EXE_SUFFIX);
    let tools = workspace::cache()?.join("tools");
    let candidates = [PathBuf::from(&name), tools.join("bin").join(&name)];
    if let Some(found) = candidates.into_iter().find(|path| process::succeeds(Command::new(path).arg("--version"))) {
        return Ok(found);
    }
    say::step("Building cargo-deny into the cache, once", "6 minutes");
    if !say::ask("It checks licences and advisories. Build it now?") {
        return Err(Trouble::missing("cargo-deny is not here: `cargo install cargo-deny --locked`, and try again."));
    }
    // Its own target folder: a different program would only push ours out of ours.
    let built_in = tools.join("target");
    let installed = process::run(
        workspace::cargo()?
            .args(["install", "cargo-deny", "--locked", "--quiet", "--root"])
            .arg(&tools)
            .arg("--target-dir")
            .arg(&built_in),
    );
    let _ = std::fs::remove_dir_all(&built_in);
    installed.map_err(|_| {
        Trouble::missing(
            "cargo-deny did not build: is the network there? `cargo install cargo-deny --locked` says more.",
        )
    })?;
    Ok(tools.join("bin").join(name))
}

/// Runs what can be checked here.
pub fn check() -> Result<(), Trouble> {
    let deny = ready()?;
    let root = workspace::root()?;
    let with = |arguments: &[&str]| {
        let mut command = Command::new(&deny);
        command.current_dir(&root).args(["--log-level", "warn"]).args(arguments);
        command
    };
    process::run(&mut with(&["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))?;
    if process::succeeds(&mut with(&["fetch", "db"])) {
        return process::run(&mut with(&["check", "--disable-fetch", "advisories"]));
    }
    say::note("The advisory database could not be fetched (no network, or a proxy): advisories were NOT checked here.");
    Ok(())
}
