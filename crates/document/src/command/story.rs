//! From a changed board to the patch: scenes, shots, and the clips of the story track brought into line.
//!
//! The rule of the story track: clips that follow the script lie in story order, as long as their shots. A clip that a person placed
//! or trimmed stays behind the clip it stood behind. A gap stays as long as the same two clips stand at its ends; otherwise it closes.
//! It never touches a locked track, except to take away clips of shots that are gone.

use super::cut::{Cut, lane_of, story_track};
use super::tables::difference;
use crate::film::{Clip, ClipSource, Film, Scene, Shot, Transition};
use crate::id::{ClipId, Mint, ShotId};
use crate::limits;
use crate::patch::{Entity, Kind, Op, Patch};
use crate::refusal::Refusal;
use crate::time::Ticks;
use std::collections::{BTreeMap, BTreeSet};

/// The board as a command wants it.
#[derive(Default)]
pub(super) struct Story {
    pub scenes: Vec<Scene>,
    pub shots: Vec<Shot>,
    /// Shots that are new and get a clip.
    pub fresh: BTreeSet<ShotId>,
    /// Shots whose dialogue is new and gets captions.
    pub speaking: BTreeSet<ShotId>,
    /// How clips come in, where the script says something new about it.
    pub transitions: BTreeMap<ShotId, Option<Transition>>,
}

impl Story {
    pub fn of(film: &Film) -> Self {
        Self {
            scenes: film.scenes.iter().cloned().collect(),
            shots: film.shots.iter().cloned().collect(),
            ..Self::default()
        }
    }

    /// The patch without titles of its own.
    pub fn plan(self, film: &Film, ids: &mut dyn Mint) -> Result<Patch, Refusal> {
        let (mut ops, cut) = self.lay(film, ids)?;
        ops.extend(cut.finish(ids)?);
        Ok(Patch(ops))
    }

    /// Operations on scenes and shots, and the cutting table with the story laid out.
    pub fn lay<'f>(self, film: &'f Film, ids: &mut dyn Mint) -> Result<(Vec<Op>, Cut<'f>), Refusal> {
        self.check()?;
        let mut ops = difference(&film.scenes, &self.scenes, Kind::Scene, Entity::Scene);
        ops.extend(difference(&film.shots, &self.shots, Kind::Shot, Entity::Shot));
        let mut cut = Cut::new(film);
        cut.speaking = &self.speaking | &self.fresh;
        let alive: BTreeSet<ShotId> = self.shots.iter().map(|shot| shot.id).collect();
        let lines: BTreeMap<ShotId, usize> = self.shots.iter().map(|shot| (shot.id, shot.dialogue.len())).collect();
        let dead = |clip: &Clip| match clip.source {
            ClipSource::Shot(shot) => !alive.contains(&shot),
            ClipSource::Line { shot, line } => lines.get(&shot).is_none_or(|lines| line as usize >= *lines),
            _ => false,
        };
        let losing: BTreeSet<_> = film.clips.iter().filter(|clip| dead(clip)).map(|clip| clip.track).collect();
        for track in losing {
            cut.lane(track).retain(|clip| !dead(clip));
        }
        if let Some(track) = story_track(film).filter(|track| !track.locked) {
            let before = lane_of(film, track.id);
            let laid = self.laid(track.id, &before, &alive, ids);
            *cut.lane(track.id) = laid;
        }
        cut.story_order = self.shots.iter().map(|shot| shot.id).collect();
        cut.shots = Some(self.shots.into_iter().map(|shot| (shot.id, shot)).collect());
        Ok((ops, cut))
    }

    fn check(&self) -> Result<(), Refusal> {
        let too_many = |what: &str, limit: usize| {
            let what_happened = format!("The film would have more than {limit} {what}.");
            Err(Refusal::new(&format!("limit.{what}"), what_happened, "Make two films of it."))
        };
        if self.shots.len() > limits::SHOTS {
            return too_many("shots", limits::SHOTS);
        }
        if self.scenes.len() > limits::SCENES {
            return too_many("scenes", limits::SCENES);
        }
        Ok(())
    }

    fn laid(
        &self,
        track: crate::id::TrackId,
        before: &[Clip],
        alive: &BTreeSet<ShotId>,
        ids: &mut dyn Mint,
    ) -> Vec<Clip> {
        let mut following: BTreeMap<ShotId, Vec<Clip>> = BTreeMap::new();
        // Clips placed by a person, behind the following clip they stood behind.
        let mut placed: BTreeMap<Option<ClipId>, Vec<Clip>> = BTreeMap::new();
        let mut gaps: BTreeMap<ClipId, (Option<ClipId>, Ticks)> = BTreeMap::new();
        let (mut anchor, mut previous) = (None, None::<&Clip>);
        for clip in before {
            let end = previous.map_or(Ticks::ZERO, |clip| clip.start + clip.length);
            gaps.insert(clip.id, (previous.map(|clip| clip.id), clip.start - end));
            previous = Some(clip);
            match clip.source {
                ClipSource::Shot(shot) if !alive.contains(&shot) => {}
                ClipSource::Shot(shot) if clip.follows_script => {
                    following.entry(shot).or_default().push(clip.clone());
                    anchor = Some(clip.id);
                }
                _ => placed.entry(anchor).or_default().push(clip.clone()),
            }
        }
        let mut order = placed.remove(&None).unwrap_or_default();
        for shot in &self.shots {
            let mut own = following.remove(&shot.id).unwrap_or_default();
            if own.is_empty() && self.fresh.contains(&shot.id) {
                let mut clip = Clip::new(ClipId::mint(ids), track, Ticks::ZERO, shot.length, ClipSource::Shot(shot.id));
                clip.follows_script = true;
                own.push(clip);
            }
            for mut clip in own {
                clip.length = shot.length;
                if let Some(transition) = self.transitions.get(&shot.id) {
                    clip.transition.clone_from(transition);
                }
                let behind = placed.remove(&Some(clip.id)).unwrap_or_default();
                order.push(clip);
                order.extend(behind);
            }
        }
        let (mut end, mut last) = (Ticks::ZERO, None);
        for clip in &mut order {
            let gap = match gaps.get(&clip.id) {
                Some((before, gap)) if *before == last => *gap,
                _ => Ticks::ZERO,
            };
            clip.start = end + gap;
            end = clip.start + clip.length;
            last = Some(clip.id);
        }
        order
    }
}
