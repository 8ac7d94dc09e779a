//! A new film: empty, with the tracks every film begins with.
//!
//! One video track for the story, one above it for titles, three for sound and one for captions. It never mints an id itself.

use crate::film::{Film, FrameSize, Track, TrackKind};
use crate::id::{Mint, TrackId};
use crate::mix::TrackMix;
use crate::time::FrameRate;

/// The usual tracks, bottom first.
const TRACKS: [(TrackKind, &str); 6] = [
    (TrackKind::Video, "V1"),
    (TrackKind::Video, "V2 Titles"),
    (TrackKind::Dialogue, "Dialogue"),
    (TrackKind::Effects, "Effects"),
    (TrackKind::Music, "Music"),
    (TrackKind::Captions, "Captions"),
];

/// An empty film with the usual tracks.
pub fn new_film(title: &str, size: FrameSize, rate: FrameRate, ids: &mut dyn Mint) -> Film {
    let mut film = Film::empty(title);
    film.settings.size = size;
    film.settings.rate = rate;
    for (at, (kind, name)) in TRACKS.into_iter().enumerate() {
        film.tracks.insert(at, new_track(TrackId::mint(ids), kind, name));
    }
    film
}

pub(super) fn new_track(id: TrackId, kind: TrackKind, name: &str) -> Track {
    Track {
        id,
        kind,
        name: name.to_owned(),
        muted: false,
        solo: false,
        locked: false,
        gain_millibels: 0,
        mix: TrackMix::default(),
    }
}
