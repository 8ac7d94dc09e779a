//! What a judgement is made of: categories, severities, findings and the verdict, in words that a person reads.
//! They exist apart from how they are found, so that the screen and the queue need to know nothing else.
//! Nothing here decides; the one table is how heavy a finding weighs in each profile.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Pornography and sexualised nudity of adults.
    Sexual,
    /// Anything sexual, romantic with an adult, or unclothed, with somebody under age.
    Minors,
    /// Injury, torture or death shown for its detail. A fight or a gunshot is not.
    GraphicViolence,
    /// Contempt for, or a call against, people for what they are.
    Hate,
    /// Suicide, self-injury or starving as something to do, to learn or to admire.
    SelfHarm,
    /// A likeness of somebody who lives and has not consented.
    RealPeople,
    /// Characters, works and styles that belong to somebody.
    ProtectedWorks,
    /// Pictures made to be taken for true: false news, false evidence, fraud, removed marks of origin.
    DeceptiveUse,
    /// Text that cannot be checked, because it is too long or too full of hidden words.
    Unreadable,
}

impl Category {
    /// Every category that rules are written for.
    pub const JUDGED: [Self; 8] = [
        Self::Sexual,
        Self::Minors,
        Self::GraphicViolence,
        Self::Hate,
        Self::SelfHarm,
        Self::RealPeople,
        Self::ProtectedWorks,
        Self::DeceptiveUse,
    ];

    /// The name used in packs and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sexual => "sexual",
            Self::Minors => "minors",
            Self::GraphicViolence => "graphic_violence",
            Self::Hate => "hate",
            Self::SelfHarm => "self_harm",
            Self::RealPeople => "real_people",
            Self::ProtectedWorks => "protected_works",
            Self::DeceptiveUse => "deceptive_use",
            Self::Unreadable => "unreadable",
        }
    }
}

/// How heavy a finding is, before the profile is asked. In rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth saying, never in the way: Lincoln may speak.
    Note,
    /// Ordinary drama: a fight, a gunshot, a death.
    Mild,
    /// For grown-ups, or near a line: nudity in a life class.
    Moderate,
    /// Refused in every profile.
    Serious,
    /// Refused in every profile, and no context makes it lighter.
    Severe,
}

/// For whom the film is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Drama for adults: violence may happen, gore may not.
    #[default]
    Standard,
    /// Everybody at the table: drama is announced, nudity refused.
    Family,
    /// A school: as the family, but what history and medicine must name is announced instead of refused.
    Classroom,
}

impl Profile {
    /// What a finding of this severity does, where its rule says nothing else.
    #[must_use]
    pub const fn effect(self, severity: Severity) -> Verdict {
        match (self, severity) {
            (_, Severity::Note) | (Self::Standard, Severity::Mild) => Verdict::Allowed,
            (Self::Standard | Self::Classroom, Severity::Moderate) | (_, Severity::Mild) => Verdict::Warned,
            (Self::Family, Severity::Moderate) | (_, Severity::Serious | Severity::Severe) => Verdict::Refused,
        }
    }
}

/// Where a text stands. A mention in a line of dialogue is not a likeness on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// What the engine is asked to show: a prompt, an action, a scene heading.
    #[default]
    Prompt,
    /// What somebody says or sings.
    Dialogue,
    /// A title or a caption laid over the picture.
    Title,
    /// How a character, a place or a prop of the cast looks.
    Descriptor,
}

/// What happens to the order. In rising order; a judgement takes the highest of its findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It may be queued.
    Allowed,
    /// It may be queued once a person has read why it is near a line.
    Warned,
    /// It must not be queued as it is written.
    Refused,
}

/// One text to judge.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub text: &'a str,
    pub place: Place,
    pub profile: Profile,
    /// Ids of listed people whose own consent record the backend has found valid, as
    /// [`Engine::people_named`](crate::Engine::people_named) gives them.
    pub consented: &'a BTreeSet<String>,
}

/// One reason for the verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub category: Category,
    pub severity: Severity,
    /// What this finding alone does in the profile asked for.
    pub effect: Verdict,
    /// Id of the rule, stable over versions of its pack: `minors.sexual`, `people.living`.
    pub rule: String,
    /// Name and version of the pack or list that holds the rule: `kinora-people 1`.
    pub source: String,
    /// What was found and why it matters, as a sentence.
    pub reason: String,
    /// What to write instead, as a sentence.
    pub rephrase: String,
    /// Where, in bytes of the text as it was given; always on character boundaries.
    pub span: Range<usize>,
    /// The words were written so as not to be read: look-alike letters, digits for letters, spaces between.
    pub disguised: bool,
}

/// The verdict on one text, with every reason for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    pub verdict: Verdict,
    /// The heaviest first, then in the order of the text.
    pub findings: Vec<Finding>,
    /// Names and versions of all packs that were asked, so that an old judgement can be told from a new one.
    pub rules: String,
}

impl Judgement {
    /// A judgement of these findings; their order and the verdict follow from them.
    pub(crate) fn of(mut findings: Vec<Finding>, rules: String) -> Self {
        findings.sort_by(|one, other| {
            (other.effect, other.severity).cmp(&(one.effect, one.severity)).then(one.span.start.cmp(&other.span.start))
        });
        let verdict = findings.iter().map(|finding| finding.effect).max().unwrap_or(Verdict::Allowed);
        Self { verdict, findings, rules }
    }

    /// The findings of this category that are in the way, refused or warned.
    pub fn of_category(&self, category: Category) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.category == category && finding.effect > Verdict::Allowed)
    }
}

/// What a rephrase changed: the whole text is judged again, and compared with the judgement appealed against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appeal {
    /// Of the new text, by the rules of today; this one counts.
    pub judgement: Judgement,
    /// Rules that were in the way and no longer are.
    pub cleared: Vec<String>,
    /// Rules that were in the way and still are.
    pub standing: Vec<String>,
    /// Rules that are in the way only now.
    pub added: Vec<String>,
}
