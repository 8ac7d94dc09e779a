//! `cargo xtask run`: from a fresh clone to the studio, open on a sample film.
//! It exists to be the first thing anyone types; with no display it renders the sample instead and prints its path,
//! through the same program and the same backend.
//! It must never install what only the tests need.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::packages::Purpose;
use crate::trouble::Trouble;
use crate::{build, process, say, setup, ui, workspace};

pub fn task(rest: &[String]) -> Result<(), Trouble> {
    let headless = rest.iter().any(|word| word == "--headless") || !has_display();
    let files: Vec<&String> = rest.iter().filter(|word| *word != "--headless").collect();
    let root = workspace::root()?;
    let film = match files[..] {
        [] => sample(&root.join("examples"))?,
        [file] if !file.starts_with('-') => PathBuf::from(file),
        _ => return Err(Trouble::request("`run` takes one screenplay or project, and --headless.")),
    };
    setup::prepare(Purpose::Run)?;
    ui::build(false)?;
    let started = Instant::now();
    say::step("Building the studio", "30 to 50 minutes the first time on two cores, under a minute after");
    let kinora = build::app(false)?;
    say::done(&workspace::short(&kinora), started.elapsed());
    if headless { render(&kinora, &film) } else { open(&kinora, &film) }
}

fn open(kinora: &Path, film: &Path) -> Result<(), Trouble> {
    say::step(&format!("Opening {}", workspace::short(film)), "2 seconds; this ends when the window is closed");
    process::run(Command::new(kinora).arg(film))
}

/// The same film without a window, to a file whose path is the last line printed.
fn render(kinora: &Path, film: &Path) -> Result<(), Trouble> {
    let started = Instant::now();
    let folder = workspace::target()?.join("sample");
    let name = film.file_stem().unwrap_or(film.as_os_str());
    let output = folder.join(name).with_extension("mp4");
    std::fs::create_dir_all(&folder)
        .map_err(|error| Trouble::missing(format!("Cannot make the folder {}: {error}.", folder.display())))?;
    say::step(
        &format!("No display here: rendering {} to MP4 instead", workspace::short(film)),
        "15 seconds for each shot that has no take yet, on two cores",
    );
    process::run(Command::new(kinora).arg("film").arg(film).arg("-o").arg(&output))?;
    say::done("the film", started.elapsed());
    say::line(&output.display().to_string());
    Ok(())
}

/// Whether a window can open. macOS and Windows always have a screen; elsewhere the session says so.
fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(target_os = "macos", windows)) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// The first sample by name.
fn sample(folder: &Path) -> Result<PathBuf, Trouble> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Trouble::failed(format!("Cannot read {}: {error}.", folder.display())))?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "fountain"))
        .min()
        .ok_or_else(|| {
            Trouble::failed("There is no sample film in examples/: give one, as in `cargo xtask run my.fountain`.")
        })
}
