//! Every way a service says no, as the one shape the screen and the command line show.

use kinora_api::Problem;
use kinora_document::{PatchError, Refusal};
use kinora_ports::{Fault, PortError};

/// A [`Problem`] as an error value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble(pub Problem);

impl Trouble {
    pub fn refuse(rule: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self(Refusal::new(rule, what, remedy).into())
    }
    pub fn cancelled() -> Self {
        Self::refuse("cancelled", "It was cancelled.", "Start it again when you like.")
    }
    pub fn is_cancelled(&self) -> bool {
        self.0.rule == "cancelled"
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.0.what, self.0.remedy)
    }
}

impl std::error::Error for Trouble {}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.into())
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self(Problem { rule: "fault".to_owned(), what: fault.what, remedy: fault.remedy, detail: fault.detail })
    }
}

impl From<PortError> for Trouble {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Refused(refusal) => refusal.into(),
            PortError::Failed(fault) => fault.into(),
            PortError::Cancelled => Self::cancelled(),
        }
    }
}

impl From<PatchError> for Trouble {
    fn from(error: PatchError) -> Self {
        Fault::new("The edit does not fit the film as it is now.", "Look at the film again and repeat the edit.", error)
            .into()
    }
}
