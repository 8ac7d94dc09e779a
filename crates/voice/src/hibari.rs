//! The neural voice: hibari, distilled from Kokoro, American English, 24 kHz, on one core.
//!
//! It exists because a film is listened to. A line is read to phonemes (`reading`), planned and painted by a network (`network`), and
//! its spectra become sound (`wave`). Several people come out of its one speaker by pitch, body and pace. Words have the times that the
//! network planned, to 12.5 ms. It must never run a file that is not the published one, and never give two sounds for one utterance.

mod files;
mod fourier;
mod lexicon;
mod network;
mod normal;
mod numbers;
mod reading;
mod shorthand;
mod spelling;
mod stress;
mod tagger;
mod tensor;
#[cfg(test)]
mod tests;
mod wave;

use crate::said::{Said, seed};
use crate::shape::timbre;
use crate::{pitch, text};
use files::Loaded;
use kinora_document::Utterance;
use kinora_ports::voice::{Spoken, VoiceInfo};
use kinora_ports::{PortError, Refusal, Voice};
use network::Plan;
use reading::Sentence;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use wave::{HOP, Noise, RATE};

/// The folder of this version's files, below a folder of voices.
pub const FOLDER: &str = "hibari-0.2.1";
pub const NAME: &str = "hibari/en-US";
pub const LANGUAGE: &str = "en-US";
/// The speaker's own pitch in hertz: median of the voiced frames of 32 sentences.
const OWN_PITCH: f32 = 200.0;
/// How far a line's own median is moved to the person's pitch, 0 … 1: all the way, and a question would sound like an answer; not at all,
/// and it would sound like somebody else.
const SETTLED: f32 = 0.8;
/// The spectra pull towards the speaker's own pitch, so the curve is moved this much further (as an exponent): measured at five pitches.
const PULL: f32 = 1.15;
/// The pitch curve is moved no further: beyond, the spectra tear.
const PITCH_RANGE: std::ops::RangeInclusive<f32> = 0.45..=1.8;
const SPEED_RANGE: std::ops::RangeInclusive<f32> = 0.4..=2.5;
/// Above this many hertz a frame counts as voiced.
const VOICED: f32 = 60.0;
/// A line that is heard further than this from its pitch, as a share, is painted again …
const OFF: f32 = 0.03;
/// … so often, each time moved by no more than this share: more is a mistake of the ear.
const REPAINTS: usize = 2;
const MOST_MOVED: f32 = 0.5;
/// What is voiced stays so however low the person is, in hertz.
const LOWEST: f32 = 45.0;
/// Longer words are cut: no language has them.
const LONGEST_WORD: usize = 40;

#[derive(Debug)]
pub struct HibariVoice {
    folder: PathBuf,
    /// Read when first needed: it takes half a second and 60 MB.
    loaded: Mutex<Option<std::sync::Arc<Loaded>>>,
}

impl HibariVoice {
    /// Speaks with the files that are in `folder`.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), loaded: Mutex::new(None) }
    }

    /// The first of its files that is not there.
    pub fn missing(&self) -> Option<PathBuf> {
        files::missing(&self.folder).map(|name| self.folder.join(name))
    }

    /// The line's sentences as phonemes, and what reads and speaks them.
    pub(crate) fn read(&self, utterance: &Utterance) -> Result<(std::sync::Arc<Loaded>, Vec<Sentence>), PortError> {
        if utterance.language != LANGUAGE {
            return Err(Refusal::new(
                "voice.language",
                format!("The neural voice does not speak “{}”.", utterance.language),
                format!("Choose {LANGUAGE}."),
            )
            .into());
        }
        text::fits(&utterance.text)?;
        // Refuses what has no Latin letters, in the words of the other voices.
        text::sentences(&utterance.text)?;
        let loaded = self.loaded()?;
        let written: Vec<String> = utterance
            .words()
            .map(|word| word.chars().filter(|sign| !sign.is_control()).take(LONGEST_WORD).collect())
            .collect();
        let written: Vec<&str> = written.iter().map(String::as_str).collect();
        let sentences = loaded.reader.sentences(&written);
        if sentences.is_empty() {
            return Err(text::unpronounceable(&utterance.text).into());
        }
        Ok((loaded, sentences))
    }

    /// A failure is not kept: the files may be mended while the studio runs.
    fn loaded(&self) -> Result<std::sync::Arc<Loaded>, PortError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = loaded.as_ref() {
            return Ok(loaded.clone());
        }
        let fresh = std::sync::Arc::new(files::load(&self.folder)?);
        *loaded = Some(fresh.clone());
        Ok(fresh)
    }
}

pub fn info() -> VoiceInfo {
    VoiceInfo {
        name: NAME.to_owned(),
        title: "Hibari (American English, neural)".to_owned(),
        engine: "Hibari".to_owned(),
        distilled_from: Some(crate::kokoro::ENGINE.to_owned()),
        language: LANGUAGE.to_owned(),
        licence: "Apache-2.0".to_owned(),
    }
}

impl Voice for HibariVoice {
    fn catalogue(&self) -> Vec<VoiceInfo> {
        vec![info()]
    }

    fn speak(&self, utterance: &Utterance) -> Result<Spoken, PortError> {
        let (loaded, sentences) = self.read(utterance)?;
        let written = utterance.words().count();
        Ok(said(&loaded, &sentences, utterance).finished(NAME, written, utterance))
    }
}

fn said(loaded: &Loaded, sentences: &[Sentence], utterance: &Utterance) -> Said {
    let timbre = timbre(utterance);
    // Played at another rate, the voice has another body; pitch and pace are asked for the other way round.
    let speed = (utterance.rate_permille as f32 / 1000.0 / timbre).clamp(*SPEED_RANGE.start(), *SPEED_RANGE.end());
    let mut plans: Vec<Planned> = Vec::with_capacity(sentences.len());
    for sentence in sentences {
        let numbered = sentence.phonemes.iter().filter_map(|(sign, of)| Some((*loaded.numbers.get(sign)?, *of)));
        // Silence before and after.
        let (ids, of): (Vec<usize>, Vec<Option<usize>>) =
            std::iter::once((0, None)).chain(numbered).chain([(0, None)]).unzip();
        let plan = loaded.network.plan(&ids, speed);
        plans.push((ids, of, plan));
    }
    let planned = heard_pitch(plans.iter().map(|(_, _, plan)| plan));
    let wanted = utterance.pitch_hertz as f32 * (planned / OWN_PITCH).powf(1.0 - SETTLED) / timbre;
    let within = |factor: f32| factor.clamp(*PITCH_RANGE.start(), *PITCH_RANGE.end());
    let mut factor = within((wanted / planned).powf(PULL));
    let mut line = painted(loaded, sentences, &plans, factor, timbre);
    for _ in 0..REPAINTS {
        // The spectra have their own mind of the pitch, most of all in short lines.
        let Some(found) = pitch::heard(&line.samples, RATE) else { break };
        let moved = within(factor * (wanted / found).clamp(1.0 - MOST_MOVED, 1.0 + MOST_MOVED));
        if (found / wanted - 1.0).abs() <= OFF || moved == factor {
            break;
        }
        factor = moved;
        line = painted(loaded, sentences, &plans, factor, timbre);
    }
    line
}

/// A sentence's phoneme numbers, the word that each belongs to, and how they are to go.
type Planned = (Vec<usize>, Vec<Option<usize>>, Plan);

/// The line with its pitch moved by `factor`.
fn painted(loaded: &Loaded, sentences: &[Sentence], plans: &[Planned], factor: f32, timbre: f32) -> Said {
    let mut line = Said::default();
    for ((ids, of, plan), sentence) in plans.iter().zip(sentences) {
        let mut plan = plan.clone();
        for hertz in &mut plan.pitch {
            let floor = if *hertz > VOICED { LOWEST } else { 0.0 };
            *hertz = (*hertz * factor).max(floor);
        }
        let mut noise = Noise::new(seed(&sentence.text()));
        let painting = loaded.network.paint(ids, &plan);
        let sound = wave::sound(&plan.pitch, &painting, || noise.next());
        line.add(&sound, HOP, plan.frames.iter().copied().zip(of.iter().copied()), timbre);
    }
    line
}

/// The pitch that a listener would name: the median of the louder half of the voiced frames, in hertz.
fn heard_pitch<'a>(plans: impl Iterator<Item = &'a Plan>) -> f32 {
    let frames = plans.flat_map(|plan| plan.pitch.iter().copied().zip(plan.energy.iter().copied()));
    let mut voiced: Vec<(f32, f32)> = frames.filter(|(hertz, _)| *hertz > VOICED).collect();
    voiced.sort_by(|a, b| b.1.total_cmp(&a.1));
    voiced.truncate(voiced.len().div_ceil(2));
    voiced.sort_by(|a, b| a.0.total_cmp(&b.0));
    voiced.get(voiced.len() / 2).map_or(OWN_PITCH, |(hertz, _)| *hertz)
}
