//! States of prompts that were read before, on disk: a text encoder is the largest part of its model, and the same words always
//! read the same. Also the map from latents to colours of a codec. A file that is damaged, or of another model, is as if it were
//! not there, and what cannot be kept is made again.
//! **Never here:** words. A file is named by the hash of everything that made it.

use candle_core::{Device, Tensor};
use kinora_models::checkpoint::Checkpoint;
use kinora_models::ltx::run::Prompt;
use kinora_models::preview::Factors;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Most that is kept: some two hundred prompts of the largest encoder.
const BYTES: u64 = 1 << 30;
const ENDING: &str = "states";
/// Of a map to colours, a few hundred numbers.
const COLOURS: &str = "colours";

/// The folder, where there is one.
#[derive(Clone, Debug, Default)]
pub struct Kept(pub Option<PathBuf>);

impl Kept {
    /// Whether there are states, without reading them.
    pub fn has(&self, key: &str) -> bool {
        self.path(key, ENDING).is_some_and(|path| path.is_file())
    }

    /// Whether there is a map to colours.
    pub fn has_colours(&self, key: &str) -> bool {
        self.path(key, COLOURS).is_some_and(|path| path.is_file())
    }

    /// The map to colours of a codec.
    pub fn find_colours(&self, key: &str) -> Option<Factors> {
        let held = self.read(key, COLOURS)?;
        Factors::from_values(held.array(COLOURS)?.1)
    }

    /// Keeps it.
    pub fn keep_colours(&self, key: &str, factors: &Factors) {
        let values = factors.values();
        self.write(key, COLOURS, vec![(COLOURS.to_owned(), vec![values.len()], values)]);
    }

    fn read(&self, key: &str, ending: &str) -> Option<Checkpoint> {
        let path = self.path(key, ending)?;
        if fs::metadata(&path).ok()?.len() > Checkpoint::MAX_BYTES as u64 {
            return None;
        }
        Checkpoint::from_bytes(&fs::read(&path).ok()?).ok().filter(|held| held.order == key)
    }

    /// The disk may be full: then it is not there next time.
    fn write(&self, key: &str, ending: &str, arrays: Vec<(String, Vec<usize>, Vec<f32>)>) {
        let Some(path) = self.path(key, ending) else { return };
        let Ok(bytes) = (Checkpoint { step: 0, steps: 0, order: key.to_owned(), arrays }).to_bytes() else { return };
        let part = path.with_extension("part");
        let write = || {
            fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
            fs::write(&part, &bytes)?;
            fs::rename(&part, &path)
        };
        if write().is_err() {
            let _ = fs::remove_file(&part);
        }
    }

    /// The states of a prompt and of what guidance leads away from.
    pub fn find(&self, key: &str) -> Option<(Prompt, Prompt)> {
        let held = self.read(key, ENDING)?;
        let tensor = |name: &str, rank: usize| {
            let (shape, values) = held.array(name).filter(|(shape, _)| shape.len() == rank)?;
            Tensor::from_slice(values, shape, &Device::Cpu).ok()
        };
        let prompt = |which: &str| {
            let (states, keep) = (tensor(&format!("{which}.states"), 3)?, tensor(&format!("{which}.keep"), 2)?);
            (states.dims().get(..2) == Some(keep.dims())).then_some(Prompt { states, keep })
        };
        Some((prompt("prompt")?, prompt("negative")?))
    }

    /// Keeps them.
    pub fn keep(&self, key: &str, prompt: &Prompt, negative: &Prompt) {
        let array = |name: &str, tensor: &Tensor| {
            let values = tensor.flatten_all()?.to_vec1::<f32>()?;
            Ok::<_, candle_core::Error>((name.to_owned(), tensor.dims().to_vec(), values))
        };
        let arrays = [
            array("prompt.states", &prompt.states),
            array("prompt.keep", &prompt.keep),
            array("negative.states", &negative.states),
            array("negative.keep", &negative.keep),
        ];
        let Ok(arrays) = arrays.into_iter().collect::<Result<Vec<_>, _>>() else { return };
        self.write(key, ENDING, arrays);
        self.prune();
    }

    fn path(&self, key: &str, ending: &str) -> Option<PathBuf> {
        Some(self.0.as_ref()?.join(key).with_extension(ending))
    }

    /// The oldest go first.
    fn prune(&self) {
        let entries = self.0.as_ref().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
        let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
            .filter(|entry| entry.path().extension().is_some_and(|ending| ending == ENDING))
            .filter_map(|entry| {
                let facts = entry.metadata().ok()?;
                Some((facts.modified().ok()?, facts.len(), entry.path()))
            })
            .collect();
        files.sort();
        let mut all: u64 = files.iter().map(|(_, length, _)| length).sum();
        for (_, length, path) in files {
            if all <= BYTES {
                return;
            }
            let _ = fs::remove_file(path);
            all -= length;
        }
    }
}
