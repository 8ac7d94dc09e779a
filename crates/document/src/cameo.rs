//! A cameo as a film knows it: whose likeness a member of the cast has, and which consent the film relies on.
//!
//! Here are the plain words of a consent (who, what, for whom, until when), so that the screen can show them. A film only *names* a
//! consent; that it holds is proved by the ledger of the machine each time an order is made. Nothing here ever grants anything.

use crate::hash::BlobHash;
use crate::id::CameoId;
use crate::limits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CameoKind {
    Person,
    /// Its owner consents.
    Pet,
    /// A toy, a puppet, a thing with a face: its owner consents.
    Toy,
    /// A drawn figure: who drew it consents.
    Drawing,
}

/// What a film with the cameo is for, as its maker says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Stories, sketches, private fun.
    Story,
    /// Lessons and explanations.
    Teaching,
    /// Selling something.
    Advertising,
    /// Campaigns, and taking sides on public matters.
    Campaign,
}

impl Purpose {
    pub const ALL: [Self; 4] = [Self::Story, Self::Teaching, Self::Advertising, Self::Campaign];

    /// As typed on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Story => "story",
            Self::Teaching => "teaching",
            Self::Advertising => "advertising",
            Self::Campaign => "campaign",
        }
    }
}

/// Whose signature it is: the public half of an ed25519 key, written as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonKey(pub BlobHash);

impl std::fmt::Display for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for PersonKey {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| "a person's key is 64 hexadecimal digits")
    }
}

/// Somebody who may use the cameo on a machine of their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedPerson {
    pub name: String,
    pub key: PersonKey,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Whoever gave the consent, on the machine it was given on.
    OnlyMe,
    /// And these people.
    People(Vec<NamedPerson>),
    /// And anyone who has the signed consent file.
    Anyone,
}

/// What may be made with a cameo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    pub purposes: BTreeSet<Purpose>,
    /// In the subject's own words; shown to whoever casts the cameo. No program can hold a film against them.
    pub restrictions: String,
    pub audience: Audience,
    /// Milliseconds since 1970; None is until it is revoked.
    pub until_millis: Option<i64>,
}

impl Terms {
    pub fn fit(&self) -> bool {
        let people = match &self.audience {
            Audience::People(people) => {
                !people.is_empty()
                    && people.len() <= limits::CONSENTED_PEOPLE
                    && people.iter().all(|person| person.name.len() <= limits::NAME_BYTES)
            }
            Audience::OnlyMe | Audience::Anyone => true,
        };
        people && !self.purposes.is_empty() && self.restrictions.len() <= limits::TEXT_BYTES
    }
}

/// A consent as takes and orders name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CameoUse {
    pub cameo: CameoId,
    /// Hash of the signed consent.
    pub consent: BlobHash,
    pub purpose: Purpose,
}
