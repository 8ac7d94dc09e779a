//! `cargo xtask test`: every check there is, in one command, with a table of times at the end.
//! It exists so that what CI runs and what a person runs is one thing; `.ci/run` calls it and adds nothing.
//! It must never skip quietly: a check that cannot run here fails, or its table row says what was left out.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::display::Screen;
use crate::packages::Purpose;
use crate::trouble::Trouble;
use crate::{build, deny, fetch, parity, process, python, say, setup, tidy, ui, workspace};

/// The crates that the page shares, and their way through the table in ARCHITECTURE.md.
const PURE: [&str; 6] =
    ["kinora-screenplay", "kinora-document", "kinora-api", "kinora-interchange", "kinora-consent", "kinora-policy"];

struct Checks {
    rows: Vec<(&'static str, bool, Duration)>,
}

impl Checks {
    /// Performs one check; a failure is told and the rest goes on, because a person wants the whole list at once.
    fn perform(&mut self, what: &'static str, check: impl FnOnce() -> Result<(), Trouble>) {
        let started = Instant::now();
        let result = check();
        if let Err(trouble) = &result {
            say::trouble(trouble);
        }
        self.rows.push((what, result.is_ok(), started.elapsed()));
    }

    fn failed(&self) -> Vec<&'static str> {
        self.rows.iter().filter(|(_, passed, _)| !passed).map(|(what, _, _)| *what).collect()
    }

    fn summary(&self) -> String {
        let mut text = String::from("\nWhat was checked:");
        for (what, passed, took) in &self.rows {
            text.push_str(&format!("\n  {} {what:<44} {:>12}", if *passed { "✓" } else { "✗" }, say::time(*took)));
        }
        text
    }
}

pub fn task(names: &[String]) -> Result<(), Trouble> {
    if let Some(flag) = names.iter().find(|name| name.starts_with('-')) {
        return Err(Trouble::request(format!("`test` takes parts of test names, and was given {flag}.")));
    }
    let started = Instant::now();
    say::line("Every check of this repository: 40 minutes on two cores from empty caches, about 15 after that.");
    setup::prepare(Purpose::Test)?;
    fetch::ready()?;
    // Without the page the window's own tests cannot build, so these two end everything.
    ui::build(false)?;
    let mut checks = Checks { rows: Vec::new() };
    let mut closing = Closing::default();
    checks.perform("tests of the studio", || studio(names, &mut closing));
    if names.is_empty() {
        checks.perform("tests of the page and of these tasks", page_and_tasks);
        checks.perform("examples in the documentation", documentation);
        checks.perform("formatting", tidy::formatting);
        checks.perform("house rules", tidy::house_rules);
        checks.perform("clippy, no warnings", clippy);
        checks.perform("pure crates and the page on wasm32", wasm);
        checks.perform("licences, sources, bans, advisories", dependencies);
        checks.perform("parity with reference tensors", || parity::parity(&[]));
        checks.perform("the draft model's recipe", training);
    }
    say::line(&checks.summary());
    say::line(&format!("  in all {}\n", say::time(started.elapsed())));
    let failed = checks.failed();
    if !failed.is_empty() {
        say::line(&closing.line());
        return Err(Trouble::failed(format!("Failed: {}. Each says why above.", failed.join("; "))));
    }
    say::line(&closing.line());
    Ok(())
}

/// The runner's own last line, said again at the very end.
#[derive(Default)]
struct Closing {
    nextest: Option<String>,
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Closing {
    fn read(&mut self, line: &str) {
        let trimmed = line.trim();
        if trimmed.starts_with("Summary [") {
            self.nextest = Some(trimmed.to_owned());
        }
        let Some(counts) = trimmed.strip_prefix("test result: ") else { return };
        let count = |word: &str| {
            let mut words = counts.split([' ', ';', '.']).filter(|part| !part.is_empty()).rev();
            words.find(|part| *part == word).and_then(|_| words.next()).and_then(|number| number.parse::<u64>().ok())
        };
        self.passed += count("passed").unwrap_or(0);
        self.failed += count("failed").unwrap_or(0);
        self.ignored += count("ignored").unwrap_or(0);
    }

    fn line(&self) -> String {
        self.nextest.clone().unwrap_or_else(|| {
            let outcome = if self.failed == 0 { "ok" } else { "FAILED" };
            format!("test result: {outcome}. {} passed; {} failed; {} ignored", self.passed, self.failed, self.ignored)
        })
    }
}

/// Unit tests and the product's promises in `tests/`, on the real binary, with a screen of their own.
fn studio(names: &[String], closing: &mut Closing) -> Result<(), Trouble> {
    say::step("Building and running the tests of the studio", "20 minutes the first time on two cores, 6 after");
    // The page is packed into the app by a macro that keeps what it packed, without a lock: the app and its tests, compiled side by side,
    // read half of what the other one writes, and the window stays empty. So the app comes first, below one of its examples, because
    // examples see the same dependencies as tests.
    process::run(build::cargo("build")?.args(["--example", "rooms"]))?;
    let nextest = process::succeeds(workspace::cargo()?.args(["nextest", "--version"]));
    let mut command = if nextest {
        let mut command = workspace::cargo()?;
        command.args(["nextest", "run"]).args(build::SELECTION).arg("--no-fail-fast");
        command
    } else {
        let mut command = build::cargo("test")?;
        command.args(["--lib", "--bins", "--tests", "--examples", "--no-fail-fast"]);
        command
    };
    command.args(["--color", "never"]);
    match names {
        [] => {}
        names if nextest => drop(command.args(names)),
        [name] => drop(command.arg(name)),
        _ => return Err(Trouble::request("Without cargo-nextest, give one part of a test name at a time.")),
    }
    let screen = if cfg!(target_os = "linux") { Some(Screen::open()?) } else { None };
    if let Some(screen) = &screen {
        // Rendering in software, and no accessibility bus to wait for.
        command.env("DISPLAY", &screen.name).env_remove("WAYLAND_DISPLAY").env("NO_AT_BRIDGE", "1");
    }
    process::run_and_read(&mut command, |line| closing.read(line))
}

fn page_and_tasks() -> Result<(), Trouble> {
    say::step(
        "Tests of the page, on this machine instead of in a window, and of these tasks",
        "3 minutes the first time",
    );
    process::run(workspace::cargo()?.args(["test", "--package", "kinora-ui", "--lib"]))?;
    process::run(workspace::cargo()?.args(["test", "--package", "xtask"]))
}

fn documentation() -> Result<(), Trouble> {
    say::step("Examples in the documentation", "a minute");
    process::run(build::cargo("test")?.arg("--doc"))
}

fn clippy() -> Result<(), Trouble> {
    say::step("Clippy over everything native", "6 minutes the first time, a minute after");
    let selection = ["--workspace", "--exclude", "kinora-ui", "--all-targets", "--features", "kinora/custom-protocol"];
    process::run(workspace::cargo()?.arg("clippy").args(selection).args(["--", "-D", "warnings"]))
}

/// Clippy compiles what it reads, so this one command is the proof that the pure crates build for wasm32.
fn wasm() -> Result<(), Trouble> {
    say::step("Pure crates and the page on wasm32", "2 minutes the first time");
    let mut command = workspace::cargo()?;
    command.args(["clippy", "--target", "wasm32-unknown-unknown", "--package", "kinora-ui"]);
    for package in PURE {
        command.args(["--package", package]);
    }
    process::run(command.args(["--", "-D", "warnings"]))
}

fn dependencies() -> Result<(), Trouble> {
    say::step("Licences, sources, bans and advisories of what we depend on", "5 seconds, once cargo-deny is built");
    deny::check()
}

/// The recipe that made the bundled weights still runs from nothing, at a size that proves nothing but that.
fn training() -> Result<(), Trouble> {
    let python = python::ready()?;
    say::step("The draft model's recipe, both ways, at the smallest size", "3 minutes");
    let recipe = workspace::root()?.join(python::TRAINING);
    // It never touches the bundled weights; what it leaves behind is swept up with its folder.
    let folder = workspace::target()?.join("training-smoke");
    let cannot = |error: std::io::Error| Trouble::missing(format!("Cannot make {}: {error}.", folder.display()));
    std::fs::create_dir_all(&folder).map_err(cannot)?;
    let run = |arguments: &[&str]| {
        process::run(Command::new(&python).current_dir(&recipe).args(arguments).env("TMPDIR", &folder))
    };
    let result = run(&["-m", "unittest", "-q", "test_world"])
        .and_then(|()| run(&["train.py", "all", "--setting", "smoke"]))
        .and_then(|()| run(&["train.py", "all", "--setting", "trickle"]));
    let _ = std::fs::remove_dir_all(&folder);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_adds_up_what_cargo_printed() {
        let mut closing = Closing::default();
        closing.read("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s");
        closing
            .read("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s");
        assert_eq!(closing.line(), "test result: FAILED. 15 passed; 2 failed; 1 ignored");
    }

    #[test]
    fn the_closing_line_of_nextest_is_repeated() {
        let mut closing = Closing::default();
        closing.read("     Summary [   1.204s] 34 tests run: 34 passed, 0 skipped");
        assert_eq!(closing.line(), "Summary [   1.204s] 34 tests run: 34 passed, 0 skipped");
    }
}
