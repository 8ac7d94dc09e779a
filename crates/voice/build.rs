//! Finds the voices that come with the sources of `ttspico-sys` and puts them where `files.rs` packs them into the program.
//! They are 6 MB of its own crate, so nothing is fetched and nothing is kept twice in this repository.

use std::path::{Path, PathBuf};
use std::process::Command;

const FILES: [&str; 12] = [
    "de-DE_gl0_sg.bin",
    "de-DE_ta.bin",
    "en-GB_kh0_sg.bin",
    "en-GB_ta.bin",
    "en-US_lh0_sg.bin",
    "en-US_ta.bin",
    "es-ES_ta.bin",
    "es-ES_zl0_sg.bin",
    "fr-FR_nk0_sg.bin",
    "fr-FR_ta.bin",
    "it-IT_cm0_sg.bin",
    "it-IT_ta.bin",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Err(why) = copy() {
        println!("cargo::error=The voices could not be taken from ttspico-sys: {why}.");
    }
}

fn copy() -> Result<(), String> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo gave no OUT_DIR")?);
    let lang = sources()?.join("build/pico/lang");
    for name in FILES {
        std::fs::copy(lang.join(name), out.join(name)).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// The folder of ttspico-sys: where cargo unpacks what comes from a registry, or, in a vendored tree, where cargo says.
/// Cargo is asked last: without the network it answers only when packages for every platform are at hand.
fn sources() -> Result<PathBuf, String> {
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo gave no CARGO_MANIFEST_DIR")?);
    match unpacked(&here) {
        Some(folder) => Ok(folder),
        None => told_by_cargo(&here),
    }
}

fn unpacked(here: &Path) -> Option<PathBuf> {
    let lock = here.ancestors().map(|folder| folder.join("Cargo.lock")).find(|lock| lock.is_file())?;
    let lock = std::fs::read_to_string(lock).ok()?;
    let version = lock.split("name = \"ttspico-sys\"").nth(1)?.split('"').nth(1)?;
    let home =
        std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")))?;
    let registries = std::fs::read_dir(home.join("registry/src")).ok()?;
    registries
        .flatten()
        .map(|registry| registry.path().join(format!("ttspico-sys-{version}")))
        .find(|folder| folder.join("build/pico/lang").is_dir())
}

fn told_by_cargo(here: &Path) -> Result<PathBuf, String> {
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
        .find(|folder| folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ttspico-sys")))
        .ok_or_else(|| "it is not among the packages".to_owned())
}
