//! Films the studio remembers: recently opened ones, and the samples that come with it.

use crate::places;
use std::path::{Path, PathBuf};

/// As many as fit a menu.
const RECENT: usize = 12;

/// Newest first; folders that are gone are left out.
pub fn recent() -> Vec<PathBuf> {
    let text = std::fs::read_to_string(list()).unwrap_or_default();
    let all: Vec<PathBuf> = serde_json::from_str(&text).unwrap_or_default();
    all.into_iter().filter(|path| path.join("project.json").is_file()).collect()
}

/// Puts a film first. A list that cannot be written only forgets.
pub fn remember(film: &Path) {
    let mut films = recent();
    films.retain(|known| known != film);
    films.insert(0, film.to_owned());
    films.truncate(RECENT);
    let list = list();
    let part = list.with_extension("part");
    let folder = list.parent().map_or(Ok(()), std::fs::create_dir_all);
    let _ = folder
        .and_then(|()| std::fs::write(&part, serde_json::to_vec(&films).unwrap_or_default()))
        .and_then(|()| std::fs::rename(&part, &list));
}

fn list() -> PathBuf {
    places::data().join("recent.json")
}

/// Screenplays that came with the studio, by name.
pub fn samples() -> Vec<PathBuf> {
    let mut samples: Vec<PathBuf> = std::fs::read_dir(places::examples())
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    samples.retain(|path| path.extension().is_some_and(|kind| kind == "fountain"));
    samples.sort();
    samples
}

/// "the-lighthouse-ball.fountain" as people read it: "The lighthouse ball".
pub fn title(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().replace(['-', '_'], " ");
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
