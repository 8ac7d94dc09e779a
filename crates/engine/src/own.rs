//! A folder of the person's own that holds a known model's files, in whatever order they came: the reference's folders with
//! shards, single files, GGUF files, or a node-graph program's models folder. Files are told apart by what their headers
//! list, not by their names; nothing is read but headers. A model is whole when each of its parts was found.

use kinora_models::gguf;
use kinora_models::ltx::names::Part;
use kinora_models::stream;
use kinora_models::weights::check_name;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Folders within folders that are looked into.
const DEPTH: usize = 4;
/// Most files that are looked at.
const FILES: usize = 4096;
/// Larger configs are not configs.
const CONFIG_BYTES: u64 = 1 << 20;

/// The files of one part, and what their headers say of it.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub files: Vec<PathBuf>,
    /// Bytes of this part's tensors on disk.
    pub bytes: u64,
    /// Number of its values.
    pub values: u64,
    /// Values of its largest tensor.
    pub largest: u64,
    /// Blocks of the denoiser, where it is one.
    pub blocks: usize,
    /// Values of the codec's decoder, and channels of its widest layer, where it is one.
    pub decoder: u64,
    pub channels: u64,
}

/// Values of one input channel of the decoder's last convolution: a patch of 4 × 4 pixels in three colours, over 27 neighbours.
const LAST_LAYER: u64 = 4 * 4 * 3 * 27;

/// What a folder holds.
#[derive(Clone, Debug, Default)]
pub struct Own {
    pub parts: BTreeMap<Part, Source>,
    /// `spiece.model`.
    pub words: Option<PathBuf>,
    /// `scheduler_config.json`.
    pub scheduler: Option<PathBuf>,
    /// Files that could not be used, each with its reason.
    pub refused: Vec<String>,
}

/// What tells models of one family apart.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub blocks: usize,
    pub distilled: bool,
}

impl Own {
    /// Looks through `folder` for the parts of the wanted model.
    pub fn look(folder: &Path, wanted: Wanted) -> Self {
        let mut files = Vec::new();
        list(folder, DEPTH, &mut files);
        files.sort();
        let mut own = Self::default();
        let mut found: BTreeMap<(Part, PathBuf), Source> = BTreeMap::new();
        for file in &files {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            match name.as_ref() {
                "spiece.model" => own.words = own.words.or(Some(file.clone())),
                "scheduler_config.json" => own.scheduler = own.scheduler.or(Some(file.clone())),
                _ => {}
            }
            let weights = name.ends_with(".safetensors") || name.ends_with(".gguf");
            if !weights {
                if check_name(&name).is_err() {
                    own.refused.push(format!("{name} is a format that can run programs when opened"));
                }
                continue;
            }
            match headers(file) {
                Ok(parts) => {
                    for (part, source) in parts {
                        let held = found.entry((part, group(file, &name))).or_default();
                        held.files.push(file.clone());
                        held.bytes += source.bytes;
                        held.values += source.values;
                        held.largest = held.largest.max(source.largest);
                        held.blocks = held.blocks.max(source.blocks);
                        held.decoder += source.decoder;
                        held.channels = held.channels.max(source.channels);
                    }
                }
                Err(why) => own.refused.push(format!("{name}: {why}")),
            }
        }
        own.choose(&found, wanted);
        own
    }

    fn choose(&mut self, found: &BTreeMap<(Part, PathBuf), Source>, wanted: Wanted) {
        let distilled = |path: &Path| path.to_string_lossy().to_lowercase().contains("distill");
        let mut denoisers: Vec<_> =
            found.iter().filter(|((part, _), s)| *part == Part::Transformer && s.blocks == wanted.blocks).collect();
        // A name that says the other kind counts only when there is nothing else.
        denoisers.sort_by_key(|((_, path), source)| (distilled(path) != wanted.distilled, source.bytes));
        let Some(((_, place), denoiser)) = denoisers.first() else { return };
        self.parts.insert(Part::Transformer, (*denoiser).clone());
        let codec = found.get(&(Part::Vae, place.clone()));
        let codec = codec.or_else(|| found.iter().find(|((part, _), _)| *part == Part::Vae).map(|(_, s)| s));
        let text = found.iter().filter(|((part, _), _)| *part == Part::Text).min_by_key(|(_, s)| s.bytes);
        for (part, source) in [(Part::Vae, codec), (Part::Text, text.map(|(_, s)| s))] {
            if let Some(source) = source {
                self.parts.insert(part, source.clone());
            }
        }
    }

    /// Why the model cannot run from here; None when it can.
    pub fn lacks(&self) -> Option<String> {
        let mut missing = Vec::new();
        for (part, name) in
            [(Part::Transformer, "the video model"), (Part::Vae, "its VAE"), (Part::Text, "the T5 text encoder")]
        {
            if !self.parts.contains_key(&part) {
                missing.push(name);
            }
        }
        let gguf = |s: &Source| s.files.iter().any(|f| f.extension().is_some_and(|e| e == "gguf"));
        if self.words.is_none() && !self.parts.get(&Part::Text).is_some_and(gguf) {
            missing.push("spiece.model of the tokenizer");
        }
        if missing.is_empty() {
            return None;
        }
        let mut text = format!("The folder lacks {}.", missing.join(", "));
        if let Some(first) = self.refused.first() {
            text.push_str(&format!(" ({first}.)"));
        }
        Some(text)
    }

    pub fn bytes(&self) -> u64 {
        self.parts.values().map(|s| s.bytes).sum()
    }
}

/// Hashes a file's name, length and time.
pub fn tell(hasher: &mut blake3::Hasher, file: &Path) {
    hasher.update(file.to_string_lossy().as_bytes());
    if let Ok(facts) = file.metadata() {
        hasher.update(&facts.len().to_le_bytes());
        let since = facts.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
        hasher.update(&since.map_or(0, |d| d.as_nanos() as u64).to_le_bytes());
    }
}

/// `config.json` beside a part's files.
pub fn config_of(source: &Source) -> Option<Vec<u8>> {
    let folder = source.files.first()?.parent()?;
    let mut bytes = Vec::new();
    File::open(folder.join("config.json")).ok()?.take(CONFIG_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What belongs together: the shards of one folder, or one file.
fn group(file: &Path, name: &str) -> PathBuf {
    let shard = name.contains("-of-0");
    if shard { file.parent().unwrap_or(file).to_owned() } else { file.to_owned() }
}

fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if files.len() >= FILES {
            return;
        }
        if path.is_dir() {
            if depth > 1 {
                list(&path, depth - 1, files);
            }
        } else {
            files.push(path);
        }
    }
}

fn headers(path: &Path) -> Result<BTreeMap<Part, Source>, String> {
    let mut file = File::open(path).map_err(|e| e.to_string())?;
    let length = file.metadata().map_err(|e| e.to_string())?.len();
    let list: Vec<(String, u64, u64)> = if path.extension().is_some_and(|e| e == "gguf") {
        let mut head = Vec::new();
        file.take(gguf::HEAD_BYTES).read_to_end(&mut head).map_err(|e| e.to_string())?;
        let names = gguf::names(&head, length).map_err(|e| e.to_string())?;
        let values: u64 = names.iter().map(|(_, values)| values).sum();
        // The formats differ from tensor to tensor: share the file's bytes out evenly.
        names.into_iter().map(|(name, n)| (name, n, length / values.max(1) * n)).collect()
    } else {
        let header = stream::header(&mut file, length).map_err(|e| e.to_string())?;
        let of = |(name, e): (String, stream::Entry)| (name, e.count(), e.data_offsets.1 - e.data_offsets.0);
        header.entries.into_iter().map(of).collect()
    };
    let mut parts: BTreeMap<Part, Source> = BTreeMap::new();
    let mut blocks = BTreeSet::new();
    // A LoRA changes layers of a denoiser and is named like one: it is none, and counts only when it is put on a model.
    if list.iter().any(|(name, _, _)| name.contains("lora_")) {
        return Ok(parts);
    }
    for (name, values, bytes) in list {
        let Some(part) = Part::of(&name) else { return Err(format!("the tensor {name} belongs to no part")) };
        let source = parts.entry(part).or_default();
        source.values += values;
        source.bytes += bytes;
        source.largest = source.largest.max(values);
        let bare = name.strip_prefix("vae.").unwrap_or(&name);
        if part == Part::Vae && bare.starts_with("decoder.") {
            source.decoder += values;
        }
        if bare == "decoder.conv_out.conv.weight" {
            source.channels = values / LAST_LAYER;
        }
        if let Some((_, rest)) = name.split_once("transformer_blocks.") {
            blocks.insert(rest.split('.').next().unwrap_or_default().to_owned());
        }
    }
    if let Some(denoiser) = parts.get_mut(&Part::Transformer) {
        denoiser.blocks = blocks.iter().filter_map(|n| n.parse::<usize>().ok()).max().map_or(0, |n| n + 1);
    }
    Ok(parts)
}
