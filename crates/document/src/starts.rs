//! Clips that only begin at another time: how that is recognised, and how a patch of many is written.
//!
//! A ripple at the beginning of a long film moves thousands of clips. In a patch each is an [`Op::Start`] of its own; where several
//! follow one another, the journal and the screen get them as one text, `id time,id time`, in a tenth of the room and the time that their
//! contents would take. Reading gives exactly the operations that were written.

use crate::film::Clip;
use crate::id::ClipId;
use crate::patch::{Address, Entity, Op, Patch};
use crate::time::Ticks;
use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

impl Clip {
    /// Whether `after` is this clip at whatever time. Taken apart, so that a field to come is not forgotten here.
    pub fn only_moved(&self, after: &Self) -> bool {
        let Self {
            id,
            track,
            start: _,
            length,
            source,
            source_in,
            speed_permille,
            gain_millibels,
            fade_in,
            fade_out,
            mix,
            placement,
            effects,
            curves,
            transition,
            follows_script,
        } = after;
        self.id == *id
            && self.track == *track
            && self.length == *length
            && self.source == *source
            && self.source_in == *source_in
            && self.speed_permille == *speed_permille
            && self.gain_millibels == *gain_millibels
            && (self.fade_in, self.fade_out) == (*fade_in, *fade_out)
            && self.mix == *mix
            && self.placement == *placement
            && self.effects == *effects
            && self.curves == *curves
            && self.transition == *transition
            && self.follows_script == *follows_script
    }
}

impl Serialize for Patch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let starts = |one: &Op, next: &Op| matches!((one, next), (Op::Start { .. }, Op::Start { .. }));
        serializer.collect_seq(self.0.chunk_by(starts).map(Group))
    }
}

/// One operation, or several clips that begin elsewhere.
struct Group<'a>(&'a [Op]);

impl Serialize for Group<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let [op] = self.0 {
            return op.serialize(serializer);
        }
        let mut starts = serializer.serialize_struct("Starts", 2)?;
        starts.serialize_field("op", "starts")?;
        starts.serialize_field("clips", &Clips(self.0))?;
        starts.end()
    }
}

struct Clips<'a>(&'a [Op]);

impl Serialize for Clips<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Clips<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        for op in self.0 {
            if let Op::Start { clip, at } = op {
                write!(f, "{comma}{clip} {}", at.0)?;
                comma = ",";
            }
        }
        Ok(())
    }
}

/// What stands in a written patch.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "op")]
enum Written<'a> {
    Insert {
        at: usize,
        entity: Entity,
    },
    Remove {
        address: Address,
    },
    Set {
        entity: Entity,
    },
    Move {
        address: Address,
        to: usize,
    },
    Start {
        clip: ClipId,
        at: Ticks,
    },
    Starts {
        #[serde(borrow)]
        clips: Cow<'a, str>,
    },
}

impl<'de> Deserialize<'de> for Patch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Patch;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of operations")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Patch, A::Error> {
        let mut ops = Vec::new();
        while let Some(written) = list.next_element::<Written<'de>>()? {
            ops.push(match written {
                Written::Insert { at, entity } => Op::Insert { at, entity },
                Written::Remove { address } => Op::Remove { address },
                Written::Set { entity } => Op::Set { entity },
                Written::Move { address, to } => Op::Move { address, to },
                Written::Start { clip, at } => Op::Start { clip, at },
                Written::Starts { clips } => {
                    for place in clips.split(',') {
                        ops.push(start(place).ok_or_else(|| A::Error::custom("a clip and a time are expected"))?);
                    }
                    continue;
                }
            });
        }
        Ok(Patch(ops))
    }
}

fn start(place: &str) -> Option<Op> {
    let (clip, at) = place.split_once(' ')?;
    Some(Op::Start { clip: clip.parse().ok()?, at: Ticks(at.parse().ok()?) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::TrackId;
    use crate::patch::Kind;
    use crate::{ClipSource, Film};

    fn start_of(clip: u128, at: i64) -> Op {
        Op::Start { clip: ClipId(clip), at: Ticks(at) }
    }

    fn clip(id: u128) -> Clip {
        Clip::new(ClipId(id), TrackId(1), Ticks(5), Ticks(9), ClipSource::Colour([1, 2, 3]))
    }

    #[test]
    fn a_patch_is_read_as_it_was_written_however_its_clips_are_grouped() {
        let remove = || Op::Remove { address: Address { kind: Kind::Clip, id: 9 } };
        let set = || Op::Set { entity: Entity::Clip(clip(4)) };
        let patches = [
            vec![],
            vec![start_of(1, 7)],
            vec![start_of(1, 7), start_of(2, -3), start_of(u128::MAX, i64::MAX)],
            vec![remove(), start_of(1, 0), set(), start_of(2, i64::MIN), start_of(1, 5), set()],
        ];
        for patch in patches.map(Patch) {
            let text = serde_json::to_string(&patch).expect("json");
            assert_eq!(serde_json::from_str::<Patch>(&text).expect("a patch"), patch, "{text}");
            let value = serde_json::to_value(&patch).expect("json");
            assert_eq!(serde_json::from_value::<Patch>(value).expect("a patch"), patch, "{text}");
        }
    }

    #[test]
    fn clips_that_begin_elsewhere_take_little_room_and_read_like_this() {
        let two = serde_json::to_string(&Patch(vec![start_of(1, 7), start_of(10, 20)])).expect("json");
        let (one, other) = (ClipId(1), ClipId(10));
        assert_eq!(two, format!(r#"[{{"op":"starts","clips":"{one} 7,{other} 20"}}]"#));
        let alone = serde_json::to_string(&Patch(vec![start_of(1, 7)])).expect("json");
        assert_eq!(alone, format!(r#"[{{"op":"start","clip":"{one}","at":7}}]"#));
        let many = Patch((0..1_000).map(|n| start_of(n << 100, 29_400_000 * n as i64)).collect());
        assert!(serde_json::to_string(&many).expect("json").len() < 50_000);
    }

    #[test]
    fn what_is_no_list_of_clips_and_times_is_refused() {
        let id = ClipId(1);
        for clips in [String::new(), format!("{id}"), format!("{id} "), format!("{id} 7,"), format!("{id} 7, {id} 8")] {
            let text = serde_json::json!([{ "op": "starts", "clips": clips }]).to_string();
            assert!(serde_json::from_str::<Patch>(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_clip_begins_elsewhere_and_nothing_else_of_it_changes() {
        let mut film = Film::empty("Test");
        let insert = Op::Insert { at: 0, entity: Entity::Clip(clip(4)) };
        film.apply(&Patch(vec![insert])).expect("it fits");
        let before = film.clone();
        let inverse = film.apply(&Patch(vec![start_of(4, 50)])).expect("it fits");
        let moved = film.clips.get(ClipId(4)).expect("the clip");
        assert_eq!(moved, &Clip { start: Ticks(50), ..clip(4) });
        assert!(clip(4).only_moved(moved) && !clip(4).only_moved(&Clip { gain_millibels: -1, ..clip(4) }));
        film.apply(&inverse).expect("it fits");
        assert_eq!(film, before);
        assert!(film.apply(&Patch(vec![start_of(4, 50), start_of(5, 50)])).is_err(), "there is no such clip");
        assert_eq!(film, before, "all or nothing");
    }
}
