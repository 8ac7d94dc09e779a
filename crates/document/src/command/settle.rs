//! Taking back an older edit after the studio has spoken lines since.
//!
//! Speaking moves clips and captions to measured times, and an inverse from before knows nothing of it. So the inverse is tried on a copy:
//! operations on clips that no longer fit are left out or put where they fit, and at the end everything that follows the
//! script is brought to where it belongs. In a film without speech nothing of this happens, and undo stays exact.

use super::cut::{Cut, story_track};
use crate::film::Film;
use crate::patch::{Entity, Kind, Op, Patch, PatchError};

/// `patch` as it can be applied to `film`.
pub(crate) fn settled(film: &Film, patch: Patch) -> Patch {
    if !film.media.iter().any(|media| media.speech.is_some()) {
        return patch;
    }
    let mut after = film.clone();
    let mut ops = Vec::with_capacity(patch.0.len());
    for op in patch.0 {
        let Some(op) = fitting(&mut after, op) else { continue };
        ops.push(op);
    }
    let mut cut = Cut::new(&after);
    if let Some(story) = story_track(&after) {
        cut.lane(story.id);
    }
    // Nothing is made here, so nothing needs an id.
    ops.extend(cut.finish(&mut || 0).unwrap_or_default());
    Patch(ops)
}

/// Applies one operation, changed so that it fits; None when there is nothing left to do.
fn fitting(after: &mut Film, op: Op) -> Option<Op> {
    let apply = |after: &mut Film, op: Op| after.apply(&Patch(vec![op.clone()])).map(|_| op);
    let of_clip = |kind: Kind| kind == Kind::Clip;
    match apply(after, op.clone()) {
        Ok(op) => Some(op),
        Err(PatchError::Missing(address)) if of_clip(address.kind) => None,
        Err(PatchError::Position(address, _)) if of_clip(address.kind) => match op {
            Op::Insert { entity, .. } => apply(after, Op::Insert { at: after.clips.len(), entity }).ok(),
            _ => None,
        },
        Err(PatchError::Present(address)) if of_clip(address.kind) => match op {
            Op::Insert { entity: entity @ Entity::Clip(_), .. } => apply(after, Op::Set { entity }).ok(),
            _ => None,
        },
        // Not ours to mend: applying the whole will say what is wrong.
        Err(_) => Some(op),
    }
}
