//! The gate before every engine, every voice and every file that leaves: what is asked for is judged first.
//!
//! The rules are `kinora_policy`'s; here stands where they are asked. An order, an utterance and an export are made by this crate alone and
//! only after their words passed, so that no window and no command line can go around it. It keeps no text.

use crate::problem::Trouble;
use kinora_document::{ClipSource, Film};
use kinora_policy::{Engine, Finding, PackError, Place, Profile, Request, Verdict};
use kinora_ports::Fault;
use std::collections::BTreeSet;
use std::sync::OnceLock;

#[derive(Debug)]
pub struct Gate {
    /// Read at the first question: signatures and automata take longer than a window may wait.
    rules: OnceLock<Result<Engine, PackError>>,
    profile: Profile,
}

impl Gate {
    /// Judges by the rules that come with the studio.
    pub fn new(profile: Profile) -> Self {
        Self { rules: OnceLock::new(), profile }
    }

    fn rules(&self) -> Result<&Engine, Fault> {
        self.rules.get_or_init(|| Engine::shipped_with(Vec::new())).as_ref().map_err(|e| {
            Fault::new(
                "The studio's own rules of what may be made cannot be read, so nothing can be generated.",
                "Install Kinora again.",
                e,
            )
        })
    }

    /// Refused with the rule, its reason and what to write instead.
    pub fn check(&self, text: &str, place: Place) -> Result<(), Trouble> {
        self.check_with(text, place, &BTreeSet::new())
    }

    /// The ids in the protected lists of people who are called so.
    pub fn people_named(&self, name: &str) -> Result<Vec<String>, Trouble> {
        Ok(self.rules()?.people_named(name).into_iter().map(str::to_owned).collect())
    }

    /// As [`Self::check`], where the consent of these listed people was proved for this one use.
    pub fn check_with(&self, text: &str, place: Place, consented: &BTreeSet<String>) -> Result<(), Trouble> {
        let judged = self.rules()?.judge(&Request { text, place, profile: self.profile, consented });
        let refused = |finding: &&Finding| finding.effect == Verdict::Refused;
        match judged.findings.iter().find(refused).filter(|_| judged.verdict == Verdict::Refused) {
            Some(finding) => {
                let words = text.get(finding.span.clone()).unwrap_or_default();
                let mut trouble = Trouble::refuse(
                    &finding.rule,
                    format!("“{words}” cannot be made: {}", finding.reason),
                    finding.rephrase.clone(),
                );
                trouble.0.detail = format!("Rule {} of {}.", finding.rule, finding.source);
                Err(trouble)
            }
            None => Ok(()),
        }
    }

    /// Titles and captions, which no engine sees.
    pub fn check_titles(&self, film: &Film) -> Result<(), Trouble> {
        let mut seen = BTreeSet::new();
        for clip in film.clips.iter() {
            if let ClipSource::Title(title) = &clip.source
                && seen.insert(title.text.as_str())
            {
                self.check(&title.text, Place::Title)?;
            }
        }
        Ok(())
    }
}
