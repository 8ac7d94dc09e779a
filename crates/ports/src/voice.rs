//! What says a line aloud.
//!
//! A voice is told everything in the [`Utterance`] and keeps no state between lines, so the same utterance gives the same samples. It
//! measures when each word is heard: captions and mouths follow that, and not a guess from the number of words.

use crate::{PortError, Sound};
use kinora_document::SpokenWord;

pub use kinora_document::Utterance;

/// A voice that is here, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceInfo {
    /// "pico/en-US"
    pub name: String,
    pub title: String,
    /// What speaks with it: "Pico".
    pub engine: String,
    /// The engine that this one was taught to sound like, where it was.
    pub distilled_from: Option<String>,
    /// As the web writes it: "en-US".
    pub language: String,
    pub licence: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Spoken {
    /// Name of the voice of the catalogue that spoke.
    pub voice: String,
    /// 48 kHz, one channel, −1 … 1; begins with the first word and ends with the last, 20 ms of silence allowed.
    pub sound: Sound,
    /// One for each word of [`Utterance::words`], in order, within the sound; a word that cannot be said has no length.
    pub words: Vec<SpokenWord>,
}

pub trait Voice: Send + Sync {
    fn catalogue(&self) -> Vec<VoiceInfo>;
    /// A sentence when another voice speaks than the one that should, and what to do about it.
    fn remark(&self) -> Option<String> {
        None
    }
    /// Refused when no voice here speaks the language, when nothing of the text can be said, or when it is too long.
    fn speak(&self, utterance: &Utterance) -> Result<Spoken, PortError>;
}
