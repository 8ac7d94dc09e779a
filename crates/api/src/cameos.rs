//! Cameos as the screen shows them: who, under which consent, what was made, and what a person may ask to be done.
//!
//! Plain data. No answer holds a key's secret half, a passphrase or a picture; files are numbers that a dialog granted.

use super::Problem;
use kinora_document::{BlobHash, CameoId, CameoKind, ClipId, PersonKey, Purpose, Terms, Ticks};
use serde::{Deserialize, Serialize};

/// Files of one request: takes of an enrolment, or pictures of a toy.
pub const CAMEO_FILES: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CameosAnswer {
    pub keeping: SecretState,
    /// Where the secret is kept, for people: "the keychain of this system".
    pub place: String,
    /// What others name this machine's person by; None while the secret cannot be had.
    pub key: Option<PersonKey>,
    /// In the order in which they were added.
    pub cameos: Vec<CameoView>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretState {
    Ready,
    /// A passphrase has to be given.
    Locked,
    /// There is no keychain, and nobody decided.
    Undecided,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CameoView {
    pub id: CameoId,
    pub kind: CameoKind,
    pub name: String,
    /// Whose consent it is.
    pub given_by: String,
    /// Newest first.
    pub consents: Vec<ConsentView>,
    pub recordings: Vec<RecordingView>,
    /// Best pictures chosen from them, which an engine may be shown.
    pub pictures: u32,
    /// Everything made with it, newest first.
    pub used: Vec<UsedView>,
    /// The record is damaged, or a key is missing: nothing can be made with it.
    pub problem: Option<Problem>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentView {
    pub consent: BlobHash,
    pub at_millis: i64,
    pub terms: Terms,
    pub state: ConsentState,
    /// Brought in from a signed file of another machine.
    pub from_file: bool,
    pub verified: Vec<String>,
    pub not_verified: Vec<String>,
    pub attestation: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    Holds,
    Expired,
    Revoked {
        at_millis: i64,
    },
    /// A newer one is on record.
    Replaced,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingView {
    pub name: String,
    /// Sealed, on disk.
    pub bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedView {
    pub at_millis: i64,
    pub consent: BlobHash,
    pub film: String,
    pub shot: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddCameo {
    pub kind: CameoKind,
    pub name: String,
    pub given_by: String,
    pub terms: Terms,
    pub attestation: Option<String>,
    /// Numbers of [`super::PathGrant`]s.
    pub files: Vec<u64>,
    /// The signed consent of whoever is in somebody else's recording; what it says then counts instead of the fields above.
    pub consent_file: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewConsent {
    pub cameo: CameoId,
    pub terms: Terms,
    pub attestation: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveCameo {
    pub cameo: CameoId,
    pub grant: u64,
}

/// A recording of a cameo as a layer of the film.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceCameo {
    pub cameo: CameoId,
    /// Counted from 0, in the order of the consent.
    pub recording: usize,
    pub purpose: Purpose,
    pub at: Ticks,
    pub cut_out: CutOut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutOut {
    /// With everything around it.
    Whole,
    /// Without the green wall behind it.
    ChromaKey,
}

/// Where it is now; the voice has a clip of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    pub clip: ClipId,
    pub voice: Option<ClipId>,
}

/// What taking a consent back did in the open film.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    pub jobs: usize,
    pub takes: usize,
}

/// Where the secret is to be kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeepSecret {
    Keychain,
    KeyFile,
    Passphrase(String),
}

impl std::fmt::Debug for KeepSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Keychain => "Keychain",
            Self::KeyFile => "KeyFile",
            Self::Passphrase(_) => "Passphrase(…)",
        })
    }
}
