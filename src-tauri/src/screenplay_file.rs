//! A screenplay from disk: Fountain as it is, Final Draft turned into Fountain, anything else refused with a sentence.

use kinora_backend::Trouble;
use kinora_screenplay as screenplay;
use std::path::Path;

/// Fountain text.
pub fn read(path: &Path) -> Result<String, Trouble> {
    let length = std::fs::metadata(path).map_err(|e| unreadable(path, &e))?.len();
    // A little slack for UTF-16, which shrinks when decoded.
    if length > 2 * screenplay::MAX_SCRIPT_BYTES as u64 {
        return Err(Trouble::refuse(
            "script.too_long",
            format!("{} is {} MB long; a screenplay is at most 2 MB.", path.display(), length >> 20),
            "Check that it is the right file, or split it into several films.",
        ));
    }
    let bytes = std::fs::read(path).map_err(|e| unreadable(path, &e))?;
    if path.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("fdx")) {
        return screenplay::fdx::import_bytes(&bytes).map(|imported| imported.fountain).map_err(|e| refused(path, &e));
    }
    let text = screenplay::decode(&bytes).map_err(|e| refused(path, &e))?;
    if text.len() > screenplay::MAX_SCRIPT_BYTES {
        return Err(Trouble::refuse(
            "script.too_long",
            format!("{} is longer than the 2 MB a screenplay may have.", path.display()),
            "Split it into several films.",
        ));
    }
    Ok(text)
}

fn refused(path: &Path, why: &dyn std::fmt::Display) -> Trouble {
    Trouble::refuse(
        "script.unreadable",
        format!("{} is not a screenplay that can be read: {why}", path.display()),
        "Choose a Fountain (.fountain, .txt) or Final Draft (.fdx) file.",
    )
}

/// Whatever the file should have been.
pub fn unreadable(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble::from(kinora_ports::Fault::new(
        format!("{} could not be read ({error}).", path.display()),
        "Check the path and that you may read the file.",
        error,
    ))
}
