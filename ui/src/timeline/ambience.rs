//! What the studio can play, by the names a person reads, and where a new ambience goes.
//!
//! It plans commands from a film and a time; it draws nothing and asks nothing.

use crate::lang::t;
use kinora_document::{Ambience, AmbienceVoice, Clip, ClipSource, Command, Film, Ticks, Track, TrackKind};

/// What the window calls something, in the language it speaks.
type Name = fn() -> &'static str;

pub const VOICES: [(AmbienceVoice, Name, &str); 14] = [
    (AmbienceVoice::Rain, || t("ambience-rain"), "rain"),
    (AmbienceVoice::Wind, || t("ambience-wind"), "wind"),
    (AmbienceVoice::Water, || t("ambience-water"), "water"),
    (AmbienceVoice::Snow, || t("ambience-snow"), "snow"),
    (AmbienceVoice::Crowd, || t("ambience-crowd"), "crowd"),
    (AmbienceVoice::Engine, || t("ambience-engine"), "engine"),
    (AmbienceVoice::Birds, || t("ambience-birds"), "birds"),
    (AmbienceVoice::Insects, || t("ambience-insects"), "insects"),
    (AmbienceVoice::Hum, || t("ambience-hum"), "hum"),
    (AmbienceVoice::Whoosh, || t("ambience-whoosh"), "whoosh"),
    (AmbienceVoice::Footsteps, || t("ambience-footsteps"), "footsteps"),
    (AmbienceVoice::Impact, || t("ambience-impact"), "impact"),
    (AmbienceVoice::Bell, || t("ambience-bell"), "bell"),
    (AmbienceVoice::Call, || t("ambience-call"), "call"),
];

pub fn ambience_name(voice: AmbienceVoice) -> &'static str {
    VOICES.iter().find(|(known, ..)| *known == voice).map_or("", |(_, name, _)| name())
}

/// From a time on until its scene ends: the story's clips of the scene that is seen there.
fn rest_of_scene(film: &Film, at: Ticks) -> Option<Ticks> {
    let story = film.tracks.iter().find(|track| track.kind == TrackKind::Video)?.id;
    let scene_of = |clip: &Clip| match &clip.source {
        ClipSource::Shot(shot) => film.shots.get(*shot).map(|shot| shot.scene),
        ClipSource::Take(take) => film.shots.get(film.takes.get(*take)?.shot).map(|shot| shot.scene),
        _ => None,
    };
    let mut clips: Vec<&Clip> = film.clips.iter().filter(|clip| clip.track == story).collect();
    clips.sort_by_key(|clip| clip.start);
    let place = clips.iter().position(|clip| clip.start <= at && at < clip.start + clip.length)?;
    let scene = scene_of(clips.get(place)?)?;
    let last = clips.iter().skip(place).take_while(|clip| scene_of(clip) == Some(scene)).last()?;
    Some(last.start + last.length - at)
}

/// Where there is no scene: this long.
const USUAL_LENGTH: Ticks = Ticks::from_seconds(5);

/// Puts an ambience at a time until its scene ends, on the first effects track that is free there; None when none is.
pub fn ambience_at(film: &Film, voice: AmbienceVoice, at: Ticks) -> Option<Command> {
    let length = rest_of_scene(film, at).unwrap_or(USUAL_LENGTH);
    let free = |track: &&Track| {
        let mut there = film.clips.iter().filter(|clip| clip.track == track.id);
        track.kind == TrackKind::Effects
            && !track.locked
            && there.all(|clip| clip.start + clip.length <= at || at + length <= clip.start)
    };
    let track = film.tracks.iter().find(free)?.id;
    let source = ClipSource::Ambience(Ambience::new(voice));
    Some(Command::OverwriteClip { track, at, source, source_in: Ticks::ZERO, length })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::hands::tests::film;

    #[test]
    fn every_voice_has_a_name() {
        for voice in AmbienceVoice::ALL {
            assert!(!ambience_name(voice).is_empty(), "{voice:?}");
        }
        assert_eq!(VOICES.len(), AmbienceVoice::ALL.len());
    }

    #[test]
    fn without_an_effects_track_there_is_no_room() {
        assert_eq!(ambience_at(&film(), AmbienceVoice::Rain, Ticks::ZERO), None);
        let mut film = kinora_document::new_film(
            "Film",
            kinora_document::FrameSize { width: 64, height: 64 },
            kinora_document::FrameRate::FPS_24,
            &mut {
                let mut next = 0u128;
                move || {
                    next += 1;
                    next
                }
            },
        );
        let at = Ticks::from_seconds(2);
        let Some(Command::OverwriteClip { at: start, length, track, source, .. }) =
            ambience_at(&film, AmbienceVoice::Rain, at)
        else {
            panic!("there is room")
        };
        assert_eq!((start, length), (at, USUAL_LENGTH));
        let clip = Clip::new(kinora_document::ClipId(1), track, start, length, source);
        let put = kinora_document::Op::Insert { at: 0, entity: kinora_document::Entity::Clip(clip) };
        film.apply(&kinora_document::Patch(vec![put])).expect("it fits");
        assert_eq!(ambience_at(&film, AmbienceVoice::Wind, at), None, "it is taken");
    }
}
