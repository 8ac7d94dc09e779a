//! Who consented to what: the rules of consent, as values.
//!
//! A [`SignedConsent`] is what a subject says; a [`Ledger`] is the signed, hash-chained, append-only record of one cameo on one machine; a
//! [`ConsentedCameo`] is the proof that the ledger allows one use now, and comes from [`Ledger::permit`] alone. This crate is pure: bytes,
//! times and keys are handed in. It must never take a film's or a file's word for a consent.

mod consent;
mod denial;
mod heads;
mod key;
mod ledger;
mod line;
mod permit;

pub use consent::{Checks, Consent, MAX_CONSENT_BYTES, SignedConsent, SubjectNote};
pub use denial::{Damage, Denied, Why};
pub use heads::{Head, Heads, HeadsProblem};
pub use key::DeviceKey;
pub use ledger::{Ledger, MAX_LEDGER_BYTES, Standing, Used};
pub use line::{Entry, MAGIC};
pub use permit::{Ask, ConsentedCameo};
