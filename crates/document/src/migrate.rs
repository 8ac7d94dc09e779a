//! Films of every version, brought to the one this Kinora knows.
//!
//! A stored film says its version as one integer. Each step works on untyped JSON, before typed decoding, so that no old Rust type has
//! to be kept; a fixture of each version is kept in `tests/fixtures` for ever. A film of a newer version is refused, never guessed at.

use crate::film::{Film, VERSION};
use crate::refusal::Refusal;
use serde_json::Value;

/// A step from one version to the next.
type Step = fn(&mut Value) -> Result<(), Refusal>;

/// `STEPS[n]` brings version n + 1 to version n + 2.
const STEPS: &[Step] = &[];

/// Decodes a stored film of any version up to ours.
pub fn decode_film(json: &[u8]) -> Result<Film, Refusal> {
    let value: Value = serde_json::from_slice(json).map_err(|error| unreadable(&error))?;
    decode_value(value)
}

/// Brings an untyped film to our version and decodes it.
pub fn decode_value(mut value: Value) -> Result<Film, Refusal> {
    migrate(&mut value)?;
    serde_json::from_value(value).map_err(|error| unreadable(&error))
}

/// Brings an untyped film to our version.
pub fn migrate(value: &mut Value) -> Result<(), Refusal> {
    let version = value.get("version").and_then(Value::as_u64).ok_or_else(|| {
        Refusal::new(
            "film.no_version",
            "This is not a Kinora film: it does not say which version it is.",
            "Open the project folder that ends in .kinora, or restore it from a bundle.",
        )
    })?;
    if version > u64::from(VERSION) {
        return Err(Refusal::new(
            "film.newer",
            format!("This film was saved by a newer Kinora (film version {version}; this one knows up to {VERSION})."),
            "Install the newest Kinora and open the film again; nothing was changed.",
        ));
    }
    if version == 0 {
        return Err(Refusal::new(
            "film.version_zero",
            "This film says it has version 0, which never existed.",
            "Restore the film from a bundle or from a copy.",
        ));
    }
    let done = usize::try_from(version - 1).unwrap_or(usize::MAX);
    for (number, step) in STEPS.iter().enumerate().skip(done) {
        step(value)?;
        if let Some(object) = value.as_object_mut() {
            object.insert("version".to_owned(), Value::from(number + 2));
        }
    }
    Ok(())
}

fn unreadable(error: &serde_json::Error) -> Refusal {
    Refusal::new(
        "film.unreadable",
        format!("The stored film cannot be read: {error}."),
        "Run “kinora project repair”, or restore the film from a bundle.",
    )
}
