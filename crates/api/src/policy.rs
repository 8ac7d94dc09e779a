//! What the rules of this house are, what they said about a text, and what a person may change about them.
//!
//! Words only: the rules themselves are the backend's. A PIN is sent when something is changed and never comes back.

use super::*;

/// For whom films are made on this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HouseProfile {
    #[default]
    Standard,
    Family,
    Classroom,
}

impl HouseProfile {
    pub const ALL: [Self; 3] = [Self::Standard, Self::Family, Self::Classroom];

    /// As it is stored and typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Family => "family",
            Self::Classroom => "classroom",
        }
    }
}

/// One thing that the rules found in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyNote {
    pub rule: String,
    /// Name and version of the list or pack that holds the rule.
    pub source: String,
    /// False for what may be made once it was read.
    pub refused: bool,
    /// The words it is about.
    pub words: String,
    pub reason: String,
    /// What to write instead.
    pub rephrase: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    pub profile: HouseProfile,
    pub has_pin: bool,
    /// Whether the words of what was refused are kept with the decision.
    pub keeps_words: bool,
    /// "kinora-people 1, …".
    pub rules: String,
    pub lists: Vec<OptOutList>,
    /// Newest first.
    pub decisions: Vec<Decision>,
    /// What looks at pictures, or that nothing does, as a sentence.
    pub picture_checks: String,
    /// Lists that cannot be read and are not in force, as sentences.
    pub problems: Vec<String>,
}

/// A list of a rights-holder that a person added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptOutList {
    pub name: String,
    pub version: u32,
    /// Whose list it says it is.
    pub holder: String,
    /// The key it is signed with, as hexadecimal digits.
    pub key: String,
}

/// Something that was refused or warned of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Milliseconds since 1970.
    pub at: i64,
    /// "prompt", "dialogue", "title", "descriptor"; of what was seen: "picture", "reference", "take".
    pub place: String,
    pub profile: HouseProfile,
    pub refused: bool,
    pub rules: Vec<String>,
    /// Only when the person wanted it kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// A change of the rules of the house; what is None stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPolicy {
    /// Needed when there is one.
    pub pin: Option<String>,
    pub profile: Option<HouseProfile>,
    /// Empty takes the PIN away.
    pub new_pin: Option<String>,
    pub keeps_words: Option<bool>,
    /// Name of an opt-out list to leave out from now on.
    pub remove_list: Option<String>,
}
