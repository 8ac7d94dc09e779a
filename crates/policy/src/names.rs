//! Lists of names: people who live, works that belong to somebody, and what a rights-holder asked to be left out.
//! It exists so that a refusal can say which list and why, and so that history and the public domain stay free.
//! It must never let one person's consent stand for another's, nor a list that free names from another list's hold.

use std::collections::BTreeSet;

use crate::judgement::{Category, Finding, Place, Request, Severity};
use crate::lexicon::{Hit, LexiconBuilder};
use crate::normalise::{Gap, Text, plain_words};
use crate::packs::{ListKind, Named, NamedKind, NamesPack, Standing};
use crate::rules::excused;

/// The most words from an ambiguous name to its hint, both counted.
const HINTS_REACH: u32 = 12;

/// How sure a spelling of a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sureness {
    /// Several words, or one that is nobody's else.
    Always,
    /// One word, which has to be written as a name.
    Capital,
    /// Only near one of its hints.
    NearHint,
}

#[derive(Debug)]
pub(crate) struct ReadyName {
    /// List and name, so that the same id in another list is another person.
    id: String,
    named: Named,
    list: ListKind,
    title: String,
    holder: String,
    source: String,
    spellings: Vec<(u32, Sureness)>,
    near: Option<u32>,
    except: Option<u32>,
    /// Plain words of each name, to find a person by name.
    called: Vec<String>,
}

impl ReadyName {
    pub(crate) fn of(pack: &NamesPack, named: &Named, lexicon: &mut LexiconBuilder) -> Self {
        let concept = |lexicon: &mut LexiconBuilder, part: &str| {
            lexicon.concept(&format!("{}/{}/{part}", pack.name, named.id), false)
        };
        let mut spellings = Vec::new();
        let mut called = Vec::new();
        for name in named.names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let (bare, sureness) = if let Some(bare) = name.strip_suffix('!') {
                (bare, Sureness::Always)
            } else if let Some(bare) = name.strip_suffix('?') {
                (bare, Sureness::NearHint)
            } else if plain_words(name).contains(' ') {
                (name, Sureness::Always)
            } else {
                (name, Sureness::Capital)
            };
            let part = match sureness {
                Sureness::Always => "always",
                Sureness::Capital => "capital",
                Sureness::NearHint => "hinted",
            };
            let id = concept(lexicon, part);
            lexicon.add(id, bare);
            if !spellings.contains(&(id, sureness)) {
                spellings.push((id, sureness));
            }
            called.push(plain_words(bare));
        }
        let mut words = |part: &str, list: &str| {
            let entries: Vec<&str> = list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
            (!entries.is_empty()).then(|| {
                let id = concept(lexicon, part);
                entries.iter().for_each(|entry| lexicon.add(id, entry));
                id
            })
        };
        Self {
            id: format!("{}/{}", pack.name, named.id),
            near: words("near", &named.near),
            except: words("except", &named.except),
            named: named.clone(),
            list: pack.kind,
            title: pack.title.clone(),
            holder: pack.holder.clone(),
            source: format!("{} {}", pack.name, pack.version),
            spellings,
            called,
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn is_person_called(&self, plain: &str) -> bool {
        self.named.kind == NamedKind::Person && self.called.iter().any(|called| called == plain)
    }

    /// At most one finding a name: the first place says it all.
    pub(crate) fn finding(&self, text: &Text, hits: &[Hit], request: &Request<'_>) -> Option<Finding> {
        let hit = hits.iter().filter(|hit| self.is_meant(text, hits, hit)).min_by_key(|hit| hit.first)?;
        let severity = self.severity(request);
        Some(Finding {
            category: self.category(),
            severity,
            effect: request.profile.effect(severity),
            rule: self.rule().to_owned(),
            source: self.source.clone(),
            reason: self.reason(request),
            rephrase: self.rephrase(severity),
            span: text.span(hit.first, hit.last),
            disguised: hit.disguised,
        })
    }

    fn is_meant(&self, text: &Text, hits: &[Hit], hit: &Hit) -> bool {
        let Some((_, sureness)) = self.spellings.iter().find(|(concept, _)| *concept == hit.concept) else {
            return false;
        };
        let near = |concept: u32| {
            hits.iter()
                .filter(|hint| hint.concept == concept && (hint.last < hit.first || hint.first > hit.last))
                .any(|hint| text.reach(hint.first.min(hit.first), hint.last.max(hit.last)) <= HINTS_REACH)
        };
        // "A tailor called Taylor, swift with the needle" names nobody.
        let inside = hit.first as usize + 1..=hit.last as usize;
        if text.words.get(inside).into_iter().flatten().any(|word| word.gap >= Gap::Comma) {
            return false;
        }
        if self.except.is_some_and(|concept| excused(text, hits, concept, hit.first, hit.last)) {
            return false;
        }
        let capital = || hit.disguised || text.words.get(hit.first as usize).is_some_and(|word| word.capital);
        match sureness {
            Sureness::Always => true,
            Sureness::Capital => capital(),
            Sureness::NearHint => self.near.is_some_and(near),
        }
    }

    fn consented(&self, consented: &BTreeSet<String>) -> bool {
        self.named.kind == NamedKind::Person && consented.contains(&self.id)
    }

    fn severity(&self, request: &Request<'_>) -> Severity {
        if self.named.standing == Standing::Free || self.consented(request.consented) {
            return Severity::Note;
        }
        // Speaking of somebody shows nobody; an opt-out list asks for the name itself to be left out.
        match (self.list, request.place) {
            (ListKind::OptOut, _) => Severity::Serious,
            (_, Place::Dialogue) => Severity::Note,
            _ => Severity::Serious,
        }
    }

    const fn category(&self) -> Category {
        match self.named.kind {
            NamedKind::Person => Category::RealPeople,
            NamedKind::Character | NamedKind::Work | NamedKind::Style => Category::ProtectedWorks,
        }
    }

    const fn rule(&self) -> &'static str {
        match (self.list, self.named.kind, self.named.standing) {
            (ListKind::OptOut, _, _) => "names.opt_out",
            (_, NamedKind::Person, Standing::Held) => "people.living",
            (_, NamedKind::Person, Standing::Free) => "people.historical",
            (_, _, Standing::Free) => "works.public_domain",
            (_, NamedKind::Character, Standing::Held) => "works.character",
            (_, NamedKind::Work, Standing::Held) => "works.work",
            (_, NamedKind::Style, Standing::Held) => "works.style",
        }
    }

    fn name(&self) -> &str {
        self.named.names.split(',').next().unwrap_or_default().trim().trim_end_matches(['!', '?'])
    }

    fn reason(&self, request: &Request<'_>) -> String {
        let (name, why, title) = (self.name(), &self.named.why, &self.title);
        if self.list == ListKind::OptOut {
            return format!("{name} is on the opt-out list “{title}” of {}: {why}.", self.holder);
        }
        match (self.named.kind, self.named.standing) {
            (NamedKind::Person, Standing::Held) if self.consented(request.consented) => {
                format!("{name} is a real person whose own consent is recorded.")
            }
            (NamedKind::Person, Standing::Held) if request.place == Place::Dialogue => {
                format!("{name}, {why}, is only spoken of: a mention is not a likeness.")
            }
            (NamedKind::Person, Standing::Held) => {
                format!("{name}, {why}, is a real person who has not consented (list “{title}”).")
            }
            (NamedKind::Person, Standing::Free) => {
                format!("{name}, {why}, belongs to history, so a scene with this figure is allowed (list “{title}”).")
            }
            (_, Standing::Free) => format!("{name}, {why}, is in the public domain and allowed (list “{title}”)."),
            (_, Standing::Held) if request.place == Place::Dialogue => {
                format!("{name}, {why}, is only spoken of: a mention shows nothing.")
            }
            (_, Standing::Held) => format!("{name}, {why}, belongs to somebody (list “{title}”)."),
        }
    }

    fn rephrase(&self, severity: Severity) -> String {
        if severity == Severity::Note {
            return "Nothing needs to change.".to_owned();
        }
        match (self.list, self.named.kind) {
            (ListKind::OptOut, _) => {
                format!("Leave {} out and describe something of your own in its place.", self.name())
            }
            (_, NamedKind::Person) => {
                "Invent a person: give a fictional name, age and look. Or ask the person for a consent recording."
                    .to_owned()
            }
            (_, NamedKind::Style) => {
                "Describe the style itself: its lines, colours, light and mood, without the name.".to_owned()
            }
            _ => "Invent a character or a world of your own: describe its look and manner without the name.".to_owned(),
        }
    }
}
