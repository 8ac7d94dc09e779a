//! A voice that hums: a tone of the asked pitch for each word; and what every voice must do.

use crate::voice::{Spoken, Utterance, VoiceInfo};
use crate::{PortError, Refusal, Sound, Voice};
use kinora_document::{SpokenWord, Ticks};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A word takes this long at a rate of 1000.
const WORD_MILLIS: i64 = 300;
const LANGUAGE: &str = "en-US";

/// Counts what it was asked, so that a test sees which lines were spoken again.
#[derive(Debug, Default)]
pub struct HummingVoice {
    spoken: AtomicUsize,
}

impl HummingVoice {
    /// Lines spoken so far.
    pub fn spoken(&self) -> usize {
        self.spoken.load(Ordering::Relaxed)
    }
}

impl Voice for HummingVoice {
    fn catalogue(&self) -> Vec<VoiceInfo> {
        vec![VoiceInfo {
            name: format!("hum/{LANGUAGE}"),
            title: "Hum".to_owned(),
            engine: "Hum".to_owned(),
            distilled_from: None,
            language: LANGUAGE.to_owned(),
            licence: "MIT".to_owned(),
        }]
    }

    fn speak(&self, utterance: &Utterance) -> Result<Spoken, PortError> {
        if utterance.language != LANGUAGE {
            let what = format!("No voice here speaks “{}”.", utterance.language);
            return Err(Refusal::new("voice.language", what, "Choose English.").into());
        }
        if !utterance.text.is_ascii() || !utterance.text.contains(char::is_alphanumeric) {
            let what = "Nothing of this line can be said.";
            return Err(Refusal::new("voice.unpronounceable", what, "Write it in Latin letters.").into());
        }
        self.spoken.fetch_add(1, Ordering::Relaxed);
        let word = Ticks::from_millis(WORD_MILLIS * 1000 / i64::from(utterance.rate_permille.max(1)));
        let at = |index: usize| Ticks(word.0 * index as i64);
        let words: Vec<SpokenWord> = utterance
            .words()
            .enumerate()
            .map(|(index, _)| SpokenWord { start: at(index), end: at(index + 1) })
            .collect();
        let length = at(words.len()).to_samples(Sound::FILM_RATE);
        let gain = 0.2 * 10f32.powf(utterance.gain_millibels as f32 / 2000.0);
        let turn = utterance.pitch_hertz as f32 * std::f32::consts::TAU / Sound::FILM_RATE as f32;
        let samples = (0..length).map(|at| ((at + 1) as f32 * turn).sin() * gain.min(0.9)).collect();
        let sound = Sound { sample_rate: Sound::FILM_RATE, channels: 1, samples };
        Ok(Spoken { voice: format!("hum/{LANGUAGE}"), sound, words })
    }
}

/// What every voice must do. The first difference, as a sentence.
pub fn voice_contract(voice: &dyn Voice) -> Result<(), String> {
    let catalogue = voice.catalogue();
    let language = catalogue.first().ok_or("the catalogue is empty")?.language.clone();
    holds(
        catalogue.iter().all(|info| !info.engine.is_empty() && !info.licence.is_empty()),
        "a voice does not say which engine it is, or under which licence",
    )?;
    let utterance = |text: &str| Utterance {
        text: text.to_owned(),
        language: language.clone(),
        speaker: 0,
        pitch_hertz: 160,
        timbre_permille: 1000,
        rate_permille: 1000,
        gain_millibels: 0,
    };
    let speak = |utterance: &Utterance| voice.speak(utterance).map_err(|error| format!("it did not speak: {error}"));
    let wanted = utterance("A lamp is on, and nobody is here.");
    let spoken = speak(&wanted)?;
    let same = speak(&wanted)?;
    holds(spoken == same, "the same utterance gives other samples the second time")?;
    holds(catalogue.iter().any(|info| info.name == spoken.voice), "the voice that spoke is not in the catalogue")?;
    holds(
        spoken.sound.sample_rate == Sound::FILM_RATE && spoken.sound.channels == 1,
        "it is not 48 kHz in one channel",
    )?;
    holds(spoken.sound.samples.iter().all(|sample| sample.abs() <= 1.0), "a sample is beyond full scale")?;
    let loud = |samples: &[f32]| samples.iter().any(|sample| sample.abs() > 0.003);
    let edge = Sound::FILM_RATE as usize / 50;
    holds(spoken.sound.samples.get(..edge).is_some_and(loud), "it begins with silence")?;
    let tail = spoken.sound.samples.len().saturating_sub(edge);
    holds(spoken.sound.samples.get(tail..).is_some_and(loud), "it ends with silence")?;
    holds(spoken.words.len() == wanted.words().count(), "not every word has its times")?;
    let length = Ticks::from_samples(spoken.sound.samples.len() as i64, Sound::FILM_RATE);
    let ordered = spoken.words.iter().all(|word| word.start <= word.end && word.end <= length)
        && spoken.words.windows(2).all(|pair| matches!(pair, [left, right] if left.start <= right.start));
    holds(ordered, "the words are not in order within the sound")?;
    let slow = speak(&Utterance { rate_permille: 700, ..wanted.clone() })?;
    holds(slow.sound.samples.len() > spoken.sound.samples.len(), "slower speech is not longer")?;
    let energy = |spoken: &Spoken| spoken.sound.samples.iter().map(|sample| f64::from(sample * sample)).sum::<f64>();
    let quiet = speak(&Utterance { gain_millibels: -900, ..wanted.clone() })?;
    holds(energy(&quiet) < energy(&spoken) / 4.0, "a whisper is not quieter")?;
    let unknown = Utterance { language: "xx-XX".to_owned(), ..wanted };
    holds(matches!(voice.speak(&unknown), Err(PortError::Refused(_))), "a language nobody speaks is not refused")?;
    holds(matches!(voice.speak(&utterance("🙂 …")), Err(PortError::Refused(_))), "what nobody can say is not refused")
}

fn holds(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_humming_voice_is_a_voice() {
        assert_eq!(voice_contract(&HummingVoice::default()), Ok(()));
    }
}
