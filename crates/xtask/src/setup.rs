//! `cargo xtask setup`, and what `run` and `test` do first: make the machine able to build, or say what it lacks.
//! It exists so that a fresh clone needs no reading list.
//! It must never do more than its purpose needs: running the studio installs no Python and no test tools.

use std::process::Command;
use std::time::Instant;

use crate::packages::{self, Purpose};
use crate::trouble::Trouble;
use crate::{debian, deny, fetch, process, python, say, wheels, workspace};

pub fn task(rest: &[String]) -> Result<(), Trouble> {
    if let Some(word) = rest.first() {
        return Err(Trouble::request(format!("`setup` takes nothing, and was given \"{word}\".")));
    }
    prepare(Purpose::Test)?;
    python::ready()?;
    deny::ready()?;
    fetch::ready()?;
    say::note("Everything is here. Next: cargo xtask run");
    Ok(())
}

/// Makes the machine ready for the purpose, or says in one sentence what a person has to do.
pub fn prepare(purpose: Purpose) -> Result<(), Trouble> {
    let started = Instant::now();
    say::step("Checking what this machine has", "a second; a minute when packages are missing");
    system_packages(purpose)?;
    wasm_target()?;
    if purpose == Purpose::Test {
        component("rustfmt", "fmt")?;
        component("clippy", "clippy")?;
    }
    wheels::ready(purpose)?;
    say::done("the machine is ready", started.elapsed());
    Ok(())
}

fn system_packages(purpose: Purpose) -> Result<(), Trouble> {
    let system = debian::system();
    if system == "debian" {
        let missing = debian::missing(purpose);
        return if missing.is_empty() { Ok(()) } else { debian::install(&missing) };
    }
    let libraries = match system.as_str() {
        "macos" | "windows" => packages::LIBRARIES_MAC,
        _ => packages::LIBRARIES,
    };
    let there = |library: &&str| process::succeeds(Command::new("pkg-config").args(["--exists", library]));
    let missing: Vec<&str> = libraries.iter().copied().filter(|library| !there(library)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Trouble::missing(format!(
        "pkg-config does not find {}. Install these, and try again:\n  {}",
        missing.join(", "),
        packages::advice(&system)
    )))
}

fn wasm_target() -> Result<(), Trouble> {
    let library =
        process::read(Command::new("rustc").args(["--print", "target-libdir", "--target", "wasm32-unknown-unknown"]));
    if library.is_some_and(|folder| std::path::Path::new(folder.trim()).is_dir()) {
        return Ok(());
    }
    say::note("Rust's wasm32 target is missing: the page of the window is built for it.");
    process::run(Command::new("rustup").args(["target", "add", "wasm32-unknown-unknown"])).map_err(|_| {
        Trouble::missing(
            "Rust's wasm32-unknown-unknown target is missing and rustup could not add it. With rustup: connect to the network and \
             try again. Without rustup: install your system's package of it (Debian: libstd-rust-dev-wasm32).",
        )
    })
}

fn component(component: &str, task: &str) -> Result<(), Trouble> {
    if process::succeeds(workspace::cargo()?.args([task, "--version"])) {
        return Ok(());
    }
    process::run(Command::new("rustup").args(["component", "add", component])).map_err(|_| {
        Trouble::missing(format!(
            "`cargo {task}` is missing: install {component}, as with `rustup component add {component}`."
        ))
    })
}
