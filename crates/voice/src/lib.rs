//! Speech on this machine: the [`Voice`] port through Pico, a small synthesiser whose voices lie in the program itself, through
//! hibari, a neural voice for English that set-up fetches, and through Kokoro, whose files a person brings; [`Voices`] is all of them.
//!
//! It exists so that a film speaks everywhere, at once and without a download. From each of Pico's voices come many people, by
//! pitch, by body (formants) and by pace; each word's time is measured by comparing the sentence with its words alone. The same
//! utterance gives the same samples. It must never hand text to the synthesiser that `text` has not cleaned.

mod align;
mod files;
mod hibari;
mod kokoro;
mod pico;
mod pitch;
mod said;
mod shape;
mod text;
mod voices;

use kinora_document::{SpokenWord, Ticks, Utterance};
use kinora_ports::voice::{Spoken, VoiceInfo};
use kinora_ports::{PortError, Refusal, Sound, Voice};
use pico::{Pico, RATE};
use shape::{EDGE_SECONDS, PAUSE_SECONDS, timbre};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub use hibari::HibariVoice;
pub use kokoro::convert::{Conversion, Converted, Made, convert_kokoro};
pub use voices::{Voices, kept_by_setup};

/// Pico's own voices speak at about this pitch, in hertz (measured, median over a sentence).
const LANGUAGES: [(&str, &str, f32); 6] = [
    ("en-US", "American English", 162.0),
    ("en-GB", "British English", 173.0),
    ("de-DE", "German", 168.0),
    ("es-ES", "Spanish", 165.0),
    ("fr-FR", "French", 165.0),
    ("it-IT", "Italian", 165.0),
];

#[derive(Debug)]
pub struct PicoVoice {
    folder: PathBuf,
    /// The folder belongs to somebody else: nothing is written there.
    given: bool,
    /// The library keeps state outside its handles.
    one_at_a_time: Mutex<()>,
}

impl PicoVoice {
    /// Unpacks the voices into `folder` when they are first needed.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), given: false, one_at_a_time: Mutex::new(()) }
    }

    /// Speaks with the voice files that are in `folder`.
    pub fn with_files(folder: &Path) -> Self {
        Self { given: true, ..Self::new(folder) }
    }

    fn base(language: &str) -> Result<(&'static str, f32), Refusal> {
        LANGUAGES.iter().find(|(name, _, _)| *name == language).map(|(name, _, pitch)| (*name, *pitch)).ok_or_else(
            || {
                let known: Vec<&str> = LANGUAGES.iter().map(|(name, _, _)| *name).collect();
                Refusal::new(
                    "voice.language",
                    format!("No voice on this machine speaks “{language}”."),
                    format!("Choose one of: {}.", known.join(", ")),
                )
            },
        )
    }
}

impl Voice for PicoVoice {
    fn catalogue(&self) -> Vec<VoiceInfo> {
        let info = |(language, title, _): &(&str, &str, f32)| VoiceInfo {
            name: format!("pico/{language}"),
            title: format!("Pico ({title})"),
            engine: "Pico".to_owned(),
            distilled_from: None,
            language: (*language).to_owned(),
            licence: "Apache-2.0".to_owned(),
        };
        LANGUAGES.iter().map(info).collect()
    }

    fn speak(&self, utterance: &Utterance) -> Result<Spoken, PortError> {
        let (language, base) = Self::base(&utterance.language)?;
        text::fits(&utterance.text)?;
        let sentences = text::sentences(&utterance.text)?;
        let turn = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = files::ready(&self.folder, self.given, language)?;
        let timbre = timbre(utterance);
        let wish = pico::Wish {
            pitch_percent: 100.0 * utterance.pitch_hertz as f32 / (base * timbre),
            speed_percent: utterance.rate_permille as f32 / 10.0 / timbre,
        };
        let mut pico = Pico::open(&pair)?;
        let mut whole: Vec<f32> = Vec::new();
        // In samples of Pico's rate.
        let mut words: Vec<(usize, usize)> = Vec::new();
        for sentence in &sentences {
            if !whole.is_empty() {
                whole.resize(whole.len() + (PAUSE_SECONDS * RATE * timbre) as usize, 0.0);
            }
            let sound = shape::trimmed(&pico.say(&sentence.text(), wish)?);
            let mut alone = Vec::with_capacity(sentence.words.len());
            for word in &sentence.words {
                let sound = if word.is_empty() { Vec::new() } else { shape::trimmed(&pico.say(word, wish)?) };
                alone.push(sound);
            }
            let begun = whole.len();
            words.extend(align::words(&sound, &alone).into_iter().map(|(start, end)| (begun + start, begun + end)));
            whole.extend(sound);
        }
        drop(turn);
        let factor = Sound::FILM_RATE as f32 / (RATE * timbre);
        let edge = (EDGE_SECONDS * Sound::FILM_RATE as f32) as usize;
        let samples = shape::finished(&whole, factor, edge, utterance.gain_millibels);
        let length = samples.len();
        let at = |sample: usize| {
            let place = ((sample as f32 * factor) as usize + edge).min(length);
            Ticks::from_samples(place as i64, Sound::FILM_RATE)
        };
        let words = words.into_iter().map(|(start, end)| SpokenWord { start: at(start), end: at(end) }).collect();
        let sound = Sound { sample_rate: Sound::FILM_RATE, channels: 1, samples };
        Ok(Spoken { voice: format!("pico/{language}"), sound, words })
    }
}
