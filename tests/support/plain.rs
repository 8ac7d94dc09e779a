//! Whether anything of a film lies anywhere unsealed: every file below a folder is searched for pieces of it.
//!
//! Looked for are the bytes of the film as it was recorded, and what decoding it gives: rows of its pictures, runs of its sound, in the
//! forms in which a careless program would keep them.

#![allow(dead_code, reason = "each test file uses its own part")]

use kinora_ports::Decoder;
use std::path::{Path, PathBuf};

/// Pixels of a row, and samples of a run.
const RUN: usize = 48;
/// Values that a run has at least: less may be a wall, or silence, of anything.
const DIFFERENT: usize = 12;

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Some bytes from all over a film: what would be found of it anywhere.
fn pieces(film: &[u8]) -> Vec<Vec<u8>> {
    (1..8).filter_map(|part| film.get(film.len() * part / 8..)?.get(..24)).map(<[u8]>::to_vec).collect()
}

fn is_its_own(run: &[u8]) -> bool {
    run.iter().collect::<std::collections::BTreeSet<_>>().len() >= DIFFERENT
}

/// Rows of a film's pictures as RGBA, RGB and grey, and runs of its sound as floats and as whole numbers; none of what cannot be decoded.
fn seen_and_heard(film: &[u8]) -> Vec<Vec<u8>> {
    let Ok(mut movie) = kinora_media::GstDecoder::new().open_bytes(film.into()) else { return Vec::new() };
    let mut found = Vec::new();
    let frames = movie.info().frames;
    for at in (1..4).map(|part| frames * part / 4).filter(|at| *at < frames) {
        let picture = movie.frame(at).expect("it is whole");
        let rows = picture.rgba.chunks_exact(picture.width.max(1) as usize * 4);
        for row in rows.step_by(picture.height.div_ceil(6).max(1) as usize) {
            let pixels = row.as_chunks::<4>().0;
            let Some(run) = pixels.chunks_exact(RUN).find(|run| is_its_own(run.as_flattened())) else { continue };
            found.push(run.as_flattened().to_vec());
            found.push(run.iter().flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect());
        }
    }
    if let Some(sound) = movie.sound().expect("it is whole") {
        let loud = |run: &&[f32]| run.iter().all(|sample| sample.abs() > 0.000_1);
        for run in sound.samples.chunks_exact(RUN).filter(loud).step_by(97).take(8) {
            found.push(run.iter().flat_map(|sample| sample.to_le_bytes()).collect());
            found.push(run.iter().flat_map(|sample| ((sample * 32_767.0) as i16).to_le_bytes()).collect());
        }
    }
    found.into_iter().filter(|run| is_its_own(run)).collect()
}

/// No file below has a piece of these films in it, neither of their bytes nor of what they show and say.
pub fn nothing_plain(folder: &Path, films: &[Vec<u8>]) {
    let mut looked_for: Vec<Vec<u8>> = films.iter().flat_map(|film| pieces(film)).collect();
    let bytes = looked_for.len();
    looked_for.extend(films.iter().flat_map(|film| seen_and_heard(film)));
    let decoded = looked_for.len() - bytes;
    let movies = films.iter().any(|film| film.get(4..8) == Some(b"ftyp".as_slice()));
    assert!(bytes >= 7 && (!movies || decoded >= 16), "there is nothing to look for: {bytes} and {decoded}");
    for path in files(folder) {
        let bytes = std::fs::read(&path).unwrap_or_default();
        let holds = |piece: &Vec<u8>| bytes.windows(piece.len()).any(|window| window == piece.as_slice());
        assert!(!looked_for.iter().any(holds), "{} has a piece of the recording in it", path.display());
    }
}
