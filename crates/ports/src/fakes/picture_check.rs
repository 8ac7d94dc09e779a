//! A checker that has something against the pictures a test tells it to, and what every checker of pictures must do.

use crate::picture_check::Seen;
use crate::{Fault, PictureChecker, Pixels, PortError};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What it says against a picture.
pub const OBJECTION: &str = "It looks like what the test does not want.";

type Judge = dyn Fn(&Pixels) -> bool + Send + Sync;

/// Counts what it looked at; or fails at each look.
pub struct PickyChecker {
    against: Option<Box<Judge>>,
    looked: AtomicUsize,
}

impl std::fmt::Debug for PickyChecker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PickyChecker").field("looked", &self.looked).finish_non_exhaustive()
    }
}

impl PickyChecker {
    pub fn new(against: impl Fn(&Pixels) -> bool + Send + Sync + 'static) -> Self {
        Self { against: Some(Box::new(against)), looked: AtomicUsize::new(0) }
    }

    /// Its file is damaged.
    pub fn broken() -> Self {
        Self { against: None, looked: AtomicUsize::new(0) }
    }

    /// Pictures looked at so far.
    pub fn looked(&self) -> usize {
        self.looked.load(Ordering::SeqCst)
    }
}

impl PictureChecker for PickyChecker {
    fn about(&self) -> String {
        "Pictures are looked at by a test.".to_owned()
    }

    fn look(&self, pixels: &Pixels) -> Result<Option<Seen>, PortError> {
        let Some(against) = &self.against else {
            return Err(Fault::new("The file that looks at pictures is damaged.", "Fetch it again.", "a test").into());
        };
        self.looked.fetch_add(1, Ordering::SeqCst);
        let against = if against(pixels) { vec![OBJECTION.to_owned()] } else { Vec::new() };
        Ok(Some(Seen { against }))
    }
}

/// What every checker of pictures must do. The first difference, as a sentence.
pub fn picture_check_contract(checker: &dyn PictureChecker) -> Result<(), String> {
    let look = |pixels: &Pixels| checker.look(pixels).map_err(|error| format!("it did not look: {error}"));
    holds(!checker.about().trim().is_empty(), "it does not say what it is")?;
    let grey = |width: u32, height: u32| Pixels {
        width,
        height,
        rgba: [120, 120, 120, 255].repeat(width as usize * height as usize),
    };
    let first = look(&grey(320, 180))?;
    holds(first == look(&grey(320, 180))?, "it says something else the second time")?;
    holds(first.is_none_or(|seen| seen.against.is_empty()), "it has something against plain grey")?;
    for (width, height) in [(1, 1), (2, 900), (900, 2), (64, 64), (1920, 1080)] {
        let seen = look(&grey(width, height))?;
        let sentences = seen.is_none_or(|seen| seen.against.iter().all(|sentence| sentence.ends_with('.')));
        holds(sentences, "what it says is no sentence")?;
    }
    Ok(())
}

fn holds(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoPictureChecker;

    #[test]
    fn the_picky_checker_and_no_checker_are_checkers() {
        assert_eq!(picture_check_contract(&PickyChecker::new(|_| false)), Ok(()));
        assert_eq!(picture_check_contract(&NoPictureChecker), Ok(()));
        assert!(picture_check_contract(&PickyChecker::new(|_| true)).is_err());
        assert!(picture_check_contract(&PickyChecker::broken()).is_err());
    }
}
