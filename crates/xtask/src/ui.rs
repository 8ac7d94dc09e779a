//! `cargo xtask ui`: the page of the window, from Rust to `ui/dist`.
//! It exists so that nothing has to be installed for it: wasm-bindgen is a library of this program, at the
//! exact version the page uses. No wasm-opt: Debian 12's (version 108) makes this page start, report success and stay
//! blank, with or without `--all-features`, and the page is read from the same disk, so 50 kB more cost nothing.
//! It must never write an inline script or style into the page: the window's content policy refuses both.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::trouble::Trouble;
use crate::{process, say, workspace};

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "ui";
/// Raise when this file changes what it makes, so that old pages are built again.
const RECIPE: u32 = 5;
/// What the page is made from, from the top of the repository.
const INPUTS: [&str; 7] =
    ["Cargo.toml", "Cargo.lock", "ui", "crates/api", "crates/document", "crates/screenplay", "rust-toolchain.toml"];
/// The page's first script: a file, because the content policy allows no inline one. The wasm, by far the largest file, is asked for first
/// and compiled as it comes; it begins once there is a place for the window.
const BOOT: &str = r#"const code = WebAssembly.compileStreaming(fetch("./kinora_ui_bg.wasm"));
const { default: start } = await import("./kinora_ui.js");
if (document.readyState === "loading") {
  await new Promise((go) => document.addEventListener("DOMContentLoaded", go, { once: true }));
}
await start({ module_or_path: code });
"#;

pub fn task(rest: &[String]) -> Result<(), Trouble> {
    match rest {
        [] => build(false),
        [flag] if flag == "--force" => build(true),
        _ => Err(Trouble::request("`ui` takes only --force, which builds even when nothing has changed.")),
    }
}

/// Builds the page unless it is there and nothing it is made from has changed.
pub fn build(even_if_unchanged: bool) -> Result<(), Trouble> {
    let started = Instant::now();
    let root = workspace::root()?;
    let page = root.join("ui").join("dist");
    let stamp = page.join("built-from.txt");
    say::step(
        "Building the page of the window",
        "3 minutes the first time, 20 s after a change, nothing when unchanged",
    );
    let cannot = |error: io::Error| Trouble::failed(format!("Cannot read what the page is made from: {error}."));
    let inputs = fingerprint(&root).map_err(cannot)?;
    if !even_if_unchanged
        && page.join("index.html").is_file()
        && std::fs::read_to_string(&stamp).is_ok_and(|old| old == inputs)
    {
        say::note("ui/dist is up to date");
        return Ok(());
    }
    process::run(workspace::cargo()?.args([
        "build",
        "--package",
        "kinora-ui",
        "--target",
        TARGET,
        "--profile",
        PROFILE,
        "--lib",
    ]))?;
    let wasm = workspace::target()?.join(TARGET).join(PROFILE).join("kinora_ui.wasm");
    // Made beside the old page and swapped in whole, so that a failure never leaves half a page to be embedded.
    let fresh = root.join("ui").join("dist.part");
    let write = |error: io::Error| Trouble::failed(format!("Cannot write {}: {error}.", workspace::short(&fresh)));
    remove(&fresh).map_err(write)?;
    std::fs::create_dir_all(&fresh).map_err(write)?;
    bind(&wasm, &fresh)?;
    std::fs::write(fresh.join("boot.js"), BOOT).map_err(write)?;
    let index = root.join("ui").join("index.html");
    std::fs::copy(&index, fresh.join("index.html"))
        .map_err(|error| Trouble::failed(format!("Cannot copy {}: {error}.", workspace::short(&index))))?;
    copy_folder(&root.join("ui").join("static"), &fresh).map_err(write)?;
    std::fs::write(fresh.join("built-from.txt"), inputs).map_err(write)?;
    remove(&page).map_err(write)?;
    std::fs::rename(&fresh, &page).map_err(write)?;
    let size = std::fs::metadata(page.join("kinora_ui_bg.wasm")).map_or(0, |data| data.len());
    say::done(&format!("ui/dist, {} kB of wasm", size / 1000), started.elapsed());
    Ok(())
}

fn bind(wasm: &Path, into: &Path) -> Result<(), Trouble> {
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .web(true)
        .and_then(|bindgen| {
            // As a library it leaves out where the wasm lies unless told otherwise; the page then starts nothing.
            bindgen.input_path(wasm).out_name("kinora_ui").typescript(false).omit_default_module_path(false);
            // Names of functions are half of the file and help nobody who looks at a film.
            bindgen.remove_name_section(true).remove_producers_section(true);
            bindgen.generate(into)
        })
        .map_err(|error| {
            Trouble::failed(format!(
                "wasm-bindgen could not bind {}: {error:#}. Are wasm-bindgen and wasm-bindgen-cli-support at one version in Cargo.lock?",
                workspace::short(wasm)
            ))
        })
}

/// One line that changes whenever an input, the compiler or the recipe does.
fn fingerprint(root: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    for input in INPUTS {
        list(&root.join(input), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    RECIPE.hash(&mut hasher);
    process::read(Command::new("rustc").arg("--version")).hash(&mut hasher);
    for file in files {
        file.strip_prefix(root).unwrap_or(&file).hash(&mut hasher);
        std::fs::read(&file)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

fn list(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() && !path.ends_with("ui/dist") && !path.ends_with("ui/dist.part") {
        for entry in std::fs::read_dir(path)? {
            list(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_path_buf());
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(from)? {
        let (source, target) = {
            let entry = entry?;
            (entry.path(), to.join(entry.file_name()))
        };
        if source.is_dir() {
            std::fs::create_dir_all(&target)?;
            copy_folder(&source, &target)?;
        } else {
            std::fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_changes_with_an_input_and_not_with_the_page() {
        let folder = std::env::temp_dir().join(format!("kinora-xtask-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("ui/dist")).expect("a folder in the temporary directory");
        std::fs::write(folder.join("ui/index.html"), "a").expect("a file");
        let before = fingerprint(&folder).expect("readable");
        std::fs::write(folder.join("ui/dist/boot.js"), "b").expect("a file");
        assert_eq!(before, fingerprint(&folder).expect("readable"));
        std::fs::write(folder.join("ui/index.html"), "c").expect("a file");
        assert_ne!(before, fingerprint(&folder).expect("readable"));
        std::fs::remove_dir_all(&folder).expect("removable");
    }
}
