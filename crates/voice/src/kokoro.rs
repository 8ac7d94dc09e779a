//! More people for American English: Kokoro-82M (Apache-2.0), from files that a person has put into a folder of voices.
//!
//! It exists because different people should not be one speaker in disguise. A line is read to phonemes as for hibari, whose alphabet
//! is the same; who speaks is chosen by the person's pitch and number, and stays the same from line to line. It reads safetensors: the
//! released files are pickles, which [`convert`] alone reads. It must never be fetched from here, nor speak when half of it is missing.

pub mod convert;

use crate::hibari::{HibariVoice, LANGUAGE};
use crate::said::{RATE, Said, seed};
use crate::shape::timbre;
use kinora_document::Utterance;
use kinora_models::kokoro::{Kokoro, KokoroConfig, KokoroError, Noise, Plan, voices};
use kinora_ports::voice::{Spoken, VoiceInfo};
use kinora_ports::{Fault, PortError};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// As its makers call it.
pub const ENGINE: &str = "Kokoro-82M";
const LICENCE: &str = "Apache-2.0";
/// The folder of its files, below a folder of voices.
pub const FOLDER: &str = "kokoro-82m";
const CONFIG: &str = "config.json";
const MODEL: &str = "kokoro-v1_0.safetensors";
const VOICES: &str = "voices";
/// How the name of a voice's file ends.
const WEIGHTS: &str = ".safetensors";
/// American voices, of women and of men: "af_heart", "am_adam". The others speak languages that are not read to phonemes here.
const WOMEN: &str = "af_";
const MEN: &str = "am_";
/// Below this pitch a person is given a man's voice, in hertz: between the means of the two.
const MEN_BELOW: u32 = 160;
/// More voices than this are not looked at: 54 were released.
const MOST_VOICES: usize = 500;
/// The released config has 2 kB, the model 330 MB.
const MOST_CONFIG: u64 = 1 << 20;
const MOST_MODEL: u64 = 1 << 30;
/// A person's pitch is moved no further from the speaker's own: beyond, it is somebody else.
const PITCH_RANGE: std::ops::RangeInclusive<f32> = 0.8..=1.25;
const SPEED_RANGE: std::ops::RangeInclusive<f32> = 0.4..=2.5;
/// Above this many hertz there is pitch.
const VOICED: f32 = 60.0;

#[derive(Debug)]
pub struct KokoroVoice {
    folder: PathBuf,
    /// Names of its people, in order.
    people: Vec<String>,
    /// Read when first needed: it takes a second and half a gigabyte.
    loaded: Mutex<Option<Arc<Loaded>>>,
}

#[derive(Debug)]
struct Loaded {
    model: Kokoro,
    numbers: BTreeMap<char, u32>,
}

impl KokoroVoice {
    /// None where there is no such folder; otherwise the voice, whole or not.
    pub fn find(folder: &Path) -> Option<Self> {
        if !folder.is_dir() {
            return None;
        }
        let people = people(folder, WEIGHTS).into_iter().collect();
        Some(Self { folder: folder.to_owned(), people, loaded: Mutex::new(None) })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The first of its files that is not there.
    pub fn missing(&self) -> Option<PathBuf> {
        let path = [CONFIG, MODEL].map(|name| self.folder.join(name)).into_iter().find(|path| !path.is_file());
        let nobody = || self.folder.join(VOICES).join(format!("af_heart{WEIGHTS}"));
        path.or_else(|| self.people.is_empty().then(nobody))
    }

    /// Why it does not speak, and what to do where something can be done here.
    pub fn remark(&self) -> Option<String> {
        let mut said = format!("Kokoro does not speak, since {} is missing; hibari does.", self.missing()?.display());
        if convert::is_due(&self.folder) {
            said.push_str(
                " The released files are there, but files of that kind can carry programs and are not read: \
                 run `kinora voices convert`.",
            );
        }
        Some(said)
    }

    pub fn catalogue(&self) -> Vec<VoiceInfo> {
        let info = |person: &String| VoiceInfo {
            name: format!("kokoro/{person}"),
            title: format!("Kokoro {person} (American English, neural)"),
            engine: ENGINE.to_owned(),
            distilled_from: None,
            language: LANGUAGE.to_owned(),
            licence: LICENCE.to_owned(),
        };
        self.people.iter().map(info).collect()
    }

    /// What `reader` reads, in the voice of one of its people.
    pub fn speak(&self, reader: &HibariVoice, utterance: &Utterance) -> Result<Spoken, PortError> {
        let (_, sentences) = reader.read(utterance)?;
        let loaded = self.loaded()?;
        let person = self.person(utterance);
        let voice = self.voice(person, &loaded)?;
        let timbre = timbre(utterance);
        let speed = (utterance.rate_permille as f32 / 1000.0 / timbre).clamp(*SPEED_RANGE.start(), *SPEED_RANGE.end());
        let failed = |error: KokoroError| self.damaged("the model", &error.to_string());
        let mut line = Said::default();
        let mut planned = Vec::with_capacity(sentences.len());
        for sentence in &sentences {
            let numbered = sentence.phonemes.iter().filter_map(|(sign, of)| Some((*loaded.numbers.get(sign)?, *of)));
            let numbered: Vec<(u32, Option<usize>)> = numbered.take(loaded.model.longest()).collect();
            if numbered.is_empty() {
                continue;
            }
            let (sounds, goes) = voice.style(numbered.len()).map_err(failed)?;
            // Silence before and after.
            let (ids, of): (Vec<u32>, Vec<Option<usize>>) =
                std::iter::once((0, None)).chain(numbered).chain([(0, None)]).unzip();
            planned.push((loaded.model.plan(&ids, &goes, speed).map_err(failed)?, of, sounds, sentence.text()));
        }
        let factor = factor(planned.iter().map(|(plan, ..)| plan), utterance.pitch_hertz as f32 / timbre);
        for (mut plan, of, sounds, text) in planned {
            plan.pitch.iter_mut().for_each(|hertz| *hertz *= factor);
            let sound = loaded.model.paint(&plan, &sounds, Noise::Seed(seed(&text))).map_err(failed)?;
            line.add(&sound, loaded.model.frame(), plan.frames.iter().copied().zip(of), timbre);
        }
        if line.samples.is_empty() {
            return Err(crate::text::unpronounceable(&utterance.text).into());
        }
        Ok(line.finished(&format!("kokoro/{person}"), utterance.words().count(), utterance))
    }

    /// A man or a woman by pitch, and among those by number.
    fn person(&self, utterance: &Utterance) -> &str {
        let kind = if utterance.pitch_hertz < MEN_BELOW { MEN } else { WOMEN };
        let like = |kind: &str| self.people.iter().filter(|name| name.starts_with(kind)).collect::<Vec<_>>();
        let fitting = Some(like(kind)).filter(|found| !found.is_empty()).unwrap_or_else(|| like(""));
        let at = utterance.speaker as usize % fitting.len().max(1);
        fitting.get(at).map_or("", |name| name.as_str())
    }

    fn voice(&self, person: &str, loaded: &Loaded) -> Result<voices::Voice, PortError> {
        let name = format!("{VOICES}/{person}{WEIGHTS}");
        let bytes = self.bytes(&name, voices::MAX_BYTES as u64)?;
        voices::Voice::parse(&bytes, loaded.model.config().style_dim).map_err(|e| self.damaged(&name, &e.to_string()))
    }

    /// A failure is not kept: the files may be mended while the studio runs.
    fn loaded(&self) -> Result<Arc<Loaded>, PortError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = loaded.as_ref() {
            return Ok(loaded.clone());
        }
        let config = KokoroConfig::parse(&self.bytes(CONFIG, MOST_CONFIG)?);
        let config = config.map_err(|error| self.damaged(CONFIG, &error.to_string()))?;
        let sign = |(sign, number): (&String, &u32)| Some((sign.chars().next()?, *number));
        let numbers = config.vocab.iter().filter(|(text, _)| text.chars().count() == 1).filter_map(sign).collect();
        let model = Kokoro::load(config, &self.bytes(MODEL, MOST_MODEL)?);
        let model = model.map_err(|error| self.damaged(MODEL, &error.to_string()))?;
        let fresh = Arc::new(Loaded { model, numbers });
        *loaded = Some(fresh.clone());
        Ok(fresh)
    }

    fn bytes(&self, name: &str, most: u64) -> Result<Vec<u8>, PortError> {
        limited(&self.folder.join(name), most).map_err(|why| self.damaged(name, &why))
    }

    fn damaged(&self, name: &str, why: &str) -> PortError {
        let folder = self.folder.display();
        Fault::new(
            format!("The Kokoro voice cannot speak: {name} in {folder} cannot be used ({why})."),
            "Delete that file, put the released one there and run `kinora voices convert`, or take the folder away: then hibari speaks. --no-voices makes the film without.",
            why,
        )
        .into()
    }
}

/// American people of whom there is a file with that ending.
fn people(folder: &Path, ending: &str) -> BTreeSet<String> {
    let names = std::fs::read_dir(folder.join(VOICES)).into_iter().flatten().flatten().take(MOST_VOICES);
    let name = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let name = name.strip_suffix(ending)?;
        let american = name.starts_with(WOMEN) || name.starts_with(MEN);
        american.then(|| name.to_owned())
    };
    names.filter_map(name).collect()
}

/// One byte more than allowed is read, so that a larger file is known without being held.
fn limited(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    match read {
        Ok(read) if read as u64 <= most => Ok(bytes),
        Ok(_) => Err(format!("it has more than {} MB", most >> 20)),
        Err(error) => Err(error.to_string()),
    }
}

/// By how much a line's pitch is moved to be the person's, if there is any.
fn factor<'a>(plans: impl Iterator<Item = &'a Plan>, wanted: f32) -> f32 {
    let mut voiced: Vec<f32> =
        plans.flat_map(|plan| plan.pitch.iter().copied()).filter(|hertz| *hertz > VOICED).collect();
    voiced.sort_by(f32::total_cmp);
    let middle = voiced.get(voiced.len() / 2).copied();
    middle.map_or(1.0, |own| (wanted / own).clamp(*PITCH_RANGE.start(), *PITCH_RANGE.end()))
}

// Word times and levels are worked out at this rate.
const _: () = assert!(RATE as usize == kinora_models::kokoro::run::RATE);
