//! Putting shots somewhere else: the commands of one gesture, so that one undo takes the whole drag back.

use super::Gap;
use kinora_document::{Command, Film, SceneId, Shot, ShotId};

/// Moves `shots` into a gap, in story order. Empty when they lie there already.
pub fn put(film: &Film, shots: &[ShotId], gap: Gap) -> Vec<Command> {
    let order: Vec<ShotId> = film.shots.keys().collect();
    let moved: Vec<ShotId> = order.iter().copied().filter(|shot| shots.contains(shot)).collect();
    // What is being moved is no place to move to.
    let from = gap.before.and_then(|before| order.iter().position(|shot| *shot == before)).unwrap_or(order.len());
    let before = order.iter().skip(from).copied().find(|shot| !moved.contains(shot));
    let mut after = order.clone();
    after.retain(|shot| !moved.contains(shot));
    let at = before.and_then(|before| after.iter().position(|shot| *shot == before)).unwrap_or(after.len());
    after.splice(at..at, moved.iter().copied());
    let mut commands = Vec::new();
    if after != order {
        commands.extend(moved.iter().map(|shot| Command::MoveShot { shot: *shot, before }));
    }
    // A moved shot joins the scene of the one it stands before; at the end of a scene that is the wrong one.
    let joined = before.or(after.iter().rev().find(|shot| !moved.contains(shot)).copied());
    let joined: Option<SceneId> = joined.and_then(|shot| film.shots.get(shot)).map(|shot| shot.scene);
    for shot in moved.iter().filter_map(|shot| film.shots.get(*shot)) {
        let scene = if after == order { Some(shot.scene) } else { joined };
        if scene != Some(gap.scene) {
            commands.push(Command::SetShot { shot: Box::new(Shot { scene: gap.scene, ..shot.clone() }) });
        }
    }
    commands
}

/// The gap one step earlier or later than where `shots` lie; None at either end of the film.
pub fn gap_beside(film: &Film, shots: &[ShotId], later: bool) -> Option<Gap> {
    let order: Vec<&Shot> = film.shots.iter().collect();
    let places = || order.iter().enumerate().filter(|(_, shot)| shots.contains(&shot.id)).map(|(at, _)| at);
    let (beside, before) = if later {
        let next = places().max()? + 1;
        (order.get(next)?, order.get(next + 1))
    } else {
        let previous = places().min()?.checked_sub(1)?;
        (order.get(previous)?, order.get(previous))
    };
    Some(Gap { scene: beside.scene, before: before.map(|shot| shot.id), beside: beside.id, behind: later })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kinora_document::{FrameRate, FrameSize, GestureId, History, Role, new_film};

    const SCRIPT: &str = "INT. A - DAY\n\nOne.\n\nTwo.\n\nThree.\n\nINT. B - DAY\n\nFour.\n\nFive.\n";

    fn film() -> (Film, u128) {
        let mut next = 0;
        let mut ids = || {
            next += 1;
            next
        };
        let mut film = new_film("Test", FrameSize { width: 1280, height: 720 }, FrameRate::FPS_24, &mut ids);
        let patch = Command::SetScript { text: SCRIPT.to_owned() }.plan(&film, &mut ids).expect("a script");
        film.apply(&patch).expect("it applies");
        (film, next)
    }

    /// The words of the shots in order, and after how many of them the second scene begins.
    fn board(film: &Film) -> (Vec<String>, usize) {
        let first = film.scenes.first().expect("scenes").id;
        let words = film.shots.iter().map(|shot| shot.description.trim_end_matches('.').to_owned()).collect();
        (words, film.shots.iter().filter(|shot| shot.scene == first).count())
    }

    fn moved(shots: &[usize], gap: impl Fn(&Film) -> Gap) -> (Vec<String>, usize) {
        let (mut film, mut next) = film();
        let before = film.clone();
        let mut ids = || {
            next += 1;
            next
        };
        let shots: Vec<ShotId> = shots.iter().filter_map(|at| film.shots.at(*at)).map(|shot| shot.id).collect();
        let mut history = History::new();
        for command in put(&film, &shots, gap(&film)) {
            let patch = command.plan(&film, &mut ids).expect("a legal move");
            let inverse = film.apply(&patch).expect("it applies");
            history.record(GestureId(1), "Move shot", Role::Do, &patch, inverse);
        }
        let after = board(&film);
        while let Some(step) = history.undo(&film) {
            let inverse = film.apply(&step.patch).expect("undo applies");
            history.record(step.gesture, &step.label, Role::Undo, &step.patch, inverse);
        }
        assert_eq!(film, before, "one undo takes it back");
        after
    }

    fn at(film: &Film, place: usize) -> ShotId {
        film.shots.at(place).expect("a shot").id
    }

    fn scene(film: &Film, place: usize) -> SceneId {
        film.scenes.at(place).expect("a scene").id
    }

    #[test]
    fn a_shot_goes_before_another_and_joins_its_scene() {
        let gap =
            |film: &Film| Gap { scene: scene(film, 1), before: Some(at(film, 3)), beside: at(film, 3), behind: false };
        assert_eq!(moved(&[0], gap), (["Two", "Three", "One", "Four", "Five"].map(str::to_owned).to_vec(), 2));
    }

    #[test]
    fn behind_the_last_of_a_scene_is_still_that_scene() {
        let gap =
            |film: &Film| Gap { scene: scene(film, 0), before: Some(at(film, 3)), beside: at(film, 2), behind: true };
        assert_eq!(moved(&[0], gap), (["Two", "Three", "One", "Four", "Five"].map(str::to_owned).to_vec(), 3));
        assert_eq!(moved(&[3], gap), (["One", "Two", "Three", "Four", "Five"].map(str::to_owned).to_vec(), 4));
    }

    #[test]
    fn several_keep_their_order() {
        let gap = |film: &Film| Gap { scene: scene(film, 1), before: None, beside: at(film, 4), behind: true };
        assert_eq!(moved(&[2, 0], gap), (["Two", "Four", "Five", "One", "Three"].map(str::to_owned).to_vec(), 1));
    }

    #[test]
    fn one_step_at_a_time_by_keyboard() {
        let (film, _) = film();
        let one = |place: usize, later: bool| {
            moved(&[place], move |film| gap_beside(film, &[at(film, place)], later).expect("a gap"))
        };
        assert_eq!(one(0, true).0, ["Two", "One", "Three", "Four", "Five"]);
        assert_eq!(one(2, true), (["One", "Two", "Four", "Three", "Five"].map(str::to_owned).to_vec(), 2));
        assert_eq!(one(4, false).0, ["One", "Two", "Three", "Five", "Four"]);
        assert_eq!(gap_beside(&film, &[at(&film, 0)], false), None);
        assert_eq!(gap_beside(&film, &[at(&film, 4)], true), None);
    }
}
