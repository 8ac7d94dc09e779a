//! A recorded cameo in the film: a clip cut out of its surroundings as a layer, and its voice on a track of its own.
//!
//! The recording stays in the vault. The film names it with the consent it is shown under, and each time it is opened the ledger is asked: a
//! consent that ended, was taken back or is another machine's shows nothing. Nothing of it is ever copied into the project.

use crate::library::Unseal;
use crate::problem::Trouble;
use crate::studio::OpenFilm;
use kinora_api::{CutOut, PlaceCameo, Placed};
use kinora_document::{
    ClipId, ClipSource, Command, Effect, Film, GestureId, Media, MediaId, MediaKind, Ticks, TrackId, TrackKind, limits,
};
use kinora_ports::{PortError, Refusal};
use std::collections::BTreeMap;
use std::sync::Arc;

impl OpenFilm {
    /// The way from a film's names of recordings to what they show: through the ledger.
    pub(crate) fn unseal(&self) -> Arc<Unseal> {
        let (session, consents) = (self.session.clone(), self.tools.consents.clone());
        Arc::new(move |blob| {
            let film = session.film();
            let Some(using) = film.media.iter().find(|media| media.blob == blob).and_then(|media| media.cameo) else {
                return Ok(None);
            };
            let recording = consents.permit(using).and_then(|consented| consents.recording(&consented, blob));
            recording.map(Some).map_err(|Trouble(problem)| {
                PortError::Refused(Refusal::new(&problem.rule, problem.what, problem.remedy))
            })
        })
    }

    /// Every recording that the film shows may be shown now.
    pub(crate) fn permit_recordings(&self, film: &Film) -> Result<(), Trouble> {
        let shown = film.clips.iter().filter_map(|clip| match clip.source {
            ClipSource::Media(media) => film.media.get(media)?.cameo,
            _ => None,
        });
        shown.into_iter().try_for_each(|using| self.tools.consents.permit(using).map(drop))
    }

    /// Refused without a consent that holds for that purpose.
    pub fn place_cameo(&self, request: &PlaceCameo) -> Result<Placed, Trouble> {
        let consents = &self.tools.consents;
        let (using, recordings) = consents.newest(request.cameo, request.purpose)?;
        let consented = consents.permit(using)?;
        let blob = recordings.get(request.recording).copied().ok_or_else(|| {
            Trouble::refuse(
                "cameo.no_recording",
                format!("{} has {} recordings.", consented.name(), recordings.len()),
                "Choose one of those that the Cameo room lists.",
            )
        })?;
        let movie = self.tools.decoder.open_bytes(consents.recording(&consented, blob)?)?;
        let info = movie.info();
        let known = self
            .session
            .film()
            .media
            .iter()
            .find(|media| media.blob == blob && media.cameo == Some(using))
            .map(|m| m.id);
        let media = match known {
            Some(media) => media,
            None => {
                let media = Media {
                    id: MediaId(self.tools.entropy.random_u128()),
                    name: format!("{}, {}", consented.name(), request.recording + 1),
                    blob,
                    thumbnail: None,
                    kind: info.kind,
                    length: info.length,
                    size: info.size,
                    rate: info.rate,
                    has_sound: info.has_sound,
                    speech: None,
                    cameo: Some(using),
                    withdrawn: false,
                    dubs: None,
                };
                let id = media.id;
                self.session.record(&Command::AddMedia { media: Box::new(media) })?;
                id
            }
        };
        let seen = info.kind != MediaKind::Sound;
        let (kind, voiced) = (if seen { TrackKind::Video } else { TrackKind::Dialogue }, seen && info.has_sound);
        let length = if info.kind == MediaKind::Picture { STILL } else { info.length };
        let place = Place { at: request.at, length, source: ClipSource::Media(media) };
        let mut gesture = None;
        let clip = self.put(kind, consented.name(), &place, &mut gesture)?;
        if seen && request.cut_out == CutOut::ChromaKey {
            let effect = Effect { kind: "chroma_key".to_owned(), parameters: BTreeMap::new(), plate: None };
            self.session.edit(&Command::SetClipEffects { clip, effects: vec![effect] }, gesture)?;
        }
        let mut voice = None;
        if voiced {
            // Heard from its own track alone.
            let (gain_millibels, none) = (limits::GAIN_MILLIBELS_LOWEST, Ticks::ZERO);
            let silent = Command::SetClipSound { clip, gain_millibels, fade_in: none, fade_out: none };
            self.session.edit(&silent, gesture)?;
            voice = Some(self.put(TrackKind::Dialogue, consented.name(), &place, &mut gesture)?);
        }
        let film = self.session.film();
        consents.note_use(&consented, blob, &film.settings.title, &format!("recording {}", request.recording + 1))?;
        Ok(Placed { clip, voice })
    }

    /// On a track that is free there and lies above what the film shows, or on a new one.
    fn put(
        &self,
        kind: TrackKind,
        name: &str,
        place: &Place,
        gesture: &mut Option<GestureId>,
    ) -> Result<ClipId, Trouble> {
        let track = match free_track(&self.session.film(), kind, place) {
            Some(track) => track,
            None => {
                let edited = self.session.edit(&Command::AddTrack { kind, name: name.to_owned() }, *gesture)?;
                *gesture = Some(edited.gesture);
                free_track(&self.session.film(), kind, place).ok_or_else(|| {
                    Trouble::refuse("track.none", "There is no track to put it on.", "Unlock a track, or add one.")
                })?
            }
        };
        let Place { at, length, source } = place.clone();
        let command = Command::OverwriteClip { track, at, source, source_in: Ticks::ZERO, length };
        let edited = self.session.edit(&command, *gesture)?;
        *gesture = Some(edited.gesture);
        let film = self.session.film();
        let clip = film.clips.iter().find(|clip| clip.track == track && clip.start == at).map(|clip| clip.id);
        clip.ok_or_else(|| Trouble::refuse("clip.gone", "The clip is no longer in the film.", "Place it again."))
    }
}

/// How long a picture is shown.
const STILL: Ticks = Ticks(5 * Ticks::PER_SECOND);

#[derive(Clone)]
struct Place {
    at: Ticks,
    length: Ticks,
    source: ClipSource,
}

/// The uppermost track of that kind, when nothing is there; pictures never go onto the lowest, which is the film itself.
fn free_track(film: &Film, kind: TrackKind, place: &Place) -> Option<TrackId> {
    let own: Vec<TrackId> =
        film.tracks.iter().filter(|track| track.kind == kind && !track.locked).map(|track| track.id).collect();
    let spare = if kind == TrackKind::Video { own.get(1..)? } else { own.as_slice() };
    let last = *spare.last()?;
    let end = place.at + place.length;
    let there =
        |clip: &&kinora_document::Clip| clip.track == last && clip.start < end && place.at < clip.start + clip.length;
    (!film.clips.iter().any(|clip| there(&clip))).then_some(last)
}
