//! Typed 128-bit ids.
//!
//! A `ShotId` cannot be passed where a `ClipId` is wanted. Ids are minted outside this crate (see [`Mint`]), so that the same
//! commands give the same film everywhere. Written as 32 hexadecimal digits.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::hash::Hash;
use std::str::FromStr;

/// Source of fresh ids. The backend draws from the system; tests count.
pub trait Mint {
    fn mint(&mut self) -> u128;
}

impl<F: FnMut() -> u128> Mint for F {
    fn mint(&mut self) -> u128 {
        self()
    }
}

/// What every id type can do; implemented by the types below.
pub trait Id: Copy + Ord + Hash + fmt::Display {
    fn from_raw(raw: u128) -> Self;
    fn raw(self) -> u128;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        impl $name {
            pub fn mint(ids: &mut dyn Mint) -> Self {
                Self(ids.mint())
            }
        }
        impl Id for $name {
            fn from_raw(raw: u128) -> Self {
                Self(raw)
            }
            fn raw(self) -> u128 {
                self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:x})"), self.0)
            }
        }
        impl FromStr for $name {
            type Err = &'static str;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                // Exactly the written form: `+5` or a short number is not an id.
                if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Err("an id is 32 hexadecimal digits");
                }
                u128::from_str_radix(text, 16).map(Self).map_err(|_| "an id is 32 hexadecimal digits")
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A scene of the script.
    SceneId
    /// A shot of the board: one prompt, one duration, one camera.
    ShotId
    /// One generation of a shot.
    TakeId
    /// A character, place, prop or style.
    CastId
    /// A lane of the timeline.
    TrackId
    /// Something placed on a track.
    ClipId
    /// An imported file.
    MediaId
    /// A note on the timeline.
    MarkerId
    /// A recorded likeness, kept outside films.
    CameoId
    /// One undo step; edits of one drag share it.
    GestureId
}
