//! One line of a ledger: what it may say, and how it is written and signed.
//!
//! `kinora-consent1 <link> <signature> <json>`: `link` is the BLAKE3 of the whole line before, the signature covers the cameo, the link and
//! the json. It must never be read more generously than it is written: a line that could be read in two ways is no line.

use crate::consent::SignedConsent;
use crate::denial::Why;
use crate::key::{DeviceKey, Mark};
use kinora_document::{BlobHash, CameoId, PersonKey};
use serde::{Deserialize, Serialize};

pub const MAGIC: &str = "kinora-consent1";
const SIGNED_AS: &[u8] = b"kinora consent ledger 1\n";
/// Link of the first line.
pub(crate) const GENESIS: BlobHash = BlobHash([0; 32]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// A consent given on this device.
    Given {
        consent: SignedConsent,
    },
    /// A consent of another device, brought in by a person here from a signed file.
    Taken {
        consent: SignedConsent,
    },
    Revoked {
        consent: BlobHash,
    },
    /// Something was made with the cameo: the subject's own list.
    Used {
        consent: BlobHash,
        take: BlobHash,
        film: String,
        shot: String,
    },
    /// Takes made under the consent were destroyed, in this film.
    Purged {
        consent: BlobHash,
        takes: u32,
        film: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    pub sequence: u64,
    pub at_millis: i64,
    pub entry: Entry,
}

pub(crate) struct ReadLine {
    pub said: Said,
    /// Link of the next line.
    pub next: BlobHash,
}

fn marked<'a>(cameo: &'a [u8; 16], link: &'a BlobHash, json: &'a str) -> [&'a [u8]; 4] {
    [SIGNED_AS, cameo, &link.0, json.as_bytes()]
}

fn link_of(line: &str) -> BlobHash {
    BlobHash(*blake3::hash(line.as_bytes()).as_bytes())
}

/// The whole line with its end.
pub(crate) fn write(said: &Said, cameo: CameoId, link: BlobHash, key: &DeviceKey) -> String {
    // Enums of texts, numbers and hashes always serialise.
    let json = serde_json::to_string(said).unwrap_or_default();
    let mark = key.sign(&marked(&cameo.0.to_be_bytes(), &link, &json));
    format!("{MAGIC} {link} {mark} {json}\n")
}

/// `line` ends in its line feed.
pub(crate) fn read(line: &str, cameo: CameoId, link: BlobHash, device: PersonKey) -> Result<ReadLine, Why> {
    let inner = line.strip_suffix('\n').ok_or(Why::NotALine)?;
    let mut parts = inner.splitn(4, ' ');
    let (Some(MAGIC), Some(before), Some(mark), Some(json)) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Why::NotALine);
    };
    // Compared as text: upper-case digits would be another line that says the same.
    if before != link.to_string() {
        return Err(Why::Link);
    }
    let mark: Mark = mark.parse().map_err(|_| Why::NotALine)?;
    if !mark.holds(device, &marked(&cameo.0.to_be_bytes(), &link, json)) {
        return Err(Why::Signature);
    }
    let said: Said = serde_json::from_str(json).map_err(|_| Why::NotALine)?;
    Ok(ReadLine { said, next: link_of(line) })
}

/// Link of what follows `line`.
pub(crate) fn after(line: &str) -> BlobHash {
    link_of(line)
}
