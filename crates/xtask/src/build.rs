//! The one way the native half is built: one selection of packages and features for run, test, bench and parity.
//! It exists because cargo unifies features over what is selected: another selection would compile the
//! dependencies a second time, which costs a quarter of an hour on a small machine.
//! It must never be given extra packages or features by a caller.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::say;
use crate::trouble::Trouble;
use crate::workspace;

/// Everything but the page, which is built for wasm, and this program, which is running.
pub const SELECTION: [&str; 7] =
    ["--workspace", "--exclude", "kinora-ui", "--exclude", "xtask", "--features", "kinora/custom-protocol"];

/// A cargo command over the selection.
pub fn cargo(task: &str) -> Result<Command, Trouble> {
    let mut command = workspace::cargo()?;
    command.arg(task).args(SELECTION);
    Ok(command)
}

/// Builds the app and says where it is.
pub fn app(release: bool) -> Result<PathBuf, Trouble> {
    executable("bin", "kinora", release)
}

/// Builds an example of any package and says where it is.
pub fn example(name: &str, release: bool) -> Result<PathBuf, Trouble> {
    executable("example", name, release)
}

fn executable(kind: &str, name: &str, release: bool) -> Result<PathBuf, Trouble> {
    let mut command = cargo("build")?;
    command.arg(format!("--{kind}")).arg(name).arg("--message-format=json-render-diagnostics");
    if release {
        command.arg("--release");
    }
    say::note(&format!("$ cargo build … --{kind} {name}{}", if release { " --release" } else { "" }));
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Trouble::missing(format!("Could not start cargo: {error}. Is it on the PATH?")))?;
    if !output.status.success() {
        let how = if output.status.code().is_none() {
            "cargo was stopped by a signal"
        } else {
            "cargo's own words are above"
        };
        return Err(Trouble::failed(format!("`{name}` did not build: {how}.")));
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == name && message["target"]["kind"][0] == kind)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| Trouble::failed(format!("Cargo built no {kind} called `{name}`: is it still in the tree?")))
}
