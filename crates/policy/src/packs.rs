//! Packs: rules and lists of names as data, versioned and signed, so that they can be replaced without a new program.
//! A pack is JSON and a signature beside it; the signature is checked over the bytes before one of them is parsed.
//! It must never let a key sign what it is not trusted for: who may opt out may not rewrite the rules.

use std::collections::BTreeMap;

use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::judgement::{Category, Profile, Severity, Verdict};

/// Said before the bytes of a pack when it is signed, so that no other signed thing passes for one.
pub const SIGNED_AS: &[u8] = b"kinora policy pack 1\n";
/// Larger than any list we know of, small enough to be read at once. Bytes.
pub const MAX_PACK_BYTES: usize = 8 << 20;
/// Names in one list; beyond it building the matcher would be felt at start.
const MAX_NAMES: usize = 50_000;
const RULES_SCHEMA: &str = "kinora.policy.rules/1";
const NAMES_SCHEMA: &str = "kinora.policy.names/1";

/// Why a pack is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    #[error("the pack is {bytes} bytes long and {MAX_PACK_BYTES} is the most; split the list in two packs")]
    TooLarge { bytes: usize },
    #[error(
        "the signature file cannot be read ({why}); it holds two lines, `key: ` and `signature: `, in hexadecimal: \
         fetch it again from whoever made the pack"
    )]
    UnreadableSignature { why: &'static str },
    #[error(
        "the pack is signed with key {key}, which is not trusted here; ask its maker for the key and trust it first"
    )]
    UnknownKey { key: String },
    #[error("the signature does not match: the pack was changed after it was signed; fetch it again from its maker")]
    Forged,
    #[error("the key {key} may sign opt-out lists only, and this pack is none; a new pack of rules comes with Kinora")]
    NotForThisKey { key: String },
    #[error("the pack cannot be read ({why}); its maker has to correct it")]
    Unreadable { why: String },
    #[error("pack {name} is version {offered} and version {held} is already in use; keep the newer one")]
    Older { name: String, offered: u32, held: u32 },
    #[error("the list {name} in use was made by another key; ask whoever sent this one for another name")]
    AnotherMaker { name: String },
    #[error("rule {rule} asks for the words {concept:?}, which no pack has; the pack that has them is missing")]
    UnknownConcept { rule: String, concept: String },
    #[error("the rules in use are empty; give the engine at least the packs that come with Kinora")]
    NoRules,
    #[error("the classifier cannot be read ({why}); it comes with Kinora, which has to be installed again")]
    Classifier { why: &'static str },
    #[error("the words of the packs cannot be made into a matcher ({why}); its maker has to correct the newest pack")]
    Words { why: String },
}

/// What a key may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Power {
    /// Every kind of pack.
    Rules,
    /// Opt-out lists, which can only add refusals.
    OptOut,
}

/// The keys that packs are believed from.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    keys: BTreeMap<[u8; 32], Power>,
}

impl Trust {
    /// Nobody.
    #[must_use]
    pub fn nobody() -> Self {
        Self::default()
    }

    /// The key that the packs shipped with Kinora are signed with.
    ///
    /// # Panics
    /// Never: the key is a constant, and a test reads it.
    #[must_use]
    pub fn kinora() -> Self {
        let mut trust = Self::nobody();
        if let Some(key) = bytes_of_hex::<32>(include_str!("../packs/publisher.key").trim()) {
            trust.keys.insert(key, Power::Rules);
        }
        trust
    }

    /// Believes this key, 64 hexadecimal digits, in what it may sign. A key that may already sign rules keeps that.
    ///
    /// # Errors
    /// When the text is not the public half of an ed25519 key.
    pub fn and(mut self, key: &str, power: Power) -> Result<Self, PackError> {
        let bytes = bytes_of_hex::<32>(key.trim())
            .ok_or(PackError::UnreadableSignature { why: "the key is not 64 hexadecimal digits" })?;
        let kept = self.keys.entry(bytes).or_insert(power);
        if power == Power::Rules {
            *kept = power;
        }
        Ok(self)
    }
}

/// A pack whose signature was checked.
#[derive(Clone, Debug)]
pub struct Pack {
    pub(crate) content: Content,
    /// The key it was signed with: a list is replaced by its own maker only.
    pub(crate) key: String,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Rules(RulesPack),
    Names(NamesPack),
}

/// Words and the rules about them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesPack {
    #[serde(rename = "schema")]
    _schema: String,
    pub(crate) name: String,
    pub(crate) version: u32,
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    pub(crate) concepts: BTreeMap<String, Concept>,
    /// Phrases in which the words of a concept mean something else, by language.
    #[serde(default)]
    pub(crate) innocent: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) rules: Vec<Rule>,
    /// Words beside which the classifier's guess at a category is one to warn of only.
    #[serde(default)]
    pub(crate) guess_softened_by: BTreeMap<Category, Vec<String>>,
}

/// Words that mean one thing, by language, separated by commas: `word`, `stem*`, `*part*`, `several words`.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Concept {
    /// "no blood" and "without nudity" do not mean blood and nudity.
    #[serde(default)]
    pub(crate) negatable: bool,
    #[serde(flatten)]
    pub(crate) words: BTreeMap<String, String>,
}

/// Concepts that stand near each other, and what that means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) category: Category,
    pub(crate) severity: Severity,
    /// Each must be there; `a|b` is one or the other.
    pub(crate) all: Vec<String>,
    /// The most words from the first to the last of them, both counted.
    #[serde(default = "Rule::usual_window")]
    pub(crate) within: u32,
    /// They may stand in different sentences.
    #[serde(default)]
    pub(crate) across: bool,
    /// None of these may be in the same sentence, or the rule does not apply.
    #[serde(default)]
    pub(crate) unless: Vec<String>,
    /// Any of these anywhere in the text makes the finding one to warn of: history, medicine, prevention.
    #[serde(default)]
    pub(crate) softened_by: Vec<String>,
    /// In a line of dialogue the rule does not apply: people say what need not be shown.
    #[serde(default)]
    pub(crate) shown_only: bool,
    /// What it does in a profile, where that is not what its severity does.
    #[serde(default)]
    pub(crate) effects: BTreeMap<Profile, Verdict>,
    pub(crate) reason: String,
    pub(crate) rephrase: String,
}

impl Rule {
    const fn usual_window() -> u32 {
        12
    }
}

/// A list of people, of works, or of what a rights-holder asks to be left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamesPack {
    #[serde(rename = "schema")]
    _schema: String,
    pub(crate) name: String,
    pub(crate) version: u32,
    /// The list as a person calls it.
    pub(crate) title: String,
    /// Who made it; for an opt-out list, the holder of the rights.
    pub(crate) holder: String,
    pub(crate) kind: ListKind,
    pub(crate) names: Vec<Named>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListKind {
    People,
    Works,
    OptOut,
}

/// One person, character, work or style.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) kind: NamedKind,
    #[serde(default)]
    pub(crate) standing: Standing,
    /// Names and aliases, separated by commas. One word counts where it is written with a capital letter; with `!`
    /// behind it, always; with `?`, only near one of `near`.
    pub(crate) names: String,
    #[serde(default)]
    pub(crate) near: String,
    /// Words that show that somebody or something else is meant.
    #[serde(default)]
    pub(crate) except: String,
    /// Who or what it is, for the reason: "a singer", "of Shakespeare's play".
    pub(crate) why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NamedKind {
    Person,
    Character,
    Work,
    Style,
}

/// Whether a name may be used, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// A living person, or a work that belongs to somebody.
    #[default]
    Held,
    /// History, or the public domain.
    Free,
}

impl Pack {
    /// Reads a pack and the signature that lies beside it.
    ///
    /// # Errors
    /// When it is too large, not signed by a key trusted for this kind of pack, changed since, or not a pack.
    pub fn read(bytes: &[u8], signature: &str, trust: &Trust) -> Result<Self, PackError> {
        if bytes.len() > MAX_PACK_BYTES {
            return Err(PackError::TooLarge { bytes: bytes.len() });
        }
        let (key, power) = verified(bytes, signature, trust)?;
        let content = Self::parse(bytes)?;
        let opt_out = matches!(&content, Content::Names(names) if names.kind == ListKind::OptOut);
        if power == Power::OptOut && !opt_out {
            return Err(PackError::NotForThisKey { key });
        }
        Ok(Self { content, key })
    }

    fn parse(bytes: &[u8]) -> Result<Content, PackError> {
        #[derive(Deserialize)]
        struct Header {
            schema: String,
        }
        let unreadable = |error: serde_json::Error| PackError::Unreadable { why: error.to_string() };
        let header: Header = serde_json::from_slice(bytes).map_err(unreadable)?;
        match header.schema.as_str() {
            RULES_SCHEMA => Ok(Content::Rules(serde_json::from_slice(bytes).map_err(unreadable)?)),
            NAMES_SCHEMA => {
                let names: NamesPack = serde_json::from_slice(bytes).map_err(unreadable)?;
                if names.names.len() > MAX_NAMES {
                    let why = format!("{} names, and {MAX_NAMES} is the most", names.names.len());
                    return Err(PackError::Unreadable { why });
                }
                if names.kind == ListKind::OptOut && names.names.iter().any(|one| one.standing == Standing::Free) {
                    let why = "an opt-out list can only add refusals, and one of its names is marked free".to_owned();
                    return Err(PackError::Unreadable { why });
                }
                Ok(Content::Names(names))
            }
            other => Err(PackError::Unreadable { why: format!("its schema is {other:?}") }),
        }
    }

    /// The pack's name, under which a later version replaces it.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.content {
            Content::Rules(pack) => &pack.name,
            Content::Names(pack) => &pack.name,
        }
    }

    #[must_use]
    pub const fn version(&self) -> u32 {
        match &self.content {
            Content::Rules(pack) => pack.version,
            Content::Names(pack) => pack.version,
        }
    }

    /// Who made a list; empty for rules.
    #[must_use]
    pub fn holder(&self) -> &str {
        match &self.content {
            Content::Rules(_) => "",
            Content::Names(pack) => &pack.holder,
        }
    }

    /// Whether this is a rights-holder's list. Only these come from elsewhere.
    #[must_use]
    pub fn is_opt_out(&self) -> bool {
        matches!(&self.content, Content::Names(pack) if pack.kind == ListKind::OptOut)
    }

    /// The packs that come with Kinora.
    ///
    /// # Errors
    /// When one of them does not carry our signature, which a test rules out.
    pub fn shipped() -> Result<Vec<Self>, PackError> {
        let trust = Trust::kinora();
        SHIPPED.iter().map(|(json, signature)| Self::read(json.as_bytes(), signature, &trust)).collect()
    }
}

macro_rules! shipped {
    ($($name:literal),*) => {
        &[$((include_str!(concat!("../packs/", $name, ".json")), include_str!(concat!("../packs/", $name, ".json.sig")))),*]
    };
}

const SHIPPED: &[(&str, &str)] =
    shipped!["shared", "sexual", "violence", "self-harm", "hate", "deception", "people", "works"];

fn verified(bytes: &[u8], signature: &str, trust: &Trust) -> Result<(String, Power), PackError> {
    let line = |label: &str| signature.lines().find_map(|line| line.trim().strip_prefix(label)).map(str::trim);
    let key_text = line("key:").ok_or(PackError::UnreadableSignature { why: "it names no key" })?;
    let key = bytes_of_hex::<32>(key_text)
        .ok_or(PackError::UnreadableSignature { why: "the key is not 64 hexadecimal digits" })?;
    let signature = line("signature:")
        .and_then(bytes_of_hex::<64>)
        .ok_or(PackError::UnreadableSignature { why: "the signature is not 128 hexadecimal digits" })?;
    let power = *trust.keys.get(&key).ok_or_else(|| PackError::UnknownKey { key: key_text.to_owned() })?;
    let verifying = VerifyingKey::from_bytes(&key)
        .map_err(|_| PackError::UnreadableSignature { why: "the key is not a point of the curve" })?;
    let signed = [SIGNED_AS, bytes].concat();
    verifying.verify_strict(&signed, &Signature::from_bytes(&signature)).map_err(|_| PackError::Forged)?;
    Ok((key_text.to_owned(), power))
}

fn bytes_of_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}
