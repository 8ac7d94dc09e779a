//! Whether anything of a film lies anywhere unsealed: every file below a folder is searched for pieces of it.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Some bytes from all over a film: what would be found of it anywhere.
fn pieces(film: &[u8]) -> Vec<Vec<u8>> {
    (1..8).filter_map(|part| film.get(film.len() * part / 8..)?.get(..24)).map(<[u8]>::to_vec).collect()
}

/// No file below has a piece of these films in it.
pub fn nothing_plain(folder: &Path, films: &[Vec<u8>]) {
    let pieces: Vec<Vec<u8>> = films.iter().flat_map(|film| pieces(film)).collect();
    assert!(pieces.len() >= 7, "there is nothing to look for");
    for path in files(folder) {
        let bytes = std::fs::read(&path).unwrap_or_default();
        let holds = |piece: &Vec<u8>| bytes.windows(piece.len()).any(|window| window == piece.as_slice());
        assert!(!pieces.iter().any(holds), "{} has a piece of the recording in it", path.display());
    }
}
