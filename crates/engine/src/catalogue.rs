//! Which models are on this machine: a folder of manifests, each beside or above its files.

use crate::manifest::{Manifest, ManifestError};
use kinora_document::catalogue::Model;
use kinora_document::{FrameRate, FrameSize};
use std::path::{Path, PathBuf};

/// A manifest and where its files are.
#[derive(Clone, Debug)]
pub struct Entry {
    pub manifest: Manifest,
    pub folder: PathBuf,
}

/// Reads `models/manifests/*.toml`; the files of `NAME` are in `models/NAME/`.
pub fn read(models: &Path) -> Result<Vec<Entry>, ManifestError> {
    let folder = models.join("manifests");
    let unreadable = |error| ManifestError::Unreadable { path: folder.clone(), error };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map_err(unreadable)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|kind| kind == "toml"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let manifest = Manifest::read(path)?;
            let folder = models.join(&manifest.name);
            Ok(Entry { manifest, folder })
        })
        .collect()
}

impl Entry {
    /// As the screen shows it; says why a model cannot run here.
    pub fn card(&self) -> Model {
        let manifest = &self.manifest;
        let missing = manifest.files.iter().find(|file| !self.folder.join(&file.path).is_file());
        Model {
            name: manifest.name.clone(),
            title: manifest.title.clone(),
            licence: manifest.licence.clone(),
            weights: manifest.fingerprint(),
            weights_bytes: manifest.bytes(),
            rate: FrameRate { frames: manifest.fps, seconds: 1 },
            sizes: manifest.sizes.iter().map(|&[width, height]| FrameSize { width, height }).collect(),
            frame_counts: manifest.frame_counts.clone(),
            makes_sound: manifest.makes_sound,
            takes_keyframes: manifest.takes_keyframes,
            takes_references: manifest.takes_references,
            unavailable: missing.map(|file| {
                format!("Its file {} is missing from {}. Install Kinora again.", file.path, self.folder.display())
            }),
        }
    }
}
