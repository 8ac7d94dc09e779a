//! The words of the shot language: how much is seen, from where, and how the camera moves.
//!
//! One table per question, so that the parser, the printer, the forms of the board and `SHOTS.md` agree.
//! Each value has one word we print and further words we understand.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $first:literal $(| $other:literal)*),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($variant),+ }

        impl $name {
            /// Every value, in the order a menu shows them.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word we print.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $first),+ }
            }

            /// Reads any of the words we understand, in lower case with single spaces.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($first $(| $other)* => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// How much of the subject the frame holds.
    ShotSize {
        ExtremeWide = "extreme wide" | "extreme wide shot" | "very wide" | "ews" | "xws" | "extreme long shot" | "els",
        Wide = "wide" | "wide shot" | "ws" | "long" | "long shot" | "ls" | "establishing" | "establishing shot",
        Full = "full" | "full shot" | "fs",
        MediumWide = "medium wide" | "medium wide shot" | "mws" | "medium long" | "medium long shot" | "mls" | "cowboy" | "american",
        Medium = "medium" | "medium shot" | "mid" | "mid shot" | "ms" | "two shot",
        MediumClose = "medium close" | "medium close up" | "medium close-up" | "mcu",
        Close = "close" | "close up" | "close-up" | "closeup" | "close shot" | "cu",
        ExtremeClose = "extreme close" | "extreme close up" | "extreme close-up" | "ecu" | "xcu" | "macro" | "detail",
        Insert = "insert" | "insert shot",
    }
}

words! {
    /// How the camera moves during the shot.
    CameraMove {
        Static = "static" | "still" | "locked off" | "fixed" | "no move",
        PanLeft = "pan left" | "pans left" | "panning left",
        PanRight = "pan right" | "pans right" | "panning right",
        TiltUp = "tilt up" | "tilts up" | "tilting up",
        TiltDown = "tilt down" | "tilts down" | "tilting down",
        ZoomIn = "zoom in" | "zooms in" | "zooming in",
        ZoomOut = "zoom out" | "zooms out" | "zooming out",
        PushIn = "push in" | "push" | "dolly in" | "move in",
        PullOut = "pull out" | "pull back" | "pull" | "dolly out" | "dolly back" | "move out",
        TrackLeft = "track left" | "truck left" | "dolly left",
        TrackRight = "track right" | "truck right" | "dolly right",
        Track = "track" | "tracking" | "tracking shot" | "follow" | "following",
        CraneUp = "crane up" | "boom up" | "pedestal up" | "rise up",
        CraneDown = "crane down" | "boom down" | "pedestal down",
        OrbitLeft = "orbit left" | "arc left",
        OrbitRight = "orbit right" | "arc right" | "orbit" | "arc",
        Handheld = "handheld" | "hand-held" | "hand held",
    }
}

words! {
    /// From where the camera looks.
    CameraAngle {
        EyeLevel = "eye level" | "eye-level",
        Low = "low angle" | "low" | "from below",
        High = "high angle" | "high" | "from above",
        Overhead = "overhead" | "top down" | "top-down" | "bird's eye" | "birds eye" | "bird's-eye",
        Dutch = "dutch" | "dutch angle" | "canted" | "tilted frame",
        OverShoulder = "over the shoulder" | "over shoulder" | "over-the-shoulder" | "ots",
        PointOfView = "point of view" | "pov",
        Aerial = "aerial" | "drone",
    }
}
