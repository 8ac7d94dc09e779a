//! The page's own copy of the film, kept in step with the studio by numbered patches.
//!
//! A patch is applied only to the film it was made for: an old one is passed over, and after a hole nothing is applied until a
//! whole new copy comes. So the page can be late, but it can never show a film that does not exist.

use kinora_api::Replica;
use kinora_document::{Film, Patch};

/// What became of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    Applied,
    /// Known already: the copy is as new or newer.
    Old,
    /// Something is missing in between: ask for a new copy.
    Hole,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LocalFilm {
    pub sequence: u64,
    pub film: Film,
    pub project: String,
    pub undo: Option<String>,
    pub redo: Option<String>,
}

impl LocalFilm {
    pub fn new(replica: Replica) -> Self {
        Self {
            sequence: replica.sequence,
            film: replica.film,
            project: replica.project,
            undo: replica.undo,
            redo: replica.redo,
        }
    }

    /// A copy that was asked for may be older than what was heard meanwhile.
    pub fn renew(&mut self, replica: Replica) {
        if replica.sequence >= self.sequence || replica.project != self.project {
            *self = Self::new(replica);
        }
    }

    pub fn hear(&mut self, sequence: u64, patch: &Patch, undo: Option<String>, redo: Option<String>) -> Heard {
        if sequence <= self.sequence {
            return Heard::Old;
        }
        if sequence != self.sequence + 1 {
            return Heard::Hole;
        }
        // A patch that does not fit means that the copies differ: the studio's is right.
        if self.film.apply(patch).is_err() {
            return Heard::Hole;
        }
        self.sequence = sequence;
        self.undo = undo;
        self.redo = redo;
        Heard::Applied
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kinora_api::{Event, Message};
    use kinora_document::{Address, Clip, ClipId, ClipSource, Entity, Id, Kind, Marker, MarkerId, Op, Ticks, TrackId};
    use proptest::prelude::*;

    fn copy_of(film: &Film, sequence: u64) -> Replica {
        Replica { sequence, film: film.clone(), project: "Test".into(), undo: None, redo: None, repairs: Vec::new() }
    }

    /// Some patch that fits the film: `dice` decides which.
    fn some_patch(film: &Film, dice: (u8, u16)) -> Patch {
        let (kind, pick) = dice;
        if kind >= 160 {
            return some_patch_of_clips(film, pick);
        }
        let markers = film.markers.len();
        let at = usize::from(pick) % (markers + 1);
        let chosen = film.markers.at(at.min(markers.saturating_sub(1)));
        let address = |id: MarkerId| Address { kind: Kind::Marker, id: id.raw() };
        let op = match (kind % 5, chosen) {
            (1, Some(marker)) => Op::Remove { address: address(marker.id) },
            (2, Some(marker)) => {
                Op::Set { entity: Entity::Marker(Marker { text: format!("note {pick}"), ..marker.clone() }) }
            }
            (3, Some(marker)) => Op::Move { address: address(marker.id), to: usize::from(pick) % markers },
            (4, _) => {
                let settings = kinora_document::Settings { seed: u64::from(pick), ..film.settings.clone() };
                Op::Set { entity: Entity::Settings(settings) }
            }
            _ => {
                let mut id = u128::from(pick) + 1;
                while film.markers.contains(MarkerId(id)) {
                    id += 70_000;
                }
                Op::Insert {
                    at,
                    entity: Entity::Marker(Marker {
                        id: MarkerId(id),
                        at: Ticks(i64::from(pick)),
                        text: String::new(),
                    }),
                }
            }
        };
        Patch(vec![op])
    }

    /// A clip more, a clip changed, or many that begin elsewhere, as a ripple leaves them.
    fn some_patch_of_clips(film: &Film, pick: u16) -> Patch {
        let (count, by) = (film.clips.len(), i64::from(pick));
        let Some(chosen) = film.clips.at(usize::from(pick) % count.max(1)).filter(|_| pick % 4 != 0) else {
            let mut id = u128::from(pick) + 1;
            while film.clips.contains(ClipId(id)) {
                id += 70_000;
            }
            let clip = Clip::new(ClipId(id), TrackId(1), Ticks(by), Ticks(9), ClipSource::Colour([1, 2, 3]));
            return Patch(vec![Op::Insert { at: usize::from(pick) % (count + 1), entity: Entity::Clip(clip) }]);
        };
        let changed = Clip { gain_millibels: -i32::from(pick), ..chosen.clone() };
        let later = film.clips.iter().filter(|clip| clip.start > chosen.start);
        let mut ops: Vec<Op> =
            later.map(|clip| Op::Start { clip: clip.id, at: clip.start + Ticks(by - 30_000) }).collect();
        ops.insert(usize::from(pick) % (ops.len() + 1), Op::Set { entity: Entity::Clip(changed) });
        Patch(ops)
    }

    /// What comes out of the wire when this is put in.
    fn over_the_wire(sequence: u64, patch: Patch) -> (u64, Patch) {
        let event = Event::FilmChanged { sequence, label: String::new(), patch, undo: None, redo: None };
        let json = Message { number: sequence, event }.to_json().expect("a message");
        match serde_json::from_str::<Message>(&json).expect("a message").event {
            Event::FilmChanged { sequence, patch, .. } => (sequence, patch),
            other => panic!("{other:?} was not sent"),
        }
    }

    proptest! {
        // The same cases each time, so that a red run is about the change.
        #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_122), ..ProptestConfig::default() })]
        /// Messages get lost, come twice and out of order; after the last one, with new copies where holes were noticed, the page
        /// shows exactly the film of the studio.
        #[test]
        fn the_replica_equals_the_document_whatever_happens_to_the_messages(
            edits in proptest::collection::vec(((any::<u8>(), any::<u16>()), 0u8..6), 1..80),
        ) {
            let mut film = Film::empty("Test");
            let mut page = LocalFilm::new(copy_of(&film, 0));
            let mut sent: Vec<(u64, Patch)> = Vec::new();
            let mut sequence = 0;
            for (dice, fate) in edits {
                let patch = some_patch(&film, dice);
                film.apply(&patch).expect("the patch was made for this film");
                sequence += 1;
                sent.push((sequence, patch.clone()));
                let arriving: Vec<(u64, Patch)> = match fate {
                    0 => Vec::new(),
                    1 => vec![(sequence, patch.clone()), (sequence, patch)],
                    2 => sent.iter().rev().take(2).cloned().collect(),
                    3 => sent.iter().take(1).cloned().chain([(sequence, patch)]).collect(),
                    _ => vec![(sequence, patch)],
                };
                for (number, patch) in arriving {
                    let (number, patch) = over_the_wire(number, patch);
                    if page.hear(number, &patch, None, None) == Heard::Hole {
                        page.renew(copy_of(&film, sequence));
                    }
                    prop_assert!(page.sequence <= sequence);
                }
            }
            // The next edit to arrive shows any hole left.
            let patch = some_patch(&film, (4, 9));
            film.apply(&patch).expect("the patch was made for this film");
            sequence += 1;
            if page.hear(sequence, &patch, None, None) == Heard::Hole {
                page.renew(copy_of(&film, sequence));
            }
            prop_assert_eq!(&page.film, &film);
            prop_assert_eq!(page.sequence, sequence);
        }
    }

    #[test]
    fn a_patch_that_does_not_fit_changes_nothing_and_asks_for_a_new_copy() {
        let film = Film::empty("Test");
        let mut page = LocalFilm::new(copy_of(&film, 4));
        let wrong = Patch(vec![Op::Remove { address: Address { kind: Kind::Marker, id: 1 } }]);
        assert_eq!(page.hear(5, &wrong, None, None), Heard::Hole);
        assert_eq!(page.film, film);
        assert_eq!(page.sequence, 4);
    }
}
