//! What looks at pictures before they are used or shown: references, imports, finished frames.
//!
//! Words are judged everywhere; pictures only where a model for it is installed. Where none is, this is said, and never pretended.

use crate::{Pixels, PortError};

pub trait PictureChecker: Send + Sync {
    /// What is installed, or that nothing is, as a sentence for a person.
    fn about(&self) -> String;
    /// What it sees; None when nothing is installed that could look.
    fn look(&self, pixels: &Pixels) -> Result<Option<Seen>, PortError>;
}

/// What a checker makes of one picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Reasons not to use it, as sentences; empty when there is none.
    pub against: Vec<String>,
}

/// Nothing is installed that looks at pictures.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPictureChecker;

impl PictureChecker for NoPictureChecker {
    fn about(&self) -> String {
        "Pictures are not checked: no model for it is installed on this machine. Prompts, dialogue, titles and the cast's words are. \
         `cargo xtask setup` fetches one."
            .to_owned()
    }

    fn look(&self, _: &Pixels) -> Result<Option<Seen>, PortError> {
        Ok(None)
    }
}
