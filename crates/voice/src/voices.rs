//! All voices of this machine as one: a neural one where it speaks the language and is here, Pico for everything else. Kokoro, whose
//! files a person puts there, comes before hibari, which reads for both.
//!
//! It exists so that a film speaks everywhere, and as well as it can. Which one spoke is in [`Spoken::voice`]; that English is spoken by
//! the lesser one is said by [`Voices::remark`]. It must never put Pico in the place of a neural voice that is damaged: that is an error,
//! and told as one.

use crate::PicoVoice;
use crate::hibari::{FOLDER, HibariVoice, LANGUAGE};
use crate::kokoro::{self, KokoroVoice};
use kinora_document::Utterance;
use kinora_ports::voice::{Spoken, VoiceInfo};
use kinora_ports::{PortError, Voice};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub struct Voices {
    kokoro: Option<KokoroVoice>,
    neural: HibariVoice,
    pico: PicoVoice,
}

impl Voices {
    /// Pico's files are unpacked into `folder`. Neural voices are looked for below it, then below each of `elsewhere`.
    pub fn new(folder: &Path, elsewhere: &[PathBuf]) -> Self {
        let below = |folder: &Path| folder.join(FOLDER);
        let folders = || std::iter::once(folder).chain(elsewhere.iter().map(PathBuf::as_path));
        let there = folders().map(below).find(|place| HibariVoice::new(place).missing().is_none());
        let place = there.unwrap_or_else(|| elsewhere.last().map_or_else(|| below(folder), |last| below(last)));
        let kokoro = folders().find_map(|folder| KokoroVoice::find(&folder.join(kokoro::FOLDER)));
        Self { kokoro, neural: HibariVoice::new(&place), pico: PicoVoice::new(folder) }
    }

    /// Only what is in `folder`: Pico's files, and the neural voices' in folders below it.
    pub fn with_files(folder: &Path) -> Self {
        let kokoro = KokoroVoice::find(&folder.join(kokoro::FOLDER));
        Self { kokoro, neural: HibariVoice::new(&folder.join(FOLDER)), pico: PicoVoice::with_files(folder) }
    }

    /// Where Kokoro's files are, or where they would be looked for first.
    pub fn kokoro_folder(&self) -> PathBuf {
        self.kokoro.as_ref().map_or_else(|| self.pico.folder.join(kokoro::FOLDER), |voice| voice.folder().to_owned())
    }

    /// Kokoro, if all of it is here and what reads for it.
    fn whole_kokoro(&self) -> Option<&KokoroVoice> {
        self.kokoro.as_ref().filter(|voice| voice.missing().is_none() && self.neural.missing().is_none())
    }
}

impl Voice for Voices {
    /// Those that would speak now; the first of a language is the one that does.
    fn catalogue(&self) -> Vec<VoiceInfo> {
        let neural = if self.neural.missing().is_none() { self.neural.catalogue() } else { Vec::new() };
        let kokoro = self.whole_kokoro().map(KokoroVoice::catalogue).unwrap_or_default();
        kokoro.into_iter().chain(neural).chain(self.pico.catalogue()).collect()
    }

    fn remark(&self) -> Option<String> {
        let Some(missing) = self.neural.missing() else {
            return self.kokoro.as_ref()?.remark();
        };
        Some(format!(
            "Lines in American English are spoken by Pico, since the neural voice is not here ({} is missing). \
             `cargo xtask setup` fetches it.",
            missing.display()
        ))
    }

    fn speak(&self, utterance: &Utterance) -> Result<Spoken, PortError> {
        if utterance.language == LANGUAGE && self.neural.missing().is_none() {
            return match self.whole_kokoro() {
                Some(kokoro) => kokoro.speak(&self.neural, utterance),
                None => self.neural.speak(utterance),
            };
        }
        self.pico.speak(utterance)
    }
}

/// Where `cargo xtask setup` unpacks the neural voice: the user's cache, by the same rule as there.
pub fn kept_by_setup() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("XDG_CACHE_HOME")
        .or_else(|| variable("LOCALAPPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("kinora").join("voices"))
}
