//! A request that cannot be granted, as a sentence for a person: what happened, why, and what to do next.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{what} {remedy}")]
pub struct Refusal {
    /// Stable name of the rule, for tests and translations: `clip.too_short`.
    pub rule: String,
    /// What happened and why, as a full sentence.
    pub what: String,
    /// What to do next, as a full sentence.
    pub remedy: String,
}

impl Refusal {
    pub fn new(rule: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { rule: rule.to_owned(), what: what.into(), remedy: remedy.into() }
    }
}
