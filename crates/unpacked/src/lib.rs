//! Where cargo unpacked a package whose data (voices, a model) a build script packs into the program.
//! It exists so that nothing is fetched and nothing of others is kept in this repository.
//! Only build scripts use it: it must never find its way into the program.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of `package`, which holds `proof`: where cargo unpacks what comes from a registry, or, in a vendored tree, where cargo says.
/// Cargo is asked last: without the network it answers only when packages for every platform are at hand.
///
/// # Errors
/// A sentence's end that says why it was not found.
pub fn folder(package: &str, proof: &str) -> Result<PathBuf, String> {
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo gave no CARGO_MANIFEST_DIR")?);
    match unpacked(&here, package, proof) {
        Some(folder) => Ok(folder),
        None => told_by_cargo(&here, package),
    }
}

fn unpacked(here: &Path, package: &str, proof: &str) -> Option<PathBuf> {
    let lock = here.ancestors().map(|folder| folder.join("Cargo.lock")).find(|lock| lock.is_file())?;
    let lock = std::fs::read_to_string(lock).ok()?;
    let version = lock.split(&format!("name = \"{package}\"")).nth(1)?.split('"').nth(1)?;
    let home =
        std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")))?;
    let registries = std::fs::read_dir(home.join("registry/src")).ok()?;
    registries
        .flatten()
        .map(|registry| registry.path().join(format!("{package}-{version}")))
        .find(|folder| folder.join(proof).exists())
}

fn told_by_cargo(here: &Path, package: &str) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").ok_or("cargo gave no CARGO")?;
    let target = std::env::var("TARGET").map_err(|error| error.to_string())?;
    let asked = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", &target])
        .current_dir(here)
        .output()
        .map_err(|error| error.to_string())?;
    if !asked.status.success() {
        return Err(String::from_utf8_lossy(&asked.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&asked.stdout);
    // Paths of manifests, as JSON strings; a backslash is written twice.
    text.split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split('"').next())
        .map(|path| PathBuf::from(path.replace("\\\\", "\\")))
        .filter_map(|path| path.parent().map(Path::to_owned))
        .find(|folder| folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(package)))
        .ok_or_else(|| "it is not among the packages".to_owned())
}
