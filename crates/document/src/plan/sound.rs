//! Everything that is heard, on the film's clock.
//!
//! Takes and movies bring their own sound on the span of their clips; a transition on a clip also cross-fades what is heard, using
//! the sound that goes on after the cut. Muted tracks are silent; when any track is solo, only solo tracks are heard.

use super::source::{sound_of, unscaled};
use super::{SoundPiece, SoundPlan, SoundTrack};
use crate::film::{Clip, Film, Track, TrackKind};
use crate::speech::Speeches;
use crate::time::Ticks;
use std::collections::BTreeMap;

/// Every piece of sound of the film, in order of start.
pub fn sound_plan(film: &Film) -> SoundPlan {
    let solo = film.tracks.iter().any(|track| track.solo);
    let heard = |track: &Track| track.kind != TrackKind::Captions && !track.muted && (track.solo || !solo);
    let mut by_track: BTreeMap<_, Vec<&Clip>> = BTreeMap::new();
    for clip in film.clips.iter() {
        by_track.entry(clip.track).or_default().push(clip);
    }
    let speeches = Speeches::of(film);
    let (mut tracks, mut pieces) = (Vec::new(), Vec::new());
    for track in film.tracks.iter().filter(|track| heard(track)) {
        let mut clips = by_track.remove(&track.id).unwrap_or_default();
        clips.sort_by_key(|clip| (clip.start, clip.id));
        tracks.push(SoundTrack {
            is_speech: track.kind == TrackKind::Dialogue,
            gain_millibels: track.gain_millibels,
            mix: track.mix.clone(),
        });
        for (at, clip) in clips.iter().enumerate() {
            let Some(sound) = sound_of(film, &speeches, clip) else { continue };
            let next = clips.get(at + 1).filter(|next| next.start == clip.start + clip.length);
            let mix_out = next.and_then(|next| mix_length(next)).unwrap_or(Ticks::ZERO);
            let available = unscaled((sound.length - clip.source_in).max(Ticks::ZERO), clip.speed_permille);
            let length = (clip.length + mix_out).min(available);
            if length <= Ticks::ZERO {
                continue;
            }
            let overlap = (length - clip.length).max(Ticks::ZERO);
            pieces.push(SoundPiece {
                track: tracks.len() - 1,
                source: sound.source,
                start: clip.start,
                length,
                source_in: clip.source_in,
                speed_permille: clip.speed_permille,
                gain_millibels: clip.gain_millibels,
                mix: clip.mix.clone(),
                fade_in: clip.fade_in.max(mix_length(clip).unwrap_or(Ticks::ZERO)).min(length),
                fade_out: clip.fade_out.max(overlap).min(length),
            });
        }
    }
    pieces.sort_by_key(|piece| piece.start);
    SoundPlan { length: film.length(), tracks, pieces }
}

/// How long this clip is mixed with what was before it.
fn mix_length(clip: &Clip) -> Option<Ticks> {
    let transition = clip.transition.as_ref().filter(|transition| transition.kind != "cut")?;
    let length = transition.length.min(clip.length);
    (length > Ticks::ZERO).then_some(length)
}
