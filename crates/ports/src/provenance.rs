//! A file's own history, signed: what made it, who vouches for it, and whether it was changed since.
//!
//! The backend says what a film is made of as a [`Claim`]; the adapter writes it into the finished file and signs it, and reads it back
//! from any file as a [`Report`]. A claim holds hashes, numbers and names of models; prompts only where a person chose to tell
//! them, and names of imported files never. A private key must never be part of anything here.

use crate::PortError;
use crate::media::Container;
use kinora_document::{BlobHash, FrameRate, FrameSize, MediaKind, Ticks};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where the pictures and sounds of a file come from, all together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceType {
    /// Everything came out of a model.
    Generated,
    /// Generated together with recordings or imported files.
    Mixed,
    /// Everything was recorded with a camera or a microphone.
    Recorded,
    /// Imported files, of which Kinora does not know how they were made.
    Imported,
    /// Titles and colours only.
    Drawn,
}

impl SourceType {
    pub const ALL: [Self; 5] = [Self::Generated, Self::Mixed, Self::Recorded, Self::Imported, Self::Drawn];

    /// The term of the IPTC's list of digital source types.
    pub fn term(self) -> &'static str {
        match self {
            Self::Generated => "trainedAlgorithmicMedia",
            Self::Mixed => "compositeWithTrainedAlgorithmicMedia",
            Self::Recorded => "digitalCapture",
            Self::Imported => "composite",
            Self::Drawn => "digitalCreation",
        }
    }

    pub fn address(self) -> String {
        format!("http://cv.iptc.org/newscodes/digitalsourcetype/{}", self.term())
    }

    pub fn of_address(address: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.address() == address)
    }
}

/// What a film is made of, before it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub title: String,
    pub source: SourceType,
    /// Each distinct take that is seen or heard, in order of its first use.
    pub takes: Vec<TakeClaim>,
    /// Each distinct file that is seen or heard: imported, recorded or spoken.
    pub media: Vec<MediaClaim>,
    /// What is on the timeline, in order: from when to when, and which of the above.
    pub clips: Vec<ClipClaim>,
    /// Consents of the people whose likeness is in the film.
    #[serde(default)]
    pub consents: Vec<ConsentClaim>,
}

/// One generation, with what made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeClaim {
    /// Hash (BLAKE3) of the take's lossless file.
    pub blob: BlobHash,
    /// Hash of the whole recipe: the same key is the same picture.
    pub key: BlobHash,
    pub model: String,
    /// Hash of the model's weights.
    pub weights: BlobHash,
    pub prompt_hash: BlobHash,
    /// Only when the person chose to tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    pub seed: u64,
    pub size: FrameSize,
    pub rate: FrameRate,
    pub frames: u32,
    /// The take this one goes on from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<BlobHash>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaOrigin {
    Imported,
    Recorded,
    /// A line that a voice of the studio spoke.
    Spoken,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaClaim {
    pub blob: BlobHash,
    pub kind: MediaKind,
    pub origin: MediaOrigin,
    /// The voice that spoke it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// What the signed history that it brought says of it, as far as that is believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<SourceType>,
    /// Where the file lies now, to take over the history that it brings; never written anywhere.
    #[serde(skip)]
    pub path: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClipClaim {
    pub start: Ticks,
    pub length: Ticks,
    /// The blob of a take or of a file.
    pub blob: BlobHash,
}

/// That somebody agreed to be shown, without saying who.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentClaim {
    /// Hash of the signed consent record.
    pub record: BlobHash,
}

/// Who signs on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// As in the certificate: "Kinora installation 3f9a 11c0".
    pub name: String,
    pub organisation: String,
    /// Of the certificate, SHA-256 as hexadecimal digits.
    pub fingerprint: String,
    /// Made by Kinora itself; false for a certificate that the person brought.
    pub self_made: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No signed history: nothing can be said about the file.
    Unsigned,
    /// Signed, and not changed since.
    Whole,
    /// Signed once, and changed since.
    Changed,
}

/// Who signed a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    pub name: String,
    pub organisation: String,
    /// Of the certificate, SHA-256 as hexadecimal digits.
    pub fingerprint: String,
    /// On the list of trusted signers of this machine; there is none unless the person put one there.
    pub trusted: bool,
    /// Signed with the identity of this very installation.
    pub this_installation: bool,
}

/// Something the signed history says was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionNote {
    /// As in the standard: "c2pa.created".
    pub action: String,
    pub description: String,
    /// By the clock of the machine that signed.
    pub when: Option<String>,
    /// The address of its digital source type.
    pub source: Option<String>,
}

/// Something the file is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngredientNote {
    pub title: String,
    pub description: String,
    /// It brought a signed history of its own, which is kept.
    pub signed: bool,
}

/// What was found wrong, with its code in the standard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub code: String,
    pub sentence: String,
}

/// What a file says of itself, and whether that still holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub verdict: Verdict,
    /// What kind of file it is, for people: "MP4".
    pub kind: String,
    /// False when this kind of file cannot hold a signed history at all.
    pub can_hold: bool,
    pub signer: Option<Signer>,
    /// By the clock of the machine that signed: nobody else vouches for it.
    pub made_at: Option<String>,
    /// "Kinora 0.1.0".
    pub program: Option<String>,
    pub title: Option<String>,
    pub source: Option<SourceType>,
    /// The address as written, when it is none of ours.
    pub source_address: Option<String>,
    pub actions: Vec<ActionNote>,
    pub ingredients: Vec<IngredientNote>,
    /// What Kinora wrote about takes, files and clips; None in files of other programs.
    pub claim: Option<Claim>,
    /// Empty unless the verdict is [`Verdict::Changed`].
    pub findings: Vec<Finding>,
}

impl Report {
    /// About a file of that kind, nothing more.
    pub fn unsigned(kind: &str, can_hold: bool) -> Self {
        Self {
            verdict: Verdict::Unsigned,
            kind: kind.to_owned(),
            can_hold,
            signer: None,
            made_at: None,
            program: None,
            title: None,
            source: None,
            source_address: None,
            actions: Vec::new(),
            ingredients: Vec::new(),
            claim: None,
            findings: Vec::new(),
        }
    }

    /// Changed, for this reason.
    pub fn spoilt(mut self, code: &str, sentence: impl Into<String>) -> Self {
        self.verdict = Verdict::Changed;
        self.findings.push(Finding { code: code.to_owned(), sentence: sentence.into() });
        self
    }
}

pub trait Provenance: Send + Sync {
    /// Whether such a file can hold a signed history.
    fn carries(&self, container: Container) -> bool;
    /// Who signs on this machine; made at first need.
    fn identity(&self) -> Result<Identity, PortError>;
    /// Writes `to`: `from` with the claim in it, signed and read back. What it is, its contents say, not its name.
    /// On an error `to` may be there and is worth nothing.
    fn seal(&self, from: &Path, to: &Path, claim: &Claim) -> Result<(), PortError>;
    /// What a file says of itself. Refused when it is no picture, film or sound.
    fn read(&self, path: &Path) -> Result<Report, PortError>;
}
