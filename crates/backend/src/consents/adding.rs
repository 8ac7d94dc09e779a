//! A cameo comes to be: files are looked at, sealed, and put on record with the consent they may be used under.
//!
//! Either the subject is here and consents now, signed with this device's key, or the recording is somebody else's and comes with their
//! signed consent file, which names its hash. The record is written last: without it, what is in the vault is good for nothing. What was not
//! checked is written down as such.

use super::Consents;
use super::frames;
use super::records::refused;
use crate::pictures::reference_png;
use crate::problem::Trouble;
use kinora_consent::{Checks, Consent, Entry, Ledger, SignedConsent};
use kinora_document::{BlobHash, CameoId, CameoKind, MediaKind, Terms};
use kinora_ports::{Fault, Movie};
use std::path::{Path, PathBuf};

/// Sealed names begin so.
pub const PICTURE: &str = "picture-";
pub const RECORDING: &str = "recording-";
/// Ten minutes of a good camera; each file is read into memory to be sealed.
const RECORDING_BYTES: u64 = 2 << 30;
const FILES: usize = kinora_api::CAMEO_FILES;

#[derive(Clone, Debug)]
pub struct NewCameo {
    pub kind: CameoKind,
    pub name: String,
    /// Who consents: the person, or the owner or maker of a pet, toy or drawing.
    pub given_by: String,
    pub terms: Terms,
    pub attestation: Option<String>,
    pub files: Vec<PathBuf>,
}

/// Films that were recorded here, by the person who consents.
#[derive(Debug)]
pub struct RecordedCameo {
    pub name: String,
    pub terms: Terms,
    pub attestation: Option<String>,
    /// Whole MP4s, in memory alone.
    pub films: Vec<Vec<u8>>,
    pub checks: Checks,
}

/// What was found in the files.
#[derive(Default)]
struct Looked {
    recordings: Vec<(String, Vec<u8>)>,
    hashes: Vec<BlobHash>,
    pictures: Vec<Vec<u8>>,
    seen: Vec<String>,
}

impl Looked {
    fn take(&mut self, movie: &mut dyn Movie, bytes: Vec<u8>, ending: &str) -> Result<(), Trouble> {
        let info = movie.info().clone();
        for picture in frames::best(movie)? {
            self.pictures.push(reference_png(&picture)?);
        }
        let number = self.recordings.len() + 1;
        self.seen.push(match info.kind {
            MediaKind::Movie => format!(
                "Recording {number} plays: {} pictures, {} sound.",
                info.frames,
                if info.has_sound { "with" } else { "without" }
            ),
            MediaKind::Picture => format!("Recording {number} is a picture that can be read."),
            MediaKind::Sound => format!("Recording {number} is a sound that can be read."),
        });
        self.hashes.push(BlobHash(*blake3::hash(&bytes).as_bytes()));
        self.recordings.push((format!("{RECORDING}{number}{ending}"), bytes));
        Ok(())
    }

    fn has_pictures(&self) -> Result<(), Trouble> {
        if !self.pictures.is_empty() {
            return Ok(());
        }
        Err(Trouble::refuse(
            "cameo.no_picture",
            "There is no picture in these files.",
            "Add a clip or a picture that shows it.",
        ))
    }
}

impl Consents {
    /// The subject, or whoever the toy belongs to, consents here and now.
    pub fn add(&self, new: NewCameo) -> Result<CameoId, Trouble> {
        if new.kind == CameoKind::Person && !new.given_by.trim().eq_ignore_ascii_case(new.name.trim()) {
            return Err(Trouble::refuse(
                "consent.somebody_else",
                format!("{} cannot consent for {}.", new.given_by.trim(), new.name.trim()),
                "Ask the person in the recording for their signed consent file and bring it in with the recording.",
            ));
        }
        self.attested(&new.name, new.attestation.as_deref())?;
        let looked = self.look(&new.files)?;
        let checks = Checks { verified: looked.seen.clone(), not_verified: unchecked(new.kind) };
        let names = (new.name.as_str(), new.given_by.as_str());
        self.give(new.kind, names, new.terms, new.attestation, &looked, checks)
    }

    /// Recorded here and now by the person themselves; `checks` say what of it was checked.
    pub(crate) fn add_recorded(&self, new: RecordedCameo) -> Result<CameoId, Trouble> {
        self.attested(&new.name, new.attestation.as_deref())?;
        let mut looked = Looked::default();
        for film in new.films {
            let mut movie = self.tools.decoder.open_bytes(film.clone().into())?;
            looked.take(movie.as_mut(), film, ".mp4")?;
        }
        looked.has_pictures()?;
        let verified = [looked.seen.clone(), new.checks.verified].concat();
        let checks = Checks { verified, not_verified: new.checks.not_verified };
        let names = (new.name.as_str(), new.name.as_str());
        self.give(CameoKind::Person, names, new.terms, new.attestation, &looked, checks)
    }

    /// The consent of whoever is here, signed with this device's key, and what it is for sealed.
    fn give(
        &self,
        kind: CameoKind,
        names: (&str, &str),
        terms: Terms,
        attestation: Option<String>,
        looked: &Looked,
        checks: Checks,
    ) -> Result<CameoId, Trouble> {
        let cameo = CameoId(self.tools.entropy.random_u128());
        let signed = {
            let mut state = self.lock();
            let now = {
                let heads = state.records.heads()?;
                state.records.now(&heads)
            };
            let key = state.records.key()?;
            let attestation = attestation.filter(|text| !text.trim().is_empty());
            let hashes = looked.hashes.clone();
            let consent = Consent::new(cameo, kind, names, key.public(), hashes, terms, now, checks, attestation);
            SignedConsent::sign(consent, key).map_err(refused)?
        };
        self.keep(cameo, looked, Entry::Given { consent: signed })?;
        Ok(cameo)
    }

    /// Somebody else's recording, with the consent file they signed. The file has to be of exactly these recordings.
    pub fn add_from_file(&self, consent_file: &[u8], files: &[PathBuf]) -> Result<CameoId, Trouble> {
        let signed = SignedConsent::read(consent_file).map_err(refused)?;
        let said = signed.consent();
        self.attested(&said.name, said.attestation.as_deref())?;
        let looked = self.look(files)?;
        if looked.hashes != said.recordings {
            return Err(Trouble::refuse(
                "consent.other_recording",
                "The consent file is for other recordings than these.",
                "Choose exactly the files that came with it, in their order.",
            ));
        }
        let cameo = said.cameo;
        self.keep(cameo, &looked, Entry::Taken { consent: signed })?;
        Ok(cameo)
    }

    /// A newer consent of the same subject takes the place of the one on record.
    pub fn renew(&self, cameo: CameoId, terms: Terms, attestation: Option<String>) -> Result<BlobHash, Trouble> {
        let _held = self.tools.vault.hold()?;
        let mut state = self.lock();
        let heads = state.records.heads()?;
        let ledger = state.records.ledger(&heads, cameo)?;
        let Some(before) = ledger.current().map(|standing| standing.signed.consent().clone()) else {
            return Err(refused(kinora_consent::Denied::Missing));
        };
        let attestation = attestation.filter(|text| !text.trim().is_empty()).or(before.attestation.clone());
        self.attested(&before.name, attestation.as_deref())?;
        let now = state.records.now(&heads).max(before.at_millis + 1);
        let key = state.records.key()?;
        if before.key != key.public() {
            return Err(Trouble::refuse(
                "consent.somebody_else",
                format!("Only {} can give a new consent.", before.given_by),
                "Ask for a new signed consent file and bring it in.",
            ));
        }
        let names = (before.name.as_str(), before.given_by.as_str());
        let (kind, recordings, checks) = (before.kind, before.recordings.clone(), before.checks.clone());
        let consent = Consent::new(cameo, kind, names, key.public(), recordings, terms, now, checks, attestation);
        let signed = SignedConsent::sign(consent, key).map_err(refused)?;
        let hash = signed.hash();
        state.records.append(cameo, Entry::Given { consent: signed })?;
        Ok(hash)
    }

    /// A newer signed consent for a cameo that is here.
    pub fn take_consent(&self, consent_file: &[u8]) -> Result<CameoId, Trouble> {
        let signed = SignedConsent::read(consent_file).map_err(refused)?;
        let said = signed.consent();
        self.attested(&said.name, said.attestation.as_deref())?;
        let cameo = said.cameo;
        let ledger = self.ledger(cameo).map_err(|trouble| {
            if trouble.0.rule == "consent.missing" {
                Trouble::refuse(
                    "consent.no_recording",
                    "This consent is for a cameo whose recording is not on this machine.",
                    "Add the recording together with the consent file.",
                )
            } else {
                trouble
            }
        })?;
        if ledger.current().is_some_and(|standing| standing.signed.consent().recordings != said.recordings) {
            return Err(Trouble::refuse(
                "consent.other_recording",
                "The consent file is for other recordings than the ones here.",
                "Add those recordings together with the consent file.",
            ));
        }
        self.append(cameo, Entry::Taken { consent: signed })?;
        Ok(cameo)
    }

    /// The names of people on the protected list need their own word that they are that person.
    fn attested(&self, name: &str, attestation: Option<&str>) -> Result<(), Trouble> {
        let listed = !self.tools.gate.people_named(name)?.is_empty();
        if !listed || attestation.is_some_and(|text| !text.trim().is_empty()) {
            return Ok(());
        }
        Err(Trouble::refuse(
            "consent.attestation",
            format!("{} is the name of somebody on the list of protected people.", name.trim()),
            "If you are that person, or bear the same name, say so in your own words; what you say is signed with the consent.",
        ))
    }

    fn look(&self, files: &[PathBuf]) -> Result<Looked, Trouble> {
        if files.is_empty() || files.len() > FILES {
            return Err(Trouble::refuse(
                "cameo.files",
                format!("A cameo has between one and {FILES} recordings or pictures."),
                "Choose the ones that show it best.",
            ));
        }
        let mut looked = Looked::default();
        for path in files {
            let bytes = read(path)?;
            let mut movie = self.tools.decoder.open(path)?;
            looked.take(movie.as_mut(), bytes, &ending(path))?;
        }
        looked.has_pictures()?;
        Ok(looked)
    }

    fn keep(&self, cameo: CameoId, looked: &Looked, entry: Entry) -> Result<Ledger, Trouble> {
        let vault = &self.tools.vault;
        let _held = vault.hold()?;
        // Whether the entry may be written at all, before anything is sealed.
        vault.create(cameo)?;
        let sealed = looked
            .recordings
            .iter()
            .try_for_each(|(name, bytes)| vault.write(cameo, name, bytes))
            .and_then(|()| {
                let mut best = looked.pictures.iter().take(frames::KEPT).enumerate();
                best.try_for_each(|(number, png)| vault.write(cameo, &format!("{PICTURE}{number}.png"), png))
            })
            .map_err(Trouble::from);
        sealed.and_then(|()| self.lock().records.begin(cameo, entry)).inspect_err(|_| {
            // Nothing is on record, so nothing is kept.
            let _ = vault.destroy(cameo);
        })
    }
}

/// What this version cannot know of a recording.
fn unchecked(kind: CameoKind) -> Vec<String> {
    let said: &[&str] = match kind {
        CameoKind::Person => &[
            "That the person in the recording is the one who consents: nothing compares faces or voices.",
            "That the recording was made live and for this consent: no challenge was spoken.",
            "That the pictures chosen show a face from the front: only sharpness and light were judged.",
        ],
        CameoKind::Pet | CameoKind::Toy | CameoKind::Drawing => &[
            "That whoever consents owns or made what is shown.",
            "That the pictures chosen show it well: only sharpness and light were judged.",
        ],
    };
    said.iter().map(|text| (*text).to_owned()).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, Trouble> {
    let failed = |error: std::io::Error| {
        Trouble::from(Fault::new(
            format!("{} could not be read ({error}).", path.display()),
            "Check the path and that you may read the file.",
            error,
        ))
    };
    if std::fs::metadata(path).map_err(failed)?.len() > RECORDING_BYTES {
        return Err(Trouble::refuse(
            "cameo.too_long",
            format!("{} is longer than the 2 GB a recording may have.", path.display()),
            "Trim it, or record it again.",
        ));
    }
    std::fs::read(path).map_err(failed)
}

/// ".mp4": what it is exported as again.
fn ending(path: &Path) -> String {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    let plain = !ending.is_empty() && ending.len() <= 8 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain { format!(".{ending}") } else { String::new() }
}
