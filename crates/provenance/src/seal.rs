//! Signing a finished file: the claim goes in, the identity vouches, and the result is read back before anybody calls it done.

use crate::identity::Credentials;
use crate::kind::Kind;
use crate::manifest::{self, Definition};
use crate::read::{self, context};
use crate::shape::Shape;
use crate::splice::Spliced;
use crate::xmp;
use c2pa::{BoxedSigner, Builder, Signer, SigningAlg};
use kinora_ports::provenance::{Claim, MediaClaim, Report, Verdict};
use kinora_ports::{Fault, PortError, Refusal};
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek};
use std::path::Path;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What an Ed25519 signature takes besides the certificates, and besides the heads that say how long they are: counted from its encoding.
/// What is reserved and not used is filled with zeros that no signature covers, so nothing is.
const ED25519_BYTES: usize = 79;
/// Should the library encode it otherwise one day, it gets room to fill; it cannot fill gaps of less than about 260 bytes.
const ROOM_BYTES: usize = 512;

/// Writes `to`, which is worth nothing when this fails.
pub fn seal(credentials: &Credentials, from: &Path, to: &Path, claim: &Claim) -> Result<(), PortError> {
    let mut source = File::open(from).map_err(|error| fault(&error))?;
    let kind = Kind::of(&mut source).map_err(|error| fault(&error))?;
    let Some((kind, media_type)) = kind.and_then(|kind| Some((kind, kind.media_type()?))) else {
        let what = "This kind of file cannot hold a signed history.";
        return Err(Refusal::new("provenance.kind", what, "Export as MP4 or PNG to have one.").into());
    };
    let (at, extra) = xmp::addition(kind, claim.source).unwrap_or_default();
    let mut source = Spliced::new(source, at, extra).map_err(|error| fault(&error))?;
    let shape = Shape::of(kind, &mut source).map_err(|error| fault(&error))?.unwrap_or_default();
    let when = OffsetDateTime::now_utc().replace_nanosecond(0).ok().and_then(|now| now.format(&Rfc3339).ok());
    let Definition { json, files } = manifest::definition(claim, media_type, &shape, &when.unwrap_or_default());
    let mut builder = Builder::from_context(context(None)?).with_definition(json).map_err(|error| fault(&error))?;
    for (media, ingredient) in files {
        add_file(&mut builder, &media, &ingredient)?;
    }
    let target = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(to);
    let mut target = target.map_err(|error| fault(&error))?;
    let mut sign = |reserve: Option<usize>| -> Result<(), c2pa::Error> {
        let signer = Tight { inner: credentials.signer().map_err(|_| c2pa::Error::CoseNoCerts)?, reserve };
        source.rewind()?;
        target.set_len(0)?;
        target.rewind()?;
        builder.sign(&signer, media_type, &mut source, &mut target).map(drop)
    };
    let exact = exact_size(credentials);
    let signed = match sign(exact) {
        Err(c2pa::Error::CoseSigboxTooSmall) if exact.is_some() => sign(Some(credentials.chain_bytes() + ROOM_BYTES)),
        signed => signed,
    };
    signed.map_err(|error| match error {
        c2pa::Error::IoError(error) => fault(&error),
        other => unsigned(&other),
    })?;
    target.sync_all().map_err(|error| fault(&error))
}

/// Reading back is the proof: nothing that does not verify is handed out.
pub fn prove(report: &Report) -> Result<(), PortError> {
    if report.verdict == Verdict::Whole && report.claim.is_some() {
        return Ok(());
    }
    let codes: Vec<&str> = report.findings.iter().map(|finding| finding.code.as_str()).collect();
    Err(unsigned(&codes.join(", ")))
}

/// A file that brings a history of its own keeps it; whatever is wrong with it is written down with it.
fn add_file(builder: &mut Builder, media: &MediaClaim, ingredient: &Value) -> Result<(), PortError> {
    if let Some(mut file) = media.path.as_deref().and_then(|path| File::open(path).ok()) {
        let media_type = Kind::of(&mut file).ok().flatten().and_then(Kind::media_type);
        if let Some(media_type) = media_type.filter(|media_type| read::has_history(&mut file, media_type)) {
            let added = builder.add_ingredient_from_stream(ingredient.to_string(), media_type, &mut file);
            if added.is_ok() {
                return Ok(());
            }
        }
    }
    let plain = c2pa::Ingredient::from_json(&ingredient.to_string()).map_err(|error| fault(&error))?;
    builder.add_ingredient(plain);
    Ok(())
}

/// Of the signature as it stands in the file; None where that is the library's to say.
fn exact_size(credentials: &Credentials) -> Option<usize> {
    // A head is a byte more for what is longer than 23 bytes, two more beyond 255.
    let head = |length: usize| 1 + usize::from(length > 23) + usize::from(length > 255);
    let chain = credentials.chain_lengths.iter().map(|length| head(*length) + length).sum::<usize>();
    (credentials.algorithm() == SigningAlg::Ed25519).then_some(chain + ED25519_BYTES)
}

/// A signer that reserves no more room than its signature takes, and asks nobody for the time.
struct Tight {
    inner: BoxedSigner,
    reserve: Option<usize>,
}

impl Signer for Tight {
    fn sign(&self, data: &[u8]) -> c2pa::Result<Vec<u8>> {
        self.inner.sign(data)
    }
    fn alg(&self) -> SigningAlg {
        self.inner.alg()
    }
    fn certs(&self) -> c2pa::Result<Vec<Vec<u8>>> {
        self.inner.certs()
    }
    fn reserve_size(&self) -> usize {
        self.reserve.unwrap_or_else(|| self.inner.reserve_size())
    }
}

fn fault(error: &(dyn std::error::Error + 'static)) -> PortError {
    let full = error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::StorageFull);
    let remedy = if full {
        "The disk is full: make room for the file twice over, and export again."
    } else {
        "Check that the disk is not full, and export again."
    };
    Fault::new("The film was made, but its signed history could not be written.", remedy, error).into()
}

fn unsigned(error: &dyn std::fmt::Display) -> PortError {
    Fault::new(
        "The film was made, but it could not be signed, so it was not kept.",
        "With a certificate of your own, check that it belongs to the private key and may sign documents; else export again.",
        error,
    )
    .into()
}
