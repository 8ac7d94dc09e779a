//! The evaluation: what share of harmful prompts is refused and of benign ones is let through, with Wilson intervals.
//! It exists once and is used twice, by the test that holds the bars and by the bench that prints the table.
//! It must never be used while fitting: rules and corpus know nothing of these texts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kinora_policy::{Category, Engine, Place, Profile, Request, Verdict};
use kinora_screenplay::{ElementKind, parse};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Prompt {
    pub template: String,
    pub part: String,
    pub language: String,
    pub kind: String,
    pub expect: Option<Category>,
    pub text: String,
}

/// The parts that the bars are held on. The others were written later, to look ahead.
const HALVES: [&str; 2] = ["seen", "sealed"];

/// The sets of people who knew neither rules nor corpus.
pub const STRANGERS: [&str; 6] = ["independent", "second", "third", "fourth", "fifth", "sixth"];
/// The severe categories that strangers wrote prompts for.
pub const OF_STRANGERS: [Category; 4] =
    [Category::Sexual, Category::GraphicViolence, Category::Hate, Category::SelfHarm];

/// So many of so many.
#[derive(Clone, Copy, Debug, Default)]
pub struct Share {
    pub hits: u32,
    pub of: u32,
}

impl Share {
    pub fn count(&mut self, hit: bool) {
        self.of += 1;
        self.hits += u32::from(hit);
    }

    fn and(self, other: Self) -> Self {
        Self { hits: self.hits + other.hits, of: self.of + other.of }
    }

    pub fn rate(self) -> f64 {
        f64::from(self.hits) / f64::from(self.of.max(1))
    }

    /// The interval that holds the true share in 95 of 100 such samples (Wilson 1927), z = 1.96.
    pub fn wilson(self) -> (f64, f64) {
        let (n, p, z) = (f64::from(self.of.max(1)), self.rate(), 1.96_f64);
        let middle = p + z * z / (2.0 * n);
        let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z * z / n;
        (((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0))
    }
}

#[derive(Debug, Default)]
pub struct Measured {
    /// Harmful prompts of each category that are refused, whatever the category named.
    pub refused: BTreeMap<Category, Share>,
    /// … and for which a finding of just that category is in the way.
    pub named: BTreeMap<Category, Share>,
    /// Benign prompts with a finding of each category in the way.
    pub false_positives: BTreeMap<Category, Share>,
    pub benign_refused: Share,
    pub benign_warned: Share,
    pub disguised: BTreeMap<String, Share>,
    pub languages: BTreeMap<String, Share>,
    pub misses: Vec<String>,
}

pub fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/evaluation"))
}

pub fn prompts() -> Vec<Prompt> {
    let text = std::fs::read_to_string(folder().join("prompts.jsonl")).expect("the evaluation set is there");
    text.lines().map(|line| serde_json::from_str(line).expect("a prompt")).collect()
}

pub fn ask(engine: &Engine, text: &str, place: Place, profile: Profile) -> kinora_policy::Judgement {
    engine.judge(&Request { text, place, profile, consented: &BTreeSet::new() })
}

/// All strangers' sets together: severe prompts refused, and benign ones refused.
pub fn strangers(engine: &Engine) -> (Share, Share) {
    STRANGERS.iter().fold(Default::default(), |(severe, benign), set| {
        let measured = measure(engine, Some(set));
        let refused = |category| measured.refused.get(category).copied().unwrap_or_default();
        let severe = OF_STRANGERS.iter().map(refused).fold(severe, Share::and);
        (severe, Share::and(benign, measured.benign_refused))
    })
}

/// Judges every prompt of one part of the set, or of both halves, in the standard profile. Other parts are asked for by name.
pub fn measure(engine: &Engine, part: Option<&str>) -> Measured {
    let mut measured = Measured::default();
    for prompt in prompts()
        .iter()
        .filter(|prompt| part.map_or(HALVES.contains(&prompt.part.as_str()), |part| prompt.part == part))
    {
        let judgement = ask(engine, &prompt.text, Place::Prompt, Profile::Standard);
        let refused = judgement.verdict == Verdict::Refused;
        let rules = || judgement.findings.iter().map(|one| one.rule.as_str()).collect::<Vec<_>>().join(" ");
        let mut miss = || {
            let (template, kind, text) = (&prompt.template, &prompt.kind, &prompt.text);
            measured.misses.push(format!("{} {template} {kind} [{}] {text}", prompt.part, rules()));
        };
        if let Some(category) = prompt.expect {
            if !refused {
                miss();
            }
            measured.refused.entry(category).or_default().count(refused);
            measured.named.entry(category).or_default().count(judgement.of_category(category).next().is_some());
            measured.languages.entry(prompt.language.clone()).or_default().count(refused);
            if prompt.kind != "plain" {
                measured.disguised.entry(prompt.kind.clone()).or_default().count(refused);
            }
        } else {
            if judgement.verdict > Verdict::Allowed {
                miss();
            }
            measured.benign_refused.count(refused);
            measured.benign_warned.count(judgement.verdict == Verdict::Warned);
            for category in Category::JUDGED {
                let share = measured.false_positives.entry(category).or_default();
                share.count(judgement.of_category(category).any(|one| one.effect == Verdict::Refused));
            }
        }
    }
    measured
}

/// What the ten screenplays come to, paragraph by paragraph.
#[derive(Debug, Default)]
pub struct Scripts {
    pub files: u32,
    pub refused: Share,
    pub warned: Share,
    pub misses: Vec<String>,
}

/// Each scene heading, action and line of dialogue of the screenplays is one order.
pub fn scripts(engine: &Engine, profile: Profile) -> Scripts {
    let mut out = Scripts::default();
    let mut files: Vec<_> = std::fs::read_dir(folder().join("scripts"))
        .expect("the screenplays are there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    for file in files {
        out.files += 1;
        let parsed = parse(&std::fs::read_to_string(&file).expect("a screenplay can be read"));
        for element in parsed.screenplay.elements() {
            let place = match element.kind {
                ElementKind::Dialogue | ElementKind::Lyrics => Place::Dialogue,
                ElementKind::SceneHeading | ElementKind::Action => Place::Prompt,
                _ => continue,
            };
            let judgement = ask(engine, element.text, place, profile);
            out.refused.count(judgement.verdict == Verdict::Refused);
            out.warned.count(judgement.verdict == Verdict::Warned);
            if judgement.verdict > Verdict::Allowed {
                let rules: Vec<_> = judgement.findings.iter().map(|one| one.rule.as_str()).collect();
                out.misses.push(format!("{:?} {rules:?} {}", judgement.verdict, element.text));
            }
        }
    }
    out
}
