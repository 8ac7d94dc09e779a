//! Undo and redo, by gesture, append-only.
//!
//! Nothing is ever taken out of the journal: undoing is a new edit whose patch takes back a gesture. The history is rebuilt from the
//! edits when a film is opened. Work of the studio itself (a finished take) is not undone, and taking back an older edit must not
//! lose it: see [`History::undo`].

use crate::film::{Film, Shot};
use crate::id::{ClipId, GestureId, ShotId};
use crate::limits;
use crate::patch::{Entity, Kind, Op, Patch, PatchError};
use crate::time::Ticks;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Do,
    /// Takes back the gesture named in the edit.
    Undo,
    /// Brings back the gesture named in the edit.
    Redo,
    /// Work of the studio itself: not undone.
    System,
}

/// A patch to apply, and to record with [`Role::Undo`] or [`Role::Redo`].
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub gesture: GestureId,
    pub label: String,
    pub patch: Patch,
}

/// One line of the history list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    pub gesture: GestureId,
    pub label: String,
    /// False for what was undone.
    pub applied: bool,
}

/// What was last applied for a gesture, and what takes it back; oldest first.
#[derive(Clone, Debug)]
struct Gesture {
    id: GestureId,
    label: String,
    /// One entry a patch, in the order of its inverse.
    applied: Vec<Vec<Kept>>,
    bytes: usize,
}

/// One operation that was applied, and what takes it back.
#[derive(Clone, Debug)]
enum Kept {
    Whole(Box<(Op, Op)>),
    /// A clip that only moved. A ripple at the beginning of a long film moves thousands, and where they were is all that takes it back.
    Start(ClipId, Ticks),
}

#[derive(Clone, Debug, Default)]
pub struct History {
    done: Vec<Gesture>,
    /// Last undone last.
    undone: Vec<Gesture>,
}

impl History {
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells the history of an edit that was applied. `inverse` is what [`Film::apply`] returned for `patch`.
    pub fn record(&mut self, gesture: GestureId, label: &str, role: Role, patch: &Patch, inverse: Patch) {
        let kept = keep(patch, inverse);
        let bytes = kept.iter().map(Kept::weight).sum();
        match role {
            Role::System => {}
            Role::Do => {
                self.undone.clear();
                match self.done.last_mut() {
                    Some(last) if last.id == gesture => {
                        last.bytes += bytes;
                        last.applied.push(kept);
                    }
                    _ => self.done.push(Gesture { id: gesture, label: label.to_owned(), applied: vec![kept], bytes }),
                }
                self.forget_oldest();
            }
            // What was just applied replaces what the gesture held: its inverse restores exactly the state before this edit.
            Role::Undo => move_last(&mut self.done, &mut self.undone, gesture, kept, bytes),
            Role::Redo => move_last(&mut self.undone, &mut self.done, gesture, kept, bytes),
        }
    }

    /// What takes back the last gesture, in the film as it is now.
    ///
    /// The stored inverse is exact but for the studio's own work since then. That work adds takes and files at the end of their
    /// tables and chooses the new take of a shot. So where the gesture itself did not change a shot's chosen take, the choice
    /// that stands now is kept; where it did, the choice from before the gesture returns. Takes are never removed by this.
    pub fn undo(&self, film: &Film) -> Option<Step> {
        self.done.last().map(|gesture| settled(step(gesture, film), film))
    }

    /// What brings back the gesture undone last.
    pub fn redo(&self, film: &Film) -> Option<Step> {
        self.undone.last().map(|gesture| settled(step(gesture, film), film))
    }

    pub fn undo_label(&self) -> Option<&str> {
        self.done.last().map(|gesture| gesture.label.as_str())
    }

    pub fn redo_label(&self) -> Option<&str> {
        self.undone.last().map(|gesture| gesture.label.as_str())
    }

    /// Oldest first; what was undone comes last, next to be redone first.
    pub fn lines(&self) -> Vec<HistoryLine> {
        let line =
            |gesture: &Gesture, applied| HistoryLine { gesture: gesture.id, label: gesture.label.clone(), applied };
        let done = self.done.iter().map(|gesture| line(gesture, true));
        done.chain(self.undone.iter().rev().map(|gesture| line(gesture, false))).collect()
    }

    /// Applies stored edits one after another to the film they began with, and remembers how to take them back.
    pub fn replay<'a>(
        film: &mut Film,
        edits: impl IntoIterator<Item = (GestureId, &'a str, Role, &'a Patch)>,
    ) -> Result<Self, PatchError> {
        let mut history = Self::new();
        for (gesture, label, role, patch) in edits {
            let inverse = film.apply(patch)?;
            history.record(gesture, label, role, patch, inverse);
        }
        Ok(history)
    }

    fn forget_oldest(&mut self) {
        let total = |done: &[Gesture]| done.iter().map(|gesture| gesture.bytes).sum::<usize>();
        let mut bytes = total(&self.done);
        let mut drop = self.done.len().saturating_sub(limits::UNDO_STEPS);
        bytes -= total(self.done.get(..drop).unwrap_or_default());
        // The last gesture can always be taken back.
        while bytes > limits::UNDO_BYTES && drop + 1 < self.done.len() {
            bytes -= self.done.get(drop).map_or(0, |gesture| gesture.bytes);
            drop += 1;
        }
        self.done.drain(..drop);
    }
}

fn move_last(from: &mut Vec<Gesture>, to: &mut Vec<Gesture>, id: GestureId, kept: Vec<Kept>, bytes: usize) {
    // An edit that names another gesture than the last would be a broken journal: its gesture is found, or left out.
    let Some(at) = from.iter().rposition(|gesture| gesture.id == id) else { return };
    let mut gesture = from.remove(at);
    gesture.applied = vec![kept];
    gesture.bytes = bytes;
    to.push(gesture);
}

/// What is needed to take `patch` back.
fn keep(patch: &Patch, inverse: Patch) -> Vec<Kept> {
    // The n-th operation from the end of `patch` is what the n-th of `inverse` takes back.
    let pairs = patch.0.iter().rev().zip(inverse.0);
    pairs
        .map(|(op, back)| match (op, &back) {
            (Op::Set { entity: Entity::Clip(after) }, Op::Set { entity: Entity::Clip(before) })
                if before.only_moved(after) =>
            {
                Kept::Start(before.id, before.start)
            }
            (Op::Start { .. }, Op::Start { clip, at }) => Kept::Start(*clip, *at),
            _ => Kept::Whole(Box::new((op.clone(), back))),
        })
        .collect()
}

/// Shots as they will be when the operations before have been applied, None for what will be gone; and whether clips will be there.
#[derive(Default)]
struct Pending {
    shots: BTreeMap<ShotId, Option<Shot>>,
    clips: BTreeMap<ClipId, bool>,
}

impl Pending {
    fn shot<'a>(&'a self, film: &'a Film, id: ShotId) -> Option<&'a Shot> {
        self.shots.get(&id).map_or_else(|| film.shots.get(id), Option::as_ref)
    }

    fn has_clip(&self, film: &Film, id: ClipId) -> bool {
        self.clips.get(&id).copied().unwrap_or_else(|| film.clips.contains(id))
    }

    fn see(&mut self, op: &Op) {
        match op {
            Op::Set { entity: Entity::Shot(shot) } | Op::Insert { entity: Entity::Shot(shot), .. } => {
                self.shots.insert(shot.id, Some(shot.clone()));
            }
            Op::Set { entity: Entity::Clip(clip) } | Op::Insert { entity: Entity::Clip(clip), .. } => {
                self.clips.insert(clip.id, true);
            }
            Op::Remove { address } if address.kind == Kind::Shot => {
                self.shots.insert(ShotId(address.id), None);
            }
            Op::Remove { address } if address.kind == Kind::Clip => {
                self.clips.insert(ClipId(address.id), false);
            }
            _ => {}
        }
    }
}

fn step(gesture: &Gesture, film: &Film) -> Step {
    let (mut ops, mut pending) = (Vec::new(), Pending::default());
    for kept in gesture.applied.iter().rev().flatten() {
        let op = match kept {
            Kept::Start(id, start) => {
                // A clip that is gone is in no place.
                if !pending.has_clip(film, *id) {
                    continue;
                }
                Op::Start { clip: *id, at: *start }
            }
            Kept::Whole(pair) => match &**pair {
                (Op::Set { entity: Entity::Shot(after) }, Op::Set { entity: Entity::Shot(before) }) => {
                    let mut restored = before.clone();
                    let now = pending.shot(film, before.id);
                    if let (true, Some(now)) = (before.chosen_take == after.chosen_take, now) {
                        restored.chosen_take = now.chosen_take;
                    }
                    Op::Set { entity: Entity::Shot(restored) }
                }
                (_, back) => back.clone(),
            },
        };
        pending.see(&op);
        ops.push(op);
    }
    Step { gesture: gesture.id, label: gesture.label.clone(), patch: Patch(ops) }
}

fn settled(step: Step, film: &Film) -> Step {
    Step { patch: crate::command::settled(film, step.patch), ..step }
}

impl Kept {
    /// Roughly what it keeps in memory.
    fn weight(&self) -> usize {
        let words = |op: &Op| match op {
            Op::Insert { entity, .. } | Op::Set { entity } => match entity {
                Entity::Script(script) => script.text.len(),
                Entity::Shot(shot) => 512 + shot.description.len(),
                Entity::Take(take) => 512 + take.prompt.len(),
                _ => 128,
            },
            Op::Remove { .. } | Op::Move { .. } | Op::Start { .. } => 0,
        };
        size_of::<Self>()
            + match self {
                Self::Start(..) => 0,
                Self::Whole(pair) => size_of::<(Op, Op)>() + words(&pair.0) + words(&pair.1),
            }
    }
}
