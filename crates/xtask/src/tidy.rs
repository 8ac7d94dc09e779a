//! `cargo xtask tidy`: formatting and the house rules, without building the studio.
//! It exists for the minute before a commit; `cargo xtask test` checks the same and more.
//! It must never change a file unless `--fix` asks for it.

use std::time::Instant;

use crate::trouble::Trouble;
use crate::{process, rules, say, workspace};

pub fn task(rest: &[String]) -> Result<(), Trouble> {
    match rest {
        [] => {
            // Both are told, because both are wanted before a commit.
            let formatted = formatting();
            if let Err(trouble) = &formatted {
                say::trouble(trouble);
            }
            house_rules().and(formatted)
        }
        [flag] if flag == "--fix" => {
            process::run(workspace::cargo()?.args(["fmt", "--all"]))?;
            house_rules()
        }
        _ => Err(Trouble::request("`tidy` takes only --fix, which formats.")),
    }
}

pub fn formatting() -> Result<(), Trouble> {
    say::step("Formatting", "2 seconds");
    process::run(workspace::cargo()?.args(["fmt", "--all", "--check"]))
        .map_err(|_| Trouble::failed("Some files are not formatted: `cargo xtask tidy --fix` does it."))
}

pub fn house_rules() -> Result<(), Trouble> {
    let started = Instant::now();
    say::step("House rules", "a second");
    let root = workspace::root()?;
    let findings =
        rules::findings(&root).map_err(|error| Trouble::failed(format!("Cannot read the tree: {error}.")))?;
    if findings.is_empty() {
        say::done("nothing to tidy", started.elapsed());
        return Ok(());
    }
    for finding in &findings {
        say::line(&format!("  {finding}"));
    }
    Err(Trouble::failed(format!(
        "{} places break a house rule (CONTRIBUTING.md says why each exists).",
        findings.len()
    )))
}
