//! The parts of one model on disk: their configs at once, their tensors when a part is needed. A part is read tensor by
//! tensor in the format of the file, so that a large model is never in memory twice.

use crate::catalogue::PutOn;
use crate::own::{self, Own, Source, config_of};
use candle_core::{DType, Device};
use kinora_models::gguf;
use kinora_models::linear::Precision;
use kinora_models::ltx::LtxError;
use kinora_models::ltx::config::{TextConfig, TransformerConfig, VaeConfig};
use kinora_models::ltx::lora::Lora;
use kinora_models::ltx::names::{Part, Parts};
use kinora_models::ltx::parts;
use kinora_models::ltx::scheduler::{Schedule, SchedulerConfig, Spread};
use kinora_models::ltx::text::TextEncoder;
use kinora_models::ltx::transformer::Transformer;
use kinora_models::ltx::vae::{Halves, Vae};
use kinora_models::ltx::words::Words;
use kinora_models::stream;
use kinora_models::weights::check_name;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A text encoder with more values than this is held in 8-bit blocks.
pub(super) const LARGE_TEXT: u64 = 1_000_000_000;
/// Largest vocabulary that is read.
const WORDS_BYTES: u64 = 16 << 20;
/// Largest LoRA that is read: one of rank 256 on every layer of the 13B model is half of that.
const LORA_BYTES: u64 = 8 << 30;

#[derive(Debug)]
pub struct Weights {
    pub(super) text: Source,
    pub(super) transformer: Source,
    pub(super) vae: Source,
    words: Option<std::path::PathBuf>,
    scheduler: SchedulerConfig,
    pub(super) loras: Vec<PutOn>,
}

impl Weights {
    pub fn open(own: &Own, loras: Vec<PutOn>) -> Result<Self, LtxError> {
        let part = |part: Part| {
            own.parts.get(&part).cloned().ok_or_else(|| LtxError::Files(format!("there is no {part:?} among them")))
        };
        let scheduler = match &own.scheduler {
            Some(path) => parsed(&limited(path, 1 << 20)?, "scheduler_config.json")?,
            None => SchedulerConfig::default(),
        };
        scheduler.check()?;
        let (text, transformer, vae) = (part(Part::Text)?, part(Part::Transformer)?, part(Part::Vae)?);
        Ok(Self { text, transformer, vae, words: own.words.clone(), scheduler, loras })
    }

    pub fn words(&self) -> Result<Words, LtxError> {
        if let Some(path) = &self.words {
            return Words::parse(&limited(path, WORDS_BYTES)?);
        }
        for path in &self.text.files {
            let length = std::fs::metadata(path).map_err(|e| unread(path, &e))?.len();
            let mut head = Vec::new();
            let file = File::open(path).map_err(|e| unread(path, &e))?;
            file.take(gguf::HEAD_BYTES).read_to_end(&mut head).map_err(|e| unread(path, &e))?;
            if let Some((tokens, scores, kinds, map)) = gguf::vocabulary(&head, length)? {
                return Words::from_lists(tokens, &scores, &kinds, &map);
            }
        }
        Err(LtxError::Files("there is no vocabulary: spiece.model is missing".to_owned()))
    }

    /// The levels of a run. A shift by size needs a run's tokens, which the spread states; the others do without.
    pub fn schedule(&self, spread: &Spread, steps: usize) -> Schedule {
        let fixed =
            SchedulerConfig { use_dynamic_shifting: false, shift_terminal: None, shift: 1.0, ..self.scheduler.clone() };
        match spread {
            Spread::ByTokens(_) => self.scheduler.schedule(spread, steps),
            _ => fixed.schedule(spread, steps),
        }
    }

    /// Names, lengths and times of the text encoder's files and its vocabulary, as hex.
    pub fn text_fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        self.text.files.iter().chain(&self.words).for_each(|file| own::tell(&mut hasher, file));
        hasher.finalize().to_hex().to_string()
    }

    /// The same of the codec's files.
    pub fn vae_fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        self.vae.files.iter().for_each(|file| own::tell(&mut hasher, file));
        hasher.finalize().to_hex().to_string()
    }

    pub fn text(&self) -> Result<TextEncoder, LtxError> {
        let config: TextConfig = match config_of(&self.text) {
            Some(json) => parsed(&json, "the text encoder's config.json")?,
            None => TextConfig::default(),
        };
        let precision = if self.text.values > LARGE_TEXT { Precision::Q8 } else { Precision::Kept };
        parts::text(&config, read(&self.text, Part::Text, &|_| true)?.text, precision, &Device::Cpu)
    }

    pub fn transformer(&self, eight_bit: bool) -> Result<Transformer, LtxError> {
        let held = read(&self.transformer, Part::Transformer, &|_| true)?;
        let config: TransformerConfig = match config_of(&self.transformer) {
            Some(json) => parsed(&json, "the transformer's config.json")?,
            None => held.transformer_config()?,
        };
        let precision = if eight_bit { Precision::Q8 } else { Precision::Kept };
        let put = |lora: &PutOn| Ok((read_lora(&lora.path)?, f64::from(lora.permille) / 1000.0));
        let loras = self.loras.iter().map(put).collect::<Result<Vec<_>, LtxError>>()?;
        parts::merged_transformer(&config, held.transformer, loras, precision, &Device::Cpu)
    }

    pub fn vae(&self, halves: Halves) -> Result<Vae, LtxError> {
        let json = config_of(&self.vae);
        // Without a config the names of both halves tell the generation, so both are read.
        let unwanted = |name: &str| {
            let bare = name.strip_prefix("vae.").unwrap_or(name);
            (!halves.encoder && bare.starts_with("encoder.")) || (!halves.decoder && bare.starts_with("decoder."))
        };
        let held = read(&self.vae, Part::Vae, &|name| json.is_none() || !unwanted(name))?;
        let config: VaeConfig = match json {
            Some(json) => parsed(&json, "the VAE's config.json")?,
            None => held.vae_config(),
        };
        parts::vae(&config, held.vae, halves, &Device::Cpu)
    }
}

fn unread(path: &Path, error: &std::io::Error) -> LtxError {
    LtxError::Files(format!("{} could not be read ({error})", path.display()))
}

fn limited(path: &Path, most: u64) -> Result<Vec<u8>, LtxError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| unread(path, &e))?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(|e| unread(path, &e))?;
    if bytes.len() as u64 > most {
        return Err(LtxError::Files(format!("{} is too large to be what its name says", path.display())));
    }
    Ok(bytes)
}

fn parsed<T: DeserializeOwned>(json: &[u8], what: &str) -> Result<T, LtxError> {
    serde_json::from_slice(json).map_err(|e| LtxError::Config(format!("{what}: {e}")))
}

/// A LoRA from a safetensors file.
pub fn read_lora(path: &Path) -> Result<Lora, LtxError> {
    check_name(&path.to_string_lossy())?;
    let mut file = File::open(path).map_err(|e| unread(path, &e))?;
    let length = file.metadata().map_err(|e| unread(path, &e))?.len();
    if length > LORA_BYTES {
        return Err(LtxError::Files(format!("{} is larger than any LoRA", path.display())));
    }
    let header = stream::header(&mut file, length)?;
    Lora::sort(stream::tensors(&mut file, &header, &|_| true, &Device::Cpu)?)
}

/// The tensors of one part that are wanted, under the reference's names.
fn read(source: &Source, part: Part, wanted: &dyn Fn(&str) -> bool) -> Result<Parts, LtxError> {
    let mut all = std::collections::HashMap::new();
    for path in &source.files {
        let found = if path.extension().is_some_and(|e| e == "gguf") {
            let mut file = File::open(path).map_err(|e| unread(path, &e))?;
            let length = file.metadata().map_err(|e| unread(path, &e))?.len();
            // Unpacked to halves: what a packed number holds fits, in half of the memory.
            gguf::streamed(&mut file, length, DType::F16, &Device::Cpu)?
        } else {
            let mut file = File::open(path).map_err(|e| unread(path, &e))?;
            let length = file.metadata().map_err(|e| unread(path, &e))?.len();
            let header = stream::header(&mut file, length)?;
            stream::tensors(&mut file, &header, &|name| Part::of(name) == Some(part) && wanted(name), &Device::Cpu)?
        };
        for (name, tensor) in found {
            if all.insert(name.clone(), tensor).is_some() {
                return Err(LtxError::Files(format!("{name} is in two of them")));
            }
        }
    }
    Parts::sort(all)
}
