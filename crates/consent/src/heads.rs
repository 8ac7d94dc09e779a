//! Where each ledger ends, and the latest time seen: kept apart from the ledgers, signed, and counted.
//!
//! A chain of hashes cannot show that its end is missing; this can. The counter is also kept with the keys, so that a whole older copy is
//! found out where the keys are kept elsewhere. It must never be made anew while there is a ledger.

use crate::key::{DeviceKey, Mark};
use kinora_document::{BlobHash, CameoId, PersonKey, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

const MAGIC: &str = "kinora-consents1";
const SIGNED_AS: &[u8] = b"kinora consent heads 1\n";

/// What is known of a ledger from outside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub lines: u64,
    /// Hash of its last line.
    pub link: BlobHash,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heads {
    /// One more at each writing.
    pub counter: u64,
    /// Milliseconds since 1970.
    pub seen_millis: i64,
    pub ledgers: BTreeMap<CameoId, Head>,
    /// Cameos that were deleted: a number without a name, so that an old record put back is not believed.
    pub deleted: BTreeSet<CameoId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadsProblem {
    #[error("The list of consent records is missing although there are records.")]
    Missing,
    #[error("The list of consent records was changed, or comes from another machine.")]
    Signature,
    #[error("The list of consent records is an older copy than the one this machine wrote last.")]
    Older,
}

impl Heads {
    pub fn write(&self, key: &DeviceKey) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{MAGIC} {} {json}\n", key.sign(&[SIGNED_AS, json.as_bytes()]))
    }

    /// `counter` is the one kept with the keys.
    pub fn read(text: &[u8], device: PersonKey, counter: u64) -> Result<Self, HeadsProblem> {
        let text = std::str::from_utf8(text).map_err(|_| HeadsProblem::Signature)?;
        let mut parts = text.strip_suffix('\n').ok_or(HeadsProblem::Signature)?.splitn(3, ' ');
        let (Some(MAGIC), Some(mark), Some(json)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(HeadsProblem::Signature);
        };
        let mark: Mark = mark.parse().map_err(|_| HeadsProblem::Signature)?;
        if !mark.holds(device, &[SIGNED_AS, json.as_bytes()]) {
            return Err(HeadsProblem::Signature);
        }
        let heads: Self = serde_json::from_str(json).map_err(|_| HeadsProblem::Signature)?;
        if heads.counter < counter { Err(HeadsProblem::Older) } else { Ok(heads) }
    }
}

impl From<HeadsProblem> for Refusal {
    fn from(problem: HeadsProblem) -> Self {
        Self::new(
            "consent.damaged",
            problem.to_string(),
            "Nothing is made with any cameo. Put the folder of the cameos back from a copy, or delete the cameos and add them anew.",
        )
    }
}
