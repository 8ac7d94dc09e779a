//! Key frames: values of a clip that change while it plays.
//!
//! A key lies at a time of the clip's *source*, so that cutting, trimming, slipping and a change of speed carry it along with the picture
//! it belongs to, and no command has to move keys by hand. Between keys only sums and products are computed: every machine gets the
//! same frame. A curve of an effect that is gone changes nothing and is no error; it must never decide whether a film opens.

use crate::film::{Clip, Effect, Placement};
use crate::limits;
use crate::plan::{scaled, unscaled};
use crate::time::Ticks;
use serde::{Deserialize, Serialize};

/// What a curve moves. Places are in the units of [`Placement`]: thousandths, and thousandths of a degree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Knob {
    X,
    Y,
    Scale,
    Rotation,
    Opacity,
    /// A declared parameter of the clip's effect number `at`.
    Effect {
        at: u32,
        name: String,
    },
}

/// How a value goes on from a key to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ease {
    /// At an even pace.
    #[default]
    Linear,
    /// Slowly away and slowly there.
    Smooth,
    /// Not at all until the next key.
    Hold,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Time of the source.
    pub at: Ticks,
    pub value: f32,
    #[serde(default)]
    pub ease: Ease,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    pub knob: Knob,
    /// Ascending, no two at one time, at least one.
    pub keys: Vec<Key>,
}

impl Curve {
    /// The value at a time of the source; held before the first key and after the last.
    pub fn at(&self, time: Ticks) -> f32 {
        let after = self.keys.partition_point(|key| key.at <= time);
        let next = self.keys.get(after);
        let Some(last) = after.checked_sub(1).and_then(|at| self.keys.get(at)) else {
            return next.map_or(0.0, |key| key.value);
        };
        let Some(next) = next else { return last.value };
        // Exact enough in 64 bits: a film is shorter than 2^53 ticks.
        let part = (time.0 - last.at.0) as f64 / (next.at.0 - last.at.0).max(1) as f64;
        let part = match last.ease {
            Ease::Linear => part,
            Ease::Smooth => part * part * (3.0 - 2.0 * part),
            Ease::Hold => 0.0,
        };
        (f64::from(last.value) + (f64::from(next.value) - f64::from(last.value)) * part) as f32
    }

    /// The key at a time, to half a `frame`.
    pub fn key_near(&self, time: Ticks, frame: Ticks) -> Option<&Key> {
        self.keys.iter().find(|key| (key.at.0 - time.0).abs() * 2 < frame.0.max(2))
    }

    /// Puts a key, in place of the one that is there.
    pub fn put(&mut self, time: Ticks, value: f32, frame: Ticks) {
        match self.key_near(time, frame).map(|key| key.at) {
            Some(there) => self.keys.iter_mut().filter(|key| key.at == there).for_each(|key| key.value = value),
            None => {
                let at = self.keys.partition_point(|key| key.at < time);
                // A new key goes on as the one before it does.
                let ease = at.checked_sub(1).and_then(|at| self.keys.get(at)).map(|key| key.ease).unwrap_or_default();
                self.keys.insert(at, Key { at: time, value, ease });
            }
        }
    }

    /// Moves the keys that lie at one of these times; one that lands on another takes its place.
    pub fn shift(&mut self, from: Ticks, by: Ticks) {
        if by == Ticks::ZERO || !self.keys.iter().any(|key| key.at == from) {
            return;
        }
        let to = from + by;
        self.keys.retain(|key| key.at != to);
        self.keys.iter_mut().filter(|key| key.at == from).for_each(|key| key.at = to);
        self.keys.sort_by_key(|key| key.at);
    }
}

impl Clip {
    /// The time of the source under a time of the film.
    pub fn time_in_source(&self, film: Ticks) -> Ticks {
        self.source_in + scaled(film - self.start, self.speed_permille)
    }

    /// The time of the film at which a time of the source is shown.
    pub fn time_in_film(&self, source: Ticks) -> Ticks {
        self.start + unscaled(source - self.source_in, self.speed_permille)
    }

    pub fn curve(&self, knob: &Knob) -> Option<&Curve> {
        self.curves.iter().find(|curve| curve.knob == *knob)
    }

    /// What a knob is set to where no curve moves it; None when there is no such knob, or its declared value holds.
    pub fn still(&self, knob: &Knob) -> Option<f32> {
        let placement = &self.placement;
        Some(match knob {
            Knob::X => placement.x_permille as f32,
            Knob::Y => placement.y_permille as f32,
            Knob::Scale => placement.scale_permille as f32,
            Knob::Rotation => placement.rotation_millidegrees as f32,
            Knob::Opacity => placement.opacity_permille as f32,
            Knob::Effect { at, name } => *self.effects.get(*at as usize)?.parameters.get(name)?,
        })
    }

    /// Sets a knob where no curve moves it.
    pub fn set_still(&mut self, knob: &Knob, value: f32) {
        write(&mut self.placement, &mut self.effects, knob, value);
    }

    /// Puts a key at a time of the source; the first one begins a curve.
    pub fn put_key(&mut self, knob: &Knob, time: Ticks, value: f32, frame: Ticks) {
        match self.curves.iter_mut().find(|curve| curve.knob == *knob) {
            Some(curve) => curve.put(time, value, frame),
            None => {
                let keys = vec![Key { at: time, value, ease: Ease::default() }];
                self.curves.push(Curve { knob: knob.clone(), keys });
            }
        }
    }

    /// Takes the key at a time away; with the last one the curve ends, and its value stays.
    pub fn remove_key(&mut self, knob: &Knob, time: Ticks, frame: Ticks) {
        let Some(curve) = self.curves.iter_mut().find(|curve| curve.knob == *knob) else { return };
        let Some(there) = curve.key_near(time, frame).copied() else { return };
        curve.keys.retain(|key| key.at != there.at);
        if curve.keys.is_empty() {
            self.curves.retain(|curve| curve.knob != *knob);
            self.set_still(knob, there.value);
        }
    }

    /// An effect goes, and what moved it with it; later ones keep their curves.
    pub fn remove_effect(&mut self, gone: usize) {
        if gone >= self.effects.len() {
            return;
        }
        self.effects.remove(gone);
        self.curves.retain(|curve| !matches!(&curve.knob, Knob::Effect { at, .. } if *at as usize == gone));
        for curve in &mut self.curves {
            if let Knob::Effect { at, .. } = &mut curve.knob
                && *at as usize > gone
            {
                *at -= 1;
            }
        }
    }

    /// Two effects change places, with their curves.
    pub fn swap_effects(&mut self, one: usize, other: usize) {
        if one >= self.effects.len() || other >= self.effects.len() {
            return;
        }
        self.effects.swap(one, other);
        for curve in &mut self.curves {
            if let Knob::Effect { at, .. } = &mut curve.knob {
                if *at as usize == one {
                    *at = other as u32;
                } else if *at as usize == other {
                    *at = one as u32;
                }
            }
        }
    }

    /// Times of the source at which some curve has a key, ascending.
    pub fn key_times(&self) -> Vec<Ticks> {
        let mut times: Vec<Ticks> = self.curves.iter().flat_map(|curve| &curve.keys).map(|key| key.at).collect();
        times.sort_unstable();
        times.dedup();
        times
    }
}

/// Placement and effects as the curves have them at a time of the source.
pub(crate) fn moved(curves: &[Curve], time: Ticks, placement: &mut Placement, effects: &mut [Effect]) {
    for curve in curves {
        write(placement, effects, &curve.knob, curve.at(time));
    }
}

fn write(placement: &mut Placement, effects: &mut [Effect], knob: &Knob, value: f32) {
    let whole = |least: i32, most: i32| (value.round() as i32).clamp(least, most);
    let shift = limits::SHIFT_PERMILLE;
    match knob {
        Knob::X => placement.x_permille = whole(-shift, shift),
        Knob::Y => placement.y_permille = whole(-shift, shift),
        Knob::Scale => {
            placement.scale_permille = whole(1, limits::SCALE_PERMILLE_HIGHEST as i32).unsigned_abs();
        }
        Knob::Rotation => {
            let most = limits::ROTATION_MILLIDEGREES as i32;
            placement.rotation_millidegrees = whole(-most, most);
        }
        Knob::Opacity => placement.opacity_permille = whole(0, 1000).unsigned_abs(),
        Knob::Effect { at, name } => {
            if let Some(effect) = effects.get_mut(*at as usize) {
                effect.parameters.insert(name.clone(), value);
            }
        }
    }
}

/// Keys in order, numbers that are numbers, and not too many of either.
pub(crate) fn legal_curves(curves: &[Curve]) -> bool {
    let legal = |curve: &Curve| {
        let named = match &curve.knob {
            Knob::Effect { at, name } => (*at as usize) < limits::EFFECTS_PER_CLIP && name.len() <= limits::NAME_BYTES,
            _ => true,
        };
        let ordered = curve.keys.windows(2).all(|pair| matches!(pair, [left, right] if left.at < right.at));
        let inside =
            |key: &Key| key.value.is_finite() && (-limits::FILM_TICKS..=limits::FILM_TICKS).contains(&key.at.0);
        named
            && ordered
            && !curve.keys.is_empty()
            && curve.keys.len() <= limits::KEYS_PER_CURVE
            && curve.keys.iter().all(inside)
    };
    let once = curves.iter().enumerate().all(|(at, curve)| curves.iter().skip(at + 1).all(|c| c.knob != curve.knob));
    curves.len() <= limits::CURVES_PER_CLIP && once && curves.iter().all(legal)
}
