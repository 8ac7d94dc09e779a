//! How a port says no: a [`Refusal`] when the request cannot be granted, a [`Fault`] when we or the world failed.

use kinora_document::Refusal;

/// Something broke. As a sentence for a person: what happened, why, what to do; `detail` is for the folded part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {remedy}")]
pub struct Fault {
    pub what: String,
    pub remedy: String,
    pub detail: String,
}

impl Fault {
    pub fn new(what: impl Into<String>, remedy: impl Into<String>, detail: impl std::fmt::Display) -> Self {
        Self { what: what.into(), remedy: remedy.into(), detail: detail.to_string() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Failed(#[from] Fault),
    /// The caller asked for it; nothing is wrong and nothing is kept.
    #[error("Cancelled.")]
    Cancelled,
}

/// Answer of a progress callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Continue,
    Cancel,
}
