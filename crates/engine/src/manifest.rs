//! Manifests: what a model's files are, and proof that the files on disk are those.
//!
//! [`VerifiedWeights`] is minted here alone, after each file had the stated length and blake3 hash; tensor code is only ever given bytes out of
//! one. Only the formats that are pure data are accepted by name.

use kinora_document::BlobHash;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Larger than any model file that fits a workstation.
const FILE_BYTES: u64 = 128 << 30;
const MANIFEST_BYTES: u64 = 1 << 20;
/// The largest models come in a few hundred shards.
const FILES: usize = 4096;
const ALLOWED: [&str; 3] = ["safetensors", "gguf", "json"];

#[derive(Clone, Debug, Deserialize)]
pub struct Manifest {
    pub name: String,
    pub title: String,
    pub licence: String,
    pub fps: u32,
    /// `[width, height]`.
    pub sizes: Vec<[u32; 2]>,
    pub frame_counts: Vec<u32>,
    #[serde(default)]
    pub makes_sound: bool,
    #[serde(default)]
    pub takes_keyframes: bool,
    #[serde(default)]
    pub takes_references: bool,
    /// Empty where the person brings the files: then nothing is pinned, and headers tell what is what.
    #[serde(default)]
    pub files: Vec<ManifestFile>,
    /// Where the person's own files can be downloaded from; each is known by its hash before it is.
    #[serde(default)]
    pub downloads: Vec<Download>,
    /// What only this family has; a manifest without is the draft model's.
    pub ltx: Option<LtxSettings>,
}

/// How an LTX-Video model is found and sampled.
#[derive(Clone, Debug, Deserialize)]
pub struct LtxSettings {
    /// Blocks of its denoiser, which tells 2B from 13B.
    pub blocks: usize,
    pub distilled: bool,
    /// Linear layers as blocks of 8-bit numbers.
    #[serde(default)]
    pub eight_bit: bool,
    /// Levels of noise that a distilled model was taught, 1 … 0; others spread theirs over `steps`.
    #[serde(default)]
    pub levels: Vec<f32>,
    pub steps: u32,
    pub guidance: f64,
    #[serde(default)]
    pub rescale: f64,
    /// Spatio-temporal guidance, and the blocks that do not look around in it.
    #[serde(default)]
    pub perturbation: f64,
    #[serde(default)]
    pub perturbed_blocks: Vec<usize>,
    pub condition_noise: f64,
    pub decode_timestep: f32,
    pub decode_noise: f64,
    /// Tokens of a prompt at most.
    pub words: usize,
}

#[derive(Clone, Debug, Deserialize)]
pub struct ManifestFile {
    /// Relative to the model's folder.
    pub path: String,
    pub bytes: u64,
    pub blake3: String,
}

/// A file that somebody may download: what it must turn out to be, and where it is.
#[derive(Clone, Debug, Deserialize)]
pub struct Download {
    /// Relative to the model's folder.
    pub path: String,
    pub url: String,
    pub bytes: u64,
    pub blake3: BlobHash,
}

#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("{path} could not be read ({error})")]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("the manifest {path} is not understood ({error})")]
    Malformed { path: PathBuf, error: String },
    #[error("{path} is not a kind of file that weights may come in; only safetensors, GGUF and JSON are")]
    Forbidden { path: PathBuf },
    #[error("{path} has {found} bytes instead of {wanted}")]
    Length { path: PathBuf, found: u64, wanted: u64 },
    #[error("{path} is damaged or was changed: its content is not what the manifest says")]
    Changed { path: PathBuf },
}

/// The bytes of a model's files, each checked against its manifest.
#[derive(Debug)]
pub struct VerifiedWeights {
    files: BTreeMap<String, Vec<u8>>,
    fingerprint: BlobHash,
}

impl Manifest {
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = read_limited(path, MANIFEST_BYTES)?;
        let malformed = |error: String| ManifestError::Malformed { path: path.to_owned(), error };
        let text = String::from_utf8(text).map_err(|e| malformed(e.to_string()))?;
        let manifest: Self = toml::from_str(&text).map_err(|e| malformed(e.to_string()))?;
        if manifest.fps == 0 || manifest.sizes.is_empty() || manifest.frame_counts.is_empty() {
            return Err(malformed("it names no sizes, frame counts or frame rate".to_owned()));
        }
        if !manifest.frame_counts.is_sorted() || manifest.frame_counts.contains(&0) {
            return Err(malformed("its frame counts are not ascending".to_owned()));
        }
        let sizes =
            manifest.files.iter().map(|file| file.bytes).chain(manifest.downloads.iter().map(|file| file.bytes));
        if manifest.files.len().max(manifest.downloads.len()) > FILES
            || sizes.into_iter().any(|bytes| bytes > FILE_BYTES)
        {
            return Err(malformed("it names more or larger files than any model has".to_owned()));
        }
        if let Some(file) = manifest.downloads.iter().find(|file| !is_plain(&file.path) || !is_data(&file.path)) {
            return Err(ManifestError::Forbidden { path: PathBuf::from(&file.path) });
        }
        Ok(manifest)
    }

    /// One hash for all files together: names, lengths and contents, in the manifest's order.
    pub fn fingerprint(&self) -> BlobHash {
        let mut hasher = blake3::Hasher::new();
        for file in &self.files {
            for field in [file.path.as_bytes(), &file.bytes.to_le_bytes(), file.blake3.as_bytes()] {
                hasher.update(&(field.len() as u64).to_le_bytes());
                hasher.update(field);
            }
        }
        BlobHash(*hasher.finalize().as_bytes())
    }

    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Reads every file below `folder` and checks it.
    pub fn verify(&self, folder: &Path) -> Result<VerifiedWeights, ManifestError> {
        let mut files = BTreeMap::new();
        for file in &self.files {
            let path = folder.join(&file.path);
            let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
            if !is_plain(&file.path) || !ALLOWED.contains(&kind) {
                return Err(ManifestError::Forbidden { path });
            }
            let bytes = read_limited(&path, file.bytes)?;
            if bytes.len() as u64 != file.bytes {
                return Err(ManifestError::Length { path, found: bytes.len() as u64, wanted: file.bytes });
            }
            if blake3::hash(&bytes).to_hex().as_str() != file.blake3 {
                return Err(ManifestError::Changed { path });
            }
            files.insert(file.path.clone(), bytes);
        }
        Ok(VerifiedWeights { files, fingerprint: self.fingerprint() })
    }
}

/// Below the folder it is joined to.
fn is_plain(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// Pure data by its name: weights, settings, or the table of a tokenizer.
fn is_data(path: &str) -> bool {
    let path = Path::new(path);
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
    ALLOWED.contains(&kind) || path.file_name().is_some_and(|name| name == "spiece.model")
}

impl VerifiedWeights {
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// Every file whose name ends in `suffix`, in order of name.
    pub fn files_ending(&self, suffix: &str) -> Vec<&[u8]> {
        self.files.iter().filter(|(name, _)| name.ends_with(suffix)).map(|(_, bytes)| bytes.as_slice()).collect()
    }

    pub fn fingerprint(&self) -> BlobHash {
        self.fingerprint
    }
}

/// At most one byte more than `limit`, so that a longer file is noticed without being read whole.
fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, ManifestError> {
    let unreadable = |error| ManifestError::Unreadable { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(path: &str, content: &[u8]) -> Manifest {
        Manifest {
            name: "tiny".into(),
            title: "Tiny".into(),
            licence: "MIT".into(),
            fps: 12,
            sizes: vec![[16, 16]],
            frame_counts: vec![5],
            makes_sound: false,
            takes_keyframes: false,
            takes_references: false,
            ltx: None,
            downloads: Vec::new(),
            files: vec![ManifestFile {
                path: path.into(),
                bytes: content.len() as u64,
                blake3: blake3::hash(content).to_hex().to_string(),
            }],
        }
    }

    #[test]
    fn weights_load_only_when_every_byte_is_the_stated_one() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let content = b"weights".to_vec();
        let path = folder.path().join("a.safetensors");
        let wanted = manifest("a.safetensors", &content);
        std::fs::write(&path, &content).expect("writing");
        assert!(wanted.verify(folder.path()).is_ok());
        for at in 0..content.len() {
            let mut flipped = content.clone();
            flipped[at] ^= 1;
            std::fs::write(&path, &flipped).expect("writing");
            assert!(matches!(wanted.verify(folder.path()), Err(ManifestError::Changed { .. })));
        }
        for other in [&content[..3], b"weights and more"] {
            std::fs::write(&path, other).expect("writing");
            assert!(matches!(wanted.verify(folder.path()), Err(ManifestError::Length { .. })));
        }
    }

    #[test]
    fn formats_that_can_carry_code_are_refused_by_name() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["a.pt", "a.ckpt", "a.bin", "a.pkl", "a.onnx", "../a.safetensors", "/etc/a.safetensors", "a"] {
            let found = manifest(name, b"x").verify(folder.path());
            assert!(matches!(found, Err(ManifestError::Forbidden { .. })), "{name}");
        }
    }
}
