//! Looking at a file that may come from anywhere: what it says of itself, and whether that still holds.
//!
//! One function for the command line and the window, and the sentences that both show. It says what was found and never more: a file without
//! a signed history is not called false, and a signature is not called trustworthy because it fits.

use crate::problem::Trouble;
use crate::studio::Tools;
use kinora_ports::provenance::{MediaOrigin, Report, SourceType, Verdict};
use serde::Serialize;
use std::path::Path;

/// What was found about a file, for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The answer in one sentence.
    pub headline: String,
    /// What else there is to say, most important first.
    pub sentences: Vec<String>,
    pub report: Report,
}

pub fn verify(tools: &Tools, path: &Path) -> Result<Verified, Trouble> {
    let report = tools.provenance.read(path)?;
    let headline = headline(&report);
    let mut sentences = Vec::new();
    sentences.extend(report.findings.iter().map(|finding| finding.sentence.clone()));
    sentences.extend(signed_by(&report));
    sentences.extend(made_of(&report));
    Ok(Verified { headline, sentences, report })
}

fn headline(report: &Report) -> String {
    match report.verdict {
        Verdict::Whole => "Signed, and not changed since.",
        Verdict::Changed => "Changed since it was signed: what its history says need not be true of it any more.",
        Verdict::Unsigned if report.can_hold => {
            "Not signed: nothing can be said about where this file comes from. It never had a signed history, or another \
             program left it out."
        }
        Verdict::Unsigned => {
            return format!(
                "Not signed: a {} file cannot hold a signed history, so nothing can be said about where it comes from.",
                report.kind
            );
        }
    }
    .to_owned()
}

fn signed_by(report: &Report) -> Vec<String> {
    let Some(signer) = &report.signer else { return Vec::new() };
    let organisation = if signer.organisation.is_empty() || signer.organisation == signer.name {
        String::new()
    } else {
        format!(" ({})", signer.organisation)
    };
    let name = if signer.name.is_empty() { "somebody without a name" } else { &signer.name };
    let with = report.program.as_ref().map_or(String::new(), |program| format!(" with {program}"));
    let mut sentences = vec![format!("Signed by {name}{organisation}{with}.")];
    sentences.push(match (signer.trusted, signer.this_installation) {
        (true, _) => "The signer is on this machine's list of trusted signers.".to_owned(),
        (false, true) => {
            "That is this installation of Kinora. Its certificate is self-made and on no list of trusted signers."
                .to_owned()
        }
        (false, false) => {
            "The signer is on no list of trusted signers here: the signature shows that nothing was changed \
                           since, not who that signer is."
                .to_owned()
        }
    });
    if let Some(when) = &report.made_at {
        sentences.push(format!(
            "Made at {when}, by the clock of the machine that signed; nobody else vouches for the time."
        ));
    }
    sentences
}

fn made_of(report: &Report) -> Vec<String> {
    let mut sentences = Vec::new();
    match (report.source, &report.source_address) {
        (Some(source), _) => sentences.push(source_sentence(source).to_owned()),
        (None, Some(address)) => sentences.push(format!("Its kind of origin is given as {address}.")),
        (None, None) => {}
    }
    if let Some(claim) = &report.claim {
        for take in &claim.takes {
            let (width, height) = (take.size.width, take.size.height);
            let prompt = take.prompt.as_ref().map_or_else(String::new, |prompt| format!(", prompt “{prompt}”"));
            sentences.push(format!(
                "Generated: {} frames of {width}×{height} by the model {}, seed {}{prompt}.",
                take.frames, take.model, take.seed
            ));
        }
        for (origin, what) in [
            (MediaOrigin::Recorded, "Recorded"),
            (MediaOrigin::Imported, "Imported"),
            (MediaOrigin::Spoken, "Spoken by a voice of Kinora"),
        ] {
            let count = claim.media.iter().filter(|media| media.origin == origin).count();
            match count {
                0 => {}
                1 => sentences.push(format!("{what}: one file.")),
                _ => sentences.push(format!("{what}: {count} files.")),
            }
        }
        if !claim.consents.is_empty() {
            sentences.push(format!("Consents of people shown in it: {}.", claim.consents.len()));
        }
    } else {
        sentences.extend(
            report
                .ingredients
                .iter()
                .filter(|one| !one.title.is_empty())
                .map(|one| format!("Made from: {}.", one.title)),
        );
    }
    let histories = report.ingredients.iter().filter(|ingredient| ingredient.signed).count();
    if histories > 0 {
        sentences.push(format!("Files in it that brought a signed history of their own: {histories}."));
    }
    sentences
}

fn source_sentence(source: SourceType) -> &'static str {
    match source {
        SourceType::Generated => "All of it was generated by models: none of it was filmed or recorded.",
        SourceType::Mixed => "Some of it was generated by models, together with recorded or imported material.",
        SourceType::Recorded => "It was recorded with a camera or a microphone; none of it was generated.",
        SourceType::Imported => "It was put together from imported files; how those were made is not known.",
        SourceType::Drawn => "It consists of titles and colours; none of it was generated by a model.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_history_is_not_called_false() {
        assert!(headline(&Report::unsigned("MP4", true)).contains("nothing can be said"));
        assert!(headline(&Report::unsigned("WebM or Matroska", false)).contains("cannot hold"));
        let changed = Report::unsigned("MP4", true).spoilt("x", "The pictures are others.");
        assert!(headline(&changed).starts_with("Changed"));
    }
}
