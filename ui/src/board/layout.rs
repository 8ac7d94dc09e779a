//! The board as a list of scenes, each a heading and rows of cards of one size, so that only what is in sight needs to exist.
//!
//! Pixels as floats: this is about the screen, never about the film.

use kinora_document::{SceneId, ShotId};
use std::collections::BTreeMap;
use std::ops::Range;

pub const CARD_GAP: f64 = 8.0;
/// Kept ready above and below what is in sight, as a share of its height.
const SPARE: f64 = 0.6;

/// Sizes of one kind of board.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// No card is narrower, unless the whole board is.
    pub least_width: f64,
    /// The part of a card that does not grow with its width.
    pub body: f64,
    /// Height of the picture by its width; 0 when it stands beside the text.
    pub picture: f64,
    pub heading: f64,
    pub scene_gap: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SceneBox {
    pub scene: SceneId,
    pub top: f64,
    pub height: f64,
    pub shots: Vec<ShotId>,
}

/// Between which cards something would be put down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The scene it would belong to.
    pub scene: SceneId,
    /// The card it would stand before; None is the end of the film.
    pub before: Option<ShotId>,
    /// The card whose edge marks the place, and whether it is the far edge.
    pub beside: ShotId,
    pub behind: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    pub scenes: Vec<SceneBox>,
    pub height: f64,
    columns: usize,
    width: f64,
    card: f64,
    heading: f64,
    places: BTreeMap<ShotId, (usize, usize)>,
}

impl Layout {
    /// `cards` in story order; a scene that comes again gets a box of its own.
    pub fn new(cards: impl IntoIterator<Item = (ShotId, SceneId)>, board_width: f64, measures: Measures) -> Self {
        let columns = ((board_width + CARD_GAP) / (measures.least_width + CARD_GAP)).floor().max(1.0);
        let width = ((board_width - CARD_GAP * (columns - 1.0)) / columns).max(1.0);
        let card = (measures.body + width * measures.picture).round();
        let columns = columns as usize;
        let mut layout = Self { columns, width, card, heading: measures.heading, ..Self::default() };
        for (shot, scene) in cards {
            match layout.scenes.last_mut() {
                Some(last) if last.scene == scene => last.shots.push(shot),
                _ => layout.scenes.push(SceneBox { scene, top: 0.0, height: 0.0, shots: vec![shot] }),
            }
        }
        for (number, scene) in layout.scenes.iter_mut().enumerate() {
            let rows = scene.shots.len().div_ceil(columns) as f64;
            scene.top = layout.height;
            scene.height = measures.heading + rows * card + (rows - 1.0).max(0.0) * CARD_GAP;
            layout.height += scene.height + measures.scene_gap;
            layout.places.extend(scene.shots.iter().enumerate().map(|(at, shot)| (*shot, (number, at))));
        }
        layout
    }

    /// Where a card lies inside its scene's box.
    pub fn inside(&self, shot: ShotId) -> Option<Place> {
        let (_, at) = *self.places.get(&shot)?;
        let (row, column) = (at / self.columns.max(1), at % self.columns.max(1));
        Some(Place {
            left: column as f64 * (self.width + CARD_GAP),
            top: self.heading + row as f64 * (self.card + CARD_GAP),
            width: self.width,
            height: self.card,
        })
    }

    /// Where a card lies on the whole board.
    pub fn place(&self, shot: ShotId) -> Option<Place> {
        let (number, _) = *self.places.get(&shot)?;
        let inside = self.inside(shot)?;
        Some(Place { top: inside.top + self.scenes.get(number)?.top, ..inside })
    }

    /// Scenes in or near sight, by index.
    pub fn seen_scenes(&self, top: f64, height: f64) -> Range<usize> {
        let (from, until) = (top - height * SPARE, top + height * (1.0 + SPARE));
        let first = self.scenes.partition_point(|scene| scene.top + scene.height < from);
        let last = self.scenes.partition_point(|scene| scene.top < until);
        first..last.max(first)
    }

    /// Cards of a scene in or near sight.
    pub fn seen_shots(&self, scene: usize, top: f64, height: f64) -> Vec<ShotId> {
        let Some(found) = self.scenes.get(scene) else { return Vec::new() };
        let row = self.card + CARD_GAP;
        let above = top - height * SPARE - found.top - self.heading;
        let below = top + height * (1.0 + SPARE) - found.top - self.heading;
        let first = (above / row).floor().max(0.0) as usize * self.columns;
        let last = ((below / row).ceil().max(0.0) as usize * self.columns).min(found.shots.len());
        found.shots.get(first.min(last)..last).unwrap_or_default().to_vec()
    }

    /// The place nearest to a point where cards could be put down.
    pub fn gap_at(&self, x: f64, y: f64) -> Option<Gap> {
        let number = self.scenes.partition_point(|scene| scene.top <= y).saturating_sub(1);
        let scene = self.scenes.get(number)?;
        let rows = scene.shots.len().div_ceil(self.columns.max(1));
        let row =
            ((y - scene.top - self.heading) / (self.card + CARD_GAP)).floor().clamp(0.0, rows.max(1) as f64 - 1.0);
        // In one column the middle of a card's height decides, else the middle of its width.
        let (column, behind) = if self.columns == 1 {
            (0, y - scene.top - self.heading - row * (self.card + CARD_GAP) > self.card / 2.0)
        } else {
            let along = (x / (self.width + CARD_GAP)).max(0.0);
            let column = (along.floor() as usize).min(self.columns - 1);
            (column, along - column as f64 > 0.5)
        };
        let at = (row as usize * self.columns + column).min(scene.shots.len().checked_sub(1)?);
        let behind = behind || row as usize * self.columns + column > at;
        let beside = *scene.shots.get(at)?;
        let before = match behind {
            false => Some(beside),
            true => scene.shots.get(at + 1).or_else(|| self.scenes.get(number + 1)?.shots.first()).copied(),
        };
        Some(Gap { scene: scene.scene, before, beside, behind })
    }

    /// The card so many steps further, in reading order or by rows.
    pub fn neighbour(&self, shot: ShotId, across: isize, down: isize) -> Option<ShotId> {
        let (number, at) = *self.places.get(&shot)?;
        let all = || self.scenes.iter().flat_map(|scene| scene.shots.iter().copied());
        if across != 0 {
            let place = all().position(|other| other == shot)?.checked_add_signed(across)?;
            return all().nth(place);
        }
        let scene = self.scenes.get(number)?;
        let column = at % self.columns.max(1);
        match at.checked_add_signed(down * self.columns as isize) {
            Some(to) if to < scene.shots.len() => scene.shots.get(to).copied(),
            // Into the last row of the scene, or the nearest row of the next one.
            Some(_) if at / self.columns < (scene.shots.len() - 1) / self.columns => scene.shots.last().copied(),
            Some(_) => {
                let next = &self.scenes.get(number + 1)?.shots;
                next.get(column).or(next.last()).copied()
            }
            None => {
                let before = &self.scenes.get(number.checked_sub(1)?)?.shots;
                let row = (before.len() - 1) / self.columns * self.columns;
                before.get(row + column).or(before.last()).copied()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEASURES: Measures =
        Measures { least_width: 200.0, body: 100.0, picture: 0.5, heading: 30.0, scene_gap: 10.0 };

    fn shot(n: u128) -> ShotId {
        ShotId(n)
    }

    /// Two scenes of five and three shots, in three columns of 200 pixels; cards are 200 high.
    fn small() -> Layout {
        let cards = (1..=8).map(|n| (shot(n), SceneId(if n <= 5 { 1 } else { 2 })));
        Layout::new(cards, 616.0, MEASURES)
    }

    #[test]
    fn cards_lie_in_rows_under_their_heading() {
        let layout = small();
        assert_eq!(layout.place(shot(1)), Some(Place { left: 0.0, top: 30.0, width: 200.0, height: 200.0 }));
        assert_eq!(layout.place(shot(5)), Some(Place { left: 208.0, top: 238.0, width: 200.0, height: 200.0 }));
        // 30 + 2 × 200 + 8, and the gap to the next scene.
        assert_eq!(layout.place(shot(6)).map(|place| place.top), Some(448.0 + 30.0));
        assert_eq!(layout.height, 448.0 + 240.0);
    }

    #[test]
    fn of_a_thousand_cards_only_those_near_the_window_exist() {
        let cards = (0..1000).map(|n| (shot(n), SceneId(n / 400)));
        let layout = Layout::new(cards, 616.0, MEASURES);
        for top in [0.0, 5_000.0, 30_000.0, layout.height - 600.0] {
            let scenes = layout.seen_scenes(top, 600.0);
            let seen: Vec<ShotId> = scenes.clone().flat_map(|scene| layout.seen_shots(scene, top, 600.0)).collect();
            assert!(seen.len() < 60, "{} cards at {top}", seen.len());
            for n in 0..1000 {
                let place = layout.place(shot(n)).expect("a place");
                let in_sight = place.top < top + 600.0 && place.top + place.height > top;
                assert!(!in_sight || seen.contains(&shot(n)), "card {n} is in sight at {top} and is not drawn");
            }
        }
    }

    #[test]
    fn a_dragged_card_lands_where_the_pointer_says() {
        let layout = small();
        let gap = |x: f64, y: f64| layout.gap_at(x, y).map(|gap| (gap.scene.0, gap.before.map(|shot| shot.0)));
        assert_eq!(gap(20.0, 60.0), Some((1, Some(1))));
        assert_eq!(gap(190.0, 60.0), Some((1, Some(2))));
        assert_eq!(gap(600.0, 300.0), Some((1, Some(6))), "behind the last of a scene, and still in it");
        assert_eq!(gap(20.0, 500.0), Some((2, Some(6))));
        assert_eq!(gap(610.0, 9_000.0), Some((2, None)), "the end of the film");
        assert_eq!(Layout::default().gap_at(1.0, 1.0), None);
    }

    #[test]
    fn arrows_go_through_the_cards_as_they_are_seen() {
        let layout = small();
        let go = |from: u128, across: isize, down: isize| layout.neighbour(shot(from), across, down).map(|shot| shot.0);
        assert_eq!(go(3, 1, 0), Some(4));
        assert_eq!(go(6, -1, 0), Some(5));
        assert_eq!(go(1, -1, 0), None);
        assert_eq!(go(2, 0, 1), Some(5));
        assert_eq!(go(3, 0, 1), Some(5), "the last row is shorter");
        assert_eq!(go(5, 0, 1), Some(7));
        assert_eq!(go(7, 0, -1), Some(5));
        assert_eq!(go(8, 0, 1), None);
    }

    #[test]
    fn a_narrow_board_is_one_column() {
        let layout = Layout::new((1..=3).map(|n| (shot(n), SceneId(1))), 120.0, MEASURES);
        assert_eq!(layout.place(shot(2)).map(|place| place.left), Some(0.0));
        assert_eq!(layout.gap_at(60.0, 30.0 + 150.0).map(|gap| gap.before), Some(Some(shot(2))));
    }
}
