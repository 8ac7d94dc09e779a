//! What a film is made of, for the history that is signed into its file.
//!
//! Only what is seen or heard counts: a take that lies unused in the project is nobody's business. Of prompts only hashes are told unless the
//! person chose otherwise; names of files, people and the machine never are. A file that was signed before is asked what it says of itself,
//! so that a generated film stays generated however often it is imported and exported, and a recording a recording.

use crate::library::Library;
use crate::problem::Trouble;
use kinora_document::plan::{SoundPiece, SoundPlan, SoundSource};
use kinora_document::{BlobHash, Clip, ClipSource, Film, Media, MediaKind, Speeches, Take, TrackKind};
use kinora_ports::provenance::{
    Claim, ClipClaim, ConsentClaim, MediaClaim, MediaOrigin, SourceType, TakeClaim, Verdict,
};
use kinora_ports::{Fault, Provenance};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
pub fn claim(
    film: &Film,
    heard: Option<&SoundPlan>,
    tell_prompts: bool,
    library: &Library,
    notary: &dyn Provenance,
) -> Claim {
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
                    claim.media.push(media_claim(media, library, notary));
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

fn media_claim(media: &Media, library: &Library, notary: &dyn Provenance) -> MediaClaim {
    let Media { blob, kind, .. } = *media;
    if let Some(speech) = &media.speech {
        let voice = Some(speech.voice.clone());
        return MediaClaim { blob, kind, origin: MediaOrigin::Spoken, voice, told: None, path: None };
    }
    if media.cameo.is_some() {
        return MediaClaim { blob, kind, origin: MediaOrigin::Recorded, voice: None, told: None, path: None };
    }
    let path = library.path(blob);
    let told = path.as_deref().and_then(|path| told(path, notary));
    let origin = if told == Some(SourceType::Recorded) { MediaOrigin::Recorded } else { MediaOrigin::Imported };
    MediaClaim { blob, kind, origin, voice: None, told, path }
}

/// What a file's own history says, when it still holds. That something was generated is believed of everybody; that it was
/// recorded only of this installation and of signers that the person trusts.
fn told(path: &Path, notary: &dyn Provenance) -> Option<SourceType> {
    let report = notary.read(path).ok().filter(|report| report.verdict == Verdict::Whole)?;
    let known = report.signer.is_some_and(|signer| signer.this_installation || signer.trusted);
    report.source.filter(|source| match source {
        SourceType::Generated | SourceType::Mixed => true,
        SourceType::Recorded => known,
        SourceType::Imported | SourceType::Drawn => false,
    })
}

/// All of it together. Speech counts as generated: nobody said it.
fn source(claim: &Claim) -> SourceType {
    let mut generated = !claim.takes.is_empty();
    let (mut recorded, mut unknown) = (false, false);
    for media in &claim.media {
        match (media.origin, media.told) {
            (MediaOrigin::Recorded, _) => recorded = true,
            (MediaOrigin::Spoken, _) | (_, Some(SourceType::Generated)) => generated = true,
            (_, Some(SourceType::Mixed)) => (generated, unknown) = (true, true),
            (MediaOrigin::Imported, _) => unknown = true,
        }
    }
    match (generated, recorded, unknown) {
        (true, false, false) => SourceType::Generated,
        (true, _, _) => SourceType::Mixed,
        (false, _, true) => SourceType::Imported,
        (false, true, false) => SourceType::Recorded,
        (false, false, false) => SourceType::Drawn,
    }
}

/// Signs a finished recording as one, so that films made of it alone can say that they were recorded. The file is replaced only by its
/// signed copy, whole; whatever goes wrong, the recording stays as it was.
pub fn sign_recording(notary: &dyn Provenance, file: &Path, kind: MediaKind) -> Result<(), Trouble> {
    let unsigned = |error: std::io::Error| {
        Fault::new(
            "The recording is kept, but it could not be signed.",
            "Check that the disk is not full. Unsigned, it counts as imported.",
            error,
        )
    };
    let mut hasher = blake3::Hasher::new();
    let read = std::fs::File::open(file).and_then(|mut bytes| std::io::copy(&mut bytes, &mut hasher));
    read.map_err(unsigned)?;
    let blob = BlobHash(*hasher.finalize().as_bytes());
    let recorded = MediaClaim { blob, kind, origin: MediaOrigin::Recorded, voice: None, told: None, path: None };
    let claim = Claim {
        title: "Recording".to_owned(),
        source: SourceType::Recorded,
        takes: Vec::new(),
        media: vec![recorded],
        clips: Vec::new(),
        consents: Vec::new(),
    };
    let mut part = file.as_os_str().to_owned();
    part.push(".signed");
    let part = PathBuf::from(part);
    let sealed = notary.seal(file, &part, &claim).map_err(Trouble::from);
    let done = sealed.and_then(|()| Ok(std::fs::rename(&part, file).map_err(unsigned)?));
    if done.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use kinora_ports::fakes::PaperNotary;

    fn media(origin: MediaOrigin, told: Option<SourceType>) -> MediaClaim {
        MediaClaim { blob: BlobHash([0; 32]), kind: MediaKind::Movie, origin, voice: None, told, path: None }
    }

    #[test]
    fn the_source_type_is_that_of_everything_together() {
        let sample = kinora_ports::fakes::sample_claim();
        let of = |generated: bool, origins: &[(MediaOrigin, Option<SourceType>)]| {
            let takes = if generated { sample.takes.clone() } else { Vec::new() };
            let media = origins.iter().map(|(origin, told)| media(*origin, *told)).collect();
            source(&Claim { takes, media, ..sample.clone() })
        };
        let imported = (MediaOrigin::Imported, None);
        let recorded = (MediaOrigin::Recorded, Some(SourceType::Recorded));
        let spoken = (MediaOrigin::Spoken, None);
        let made_before = (MediaOrigin::Imported, Some(SourceType::Generated));
        let mixed_before = (MediaOrigin::Imported, Some(SourceType::Mixed));
        assert_eq!(of(true, &[]), SourceType::Generated);
        assert_eq!(of(true, &[spoken]), SourceType::Generated);
        assert_eq!(of(false, &[spoken]), SourceType::Generated);
        assert_eq!(of(true, &[recorded]), SourceType::Mixed);
        assert_eq!(of(true, &[imported]), SourceType::Mixed);
        assert_eq!(of(false, &[recorded, spoken]), SourceType::Mixed);
        assert_eq!(of(false, &[recorded]), SourceType::Recorded);
        assert_eq!(of(false, &[recorded, imported]), SourceType::Imported);
        assert_eq!(of(false, &[made_before]), SourceType::Generated);
        assert_eq!(of(true, &[made_before]), SourceType::Generated);
        assert_eq!(of(false, &[made_before, recorded]), SourceType::Mixed);
        assert_eq!(of(false, &[made_before, imported]), SourceType::Mixed);
        assert_eq!(of(false, &[mixed_before]), SourceType::Mixed);
        assert_eq!(of(false, &[]), SourceType::Drawn);
    }

    #[test]
    fn a_recording_is_signed_as_one_and_a_copy_that_cannot_be_made_leaves_it_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("me.mp4");
        std::fs::write(&file, b"pictures").expect("written");
        sign_recording(&PaperNotary, &file, MediaKind::Movie).expect("it is signed");
        assert_eq!(told(&file, &PaperNotary), Some(SourceType::Recorded));
        let names = || std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(names(), 1, "nothing lies beside it");
        std::fs::create_dir(folder.path().join("other.mp4.signed")).expect("in the way");
        let other = folder.path().join("other.mp4");
        std::fs::write(&other, b"others").expect("written");
        assert!(sign_recording(&PaperNotary, &other, MediaKind::Movie).is_err());
        assert_eq!(std::fs::read(&other).expect("readable"), b"others");
    }
}
