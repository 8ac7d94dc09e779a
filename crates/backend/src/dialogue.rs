//! Dialogue: every line that nobody has spoken yet is spoken, kept by content, and recorded as the studio's own work.
//!
//! An utterance that is in the film already is never spoken again, so editing one line costs one line. A line that cannot be spoken stays
//! silent and is told; a voice that is broken ends the work, and what was spoken until then is kept.

use crate::events::Events;
use crate::gate::Gate;
use crate::problem::Trouble;
use crate::session::Session;
use kinora_api::Event;
use kinora_document::{BlobHash, Command, Film, Media, MediaId, MediaKind, Speech, Speeches, Ticks, Utterance};
use kinora_policy::Place;
use kinora_ports::voice::Spoken;
use kinora_ports::{Blobs, Entropy, Flow, PortError, Sound, Voice};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Lines recorded in one edit: a kill costs no more than this many.
const BATCH: usize = 16;
/// Of a line, in the list of files.
const NAME_CHARACTERS: usize = 60;

pub struct Dialogue {
    session: Arc<Session>,
    voice: Arc<dyn Voice>,
    entropy: Arc<dyn Entropy>,
    gate: Arc<Gate>,
    events: Arc<Events>,
    /// Held while speaking: two would speak the same lines.
    turn: Mutex<()>,
    closing: AtomicBool,
    worker: Mutex<Option<JoinHandle<()>>>,
}

/// What speaking came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Speaking {
    /// Lines spoken now.
    pub spoken: usize,
    /// Lines that had been spoken before.
    pub kept: usize,
    /// Lines that stay silent, as sentences.
    pub warnings: Vec<String>,
}

impl std::fmt::Debug for Dialogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialogue").finish_non_exhaustive()
    }
}

impl Dialogue {
    pub fn new(
        session: Arc<Session>,
        voice: Arc<dyn Voice>,
        entropy: Arc<dyn Entropy>,
        gate: Arc<Gate>,
        events: Arc<Events>,
    ) -> Self {
        Self {
            session,
            voice,
            entropy,
            gate,
            events,
            turn: Mutex::new(()),
            closing: AtomicBool::new(false),
            worker: Mutex::new(None),
        }
    }

    /// Speaks every line that needs it. `watch` is told lines done and lines to do.
    pub fn speak(&self, watch: &mut dyn FnMut(usize, usize) -> Flow) -> Result<Speaking, Trouble> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let film = self.session.film();
        let blobs = self.session.store().blobs();
        let (wanted, kept) = missing(&film, &|blob| blobs.contains(blob));
        let mut answer = Speaking { kept, ..Speaking::default() };
        let mut batch: Vec<Media> = Vec::new();
        let mut broken = None;
        for (done, (utterance, name)) in wanted.iter().enumerate() {
            if watch(done, wanted.len()) == Flow::Cancel {
                broken = Some(Trouble::cancelled());
                break;
            }
            if let Err(trouble) = self.gate.check(&utterance.text, Place::Dialogue) {
                answer.warnings.push(format!("{name}: {trouble}"));
                continue;
            }
            match self.voice.speak(utterance) {
                Ok(spoken) => {
                    let media = self.keep(blobs.as_ref(), utterance, name, &spoken)?;
                    answer.spoken += 1;
                    // The same file once more for one that was lost: the film has its name already.
                    if !film.media.iter().any(|known| known.blob == media.blob && known.speech == media.speech) {
                        batch.push(media);
                    }
                }
                Err(PortError::Refused(refusal)) => {
                    answer.warnings.push(format!("{name}: {} {}", refusal.what, refusal.remedy));
                }
                Err(other) => {
                    broken = Some(other.into());
                    break;
                }
            }
            if batch.len() >= BATCH {
                self.record(&mut batch)?;
            }
        }
        self.record(&mut batch)?;
        match broken {
            Some(trouble) => Err(trouble),
            None => Ok(answer),
        }
    }

    /// Speaks on a thread of its own; windows hear of it as edits, and of trouble as a notice.
    pub fn speak_soon(self: &Arc<Self>) {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = worker.take_if(|before| before.is_finished()) {
            // A thread that panicked has nothing more to say.
            let _ = before.join();
        }
        if worker.is_some() {
            return;
        }
        let dialogue = self.clone();
        let started = std::thread::Builder::new().name("kinora-dialogue".to_owned()).spawn(move || dialogue.work());
        *worker = started.ok();
    }

    fn work(&self) {
        let stop = || if self.closing.load(Ordering::Acquire) { Flow::Cancel } else { Flow::Continue };
        let said = match self.speak(&mut |_, _| stop()) {
            Ok(Speaking { spoken, warnings, .. }) => {
                let remark = if spoken > 0 { self.voice.remark() } else { None };
                let told: Vec<String> = warnings.into_iter().chain(remark).collect();
                (!told.is_empty()).then(|| Event::Notice { text: told.join("\n"), problem: None })
            }
            Err(trouble) if !trouble.is_cancelled() => {
                Some(Event::Notice { text: trouble.to_string(), problem: Some(trouble.0) })
            }
            _ => None,
        };
        if let Some(event) = said {
            self.events.send(&event);
        }
    }

    /// Ends after the line being spoken.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Release);
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker {
            let _ = worker.join();
        }
    }

    fn record(&self, batch: &mut Vec<Media>) -> Result<(), Trouble> {
        if !batch.is_empty() {
            self.session.record(&Command::AddSpeech { media: std::mem::take(batch) })?;
        }
        Ok(())
    }

    fn keep(&self, blobs: &dyn Blobs, utterance: &Utterance, name: &str, spoken: &Spoken) -> Result<Media, Trouble> {
        let blob = blobs.put(&wav(&spoken.sound))?;
        Ok(media(MediaId(self.entropy.random_u128()), blob, utterance, name, spoken))
    }
}

/// Speaks the film's lines into memory and puts them into the film, for looking at it only.
pub fn rehearse(
    film: &mut Film,
    voice: &dyn Voice,
    gate: &Gate,
    mint: &mut dyn FnMut() -> u128,
) -> Result<Vec<String>, Trouble> {
    let (wanted, _) = missing(film, &|_| true);
    let (mut files, mut warnings) = (Vec::with_capacity(wanted.len()), Vec::new());
    for (utterance, name) in &wanted {
        if let Err(trouble) = gate.check(&utterance.text, Place::Dialogue) {
            warnings.push(format!("{name}: {trouble}"));
            continue;
        }
        match voice.speak(utterance) {
            Ok(spoken) => {
                let blob = BlobHash(*blake3::hash(&wav(&spoken.sound)).as_bytes());
                files.push(media(MediaId(mint()), blob, utterance, name, &spoken));
            }
            Err(PortError::Refused(refusal)) => warnings.push(format!("{name}: {} {}", refusal.what, refusal.remedy)),
            Err(other) => return Err(other.into()),
        }
    }
    let patch = Command::AddSpeech { media: files }.plan(film, &mut || mint())?;
    film.apply(&patch)?;
    Ok(warnings)
}

/// Utterances without a file, each once, with a name to show; and how many have one.
fn missing(film: &Film, there: &dyn Fn(BlobHash) -> bool) -> (Vec<(Utterance, String)>, usize) {
    let speeches = Speeches::of(film);
    let said: BTreeMap<_, _> = speeches.iter().collect();
    let (mut wanted, mut seen, mut kept) = (Vec::new(), BTreeSet::new(), 0);
    for shot in film.shots.iter() {
        for (number, line) in (0u32..).zip(&shot.dialogue) {
            let Some(said) = said.get(&(shot.id, number)) else { continue };
            if said.spoken.is_some_and(|media| there(media.blob)) {
                kept += 1;
            } else if seen.insert(&said.utterance) {
                let name: String = format!("{}: {}", line.character, said.utterance.text);
                wanted.push((said.utterance.clone(), name.chars().take(NAME_CHARACTERS).collect()));
            }
        }
    }
    (wanted, kept)
}

fn media(id: MediaId, blob: BlobHash, utterance: &Utterance, name: &str, spoken: &Spoken) -> Media {
    let speech = Speech { utterance: utterance.clone(), voice: spoken.voice.clone(), words: spoken.words.clone() };
    Media {
        id,
        name: name.to_owned(),
        blob,
        thumbnail: None,
        kind: MediaKind::Sound,
        length: Ticks::from_samples(spoken.sound.samples.len() as i64, spoken.sound.sample_rate),
        size: None,
        rate: None,
        has_sound: true,
        speech: Some(Box::new(speech)),
        cameo: None,
        withdrawn: false,
        dubs: None,
    }
}

/// A WAV file of 16-bit samples.
fn wav(sound: &Sound) -> Vec<u8> {
    let bytes = sound.samples.len() as u32 * 2;
    let frame = u32::from(sound.channels) * 2;
    let mut file = Vec::with_capacity(44 + bytes as usize);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + bytes).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend_from_slice(&sound.channels.to_le_bytes());
    file.extend_from_slice(&sound.sample_rate.to_le_bytes());
    file.extend_from_slice(&(sound.sample_rate * frame).to_le_bytes());
    file.extend_from_slice(&(frame as u16).to_le_bytes());
    file.extend_from_slice(b"\x10\0data");
    file.extend_from_slice(&bytes.to_le_bytes());
    for sample in &sound.samples {
        file.extend_from_slice(&((sample.clamp(-1.0, 1.0) * 32767.0).round() as i16).to_le_bytes());
    }
    file
}
