//! How this crate says no: errors of the disk and of GStreamer turned into sentences that say what, why and what to do.
//!
//! Every adapter file uses these, so a full disk reads the same wherever it is met. No error text of a library may reach a person
//! as the sentence itself: it belongs into the detail.

use kinora_ports::{Fault, PortError, Refusal};
use std::io;
use std::path::Path;

/// A disk error while doing `task` ("write the film", "read the clip").
pub fn disk(task: &str, path: &Path, error: &io::Error) -> PortError {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).map_or(".".into(), Path::to_string_lossy);
    let (why, remedy) = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => (
            format!("there is no room left on the disk that holds “{folder}”"),
            "Free some space there or choose another folder, then try again.",
        ),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => (
            format!("the folder “{folder}” or the file does not allow it"),
            "Choose a folder you may write to, or change its permissions.",
        ),
        io::ErrorKind::NotFound => {
            (format!("“{folder}” or the file in it is not there"), "Check the name, or choose another place.")
        }
        io::ErrorKind::IsADirectory => ("a folder of that name is already there".to_owned(), "Choose another name."),
        io::ErrorKind::NotADirectory => (format!("“{folder}” is not a folder"), "Choose another place."),
        io::ErrorKind::InvalidFilename => {
            ("the name is not allowed on this disk".to_owned(), "Choose a shorter or plainer name.")
        }
        _ => ("the disk reported an error".to_owned(), "Check the disk, or choose another place, then try again."),
    };
    Fault::new(format!("Kinora could not {task} “{name}”, because {why}."), remedy, error).into()
}

/// A recording that its keep would take no more of.
pub fn keeping(error: &io::Error) -> PortError {
    let full =
        matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge);
    let (why, remedy) = if full {
        ("there is no room left on the disk", "Free some space, then record on.")
    } else {
        ("the disk reported an error", "Check the disk, then record on.")
    };
    let what = format!("The recording was ended, because {why}. What was recorded until then is kept.");
    Fault::new(what, remedy, error).into()
}

/// A file that cannot be understood.
pub fn unreadable(path: &Path, detail: impl std::fmt::Display) -> PortError {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    Fault::new(
        format!("“{name}” could not be opened, because it is damaged or in a form that Kinora does not know."),
        "Try to play it in another program, or convert it to MP4 or PNG and use that.",
        detail,
    )
    .into()
}

/// A codec that stopped or failed while writing.
pub fn encoding(detail: impl std::fmt::Display) -> PortError {
    Fault::new(
        "The film could not be encoded, because the encoder stopped with an error.",
        "Try again; if it happens again, choose another size or format. Nothing was left behind.",
        detail,
    )
    .into()
}

pub fn refusal(rule: &str, what: impl Into<String>, remedy: &str) -> PortError {
    Refusal::new(rule, what, remedy).into()
}
