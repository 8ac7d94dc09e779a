//! The engine: packs made ready once, then a judgement for each text.
//! It exists as the one place where rules, names and the classifier meet.
//! It must never ask a clock, a file or chance: the same packs and the same request give the same judgement, always.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::children;
use crate::classifier::{Classifier, LEARNED};
use crate::judgement::{Appeal, Category, Finding, Judgement, Place, Request, Severity, Verdict};
use crate::lexicon::{Hit, INNOCENT, Lexicon, LexiconBuilder};
use crate::names::ReadyName;
use crate::normalise::{Gap, Text, plain_words};
use crate::packs::{Content, ListKind, Pack, PackError};
use crate::rules::{ReadyRule, stands};

/// The longest text judged at once, in bytes: an hour of dialogue. A longer one is judged scene by scene.
pub const MAX_TEXT_BYTES: usize = 64 << 10;
/// Reasons in one judgement; nobody reads more.
const MOST_FINDINGS: usize = 32;
/// Fewer words than this say too little for the classifier.
const SHORTEST_PASSAGE: usize = 3;
/// The classifier reads so many words at once, in whole sentences: what a sentence means stands in the one before it.
const LONGEST_PASSAGE: usize = 40;
/// A guess that is so far above the threshold is not softened by a word of history or help beside it. Log-odds.
const FAR_ABOVE: f32 = 1.0;
/// Where every passage is so far below it, a word that a rule knows was meant otherwise ("a snake bite", "film negro"). Log-odds.
const FAR_BELOW: f32 = -2.0;

/// Packs made ready to judge.
#[derive(Debug)]
pub struct Engine {
    lexicon: Lexicon,
    rules: Vec<ReadyRule>,
    names: Vec<ReadyName>,
    classifier: Classifier,
    /// For each category, concepts beside which a guess only warns.
    softeners: BTreeMap<Category, BTreeSet<u32>>,
    versions: String,
}

impl Engine {
    /// The engine with the packs that come with Kinora and these beside or in place of them.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn shipped_with(more: Vec<Pack>) -> Result<Self, PackError> {
        let mut packs = Pack::shipped()?;
        packs.extend(more);
        Self::new(packs)
    }

    /// Of packs with the same name the later in the list replaces the earlier, unless it is older.
    ///
    /// # Errors
    /// When a pack would replace a newer one or one of another kind, or a rule needs words that no pack has.
    pub fn new(packs: Vec<Pack>) -> Result<Self, PackError> {
        let packs = newest(packs)?;
        let mut lexicon = LexiconBuilder::default();
        let mut names = Vec::new();
        for pack in packs.values() {
            match &pack.content {
                Content::Rules(rules) => {
                    for (name, concept) in &rules.concepts {
                        let id = lexicon.concept(name, concept.negatable);
                        for entry in concept.words.values().flat_map(|words| words.split(',')) {
                            lexicon.add(id, entry);
                        }
                    }
                    let innocent = lexicon.concept(INNOCENT, false);
                    for entry in rules.innocent.values().flat_map(|words| words.split(',')) {
                        lexicon.add(innocent, entry);
                    }
                }
                Content::Names(list) => {
                    names.extend(list.names.iter().map(|named| ReadyName::of(list, named, &mut lexicon)));
                }
            }
        }
        let mut rules = Vec::new();
        let mut softeners: BTreeMap<Category, BTreeSet<u32>> = BTreeMap::new();
        for pack in packs.values() {
            if let Content::Rules(content) = &pack.content {
                for (category, concepts) in &content.guess_softened_by {
                    for concept in concepts {
                        let unknown =
                            || PackError::UnknownConcept { rule: "guess_softened_by".into(), concept: concept.clone() };
                        let id = lexicon.find(concept).ok_or_else(unknown)?;
                        softeners.entry(*category).or_default().insert(id);
                    }
                }
                for rule in &content.rules {
                    rules.push(ReadyRule::of(content, rule, &lexicon)?);
                }
            }
        }
        if rules.is_empty() {
            return Err(PackError::NoRules);
        }
        let versions: Vec<String> = packs.values().map(|pack| format!("{} {}", pack.name(), pack.version())).collect();
        Ok(Self {
            lexicon: lexicon.build()?,
            rules,
            names,
            classifier: Classifier::shipped()?,
            softeners,
            versions: versions.join(", "),
        })
    }

    /// Names and versions of all packs in use.
    #[must_use]
    pub fn rules_in_use(&self) -> &str {
        &self.versions
    }

    /// Ids of the listed people with this name, however it is written: what a consent record of that person unlocks.
    #[must_use]
    pub fn people_named(&self, name: &str) -> Vec<&str> {
        let plain = plain_words(name);
        self.names.iter().filter(|named| named.is_person_called(&plain)).map(ReadyName::id).collect()
    }

    /// Judges one text.
    #[must_use]
    pub fn judge(&self, request: &Request<'_>) -> Judgement {
        if request.text.len() > MAX_TEXT_BYTES {
            let reason =
                format!("The text is {} bytes long and {MAX_TEXT_BYTES} is the most at once.", request.text.len());
            return Judgement::of(vec![unreadable("text.too_long", reason, request.text)], self.versions.clone());
        }
        let text = Text::read(request.text);
        let hits = if text.is_a_riddle() { None } else { self.lexicon.hits(&text) };
        let Some(hits) = hits else {
            let reason = "The text holds more listed or hidden words than can be weighed at once.".to_owned();
            return Judgement::of(vec![unreadable("text.too_dense", reason, request.text)], self.versions.clone());
        };
        let mut found: Vec<Finding> =
            self.names.iter().filter_map(|named| named.finding(&text, &hits, request)).collect();
        self.heed_opt_outs(&mut found);
        for rule in &self.rules {
            rule.findings(&text, &hits, request, &mut found);
        }
        let passages = self.scored(&text);
        clear_words_meant_otherwise(&passages, request, &mut found);
        self.add_guesses(&text, &passages, &hits, request, &mut found);
        let mut judgement = Judgement::of(found, self.versions.clone());
        judgement.findings.truncate(MOST_FINDINGS);
        judgement
    }

    /// Judges a rephrased text and says what became of the findings that were in the way.
    #[must_use]
    pub fn appeal(&self, refused: &Judgement, rephrased: &Request<'_>) -> Appeal {
        let in_the_way = |judgement: &Judgement| -> BTreeSet<String> {
            let findings = judgement.findings.iter().filter(|finding| finding.effect > Verdict::Allowed);
            findings.map(|finding| finding.rule.clone()).collect()
        };
        let judgement = self.judge(rephrased);
        let (before, after) = (in_the_way(refused), in_the_way(&judgement));
        Appeal {
            cleared: before.difference(&after).cloned().collect(),
            standing: before.intersection(&after).cloned().collect(),
            added: after.difference(&before).cloned().collect(),
            judgement,
        }
    }

    /// A name that its holder took out is not called free by another list in the same judgement.
    fn heed_opt_outs(&self, found: &mut Vec<Finding>) {
        let taken: Vec<_> =
            found.iter().filter(|one| one.rule == "names.opt_out").map(|one| one.span.clone()).collect();
        found.retain(|one| {
            one.severity > Severity::Note
                || !taken.iter().any(|span| span.start < one.span.end && one.span.start < span.end)
        });
    }

    /// What the classifier says of each sentence that is one among others in a passage, and of each passage.
    fn scored(&self, text: &Text) -> Vec<Passage> {
        let sentences = reaches(text);
        let children: Vec<bool> =
            sentences.iter().map(|(first, last)| children::named_in(&text.sentence(*first, *last))).collect();
        let scored = |nth: Range<usize>, least: f32| -> Option<Passage> {
            let (first, last) = (sentences.get(nth.start)?.0, sentences.get(nth.end.checked_sub(1)?)?.1);
            // "My niece is nine. She …": the sentence before and the one behind count, too.
            let beside = children.iter().take(nth.end + 1).skip(nth.start.saturating_sub(1)).any(|named| *named);
            let long_enough = last - first + 1 >= SHORTEST_PASSAGE;
            let scores = long_enough.then(|| self.classifier.score(&text.sentence(first, last), beside))?;
            Some(Passage { words: (first, last), scores, least })
        };
        let passages = passages(&sentences);
        let mut is_passage = vec![false; sentences.len()];
        for of_one in passages.iter().filter(|nth| nth.len() == 1) {
            is_passage.iter_mut().skip(of_one.start).take(1).for_each(|is| *is = true);
        }
        let alone = is_passage.iter().enumerate().filter(|(_, is)| !**is).map(|(one, _)| one..one + 1);
        let alone = alone.filter_map(|nth| scored(nth, self.classifier.least_alone()));
        alone.chain(passages.iter().filter_map(|nth| scored(nth.clone(), 0.0))).collect()
    }

    /// For the categories that no rule has refused already.
    fn add_guesses(
        &self,
        text: &Text,
        passages: &[Passage],
        hits: &[Hit],
        request: &Request<'_>,
        found: &mut Vec<Finding>,
    ) {
        let at = |word: usize| u32::try_from(word).unwrap_or(u32::MAX);
        for passage in passages {
            for (category, score) in LEARNED.into_iter().zip(passage.scores) {
                if score <= passage.least || stands(found, category) {
                    continue;
                }
                let softer = self.softeners.get(&category);
                let softer = score < FAR_ABOVE
                    && hits.iter().any(|hit| softer.is_some_and(|concepts| concepts.contains(&hit.concept)));
                let severity = match request.place {
                    // A line of dialogue shows nothing, and a guess about words alone is not enough to refuse it.
                    Place::Dialogue => Severity::Mild,
                    _ if softer => Severity::Moderate,
                    _ => Severity::Serious,
                };
                // Passages overlap: what was warned of once is not warned of again.
                if found.iter().all(|one| one.category != category || one.severity < severity) {
                    let (first, last) = passage.words;
                    found.push(suspected(category, severity, text.span(at(first), at(last)), request));
                }
            }
        }
    }

    /// How many rules there are for each category, for the page that explains them.
    #[must_use]
    pub fn rules_by_category(&self) -> BTreeMap<Category, usize> {
        let mut counts = BTreeMap::new();
        for rule in &self.rules {
            *counts.entry(rule.category()).or_default() += 1;
        }
        counts
    }
}

/// Of each name the newest, in the order of names; what may not replace is an error.
fn newest(packs: Vec<Pack>) -> Result<BTreeMap<String, Pack>, PackError> {
    let mut kept: BTreeMap<String, Pack> = BTreeMap::new();
    for pack in packs {
        if let Some(held) = kept.get(pack.name()) {
            if kind(held) != kind(&pack) {
                let why = format!("it calls itself {:?}, which is another kind of pack here", pack.name());
                return Err(PackError::Unreadable { why });
            }
            if pack.is_opt_out() && pack.key != held.key {
                return Err(PackError::AnotherMaker { name: pack.name().to_owned() });
            }
            if pack.version() < held.version() {
                let name = pack.name().to_owned();
                return Err(PackError::Older { name, offered: pack.version(), held: held.version() });
            }
        }
        kept.insert(pack.name().to_owned(), pack);
    }
    Ok(kept)
}

const fn kind(pack: &Pack) -> Option<ListKind> {
    match &pack.content {
        Content::Rules(_) => None,
        Content::Names(names) => Some(names.kind),
    }
}

/// A passage, or a sentence of one.
struct Passage {
    /// The first and the last.
    words: (usize, usize),
    scores: [f32; LEARNED.len()],
    /// Scores above it are found.
    least: f32,
}

/// Makes light of what serious rules found where all around it reads as harmless. What is severe or disguised stays, and so does a name.
fn clear_words_meant_otherwise(passages: &[Passage], request: &Request<'_>, found: &mut [Finding]) {
    let highest = passages.iter().flat_map(|passage| passage.scores).reduce(f32::max);
    if highest.is_none_or(|score| score > FAR_BELOW) {
        return;
    }
    let meant_otherwise = |finding: &&mut Finding| {
        finding.severity == Severity::Serious && !finding.disguised && LEARNED.contains(&finding.category)
    };
    for finding in found.iter_mut().filter(meant_otherwise) {
        finding.severity = Severity::Mild;
        finding.effect = request.profile.effect(Severity::Mild);
    }
}

/// The passages of a text as [`Classifier::score`] wants them, in plain words with disguises off. For the program that fits it.
#[must_use]
pub fn plain_passages(original: &str) -> Vec<String> {
    let text = Text::read(original);
    let sentences = reaches(&text);
    let words =
        |nth: Range<usize>| Some(text.sentence(sentences.get(nth.start)?.0, sentences.get(nth.end.checked_sub(1)?)?.1));
    passages(&sentences).into_iter().filter_map(words).collect()
}

/// The sentences of a text in plain words, with disguises off. For the program that fits the classifier.
#[must_use]
pub fn plain_sentences(original: &str) -> Vec<String> {
    let text = Text::read(original);
    reaches(&text).into_iter().map(|(first, last)| text.sentence(first, last)).collect()
}

/// Runs of sentences that have at most [`LONGEST_PASSAGE`] words together, or of one that has more: from each sentence on as many as fit,
/// but for those that the run before holds already.
fn passages(sentences: &[(usize, usize)]) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for (nth, (first, _)) in sentences.iter().enumerate() {
        let fits = |(_, last): &&(usize, usize)| last - first < LONGEST_PASSAGE;
        let end = nth + sentences.iter().skip(nth).take_while(fits).count().max(1);
        if out.last().is_none_or(|before| before.end < end) {
            out.push(nth..end);
        }
    }
    out
}

/// The first and the last word of each sentence.
fn reaches(text: &Text) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (at, word) in text.words.iter().enumerate() {
        match out.last_mut() {
            Some((_, last)) if word.gap < Gap::Stop => *last = at,
            _ => out.push((at, at)),
        }
    }
    out
}

fn suspected(category: Category, severity: Severity, span: Range<usize>, request: &Request<'_>) -> Finding {
    let (meant, rephrase) = match category {
        Category::Sexual => ("a sexual scene", "Tell what the two mean to each other and cut away before it shows."),
        Category::Minors => {
            ("something that endangers a child", "Leave the child out of it; nothing near this can be made.")
        }
        Category::GraphicViolence => {
            ("injury shown for its detail", "Tell the violence by its cause and its effect on a face.")
        }
        Category::Hate => ("contempt for people for what they are", "Show what a person does, not what a group is."),
        Category::SelfHarm => ("self-harm as something to do or admire", "Show the help that arrives, and no method."),
        _ => ("a picture made to deceive", "Write it as the fiction it is, with invented names and places."),
    };
    Finding {
        category,
        severity,
        effect: request.profile.effect(severity),
        rule: format!("classifier.{}", category.name()),
        source: "kinora-classifier 4".to_owned(),
        reason: format!(
            "This passage reads like {meant}; no listed words were found, so this is a guess from similar passages."
        ),
        rephrase: format!("{rephrase} If that is not what you mean, say it in other words."),
        span,
        disguised: false,
    }
}

fn unreadable(rule: &str, reason: String, text: &str) -> Finding {
    Finding {
        category: Category::Unreadable,
        severity: Severity::Serious,
        effect: Verdict::Refused,
        rule: rule.to_owned(),
        source: concat!("kinora-policy ", env!("CARGO_PKG_VERSION")).to_owned(),
        reason,
        rephrase: "Give the text scene by scene or shot by shot, in plain words.".to_owned(),
        span: 0..text.len(),
        disguised: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_hold_whole_sentences_and_no_more_words_than_are_read_at_once() {
        let sentence = |words: usize| vec!["word"; words].join(" ");
        let text = |lengths: &[usize]| lengths.iter().map(|words| sentence(*words)).collect::<Vec<_>>().join(". ");
        let counts = |lengths: &[usize]| -> Vec<usize> {
            plain_passages(&text(lengths)).iter().map(|passage| passage.split(' ').count()).collect()
        };
        assert_eq!(counts(&[5, 10]), [15]);
        assert_eq!(counts(&[LONGEST_PASSAGE, 3]), [LONGEST_PASSAGE, 3]);
        assert_eq!(counts(&[90]), [90], "a sentence is not divided");
        assert_eq!(counts(&[20, 20, 20]), [40, 40], "each sentence stands beside the one before it");
    }
}
