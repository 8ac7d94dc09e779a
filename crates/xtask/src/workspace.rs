//! Where things are: the repository, cargo, the target folder, the user's cache.
//! It exists so that the tasks work from any folder, and from a clone anywhere on any disk.
//! It must never hold a path of one machine; everything is asked for at run time.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::trouble::Trouble;

/// The top of the repository. Cargo names our manifest at run time; a binary started by hand looks upwards instead.
pub fn root() -> Result<PathBuf, Trouble> {
    let start = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).or_else(|| std::env::current_dir().ok());
    let is_root = |folder: &&Path| folder.join("tauri.conf.json").is_file() && folder.join("Cargo.toml").is_file();
    start.as_deref().and_then(|start| start.ancestors().find(is_root)).map(Path::to_path_buf).ok_or_else(|| {
        Trouble::request("This is not inside Kinora's repository: change to its folder and try again.".to_owned())
    })
}

/// The cargo that started us, so that a toolchain chosen with `cargo +name` stays chosen.
pub fn cargo() -> Result<Command, Trouble> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root()?);
    Ok(command)
}

/// Cargo's target folder, wherever the person has put it.
pub fn target() -> Result<PathBuf, Trouble> {
    let metadata = crate::process::read(cargo()?.args(["metadata", "--no-deps", "--format-version", "1", "--offline"]))
        .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    metadata
        .as_ref()
        .and_then(|metadata| metadata["target_directory"].as_str())
        .map(PathBuf::from)
        .ok_or_else(|| Trouble::failed("`cargo metadata` gave no target folder: is Cargo.toml readable?"))
}

/// Kinora's part of the user's cache, for tools and the Python that trains the draft model.
pub fn cache() -> Result<PathBuf, Trouble> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("XDG_CACHE_HOME")
        .or_else(|| variable("LOCALAPPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("kinora"))
        .ok_or_else(|| Trouble::missing("No cache folder: set HOME or XDG_CACHE_HOME."))
}

/// The path as a person in the repository would write it.
pub fn short(path: &Path) -> String {
    let shortened = root().ok().and_then(|root| path.strip_prefix(root).ok().map(Path::to_path_buf));
    shortened.unwrap_or_else(|| path.to_path_buf()).display().to_string()
}
