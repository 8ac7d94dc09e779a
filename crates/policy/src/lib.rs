//! What may be ordered: prompts, dialogue, titles and cast descriptors are judged before anything is queued.
//!
//! It exists so that a refusal comes before the render, offline, with the rule, the reason and a way to say it instead.
//! Rules and lists are signed packs; a small classifier stands behind them. Nothing here does input or output, asks a
//! clock or chance, and nothing here is ever the only guard: who consented is proved in the backend and handed in.
//!
//! ```
//! use std::collections::BTreeSet;
//! use kinora_policy::{Engine, Place, Profile, Request, Verdict};
//!
//! let engine = Engine::shipped_with(Vec::new())?;
//! let nobody = BTreeSet::new();
//! let ask = |text| Request { text, place: Place::Prompt, profile: Profile::Standard, consented: &nobody };
//! assert_eq!(engine.judge(&ask("Shooting a film at night: kill the lights.")).verdict, Verdict::Allowed);
//! assert_eq!(engine.judge(&ask("Lincoln speaks to the crowd.")).verdict, Verdict::Allowed);
//! # Ok::<(), kinora_policy::PackError>(())
//! ```

pub mod children;
pub mod classes;
pub mod classifier;
mod engine;
mod fold;
mod judgement;
mod lexicon;
mod names;
mod normalise;
mod packs;
mod rules;

pub use engine::{Engine, MAX_TEXT_BYTES, plain_passages, plain_sentences};
pub use judgement::{Appeal, Category, Finding, Judgement, Place, Profile, Request, Severity, Verdict};
pub use packs::{MAX_PACK_BYTES, Pack, PackError, Power, SIGNED_AS, Trust};
