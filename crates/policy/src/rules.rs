//! Rules over hits: concepts that stand near each other, what excuses them and what makes them lighter.
//! It exists apart from the lexicon so that a rule reads as a sentence and is tried as one.
//! It must never look at letters: whatever a rule needs to know is a concept.

use crate::judgement::{Category, Finding, Place, Request, Severity, Verdict};
use crate::lexicon::{Hit, LexiconBuilder};
use crate::normalise::{Gap, Text};
use crate::packs::{PackError, Rule, RulesPack};

/// Findings of one rule in one text; more places change nothing and fill the screen.
const MOST_OF_ONE_RULE: usize = 8;

#[derive(Debug)]
pub(crate) struct ReadyRule {
    rule: Rule,
    source: String,
    all: Vec<Vec<u32>>,
    unless: Vec<u32>,
    softened_by: Vec<u32>,
}

impl ReadyRule {
    pub(crate) fn of(pack: &RulesPack, rule: &Rule, lexicon: &LexiconBuilder) -> Result<Self, PackError> {
        let find = |name: &str| {
            lexicon
                .find(name)
                .ok_or_else(|| PackError::UnknownConcept { rule: rule.id.clone(), concept: name.to_owned() })
        };
        let all = rule.all.iter().map(|group| group.split('|').map(find).collect()).collect::<Result<_, _>>()?;
        let unless = rule.unless.iter().map(|name| find(name)).collect::<Result<_, _>>()?;
        let softened_by = rule.softened_by.iter().map(|name| find(name)).collect::<Result<_, _>>()?;
        let source = format!("{} {}", pack.name, pack.version);
        Ok(Self { rule: rule.clone(), source, all, unless, softened_by })
    }

    pub(crate) fn findings(&self, text: &Text, hits: &[Hit], request: &Request<'_>, found: &mut Vec<Finding>) {
        if self.rule.shown_only && request.place == Place::Dialogue {
            return;
        }
        let softened = hits.iter().any(|hit| self.softened_by.contains(&hit.concept));
        let mut reaches: Vec<(u32, u32, bool)> = Vec::new();
        let Some((first_group, others)) = self.all.split_first() else { return };
        for start in hits.iter().filter(|hit| first_group.contains(&hit.concept)) {
            let Some((first, last, disguised)) = self.nearest(text, hits, start, others) else { continue };
            if self.unless.iter().any(|concept| excused(text, hits, *concept, first, last)) {
                continue;
            }
            if reaches.len() < MOST_OF_ONE_RULE && reaches.iter().all(|(_, end, _)| first > *end) {
                reaches.push((first, last, disguised));
            }
        }
        for (first, last, disguised) in reaches {
            found.push(self.finding(text, first, last, disguised, softened, request));
        }
    }

    /// The tightest reach that holds `start` and one hit of every other group.
    fn nearest(&self, text: &Text, hits: &[Hit], start: &Hit, others: &[Vec<u32>]) -> Option<(u32, u32, bool)> {
        let (mut first, mut last, mut disguised) = (start.first, start.last, start.disguised);
        for group in others {
            let reach = |hit: &Hit| text.reach(hit.first.min(first), hit.last.max(last));
            let near = hits
                .iter()
                .filter(|hit| group.contains(&hit.concept) && *hit != start)
                .filter(|hit| reach(hit) <= self.rule.within)
                .filter(|hit| self.rule.across || !divided(text, hit.first.min(first), hit.last.max(last)))
                .min_by_key(|hit| reach(hit))?;
            first = first.min(near.first);
            last = last.max(near.last);
            disguised |= near.disguised;
        }
        Some((first, last, disguised))
    }

    fn finding(
        &self,
        text: &Text,
        first: u32,
        last: u32,
        disguised: bool,
        softened: bool,
        request: &Request<'_>,
    ) -> Finding {
        // What is severe stays severe: a frame of history is too easily written around it.
        let lighter = softened && self.rule.severity != Severity::Severe;
        let severity = if lighter { self.rule.severity.min(Severity::Moderate) } else { self.rule.severity };
        let effect = match self.rule.effects.get(&request.profile) {
            Some(effect) if !lighter => *effect,
            _ => request.profile.effect(severity),
        };
        Finding {
            category: self.rule.category,
            severity,
            effect,
            rule: self.rule.id.clone(),
            source: self.source.clone(),
            reason: self.rule.reason.clone(),
            rephrase: self.rule.rephrase.clone(),
            span: text.span(first, last),
            disguised,
        }
    }

    pub(crate) const fn category(&self) -> Category {
        self.rule.category
    }
}

/// Whether a sentence ends between these words.
pub(crate) fn divided(text: &Text, first: u32, last: u32) -> bool {
    let inside = first as usize + 1..=last as usize;
    text.words.get(inside).into_iter().flatten().any(|word| word.gap == Gap::Stop)
}

/// Whether the concept stands in the sentence of these words.
pub(crate) fn excused(text: &Text, hits: &[Hit], concept: u32, first: u32, last: u32) -> bool {
    hits.iter().filter(|hit| hit.concept == concept).any(|hit| !divided(text, hit.first.min(first), hit.last.max(last)))
}

/// Whether any finding of this category is in the way already.
pub(crate) fn stands(found: &[Finding], category: Category) -> bool {
    found.iter().any(|finding| finding.category == category && finding.effect == Verdict::Refused)
}
