//! Looking at a file that may come from anywhere: what it says of itself, whether that still holds, and the mark in its frames.
//!
//! One function for the command line and the window; the sentences here are the command line's, the window has facts and its own words
//! ([`Verified::for_window`]). It says what was found and never more: a file without a signed history is not called false, a signature is not
//! called trustworthy because it fits, and a mark is no proof.

use crate::problem::Trouble;
use crate::studio::Tools;
use crate::watermark::find_watermark;
use kinora_ports::MarkFound;
use kinora_ports::provenance::{MediaOrigin, Report, SourceType, Verdict};
use serde::Serialize;
use std::path::Path;

mod window;

/// What was found about a file, for people and for programs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verified {
    /// The answer in one sentence.
    pub headline: String,
    /// What else there is to say, most important first.
    pub sentences: Vec<String>,
    pub report: Report,
    pub watermark: MarkLook,
}

/// What the frames say of themselves.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum MarkLook {
    /// The frames were looked through.
    Looked(MarkFound),
    /// There are no pictures, or smaller ones than can carry a mark.
    NoPictures,
    /// The frames could not be decoded.
    Failed { why: String },
}

impl MarkLook {
    fn is_there(&self) -> bool {
        matches!(self, Self::Looked(found) if found.is_there)
    }
}

/// Decodes a few frames at most; what cannot be decoded is said, and the rest of the answer stands.
pub fn verify(tools: &Tools, path: &Path) -> Result<Verified, Trouble> {
    let report = tools.provenance.read(path)?;
    let watermark = match find_watermark(tools.decoder.as_ref(), tools.watermark.as_ref(), path) {
        Ok(Some(found)) => MarkLook::Looked(found),
        Ok(None) => MarkLook::NoPictures,
        Err(trouble) => MarkLook::Failed { why: trouble.0.what },
    };
    let headline = headline(&report, watermark.is_there());
    let mut sentences = Vec::new();
    sentences.extend(report.findings.iter().map(|finding| finding.sentence.clone()));
    sentences.extend(signed_by(&report));
    sentences.extend(made_of(&report));
    sentences.extend(marked(&report, &watermark));
    Ok(Verified { headline, sentences, report, watermark })
}

fn headline(report: &Report, marked: bool) -> String {
    match report.verdict {
        Verdict::Whole => "Signed, and not changed since.",
        Verdict::Changed => "Changed since it was signed: what its history says need not be true of it any more.",
        Verdict::Unsigned => {
            let known = if marked {
                "but its frames carry Kinora's invisible mark, so they very likely come from an export of Kinora."
            } else {
                "so nothing can be said about where it comes from."
            };
            return if report.can_hold {
                format!("Not signed, {known} It never had a signed history, or another program left it out.")
            } else {
                format!("Not signed, {known} A {} file cannot hold a signed history.", report.kind)
            };
        }
    }
    .to_owned()
}

/// What the mark in the frames means beside what the file says of itself.
fn marked(report: &Report, look: &MarkLook) -> Vec<String> {
    let found = match look {
        MarkLook::Looked(found) => found,
        MarkLook::NoPictures => {
            return vec!["It shows no pictures that could carry Kinora's invisible mark.".to_owned()];
        }
        MarkLook::Failed { why } => return vec![format!("No mark was looked for in its frames: {why}")],
    };
    let frames = if found.frames == 1 { "the one frame".to_owned() } else { format!("the {} frames", found.frames) };
    let mut sentences = vec![match (&found.film, found.is_there) {
        (Some(film), true) => format!("It carries Kinora's mark of film {film}, read from {frames} looked at."),
        (_, true) => format!("It carries Kinora's mark, too faint in {frames} looked at to say of which film."),
        (_, false) => {
            format!("No mark was found in {frames} looked at: it may never have had one, or it was lost or taken out.")
        }
    }];
    if found.is_there {
        let meaning = match report.verdict {
            Verdict::Whole => None,
            Verdict::Changed => Some("The mark says where the pictures come from, not what was changed in them."),
            Verdict::Unsigned if report.can_hold => Some(
                "Its signed history was left out or taken away, as uploading and converting do; the mark outlived that. \
                 It says where the pictures come from, not what was changed in them since.",
            ),
            Verdict::Unsigned => {
                Some("The mark says where the pictures come from, not what was changed in them since.")
            }
        };
        sentences.extend(meaning.map(str::to_owned));
        sentences.push("A mark is no proof: whoever knows how can copy it into other pictures.".to_owned());
    }
    sentences
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

    fn found(film: Option<&str>, is_there: bool) -> MarkLook {
        MarkLook::Looked(MarkFound {
            is_there,
            film: film.map(str::to_owned),
            strength: if is_there { 20.0 } else { 4.0 },
            needed: 8.0,
            turned_bits: 0,
            coded_bits: 210,
            frames: 32,
        })
    }

    #[test]
    fn a_file_without_a_history_is_not_called_false() {
        assert!(headline(&Report::unsigned("MP4", true), false).contains("nothing can be said"));
        assert!(headline(&Report::unsigned("WebM or Matroska", false), false).contains("cannot hold"));
        let changed = Report::unsigned("MP4", true).spoilt("x", "The pictures are others.");
        assert!(headline(&changed, true).starts_with("Changed"));
    }

    #[test]
    fn a_mark_is_said_with_its_film_and_what_it_means_where_the_signature_is_gone() {
        let said = |report: &Report, look: &MarkLook| marked(report, look).join(" ");
        let unsigned = Report::unsigned("MP4", true);
        let gone = said(&unsigned, &found(Some("0a1b2c3d4e5"), true));
        for words in ["mark of film 0a1b2c3d4e5", "left out or taken away", "no proof"] {
            assert!(gone.contains(words), "{gone}");
        }
        let headline = headline(&unsigned, true);
        assert!(headline.starts_with("Not signed, but") && !headline.contains("nothing can be said"), "{headline}");
        assert!(said(&unsigned, &found(None, true)).contains("too faint"));
        let none = said(&unsigned, &found(None, false));
        assert!(none.contains("No mark was found") && none.contains("may never have had one"), "{none}");
        assert!(!none.contains("no proof"));
        assert!(said(&unsigned, &MarkLook::Failed { why: "It is damaged.".to_owned() }).contains("It is damaged."));
    }
}
