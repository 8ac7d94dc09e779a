//! The same findings as facts by kind, for the window, which says them in the language of the person.
//!
//! What comes out of the file is cut to lengths that a page can show; nothing of it is interpreted here a second time.

use super::{MarkLook, Verified};
use kinora_api::*;
use kinora_ports::provenance::{Finding, MediaOrigin, Report, SourceType, TakeClaim, Verdict};
use std::collections::BTreeSet;

impl Verified {
    pub fn for_window(&self) -> FileReport {
        let report = &self.report;
        let media = |origin: MediaOrigin| {
            report.claim.iter().flat_map(|claim| &claim.media).filter(|media| media.origin == origin).count()
        };
        let takes: Vec<FileTake> = report.claim.iter().flat_map(|claim| &claim.takes).map(take).collect();
        let parts = parts(report);
        let faults: BTreeSet<FileFault> = report.findings.iter().map(fault).collect();
        FileReport {
            verdict: match report.verdict {
                Verdict::Whole => FileVerdict::Whole,
                Verdict::Changed => FileVerdict::Changed,
                Verdict::Unsigned => FileVerdict::Unsigned,
            },
            kind: report.kind.clone(),
            can_hold: report.can_hold,
            signer: report.signer.as_ref().map(|signer| FileSigner {
                name: cut(&signer.name),
                trusted: signer.trusted,
                own: signer.this_installation,
            }),
            made_at: report.made_at.as_deref().map(cut),
            program: report.program.as_deref().map(cut),
            origin: report.source.map(origin),
            left_out: takes.len().saturating_sub(FILE_LINES) + parts.len().saturating_sub(FILE_LINES),
            takes: takes.into_iter().take(FILE_LINES).collect(),
            recorded: media(MediaOrigin::Recorded),
            imported: media(MediaOrigin::Imported),
            spoken: media(MediaOrigin::Spoken),
            consents: report.claim.as_ref().map_or(0, |claim| claim.consents.len()),
            parts: parts.into_iter().take(FILE_LINES).collect(),
            histories: report.ingredients.iter().filter(|ingredient| ingredient.signed).count(),
            faults: faults.into_iter().collect(),
            mark: mark(&self.watermark),
        }
    }
}

fn cut(words: &str) -> String {
    words.chars().take(FILE_WORDS).collect()
}

fn take(take: &TakeClaim) -> FileTake {
    let prompt = take.prompt.as_deref().map(cut);
    FileTake { model: cut(&take.model), seed: take.seed, frames: take.frames, size: take.size, prompt }
}

/// Where Kinora itself wrote what a film is made of, its own list says more.
fn parts(report: &Report) -> Vec<String> {
    if report.claim.is_some() {
        return Vec::new();
    }
    report.ingredients.iter().filter(|one| !one.title.is_empty()).map(|one| cut(&one.title)).collect()
}

const fn origin(source: SourceType) -> FileOrigin {
    match source {
        SourceType::Generated => FileOrigin::Generated,
        SourceType::Mixed => FileOrigin::Mixed,
        SourceType::Recorded => FileOrigin::Recorded,
        SourceType::Imported => FileOrigin::Imported,
        SourceType::Drawn => FileOrigin::Drawn,
    }
}

/// By the codes of the standard, and Kinora's own for what the standard leaves out.
fn fault(finding: &Finding) -> FileFault {
    match finding.code.as_str() {
        "assertion.bmffHash.mismatch" | "assertion.dataHash.mismatch" | "assertion.boxesHash.mismatch" => {
            FileFault::Contents
        }
        "kinora.file.mismatch" => FileFault::Layout,
        "claimSignature.mismatch" => FileFault::Signature,
        "assertion.hashedURI.mismatch" | "hashedURI.mismatch" => FileFault::PartChanged,
        "assertion.missing" | "claim.missing" | "claimSignature.missing" => FileFault::PartMissing,
        "signingCredential.expired" => FileFault::CertificateExpired,
        "signingCredential.revoked" => FileFault::CertificateRevoked,
        code if code.starts_with("signingCredential.") => FileFault::CertificateUnfit,
        _ => FileFault::Unreadable,
    }
}

fn mark(look: &MarkLook) -> FileMark {
    match look {
        MarkLook::NoPictures => FileMark::NoPictures,
        MarkLook::Failed { .. } => FileMark::NotLooked,
        MarkLook::Looked(found) => match (&found.film, found.is_there) {
            (Some(film), true) => FileMark::Film(film.clone()),
            (None, true) => FileMark::Faint,
            (_, false) => FileMark::NotFound(found.frames),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_hostile_file_lists_is_cut_and_counted() {
        let mut claim = kinora_ports::fakes::sample_claim();
        let mut take = claim.takes.first().cloned().expect("the sample has a take");
        take.prompt = Some("x".repeat(FILE_WORDS * 3));
        claim.takes = vec![take; FILE_LINES + 7];
        let mut report = Report::unsigned("MP4", true).spoilt("assertion.bmffHash.mismatch", "x");
        report = report.spoilt("assertion.dataHash.mismatch", "y").spoilt("of another program", "z");
        report.claim = Some(claim);
        let verified = Verified {
            headline: String::new(),
            sentences: Vec::new(),
            report,
            watermark: MarkLook::Failed { why: String::new() },
        };
        let shown = verified.for_window();
        assert_eq!((shown.takes.len(), shown.left_out), (FILE_LINES, 7));
        assert!(shown.takes.iter().all(|take| take.prompt.as_ref().is_some_and(|words| words.len() == FILE_WORDS)));
        assert_eq!(shown.faults, [FileFault::Contents, FileFault::Unreadable]);
        assert_eq!((shown.verdict, shown.mark), (FileVerdict::Changed, FileMark::NotLooked));
    }
}
