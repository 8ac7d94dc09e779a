//! Everything that decides a take: what would be sent to an engine if the shot were generated now.
//!
//! The backend hashes [`Recipe::canonical_json`] into the take's key, so equal recipes must give equal bytes for ever: fields are
//! written in alphabetical order and hold no floats. It never chooses anything at random: seeds come from the film and the shot.

use crate::cameo::CameoUse;
use crate::cast::plays_in;
use crate::catalogue::Model;
use crate::film::{CastMember, Film, FrameSize, Shot};
use crate::hash::BlobHash;
use crate::id::{Id, ShotId, TakeId};
use crate::prompt::compose;
use crate::time::{FrameRate, Ticks};
use serde::{Deserialize, Serialize};

/// Fields are in alphabetical order: it is the order of the canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// Likenesses in the shot and the consents they are used under; without any, the bytes are those of films before there were cameos.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cameos: Vec<CameoUse>,
    /// The picture this shot begins on: the blob of the take before it, when the shot continues and that take exists.
    pub continues_from: Option<BlobHash>,
    /// One of the model's legal frame counts.
    pub frames: u32,
    /// The picture this shot ends on: the blob of the take after it, when the shot leads on and that take exists. Left out where there is
    /// none, so that the keys of takes from before there were such shots stay what they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads_to: Option<BlobHash>,
    /// Name from the catalogue.
    pub model: String,
    pub negative: String,
    pub prompt: String,
    pub rate: FrameRate,
    /// Reference pictures of the cast in this shot, for models that take them.
    pub references: Vec<BlobHash>,
    pub seed: u64,
    /// One of the model's legal sizes.
    pub size: FrameSize,
    /// Hash of the weights.
    pub weights: BlobHash,
}

impl Recipe {
    /// The bytes that the take's key is the hash of.
    pub fn canonical_json(&self) -> Vec<u8> {
        // A struct of strings, integers and lists always serialises.
        serde_json::to_vec(self).unwrap_or_default()
    }
    /// How long the take will be.
    pub fn length(&self) -> Ticks {
        self.rate.frame_start(i64::from(self.frames))
    }
}

/// A length as an engine can make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegalLength {
    pub frames: u32,
    pub length: Ticks,
    /// False when even the longest take is shorter than what was wanted.
    pub covers: bool,
}

/// The shortest take of the model that covers `wanted`, else its longest.
pub fn legal_length(wanted: Ticks, model: &Model) -> LegalLength {
    legal_length_of(wanted, model.rate, &model.frame_counts)
}

pub(crate) fn legal_length_of(wanted: Ticks, rate: FrameRate, counts: &[u32]) -> LegalLength {
    let answer = |frames: u32| {
        let length = rate.frame_start(i64::from(frames));
        LegalLength { frames, length, covers: length >= wanted }
    };
    let covering = counts.iter().copied().filter(|frames| answer(*frames).covers).min();
    answer(covering.or_else(|| counts.iter().copied().max()).unwrap_or(1))
}

/// What is assumed of an engine while its catalogue is not at hand: the draft model's rule (12 fps; 5, 9, … 49 frames).
pub mod assumed {
    use crate::time::{FrameRate, Ticks};

    pub const RATE: FrameRate = FrameRate::FPS_12;
    pub const FRAME_COUNTS: [u32; 12] = [5, 9, 13, 17, 21, 25, 29, 33, 37, 41, 45, 49];

    /// The longest shot that one take covers.
    pub fn longest() -> Ticks {
        RATE.frame_start(49)
    }
}

/// The seed of a shot: its own, or one derived from the film's seed and the shot's id. Derived seeds fit 32 bits, so that a person
/// can read and type them.
pub fn seed_of(film: &Film, shot: &Shot) -> u64 {
    shot.seed.unwrap_or_else(|| derive_seed(film.settings.seed, shot.id, 0))
}

/// Seed number `variation` of a shot; 0 is the shot's usual one.
pub fn derive_seed(film_seed: u64, shot: ShotId, variation: u32) -> u64 {
    let raw = shot.raw();
    let mut state = film_seed ^ (raw as u64).rotate_left(17) ^ ((raw >> 64) as u64).rotate_left(43);
    state = state.wrapping_add(u64::from(variation).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    // splitmix64
    state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (state ^ (state >> 31)) >> 32
}

/// The model's size whose shape is nearest to the film's; of equal shapes the largest.
pub fn nearest_size(film: FrameSize, sizes: &[FrameSize]) -> Option<FrameSize> {
    // Shapes are compared as ratios ≥ 1 of cross products: exact, no floats.
    let distance = |size: &FrameSize| -> (u128, u128) {
        let one = u128::from(size.width) * u128::from(film.height);
        let other = u128::from(size.height) * u128::from(film.width);
        (one.max(other), one.min(other).max(1))
    };
    let pixels = |size: &FrameSize| u64::from(size.width) * u64::from(size.height);
    sizes.iter().copied().min_by(|a, b| {
        let ((a_high, a_low), (b_high, b_low)) = (distance(a), distance(b));
        (a_high * b_low).cmp(&(b_high * a_low)).then(pixels(b).cmp(&pixels(a)))
    })
}

/// The shot whose last picture this one begins on, when it continues.
pub fn continues_shot<'a>(film: &'a Film, shot: &Shot) -> Option<&'a Shot> {
    if !shot.continues {
        return None;
    }
    let at = film.shots.position(shot.id)?;
    film.shots.at(at.checked_sub(1)?)
}

/// The take that a continuing shot goes on from; None when it does not continue or that shot has no take yet.
pub fn continues_take(film: &Film, shot: &Shot) -> Option<TakeId> {
    continues_shot(film, shot)?.chosen_take.filter(|take| film.takes.contains(*take))
}

/// The take on whose first picture a shot ends that leads on; None when it does not, or that shot has no take yet.
pub fn leads_to_take(film: &Film, shot: &Shot) -> Option<TakeId> {
    if !shot.leads_on {
        return None;
    }
    let at = film.shots.position(shot.id)?;
    film.shots.at(at + 1)?.chosen_take.filter(|take| film.takes.contains(*take))
}

/// The shot that must be generated first: a continuing shot waits for the one before it.
pub fn waits_for(film: &Film, shot: &Shot) -> Option<ShotId> {
    let before = continues_shot(film, shot)?;
    continues_take(film, shot).is_none().then_some(before.id)
}

/// What would be sent to `model` for this shot now.
pub fn recipe(film: &Film, shot: &Shot, model: &Model) -> Recipe {
    let prompt = compose(film, shot);
    let continues_from = if model.takes_keyframes {
        continues_take(film, shot).and_then(|take| film.takes.get(take)).map(|take| take.blob)
    } else {
        None
    };
    let leads_to = if model.takes_keyframes {
        leads_to_take(film, shot).and_then(|take| film.takes.get(take)).map(|take| take.blob)
    } else {
        None
    };
    let references = if model.takes_references { references(film, shot) } else { Vec::new() };
    Recipe {
        cameos: cameos(film, shot),
        continues_from,
        frames: legal_length(shot.length, model).frames,
        leads_to,
        model: model.name.clone(),
        negative: prompt.negative,
        prompt: prompt.text,
        rate: model.rate,
        references,
        seed: seed_of(film, shot),
        size: nearest_size(film.settings.size, &model.sizes).unwrap_or(film.settings.size),
        weights: model.weights,
    }
}

fn references(film: &Film, shot: &Shot) -> Vec<BlobHash> {
    let seen = |name: &str| {
        let name = name.to_lowercase();
        shot.characters.iter().any(|other| other.to_lowercase() == name)
            || film.scenes.get(shot.scene).is_some_and(|scene| scene.place.to_lowercase() == name)
    };
    film.cast.iter().filter(|member| seen(&member.name)).flat_map(|member| member.references.iter().copied()).collect()
}

/// The cameos whose likeness this shot asks for: by who is in it, by whose name its words hold, and by who is in the pictures that it
/// begins and ends on. In the order of ids, each once.
pub fn cameos(film: &Film, shot: &Shot) -> Vec<CameoUse> {
    let says = |member: &CastMember| {
        let name = member.name.trim();
        let texts = [Some(shot.description.as_str()), shot.prompt_override.as_deref(), Some(shot.style.as_str())];
        !name.is_empty() && texts.into_iter().flatten().any(|text| holds_words(text, name))
    };
    let mut found: Vec<CameoUse> = film
        .cast
        .iter()
        .filter_map(|member| member.cameo.filter(|_| plays_in(film, shot, member) || says(member)))
        .collect();
    let shown = [continues_take(film, shot), leads_to_take(film, shot)];
    let shown = shown.into_iter().flatten().filter_map(|take| film.takes.get(take));
    found.extend(shown.flat_map(|take| take.cameos.iter().copied()));
    found.sort();
    found.dedup();
    found
}

/// Whole words, in any case.
fn holds_words(text: &str, words: &str) -> bool {
    let (text, words) = (text.to_lowercase(), words.to_lowercase());
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(&words).any(|(at, found)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|after| after.chars().next());
        !letter(before) && !letter(after)
    })
}

/// Name of the engine that makes this shot.
pub fn engine_of<'a>(film: &'a Film, shot: &'a Shot) -> &'a str {
    shot.engine.as_deref().filter(|engine| !engine.is_empty()).unwrap_or(&film.settings.engine)
}

/// The model of the catalogue that makes this shot.
pub fn model_of<'a>(film: &Film, shot: &Shot, models: &'a [Model]) -> Option<&'a Model> {
    let engine = engine_of(film, shot);
    models.iter().find(|model| model.name == engine)
}
