//! The entities of a film: what is in it, and nothing of how it changes.
//!
//! Contents are flat tables by id (see [`Table`]); an entity refers to another by id, never by position. View state (zoom,
//! selection, open room) is not here: it belongs to the window, not to the film.

use crate::ambience::Ambience;
use crate::curve::Curve;
use crate::hash::BlobHash;
use crate::id::*;
use crate::mix::{ClipMix, TrackMix};
use crate::sign::Sign;
use crate::table::{Keyed, Table};
use crate::time::{FrameRate, Ticks};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Raised when the stored form changes; each step has a migration and a fixture.
pub const VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Film {
    pub version: u32,
    pub settings: Settings,
    pub script: Script,
    pub scenes: Table<Scene>,
    /// In story order.
    pub shots: Table<Shot>,
    pub takes: Table<Take>,
    pub cast: Table<CastMember>,
    pub media: Table<Media>,
    /// Bottom picture track first; drawn in this order.
    pub tracks: Table<Track>,
    pub clips: Table<Clip>,
    pub markers: Table<Marker>,
}

/// Pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FrameSize {
    pub width: u32,
    pub height: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub title: String,
    pub size: FrameSize,
    pub rate: FrameRate,
    /// Name of the engine for shots that do not name their own.
    pub engine: String,
    /// Seeds of shots without one of their own are derived from this and the shot's id.
    pub seed: u64,
    /// Added to each prompt: "watercolour, soft light".
    pub style: String,
    pub negative: String,
    /// Films stored before there was one show the usual one from now on.
    #[serde(default)]
    pub sign: Sign,
    /// Whether exported frames carry the invisible mark; those of older films do from now on.
    #[serde(default = "yes")]
    pub watermark: bool,
}

const fn yes() -> bool {
    true
}

/// The screenplay as Fountain text. Scenes and shots are derived from it and keep their ids when it is edited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scene {
    pub id: SceneId,
    /// As written: "EXT. BEACH - SUNSET".
    pub heading: String,
    pub number: Option<String>,
    /// "interior", "exterior", "both" or empty.
    pub setting: String,
    pub place: String,
    pub time_of_day: String,
    /// 1-based line of the heading in the script.
    pub line: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shot {
    pub id: ShotId,
    pub scene: SceneId,
    /// 1-based line in the script where the shot begins.
    pub line: u32,
    /// Normalised script text, by which the shot is found again after an edit.
    pub fingerprint: String,
    /// What is seen, from the script's action.
    pub description: String,
    /// Replaces the composed prompt when set.
    pub prompt_override: Option<String>,
    /// "wide", "medium", "close", … or empty.
    pub framing: String,
    /// "static", "pan left", … or empty.
    pub camera: String,
    pub style: String,
    pub characters: Vec<String>,
    pub dialogue: Vec<DialogueLine>,
    /// Wanted length; engines snap it to what they can make.
    pub length: Ticks,
    /// True when a person or a shot note set the length; false when the rule did.
    pub length_fixed: bool,
    pub seed: Option<u64>,
    pub engine: Option<String>,
    /// Begins on the last picture of the shot before.
    pub continues: bool,
    /// Ends on the first picture of the shot after. Films stored before gaps could be filled have no such shot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leads_on: bool,
    /// The take that the film shows.
    pub chosen_take: Option<TakeId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialogueLine {
    pub character: String,
    /// "V.O.", "O.S.", … or empty.
    pub extension: String,
    pub parenthetical: String,
    pub text: String,
}

/// One generation of a shot, with everything that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Take {
    pub id: TakeId,
    pub shot: ShotId,
    /// Hash of everything that made it; the same key means the same picture and no work.
    pub key: BlobHash,
    /// A movie file: intra-coded lossless picture, PCM sound.
    pub blob: BlobHash,
    pub thumbnail: Option<BlobHash>,
    /// The exact prompt that was sent.
    pub prompt: String,
    pub negative: String,
    pub seed: u64,
    pub engine: String,
    /// Hash of the weights.
    pub model: BlobHash,
    pub size: FrameSize,
    pub rate: FrameRate,
    pub frames: u32,
    /// The take this one was extended or remixed from.
    pub parent: Option<TakeId>,
    /// What the engine could not do as written: "dragon → lizard (draft model)".
    pub notes: Vec<String>,
    /// The likenesses in it, and the consents it was made under.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cameos: Vec<crate::cameo::CameoUse>,
    /// One of those consents was taken back: the take is neither shown as ready nor exported.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CastRole {
    Character,
    Place,
    Prop,
    Style,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CastMember {
    pub id: CastId,
    pub role: CastRole,
    /// As in the script: "MARA".
    pub name: String,
    /// "a young woman in a red coat".
    pub descriptor: String,
    pub references: Vec<BlobHash>,
    pub voice: String,
    pub seed: Option<u64>,
    /// What is worn, or how it looks, in one scene: "a yellow raincoat". Kept when the scene is written out, for its return.
    /// Films stored before there was a wardrobe have none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub wardrobe: BTreeMap<SceneId, String>,
    /// Straight RGB, 0…255; how the member is marked on the board. None takes one by the member's place in the cast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<[u8; 3]>,
    /// Has the likeness of a cameo, under this consent. Its pictures stay in the machine's vault and are never in the film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cameo: Option<crate::cameo::CameoUse>,
}

/// An imported file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    pub id: MediaId,
    pub name: String,
    pub blob: BlobHash,
    pub thumbnail: Option<BlobHash>,
    pub kind: MediaKind,
    pub length: Ticks,
    pub size: Option<FrameSize>,
    pub rate: Option<FrameRate>,
    pub has_sound: bool,
    /// A line that a voice spoke; None for what a person brought in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speech: Option<Box<crate::speech::Speech>>,
    /// A recording of a cameo, and the consent it is shown under. It lies sealed on the machine it was recorded on: the film only names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cameo: Option<crate::cameo::CameoUse>,
    /// That consent was taken back: it is neither shown nor exported.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// The line that a person spoke here in place of its voice. Films stored before lines could be dubbed have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dubs: Option<Dubbed>,
}

/// A line of the script, by its words: it is found again where the script around it has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dubbed {
    pub shot: ShotId,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    Movie,
    Picture,
    Sound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackKind {
    Video,
    Dialogue,
    Effects,
    Music,
    Captions,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    pub id: TrackId,
    pub kind: TrackKind,
    pub name: String,
    pub muted: bool,
    pub solo: bool,
    pub locked: bool,
    pub gain_millibels: i32,
    /// Films stored before there was one have the usual.
    #[serde(default, skip_serializing_if = "TrackMix::is_usual")]
    pub mix: TrackMix,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clip {
    pub id: ClipId,
    pub track: TrackId,
    pub start: Ticks,
    pub length: Ticks,
    pub source: ClipSource,
    /// Where in the source the clip begins.
    pub source_in: Ticks,
    /// 1000 plays as recorded, 2000 twice as fast.
    pub speed_permille: u32,
    pub gain_millibels: i32,
    pub fade_in: Ticks,
    pub fade_out: Ticks,
    #[serde(default, skip_serializing_if = "ClipMix::is_usual")]
    pub mix: ClipMix,
    /// What is usual is not written down: it would be half of what a long film says of its clips.
    #[serde(default, skip_serializing_if = "Placement::is_usual")]
    pub placement: Placement,
    pub effects: Vec<Effect>,
    /// Values that change while the clip plays. Films stored before there were key frames have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<Curve>,
    /// How this clip comes in over the end of the clip before it on its track.
    pub transition: Option<Transition>,
    /// True until a person trims or moves it: such a clip follows its shot's place and length in the script.
    pub follows_script: bool,
}

impl Clip {
    /// The source from its beginning, as it is: full frame, as loud and as fast as recorded, a cut on both sides.
    pub fn new(id: ClipId, track: TrackId, start: Ticks, length: Ticks, source: ClipSource) -> Self {
        Self {
            id,
            track,
            start,
            length,
            source,
            source_in: Ticks::ZERO,
            speed_permille: 1000,
            gain_millibels: 0,
            fade_in: Ticks::ZERO,
            fade_out: Ticks::ZERO,
            mix: ClipMix::default(),
            placement: Placement::default(),
            effects: Vec::new(),
            curves: Vec::new(),
            transition: None,
            follows_script: false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClipSource {
    /// Whatever take the shot has chosen; a slate when it has none.
    Shot(ShotId),
    Take(TakeId),
    Media(MediaId),
    /// A line of the shot's dialogue, counted from 0: whatever a voice spoke for it, silent before one did.
    Line {
        shot: ShotId,
        line: u32,
    },
    /// Played by the studio, without an end.
    Ambience(Ambience),
    Title(Title),
    /// Straight RGB, 0…255.
    Colour([u8; 3]),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Title {
    pub text: String,
    pub style: TitleStyle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TitleStyle {
    /// Centred, large.
    Card,
    /// Lower third.
    Lower,
    /// Sub-title in a box near the bottom.
    Caption,
    /// Sub-title in bold letters with an outline, larger and higher: for small screens.
    Social,
    /// The same, with the word that is heard lit.
    Karaoke,
    /// Centred, several lines of credits.
    Credits,
}

impl Title {
    pub fn new(text: impl Into<String>, style: TitleStyle) -> Self {
        Self { text: text.into(), style }
    }
}

/// Where a layer sits on the film's frame. Fractions are thousandths, so that a film is the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// Shift of the centre, in thousandths of the frame's width and height.
    pub x_permille: i32,
    pub y_permille: i32,
    /// 1000 fits the frame.
    pub scale_permille: u32,
    /// Clockwise, thousandths of a degree.
    pub rotation_millidegrees: i32,
    /// Left, top, right, bottom: thousandths cut away.
    pub crop_permille: [u32; 4],
    pub opacity_permille: u32,
    pub fit: Fit,
    pub blend: Blend,
}

impl Placement {
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Placement {
    fn default() -> Self {
        Self {
            x_permille: 0,
            y_permille: 0,
            scale_permille: 1000,
            rotation_millidegrees: 0,
            crop_permille: [0; 4],
            opacity_permille: 1000,
            fit: Fit::Contain,
            blend: Blend::Normal,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Whole picture visible, bars where it does not fill.
    Contain,
    /// Frame filled, edges cut.
    Cover,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blend {
    Normal,
    Multiply,
    Screen,
    Add,
}

/// `kind` and the names of `parameters` are declared by the `shaders` crate; a missing parameter has its declared default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    pub kind: String,
    pub parameters: BTreeMap<String, f32>,
    /// A second picture that the effect compares with, as the empty set behind a person; its first frame when it is a movie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate: Option<BlobHash>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    pub kind: String,
    pub length: Ticks,
    pub parameters: BTreeMap<String, f32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    pub id: MarkerId,
    pub at: Ticks,
    pub text: String,
}

macro_rules! keyed {
    ($($entity:ident $key:ident),* $(,)?) => {$(
        impl Keyed for $entity {
            type Key = $key;
            fn key(&self) -> $key {
                self.id
            }
        }
    )*};
}
keyed!(Scene SceneId, Shot ShotId, Take TakeId, CastMember CastId, Media MediaId, Track TrackId, Clip ClipId, Marker MarkerId);

impl Film {
    /// An empty film with no tracks; [`new_film`](crate::new_film) gives it the usual ones.
    pub fn empty(title: &str) -> Self {
        Self {
            version: VERSION,
            settings: Settings {
                title: title.to_owned(),
                size: FrameSize { width: 1280, height: 720 },
                rate: FrameRate::FPS_24,
                engine: "draft".to_owned(),
                seed: 1,
                style: String::new(),
                negative: String::new(),
                sign: Sign::default(),
                watermark: true,
            },
            script: Script::default(),
            scenes: Table::default(),
            shots: Table::default(),
            takes: Table::default(),
            cast: Table::default(),
            media: Table::default(),
            tracks: Table::default(),
            clips: Table::default(),
            markers: Table::default(),
        }
    }

    /// Whether any clip shows a take.
    pub fn shows_generated_pictures(&self) -> bool {
        self.clips.iter().any(|clip| match clip.source {
            ClipSource::Take(_) => true,
            ClipSource::Shot(shot) => self.shots.get(shot).is_some_and(|shot| shot.chosen_take.is_some()),
            _ => false,
        })
    }

    /// The end of the last clip.
    pub fn length(&self) -> Ticks {
        self.clips.iter().map(|clip| clip.start + clip.length).max().unwrap_or(Ticks::ZERO)
    }
}
