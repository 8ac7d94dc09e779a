//! A line as it grows, sentence by sentence, at a neural voice's own rate, and how it comes to the film's.
//!
//! It exists because every neural voice plans how long each phoneme lasts, and a film wants to know when each word is heard. It must
//! never move a sound against its words.

use crate::shape::{self, EDGE_SECONDS, PAUSE_SECONDS, timbre};
use kinora_document::{SpokenWord, Ticks, Utterance};
use kinora_ports::Sound;
use kinora_ports::voice::Spoken;

/// Samples a second of every neural voice here.
pub const RATE: f32 = 24_000.0;
/// Quieter than this share of the loudest sample is silence: first consonants are softer than Pico's.
const SILENCE: f32 = 0.008;

/// A line at the voice's own rate, and where each written word is heard in it.
#[derive(Debug, Default)]
pub struct Said {
    pub samples: Vec<f32>,
    /// First and last sample of each word, by its index; words that are not heard are left out.
    words: Vec<(usize, usize, usize)>,
}

impl Said {
    /// One more sentence: its sound, and for each phoneme its frames of `hop` samples and the word it belongs to.
    pub fn add(
        &mut self,
        sound: &[f32],
        hop: usize,
        phonemes: impl Iterator<Item = (usize, Option<usize>)>,
        timbre: f32,
    ) {
        let heard = shape::heard(sound, SILENCE);
        if !self.samples.is_empty() {
            self.samples.resize(self.samples.len() + (PAUSE_SECONDS * RATE * timbre) as usize, 0.0);
        }
        let begun = self.samples.len();
        let place = |frame: usize| begun + (frame * hop).clamp(heard.start, heard.end) - heard.start;
        let (mut frame, first) = (0, self.words.len());
        for (frames, of) in phonemes {
            let (start, end) = (place(frame), place(frame + frames));
            frame += frames;
            let Some(of) = of else { continue };
            match self.words.last_mut().filter(|word| word.0 == of) {
                Some(word) => word.2 = end,
                None => self.words.push((of, start, end)),
            }
        }
        self.samples.extend(sound.get(heard).unwrap_or_default());
        // The model counts a first sound's beginning to the silence before it, and a last one's end to that after it.
        if let Some(word) = self.words.get_mut(first) {
            word.1 = begun;
        }
        if let Some(word) = self.words.get_mut(first..).and_then(<[_]>::last_mut) {
            word.2 = self.samples.len();
        }
    }

    /// At the film's rate and level, with a time for each of `written` words.
    pub fn finished(&self, voice: &str, written: usize, utterance: &Utterance) -> Spoken {
        let factor = Sound::FILM_RATE as f32 / (RATE * timbre(utterance));
        let edge = (EDGE_SECONDS * Sound::FILM_RATE as f32) as usize;
        let samples = shape::finished(&self.samples, factor, edge, utterance.gain_millibels);
        let at = |sample: usize| {
            let place = ((sample as f64 * f64::from(factor)) as usize + edge).min(samples.len());
            Ticks::from_samples(place as i64, Sound::FILM_RATE)
        };
        let mut words: Vec<SpokenWord> = Vec::with_capacity(written);
        let mut heard = self.words.iter().peekable();
        for index in 0..written {
            let before = words.last().map_or(at(0), |word: &SpokenWord| word.end);
            let times = match heard.next_if(|word| word.0 == index) {
                Some((_, start, end)) => (at(*start), at(*end)),
                None => (before, before),
            };
            words.push(SpokenWord { start: times.0, end: times.1 });
        }
        let sound = Sound { sample_rate: Sound::FILM_RATE, channels: 1, samples };
        Spoken { voice: voice.to_owned(), sound, words }
    }
}

/// Where a line's noise comes from: any fixed function of what is said will do.
pub fn seed(phonemes: &str) -> u64 {
    let hash = blake3::hash(phonemes.as_bytes());
    hash.as_bytes().first_chunk().map_or(1, |bytes| u64::from_le_bytes(*bytes))
}
