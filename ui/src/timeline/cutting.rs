//! What the cutting room knows besides the film: in and out points, what was copied, which clips go together.
//!
//! None of it is part of the film, so undo never changes it.

use crate::bridge::Levels;
use kinora_api::EffectsAnswer;
use kinora_document::{Clip, ClipSource, Ticks, TrackId};
use leptos::prelude::*;

#[derive(Clone, Copy, Debug)]
pub struct Cutting {
    pub mark_in: RwSignal<Option<Ticks>>,
    pub mark_out: RwSignal<Option<Ticks>>,
    /// Selecting a picture selects its sound.
    pub linked: RwSignal<bool>,
    /// What insert and overwrite put onto the timeline: the bin's selection.
    pub source: RwSignal<Option<ClipSource>>,
    pub copied: RwSignal<Vec<Clip>>,
    /// What is heard; None while nothing plays.
    pub levels: RwSignal<Option<Levels>>,
    /// The track whose sound the inspector shows.
    pub track: RwSignal<Option<TrackId>>,
    /// What effects and transitions there are; asked for once.
    pub effects: RwSignal<EffectsAnswer>,
    pub safe_areas: RwSignal<bool>,
    /// The monitor alone fills the window.
    pub full_screen: RwSignal<bool>,
    /// Raised when keys are chosen anew, so that tooltips and the sheet follow.
    pub keys: RwSignal<u32>,
}

impl Cutting {
    pub fn new() -> Self {
        Self {
            mark_in: RwSignal::new(None),
            mark_out: RwSignal::new(None),
            linked: RwSignal::new(true),
            source: RwSignal::new(None),
            copied: RwSignal::new(Vec::new()),
            levels: RwSignal::new(None),
            track: RwSignal::new(None),
            effects: RwSignal::new(EffectsAnswer::default()),
            safe_areas: RwSignal::new(false),
            full_screen: RwSignal::new(false),
            keys: RwSignal::new(0),
        }
    }

    /// Of another film nothing is kept but the person's habits.
    pub fn forget(&self) {
        self.mark_in.set(None);
        self.mark_out.set(None);
        self.source.set(None);
        self.track.set(None);
    }

    /// The stretch between in and out; a mark that is not set is the film's own end.
    pub fn range(&self, film_length: Ticks) -> Option<(Ticks, Ticks)> {
        range(self.mark_in.get_untracked(), self.mark_out.get_untracked(), film_length)
    }
}

impl Default for Cutting {
    fn default() -> Self {
        Self::new()
    }
}

/// None when neither mark is set, or when they enclose nothing.
pub fn range(mark_in: Option<Ticks>, mark_out: Option<Ticks>, film_length: Ticks) -> Option<(Ticks, Ticks)> {
    if mark_in.is_none() && mark_out.is_none() {
        return None;
    }
    let (from, until) = (mark_in.unwrap_or(Ticks::ZERO), mark_out.unwrap_or(film_length));
    (from < until).then_some((from, until))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mark_reaches_to_the_end_of_the_film_and_crossed_marks_enclose_nothing() {
        let second = Ticks::from_seconds;
        assert_eq!(range(Some(second(2)), None, second(9)), Some((second(2), second(9))));
        assert_eq!(range(None, Some(second(2)), second(9)), Some((Ticks::ZERO, second(2))));
        assert_eq!(range(Some(second(4)), Some(second(2)), second(9)), None);
        assert_eq!(range(None, None, second(9)), None);
    }
}
