//! The one way a film changes.
//!
//! A [`Patch`] is a list of five closed operations on one address each. [`Film::apply`] is all or nothing and returns the inverse;
//! the journal, undo, the screen's replica and validation are written once, for these five, and never for a single feature.

use crate::film::*;
use crate::id::{ClipId, Id};
use crate::time::Ticks;
use serde::{Deserialize, Serialize};

/// One entity with its contents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    Settings(Settings),
    Script(Script),
    Scene(Scene),
    Shot(Shot),
    Take(Take),
    Cast(CastMember),
    Media(Media),
    Track(Track),
    Clip(Clip),
    Marker(Marker),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Settings,
    Script,
    Scene,
    Shot,
    Take,
    Cast,
    Media,
    Track,
    Clip,
    Marker,
}

/// Where an entity lives. The two single entities (settings, script) have id 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    pub kind: Kind,
    #[serde(with = "hex")]
    pub id: u128,
}

mod hex {
    use serde::{Deserialize, Deserializer, Serializer};
    pub fn serialize<S: Serializer>(id: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{id:032x}"))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse::<crate::id::ShotId>().map(|id| id.0).map_err(serde::de::Error::custom)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "op")]
pub enum Op {
    /// Puts a new entity at position `at` of its table.
    Insert {
        at: usize,
        entity: Entity,
    },
    Remove {
        address: Address,
    },
    /// Replaces the contents of an existing entity.
    Set {
        entity: Entity,
    },
    /// Moves an entity to position `to` of its table.
    Move {
        address: Address,
        to: usize,
    },
    /// Lets a clip begin at another time and leaves the rest of it: what a ripple does to thousands.
    Start {
        clip: ClipId,
        at: Ticks,
    },
}

/// Written and read in `starts.rs`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch(pub Vec<Op>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    #[error("{0:?} is not in the film")]
    Missing(Address),
    #[error("{0:?} is already in the film")]
    Present(Address),
    #[error("position {1} of {0:?} is outside its table")]
    Position(Address, usize),
    #[error("{0:?} is always in the film and can only be set")]
    Single(Address),
}

impl Entity {
    pub fn address(&self) -> Address {
        let (kind, id) = match self {
            Self::Settings(_) => (Kind::Settings, 0),
            Self::Script(_) => (Kind::Script, 0),
            Self::Scene(e) => (Kind::Scene, e.id.raw()),
            Self::Shot(e) => (Kind::Shot, e.id.raw()),
            Self::Take(e) => (Kind::Take, e.id.raw()),
            Self::Cast(e) => (Kind::Cast, e.id.raw()),
            Self::Media(e) => (Kind::Media, e.id.raw()),
            Self::Track(e) => (Kind::Track, e.id.raw()),
            Self::Clip(e) => (Kind::Clip, e.id.raw()),
            Self::Marker(e) => (Kind::Marker, e.id.raw()),
        };
        Address { kind, id }
    }
}

impl Op {
    /// What it is done to.
    pub fn address(&self) -> Address {
        match self {
            Self::Insert { entity, .. } | Self::Set { entity } => entity.address(),
            Self::Remove { address } | Self::Move { address, .. } => *address,
            Self::Start { clip, .. } => Address { kind: Kind::Clip, id: clip.raw() },
        }
    }
}

/// Runs `$body` with `$table` bound to the table of `$kind` and `$wrap` to its `Entity` variant; `$single` for the two without.
macro_rules! with_table {
    ($film:expr, $kind:expr, |$table:ident, $wrap:ident, $key:ident| $body:expr, $single:expr) => {
        match $kind {
            Kind::Settings | Kind::Script => $single,
            Kind::Scene => {
                let $table = &mut $film.scenes;
                let $wrap = Entity::Scene;
                let $key = crate::SceneId;
                $body
            }
            Kind::Shot => {
                let $table = &mut $film.shots;
                let $wrap = Entity::Shot;
                let $key = crate::ShotId;
                $body
            }
            Kind::Take => {
                let $table = &mut $film.takes;
                let $wrap = Entity::Take;
                let $key = crate::TakeId;
                $body
            }
            Kind::Cast => {
                let $table = &mut $film.cast;
                let $wrap = Entity::Cast;
                let $key = crate::CastId;
                $body
            }
            Kind::Media => {
                let $table = &mut $film.media;
                let $wrap = Entity::Media;
                let $key = crate::MediaId;
                $body
            }
            Kind::Track => {
                let $table = &mut $film.tracks;
                let $wrap = Entity::Track;
                let $key = crate::TrackId;
                $body
            }
            Kind::Clip => {
                let $table = &mut $film.clips;
                let $wrap = Entity::Clip;
                let $key = crate::ClipId;
                $body
            }
            Kind::Marker => {
                let $table = &mut $film.markers;
                let $wrap = Entity::Marker;
                let $key = crate::MarkerId;
                $body
            }
        }
    };
}

impl Film {
    /// A copy of what is at `address`.
    pub fn entity(&self, address: Address) -> Option<Entity> {
        use crate::id::{CastId, MarkerId, MediaId, SceneId, ShotId, TakeId, TrackId};
        let id = address.id;
        match address.kind {
            Kind::Settings => (id == 0).then(|| Entity::Settings(self.settings.clone())),
            Kind::Script => (id == 0).then(|| Entity::Script(self.script.clone())),
            Kind::Scene => self.scenes.get(SceneId(id)).cloned().map(Entity::Scene),
            Kind::Shot => self.shots.get(ShotId(id)).cloned().map(Entity::Shot),
            Kind::Take => self.takes.get(TakeId(id)).cloned().map(Entity::Take),
            Kind::Cast => self.cast.get(CastId(id)).cloned().map(Entity::Cast),
            Kind::Media => self.media.get(MediaId(id)).cloned().map(Entity::Media),
            Kind::Track => self.tracks.get(TrackId(id)).cloned().map(Entity::Track),
            Kind::Clip => self.clips.get(ClipId(id)).cloned().map(Entity::Clip),
            Kind::Marker => self.markers.get(MarkerId(id)).cloned().map(Entity::Marker),
        }
    }

    /// Whether there is something at `address`.
    pub fn has(&self, address: Address) -> bool {
        use crate::id::{CastId, MarkerId, MediaId, SceneId, ShotId, TakeId, TrackId};
        let id = address.id;
        match address.kind {
            Kind::Settings | Kind::Script => id == 0,
            Kind::Scene => self.scenes.contains(SceneId(id)),
            Kind::Shot => self.shots.contains(ShotId(id)),
            Kind::Take => self.takes.contains(TakeId(id)),
            Kind::Cast => self.cast.contains(CastId(id)),
            Kind::Media => self.media.contains(MediaId(id)),
            Kind::Track => self.tracks.contains(TrackId(id)),
            Kind::Clip => self.clips.contains(ClipId(id)),
            Kind::Marker => self.markers.contains(MarkerId(id)),
        }
    }

    /// Applies every operation or none, and returns the patch that takes it back.
    pub fn apply(&mut self, patch: &Patch) -> Result<Patch, PatchError> {
        let mut inverse = Vec::with_capacity(patch.0.len());
        for op in &patch.0 {
            match self.apply_one(op) {
                Ok(undo) => inverse.push(undo),
                Err(error) => {
                    for undo in inverse.iter().rev() {
                        // Taking back what was just done cannot fail: it restores the state it was computed from.
                        let restored = self.apply_one(undo);
                        debug_assert!(restored.is_ok());
                    }
                    return Err(error);
                }
            }
        }
        inverse.reverse();
        Ok(Patch(inverse))
    }

    fn apply_one(&mut self, op: &Op) -> Result<Op, PatchError> {
        match op {
            Op::Insert { at, entity } => self.insert(*at, entity),
            Op::Set { entity } => self.set(entity),
            Op::Remove { address } => with_table!(
                self,
                address.kind,
                |table, wrap, key| {
                    let (at, row) = table.remove(key(address.id)).ok_or(PatchError::Missing(*address))?;
                    Ok(Op::Insert { at, entity: wrap(row) })
                },
                Err(PatchError::Single(*address))
            ),
            Op::Move { address, to } => with_table!(
                self,
                address.kind,
                |table, _wrap, key| {
                    if !table.contains(key(address.id)) {
                        return Err(PatchError::Missing(*address));
                    }
                    let from = table.shift(key(address.id), *to).ok_or(PatchError::Position(*address, *to))?;
                    Ok(Op::Move { address: *address, to: from })
                },
                Err(PatchError::Single(*address))
            ),
            Op::Start { clip, at } => {
                let before = self.clips.change(*clip, |row| std::mem::replace(&mut row.start, *at));
                before.map(|at| Op::Start { clip: *clip, at }).ok_or_else(|| PatchError::Missing(op.address()))
            }
        }
    }

    fn insert(&mut self, at: usize, entity: &Entity) -> Result<Op, PatchError> {
        let address = entity.address();
        macro_rules! insert {
            ($table:ident, $row:expr) => {{
                if self.$table.contains($row.id) {
                    return Err(PatchError::Present(address));
                }
                self.$table.insert(at, $row.clone())
            }};
        }
        let done = match entity {
            Entity::Settings(_) | Entity::Script(_) => return Err(PatchError::Single(address)),
            Entity::Scene(row) => insert!(scenes, row),
            Entity::Shot(row) => insert!(shots, row),
            Entity::Take(row) => insert!(takes, row),
            Entity::Cast(row) => insert!(cast, row),
            Entity::Media(row) => insert!(media, row),
            Entity::Track(row) => insert!(tracks, row),
            Entity::Clip(row) => insert!(clips, row),
            Entity::Marker(row) => insert!(markers, row),
        };
        if done { Ok(Op::Remove { address }) } else { Err(PatchError::Position(address, at)) }
    }

    fn set(&mut self, entity: &Entity) -> Result<Op, PatchError> {
        let address = entity.address();
        macro_rules! set {
            ($table:ident, $row:expr, $wrap:ident) => {
                self.$table.replace($row.clone()).map(Entity::$wrap)
            };
        }
        let before = match entity {
            Entity::Settings(new) => Some(Entity::Settings(std::mem::replace(&mut self.settings, new.clone()))),
            Entity::Script(new) => Some(Entity::Script(std::mem::replace(&mut self.script, new.clone()))),
            Entity::Scene(row) => set!(scenes, row, Scene),
            Entity::Shot(row) => set!(shots, row, Shot),
            Entity::Take(row) => set!(takes, row, Take),
            Entity::Cast(row) => set!(cast, row, Cast),
            Entity::Media(row) => set!(media, row, Media),
            Entity::Track(row) => set!(tracks, row, Track),
            Entity::Clip(row) => set!(clips, row, Clip),
            Entity::Marker(row) => set!(markers, row, Marker),
        };
        before.map(|entity| Op::Set { entity }).ok_or(PatchError::Missing(address))
    }
}
