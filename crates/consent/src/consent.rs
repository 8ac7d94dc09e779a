//! What a subject says, signed with the key of the device it was said on.
//!
//! It can travel as a file by itself and means nothing by itself: a machine acts on it only when a person put it into a ledger there. The
//! signature covers every field; it must never say that something was verified which was not.

use crate::denial::Denied;
use crate::key::{DeviceKey, Mark};
use kinora_document::{Audience, BlobHash, CameoId, CameoKind, PersonKey, Terms, limits};
use serde::{Deserialize, Serialize};

/// Said before the bytes that are signed, so that no other signed thing passes for a consent.
const SIGNED_AS: &[u8] = b"kinora consent 1\n";
/// The form's name and version, first in every file.
const FORM: &str = "kinora.consent/1";
/// A consent with the longest texts and the most people stays below.
pub const MAX_CONSENT_BYTES: usize = 256 * 1024;
/// Files of one cameo: takes of an enrolment, or pictures of a toy.
const RECORDINGS: usize = 64;

/// What of the recording was checked, by which means, in sentences; and what could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checks {
    pub verified: Vec<String>,
    pub not_verified: Vec<String>,
}

/// What somebody said of themselves beyond the form, where more was asked.
pub type SubjectNote = Option<String>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    form: String,
    pub cameo: CameoId,
    pub kind: CameoKind,
    /// Of the person, pet, toy or drawing.
    pub name: String,
    /// Whose consent it is: the person's own name, or that of the owner or maker.
    pub given_by: String,
    /// The key of the device it was given on.
    pub key: PersonKey,
    /// BLAKE3 of each recorded file, as it was before it was sealed.
    pub recordings: Vec<BlobHash>,
    pub terms: Terms,
    /// Milliseconds since 1970.
    pub at_millis: i64,
    pub checks: Checks,
    /// "I am this person myself", in their words, where the name is one of the protected list.
    pub attestation: SubjectNote,
}

impl Consent {
    #[allow(clippy::too_many_arguments, reason = "a form has as many fields as it has")]
    pub fn new(
        cameo: CameoId,
        kind: CameoKind,
        (name, given_by): (&str, &str),
        key: PersonKey,
        recordings: Vec<BlobHash>,
        terms: Terms,
        at_millis: i64,
        checks: Checks,
        attestation: SubjectNote,
    ) -> Self {
        let (form, name, given_by) = (FORM.to_owned(), name.trim().to_owned(), given_by.trim().to_owned());
        Self { form, cameo, kind, name, given_by, key, recordings, terms, at_millis, checks, attestation }
    }

    fn fits(&self) -> Result<(), Denied> {
        let texts = self.checks.verified.iter().chain(&self.checks.not_verified).chain(&self.attestation);
        let short = |text: &String| text.len() <= limits::TEXT_BYTES;
        let named = |name: &str| !name.is_empty() && name.len() <= limits::NAME_BYTES;
        let why = if self.form != FORM {
            "it is of a form that this Kinora does not know"
        } else if !named(&self.name) || !named(&self.given_by) {
            "it needs the name of the subject and of who consents"
        } else if self.recordings.is_empty() || self.recordings.len() > RECORDINGS {
            "it names no recording, or too many"
        } else if !self.terms.fit() {
            "its terms are empty or too long"
        } else if self.terms.until_millis.is_some_and(|until| until <= self.at_millis) {
            "it ends before it begins"
        } else if !texts.into_iter().all(short) {
            "one of its texts is too long"
        } else {
            return Ok(());
        };
        Err(Denied::Unfit { why })
    }

    /// Whether the key's owner may use it: the one who gave it, the people it names, or anyone.
    pub fn admits(&self, who: PersonKey) -> bool {
        who == self.key
            || match &self.terms.audience {
                Audience::OnlyMe => false,
                Audience::People(people) => people.iter().any(|person| person.key == who),
                Audience::Anyone => true,
            }
    }

    /// Structs of texts, numbers and lists always serialise, in the order of their fields.
    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// A consent whose fields were signed by the key in it. There is none whose signature was not checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct SignedConsent {
    consent: Consent,
    signature: Mark,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    consent: Consent,
    signature: Mark,
}

impl TryFrom<Written> for SignedConsent {
    type Error = Denied;
    fn try_from(Written { consent, signature }: Written) -> Result<Self, Denied> {
        consent.fits()?;
        if signature.holds(consent.key, &[SIGNED_AS, &consent.bytes()]) {
            Ok(Self { consent, signature })
        } else {
            Err(Denied::Forged)
        }
    }
}

impl From<SignedConsent> for Written {
    fn from(SignedConsent { consent, signature }: SignedConsent) -> Self {
        Self { consent, signature }
    }
}

impl SignedConsent {
    pub fn sign(consent: Consent, key: &DeviceKey) -> Result<Self, Denied> {
        let signature = key.sign(&[SIGNED_AS, &consent.bytes()]);
        Written { consent, signature }.try_into()
    }

    /// From a consent file.
    pub fn read(text: &[u8]) -> Result<Self, Denied> {
        if text.len() > MAX_CONSENT_BYTES {
            return Err(Denied::Unfit { why: "it is longer than a consent can be" });
        }
        let written: Written = serde_json::from_slice(text).map_err(|_| Denied::Unfit { why: "it cannot be read" })?;
        written.try_into()
    }

    /// The consent file: readable by a person.
    pub fn write(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    pub fn consent(&self) -> &Consent {
        &self.consent
    }

    /// What takes, casts and orders name it by.
    pub fn hash(&self) -> BlobHash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(SIGNED_AS).update(&self.consent.bytes()).update(self.signature.bytes());
        BlobHash(*hasher.finalize().as_bytes())
    }
}
