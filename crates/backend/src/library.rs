//! Pictures and sound of the project, decoded on demand and kept within a fixed number of bytes.
//!
//! Both the monitor and the exporter read through a [`Library`]. Movies stay open (least recently used ones are closed), frames and
//! sounds are cached by content hash, so that a still picture or a slow take is decoded once.

use crate::denoise::denoised;
use kinora_document::{Ambience, BlobHash};
use kinora_ports::compositor::PictureStore;
use kinora_ports::instrument::Played;
use kinora_ports::{Blobs, Decoder, Instrument, Movie, Pixels, PortError, Sound};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Decoded pictures: 64 frames of 1080p, or thousands of a draft take.
const PICTURE_BYTES: usize = 512 * 1024 * 1024;
/// Decoded sound: about ten minutes of stereo.
const SOUND_BYTES: usize = 256 * 1024 * 1024;
/// Recordings without their noise: about ten minutes of stereo.
const CLEAN_BYTES: usize = 256 * 1024 * 1024;
/// Ambiences, once round each: a dozen of them.
const PLAYED_BYTES: usize = 128 * 1024 * 1024;
/// Each open movie holds a decoder with its threads.
const OPEN_MOVIES: usize = 12;

/// A recording that lies sealed, into memory; None for what is in the project.
pub type Unseal = dyn Fn(BlobHash) -> Result<Option<Arc<[u8]>>, PortError> + Send + Sync;

pub struct Library {
    blobs: Arc<dyn Blobs>,
    decoder: Arc<dyn Decoder>,
    movies: Recent<BlobHash, Box<dyn Movie>>,
    pictures: Recent<(BlobHash, u32), Arc<Pixels>>,
    sounds: Recent<BlobHash, Option<Arc<Sound>>>,
    clean: Recent<BlobHash, Arc<Sound>>,
    instrument: Option<Arc<dyn Instrument>>,
    played: Recent<Ambience, Played>,
    unseal: Option<Arc<Unseal>>,
    /// A sound that lies in no file, as long as somebody listens to it.
    lent: Option<(BlobHash, Arc<Sound>)>,
}

impl Library {
    pub fn new(blobs: Arc<dyn Blobs>, decoder: Arc<dyn Decoder>) -> Self {
        Self {
            blobs,
            decoder,
            movies: Recent::new(OPEN_MOVIES),
            pictures: Recent::new(PICTURE_BYTES),
            sounds: Recent::new(SOUND_BYTES),
            clean: Recent::new(CLEAN_BYTES),
            instrument: None,
            played: Recent::new(PLAYED_BYTES),
            unseal: None,
            lent: None,
        }
    }

    /// With what plays ambiences; without it they are silent.
    pub fn with_instrument(self, instrument: Arc<dyn Instrument>) -> Self {
        Self { instrument: Some(instrument), ..self }
    }

    /// With a way to what lies sealed, where it is asked whether that may be shown.
    pub fn with_sealed(self, unseal: Arc<Unseal>) -> Self {
        Self { unseal: Some(unseal), ..self }
    }

    /// What an ambience sounds like, once round.
    pub fn ambience(&mut self, ambience: &Ambience) -> Result<Option<Played>, PortError> {
        if let Some(played) = self.played.get(ambience) {
            return Ok(Some(played.clone()));
        }
        let Some(instrument) = &self.instrument else { return Ok(None) };
        let played = instrument.play(ambience)?;
        self.played.put(*ambience, played.clone(), played.sound.samples.len() * 4);
        Ok(Some(played))
    }

    /// Where a file of the project lies.
    pub(crate) fn path(&self, blob: BlobHash) -> Option<std::path::PathBuf> {
        self.blobs.path(blob).ok()
    }

    fn movie(&mut self, blob: BlobHash) -> Result<&mut Box<dyn Movie>, PortError> {
        if !self.movies.contains(&blob) {
            let sealed = self.unseal.as_ref().map(|unseal| unseal(blob)).transpose()?.flatten();
            let movie = match sealed {
                Some(bytes) => self.decoder.open_bytes(bytes)?,
                None => self.decoder.open(&self.blobs.path(blob)?)?,
            };
            self.movies.put(blob, movie, 1);
        }
        self.movies.get(&blob).ok_or_else(|| gone(blob))
    }

    /// Has a sound under a name that no file has, until the next one is lent.
    pub(crate) fn lend(&mut self, sound: Option<(BlobHash, Arc<Sound>)>) {
        self.lent = sound;
    }

    /// The whole sound of a movie at 48 kHz; None when it is silent.
    pub fn sound(&mut self, blob: BlobHash) -> Result<Option<Arc<Sound>>, PortError> {
        if let Some((_, sound)) = self.lent.as_ref().filter(|(lent, _)| *lent == blob) {
            return Ok(Some(sound.clone()));
        }
        if let Some(sound) = self.sounds.get(&blob) {
            return Ok(sound.clone());
        }
        let sound = self.movie(blob)?.sound()?.map(Arc::new);
        let bytes = sound.as_ref().map_or(1, |sound| sound.samples.len() * 4);
        self.sounds.put(blob, sound.clone(), bytes);
        Ok(sound)
    }

    /// The same without its noise.
    pub fn clean_sound(&mut self, blob: BlobHash) -> Result<Option<Arc<Sound>>, PortError> {
        if let Some(clean) = self.clean.get(&blob) {
            return Ok(Some(clean.clone()));
        }
        let Some(sound) = self.sound(blob)? else { return Ok(None) };
        let clean = Arc::new(denoised(&sound));
        self.clean.put(blob, clean.clone(), clean.samples.len() * 4);
        Ok(Some(clean))
    }
}

impl PictureStore for Library {
    fn picture(&mut self, blob: BlobHash, frame: u32) -> Result<Arc<Pixels>, PortError> {
        if let Some(picture) = self.pictures.get(&(blob, frame)) {
            return Ok(picture.clone());
        }
        let movie = self.movie(blob)?;
        let last = movie.info().frames.saturating_sub(1);
        let picture = Arc::new(movie.frame(frame.min(last))?);
        self.pictures.put((blob, frame), picture.clone(), picture.rgba.len());
        Ok(picture)
    }
}

impl std::fmt::Debug for Library {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Library").finish_non_exhaustive()
    }
}

fn gone(blob: BlobHash) -> PortError {
    kinora_ports::Fault::new(
        "A file of this project was closed while it was being read.",
        "Try again.",
        format!("movie {blob} left the cache"),
    )
    .into()
}

/// A map that forgets what was used longest ago when its weight passes a budget.
struct Recent<K, V> {
    budget: usize,
    weight: usize,
    clock: u64,
    rows: HashMap<K, Row<V>>,
}

struct Row<V> {
    value: V,
    weight: usize,
    used: u64,
}

impl<K: Eq + Hash + Clone, V> Recent<K, V> {
    fn new(budget: usize) -> Self {
        Self { budget, weight: 0, clock: 0, rows: HashMap::new() }
    }
    fn contains(&self, key: &K) -> bool {
        self.rows.contains_key(key)
    }
    fn get(&mut self, key: &K) -> Option<&mut V> {
        self.clock += 1;
        let row = self.rows.get_mut(key)?;
        row.used = self.clock;
        Some(&mut row.value)
    }
    fn put(&mut self, key: K, value: V, weight: usize) {
        while self.weight + weight > self.budget {
            let Some(oldest) = self.rows.iter().min_by_key(|(_, row)| row.used).map(|(key, _)| key.clone()) else {
                break;
            };
            if let Some(row) = self.rows.remove(&oldest) {
                self.weight -= row.weight;
            }
        }
        self.clock += 1;
        self.weight += weight;
        if let Some(old) = self.rows.insert(key, Row { value, weight, used: self.clock }) {
            self.weight -= old.weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_stays_within_its_budget_and_forgets_the_oldest() {
        let mut cache = Recent::new(10);
        for key in 0..5 {
            cache.put(key, key, 4);
            assert!(cache.weight <= 10);
        }
        assert!(cache.contains(&4) && cache.contains(&3) && !cache.contains(&2));
        cache.get(&3);
        cache.put(9, 9, 4);
        assert!(cache.contains(&3) && !cache.contains(&4));
    }
}
