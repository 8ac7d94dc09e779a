//! What a film is made of, for the history that is signed into its file.
//!
//! Only what is seen or heard counts: a take that lies unused in the project is nobody's business. Of prompts only hashes are told unless the
//! person chose otherwise; names of files, people and the machine never are.

use crate::library::Library;
use kinora_document::plan::{SoundPiece, SoundPlan, SoundSource};
use kinora_document::{BlobHash, Clip, ClipSource, Film, Media, MediaKind, Speeches, Take, TrackKind};
use kinora_ports::provenance::{Claim, ClipClaim, ConsentClaim, MediaClaim, MediaOrigin, SourceType, TakeClaim};
use std::collections::BTreeSet;

/// What a clip is made of.
enum Material<'a> {
    Take(&'a Take),
    Media(&'a Media),
}

impl Material<'_> {
    fn blob(&self) -> BlobHash {
        match self {
            Self::Take(take) => take.blob,
            Self::Media(media) => media.blob,
        }
    }
    fn is_seen(&self) -> bool {
        match self {
            Self::Take(_) => true,
            Self::Media(media) => media.kind != MediaKind::Sound,
        }
    }
}

/// `heard` is the plan of the sound that goes into the file; None when none does.
pub fn claim(film: &Film, heard: Option<&SoundPlan>, tell_prompts: bool, library: &Library) -> Claim {
    let heard: BTreeSet<BlobHash> = heard.into_iter().flat_map(|plan| &plan.pieces).filter_map(file_of).collect();
    let speeches = Speeches::of(film);
    let mut clips: Vec<&Clip> = film.clips.iter().collect();
    clips.sort_by_key(|clip| (clip.start, clip.id));
    let mut claim = Claim {
        title: film.settings.title.clone(),
        source: SourceType::Drawn,
        takes: Vec::new(),
        media: Vec::new(),
        clips: Vec::new(),
        consents: Vec::new(),
    };
    let (mut told, mut consents) = (BTreeSet::new(), BTreeSet::new());
    for clip in clips {
        let Some(material) = material(film, &speeches, clip) else { continue };
        let shown = film.tracks.get(clip.track).is_some_and(|track| track.kind == TrackKind::Video);
        let blob = material.blob();
        if !(shown && material.is_seen() || heard.contains(&blob)) {
            continue;
        }
        claim.clips.push(ClipClaim { start: clip.start, length: clip.length, blob });
        if told.insert(blob) {
            match material {
                Material::Take(take) => {
                    consents.extend(take.cameos.iter().map(|cameo| cameo.consent));
                    claim.takes.push(take_claim(film, take, tell_prompts));
                }
                Material::Media(media) => {
                    consents.extend(media.cameo.map(|cameo| cameo.consent));
                    claim.media.push(media_claim(media, library));
                }
            }
        }
    }
    claim.consents = consents.into_iter().map(|record| ConsentClaim { record }).collect();
    claim.source = source(&claim);
    claim
}

fn material<'a>(film: &'a Film, speeches: &Speeches<'a>, clip: &Clip) -> Option<Material<'a>> {
    match &clip.source {
        ClipSource::Shot(id) => film.takes.get(film.shots.get(*id)?.chosen_take?).map(Material::Take),
        ClipSource::Take(id) => film.takes.get(*id).map(Material::Take),
        ClipSource::Media(id) => film.media.get(*id).map(Material::Media),
        ClipSource::Line { shot, line } => speeches.get(*shot, *line)?.spoken.map(Material::Media),
        // An ambience is played by rule; no model and nobody made it.
        ClipSource::Title(_) | ClipSource::Colour(_) | ClipSource::Ambience(_) => None,
    }
}

const fn file_of(piece: &SoundPiece) -> Option<BlobHash> {
    match &piece.source {
        SoundSource::File(blob) => Some(*blob),
        SoundSource::Ambience(_) => None,
    }
}

fn take_claim(film: &Film, take: &Take, tell_prompts: bool) -> TakeClaim {
    TakeClaim {
        blob: take.blob,
        key: take.key,
        model: take.engine.clone(),
        weights: take.model,
        prompt_hash: BlobHash(*blake3::hash(take.prompt.as_bytes()).as_bytes()),
        prompt: tell_prompts.then(|| take.prompt.clone()),
        seed: take.seed,
        size: take.size,
        rate: take.rate,
        frames: take.frames,
        parent: take.parent.and_then(|parent| film.takes.get(parent)).map(|parent| parent.blob),
    }
}

fn media_claim(media: &Media, library: &Library) -> MediaClaim {
    let (origin, voice) = match &media.speech {
        Some(speech) => (MediaOrigin::Spoken, Some(speech.voice.clone())),
        None if media.cameo.is_some() => (MediaOrigin::Recorded, None),
        None => (MediaOrigin::Imported, None),
    };
    let path = if origin == MediaOrigin::Imported { library.path(media.blob) } else { None };
    MediaClaim { blob: media.blob, kind: media.kind, origin, voice, path }
}

/// All of it together. Speech counts as generated: nobody said it.
fn source(claim: &Claim) -> SourceType {
    let any = |wanted: MediaOrigin| claim.media.iter().any(|media| media.origin == wanted);
    let generated = !claim.takes.is_empty() || any(MediaOrigin::Spoken);
    match (generated, any(MediaOrigin::Recorded), any(MediaOrigin::Imported)) {
        (true, false, false) => SourceType::Generated,
        (true, _, _) => SourceType::Mixed,
        (false, _, true) => SourceType::Imported,
        (false, true, false) => SourceType::Recorded,
        (false, false, false) => SourceType::Drawn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(origin: MediaOrigin) -> MediaClaim {
        MediaClaim { blob: BlobHash([0; 32]), kind: MediaKind::Movie, origin, voice: None, path: None }
    }

    #[test]
    fn the_source_type_is_that_of_everything_together() {
        let sample = kinora_ports::fakes::sample_claim();
        let of = |generated: bool, origins: &[MediaOrigin]| {
            let takes = if generated { sample.takes.clone() } else { Vec::new() };
            let media = origins.iter().copied().map(media).collect();
            source(&Claim { takes, media, ..sample.clone() })
        };
        use MediaOrigin::{Imported, Recorded, Spoken};
        assert_eq!(of(true, &[]), SourceType::Generated);
        assert_eq!(of(true, &[Spoken]), SourceType::Generated);
        assert_eq!(of(false, &[Spoken]), SourceType::Generated);
        assert_eq!(of(true, &[Recorded]), SourceType::Mixed);
        assert_eq!(of(true, &[Imported]), SourceType::Mixed);
        assert_eq!(of(false, &[Recorded, Spoken]), SourceType::Mixed);
        assert_eq!(of(false, &[Recorded]), SourceType::Recorded);
        assert_eq!(of(false, &[Recorded, Imported]), SourceType::Imported);
        assert_eq!(of(false, &[]), SourceType::Drawn);
    }
}
