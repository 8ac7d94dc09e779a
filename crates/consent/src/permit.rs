//! The proof that a use is allowed: a value that has to be possessed.
//!
//! An engine's order with a cameo holds one, and there is none but from a ledger that was read whole and allows it. It says nothing about
//! later: whoever keeps one asks again before acting on it.
//!
//! ```compile_fail,E0451
//! use kinora_consent::ConsentedCameo;
//! use kinora_document::{BlobHash, CameoId, CameoUse, Purpose};
//!
//! let using = CameoUse { cameo: CameoId(1), consent: BlobHash([0; 32]), purpose: Purpose::Story };
//! // Nobody may say so themselves: the fields are private.
//! let forged = ConsentedCameo { using, name: "Ada".to_owned(), until_millis: None };
//! ```
//!
//! ```compile_fail,E0624
//! use kinora_consent::{ConsentedCameo, SignedConsent};
//! use kinora_document::CameoUse;
//!
//! fn forge(using: CameoUse, said: &SignedConsent) -> ConsentedCameo {
//!     // Nor is having a consent enough: the ledger has to allow it.
//!     ConsentedCameo::minted(using, said.consent())
//! }
//! ```

use crate::consent::Consent;
use kinora_document::{CameoUse, PersonKey};

/// A use that somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    pub using: CameoUse,
    /// The key of this device.
    pub who: PersonKey,
    /// The clock, or the latest time that anything here has seen, if that is later.
    pub now_millis: i64,
}

/// One cameo, one consent, one purpose: allowed when it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentedCameo {
    using: CameoUse,
    name: String,
    until_millis: Option<i64>,
}

impl ConsentedCameo {
    pub(crate) fn minted(using: CameoUse, said: &Consent) -> Self {
        Self { using, name: said.name.clone(), until_millis: said.terms.until_millis }
    }
    pub fn using(&self) -> CameoUse {
        self.using
    }
    /// Of the subject.
    pub fn name(&self) -> &str {
        &self.name
    }
    pub fn until_millis(&self) -> Option<i64> {
        self.until_millis
    }
}
