//! Which models are on this machine: a folder of manifests, each beside or above its files.

use crate::manifest::{Manifest, ManifestError};
use crate::own::{self, Own, Wanted};
use kinora_document::catalogue::Model;
use kinora_document::{FrameRate, FrameSize};
use std::path::{Path, PathBuf};

/// A manifest and where its files are.
#[derive(Clone, Debug)]
pub struct Entry {
    pub manifest: Manifest,
    pub folder: PathBuf,
    /// What the person's own folder holds, for models whose files nobody ships.
    pub own: Option<Own>,
    /// LoRAs that the person put on it.
    pub loras: Vec<PutOn>,
    /// Where states of prompts are kept.
    pub kept: Option<PathBuf>,
}

/// A LoRA and how strongly it counts, in thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutOn {
    pub path: PathBuf,
    pub permille: i32,
}

/// Most LoRAs on one model: people mix two or three.
pub const LORAS: usize = 8;

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
            Ok(Entry { manifest, folder, own: None, loras: Vec::new(), kept: None }.looked_through())
        })
        .collect()
}

/// Where `NAME.folder`, a file in `places`, says that the files of NAME are.
pub fn pointed(places: &Path, name: &str) -> Option<PathBuf> {
    let text = std::fs::read_to_string(places.join(format!("{name}.folder"))).ok()?;
    Some(PathBuf::from(text.trim())).filter(|path| !path.as_os_str().is_empty())
}

/// What `NAME.loras`, a file in `places`, puts on NAME: strength and path, one a line.
pub fn put_on(places: &Path, name: &str) -> Vec<PutOn> {
    let text = std::fs::read_to_string(places.join(format!("{name}.loras"))).unwrap_or_default();
    let lines = text.lines().filter_map(|line| {
        let (permille, path) = line.split_once(' ')?;
        Some(PutOn { path: PathBuf::from(path), permille: permille.parse().ok()? })
    });
    lines.take(LORAS).collect()
}

impl Entry {
    /// Looks again at what the folder of a model holds whose files the person brings.
    #[must_use]
    pub fn looked_through(mut self) -> Self {
        if let Some(ltx) = &self.manifest.ltx {
            let wanted = Wanted { blocks: ltx.blocks, distilled: ltx.distilled };
            self.own = Some(Own::look(&self.folder, wanted));
        }
        self
    }

    /// Why a model whose files the person brings cannot run.
    fn lacks(&self) -> Option<String> {
        let own = self.own.as_ref()?;
        let name = &self.manifest.name;
        if own.parts.is_empty() && own.refused.is_empty() {
            return Some(format!(
                "Kinora does not come with its files. Download them from the model's page, then say where they are: \
                 kinora models --use {name}=FOLDER."
            ));
        }
        let why = own.lacks().map(|why| {
            format!(
                "{why} Add it to {}, or say where the files are: kinora models --use {name}=FOLDER.",
                self.folder.display()
            )
        });
        why.or_else(|| {
            let gone = self.loras.iter().find(|lora| !lora.path.is_file())?;
            let path = gone.path.display();
            Some(format!(
                "The LoRA {path} is no longer there. Put it back, or take it off: kinora models --lora {name}={path} --strength 0."
            ))
        })
    }

    /// A fingerprint of the person's own files: their names, lengths and times, as hashing tens of gigabytes at every start
    /// would keep the studio closed for minutes.
    fn own_fingerprint(&self, own: &Own) -> kinora_document::BlobHash {
        let mut hasher = blake3::Hasher::new();
        for lora in &self.loras {
            hasher.update(&lora.permille.to_le_bytes());
        }
        let loras = self.loras.iter().map(|lora| &lora.path);
        for file in own.parts.values().flat_map(|source| &source.files).chain(loras) {
            own::tell(&mut hasher, file);
        }
        kinora_document::BlobHash(*hasher.finalize().as_bytes())
    }

    /// As the screen shows it; says why a model cannot run here.
    pub fn card(&self) -> Model {
        let manifest = &self.manifest;
        let missing = manifest.files.iter().find(|file| !self.folder.join(&file.path).is_file());
        Model {
            name: manifest.name.clone(),
            title: manifest.title.clone(),
            licence: manifest.licence.clone(),
            weights: self.own.as_ref().map_or_else(|| manifest.fingerprint(), |own| self.own_fingerprint(own)),
            weights_bytes: self.own.as_ref().map_or_else(|| manifest.bytes(), Own::bytes),
            rate: FrameRate { frames: manifest.fps, seconds: 1 },
            sizes: manifest.sizes.iter().map(|&[width, height]| FrameSize { width, height }).collect(),
            frame_counts: manifest.frame_counts.clone(),
            makes_sound: manifest.makes_sound,
            takes_keyframes: manifest.takes_keyframes,
            takes_references: manifest.takes_references,
            unavailable: self.lacks().or_else(|| {
                missing.map(|file| {
                    format!("Its file {} is missing from {}. Install Kinora again.", file.path, self.folder.display())
                })
            }),
        }
    }
}
