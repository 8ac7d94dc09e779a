//! What a clip shows and sounds like: its source looked up once, and exact arithmetic from film time to source time.
//!
//! A take at 12 frames a second in a film at 24 shows each picture twice; past its end a source holds its last picture and falls
//! silent. All of it in whole numbers: never a float, never a frame out of range.

use super::{PictureSource, SoundSource};
use crate::film::{Clip, ClipSource, Film, MediaKind, Shot, Take};
use crate::hash::BlobHash;
use crate::id::ShotId;
use crate::limits;
use crate::prompt::compose;
use crate::speech::Speeches;
use crate::time::{FrameRate, Ticks};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Picture {
    Movie { blob: BlobHash, rate: FrameRate, frames: u32 },
    Same(PictureSource),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sound {
    pub source: SoundSource,
    pub length: Ticks,
}

/// What a clip shows; None when it is only heard. Whatever is missing shows a card that says so.
pub(super) fn picture_of(film: &Film, clip: &Clip, numbers: &BTreeMap<ShotId, String>) -> Option<Picture> {
    let same = |source| Some(Picture::Same(source));
    match &clip.source {
        ClipSource::Shot(id) => match film.shots.get(*id) {
            Some(shot) => match shot.chosen_take.and_then(|take| film.takes.get(take)) {
                Some(take) => Some(Picture::of_take(take)),
                None => same(slate_of(film, shot, numbers)),
            },
            None => same(slate("Shot missing", "This shot is no longer in the film.")),
        },
        ClipSource::Take(id) => match film.takes.get(*id) {
            Some(take) => Some(Picture::of_take(take)),
            None => same(slate("Take missing", "This take is no longer in the film.")),
        },
        ClipSource::Media(id) => {
            let Some(media) = film.media.get(*id) else {
                return same(slate("File missing", "This file is no longer in the film."));
            };
            match media.kind {
                MediaKind::Sound => None,
                _ if media.withdrawn => same(slate("Consent taken back", "This recording is not shown any more.")),
                MediaKind::Picture => same(PictureSource::Movie { blob: media.blob, frame: 0 }),
                MediaKind::Movie => {
                    let rate = media.rate.unwrap_or(film.settings.rate);
                    let frames = rate.nearest_frame(media.length).clamp(1, i64::from(u32::MAX));
                    Some(Picture::Movie { blob: media.blob, rate, frames: u32::try_from(frames).unwrap_or(1) })
                }
            }
        }
        ClipSource::Line { .. } | ClipSource::Ambience(_) => None,
        ClipSource::Title(title) => same(PictureSource::Title(title.clone())),
        ClipSource::Colour(rgb) => same(PictureSource::Colour(*rgb)),
    }
}

/// What is heard of a clip.
pub(super) fn sound_of(film: &Film, speeches: &Speeches<'_>, clip: &Clip) -> Option<Sound> {
    let of_take = |take: &Take| Sound {
        source: SoundSource::File(take.blob),
        length: take.rate.frame_start(i64::from(take.frames)),
    };
    match &clip.source {
        ClipSource::Shot(id) => film.shots.get(*id)?.chosen_take.and_then(|take| film.takes.get(take)).map(of_take),
        ClipSource::Take(id) => film.takes.get(*id).map(of_take),
        ClipSource::Media(id) => {
            let media = film.media.get(*id)?;
            if media.withdrawn {
                return None;
            }
            let heard = media.kind == MediaKind::Sound || (media.kind == MediaKind::Movie && media.has_sound);
            heard.then_some(Sound { source: SoundSource::File(media.blob), length: media.length })
        }
        ClipSource::Line { shot, line } => {
            let media = speeches.get(*shot, *line)?.spoken?;
            Some(Sound { source: SoundSource::File(media.blob), length: media.length })
        }
        ClipSource::Ambience(ambience) => {
            Some(Sound { source: SoundSource::Ambience(*ambience), length: Ticks(limits::FILM_TICKS) })
        }
        ClipSource::Title(_) | ClipSource::Colour(_) => None,
    }
}

impl Picture {
    fn of_take(take: &Take) -> Self {
        Self::Movie { blob: take.blob, rate: take.rate, frames: take.frames.max(1) }
    }

    /// The picture at `time` of the source, held at both ends.
    pub fn at(&self, time: Ticks) -> PictureSource {
        match self {
            Self::Movie { blob, rate, frames } => {
                let last = i64::from(frames.saturating_sub(1));
                let frame = rate.frame_at(time).clamp(0, last);
                PictureSource::Movie { blob: *blob, frame: u32::try_from(frame).unwrap_or(0) }
            }
            Self::Same(source) => source.clone(),
        }
    }
}

fn slate(heading: &str, text: &str) -> PictureSource {
    PictureSource::Slate { heading: heading.to_owned(), text: text.to_owned() }
}

fn slate_of(film: &Film, shot: &Shot, numbers: &BTreeMap<ShotId, String>) -> PictureSource {
    let text = compose(film, shot).text;
    let text = if text.is_empty() { "not generated yet".to_owned() } else { text };
    PictureSource::Slate { heading: numbers.get(&shot.id).cloned().unwrap_or_default(), text }
}

/// Time in the source after `elapsed` of the clip.
pub(crate) fn source_time(source_in: Ticks, elapsed: Ticks, speed_permille: u32) -> Ticks {
    source_in + scaled(elapsed, speed_permille)
}

/// Source time that passes in `elapsed` of film time (rounds down).
pub(crate) fn scaled(elapsed: Ticks, speed_permille: u32) -> Ticks {
    let ticks = (i128::from(elapsed.0) * i128::from(speed_permille)).div_euclid(1000);
    Ticks(i64::try_from(ticks).unwrap_or(if ticks < 0 { i64::MIN } else { i64::MAX }))
}

/// Film time in which `source` of source time passes (rounds down).
pub fn unscaled(source: Ticks, speed_permille: u32) -> Ticks {
    let ticks = (i128::from(source.0) * 1000).div_euclid(i128::from(speed_permille.max(1)));
    Ticks(i64::try_from(ticks).unwrap_or(if ticks < 0 { i64::MIN } else { i64::MAX }))
}
