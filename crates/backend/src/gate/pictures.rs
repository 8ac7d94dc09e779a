//! Pictures at the gate: what a person brings in, what an engine is given, and what it made.
//!
//! Where nothing is installed that looks at pictures, all pass, and [`Gate::view`] says so. Where something is, a picture that it cannot
//! look at does not pass either. What was decided is kept without words: a picture has none.

use super::Gate;
use crate::problem::Trouble;
use kinora_document::FrameRate;
use kinora_ports::engine::Order;
use kinora_ports::{Movie, Pixels};
use std::collections::BTreeSet;
use std::sync::{MutexGuard, PoisonError};

/// The rule by which a picture is refused.
const RULE: &str = "policy.picture";
/// Pictures of one take or movie that are looked at: a take of the draft model has fewer, and a long movie is opened at as many places.
const MOST_LOOKS: usize = 12;
/// Pictures known to be harmless: the cast of a film goes into each of its orders. Forgotten all at once, which only costs time.
const MOST_KNOWN: usize = 1024;

impl Gate {
    /// A file that a person brings in: a picture, or a movie at some of its places. Nothing is asked of sound.
    pub fn check_import(&self, name: &str, movie: &mut dyn Movie) -> Result<(), Trouble> {
        let (count, rate) = (movie.info().frames, movie.info().rate);
        for index in places(count as usize, rate) {
            match self.look("picture", &movie.frame(index as u32)?)? {
                Looked::Nothing => break,
                Looked::Harmless => {}
                Looked::Against(why) => {
                    let what = format!("“{name}” was not brought in. {why}");
                    return Err(Trouble::refuse(RULE, what, "Choose another file. Nothing was changed."));
                }
            }
        }
        Ok(())
    }

    /// Every picture that an engine would be given, whichever way it came into the film.
    pub fn check_order(&self, order: &Order) -> Result<(), Trouble> {
        let references = order.references.iter().map(|picture| (picture, "A reference picture of this shot"));
        let cameos = order.cameos.iter().flat_map(|cameo| &cameo.pictures);
        let cameos = cameos.map(|picture| (picture, "A picture of the likeness in this shot"));
        let before = order.preceding.iter().map(|picture| (picture, "The picture that this shot begins on"));
        let after = order.keyframes.iter().map(|(_, picture)| (picture, "The picture that this shot leads to"));
        for (picture, called) in references.chain(cameos).chain(before).chain(after) {
            match self.look("reference", picture)? {
                Looked::Nothing => break,
                Looked::Harmless => {}
                Looked::Against(why) => {
                    let what = format!("{called} cannot be used. {why}");
                    return Err(Trouble::refuse(RULE, what, "Take it out of the cast or the shot, or choose another."));
                }
            }
        }
        Ok(())
    }

    /// What an engine made, before any of it is kept.
    pub fn check_take(&self, frames: &[Pixels], rate: FrameRate) -> Result<(), Trouble> {
        for index in places(frames.len(), Some(rate)) {
            let Some(frame) = frames.get(index) else { continue };
            match self.look("take", frame)? {
                Looked::Nothing => break,
                Looked::Harmless => {}
                Looked::Against(why) => {
                    let number = index + 1;
                    let what = format!("The take was made and not kept, because of its picture {number}. {why}");
                    let remedy = "Generate the shot again with another seed, or describe it in other words.";
                    return Err(Trouble::refuse(RULE, what, remedy));
                }
            }
        }
        Ok(())
    }

    fn harmless(&self) -> MutexGuard<'_, BTreeSet<[u8; 32]>> {
        self.harmless.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, place: &str, pixels: &Pixels) -> Result<Looked, Trouble> {
        let hash = hash_of(pixels);
        if self.harmless().contains(&hash) {
            return Ok(Looked::Harmless);
        }
        let Some(seen) = self.pictures.look(pixels)? else { return Ok(Looked::Nothing) };
        if seen.against.is_empty() {
            let mut harmless = self.harmless();
            if harmless.len() >= MOST_KNOWN {
                harmless.clear();
            }
            harmless.insert(hash);
            return Ok(Looked::Harmless);
        }
        self.house.note_picture(place, RULE, &hash);
        Ok(Looked::Against(seen.against.join(" ")))
    }
}

enum Looked {
    /// There is nothing here that looks at pictures.
    Nothing,
    Harmless,
    /// Why not, in sentences.
    Against(String),
}

fn hash_of(pixels: &Pixels) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&pixels.width.to_le_bytes());
    hasher.update(&pixels.rgba);
    *hasher.finalize().as_bytes()
}

/// First, middle, last, and one a second; of what is long, as many as that, evenly spread.
fn places(count: usize, rate: Option<FrameRate>) -> Vec<usize> {
    let Some(last) = count.checked_sub(1) else { return Vec::new() };
    let second = rate.map_or(count, |rate| (rate.frames / rate.seconds.max(1)).max(1) as usize);
    let mut all: BTreeSet<usize> = (0..count).step_by(second).collect();
    all.extend([count / 2, last]);
    if all.len() > MOST_LOOKS {
        all = (0..MOST_LOOKS).map(|at| at * last / (MOST_LOOKS - 1)).collect();
    }
    all.into_iter().collect()
}

#[cfg(test)]
#[path = "pictures_tests.rs"]
mod tests;
