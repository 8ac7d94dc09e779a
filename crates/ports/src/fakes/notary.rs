//! A notary without certificates: the claim is appended in plain text with a checksum; and what every notary must do.
//!
//! Its seal keeps nobody out. It shows a service what it would get from a real one: whole, changed and unsigned files.

use crate::media::Container;
use crate::provenance::{Claim, Identity, MediaClaim, MediaOrigin, Report, Signer, SourceType, TakeClaim, Verdict};
use crate::{Fault, PortError, Provenance, Refusal};
use kinora_document::{BlobHash, FrameRate, FrameSize, MediaKind};
use std::path::Path;

const MARK: &[u8] = b"\nsealed ";

/// Seals on paper.
#[derive(Clone, Copy, Debug, Default)]
pub struct PaperNotary;

impl Provenance for PaperNotary {
    fn carries(&self, container: Container) -> bool {
        !matches!(container, Container::WebM | Container::Take)
    }

    fn identity(&self) -> Result<Identity, PortError> {
        Ok(Identity {
            name: "Paper".to_owned(),
            organisation: "Nobody".to_owned(),
            fingerprint: "00".repeat(32),
            self_made: true,
        })
    }

    fn seal(&self, from: &Path, to: &Path, claim: &Claim) -> Result<(), PortError> {
        let mut bytes = std::fs::read(from).map_err(|error| fault(&error))?;
        bytes.extend(MARK);
        bytes.extend(serde_json::to_vec(claim).map_err(|error| fault(&error))?);
        bytes.extend(sum(&bytes).to_le_bytes());
        std::fs::write(to, bytes).map_err(|error| fault(&error))
    }

    fn read(&self, path: &Path) -> Result<Report, PortError> {
        let bytes = std::fs::read(path).map_err(|error| fault(&error))?;
        if bytes.is_empty() {
            return Err(Refusal::new("verify.kind", "The file is empty.", "Choose another one.").into());
        }
        let report = Report::unsigned("paper", true);
        let Some(at) = bytes.windows(MARK.len()).rposition(|window| window == MARK) else { return Ok(report) };
        let (signed, end) = bytes.split_at(bytes.len().saturating_sub(8).max(at + MARK.len()));
        if sum(signed).to_le_bytes() != end {
            return Ok(report.spoilt("paper", "The checksum does not fit."));
        }
        let Identity { name, organisation, fingerprint, .. } = self.identity()?;
        let signer = Signer { name, organisation, fingerprint, trusted: false, this_installation: true };
        let claim: Option<Claim> = signed.get(at + MARK.len()..).and_then(|json| serde_json::from_slice(json).ok());
        let source = claim.as_ref().map(|claim| claim.source);
        Ok(Report { verdict: Verdict::Whole, signer: Some(signer), source, claim, ..report })
    }
}

/// FNV-1a: it notices an accident, not a forger.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn fault(error: &dyn std::error::Error) -> PortError {
    Fault::new("The paper could not be read or written.", "Try again.", error).into()
}

/// A claim with one of each.
pub fn sample_claim() -> Claim {
    let take = TakeClaim {
        blob: BlobHash([1; 32]),
        key: BlobHash([2; 32]),
        model: "draft".to_owned(),
        weights: BlobHash([3; 32]),
        prompt_hash: BlobHash([4; 32]),
        prompt: None,
        seed: u64::MAX,
        size: FrameSize { width: 320, height: 180 },
        rate: FrameRate::FPS_12,
        frames: 25,
        parent: None,
    };
    let spoken = MediaClaim {
        blob: BlobHash([5; 32]),
        kind: MediaKind::Sound,
        origin: MediaOrigin::Spoken,
        voice: Some("hum/en-US".to_owned()),
        told: None,
        path: None,
    };
    Claim {
        title: "The “Ball” – Über, 映画".to_owned(),
        source: SourceType::Generated,
        takes: vec![take],
        media: vec![spoken],
        clips: Vec::new(),
        consents: Vec::new(),
    }
}

/// What every notary must do, shown on `sample`, a file without a signed history, in an empty `folder`. The first difference, as a sentence.
pub fn provenance_contract(notary: &dyn Provenance, sample: &[u8], folder: &Path) -> Result<(), String> {
    let (from, to) = (folder.join("from"), folder.join("to"));
    let write = |bytes: &[u8]| std::fs::write(&from, bytes).map_err(|error| error.to_string());
    let read = |path: &Path| notary.read(path).map_err(|error| format!("it could not be read: {error}"));
    write(sample)?;
    holds(read(&from)?.verdict == Verdict::Unsigned, "a file that nobody signed is not unsigned")?;
    let claim = sample_claim();
    notary.seal(&from, &to, &claim).map_err(|error| format!("it was not sealed: {error:?}"))?;
    holds(std::fs::read(&from).is_ok_and(|bytes| bytes == sample), "sealing changed the original")?;
    let report = read(&to)?;
    holds(report.verdict == Verdict::Whole, "a sealed file is not whole")?;
    holds(report.source == Some(claim.source), "the source type is another one")?;
    holds(report.claim.as_ref() == Some(&claim), "the claim comes back changed")?;
    let identity = notary.identity().map_err(|error| format!("there is no identity: {error}"))?;
    let signer = report.signer.ok_or("nobody signed it")?;
    holds(signer.fingerprint == identity.fingerprint, "somebody else signed it")?;
    holds(signer.this_installation, "it does not know its own signature")?;
    holds(!signer.trusted, "a self-made identity is called trusted")?;
    let sealed = std::fs::read(&to).map_err(|error| error.to_string())?;
    let mut changed = sealed.clone();
    let middle = changed.len() / 2;
    if let Some(byte) = changed.get_mut(middle) {
        *byte ^= 1;
    }
    write(&changed)?;
    holds(read(&from)?.verdict == Verdict::Changed, "a changed byte is not noticed")?;
    let mut longer = sealed;
    longer.extend(b"more");
    write(&longer)?;
    holds(read(&from)?.verdict == Verdict::Changed, "appended bytes are not noticed")?;
    write(b"")?;
    holds(matches!(notary.read(&from), Err(PortError::Refused(_))), "an empty file is not refused")?;
    holds(notary.read(&folder.join("nothing")).is_err(), "a file that is not there is read")?;
    holds(notary.carries(Container::Mp4), "it cannot sign films")?;
    holds(!notary.carries(Container::WebM), "it claims to sign WebM, which cannot hold it")
}

fn holds(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paper_notary_is_a_notary() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(provenance_contract(&PaperNotary, b"a film", folder.path()), Ok(()));
    }

    #[test]
    fn every_source_type_is_found_by_its_address() {
        for source in SourceType::ALL {
            assert_eq!(SourceType::of_address(&source.address()), Some(source));
        }
        assert_eq!(SourceType::of_address("http://cv.iptc.org/newscodes/digitalsourcetype/print"), None);
    }
}
