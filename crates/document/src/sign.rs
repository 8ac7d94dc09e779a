//! The small sign over every picture that says how the film was made: whether, where, how large and how faint.
//!
//! Part of the film's settings, so that preview and export show the same. It is laid over films that show generated pictures and over no
//! others: a film of recordings alone is not to be called generated.

use crate::film::{Film, Placement};
use crate::plan::{Layer, Picture, PictureSource};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// What is written. Short, in the letters of every font, and understood in each of our languages.
pub const SIGN_TEXT: &str = "AI · Made with Kinora";
/// Height of the letters in thousandths of the frame's shorter side: below, nobody can read it; above, it is a title.
pub const SIGN_SIZES: RangeInclusive<u32> = 16..=80;
/// In thousandths: fainter than this it could as well be off, which has a switch of its own.
pub const SIGN_OPACITIES: RangeInclusive<u32> = 200..=1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    pub shown: bool,
    pub corner: Corner,
    /// Within [`SIGN_SIZES`].
    pub size_permille: u32,
    /// Within [`SIGN_OPACITIES`].
    pub opacity_permille: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Corner {
    TopLeft,
    /// Away from captions, lower thirds and the buttons of players.
    #[default]
    TopRight,
    BottomLeft,
    BottomRight,
}

impl Corner {
    pub const ALL: [Self; 4] = [Self::TopLeft, Self::TopRight, Self::BottomLeft, Self::BottomRight];

    /// As it is stored and typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TopLeft => "top_left",
            Self::TopRight => "top_right",
            Self::BottomLeft => "bottom_left",
            Self::BottomRight => "bottom_right",
        }
    }
}

impl Default for Sign {
    fn default() -> Self {
        Self { shown: true, corner: Corner::default(), size_permille: 26, opacity_permille: 600 }
    }
}

impl Sign {
    pub fn is_legal(&self) -> bool {
        SIGN_SIZES.contains(&self.size_permille) && SIGN_OPACITIES.contains(&self.opacity_permille)
    }

    /// The layer over all others, in a film that shows what was generated.
    pub(crate) fn layer(self, film: &Film) -> Option<Layer> {
        (self.shown && film.shows_generated_pictures()).then(|| {
            Layer::Picture(Picture {
                source: PictureSource::Sign { corner: self.corner, size_permille: self.size_permille },
                placement: Placement { opacity_permille: self.opacity_permille, ..Placement::default() },
                effects: Vec::new(),
            })
        })
    }
}
