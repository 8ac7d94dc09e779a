//! A film on disk: one folder, one writer.
//!
//! `My Film.kinora/` holds `project.json` (what the film began as), `journal/edits.log` (every edit and record since, one line each,
//! chained by hash, synced before an edit is acknowledged), `store.sled/` (the same state for quick opening; expendable), `media/` (pictures
//! and sound by content hash) and `view.json`. The journal is the truth: sled is rebuilt from it whenever the two disagree.

mod blobs;
mod bundle;
mod check;
mod folder;
mod journal;
mod ledger;
mod mirror;
mod real_disk;
mod rows;
mod safe_path;
mod starts;

pub use blobs::FolderBlobs;
pub use bundle::{BundleReport, bundle, unbundle};
pub use check::{CheckReport, check, repair};
pub use folder::ProjectFolder;
pub use journal::{Damage, Journal, Line, Reading};
pub use ledger::{Ledger, Loaded, Misfit};
pub use real_disk::RealDisk;
pub use safe_path::SafeRelPath;

/// What a project folder's name ends in.
pub const FOLDER_EXTENSION: &str = "kinora";
