//! What a file says of itself, and whether that still holds.
//!
//! Files come from anywhere: whatever is in them becomes a report or a refusal, never a panic, and nothing is fetched. A history that is
//! there but cannot be read counts as changed, not as missing, so that damaging a file never makes it merely unsigned.

use crate::identity::{chain_of, fingerprint, fingerprint_in};
use crate::kind::Kind;
use crate::manifest::{FILE, TAKES};
use crate::shape::{Shape, holder_is_whole};
use aho_corasick::AhoCorasick;
use c2pa::assertions::Actions;
use c2pa::{Context, Manifest, Reader, ValidationState};
use kinora_ports::provenance::{ActionNote, Claim, Finding, IngredientNote, Report, Signer, SourceType};
use kinora_ports::{Fault, PortError, Refusal};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Signers that the person of this machine trusts, as PEM; beside the identity, in the data folder.
const TRUSTED: &str = "trusted-signers.pem";
/// A list of a thousand certificates.
const TRUSTED_BYTES: u64 = 4 << 20;
/// A history stands at the beginning of a film or a picture and at the end of a sound: traces of one are looked for there.
const SEARCHED_BYTES: u64 = 64 << 20;
/// Words that every history holds several of.
const TRACES: [&str; 4] = ["c2pa.claim", "c2pa.signature", "c2pa.assertions", TAKES];
/// One could be chance.
const ENOUGH_TRACES: usize = 2;
const UNREADABLE: &str = "There is a signed history in the file, but it can no longer be read.";

/// How the library works here: no network, and only the person's own list of trusted signers.
pub fn context(trusted: Option<&str>) -> Result<Context, PortError> {
    let mut settings = json!({
        "verify": { "verify_after_sign": false, "remote_manifest_fetch": false, "ocsp_fetch": false },
        "core": { "allowed_network_hosts": [] },
    });
    if let (Some(trusted), Some(settings)) = (trusted, settings.as_object_mut()) {
        settings.insert("trust".to_owned(), json!({ "user_anchors": trusted }));
    }
    Context::new().with_settings(settings).map_err(|error| {
        let remedy = format!("Look at {TRUSTED} in Kinora's data folder: it has to hold certificates as PEM.");
        Fault::new("The list of trusted signers cannot be used.", remedy, error).into()
    })
}

pub fn has_history(file: &mut File, media_type: &str) -> bool {
    let reader = context(None).ok().map(Reader::from_context);
    let found = reader.is_some_and(|reader| {
        let read = reader.with_stream(media_type, &mut *file);
        read.is_ok_and(|reader| reader.active_manifest().is_some())
    });
    _ = file.seek(SeekFrom::Start(0));
    found
}

pub fn read(path: &Path, identity: &Path) -> Result<Report, PortError> {
    let disk = |error: &io::Error| {
        PortError::from(Refusal::new(
            "verify.unreadable",
            format!("“{}” could not be read ({error}).", path.display()),
            "Check that the file is there and that you may read it.",
        ))
    };
    let mut file = File::open(path).map_err(|error| disk(&error))?;
    if file.metadata().is_ok_and(|data| data.is_dir()) {
        return Err(disk(&io::ErrorKind::IsADirectory.into()));
    }
    let Some(kind) = Kind::of(&mut file).map_err(|error| disk(&error))? else {
        if traces(&mut file).map_err(|error| disk(&error))? {
            return Ok(Report::unsigned("unknown", true).spoilt("general.error", UNREADABLE));
        }
        return Err(Refusal::new(
            "verify.kind",
            format!("“{}” is no film, picture or sound that Kinora knows.", path.display()),
            "Choose an MP4, QuickTime, PNG, JPEG, WAV or WebM file.",
        )
        .into());
    };
    let Some(media_type) = kind.media_type() else { return Ok(Report::unsigned(kind.name(), false)) };
    let unsigned = Report::unsigned(kind.name(), true);
    let trusted = trusted(identity);
    let reader = Reader::from_context(context(trusted.as_deref())?).with_stream(media_type, &mut file);
    let Some(reader) = reader.ok().filter(|reader| reader.active_manifest().is_some()) else {
        let spoilt = traces(&mut file).map_err(|error| disk(&error))?;
        return Ok(if spoilt { unsigned.spoilt("general.error", UNREADABLE) } else { unsigned });
    };
    let Some(manifest) = reader.active_manifest() else { return Ok(unsigned) };
    let mut report = told(manifest, unsigned);
    report.signer = signer(manifest, reader.validation_state() == ValidationState::Trusted, identity);
    report.verdict = kinora_ports::provenance::Verdict::Whole;
    for finding in findings(&reader) {
        report = if finding.code.starts_with("signingCredential.") {
            // Says something about the signer, nothing about the film.
            report.findings.push(finding);
            report
        } else {
            report.spoilt(&finding.code, finding.sentence)
        };
    }
    let laid_out: Option<Shape> = manifest.find_assertion(FILE).ok();
    if let Some(signed) = laid_out {
        let now = Shape::of(kind, &mut file).map_err(|error| disk(&error))?;
        if now != Some(signed) || !holder_is_whole(kind, &mut file).map_err(|error| disk(&error))? {
            report = report
                .spoilt("kinora.file.mismatch", "Something was added to the file, or its outer parts were changed.");
        }
    }
    Ok(report)
}

/// The person's own list, if there is one.
fn trusted(identity: &Path) -> Option<String> {
    let list: PathBuf = identity.parent()?.join(TRUSTED);
    let mut text = String::new();
    File::open(list).ok()?.take(TRUSTED_BYTES).read_to_string(&mut text).ok()?;
    (!chain_of(&text).is_empty()).then_some(text)
}

fn told(manifest: &Manifest, report: Report) -> Report {
    let program = manifest.claim_generator_info.as_ref().and_then(|infos| infos.first()).map(|info| {
        let version = info.version.as_ref().map_or(String::new(), |version| format!(" {version}"));
        format!("{}{version}", info.name)
    });
    let mut actions = Vec::new();
    for assertion in manifest.assertions().iter().filter(|one| one.label().starts_with(Actions::LABEL)) {
        let Ok(listed) = assertion.to_assertion::<Actions>() else { continue };
        actions.extend(listed.actions().iter().map(|action| {
            ActionNote {
                action: action.action().to_owned(),
                description: action.description().unwrap_or_default().to_owned(),
                when: action.when().map(ToOwned::to_owned),
                source: action
                    .source_type()
                    .and_then(|source| serde_json::to_value(source).ok())
                    .and_then(|value| value.as_str().map(ToOwned::to_owned)),
            }
        }));
    }
    let source_address = actions.iter().find_map(|action| action.source.clone());
    let signed_at = manifest.signature_info().and_then(|info| info.time.clone());
    let ingredients = manifest.ingredients().iter().map(|ingredient| IngredientNote {
        title: ingredient.title().unwrap_or_default().to_owned(),
        description: ingredient.description().unwrap_or_default().to_owned(),
        signed: ingredient.active_manifest().is_some(),
    });
    Report {
        program,
        title: manifest.title().map(ToOwned::to_owned),
        made_at: signed_at.or_else(|| actions.iter().find_map(|action| action.when.clone())),
        source: source_address.as_deref().and_then(SourceType::of_address),
        source_address,
        ingredients: ingredients.collect(),
        actions,
        claim: manifest.find_assertion::<Claim>(TAKES).ok(),
        ..report
    }
}

fn signer(manifest: &Manifest, trusted: bool, identity: &Path) -> Option<Signer> {
    let info = manifest.signature_info()?;
    let fingerprint = chain_of(info.cert_chain()).first().map(|leaf| fingerprint(leaf)).unwrap_or_default();
    Some(Signer {
        name: info.common_name.clone().unwrap_or_default(),
        organisation: info.issuer.clone().unwrap_or_default(),
        trusted,
        this_installation: !fingerprint.is_empty() && fingerprint_in(identity).as_ref() == Some(&fingerprint),
        fingerprint,
    })
}

/// What the library found wrong, each code once, without its finding that it knows no list of trusted signers.
fn findings(reader: &Reader) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let results = reader.validation_results();
    let active = results.and_then(|results| results.active_manifest()).map(|codes| codes.failure());
    let deltas = results.and_then(|results| results.ingredient_deltas()).into_iter().flatten();
    let inner = deltas.flat_map(|delta| delta.validation_deltas().failure());
    for status in active.into_iter().flatten().chain(inner) {
        if status.code() != "signingCredential.untrusted" && seen.insert(status.code().to_owned()) {
            found.push(Finding { code: status.code().to_owned(), sentence: sentence(status.code()) });
        }
    }
    if found.is_empty() && reader.validation_state() == ValidationState::Invalid {
        found.push(Finding { code: "general.error".to_owned(), sentence: sentence("general.error") });
    }
    found
}

fn sentence(code: &str) -> String {
    let words = match code {
        "assertion.bmffHash.mismatch" | "assertion.dataHash.mismatch" | "assertion.boxesHash.mismatch" => {
            "The pictures, the sound or other contents are not the ones that were signed."
        }
        "claimSignature.mismatch" => "The signature does not fit what is written in the history.",
        "assertion.hashedURI.mismatch" | "hashedURI.mismatch" => "A part of the history was changed.",
        "assertion.missing" | "claim.missing" | "claimSignature.missing" => "A part of the history is missing.",
        "signingCredential.expired" => "The signer's certificate has run out.",
        "signingCredential.revoked" => "The signer's certificate was called back.",
        code if code.starts_with("signingCredential.") => "The signer's certificate is not fit for signing.",
        _ => "The history does not hold together.",
    };
    words.to_owned()
}

/// Whether something is left of a history.
fn traces(file: &mut File) -> io::Result<bool> {
    let finder = AhoCorasick::new(TRACES).map_err(io::Error::other)?;
    let end = file.seek(SeekFrom::End(0))?;
    let mut found = BTreeSet::new();
    for start in BTreeSet::from([0, end.saturating_sub(SEARCHED_BYTES)]) {
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.by_ref().take(SEARCHED_BYTES).read_to_end(&mut bytes)?;
        found.extend(finder.find_iter(&bytes).map(|hit| hit.pattern()));
    }
    Ok(found.len() >= ENOUGH_TRACES)
}
